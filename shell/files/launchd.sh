# shellcheck shell=sh
path=$(launchctl getenv PATH)
case $path in @SHIMS@ | @SHIMS@:*) ;; *) launchctl setenv PATH @SHIMS@:"${path:-/usr/bin:/bin:/usr/sbin:/sbin}" ;; esac

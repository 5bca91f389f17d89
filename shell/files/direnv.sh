# shellcheck shell=bash
# goshim's library for direnv, put here by `goshim setup --direnv` and taken out by `goshim unsetup`.
#
# In an .envrc:
#
#     use goshim            what goshim chooses in this directory
#     use goshim 1.22       this Go, whatever the directory asks for
#     layout goshim         the same two, and a GOPATH of the project's own for what `go install` makes
#     layout goshim 1.22

# The variables that `goshim exec` gives to a program: PATH, GOROOT, and what keeps cmd/go with this Go. Where goshim refuses, none of them, and its exit code.
use_goshim() {
    local lines code=0
    lines=$(goshim __direnv ${1:+"+$1"}) || code=$?
    # What to watch is there also where nothing else is: a change of one of these files is what mends it.
    eval "$lines"
    return "$code"
}

layout_goshim() {
    use_goshim "$@" || return
    local modules
    # Modules are the same for every project, and stay where they are.
    modules=$(go env GOMODCACHE) || return
    export GOMODCACHE=$modules
    path_add GOPATH "$(direnv_layout_dir)/go"
    PATH_add "$(direnv_layout_dir)/go/bin"
}

# shellcheck shell=bash
# goshim's library for direnv, put here by `goshim setup --direnv` and taken out by `goshim unsetup`.
#
# In an .envrc:
#
#     use goshim            what goshim chooses in this directory
#     use goshim 1.22       this Go, whatever the directory asks for
#     layout goshim         the same two, and a GOPATH of the project's own for what `go install` makes
#     layout goshim 1.22

# The variables that `goshim exec` gives to a program: PATH, GOROOT, and what keeps cmd/go with this Go.
use_goshim() {
    # Another version in one of these files is another environment.
    watch_file .go-version .tool-versions .goshim.toml go.mod go.work
    direnv_load goshim exec ${1:+"+$1"} direnv dump
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

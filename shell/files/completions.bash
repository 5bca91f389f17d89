# shellcheck shell=bash
# Completion of goshim's command line in Bash. What fits is asked of goshim itself.

_goshim() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("${line%%$'\t'*}")
    done < <(command goshim __complete "$COMP_CWORD" -- "${COMP_WORDS[@]}" 2>/dev/null)
}

# Bash before 4.4 sorts always: 1.9 comes behind 1.22 there.
complete -o bashdefault -o default -o nosort -F _goshim goshim 2>/dev/null ||
    complete -o bashdefault -o default -F _goshim goshim

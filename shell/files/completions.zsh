#compdef goshim
# Completion of goshim's command line in Zsh. What fits is asked of goshim itself.

_goshim() {
    local line
    local -a values displays
    for line in "${(@f)$(command goshim __complete $((CURRENT - 1)) -- "${words[@]}" 2>/dev/null)}"; do
        [[ -n $line ]] || continue
        values+=("${line%%$'\t'*}")
        displays+=("${line/$'\t'/  -- }")
    done
    if (( $#values )); then
        # Not sorted, for 1.9 comes before 1.22.
        compadd -V goshim -l -d displays -a values
    else
        _files
    fi
}

if (( ! ${+functions[compdef]} )); then
    autoload -Uz compinit
    compinit -i
fi
compdef _goshim goshim

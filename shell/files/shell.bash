# shellcheck shell=bash
# What Bash reads in `goshim shell`: the person's own file, and then the version goes in front of the prompt.
if [[ -r ~/.bashrc ]]; then
    # shellcheck source=/dev/null
    source ~/.bashrc
fi
PS1="(go ${GOSHIM_VERSION-}) ${PS1}"

# What Zsh reads in `goshim shell` as its .zshrc: the person's own, and then the version goes in front of the prompt.
ZDOTDIR=$_goshim_zdotdir
unset _goshim_zdotdir
if [[ -r $ZDOTDIR/.zshrc ]]; then
    source "$ZDOTDIR/.zshrc"
fi
PROMPT="(go $GOSHIM_VERSION) $PROMPT"

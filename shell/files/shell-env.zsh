# What Zsh reads first in `goshim shell`, as the .zshenv of a directory that is there for this shell alone.
ZDOTDIR=@OWN@
if [[ -r $ZDOTDIR/.zshenv ]]; then
    source "$ZDOTDIR/.zshenv"
fi
_goshim_zdotdir=$ZDOTDIR
ZDOTDIR=@TEMPORARY@

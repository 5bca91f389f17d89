# What fish runs in `goshim shell`, after the person's own files: the version goes in front of the prompt.
functions --copy fish_prompt __goshim_prompt
function fish_prompt
    echo -n "(go $GOSHIM_VERSION) "
    __goshim_prompt
end

# Completion of goshim's command line in fish. What fits is asked of goshim itself.

function __goshim_complete
    set --local words (commandline --current-process --tokenize --cut-at-cursor)
    set --local word (commandline --current-token --cut-at-cursor)
    set --local candidates (command goshim __complete (count $words) -- $words "$word" 2>/dev/null)
    if test (count $candidates) -gt 0
        printf '%s\n' $candidates
    else
        __fish_complete_path "$word"
    end
end

complete --command goshim --keep-order --no-files --arguments '(__goshim_complete)'

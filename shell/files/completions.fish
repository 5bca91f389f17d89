# Completion of goshim's command line in fish. What fits is asked of goshim itself.

function __goshim_complete
    set --local words (commandline --current-process --tokenize --cut-at-cursor)
    set --local word (commandline --current-token --cut-at-cursor)
    command goshim __complete (count $words) -- $words "$word" 2>/dev/null
end

complete --command goshim --keep-order --no-files --arguments '(__goshim_complete)'

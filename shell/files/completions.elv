# Completion of goshim's command line in Elvish. What fits is asked of goshim itself.
use str

set edit:completion:arg-completer[goshim] = {|@words|
    var index = (- (count $words) 1)
    var candidates = []
    try {
        set candidates = [((external goshim) __complete $index -- $@words 2>/dev/null | from-lines)]
    } catch {
        # Nothing fits.
    }
    if (== (count $candidates) 0) {
        edit:complete-filename $@words
    }
    for line $candidates {
        var value @description = (str:split "\t" $line)
        edit:complex-candidate $value &display=(str:join '  ' [$value $@description])
    }
}

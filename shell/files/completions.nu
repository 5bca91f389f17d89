# Completion of goshim's command line in Nushell. What fits is asked of goshim itself.

def "nu-complete goshim" [context: string] {
    let words = ($context | split row --regex '\s+')
    let index = (($words | length) - 1)
    let answer = (do { ^goshim __complete $index -- ...$words } | complete)
    $answer.stdout | lines | each {|line|
        let fields = ($line | split row "\t")
        { value: ($fields | first), description: ($fields | skip 1 | str join " ") }
    }
}

export extern goshim [...words: string@"nu-complete goshim"]

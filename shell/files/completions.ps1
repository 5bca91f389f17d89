# Completion of goshim's command line in PowerShell. What fits is asked of goshim itself.

Register-ArgumentCompleter -Native -CommandName goshim -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { $_.Extent.Text })
    # An empty word at the end is not passed on by every PowerShell; goshim takes a missing one for empty.
    $index = if ($wordToComplete -eq '') { $words.Count } else { $words.Count - 1 }
    goshim __complete $index '--' @words 2>$null | ForEach-Object {
        $value, $description = $_ -split "`t", 2
        if (-not $description) { $description = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $description)
    }
}

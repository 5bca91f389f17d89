if (($env:PATH -split [IO.Path]::PathSeparator)[0] -ne @SHIMS@) { $env:PATH = @SHIMS@ + [IO.Path]::PathSeparator + $env:PATH }

$env.PATH = ($env.PATH | split row (char esep) | prepend @SHIMS@ | uniq)

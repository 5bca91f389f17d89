set paths = [@SHIMS@ (each {|dir| if (not-eq $dir @SHIMS@) { put $dir } } $paths)]

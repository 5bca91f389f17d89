fish_add_path --global --move --prepend @SHIMS@

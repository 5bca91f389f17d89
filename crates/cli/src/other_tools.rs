//! What people type who know goenv, gvm, asdf, mise or rustup, where goshim has no such word: one line each that helps.

use goshim_resolver::Query;

/// Words in a command's place. What goshim has under the same or another name (`ls`, `local`, `rm`) is no word of this table.
const COMMANDS: &[(&[&str], &str)] = &[
    (
        &["rehash", "reshim", "hash"],
        "there is nothing to do: the shims see at once what is installed",
    ),
    (
        &["shims", "shim-versions", "shimversions", "whence"],
        "goshim list shows what is installed; each of them has go and gofmt, and a command such as go1.22.10",
    ),
    (
        &[
            "plugin",
            "plugins",
            "plugin-add",
            "plugin-list",
            "registry",
            "backends",
            "tool",
            "install-into",
        ],
        "goshim is for Go alone, so it has no plugins: goshim install 1.22 is all",
    ),
    (
        &[
            "activate",
            "deactivate",
            "hook",
            "shell-hook",
            "hook-env",
            "sh-shell",
        ],
        "nothing is hooked into a shell: goshim setup puts the shims on PATH, once",
    ),
    (
        &["direnv"],
        "goshim setup --direnv installs `use goshim` and `layout goshim` for direnv",
    ),
    (
        &["implode", "seppuku", "nuke"],
        "goshim unsetup --purge leaves nothing of it, neither shims nor store",
    ),
    (
        &["self", "self-update", "selfupdate", "selfupgrade"],
        "goshim does not replace itself: build the newer one (docs/guide/install.md); goshim unsetup takes it out, goshim upgrade is for your Gos",
    ),
    (
        &["toolchain", "toolchains", "sdk"],
        "goshim install, uninstall, list and link are commands of their own",
    ),
    (
        &["override", "overrides"],
        "goshim use 1.22 pins a directory, goshim unuse takes the pin away, goshim why says what counts",
    ),
    (
        &["set"],
        "goshim use 1.22 pins a directory, goshim default 1.22 is for all others; settings are set with goshim config set",
    ),
    (
        &["unset", "deuse"],
        "goshim unuse takes a directory's pin away, goshim default --unset your default; settings go with goshim config unset",
    ),
    (
        &["settings", "setting"],
        "goshim config shows and changes settings",
    ),
    (
        &["run"],
        "goshim exec make runs a program with the Go of this directory, goshim exec +1.22 make with another one",
    ),
    (
        &["show", "info", "doctor", "status", "active"],
        "goshim alone says where you stand, goshim why which Go runs here and why, goshim verify whether it is as it was installed",
    ),
    (
        &[
            "version-name",
            "version-file",
            "version-origin",
            "local-version",
        ],
        "goshim current prints which Go runs here, and the line that says so",
    ),
    (
        &["check"],
        "goshim outdated shows what has a newer patch, goshim verify whether the files are as they were installed",
    ),
    (
        &[
            "listall",
            "list-all",
            "ls-all",
            "available",
            "search",
            "releases",
            "lsr",
        ],
        "goshim list --remote shows what is published",
    ),
    (
        &["installed", "list-installed"],
        "goshim list shows what is installed",
    ),
    (
        &["get", "add", "download", "fetch"],
        "goshim install 1.22 does it",
    ),
    (
        &["root", "path", "goroot", "bin-paths", "realpath"],
        "goshim where prints the GOROOT of what runs here, goshim which the path of its go",
    ),
    (
        &["alias", "unalias", "ln"],
        "goshim link NAME DIR gives an SDK of your own a name; a series such as 1.22 always is its newest patch",
    ),
    (
        &["pkgset", "pkgenv", "gopath", "linkthis"],
        "goshim layout init gives a project a GOPATH of its own",
    ),
    (
        &["applymod"],
        "there is nothing to do: the lines of go.mod count by themselves, and goshim why says how",
    ),
    (
        &["target", "component", "cross"],
        "there is nothing to add: every Go compiles for all platforms, with GOOS and GOARCH; goshim install --os --arch is for SDKs of other machines",
    ),
    (
        &["tasks", "task", "watch", "generate"],
        "goshim has no tasks: goshim exec runs a program with the Go of this directory",
    ),
    (&["en"], "goshim shell 1.22 starts a shell with one Go"),
    (
        &["clean", "cleanup", "gc"],
        "goshim prune takes away what nobody needs, goshim cache clean what is kept for convenience",
    ),
    (
        &["off", "none", "unload"],
        "goshim use system leaves a directory to the Go that is not goshim's",
    ),
    (
        &["commands", "man", "doc"],
        "goshim --help names the commands; their manual pages are in docs/man",
    ),
    (
        &["go", "gofmt"],
        "go itself is the command: goshim setup puts it on PATH, goshim exec go runs it without",
    ),
];

/// The option with which other tools take a pin away.
pub(crate) const UNSET: &str = "--unset";

/// Options that goshim does not have, where no other is like them, and the commands with which another tool has them in this sense.
const OPTIONS: &[(&[&str], &[&str], &str)] = &[
    (
        &["--list", "-l"],
        &["install"],
        "goshim list --remote shows what is published",
    ),
    (
        &["--global", "-g", "--default", "-u", "--home"],
        &["use", "install"],
        "goshim default 1.22 is for all directories that say nothing else",
    ),
    (
        &[UNSET],
        &["use", "unuse"],
        "goshim unuse takes a directory's pin away, goshim default --unset your default",
    ),
    (
        &[UNSET],
        &["shell"],
        "exit leaves the shell that goshim shell started",
    ),
    (
        &["--pin"],
        &["use"],
        "goshim use --exact writes the release that a series means now",
    ),
    (
        &["--skip-existing", "-s"],
        &["install"],
        "there is no need for it: what is installed stays as it is",
    ),
    (
        &["--self"],
        &["upgrade", "uninstall"],
        "goshim does not replace itself: build the newer one (docs/guide/install.md)",
    ),
];

/// The line for a word in a command's place; `None` where no tool is known to have it.
pub(crate) fn about_command(word: &str) -> Option<String> {
    if let Some(query) = word.strip_prefix('+') {
        return Some(format!(
            "go +{query} runs one go command, goshim exec +{query} any program"
        ));
    }
    if let Some(line) = find(COMMANDS, word) {
        return Some(line);
    }
    Query::parse_version(word).is_ok().then(|| {
        format!("goshim install {word} installs it, goshim use {word} pins this directory to it")
    })
}

/// The line for an option of `command`, by goshim's name for that; `None` where no tool is known to have it.
pub(crate) fn about_option(command: &str, option: &str) -> Option<String> {
    let (_, _, line) = OPTIONS
        .iter()
        .find(|(options, commands, _)| options.contains(&option) && commands.contains(&command))?;
    Some((*line).to_owned())
}

/// The line for a command without its version, where another tool shows something then; `None` elsewhere.
pub(crate) fn about_nothing(command: &str) -> Option<String> {
    ["use", "local", "pin"].contains(&command).then(|| {
        "goshim use 1.22 pins this directory; goshim current says what runs in it now, and why"
            .to_owned()
    })
}

fn find(table: &[(&[&str], &str)], word: &str) -> Option<String> {
    let (_, line) = table.iter().find(|(words, _)| words.contains(&word))?;
    Some((*line).to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A word that goshim understands needs no line, and a line names only what goshim understands.
    #[test]
    fn the_table_is_about_words_that_goshim_lacks() {
        let definition = crate::definition();
        let mut seen = BTreeSet::new();
        let mut checked = 0;
        let anywhere = COMMANDS
            .iter()
            .map(|(words, line)| (*words, &[][..], *line));
        for (words, commands, line) in anywhere.chain(OPTIONS.iter().copied()) {
            for command in commands {
                let found = definition.find_subcommand(command).unwrap();
                assert_eq!(found.get_name(), *command, "an alias");
            }
            for word in words {
                assert!(seen.insert((*word, commands)), "{word} is there twice");
                assert!(
                    definition.find_subcommand(word).is_none(),
                    "goshim has {word}"
                );
            }
            for mentioned in line.split("goshim ").skip(1) {
                let named = mentioned.split([' ', ',', ';', ':', '`']).next().unwrap();
                let is_sentence = ["is", "does", "alone", "has"].contains(&named);
                assert!(
                    is_sentence
                        || named.starts_with('-')
                        || definition.find_subcommand(named).is_some(),
                    "goshim has no {named}: {line}"
                );
                checked += 1;
            }
            assert!(!line.ends_with('.') && line.len() <= 160, "{line}");
        }
        assert!(checked > 40 && seen.len() > 80, "{checked} {}", seen.len());
    }
}

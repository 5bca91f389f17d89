//! The command line as the user, the reference pages, the man pages and completions see it: the grammar with examples.

use clap::{Command, CommandFactory};

use crate::args::Cli;

/// What each screen of help is made of: examples before the rest, for they are what people look for.
const TEMPLATE: &str =
    "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

/// The width for which help is written; a narrower terminal gets narrower help.
const WIDTH: usize = 80;

/// The examples of each command: the words, and what they do. They are parsed by a test.
pub(crate) const EXAMPLES: &[(&str, &[(&str, &str)])] = &[
    (
        "install",
        &[
            ("goshim install 1.22.10", "this release"),
            (
                "goshim install 1.22 latest",
                "a series' newest, and the newest",
            ),
            ("goshim install", "what this directory asks for"),
            ("goshim install --from go1.22.10.linux-amd64.tar.gz", ""),
        ],
    ),
    (
        "uninstall",
        &[("goshim uninstall 1.21.13", "the newer ones stay")],
    ),
    (
        "list",
        &[
            ("goshim list", "what is installed"),
            ("goshim list --remote 1.22", "what is published of 1.22"),
            ("goshim list --size", "with the space on disk"),
        ],
    ),
    (
        "ls-remote",
        &[
            ("goshim ls-remote", "everything stable"),
            (
                "goshim ls-remote 1.28 --all",
                "1.28 with its release candidates",
            ),
        ],
    ),
    (
        "latest",
        &[
            ("goshim latest", "the newest release"),
            ("goshim latest 1.22", "the newest patch of 1.22"),
        ],
    ),
    (
        "link",
        &[
            ("goshim link tip ~/src/go", "a Go that you built"),
            ("goshim link distro /usr/lib/go", "the distribution's"),
        ],
    ),
    ("unlink", &[("goshim unlink tip", "the SDK stays as it is")]),
    (
        "outdated",
        &[("goshim outdated", "nothing, where all is new")],
    ),
    (
        "upgrade",
        &[
            ("goshim upgrade", "the newest patch of each installed minor"),
            (
                "goshim upgrade 1.22",
                "of this one; a default that names a release stays",
            ),
        ],
    ),
    (
        "init",
        &[
            ("goshim init", "shows what it would write, and asks"),
            ("goshim init --toml", "a .goshim.toml"),
        ],
    ),
    (
        "use",
        &[
            ("goshim use 1.22", "writes 1.22: the newest patch, always"),
            (
                "goshim use 1.22 --exact",
                "writes the release that it means now",
            ),
            ("goshim use 1.22.10 --toolchain", "edits the line in go.mod"),
        ],
    ),
    ("unuse", &[("goshim unuse", "removes .go-version here")]),
    (
        "default",
        &[
            ("goshim default", "what it is"),
            ("goshim default 1.27", "the newest installed 1.27"),
            ("goshim default --unset", "none"),
        ],
    ),
    (
        "current",
        &[("goshim current", "go1.22.10, and the file that says so")],
    ),
    (
        "which",
        &[
            ("goshim which", "the path of go"),
            ("goshim which gofmt", "the path of gofmt"),
        ],
    ),
    (
        "where",
        &[
            ("goshim where", "the GOROOT of what runs here"),
            ("goshim where 1.22", "of the newest installed 1.22"),
        ],
    ),
    (
        "why",
        &[
            ("goshim why", "which Go runs here, and who says so"),
            ("goshim why -v", "with every source that was looked at"),
            (
                "goshim why --what-if GOSHIM_VERSION=1.27",
                "with another environment",
            ),
            ("goshim why -- -C tools build", "for these arguments of go"),
        ],
    ),
    (
        "env",
        &[
            (
                "eval \"$(goshim env)\"",
                "this shell gets what go gets here",
            ),
            ("goshim env --explain", "who sets which variable"),
            ("goshim env +1.22 --json", "for another Go, for programs"),
            ("goshim env --dotenv >.env", "for an editor"),
            (
                "goshim env --github-actions",
                "for the next steps of the job",
            ),
        ],
    ),
    (
        "exec",
        &[
            ("goshim exec make", "make, with the Go of this directory"),
            ("goshim exec +1.22 make test", "with another one"),
        ],
    ),
    (
        "trust",
        &[
            ("goshim trust --show", "what would be trusted"),
            ("goshim trust", "after you have read it"),
            ("goshim trust --revoke", "not any more"),
            ("goshim trust --list", "everything that is trusted"),
        ],
    ),
    (
        "layout",
        &[
            ("goshim layout init", "a GOPATH and GOBIN for this project"),
            ("goshim layout show", "where go's directories are"),
            ("goshim layout clean", "empties this project's"),
        ],
    ),
    (
        "config",
        &[
            ("goshim config", "each setting, and who says so"),
            ("goshim config get auto_install", "always"),
            ("goshim config set auto_install ask", "in your config.toml"),
            (
                "goshim config set mirrors /mnt/go https://mirror.example/",
                "",
            ),
            ("goshim config unset mirrors", ""),
        ],
    ),
    (
        "verify",
        &[
            ("goshim verify", "every file of what is installed"),
            ("goshim verify 1.22.10", "of this release"),
        ],
    ),
    (
        "repair",
        &[("goshim repair 1.22.10", "fetches what is broken")],
    ),
    (
        "prune",
        &[
            ("goshim prune", "what nobody needs"),
            ("goshim prune --yes", "takes it away"),
        ],
    ),
    (
        "cache",
        &[
            ("goshim cache", "what is kept for convenience"),
            ("goshim cache clean", "removes it"),
        ],
    ),
    (
        "shell",
        &[
            ("goshim shell 1.22", "go is 1.22 until exit"),
            ("goshim shell", "what runs here stays, wherever you go"),
        ],
    ),
    (
        "prompt",
        &[
            ("goshim prompt", "go1.22.10"),
            (
                "goshim prompt --project",
                "only where a project asks for a Go",
            ),
        ],
    ),
    (
        "setup",
        &[
            ("goshim setup", "shows what it would write, and asks"),
            ("goshim setup --print", "the lines, for you to write"),
            ("goshim setup --direnv", "and direnv's library"),
        ],
    ),
    (
        "unsetup",
        &[
            ("goshim unsetup", "the start-up files are as before"),
            ("goshim unsetup --purge", "and nothing of goshim is left"),
        ],
    ),
    (
        "completions",
        &[
            ("source <(goshim completions bash)", "in ~/.bashrc"),
            ("goshim completions fish | source", "in config.fish"),
        ],
    ),
    ("version", &[("goshim version", "")]),
];

/// The grammar, with examples, at a width that every terminal has.
pub fn definition() -> Command {
    let mut command = Cli::command().max_term_width(WIDTH).after_help(
        "goshim without a command says where you stand. goshim COMMAND --help has examples.",
    );
    // Screens, reference pages and man pages have the same order.
    let names: Vec<String> = command
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    for name in names {
        command = command.mut_subcommand(&name, |command| {
            command
                .max_term_width(WIDTH)
                .help_template(TEMPLATE)
                .before_help(examples(&name))
        });
    }
    command
}

/// The examples of a command, aligned.
fn examples(name: &str) -> String {
    let of = EXAMPLES.iter().find(|(command, _)| *command == name);
    let examples = of.map_or(&[][..], |(_, examples)| examples);
    let width = examples
        .iter()
        .filter(|(_, meaning)| !meaning.is_empty())
        .map(|(words, _)| words.len())
        .max()
        .unwrap_or_default();
    let mut text = String::new();
    for (words, meaning) in examples {
        let line = format!("  {words:<width$}  {meaning}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_examples_that_it_understands() {
        let definition = definition();
        let mut parsed = 0;
        for command in definition.get_subcommands().filter(|it| !it.is_hide_set()) {
            let name = command.get_name();
            let of = EXAMPLES.iter().find(|(of, _)| *of == name);
            let (_, examples) = of.unwrap_or_else(|| panic!("{name} has no examples"));
            assert!(!examples.is_empty(), "{name}");
            for (words, _) in *examples {
                // Some stand in the line of a shell that reads what they print.
                let call = &words[words.find("goshim").unwrap_or_default()..];
                let call = call
                    .split([')', '|', '>'])
                    .next()
                    .unwrap_or_default()
                    .trim_end();
                let result = definition.clone().try_get_matches_from(call.split(' '));
                let matches = result.unwrap_or_else(|error| panic!("{words}: {error}"));
                assert_eq!(matches.subcommand_name(), Some(name), "{words}");
                parsed += 1;
            }
        }
        assert!(parsed > 20, "{parsed}");
        for (name, _) in EXAMPLES {
            assert!(definition.find_subcommand(name).is_some(), "{name}");
        }
    }

    #[test]
    fn every_help_is_one_screen() {
        let mut definition = definition();
        let mut longest = (0, String::new());
        let names: Vec<String> = definition
            .get_subcommands()
            .map(|command| command.get_name().to_owned())
            .collect();
        let mut check = |name: &str, help: String| {
            for line in help.lines() {
                assert!(line.chars().count() <= WIDTH, "{name}: {line}");
            }
            longest = longest.clone().max((help.lines().count(), name.to_owned()));
        };
        check("goshim", definition.render_help().to_string());
        for name in names {
            let command = definition.find_subcommand_mut(&name).unwrap();
            check(&name, command.render_help().to_string());
        }
        println!("the longest help: {longest:?}");
        assert!(longest.0 <= 47, "{longest:?}");
    }
}

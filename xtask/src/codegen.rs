//! `cargo xtask codegen`: the pages of docs/reference that are made from tables in the code, and the table of releases.

use std::fmt::Write as _;

use clap::Command;
use goshim_resolver::tiers::{RULES, Rule, Tier};
use goshim_resolver::variables::VARIABLES;

use crate::{Error, root, table};

/// Writes the files; where `check` is set, fails on one that differs instead.
pub(crate) fn run(check: bool) -> Result<(), Error> {
    let mut files = vec![
        ("docs/reference/environment.md".to_owned(), environment()),
        ("docs/reference/commands.md".to_owned(), commands()),
        (table::TABLE.to_owned(), table::text()?),
    ];
    for page in ["docs/reference/project-file.md", "docs/concepts/trust.md"] {
        files.push((page.to_owned(), with_tiers(page)?));
    }
    files.extend(man_pages()?);
    for name in stale_man_pages(&files)? {
        if check {
            return Err(Error(format!(
                "{name} is of no command: run cargo xtask codegen"
            )));
        }
        fs_err::remove_file(root().join(&name))?;
        println!("removed {name}");
    }
    for (name, text) in files {
        let file = root().join(&name);
        let is_current = fs_err::read_to_string(&file).is_ok_and(|there| there == text);
        if check && !is_current {
            return Err(Error(format!(
                "{name} is not what it is made from: run cargo xtask codegen"
            )));
        }
        if !is_current {
            fs_err::create_dir_all(file.parent().unwrap_or(&file))?;
            fs_err::write(&file, text)?;
            println!("wrote {name}");
        }
    }
    Ok(())
}

/// Around the table of tiers in the pages that have it.
const TIERS_BEGIN: &str =
    "<!-- made by cargo xtask codegen from crates/resolver/src/tiers.rs -->\n";
const TIERS_END: &str = "<!-- end of what is made -->\n";

/// A page as it is, with the table of tiers as the code has it.
fn with_tiers(page: &str) -> Result<String, Error> {
    let text = fs_err::read_to_string(root().join(page))?;
    let parts = text.split_once(TIERS_BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(TIERS_END)?;
        Some((before, after))
    });
    let (before, after) =
        parts.ok_or_else(|| Error(format!("{page} has no place for the table of tiers")))?;
    Ok(format!(
        "{before}{TIERS_BEGIN}{}{TIERS_END}{after}",
        tiers()
    ))
}

/// The table of tiers. The first row that has a name counts.
fn tiers() -> String {
    let mut table =
        "| Variables | Without trust | With trust | Why |\n|---|---|---|---|\n".to_owned();
    for Rule {
        names,
        tier,
        free,
        reason,
    } in RULES
    {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let free = free.map_or_else(|| "nothing".to_owned(), |free| free.to_string());
        let (free, trusted) = match tier {
            Tier::Free => ("everything".to_owned(), "everything"),
            Tier::NeedsTrust => (free, "everything"),
            Tier::Never => ("nothing".to_owned(), "nothing"),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "| {} | {free} | {trusted} | {reason} |",
            names.join(", ")
        );
    }
    table
}

/// Every command with all its words, as `--help` has them.
fn commands() -> String {
    let mut page = "# Commands\n\nMade by `cargo xtask codegen` from the grammar of the command line: what `goshim COMMAND --help` says. The same as manual \
                    pages is in `docs/man`.\n\nExit codes: [exit-codes.md](exit-codes.md). What `--json` prints: [json.md](json.md).\n"
        .to_owned();
    for mut command in all_commands() {
        let name = command.get_bin_name().unwrap_or("goshim").to_owned();
        let help = command.render_help().to_string();
        let help: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
        // Writing to a string cannot fail.
        let _ = write!(page, "\n## {name}\n\n```text\n{}\n```\n", help.join("\n"));
    }
    page
}

/// The folder of the manual pages.
const MAN: &str = "docs/man";

/// A manual page for goshim and for each of its commands, by its file.
fn man_pages() -> Result<Vec<(String, String)>, Error> {
    let pages = all_commands().into_iter().map(|command| {
        let name = command.get_bin_name().unwrap_or("goshim").replace(' ', "-");
        let mut text = Vec::new();
        let examples = command
            .get_before_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        clap_mangen::Man::new(command)
            .source("goshim")
            .render(&mut text)?;
        let mut text = String::from_utf8(text).map_err(|error| Error(error.to_string()))?;
        if !examples.is_empty() {
            let examples = examples.replace('\\', r"\\").replace('-', r"\-");
            // Writing to a string cannot fail.
            let _ = writeln!(text, ".SH EXAMPLES\n.nf\n{}\n.fi", examples.trim_end());
        }
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        Ok((format!("{MAN}/{name}.1"), lines.join("\n") + "\n"))
    });
    pages.collect()
}

/// The files among the manual pages that are not in `files`.
fn stale_man_pages(files: &[(String, String)]) -> Result<Vec<String>, Error> {
    let Ok(entries) = fs_err::read_dir(root().join(MAN)) else {
        return Ok(Vec::new());
    };
    let mut stale = Vec::new();
    for entry in entries {
        let name = format!("{MAN}/{}", entry?.file_name().to_string_lossy());
        if !files.iter().any(|(file, _)| *file == name) {
            stale.push(name);
        }
    }
    Ok(stale)
}

/// goshim and its commands, in the order of `goshim --help`.
fn all_commands() -> Vec<Command> {
    let mut goshim = goshim::definition();
    // Gives each command the options of all, and its full name.
    goshim.build();
    let is_real = |command: &&Command| command.get_name() != "help" && !command.is_hide_set();
    let commands: Vec<Command> = goshim
        .get_subcommands()
        .filter(is_real)
        .flat_map(|command| {
            let inner = command.get_subcommands().filter(is_real);
            std::iter::once(command)
                .chain(inner)
                .cloned()
                .collect::<Vec<_>>()
        })
        .collect();
    std::iter::once(goshim).chain(commands).collect()
}

fn environment() -> String {
    let mut page = "# Environment variables\n\nMade by `cargo xtask codegen` from `crates/resolver/src/variables.rs`. An empty variable counts as unset.\n".to_owned();
    for variable in VARIABLES {
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "\n## {}\n\n{}\n\n- Values: {}\n- Default: {}\n",
            variable.name, variable.purpose, variable.values, variable.default
        );
    }
    page.push_str(
        "\n## Others\n\ngoshim reads what cmd/go reads to select a toolchain: `GOTOOLCHAIN`, `GO111MODULE`, `GOWORK`, `GOENV`, `GOROOT` (only to\n\
         end the search for go.work), `PWD`, `TMPDIR`, and `GOTOOLCHAIN_INTERNAL_SWITCH_VERSION`; and of the system `HOME` (Windows:\n\
         `USERPROFILE`, `LOCALAPPDATA`, `ProgramData`),\n\
         `XDG_DATA_HOME`, `XDG_STATE_HOME`, `XDG_CONFIG_HOME`, `PATH`, `SHELL`, `CI`, `NO_COLOR` and its relatives; to reach servers\n\
         `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, `SSL_CERT_FILE` (a file of certificates) and `NETRC` (in\n\
         place of `~/.netrc`).\n",
    );
    page
}

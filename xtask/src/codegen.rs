//! `cargo xtask codegen`: the pages of docs/reference that are made from tables in the code, and the table of releases.

use std::fmt::Write as _;

use goshim_resolver::tiers::{RULES, Rule, Tier};
use goshim_resolver::variables::VARIABLES;

use crate::{Error, root, table};

/// Writes the files; where `check` is set, fails on one that differs instead.
pub(crate) fn run(check: bool) -> Result<(), Error> {
    let files = [
        ("docs/reference/environment.md", environment()),
        (
            "docs/reference/project-file.md",
            with_tiers("docs/reference/project-file.md")?,
        ),
        (
            "docs/concepts/trust.md",
            with_tiers("docs/concepts/trust.md")?,
        ),
        (table::TABLE, table::text()?),
    ];
    for (name, text) in files {
        let file = root().join(name);
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
         end the search for go.work), `PWD`, `TMPDIR`, and `GOTOOLCHAIN_INTERNAL_SWITCH_VERSION`; and of the system `HOME`,\n\
         `XDG_DATA_HOME`, `XDG_STATE_HOME`, `XDG_CONFIG_HOME`, `PATH`, `SHELL`, `CI`, `NO_COLOR` and its relatives; to reach servers\n\
         `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, `SSL_CERT_FILE` (a file of certificates) and `NETRC` (in\n\
         place of `~/.netrc`).\n",
    );
    page
}

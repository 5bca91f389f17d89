//! Shells by the names that people type.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use goshim_shell::Shell;

/// A shell, as an argument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShellName(pub(crate) Shell);

impl ValueEnum for ShellName {
    fn value_variants<'a>() -> &'a [Self] {
        const {
            &[
                Self(Shell::Bash),
                Self(Shell::Zsh),
                Self(Shell::Fish),
                Self(Shell::Elvish),
                Self(Shell::PowerShell),
                Self(Shell::Nushell),
                Self(Shell::Posix),
            ]
        }
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let value = PossibleValue::new(self.0.name());
        Some(match self.0 {
            Shell::PowerShell => value.alias("pwsh"),
            Shell::Nushell => value.alias("nu"),
            Shell::Posix => value.aliases(["sh", "dash"]),
            _ => value,
        })
    }
}

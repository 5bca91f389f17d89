//! What goshim says to shells: quoting, lines for start-up files and the marks around them, completions, and the direnv library.
//!
//! The shell code lies in `files/`, each in a file of its own language. This crate reads and writes nothing but the names of start-up
//! files that are there.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::panic
    )
)]

use std::path::Path;

pub mod block;
mod quote;
pub mod session;
pub mod startup;
pub mod subshell;

/// The library file for direnv: `use goshim [QUERY]` and `layout goshim [QUERY]`.
pub const DIRENV: &str = include_str!("../files/direnv.sh");

/// A shell that goshim knows the language of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// GNU Bash.
    Bash,
    /// The Z shell.
    Zsh,
    /// fish, 3.2 or newer.
    Fish,
    /// Elvish.
    Elvish,
    /// PowerShell.
    PowerShell,
    /// Nushell.
    Nushell,
    /// Any other shell of the Bourne family.
    Posix,
}

impl Shell {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Bash,
        Self::Zsh,
        Self::Fish,
        Self::Elvish,
        Self::PowerShell,
        Self::Nushell,
        Self::Posix,
    ];

    /// The shell that a program such as `/usr/bin/zsh` is; POSIX where it is none that is known.
    pub fn of_program(program: &Path) -> Self {
        match program.file_stem().and_then(|name| name.to_str()) {
            Some("bash" | "rbash") => Self::Bash,
            Some("zsh") => Self::Zsh,
            Some("fish") => Self::Fish,
            Some("elvish") => Self::Elvish,
            Some("pwsh" | "powershell") => Self::PowerShell,
            Some("nu") => Self::Nushell,
            _ => Self::Posix,
        }
    }

    /// Whether a program such as `/usr/bin/zsh` is a shell whose start-up files are known. What is not, such as `/bin/tcsh`, may read none
    /// of those that [`Shell::of_program`] would have it read.
    pub fn knows(program: &Path) -> bool {
        const BOURNE: [&str; 12] = [
            "sh", "dash", "ash", "busybox", "ksh", "ksh93", "mksh", "lksh", "pdksh", "oksh",
            "loksh", "yash",
        ];
        let name = program.file_stem().and_then(|name| name.to_str());
        Self::of_program(program) != Self::Posix || name.is_some_and(|name| BOURNE.contains(&name))
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Elvish => "elvish",
            Self::PowerShell => "powershell",
            Self::Nushell => "nushell",
            Self::Posix => "posix",
        }
    }

    /// The line that puts `directory` in front of PATH, unless it is there already. Without a newline.
    pub fn path_line(self, directory: &Path) -> String {
        let file = match self {
            Self::Bash | Self::Zsh | Self::Posix => include_str!("../files/path.sh"),
            Self::Fish => include_str!("../files/path.fish"),
            Self::Elvish => include_str!("../files/path.elv"),
            Self::PowerShell => include_str!("../files/path.ps1"),
            Self::Nushell => include_str!("../files/path.nu"),
        };
        // The comment at the top is for the linter.
        let line = file.lines().find(|line| !line.starts_with('#'));
        let directory = self.quote(&self.own_path(&directory.to_string_lossy()));
        line.unwrap_or_default().replace("@SHIMS@", &directory)
    }

    /// The shell code that completes goshim's command line; `None` where the shell has no such thing.
    ///
    /// It asks `goshim __complete`, so it knows every command, and is the same for every version of goshim.
    pub fn completions(self) -> Option<&'static str> {
        match self {
            Self::Bash => Some(include_str!("../files/completions.bash")),
            Self::Zsh => Some(include_str!("../files/completions.zsh")),
            Self::Fish => Some(include_str!("../files/completions.fish")),
            Self::Elvish => Some(include_str!("../files/completions.elv")),
            Self::PowerShell => Some(include_str!("../files/completions.ps1")),
            Self::Nushell => Some(include_str!("../files/completions.nu")),
            Self::Posix => None,
        }
    }

    /// The line for the start-up file that loads [`Shell::completions`].
    pub fn completions_line(self) -> Option<&'static str> {
        match self {
            Self::Bash => Some("source <(goshim completions bash)"),
            Self::Zsh => Some("source <(goshim completions zsh)"),
            Self::Fish => Some("goshim completions fish | source"),
            Self::Elvish => Some("eval (goshim completions elvish | slurp)"),
            Self::PowerShell => {
                Some("goshim completions powershell | Out-String | Invoke-Expression")
            }
            // Nushell reads code from files alone.
            Self::Nushell => Some("source goshim.nu # what goshim completions nushell prints"),
            Self::Posix => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_shells_by_their_program() {
        for (program, shell) in [
            ("/usr/bin/fish", Shell::Fish),
            ("/bin/dash", Shell::Posix),
            ("pwsh.exe", Shell::PowerShell),
            ("/opt/nu", Shell::Nushell),
            ("elvish", Shell::Elvish),
        ] {
            assert_eq!(Shell::of_program(Path::new(program)), shell);
            assert!(Shell::knows(Path::new(program)));
        }
        for stranger in ["/bin/tcsh", "/usr/bin/xonsh", "/usr/sbin/nologin"] {
            assert!(!Shell::knows(Path::new(stranger)));
        }
    }

    #[test]
    fn path_lines() {
        let dir = Path::new("/home/it's me/shims");
        for (shell, line) in [
            (
                Shell::Zsh,
                r#"case ${PATH-} in '/home/it'\''s me/shims':*) ;; *) export PATH='/home/it'\''s me/shims'"${PATH:+:$PATH}" ;; esac"#,
            ),
            (
                Shell::Fish,
                r"fish_add_path --global --move --prepend '/home/it\'s me/shims'",
            ),
            (
                Shell::Elvish,
                "set paths = ['/home/it''s me/shims' (each {|dir| if (not-eq $dir '/home/it''s me/shims') { put $dir } } $paths)]",
            ),
            (
                Shell::PowerShell,
                "if (($env:PATH -split [IO.Path]::PathSeparator)[0] -ne '/home/it''s me/shims') { $env:PATH = '/home/it''s me/shims' + [IO.Path]::PathSeparator + $env:PATH }",
            ),
            (
                Shell::Nushell,
                r#"$env.PATH = ($env.PATH | split row (char esep) | prepend "/home/it's me/shims" | uniq)"#,
            ),
        ] {
            assert_eq!(shell.path_line(dir), line);
        }
    }
}

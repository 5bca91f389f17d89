//! What goshim says to shells: each shell's way to put a directory in front of PATH, with quoting that survives any path.

use std::path::Path;

/// A shell that goshim knows the language of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// GNU Bash.
    Bash,
    /// The Z shell.
    Zsh,
    /// fish.
    Fish,
    /// Any other shell of the Bourne family.
    Posix,
}

impl Shell {
    /// The shell that a program such as `/usr/bin/zsh` is; POSIX where it is none that is known.
    pub fn of_program(program: &Path) -> Self {
        match program.file_name().and_then(|name| name.to_str()) {
            Some("bash") => Self::Bash,
            Some("zsh") => Self::Zsh,
            Some("fish") => Self::Fish,
            _ => Self::Posix,
        }
    }

    /// The file that the shell reads when a person starts it, relative to the home directory.
    pub fn rc_file(self) -> &'static str {
        match self {
            Self::Bash => ".bashrc",
            Self::Zsh => ".zshrc",
            Self::Fish => ".config/fish/config.fish",
            Self::Posix => ".profile",
        }
    }

    /// The line that puts `directory` in front of PATH.
    pub fn path_line(self, directory: &str) -> String {
        let quoted = self.quote(directory);
        match self {
            Self::Fish => format!("fish_add_path --global --move --prepend {quoted}"),
            Self::Bash | Self::Zsh | Self::Posix => format!("export PATH={quoted}:\"$PATH\""),
        }
    }

    /// The line that exports a variable.
    pub fn export_line(self, name: &str, value: &str) -> String {
        let quoted = self.quote(value);
        match self {
            Self::Fish => format!("set --global --export {name} {quoted}"),
            Self::Bash | Self::Zsh | Self::Posix => format!("export {name}={quoted}"),
        }
    }

    /// One word with exactly this text: bare where that is safe, else in single quotes.
    pub fn quote(self, text: &str) -> String {
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:@%".contains(&byte);
        if !text.is_empty() && text.bytes().all(is_safe) {
            return text.to_owned();
        }
        match self {
            // In fish's single quotes a backslash escapes itself and the quote.
            Self::Fish => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
            Self::Bash | Self::Zsh | Self::Posix => format!("'{}'", text.replace('\'', "'\\''")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_where_needed() {
        assert_eq!(Shell::Bash.quote("/home/u/.local"), "/home/u/.local");
        assert_eq!(Shell::Bash.quote("a b"), "'a b'");
        assert_eq!(Shell::Zsh.quote("it's $(x)"), "'it'\\''s $(x)'");
        assert_eq!(Shell::Fish.quote("it's \\ $x"), "'it\\'s \\\\ $x'");
        assert_eq!(Shell::Posix.quote(""), "''");
    }

    #[test]
    fn knows_shells_by_their_program() {
        assert_eq!(Shell::of_program(Path::new("/usr/bin/fish")), Shell::Fish);
        assert_eq!(Shell::of_program(Path::new("/bin/dash")), Shell::Posix);
    }
}

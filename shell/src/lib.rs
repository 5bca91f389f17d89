//! What goshim says to shells: each shell's way to put a directory in front of PATH, with quoting that survives any path.

use std::ffi::{OsStr, OsString};
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

    /// The line that exports a variable with any value, as the system's text.
    pub fn export(self, name: &str, value: &OsStr) -> OsString {
        if let Some(value) = value.to_str() {
            return self.export_line(name, value).into();
        }
        // In single quotes every shell takes bytes as they are. Only text that is no UTF-8 has another way here, for Rust cuts only that up.
        self.export_bytes(name, value)
    }

    #[cfg(unix)]
    fn export_bytes(self, name: &str, value: &OsStr) -> OsString {
        use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
        let mut line = self.export_line(name, "").into_bytes();
        // The quotes of the empty value.
        line.truncate(line.len().saturating_sub(2));
        for part in value.as_bytes().utf8_chunks() {
            line.push(b'\'');
            line.extend(self.escape_quoted(part.valid()).bytes());
            line.extend(part.invalid());
            line.push(b'\'');
        }
        OsString::from_vec(line)
    }

    /// Other systems have no such values that a shell could take.
    #[cfg(not(unix))]
    fn export_bytes(self, name: &str, value: &OsStr) -> OsString {
        self.export_line(name, &value.to_string_lossy()).into()
    }

    /// The line that takes a variable away.
    pub fn unset_line(self, name: &str) -> String {
        match self {
            Self::Fish => format!("set --erase {name}"),
            Self::Bash | Self::Zsh | Self::Posix => format!("unset {name}"),
        }
    }

    /// One word with exactly this text: bare where that is safe, else in single quotes.
    pub fn quote(self, text: &str) -> String {
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:@%".contains(&byte);
        if !text.is_empty() && text.bytes().all(is_safe) {
            return text.to_owned();
        }
        format!("'{}'", self.escape_quoted(text))
    }

    /// Text for between single quotes.
    fn escape_quoted(self, text: &str) -> String {
        match self {
            // In fish's single quotes a backslash escapes itself and the quote.
            Self::Fish => text.replace('\\', "\\\\").replace('\'', "\\'"),
            Self::Bash | Self::Zsh | Self::Posix => text.replace('\'', "'\\''"),
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

    #[cfg(unix)]
    #[test]
    fn any_bytes_survive_a_real_shell() {
        use std::os::unix::ffi::OsStrExt as _;
        for bytes in [
            &b"plain"[..],
            b"",
            b"it's \\ $(x) `y`\n;\t\"",
            b"\xff\xfe",
            b"'\xff'\\'\xc3\xa4\xc3",
        ] {
            let value = OsStr::from_bytes(bytes);
            for (shell, program) in [
                (Shell::Bash, "bash"),
                (Shell::Zsh, "zsh"),
                (Shell::Fish, "fish"),
                (Shell::Posix, "sh"),
            ] {
                let mut script = shell.export("VALUE", value);
                script.push("\nprintenv VALUE");
                let output = std::process::Command::new(program)
                    .arg("-c")
                    .arg(&script)
                    .env("LC_ALL", "C.UTF-8")
                    .output()
                    .unwrap();
                let expected = [bytes, b"\n"].concat();
                assert_eq!(output.stdout, expected, "{program}: {}", script.display());
            }
        }
    }

    #[test]
    fn knows_shells_by_their_program() {
        assert_eq!(Shell::of_program(Path::new("/usr/bin/fish")), Shell::Fish);
        assert_eq!(Shell::of_program(Path::new("/bin/dash")), Shell::Posix);
    }
}

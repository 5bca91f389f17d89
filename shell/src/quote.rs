//! Quoting: one word of a shell's language that means exactly the bytes given.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;

use crate::Shell;

impl Shell {
    /// One word with exactly this text: bare where that is safe, else quoted. The text has no NUL, as no argument or variable can.
    pub fn quote(self, text: &str) -> String {
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:".contains(&byte);
        // A number is no text in PowerShell and Nushell.
        let has_bare_words = !matches!(self, Self::PowerShell | Self::Nushell);
        if has_bare_words && !text.is_empty() && text.bytes().all(is_safe) {
            return text.to_owned();
        }
        self.quoted(text)
    }

    /// As [`Shell::quote`], for any bytes without NUL; `None` for what is not UTF-8 in PowerShell and Nushell, which keep text alone.
    pub fn quote_os(self, value: &OsStr) -> Option<OsString> {
        match value.to_str() {
            Some(text) => Some(self.quote(text).into()),
            None => self.quote_bytes(value),
        }
    }

    #[cfg(unix)]
    fn quote_bytes(self, value: &OsStr) -> Option<OsString> {
        use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
        if matches!(self, Self::PowerShell | Self::Nushell) {
            return None;
        }
        let mut word = Vec::new();
        // Quoted words side by side are one word; only Elvish's code must be UTF-8, and has escapes for bytes.
        for part in value.as_bytes().utf8_chunks() {
            if !part.valid().is_empty() {
                word.extend(self.quoted(part.valid()).bytes());
            }
            if part.invalid().is_empty() {
                continue;
            }
            match self {
                Self::Elvish => {
                    let escapes = part.invalid().iter().map(|byte| format!("\\x{byte:02x}"));
                    word.extend(format!("\"{}\"", escapes.collect::<String>()).bytes());
                }
                Self::Fish => {
                    let escapes = part.invalid().iter().map(|byte| format!("\\X{byte:02x}"));
                    word.extend(escapes.collect::<String>().bytes());
                }
                _ => {
                    word.push(b'\'');
                    word.extend(part.invalid());
                    word.push(b'\'');
                }
            }
        }
        Some(OsString::from_vec(word))
    }

    /// Other systems have no such values that a shell could take.
    #[cfg(not(unix))]
    fn quote_bytes(self, _value: &OsStr) -> Option<OsString> {
        None
    }

    /// The text in quotes.
    fn quoted(self, text: &str) -> String {
        match self {
            Self::Bash | Self::Zsh | Self::Posix => format!("'{}'", text.replace('\'', r"'\''")),
            // In fish's single quotes a backslash escapes itself and the quote.
            Self::Fish => format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'")),
            Self::Elvish => format!("'{}'", text.replace('\'', "''")),
            Self::PowerShell => powershell(text),
            Self::Nushell => nushell(text),
        }
    }

    /// The line that exports a variable. Without a newline.
    pub fn export_line(self, name: &str, value: &str) -> String {
        format!("{}{}", self.export_start(name), self.quote(value))
    }

    /// As [`Shell::export_line`], for any value that a variable can have; `None` as in [`Shell::quote_os`].
    pub fn export(self, name: &str, value: &OsStr) -> Option<OsString> {
        let mut line = OsString::from(self.export_start(name));
        // For Nushell's own code PATH is a list.
        let is_list = self == Self::Nushell && name == "PATH";
        line.push(if is_list { "(" } else { "" });
        let own = value
            .to_str()
            .filter(|_| name == "PATH")
            .map(|list| OsString::from(self.own_path(list).into_owned()));
        line.push(self.quote_os(own.as_deref().unwrap_or(value))?);
        line.push(if is_list {
            " | split row (char esep))"
        } else {
            ""
        });
        Some(line)
    }

    /// A path, or a list of them as PATH is, as this shell has it. On Windows, shells of the Unix kind have names and lists of the Unix kind, and give other
    /// programs Windows' own.
    pub(crate) fn own_path(self, list: &str) -> Cow<'_, str> {
        let is_unix = matches!(self, Self::Bash | Self::Zsh | Self::Fish | Self::Posix);
        if cfg!(windows) && is_unix {
            msys(list).into()
        } else {
            list.into()
        }
    }

    fn export_start(self, name: &str) -> String {
        match self {
            Self::Bash | Self::Zsh | Self::Posix => format!("export {name}="),
            Self::Fish => format!("set --global --export {name} "),
            Self::Elvish => format!("set-env {name} "),
            Self::PowerShell => format!("$env:{name} = "),
            Self::Nushell => format!("$env.{name} = "),
        }
    }

    /// The line that takes a variable away. Without a newline.
    pub fn unset_line(self, name: &str) -> String {
        match self {
            Self::Bash | Self::Zsh | Self::Posix => format!("unset {name}"),
            Self::Fish => format!("set --erase {name}"),
            Self::Elvish => format!("unset-env {name}"),
            Self::PowerShell => format!("Remove-Item -ErrorAction Ignore Env:{name}"),
            Self::Nushell => format!("hide-env --ignore-errors {name}"),
        }
    }
}

/// Windows paths in the form of MSYS2, and so of Git's shell: `C:\a;D:\b` is `/c/a:/d/b` there.
fn msys(list: &str) -> String {
    let paths = list.split(';').map(|path| {
        let slashed = path.replace('\\', "/");
        match slashed.split_once(':') {
            Some((drive, rest)) if drive.len() == 1 => {
                format!("/{}{rest}", drive.to_ascii_lowercase())
            }
            _ => slashed,
        }
    });
    paths.collect::<Vec<_>>().join(":")
}

/// `PowerShell` takes each of the typographic quotes for a single quote, too, and any of them is doubled to stand for itself.
fn powershell(text: &str) -> String {
    let mut word = String::from("'");
    for c in text.chars() {
        if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
            word.push(c);
        }
        word.push(c);
    }
    word.push('\'');
    word
}

/// Nushell's double quotes, for the single ones can hold no single quote.
fn nushell(text: &str) -> String {
    let mut word = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => word.extend(['\\', c]),
            c if c.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(word, "\\u{{{:x}}}", u32::from(c));
            }
            c => word.push(c),
        }
    }
    word.push('"');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_where_needed() {
        assert_eq!(Shell::Bash.quote("/home/u/.local"), "/home/u/.local");
        assert_eq!(Shell::Bash.quote("a b"), "'a b'");
        assert_eq!(Shell::Zsh.quote("it's $(x)"), r"'it'\''s $(x)'");
        assert_eq!(Shell::Fish.quote(r"it's \ $x"), r"'it\'s \\ $x'");
        assert_eq!(Shell::Elvish.quote("it's"), "'it''s'");
        assert_eq!(Shell::Posix.quote(""), "''");
    }

    #[test]
    fn windows_paths_in_shells_of_the_unix_kind() {
        for (list, unix) in [
            (r"C:\Users\it's me\shims", "/c/Users/it's me/shims"),
            (r"C:\a;d:/b;;\\host\c;x", "/c/a:/d/b:://host/c:x"),
            ("", ""),
        ] {
            assert_eq!(msys(list), unix);
        }
        let line = Shell::Bash.export("PATH", r"C:\a;C:\b".as_ref()).unwrap();
        let expected = if cfg!(windows) {
            "export PATH=/c/a:/c/b"
        } else {
            r"export PATH='C:\a;C:\b'"
        };
        assert_eq!(line, expected);
    }

    /// `PowerShell` and Nushell are on none of the machines that run the tests: what their manuals say is written down here.
    #[test]
    fn shells_that_no_test_runs() {
        for (text, powershell, nushell) in [
            ("", "''", r#""""#),
            ("12", "'12'", r#""12""#),
            ("it's $x `y`", "'it''s $x `y`'", r#""it's $x `y`""#),
            (
                "\u{2018}a\u{201b}",
                "'\u{2018}\u{2018}a\u{201b}\u{201b}'",
                "\"\u{2018}a\u{201b}\"",
            ),
            (
                "a\"\\b\n\u{1b}",
                "'a\"\\b\n\u{1b}'",
                r#""a\"\\b\u{a}\u{1b}""#,
            ),
        ] {
            assert_eq!(Shell::PowerShell.quote(text), powershell);
            assert_eq!(Shell::Nushell.quote(text), nushell);
        }
        for (name, value, powershell, nushell) in [
            ("A", "b", "$env:A = 'b'", "$env.A = \"b\""),
            (
                "PATH",
                "/a b:/c",
                "$env:PATH = '/a b:/c'",
                "$env.PATH = (\"/a b:/c\" | split row (char esep))",
            ),
        ] {
            let value = OsStr::new(value);
            assert_eq!(Shell::PowerShell.export(name, value).unwrap(), powershell);
            assert_eq!(Shell::Nushell.export(name, value).unwrap(), nushell);
        }
        assert_eq!(
            Shell::PowerShell.unset_line("A"),
            "Remove-Item -ErrorAction Ignore Env:A"
        );
        assert_eq!(Shell::Nushell.unset_line("A"), "hide-env --ignore-errors A");
    }
    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_are_kept_or_refused() {
        use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
        for shell in Shell::ALL {
            let written = shell.export("A", OsStr::from_bytes(b"a\xff"));
            let expected: Option<&[u8]> = match shell {
                Shell::Bash | Shell::Zsh | Shell::Posix => Some(b"export A='a''\xff'"),
                Shell::Fish => Some(b"set --global --export A 'a'\\Xff"),
                Shell::Elvish => Some(b"set-env A 'a'\"\\xff\""),
                Shell::PowerShell | Shell::Nushell => None,
            };
            let written = written.map(OsString::into_vec);
            assert_eq!(written.as_deref(), expected, "{shell:?}");
        }
    }
}

//! The environment as lines of a `.env` file.
//!
//! Nobody has written down what such a file may say, and its readers differ. What is written here means the same to those that were tried: vscode-go,
//! python-dotenv, Node.js, and a shell that sources the file. What cannot be written so is refused.

use std::ffi::OsStr;

use goshim_resolver::child::Change;

use super::NOT_TEXT;
use crate::error::Error;

/// A line for each change. A variable that is taken away gets no value, for a file cannot do more; for Go that is the same.
///
/// # Errors
/// Where readers would not agree what a value is.
pub(super) fn lines(changes: &[Change]) -> Result<Vec<String>, Error> {
    let line = |Change { name, value, .. }: &Change| {
        let value = value.as_deref().map_or(Ok(String::new()), word);
        let value = value.map_err(|problem| Error::Unwritable {
            name: name.clone(),
            format: "a .env file",
            problem,
        })?;
        Ok(format!("{name}={value}"))
    };
    changes.iter().map(line).collect()
}

/// The value, in quotes where it needs them; or why it cannot be written.
fn word(value: &OsStr) -> Result<String, &'static str> {
    let text = value.to_str().ok_or(NOT_TEXT)?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:,=@%".contains(&byte);
    if text.bytes().all(is_plain) {
        return Ok(text.to_owned());
    }
    // Some readers end the line at each of these.
    if text
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
    {
        return Err("it has a line break or another control character");
    }
    if text.contains('\'') {
        // Between double quotes more has a meaning.
        return if text.contains(['"', '\\', '$', '`']) {
            Err("it has a single quote, and one of `\"`, `\\`, `$` and a backquote as well")
        } else {
            Ok(format!("\"{text}\""))
        };
    }
    if text.contains("${") {
        return Err("it has `${`, where some readers put in another variable");
    }
    if text.contains("\\\\") || text.contains("\\$") || text.ends_with('\\') {
        return Err("it has a backslash that some readers leave out");
    }
    Ok(format!("'{text}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_where_needed() {
        for (value, written) in [
            ("", ""),
            ("/a/b:/c.d", "/a/b:/c.d"),
            ("-tags=a,b -v", "'-tags=a,b -v'"),
            ("it's", "\"it's\""),
            ("say \"x\" # $HOME `id` \\n", "'say \"x\" # $HOME `id` \\n'"),
        ] {
            assert_eq!(word(OsStr::new(value)).as_deref(), Ok(written));
        }
    }

    #[test]
    fn refuses_what_readers_read_differently() {
        for value in [
            "a\nEVIL=1",
            "a\r",
            "\u{1b}[31m",
            "a\u{2028}b",
            "${HOME}",
            "\\\\server\\share",
            "C:\\",
            "a \\$b",
            "it's \"it\"",
            "it's $x",
            "it's `id`",
            "it's \\n",
        ] {
            assert!(word(OsStr::new(value)).is_err(), "{value}");
        }
    }
}

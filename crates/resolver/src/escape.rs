//! Making foreign text safe to print.

use std::fmt::{self, Write as _};
use std::path::Path;

/// Shows text from files, arguments or servers without letting it steer a terminal.
///
/// Control characters, and the characters that reorder or hide text (bidirectional controls, zero-width characters), come out
/// as `\u{…}` escapes; long text is cut after 200 characters.
pub struct Escaped<'a>(pub &'a str);

/// The most characters of foreign text that a message quotes.
const MOST: usize = 200;

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, c) in self.0.chars().enumerate() {
            if count == MOST {
                return f.write_str("…");
            }
            match c {
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c if c.is_control() || is_invisible(c) => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

/// Characters that change how their neighbours are shown, or are not shown at all.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{061c}')
}

/// Whether a text can be printed as it is: no control characters, and none that reorder or hide text.
pub fn is_printable(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || is_invisible(c))
}

/// A path for people: safe to print, whatever its bytes are, and never shortened.
pub fn path(path: &Path) -> String {
    text(&path.to_string_lossy())
}

/// A text of any length, safe to print.
pub fn text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_invisible(c) {
            // Writing to a string cannot fail.
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A value without what stands between `://` and `@` in the addresses of it: people show such values to others.
pub fn without_passwords(value: &str) -> String {
    let mut safe = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("://") {
        safe.push_str(before);
        safe.push_str("://");
        let end = after.find(['/', ',', '|', ' ']).unwrap_or(after.len());
        let (authority, tail) = after.split_at_checked(end).unwrap_or((after, ""));
        match authority.rsplit_once('@') {
            Some((_, host)) => {
                safe.push_str("…@");
                safe.push_str(host);
            }
            None => safe.push_str(authority),
        }
        rest = tail;
    }
    safe.push_str(rest);
    safe
}

/// A text in double quotes as Go's `%q` writes it (`strconv.Quote`), for cmd/go's own messages.
pub(crate) fn go_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        let known = match c {
            '"' => Some("\\\""),
            '\\' => Some("\\\\"),
            '\u{7}' => Some("\\a"),
            '\u{8}' => Some("\\b"),
            '\u{c}' => Some("\\f"),
            '\n' => Some("\\n"),
            '\r' => Some("\\r"),
            '\t' => Some("\\t"),
            '\u{b}' => Some("\\v"),
            _ => None,
        };
        let is_plain = c == ' ' || !(c.is_control() || c.is_whitespace() || is_invisible(c));
        // Writing to a string cannot fail.
        let _ = match (known, u32::from(c)) {
            (Some(known), _) => quoted.write_str(known),
            (None, _) if is_plain => quoted.write_char(c),
            (None, code @ ..0x80) => write!(quoted, "\\x{code:02x}"),
            (None, code @ ..0x1_0000) => write!(quoted, "\\u{code:04x}"),
            (None, code) => write!(quoted, "\\U{code:08x}"),
        };
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_addresses_are_not_shown() {
        for (value, shown) in [
            (
                "https://u:p@h/x,https://proxy|https://t@i",
                "https://…@h/x,https://proxy|https://…@i",
            ),
            ("https://u:p@q@h", "https://…@h"),
            ("a@b://", "a@b://"),
            ("direct", "direct"),
        ] {
            assert_eq!(without_passwords(value), shown);
        }
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(
            Escaped("1.22\u{1b}[31m\u{202e}\r\n").to_string(),
            "1.22\\u{1b}[31m\\u{202e}\\r\\n"
        );
        assert_eq!(
            Escaped(&"x".repeat(300)).to_string().chars().count(),
            MOST + 1
        );
        assert_eq!(path(Path::new("/a\u{7}b")), "/a\\u{7}b");
    }

    #[test]
    fn quotes_as_go_does() {
        for (text, quoted) in [
            ("go1.22.0\r", r#""go1.22.0\r""#),
            ("\"x\\", r#""\"x\\""#),
            (
                "\u{1}\u{7f}\u{85}\u{a0}\u{feff}",
                r#""\x01\x7f\u0085\u00a0\ufeff""#,
            ),
            ("é 世", "\"é 世\""),
        ] {
            assert_eq!(go_quoted(text), quoted);
        }
    }
}

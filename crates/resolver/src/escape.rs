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

#[cfg(test)]
mod tests {
    use super::*;

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
}

//! The names that entries of Go archives have, and no others.

use goshim_resolver::escape::{self, Escaped};

use super::{Failure, refuse};

const LONGEST_PATH: usize = 1024;
const LONGEST_NAME: usize = 255;
const DEEPEST: usize = 32;

/// Names that Windows keeps for devices, whatever follows a dot behind them.
const RESERVED: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The path of an entry where it is one that Go's archives have: relative, plain, printable UTF-8 below `go/`.
pub(super) fn checked(bytes: &[u8], is_directory: bool) -> Result<String, Failure> {
    let shown = String::from_utf8_lossy(bytes);
    let bad = |reason: &str| refuse(format!("the name `{}` {reason}", Escaped(&shown)));
    let Ok(path) = std::str::from_utf8(bytes) else {
        return bad("is not UTF-8");
    };
    // Two spellings of one letter are one name on some file systems; Go's archives have no combining characters.
    if !escape::is_printable(path) || path.contains(is_unportable) {
        return bad("has a character that no Go archive has");
    }
    // Only a directory's name may end with a slash.
    let path = path
        .strip_suffix('/')
        .filter(|_| is_directory)
        .unwrap_or(path);
    let mut components = path.split('/');
    if components.next() != Some("go") {
        return bad("is not below go/");
    }
    let depth = path.split('/').count();
    if !components.all(is_plain) || depth > DEEPEST || path.len() > LONGEST_PATH {
        return bad("leads out of the archive or is no portable name");
    }
    Ok(path.to_owned())
}

/// What names are compared by: two that differ in case alone are one on some file systems.
pub(super) fn folded(path: &str) -> String {
    if path.is_ascii() {
        path.to_ascii_lowercase()
    } else {
        // By way of upper case, for some letters have two lower-case forms.
        path.to_uppercase().to_lowercase()
    }
}

/// Characters that some system gives a meaning of its own, and combining ones.
fn is_unportable(c: char) -> bool {
    matches!(c, '\\' | ':' | '<' | '>' | '"' | '|' | '?' | '*'
        | '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

fn is_plain(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    !matches!(name, "" | "." | "..")
        && name.len() <= LONGEST_NAME
        && !name.ends_with([' ', '.'])
        && !RESERVED
            .iter()
            .any(|reserved| stem.eq_ignore_ascii_case(reserved))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_below_go() {
        for name in [
            "go/VERSION",
            "go/src",
            "go/test/fixedbugs/issue27836.dir/Þfoo.go",
            "go/lib/time/zoneinfo.zip",
            "go/src/auxiliary.go",
        ] {
            assert!(checked(name.as_bytes(), false).is_ok(), "{name}");
        }
        assert!(checked(b"go/src/", true).is_ok_and(|path| path == "go/src"));
        let long = format!("go/{}", "x".repeat(256));
        let deep = format!("go/{}", "d/".repeat(40));
        for name in [
            "",
            "/etc/passwd",
            "../x",
            "go/../../x",
            "go/./x",
            "go//x",
            "goo/x",
            "x",
            "go/a\\b",
            "go/c:x",
            "go/nul\0",
            "go/\u{1b}[31m",
            "go/x.",
            "go/x ",
            "go/\u{202e}x",
            "go/e\u{301}",
            "go/aux.go",
            "go/NUL",
            "/go/x",
            "./go/x",
            "go/x/",
            &long,
            &deep,
        ] {
            assert!(checked(name.as_bytes(), false).is_err(), "{name:?}");
        }
        assert!(checked(b"go/\xff", false).is_err());
    }

    #[test]
    fn names_that_some_file_system_takes_for_one() {
        for (a, b) in [
            ("go/A", "go/a"),
            ("go/Þ", "go/þ"),
            ("go/ß", "go/SS"),
            ("go/s", "go/ſ"),
        ] {
            assert_eq!(folded(a), folded(b));
        }
        assert_ne!(folded("go/a"), folded("go/b"));
    }
}

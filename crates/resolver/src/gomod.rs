//! The `go` and `toolchain` directives of go.mod and go.work, as cmd/go reads them before it selects a toolchain.
//!
//! This is the lax line scan of `gover.GoModLookup` (`cmd/go/internal/gover/gomod.go`) and deliberately not a parser: the first
//! line that begins with the key and a blank or tab wins, wherever it stands (also inside a block or a comment), even where its
//! value is empty or invalid. A stricter reader would choose another Go than cmd/go does.

/// A directive's value with the line that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// The text after the key, without a `//` comment and surrounding white space; bytes that are not UTF-8 are replaced.
    pub value: String,
    /// Counted from 1.
    pub line: usize,
}

/// The first line of `data` with the directive `key`, `None` where there is none or its value is empty.
pub fn directive(data: &[u8], key: &str) -> Option<Directive> {
    let (line, value) =
        data.split(|byte| *byte == b'\n')
            .enumerate()
            .find_map(|(index, line)| {
                // A file of nothing but newlines must cost nothing: only a longer line can be the directive.
                let line = (line.len() > key.len()).then(|| trim_start(line))?;
                let rest = line.strip_prefix(key.as_bytes())?;
                if !matches!(rest.first(), Some(b' ' | b'\t')) {
                    return None;
                }
                let rest = String::from_utf8_lossy(rest);
                // Go trims the line before it looks for the blank after the key: with nothing behind it that blank is gone.
                let rest = rest.trim();
                (!rest.is_empty()).then(|| (index + 1, rest.to_owned()))
            })?;
    let value = value.split("//").next().unwrap_or_default().trim();
    (!value.is_empty()).then(|| Directive {
        value: value.to_owned(),
        line,
    })
}

/// The front half of Go's `strings.TrimSpace` on bytes: Unicode white space goes, and a byte that is not UTF-8 stops it.
fn trim_start(line: &[u8]) -> &[u8] {
    // Most lines, and the long ones, end here.
    let line = line.trim_ascii_start();
    if line.first().is_some_and(u8::is_ascii_graphic) {
        return line;
    }
    let valid = line.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let blank = valid.len() - valid.trim_start().len();
    line.get(blank..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn go(data: &[u8]) -> Option<String> {
        directive(data, "go").map(|directive| directive.value)
    }

    #[test]
    fn reads_what_cmd_go_reads() {
        for (data, expected) in [
            (&b"module m\n\ngo 1.22\n"[..], Some("1.22")),
            (b"go\t1.22.3 // why\r\n", Some("1.22.3")),
            (b"require (\n\tgo 1.30\n)\ngo 1.22\n", Some("1.30")),
            (b"/*\ngo 1.30\n*/\n", Some("1.30")),
            (b"go // x\ngo 1.30\n", None),
            (b"go \n\tgo\t\xc2\xa0\ngo 1.30\n", Some("1.30")),
            (b"GO 1.30\n", None),
            (b"go1.30\n", None),
            (b"go\xc2\xa01.30\n", None),
            (b"\xc2\xa0go 1.30\xc2\xa0\n", Some("1.30")),
            (b"\xef\xbb\xbfgo 1.30\n", None),
            (b"\xffgo 1.30\n", None),
            (b" \xffgo 1.30\n", None),
            (b"go 1.30 x", Some("1.30 x")),
            (b"go \"1.30\"", Some("\"1.30\"")),
            (b"\rgo 1.22\rgo 1.23\n", Some("1.22\rgo 1.23")),
            (b"", None),
        ] {
            assert_eq!(
                go(data).as_deref(),
                expected,
                "{:?}",
                String::from_utf8_lossy(data)
            );
        }
    }

    #[test]
    fn tells_the_line() {
        assert_eq!(
            directive(b"module m\n\ngo 1.22\ntoolchain go1.22.3\n", "toolchain")
                .unwrap()
                .line,
            4
        );
    }
}

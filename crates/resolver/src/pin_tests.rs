//! Pin files as people write them, and as nobody can read them.

use super::*;

/// What a file of this name and content asks for: its queries and their line, or the message and the hint.
fn read(name: &str, bytes: &[u8]) -> Result<Option<(String, usize)>, (String, String)> {
    let pin = parse(&Path::new("p").join(name), bytes);
    pin.map(|pin| pin.map(|pin| (pin.text(), pin.place.line)))
        .map_err(|error| (error.to_string(), error.hint().unwrap()))
}

#[track_caller]
fn asks(name: &str, bytes: &[u8], expected: (&str, usize)) {
    let expected = (expected.0.to_owned(), expected.1);
    let text = String::from_utf8_lossy(bytes);
    assert_eq!(read(name, bytes), Ok(Some(expected)), "{name}: {text:?}");
}

/// The file is refused with this place and problem, says `advice` as its hint, and prints nothing raw.
#[track_caller]
fn refuses(name: &str, bytes: &[u8], line: usize, problem: &str, advice: &str) {
    let text = String::from_utf8_lossy(bytes);
    let (message, hint) = read(name, bytes).expect_err(&text);
    assert!(
        message.starts_with(&format!("p/{name}:{line}:")) && message.contains(problem),
        "{text:?}: {message}"
    );
    assert!(hint.contains(advice), "{text:?}: {hint}");
    for said in [message, hint] {
        assert!(!said.contains(char::is_control), "{said:?}");
    }
}

/// `text` as Windows editors write it: UTF-16 behind a byte order mark.
fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = '\u{feff}'.to_string();
    let units = mark.encode_utf16().chain(text.encode_utf16());
    units.flat_map(bytes_of).collect()
}

#[test]
fn go_version_as_people_write_it() {
    for (text, expected) in [
        ("1.22.10\n", ("1.22.10", 1)),
        ("1.22.10", ("1.22.10", 1)),
        ("go1.22.10", ("1.22.10", 1)),
        ("v1.22.10\r\n", ("1.22.10", 1)),
        ("  1.22 \t\n\n", ("1.22", 1)),
        ("\n\n\t1.22\n", ("1.22", 3)),
        ("\r\n\r\n1.22\r\n", ("1.22", 3)),
        ("1.22.10\r", ("1.22.10", 1)),
        ("\u{feff}1.22.10\n", ("1.22.10", 1)),
        ("# ours\n// and why\n1.22.x # newest\n", ("1.22", 3)),
        ("##\n# made by a tool\n##\n\n1.24.0", ("1.24.0", 5)),
        ("1.22.10// why\n", ("1.22.10", 1)),
        ("1.22.10#why\n", ("1.22.10", 1)),
        ("1.22.10\n1.22.10\n", ("1.22.10", 1)),
        ("1.22.10\n\n# again\ngo1.22.10\n", ("1.22.10", 1)),
        ("latest\n", ("latest", 1)),
        ("stable\n", ("latest", 1)),
        ("oldstable\n", ("oldstable", 1)),
        ("system", ("system", 1)),
        ("1.26.x", ("1.26", 1)),
        ("1", ("1", 1)),
        ("1.27rc1", ("1.27rc1", 1)),
        ("1.18beta1", ("1.18beta1", 1)),
        // The release is called go1.19, and is not the series.
        ("1.19.0", ("1.19.0", 1)),
        ("1.21.0", ("1.21.0", 1)),
    ] {
        asks(".go-version", text.as_bytes(), expected);
    }
    for text in ["1.22.10\r\n", "# é\r\n1.22.10", "1.22.10"] {
        let line = if text.starts_with('#') { 2 } else { 1 };
        for bytes_of in [u16::to_le_bytes, u16::to_be_bytes] {
            asks(".go-version", &utf16(text, bytes_of), ("1.22.10", line));
        }
    }
}

#[test]
fn go_version_that_cannot_be_read_with_certainty() {
    const ANY: &str = "write a release such as 1.22.10";
    for (text, line, problem, advice) in [
        (
            "<<<<<<< HEAD\n1.18.1\n=======\n1.19.9\n>>>>>>> e2\n",
            1,
            "`<<<<<<< HEAD`: a merge conflict",
            "keep one side",
        ),
        // Also where both sides agree, or one has nothing: what was meant is not known.
        (
            "1.22\n<<<<<<< HEAD\n1.22\n=======\n>>>>>>> x\n",
            2,
            "merge conflict",
            "<<<<<<<",
        ),
        (
            "<<<<<<< HEAD\n1.25\n||||||| 65\n1.24\n=======\n1.23\n>>>>>>> x\n",
            1,
            "merge",
            "=======",
        ),
        (
            "1.26.5\n1.26.6\n",
            2,
            "a second version, `1.26.6`, after the one on line 1",
            "keep one",
        ),
        (
            "1.26\n1.26.6\n",
            2,
            "a second version",
            "keep one of the two",
        ),
        ("{\n  \"go\": \"1.26\"\n}\n", 1, "it looks like JSON", ANY),
        (
            "echo \"1.23\" > .go-version",
            1,
            "more than one word",
            "write 1.23, if that",
        ),
        (
            "go version go1.16.5 linux/amd64\n",
            1,
            "more than one word",
            "write 1.16.5, if",
        ),
        ("1.22.10 1.21.13\n", 1, "more than one word", ANY),
        (
            "golang 1.22.10\n",
            1,
            "more than one word",
            "write 1.22.10, if",
        ),
        ("# c\n1.22d", 2, "`1.22d` is not a Go version", ANY),
        ("1.24.0rc2", 1, "no patch number", "write 1.24rc2, if"),
        ("1.9.2rc2", 1, "no patch number", "write 1.9.2, if"),
        (
            "1.7.2",
            1,
            "no such release was ever published",
            "write a release",
        ),
        ("1.23.", 1, "a number is missing", "write 1.23, if"),
        (">=1.20.0\n", 1, "a range", "write 1.20.0, if"),
        ("GOVERS = go1\\.([89]|10).*\n", 1, "a pattern", ANY),
        ("11.22\r\n", 1, "the first number of every Go is 1", ANY),
        (
            "Go1.22\n",
            1,
            "`Go1.22` is not a Go version",
            "write 1.22, if",
        ),
        ("", 1, "it names no version", ANY),
        ("# 1.22\n", 1, "it names no version", ANY),
    ] {
        refuses(".go-version", text.as_bytes(), line, problem, advice);
    }
}

#[test]
fn go_version_that_is_hostile_or_damaged() {
    const ANY: &str = "write a release such as 1.22.10";
    for (text, line, problem, advice) in [
        ("path:/tmp/go", 1, "a path is never read from here", ANY),
        ("../../tmp/go", 1, "a path is never read from here", ANY),
        (
            "C:\\go\\1.22",
            1,
            "a path is never read from here",
            "write 1.22, if",
        ),
        (
            "ref:master",
            1,
            "a source revision cannot be installed",
            ANY,
        ),
        ("1.22\u{1b}[31m", 1, "`1.22\\u{1b}[31m`", "write 1.22, if"),
        ("1.22\u{202e}", 1, "`1.22\\u{202e}`", "write 1.22, if"),
        ("1.22.10\u{0}", 1, "\\u{0}", "write 1.22.10, if"),
        ("1.22.10\r1.21.13", 1, "\\r", ANY),
        ("１.22", 1, "is not a Go version", ANY),
    ] {
        refuses(".go-version", text.as_bytes(), line, problem, advice);
    }
    let odd: [&[u8]; 4] = [
        b"1.22\xff",
        b"\xff\xfe1\0.\x002",
        b"\xfe\xff\xd8\0\0\x31",
        b"\xef\xbb\xbf1.22\xc3",
    ];
    for bytes in odd {
        refuses(".go-version", bytes, 1, "it is not text", "UTF-8");
    }
    // UTF-16 without a byte order mark is text with NULs in it.
    refuses(".go-version", b"1\0.\x002\x002\0", 1, "\\u{0}", ANY);
}

#[test]
fn tool_versions_has_many_tools() {
    for (text, expected) in [
        ("golang 1.22.4\n", ("1.22.4", 1)),
        ("go 1.22.4\n", ("1.22.4", 1)),
        ("  golang\t1.22.4  \r\n", ("1.22.4", 1)),
        (
            "# tools\nnodejs 24.9.0\ngolangci-lint 2.1.6\ngolang   1.22.4 1.21.13 # two\n",
            ("1.22.4 1.21.13", 4),
        ),
        (
            "golang system 1.22\ngo-jsonnet 1\ngolang-migrate 4\n",
            ("system 1.22", 1),
        ),
        ("golang latest\n", ("latest", 1)),
        ("golang 1.22.4\ngo 1.22.4\n", ("1.22.4", 1)),
        ("#golang 1.21\ngolang v1.22.4 // c\n", ("1.22.4", 2)),
        ("\u{feff}golang 1.22.4", ("1.22.4", 1)),
    ] {
        asks(".tool-versions", text.as_bytes(), expected);
    }
    let utf16 = utf16("nodejs 1\r\ngolang 1.22.4\r\n", u16::to_le_bytes);
    asks(".tool-versions", &utf16, ("1.22.4", 2));
    for text in [
        "",
        "# golang 1.22\n",
        "golangci-lint 2.1.6\ngo-jsonnet 1\nGolang 1\ngolang:x 1\n",
        // A conflict over other tools is theirs, where neither side has a line for Go.
        "<<<<<<< HEAD\nnodejs 1\n=======\nnodejs 2\n>>>>>>> x\n",
    ] {
        assert_eq!(read(".tool-versions", text.as_bytes()), Ok(None), "{text}");
    }
}

#[test]
fn tool_versions_that_cannot_be_read_with_certainty() {
    for (text, line, problem, advice) in [
        (
            "x 1\ngolang ref:master\n",
            2,
            "a source revision cannot be installed",
            "write a release",
        ),
        ("golang path:/go\n", 1, "a path is never", "write a release"),
        (
            "golang 1.22.1 path:/go\n",
            1,
            "a path is never",
            "write a release",
        ),
        ("golang\n", 1, "it names no version", "write a release"),
        (
            "golang # 1.22\n",
            1,
            "it names no version",
            "write a release",
        ),
        (
            "golang 1.22.1\ngo 1.22.2\n",
            2,
            "a second line for Go, `go 1.22.2`, after line 1",
            "on one line",
        ),
        (
            "golang latest:1.22\n",
            1,
            "`latest:1.22` is not",
            "write 1.22, if",
        ),
        (
            "golang 1.22d 1.22.1\n",
            1,
            "`1.22d` is not",
            "write a release",
        ),
        (
            "nodejs 1\n<<<<<<< HEAD\ngolang 1.22.1\n=======\ngolang 1.22.2\n>>>>>>> x\n",
            2,
            "merge conflict",
            "keep one side",
        ),
        (
            "golang 1.22.1\n<<<<<<< HEAD\nnodejs 1\n=======\nnodejs 2\n>>>>>>> x\n",
            2,
            "merge conflict",
            "keep one side",
        ),
    ] {
        refuses(".tool-versions", text.as_bytes(), line, problem, advice);
    }
    refuses(".tool-versions", b"golang \xff", 1, "not text", "UTF-8");
}

#[test]
fn a_project_file_s_version() {
    asks(
        ".goshim.toml",
        b"[go]\npolicy = \"exact\"\nversion = \"go1.22.x\"\n",
        ("1.22", 3),
    );
    asks(
        ".goshim.toml",
        b"\xef\xbb\xbf[go]\r\nversion = \"1.22\"\r\n",
        ("1.22", 2),
    );
    assert_eq!(read(".goshim.toml", b"[go]\nstrict = true\n"), Ok(None));
    for (text, line, problem, advice) in [
        (
            "\n[go]\nversion = \"1.24.0rc2\"\n",
            3,
            "no patch number",
            "write 1.24rc2",
        ),
        (
            "[go]\nversion = \" 1.22\"\n",
            2,
            "` 1.22` is not",
            "write 1.22",
        ),
        ("[go]\nversion = \"/x\"\n", 2, "a path is never", "write a"),
        ("<<<<<<< HEAD\n[go]\n", 1, "", "docs/reference"),
        (
            "[go]\nversion = 1.22\n",
            2,
            "a version in quotes",
            "docs/reference",
        ),
    ] {
        refuses(".goshim.toml", text.as_bytes(), line, problem, advice);
    }
}

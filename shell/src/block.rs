//! The lines that `goshim setup` adds to a person's start-up file, between two marks, and how they go away without a trace.
//!
//! The opening mark also says what else was changed: that the file was made, or that its last line got the newline it lacked. So
//! [`remove`] gives back every byte.

use std::ops::Range;

/// How the line before goshim's own begins. `#` begins a comment in every language that goshim writes.
const OPEN: &str = "# >>> goshim >>>";
/// The line behind goshim's own.
const CLOSE: &str = "# <<< goshim <<<";
/// What the opening mark says to people.
const NOTE: &str = " written by goshim setup, taken out by goshim unsetup";
/// At the end of the opening mark: there was no such file before.
const NEW_FILE: &str = " (new file)";
/// At the end of the opening mark: the line above had no newline.
const NO_NEWLINE: &str = " (no newline above)";

/// A file whose marks do not come in pairs: somebody edited them, and what lies between is not known to be goshim's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpaired {
    /// The line of the mark that has no partner, from 1.
    pub line: usize,
}

/// The text of a file with `lines` between goshim's marks: in the place where there were such lines before, else at the end.
///
/// `old` is the file as it is, `None` where there is none. `lines` end in a newline.
///
/// # Errors
/// Where the marks in `old` do not come in pairs.
pub fn insert(old: Option<&[u8]>, lines: &str) -> Result<Vec<u8>, Unpaired> {
    let text = old.unwrap_or_default();
    let mut blocks = blocks(text)?;
    if !blocks.is_empty() {
        // The first keeps its place, and what its mark remembers.
        let first = blocks.remove(0);
        let open = line_at(text, first.start);
        let mut new = text.get(..first.start).unwrap_or_default().to_vec();
        new.extend_from_slice(open);
        new.extend_from_slice(lines.as_bytes());
        new.extend_from_slice(CLOSE.as_bytes());
        new.push(b'\n');
        new.extend(without(text, first.end, &blocks));
        return Ok(new);
    }
    let mut new = text.to_vec();
    let remark = match (old, text.last()) {
        (None, _) => NEW_FILE,
        (_, None | Some(b'\n')) => "",
        _ => {
            new.push(b'\n');
            NO_NEWLINE
        }
    };
    new.extend_from_slice(format!("{OPEN}{NOTE}{remark}\n{lines}{CLOSE}\n").as_bytes());
    Ok(new)
}

/// The text of a file without what lies between goshim's marks, and without the marks; `None` where the file itself was goshim's and
/// has nothing else in it by now.
///
/// # Errors
/// Where the marks do not come in pairs.
pub fn remove(text: &[u8]) -> Result<Option<Vec<u8>>, Unpaired> {
    let blocks = blocks(text)?;
    let made_the_file = blocks
        .first()
        .is_some_and(|first| trimmed(line_at(text, first.start)).ends_with(NEW_FILE.as_bytes()));
    let left = without(text, 0, &blocks);
    Ok((!left.is_empty() || !made_the_file).then_some(left))
}

/// Whether a file has lines of goshim's.
pub fn is_in(text: &[u8]) -> bool {
    blocks(text).map_or(true, |blocks| !blocks.is_empty())
}

/// The text from `start` on, without the blocks in it.
fn without(text: &[u8], start: usize, blocks: &[Range<usize>]) -> Vec<u8> {
    let mut left = Vec::new();
    let mut from = start;
    for block in blocks {
        left.extend_from_slice(text.get(from..block.start).unwrap_or_default());
        let mark = trimmed(line_at(text, block.start));
        let is_last = block.end == text.len();
        // What somebody wrote below needs the newline.
        if is_last && mark.ends_with(NO_NEWLINE.as_bytes()) && left.last() == Some(&b'\n') {
            left.pop();
        }
        from = block.end;
    }
    left.extend_from_slice(text.get(from..).unwrap_or_default());
    left
}

/// Where the marked lines are, marks included.
fn blocks(text: &[u8]) -> Result<Vec<Range<usize>>, Unpaired> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    let mut position = 0;
    for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let start = position;
        position += line.len();
        let line = trimmed(line);
        if line.starts_with(OPEN.as_bytes()) {
            if let Some((_, line)) = open {
                return Err(Unpaired { line });
            }
            open = Some((start, index + 1));
        } else if line == CLOSE.as_bytes() {
            let Some((start, _)) = open.take() else {
                return Err(Unpaired { line: index + 1 });
            };
            blocks.push(start..position);
        }
    }
    match open {
        Some((_, line)) => Err(Unpaired { line }),
        None => Ok(blocks),
    }
}

/// The line that begins at `start`, newline included.
fn line_at(text: &[u8], start: usize) -> &[u8] {
    let rest = text.get(start..).unwrap_or_default();
    rest.split_inclusive(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default()
}

/// A line without blanks and carriage return at its end, which editors add.
fn trimmed(line: &[u8]) -> &[u8] {
    line.trim_ascii_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "export PATH=x\n";

    #[test]
    fn every_byte_comes_back() {
        for old in [
            None,
            Some(&b""[..]),
            Some(b"\n"),
            Some(b"alias x=y\n"),
            Some(b"alias x=y"),
            Some(b"\xff\r\n\x00no newline\r"),
            Some(b"if true\n\n\n"),
        ] {
            let new = insert(old, LINES).unwrap();
            assert!(is_in(&new) && new.ends_with(b"export PATH=x\n# <<< goshim <<<\n"));
            assert_eq!(insert(Some(&new), LINES).unwrap(), new, "written once");
            let other = insert(Some(&new), "other\nlines\n").unwrap();
            assert_ne!(other, new);
            for text in [new, other] {
                assert_eq!(remove(&text).unwrap().as_deref(), old);
            }
        }
    }

    #[test]
    fn what_came_later_stays() {
        let mut new = insert(Some(b"a"), LINES).unwrap();
        new.extend_from_slice(b"b\n");
        assert_eq!(remove(&new).unwrap().unwrap(), b"a\nb\n");
        let mut new = insert(None, LINES).unwrap();
        new.extend_from_slice(b"b");
        assert_eq!(remove(&new).unwrap().unwrap(), b"b");
        let moved = [b"x\n", &insert(None, LINES).unwrap()[..], b"y\n"].concat();
        let changed = insert(Some(&moved), "z\n").unwrap();
        assert!(changed.starts_with(b"x\n# >>> goshim") && changed.ends_with(b"<<<\ny\n"));
        assert_eq!(remove(&changed).unwrap().unwrap(), b"x\ny\n");
    }

    #[test]
    fn copies_go_as_well() {
        let block = insert(Some(b""), LINES).unwrap();
        let twice = [&b"a\n"[..], &block, b"b\n", &block].concat();
        assert_eq!(remove(&twice).unwrap().unwrap(), b"a\nb\n");
        let once = insert(Some(&twice), LINES).unwrap();
        assert_eq!(once, [&b"a\n"[..], &block, b"b\n"].concat());
    }

    #[test]
    fn broken_marks_are_not_touched() {
        for (text, line) in [
            ("a\n# >>> goshim >>>\nb\n", 2),
            ("# <<< goshim <<<\n", 1),
            ("# >>> goshim >>>\n# >>> goshim >>>\n# <<< goshim <<<\n", 1),
        ] {
            assert_eq!(insert(Some(text.as_bytes()), LINES), Err(Unpaired { line }));
            assert_eq!(remove(text.as_bytes()), Err(Unpaired { line }));
        }
        let untouched = b"# <<< goshim <<< quoted\n";
        assert_eq!(remove(untouched).unwrap().unwrap(), untouched);
    }
}

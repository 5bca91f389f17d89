//! Editing the text of a `config.toml`: one key changes, and everything else stays as the person wrote it, to the byte where the key was there.

use std::ops::Range;

use toml_edit::{Document, DocumentMut, Item, Table, TableLike, TomlError};

/// The text in which a key has a value, which is TOML itself.
///
/// # Errors
/// Where the text is no TOML.
pub(crate) fn set(text: &str, key: &str, value: &str) -> Result<String, TomlError> {
    if let Some(Found { value: there, .. }) = find(text, key)? {
        return Ok(replaced(text, there, value));
    }
    let mut document = document_of(text)?;
    let (table, leaf) = split(key);
    let item: Item = value.parse::<toml_edit::Value>()?.into();
    if document.is_empty() {
        // There may be comments, which are to stay above.
        let newline = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        let header = table.map_or_else(String::new, |table| format!("[{table}]\n"));
        let new = format!("{text}{newline}{header}{leaf} = {value}\n");
        return Ok(as_in(text, &new));
    }
    match table {
        None => {
            document.insert(leaf, item);
        }
        Some(table) => {
            let table = document.entry(table).or_insert(Item::Table(Table::new()));
            // Where it is no table, the file's reader will say so.
            if let Some(table) = table.as_table_like_mut() {
                table.insert(leaf, item);
            }
        }
    }
    Ok(as_in(text, &document.to_string()))
}

/// The text without a key; `None` where it is not there.
///
/// # Errors
/// Where the text is no TOML.
pub(crate) fn unset(text: &str, key: &str) -> Result<Option<String>, TomlError> {
    let Some(found) = find(text, key)? else {
        return Ok(None);
    };
    if found.is_inline {
        let mut document = document_of(text)?;
        if let (Some(table), leaf) = split(key)
            && let Some(table) = document.get_mut(table).and_then(Item::as_table_like_mut)
        {
            table.remove(leaf);
        }
        return Ok(Some(as_in(text, &document.to_string())));
    }
    // Its lines, from the first one's beginning to the last one's end.
    let start = text
        .get(..found.key.start)
        .and_then(|before| before.rfind('\n'));
    let after = text
        .get(found.value.end..)
        .and_then(|after| after.find('\n'));
    let lines =
        start.map_or(0, |at| at + 1)..after.map_or(text.len(), |at| found.value.end + at + 1);
    Ok(Some(replaced(text, lines, "")))
}

/// What an editor of Windows may put before a text.
const MARK: char = '\u{feff}';

fn document_of(text: &str) -> Result<DocumentMut, TomlError> {
    text.strip_prefix(MARK).unwrap_or(text).parse()
}

/// `new` with the byte order mark and the ends of lines that `old` has: writing a document makes all of them the same.
fn as_in(old: &str, new: &str) -> String {
    let lines = new.strip_prefix(MARK).unwrap_or(new).replace("\r\n", "\n");
    let is_dos = old.contains('\n') && old.matches('\n').count() == old.matches("\r\n").count();
    let lines = if is_dos {
        lines.replace('\n', "\r\n")
    } else {
        lines
    };
    let mark = old.starts_with(MARK).then_some(MARK);
    mark.into_iter().collect::<String>() + &lines
}

/// Where a key stands.
struct Found {
    key: Range<usize>,
    value: Range<usize>,
    /// Whether it shares its line with others: `http = { timeout = 3, retries = 2 }`.
    is_inline: bool,
}

fn find(text: &str, key: &str) -> Result<Option<Found>, TomlError> {
    let document = Document::parse(text)?;
    let (table, leaf) = split(key);
    let (table, is_inline): (&dyn TableLike, bool) = match table {
        None => (document.as_table(), false),
        Some(name) => match document.get(name) {
            Some(item) => match item.as_table_like() {
                Some(table) => (table, item.is_inline_table()),
                None => return Ok(None),
            },
            None => return Ok(None),
        },
    };
    let found = table.get_key_value(leaf).and_then(|(key, item)| {
        Some(Found {
            key: key.span()?,
            value: item.span()?,
            is_inline,
        })
    });
    Ok(found)
}

/// The table and the key in it.
fn split(key: &str) -> (Option<&str>, &str) {
    match key.split_once('.') {
        Some((table, leaf)) => (Some(table), leaf),
        None => (None, key),
    }
}

fn replaced(text: &str, range: Range<usize>, new: &str) -> String {
    let mut text = text.to_owned();
    text.replace_range(range, new);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# of mine\n\npolicy='exact'   # for the team\n# both\nmirrors = [\n  \"/a\", # near\n  \"/b\",\n]\n\n[http] # slow\ntimeout = 3\n\n# the end\n";

    #[test]
    fn a_key_that_is_there_changes_and_nothing_else() {
        for (key, value, old) in [
            ("policy", "\"floor\"", "'exact'"),
            ("http.timeout", "0.5", "3"),
            ("mirrors", "[\"/c\"]", "[\n  \"/a\", # near\n  \"/b\",\n]"),
        ] {
            assert_eq!(
                set(FILE, key, value).unwrap(),
                FILE.replace(old, value),
                "{key}"
            );
        }
        let inline = "http = { timeout = 3, retries = 2 } # both\n";
        assert_eq!(
            set(inline, "http.retries", "5").unwrap(),
            inline.replace('2', "5")
        );
        let dotted = "http.timeout = 3\r\n\"policy\" = \"exact\"\r\n";
        assert_eq!(
            set(dotted, "http.timeout", "4").unwrap(),
            dotted.replace('3', "4")
        );
        assert_eq!(
            set(dotted, "policy", "\"x\"").unwrap(),
            dotted.replace("exact", "x")
        );
    }

    #[test]
    fn a_new_key_comes_where_it_belongs() {
        for (before, key, value, after) in [
            ("", "strict", "true", "strict = true\n"),
            ("# mine", "strict", "true", "# mine\nstrict = true\n"),
            ("", "env.A", "\"x\"", "[env]\nA = \"x\"\n"),
            ("a = 1", "strict", "true", "a = 1\nstrict = true\n"),
            (
                "policy = \"exact\" # x\n\n# slow\n[http]\ntimeout = 3\n",
                "strict",
                "true",
                "policy = \"exact\" # x\nstrict = true\n\n# slow\n[http]\ntimeout = 3\n",
            ),
            (
                "[http]\ntimeout = 3 # x\n",
                "http.retries",
                "1",
                "[http]\ntimeout = 3 # x\nretries = 1\n",
            ),
            (
                "a = 1\n",
                "http.retries",
                "1",
                "a = 1\n\n[http]\nretries = 1\n",
            ),
            (
                "http = { timeout = 3 }\n",
                "http.retries",
                "1",
                "http = { timeout = 3 , retries = 1 }\n",
            ),
        ] {
            assert_eq!(set(before, key, value).unwrap(), after, "{before:?} {key}");
        }
    }

    #[test]
    fn ends_of_lines_and_a_byte_order_mark_stay() {
        for before in [
            "# mine\r\n",
            "policy = \"exact\"\r\n\r\n# slow\r\n[http]\r\ntimeout = 3\r\n",
            "\u{feff}policy = \"exact\"\n",
            "\u{feff}policy = \"exact\"\r\n[http]\r\ntimeout = 3\r\n",
        ] {
            for key in ["strict", "http.retries"] {
                let new = set(before, key, "1").unwrap();
                let is_there = |line: &str| new.split_inclusive('\n').any(|there| there == line);
                for line in before.split_inclusive('\n') {
                    assert!(is_there(line), "{line:?} of {before:?} in {new:?}");
                }
                let is_dos = before.contains('\r');
                let end = if is_dos { " = 1\r\n" } else { " = 1\n" };
                assert!(new.contains(end), "{new:?}");
                assert_eq!(set(&new, key, "2").unwrap(), new.replace('1', "2"));
                assert!(!unset(&new, key).unwrap().unwrap().contains(" = 1"));
            }
        }
        let inline = "\u{feff}http = { timeout = 3, retries = 2 }\r\n";
        assert_eq!(
            unset(inline, "http.timeout").unwrap().unwrap(),
            "\u{feff}http = { retries = 2 }\r\n"
        );
    }

    #[test]
    fn a_key_goes_with_its_lines_and_comments_stay() {
        for (key, gone) in [
            ("policy", "policy='exact'   # for the team\n"),
            ("mirrors", "mirrors = [\n  \"/a\", # near\n  \"/b\",\n]\n"),
            ("http.timeout", "timeout = 3\n"),
        ] {
            assert_eq!(
                unset(FILE, key).unwrap().unwrap(),
                FILE.replace(gone, ""),
                "{key}"
            );
        }
        assert_eq!(unset(FILE, "strict").unwrap(), None);
        assert_eq!(unset(FILE, "env.A").unwrap(), None);
        assert_eq!(unset("strict = true", "strict").unwrap().unwrap(), "");
        let inline = unset("http = { timeout = 3, retries = 2 } # x\n", "http.timeout");
        assert_eq!(inline.unwrap().unwrap(), "http = { retries = 2 } # x\n");
    }

    #[test]
    fn what_is_no_toml_is_not_touched() {
        assert!(set("a = [\n", "strict", "true").is_err());
        assert!(unset("= 1\n", "strict").is_err());
    }
}

//! Rows of data for people: aligned columns, which give way where a terminal is narrow.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

use anstyle::Style;

use crate::output;

/// A cell of a row: text of anybody, in a style of ours.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// Plain text.
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        Self::styled(text, Style::new())
    }

    /// Text in a style, where the output has styles.
    pub(crate) fn styled(text: impl AsRef<str>, style: Style) -> Self {
        Self {
            text: output::printable(text.as_ref()),
            style,
        }
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// Prints rows, each with the same number of cells. A column that is empty throughout takes no place.
///
/// On a terminal that is too narrow the last column goes to lines of its own, and where that is not enough, all but the first.
pub(crate) fn print(rows: &[Vec<Cell>]) -> io::Result<()> {
    let width = terminal_width();
    let mut out = anstream::stdout().lock();
    for line in lines(rows, width) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// The columns of the terminal that data goes to; `None` for a file or a pipe.
fn terminal_width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(width.0)).filter(|width| *width > 0)
}

const GAP: &str = "  ";

fn lines(rows: &[Vec<Cell>], width: Option<usize>) -> Vec<String> {
    let count = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..count)
        .map(|at| {
            let cells = rows.iter().filter_map(|row| row.get(at));
            cells.map(Cell::width).max().unwrap_or_default()
        })
        .collect();
    let last = widths
        .iter()
        .rposition(|width| *width > 0)
        .unwrap_or_default();
    let before_last: usize = (widths.iter().take(last))
        .filter(|width| **width > 0)
        .map(|width| width + GAP.len())
        .sum();
    let is_narrow = width.is_some_and(|width| before_last > width + GAP.len());
    let mut lines = Vec::new();
    for row in rows {
        let mut line = String::new();
        let mut padding = 0;
        for (at, (cell, column)) in row.iter().zip(&widths).enumerate() {
            if *column == 0 {
                continue;
            }
            let has_no_place = is_narrow
                || at == last && width.is_some_and(|width| before_last + cell.width() > width);
            if at > 0 && has_no_place && !cell.is_empty() {
                lines.push(std::mem::replace(&mut line, GAP.to_owned()));
                padding = 0;
            }
            if cell.is_empty() {
                padding += column + GAP.len();
                continue;
            }
            let style = cell.style;
            line.push_str(&" ".repeat(padding));
            // Writing to a string cannot fail.
            let _ = write!(line, "{style}{}{style:#}", cell.text);
            padding = column - cell.width() + GAP.len();
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<Cell>> {
        let row = |cells: [&str; 4]| cells.iter().map(Cell::new).collect();
        vec![
            row(["go1.27.3", "supported", "", "runs here: a/very/long/path"]),
            row(["go1.9", "", "", "default"]),
            row(["go1.22.10", "end of life", "", ""]),
        ]
    }

    #[test]
    fn columns() {
        let wide = [
            "go1.27.3   supported    runs here: a/very/long/path",
            "go1.9                   default",
            "go1.22.10  end of life",
        ];
        assert_eq!(lines(&rows(), None), wide);
        assert_eq!(lines(&rows(), Some(80)), wide);
    }

    #[test]
    fn narrow_terminals() {
        assert_eq!(
            lines(&rows(), Some(40)),
            [
                "go1.27.3   supported",
                "  runs here: a/very/long/path",
                "go1.9                   default",
                "go1.22.10  end of life",
            ]
        );
        assert_eq!(
            lines(&rows(), Some(20)),
            [
                "go1.27.3",
                "  supported",
                "  runs here: a/very/long/path",
                "go1.9",
                "  default",
                "go1.22.10",
                "  end of life",
            ]
        );
        assert!(lines(&[], Some(20)).is_empty());
    }

    #[test]
    fn nothing_steers_the_terminal() {
        let row = vec![Cell::new("a\u{1b}[31m"), Cell::new("b\nc\u{202e}")];
        assert!(
            !lines(&[row], None)
                .concat()
                .contains(['\u{1b}', '\n', '\u{202e}'])
        );
    }
}

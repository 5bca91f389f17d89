//! Pages of the documentation that tests follow: commands, and what they say.

/// What the mirror of the pages has.
pub const PUBLISHED: &[&str] = &[
    "go1.21.13",
    "go1.22.10",
    "go1.22.12",
    "go1.26.7",
    "go1.26.8",
    "go1.27.2",
    "go1.27.3",
];

/// A fenced block of a page.
#[derive(Clone, Debug)]
pub struct Block {
    /// The words behind the fence: `sh`, `text`, `sh not-run`.
    pub info: String,
    /// Its lines, each with its newline.
    pub text: String,
    /// Its first line on the page, counted from 1.
    pub line: usize,
}

/// The fenced blocks of a page, in order.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(info), None) => {
                open = Some(Block {
                    info: info.to_owned(),
                    text: String::new(),
                    line: number + 2,
                });
            }
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    blocks
}

/// The code within the text of a page: what stands between backticks, outside of its blocks.
pub fn code(page: &str) -> Vec<String> {
    let mut text = String::new();
    let mut is_block = false;
    for line in page.lines() {
        if line.starts_with("```") {
            is_block = !is_block;
        } else if !is_block {
            text.push_str(line);
            text.push('\n');
        }
    }
    let mut code = Vec::new();
    // Backticks come in pairs within a paragraph or row, so one that is alone does no harm beyond it.
    for paragraph in text.replace("|\n", "|\n\n").split("\n\n") {
        let spans = paragraph.split('`').skip(1).step_by(2);
        code.extend(spans.map(|span| span.replace('\n', " ").replace("\\|", "|")));
    }
    code
}

/// Whether what was said is what a page shows, in which `…` stands for anything within a line.
pub fn is_shown(said: &str, page: &str) -> bool {
    let (said, page): (Vec<_>, Vec<_>) = (said.lines().collect(), page.lines().collect());
    said.len() == page.len()
        && said
            .iter()
            .zip(page)
            .all(|(said, page)| is_line_shown(said, page))
}

fn is_line_shown(said: &str, page: &str) -> bool {
    let Some((start, rest)) = page.split_once('…') else {
        return said == page;
    };
    let Some(mut said) = said.strip_prefix(start) else {
        return false;
    };
    let mut rest = rest;
    while let Some((part, after)) = rest.split_once('…') {
        let Some((_, left)) = said.split_once(part) else {
            return false;
        };
        said = left;
        rest = after;
    }
    said.ends_with(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_a_page() {
        let found = blocks("# x\n\n```sh\na\nb\n```\ntext\n```text\n```\n");
        assert_eq!(found.len(), 2);
        assert_eq!(
            (&*found[0].info, &*found[0].text, found[0].line),
            ("sh", "a\nb\n", 4)
        );
        assert_eq!((&*found[1].info, &*found[1].text), ("text", ""));
    }

    #[test]
    fn code_of_a_page() {
        let page = "a `b\nc` d\n\n```sh\n`e`\n```\n| `f \\| g` | `h |\n| `i` |\n";
        assert_eq!(code(page), ["b c", "f | g", "h |", "i"]);
    }

    #[test]
    fn the_comparison_can_fail() {
        for (said, page, expected) in [
            ("a b\nx\n", "a …\nx\n", true),
            ("in 2 s", "in … s", true),
            ("anything", "…", true),
            ("1/2 3", "…/… …", true),
            ("a b\n", "a c\n", false),
            ("a\nb\n", "a\n", false),
            ("in 2 m", "in … s", false),
            ("ab", "a", false),
            ("a-b", "…/…", false),
        ] {
            assert_eq!(is_shown(said, page), expected, "{said} {page}");
        }
    }
}

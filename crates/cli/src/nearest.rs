//! The nearest right word for a wrong one.

/// How alike two words must be (Jaro-Winkler, as clap has it for commands and options).
const ALIKE: f64 = 0.8;

/// The word that is most like a wrong one; `None` where none is like it.
pub(crate) fn nearest<'a>(
    wrong: &str,
    words: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let rated = words
        .into_iter()
        .map(|word| (strsim::jaro_winkler(wrong, word), word));
    rated
        .filter(|(rating, _)| *rating > ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, word)| word)
}

//! `cargo xtask vectors`: what real Go binaries selected, observed and written down, against `goshim why --as-go`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::case::{Case, Outcome};
use crate::{Error, product, root};

/// Put the observations of a vector file to goshim, and report what agrees
#[derive(Debug, clap::Args)]
pub struct Vectors {
    /// The file [default: the one of the resolver's tests]
    file: Option<PathBuf>,
}

impl Vectors {
    /// Prints the report.
    ///
    /// # Errors
    /// Where a vector fails.
    pub fn run(&self) -> Result<(), Error> {
        let file = self.file.clone().unwrap_or_else(of_the_project);
        let report = check(&file, &product::build()?.goshim)?;
        print!("{report}");
        report.is_passed()
    }
}

/// The file in the project.
pub fn of_the_project() -> PathBuf {
    root().join("crates/resolver/tests/vectors/toolchain.json")
}

/// The category that is about what cmd/go does after it has started, which no look at the files can tell.
const AFTER_STARTUP: &str = "switches after startup";

#[derive(Debug, Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(Debug, Deserialize)]
struct Vector {
    name: String,
    category: String,
    #[serde(flatten)]
    case: Case,
    expect: Expected,
}

#[derive(Debug, Deserialize)]
struct Expected {
    selected: Option<String>,
    source: Option<String>,
    error_contains: Option<String>,
}

/// How many passed, by category.
#[derive(Debug, Default)]
pub struct Report {
    categories: BTreeMap<String, (usize, usize)>,
    failures: Vec<String>,
    skipped: usize,
}

impl Report {
    /// How many vectors were put to goshim.
    pub fn total(&self) -> usize {
        self.categories.values().map(|(_, total)| total).sum()
    }

    /// Whether none failed.
    ///
    /// # Errors
    /// Where one did, or there were none.
    pub fn is_passed(&self) -> Result<(), Error> {
        if self.total() == 0 {
            return Err(Error("the file has no startup vectors".to_owned()));
        }
        if self.failures.is_empty() {
            return Ok(());
        }
        Err(Error(format!("{} vectors failed", self.failures.len())))
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (category, (passed, total)) in &self.categories {
            writeln!(f, "{passed:>4}/{total:<4} {category}")?;
        }
        let total = self.total();
        writeln!(f, "{:>4}/{total:<4} in all", total - self.failures.len())?;
        if self.skipped > 0 {
            let skipped = self.skipped;
            writeln!(f, "{skipped:>4}      not put: {AFTER_STARTUP}")?;
        }
        for failure in &self.failures {
            writeln!(f, "FAILED {failure}")?;
        }
        Ok(())
    }
}

/// Puts every startup vector of `file` to the program `goshim`.
///
/// # Errors
/// Where the file is no vector file, or a tree cannot be made.
pub fn check(file: &Path, goshim: &Path) -> Result<Report, Error> {
    let File { vectors } = serde_json::from_str(&fs_err::read_to_string(file)?)
        .map_err(|error| Error(format!("{}: {error}", file.display())))?;
    let mut report = Report::default();
    for vector in vectors {
        if vector.category == AFTER_STARTUP {
            report.skipped += 1;
            continue;
        }
        let dir = tempfile::Builder::new().prefix("goshim-").tempdir()?;
        // Another user may have to look at it.
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs_err::set_permissions(dir.path(), permissions)?;
        let root = fs_err::canonicalize(dir.path())?;
        vector.case.lay_out(&root)?;
        let outcome = vector.case.ask_goshim(goshim, &root);
        let (passed, total) = report
            .categories
            .entry(vector.category.clone())
            .or_default();
        *total += 1;
        match vector.judge(&outcome, &root)? {
            None => *passed += 1,
            Some(failure) => report.failures.push(failure),
        }
    }
    Ok(report)
}

impl Vector {
    /// What is wrong with the outcome; `None` where nothing is.
    fn judge(
        &self,
        outcome: &Result<Outcome, Error>,
        root: &Path,
    ) -> Result<Option<String>, Error> {
        let error = self.expect.error_contains.as_deref().unwrap_or_default();
        let error = self.case.place(error, root)?;
        let is_right = match (outcome, &self.expect) {
            (
                Ok(Outcome::Selected(toolchain, source)),
                Expected {
                    selected: Some(expected),
                    source: Some(from),
                    ..
                },
            ) => toolchain == expected && source == from,
            (Ok(Outcome::Refused(message)), Expected { selected: None, .. }) => {
                !error.is_empty() && message.contains(&error)
            }
            _ => false,
        };
        Ok((!is_right).then(|| {
            format!(
                "{}: {} {:?}\n    is       {outcome:?}\n    and not  {:?}",
                self.name, self.case.local_version, self.case.args, self.expect
            )
        }))
    }
}

//! The table of published archives that is compiled into the program. `cargo xtask codegen` makes it of the seeds beside it.
//!
//! It vouches for the official files where the official index cannot be reached, and beside it where it can: the two must agree.

use goshim_resolver::Version;

use crate::index::{Archive, Index, Release};

const TABLE: &str = include_str!("../data/releases.txt");

/// What this program knows of the official releases without asking anybody.
pub(crate) fn index() -> Index {
    let mut releases: Vec<Release> = Vec::new();
    let mut archives: Vec<Archive> = Vec::new();
    let mut current: Option<Version> = None;
    // A line without a blank at its start begins a release; the empty one at the end finishes the last.
    for line in TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .chain([""])
    {
        let Some(archive) = line.strip_prefix(' ') else {
            let archives = std::mem::take(&mut archives);
            releases.extend(
                current
                    .take()
                    .and_then(|version| Release::new(version, archives)),
            );
            current = line.strip_prefix("go").and_then(Version::parse);
            continue;
        };
        let mut fields = archive.split(' ');
        let (name, sha256) = (fields.next().unwrap_or_default(), fields.next());
        let size = fields.next().and_then(|size| size.parse().ok());
        let version = current.as_ref();
        archives.extend(version.and_then(|version| {
            let filename = format!("{}.{name}", version.toolchain());
            Archive::new(version, filename, sha256.unwrap_or_default(), size)
        }));
    }
    Index::new(
        concat!("goshim ", env!("CARGO_PKG_VERSION")).to_owned(),
        releases,
    )
}

/// The stable releases of the table: Go's own, whatever another index offers.
pub fn stable() -> impl Iterator<Item = Version> {
    let names = TABLE.lines().filter_map(|line| line.strip_prefix("go"));
    let versions = names.filter_map(Version::parse);
    versions.filter(|version| !version.is_prerelease())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_is_understood() {
        let lines = |is_archive: bool| {
            let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
            lines
                .filter(|line| line.starts_with(' ') == is_archive)
                .count()
        };
        let index = index();
        assert!(lines(false) > 300, "{}", lines(false));
        assert_eq!(index.releases().len(), lines(false));
        let archives = index
            .releases()
            .iter()
            .map(|release| release.archives.len());
        assert_eq!(archives.sum::<usize>(), lines(true));
    }
}

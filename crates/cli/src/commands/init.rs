//! `goshim init`: a pin for this project, from what its files say already.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use goshim_installer::files;
use goshim_resolver::origin::Place;
use goshim_resolver::{Query, Version, gomod, pin, regular_file, workdir};

use crate::ask::{is_person, says_yes};
use crate::commands::layout::inherit;
use crate::context::Context;
use crate::error::Error;
use crate::output;

/// The arguments of `init`
#[derive(Debug, Args)]
pub struct Init {
    /// Write .goshim.toml instead of .go-version
    #[arg(long)]
    toml: bool,

    /// Write without asking
    #[arg(short, long)]
    yes: bool,
}

/// A line that names a Go.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    place: Place,
    /// As a pin file would say it.
    query: Query,
    /// Its least release, to compare findings.
    version: Version,
    source: Source,
}

/// Where it stands, the strongest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    /// The go line, a floor: its series.
    GoLine,
    /// A workflow, a Dockerfile, a pipeline: what the project is built with.
    Build,
    /// The toolchain line: the project's own word for it.
    ToolchainLine,
}

/// The most bytes of a file that is looked at, and the most workflows.
const MOST_BYTES: u64 = 1 << 20;
const MOST_FILES: usize = 100;

impl Init {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let dir = workdir::work_dir(&context.env, None)?.ok_or(Error::NoWorkingDirectory)?;
        if let Some(there) = pin::NAMES
            .iter()
            .map(|name| dir.join(name))
            .find(|file| fs_err::symlink_metadata(file).is_ok())
        {
            return Err(Error::FileExists(there));
        }
        let findings = findings(&dir);
        for Finding {
            place,
            query,
            source,
            ..
        } in &findings
        {
            let what = if *source == Source::GoLine {
                "requires at least"
            } else {
                "names"
            };
            context.output.talk(&format!("{place} {what} {query}"));
        }
        let Some(best) = best(&findings) else {
            return Err(Error::NothingFound);
        };
        let (name, text) = if self.toml {
            (
                pin::PROJECT_FILE,
                format!("{}[go]\nversion = \"{}\"\n", inherit(context)?, best.query),
            )
        } else {
            (".go-version", format!("{}\n", best.query))
        };
        let mut shown = vec![format!("{name}:")];
        shown.extend(text.lines().map(|line| format!("  {line}")));
        output::lines(&shown).map_err(Error::Unseen)?;
        let is_agreed =
            self.yes || is_person(context.output) && says_yes(&format!("write {name}?"));
        if !is_agreed {
            context
                .output
                .talk("nothing was written: goshim init --yes writes it");
            return Ok(ExitCode::SUCCESS);
        }
        let file = dir.join(name);
        if !files::write_new(&file, &text).map_err(Error::Pin)? {
            return Err(Error::FileExists(file));
        }
        context
            .output
            .talk(&format!("wrote {}", goshim_resolver::escape::path(&file)));
        Ok(ExitCode::SUCCESS)
    }
}

/// The finding to pin: of the strongest source the newest, but never one below the go line, which cmd/go would not accept.
fn best(findings: &[Finding]) -> Option<&Finding> {
    let floor = findings
        .iter()
        .find(|finding| finding.source == Source::GoLine);
    let reaches = |finding: &&Finding| {
        floor.is_none_or(|floor| match &finding.query {
            Query::Series(series) => series.reaches(&floor.version),
            _ => finding.version >= floor.version,
        })
    };
    // Of equal ones the first.
    findings
        .iter()
        .rev()
        .filter(reaches)
        .max_by(|a, b| (a.source, &a.version).cmp(&(b.source, &b.version)))
}

/// Everything in `dir` that names a Go, in a fixed order.
fn findings(dir: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(text) = read(&dir.join("go.mod")) {
        findings.extend(of_module(&dir.join("go.mod"), text.as_bytes()));
    }
    let mut files = workflows(dir);
    files.extend(["Dockerfile", "Containerfile", ".gitlab-ci.yml"].map(|name| dir.join(name)));
    for file in files {
        for (index, line) in read(&file).unwrap_or_default().lines().enumerate() {
            for query in of_line(line) {
                let version = Version::parse(query.to_string().trim_end_matches(".x"));
                let place = Place::of_line(&file, index + 1);
                findings.extend(version.map(|version| Finding {
                    place,
                    query,
                    version,
                    source: Source::Build,
                }));
            }
        }
    }
    findings
}

/// The workflows of GitHub, Forgejo and Gitea, by name.
fn workflows(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = [
        ".github/workflows",
        ".forgejo/workflows",
        ".gitea/workflows",
    ]
    .iter()
    .filter_map(|name| fs_err::read_dir(dir.join(name)).ok())
    .flat_map(|entries| entries.flatten().take(MOST_FILES))
    .map(|entry| entry.path())
    .filter(|file| {
        file.extension()
            .is_some_and(|extension| extension == "yml" || extension == "yaml")
    })
    .collect();
    files.sort();
    files
}

/// A regular file's text; `None` where there is none of a size that such files have.
fn read(file: &Path) -> Option<String> {
    let bytes = regular_file(file, MOST_BYTES)?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The toolchain line and the go line.
fn of_module(file: &Path, data: &[u8]) -> Vec<Finding> {
    let place = |line| Place::of_line(file, line);
    let toolchain = gomod::directive(data, "toolchain").and_then(|directive| {
        let version = Version::from_toolchain(&directive.value)?;
        let query = Query::parse(&directive.value).ok()?;
        Some(Finding {
            place: place(directive.line),
            query,
            version,
            source: Source::ToolchainLine,
        })
    });
    let go = gomod::directive(data, "go").and_then(|directive| {
        let version = Version::parse(&directive.value)?;
        Some(Finding {
            place: place(directive.line),
            query: Query::series_of(&version),
            version,
            source: Source::GoLine,
        })
    });
    // What a toolchain line says counts only from the go line on.
    let is_old = |toolchain: &Finding| go.as_ref().is_some_and(|go| toolchain.version < go.version);
    toolchain
        .filter(|toolchain| !is_old(toolchain))
        .into_iter()
        .chain(go)
        .collect()
}

/// The versions that a line of a workflow, a pipeline or a Dockerfile names.
fn of_line(line: &str) -> Vec<Query> {
    let line = line
        .split(" #")
        .next()
        .unwrap_or_default()
        .trim()
        .trim_start_matches("- ");
    let image = |text: &str| {
        let tag = text.split_once("golang:")?.1;
        let end = tag
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '.'))
            .unwrap_or(tag.len());
        release_or_series(tag.get(..end)?)
    };
    if line
        .get(..5)
        .is_some_and(|word| word.eq_ignore_ascii_case("from "))
    {
        return image(line).into_iter().collect();
    }
    let Some((key, value)) = line.split_once(':') else {
        return Vec::new();
    };
    match key.trim() {
        "image" | "name" | "container" => image(value).into_iter().collect(),
        "go" | "go-version" | "go_version" | "GO_VERSION" => value
            .split(['[', ']', ',', ' '])
            .filter_map(|word| {
                release_or_series(word.trim_matches(['"', '\'', '^', '~', '>', '=']))
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What a pin file may say, where it names a release or a minor. `1` is neither.
fn release_or_series(text: &str) -> Option<Query> {
    let query = Query::parse(text).ok()?;
    (text.contains('.') && matches!(query, Query::Release(_) | Query::Series(_))).then_some(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_ci_and_images() {
        for (line, expected) in [
            ("          go-version: '1.22.10'", &["1.22.10"][..]),
            ("  go-version: 1.22.x # the oldest", &["1.22"]),
            (
                "        go: [ '1.21', \"1.22\", stable ]",
                &["1.21", "1.22"],
            ),
            ("  GO_VERSION: ^1.22", &["1.22"]),
            ("          go-version-file: go.mod", &[]),
            ("          go-version: ${{ matrix.go }}", &[]),
            ("          go-version: stable", &[]),
            ("FROM golang:1.22.10-alpine3.20 AS build", &["1.22.10"]),
            (
                "FROM --platform=$BUILDPLATFORM docker.io/library/golang:1.22@sha256:00",
                &["1.22"],
            ),
            ("FROM golang:latest", &[]),
            ("from golang:1.22", &["1.22"]),
            ("FROM mygolang", &[]),
            ("image: golang:1.22-bookworm", &["1.22"]),
            ("    - name: registry.example/golang:1.21.13", &["1.21.13"]),
            ("node-version: 22.1", &[]),
            ("# go-version: 1.20", &[]),
            ("go-version: ../../x", &[]),
        ] {
            let found: Vec<String> = of_line(line).iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{line}");
        }
    }
}

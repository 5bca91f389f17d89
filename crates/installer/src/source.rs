//! Where the index and the files come from. Only the user's environment and configuration say so, never a project.

use std::path::{Path, PathBuf};

use goshim_resolver::escape;
use goshim_resolver::settings::Config;
use goshim_resolver::{Env, variables};
use reqwest::Url;

use crate::error::Error;

/// The official index, and with its directory the official files.
pub const OFFICIAL: &str = "https://go.dev/dl/";

/// The name of an index in a directory.
const INDEX_FILE: &str = "index.json";

/// A place that bytes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// A server.
    Web(Url),
    /// A file or directory of this machine.
    Disk(PathBuf),
}

/// The addresses.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The index: what it says vouches for the files.
    pub(crate) index: Location,
    /// Whether that is the official one, with the table in this program beside it.
    pub(crate) is_official: bool,
    /// The directories of the files, in the order in which they are tried.
    pub(crate) mirrors: Vec<Location>,
}

impl Sources {
    /// From `GOSHIM_INDEX_URL` and `GOSHIM_MIRROR`, else the user's configuration, else the official ones.
    ///
    /// # Errors
    /// An address that is neither http, https nor a file's.
    pub fn new(env: &Env, config: &Config) -> Result<Self, Error> {
        let named = match (env.text(variables::INDEX_URL), &config.index) {
            (Some(address), _) => Some((variables::INDEX_URL, address)),
            (None, Some(address)) => Some(("index in config.toml", address.clone())),
            (None, None) => None,
        };
        let is_official = named.is_none();
        let (what, address) = named.unwrap_or(("the index", OFFICIAL.to_owned()));
        let (index, beside) = whole_index(Location::parse(what, &address)?);
        let (what, mirrors) = match (env.text(variables::MIRROR), &config.mirrors) {
            (Some(addresses), _) => (
                variables::MIRROR,
                addresses
                    .split(',')
                    .map(|address| address.trim().to_owned())
                    .collect(),
            ),
            (None, Some(addresses)) => ("mirrors in config.toml", addresses.clone()),
            (None, None) => ("", Vec::new()),
        };
        let mirrors = mirrors
            .iter()
            .map(|address| Ok(Location::parse(what, address)?.directory()))
            .collect::<Result<Vec<_>, Error>>()?;
        Ok(Self {
            index,
            is_official,
            mirrors: if mirrors.is_empty() {
                vec![beside]
            } else {
                mirrors
            },
        })
    }

    /// Whether nothing but the index is on a network.
    pub(crate) fn are_local(&self) -> bool {
        self.mirrors
            .iter()
            .all(|mirror| matches!(mirror, Location::Disk(_)))
    }

    /// The index's address for people, without credentials.
    pub fn index_shown(&self) -> String {
        self.index.shown()
    }
}

impl Location {
    /// The place that the user's `address` means; `what` names the variable or setting.
    fn parse(what: &'static str, address: &str) -> Result<Self, Error> {
        if Path::new(address).is_absolute() {
            return Ok(Self::Disk(address.into()));
        }
        let invalid = || Error::Address {
            what,
            value: address.rsplit('@').next().unwrap_or_default().to_owned(),
        };
        // A list in one text parses as one address with a comma in it.
        let is_list = ["http:", "https:", "file:"].iter().any(|start| {
            let mut others = address.split(',').skip(1);
            others.any(|other| other.trim_start().starts_with(start))
        });
        if is_list {
            return Err(Error::SeveralAddresses {
                what,
                value: escape::without_passwords(address),
            });
        }
        let url = Url::parse(address).map_err(|_| invalid())?;
        match url.scheme() {
            "http" | "https" if url.has_host() => Ok(Self::Web(url)),
            "file" => url.to_file_path().map(Self::Disk).map_err(|()| invalid()),
            _ => Err(invalid()),
        }
    }

    /// The place as a directory, whose files are named below it.
    fn directory(self) -> Self {
        match self {
            Self::Web(url) => Self::Web(directory(url)),
            Self::Disk(path) => Self::Disk(path),
        }
    }

    /// A file of this directory.
    pub(crate) fn file(&self, name: &str) -> Self {
        match self {
            Self::Web(base) => {
                let mut url = base.clone();
                url.set_path(&format!("{}{name}", base.path()));
                Self::Web(url)
            }
            Self::Disk(dir) => Self::Disk(dir.join(name)),
        }
    }

    /// It for people and receipts: without credentials, and without what could steer a terminal.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Web(url) => shown(url),
            Self::Disk(path) => escape::path(path),
        }
    }
}

/// The index that a location means, and the directory that it lies in.
fn whole_index(location: Location) -> (Location, Location) {
    match location {
        Location::Web(mut url) => {
            let beside = base(&url);
            let is_whole = url.query().is_some() || url.path().ends_with(".json");
            if !is_whole {
                url = directory(url);
                url.set_query(Some("mode=json&include=all"));
            }
            (Location::Web(url), Location::Web(beside))
        }
        Location::Disk(path) if path.is_dir() => {
            (Location::Disk(path.join(INDEX_FILE)), Location::Disk(path))
        }
        Location::Disk(path) => {
            let beside = path.parent().unwrap_or(&path).to_owned();
            (Location::Disk(path), Location::Disk(beside))
        }
    }
}

/// The address with a slash at its end: a directory, whose files are named below it.
fn directory(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    url
}

/// The directory in which an index lies.
fn base(index: &Url) -> Url {
    let mut url = index.clone();
    url.set_query(None);
    if url.path().ends_with(".json") {
        let directory = url
            .path()
            .rsplit_once('/')
            .map_or("/", |(directory, _)| directory)
            .to_owned();
        url.set_path(&directory);
    }
    directory(url)
}

/// An address without the user's name, password and query, for people and receipts.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // An address without a host has no credentials either; ours all have one.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    escape::text(url.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(index: Option<&str>, mirror: Option<&str>) -> Result<(String, Vec<String>), String> {
        let mut env = Env::default();
        for (name, value) in [(variables::INDEX_URL, index), (variables::MIRROR, mirror)] {
            if let Some(value) = value {
                env = env.with(name, value);
            }
        }
        let sources = Sources::new(&env, &Config::default()).map_err(|error| error.to_string())?;
        let text = |location: &Location| match location {
            Location::Web(url) => url.to_string(),
            Location::Disk(path) => path.display().to_string(),
        };
        let files = sources
            .mirrors
            .iter()
            .map(|mirror| text(&mirror.file("f")))
            .collect();
        assert_eq!(sources.is_official, index.is_none());
        Ok((text(&sources.index), files))
    }

    const ALL: &str = "https://go.dev/dl/?mode=json&include=all";

    #[test]
    fn files_lie_beside_the_index_unless_mirrors_are_named() {
        for (index, mirror, expected_index, expected_files) in [
            (None, None, ALL, &["https://go.dev/dl/f"][..]),
            (
                Some("http://h/dl"),
                None,
                "http://h/dl/?mode=json&include=all",
                &["http://h/dl/f"],
            ),
            (
                Some("http://h/a/index.json"),
                None,
                "http://h/a/index.json",
                &["http://h/a/f"],
            ),
            (
                Some("http://h/?x=1"),
                None,
                "http://h/?x=1",
                &["http://h/f"],
            ),
            (None, Some("https://m/golang"), ALL, &["https://m/golang/f"]),
            (
                None,
                Some("https://m/golang, file:///srv/a%20b,/srv/go"),
                ALL,
                &["https://m/golang/f", "/srv/a b/f", "/srv/go/f"],
            ),
            (
                Some("/srv/go/all.json"),
                None,
                "/srv/go/all.json",
                &["/srv/go/f"],
            ),
        ] {
            let (index, files) = sources(index, mirror).unwrap();
            assert_eq!(
                (index.as_str(), &files[..]),
                (
                    expected_index,
                    &expected_files
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()[..]
                )
            );
        }
    }

    #[test]
    fn other_schemes_are_refused_and_passwords_not_shown() {
        for address in [
            "ftp://u:secret@h/",
            "u:secret@h",
            "file://u:secret@h/x",
            "relative/x",
            "http://",
        ] {
            let refused = sources(Some(address), None).unwrap_err();
            assert!(!refused.contains("secret"), "{refused}");
            let list = format!("https://h/,{address}");
            let refused = sources(None, Some(&list)).unwrap_err();
            assert!(!refused.contains("secret"), "{refused}");
        }
        assert_eq!(
            shown(&Url::parse("https://u:secret@h/dl/?token=x#y").unwrap()),
            "https://h/dl/"
        );
    }
}

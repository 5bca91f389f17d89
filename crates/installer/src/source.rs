//! Where the index and the files come from. Only the user's environment and configuration say so, never a project.

use goshim_resolver::settings::Config;
use goshim_resolver::{Env, variables};
use reqwest::Url;

use crate::error::Error;

/// The official index, and with its directory the official files.
pub const OFFICIAL: &str = "https://go.dev/dl/";

/// The two addresses.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The index, whole: what it says vouches for the files.
    pub(crate) index: Url,
    /// The base of the files.
    pub(crate) files: Url,
}

impl Sources {
    /// From `GOSHIM_INDEX_URL` and `GOSHIM_MIRROR`, else the user's configuration, else the official ones.
    ///
    /// # Errors
    /// An address that is not http or https.
    pub fn new(env: &Env, config: &Config) -> Result<Self, Error> {
        let named = |variable: &'static str, setting: &'static str, value: Option<&String>| match (
            env.text(variable),
            value,
        ) {
            (Some(value), _) => Some((variable, value)),
            (None, Some(value)) => Some((setting, value.clone())),
            (None, None) => None,
        };
        let (what, address) = named(
            variables::INDEX_URL,
            "index in config.toml",
            config.index.as_ref(),
        )
        .unwrap_or(("the index", OFFICIAL.to_owned()));
        let mut index = parse(what, &address)?;
        let files = match named(
            variables::MIRROR,
            "mirror in config.toml",
            config.mirror.as_ref(),
        ) {
            Some((what, address)) => directory(parse(what, &address)?),
            None => base(&index),
        };
        let is_whole = index.query().is_some() || index.path().ends_with(".json");
        if !is_whole {
            index = directory(index);
            index.set_query(Some("mode=json&include=all"));
        }
        Ok(Self { index, files })
    }

    /// The address of a file.
    pub(crate) fn file(&self, name: &str) -> Url {
        let mut url = self.files.clone();
        url.set_path(&format!("{}{name}", self.files.path()));
        url
    }

    /// The index's address for people, without credentials.
    pub fn index_shown(&self) -> String {
        shown(&self.index)
    }
}

fn parse(what: &'static str, address: &str) -> Result<Url, Error> {
    let invalid = || Error::Address {
        what,
        value: address.rsplit('@').next().unwrap_or_default().to_owned(),
    };
    let url = Url::parse(address).map_err(|_| invalid())?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(url)
    } else {
        Err(invalid())
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
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(index: Option<&str>, mirror: Option<&str>) -> Result<(String, String), String> {
        let mut env = Env::default();
        for (name, value) in [(variables::INDEX_URL, index), (variables::MIRROR, mirror)] {
            if let Some(value) = value {
                env = env.with(name, value);
            }
        }
        let sources = Sources::new(&env, &Config::default()).map_err(|error| error.to_string())?;
        Ok((sources.index.to_string(), sources.file("f").to_string()))
    }

    #[test]
    fn files_lie_beside_the_index_unless_a_mirror_is_named() {
        for (index, mirror, expected) in [
            (
                None,
                None,
                (
                    "https://go.dev/dl/?mode=json&include=all",
                    "https://go.dev/dl/f",
                ),
            ),
            (
                Some("http://h/dl"),
                None,
                ("http://h/dl/?mode=json&include=all", "http://h/dl/f"),
            ),
            (
                Some("http://h/a/index.json"),
                None,
                ("http://h/a/index.json", "http://h/a/f"),
            ),
            (Some("http://h/?x=1"), None, ("http://h/?x=1", "http://h/f")),
            (
                None,
                Some("https://m/golang"),
                (
                    "https://go.dev/dl/?mode=json&include=all",
                    "https://m/golang/f",
                ),
            ),
        ] {
            let (index, file) = sources(index, mirror).unwrap();
            assert_eq!((index.as_str(), file.as_str()), expected);
        }
    }

    #[test]
    fn other_schemes_are_refused_and_passwords_not_shown() {
        for address in ["ftp://u:secret@h/", "u:secret@h", "file:///x", "/x"] {
            let error = sources(Some(address), None).unwrap_err();
            assert!(!error.contains("secret"), "{error}");
        }
        assert_eq!(
            shown(&Url::parse("https://u:secret@h/dl/?token=x").unwrap()),
            "https://h/dl/"
        );
    }
}

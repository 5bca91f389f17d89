//! go's own settings file, which `go env -w` writes (`cmd/go/internal/cfg/cfg.go`, `initEnvCache` and `EnvFile`).

use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::error::Error;
use crate::origin::Place;
use crate::read::{self, Found};

/// What the file says; empty where there is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct GoEnvFile {
    entries: Vec<(String, String, Place)>,
}

impl GoEnvFile {
    /// Reads `$GOENV` (`off`: none; a relative one is found from `work_dir`), else `go/env` below the user's configuration directory.
    ///
    /// # Errors
    /// Where the file is there and cannot be read.
    pub(crate) fn read(env: &Env, work_dir: Option<&Path>) -> Result<Self, Error> {
        let Some(file) = Self::path(env, work_dir) else {
            return Ok(Self::default());
        };
        let Found::File(bytes) = read::read(&file, read::SETTINGS_CAP)? else {
            return Ok(Self::default());
        };
        let entries = bytes
            .split(|byte| *byte == b'\n')
            .enumerate()
            .filter_map(|(index, line)| {
                // The value is verbatim, a carriage return included; lines that do not begin with a capital letter are ignored.
                let line = String::from_utf8_lossy(line);
                let (key, value) = line.split_once('=')?;
                key.starts_with(|c: char| c.is_ascii_uppercase()).then(|| {
                    let place = Place {
                        file: file.clone(),
                        line: index + 1,
                    };
                    (key.to_owned(), value.to_owned(), place)
                })
            });
        Ok(Self {
            entries: entries.collect(),
        })
    }

    /// Where the file is: `os.UserConfigDir`, in which a relative `XDG_CONFIG_HOME` means no directory at all.
    fn path(env: &Env, work_dir: Option<&Path>) -> Option<PathBuf> {
        if let Some(goenv) = env.var("GOENV") {
            let file = PathBuf::from(goenv);
            return (goenv != "off").then(|| work_dir.map_or(file.clone(), |dir| dir.join(&file)));
        }
        let home = || env.var("HOME").map(PathBuf::from);
        let config = if cfg!(windows) {
            env.var("AppData").map(PathBuf::from)
        } else if cfg!(target_os = "macos") {
            home().map(|home| home.join("Library/Application Support"))
        } else if let Some(xdg) = env.var("XDG_CONFIG_HOME").map(PathBuf::from) {
            xdg.is_absolute().then_some(xdg)
        } else {
            home().map(|home| home.join(".config"))
        };
        config.map(|dir| dir.join("go/env"))
    }

    /// The last entry for `key`, with its line. The value may be empty, which for cmd/go is a value.
    pub(crate) fn entry(&self, key: &str) -> Option<(&str, &Place)> {
        self.entries
            .iter()
            .rev()
            .find(|(name, ..)| name == key)
            .map(|(_, value, place)| (value.as_str(), place))
    }

    /// A setting as cmd/go sees it: a variable that is not empty, else this file's entry (`cfg.Getenv`).
    pub(crate) fn setting(&self, env: &Env, key: &str) -> Option<String> {
        env.text(key)
            .or_else(|| self.entry(key).map(|(value, _)| value.to_owned()))
            .filter(|value| !value.is_empty())
    }
}

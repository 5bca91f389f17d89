//! go's own settings: the file that `go env -w` writes, and `$GOROOT/go.env` (`cmd/go/internal/cfg/cfg.go`: `EnvFile`, `initEnvCache`, `Getenv`).

use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::era::Era;
use crate::error::Error;
use crate::layout::native;
use crate::origin::Place;
use crate::read::{self, Found};
use crate::workdir::clean;

/// What the files say; empty where there are none.
#[derive(Clone, Debug, Default)]
pub(crate) struct GoEnv {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    key: String,
    value: String,
    place: Place,
}

impl GoEnv {
    /// Reads the user's file: `$GOENV` (`off`: none), else `go/env` below the user's configuration directory.
    ///
    /// A relative name is found from the directory that go was started in: the file is read before `-C` is obeyed.
    ///
    /// # Errors
    /// Where the file is there and cannot be read.
    pub(crate) fn read(env: &Env, era: Era) -> Result<Self, Error> {
        let entries = match user_file(env, era) {
            Some(file) => entries(env, &file)?,
            None => Vec::new(),
        };
        Ok(Self { entries })
    }

    /// Adds `$GOROOT/go.env`, whose entries count where there is none of that name before them: not in the user's file, where an empty one is one,
    /// and not further up in the same file.
    ///
    /// GOROOT is the user file's, else the environment's. Without one, the file is the one that Go is published with, which sets
    /// `GOTOOLCHAIN=auto`.
    ///
    /// # Errors
    /// Where the file is there and cannot be read.
    pub(crate) fn add_goroot_file(&mut self, env: &Env) -> Result<(), Error> {
        let goroot = self
            .named_goroot()
            .or_else(|| env.var("GOROOT").map(PathBuf::from));
        let of_goroot = match goroot {
            // `filepath.Join` cleans: `..` is not looked up.
            Some(goroot) => entries(env, &clean(&env.absolute(&goroot)).join("go.env"))?,
            None => vec![Entry {
                key: "GOTOOLCHAIN".to_owned(),
                value: "auto".to_owned(),
                place: Place::of_line("$GOROOT/go.env", 1),
            }],
        };
        for entry in of_goroot {
            if self.entry(&entry.key).is_none() {
                self.entries.push(entry);
            }
        }
        Ok(())
    }

    /// The GOROOT that the user's file names.
    fn named_goroot(&self) -> Option<PathBuf> {
        let (value, _) = self
            .entry("GOROOT")
            .filter(|(value, _)| !value.is_empty())?;
        Some(PathBuf::from(value))
    }

    /// GOROOT as cmd/go spells it (`cfg.GOROOT`): the variable as it is, else the user file's, cleaned. `None` where it is found by the program's
    /// own place.
    pub(crate) fn goroot(&self, env: &Env) -> Option<PathBuf> {
        env.var("GOROOT").map(PathBuf::from).or_else(|| {
            self.named_goroot()
                .map(|goroot| clean(&env.absolute(&goroot)))
        })
    }

    /// The last entry for `key`, with its line. The value may be empty, which for cmd/go is a value.
    pub(crate) fn entry(&self, key: &str) -> Option<(&str, &Place)> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.key == key)
            .map(|entry| (entry.value.as_str(), &entry.place))
    }

    /// A setting as cmd/go sees it: a variable that is not empty, else the files' entry (`cfg.Getenv`).
    pub(crate) fn setting(&self, env: &Env, key: &str) -> Option<String> {
        env.text(key)
            .or_else(|| self.entry(key).map(|(value, _)| value.to_owned()))
            .filter(|value| !value.is_empty())
    }
}

/// The entries of a settings file; none where there is no such file.
fn entries(env: &Env, file: &Path) -> Result<Vec<Entry>, Error> {
    let file = env.absolute(file);
    if env.is_hidden(&file) {
        return Ok(Vec::new());
    }
    let Found::File(bytes, _) = read::read(&file, read::MODULE_FILE_CAP)? else {
        return Ok(Vec::new());
    };
    let lines = bytes.split(|byte| *byte == b'\n').enumerate();
    let entries = lines.filter_map(|(index, line)| {
        // The value is verbatim, a carriage return included; lines that do not begin with a capital letter are ignored.
        let line = String::from_utf8_lossy(line);
        let (key, value) = line.split_once('=')?;
        key.starts_with(|c: char| c.is_ascii_uppercase())
            .then(|| Entry {
                key: key.to_owned(),
                value: value.to_owned(),
                place: Place::of_line(&file, index + 1),
            })
    });
    Ok(entries.collect())
}

/// Where the user's file is (`os.UserConfigDir`). With a relative `XDG_CONFIG_HOME` Go 1.27 has no file at all; 1.21 and 1.22 find it from
/// the directory that go was started in.
pub(crate) fn user_file(env: &Env, era: Era) -> Option<PathBuf> {
    if let Some(goenv) = env.var("GOENV") {
        return (goenv != "off").then(|| PathBuf::from(goenv));
    }
    let home = || env.var("HOME").map(PathBuf::from);
    let config = if cfg!(windows) {
        env.var("AppData").map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Application Support"))
    } else if let Some(xdg) = env.var("XDG_CONFIG_HOME").map(PathBuf::from) {
        (xdg.is_absolute() || era < Era::Go127).then_some(xdg)
    } else {
        home().map(|home| home.join(".config"))
    };
    // `filepath.Join` cleans: `..` is not looked up. GOENV above is taken as it is.
    config.map(|dir| clean(&env.absolute(&dir)).join(native("go/env")))
}

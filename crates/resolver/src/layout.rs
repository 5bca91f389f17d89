//! Every path that goshim keeps, drawn once. No other file joins these names.
//!
//! ```text
//! $GOSHIM_HOME
//!   sdks/go1.22.10/            an SDK, complete and verified: the presence of the directory is the state
//!   sdks/go1.22.10.linux-386/  an SDK for another platform; so with receipts, manifests and locks
//!   receipts/go1.22.10.toml    where it came from
//!   manifests/go1.22.10        the sha256 of each of its files
//!   downloads/<sha256>.part    bytes received so far
//!   index/                     the last copy of each index
//!   locks/go1.22.10            held (flock) while that SDK is being changed
//!   staging/  trash/           SDKs on their way in and out; swept by the next run
//!   links/tip                  the absolute path of a linked SDK, one line
//!   layouts/                   GOPATH and GOBIN of projects, GOPATH of SDKs
//!   shims/                     what PATH names: go, gofmt, go1.22.10 …, goshim
//! state directory
//!   default                    the user's default query, one line
//!   trust/<id>                 a project's settings that the user trusts
//!   projects                   directories that chose a Go, one a line: `goshim prune` keeps what they need
//! ```

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::error::Error;
use crate::linked;
use crate::platform::Platform;
use crate::settings::Config;
use crate::variables;
use crate::version::Version;

/// The directories of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    home: PathBuf,
    state: PathBuf,
    config: PathBuf,
    machine_config: PathBuf,
    /// `None` for this machine.
    platform: Option<Platform>,
    /// Stores that are looked up after this one.
    further: Vec<PathBuf>,
}

impl Layout {
    /// Finds the directories: `GOSHIM_HOME`, else the XDG directories or their defaults below the home directory.
    ///
    /// # Errors
    /// Where `GOSHIM_HOME` or `GOSHIM_MACHINE_CONFIG` is relative, or neither the first nor an absolute home directory is there.
    pub fn new(env: &Env) -> Result<Self, Error> {
        let user_home = env.absolute_home();
        let base = |variable: &str, fallback: &str| {
            // The XDG specification: a relative value is ignored.
            let from_variable = env
                .var(variable)
                .map(PathBuf::from)
                .filter(|dir| dir.is_absolute());
            from_variable
                .or_else(|| user_home.map(|home| home.join(native(fallback))))
                .map(|dir| dir.join("goshim"))
        };
        let (data_variable, data_fallback) = if cfg!(windows) {
            ("LOCALAPPDATA", "AppData/Local")
        } else {
            ("XDG_DATA_HOME", ".local/share")
        };
        let config = base("XDG_CONFIG_HOME", ".config").map(|dir| dir.join("config.toml"));
        let machine_config = machine_config(env)?;
        if let Some(home) = env.var(variables::HOME).map(PathBuf::from) {
            if !home.is_absolute() {
                return Err(Error::Relative {
                    variable: variables::HOME,
                    value: home,
                });
            }
            let config = config.unwrap_or_else(|| home.join("config.toml"));
            return Ok(Self {
                state: home.join("state"),
                config,
                machine_config,
                home,
                platform: None,
                further: Vec::new(),
            });
        }
        match (
            base(data_variable, data_fallback),
            base("XDG_STATE_HOME", ".local/state"),
            config,
        ) {
            (Some(home), Some(state), Some(config)) => Ok(Self {
                home,
                state,
                config,
                machine_config,
                platform: None,
                further: Vec::new(),
            }),
            _ => Err(Error::NoHome),
        }
    }

    /// The same store, where SDKs are those for `platform`: their names have it behind the version unless it is this machine's.
    #[must_use]
    pub fn for_platform(&self, platform: Platform) -> Self {
        Self {
            platform: (platform != Platform::host()).then_some(platform),
            ..self.clone()
        }
    }

    /// The same store, with the further ones of the configuration.
    #[must_use]
    pub fn with_stores(&self, config: &Config) -> Self {
        Self {
            further: config.stores.clone().unwrap_or_default(),
            ..self.clone()
        }
    }

    /// The further stores, as layouts of their own: they are looked up after this one, and never written.
    pub fn further(&self) -> impl Iterator<Item = Self> + '_ {
        self.further.iter().map(|home| Self {
            home: home.clone(),
            further: Vec::new(),
            ..self.clone()
        })
    }

    /// The platform of the SDKs that this layout is about.
    pub fn platform(&self) -> Platform {
        self.platform.unwrap_or_else(Platform::host)
    }

    /// The name of an SDK in the store: `go1.22.10`, or `go1.22.10.linux-386` for another platform.
    pub fn name(&self, version: &Version) -> String {
        let toolchain = version.toolchain();
        self.platform.map_or_else(
            || toolchain.clone(),
            |platform| format!("{toolchain}.{}", platform.name()),
        )
    }

    /// The SDK of this layout's platform that has a name in the store; the reverse of [`Layout::name`].
    pub fn version_named(&self, name: &str) -> Option<Version> {
        let toolchain = match self.platform {
            None => name,
            Some(platform) => name.strip_suffix(&platform.name())?.strip_suffix('.')?,
        };
        Version::parse(toolchain.strip_prefix("go")?)
    }

    /// The SDK that has a name in this store, for whichever platform, with the layout of its platform.
    pub fn named(&self, name: &str) -> Option<(Self, Version)> {
        let platform = name
            .rsplit_once('.')
            .and_then(|(_, platform)| Platform::from_name(platform));
        let layout = self.for_platform(platform.unwrap_or_else(Platform::host));
        let version = layout.version_named(name)?;
        // Only the one spelling that the store itself uses.
        (layout.name(&version) == name).then_some((layout, version))
    }

    /// The store itself.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The directory of the installed SDKs.
    pub fn sdks(&self) -> PathBuf {
        self.home.join("sdks")
    }

    /// The root (GOROOT) of an SDK. Only a [`Version`] and a [`Platform`] can form this path.
    pub fn sdk(&self, version: &Version) -> PathBuf {
        self.home.join("sdks").join(self.name(version))
    }

    /// The receipt of an SDK.
    pub fn receipt(&self, version: &Version) -> PathBuf {
        self.home
            .join("receipts")
            .join(format!("{}.toml", self.name(version)))
    }

    /// The manifest of an SDK.
    pub fn manifest(&self, version: &Version) -> PathBuf {
        self.home.join("manifests").join(self.name(version))
    }

    /// The file that is locked while an SDK is being changed.
    pub fn lock(&self, version: &Version) -> PathBuf {
        self.home.join("locks").join(self.name(version))
    }

    /// Where partial downloads lie.
    pub fn downloads(&self) -> PathBuf {
        self.home.join("downloads")
    }

    /// Where copies of indexes lie.
    pub fn index(&self) -> PathBuf {
        self.home.join("index")
    }

    /// Where SDKs are unpacked, on the same file system as [`Layout::sdks`].
    pub fn staging(&self) -> PathBuf {
        self.home.join("staging")
    }

    /// Where SDKs go before they are deleted.
    pub fn trash(&self) -> PathBuf {
        self.home.join("trash")
    }

    /// Where the links to SDKs of the user's own lie.
    pub fn links(&self) -> PathBuf {
        self.home.join("links")
    }

    /// The file that says where a linked SDK is. Only a [`linked::Name`] can form this path.
    pub fn link(&self, name: &linked::Name) -> PathBuf {
        self.links().join(name.as_str())
    }

    /// The directory that PATH names.
    pub fn shims(&self) -> PathBuf {
        self.home.join("shims")
    }

    /// Everything in the store that is goshim's own, there or not. The store's own directory may be anybody's: `GOSHIM_HOME` names it.
    pub fn contents(&self) -> Vec<PathBuf> {
        let names = [
            "shims",
            "sdks",
            "receipts",
            "manifests",
            "downloads",
            "index",
            "locks",
            "staging",
            "trash",
            "links",
            "layouts",
        ];
        names.map(|name| self.home.join(name)).into()
    }

    /// The directory of the state.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The user's default, one line, as `goshim default` wrote it.
    pub fn default_file(&self) -> PathBuf {
        self.state.join("default")
    }

    /// The known projects, a path on each line, as commands recorded them.
    pub fn projects(&self) -> PathBuf {
        self.state.join("projects")
    }

    /// The user's configuration.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The machine's configuration, below the user's.
    pub fn machine_config(&self) -> &Path {
        &self.machine_config
    }

    /// The records of trust, a file each.
    pub fn trust(&self) -> PathBuf {
        self.state.join("trust")
    }

    /// The directories of layouts: GOPATH and GOBIN of a project, or GOPATH of a Go.
    pub fn layouts(&self) -> PathBuf {
        self.home.join("layouts")
    }
}

/// A path of goshim's own with the separator of this system: names with `/` in them would be shown, and be in a GOROOT.
pub(crate) fn native(path: &str) -> Cow<'_, Path> {
    if cfg!(windows) {
        Path::new(path).components().collect::<PathBuf>().into()
    } else {
        Path::new(path).into()
    }
}

/// Where the machine's configuration is, unless the user names another one. A relative name would let the working directory configure goshim.
fn machine_config(env: &Env) -> Result<PathBuf, Error> {
    match env.var(variables::MACHINE_CONFIG).map(PathBuf::from) {
        Some(file) if file.is_absolute() => Ok(file),
        Some(value) => Err(Error::Relative {
            variable: variables::MACHINE_CONFIG,
            value,
        }),
        None if cfg!(windows) => {
            let base = env.var("ProgramData").map(PathBuf::from);
            let base = base.filter(|base| base.is_absolute());
            Ok(base
                .unwrap_or_else(|| r"C:\ProgramData".into())
                .join(native("goshim/config.toml")))
        }
        None => Ok("/etc/goshim/config.toml".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env() -> Env {
        Env {
            home: Some("/home/u".into()),
            ..Env::default()
        }
    }

    #[test]
    fn defaults_below_the_home_directory() {
        let layout = Layout::new(&env()).unwrap();
        assert_eq!(layout.home(), Path::new("/home/u/.local/share/goshim"));
        assert_eq!(
            layout.default_file(),
            Path::new("/home/u/.local/state/goshim/default")
        );
        assert_eq!(
            layout.config(),
            Path::new("/home/u/.config/goshim/config.toml")
        );
    }

    #[test]
    fn variables_move_them() {
        let layout = Layout::new(
            &env()
                .with("XDG_DATA_HOME", "/d")
                .with("XDG_STATE_HOME", "relative"),
        )
        .unwrap();
        assert_eq!(layout.home(), Path::new("/d/goshim"));
        assert_eq!(
            layout.default_file(),
            Path::new("/home/u/.local/state/goshim/default"),
            "relative values are ignored"
        );
        let layout = Layout::new(&env().with("GOSHIM_HOME", "/g")).unwrap();
        assert_eq!(layout.default_file(), Path::new("/g/state/default"));
        assert_eq!(
            layout.sdk(&Version::parse("1.22.10").unwrap()),
            Path::new("/g/sdks/go1.22.10")
        );
    }

    #[test]
    fn a_home_is_needed_and_must_be_absolute() {
        assert!(matches!(Layout::new(&Env::default()), Err(Error::NoHome)));
        for variable in ["GOSHIM_HOME", "GOSHIM_MACHINE_CONFIG"] {
            assert!(matches!(
                Layout::new(&env().with(variable, "x")),
                Err(Error::Relative { .. })
            ));
        }
        assert!(
            Layout::new(&Env::default().with("GOSHIM_HOME", "/g")).is_ok(),
            "GOSHIM_HOME is enough"
        );
    }

    #[test]
    fn names_of_foreign_sdks_are_read_back() {
        let layout = Layout::new(&env()).unwrap();
        let version = Version::parse("1.22.10").unwrap();
        let plan9 = Platform::parse("plan9", "arm").unwrap();
        let foreign = layout.for_platform(plan9);
        assert_eq!(foreign.name(&version), "go1.22.10.plan9-arm");
        assert!(
            foreign
                .lock(&version)
                .ends_with("locks/go1.22.10.plan9-arm")
        );
        assert_eq!(
            layout.named("go1.22.10.plan9-arm"),
            Some((foreign.clone(), version.clone()))
        );
        assert_eq!(
            foreign.named("go1.22.10"),
            Some((layout.clone(), version.clone()))
        );
        let host = layout.for_platform(Platform::host());
        assert_eq!((&host, &*host.name(&version)), (&layout, "go1.22.10"));
        for name in [
            "",
            "go",
            "1.22.10",
            "go1.22.10.linux",
            "go1.22.10.linux-z80",
            "go1.22.10.linux-armv6l",
            "gotip",
        ] {
            assert_eq!(layout.named(name), None, "{name}");
        }
        let own = format!("go1.22.10.{}", Platform::host().name());
        assert_eq!(layout.named(&own), None, "one name for one SDK");
    }
}

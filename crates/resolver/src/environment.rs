//! The variables that goshim sets for a go command, beside GOROOT and GOTOOLCHAIN: those of the project's file, of its layout, and of the user's
//! configuration.
//!
//! What the user exported always wins, then the project, the user's configuration, the machine's. The child's own go commands, perhaps in another project,
//! must not take goshim's variables for the user's: [`variables::SET`] names them, each with a digest of its value, so that one which was changed on the
//! way counts as the user's again.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::env::{Env, is_name};
use crate::error::Error;
use crate::escape;
use crate::goenv::GoEnv;
use crate::layout;
use crate::origin::Place;
use crate::platform::Platform;
use crate::project::{LayoutKind, Project, is_profile_name};
use crate::settings::{Config, Untrusted, is_variable_name};
use crate::tiers::{Tier, Value};
use crate::trust::{self, Request};
use crate::variables;
use crate::version::Version;
use crate::workdir::clean;

/// A variable for the child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: OsString,
    /// Who says so.
    pub source: Source,
}

/// Who sets a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A line of `.goshim.toml`.
    Project(Place),
    /// A layout: the line that asks for it, or the configuration.
    Layout(Option<Place>),
    /// The user's or the machine's `config.toml`.
    Config(PathBuf),
    /// goshim, because settings of this file are left out.
    Untrusted(PathBuf),
    /// The Go that was selected.
    Selection,
    /// goshim, so that cmd/go stays with the selection.
    Hold,
    /// goshim, for the shims that the child may call.
    Goshim,
}

impl Source {
    /// The word for this kind in JSON; stable.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Project(_) => "project",
            Self::Layout(_) => "layout",
            Self::Config(_) => "config",
            Self::Untrusted(_) => "untrusted",
            Self::Selection => "selection",
            Self::Hold => "hold",
            Self::Goshim => "goshim",
        }
    }

    /// The file that says so; `None` where no file does.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Project(place) | Self::Layout(Some(place)) => Some(&place.file),
            Self::Config(file) | Self::Untrusted(file) => Some(file),
            Self::Layout(None) | Self::Selection | Self::Hold | Self::Goshim => None,
        }
    }

    /// Where in the file, as far as that is known.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Project(place) => Some(place),
            Self::Layout(place) => place.as_ref(),
            _ => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(place) => place.fmt(f),
            Self::Layout(Some(place)) => write!(f, "the layout of {place}"),
            Self::Layout(None) => f.write_str("the layout of your configuration"),
            Self::Config(file) => f.write_str(&escape::path(file)),
            Self::Untrusted(file) => {
                write!(f, "settings of {} are left out", escape::path(file))
            }
            Self::Selection => f.write_str("the selected Go"),
            Self::Hold => f.write_str("goshim, so that cmd/go stays with it"),
            Self::Goshim => f.write_str("goshim, for the shims below"),
        }
    }
}

/// What the project and the configuration say, before anything depends on the selected Go.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    /// The variables.
    pub(crate) assignments: Vec<Assignment>,
    /// What does not count, because the user exported the variable with another value.
    pub(crate) overruled: Vec<Assignment>,
    layout: Option<ChosenLayout>,
    /// GOPATH as the configuration has it, where a project's layout comes before that.
    config_gopath: Option<OsString>,
}

#[derive(Debug)]
struct ChosenLayout {
    kind: LayoutKind,
    /// Who asks for it.
    place: Option<Place>,
    /// The directory of the project, for `per-project`.
    project: Option<PathBuf>,
}

impl Environment {
    /// Collects them from the project's files, nearest first.
    ///
    /// # Errors
    /// Where a file needs trust that it has not, or sets what no project may.
    pub(crate) fn collect(
        env: &Env,
        layout: &layout::Layout,
        config: &Config,
        projects: &[Project],
    ) -> Result<Self, Error> {
        let profile = profile(env)?;
        let may_ignore = match env.text(variables::UNTRUSTED) {
            None => config.untrusted == Some(Untrusted::Ignore),
            Some(value) => {
                Untrusted::parse(&value).ok_or(Error::Variable {
                    variable: variables::UNTRUSTED,
                    value,
                    expected: "refuse or ignore",
                })? == Untrusted::Ignore
            }
        };
        let mut collected = Self::default();
        for project in projects {
            collected.add_project(env, project, profile.as_deref(), may_ignore, |request| {
                request.is_trusted(env, layout, &config.trusted_dirs)
            })?;
        }
        if collected.layout.is_none()
            && let Some(kind) = config.layout
        {
            let nearest = projects.first().and_then(|project| project.file.parent());
            collected.layout = Some(ChosenLayout {
                kind,
                place: None,
                project: nearest.map(Path::to_owned),
            });
        }
        collected.add_config(env, &config.env, layout.config());
        collected.add_config(env, &config.machine_env, layout.machine_config());
        Ok(collected)
    }

    /// Whether a nearer project's layout decides about the variable, so that nobody after it does. The tools of the layout `per-version` lie where they
    /// would without it.
    fn is_decided(&self, name: &str, by_project: bool) -> bool {
        let Some(ChosenLayout {
            kind,
            place: Some(_),
            ..
        }) = &self.layout
        else {
            return false;
        };
        match (name, kind) {
            ("GOPATH", LayoutKind::PerVersion | LayoutKind::PerProject)
            | ("GOBIN", LayoutKind::PerProject) => true,
            ("GOPATH" | "GOBIN", _) => by_project,
            _ => false,
        }
    }

    fn add_project(
        &mut self,
        env: &Env,
        project: &Project,
        profile: Option<&str>,
        may_ignore: bool,
        is_trusted: impl Fn(&Request) -> bool,
    ) -> Result<(), Error> {
        if let Some(setting) = project.never_allowed()
            && !may_ignore
        {
            return Err(Error::NeverAllowed {
                place: project.place(setting),
                name: setting.name.clone(),
            });
        }
        let settings = project.settings(profile)?;
        let needs_trust = settings
            .iter()
            .find(|setting| setting.tier == Tier::NeedsTrust)
            .map(|setting| (setting.name.clone(), project.place(setting)));
        let directory = project.layout.directories.first();
        let first = needs_trust
            .or_else(|| directory.map(|(name, _, place)| ((*name).to_owned(), place.clone())));
        // What is asked for is everything in the file; whether it has to be asked, what would count now.
        let lacks_trust =
            first.filter(|_| Request::of(project).is_some_and(|request| !is_trusted(&request)));
        if let Some((name, place)) = &lacks_trust
            && !may_ignore
        {
            return Err(Error::Untrusted {
                place: place.clone(),
                name: name.clone(),
                profile: profile.map(str::to_owned),
            });
        }
        let counts =
            |tier: Tier| tier == Tier::Free || tier == Tier::NeedsTrust && lacks_trust.is_none();
        let is_open: Vec<bool> = settings
            .iter()
            .map(|setting| counts(setting.tier) && !self.is_decided(&setting.name, true))
            .collect();
        let settings = settings.iter().zip(is_open);
        for (setting, _) in settings.filter(|(_, is_open)| *is_open) {
            let source = Source::Project(project.place(setting));
            self.add(env, &setting.name, setting.value.text(), source);
        }
        if lacks_trust.is_some() {
            // A private module's name must not reach a public proxy because the setting that says so is left out: not by the user's own GOPROXY
            // either, nor by one of a project's. cmd/go asks the checksum database itself, also where the proxy is off.
            for name in ["GOPROXY", "GOSUMDB"] {
                self.assignments.retain(|known| known.name != name);
                self.assignments.push(Assignment {
                    name: name.to_owned(),
                    value: "off".into(),
                    source: Source::Untrusted(project.file.clone()),
                });
            }
        } else {
            for (name, path, place) in &project.layout.directories {
                if self.is_decided(name, true) {
                    continue;
                }
                let path = directory_of(project, path, place)?;
                self.add(env, name, path, Source::Layout(Some(place.clone())));
            }
        }
        if let (None, Some((kind, place))) = (&self.layout, &project.layout.kind) {
            self.layout = Some(ChosenLayout {
                kind: *kind,
                place: Some(place.clone()),
                project: project.file.parent().map(Path::to_owned),
            });
        }
        Ok(())
    }

    fn add_config(&mut self, env: &Env, settings: &BTreeMap<String, Value>, file: &Path) {
        for (name, value) in settings {
            if !self.is_decided(name, false) {
                self.add(env, name, value.text(), Source::Config(file.to_owned()));
            } else if name == "GOPATH" && self.config_gopath.is_none() {
                self.config_gopath = Some(value.text().into());
            }
        }
    }

    /// Adds a variable, unless the user exported it or somebody before has set it.
    fn add(&mut self, env: &Env, name: &str, value: impl Into<OsString>, source: Source) {
        let is_known =
            |assignments: &[Assignment]| assignments.iter().any(|known| known.name == name);
        if is_known(&self.assignments) || is_known(&self.overruled) {
            return;
        }
        let assignment = Assignment {
            name: name.to_owned(),
            value: value.into(),
            source,
        };
        match env.var(name) {
            None => self.assignments.push(assignment),
            Some(exported) if exported != assignment.value => self.overruled.push(assignment),
            Some(_) => {}
        }
    }

    /// Adds the directories of the layout, once it is known which Go runs.
    pub(crate) fn add_layout(
        &mut self,
        env: &Env,
        layout: &layout::Layout,
        go_env: &GoEnv,
        version: Option<&Version>,
    ) {
        let chosen = self.layout.take();
        let kind = chosen
            .as_ref()
            .map_or(LayoutKind::Shared, |chosen| chosen.kind);
        let project = chosen.as_ref().and_then(|chosen| chosen.project.as_deref());
        let default = default_gopath(env, go_env, self.config_gopath.as_deref());
        let (gopath, gobin) = match (kind, version, project) {
            (LayoutKind::PerVersion, Some(version), _) => {
                let gopath = layout.layouts().join(version.toolchain());
                // Tools stay when the version changes.
                (
                    Some(gopath),
                    default.as_ref().map(|gopath| gopath.join("bin")),
                )
            }
            (LayoutKind::PerProject, _, Some(project)) => {
                let directory = layout.layouts().join(project_key(project));
                (Some(directory.join("gopath")), Some(directory.join("bin")))
            }
            _ => (None, None),
        };
        let named = self
            .assignments
            .iter()
            .find(|known| known.name == "GOPATH" && matches!(known.source, Source::Layout(_)));
        let source = match (&gopath, named) {
            (Some(_), _) => Source::Layout(chosen.and_then(|chosen| chosen.place)),
            (None, Some(named)) => named.source.clone(),
            (None, None) => return,
        };
        let is_set = |name: &str| {
            go_env
                .entry(name)
                .is_some_and(|(value, _)| !value.is_empty())
        };
        // Nothing is downloaded twice: modules stay where they are without the layout.
        if !is_set("GOMODCACHE")
            && let Some(default) = default
        {
            self.add(env, "GOMODCACHE", default.join("pkg/mod"), source.clone());
        }
        // cmd/go refuses to install for another platform where GOBIN is set, and puts such programs below GOPATH.
        let stays = kind == LayoutKind::PerVersion && is_set("GOBIN");
        if !(stays || self.is_for_another_platform(env, go_env))
            && let Some(gobin) = gobin
        {
            self.add(env, "GOBIN", gobin, source.clone());
        }
        if let Some(gopath) = gopath {
            self.add(env, "GOPATH", gopath, source);
        }
    }

    /// Whether GOOS or GOARCH name another platform than this machine's.
    fn is_for_another_platform(&self, env: &Env, go_env: &GoEnv) -> bool {
        let host = Platform::host();
        [("GOOS", host.os), ("GOARCH", host.arch)]
            .into_iter()
            .any(|(name, host)| {
                let assigned = self.assignments.iter().find(|known| known.name == name);
                let value = match assigned {
                    Some(assigned) => Some(assigned.value.to_string_lossy().into_owned()),
                    None => go_env.setting(env, name),
                };
                value.is_some_and(|value| !value.is_empty() && value != host)
            })
    }

    /// The environment in which the rest is resolved.
    pub(crate) fn apply(&self, env: &Env) -> Option<Env> {
        let matters = |assignment: &&Assignment| {
            ["GO111MODULE", "GOTOOLCHAIN", "GOWORK", "GOENV"].contains(&assignment.name.as_str())
        };
        let mut changed = None;
        for assignment in self.assignments.iter().filter(matters) {
            let base: Env = changed.unwrap_or_else(|| env.clone());
            changed = Some(base.with(&assignment.name, &assignment.value));
        }
        changed
    }
}

/// `GOSHIM_PROFILE`.
fn profile(env: &Env) -> Result<Option<String>, Error> {
    match env.text(variables::PROFILE) {
        Some(value) if !is_profile_name(&value) => Err(Error::Variable {
            variable: variables::PROFILE,
            value,
            expected: "the name of a profile, made of a-z, 0-9, - and _",
        }),
        profile => Ok(profile),
    }
}

/// A directory that the project names, below the project also when links are followed.
fn directory_of(project: &Project, path: &Path, place: &Place) -> Result<PathBuf, Error> {
    let root = project.file.parent().unwrap_or(Path::new("/"));
    let full = root.join(path);
    let existing = full
        .ancestors()
        .find_map(|dir| std::fs::canonicalize(dir).ok());
    let real = std::fs::canonicalize(root).ok();
    let is_below = match (existing, &real) {
        (Some(existing), Some(real)) => existing.starts_with(real),
        _ => false,
    };
    // A dangling link is no directory yet, and may become one anywhere.
    let is_link = full.ancestors().take_while(|dir| *dir != root).any(|dir| {
        std::fs::symlink_metadata(dir).is_ok_and(|dir| dir.is_symlink()) && !dir.exists()
    });
    // Its real name, which no link to the project can lead elsewhere later.
    if let Some(real) = real.filter(|_| is_below && !is_link) {
        Ok(clean(&dunce::simplified(&real).join(path)))
    } else {
        Err(Error::LayoutEscapes {
            place: place.clone(),
            path: full,
        })
    }
}

/// The first entry of GOPATH as it is without the layout: the user's own, else the configuration's, else go's own setting, else `~/go` (`go/build.defaultGOPATH`).
fn default_gopath(env: &Env, go_env: &GoEnv, config: Option<&OsStr>) -> Option<PathBuf> {
    let said = env.var("GOPATH").or(config).map(OsStr::to_owned);
    match said.or_else(|| go_env.setting(env, "GOPATH").map(OsString::from)) {
        Some(list) => std::env::split_paths(&list).find(|path| path.is_absolute()),
        None => env.absolute_home().map(|home| home.join("go")),
    }
}

/// The name of a project's directory in the store: its own name, as far as it is plain, and a digest of its place.
pub fn project_key(project: &Path) -> String {
    let real = std::fs::canonicalize(project).unwrap_or_else(|_| project.to_owned());
    let name: String = real
        .file_name()
        .map(OsStr::to_string_lossy)
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
        .take(32)
        .collect();
    let digest = trust::hex(&Sha256::digest(real.as_os_str().as_encoded_bytes()));
    let digest = digest.get(..16).unwrap_or_default();
    // A release's name begins with `go1.`, so no project's can be the same: a dot is filtered out.
    if name.is_empty() {
        digest.to_owned()
    } else {
        format!("{name}-{digest}")
    }
}

/// The value of [`variables::SET`] for what goshim set, `None` where that is nothing.
pub fn marker<'a>(set: impl Iterator<Item = (&'a str, &'a OsStr)>) -> Option<String> {
    let entries: Vec<String> = set
        .map(|(name, value)| format!("{name}={}", digest(value)))
        .collect();
    (!entries.is_empty()).then(|| entries.join(" "))
}

/// What a goshim above this process has set, and that still has the value which it gave it.
pub(crate) fn set_above(vars: &[(OsString, OsString)]) -> Vec<(String, OsString)> {
    let value = |name: &str| {
        vars.iter()
            .find(|(key, _)| is_name(key, name))
            .map(|(_, value)| value)
    };
    let Some(marker) = value(variables::SET).and_then(|marker| marker.to_str()) else {
        return Vec::new();
    };
    marker
        .split(' ')
        .filter_map(|entry| {
            let (name, known) = entry.split_once('=')?;
            // goshim sets no other names, and `goshim env` writes these into a shell's code.
            let value = value(name)?;
            (is_variable_name(name) && digest(value) == known)
                .then(|| (name.to_owned(), value.clone()))
        })
        .collect()
}

/// Enough of a digest to tell a value from any that is there by chance. It is no secret, and nothing is at stake: whoever can set the marker can set the
/// variables.
fn digest(value: &OsStr) -> String {
    // FNV-1a: this runs in front of every go command.
    let hash = value
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
        });
    format!("{hash:016x}")
}

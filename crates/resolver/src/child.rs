//! What the child gets: the changes to its environment. The shim, `goshim exec`, `goshim env` and `goshim why` make them all from here.

use std::env::JoinPathsError;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::environment::{Environment, Source, marker};
use crate::error::Error;
use crate::layout::Layout;
use crate::linked::Linked;
use crate::origin::Origin;
use crate::resolve::{Resolution, Selected};
use crate::settings::{Config, GorootSetting};
use crate::store::Sdk;
use crate::variables;

/// A variable of the child that differs from this process's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub name: String,
    /// Its value; `None` where it is taken away.
    pub value: Option<OsString>,
    /// Who says so.
    pub source: Source,
}

impl Change {
    /// Sets it, for goshim's own use.
    pub fn set(name: &str, value: impl Into<OsString>) -> Self {
        Self {
            name: name.to_owned(),
            value: Some(value.into()),
            source: Source::Goshim,
        }
    }

    /// Takes it away, for goshim's own use.
    pub fn remove(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: None,
            source: Source::Goshim,
        }
    }

    /// The same change, made by somebody else.
    #[must_use]
    fn by(self, source: Source) -> Self {
        Self { source, ..self }
    }
}

/// The changes for a Go that is called by its name, wherever that is: the variables of the user's configuration, and nothing of any project's. What a goshim
/// above set for one goes away.
///
/// # Errors
/// Where the configuration is broken, or `GOSHIM_PROFILE` or `GOSHIM_UNTRUSTED` is not what it should be.
pub fn user_changes(env: &Env, layout: &Layout) -> Result<Vec<Change>, Error> {
    let config = Config::load(env, layout)?;
    let config = Config {
        layout: None,
        ..config
    };
    let environment = Environment::collect(env, layout, &config, &[])?;
    let mut changes: Vec<Change> = environment
        .assignments
        .into_iter()
        .map(|assignment| Change::set(&assignment.name, assignment.value).by(assignment.source))
        .collect();
    let marker = marker(
        changes
            .iter()
            .filter_map(|change| Some((change.name.as_str(), change.value.as_deref()?))),
    );
    add_what_ends(env, &mut changes, marker);
    Ok(changes)
}

/// Adds what goes away of a goshim's above, and what the shims below need to know.
fn add_what_ends(env: &Env, changes: &mut Vec<Change>, marker: Option<String>) {
    for (name, _) in &env.set_above {
        if !changes.iter().any(|change| change.name == *name) {
            changes.push(Change::remove(name));
        }
    }
    match marker {
        Some(marker) => changes.push(Change::set(variables::SET, marker)),
        None if env.var(variables::SET).is_some() => {
            changes.push(Change::remove(variables::SET));
        }
        None => {}
    }
}

impl Resolution {
    /// The changes to the environment of what runs as the selection; each name once.
    ///
    /// What goshim sets for this project is named in [`variables::SET`], so that the shims below know whose word it is. What a goshim above set for another
    /// project goes away. The hold of an explicit choice is meant for all shims below, and is not named; nor is a variable that the user exported, for whose
    /// value nothing else would be left.
    pub fn changes(&self, env: &Env) -> Vec<Change> {
        let origin = self.choice.as_ref().map(|choice| &choice.origin);
        let is_explicit = origin.is_some_and(Origin::is_explicit);
        let mut changes: Vec<Change> = self
            .environment
            .iter()
            .filter(|assignment| !(self.hold && assignment.name == "GOTOOLCHAIN"))
            .map(|assignment| {
                Change::set(&assignment.name, &assignment.value).by(assignment.source.clone())
            })
            .collect();
        if self.hold {
            changes.push(Change::set("GOTOOLCHAIN", "local").by(Source::Hold));
        }
        let is_marked = |change: &&Change| {
            !(change.source == Source::Hold && is_explicit) && env.var(&change.name).is_none()
        };
        let marker = marker(
            changes
                .iter()
                .filter(is_marked)
                .filter_map(|change| Some((change.name.as_str(), change.value.as_deref()?))),
        );
        match (&self.outcome, self.goroot) {
            (
                Ok(Selected::Installed(Sdk { root, .. }) | Selected::Linked(Linked { root, .. })),
                GorootSetting::Set,
            ) => {
                changes.push(Change::set("GOROOT", root).by(Source::Selection));
            }
            (Ok(Selected::Installed(_) | Selected::Linked(_)), GorootSetting::Unset) => {
                changes.push(Change::remove("GOROOT").by(Source::Selection));
            }
            // With ours it could not compile.
            (Ok(Selected::System(_)), _) if self.drops_goroot => {
                changes.push(Change::remove("GOROOT").by(Source::Selection));
            }
            // The system's Go finds its own root.
            _ => {}
        }
        if let (Some(Origin::Argument), Some(choice)) = (origin, &self.choice) {
            // The child's own go commands follow the query as well.
            changes.push(Change::set(variables::VERSION, choice.text()));
        }
        add_what_ends(env, &mut changes, marker);
        changes
    }

    /// The directories that come first on PATH, for a program that is to find the selection as `go`, and what `go install` puts into the layout: the
    /// selection's own, then the layout's. Empty where nothing runs.
    pub fn path_front(&self, env: &Env) -> Vec<PathBuf> {
        let bin = match &self.outcome {
            Ok(Selected::Installed(sdk)) => sdk.root.join("bin"),
            Ok(Selected::Linked(linked)) => linked.root.join("bin"),
            Ok(Selected::System(go)) => go.go.parent().map(Path::to_owned).unwrap_or_default(),
            _ => return Vec::new(),
        };
        let set = |name: &str| {
            let known = self.environment.iter().find(|known| known.name == name);
            known.map(|known| known.value.as_os_str())
        };
        // Of a list go install takes the first entry.
        let gopath = || std::env::split_paths(set("GOPATH")?).next();
        let gobin = set("GOBIN")
            .map(PathBuf::from)
            .or_else(|| Some(gopath()?.join("bin")))
            .filter(|_| env.var("GOBIN").is_none());
        std::iter::once(bin).chain(gobin).collect()
    }

    /// PATH with [`Resolution::path_front`] before the entries of the old one. Those that a goshim above put there for another project are left out. `None`
    /// where nothing runs.
    ///
    /// # Errors
    /// Where one of the directories has the separator of PATH in its name.
    pub fn path(&self, env: &Env, layout: &Layout) -> Result<Option<Change>, JoinPathsError> {
        let first = self.path_front(env);
        if first.is_empty() {
            return Ok(None);
        }
        let (sdks, layouts) = (layout.sdks(), layout.layouts());
        let above = env.set_above.iter().find(|(name, _)| name == "GOBIN");
        let is_kept = |dir: &PathBuf| {
            !(dir.starts_with(&sdks)
                || dir.starts_with(&layouts)
                || first.contains(dir)
                || above.is_some_and(|(_, gobin)| dir == gobin))
        };
        // An empty PATH has no entries. Split, it would have one: the working directory.
        let old = env.var("PATH").into_iter().flat_map(std::env::split_paths);
        let path = std::env::join_paths(first.iter().cloned().chain(old.filter(is_kept)))?;
        Ok(Some(Change::set("PATH", path).by(Source::Selection)))
    }
}

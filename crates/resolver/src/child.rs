//! What the child gets: the changes to its environment. The shim, `goshim exec`, `goshim env` and `goshim why` make them all from here.

use std::ffi::{OsStr, OsString};

use crate::env::Env;
use crate::environment::marker;
use crate::origin::Origin;
use crate::resolve::{Resolution, Selected};
use crate::settings::GorootSetting;
use crate::variables;

/// A variable of the child that differs from this process's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub name: String,
    /// Its value; `None` where it is taken away.
    pub value: Option<OsString>,
}

impl Change {
    /// Sets it.
    pub fn set(name: &str, value: impl Into<OsString>) -> Self {
        Self {
            name: name.to_owned(),
            value: Some(value.into()),
        }
    }

    /// Takes it away.
    pub fn remove(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: None,
        }
    }
}

impl Resolution {
    /// The changes to the environment of what runs as the selection; each name once.
    ///
    /// What goshim sets for this project is named in [`variables::SET`], so that the shims below know whose word it is. What a goshim above set for another
    /// project goes away. The hold of an explicit choice is meant for all shims below, and is not named.
    pub fn changes(&self, env: &Env) -> Vec<Change> {
        let mut set: Vec<(&str, &OsStr)> = self
            .environment
            .iter()
            .filter(|assignment| !(self.hold && assignment.name == "GOTOOLCHAIN"))
            .map(|assignment| (assignment.name.as_str(), assignment.value.as_os_str()))
            .collect();
        let origin = self.choice.as_ref().map(|choice| &choice.origin);
        let is_explicit = origin.is_some_and(Origin::is_explicit);
        if self.hold && !is_explicit {
            set.push(("GOTOOLCHAIN", OsStr::new("local")));
        }
        let mut changes: Vec<Change> = set
            .iter()
            .map(|(name, value)| Change::set(name, value))
            .collect();
        if self.hold && is_explicit {
            changes.push(Change::set("GOTOOLCHAIN", "local"));
        }
        match (&self.outcome, self.goroot) {
            (Ok(Selected::Installed(sdk)), GorootSetting::Set) => {
                changes.push(Change::set("GOROOT", &sdk.root));
            }
            (Ok(Selected::Installed(_)), GorootSetting::Unset) => {
                changes.push(Change::remove("GOROOT"));
            }
            // The system's Go finds its own root.
            _ => {}
        }
        if let (Some(Origin::Argument), Some(choice)) = (origin, &self.choice) {
            // The child's own go commands follow the query as well.
            changes.push(Change::set(variables::VERSION, choice.text()));
        }
        for name in &env.set_above {
            if !changes.iter().any(|change| change.name == *name) {
                changes.push(Change::remove(name));
            }
        }
        match marker(set.into_iter()) {
            Some(marker) => changes.push(Change::set(variables::SET, marker)),
            None if env.var(variables::SET).is_some() => {
                changes.push(Change::remove(variables::SET));
            }
            None => {}
        }
        changes
    }
}

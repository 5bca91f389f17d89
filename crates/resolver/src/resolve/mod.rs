//! goshim's rule: which Go a directory asks for, and why (docs/concepts/resolution.md).

mod choose;
mod look_up;
mod resolution;

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::argv::Arguments;
use crate::cmdgo::{self, GoToolchain};
use crate::env::Env;
use crate::environment::{Assignment, Environment};
use crate::era::Era;
use crate::error::Error;
use crate::goenv::GoEnv;
use crate::governing::{self, Governing};
use crate::layout::Layout;
use crate::origin::{Origin, Step, Verdict};
use crate::pin::{self, Pins};
use crate::project::Project;
use crate::query::Query;
use crate::settings::{AutoInstall, Config, GorootSetting, Policy};
use crate::{linked, system, variables, workdir};

pub use resolution::{Choice, Floor, Notice, Resolution, Selected, Wanted};

/// Resolves which Go runs for `arguments` (go's, without argv\[0\]). Where `argument` is a query it stands for a leading `+QUERY`.
///
/// Reads files, and nothing else of the process than `env`; writes nothing.
///
/// # Errors
/// Only where there are no directories to work with or the user's configuration is broken; all else is in [`Resolution::outcome`].
pub fn resolve(
    env: &Env,
    layout: &Layout,
    arguments: &[OsString],
    argument: Option<&str>,
) -> Result<Resolution, Error> {
    let config = Config::load(env, layout)?;
    let layout = &layout.with_stores(&config);
    let arguments = Arguments::parse(arguments);
    let argument = argument.map(str::to_owned).or_else(|| {
        arguments
            .query
            .as_ref()
            .map(|query| query.to_string_lossy().into_owned())
    });
    let mut resolver = Resolver {
        env: Cow::Borrowed(env),
        layout,
        environment: Vec::new(),
        overruled: Vec::new(),
        auto_install: auto_install(env, &config, &arguments)?,
        config,
        arguments,
        floor: None,
        raised: false,
        policy: Policy::default(),
        hold: false,
        are_modules_on: false,
        notice: None,
        choice: None,
        trace: Vec::new(),
    };
    let outcome = resolver.select(argument.as_deref());
    let goroot = resolver.config.goroot.unwrap_or(GorootSetting::Set);
    let drops_goroot = matches!(outcome, Ok(Selected::System(_)))
        && env.var("GOROOT").map(Path::new).is_some_and(|root| {
            system::is_in_a_store(root, resolver.layout) || linked::is_root(resolver.layout, root)
        });
    let Resolver {
        auto_install,
        floor,
        raised,
        policy,
        hold,
        notice,
        choice,
        trace,
        environment,
        overruled,
        ..
    } = resolver;
    Ok(Resolution {
        choice,
        floor,
        raised,
        policy,
        outcome,
        hold,
        notice,
        auto_install,
        goroot,
        drops_goroot,
        environment,
        overruled,
        trace,
    })
}

/// What runs for `query` wherever it is asked for: no project's file is looked at, so none of them can be in the way.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_anywhere(env: &Env, layout: &Layout, query: &str) -> Result<Resolution, Error> {
    let mut nowhere = env.clone().without("PWD");
    nowhere.physical_dir = None;
    resolve(&nowhere, layout, &[], Some(query))
}

/// The pin files between the working directory and the ceiling at which `resolution` did not look, nearest first: something before them has said enough.
pub fn shadowed(env: &Env, arguments: &[OsString], resolution: &Resolution) -> Vec<PathBuf> {
    let change_dir = Arguments::parse(arguments).change_dir;
    let work_dir = workdir::work_dir(env, change_dir.as_deref());
    let work_dir = work_dir.ok().flatten();
    let dirs = walk(env, work_dir.as_deref());
    pin::shadowed(env, &dirs, &resolution.trace)
}

/// The `.goshim.toml` that count in the working directory, nearest first.
///
/// # Errors
/// Where one of them cannot be read, or is not as documented.
pub fn projects(env: &Env) -> Result<Vec<Project>, Error> {
    let work_dir = workdir::work_dir(env, None)?;
    let dirs = walk(env, work_dir.as_deref());
    Ok(pin::find(env, dirs.into_iter(), false, &mut Vec::new())?.projects)
}

/// The go.work or go.mod that governs the working directory; `None` where modules are off or there is none.
///
/// # Errors
/// Where it cannot be read, or `GOWORK` is no path.
pub fn governing_file(env: &Env) -> Result<Option<PathBuf>, Error> {
    let work_dir = workdir::work_dir(env, None)?;
    let go_env = GoEnv::read(env, Era::NEWEST)?;
    let dirs = walk(env, work_dir.as_deref());
    let governing = Governing::find(env, &go_env, &dirs)?;
    Ok(governing.map(|governing| governing.file))
}

/// What the shim may do where an SDK is missing.
fn auto_install(env: &Env, config: &Config, arguments: &Arguments) -> Result<AutoInstall, Error> {
    let gotoolchain = env.text("GOTOOLCHAIN");
    let stays_local = gotoolchain
        .as_deref()
        .is_some_and(|value| value == "local" || value == "path" || value.ends_with("+path"));
    if is_offline(env)? || stays_local || arguments.never_installs() {
        return Ok(AutoInstall::Never);
    }
    auto_install_setting(env, config)
}

/// The user's word for it.
fn auto_install_setting(env: &Env, config: &Config) -> Result<AutoInstall, Error> {
    match env.text(variables::AUTO_INSTALL) {
        None => Ok(config.auto_install.unwrap_or_default()),
        Some(value) => AutoInstall::parse(&value).ok_or(Error::Variable {
            variable: variables::AUTO_INSTALL,
            value,
            expected: "always, ask or never",
        }),
    }
}

/// Whether `GOSHIM_OFFLINE` forbids the network.
///
/// # Errors
/// Where its value is neither true nor false.
pub fn is_offline(env: &Env) -> Result<bool, Error> {
    Ok(switch(env, variables::OFFLINE)?.unwrap_or_default())
}

/// A variable that is true or false.
fn switch(env: &Env, variable: &'static str) -> Result<Option<bool>, Error> {
    match env.text(variable).as_deref() {
        None => Ok(None),
        Some("1" | "true") => Ok(Some(true)),
        Some("0" | "false") => Ok(Some(false)),
        Some(value) => Err(Error::Variable {
            variable,
            value: value.to_owned(),
            expected: "1, true, 0 or false",
        }),
    }
}

struct Resolver<'a> {
    /// The process's, with what the project says about it.
    env: Cow<'a, Env>,
    environment: Vec<Assignment>,
    overruled: Vec<Assignment>,
    layout: &'a Layout,
    config: Config,
    arguments: Arguments,
    auto_install: AutoInstall,
    floor: Option<Floor>,
    raised: bool,
    policy: Policy,
    hold: bool,
    /// Whether GOTOOLCHAIN and the module's files say anything to cmd/go.
    are_modules_on: bool,
    notice: Option<Notice>,
    choice: Option<Choice>,
    trace: Vec<Step>,
}

impl Resolver<'_> {
    fn step(
        &mut self,
        source: &'static str,
        file: Option<PathBuf>,
        value: Option<String>,
        verdict: Verdict,
        reason: &'static str,
    ) {
        self.trace.push(Step {
            source,
            file,
            value,
            verdict,
            reason,
            at: self.env.elapsed(),
        });
    }

    fn select(&mut self, argument: Option<&str>) -> Result<Selected, Error> {
        let work_dir = workdir::work_dir(&self.env, self.arguments.change_dir.as_deref())?;
        let dirs = walk(&self.env, work_dir.as_deref());
        let is_said = self.choose_as_said(argument)?;
        let wish = self.gotoolchain();
        let may_be_explicit = is_said
            || wish
                .as_ref()
                .is_some_and(|wish| wish.as_ref().map_or(true, |wish| wish.name.is_some()));
        // What is said explicitly beats pins, also such as cannot be read; the environment of the project's file counts all the same.
        let mut pins = if may_be_explicit {
            pin::find(&self.env, dirs.iter().copied(), false, &mut Vec::new())?
        } else {
            pin::find(&self.env, dirs.iter().copied(), true, &mut self.trace)?
        };
        let mut environment =
            Environment::collect(&self.env, self.layout, &self.config, &pins.projects)?;
        if let Some(changed) = environment.apply(&self.env) {
            self.env = Cow::Owned(changed);
        }
        let go_env = GoEnv::read(&self.env, Era::NEWEST)?;
        self.are_modules_on = self.modules_are_on(&go_env, &dirs, is_said)?;
        let selected = if is_said
            || self.are_modules_on
                && self.choose_by_gotoolchain(wish.transpose()?, &go_env, &dirs)?
        {
            let explicit = self.choice.clone();
            explicit.map_or(Err(Error::NothingInstalled), |choice| {
                self.look_up_exactly(&choice)
            })?
        } else {
            if may_be_explicit {
                // It was not: modules are off.
                pins = pin::find(&self.env, dirs.iter().copied(), true, &mut self.trace)?;
            }
            self.select_as_the_project_says(&mut pins, &go_env, &dirs)?
        };
        environment.add_layout(&self.env, self.layout, &go_env, selected.version());
        self.environment = environment.assignments;
        self.overruled = environment.overruled;
        Ok(selected)
    }

    /// The selection where nothing explicit is said.
    fn select_as_the_project_says(
        &mut self,
        pins: &mut Pins,
        go_env: &GoEnv,
        dirs: &[&Path],
    ) -> Result<Selected, Error> {
        self.policy = self.policy(pins)?;
        let governing = if self.policy == Policy::Native {
            None
        } else {
            self.governing(go_env, dirs)?
        };
        self.choice = self.choose(pins, governing.as_ref(), go_env)?;
        self.set_floor(governing.as_ref())?;
        let selected = self.look_up()?;
        self.check_notice(
            switch(&self.env, variables::STRICT)?
                .or(pins.strict)
                .or(self.config.strict),
        )?;
        let may_switch = self.policy == Policy::Native && self.may_switch(pins)?;
        self.hold = !may_switch && self.needs_hold(&selected, governing.as_ref(), go_env);
        Ok(selected)
    }

    /// The governing file. Where go is asked for GOTOOLCHAIN, or to set it, no file can be in the way: that is how people repair things.
    fn governing(&self, go_env: &GoEnv, dirs: &[&Path]) -> Result<Option<Governing>, Error> {
        match Governing::find(&self.env, go_env, dirs) {
            Err(_) if self.arguments.is_about_gotoolchain() => Ok(None),
            found => found,
        }
    }

    /// Whether modules are on. Here too, a GOWORK that is no path is in nobody's way who repairs GOTOOLCHAIN; nor is it where the choice is made.
    fn modules_are_on(&self, go_env: &GoEnv, dirs: &[&Path], is_said: bool) -> Result<bool, Error> {
        match governing::modules_are_on(&self.env, go_env, dirs, Era::NEWEST) {
            Err(_) if is_said || self.arguments.is_about_gotoolchain() => Ok(true),
            answer => answer,
        }
    }

    /// Whether cmd/go may fetch another toolchain under the policy `native`: where the user said so, or has forbidden nothing that a project's word
    /// for it would allow.
    fn may_switch(&self, pins: &Pins) -> Result<bool, Error> {
        let is_projects_word =
            self.env.text(variables::POLICY).is_none() && pins.policy == Some(Policy::Native);
        let is_locked = is_offline(&self.env)?
            || auto_install_setting(&self.env, &self.config)? != AutoInstall::Always
            || self.config.auto_install_min.is_some();
        Ok(!(is_projects_word && is_locked))
    }

    fn policy(&self, pins: &Pins) -> Result<Policy, Error> {
        match self.env.text(variables::POLICY) {
            None => Ok(pins.policy.or(self.config.policy).unwrap_or_default()),
            Some(value) => Policy::parse(&value).ok_or(Error::Variable {
                variable: variables::POLICY,
                value,
                expected: "project, exact, floor or native",
            }),
        }
    }

    /// Tells of a pin that the go line overruled; an error where `strict` says so.
    fn check_notice(&mut self, strict: Option<bool>) -> Result<(), Error> {
        let (true, Some(floor), Some(choice)) = (self.raised, &self.floor, &self.choice) else {
            return Ok(());
        };
        let Origin::PinFile(pin) = &choice.origin else {
            return Ok(());
        };
        // `latest` is below no floor, only what is installed is: that is nothing that the project's files could put right.
        if choice.queries.contains(&Query::Latest) {
            return Ok(());
        }
        if strict == Some(true) {
            return Err(Error::BelowFloor {
                pin: Box::new(pin.clone()),
                query: choice.text(),
                floor_place: floor.place.clone(),
                floor: floor.version.to_string(),
            });
        }
        self.notice = Some(Notice {
            pin: pin.clone(),
            query: choice.text(),
            floor: floor.clone(),
        });
        Ok(())
    }

    /// Whether cmd/go, started as the selection, would leave it again. `go install pkg@version` may: it serves another module.
    fn needs_hold(
        &self,
        selected: &Selected,
        governing: Option<&Governing>,
        go_env: &GoEnv,
    ) -> bool {
        let Some(version) = selected.version() else {
            return false;
        };
        let user_decides = self.env.var("GOTOOLCHAIN").is_some();
        let stays =
            self.arguments.names_package_at_version() || self.arguments.is_about_gotoolchain();
        // Go learned to switch in 1.21.
        let Some(era) = Era::of(version).filter(|_| self.are_modules_on) else {
            return false;
        };
        if user_decides || stays {
            return false;
        }
        // Under this policy the module was not read.
        if self.policy == Policy::Native {
            return true;
        }
        // An SDK of a store has the go.env that Go is published with; distributions write their own.
        let mut settings = Cow::Borrowed(go_env);
        let own_root = match selected {
            Selected::System(go) if self.env.var("GOROOT").is_none() => Some(&go.root),
            Selected::Linked(linked) => Some(&linked.root),
            _ => None,
        };
        if let Some(root) = own_root {
            let env = self.env.as_ref().clone().with("GOROOT", root);
            let _ = settings.to_mut().add_goroot_file(&env);
        }
        let setting = settings
            .entry("GOTOOLCHAIN")
            .map_or("auto", |(value, _)| value);
        if setting.is_empty() {
            return false;
        }
        let name = version.toolchain();
        // Where cmd/go would refuse the toolchain line or the setting, holding keeps it from reading them.
        GoToolchain::parse(setting)
            .and_then(|wish| cmdgo::upgrade((&name, version), &wish, governing, era))
            .map_or(true, |(other, _)| other != name)
    }
}

/// The directories of the walk upward, nearest first, ending with the first one that `GOSHIM_CEILING` names.
pub(crate) fn walk<'a>(env: &Env, work_dir: Option<&'a Path>) -> Vec<&'a Path> {
    let ceilings: Vec<PathBuf> = env
        .var(variables::CEILING)
        .map(|value| std::env::split_paths(value).collect())
        .unwrap_or_default();
    let mut dirs = Vec::new();
    for dir in work_dir.into_iter().flat_map(Path::ancestors) {
        dirs.push(dir);
        if ceilings
            .iter()
            .any(|ceiling| workdir::clean(ceiling) == dir)
        {
            break;
        }
    }
    dirs
}

#[cfg(test)]
mod tests;

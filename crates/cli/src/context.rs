//! What every command works with.

use std::path::{Path, PathBuf};

use goshim_installer::Index;
use goshim_installer::install::Installer;
use goshim_installer::{projects, shims};
use goshim_resolver::escape::Escaped;
use goshim_resolver::linked::{self, Name};
use goshim_resolver::origin::Place;
use goshim_resolver::resolve::Wanted;
use goshim_resolver::settings::{AutoInstall, Config};
use goshim_resolver::{
    Env, Layout, Platform, Query, Resolution, Version, escape, query, resolve, store, workdir,
};

use crate::args::Cli;
use crate::error::Error;
use crate::known::as_query;
use crate::logging;
use crate::output::Output;

/// The process's state, read once, and the places to write to.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) env: Env,
    pub(crate) layout: Layout,
    pub(crate) config: Config,
    pub(crate) output: Output,
    pub(crate) is_verbose: bool,
}

impl Context {
    pub(crate) fn new(cli: &Cli) -> Result<Self, Error> {
        Self::with(cli, Config::load)
    }

    /// For what mends a broken configuration, or goes without any: it counts as empty then.
    pub(crate) fn despite_config(cli: &Cli) -> Result<Self, Error> {
        Self::with(cli, |env, layout| {
            Ok(Config::load(env, layout).unwrap_or_default())
        })
    }

    fn with(
        cli: &Cli,
        load: impl FnOnce(&Env, &Layout) -> Result<Config, goshim_resolver::Error>,
    ) -> Result<Self, Error> {
        let env = Env::from_os();
        logging::start(&env, cli.verbose);
        let layout = Layout::new(&env)?;
        let config = load(&env, &layout)?;
        let layout = layout.with_stores(&config);
        Ok(Self {
            output: Output::new(cli.quiet, &env),
            env,
            layout,
            config,
            is_verbose: cli.verbose > 0,
        })
    }

    /// Refuses a store in the home directory itself or in the root directory, by whatever name: nobody could tell what is goshim's there.
    pub(crate) fn refuse_taken_home(&self) -> Result<(), Error> {
        let dir = self.layout.home();
        let real = |dir: &Path| fs_err::canonicalize(dir).unwrap_or_else(|_| workdir::clean(dir));
        let there = real(dir);
        let is_home = self
            .env
            .absolute_home()
            .is_some_and(|home| real(home) == there);
        let what = match there.parent() {
            None => "the root directory",
            Some(_) if is_home => "your home directory",
            Some(_) => return Ok(()),
        };
        Err(Error::HomeIsTaken {
            dir: dir.to_owned(),
            what,
        })
    }

    /// What an argument asks for; a name must be that of a linked SDK, for it may be a mistake for anything.
    pub(crate) fn query(&self, text: &str) -> Result<Query, Error> {
        let query = Query::parse(text)?;
        match &query {
            Query::Linked(name) if linked::root_of(&self.layout, name)?.is_none() => {
                Err(Error::not_linked(&self.layout, text))
            }
            _ => Ok(query),
        }
    }

    /// What an argument asks for of what is published, or was installed: no linked SDK.
    pub(crate) fn published_query(&self, text: &str) -> Result<Query, Error> {
        Query::parse_version(text).map_err(|invalid| self.linked_or(text, invalid.into()))
    }

    /// The installed release that an argument names.
    fn release(&self, text: &str) -> Result<Version, Error> {
        release(text).map_err(|error| match Query::parse(text) {
            Ok(Query::Series(series)) => {
                let sdks = store::list_own(&self.layout).unwrap_or_default();
                let versions = sdks.iter().map(|sdk| &sdk.version);
                Error::Series {
                    text: text.to_owned(),
                    installed: versions
                        .filter(|version| series.covers(version))
                        .map(as_query)
                        .collect(),
                }
            }
            _ => self.linked_or(text, error),
        })
    }

    /// All arguments that name installed SDKs, read before anything is changed: releases, or the names of the store, such as `go1.22.10.windows-amd64`, for those of other platforms.
    /// Each comes with the layout of its platform.
    pub(crate) fn sdks(&self, texts: &[String]) -> Result<Vec<(Layout, Version)>, Error> {
        let sdk = |text: &String| match self.layout.named(text) {
            Some(sdk) => Ok(sdk),
            None => Ok((self.layout.clone(), self.release(text)?)),
        };
        texts.iter().map(sdk).collect()
    }

    /// The error for an argument that names a linked SDK where that means nothing; another text's own.
    fn linked_or(&self, text: &str, error: Error) -> Error {
        let link = Name::parse(text).and_then(|name| {
            let root = linked::root_of(&self.layout, &name).ok().flatten()?;
            Some(Error::IsLinked { name, root })
        });
        link.unwrap_or(error)
    }

    /// What runs here, for go without arguments.
    pub(crate) fn resolve(&self) -> Result<Resolution, Error> {
        let resolution = resolve(&self.env, &self.layout, &[], None)?;
        match &resolution.outcome {
            Ok(selected) => tracing::info!(
                go = selected.root().map(escape::path),
                "{}",
                resolution.asker()
            ),
            Err(error) => tracing::info!("no Go runs here: {error}"),
        }
        for step in &resolution.trace {
            tracing::debug!(
                file = step.file.as_deref().map(escape::path),
                value = step
                    .value
                    .as_deref()
                    .map(|value| Escaped(value).to_string()),
                "{}: {}",
                step.source,
                step.reason
            );
        }
        Ok(resolution)
    }

    /// Records the working directory's project, whose SDK `goshim prune` is to keep.
    pub(crate) fn record_project(&self) {
        let Ok(resolution) = self.resolve() else {
            return;
        };
        let choice = resolution.choice.map(|choice| choice.origin);
        let place = choice.as_ref().filter(|origin| origin.is_project());
        if let Some(dir) = place
            .and_then(|origin| origin.place())
            .and_then(|place| place.file.parent())
        {
            projects::record(&self.layout, dir);
        }
    }

    /// What becomes of a Go that is missing here: whether the next go installs it, and what does.
    pub(crate) fn installation(&self, resolution: &Resolution, wanted: &Wanted) -> String {
        let command = wanted.command();
        let at_least = wanted.at_least.as_ref();
        let is_unknown = self.known_index().is_some_and(|index| {
            let release = index.select(&wanted.query, at_least, Platform::host());
            release.is_err()
        });
        if is_unknown {
            return format!("no such release is known here, and {command} asks whether there is");
        }
        if let Some(min) = resolution.refuses_as_old(wanted, &self.config) {
            return format!(
                "releases before {min} are not installed on a project's word (auto_install_min), and {command} installs it"
            );
        }
        match resolution.auto_install {
            AutoInstall::Always => {
                format!("the next go here installs it, or {command} does now")
            }
            AutoInstall::Ask => {
                format!("the next go here asks whether to install it, or {command} does now")
            }
            AutoInstall::Never => {
                format!("go installs nothing here by itself, and {command} does")
            }
        }
    }

    /// What is known of the published releases without asking anybody. Who only adds to an answer does not fail without it.
    pub(crate) fn known_index(&self) -> Option<Index> {
        self.installer().ok()?.known_index().ok()?
    }

    /// A line of a file as people near it would write it: from here, or from the home directory.
    pub(crate) fn shown(&self, place: &Place) -> String {
        let column = place
            .column
            .map_or_else(String::new, |column| format!(":{column}"));
        format!("{}:{}{column}", self.shown_path(&place.file), place.line)
    }

    /// A path as people near it would write it: from here, or from the home directory. It is escaped.
    pub(crate) fn shown_path(&self, path: &Path) -> String {
        let work_dir = workdir::work_dir(&self.env, None).ok().flatten();
        let below = |dir: Option<&Path>| {
            let rest = path.strip_prefix(dir?).ok()?;
            (rest != Path::new("")).then(|| escape::path(rest))
        };
        let from_home = || Some(format!("~/{}", below(self.env.home.as_deref())?));
        below(work_dir.as_deref())
            .or_else(from_home)
            .unwrap_or_else(|| escape::path(path))
    }

    /// The first `go` that PATH names, goshim's or not.
    pub(crate) fn first_go(&self) -> Option<PathBuf> {
        let go = shims::program("go");
        std::env::split_paths(self.env.var("PATH")?)
            .map(|dir| dir.join(&go))
            .find(|go| go.is_file())
    }

    /// Whether `goshim setup` was here. A shell that started before it still has another `go`, or none.
    pub(crate) fn is_set_up(&self) -> bool {
        self.layout.shims().join(shims::program("go")).is_file()
    }

    /// The shell that the user logs in with: the variable SHELL, else the one that is there in any case.
    pub(crate) fn login_shell(&self) -> &Path {
        let own = if cfg!(windows) {
            "powershell"
        } else {
            "/bin/sh"
        };
        Path::new(self.env.var("SHELL").unwrap_or(own.as_ref()))
    }

    /// Tells which further stores are passed over.
    pub(crate) fn tell_unlisted_stores(&self) {
        for error in store::unlisted(&self.layout) {
            self.output
                .talk(&format!("a store is passed over: {error}"));
        }
    }

    /// The installer with the user's sources.
    pub(crate) fn installer(&self) -> Result<Installer, Error> {
        Ok(Installer::new(&self.env, &self.layout, &self.config)?)
    }
}

/// The environment as it would be in another directory; `None` where that is none.
pub(crate) fn in_directory(env: Env, dir: &Path) -> Option<Env> {
    let here = workdir::work_dir(&env, None).ok().flatten();
    let dir = workdir::clean(&here.map_or_else(|| dir.to_owned(), |here| here.join(dir)));
    let physical = workdir::entered(&dir).ok().filter(|dir| dir.is_dir())?;
    let mut env = env.with("PWD", dir);
    env.physical_dir = Some(physical);
    Some(env)
}

/// An argument that names a release, with or without `go` or `v`.
pub(crate) fn release(text: &str) -> Result<Version, Error> {
    match Query::parse(text) {
        Ok(Query::Release(version)) => Ok(version),
        // `1.20` is a series where a query is read, and a release where only a release can be meant.
        Ok(Query::Series(_)) => {
            let version = Version::parse(text.trim_start_matches("go").trim_start_matches('v'));
            version
                .filter(|version| !version.is_language())
                .ok_or_else(|| Error::NotARelease(text.to_owned()))
        }
        Ok(_) | Err(query::InvalidQuery { .. }) => Err(Error::NotARelease(text.to_owned())),
    }
}

/// The error for a Go that was selected and is not installed.
pub(crate) fn missing(asker: String, wanted: &Wanted) -> Error {
    Error::Missing {
        what: format!("Go {}", wanted.text()),
        asker,
        command: wanted.command(),
    }
}

//! goshim's rule: which Go a directory asks for, and why (docs/concepts/resolution.md).

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::argv::Arguments;
use crate::cmdgo::{self, GoToolchain, Mode};
use crate::env::Env;
use crate::environment::{Assignment, Environment};
use crate::era::Era;
use crate::error::Error;
use crate::goenv::GoEnv;
use crate::governing::{self, Governing};
use crate::layout::Layout;
use crate::linked::{self, Linked};
use crate::origin::{Origin, Place, Step, Verdict};
use crate::pin::{self, Pin, Pins};
use crate::project::Project;
use crate::query::{self, InvalidQuery, Query};
use crate::settings::{AutoInstall, Config, GorootSetting, Policy};
use crate::store::{self, Sdk};
use crate::system::{self, SystemGo};
use crate::variables;
use crate::version::Version;
use crate::{read, workdir};

/// A query with the place that asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is asked for. Of several the first installed one counts.
    pub queries: Vec<Query>,
    /// Who asks.
    pub origin: Origin,
}

impl Choice {
    fn one(query: Query, origin: Origin) -> Self {
        Self {
            queries: vec![query],
            origin,
        }
    }

    /// The queries as text, separated by blanks.
    pub fn text(&self) -> String {
        self.queries
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The least Go that the governing go.mod or go.work accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Floor {
    /// It.
    pub version: Version,
    /// The line that says so.
    pub place: Place,
}

impl Floor {
    /// The error for a floor that no release can meet, such as `go 2.0`.
    fn no_such_release(&self) -> Error {
        Error::NoSuchRelease {
            name: self.version.toolchain(),
            asker: format!("the go line of {}", self.place),
        }
    }
}

/// What is missing, for the installer to turn into a release: only it has the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The query.
    pub query: Query,
    /// The least release of it that will do.
    pub at_least: Option<Version>,
}

impl Wanted {
    /// It for people: `1.22 (1.22.5 or newer)`.
    pub fn text(&self) -> String {
        match self.narrowing_floor() {
            Some(floor) => format!("{} ({floor} or newer)", self.query),
            None => self.query.to_string(),
        }
    }

    /// The words that install it, for people.
    pub fn command(&self) -> String {
        format!("goshim {}", self.arguments().join(" "))
    }

    /// The arguments with which `goshim` installs it.
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["install".to_owned()];
        if self.query == Query::OldStable {
            // It is the minor before the newest one, so the newest one has to be there as well.
            arguments.push(Query::Latest.to_string());
        }
        arguments.push(self.query.to_string());
        if let Some(floor) = self.narrowing_floor() {
            arguments.extend(["--at-least".to_owned(), floor.to_string()]);
        }
        arguments
    }

    /// Whether nothing that it means can be `min` or newer.
    fn is_older_than(&self, min: &Version) -> bool {
        match &self.query {
            Query::Release(version) => version < min,
            Query::Series(series) => !series.reaches(min),
            Query::Latest
            | Query::OldStable
            | Query::System
            | Query::Linked(_)
            | Query::Named(_) => false,
        }
    }

    /// The floor where it says more than the query: every patch of 1.22 is 1.22 or newer, and a release is what it is.
    fn narrowing_floor(&self) -> Option<&Version> {
        self.at_least.as_ref().filter(|floor| match &self.query {
            Query::Release(_) => false,
            Query::Series(series) => series.to_string() != floor.as_str(),
            Query::Latest
            | Query::OldStable
            | Query::System
            | Query::Linked(_)
            | Query::Named(_) => true,
        })
    }
}

/// The Go that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selected {
    /// An SDK of the store.
    Installed(Sdk),
    /// A Go that is not goshim's.
    System(SystemGo),
    /// An SDK of the user's own, under a name.
    Linked(Linked),
    /// An SDK that the store does not have.
    Missing(Wanted),
}

impl Selected {
    /// Its version; `None` where it is missing, or does not say.
    pub fn version(&self) -> Option<&Version> {
        match self {
            Self::Installed(sdk) => Some(&sdk.version),
            Self::System(go) => go.version.as_ref(),
            Self::Linked(linked) => linked.version.as_ref(),
            Self::Missing(_) => None,
        }
    }

    /// Its root; `None` where it is missing.
    pub fn root(&self) -> Option<&Path> {
        match self {
            Self::Installed(sdk) => Some(&sdk.root),
            Self::System(go) => Some(&go.root),
            Self::Linked(linked) => Some(&linked.root),
            Self::Missing(_) => None,
        }
    }

    /// The path of one of its programs, `go` or `gofmt`; `None` where it is missing.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        match self {
            Self::Installed(sdk) => Some(sdk.program(name)),
            Self::System(go) => Some(go.program(name)),
            Self::Linked(linked) => Some(linked.program(name)),
            Self::Missing(_) => None,
        }
    }
}

/// A pin and the go line of one project disagree, and the pin was raised: worth one line to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The pin's line.
    pub pin: Place,
    /// What it says.
    pub query: String,
    /// The floor that it is below.
    pub floor: Floor,
}

/// The outcome of a resolution, with everything that led to it.
#[derive(Debug)]
pub struct Resolution {
    /// The query that won; `None` where only a floor speaks, or nothing.
    pub choice: Option<Choice>,
    /// The floor, where one applies.
    pub floor: Option<Floor>,
    /// Whether the floor changed what runs.
    pub raised: bool,
    /// The policy that applied.
    pub policy: Policy,
    /// The Go that runs, or why none can.
    pub outcome: Result<Selected, Error>,
    /// Whether the child needs `GOTOOLCHAIN=local`, so that cmd/go does not leave the selection.
    pub hold: bool,
    /// A disagreement worth telling.
    pub notice: Option<Notice>,
    /// What the shim may do where the SDK is missing.
    pub auto_install: AutoInstall,
    /// What becomes of GOROOT.
    pub goroot: GorootSetting,
    /// Whether the system's Go runs, and GOROOT is that of an SDK of ours, which a goshim or go above has left in the environment.
    pub drops_goroot: bool,
    /// The variables of project, layout and configuration. What the user exported is not among them, but for GOPROXY where settings are left out.
    pub environment: Vec<Assignment>,
    /// Those that do not count, because the user exported another value.
    pub overruled: Vec<Assignment>,
    /// Every source that was looked at, in order.
    pub trace: Vec<Step>,
}

impl Resolution {
    /// The line of a file that decides what runs; `None` where no file does.
    pub fn place(&self) -> Option<&Place> {
        match (&self.choice, &self.floor) {
            (_, Some(floor)) if self.raised || self.choice.is_none() => Some(&floor.place),
            (Some(choice), _) => choice.origin.place(),
            (None, _) => None,
        }
    }

    /// Below which release a project's word installs nothing (`auto_install_min`), where that keeps a shim from installing what is missing; `None` where it may.
    pub fn refuses_as_old(&self, wanted: &Wanted, config: &Config) -> Option<Version> {
        let comes_with_project = self
            .choice
            .as_ref()
            .is_none_or(|choice| choice.origin.is_project())
            || self.raised;
        config
            .auto_install_min()
            .filter(|min| comes_with_project && wanted.is_older_than(min))
    }

    /// Who asks for what runs, for people.
    pub fn asker(&self) -> String {
        match (&self.choice, &self.floor) {
            (_, Some(floor)) if self.raised || self.choice.is_none() => {
                format!("required by {}", floor.place)
            }
            (Some(choice), _) => format!("asked for by {}", choice.origin),
            (None, _) => "asked for by nothing".to_owned(),
        }
    }
}

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

    /// The choices 1 and 2, which the person at the keyboard made. Returns whether there is one.
    fn choose_as_said(&mut self, argument: Option<&str>) -> Result<bool, Error> {
        let parse =
            |what, text: &str| Query::parse(text).map_err(|source| Error::Query { what, source });
        if let Some(text) = argument {
            self.step(
                "argument",
                None,
                Some(text.to_owned()),
                Verdict::Chosen,
                "explicit",
            );
            self.choice = Some(Choice::one(parse("the query", text)?, Origin::Argument));
            self.hold = true;
            return Ok(true);
        }
        if let Some(text) = self.env.text(variables::VERSION) {
            self.step(
                variables::VERSION,
                None,
                Some(text.clone()),
                Verdict::Chosen,
                "explicit",
            );
            self.choice = Some(Choice::one(
                parse(variables::VERSION, &text)?,
                Origin::Variable(variables::VERSION),
            ));
            self.hold = true;
            return Ok(true);
        }
        Ok(false)
    }

    /// What GOTOOLCHAIN says in the environment; `None` where it is not set. An error matters where modules are on.
    fn gotoolchain(&self) -> Option<Result<GoToolchain, Error>> {
        let wish = GoToolchain::parse(&self.env.text("GOTOOLCHAIN")?);
        (wish.is_ok() || !self.arguments.is_about_gotoolchain()).then_some(wish)
    }

    /// The choice 3: a toolchain that GOTOOLCHAIN names. Returns whether it does.
    fn choose_by_gotoolchain(
        &mut self,
        wish: Option<GoToolchain>,
        go_env: &GoEnv,
        dirs: &[&Path],
    ) -> Result<bool, Error> {
        let Some(wish) = wish else {
            return Ok(false);
        };
        let value = self.env.text("GOTOOLCHAIN");
        let Some((name, version)) = &wish.name else {
            self.step(
                "GOTOOLCHAIN",
                None,
                value,
                Verdict::Absent,
                "it names no toolchain",
            );
            return Ok(false);
        };
        let governing = if wish.mode == Mode::Fixed {
            None
        } else {
            self.governing(go_env, dirs)?
        };
        let (selected, raised_by) =
            cmdgo::upgrade((name, version), &wish, governing.as_ref(), Era::NEWEST)?;
        cmdgo::check_name(&selected)?;
        let (origin, reason) = match raised_by {
            // What the module raised it to is the module's word, not the user's.
            Some(line) => (line, "explicit, and raised by the module as cmd/go does"),
            None => (Origin::Variable("GOTOOLCHAIN"), "explicit"),
        };
        let file = governing.map(|governing| governing.file);
        self.step("GOTOOLCHAIN", file, value, Verdict::Chosen, reason);
        let query = Query::from_toolchain(&selected).unwrap_or(Query::Named(selected));
        self.choice = Some(Choice::one(query, origin));
        Ok(true)
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

    /// The choices 4 to 8.
    fn choose(
        &mut self,
        pins: &mut Pins,
        governing: Option<&Governing>,
        go_env: &GoEnv,
    ) -> Result<Option<Choice>, Error> {
        let from_module = governing.map_or(Ok(None), |governing| {
            self.choice_of_module(governing, pins.project.is_some())
        })?;
        if let Some(Pin { queries, place }) = pins.project.clone() {
            return Ok(Some(Choice {
                queries,
                origin: Origin::PinFile(place),
            }));
        }
        if from_module.is_some() {
            return Ok(from_module);
        }
        if let Some(choice) = self.default_choice(pins, go_env)? {
            return Ok(Some(choice));
        }
        if system::find(&self.env, self.layout).is_some() {
            self.step(
                "system",
                None,
                None,
                Verdict::Chosen,
                "a go on PATH that is not goshim's",
            );
            return Ok(Some(Choice::one(Query::System, Origin::System)));
        }
        if self.newest_installed(None, |_| true)?.is_some() {
            self.step(
                "store",
                None,
                None,
                Verdict::Chosen,
                "the newest stable SDK",
            );
            return Ok(Some(Choice::one(Query::Latest, Origin::NewestInstalled)));
        }
        Ok(None)
    }

    /// The choice that go.mod or go.work makes under the policy. `is_pinned`: a pin file has won already, and this is for the trace.
    fn choice_of_module(
        &mut self,
        governing: &Governing,
        is_pinned: bool,
    ) -> Result<Option<Choice>, Error> {
        if self.policy == Policy::Floor {
            return Ok(None);
        }
        let file = Some(governing.file.clone());
        let go = governing.go_version();
        if let Some(directive) = governing
            .toolchain
            .as_ref()
            .filter(|toolchain| toolchain.value != "default")
        {
            let place = governing.place(directive);
            let value = Some(directive.value.clone());
            if is_pinned {
                self.step(
                    "toolchain line",
                    file,
                    value,
                    Verdict::Lost,
                    "a pin file is written by a person",
                );
                return Ok(None);
            }
            let version = Version::from_toolchain(&directive.value);
            let (Some(version), Some(query)) = (version, Query::from_toolchain(&directive.value))
            else {
                return Err(Error::ToolchainLine {
                    place,
                    value: directive.value.clone(),
                });
            };
            if go.as_ref().is_none_or(|(go, _)| version >= *go) {
                self.step(
                    "toolchain line",
                    file,
                    value,
                    Verdict::Chosen,
                    "nothing written by hand says otherwise",
                );
                return Ok(Some(Choice::one(query, Origin::ToolchainLine(place))));
            }
            self.step(
                "toolchain line",
                file.clone(),
                value,
                Verdict::Lost,
                "older than the go line, it counts as absent",
            );
        }
        if let (Policy::Exact, false, Some((go, place))) = (self.policy, is_pinned, go) {
            self.step(
                "go line",
                file,
                Some(go.to_string()),
                Verdict::Chosen,
                "the policy is exact",
            );
            // Two numbers are the series here too, also below 1.21, where they are no language version but a release's name.
            let query = Query::parse(go.as_str()).unwrap_or_else(|_| Query::Named(go.toolchain()));
            return Ok(Some(Choice::one(query, Origin::GoLine(place))));
        }
        Ok(None)
    }

    /// The user's default, go's own settings file, and pin files of the home directory and above.
    fn default_choice(&mut self, pins: &mut Pins, go_env: &GoEnv) -> Result<Option<Choice>, Error> {
        let file = self.layout.default_file();
        let text = if self.env.is_hidden(&file) {
            None
        } else {
            read::read_text(&file)?
        };
        if let Some(text) = text {
            let place = Place::of_line(&file, 1);
            let query = Query::parse(text.trim()).map_err(|error| Error::Pin {
                place: place.clone(),
                problem: error.into(),
            })?;
            self.step(
                "default",
                Some(file),
                Some(query.to_string()),
                Verdict::Chosen,
                "nothing in the project says otherwise",
            );
            return Ok(Some(Choice::one(query, Origin::Default(place))));
        }
        self.step("default", Some(file), None, Verdict::Absent, "not set");
        let entry = go_env
            .entry("GOTOOLCHAIN")
            .filter(|(value, _)| !value.is_empty() && self.are_modules_on);
        let wish = entry.map(|(value, place)| (GoToolchain::parse(value), place));
        let (wish, place) = match wish {
            Some((Err(_), _)) if self.arguments.is_about_gotoolchain() => (None, None),
            Some((Err(error), place)) => return Err(error.at(place)),
            Some((Ok(wish), place)) => (wish.name, Some(place)),
            None => (None, None),
        };
        if let (Some((name, _)), Some(place)) = (wish, place) {
            self.step(
                "go env file",
                Some(place.file.clone()),
                Some(name.clone()),
                Verdict::Chosen,
                "go env -w GOTOOLCHAIN",
            );
            let query = Query::from_toolchain(&name).unwrap_or(Query::Named(name));
            return Ok(Some(Choice::one(query, Origin::GoEnvFile(place.clone()))));
        }
        Ok(pins.home.take().transpose()?.map(|Pin { queries, place }| {
            self.step(
                "home pin file",
                Some(place.file.clone()),
                None,
                Verdict::Chosen,
                "nothing nearer says otherwise",
            );
            Choice {
                queries,
                origin: Origin::HomePinFile(place),
            }
        }))
    }

    /// The floor: the go line, and under the policy `floor` the toolchain line too, whichever is greater.
    fn set_floor(&mut self, governing: Option<&Governing>) -> Result<(), Error> {
        let Some(governing) = governing else {
            return Ok(());
        };
        self.floor = governing
            .go_version()
            .map(|(version, place)| Floor { version, place });
        let toolchain = governing
            .toolchain
            .as_ref()
            .filter(|toolchain| self.policy == Policy::Floor && toolchain.value != "default");
        if let Some(directive) = toolchain {
            let place = governing.place(directive);
            let version =
                Version::from_toolchain(&directive.value).ok_or_else(|| Error::ToolchainLine {
                    place: place.clone(),
                    value: directive.value.clone(),
                })?;
            if self
                .floor
                .as_ref()
                .is_none_or(|floor| version > floor.version)
            {
                self.floor = Some(Floor { version, place });
            }
        }
        match self.floor.clone() {
            Some(Floor { version, place }) => {
                self.step(
                    "go line",
                    Some(place.file),
                    Some(version.to_string()),
                    Verdict::Floor,
                    "the module accepts no older Go",
                );
            }
            None => self.step(
                "go line",
                Some(governing.file.clone()),
                None,
                Verdict::Absent,
                "the module states no requirement",
            ),
        }
        Ok(())
    }

    /// An explicit choice: exact, whatever the module requires.
    fn look_up_exactly(&mut self, choice: &Choice) -> Result<Selected, Error> {
        let query = choice.queries.first().cloned().unwrap_or(Query::Latest);
        match self.find(&query, None, &choice.origin)? {
            Some(selected) => Ok(selected),
            None if is_installable(&query) => Ok(Selected::Missing(Wanted {
                query,
                at_least: None,
            })),
            None => Err(not_here(query, &choice.origin)),
        }
    }

    /// The choice under its floor.
    fn look_up(&mut self) -> Result<Selected, Error> {
        let floor = self.floor.as_ref().map(|floor| floor.version.clone());
        let Some(choice) = self.choice.clone() else {
            // Nothing is installed and nothing is asked for: the floor alone says what would do.
            return match self.reachable_floor()? {
                Some(floor) => self.meet(floor),
                None => Err(Error::NothingInstalled),
            };
        };
        let mut is_here_but_below = false;
        for query in &choice.queries {
            match self.find(query, floor.as_ref(), &choice.origin)? {
                Some(selected) if is_below(&selected, floor.as_ref()) => is_here_but_below = true,
                Some(selected) => return Ok(selected),
                None => {}
            }
        }
        // A system Go that is not there, or a name that is not linked, is passed over like an SDK that is not, but nobody can install it.
        let candidates = || {
            let is_one = |query: &&Query| is_installable(query) || is_here_but_below;
            choice.queries.iter().filter(is_one)
        };
        // Of several that are not here, the first one that can meet the floor.
        let can_meet = |query: &&Query| match (query, floor.as_ref()) {
            (Query::Release(version), Some(floor)) => version >= floor,
            (Query::Series(series), Some(floor)) => series.reaches(floor),
            (_, floor) => floor.is_none(),
        };
        let Some(query) = candidates()
            .find(can_meet)
            .or_else(|| candidates().next())
            .cloned()
        else {
            let first = choice.queries.into_iter().next();
            return Err(not_here(first.unwrap_or(Query::System), &choice.origin));
        };
        let floor = self.reachable_floor()?;
        let raise = floor.clone().filter(|floor| match &query {
            Query::Release(version) => version < floor,
            Query::Series(series) => !series.reaches(floor),
            Query::OldStable => is_here_but_below || self.is_oldstable_below(floor),
            Query::Latest | Query::System | Query::Linked(_) | Query::Named(_) => is_here_but_below,
        });
        let Some(floor) = raise else {
            return Ok(Selected::Missing(Wanted {
                query,
                at_least: floor,
            }));
        };
        self.raised = true;
        self.step(
            "floor",
            None,
            Some(floor.to_string()),
            Verdict::Raised,
            "the choice is below it",
        );
        self.meet(floor)
    }

    /// Whether the minor before the newest installed one is below the floor, so that none of its releases can meet it.
    fn is_oldstable_below(&self, floor: &Version) -> bool {
        let newest = self.newest_installed(None, |_| true).ok().flatten();
        let before = newest.and_then(|newest| Version::parse(&newest.version.previous_language()));
        before.is_some_and(|before| before < *floor && !before.same_minor(floor))
    }

    /// The floor, where it has to be met by something that is not here yet: then a release must be able to.
    fn reachable_floor(&self) -> Result<Option<Version>, Error> {
        match &self.floor {
            Some(floor) if !query::within_limits(&floor.version) => Err(floor.no_such_release()),
            floor => Ok(floor.as_ref().map(|floor| floor.version.clone())),
        }
    }

    /// The newest patch of the floor's own minor that meets it.
    fn meet(&self, floor: Version) -> Result<Selected, Error> {
        let patch = self.newest_installed(Some(&floor), |version| version.same_minor(&floor))?;
        Ok(patch.map_or_else(
            || {
                Selected::Missing(Wanted {
                    query: Query::series_of(&floor),
                    at_least: Some(floor),
                })
            },
            Selected::Installed,
        ))
    }

    /// The Go that `query` means among those that are here; `None` where it is not installed.
    fn find(
        &self,
        query: &Query,
        floor: Option<&Version>,
        origin: &Origin,
    ) -> Result<Option<Selected>, Error> {
        Ok(match query {
            Query::Release(version) => store::find(self.layout, version).map(Selected::Installed),
            Query::Series(series) => self
                .newest_installed(floor, |version| series.covers(version))?
                .map(Selected::Installed),
            Query::Latest => self
                .newest_installed(None, |_| true)?
                .map(Selected::Installed),
            Query::OldStable => match self.newest_installed(None, |_| true)? {
                Some(newest) => {
                    let previous = newest.version.previous_language();
                    self.newest_installed(None, |version| version.language() == previous)?
                        .map(Selected::Installed)
                }
                None => None,
            },
            Query::System => system::find(&self.env, self.layout).map(Selected::System),
            Query::Linked(name) => linked::find(self.layout, name)?.map(Selected::Linked),
            Query::Named(name) => {
                return Err(Error::NoSuchRelease {
                    name: name.clone(),
                    asker: origin.to_string(),
                });
            }
        })
    }

    /// The newest installed stable SDK that meets the floor and that `accepts` takes. Prereleases count only where they are named:
    /// a floor that is one lets it or a later one do where there is nothing stable, as the installer has it.
    fn newest_installed(
        &self,
        floor: Option<&Version>,
        accepts: impl Fn(&Version) -> bool,
    ) -> Result<Option<Sdk>, Error> {
        let mut sdks = store::list(self.layout)?;
        sdks.retain(|sdk| accepts(&sdk.version) && floor.is_none_or(|floor| sdk.version >= *floor));
        let stable = sdks.iter().position(|sdk| !sdk.version.is_prerelease());
        let at = if floor.is_some_and(Version::is_prerelease) {
            stable.or(Some(0))
        } else {
            stable
        };
        Ok(at.and_then(|at| sdks.into_iter().nth(at)))
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

/// Whether what is not here could be installed: neither a system Go nor a name of the user's own can.
fn is_installable(query: &Query) -> bool {
    !matches!(query, Query::System | Query::Linked(_))
}

/// The error for what is not here and cannot be installed. A name is as wrong as any other word in its place.
fn not_here(query: Query, origin: &Origin) -> Error {
    let Query::Linked(name) = query else {
        return Error::NoSystemGo {
            asker: origin.to_string(),
        };
    };
    let source = InvalidQuery::not_linked(&name);
    match (origin.place(), origin) {
        (Some(place), _) => Error::Pin {
            place: place.clone(),
            problem: source.into(),
        },
        (None, Origin::Variable(what)) => Error::Query { what, source },
        (None, _) => Error::Query {
            what: "the query",
            source,
        },
    }
}

fn is_below(selected: &Selected, floor: Option<&Version>) -> bool {
    // A Go of unknown version is used as it is.
    matches!((selected.version(), floor), (Some(version), Some(floor)) if version < floor)
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
#[path = "resolve_tests.rs"]
mod tests;

//! What is asked for: the choices of docs/concepts/resolution.md in their order, and the floor.

use std::path::Path;

use super::{Choice, Floor, Resolver};
use crate::cmdgo::{self, GoToolchain, Mode};
use crate::era::Era;
use crate::error::Error;
use crate::goenv::GoEnv;
use crate::governing::Governing;
use crate::origin::{Origin, Place, Verdict};
use crate::pin::{Pin, Pins};
use crate::query::Query;
use crate::settings::Policy;
use crate::version::Version;
use crate::{read, system, variables};

impl Resolver<'_> {
    /// The choices 1 and 2, which the person at the keyboard made. Returns whether there is one.
    pub(super) fn choose_as_said(&mut self, argument: Option<&str>) -> Result<bool, Error> {
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
    pub(super) fn gotoolchain(&self) -> Option<Result<GoToolchain, Error>> {
        let wish = GoToolchain::parse(&self.env.text("GOTOOLCHAIN")?);
        (wish.is_ok() || !self.arguments.is_about_gotoolchain()).then_some(wish)
    }

    /// The choice 3: a toolchain that GOTOOLCHAIN names. Returns whether it does.
    pub(super) fn choose_by_gotoolchain(
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

    /// The choices 4 to 8.
    pub(super) fn choose(
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
    pub(super) fn set_floor(&mut self, governing: Option<&Governing>) -> Result<(), Error> {
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
}

//! `goshim install`

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{ArgGroup, Args};
use goshim_installer::Cancel;
use goshim_installer::install::{Installed, Order, Timings};
use goshim_resolver::{Platform, Query, Selected, Version};
use serde_json::{Value, json};

use crate::context::{Context, release};
use crate::error::{self, Error};
use crate::interrupt::Interrupt;
use crate::output;
use crate::platform::PlatformArgs;
use crate::progress::Progress;

/// The arguments of `install`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").multiple(true))]
pub struct Install {
    /// Releases (1.22.10), series (1.22), latest or oldstable
    #[arg(value_name = "VERSION", group = "what")]
    queries: Vec<String>,

    /// Accept nothing older than this release
    #[arg(long, value_name = "RELEASE", requires = "queries")]
    at_least: Option<String>,

    /// Take the archive from this file; its name says which release it is, unless one is named
    #[arg(long, value_name = "FILE", group = "what")]
    from: Option<PathBuf>,

    /// The archive's sha256, where none was published for it
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,

    /// Install also what is installed: the new one takes the old one's place
    #[arg(long, visible_alias = "force", requires = "what")]
    reinstall: bool,

    #[command(flatten)]
    platform: PlatformArgs,

    /// Show how long each stage took
    #[arg(long)]
    timings: bool,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

impl Install {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let (orders, platform) = self.orders(context)?;
        context.tell_unlisted_stores();
        context.record_project();
        let manner = Manner {
            platform,
            is_reinstall: self.reinstall,
            has_timings: self.timings,
        };
        Ok(match carry_out(context, &orders, &manner)? {
            Done::Stopped(code) | Done::Failed(code) => code,
            Done::Installed(done) => {
                if self.json {
                    print_shapes(&done)?;
                }
                tell_setup(context);
                ExitCode::SUCCESS
            }
        })
    }

    /// What is to be installed, and for which platform.
    fn orders(&self, context: &Context) -> Result<(Vec<Order>, Platform), Error> {
        let named = self.platform.named()?;
        if let (Some(file), []) = (&self.from, &self.queries[..]) {
            let (order, platform) = Order::of_file(file)?;
            let order = self.vouched(order)?;
            return Ok((vec![order], named.unwrap_or(platform)));
        }
        let wanted = self.wanted(context)?;
        if wanted.len() > 1 && self.from.is_some() {
            return Err(Error::OneRelease("--from"));
        }
        if wanted.len() > 1 && self.sha256.is_some() {
            return Err(Error::OneRelease("--sha256"));
        }
        let mut orders = Vec::new();
        for (query, at_least) in wanted {
            let order = Order {
                file: self.from.clone(),
                ..Order::new(query, at_least)
            };
            orders.push(self.vouched(order)?);
        }
        Ok((orders, named.unwrap_or_else(Platform::host)))
    }

    fn vouched(&self, order: Order) -> Result<Order, Error> {
        Ok(match &self.sha256 {
            Some(sha256) => order.vouched(sha256)?,
            None => order,
        })
    }

    /// The queries of the command line, else what this directory asks for.
    fn wanted(&self, context: &Context) -> Result<Vec<(Query, Option<Version>)>, Error> {
        if !self.queries.is_empty() {
            let at_least = self.at_least.as_deref().map(floor).transpose()?;
            let queries = self
                .queries
                .iter()
                .map(|text| Ok((context.published_query(text)?, at_least.clone())));
            return queries.collect();
        }
        let resolution = context.resolve()?;
        let asker = resolution.asker();
        match resolution.outcome? {
            Selected::Missing(wanted) => {
                context
                    .output
                    .talk(&format!("Go {} is {asker}", wanted.text()));
                Ok(vec![(wanted.query, wanted.at_least)])
            }
            Selected::Installed(sdk) => {
                context.output.talk(&format!(
                    "{} is {asker} and installed",
                    sdk.version.toolchain()
                ));
                // Whether it came from that archive is still to be seen.
                let is_in_question = self.sha256.is_some();
                let order = is_in_question.then_some((Query::Release(sdk.version), None));
                Ok(order.into_iter().collect())
            }
            Selected::Linked(linked) => {
                let text = linked.text();
                context.output.talk(&format!(
                    "{text} is {asker} and linked: there is nothing to install"
                ));
                Ok(Vec::new())
            }
            Selected::System(_) => {
                context
                    .output
                    .talk("the system's Go runs here: there is nothing to install");
                Ok(Vec::new())
            }
        }
    }
}

/// How to install.
pub(crate) struct Manner {
    /// For which platform.
    pub(crate) platform: Platform,
    /// Whether what is there is installed anew.
    pub(crate) is_reinstall: bool,
    /// Whether the stages' durations are told.
    pub(crate) has_timings: bool,
}

/// What several installations came to.
pub(crate) enum Done {
    /// A signal stopped them.
    Stopped(ExitCode),
    /// At least one failed, which was told; the code is the first failure's.
    Failed(ExitCode),
    /// All are there.
    Installed(Vec<Installed>),
}

/// Installs what is ordered, and tells of it.
pub(crate) fn carry_out(
    context: &Context,
    orders: &[Order],
    manner: &Manner,
) -> Result<Done, Error> {
    let cancel = Cancel::default();
    let interrupt = Interrupt::listen(&cancel)?;
    let installer = context
        .installer()?
        .for_platform(manner.platform)
        .reinstalling(manner.is_reinstall)
        .stopped_by(cancel);
    let progress = Progress::new(context.output).with_timings(manner.has_timings);
    let results = installer.install(orders, &|place, event| {
        progress.show_of(place, &event);
    });
    progress.end_all();
    if let Some(code) = interrupt.code() {
        context
            .output
            .talk("stopped; the same command goes on with what has arrived");
        return Ok(Done::Stopped(code));
    }
    let mut done = Vec::new();
    let mut failure = None;
    for result in results? {
        match result {
            Ok(sdk) => {
                tell(context, &sdk);
                done.push(sdk);
            }
            // Each failure is told, and the first one's code is ours.
            Err(error) => {
                let code = error::report(&error.into());
                failure.get_or_insert(code);
            }
        }
    }
    Ok(failure.map_or(Done::Installed(done), Done::Failed))
}

/// Prints what was done, for scripts.
pub(crate) fn print_shapes(done: &[Installed]) -> Result<(), Error> {
    Ok(output::json(&Value::Array(
        done.iter().map(shape).collect(),
    ))?)
}

/// The argument of `--at-least`: any version that a go line can name, language versions included.
fn floor(text: &str) -> Result<Version, Error> {
    Version::parse(text).map_or_else(|| release(text), Ok)
}

/// Says at a terminal that `go` is another one, or none, for that is not what somebody expects who has just installed it.
fn tell_setup(context: &Context) {
    let shims = context.layout.shims();
    let is_ours = |go: PathBuf| go.parent() == Some(&shims);
    if std::io::stderr().is_terminal() && !context.first_go().is_some_and(is_ours) {
        let what_to_do = if context.is_set_up() {
            "a new one should have it; goshim setup says whether it does"
        } else {
            "goshim setup makes it so, in new ones"
        };
        context
            .output
            .talk(&format!("go is not goshim's in this shell: {what_to_do}"));
    }
}

/// Says what an installation came to, as far as its progress has not.
fn tell(context: &Context, installed: &Installed) {
    let name = &installed.name;
    if installed.was_there {
        context.output.talk(&format!("{name} is installed already"));
    }
    if installed.is_new_default {
        context.output.talk(&format!(
            "{name} is your default now, being the first (goshim default changes it)"
        ));
    }
}

fn shape(installed: &Installed) -> Value {
    let Timings {
        index,
        wait,
        unpack,
        publish,
    } = installed.timings;
    let milliseconds = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    json!({
        "toolchain": installed.sdk.version.toolchain(),
        "goroot": installed.sdk.root.to_string_lossy(),
        "was_installed": installed.was_there,
        "timings_ms": { "index": milliseconds(index), "wait": milliseconds(wait), "unpack": milliseconds(unpack), "publish": milliseconds(publish) },
    })
}

//! `goshim list`

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use clap::Args;
use goshim_installer::default;
use goshim_resolver::linked::{self, Linked, Name, Problem};
use goshim_resolver::resolve::resolve_anywhere;
use goshim_resolver::store::{self, Holder, Sdk};
use goshim_resolver::{Layout, Platform, Query, Resolution, Selected, Version};
use serde_json::{Value, json};

use crate::commands::list_remote::ListRemote;
use crate::context::Context;
use crate::error::Error;
use crate::known::{Known, Support, as_query};
use crate::output;
use crate::platform::PlatformArgs;
use crate::table::{self, Cell};

/// The arguments of `list`
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
#[derive(Debug, Args)]
pub struct List {
    /// Only what this query means, such as 1.22
    #[arg(value_name = "QUERY")]
    query: Option<String>,

    /// Show what is published instead
    #[arg(long)]
    remote: bool,

    /// With --remote: betas and release candidates too
    #[arg(long, requires = "remote")]
    all: bool,

    /// Show what each takes on disk
    #[arg(long, conflicts_with = "remote")]
    size: bool,

    #[command(flatten)]
    platform: PlatformArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// An installed or linked SDK, with what people ask about it.
struct Row {
    /// Its name: in the store, or as it is linked.
    name: String,
    /// `None` where a linked one does not say.
    version: Option<Version>,
    platform: Platform,
    goroot: PathBuf,
    kept: Kept,
    /// When it was built, as its VERSION file has it.
    built: Option<String>,
    support: Option<Support>,
    newer_patch: Option<Version>,
    is_default: bool,
    is_selected: bool,
    size: Option<u64>,
}

/// Who keeps an SDK.
enum Kept {
    /// A store, the user's own or a further one.
    Store { home: PathBuf, is_own: bool },
    /// The user, who linked it; with the reason for which it cannot be used now.
    Linked { problem: Option<Problem> },
}

impl List {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        if self.remote {
            ListRemote {
                query: self.query.clone(),
                all: self.all,
                platform: self.platform.clone(),
                json: self.json,
            }
            .run(context)
        } else {
            self.run_installed(context)?;
            Ok(ExitCode::SUCCESS)
        }
    }

    fn run_installed(&self, context: &Context) -> Result<(), Error> {
        // A broken pin here is `why`'s to explain; what is installed can be listed all the same.
        let resolution = context.resolve().ok();
        let mut rows = self.rows(context, resolution.as_ref())?;
        if let Some(text) = &self.query {
            let query = context.query(text)?;
            // A word such as latest means one release.
            let meant = resolve_anywhere(&context.env, &context.layout, text)?;
            rows.retain(|row| row.is_meant_by(&query, &meant));
        }
        if self.json {
            let selected_by = resolution.as_ref().map(selected_by);
            let shapes = rows.iter().map(|row| row.shape(selected_by.as_ref()));
            return Ok(output::json(&Value::Array(shapes.collect()))?);
        }
        if rows.is_empty() {
            let what = match self.platform.named()? {
                _ if self.query.is_some() => "nothing of that is installed".to_owned(),
                Some(platform) => format!("nothing is installed for {platform}"),
                None => "nothing is installed yet: goshim install latest".to_owned(),
            };
            context.output.talk(&what);
        }
        let here = resolution.as_ref().map_or_else(String::new, |resolution| {
            // That it is the default is said anyway.
            let is_default = kind(resolution) == "default";
            let place = resolution.place().filter(|_| !is_default);
            let by = place.map(|place| context.shown(place));
            by.map_or_else(|| "runs here".to_owned(), |by| format!("runs here: {by}"))
        });
        let rows: Vec<_> = rows.iter().map(|row| row.cells(context, &here)).collect();
        table::print(&rows)?;
        if self.query.is_none() && self.platform.named()?.is_none() {
            tell_missing(context, resolution.as_ref());
        }
        Ok(())
    }

    /// The SDKs of this machine, then those for others, each newest first; with `--os` or `--arch` those of that platform.
    fn rows(&self, context: &Context, resolution: Option<&Resolution>) -> Result<Vec<Row>, Error> {
        let named = self.platform.named()?;
        context.tell_unlisted_stores();
        let mut platforms = vec![named.unwrap_or_else(Platform::host)];
        if named.is_none() {
            platforms.extend(foreign_platforms(&context.layout));
        }
        let index = context.known_index();
        let default = default_selection(context);
        let runs = resolution.and_then(|resolution| resolution.outcome.as_ref().ok());
        let mut rows = Vec::new();
        for platform in platforms {
            let layout = context.layout.for_platform(platform);
            let sdks = store::list(&layout)?;
            let versions = sdks.iter().map(|sdk| &sdk.version);
            let known = Known::new(index.as_ref(), platform, versions);
            let is_host = platform == Platform::host();
            for sdk in sdks {
                let is_this = |selected: Option<&Selected>| matches!(selected, Some(Selected::Installed(selected)) if selected.version == sdk.version);
                rows.push(Row {
                    name: layout.name(&sdk.version),
                    platform,
                    built: built(&sdk.root),
                    support: known.support(&sdk.version),
                    newer_patch: known.newer_patch(&sdk.version).cloned(),
                    is_default: is_host && is_this(default.as_ref()),
                    is_selected: is_host && is_this(runs),
                    size: self.size.then(|| size_of(&sdk.root)),
                    kept: Kept::Store {
                        home: store_of(&layout, &sdk),
                        is_own: store::holder(&layout, &sdk) == Holder::Own,
                    },
                    goroot: sdk.root,
                    version: Some(sdk.version),
                });
            }
        }
        if named.is_none_or(|platform| platform == Platform::host()) {
            for name in linked::names(&context.layout) {
                rows.extend(self.linked_row(context, &name, default.as_ref(), runs));
            }
        }
        Ok(rows)
    }

    /// A linked SDK, also one that cannot be used now.
    fn linked_row(
        &self,
        context: &Context,
        name: &Name,
        default: Option<&Selected>,
        runs: Option<&Selected>,
    ) -> Option<Row> {
        let (root, version, problem) = match linked::find(&context.layout, name) {
            Ok(linked) => {
                let Linked { root, version, .. } = linked?;
                (root, version, None)
            }
            Err(goshim_resolver::Error::Link { root, problem, .. }) => (root, None, Some(problem)),
            Err(_) => return None,
        };
        let is_this = |selected: Option<&Selected>| matches!(selected, Some(Selected::Linked(selected)) if selected.name == *name);
        Some(Row {
            is_default: is_this(default),
            is_selected: is_this(runs),
            name: name.to_string(),
            version,
            platform: Platform::host(),
            built: built(&root),
            support: None,
            newer_patch: None,
            size: self.size.then(|| size_of(&root)),
            goroot: root,
            kept: Kept::Linked { problem },
        })
    }
}

impl Row {
    /// Whether a query means it, of which `meant` is what would run: a series means all of its releases.
    fn is_meant_by(&self, query: &Query, meant: &Resolution) -> bool {
        match (query, &self.version, &meant.outcome) {
            (Query::Series(series), Some(version), _) => series.covers(version),
            (Query::Linked(name), ..) => self.name == name.to_string(),
            (_, Some(version), Ok(Selected::Installed(sdk))) => *version == sdk.version,
            _ => false,
        }
    }

    fn cells(&self, context: &Context, here: &str) -> Vec<Cell> {
        let patch = (self.newer_patch.as_ref())
            .map_or_else(String::new, |patch| format!("{} is out", as_query(patch)));
        let size = self.size.map_or_else(String::new, |size| {
            format!("{:>4} MB", size.div_ceil(1_000_000))
        });
        let place = |path| context.shown_path(path);
        let mut notes = Vec::new();
        if let Kept::Linked { problem } = &self.kept {
            notes.extend(self.version.as_ref().map(Version::toolchain));
            notes.push(format!("linked to {}", place(&self.goroot)));
            notes.extend(problem.as_ref().map(ToString::to_string));
        }
        if self.is_default {
            notes.push("default".to_owned());
        }
        if self.is_selected {
            notes.push(here.to_owned());
        }
        if let Kept::Store {
            home,
            is_own: false,
        } = &self.kept
        {
            notes.push(format!("in {}", place(home)));
        }
        let name = if self.is_selected {
            Style::new().bold()
        } else {
            Style::new()
        };
        vec![
            Cell::styled(&self.name, name),
            Cell::new(self.built.as_deref().and_then(day).unwrap_or_default()),
            support_cell(self.support),
            Cell::styled(patch, AnsiColor::Yellow.on_default()),
            Cell::new(size),
            Cell::new(notes.join(", ")),
        ]
    }

    fn shape(&self, selected_by: Option<&Value>) -> Value {
        let (store, linked) = match &self.kept {
            Kept::Store { home, .. } => (Some(home.to_string_lossy()), None),
            Kept::Linked { problem } => {
                let problem = problem.as_ref().map(ToString::to_string);
                (None, Some(json!({ "name": self.name, "problem": problem })))
            }
        };
        json!({
            "toolchain": self.version.as_ref().map(Version::toolchain),
            "platform": self.platform.to_string(),
            "goroot": self.goroot.to_string_lossy(),
            "store": store,
            "linked": linked,
            "default": self.is_default,
            "selected": self.is_selected,
            "selected_by": selected_by.filter(|_| self.is_selected),
            "built": self.built,
            "support": self.support.map(Support::word),
            "newer_patch": self.newer_patch.as_ref().map(Version::toolchain),
            "size": self.size,
        })
    }
}

/// The cell that says whether Go supports a release.
pub(crate) fn support_cell(support: Option<Support>) -> Cell {
    let style = match support {
        Some(Support::Supported) => AnsiColor::Green.on_default(),
        Some(Support::EndOfLife | Support::Prerelease) => Style::new().dimmed(),
        None => Style::new(),
    };
    Cell::styled(support.map_or("", Support::text), style)
}

/// Who asks for what runs, for scripts.
pub(crate) fn selected_by(resolution: &Resolution) -> Value {
    let place = resolution.place();
    json!({
        "kind": kind(resolution),
        "file": place.map(|place| place.file.to_string_lossy()),
        "line": place.map(|place| place.line),
        "column": place.and_then(|place| place.column),
    })
}

/// The store that an SDK is in.
pub(crate) fn store_of(layout: &Layout, sdk: &Sdk) -> PathBuf {
    match store::holder(layout, sdk) {
        Holder::Own => layout.home().to_owned(),
        Holder::Further(store) => store.home().to_owned(),
    }
}

/// What kind of source decides, in the words of JSON.
fn kind(resolution: &Resolution) -> &'static str {
    match &resolution.choice {
        Some(choice) if !resolution.raised => choice.origin.kind(),
        // Not the choice decided, but the least that the module accepts.
        _ => "floor",
    }
}

/// Says what is asked for and is not in the list: what the default means, and what is to run here.
fn tell_missing(context: &Context, resolution: Option<&Resolution>) {
    let outcome =
        resolution.and_then(|resolution| Some((resolution, resolution.outcome.as_ref().ok()?)));
    let mut is_default_said = false;
    if let Some((resolution, Selected::Missing(wanted))) = outcome {
        is_default_said = kind(resolution) == "default";
        context.output.talk(&format!(
            "Go {} is {} and not installed: {}",
            wanted.text(),
            resolution.asker(),
            wanted.command()
        ));
    }
    if let (false, Some(Selected::Missing(wanted))) = (is_default_said, default_selection(context))
    {
        context.output.talk(&format!(
            "Go {} is your default and not installed: {}",
            wanted.text(),
            wanted.command()
        ));
    }
}

/// What the default means.
fn default_selection(context: &Context) -> Option<Selected> {
    let text = default::read(&context.layout).ok()??;
    let resolution = resolve_anywhere(&context.env, &context.layout, text.trim()).ok()?;
    resolution.outcome.ok()
}

/// The other platforms for which something is installed, in the order of their names.
pub(crate) fn foreign_platforms(layout: &Layout) -> Vec<Platform> {
    let stores = std::iter::once(layout.clone()).chain(layout.further());
    let entries = stores.flat_map(|store| fs_err::read_dir(store.sdks()).into_iter().flatten());
    let mut platforms: Vec<Platform> = entries
        .flatten()
        .filter_map(|entry| {
            let (of_platform, _) = layout.named(entry.file_name().to_str()?)?;
            Some(of_platform.platform()).filter(|platform| *platform != Platform::host())
        })
        .collect();
    platforms.sort_unstable_by_key(|platform| platform.name());
    platforms.dedup();
    platforms
}

/// The line `time 2024-12-03T20:16:47Z` of an SDK's VERSION file, which Go has since 1.21.
fn built(root: &Path) -> Option<String> {
    let mut start = String::new();
    let file = root.join("VERSION");
    // Whatever lies there, nothing waits for it.
    if !fs_err::metadata(&file).ok()?.is_file() {
        return None;
    }
    let file = fs_err::File::open(file).ok()?;
    file.take(4096).read_to_string(&mut start).ok()?;
    let time = start.lines().find_map(|line| line.strip_prefix("time "))?;
    day(time).is_some().then(|| time.to_owned())
}

/// The day of a time as VERSION files have it.
fn day(time: &str) -> Option<&str> {
    let is_plain = time.bytes().all(|byte| byte.is_ascii_graphic());
    let (day, _) = time.split_once('T')?;
    let is_day = day.len() == 10
        && day
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-');
    (is_plain && is_day).then_some(day)
}

/// The bytes of the files below a directory. What cannot be read counts for nothing.
fn size_of(root: &Path) -> u64 {
    let mut size = 0;
    let mut pending = vec![root.to_owned()];
    while let Some(dir) = pending.pop() {
        for entry in fs_err::read_dir(&dir).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => pending.push(entry.path()),
                Ok(metadata) => size += metadata.len(),
                Err(_) => {}
            }
        }
    }
    size
}

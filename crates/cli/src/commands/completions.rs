//! `goshim completions`, and `goshim __complete`, which the code that it prints asks what fits.

use std::any::TypeId;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory as _};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, complete};
use goshim_installer::install::Installer;
use goshim_resolver::config_list::{KEYS, takes_of};
use goshim_resolver::platform::PORTS;
use goshim_resolver::schema::Takes;
use goshim_resolver::{Env, Layout, Platform, linked, settings::Config, store, variables};

use crate::args::Cli;
use crate::error::Error;
use crate::output;
use crate::shells::ShellName;

/// The arguments of `completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: ShellName,
}

impl Completions {
    pub(crate) fn run(&self) -> Result<ExitCode, Error> {
        let code = self
            .shell
            .0
            .completions()
            .ok_or_else(|| Error::NoCompletions(self.shell.0.name()))?;
        std::io::stdout().lock().write_all(code.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The arguments of `__complete`
#[derive(Debug, Args)]
pub struct Complete {
    /// Which of the words is being typed, from 0
    index: usize,

    /// The command line, beginning with `goshim`
    #[arg(last = true)]
    words: Vec<OsString>,
}

impl Complete {
    /// Prints what fits, a line each: the word, and behind a tab what it means. Reads the store and what is known of published releases; asks no
    /// server, and starts nothing.
    ///
    /// Nothing is printed where a file is to be named: shells know how to quote what they find, and then do it themselves.
    pub(crate) fn run(&self) -> Result<ExitCode, Error> {
        let env = Env::from_os();
        let mut words = self.words.clone();
        words.truncate(self.index + 1);
        // PowerShell leaves an empty word out.
        words.resize(self.index + 1, OsString::new());
        let mut words = without_lone_equals_signs(&words);
        let index = words.len().saturating_sub(1);
        if let Some(candidates) = of_words_before(&env, &words) {
            for candidate in candidates {
                writeln!(std::io::stdout(), "{}", output::printable(&candidate))?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        let mut command = with_versions(Cli::command());
        // Of a command and its other names the engine offers one. Under its own name all of them are understood.
        if let Some(word) = words.get_mut(1).filter(|_| index > 1)
            && let Some(command) = command.find_subcommand(&*word)
        {
            *word = command.get_name().into();
        }
        command = command.mut_subcommands(|command| command.visible_alias(None));
        let is_option = words
            .last()
            .is_some_and(|word| word.as_encoded_bytes().starts_with(b"-"));
        // Words that fit nowhere have no completion, which is no error.
        let candidates =
            complete(&mut command, words, index, env.physical_dir.as_deref()).unwrap_or_default();
        for candidate in candidates
            .iter()
            .filter(|candidate| !candidate.is_hide_set())
        {
            let word = candidate.get_value().to_string_lossy();
            if word.starts_with('-') && !is_option {
                continue;
            }
            let help = candidate.get_help().map(ToString::to_string);
            let help = help.as_deref().and_then(|help| help.lines().next());
            let line = match help {
                Some(help) => format!("{}\t{}", output::printable(&word), output::printable(help)),
                None => output::printable(&word),
            };
            writeln!(std::io::stdout(), "{line}")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The words, with `--kind=per` as an option and its value: Bash has three words there.
fn without_lone_equals_signs(words: &[OsString]) -> Vec<OsString> {
    let mut joined: Vec<OsString> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let is_behind_option = joined
            .last()
            .is_some_and(|option| option.as_encoded_bytes().starts_with(b"--"));
        if word != "=" || !is_behind_option {
            joined.push(word.clone());
        } else if index + 1 == words.len() {
            joined.push(OsString::new());
        }
    }
    joined
}

/// What fits where that depends on the words before: the values of a setting behind `config set`, and programs behind `exec`. `None` anywhere else.
fn of_words_before(env: &Env, words: &[OsString]) -> Option<Vec<String>> {
    let words: Vec<&str> = words
        .iter()
        .map(|word| word.to_str())
        .collect::<Option<_>>()?;
    let (typed, before) = words.split_last()?;
    // `goshim -v config set`
    let before: Vec<&str> = (before.iter().copied())
        .filter(|word| !word.starts_with('-'))
        .collect();
    let fits = |words: Vec<String>| {
        words
            .into_iter()
            .filter(|word| word.starts_with(typed))
            .collect()
    };
    match before[..] {
        [_, "config", "set", key] if !typed.starts_with('-') => Some(fits(match takes_of(key)? {
            Takes::Words(words) => words.iter().map(|word| (*word).to_owned()).collect(),
            Takes::Switch => vec!["true".to_owned(), "false".to_owned()],
            _ => return None,
        })),
        // Shells know files; of programs there are too many before a letter is typed.
        [_, "exec" | "x"] | [_, "exec" | "x", _]
            if before.get(2).is_none_or(|query| query.starts_with('+'))
                && !typed.is_empty()
                && !typed.starts_with(['+', '-', '.', '~'])
                && !typed.contains('/') =>
        {
            Some(fits(programs(env)))
        }
        _ => None,
    }
}

/// The programs on PATH, and those of a Go, which `exec` puts there.
fn programs(env: &Env) -> Vec<String> {
    let dirs = env
        .var("PATH")
        .map(std::env::split_paths)
        .into_iter()
        .flatten();
    let entries = dirs.filter_map(|dir| fs_err::read_dir(dir).ok()).flatten();
    let files = entries.flatten().filter(|entry| is_program(&entry.path()));
    let names = files.filter_map(|entry| entry.file_name().into_string().ok());
    let names: BTreeSet<String> = names.chain(["go".to_owned(), "gofmt".to_owned()]).collect();
    names.into_iter().collect()
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs_err::metadata(file)
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.extension()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("exe"))
}

/// The grammar, where every argument that is a version knows the versions: those are told by the names that help shows.
fn with_versions(command: clap::Command) -> clap::Command {
    let is_install = command.get_name() == "install";
    command
        .mut_args(|arg| {
            if arg.get_value_parser().type_id() == TypeId::of::<PathBuf>() {
                return arg.add(ArgValueCompleter::new(nothing));
            }
            let name = arg.get_value_names().and_then(|names| names.first());
            let is_release = name.is_some_and(|name| name == "RELEASE");
            match name.map(clap::builder::Str::as_str) {
                // What a command takes away or looks at is there.
                Some(_) if is_release && arg.is_positional() => {
                    arg.add(ArgValueCompleter::new(installed))
                }
                Some("KEY") => arg.add(ArgValueCompleter::new(keys)),
                Some("NAME") => arg.add(ArgValueCompleter::new(linked)),
                Some("OS") => arg.add(ArgValueCompleter::new(systems)),
                Some("ARCH") => arg.add(ArgValueCompleter::new(architectures)),
                Some("VERSION") if !is_install => {
                    arg.add(ArgValueCompleter::new(versions_and_links))
                }
                Some("VERSION" | "QUERY" | "RELEASE") => arg.add(ArgValueCompleter::new(versions)),
                // `exec +1.22 make`
                Some(name) if name.contains("+VERSION") => {
                    arg.add(ArgValueCompleter::new(plus_versions))
                }
                _ => arg,
            }
        })
        .mut_subcommands(with_versions)
}

/// Where the shell knows better.
fn nothing(_typed: &OsStr) -> Vec<CompletionCandidate> {
    Vec::new()
}

/// The installed releases that begin so.
fn installed(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some((typed, layout)) = typed.to_str().zip(Layout::new(&Env::from_os()).ok()) else {
        return Vec::new();
    };
    let sdks = store::list(&layout).unwrap_or_default();
    let releases = sdks.iter().map(|sdk| sdk.version.to_string());
    let releases = releases.filter(|release| release.starts_with(typed));
    releases
        .map(|release| CompletionCandidate::new(release).help(Some("installed".into())))
        .collect()
}

/// The names of linked SDKs that begin so.
fn linked(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some((typed, layout)) = typed.to_str().zip(Layout::new(&Env::from_os()).ok()) else {
        return Vec::new();
    };
    let names = linked::names(&layout).into_iter();
    names
        .filter(|name| name.as_str().starts_with(typed))
        .map(|name| CompletionCandidate::new(name.to_string()).help(Some("linked".into())))
        .collect()
}

/// The keys of config.toml that begin so.
fn keys(typed: &OsStr) -> Vec<CompletionCandidate> {
    beginning(typed, KEYS.iter().map(|key| key.name))
}

/// The systems that begin so.
fn systems(typed: &OsStr) -> Vec<CompletionCandidate> {
    beginning(typed, PORTS.iter().map(|(os, _)| *os))
}

/// The architectures that begin so, of any system.
fn architectures(typed: &OsStr) -> Vec<CompletionCandidate> {
    let archs: BTreeSet<&str> = PORTS
        .iter()
        .flat_map(|(_, archs)| *archs)
        .copied()
        .collect();
    beginning(typed, archs)
}

fn beginning(
    typed: &OsStr,
    words: impl IntoIterator<Item = &'static str>,
) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let words = words.into_iter().filter(|word| word.starts_with(&*typed));
    words.map(CompletionCandidate::new).collect()
}

/// The words that stand for versions.
const WORDS: [(&str, &str); 3] = [
    ("latest", "the newest release"),
    ("oldstable", "the newest release of the minor before"),
    ("system", "the go on PATH that is not goshim's"),
];

/// What begins so and stands for a version: a word, an installed release, a series; a published release only once its series is typed, for
/// there are hundreds.
fn versions(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(text) = typed.to_str() else {
        return Vec::new();
    };
    let mut candidates: Vec<_> = WORDS
        .iter()
        .filter(|(word, _)| word.starts_with(text))
        .map(|(word, help)| CompletionCandidate::new(*word).help(Some((*help).into())))
        .collect();
    candidates.extend(installed(typed));
    for (release, help) in published() {
        let series = series_of(&release);
        let is_series_typed = text
            .strip_prefix(&series)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
        for word in [Some(series), is_series_typed.then_some(release)] {
            let Some(word) = word.filter(|word| word.starts_with(text)) else {
                continue;
            };
            if candidates
                .iter()
                .all(|there| there.get_value() != word.as_str())
            {
                candidates.push(CompletionCandidate::new(word).help(Some(help.into())));
            }
        }
    }
    candidates
}

/// What may run: a linked SDK as well.
fn versions_and_links(typed: &OsStr) -> Vec<CompletionCandidate> {
    let mut candidates = versions(typed);
    candidates.extend(linked(typed));
    candidates
}

/// The same behind a plus.
fn plus_versions(typed: &OsStr) -> Vec<CompletionCandidate> {
    let query = typed.to_str().and_then(|typed| typed.strip_prefix('+'));
    let candidates = query.map(|query| versions_and_links(OsStr::new(query)));
    candidates
        .unwrap_or_default()
        .into_iter()
        .map(|candidate| candidate.add_prefix("+"))
        .collect()
}

/// The releases that are known without asking a server, the newest first.
fn published() -> Vec<(String, &'static str)> {
    let env = Env::from_os().with(variables::OFFLINE, "1");
    let index = Layout::new(&env).ok().and_then(|layout| {
        let config = Config::read(layout.config()).ok()?;
        Installer::new(&env, &layout, &config)
            .ok()?
            .index(&mut |_| {})
            .ok()
    });
    let index = index.as_ref();
    let releases = index
        .into_iter()
        .flat_map(|index| index.for_platform(Platform::host()));
    releases
        .map(|release| {
            let help = if release.is_stable {
                "published"
            } else {
                "published, not stable"
            };
            (release.version.to_string(), help)
        })
        .collect()
}

/// `1.22` of `1.22.10` and of `1.22rc1`.
fn series_of(release: &str) -> String {
    let mut parts = release.splitn(3, '.');
    let major = parts.next().unwrap_or_default();
    let minor: String = parts
        .next()
        .unwrap_or_default()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    format!("{major}.{minor}")
}

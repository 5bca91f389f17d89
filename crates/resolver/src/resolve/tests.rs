//! goshim's rule as tables: what is there, and which Go that gives.
//!
//! A case is a pair of texts. The first says what is there, in statements separated by `; `:
//!
//! ```text
//! sdks 1.22.3 1.27.3        these SDKs are installed
//! system 1.21.5             a go that is not goshim's is on PATH; `system unknown`: without a VERSION file
//! go.mod: go 1.22 / …       this file is there, ` / ` stands for the end of a line; `goenv`, `config` and `default` are go's settings
//!                           file, goshim's, and the one that `goshim default` writes
//! NAME=value                this variable is set; `$ROOT` is the root of the tree
//! link tip 1.27.3           a tree of this version is linked as tip, `unknown`: without a VERSION file; `link tip gone`: it is not there
//! dir go.mod                this directory is there
//! at sub                    go is called in this directory; otherwise in the project's
//! go +1.22 build            with these arguments; otherwise with `version`
//! ```
//!
//! The names are those below the project's directory `/p`; with a leading `/` they are those below the root of the tree. The user's home
//! is `/home`, beside the project, and so the root is above it.
//!
//! The second text is the resolution in words, and what it does not say is not so: `SELECTED by ORIGIN [PLACE][, floor V PLACE][, raised]
//! [, notice][, hold][, policy P][, install M]`, or `error: KIND [PLACE]`.

use std::fmt::Write as _;

use super::*;
use crate::origin::Place;
use crate::settings::AutoInstall;
use crate::version::Version;

/// A machine with a project on it.
struct World {
    _dir: tempfile::TempDir,
    root: PathBuf,
    env: Env,
    arguments: Vec<OsString>,
}

impl World {
    fn new(given: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dunce::canonicalize(dir.path()).unwrap();
        let mut env = Env {
            vars: Vec::new(),
            physical_dir: None,
            home: Some(root.join("home")),
            ..Env::default()
        };
        for (name, value) in [
            ("HOME", "home"),
            ("GOSHIM_HOME", "store"),
            ("GOSHIM_CEILING", ""),
            ("PATH", "bin"),
            ("TMPDIR", "tmp"),
            ("TMP", "tmp"),
            ("AppData", "home/.config"),
            ("GOSHIM_MACHINE_CONFIG", "machine.toml"),
        ] {
            env = env.with(name, root.join(value));
        }
        let mut world = Self {
            _dir: dir,
            root,
            env,
            arguments: vec!["version".into()],
        };
        for name in ["/home", "/bin", "/tmp"] {
            fs_err::create_dir(world.path(name)).unwrap();
        }
        world.go_to("");
        given
            .split("; ")
            .filter(|statement| !statement.is_empty())
            .for_each(|statement| world.add(statement));
        world
    }

    fn add(&mut self, statement: &str) {
        if let Some(versions) = statement.strip_prefix("sdks ") {
            versions.split(' ').for_each(|version| {
                fs_err::create_dir_all(self.path("/store/sdks").join(format!("go{version}")))
                    .unwrap();
            });
        } else if let Some(version) = statement.strip_prefix("system ") {
            self.add_go(
                "/system",
                Some(version).filter(|version| *version != "unknown"),
            );
        } else if let Some((name, version)) = statement
            .strip_prefix("link ")
            .and_then(|rest| rest.split_once(' '))
        {
            self.link(name, version);
        } else if let Some(dir) = statement.strip_prefix("dir ") {
            fs_err::create_dir_all(self.path(dir)).unwrap();
        } else if let Some(dir) = statement.strip_prefix("at ") {
            self.go_to(dir);
        } else if let Some(arguments) = statement.strip_prefix("go ") {
            self.arguments = arguments.split(' ').map(OsString::from).collect();
        } else if let Some((file, lines)) = statement
            .split_once(':')
            .filter(|(file, _)| !file.contains('='))
        {
            let file = match file {
                "goenv" => "/home/.config/go/env",
                "config" => "/home/.config/goshim/config.toml",
                "machine" => "/machine.toml",
                "default" => "/store/state/default",
                file => file,
            };
            let text = lines
                .strip_prefix(' ')
                .unwrap_or(lines)
                .replace(" / ", "\n");
            self.write(file, format!("{text}\n"));
        } else {
            let (name, value) = statement
                .split_once('=')
                .unwrap_or_else(|| panic!("no statement: {statement}"));
            self.set(name, value.replace("$ROOT", &self.root.to_string_lossy()));
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        match name.strip_prefix('/') {
            Some(name) => self.root.join(name),
            None => self.root.join("p").join(name),
        }
    }

    fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.env = std::mem::take(&mut self.env).with(name, value);
    }

    fn write(&self, file: &str, bytes: impl AsRef<[u8]>) {
        let file = self.path(file);
        fs_err::create_dir_all(file.parent().unwrap()).unwrap();
        fs_err::write(file, bytes).unwrap();
    }

    fn go_to(&mut self, dir: &str) {
        let dir = self.path(dir);
        fs_err::create_dir_all(&dir).unwrap();
        self.env.physical_dir = Some(dir);
    }

    /// A go in `NAME/bin`, at the end of PATH.
    fn add_go(&mut self, name: &str, version: Option<&str>) {
        let go = format!("{name}/bin/go{}", std::env::consts::EXE_SUFFIX);
        self.write(&go, "");
        set_mode(&self.path(&go), 0o755);
        if let Some(version) = version {
            self.write(
                &format!("{name}/VERSION"),
                format!("go{version}\ntime 2024-01-01T00:00:00Z\n"),
            );
        }
        let path = self
            .env
            .var("PATH")
            .map(std::env::split_paths)
            .into_iter()
            .flatten()
            .chain([self.path(name).join("bin")]);
        let path = std::env::join_paths(path).unwrap();
        self.set("PATH", path);
    }

    /// A tree in `/own/NAME`, linked under this name.
    fn link(&self, name: &str, version: &str) {
        let root = format!("/own/{name}");
        if version != "gone" {
            let go = format!("{root}/bin/go{}", std::env::consts::EXE_SUFFIX);
            self.write(&go, "");
            set_mode(&self.path(&go), 0o755);
            self.write(&format!("{root}/pkg/tool/x"), "");
        }
        match version {
            "gone" | "unknown" => {}
            version if version.starts_with("devel ") => {
                self.write(&format!("{root}/VERSION.cache"), version);
            }
            version => self.write(&format!("{root}/VERSION"), format!("go{version}\n")),
        }
        let root = self.path(&root);
        self.write(
            &format!("/store/links/{name}"),
            format!("{}\n", root.display()),
        );
    }

    fn resolve(&self) -> Result<Resolution, Error> {
        resolve(&self.env, &Layout::new(&self.env)?, &self.arguments, None)
    }

    fn outcome(&self) -> String {
        let Resolution {
            choice,
            floor,
            raised,
            policy,
            outcome,
            hold,
            notice,
            auto_install,
            ..
        } = match self.resolve() {
            Ok(resolution) => resolution,
            Err(error) => return self.error(&error),
        };
        let mut words = match &outcome {
            Ok(Selected::Installed(sdk)) => {
                assert_eq!(
                    sdk.root,
                    self.path("/store/sdks").join(sdk.version.toolchain())
                );
                sdk.version.toolchain()
            }
            Ok(Selected::System(go)) => format!(
                "system {}",
                go.version.as_ref().map_or("unknown", Version::as_str)
            ),
            Ok(Selected::Linked(linked)) => {
                assert_eq!(linked.root, self.path("/own").join(linked.name.as_str()));
                let version = linked.version.as_ref();
                format!(
                    "{} {}",
                    linked.name,
                    version.map_or("unknown", Version::as_str)
                )
            }
            Ok(Selected::Missing(Wanted {
                query,
                at_least: None,
            })) => format!("missing {query}"),
            Ok(Selected::Missing(Wanted {
                query,
                at_least: Some(floor),
            })) => format!("missing {query} at least {floor}"),
            Err(error) => return self.error(error),
        };
        match choice.as_ref().map(|choice| &choice.origin) {
            None => words.push_str(" by nothing"),
            Some(Origin::Variable(name)) => write!(words, " by {name}").unwrap(),
            Some(origin) => {
                let place = origin
                    .place()
                    .map_or_else(String::new, |place| format!(" {}", self.place(place)));
                write!(words, " by {}{place}", origin.kind()).unwrap();
            }
        }
        if let Some(Floor { version, place }) = &floor {
            write!(words, ", floor {version} {}", self.place(place)).unwrap();
        }
        if raised {
            words.push_str(", raised");
        }
        if let Some(notice) = notice {
            assert_eq!(
                Some(&notice.pin),
                choice.as_ref().and_then(|choice| choice.origin.place())
            );
            assert_eq!(Some(notice.query), choice.as_ref().map(Choice::text));
            assert_eq!(Some(notice.floor), floor);
            words.push_str(", notice");
        }
        if hold {
            words.push_str(", hold");
        }
        if policy != Policy::Project {
            write!(words, ", policy {}", policy.word()).unwrap();
        }
        match auto_install {
            AutoInstall::Always => {}
            AutoInstall::Ask => words.push_str(", install ask"),
            AutoInstall::Never => words.push_str(", install never"),
        }
        words
    }

    fn place(&self, place: &Place) -> String {
        format!("{}:{}", self.relative(&place.file), place.line)
    }

    fn relative(&self, file: &Path) -> String {
        let shown = |file: &Path| {
            let shown = file.display().to_string();
            // The tables have one separator.
            if cfg!(windows) {
                shown.replace('\\', "/")
            } else {
                shown
            }
        };
        match (
            file.strip_prefix(self.root.join("p")),
            file.strip_prefix(&self.root),
        ) {
            (Ok(file), _) => shown(file),
            (_, Ok(file)) => format!("/{}", shown(file)),
            _ => shown(file),
        }
    }

    fn error(&self, error: &Error) -> String {
        let words = match error {
            Error::Unreadable { file, .. } => format!("unreadable {}", self.relative(file)),
            Error::TooLarge { file, .. } => format!("too large {}", self.relative(file)),
            Error::NotAFile { file } => format!("not a file {}", self.relative(file)),
            Error::Pin { place, .. } => format!("pin {}", self.place(place)),
            Error::Settings { place, .. } => format!("settings {}", self.place(place)),
            Error::LeadsAstray { place } => format!("leads astray {}", self.place(place)),
            Error::Query { what, .. } => format!("query {what}"),
            Error::Variable { variable, .. } => format!("variable {variable}"),
            Error::GoToolchain { .. } => "GOTOOLCHAIN".to_owned(),
            Error::ToolchainLine { place, .. } => format!("toolchain line {}", self.place(place)),
            Error::GoWork { .. } => "GOWORK".to_owned(),
            Error::ChangeDir { .. } => "chdir".to_owned(),
            Error::NoSuchRelease { name, .. } => format!("no such release {name}"),
            Error::NoSystemGo { .. } => "no system go".to_owned(),
            Error::Link { name, problem, .. } => format!("link {name}: {problem}"),
            Error::BelowFloor {
                pin,
                query,
                floor_place,
                floor,
            } => {
                format!(
                    "below floor {} {query}, {floor} {}",
                    self.place(pin),
                    self.place(floor_place)
                )
            }
            Error::Untrusted { place, name, .. } => {
                format!("untrusted {} {name}", self.place(place))
            }
            Error::NeverAllowed { place, name } => format!("never {} {name}", self.place(place)),
            Error::NoProfile { profile, .. } => format!("no profile {profile}"),
            Error::LayoutEscapes { place, .. } => format!("layout {}", self.place(place)),
            Error::NothingInstalled => "nothing installed".to_owned(),
            Error::NoHome | Error::Relative { .. } => "home".to_owned(),
        };
        format!("error: {words}")
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Other systems have no such bits.
#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) {}

/// Checks each case, each on top of `common`; tells of all that fail.
#[track_caller]
fn check(common: &str, cases: &[(&str, &str)]) {
    let failures: Vec<String> = (cases.iter())
        .filter_map(|(given, expected)| {
            let outcome = World::new(&format!("{common}; {given}")).outcome();
            (outcome != *expected)
                .then(|| format!("{given}\n    is       {outcome}\n    and not  {expected}"))
        })
        .collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn what_may_be_installed_besides_changes_nothing() {
    check(
        "sdks 1.27.3",
        &[
            (
                ".go-version: oldstable; go.mod: go 1.27",
                "go1.27.3 by pin-file .go-version:1, floor 1.27 go.mod:1, raised, notice",
            ),
            (
                ".tool-versions: golang 1.21.1 1.28.1; go.mod: go 1.27.5",
                "missing 1.28.1 at least 1.27.5 by pin-file .tool-versions:1, floor 1.27.5 go.mod:1",
            ),
            (
                ".tool-versions: golang 1.21.1 1.22.1; go.mod: go 1.27",
                "go1.27.3 by pin-file .tool-versions:1, floor 1.27 go.mod:1, raised, notice",
            ),
        ],
    );
}

/// The table of docs/concepts/resolution.md, so that the page says what the program does.
#[test]
fn the_table_in_the_documentation_is_true() {
    let page = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/concepts/resolution.md"
    );
    let page = fs_err::read_to_string(page).unwrap();
    let table = page
        .split("## Every rule, with an example")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let rows: Vec<(String, String)> = table
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, _, given, expected, _] = cells.as_slice() else {
                return None;
            };
            let given = given.strip_prefix('`')?.strip_suffix('`')?;
            let expected = expected.strip_prefix('`')?.strip_suffix('`')?;
            // A row of `only` says itself what is installed.
            let given = match given.strip_prefix("only") {
                Some(rest) => rest.trim_start_matches("; ").to_owned(),
                None => format!("{STORE}; {given}"),
            };
            Some((given, expected.to_owned()))
        })
        .collect();
    assert!(rows.len() >= 80, "only {} rows", rows.len());
    let rows: Vec<(&str, &str)> = rows
        .iter()
        .map(|(given, expected)| (given.as_str(), expected.as_str()))
        .collect();
    check("", &rows);
}

/// What most tables have installed.
const STORE: &str = "sdks 1.20 1.20.14 1.21.13 1.22.3 1.22.10 1.23.4 1.27.2 1.27.3 1.28rc1";

#[test]
fn each_source_yields_to_those_before_it() {
    let sources = [
        ("go +1.20.14 version", "go1.20.14 by argument, hold"),
        (
            "GOSHIM_VERSION=1.21.13",
            "go1.21.13 by GOSHIM_VERSION, hold",
        ),
        ("GOTOOLCHAIN=go1.22.3", "go1.22.3 by GOTOOLCHAIN"),
        (
            ".go-version: 1.22.10",
            "go1.22.10 by pin-file .go-version:1, floor 1.21 go.mod:1, hold",
        ),
        (
            "go.mod: go 1.21 / toolchain go1.23.4",
            "go1.23.4 by toolchain-line go.mod:2, floor 1.21 go.mod:1, hold",
        ),
        (
            "default: 1.27.2",
            "go1.27.2 by default /store/state/default:1, hold",
        ),
        (
            "goenv: GOTOOLCHAIN=go1.21.13",
            "go1.21.13 by go-env-file /home/.config/go/env:1",
        ),
        (
            "/.go-version: 1.22.3",
            "go1.22.3 by home-pin-file /.go-version:1",
        ),
        ("system 1.19.1", "system 1.19.1 by system"),
        (STORE, "go1.27.3 by newest-installed"),
        ("", "error: nothing installed"),
    ];
    for first in 0..sources.len() {
        let mut given: Vec<_> = sources[first..].iter().map(|(given, _)| *given).collect();
        if first < sources.len() - 1 {
            given.push(STORE);
        }
        check("", &[(&given.join("; "), sources[first].1)]);
    }
}

#[test]
fn a_query_on_the_command_line_is_exact_and_holds() {
    check(
        STORE,
        &[
            ("go +1.22 build", "go1.22.10 by argument, hold"),
            ("go +1.22.x build", "go1.22.10 by argument, hold"),
            ("go +go1.22.3 build", "go1.22.3 by argument, hold"),
            (
                "go +latest build; system 1.29.0",
                "go1.27.3 by argument, hold",
            ),
            (
                "go +system build; system 1.19",
                "system 1.19 by argument, hold",
            ),
            ("go +system build", "error: no system go"),
            // Never raised: cmd/go then says no in its own words.
            (
                "go +1.20.14 build; go.mod: go 1.22.5",
                "go1.20.14 by argument, hold",
            ),
            (
                "go +1.22 build; go.mod: go 1.22.99",
                "go1.22.10 by argument, hold",
            ),
            (
                "go +1.24.1 build; go.mod: go 1.27",
                "missing 1.24.1 by argument, hold",
            ),
            // Whatever the user exported, and for somebody else's module too.
            (
                "go +1.22.3 build; GOTOOLCHAIN=go1.21.13; GOSHIM_VERSION=1.23.4",
                "go1.22.3 by argument, hold",
            ),
            (
                "go +1.22.3 install x.y/z@latest",
                "go1.22.3 by argument, hold",
            ),
            (
                "go +1.22.3 build; GO111MODULE=off",
                "go1.22.3 by argument, hold",
            ),
            // Nothing further down is read.
            (
                "go +1.22.3 build; GOTOOLCHAIN=nonsense; .go-version: nonsense; go.mod: toolchain nonsense",
                "go1.22.3 by argument, hold",
            ),
            (
                "go +nonsense build; .go-version: 1.22.3",
                "error: query the query",
            ),
            ("go + build", "error: query the query"),
            ("go +../sdks/go1.22.3 build", "error: query the query"),
            // Only the first argument is one.
            (
                "go build +1.22; .go-version: 1.23.4",
                "go1.23.4 by pin-file .go-version:1",
            ),
        ],
    );
}

#[test]
fn a_query_that_a_command_passes_stands_for_the_argument() {
    let world = World::new(&format!(
        "{STORE}; go +1.20.14 version; .go-version: 1.23.4"
    ));
    let resolution = resolve(
        &world.env,
        &Layout::new(&world.env).unwrap(),
        &world.arguments,
        Some("1.22"),
    )
    .unwrap();
    assert_eq!(resolution.choice.unwrap().origin, Origin::Argument);
    assert!(
        matches!(resolution.outcome, Ok(Selected::Installed(sdk)) if sdk.version.as_str() == "1.22.10")
    );
}

#[test]
fn goshim_version_is_exact_and_holds() {
    check(
        STORE,
        &[
            ("GOSHIM_VERSION=1.22", "go1.22.10 by GOSHIM_VERSION, hold"),
            (
                "GOSHIM_VERSION=1.20.14; go.mod: go 1.27",
                "go1.20.14 by GOSHIM_VERSION, hold",
            ),
            (
                "GOSHIM_VERSION=1.19; GOTOOLCHAIN=go1.22.3",
                "missing 1.19 by GOSHIM_VERSION, hold",
            ),
            (
                "GOSHIM_VERSION=1.22.3; GOTOOLCHAIN=go1.22.10",
                "go1.22.3 by GOSHIM_VERSION, hold",
            ),
            (
                "GOSHIM_VERSION=; .go-version: 1.22.3",
                "go1.22.3 by pin-file .go-version:1",
            ),
            (
                "GOSHIM_VERSION=nonsense; .go-version: 1.22.3",
                "error: query GOSHIM_VERSION",
            ),
            (
                "GOSHIM_VERSION=1.22.3; .go-version: nonsense",
                "go1.22.3 by GOSHIM_VERSION, hold",
            ),
        ],
    );
}

#[test]
fn a_toolchain_named_by_gotoolchain_is_exact() {
    check(
        STORE,
        &[
            (
                "GOTOOLCHAIN=go1.22.3; .go-version: 1.23.4; go.mod: go 1.27.3",
                "go1.22.3 by GOTOOLCHAIN",
            ),
            ("GOTOOLCHAIN=go1.22.4", "missing 1.22.4 by GOTOOLCHAIN"),
            ("GOTOOLCHAIN=go1.20", "go1.20 by GOTOOLCHAIN"),
            ("GOTOOLCHAIN=go1.28rc1", "go1.28rc1 by GOTOOLCHAIN"),
            // Names no release has.
            ("GOTOOLCHAIN=go1.20.0", "error: no such release go1.20.0"),
            ("GOTOOLCHAIN=go1.22", "error: no such release go1.22"),
            (
                "GOTOOLCHAIN=go1.22.3-custom",
                "error: no such release go1.22.3-custom",
            ),
            (
                "GOTOOLCHAIN=; .go-version: 1.22.3",
                "go1.22.3 by pin-file .go-version:1",
            ),
            // The file's invalid toolchain line is not read.
            (
                "GOTOOLCHAIN=go1.22.3; go.mod: toolchain nonsense",
                "go1.22.3 by GOTOOLCHAIN",
            ),
        ],
    );
}

#[test]
fn a_minimum_in_gotoolchain_is_raised_by_the_module_as_cmd_go_does() {
    check(
        STORE,
        &[
            (
                "GOTOOLCHAIN=go1.22.3+auto; .go-version: 1.27.3",
                "go1.22.3 by GOTOOLCHAIN",
            ),
            (
                "GOTOOLCHAIN=go1.22.3+auto; go.mod: go 1.21",
                "go1.22.3 by GOTOOLCHAIN",
            ),
            (
                "GOTOOLCHAIN=go1.22.3+auto; go.mod: go 1.22.10",
                "go1.22.10 by go-line go.mod:1",
            ),
            // Exactly what the line names, whatever is installed.
            (
                "GOTOOLCHAIN=go1.22.3+auto; go.mod: go 1.22.5",
                "missing 1.22.5 by go-line go.mod:1",
            ),
            (
                "GOTOOLCHAIN=go1.22.3+auto; go.mod: go 1.27",
                "missing 1.27.0 by go-line go.mod:1",
            ),
            (
                "GOTOOLCHAIN=go1.19+auto; go.mod: go 1.20",
                "go1.20 by go-line go.mod:1",
            ),
            (
                "GOTOOLCHAIN=go1.22.3+auto; go.mod: go 1.21 / toolchain go1.23.4",
                "go1.23.4 by toolchain-line go.mod:2",
            ),
            (
                "GOTOOLCHAIN=go1.22.3+auto; go.mod: go 1.27.3 / toolchain go1.23.4",
                "go1.27.3 by go-line go.mod:1",
            ),
            (
                "GOTOOLCHAIN=go1.22.3+auto; go.mod: go 1.27.3 / toolchain default",
                "go1.22.3 by GOTOOLCHAIN",
            ),
            // Of equals the toolchain line, with its suffix.
            (
                "GOTOOLCHAIN=go1.22.3+auto; go.mod: go 1.23.4 / toolchain go1.23.4-x",
                "error: no such release go1.23.4-x",
            ),
            (
                "GOTOOLCHAIN=go1.22.3+auto; go.mod: toolchain nonsense",
                "error: toolchain line go.mod:1",
            ),
            (
                "GOTOOLCHAIN=go1.22.3+path; go.mod: go 1.23.4",
                "go1.23.4 by go-line go.mod:1, install never",
            ),
            // Also where the policy is that cmd/go decides.
            (
                "GOTOOLCHAIN=go1.22.3+auto; go.mod: go 1.23.4; GOSHIM_POLICY=native",
                "go1.23.4 by go-line go.mod:1",
            ),
        ],
    );
}

#[test]
fn local_auto_and_path_name_no_toolchain() {
    check(
        STORE,
        &[
            (
                "GOTOOLCHAIN=local; .go-version: 1.22",
                "go1.22.10 by pin-file .go-version:1, install never",
            ),
            (
                "GOTOOLCHAIN=auto; .go-version: 1.22",
                "go1.22.10 by pin-file .go-version:1",
            ),
            (
                "GOTOOLCHAIN=path; .go-version: 1.22",
                "go1.22.10 by pin-file .go-version:1, install never",
            ),
            (
                "GOTOOLCHAIN=local+auto; .go-version: 1.22",
                "go1.22.10 by pin-file .go-version:1",
            ),
            (
                "GOTOOLCHAIN=local+path; .go-version: 1.22",
                "go1.22.10 by pin-file .go-version:1, install never",
            ),
            // Floor and toolchain line are goshim's: they still count.
            (
                "GOTOOLCHAIN=local; go.mod: go 1.21 / toolchain go1.22.3",
                "go1.22.3 by toolchain-line go.mod:2, floor 1.21 go.mod:1, install never",
            ),
            (
                "GOTOOLCHAIN=local; go.mod: go 1.23; default: 1.22.3",
                "go1.23.4 by default /store/state/default:1, floor 1.23 go.mod:1, raised, install never",
            ),
            (
                "GOTOOLCHAIN=local; goenv: GOTOOLCHAIN=go1.21.13",
                "go1.21.13 by go-env-file /home/.config/go/env:1, install never",
            ),
        ],
    );
}

#[test]
fn gotoolchain_outside_the_grammar_of_cmd_go_is_an_error() {
    for value in [
        "default",
        "auto+path",
        "+auto",
        "local+",
        "Auto",
        "go2.0",
        " go1.22.0",
        "go1.22.0+x",
        "1.22.0",
        "go1.22.0+",
        "/bin/go",
        "go1.x",
    ] {
        check(
            STORE,
            &[(
                &format!("GOTOOLCHAIN={value}; .go-version: 1.22.3"),
                "error: GOTOOLCHAIN",
            )],
        );
    }
}

#[test]
fn without_modules_gotoolchain_go_mod_and_the_settings_file_say_nothing() {
    check(
        STORE,
        &[
            (
                "GO111MODULE=off; GOTOOLCHAIN=go1.22.3",
                "go1.27.3 by newest-installed",
            ),
            (
                "GO111MODULE=off; GOTOOLCHAIN=nonsense; .go-version: 1.22.3",
                "go1.22.3 by pin-file .go-version:1",
            ),
            (
                "GO111MODULE=off; GOTOOLCHAIN=go1.22.3+auto; go.mod: go 1.23.4",
                "go1.27.3 by newest-installed",
            ),
            (
                "GO111MODULE=off; go.mod: go 1.23 / toolchain go1.23.4; .go-version: 1.22.3",
                "go1.22.3 by pin-file .go-version:1",
            ),
            (
                "GO111MODULE=off; go.mod: toolchain nonsense",
                "go1.27.3 by newest-installed",
            ),
            (
                "GO111MODULE=off; goenv: GOTOOLCHAIN=go1.22.3",
                "go1.27.3 by newest-installed",
            ),
            (
                "goenv: GO111MODULE=off; GOTOOLCHAIN=go1.22.3",
                "go1.27.3 by newest-installed",
            ),
            (
                "goenv: GO111MODULE=off; GO111MODULE=on; GOTOOLCHAIN=go1.22.3",
                "go1.22.3 by GOTOOLCHAIN",
            ),
            (
                "GO111MODULE=junk; go.mod: toolchain go1.22.3",
                "go1.27.3 by newest-installed",
            ),
            (
                "GO111MODULE=auto; go.mod: toolchain go1.22.3",
                "go1.22.3 by toolchain-line go.mod:1",
            ),
        ],
    );
}

#[test]
fn within_a_directory_pin_files_have_an_order() {
    check(
        STORE,
        &[
            (
                ".goshim.toml: [go] / version = '1.22.3'; .go-version: 1.22.10; .tool-versions: golang 1.23.4",
                "go1.22.3 by pin-file .goshim.toml:2",
            ),
            (
                ".go-version: 1.22.10; .tool-versions: golang 1.23.4",
                "go1.22.10 by pin-file .go-version:1",
            ),
            (
                ".tool-versions: nodejs 24.9.0 / golang 1.23.4",
                "go1.23.4 by pin-file .tool-versions:2",
            ),
            (
                ".tool-versions: go 1.23.4",
                "go1.23.4 by pin-file .tool-versions:1",
            ),
            // One that says nothing about Go leaves it to the next.
            (
                ".goshim.toml: [go] / strict = false; .go-version: 1.22.10",
                "go1.22.10 by pin-file .go-version:1",
            ),
            (
                ".tool-versions: nodejs 24.9.0; /.tool-versions: golang 1.22.3",
                "go1.22.3 by home-pin-file /.tool-versions:1",
            ),
            (
                ".tool-versions: golangci-lint 2.1.6 / go-jsonnet 1",
                "go1.27.3 by newest-installed",
            ),
        ],
    );
}

#[test]
fn the_nearest_pin_file_wins_and_beats_toolchain_lines_also_deeper_ones() {
    check(
        STORE,
        &[
            (
                "at a/b; .go-version: 1.22.3; a/.go-version: 1.22.10",
                "go1.22.10 by pin-file a/.go-version:1",
            ),
            (
                "at a/b; .goshim.toml: go.version = '1.22.3'; a/.tool-versions: golang 1.22.10",
                "go1.22.10 by pin-file a/.tool-versions:1",
            ),
            (
                "at a; .go-version: 1.22.10; a/go.mod: go 1.21 / toolchain go1.23.4",
                "go1.22.10 by pin-file .go-version:1, floor 1.21 a/go.mod:1, hold",
            ),
            (
                "at a; .go-version: 1.23.4; a/go.mod: go 1.21 / toolchain go1.22.3",
                "go1.23.4 by pin-file .go-version:1, floor 1.21 a/go.mod:1",
            ),
            (
                ".go-version: 1.22.10; go.mod: toolchain nonsense",
                "go1.22.10 by pin-file .go-version:1, hold",
            ),
            // The walk does not pass the ceiling.
            (
                "at a/b; .go-version: 1.22.3; GOSHIM_CEILING=$ROOT/p/a",
                "go1.27.3 by newest-installed",
            ),
            (
                "at a/b; a/.go-version: 1.22.3; GOSHIM_CEILING=$ROOT/p/a/",
                "go1.22.3 by pin-file a/.go-version:1",
            ),
            (
                "at a/b; go.mod: toolchain go1.22.3; GOSHIM_CEILING=$ROOT/x:$ROOT/p/a",
                "go1.27.3 by newest-installed",
            ),
        ],
    );
}

#[test]
fn the_nearest_project_file_alone_counts_unless_it_inherits() {
    check(
        STORE,
        &[
            (
                "at a; .goshim.toml: go.version = '1.22.3'; a/.goshim.toml: go.strict = true",
                "go1.27.3 by newest-installed",
            ),
            (
                "at a; .goshim.toml: go.version = '1.22.3'; a/.goshim.toml: inherit = true",
                "go1.22.3 by pin-file .goshim.toml:1",
            ),
            (
                "at a; .goshim.toml: go.version = '1.22.3' / go.policy = 'floor'; a/.goshim.toml: inherit = true / go.version = '1.22.10'",
                "go1.22.10 by pin-file a/.goshim.toml:2, policy floor",
            ),
            (
                "at a/b; .goshim.toml: go.policy = 'exact'; a/.goshim.toml: go.version = '1.22.3'; a/b/.goshim.toml: inherit = true",
                "go1.22.3 by pin-file a/.goshim.toml:1",
            ),
            // What a nearer file says is not replaced, and other pin files are not touched by it.
            (
                "at a; .goshim.toml: go.policy = 'exact'; a/.goshim.toml: inherit = true / go.policy = 'native'",
                "go1.27.3 by newest-installed, policy native",
            ),
            (
                "at a; .go-version: 1.22.3; a/.goshim.toml: go.policy = 'exact'",
                "go1.22.3 by pin-file .go-version:1, policy exact",
            ),
            (
                "at a; .goshim.toml: go.policy = 'exact'; a/.go-version: 1.22.3",
                "go1.22.3 by pin-file a/.go-version:1, policy exact",
            ),
            // Both settings of the floor's law travel the same way.
            (
                "at a; .goshim.toml: go.strict = true; a/.goshim.toml: inherit = true / go.version = '1.21.13'; go.mod: go 1.22",
                "error: below floor a/.goshim.toml:2 1.21.13, 1.22 go.mod:1",
            ),
        ],
    );
}

#[test]
fn pin_files_of_home_and_above_are_the_last_defaults() {
    check(
        STORE,
        &[
            (
                "at /home/p; /home/.go-version: 1.22.3",
                "go1.22.3 by home-pin-file /home/.go-version:1",
            ),
            (
                "at /home/p; /.tool-versions: golang 1.22.3",
                "go1.22.3 by home-pin-file /.tool-versions:1",
            ),
            (
                "at /home; /home/.goshim.toml: go.version = '1.22.3'",
                "go1.22.3 by home-pin-file /home/.goshim.toml:1",
            ),
            (
                "at /home/p; /home/.go-version: 1.22.3; /.go-version: 1.22.10",
                "go1.22.3 by home-pin-file /home/.go-version:1",
            ),
            (
                "at /home/p; /home/p/.go-version: 1.22.10; /home/.go-version: 1.22.3",
                "go1.22.10 by pin-file /home/p/.go-version:1",
            ),
            (
                "at /home/p; /home/.go-version: 1.22.3; /home/p/go.mod: toolchain go1.22.10",
                "go1.22.10 by toolchain-line /home/p/go.mod:1",
            ),
            (
                "at /home/p; /home/.go-version: 1.22.3; default: 1.22.10",
                "go1.22.10 by default /store/state/default:1",
            ),
            (
                "at /home/p; /home/.go-version: 1.22.3; goenv: GOTOOLCHAIN=go1.22.10",
                "go1.22.10 by go-env-file /home/.config/go/env:1",
            ),
            (
                "at /home/p; /home/.go-version: 1.22.3; system 1.27.9",
                "go1.22.3 by home-pin-file /home/.go-version:1",
            ),
            // The policy of a project file there counts, and a floor raises without a word.
            (
                "at /home/p; /home/.goshim.toml: go.policy = 'exact'; /home/p/go.mod: go 1.22",
                "go1.22.10 by go-line /home/p/go.mod:1, floor 1.22 /home/p/go.mod:1, policy exact",
            ),
            (
                "at /home/p; /home/.go-version: 1.21; /home/p/go.mod: go 1.22",
                "go1.22.10 by home-pin-file /home/.go-version:1, floor 1.22 /home/p/go.mod:1, raised",
            ),
            // A project beside the home directory is not in it.
            (
                "at /homework; /homework/.go-version: 1.22.3",
                "go1.22.3 by pin-file /homework/.go-version:1",
            ),
        ],
    );
}

#[test]
fn a_broken_pin_file_of_home_counts_where_it_would_be_the_choice() {
    check(
        STORE,
        &[
            (
                "at /home/p; /home/.go-version: nonsense",
                "error: pin /home/.go-version:1",
            ),
            (
                "at /home/p; /home/.go-version: nonsense; /.go-version: 1.22.3",
                "error: pin /home/.go-version:1",
            ),
            (
                "at /home/p; /home/.go-version: 1.22.3; /.go-version: nonsense",
                "go1.22.3 by home-pin-file /home/.go-version:1",
            ),
            (
                "at /home/p; /home/.go-version: nonsense; default: 1.22.3",
                "go1.22.3 by default /store/state/default:1",
            ),
            (
                "at /home/p; /home/.tool-versions: golang ref:master; /home/p/go.mod: toolchain go1.22.3",
                "go1.22.3 by toolchain-line /home/p/go.mod:1",
            ),
            (
                "at /home/p; /home/.goshim.toml: go.version = 'nonsense'; /home/p/go.mod: toolchain go1.22.3",
                "go1.22.3 by toolchain-line /home/p/go.mod:1",
            ),
            // Its other settings are needed all the same.
            (
                "at /home/p; /home/.goshim.toml: nonsense = 1; /home/p/go.mod: toolchain go1.22.3",
                "error: settings /home/.goshim.toml:1",
            ),
        ],
    );
}

#[test]
fn the_users_default_comes_before_gos_own_settings_file() {
    check(
        STORE,
        &[
            (
                "default: 1.22",
                "go1.22.10 by default /store/state/default:1",
            ),
            (
                "default: system; system 1.19",
                "system 1.19 by default /store/state/default:1",
            ),
            ("default: system", "error: no system go"),
            ("default: nonsense", "error: pin /store/state/default:1"),
            (
                "default: 1.24.1",
                "missing 1.24.1 by default /store/state/default:1",
            ),
            (
                "goenv: GOFLAGS=-v / GOTOOLCHAIN=go1.21.13 / GOTOOLCHAIN=go1.22.3",
                "go1.22.3 by go-env-file /home/.config/go/env:3",
            ),
            (
                "goenv: GOTOOLCHAIN=go1.22.3+auto",
                "go1.22.3 by go-env-file /home/.config/go/env:1",
            ),
            ("goenv: GOTOOLCHAIN=local", "go1.27.3 by newest-installed"),
            ("goenv: GOTOOLCHAIN=", "go1.27.3 by newest-installed"),
            ("goenv: GOTOOLCHAIN=nonsense", "error: GOTOOLCHAIN"),
            (
                "goenv: # GOTOOLCHAIN=go1.22.3",
                "go1.27.3 by newest-installed",
            ),
            (
                "goenv: GOTOOLCHAIN=go1.22.3; GOENV=off",
                "go1.27.3 by newest-installed",
            ),
            (
                "/x/env: GOTOOLCHAIN=go1.22.3; GOENV=$ROOT/x/env",
                "go1.22.3 by go-env-file /x/env:1",
            ),
            (
                "env: GOTOOLCHAIN=go1.22.3; GOENV=env",
                "go1.22.3 by go-env-file env:1",
            ),
            // A relative one is found before -C.
            (
                "a/env: GOTOOLCHAIN=go1.22.3; env: GOTOOLCHAIN=go1.21.13; GOENV=env; go -C a version",
                "go1.21.13 by go-env-file env:1",
            ),
            (
                "/x/go/env: GOTOOLCHAIN=go1.22.3; XDG_CONFIG_HOME=$ROOT/x",
                "go1.22.3 by go-env-file /x/go/env:1",
            ),
            (
                "goenv: GOTOOLCHAIN=go1.22.3; XDG_CONFIG_HOME=x",
                "go1.27.3 by newest-installed",
            ),
        ],
    );
}

#[test]
fn the_toolchain_line_is_a_pin_also_downward() {
    check(
        STORE,
        &[
            (
                "go.mod: go 1.21 / toolchain go1.22.3",
                "go1.22.3 by toolchain-line go.mod:2, floor 1.21 go.mod:1",
            ),
            (
                "go.mod: toolchain go1.20.14; default: 1.27.3",
                "go1.20.14 by toolchain-line go.mod:1",
            ),
            (
                "go.mod: go 1.22.3 / toolchain go1.22.3",
                "go1.22.3 by toolchain-line go.mod:2, floor 1.22.3 go.mod:1",
            ),
            (
                "go.mod: go 1.21 / toolchain go1.22.4",
                "missing 1.22.4 at least 1.21 by toolchain-line go.mod:2, floor 1.21 go.mod:1",
            ),
            (
                "go.mod: toolchain go1.28rc1",
                "go1.28rc1 by toolchain-line go.mod:1",
            ),
            (
                "at a/b; go.mod: toolchain go1.22.3",
                "go1.22.3 by toolchain-line go.mod:1",
            ),
            // Names are exact.
            (
                "go.mod: toolchain go1.20",
                "go1.20 by toolchain-line go.mod:1",
            ),
            (
                "go.mod: toolchain go1.20.0",
                "error: no such release go1.20.0",
            ),
            ("go.mod: toolchain go1.27", "error: no such release go1.27"),
            (
                "go.mod: toolchain go1.22.3-custom",
                "error: no such release go1.22.3-custom",
            ),
            // An older one than the go line counts as absent, and so does `default`.
            (
                "go.mod: go 1.22.10 / toolchain go1.22.3; default: 1.27.3",
                "go1.27.3 by default /store/state/default:1, floor 1.22.10 go.mod:1",
            ),
            (
                "go.mod: go 1.22.0 / toolchain go1.22rc1",
                "go1.27.3 by newest-installed, floor 1.22.0 go.mod:1",
            ),
            (
                "go.mod: go 1.22 / toolchain default",
                "go1.27.3 by newest-installed, floor 1.22 go.mod:1",
            ),
            (
                "go.mod: go 1.22 / toolchain // none",
                "go1.27.3 by newest-installed, floor 1.22 go.mod:1",
            ),
            (
                "go.mod: go 1.22 / toolchain nonsense",
                "error: toolchain line go.mod:2",
            ),
            (
                "go.mod: toolchain go2.1.0",
                "error: no such release go2.1.0",
            ),
            (
                "go.mod: toolchain go1.23rc",
                "error: no such release go1.23rc",
            ),
            (
                "go.mod: toolchain go1.12345.0",
                "error: no such release go1.12345.0",
            ),
            ("go.mod: toolchain 1.22.3", "error: toolchain line go.mod:1"),
            (
                "go.mod: toolchain ../../bin/go1.22.3",
                "error: toolchain line go.mod:1",
            ),
            // An invalid go line is no requirement.
            (
                "go.mod: go 1.30 x / toolchain go1.22.3",
                "go1.22.3 by toolchain-line go.mod:2",
            ),
        ],
    );
}

#[test]
fn go_work_replaces_go_mod() {
    let files = format!(
        "{STORE}; go.work: go 1.21 / toolchain go1.22.10; m/go.mod: go 1.22 / toolchain go1.23.4; at m"
    );
    check(
        &files,
        &[
            (
                "",
                "go1.22.10 by toolchain-line go.work:2, floor 1.21 go.work:1",
            ),
            (
                "GOWORK=auto",
                "go1.22.10 by toolchain-line go.work:2, floor 1.21 go.work:1",
            ),
            (
                "GOWORK=off",
                "go1.23.4 by toolchain-line m/go.mod:2, floor 1.22 m/go.mod:1",
            ),
            (
                "goenv: GOWORK=off",
                "go1.23.4 by toolchain-line m/go.mod:2, floor 1.22 m/go.mod:1",
            ),
            (
                "goenv: GOWORK=off; GOWORK=auto",
                "go1.22.10 by toolchain-line go.work:2, floor 1.21 go.work:1",
            ),
            (
                "GOWORK=$ROOT/x/any; /x/any: toolchain go1.22.3",
                "go1.22.3 by toolchain-line /x/any:1",
            ),
            (
                "GOWORK=$ROOT/missing",
                "go1.23.4 by toolchain-line m/go.mod:2, floor 1.22 m/go.mod:1",
            ),
            ("GOWORK=go.work", "error: GOWORK"),
            ("GOWORK=go.work; .go-version: 1.22.3", "error: GOWORK"),
            (
                "GOWORK=go.work; GOTOOLCHAIN=go1.22.3",
                "go1.22.3 by GOTOOLCHAIN",
            ),
            ("GOWORK=$ROOT/p", "error: not a file "),
            // Wholly, also where it says nothing.
            ("go.work: use ./m", "go1.27.3 by newest-installed"),
            ("go.work:", "go1.27.3 by newest-installed"),
            // The nearest of both, and go.work above go.mod all the same.
            (
                "/go.work: toolchain go1.22.3",
                "go1.22.10 by toolchain-line go.work:2, floor 1.21 go.work:1",
            ),
            (
                "dir m/go.work",
                "go1.22.10 by toolchain-line go.work:2, floor 1.21 go.work:1",
            ),
            // In GOROOT's own tree none above counts.
            (
                "GOROOT=$ROOT/p",
                "go1.23.4 by toolchain-line m/go.mod:2, floor 1.22 m/go.mod:1",
            ),
            (
                "GOROOT=$ROOT/p/m",
                "go1.22.10 by toolchain-line go.work:2, floor 1.21 go.work:1",
            ),
        ],
    );
}

#[test]
fn the_nearest_go_mod_governs_but_not_in_the_temporary_directory() {
    check(
        STORE,
        &[
            (
                "at a; go.mod: go 1.22; a/go.mod: module a",
                "go1.27.3 by newest-installed",
            ),
            (
                "at a; go.mod: toolchain go1.22.3; dir a/go.mod",
                "go1.22.3 by toolchain-line go.mod:1",
            ),
            (
                "at /tmp; /tmp/go.mod: toolchain go1.22.3",
                "go1.27.3 by newest-installed",
            ),
            (
                "at /tmp/x; /tmp/go.mod: toolchain go1.22.3; /go.mod: toolchain go1.22.10",
                "go1.27.3 by newest-installed",
            ),
            (
                "at /tmp/x; /tmp/x/go.mod: toolchain go1.22.3",
                "go1.22.3 by toolchain-line /tmp/x/go.mod:1",
            ),
            (
                "at /tmp/x; /go.mod: toolchain go1.22.3",
                "go1.22.3 by toolchain-line /go.mod:1",
            ),
            (
                "at /tmp/x; /tmp/go.work: toolchain go1.22.3",
                "go1.22.3 by toolchain-line /tmp/go.work:1",
            ),
            (
                "at /tmp/x; /tmp/go.mod: toolchain go1.22.3; TMPDIR=$ROOT/p",
                "go1.22.3 by toolchain-line /tmp/go.mod:1",
            ),
            // A pin file there is one like any other.
            (
                "at /tmp/x; /tmp/.go-version: 1.22.3",
                "go1.22.3 by pin-file /tmp/.go-version:1",
            ),
        ],
    );
}

#[test]
fn the_directory_of_dash_c_is_the_one_that_asks() {
    check(
        &format!("{STORE}; .go-version: 1.22.10; a/.go-version: 1.22.3"),
        &[
            ("go -C a build", "go1.22.3 by pin-file a/.go-version:1"),
            ("go build -C=a", "go1.22.3 by pin-file a/.go-version:1"),
            ("go mod tidy -C $x", "error: chdir"),
            ("go -C ../p/a build", "go1.22.3 by pin-file a/.go-version:1"),
            ("go build -v -C a", "go1.22.10 by pin-file .go-version:1"),
            ("go -C missing build", "error: chdir"),
            ("go -C= build", "error: chdir"),
            ("go -C .go-version build", "error: chdir"),
        ],
    );
}

#[test]
fn policy_exact_takes_the_go_line_for_a_pin() {
    check(
        &format!("{STORE} 1.19.13 1.22rc1; GOSHIM_POLICY=exact; default: 1.27.3"),
        &[
            (
                "go.mod: go 1.22",
                "go1.22.10 by go-line go.mod:1, floor 1.22 go.mod:1, policy exact",
            ),
            (
                "go.mod: go 1.22.3",
                "go1.22.3 by go-line go.mod:1, floor 1.22.3 go.mod:1, policy exact",
            ),
            (
                "go.mod: go 1.22rc1",
                "go1.22rc1 by go-line go.mod:1, floor 1.22rc1 go.mod:1, policy exact",
            ),
            (
                "go.mod: go 1.22.4",
                "missing 1.22.4 at least 1.22.4 by go-line go.mod:1, floor 1.22.4 go.mod:1, policy exact",
            ),
            (
                "go.mod: go 1.24",
                "missing 1.24 at least 1.24 by go-line go.mod:1, floor 1.24 go.mod:1, policy exact",
            ),
            // Below 1.21 two numbers are the series as well, and three the release.
            (
                "go.mod: go 1.20",
                "go1.20.14 by go-line go.mod:1, floor 1.20 go.mod:1, policy exact",
            ),
            (
                "go.mod: go 1.19",
                "go1.19.13 by go-line go.mod:1, floor 1.19 go.mod:1, policy exact",
            ),
            (
                "go.mod: go 1.20.0",
                "go1.20 by go-line go.mod:1, floor 1.20.0 go.mod:1, policy exact",
            ),
            // A toolchain line goes before it, except where it counts as absent.
            (
                "go.mod: go 1.22 / toolchain go1.22.3",
                "go1.22.3 by toolchain-line go.mod:2, floor 1.22 go.mod:1, policy exact",
            ),
            (
                "go.mod: go 1.22 / toolchain default",
                "go1.22.10 by go-line go.mod:1, floor 1.22 go.mod:1, policy exact",
            ),
            (
                "go.mod: go 1.22.3 / toolchain go1.21.13",
                "go1.22.3 by go-line go.mod:1, floor 1.22.3 go.mod:1, policy exact",
            ),
            (
                "go.work: go 1.22.3; go.mod: go 1.23.4",
                "go1.22.3 by go-line go.work:1, floor 1.22.3 go.work:1, policy exact",
            ),
            // A pin file goes before both, above the floor.
            (
                "go.mod: go 1.22.3; .go-version: 1.23.4",
                "go1.23.4 by pin-file .go-version:1, floor 1.22.3 go.mod:1, policy exact",
            ),
            (
                "go.mod: go 1.22.5; .go-version: 1.22.3",
                "go1.22.10 by pin-file .go-version:1, floor 1.22.5 go.mod:1, raised, notice, policy exact",
            ),
            ("go.mod: go 2.0", "error: no such release go2.0"),
            (
                "go.mod: go nonsense",
                "go1.27.3 by default /store/state/default:1, policy exact",
            ),
            (
                "go.mod: module m",
                "go1.27.3 by default /store/state/default:1, policy exact",
            ),
        ],
    );
}

#[test]
fn policy_floor_takes_both_lines_for_the_floor() {
    check(
        &format!("{STORE}; GOSHIM_POLICY=floor"),
        &[
            (
                "go.mod: go 1.21 / toolchain go1.22.3",
                "go1.27.3 by newest-installed, floor 1.22.3 go.mod:2, policy floor",
            ),
            (
                "go.mod: go 1.22 / toolchain go1.21.13",
                "go1.27.3 by newest-installed, floor 1.22 go.mod:1, policy floor",
            ),
            (
                "go.mod: go 1.22 / toolchain default",
                "go1.27.3 by newest-installed, floor 1.22 go.mod:1, policy floor",
            ),
            (
                "go.mod: toolchain go1.22.3",
                "go1.27.3 by newest-installed, floor 1.22.3 go.mod:1, policy floor",
            ),
            (
                "go.mod: go 1.21 / toolchain go1.22.5; .go-version: 1.21.13",
                "go1.22.10 by pin-file .go-version:1, floor 1.22.5 go.mod:2, raised, notice, policy floor",
            ),
            (
                "go.mod: go 1.21 / toolchain go1.24.1; default: 1.22.3",
                "missing 1.24 at least 1.24.1 by default /store/state/default:1, floor 1.24.1 go.mod:2, raised, policy floor",
            ),
            (
                "go.mod: toolchain nonsense",
                "error: toolchain line go.mod:1",
            ),
        ],
    );
}

#[test]
fn policy_native_reads_neither_line() {
    check(
        &format!("{STORE}; GOSHIM_POLICY=native"),
        &[
            (
                "go.mod: go 1.28 / toolchain go1.28.1",
                "go1.27.3 by newest-installed, policy native",
            ),
            (
                "go.mod: toolchain nonsense; .go-version: 1.22.3",
                "go1.22.3 by pin-file .go-version:1, policy native",
            ),
            (
                "go.mod: go 1.23 / toolchain go1.23.4; default: 1.22.3",
                "go1.22.3 by default /store/state/default:1, policy native",
            ),
            (
                "goenv: GOTOOLCHAIN=go1.21.13; .go-version: 1.22.3",
                "go1.22.3 by pin-file .go-version:1, policy native",
            ),
        ],
    );
}

#[test]
fn the_policy_is_the_variables_then_the_projects_then_the_users() {
    check(
        STORE,
        &[
            (
                "config: policy = 'floor'",
                "go1.27.3 by newest-installed, policy floor",
            ),
            (
                "config: policy = 'floor'; .goshim.toml: go.policy = 'exact'",
                "go1.27.3 by newest-installed, policy exact",
            ),
            (
                "config: policy = 'floor'; .goshim.toml: go.policy = 'exact'; GOSHIM_POLICY=native",
                "go1.27.3 by newest-installed, policy native",
            ),
            (
                "config: policy = 'floor'; GOSHIM_POLICY=project",
                "go1.27.3 by newest-installed",
            ),
            (
                "config: policy = 'floor'; GOSHIM_POLICY=",
                "go1.27.3 by newest-installed, policy floor",
            ),
            (
                "config: policy = 'floor'; .goshim.toml: go.version = '1.22.3'",
                "go1.22.3 by pin-file .goshim.toml:1, policy floor",
            ),
            (
                "at a; .goshim.toml: go.policy = 'exact'",
                "go1.27.3 by newest-installed, policy exact",
            ),
            (
                "at a; .goshim.toml: go.policy = 'exact'; a/.goshim.toml: go.policy = 'floor'",
                "go1.27.3 by newest-installed, policy floor",
            ),
            ("GOSHIM_POLICY=Exact", "error: variable GOSHIM_POLICY"),
            (
                ".goshim.toml: [go] / policy = 'fast'",
                "error: settings .goshim.toml:2",
            ),
            (
                "config: policy = 'fast'",
                "error: settings /home/.config/goshim/config.toml:1",
            ),
        ],
    );
}

#[test]
fn a_series_means_its_newest_installed_patch_that_meets_the_floor() {
    check(
        "sdks 1.22.3 1.27.3",
        &[
            (".go-version: 1.22", "go1.22.3 by pin-file .go-version:1"),
            (
                ".go-version: 1.22; go.mod: go 1.22",
                "go1.22.3 by pin-file .go-version:1, floor 1.22 go.mod:1",
            ),
            (
                ".go-version: 1.22; go.mod: go 1.22.3",
                "go1.22.3 by pin-file .go-version:1, floor 1.22.3 go.mod:1",
            ),
            // None of it does: a patch of it that does is what is missing, and that is no disagreement.
            (
                ".go-version: 1.22; go.mod: go 1.22.5",
                "missing 1.22 at least 1.22.5 by pin-file .go-version:1, floor 1.22.5 go.mod:1",
            ),
            (
                ".go-version: 1.22; go.mod: go 1.22.5; GOSHIM_STRICT=1",
                "missing 1.22 at least 1.22.5 by pin-file .go-version:1, floor 1.22.5 go.mod:1",
            ),
            (
                ".go-version: 1.24; go.mod: go 1.22.5",
                "missing 1.24 at least 1.22.5 by pin-file .go-version:1, floor 1.22.5 go.mod:1",
            ),
            (
                ".go-version: 1; go.mod: go 1.22.5",
                "go1.27.3 by pin-file .go-version:1, floor 1.22.5 go.mod:1",
            ),
            (
                ".go-version: 1; go.mod: go 1.28.1",
                "missing 1 at least 1.28.1 by pin-file .go-version:1, floor 1.28.1 go.mod:1",
            ),
            // No patch of it can: it is raised.
            (
                ".go-version: 1.21; go.mod: go 1.22.3",
                "go1.22.3 by pin-file .go-version:1, floor 1.22.3 go.mod:1, raised, notice",
            ),
            (
                ".go-version: 1.21; go.mod: go 1.22.5",
                "missing 1.22 at least 1.22.5 by pin-file .go-version:1, floor 1.22.5 go.mod:1, raised, notice",
            ),
        ],
    );
}

#[test]
fn a_choice_below_the_floor_is_raised_within_the_floors_minor() {
    check(
        "sdks 1.21.13 1.22.3 1.22.6 1.22.8 1.23.4 1.27.3",
        &[
            (
                ".go-version: 1.22.3; go.mod: go 1.22.5",
                "go1.22.8 by pin-file .go-version:1, floor 1.22.5 go.mod:1, raised, notice",
            ),
            (
                ".go-version: 1.22.4; go.mod: go 1.22.5",
                "go1.22.8 by pin-file .go-version:1, floor 1.22.5 go.mod:1, raised, notice",
            ),
            (
                ".go-version: 1.21.13; go.mod: go 1.22",
                "go1.22.8 by pin-file .go-version:1, floor 1.22 go.mod:1, raised, notice",
            ),
            (
                ".go-version: 1.22.3; go.mod: go 1.22.9",
                "missing 1.22 at least 1.22.9 by pin-file .go-version:1, floor 1.22.9 go.mod:1, raised, notice",
            ),
            (
                ".go-version: 1.22.3; go.mod: go 1.24",
                "missing 1.24 at least 1.24 by pin-file .go-version:1, floor 1.24 go.mod:1, raised, notice",
            ),
            (
                ".go-version: 1.22.6; go.mod: go 1.22.5",
                "go1.22.6 by pin-file .go-version:1, floor 1.22.5 go.mod:1",
            ),
            (
                ".go-version: 1.22.7; go.mod: go 1.22.5",
                "missing 1.22.7 at least 1.22.5 by pin-file .go-version:1, floor 1.22.5 go.mod:1",
            ),
            // Defaults are raised without a notice.
            (
                "default: 1.21; go.mod: go 1.22.5",
                "go1.22.8 by default /store/state/default:1, floor 1.22.5 go.mod:1, raised",
            ),
            (
                "default: 1.21; go.mod: go 1.25",
                "missing 1.25 at least 1.25 by default /store/state/default:1, floor 1.25 go.mod:1, raised",
            ),
            (
                "default: 1.21; go.mod: go 1.25; GOSHIM_STRICT=1",
                "missing 1.25 at least 1.25 by default /store/state/default:1, floor 1.25 go.mod:1, raised",
            ),
            (
                "goenv: GOTOOLCHAIN=go1.21.13+auto; go.mod: go 1.22.5",
                "go1.22.8 by go-env-file /home/.config/go/env:1, floor 1.22.5 go.mod:1, raised, hold",
            ),
            (
                "go.mod: go 1.28.1",
                "missing 1.28 at least 1.28.1 by newest-installed, floor 1.28.1 go.mod:1, raised",
            ),
            (
                "go.mod: go 1.22.5",
                "go1.27.3 by newest-installed, floor 1.22.5 go.mod:1",
            ),
            // The floor of go.work, and no other.
            (
                "go.work: go 1.21; go.mod: go 1.23; .go-version: 1.21.13",
                "go1.21.13 by pin-file .go-version:1, floor 1.21 go.work:1",
            ),
        ],
    );
}

#[test]
fn words_are_raised_only_where_what_is_here_is_below_the_floor() {
    check(
        "sdks 1.21.13 1.22.3 1.22.8",
        &[
            (
                ".go-version: latest; go.mod: go 1.22",
                "go1.22.8 by pin-file .go-version:1, floor 1.22 go.mod:1",
            ),
            // A pin `latest` and a go line never disagree: only what is installed is too old.
            (
                ".go-version: latest; go.mod: go 1.23.1",
                "missing 1.23 at least 1.23.1 by pin-file .go-version:1, floor 1.23.1 go.mod:1, raised",
            ),
            (
                ".go-version: latest; go.mod: go 1.23.1; GOSHIM_STRICT=1",
                "missing 1.23 at least 1.23.1 by pin-file .go-version:1, floor 1.23.1 go.mod:1, raised",
            ),
            (
                ".go-version: oldstable; go.mod: go 1.22",
                "go1.22.8 by pin-file .go-version:1, floor 1.22 go.mod:1, raised, notice",
            ),
            (
                ".go-version: system; system 1.21.5; go.mod: go 1.22",
                "go1.22.8 by pin-file .go-version:1, floor 1.22 go.mod:1, raised, notice",
            ),
        ],
    );
    check(
        "",
        &[
            (
                ".go-version: latest; go.mod: go 1.23.1",
                "missing latest at least 1.23.1 by pin-file .go-version:1, floor 1.23.1 go.mod:1",
            ),
            (
                ".go-version: oldstable; go.mod: go 1.23",
                "missing oldstable at least 1.23 by pin-file .go-version:1, floor 1.23 go.mod:1",
            ),
            (
                ".go-version: latest",
                "missing latest by pin-file .go-version:1",
            ),
        ],
    );
}

#[test]
fn a_prerelease_counts_only_where_it_is_named_by_the_floor_too() {
    check(
        "sdks 1.22.3 1.23rc2",
        &[
            (
                ".go-version: 1.23",
                "missing 1.23 by pin-file .go-version:1",
            ),
            (
                ".go-version: 1.23rc2",
                "go1.23rc2 by pin-file .go-version:1",
            ),
            (
                ".go-version: 1.23rc1",
                "missing 1.23rc1 by pin-file .go-version:1",
            ),
            (".go-version: latest", "go1.22.3 by pin-file .go-version:1"),
            (
                "go.mod: go 1.23",
                "missing 1.23 at least 1.23 by newest-installed, floor 1.23 go.mod:1, raised",
            ),
            (
                "go.mod: go 1.23rc2",
                "go1.23rc2 by newest-installed, floor 1.23rc2 go.mod:1, raised",
            ),
            // What the installer takes for such a floor is found again.
            (
                "go.mod: go 1.23rc1",
                "go1.23rc2 by newest-installed, floor 1.23rc1 go.mod:1, raised",
            ),
            (
                "go.mod: go 1.23rc3",
                "missing 1.23 at least 1.23rc3 by newest-installed, floor 1.23rc3 go.mod:1, raised",
            ),
            (
                ".go-version: 1.23; go.mod: go 1.23rc1",
                "go1.23rc2 by pin-file .go-version:1, floor 1.23rc1 go.mod:1",
            ),
            (
                "sdks 1.23.0; go.mod: go 1.23rc1; default: 1.22",
                "go1.23.0 by default /store/state/default:1, floor 1.23rc1 go.mod:1, raised",
            ),
        ],
    );
    check(
        "sdks 1.23rc2",
        &[
            (
                "go.mod: go 1.23rc1",
                "go1.23rc2 by nothing, floor 1.23rc1 go.mod:1",
            ),
            ("", "error: nothing installed"),
        ],
    );
}

#[test]
fn strict_makes_a_raised_pin_an_error() {
    let given = "sdks 1.21.13 1.22.3; go.mod: go 1.22; .go-version: 1.21";
    let error = "error: below floor .go-version:1 1.21, 1.22 go.mod:1";
    let raised = "go1.22.3 by pin-file .go-version:1, floor 1.22 go.mod:1, raised, notice";
    check(
        given,
        &[
            ("", raised),
            ("GOSHIM_STRICT=1", error),
            ("GOSHIM_STRICT=true", error),
            ("GOSHIM_STRICT=0", raised),
            ("GOSHIM_STRICT=yes", "error: variable GOSHIM_STRICT"),
            ("config: strict = true", error),
            (".goshim.toml: go.strict = true", error),
            (
                "config: strict = true; .goshim.toml: go.strict = false",
                raised,
            ),
            (
                "config: strict = true; .goshim.toml: go.strict = true; GOSHIM_STRICT=0",
                raised,
            ),
            (
                ".go-version: 1.22.3; GOSHIM_STRICT=1",
                "go1.22.3 by pin-file .go-version:1, floor 1.22 go.mod:1",
            ),
            // Also where the SDK that would do is missing.
            (
                "go.mod: go 1.24; GOSHIM_STRICT=1",
                "error: below floor .go-version:1 1.21, 1.24 go.mod:1",
            ),
        ],
    );
}

#[test]
fn the_system_go_is_the_first_on_path_that_is_no_shim() {
    check(
        "sdks 1.22.3 1.27.3",
        &[
            ("system 1.21.5", "system 1.21.5 by system"),
            (
                "system 1.21.5; go.mod: go 1.21",
                "system 1.21.5 by system, floor 1.21 go.mod:1",
            ),
            (
                "system 1.21.5; go.mod: go 1.22",
                "go1.22.3 by system, floor 1.22 go.mod:1, raised",
            ),
            (
                "system 1.21.5; go.mod: go 1.24",
                "missing 1.24 at least 1.24 by system, floor 1.24 go.mod:1, raised",
            ),
            (
                "system unknown; go.mod: go 1.24",
                "system unknown by system, floor 1.24 go.mod:1",
            ),
            (
                "system unknown; /system/VERSION: devel go1.28-abc; go.mod: go 1.24",
                "system unknown by system, floor 1.24 go.mod:1",
            ),
            (
                ".tool-versions: golang system; system 1.21.5",
                "system 1.21.5 by pin-file .tool-versions:1",
            ),
            (".go-version: system", "error: no system go"),
        ],
    );
    let mut world = World::new("sdks 1.27.3");
    world.add_go("a", Some("1.20.1"));
    world.add_go("b", Some("1.20.2"));
    // Our own shims, under either name, and entries that would mean another place in each directory are passed over.
    world.write("/store/shims/go", "");
    fs_err::set_permissions(
        world.path("/store/shims/go"),
        fs_err::metadata(world.path("a/bin/go"))
            .unwrap()
            .permissions(),
    )
    .unwrap();
    let path = "ROOT/store/shims:ROOT/store/../store/shims:relative::ROOT/missing:ROOT/p/a/bin:ROOT/p/b/bin";
    world.set("PATH", path.replace("ROOT", &world.root.to_string_lossy()));
    assert_eq!(world.outcome(), "system 1.20.1 by system");
    // The shims of another goshim are marked by a file beside them.
    world.write("a/bin/.goshim", "");
    assert_eq!(world.outcome(), "system 1.20.2 by system");
}

#[test]
fn with_nothing_installed_the_floor_says_what_is_missing() {
    check(
        "",
        &[
            ("", "error: nothing installed"),
            (
                "go.mod: go 1.22",
                "missing 1.22 at least 1.22 by nothing, floor 1.22 go.mod:1",
            ),
            (
                "go.mod: go 1.22.5",
                "missing 1.22 at least 1.22.5 by nothing, floor 1.22.5 go.mod:1",
            ),
            (
                "go.mod: go 1.20",
                "missing 1.20 at least 1.20 by nothing, floor 1.20 go.mod:1",
            ),
            ("go.mod: module m", "error: nothing installed"),
            (
                "go.mod: go 1.22; GOSHIM_POLICY=native",
                "error: nothing installed",
            ),
            (
                "go.mod: go 1.22; GOSHIM_POLICY=exact",
                "missing 1.22 at least 1.22 by go-line go.mod:1, floor 1.22 go.mod:1, policy exact",
            ),
            (
                "go.mod: go 1.21 / toolchain go1.22.3; GOSHIM_POLICY=floor",
                "missing 1.22 at least 1.22.3 by nothing, floor 1.22.3 go.mod:2, policy floor",
            ),
            (
                ".go-version: 1.22",
                "missing 1.22 by pin-file .go-version:1",
            ),
            (
                ".go-version: 1.21; go.mod: go 1.22",
                "missing 1.22 at least 1.22 by pin-file .go-version:1, floor 1.22 go.mod:1, raised, notice",
            ),
            // A plain file and an SDK for another platform are no SDKs for this one.
            ("/store/sdks/go1.22.3:", "error: nothing installed"),
            ("sdks 1.22.3.linux-386", "error: nothing installed"),
        ],
    );
}

#[test]
fn hold_keeps_cmd_go_from_leaving_the_selection() {
    check(
        STORE,
        &[
            // A toolchain line above a pinned selection.
            (
                ".go-version: 1.22.3; go.mod: go 1.21 / toolchain go1.23.4",
                "go1.22.3 by pin-file .go-version:1, floor 1.21 go.mod:1, hold",
            ),
            (
                ".go-version: 1.22.3; go.mod: go 1.21 / toolchain go1.22.3",
                "go1.22.3 by pin-file .go-version:1, floor 1.21 go.mod:1",
            ),
            (
                ".go-version: 1.23.4; go.mod: go 1.21 / toolchain go1.22.3",
                "go1.23.4 by pin-file .go-version:1, floor 1.21 go.mod:1",
            ),
            (
                ".go-version: 1.22.3; go.work: go 1.21 / toolchain go1.23.4",
                "go1.22.3 by pin-file .go-version:1, floor 1.21 go.work:1, hold",
            ),
            (
                ".go-version: system; system 1.22.3; go.mod: toolchain go1.23.4",
                "system 1.22.3 by pin-file .go-version:1, hold",
            ),
            (
                ".go-version: system; system unknown; go.mod: toolchain go1.23.4",
                "system unknown by pin-file .go-version:1",
            ),
            // A line that cmd/go refuses is kept from it.
            (
                ".go-version: 1.22.3; go.mod: toolchain nonsense",
                "go1.22.3 by pin-file .go-version:1, hold",
            ),
            // The user decides where the variable is exported.
            (
                ".go-version: 1.22.3; go.mod: toolchain go1.23.4; GOTOOLCHAIN=auto",
                "go1.22.3 by pin-file .go-version:1",
            ),
            (
                ".go-version: 1.22.3; go.mod: toolchain go1.23.4; GOTOOLCHAIN=local",
                "go1.22.3 by pin-file .go-version:1, install never",
            ),
            (
                ".go-version: 1.22.3; go.mod: toolchain go1.23.4; GOTOOLCHAIN=",
                "go1.22.3 by pin-file .go-version:1, hold",
            ),
            // Somebody else's module may need a newer one.
            (
                ".go-version: 1.22.3; go.mod: toolchain go1.23.4; go install x.y/z@latest",
                "go1.22.3 by pin-file .go-version:1",
            ),
            (
                ".go-version: 1.22.3; go.mod: toolchain go1.23.4; go run -v x.y/z@v1.0.0 a",
                "go1.22.3 by pin-file .go-version:1",
            ),
            (
                ".go-version: 1.22.3; go.mod: toolchain go1.23.4; go install ./...",
                "go1.22.3 by pin-file .go-version:1, hold",
            ),
            (
                ".go-version: 1.22.3; go.mod: toolchain go1.23.4; go run . a@b",
                "go1.22.3 by pin-file .go-version:1, hold",
            ),
            // cmd/go answers these two itself, and the truth.
            (
                ".go-version: 1.22.3; go.mod: toolchain go1.23.4; go env GOTOOLCHAIN",
                "go1.22.3 by pin-file .go-version:1, install never",
            ),
            (
                ".go-version: 1.22.3; go.mod: toolchain go1.23.4; go env -w GOTOOLCHAIN=local",
                "go1.22.3 by pin-file .go-version:1, install never",
            ),
            (
                ".go-version: 1.22.3; go.mod: toolchain go1.23.4; go env GOMOD",
                "go1.22.3 by pin-file .go-version:1, hold, install never",
            ),
            // Without modules, and before 1.21, cmd/go never switches.
            (
                ".go-version: 1.22.3; go.mod: toolchain go1.23.4; GO111MODULE=off",
                "go1.22.3 by pin-file .go-version:1",
            ),
            (
                ".go-version: 1.20.14; go.mod: toolchain go1.23.4",
                "go1.20.14 by pin-file .go-version:1",
            ),
            // A selection that is no more than the go line requires is no diversion.
            (
                ".go-version: 1.21; go.mod: go 1.22.3",
                "go1.22.10 by pin-file .go-version:1, floor 1.22.3 go.mod:1, raised, notice",
            ),
            // Nothing runs: nothing to hold.
            (
                ".go-version: 1.24.1; go.mod: toolchain go1.27.3",
                "missing 1.24.1 by pin-file .go-version:1",
            ),
        ],
    );
}

#[test]
fn hold_also_answers_gos_own_settings_file() {
    check(
        STORE,
        &[
            (
                ".go-version: 1.22.3; goenv: GOTOOLCHAIN=go1.20",
                "go1.22.3 by pin-file .go-version:1, hold",
            ),
            (
                ".go-version: 1.22.3; goenv: GOTOOLCHAIN=go1.22.3",
                "go1.22.3 by pin-file .go-version:1",
            ),
            (
                ".go-version: 1.22.3; goenv: GOTOOLCHAIN=go1.21.13+auto",
                "go1.22.3 by pin-file .go-version:1, hold",
            ),
            (
                ".go-version: 1.22.3; goenv: GOTOOLCHAIN=nonsense",
                "go1.22.3 by pin-file .go-version:1, hold",
            ),
            (
                ".go-version: 1.22.3; goenv: GOTOOLCHAIN=go1.20; GOENV=off",
                "go1.22.3 by pin-file .go-version:1",
            ),
            (
                ".go-version: 1.22.3; goenv: GOTOOLCHAIN=go1.20; GOTOOLCHAIN=auto",
                "go1.22.3 by pin-file .go-version:1",
            ),
            (
                "go.mod: go 1.21 / toolchain go1.22.3; goenv: GOTOOLCHAIN=go1.20",
                "go1.22.3 by toolchain-line go.mod:2, floor 1.21 go.mod:1, hold",
            ),
            // These keep cmd/go where it is.
            (
                ".go-version: 1.22.3; go.mod: toolchain go1.23.4; goenv: GOTOOLCHAIN=local",
                "go1.22.3 by pin-file .go-version:1",
            ),
            (
                ".go-version: 1.22.3; go.mod: toolchain go1.23.4; goenv: GOTOOLCHAIN=",
                "go1.22.3 by pin-file .go-version:1",
            ),
            (
                ".go-version: 1.22.3; go.mod: toolchain go1.23.4; goenv: GOTOOLCHAIN=path",
                "go1.22.3 by pin-file .go-version:1, hold",
            ),
        ],
    );
}

#[test]
fn what_may_be_installed() {
    let missing = "missing 1.22.3 by pin-file .go-version:1";
    let never = "missing 1.22.3 by pin-file .go-version:1, install never";
    let ask = "missing 1.22.3 by pin-file .go-version:1, install ask";
    check(
        ".go-version: 1.22.3",
        &[
            ("", missing),
            ("GOTOOLCHAIN=auto", missing),
            ("GOTOOLCHAIN=local", never),
            ("GOTOOLCHAIN=path", never),
            ("GOTOOLCHAIN=local+path", never),
            ("GOTOOLCHAIN=local+auto", missing),
            ("GOTOOLCHAIN=go1.21.13", "missing 1.21.13 by GOTOOLCHAIN"),
            (
                "GOTOOLCHAIN=go1.21.13+path",
                "missing 1.21.13 by GOTOOLCHAIN, install never",
            ),
            // In the environment, that is.
            ("goenv: GOTOOLCHAIN=local", missing),
            ("GOSHIM_OFFLINE=1", never),
            ("GOSHIM_OFFLINE=0", missing),
            ("GOSHIM_OFFLINE=no", "error: variable GOSHIM_OFFLINE"),
            ("GOSHIM_AUTO_INSTALL=ask", ask),
            ("GOSHIM_AUTO_INSTALL=never", never),
            (
                "GOSHIM_AUTO_INSTALL=sometimes",
                "error: variable GOSHIM_AUTO_INSTALL",
            ),
            ("config: auto_install = 'ask'", ask),
            (
                "config: auto_install = 'never'; GOSHIM_AUTO_INSTALL=always",
                missing,
            ),
            ("GOSHIM_AUTO_INSTALL=always; GOSHIM_OFFLINE=true", never),
            ("config: auto_install = 'always'; GOTOOLCHAIN=local", never),
            ("go env GOTOOLCHAIN", never),
            ("go env GOMOD", never),
            ("go env GOWORK", never),
            ("go env GOMOD GOWORK", missing),
            ("go env", missing),
            ("go env -C . GOMOD", never),
        ],
    );
}

#[test]
fn a_linked_name_runs_what_the_user_linked_and_nothing_else() {
    check(
        "sdks 1.22.3 1.27.3; link tip devel go1.28-abc Tue; link corp 1.22.10-corp; link odd unknown",
        &[
            (".go-version: tip", "tip 1.28 by pin-file .go-version:1"),
            (
                ".goshim.toml: go.version = 'corp'",
                "corp 1.22.10 by pin-file .goshim.toml:1",
            ),
            ("GOSHIM_VERSION=tip", "tip 1.28 by GOSHIM_VERSION, hold"),
            ("go +tip build", "tip 1.28 by argument, hold"),
            (
                "default: corp",
                "corp 1.22.10 by default /store/state/default:1",
            ),
            // In cmd/go's own places it is no toolchain.
            ("GOTOOLCHAIN=tip", "error: GOTOOLCHAIN"),
            (
                "go.mod: go 1.22 / toolchain tip",
                "error: toolchain line go.mod:2",
            ),
            // What is not linked is never looked for elsewhere.
            (".go-version: other", "error: pin .go-version:1"),
            (
                "dir other/bin; .go-version: other",
                "error: pin .go-version:1",
            ),
            (".go-version: ../own/tip", "error: pin .go-version:1"),
            (".go-version: TIP", "error: pin .go-version:1"),
            ("GOSHIM_VERSION=other", "error: query GOSHIM_VERSION"),
            ("default: other", "error: pin /store/state/default:1"),
            // One that is not there now is an error, also where something else could run.
            (
                "link away gone; .tool-versions: golang away 1.22.3",
                "error: link away: there is no such directory",
            ),
            // Of several, what is not linked is not installed.
            (
                ".tool-versions: golang other 1.22.3",
                "go1.22.3 by pin-file .tool-versions:1",
            ),
            (
                ".tool-versions: golang corp 1.22.3",
                "corp 1.22.10 by pin-file .tool-versions:1",
            ),
            (
                ".tool-versions: golang other 1.24.1",
                "missing 1.24.1 by pin-file .tool-versions:1",
            ),
            (
                ".tool-versions: golang other system",
                "error: pin .tool-versions:1",
            ),
            // The system's is another one, also below a linked one that runs; its GOROOT goes.
            (
                ".go-version: system; system 1.21.5; GOROOT=$ROOT/own/corp; PATH=$ROOT/own/corp/bin:$ROOT/system/bin",
                "system 1.21.5 by pin-file .go-version:1",
            ),
            (
                ".go-version: system; GOROOT=$ROOT/own/corp; PATH=$ROOT/own/corp/bin",
                "system 1.22.10 by pin-file .go-version:1",
            ),
            // The floor is a law for it too; a development build is below every release of its minor, as cmd/go counts it.
            (
                ".go-version: corp; go.mod: go 1.22",
                "corp 1.22.10 by pin-file .go-version:1, floor 1.22 go.mod:1",
            ),
            (
                ".go-version: corp; go.mod: go 1.27",
                "go1.27.3 by pin-file .go-version:1, floor 1.27 go.mod:1, raised, notice",
            ),
            (
                ".go-version: tip; go.mod: go 1.27.3",
                "tip 1.28 by pin-file .go-version:1, floor 1.27.3 go.mod:1",
            ),
            (
                ".go-version: tip; go.mod: go 1.28.0",
                "missing 1.28 at least 1.28.0 by pin-file .go-version:1, floor 1.28.0 go.mod:1, raised, notice",
            ),
            (
                ".go-version: odd; go.mod: go 1.99",
                "odd unknown by pin-file .go-version:1, floor 1.99 go.mod:1",
            ),
            (
                "go +corp build; go.mod: go 1.27",
                "corp 1.22.10 by argument, hold",
            ),
            (
                ".go-version: corp; go.mod: go 1.27; config: strict = true",
                "error: below floor .go-version:1 corp, 1.27 go.mod:1",
            ),
            // cmd/go is kept from leaving it for a toolchain line, unless the tree's own go.env does.
            (
                ".go-version: corp; go.mod: go 1.22 / toolchain go1.27.3",
                "corp 1.22.10 by pin-file .go-version:1, floor 1.22 go.mod:1, hold",
            ),
            (
                ".go-version: corp; go.mod: go 1.22 / toolchain go1.27.3; /own/corp/go.env: GOTOOLCHAIN=local",
                "corp 1.22.10 by pin-file .go-version:1, floor 1.22 go.mod:1",
            ),
        ],
    );
}

#[cfg(unix)]
#[test]
fn a_linked_tree_that_cannot_run_is_one_clear_error() {
    type Spoil = &'static dyn Fn(&World, &Path);
    let refused = |spoil: Spoil| {
        let world = World::new("sdks 1.22.3; link tip 1.27.3; go +tip version");
        spoil(&world, &world.path("/own/tip"));
        world.outcome()
    };
    let cases: [(&str, Spoil); 9] = [
        ("there is no such directory", &|_, root| {
            fs_err::remove_dir_all(root).unwrap();
        }),
        ("it has no bin/go", &|_, root| {
            fs_err::remove_file(root.join("bin/go")).unwrap();
        }),
        ("it is no GOROOT, for it has no pkg/tool", &|_, root| {
            fs_err::remove_dir_all(root.join("pkg")).unwrap();
        }),
        ("its bin/go is not executable", &|_, root| {
            set_mode(&root.join("bin/go"), 0o644);
        }),
        ("everybody may write to", &|_, root| {
            set_mode(&root.join("bin"), 0o777);
        }),
        ("its bin/go is for Windows", &|_, root| {
            fs_err::rename(root.join("bin/go"), root.join("bin/go.exe")).unwrap();
        }),
        ("its bin/go is for Windows", &|world, _| {
            world.write("/own/tip/bin/go", b"MZ\x90\0\0\0\0\0");
        }),
        ("it lies in a store of goshim's", &|world, _| {
            let root = world.path("/store/sdks/go1.22.3");
            world.write("/store/links/tip", root.to_str().unwrap());
        }),
        ("its link is damaged", &|world, _| {
            world.write("/store/links/tip", "own/tip\n");
        }),
    ];
    for (words, spoil) in cases {
        let outcome = refused(spoil);
        assert!(
            outcome.starts_with(&format!("error: link tip: {words}")),
            "{words}: {outcome}"
        );
    }
    assert_eq!(refused(&|_, _| ()), "tip 1.27.3 by argument, hold");
}

#[test]
fn of_several_versions_the_first_installed_one_counts() {
    check(
        "sdks 1.21.13 1.22.3 1.23.4",
        &[
            (
                ".tool-versions: golang 1.22.3 1.21.13",
                "go1.22.3 by pin-file .tool-versions:1",
            ),
            (
                ".tool-versions: golang 1.24.1 1.21.13 1.22.3",
                "go1.21.13 by pin-file .tool-versions:1",
            ),
            (
                ".tool-versions: golang 1.24.1 1.25.1",
                "missing 1.24.1 by pin-file .tool-versions:1",
            ),
            (
                ".tool-versions: golang 1.24.1 1.22",
                "go1.22.3 by pin-file .tool-versions:1",
            ),
            (
                ".tool-versions: golang 1.24.1 system; system 1.20",
                "system 1.20 by pin-file .tool-versions:1",
            ),
            (
                ".tool-versions: golang system 1.22.3",
                "go1.22.3 by pin-file .tool-versions:1",
            ),
            (
                ".tool-versions: golang 1.24.1 system",
                "missing 1.24.1 by pin-file .tool-versions:1",
            ),
            (
                ".tool-versions: golang system 1.24.1",
                "missing 1.24.1 by pin-file .tool-versions:1",
            ),
            (".tool-versions: golang system", "error: no system go"),
            // Only one that the module accepts.
            (
                ".tool-versions: golang 1.21.13 1.22.3; go.mod: go 1.22",
                "go1.22.3 by pin-file .tool-versions:1, floor 1.22 go.mod:1",
            ),
            (
                ".tool-versions: golang 1.21.13 1.22.3; go.mod: go 1.23",
                "go1.23.4 by pin-file .tool-versions:1, floor 1.23 go.mod:1, raised, notice",
            ),
        ],
    );
}

#[test]
fn words_and_series_mean_what_is_installed_and_stable() {
    check(
        "sdks 1.19.13 1.20 1.20.14 1.21.0 1.22.9 1.22.10 1.23rc1",
        &[
            (".go-version: latest", "go1.22.10 by pin-file .go-version:1"),
            (".go-version: stable", "go1.22.10 by pin-file .go-version:1"),
            (
                ".go-version: oldstable",
                "go1.21.0 by pin-file .go-version:1",
            ),
            (".go-version: 1", "go1.22.10 by pin-file .go-version:1"),
            (".go-version: 1.22", "go1.22.10 by pin-file .go-version:1"),
            (".go-version: 1.22.x", "go1.22.10 by pin-file .go-version:1"),
            (".go-version: go1.22", "go1.22.10 by pin-file .go-version:1"),
            (".go-version: v1.22.9", "go1.22.9 by pin-file .go-version:1"),
            (
                ".go-version: 1.23",
                "missing 1.23 by pin-file .go-version:1",
            ),
            (
                ".go-version: 1.23rc1",
                "go1.23rc1 by pin-file .go-version:1",
            ),
            // 1.20 is a series, 1.20.0 the release called go1.20.
            (".go-version: 1.20", "go1.20.14 by pin-file .go-version:1"),
            (".go-version: 1.20.0", "go1.20 by pin-file .go-version:1"),
            (".go-version: go1.20", "go1.20.14 by pin-file .go-version:1"),
            (".go-version: 1.21.0", "go1.21.0 by pin-file .go-version:1"),
            (
                ".go-version: 1.19.0",
                "missing 1.19.0 by pin-file .go-version:1",
            ),
        ],
    );
}

#[test]
fn what_cannot_be_read_with_certainty_is_an_error_and_never_falls_through() {
    check(
        &format!("{STORE}; /.go-version: 1.22.3; default: 1.22.3"),
        &[
            (".go-version: nonsense", "error: pin .go-version:1"),
            (
                ".go-version: # why / 1.22.10 / 1.23.4",
                "error: pin .go-version:3",
            ),
            (".go-version:", "error: pin .go-version:1"),
            (".go-version: ../sdks/go1.22.3", "error: pin .go-version:1"),
            (".go-version: 2.0", "error: pin .go-version:1"),
            (
                ".go-version: nonsense; go.mod: toolchain go1.22.10",
                "error: pin .go-version:1",
            ),
            (
                ".go-version: nonsense; .tool-versions: golang 1.22.3",
                "error: pin .go-version:1",
            ),
            (
                "at a; .go-version: nonsense; a/.go-version: 1.22.10",
                "go1.22.10 by pin-file a/.go-version:1",
            ),
            (
                ".tool-versions: nodejs 24 / golang path:$HOME/go",
                "error: pin .tool-versions:2",
            ),
            (
                ".tool-versions: golang 1.22.10 ref:master",
                "error: pin .tool-versions:1",
            ),
            (".tool-versions: golang", "error: pin .tool-versions:1"),
            (
                ".goshim.toml: [go] / version = '1.22.x.y'",
                "error: pin .goshim.toml:2",
            ),
            (
                ".goshim.toml: [go] / versoin = '1.22'",
                "error: settings .goshim.toml:2",
            ),
            (".goshim.toml: [go", "error: settings .goshim.toml:1"),
            (
                ".goshim.toml: [go] / version = 1.22",
                "error: settings .goshim.toml:2",
            ),
            (
                "config: nonsense = 1; .go-version: 1.22.10",
                "error: settings /home/.config/goshim/config.toml:1",
            ),
        ],
    );
}

#[test]
fn a_file_over_its_cap_is_an_error() {
    for (file, size) in [
        (".go-version", 4 << 10),
        (".tool-versions", 64 << 10),
        (".goshim.toml", 64 << 10),
        ("go.mod", 16 << 20),
    ] {
        let world = World::new(STORE);
        let text = if file == ".go-version" {
            "1.22.3 #"
        } else {
            "#"
        };
        let comment = "x".repeat(size - text.len());
        world.write(file, format!("{text}{comment}"));
        assert!(
            !world.outcome().starts_with("error"),
            "{file} at its cap: {}",
            world.outcome()
        );
        world.write(file, format!("{text}{comment}x"));
        assert_eq!(world.outcome(), format!("error: too large {file}"));
    }
}

#[test]
fn a_deleted_directory_has_the_users_default() {
    let mut world = World::new(&format!(
        "{STORE}; default: 1.22.3; .go-version: 1.23.4; go.mod: go 1.27"
    ));
    world.env.physical_dir = None;
    assert_eq!(
        world.outcome(),
        "go1.22.3 by default /store/state/default:1"
    );
    world.set("PWD", world.path("p"));
    assert_eq!(
        world.outcome(),
        "go1.22.3 by default /store/state/default:1",
        "the name may be taken by another directory since"
    );
    world.set("GOSHIM_VERSION", "1.22");
    assert_eq!(world.outcome(), "go1.22.10 by GOSHIM_VERSION, hold");
}

#[test]
fn the_trace_tells_every_source_and_its_fate() {
    let world = World::new(&format!(
        "{STORE}; at a; a/.tool-versions: nodejs 24; .go-version: 1.22.3; go.mod: go 1.22.5 / toolchain go1.23.4"
    ));
    let resolution = world.resolve().unwrap();
    let steps: Vec<_> = (resolution.trace.iter())
        .map(|step| {
            let file = step
                .file
                .as_ref()
                .map(|file| world.relative(file))
                .unwrap_or_default();
            format!(
                "{} {file} {} {}",
                step.source,
                step.value.as_deref().unwrap_or("-"),
                step.verdict.word()
            )
        })
        .collect();
    let expected = [
        ".tool-versions a/.tool-versions - absent",
        ".go-version .go-version 1.22.3 chosen",
        "toolchain line go.mod go1.23.4 lost",
        "go line go.mod 1.22.5 floor",
        "floor  1.22.5 raised",
    ];
    assert_eq!(steps, expected);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{chown, symlink};

    use super::*;

    fn make_fifo(path: &Path) {
        assert!(
            std::process::Command::new("mkfifo")
                .arg(path)
                .status()
                .unwrap()
                .success()
        );
    }

    #[test]
    fn what_is_no_regular_file_is_skipped_and_traced() {
        for name in pin::NAMES {
            let world = World::new(&format!("{STORE}; at a; .go-version: 1.22.3"));
            make_fifo(&world.path("a").join(name));
            assert_eq!(world.outcome(), "go1.22.3 by pin-file .go-version:1");
            let skipped = |step: &Step| step.source == name && step.verdict == Verdict::Skipped;
            assert!(world.resolve().unwrap().trace.iter().any(skipped), "{name}");
        }
        check(
            &format!("{STORE}; at a; .go-version: 1.22.3"),
            &[("dir a/.go-version", "go1.22.3 by pin-file .go-version:1")],
        );
    }

    #[test]
    fn links_are_followed_and_dangling_ones_are_nothing() {
        let world = World::new(&format!(
            "{STORE}; at a; .go-version: 1.22.3; /x/version: 1.22.10"
        ));
        let link = world.path("a/.go-version");
        for (target, expected) in [
            ("../../x/version", "go1.22.10 by pin-file a/.go-version:1"),
            ("missing", "go1.22.3 by pin-file .go-version:1"),
            (".go-version", "go1.22.3 by pin-file .go-version:1"),
            ("/dev/null", "go1.22.3 by pin-file .go-version:1"),
        ] {
            symlink(target, &link).unwrap();
            assert_eq!(world.outcome(), expected, "{target}");
            fs_err::remove_file(&link).unwrap();
        }
    }

    #[test]
    fn a_fifo_for_a_module_file_is_an_error_and_dev_null_an_empty_one() {
        for name in ["go.mod", "go.work"] {
            let world = World::new(STORE);
            make_fifo(&world.path(name));
            assert_eq!(world.outcome(), format!("error: not a file {name}"));
        }
        let world = World::new(&format!("{STORE}; at a; go.mod: toolchain go1.22.3"));
        symlink("/dev/null", world.path("a/go.mod")).unwrap();
        assert_eq!(world.outcome(), "go1.27.3 by newest-installed");
        // cmd/go passes over what it cannot stat.
        fs_err::remove_file(world.path("a/go.mod")).unwrap();
        symlink("missing", world.path("a/go.mod")).unwrap();
        assert_eq!(world.outcome(), "go1.22.3 by toolchain-line go.mod:1");
    }

    #[test]
    fn the_walk_follows_the_path_that_the_person_typed() {
        let mut world = World::new(&format!(
            "{STORE}; dir /real/sub; /real/.go-version: 1.22.3; /l/.go-version: 1.22.10; at /real/sub"
        ));
        symlink(world.path("/real/sub"), world.path("/l/link")).unwrap();
        assert_eq!(world.outcome(), "go1.22.3 by pin-file /real/.go-version:1");
        world.set("PWD", world.path("/l/link"));
        assert_eq!(world.outcome(), "go1.22.10 by pin-file /l/.go-version:1");
        world.set("PWD", world.path("/l"));
        assert_eq!(
            world.outcome(),
            "go1.22.3 by pin-file /real/.go-version:1",
            "it names another directory"
        );
        world.set("PWD", "link");
        assert_eq!(
            world.outcome(),
            "go1.22.3 by pin-file /real/.go-version:1",
            "it is relative"
        );
    }

    #[test]
    fn home_is_recognised_through_links() {
        let mut world = World::new(&format!("{STORE}; at /home/p; /home/.go-version: 1.22.3"));
        symlink(world.path("/home"), world.path("other-name")).unwrap();
        world.env.home = Some(world.path("other-name"));
        assert_eq!(
            world.outcome(),
            "go1.22.3 by home-pin-file /home/.go-version:1"
        );
    }

    #[test]
    fn the_temporary_directory_is_recognised_through_links() {
        let mut world = World::new(&format!(
            "{STORE}; at /tmp/x; /tmp/go.mod: toolchain go1.22.3"
        ));
        symlink(world.path("/tmp"), world.path("t")).unwrap();
        world.set("TMPDIR", world.path("t"));
        assert_eq!(world.outcome(), "go1.27.3 by newest-installed");
    }

    #[test]
    fn the_users_own_pin_file_counts_in_a_directory_open_to_all() {
        let world = World::new(&format!("{STORE}; .go-version: 1.22.3"));
        set_mode(&world.path(""), 0o777);
        assert_eq!(world.outcome(), "go1.22.3 by pin-file .go-version:1");
    }

    /// Only root can give files away. Under another user this says so and checks nothing more.
    #[test]
    fn somebody_elses_pin_file_in_a_directory_open_to_all_is_skipped() {
        const STRANGER: u32 = 54321;
        let is_root = rustix::process::geteuid().is_root();
        if !is_root {
            println!("NOT CHECKED: giving a file to another user needs root");
            return;
        }
        let world = World::new(&format!("{STORE}; at a; .go-version: 1.22.3"));
        let file = world.path("a/.go-version");
        let nearer = "go1.22.10 by pin-file a/.go-version:1";
        let farther = "go1.22.3 by pin-file .go-version:1";
        world.write("a/.go-version", "1.22.10\n");
        chown(&file, Some(STRANGER), None).unwrap();
        assert_eq!(world.outcome(), nearer, "nobody else may write here");
        set_mode(&world.path("a"), 0o775);
        assert_eq!(world.outcome(), nearer, "a group is not everybody");
        // A group of others is: whoever is in it might have put the file there, but for the owner of the directory.
        chown(world.path("a"), None, Some(STRANGER)).unwrap();
        assert_eq!(world.outcome(), farther);
        chown(world.path("a"), Some(STRANGER), None).unwrap();
        assert_eq!(world.outcome(), nearer);
        chown(world.path("a"), Some(0), Some(0)).unwrap();
        set_mode(&world.path("a"), 0o777);
        assert_eq!(world.outcome(), farther);
        assert!(
            world
                .resolve()
                .unwrap()
                .trace
                .iter()
                .any(|step| step.verdict == Verdict::Skipped && step.file.as_ref() == Some(&file))
        );
        // Nor can a stranger stop the user's go with a file that is too large or not to be read.
        fs_err::write(&file, "x".repeat(5 << 10)).unwrap();
        assert_eq!(world.outcome(), farther);
        fs_err::remove_file(&file).unwrap();
        // Of a link the owner of the link itself counts.
        world.write("mine", "1.22.10\n");
        symlink(world.path("mine"), &file).unwrap();
        assert_eq!(world.outcome(), nearer);
        std::os::unix::fs::lchown(&file, Some(STRANGER), None).unwrap();
        assert_eq!(world.outcome(), farther);
        fs_err::remove_file(&file).unwrap();
        // Project files too, with all their settings. go.mod counts by cmd/go's rules.
        for (name, text) in [
            (".goshim.toml", "go.policy = 'native'\n"),
            (".tool-versions", "golang 1.22.10\n"),
        ] {
            world.write(&format!("a/{name}"), text);
            chown(world.path("a").join(name), Some(STRANGER), None).unwrap();
            assert_eq!(world.outcome(), farther, "{name}");
        }
        world.write("a/go.mod", "go 1.22.3\n");
        chown(world.path("a/go.mod"), Some(STRANGER), None).unwrap();
        assert_eq!(
            world.outcome(),
            format!("{farther}, floor 1.22.3 a/go.mod:1")
        );
    }
}

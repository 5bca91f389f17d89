//! A cloned repository's `.goshim.toml`: whatever it sets, nothing of it counts, nothing runs, nothing is written and no socket opens, until the user
//! trusts it; and what is never allowed is refused even then.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};

use fs_err::os::unix::fs::symlink;
use goshim_test_support::{Sandbox, copy_program, write_script};
use serde_json::Value;

use crate::product::{goshim, on_path, product, setup, shown, succeed};

/// The names that `go env` knows: `internal/cfg.KnownEnv` of Go 1.27.3.
const KNOWN_ENV: &str = "
    AR CC CGO_CFLAGS CGO_CFLAGS_ALLOW CGO_CFLAGS_DISALLOW CGO_CPPFLAGS CGO_CPPFLAGS_ALLOW CGO_CPPFLAGS_DISALLOW CGO_CXXFLAGS
    CGO_CXXFLAGS_ALLOW CGO_CXXFLAGS_DISALLOW CGO_ENABLED CGO_FFLAGS CGO_FFLAGS_ALLOW CGO_FFLAGS_DISALLOW CGO_LDFLAGS
    CGO_LDFLAGS_ALLOW CGO_LDFLAGS_DISALLOW CXX FC GCCGO GO111MODULE GO386 GOAMD64 GOARCH GOARM GOARM64 GOAUTH GOBIN GOCACHE
    GOCACHEPROG GOENV GOEXE GOEXPERIMENT GOFIPS140 GOFLAGS GOGCCFLAGS GOHOSTARCH GOHOSTOS GOINSECURE GOMIPS GOMIPS64 GOMODCACHE
    GONOPROXY GONOSUMDB GOOS GOPATH GOPPC64 GOPRIVATE GOPROXY GORISCV64 GOROOT GOSUMDB GOTMPDIR GOTOOLCHAIN GOTOOLDIR GOVCS
    GOWASM GOWORK GO_EXTLINK_ENABLED PKG_CONFIG";

/// Names that no project may set, those of [`KNOWN_ENV`] among them, and such as cmd/go or the system obeys.
const NEVER: &str = "
    GOENV GOROOT GOTOOLDIR GOTELEMETRY GOTELEMETRYDIR GOTOOLCHAIN_INTERNAL_SWITCH_VERSION GOTOOLCHAIN_INTERNAL_SWITCH_COUNT PATH HOME SHELL
    USER LOGNAME PWD TMPDIR XDG_CONFIG_HOME XDG_STATE_HOME IFS ENV BASH_ENV BASH_FUNC PS1 PS4 PROMPT_COMMAND ZDOTDIR CDPATH LD_PRELOAD
    LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES GCONV_PATH LOCPATH GLIBC_TUNABLES MALLOC_TRACE GIT_SSH_COMMAND GIT_CONFIG_GLOBAL
    GIT_EXEC_PATH SSH_ASKPASS HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY SSL_CERT_FILE NETRC GOSHIM_HOME GOSHIM_TRUST GOSHIM_UNTRUSTED
    http_proxy PATHEXT COMSPEC USERPROFILE";

/// Names that somebody may trust, and that mean nothing to Go.
const OTHERS: &str = "EDITOR PAGER NODE_OPTIONS PYTHONSTARTUP PERL5OPT RUBYOPT JAVA_TOOL_OPTIONS MAKEFLAGS DATABASE_URL GOGC GODEBUG GOMAXPROCS GOCOVERDIR";

/// Flags in GOFLAGS, none of which is free; `@` is the canary.
const FLAGS: [&str; 60] = [
    "-toolexec=@",
    "--toolexec=@",
    "-toolexec @",
    "-toolexec",
    "-exec=@",
    "--exec=@",
    "-overlay=@",
    "-modfile=@",
    "-vettool=@",
    "-pkgdir=@",
    "-o=@",
    "-C=@",
    "-C",
    "-pgo=@",
    "-pgo=auto",
    "-insecure",
    "-mod=mod",
    "-mod=",
    "-mod",
    "-mod=Vendor",
    "-ldflags=-extld=@",
    "-ldflags=-s",
    "-ldflags",
    "-ldflags=all=-linkmode=external",
    "-gcflags=-N",
    "-gcflags=all=-l",
    "-asmflags=-D=x",
    "-gccgoflags=-B@",
    "-compiler=gccgo",
    "-buildmode=plugin",
    "-buildmode=c-shared",
    "-linkshared",
    "-installsuffix=x",
    "-asan",
    "-msan",
    "-cover",
    "-coverpkg=./...",
    "-coverprofile=@",
    "-cpuprofile=@",
    "-memprofile=@",
    "-trace=@",
    "-outputdir=@",
    "-fuzz=Fuzz",
    "-run=X",
    "-work",
    "-x",
    "-n",
    "-a",
    "-json",
    "-trimpath=false",
    "-race=true",
    "-race -toolexec=@",
    "-tags=a b",
    "-tags=a'-toolexec=@",
    "-tags=",
    "-p=0x1",
    "-timeout=1h;x",
    "-count=-1",
    "race",
    "-trimpath\t-toolexec=@",
];

/// The programs that a person, an editor or a script may call in a directory.
const ENTRY_POINTS: [&[&str]; 12] = [
    &["go", "version"],
    &["go", "env"],
    &["go", "list", "./..."],
    &["go", "build", "./..."],
    &["go", "test", "./..."],
    &["go", "run", "."],
    &["go", "vet", "./..."],
    &["gofmt", "-l", "."],
    &["goshim", "exec", "go", "version"],
    &["goshim", "env"],
    &["goshim", "why"],
    &["goshim", "which"],
];

/// What the shells' completion asks when Tab is pressed in a directory.
const COMPLETIONS: [&[&str]; 3] = [
    &["goshim", "__complete", "1", "--", "goshim", ""],
    &["goshim", "__complete", "2", "--", "goshim", "use", ""],
    &["goshim", "__complete", "2", "--", "goshim", "exec", "+1"],
];

/// What an `.envrc` that direnv's user has allowed may say.
const ENVRCS: [&str; 2] = ["use goshim", "layout goshim"];

/// A clone of somebody's repository, and a store whose Go is a canary: whatever runs, sings.
struct Clone {
    sandbox: Sandbox,
    /// What system calls are written to.
    traces: Sandbox,
}

impl Clone {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        setup(&sandbox, sandbox.goshim_home());
        sandbox.install_stand_in("go1.22.10");
        succeed(goshim(&sandbox, sandbox.goshim_home()).arg("setup"));
        sandbox.write("project/.go-version", "1.22.10\n");
        sandbox.write("project/go.mod", "module m\n\ngo 1.22\n");
        sandbox.write("project/main.go", "package main\n\nfunc main() {}\n");
        let song = sandbox.root().join("song");
        let canary = format!("#!/bin/sh\necho ran >> '{}'\n", song.display());
        for program in [
            "project/canary",
            "goshim/sdks/go1.22.10/bin/go",
            "goshim/sdks/go1.22.10/bin/gofmt",
        ] {
            write_script(&sandbox.root().join(program), &canary);
        }
        Self {
            sandbox,
            traces: Sandbox::new(),
        }
    }

    fn canary(&self) -> String {
        self.sandbox.project().join("canary").display().to_string()
    }

    fn write(&self, setting: &str) {
        self.sandbox
            .write("project/.goshim.toml", format!("[env]\n{setting}\n"));
    }

    /// A setting of `name`, with a value that is not free.
    fn setting(&self, name: &str) -> String {
        match name {
            "GOFLAGS" => format!("GOFLAGS = [{:?}]", format!("-toolexec={}", self.canary())),
            name => format!("{name} = {:?}", self.canary()),
        }
    }

    fn command(&self, entry_point: &[&str]) -> Command {
        let mut command = match entry_point[0] {
            "goshim" => goshim(&self.sandbox, self.sandbox.goshim_home()),
            "direnv" => {
                let mut command = self.sandbox.command("direnv");
                let programs = product().goshim.parent().unwrap().display();
                command.env("PATH", format!("{programs}:/usr/bin:/bin"));
                command
            }
            name => on_path(&self.sandbox, self.sandbox.goshim_home(), name),
        };
        command.args(&entry_point[1..]);
        command
    }

    /// Runs an entry point under strace. Returns its output, and each system call that starts a program or makes a socket.
    fn trace(&self, entry_point: &[&str]) -> (Output, Vec<String>) {
        let file = self.traces.root().join("trace");
        let command = self.command(entry_point);
        let mut traced = self.sandbox.command("strace");
        traced
            .args([
                "-f",
                "-qq",
                "--seccomp-bpf",
                "-e",
                "trace=execve,socket,connect",
                "-e",
                "signal=none",
                "-o",
            ])
            .arg(&file)
            .arg(command.get_program())
            .args(command.get_args())
            .envs(
                command
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            );
        let output = traced.output().unwrap();
        let trace = fs_err::read_to_string(file).unwrap();
        (output, trace.lines().map(str::to_owned).collect())
    }

    /// Completion answers as it would in a directory without the file, and does nothing else.
    fn assert_not_read(&self, entry_point: &[&str], name: &str, answer: &Output) {
        let (output, calls) = self.trace(entry_point);
        let context = || {
            format!(
                "{name} through {entry_point:?}\n{}\n{calls:#?}",
                shown(&output)
            )
        };
        assert_eq!(output, *answer, "{}", context());
        assert_eq!(calls.len(), 1, "{}", context());
    }

    /// direnv's library refuses `name` in the words of goshim, ends with 78, sets nothing, and starts nothing but what it is made of.
    fn assert_refused_in_direnv(&self, envrc: &str, name: &str, is_never: bool) {
        let text = format!("{envrc}\necho \"ended with $?\" >&2\n");
        self.sandbox.write("project/.envrc", text);
        let before = snapshot(self.sandbox.root());
        let (output, calls) = self.trace(&["direnv", "export", "json"]);
        let context = || format!("{name} through {envrc}\n{}\n{calls:#?}", shown(&output));
        // What strace says of threads that end, and of calls whose beginning it has told.
        let is_call = |call: &&String| !call.contains("???(") && !call.contains(" resumed>");
        for call in calls.iter().filter(is_call) {
            let of = |program: &Path| call.contains(&format!("execve(\"{}\"", program.display()));
            let is_made_of = of(&product().goshim)
                || of(Path::new("/usr/bin/direnv"))
                || of(Path::new("/usr/bin/bash"))
                // Bash asks the name service's cache who its user is.
                || call.contains("socket(AF_UNIX, ")
                || call.contains("/nscd/socket");
            assert!(is_made_of, "{call}\n{}", context());
        }
        assert!(calls.len() > 3, "{}", context());
        let stderr = String::from_utf8(output.stderr.clone()).unwrap();
        let words = refusal(name, is_never);
        assert!(
            stderr.contains(&place_of(name)) && stderr.contains(&words),
            "{}",
            context()
        );
        assert!(stderr.contains("ended with 78\n"), "{}", context());
        let set: BTreeMap<String, Value> = serde_json::from_slice(&output.stdout).unwrap();
        let is_direnvs = |name: &String| name.starts_with("DIRENV_");
        assert!(set.keys().all(is_direnvs), "{}", context());
        let after = snapshot(self.sandbox.root());
        assert_eq!(before, after, "{}", context());
    }

    /// The entry point refuses `name` with 78, in few words, and does nothing else.
    fn assert_refused(&self, entry_point: &[&str], name: &str, is_never: bool) {
        let (output, calls) = self.trace(entry_point);
        let context = || {
            format!(
                "{name} through {entry_point:?}\n{}\n{calls:#?}",
                shown(&output)
            )
        };
        assert_eq!(output.status.code(), Some(78), "{}", context());
        // The first is the entry point itself.
        assert_eq!(calls.len(), 1, "{}", context());
        let stderr = String::from_utf8(output.stderr.clone()).unwrap();
        assert!((1..=3).contains(&stderr.lines().count()), "{}", context());
        let words = refusal(name, is_never);
        assert!(
            stderr.contains(&place_of(name)) && stderr.contains(&words),
            "{}",
            context()
        );
        assert_eq!(stderr.contains("goshim trust"), !is_never, "{}", context());
        if entry_point != ["goshim", "why"] {
            assert!(output.stdout.is_empty(), "{}", context());
        }
    }

    fn has_sung(&self) -> bool {
        let song = self.sandbox.root().join("song");
        let has_sung = song.exists();
        let _ = fs_err::remove_file(song);
        has_sung
    }
}

/// Where its value stands in the files of these tests: on the second line, behind the name.
fn place_of(name: &str) -> String {
    format!(".goshim.toml:2:{}: ", name.len() + " = ".len() + 1)
}

/// What is said of a setting that does not count.
fn refusal(name: &str, is_never: bool) -> String {
    if is_never {
        format!("a project may never set {name}")
    } else {
        format!("{name} needs your trust")
    }
}

/// Every path below `root` with what tells whether it was written.
fn snapshot(root: &Path) -> BTreeMap<PathBuf, (u32, u64, i64, i64)> {
    let mut found = BTreeMap::new();
    let mut pending = vec![root.to_owned()];
    while let Some(dir) = pending.pop() {
        for entry in fs_err::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs_err::symlink_metadata(&path).unwrap();
            if metadata.is_dir() {
                pending.push(path.clone());
            }
            let facts = (
                metadata.mode(),
                metadata.size(),
                metadata.ctime(),
                metadata.ctime_nsec(),
            );
            found.insert(path, facts);
        }
    }
    found
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Every setting that no file may make without trust: the variable, and the line that sets it.
fn settings(clone: &Clone) -> Vec<(&'static str, String)> {
    let mut names = words(KNOWN_ENV);
    assert_eq!(names.len(), 61);
    let others: Vec<&str> = words(NEVER)
        .into_iter()
        .chain(words(OTHERS))
        .filter(|name| !names.contains(name))
        .collect();
    assert!(others.len() >= 40, "{}", others.len());
    names.extend(others);
    let of_flag = |flag: &str| {
        let flag = flag.replace('@', "/canary");
        ("GOFLAGS", format!("GOFLAGS = [\"-v\", {flag:?}]"))
    };
    let of_names = names.iter().map(|name| (*name, clone.setting(name)));
    of_names.chain(FLAGS.into_iter().map(of_flag)).collect()
}

#[test]
fn no_setting_of_a_cloned_repository_does_anything_before_it_is_trusted() {
    let clone = Clone::new();
    let never = words(NEVER);
    let settings = settings(&clone);
    // Every setting through two entry points, one of the shim and one of the command line, which take turns.
    let (shim, cli) = ENTRY_POINTS.split_at(8);
    let mut through = BTreeMap::<String, usize>::new();
    let mut runs = 0;
    for (index, (name, setting)) in settings.iter().enumerate() {
        clone.write(setting);
        let before = snapshot(clone.sandbox.root());
        for entry_point in [shim[index % shim.len()], cli[index % cli.len()]] {
            clone.assert_refused(entry_point, name, never.contains(name));
            *through.entry(entry_point.join(" ")).or_default() += 1;
            runs += 1;
        }
        assert_eq!(
            before,
            snapshot(clone.sandbox.root()),
            "{name}: something was written"
        );
    }
    assert!(!clone.has_sung());
    assert_eq!(through.len(), ENTRY_POINTS.len());
    assert!(through.values().all(|count| *count >= 15), "{through:#?}");
    println!(
        "{} settings, {runs} runs through {} entry points: none did anything",
        settings.len(),
        through.len()
    );
}

#[test]
fn completion_and_direnv_do_nothing_with_them_either() {
    let clone = Clone::new();
    clone.sandbox.write(
        "home/.config/direnv/lib/goshim.sh",
        fs_err::read("../shell/files/direnv.sh").unwrap(),
    );
    let root = clone.sandbox.root().display().to_string();
    clone.sandbox.write(
        "home/.config/direnv/direnv.toml",
        format!("[whitelist]\nprefix = [{root:?}]\n"),
    );
    let answers = COMPLETIONS.map(|entry_point| {
        let answer = clone.command(entry_point).output().unwrap();
        let is_answer = answer.status.success() && answer.stdout.len() > 10;
        assert!(is_answer && answer.stderr.is_empty(), "{}", shown(&answer));
        answer
    });
    let never = words(NEVER);
    let settings = settings(&clone);
    // Every setting through one of each, which take turns.
    for (index, (name, setting)) in settings.iter().enumerate() {
        clone.write(setting);
        let before = snapshot(clone.sandbox.root());
        let (entry_point, answer) = (COMPLETIONS[index % 3], &answers[index % 3]);
        clone.assert_not_read(entry_point, name, answer);
        let after = snapshot(clone.sandbox.root());
        assert_eq!(before, after, "{name}: something was written");
        clone.assert_refused_in_direnv(ENVRCS[index % 2], name, never.contains(name));
    }
    assert!(!clone.has_sung());
    println!(
        "{} settings through completion and direnv: none did anything",
        settings.len()
    );
    // The canary can sing here, too: with trust, the library has go say where its modules are.
    clone.write(&clone.setting("CC"));
    succeed(clone.command(&["goshim", "trust"]).arg("--quiet"));
    clone.sandbox.write("project/.envrc", "layout goshim\n");
    let set = succeed(&mut clone.command(&["direnv", "export", "json"]));
    assert!(set.contains("\"CC\": ") && clone.has_sung(), "{set}");
}

#[test]
fn what_is_never_allowed_is_refused_when_everything_is_trusted() {
    let clone = Clone::new();
    clone.sandbox.write(
        "home/.config/goshim/config.toml",
        "trusted_dirs = [\"/\"]\n",
    );
    let mut count = 0;
    for (index, name) in words(NEVER).into_iter().enumerate() {
        clone.write(&clone.setting(name));
        clone.assert_refused(ENTRY_POINTS[index % ENTRY_POINTS.len()], name, true);
        // In a profile that nobody chose as well.
        clone.sandbox.write(
            "project/.goshim.toml",
            format!("[profile.prod.env]\n{} \n", clone.setting(name)),
        );
        clone.assert_refused(&["go", "version"], name, true);
        count += 1;
    }
    assert!(!clone.has_sung());
    println!("{count} names are refused although everything is trusted");
    // The canary can sing: with trust, what needs it counts and Go runs.
    for name in ["CC", "GOFLAGS", "DATABASE_URL"] {
        clone.write(&clone.setting(name));
        for entry_point in &ENTRY_POINTS[..9] {
            let output = clone.command(entry_point).output().unwrap();
            assert!(
                output.status.success() && clone.has_sung(),
                "{entry_point:?} {}",
                shown(&output)
            );
        }
    }
    let (_, calls) = clone.trace(&["go", "version"]);
    assert!(calls.len() > 1, "strace sees what runs: {calls:#?}");
}

#[test]
fn what_is_free_runs_and_reaches_the_child() {
    let clone = Clone::new();
    let env = clone.sandbox.goshim_home().join("sdks/go1.22.10/bin/go");
    fs_err::remove_file(&env).unwrap();
    copy_program("/usr/bin/env", &env);
    for (setting, expected) in [
        ("GOOS = \"plan9\"", "GOOS=plan9"),
        ("CGO_ENABLED = \"0\"", "CGO_ENABLED=0"),
        (
            "GOFLAGS = [\"-mod=readonly\", \"-tags=a,b\", \"-race\"]",
            "GOFLAGS=-mod=readonly -tags=a,b -race",
        ),
        ("GOPROXY = \"off\"", "GOPROXY=off"),
        ("GOWORK = \"off\"", "GOWORK=off"),
        ("GOTOOLCHAIN = \"local\"", "GOTOOLCHAIN=local"),
        ("GO111MODULE = \"on\"", "GO111MODULE=on"),
    ] {
        clone.write(setting);
        let said = succeed(&mut on_path(
            &clone.sandbox,
            clone.sandbox.goshim_home(),
            "go",
        ));
        assert!(
            said.lines().any(|line| line == expected),
            "{expected}\n{said}"
        );
    }
}

/// The text that is trusted, and one that sets the same name to something else.
const TRUSTED: &str = "[env]\nCC = \"trusted\"\n";
const HOSTILE: &str = "[env]\nCC = \"hostile\"\n";

#[test]
fn a_file_that_changes_while_it_is_read_never_counts_without_its_own_trust() {
    let clone = Clone::new();
    let go = clone.sandbox.goshim_home().join("sdks/go1.22.10/bin/go");
    fs_err::remove_file(&go).unwrap();
    copy_program("/usr/bin/printenv", &go);
    let project = clone.sandbox.project().to_owned();
    let file = project.join(".goshim.toml");
    fs_err::write(&file, TRUSTED).unwrap();
    succeed(goshim(&clone.sandbox, clone.sandbox.goshim_home()).arg("trust"));
    let trusted = clone.sandbox.write("project/trusted.toml", TRUSTED);
    let hostile = clone.sandbox.write("project/hostile.toml", HOSTILE);
    let is_over = AtomicBool::new(false);
    let (mut ran, mut refused) = (0, 0);
    std::thread::scope(|scope| {
        // By a rename, by a link, and by writing in place.
        scope.spawn(|| {
            let new = project.join("new");
            while !is_over.load(Ordering::Relaxed) {
                for from in [&hostile, &trusted] {
                    fs_err::copy(from, &new).unwrap();
                    fs_err::rename(&new, &file).unwrap();
                    std::thread::yield_now();
                    symlink(from, &new).unwrap();
                    fs_err::rename(&new, &file).unwrap();
                    fs_err::remove_file(&file).unwrap();
                    fs_err::write(&file, TRUSTED).unwrap();
                    std::thread::yield_now();
                }
            }
        });
        for _ in 0..400 {
            let output = on_path(&clone.sandbox, clone.sandbox.goshim_home(), "go")
                .arg("CC")
                .output()
                .unwrap();
            match output.status.code() {
                Some(0) => {
                    assert_eq!(output.stdout, b"trusted\n", "{}", shown(&output));
                    ran += 1;
                }
                Some(78) => refused += 1,
                // There was no file, or an empty one, at that moment.
                Some(1) if output.stdout.is_empty() && output.stderr.is_empty() => {}
                _ => panic!("{}", shown(&output)),
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(
        ran > 0 && refused > 0,
        "{ran} ran, {refused} were refused: the race was none"
    );
    println!(
        "{ran} ran with what was trusted, {refused} were refused, none ran with anything else"
    );
}

/// What is checked is what counts: the file is opened once.
#[test]
fn the_file_is_read_once() {
    let clone = Clone::new();
    fs_err::write(clone.sandbox.project().join(".goshim.toml"), TRUSTED).unwrap();
    succeed(goshim(&clone.sandbox, clone.sandbox.goshim_home()).arg("trust"));
    let trace = clone.traces.root().join("trace");
    let mut traced = on_path(&clone.sandbox, clone.sandbox.goshim_home(), "strace");
    let shim = clone.sandbox.goshim_home().join("shims/go");
    succeed(
        traced
            .args(["-e", "trace=open,openat,read", "-o"])
            .arg(&trace)
            .arg(shim)
            .arg("version"),
    );
    let trace = fs_err::read_to_string(trace).unwrap();
    let opened = trace
        .lines()
        .filter(|line| line.contains("/project/.goshim.toml\""))
        .count();
    assert_eq!(opened, 1, "{trace}");
    assert!(product().shim.is_file());
}

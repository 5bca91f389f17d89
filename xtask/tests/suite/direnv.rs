//! Real direnv with goshim's library, in real shells: in and out of directories, what changes, and what is refused.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use goshim_test_support::Sandbox;

use crate::product::{goshim, product, shown};
use crate::shells::{BASH, FISH, Kind, User, ZSH, version};

#[test]
fn bash() {
    in_and_out(&BASH, "eval \"$(direnv hook bash)\"\n");
}

#[test]
fn zsh() {
    in_and_out(&ZSH, "eval \"$(direnv hook zsh)\"\n");
}

#[test]
fn fish() {
    in_and_out(&FISH, "direnv hook fish | source\n");
}

/// Shows what an `.envrc` sets.
const SHOW: &str = "echo \"[$GOROOT|$(command -v go)|$GOPATH|$CC]\"";

impl User {
    fn enters(&self, dir: &str) {
        let dir = self.sandbox.project().join(dir);
        self.runs(&format!("cd '{}'", dir.display()));
    }

    /// Into a directory for the first time.
    fn allows(&self, dir: &str) {
        self.enters(dir);
        self.shows("is blocked");
        self.runs("direnv allow");
    }

    /// The directory's Go is that of an SDK, by its path; GOPATH and CC are as given.
    fn has(&self, release: &str, gopath: &str, cc: &str) {
        let root = self.root(release).display().to_string();
        self.runs(SHOW);
        self.shows(&format!("[{root}|{root}/bin/go|{gopath}|{cc}]"));
        self.is_ready();
    }

    /// Nothing of goshim's is set.
    fn has_nothing(&self) {
        let shims = self.sandbox.goshim_home().join("shims");
        self.runs(SHOW);
        self.shows(&format!("[|{}/go||]", shims.display()));
        self.is_ready();
    }

    fn root(&self, release: &str) -> PathBuf {
        let sdks = self.sandbox.goshim_home().join("sdks");
        sdks.join(format!("go{release}"))
    }

    fn leaves(&self) {
        self.runs("cd /");
        self.shows("direnv: unloading");
    }

    /// Waits for a prompt at which direnv has something new. What is new must have come at a prompt, or direnv saw it before.
    fn reloads(&self) {
        self.runs("true");
        self.shows("direnv: export");
    }

    /// Makes a change that direnv can tell from the one before: it looks at whole seconds.
    fn changed(path: &Path, later: u64) {
        let path = fs_err::File::open(path).unwrap();
        let time = SystemTime::now() + Duration::from_secs(later);
        path.file().set_modified(time).unwrap();
    }
}

fn in_and_out(kind: &'static Kind, hook: &str) {
    let user = User::new(kind);
    user.runs("~/.local/bin/goshim setup --yes --direnv");
    user.shows("wrote ~/.config/direnv/lib/goshim.sh");
    user.shows("start a new shell");
    let rc = fs_err::read_to_string(user.rc()).unwrap();
    fs_err::write(user.rc(), rc + hook).unwrap();
    user.new_shell();
    let write = |file: &str, text: &str| user.sandbox.write(&format!("project/{file}"), text);
    write("1.22.10/.envrc", "use goshim\n");
    write("named/.envrc", "strict_env\nuse goshim 1.21.13\n");
    write("laid out/.envrc", "layout goshim 1.22.10\n");
    for (dir, release) in [
        ("1.22.10", "1.22.10"),
        ("named", "1.21.13"),
        ("laid out", "1.22.10"),
    ] {
        user.allows(dir);
        user.shows("direnv: export");
        let gopath = user.sandbox.project().join(dir).join(".direnv/go");
        let gopath = (dir == "laid out").then(|| gopath.display().to_string());
        user.has(release, &gopath.unwrap_or_default(), "");
        user.runs("go version");
        user.shows(&version(release));
        user.leaves();
        user.has_nothing();
        // In again without a question, and out.
        user.enters(dir);
        user.shows("direnv: export");
        user.leaves();
    }
    // The files of the directories above count, and are watched: one that comes, one that changes, one that goes.
    write("above/in/.envrc", "use goshim\n");
    write(".go-version", "1.22.10\n");
    user.allows("above/in");
    user.shows("direnv: export");
    user.has("1.22.10", "", "");
    let pin = write("above/.go-version", "1.21.13\n");
    user.reloads();
    user.has("1.21.13", "", "");
    fs_err::write(&pin, "1.22.10\n").unwrap();
    User::changed(&pin, 10);
    user.reloads();
    user.has("1.22.10", "", "");
    // What is not installed is said, with what to do; once that is done, nobody has to touch a file.
    fs_err::write(&pin, "1.20.14\n").unwrap();
    User::changed(&pin, 20);
    user.runs("true");
    user.shows("goshim install 1.20.14");
    user.has_nothing();
    user.sandbox.install_stand_in("go1.20.14");
    User::changed(&user.sandbox.goshim_home().join("sdks"), 30);
    user.reloads();
    user.has("1.20.14", "", "");
    user.leaves();
    // Nothing of a project that nobody trusts is set, whichever way the .envrc asks.
    for (dir, line) in [("use", "use goshim"), ("layout", "layout goshim 1.22.10")] {
        write(&format!("{dir}/.envrc"), &format!("{line}\n"));
        write(
            &format!("{dir}/.goshim.toml"),
            "[go]\nversion = \"1.22.10\"\n[env]\nCC = \"evil\"\n",
        );
        user.allows(dir);
        user.shows(".goshim.toml:4:6: CC needs your trust");
        user.has_nothing();
        user.runs("goshim trust");
        user.shows("direnv: export");
        let gopath = user.sandbox.project().join(dir).join(".direnv/go");
        let gopath = (dir == "layout").then(|| gopath.display().to_string());
        user.has("1.22.10", &gopath.unwrap_or_default(), "evil");
        user.leaves();
    }
}

/// A path in a line of strace: the first that is named, put behind the directory of `at` where it is relative.
fn path_of(line: &str, at: &Path) -> Option<PathBuf> {
    let path = line.split('"').nth(1)?;
    Some(at.join(path))
}

/// Whatever file of the user's or the project's goshim looks for, direnv watches.
#[test]
fn what_is_read_is_watched() {
    let sandbox = Sandbox::new();
    let sdk = sandbox.install_stand_in("go1.22.10");
    sandbox.write("goshim/links/tip", sdk.to_str().unwrap());
    sandbox.write(
        "home/.config/goshim/config.toml",
        "stores = [\"/nowhere/goshim\"]\n",
    );
    let mut looked_for = BTreeSet::new();
    for (files, variables) in [
        (&[("project/.go-version", "1.22.10\n")][..], &[][..]),
        (&[("project/go.mod", "module m\n\ngo 1.22\n")], &[]),
        (&[("project/.go-version", "1.99\n")], &[]),
        (&[("project/.go-version", "tip\n")], &[]),
        (
            &[],
            &[
                ("GOWORK", "/elsewhere/go.work"),
                ("GOENV", "/elsewhere/env"),
            ],
        ),
        (
            &[
                ("project/.goshim.toml", "inherit = true\n"),
                (".goshim.toml", "[env]\nCC = \"x\"\n"),
            ],
            &[],
        ),
    ] {
        for (file, text) in files {
            sandbox.write(file, text);
        }
        let dir = sandbox.mkdir("project/a/b");
        let trace = sandbox.root().join("trace");
        let command = goshim(&sandbox, sandbox.goshim_home());
        let mut traced = sandbox.command("strace");
        traced
            .args([
                "-qq",
                "-e",
                "trace=%file",
                "-e",
                "signal=none",
                "-s",
                "4096",
                "-o",
            ])
            .arg(&trace)
            .arg(command.get_program())
            .arg("__direnv")
            .current_dir(&dir)
            .env("PWD", &dir)
            .envs(variables.iter().copied());
        let output = traced.output().unwrap();
        let said = String::from_utf8(output.stdout.clone()).unwrap();
        let watched = said.lines().next().unwrap();
        assert!(watched.starts_with("watch_file "), "{}", shown(&output));
        let trace = fs_err::read_to_string(trace).unwrap();
        for line in trace.lines() {
            let Some(path) = path_of(line, &dir) else {
                continue;
            };
            let is_of_the_system = ![
                sandbox.root(),
                Path::new("/elsewhere"),
                Path::new("/nowhere"),
            ]
            .iter()
            .any(|there| path.starts_with(there));
            // Directories on the way, TMPDIR and that of the shims are compared and not read; the known projects are for `goshim prune`.
            let is_above = dir.starts_with(&path) || sandbox.home().starts_with(&path);
            let is_beside = ["tmp", "goshim/shims", "goshim/state/projects"]
                .iter()
                .any(|beside| path == sandbox.root().join(beside));
            let is_in_an_sdk = path.starts_with(sandbox.goshim_home().join("sdks"));
            let is_program = path == product().goshim;
            if is_of_the_system || is_above || is_beside || is_in_an_sdk || is_program {
                continue;
            }
            looked_for.insert(path.clone());
            // A link is replaced by a rename, which changes its directory.
            let links = sandbox.goshim_home().join("links");
            let watch = if path.starts_with(&links) {
                &links
            } else {
                &path
            };
            let is_watched = watched.contains(&watch.display().to_string());
            assert!(
                is_watched,
                "{} is not watched:\n{line}\n{watched}",
                path.display()
            );
        }
        for (file, _) in files {
            fs_err::remove_file(sandbox.root().join(file)).unwrap();
        }
    }
    for path in ["goshim/links/tip", "machine.toml", "project/a/go.mod"] {
        let path = sandbox.root().join(path);
        assert!(looked_for.contains(&path), "{}", path.display());
    }
    assert!(looked_for.len() > 25, "{looked_for:#?}");
}

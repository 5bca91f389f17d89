//! `goshim setup` and `goshim unsetup`: what they show, what they write, and that it goes away again.

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use goshim_test_support::Sandbox;

use crate::support::{Entry, Kind, Ran, install_programs, is_root, names, tree};

/// A home directory, and the two programs beside each other.
struct Place {
    sandbox: Sandbox,
    goshim: PathBuf,
}

impl Place {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let goshim = install_programs(&sandbox);
        // Whether this machine has systemd makes no difference then.
        sandbox.mkdir("home/.config/environment.d");
        Self { sandbox, goshim }
    }

    /// Runs `goshim` for somebody who logs in with `shell`.
    fn run(&self, shell: &str, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command(shell, arguments))
    }

    fn command(&self, shell: &str, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.command(&self.goshim);
        command
            .args(arguments)
            .env("SHELL", format!("/usr/bin/{shell}"));
        command
    }

    fn home(&self) -> BTreeMap<PathBuf, Entry> {
        tree(self.sandbox.home())
    }

    /// The files of the home directory that no shell keeps for itself, without directories.
    fn files(&self) -> BTreeMap<PathBuf, Entry> {
        let mut files = self.home();
        files.retain(|path, entry| entry.kind != Kind::Dir && !path.starts_with(".local"));
        files
    }

    fn read(&self, name: &str) -> String {
        fs_err::read_to_string(self.sandbox.home().join(name)).unwrap()
    }
}

#[test]
fn without_a_terminal_and_a_yes_nothing_is_written() {
    let place = Place::new();
    place.sandbox.write("home/.bashrc", "alias x=y\n");
    let before = place.home();
    for arguments in [&["setup"][..], &["setup", "--print"]] {
        let ran = place.run("bash", arguments).succeeded();
        assert!(ran.stdout.starts_with("export GOSHIM_HOME='"), "{ran}");
        assert!(ran.stdout.contains("export PATH="), "{ran}");
        let ran = ran.said("at the end of ~/.bashrc");
        assert_eq!(place.home(), before, "{ran}");
    }
    let ran = place.run("bash", &["setup", "--print", "--shell", "fish"]);
    assert!(ran.succeeded().stdout.contains("fish_add_path"));
    place
        .run("bash", &["unsetup"])
        .succeeded()
        .said("nothing was changed");
    assert!(place.sandbox.goshim_home().join("shims/go").exists());
}

/// For every shell that is here: written once, seen by new shells, and gone without a trace.
#[test]
fn written_once_and_taken_out_byte_for_byte() {
    let starts: [&[u8]; 4] = [b"", b"# no newline", b"x=1\r\n\n\n", b"# \xff\xfe\n"];
    for (round, (shell, rc)) in [
        ("bash", ".bashrc"),
        ("zsh", ".zshrc"),
        ("fish", ".config/fish/config.fish"),
        ("elvish", ".config/elvish/rc.elv"),
        ("dash", ".profile"),
    ]
    .into_iter()
    .enumerate()
    {
        let place = Place::new();
        // Elvish's code is UTF-8 without carriage returns.
        let start = if shell == "elvish" {
            b"# no newline"
        } else {
            starts[round % 4]
        };
        // What fish would say to a carriage return is none of our business.
        let start: &[u8] = if shell == "fish" {
            b"# \xc3\xa4\n\n"
        } else {
            start
        };
        place.sandbox.write(&format!("home/{rc}"), start);
        let file = place.sandbox.home().join(rc);
        fs_err::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
        let before = place.files();
        let ran = place
            .run(shell, &["setup", "--yes", "--direnv"])
            .succeeded();
        let ran = ran.said(&format!("wrote ~/{rc}")).said(", go is goshim's");
        assert!(!ran.stderr.contains("did not say"), "{ran}");
        let written = place.files();
        assert!(
            place
                .sandbox
                .home()
                .join(".config/direnv/lib/goshim.sh")
                .exists()
        );
        let session = place.read(".config/environment.d/60-goshim.conf");
        let shims = place.sandbox.goshim_home().join("shims");
        assert!(session.contains(&format!("PATH=\"{}:$PATH\"", shims.display())));
        let ran = place
            .run(shell, &["setup", "--yes", "--direnv"])
            .succeeded();
        let ran = ran.said("the start-up files have the line");
        assert_eq!(place.files(), written, "{ran}");
        place.run(shell, &["unsetup", "--yes"]).succeeded();
        assert_eq!(place.files(), before, "{shell}");
        assert!(!shims.exists());
        place
            .run(shell, &["unsetup", "--yes"])
            .succeeded()
            .said("nothing to take out");
    }
}

/// Who logs in with a shell that goshim has no line for is told so, and not that go is goshim's there.
#[test]
fn a_shell_without_a_line_is_told_what_to_do() {
    let place = Place::new();
    let shims = place.sandbox.goshim_home().join("shims");
    let said = format!(
        "goshim has no line for tcsh, which need not read these files: put {} in front of PATH",
        shims.display()
    );
    place
        .run("tcsh", &["setup", "--print"])
        .succeeded()
        .said(&said);
    let ran = place.run("tcsh", &["setup", "--yes"]).ended_with(1);
    let ran = ran.said("wrote ~/.profile").said(&said);
    assert!(!ran.stderr.contains("start a new shell"), "{ran}");
    let ran = place.run("tcsh", &["setup", "--yes", "--shell", "bash"]);
    let ran = ran.succeeded();
    assert!(!ran.stderr.contains("tcsh"), "{ran}");
    let ran = place.run("ksh", &["setup", "--yes"]).succeeded();
    assert!(!ran.stderr.contains("no line"), "{ran}");
}

#[test]
fn a_store_that_moved_changes_the_line_in_its_place() {
    let place = Place::new();
    place.sandbox.write("home/.bashrc", "first\n");
    place.run("bash", &["setup", "--yes"]).succeeded();
    let old = place.read(".bashrc");
    place
        .sandbox
        .write("home/.bashrc", format!("{old}alias last=x\n"));
    let mut command = place.sandbox.command(&place.goshim);
    let moved = place.sandbox.root().join("moved");
    command
        .args(["setup", "--yes"])
        .env("SHELL", "/bin/bash")
        .env("GOSHIM_HOME", &moved);
    Ran::of(&mut command).succeeded();
    let new = place.read(".bashrc");
    assert_eq!(
        new,
        old.replace(
            &place.sandbox.goshim_home().display().to_string(),
            &moved.display().to_string()
        ) + "alias last=x\n"
    );
    place.run("bash", &["unsetup", "--yes"]).succeeded();
    assert_eq!(place.read(".bashrc"), "first\nalias last=x\n");
}

#[test]
fn a_store_whose_name_no_line_can_hold_is_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let place = Place::new();
    place.sandbox.write("home/.bashrc", "mine\n");
    for name in [
        &b"a\nb"[..],
        b"\x1b[31m",
        b"\xff",
        "\u{202e}".as_bytes(),
        b"a:b",
    ] {
        let store = place.sandbox.root().join(std::ffi::OsStr::from_bytes(name));
        for arguments in [&["setup", "--yes"][..], &["setup", "--print"]] {
            let mut command = place.sandbox.command(&place.goshim);
            command.args(arguments).env("GOSHIM_HOME", &store);
            Ran::of(&mut command)
                .refused(1, "no start-up file can name ")
                .printed_plainly();
        }
    }
    assert_eq!(place.read(".bashrc"), "mine\n");
}

#[test]
fn a_link_is_followed_to_a_file_of_the_users() {
    let place = Place::new();
    let real = place.sandbox.write("dotfiles/bashrc", "mine\n");
    let link = place.sandbox.home().join(".bashrc");
    symlink(&real, &link).unwrap();
    place.run("bash", &["setup", "--yes"]).succeeded();
    assert!(
        fs_err::read_to_string(&real)
            .unwrap()
            .contains("export PATH=")
    );
    assert_eq!(fs_err::read_link(&link).unwrap(), real);
    place.run("bash", &["unsetup", "--yes"]).succeeded();
    assert_eq!(fs_err::read_to_string(&real).unwrap(), "mine\n");
    assert_eq!(fs_err::read_link(&link).unwrap(), real);
}

/// The file stays as it is, and the person gets to know what to add.
#[test]
fn files_that_are_not_for_goshim_to_change() {
    type Make = fn(&Place, PathBuf);
    let cases: [(&str, Make); 6] = [
        ("it is read-only", |_, file| {
            fs_err::write(&file, "x\n").unwrap();
            fs_err::set_permissions(&file, PermissionsExt::from_mode(0o444)).unwrap();
        }),
        ("leads nowhere", |_, file| {
            symlink("/nowhere/at/all", file).unwrap();
        }),
        ("no regular file", |_, file| {
            symlink("/dev/null", file).unwrap();
        }),
        ("hard links", |place, file| {
            let real = place.sandbox.write("other", "x\n");
            fs_err::hard_link(real, file).unwrap();
        }),
        ("do not come in pairs: see line 2", |_, file| {
            fs_err::write(file, "x\n# >>> goshim >>>\n").unwrap();
        }),
        ("belongs to another user", |place, file| {
            let real = place.sandbox.write("other", "x\n");
            std::os::unix::fs::chown(&real, Some(54321), None).unwrap();
            symlink(real, file).unwrap();
        }),
    ];
    for (reason, make) in cases {
        let place = Place::new();
        if reason.contains("another user") && !is_root(&place.sandbox) {
            println!("NOT CHECKED: only root can make a file that {reason}");
            continue;
        }
        make(&place, place.sandbox.home().join(".bashrc"));
        let before = place.home().remove(&PathBuf::from(".bashrc"));
        let ran = place.run("bash", &["setup", "--yes"]).ended_with(1);
        let ran = ran.said(reason).said("add this to ~/.bashrc yourself");
        assert!(ran.stdout.contains("export PATH="), "{ran}");
        assert_eq!(
            place.home().remove(&PathBuf::from(".bashrc")),
            before,
            "{ran}"
        );
        // The other file was written all the same.
        assert!(place.read(".profile").contains("export PATH="), "{ran}");
    }
}

#[test]
fn says_what_is_in_front() {
    let place = Place::new();
    let other = place.sandbox.write("other/go", "#!/bin/sh\n");
    fs_err::set_permissions(&other, PermissionsExt::from_mode(0o755)).unwrap();
    place.sandbox.write("home/.bashrc", "");
    place.run("bash", &["setup", "--yes"]).succeeded();
    let dir = other.parent().unwrap().display().to_string();
    let rc = place.read(".bashrc");
    place
        .sandbox
        .write("home/.bashrc", format!("{rc}PATH='{dir}':$PATH\n"));
    let ran = place.run("bash", &["setup", "--yes"]).ended_with(1);
    ran.said("in a new login bash, go is goshim's")
        .said(&format!("in a new bash, go is {dir}/go and not goshim's"));
}

/// A start-up file that waits for somebody does not hold setup up for ever.
#[test]
fn a_shell_that_never_answers() {
    let place = Place::new();
    place.sandbox.write("home/.bashrc", "sleep 600\n");
    let ran = place.run("bash", &["setup", "--yes"]).succeeded();
    ran.said("a new bash did not say what go is there");
}

/// What a start-up file leaves running has the shell's output open, and is not waited for.
#[test]
fn a_shell_that_leaves_something_running() {
    let place = Place::new();
    place.sandbox.write("home/.bashrc", "sleep 600 &\n");
    let ran = place.run("bash", &["setup", "--yes"]).succeeded();
    ran.said("in a new bash, go is goshim's");
}

/// One that ends, or becomes another program, before it comes to goshim's line has no go of goshim's.
#[test]
fn a_shell_that_ends_at_once() {
    for start in ["exit 3\n", "exec true\n"] {
        let place = Place::new();
        place.sandbox.write("home/.bashrc", start);
        let ran = place.run("bash", &["setup", "--yes"]).ended_with(1);
        ran.said("a new bash ended before it could say what go is there");
    }
}

#[test]
fn purge_takes_everything_of_goshims_and_nothing_else() {
    let place = Place::new();
    place.sandbox.install_stand_in("go1.22.10");
    place
        .sandbox
        .write("home/.config/goshim/config.toml", "policy = \"project\"\n");
    place.run("bash", &["setup", "--yes"]).succeeded();
    place.run("bash", &["default", "1.22.10"]).succeeded();
    place.sandbox.write("goshim/mine.txt", "not goshim's");
    let cache = place
        .sandbox
        .mkdir("goshim/layouts/p-0123456789abcdef/pkg/mod/m@v1");
    fs_err::write(cache.join("m.go"), "package m\n").unwrap();
    fs_err::set_permissions(&cache, PermissionsExt::from_mode(0o555)).unwrap();
    place
        .run("bash", &["unsetup", "--purge"])
        .succeeded()
        .said("sdks");
    assert!(place.sandbox.goshim_home().join("sdks/go1.22.10").exists());
    place
        .run("bash", &["unsetup", "--purge", "--yes"])
        .succeeded();
    let left: Vec<_> = tree(place.sandbox.goshim_home()).into_keys().collect();
    assert_eq!(left, [PathBuf::from("mine.txt")]);
    assert!(!place.sandbox.home().join(".config/goshim").exists());
}

/// `GOSHIM_HOME` may be a directory of the user's, with directories of the same names.
#[test]
fn what_others_put_into_goshims_directories_stays() {
    let place = Place::new();
    let foreign = [
        "downloads/holiday.jpg",
        "downloads/mine.part",
        "index/cards.txt",
        "trash/old letter",
        "trash/old/letter",
        "staging/site/index.html",
        "sdks/android/tool",
        "receipts/tax.toml",
        "manifests/ship",
        "locks/door",
        "links/My Links",
        "layouts/house/plan",
        "shims/python",
        "state/notes",
        "state/trust/deed",
    ];
    for file in foreign {
        place.sandbox.write(&format!("goshim/{file}"), "mine");
    }
    let before = tree(place.sandbox.goshim_home());
    place.sandbox.install_stand_in("go1.22.10");
    for file in [
        format!("downloads/{}.part", "0".repeat(64)),
        "index/0123456789abcdef".to_owned(),
        "trash/go1.22.10~abcdef/go/VERSION".to_owned(),
        "receipts/go1.22.10.toml".to_owned(),
        "state/projects".to_owned(),
    ] {
        place.sandbox.write(&format!("goshim/{file}"), "");
    }
    place.run("bash", &["setup", "--yes"]).succeeded();
    place.run("bash", &["default", "1.22.10"]).succeeded();
    let ran = place.run("bash", &["cache", "clean"]).succeeded();
    ran.said("holiday.jpg as it is: it is not goshim's");
    let ran = place
        .run("bash", &["unsetup", "--purge", "--yes"])
        .succeeded();
    let ran = ran.said("holiday.jpg stays: it is not goshim's");
    let after = tree(place.sandbox.goshim_home());
    assert!(after == before, "{ran}\n{after:#?}");
    // Nor does anything reach through a link.
    let place = Place::new();
    let part = format!("{}.part", "0".repeat(64));
    let mine = place
        .sandbox
        .write(&format!("home/Downloads/{part}"), "mine");
    place.sandbox.mkdir("goshim");
    let downloads = place.sandbox.goshim_home().join("downloads");
    symlink(mine.parent().unwrap(), &downloads).unwrap();
    place.run("bash", &["cache", "clean"]).succeeded();
    let ran = place
        .run("bash", &["unsetup", "--purge", "--yes"])
        .succeeded();
    ran.said("downloads stays: it is not goshim's");
    assert!(mine.exists() && downloads.is_symlink());
}

#[test]
fn the_shim_is_an_ordinary_program_whatever_it_was_before() {
    let place = Place::new();
    let shim = place.sandbox.root().join("bin/goshim-shim");
    for (number, mode) in [0o4777, 0o644, 0o500].into_iter().enumerate() {
        fs_err::write(&shim, format!("#!/bin/sh\n# {number}\n")).unwrap();
        fs_err::set_permissions(&shim, PermissionsExt::from_mode(mode)).unwrap();
        place.run("bash", &["setup", "--yes"]).succeeded();
        let go = place.sandbox.goshim_home().join("shims/go");
        let mode = fs_err::metadata(go).unwrap().permissions().mode();
        assert_eq!(format!("{:o}", mode & 0o7777), "755");
    }
}

#[test]
fn programs_of_others_among_the_shims_stay() {
    let place = Place::new();
    for name in ["go", "gofmt", "goshim"] {
        let file = place.sandbox.write(&format!("goshim/shims/{name}"), "mine");
        let ran = place.run("bash", &["setup", "--yes"]);
        ran.refused(1, "is there, and not goshim's");
        place.run("bash", &["unsetup", "--yes"]).succeeded();
        assert_eq!(fs_err::read_to_string(&file).unwrap(), "mine");
        assert_eq!(names(file.parent().unwrap()), [name]);
        fs_err::remove_file(file).unwrap();
    }
    place.sandbox.write("goshim/shims/go1.23.4", "mine");
    place.sandbox.write("goshim/shims/go1.22.10", "mine");
    place.sandbox.write("goshim/shims/python", "mine");
    place.sandbox.install_stand_in("go1.22.10");
    place.run("bash", &["setup", "--yes"]).succeeded();
    // What an older goshim put there is goshim's, and what the user put over it is not.
    place
        .sandbox
        .write("bin/goshim-shim", "#!/bin/sh\n# newer\n");
    place.run("bash", &["setup", "--yes"]).succeeded();
    place.sandbox.write("goshim/shims/go", "my own go");
    place
        .run("bash", &["setup", "--yes"])
        .refused(1, "shims/go is there, and not goshim's");
    place.run("bash", &["uninstall", "1.22.10"]).succeeded();
    place
        .run("bash", &["unsetup", "--yes"])
        .succeeded()
        .said("python stays: it is not goshim's");
    let left = tree(&place.sandbox.goshim_home().join("shims"));
    let left: Vec<_> = left.into_keys().collect();
    assert_eq!(
        left,
        ["go", "go1.22.10", "go1.23.4", "python"].map(PathBuf::from)
    );
}

#[test]
fn a_foreign_file_in_direnvs_library_stays() {
    let place = Place::new();
    let file = place
        .sandbox
        .write("home/.config/direnv/lib/goshim.sh", "mine\n");
    let ran = place
        .run("bash", &["setup", "--yes", "--direnv"])
        .ended_with(1);
    ran.said("it is there, and not goshim's");
    place.run("bash", &["unsetup", "--yes"]).succeeded();
    assert_eq!(fs_err::read_to_string(file).unwrap(), "mine\n");
}

/// Each is done after the other, in whatever order, and what is there in the end is known for goshim's.
#[test]
fn setup_and_unsetup_at_once() {
    let place = Place::new();
    let shims = place.sandbox.goshim_home().join("shims");
    for _ in 0..4 {
        let children: Vec<_> = (0..12)
            .map(|number| {
                let words = [["setup", "--print"], ["unsetup", "--yes"]][number % 2];
                let mut command = place.command("bash", &words);
                command.stdout(Stdio::piped()).stderr(Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        for child in children {
            Ran::from_output("at once".to_owned(), child.wait_with_output().unwrap()).succeeded();
        }
        place.run("bash", &["unsetup", "--yes"]).succeeded();
        assert!(!shims.exists(), "{:?}", names(&shims));
    }
}

#[test]
fn nothing_is_left_of_a_setup_in_an_empty_home() {
    for before in [&[][..], &["unsetup", "--yes"]] {
        let place = Place::new();
        let run = |arguments: &[&str]| {
            let mut command = place.command("bash", arguments);
            Ran::of(command.env_remove("GOSHIM_HOME"))
        };
        for name in [".local/share", ".local/state"] {
            place.sandbox.mkdir(&format!("home/{name}"));
        }
        place
            .sandbox
            .write("home/.config/environment.d/mine.conf", "A=b\n");
        let home = tree(place.sandbox.home());
        run(&["setup", "--yes", "--direnv"]).succeeded();
        run(&["default", "1.22"]).succeeded();
        run(&["config", "set", "policy", "exact"]).succeeded();
        assert!(tree(place.sandbox.home()) != home);
        if !before.is_empty() {
            run(before).succeeded();
        }
        run(&["unsetup", "--purge", "--yes"]).succeeded();
        assert_eq!(tree(place.sandbox.home()), home);
        run(&["unsetup", "--purge", "--yes"])
            .succeeded()
            .said("there is nothing to take out");
    }
    // Not even the directory of a store in which nothing ever was.
    let place = Place::new();
    place.run("bash", &["setup", "--yes"]).succeeded();
    place.run("bash", &["unsetup", "--yes"]).succeeded();
    assert!(!place.sandbox.goshim_home().exists());
}

#[test]
fn broken_files_keep_nobody_from_getting_rid_of_goshim() {
    let place = Place::new();
    let settings = "home/.config/goshim/config.toml";
    for (file, text) in [
        (settings, "policy = [\n"),
        (settings, "nonsense = true\n"),
        ("machine.toml", "policy = 1\n"),
        ("project/.goshim.toml", "nonsense = true\n"),
        ("project/.go-version", "ref:master\n"),
        ("goshim/state/default", "ref:master\n"),
    ] {
        let broken = place.sandbox.write(file, text);
        for arguments in [
            &["version"][..],
            &["completions", "bash"],
            &["setup", "--print"],
            &["setup", "--yes"],
            &["unsetup"],
            &["unsetup", "--yes"],
            &["setup", "--yes"],
            &["unsetup", "--purge", "--yes"],
        ] {
            place.run("bash", arguments).succeeded();
        }
        assert!(!place.sandbox.goshim_home().exists(), "{file}");
        let _ = fs_err::remove_file(broken);
    }
}

/// Debian's sudo sets HOME to root's, others keep that of the caller.
#[test]
fn root_writes_nothing_into_the_home_of_who_called_sudo() {
    let place = Place::new();
    if !is_root(&place.sandbox) {
        // Nobody else can be another user: it is the id that differs, and that of the home is ours.
        let mut command = place.command("bash", &["setup", "--yes"]);
        Ran::of(command.env("SUDO_UID", "54321")).succeeded();
        return;
    }
    let home = place.sandbox.home();
    std::os::unix::fs::chown(home, Some(54321), Some(54321)).unwrap();
    let before = place.home();
    for words in [&["setup", "--yes"][..], &["setup", "--print"]] {
        let mut command = place.command("bash", words);
        Ran::of(command.env("SUDO_UID", "54321"))
            .refused(1, "which belongs to the user who called sudo")
            .said("run goshim setup without sudo");
    }
    assert_eq!(before, place.home());
    // Root's own home, and that of a container's user without sudo, are nobody else's business.
    Ran::of(&mut place.command("bash", &["setup", "--yes"])).succeeded();
    std::os::unix::fs::chown(home, Some(0), Some(0)).unwrap();
    let mut command = place.command("bash", &["setup", "--yes"]);
    Ran::of(command.env("SUDO_UID", "54321")).succeeded();
}

//! Where little is there: no environment, no home, nothing to write to, no `/proc`, no C library, few descriptors, another user.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use goshim_test_support::{Sandbox, copy_program};
use xtask::c;

use crate::product::{product, setup, shown, succeed};

/// Root directories and users belong to root.
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A root directory with nothing in it but the shim, an SDK whose go is a static program that does nothing, a project, and `/etc/passwd`.
struct Image {
    root: PathBuf,
    _removed_on_drop: Sandbox,
}

/// The store of the image's user `u`, who has no `HOME`.
const STORE: &str = "home/u/.local/share/goshim";

impl Image {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let root = sandbox.mkdir("image");
        let put = |program: &Path, to: &str| {
            let to = root.join(to);
            fs_err::create_dir_all(to.parent().unwrap()).unwrap();
            copy_program(program, &to);
        };
        put(&product().shim, &format!("{STORE}/shims/go"));
        put(
            &c::program("nothing").unwrap(),
            &format!("{STORE}/sdks/go1.22.10/bin/go"),
        );
        sandbox.write("image/project/.go-version", "1.22.10\n");
        sandbox.write(
            "image/etc/passwd",
            "root:x:0:0::/home/u:/bin/sh\nu:x:12345:12345::/home/u:/bin/sh\n",
        );
        for dir in [sandbox.root().parent().unwrap(), sandbox.root()] {
            fs_err::set_permissions(dir, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self {
            root,
            _removed_on_drop: sandbox,
        }
    }

    /// Calls the shim in the image, where there is nothing else, as user `uid` with these variables alone.
    fn call(&self, uid: u32, variables: &[(&str, &str)]) -> Output {
        let mut chroot = Command::new("/usr/sbin/chroot");
        chroot
            .arg(format!("--userspec={uid}:{uid}"))
            .arg(&self.root)
            .arg(format!("/{STORE}/shims/go"))
            .args(["-C", "/project", "version"])
            .env_clear()
            .envs(variables.iter().copied());
        chroot.output().unwrap()
    }
}

#[test]
fn an_image_without_proc_libraries_home_or_anything_to_write_to() {
    if !is_root() {
        println!("NOT CHECKED: a root directory of its own takes root");
        return;
    }
    let image = Image::new();
    let store = format!("/{STORE}");
    // A user of /etc/passwd needs no variable; one who is not there needs GOSHIM_HOME or HOME. Only root could write anything.
    for (uid, variables) in [
        (0, &[][..]),
        (12345, &[]),
        (12345, &[("GOSHIM_HOME", store.as_str())]),
        (54321, &[("GOSHIM_HOME", &store)]),
        (54321, &[("HOME", "/home/u")]),
        (54321, &[("HOME", ""), ("GOSHIM_HOME", &store)]),
    ] {
        let output = image.call(uid, variables);
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{uid} {variables:?}: {}",
            shown(&output)
        );
    }
    let homeless = image.call(54321, &[]);
    let stderr = String::from_utf8_lossy(&homeless.stderr);
    assert_eq!(homeless.status.code(), Some(127), "{}", shown(&homeless));
    assert!(
        stderr.contains("neither GOSHIM_HOME nor a home directory")
            && stderr.contains("hint: set HOME"),
        "{stderr}"
    );
}

/// The store and the home belong to root, and nobody else may write there.
#[test]
fn another_user_s_store_that_cannot_be_written() {
    if !is_root() {
        println!("NOT CHECKED: being another user takes root");
        return;
    }
    let image = Image::new();
    let project = image.root.join("project");
    let mut setpriv = Command::new("setpriv");
    setpriv
        .args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--no-new-privs",
            "--inh-caps=-all",
            "--bounding-set=-all",
        ])
        .arg(image.root.join(STORE).join("shims/go"))
        .arg("version")
        .current_dir(&project)
        .env_clear()
        .env("GOSHIM_HOME", image.root.join(STORE))
        .env("HOME", image.root.join("home/u"));
    let output = setpriv.output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        shown(&output)
    );
}

#[test]
fn little_of_everything() {
    let sandbox = Sandbox::new();
    setup(&sandbox, sandbox.goshim_home());
    sandbox.install_stand_in("go1.22.10");
    sandbox.write("project/.go-version", "1.22.10\n");
    fs_err::create_dir_all(sandbox.goshim_home().join("state")).unwrap();
    fs_err::write(sandbox.goshim_home().join("state/default"), "1.22.10\n").unwrap();
    let shim = sandbox.goshim_home().join("shims/go");
    for script in [
        "ulimit -n 8; \"$1\" version",
        "ulimit -n 4; exec \"$1\" version",
        "env -i GOSHIM_HOME=\"$GOSHIM_HOME\" \"$1\" version",
        "env -u HOME \"$1\" version",
        "env HOME= PATH= \"$1\" version",
        "env -u HOME -u PWD PATH=/nonexistent \"$1\" version",
        "exec 2>&- <&-; \"$1\" version",
        "mkdir gone; cd gone; rmdir ../gone; \"$1\" version",
        "mkdir gone; cd gone; rmdir ../gone; env -u PWD \"$1\" version",
    ] {
        let mut command = sandbox.command("sh");
        let output = command
            .args(["-c", script, "sh"])
            .arg(&shim)
            .output()
            .unwrap();
        assert!(
            output.status.success() && output.stdout.starts_with(b"go version go1.22.10 "),
            "{script}: {}",
            shown(&output)
        );
        assert!(output.stderr.is_empty(), "{script}: {}", shown(&output));
    }
}

/// C's way to the home directory opens sockets, and loads libraries into a static program.
#[test]
fn without_home_there_is_no_socket_and_no_library() {
    let sandbox = Sandbox::new();
    setup(&sandbox, sandbox.goshim_home());
    sandbox.install_stand_in("go1.22.10");
    sandbox.write("project/.go-version", "1.22.10\n");
    let trace = sandbox.root().join("trace");
    let mut strace = sandbox.command("strace");
    strace
        .args(["-e", "trace=%network,open,openat,execve", "-o"])
        .arg(&trace)
        .arg(sandbox.goshim_home().join("shims/go"))
        .arg("version")
        .env_remove("HOME");
    assert!(succeed(&mut strace).starts_with("go version go1.22.10 "));
    let trace = fs_err::read_to_string(&trace).unwrap();
    let own: Vec<_> = trace
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with("execve("))
        .collect();
    assert!(
        own.iter().any(|line| line.contains("\"/etc/passwd\"")),
        "{own:?}"
    );
    assert!(
        own.iter().all(|line| line.starts_with("open")
            && !line.contains(".so")
            && !line.contains("nsswitch")),
        "{own:?}"
    );
}

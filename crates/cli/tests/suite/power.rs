//! Power cuts: a file system of its own is shut down in the middle of things, without its journal being written, and mounted again.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{GO, RELEASE, Ran, World, is_root, through, tree};
use crate::torture::is_long;

/// Fewer cuts would show too little.
const LEAST_CUTS: usize = 20;

/// Shuts the file system of a directory down: `EXT4_IOC_SHUTDOWN` with `EXT4_GOING_FLAGS_NOLOGFLUSH`. Nothing that was not synced survives.
const CUT: &str = "import fcntl, os, struct, sys\n\
    fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack('I', 2))";

/// An ext4 file system in a file, mounted at a world's store.
struct Disk {
    image: PathBuf,
    at: PathBuf,
}

impl Disk {
    /// Makes the file system; why it cannot be, where that is so.
    fn new(world: &World) -> Result<Self, String> {
        let disk = Self {
            image: world.sandbox.root().join("disk"),
            at: world.sandbox.goshim_home().to_owned(),
        };
        fs_err::File::create(&disk.image)
            .unwrap()
            .set_len(64 << 20)
            .unwrap();
        run("mkfs.ext4", &["-q".as_ref(), "-F".as_ref(), &disk.image])?;
        disk.mount()?;
        // Whether it can be cut is seen by doing so.
        let cut = disk.cut();
        disk.unmount()?;
        cut?;
        disk.mount()?;
        Ok(disk)
    }

    fn mount(&self) -> Result<(), String> {
        run(
            "mount",
            &["-o".as_ref(), "loop".as_ref(), &self.image, &self.at],
        )
    }

    fn unmount(&self) -> Result<(), String> {
        run("umount", &[&self.at])
    }

    fn cut(&self) -> Result<(), String> {
        run("python3", &["-c".as_ref(), CUT.as_ref(), &self.at])
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Also where a test failed: the sandbox cannot be removed below a mount.
        let _ = self.unmount();
    }
}

fn run(program: &str, arguments: &[&Path]) -> Result<(), String> {
    let output = Command::new(program)
        .args(arguments)
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{program}: {}", said.trim()))
}

#[test]
fn power_cuts() {
    let world = World::in_memory(&[GO, "go1.21.13"]);
    if !is_root(&world.sandbox) {
        println!("NOT CHECKED: power cuts need root");
        return;
    }
    let disk = match Disk::new(&world) {
        Ok(disk) => disk,
        Err(reason) => {
            println!("NOT CHECKED: power cuts need a loop-mounted ext4 ({reason})");
            return;
        }
    };
    world.ok(["install", "1.21.13"]);
    let bystander = tree(&world.sdk("go1.21.13"));
    let log = world.sandbox.root().join("log");
    let (mut cuts, mut visible) = (0, 0);
    let step = if is_long() { 1 } else { 8 };
    for deed in [
        &["--quiet", "install", RELEASE][..],
        &["--quiet", "install", "--reinstall", RELEASE],
    ] {
        for call in ["write", "fsync", "rename", "renameat2", "syncfs"] {
            let mut nth = 1;
            loop {
                let is_reinstallation = deed.len() == 4;
                if is_reinstallation {
                    world.ok(["install", RELEASE]);
                } else {
                    world.run(["uninstall", RELEASE]);
                }
                // What was there before has reached the disk: it is not what is tested.
                run("sync", &["-f".as_ref(), world.sandbox.goshim_home()]).unwrap();
                let inject = format!("inject={call}:signal=SIGKILL:when={nth}");
                let arguments = ["-f", "-o", log.to_str().unwrap(), "-e", &inject];
                let inner = world.goshim(deed.iter().copied());
                let ran = Ran::of(&mut through("strace", &arguments, &inner));
                disk.cut().unwrap();
                disk.unmount().unwrap();
                disk.mount().unwrap();
                cuts += 1;
                let context = format!("cut at {call} {nth}\n{ran}");
                let there = world.sdk(GO).exists();
                visible += usize::from(there);
                if there {
                    world.assert_is_reference(&context);
                    world.ok(["verify"]);
                }
                let finished = ran.code == Some(0);
                assert!(
                    there || !(finished || is_reinstallation),
                    "what was installed is gone\n{context}"
                );
                assert_eq!(tree(&world.sdk("go1.21.13")), bystander, "{context}");
                if finished {
                    break;
                }
                nth += if call == "write" { step } else { 1 };
            }
            // The next run has nothing to fear from what is left.
            world.ok(["install", RELEASE]);
            world.assert_is_reference(&"after the cuts");
        }
    }
    println!("{cuts} power cuts, {visible} with the SDK visible: 0 visible but incomplete");
    assert!(cuts >= LEAST_CUTS, "{cuts} cuts");
    assert!(visible > 0 && visible < cuts, "{visible} of {cuts}");
}

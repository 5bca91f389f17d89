//! Programs for tests to run.

use std::path::Path;
#[cfg(unix)]
use std::process::Command;

/// Copies a program to `to`, or into it where that is a directory, so that it can be run at once.
///
/// `cp` does it, and not `fs::copy`: a thread that forks while this process has the file open for writing hands that descriptor to its child,
/// and until the child execs nobody can execute the file (ETXTBSY). Not a hard link either: a test may damage its copy, but not the next
/// test's.
pub fn copy_program(program: impl AsRef<Path>, to: impl AsRef<Path>) {
    let (program, to) = (program.as_ref(), to.as_ref());
    #[cfg(unix)]
    {
        let status = Command::new("cp").arg(program).arg(to).status().unwrap();
        assert!(status.success(), "cp to {}", to.display());
    }
    #[cfg(not(unix))]
    fs_err::copy(program, to).unwrap();
}

/// Puts a program that no test changes at `to`: as a link, which takes no room, where the place and the system have that, else as a copy.
pub fn link_program(program: impl AsRef<Path>, to: impl AsRef<Path>) {
    let (program, to) = (program.as_ref(), to.as_ref());
    if fs_err::hard_link(program, to).is_err() {
        copy_program(program, to);
    }
}

/// Writes a script that can be run at once, and the directories above it. By another process, for the reason in [`copy_program`].
#[cfg(unix)]
pub fn write_script(script: &Path, text: &str) {
    fs_err::create_dir_all(script.parent().unwrap()).unwrap();
    let status = Command::new("sh")
        .args([
            "-c",
            "printf %s \"$1\" >\"$2\" && chmod 755 \"$2\"",
            "sh",
            text,
        ])
        .arg(script)
        .status()
        .unwrap();
    assert!(status.success(), "writing {}", script.display());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Sandbox, stand_in};

    /// In memory it is mostly another file system, where there are no links to this one.
    #[test]
    fn a_linked_program_runs_wherever_it_is_put() {
        for sandbox in [Sandbox::new(), Sandbox::in_memory()] {
            let go = sandbox.bin().join("go");
            link_program(stand_in::program(), &go);
            sandbox.write("VERSION", "go1.22.10\n");
            let output = sandbox.command(&go).arg("version").output().unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            assert!(said.starts_with("go version go1.22.10 "), "{said}");
        }
    }
}

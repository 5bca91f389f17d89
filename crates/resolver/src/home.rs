//! The user's home directory, and where it is if no variable names it.

#[cfg(target_os = "linux")]
use std::path::Path;
use std::path::PathBuf;

#[cfg(target_os = "linux")]
use crate::read::{self, Found};

/// The variable that names it (`os.UserHomeDir`). On Windows shells of the Unix kind set a HOME of their own, which other programs there do not have:
/// state and configuration must not depend on who calls.
pub const VARIABLE: &str = if cfg!(windows) { "USERPROFILE" } else { "HOME" };

/// The home directory that the system records for the user; `None` where it records none.
///
/// Read from `/etc/passwd` itself: C's `getpwuid` opens sockets, and in a static program loads the shared libraries of a C library
/// that may be another one, or not there at all. A user whom only a directory service knows needs `HOME`.
#[cfg(target_os = "linux")]
pub(crate) fn recorded() -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;

    let Ok(Found::File(bytes, _)) = read::read(Path::new("/etc/passwd"), read::PASSWD_CAP) else {
        return None;
    };
    let home = home_in_passwd(&bytes, rustix::process::getuid().as_raw())?;
    Some(std::ffi::OsString::from_vec(home.to_owned()).into())
}

/// Elsewhere the system is asked as it wants to be asked.
#[cfg(not(target_os = "linux"))]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads process state"
)]
pub(crate) fn recorded() -> Option<PathBuf> {
    std::env::home_dir()
}

/// The home directory of the user `uid` in the text of `/etc/passwd`: `name:password:uid:gid:comment:home:shell`.
#[cfg(target_os = "linux")]
fn home_in_passwd(text: &[u8], uid: u32) -> Option<&[u8]> {
    let uid = uid.to_string();
    let home = text.split(|byte| *byte == b'\n').find_map(|line| {
        let mut fields = line.split(|byte| *byte == b':');
        let is_user = fields.nth(2) == Some(uid.as_bytes());
        fields.nth(2).filter(|_| is_user)
    });
    home.filter(|home| !home.is_empty())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_home_directory_of_a_user_in_passwd() {
        let text = b"root:x:0:0:root:/root:/bin/sh\nbroken:x\nno:x:7\nu:x:1000:7:,,,:/home/\xffu:/bin/sh\nempty:x:8:8:::\nlast:x:9:9::/last:";
        for (uid, home) in [
            (0, Some(&b"/root"[..])),
            (1000, Some(b"/home/\xffu")),
            (7, None),
            (8, None),
            (9, Some(b"/last")),
            (1, None),
        ] {
            assert_eq!(home_in_passwd(text, uid), home, "{uid}");
        }
    }
}

//! Who trusts a project's settings (docs/concepts/trust.md).
//!
//! A record binds the file's place and everything in it that needs trust. Another file, another place or another setting has another name, so there is
//! nothing to compare and nothing to forget: what is not recorded is not trusted.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::env::Env;
use crate::layout::Layout;
use crate::project::Project;
use crate::read;
use crate::variables;

/// A file that asks for trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Where it really is: its directory without links, and its name.
    pub file: PathBuf,
    /// What it asks trust for, a line each.
    pub settings: Vec<String>,
}

impl Request {
    /// What `project` asks for; `None` where it needs no trust.
    ///
    /// A file that is a link itself cannot be trusted: whoever writes the link chooses what is read. Its place is then unknown, and so is
    /// that of one whose directory cannot be read, or that is another file there than the one which was read.
    pub fn of(project: &Project) -> Option<Self> {
        let settings = project.canonical();
        if settings.is_empty() {
            return None;
        }
        let directory = project
            .file
            .parent()
            .and_then(|dir| dunce::canonicalize(dir).ok());
        let file = match (directory, project.file.file_name()) {
            (Some(directory), Some(name)) => directory.join(name),
            _ => PathBuf::new(),
        };
        let is_what_was_read = std::fs::symlink_metadata(&file).is_ok_and(|there| {
            there.is_file()
                && (project.identity.is_none() || project.identity == read::identity(&there))
        });
        let file = if is_what_was_read {
            file
        } else {
            PathBuf::new()
        };
        Some(Self { file, settings })
    }

    /// The name of the record, 64 hexadecimal digits: the sha256 of the file's place and the settings.
    pub fn id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"trust-v1\0");
        hash.update(self.file.as_os_str().as_encoded_bytes());
        for setting in &self.settings {
            hash.update(b"\0");
            hash.update(setting.as_bytes());
        }
        hex(&hash.finalize())
    }

    /// Whether there is somewhere to bind a record to.
    pub fn can_be_trusted(&self) -> bool {
        self.file.is_absolute()
    }

    /// Whether the user trusts it: by a record, by `GOSHIM_TRUST`, or because it is below one of `trusted_dirs`.
    pub fn is_trusted(&self, env: &Env, layout: &Layout, trusted_dirs: &[PathBuf]) -> bool {
        if !self.can_be_trusted() {
            return false;
        }
        let is_below = |dir: &PathBuf| {
            dir.is_absolute()
                && dunce::canonicalize(dir).is_ok_and(|dir| self.file.starts_with(dir))
        };
        let id = self.id();
        let by_variable = env
            .text(variables::TRUST)
            .is_some_and(|ids| ids.split(',').any(|named| named.trim() == id));
        by_variable || trusted_dirs.iter().any(is_below) || is_recorded(&layout.trust(), &id)
    }
}

/// Whether `directory` has the record: both are the user's own, and nobody else can write there.
#[cfg(unix)]
fn is_recorded(directory: &Path, id: &str) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let user = rustix::process::geteuid().as_raw();
    let is_own_directory = std::fs::symlink_metadata(directory)
        .is_ok_and(|dir| dir.is_dir() && dir.uid() == user && dir.mode() & 0o777 == 0o700);
    is_own_directory
        && std::fs::symlink_metadata(directory.join(id))
            .is_ok_and(|record| record.is_file() && record.uid() == user)
}

/// Other systems protect the user's profile by access lists.
#[cfg(not(unix))]
fn is_recorded(directory: &Path, id: &str) -> bool {
    std::fs::symlink_metadata(directory.join(id)).is_ok_and(|record| record.is_file())
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(dir: &Path, text: &str) -> Option<Request> {
        let file = dir.join(".goshim.toml");
        fs_err::write(&file, text).unwrap();
        Request::of(&Project::parse(&file, text).unwrap())
    }

    #[test]
    fn a_record_binds_place_and_settings_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let id = |text: &str| request(dir.path(), text).unwrap().id();
        let base = "[env]\nGOPRIVATE = \"x\"\nCC = \"gcc\"\n";
        for same in [
            "# comment\n[env]\nCC = 'gcc'\nGOPRIVATE = 'x'\n",
            "[go]\nversion = \"1.22\"\n[env]\nCC = 'gcc'\nGOPRIVATE = 'x'\nGOOS = \"linux\"\n",
            "inherit = true\nenv.CC = 'gcc'\nenv.GOPRIVATE = 'x'\nlayout.kind = 'per-project'\n",
        ] {
            assert_eq!(id(base), id(same), "{same}");
        }
        for different in [
            "[env]\nGOPRIVATE = \"x\"\n",
            "[env]\nGOPRIVATE = \"x\"\nCC = \"gcc \"\n",
            "[env]\nGOPRIVATE = \"x\"\nCXX = \"gcc\"\n",
            "[env]\nGOPRIVATE = \"x\"\nCC = \"gcc\"\nGOFLAGS = [\"-x\"]\n",
            "[profile.p.env]\nGOPRIVATE = \"x\"\nCC = \"gcc\"\n",
            "[env]\nGOPRIVATE = \"x\"\nCC = \"gcc\"\n[layout]\ngopath = \".go\"\n",
            "[env]\nGOPRIVATE = \"x\\\" env.CC = \\\"gcc\"\n",
        ] {
            assert_ne!(id(base), id(different), "{different}");
        }
        assert_ne!(id(base), request(other.path(), base).unwrap().id());
        assert_eq!(request(dir.path(), "[env]\nGOOS = \"linux\"\n"), None);
    }

    #[cfg(unix)]
    #[test]
    fn another_file_than_the_one_that_was_read_has_no_place_to_bind_a_record_to() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(".goshim.toml");
        let text = "[env]\nCC = \"gcc\"\n";
        fs_err::write(&file, text).unwrap();
        let metadata = fs_err::metadata(&file).unwrap();
        let read = Project {
            identity: read::identity(&metadata),
            ..Project::parse(&file, text).unwrap()
        };
        assert!(Request::of(&read).unwrap().can_be_trusted());
        let other = dir.path().join("other");
        fs_err::write(&other, text).unwrap();
        fs_err::rename(&other, &file).unwrap();
        assert!(!Request::of(&read).unwrap().can_be_trusted());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_has_no_place_to_bind_a_record_to() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("real.toml");
        let text = "[env]\nCC = \"gcc\"\n";
        fs_err::write(&real, text).unwrap();
        let link = dir.path().join(".goshim.toml");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let request = Request::of(&Project::parse(&link, text).unwrap()).unwrap();
        assert!(!request.can_be_trusted());
    }
}

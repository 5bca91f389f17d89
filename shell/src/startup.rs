//! The files that shells read when they start.

use std::path::PathBuf;

use crate::Shell;

/// Where a user's start-up files are.
#[derive(Clone, Debug)]
pub struct Places {
    /// The home directory.
    pub home: PathBuf,
    /// `XDG_CONFIG_HOME`, or what stands for it.
    pub config: PathBuf,
    /// `ZDOTDIR`, or the home directory.
    pub zdotdir: PathBuf,
}

/// The files in which login shells of Bash look; the first that is there is read, and no other.
const BASH_LOGIN: [&str; 3] = [".bash_profile", ".bash_login", ".profile"];

impl Shell {
    /// The files that need goshim's line so that every shell a person starts has it, the one for shells in terminals first. Some need not
    /// be there yet.
    ///
    /// Bash reads one file in login shells and another in all others; Zsh reads `.zprofile` in login shells, after the system may have
    /// put its own directories first in `/etc/zprofile`.
    pub fn startup_files(self, places: &Places) -> Vec<PathBuf> {
        let home = |name: &str| places.home.join(name);
        match self {
            Self::Bash => {
                let login = BASH_LOGIN.iter().find(|name| home(name).exists());
                vec![home(".bashrc"), home(login.copied().unwrap_or(".profile"))]
            }
            _ => self.all_startup_files(places),
        }
    }

    /// All files that [`Shell::startup_files`] may ever have named.
    pub fn all_startup_files(self, places: &Places) -> Vec<PathBuf> {
        let home = |name: &str| places.home.join(name);
        let config = |name: &str| vec![places.config.join(name)];
        match self {
            Self::Bash => std::iter::once(".bashrc")
                .chain(BASH_LOGIN)
                .map(home)
                .collect(),
            Self::Zsh => [".zshrc", ".zprofile"]
                .map(|name| places.zdotdir.join(name))
                .into(),
            Self::Fish => config("fish/config.fish"),
            Self::Elvish => config("elvish/rc.elv"),
            Self::PowerShell if cfg!(windows) => vec![home("Documents/PowerShell/profile.ps1")],
            Self::PowerShell => config("powershell/profile.ps1"),
            Self::Nushell if cfg!(target_os = "macos") => {
                vec![home("Library/Application Support/nushell/config.nu")]
            }
            Self::Nushell if cfg!(windows) => vec![home("AppData/Roaming/nushell/config.nu")],
            Self::Nushell => config("nushell/config.nu"),
            Self::Posix => vec![home(".profile")],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_setup_is_known_to_unsetup() {
        let places = Places {
            home: "/nowhere".into(),
            config: "/nowhere/.config".into(),
            zdotdir: "/nowhere/zsh".into(),
        };
        for shell in Shell::ALL {
            let all = shell.all_startup_files(&places);
            let some = shell.startup_files(&places);
            assert!(!some.is_empty() && some.iter().all(|file| all.contains(file)));
        }
    }
}

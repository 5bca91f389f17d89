//! `goshim shell`: a shell that says in its prompt which Go it is about.

use std::path::Path;

use crate::Shell;

/// How a shell is started so that `GOSHIM_VERSION` shows in its prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subshell {
    /// Files to write into the directory given, by their names.
    pub files: Vec<(&'static str, String)>,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Whether `ZDOTDIR` must name the directory.
    pub moves_zdotdir: bool,
}

impl Shell {
    /// How to start the shell with a hint in its prompt, by way of files in `dir`, which goes away with the shell. `zdotdir` is where Zsh
    /// finds the person's own files. Shells without such a way are started as they are.
    pub fn subshell(self, dir: &Path, zdotdir: &Path) -> Subshell {
        let quote = |path: &Path| self.quote(&path.to_string_lossy());
        match self {
            Self::Bash => Subshell {
                files: vec![("bashrc", include_str!("../files/shell.bash").to_owned())],
                arguments: vec![
                    "--rcfile".to_owned(),
                    dir.join("bashrc").to_string_lossy().into_owned(),
                ],
                moves_zdotdir: false,
            },
            Self::Zsh => {
                let env = include_str!("../files/shell-env.zsh")
                    .replace("@OWN@", &quote(zdotdir))
                    .replace("@TEMPORARY@", &quote(dir));
                let rc = include_str!("../files/shell-rc.zsh").to_owned();
                Subshell {
                    files: vec![(".zshenv", env), (".zshrc", rc)],
                    arguments: Vec::new(),
                    moves_zdotdir: true,
                }
            }
            Self::Fish => Subshell {
                arguments: vec![
                    "--init-command".to_owned(),
                    include_str!("../files/shell.fish").to_owned(),
                ],
                ..Subshell::default()
            },
            Self::Elvish | Self::PowerShell | Self::Nushell | Self::Posix => Subshell::default(),
        }
    }
}

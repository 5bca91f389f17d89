//! The user's `.netrc`: names and passwords for private mirrors.

use std::path::PathBuf;

use goshim_resolver::Env;

/// The most bytes that are read of it.
const CAP: u64 = 1 << 20;

/// The entries of the file. Its `Debug` shows no password.
#[derive(Default)]
pub(crate) struct Netrc {
    entries: Vec<Login>,
}

#[derive(Clone, Default, PartialEq, Eq)]
struct Login {
    /// `None` for the entry `default`.
    host: Option<String>,
    name: String,
    password: Option<String>,
}

impl Netrc {
    /// Reads the file that `NETRC` names, else `~/.netrc` (`_netrc` on Windows). One that is not there, or cannot be read, has no
    /// entries: the server then says what is missing.
    pub(crate) fn read(env: &Env) -> Self {
        let name = if cfg!(windows) { "_netrc" } else { ".netrc" };
        let file = env
            .var("NETRC")
            .map(PathBuf::from)
            .or_else(|| Some(env.absolute_home()?.join(name)));
        let text = file.and_then(|file| {
            let is_small = fs_err::metadata(&file)
                .is_ok_and(|metadata| metadata.is_file() && metadata.len() <= CAP);
            is_small.then(|| fs_err::read_to_string(&file).ok())?
        });
        Self::parse(&text.unwrap_or_default())
    }

    /// The name and password for a host: those of its first entry, else of `default`.
    pub(crate) fn login(&self, host: &str) -> Option<(&str, Option<&str>)> {
        let is_of = |wanted: Option<&str>| {
            self.entries
                .iter()
                .find(move |login| login.host.as_deref() == wanted)
        };
        let login = is_of(Some(host)).or_else(|| is_of(None))?;
        Some((&login.name, login.password.as_deref()))
    }

    /// The grammar is that of ftp(1): words separated by blanks; a macro (`macdef`) reaches to the next empty line.
    fn parse(text: &str) -> Self {
        let mut entries: Vec<Login> = Vec::new();
        let mut is_macro = false;
        let mut wanted: Option<String> = None;
        for line in text.lines() {
            if is_macro {
                is_macro = !line.trim().is_empty();
                continue;
            }
            for word in line.split_whitespace() {
                match (wanted.take().as_deref(), entries.last_mut()) {
                    (Some("machine"), _) => entries.push(Login {
                        host: Some(word.to_ascii_lowercase()),
                        ..Login::default()
                    }),
                    (Some("login"), Some(login)) => word.clone_into(&mut login.name),
                    (Some("password"), Some(login)) => login.password = Some(word.to_owned()),
                    (Some(_), _) => {}
                    (None, _) => match word {
                        "default" => entries.push(Login::default()),
                        "macdef" => {
                            is_macro = true;
                            break;
                        }
                        _ if word.starts_with('#') => break,
                        _ => wanted = Some(word.to_owned()),
                    },
                }
            }
        }
        Self { entries }
    }
}

impl std::fmt::Debug for Netrc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Netrc({} entries)", self.entries.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_host() {
        let netrc = Netrc::parse(
            "# mine\nmachine a.example login u password p#1\nmachine b.example\n  login v\n  account x\n\
             macdef init\n  machine c.example login evil password evil\n\nmachine d.example password only\n\
             machine a.example login second password q\n",
        );
        assert_eq!(netrc.login("a.example"), Some(("u", Some("p#1"))));
        assert_eq!(netrc.login("b.example"), Some(("v", None)));
        assert_eq!(netrc.login("c.example"), None);
        assert_eq!(netrc.login("d.example"), Some(("", Some("only"))));
        let netrc = Netrc::parse("default login anonymous password x");
        assert_eq!(netrc.login("any"), Some(("anonymous", Some("x"))));
        assert!(!format!("{netrc:?}").contains("anonymous"));
    }

    #[test]
    fn nonsense_is_no_entry() {
        for text in [
            "",
            "machine",
            "login x",
            "password",
            "\u{0}\u{1b}",
            "macdef",
        ] {
            assert_eq!(Netrc::parse(text).login("h"), None, "{text:?}");
        }
    }
}

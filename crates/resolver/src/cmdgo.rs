//! What cmd/go itself would select once a Go runs (`cmd/go/internal/toolchain/select.go`).
//!
//! goshim needs it for two questions: what `GOTOOLCHAIN=go1.22.0+auto` means, and whether cmd/go would walk away from the SDK
//! that goshim selected. The answer depends on values only: nothing here reads a file or the environment.

use crate::error::Error;
use crate::governing::Governing;
use crate::version::Version;

/// A value of GOTOOLCHAIN, taken apart: `(NAME|local)[+auto|+path]`, `auto` or `path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GoToolchain {
    /// The toolchain that it names, and that toolchain's version.
    pub(crate) name: Option<(String, Version)>,
    pub(crate) mode: Mode,
}

/// Whether go.mod and go.work may raise the selection, and from where the toolchain may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// They may not.
    Fixed,
    /// They may, and it may be downloaded.
    Auto,
    /// They may, and it must be on PATH.
    Path,
}

impl GoToolchain {
    /// Parses a value that is not empty.
    ///
    /// # Errors
    /// Where cmd/go says "invalid GOTOOLCHAIN".
    pub(crate) fn parse(value: &str) -> Result<Self, Error> {
        let invalid = |reason| Error::GoToolchain {
            place: None,
            value: value.to_owned(),
            reason,
        };
        match value {
            "auto" => {
                return Ok(Self {
                    name: None,
                    mode: Mode::Auto,
                });
            }
            "path" => {
                return Ok(Self {
                    name: None,
                    mode: Mode::Path,
                });
            }
            _ => {}
        }
        let (name, mode) = match value.split_once('+') {
            None => (value, Mode::Fixed),
            Some((name, "auto")) => (name, Mode::Auto),
            Some((name, "path")) => (name, Mode::Path),
            Some(_) => return Err(invalid("only version suffixes are +auto and +path")),
        };
        if name == "local" {
            return Ok(Self { name: None, mode });
        }
        let version =
            Version::from_toolchain(name).ok_or_else(|| invalid("the name is no toolchain"))?;
        if !name.starts_with("go1") {
            return Err(invalid("the name is no toolchain"));
        }
        Ok(Self {
            name: Some((name.to_owned(), version)),
            mode,
        })
    }
}

/// The toolchain name that cmd/go selects, starting from `local` (a name and its version).
///
/// # Errors
/// Where cmd/go refuses the governing file's toolchain line.
pub(crate) fn select(
    local: (&str, &Version),
    wish: &GoToolchain,
    governing: Option<&Governing>,
) -> Result<String, Error> {
    let (mut selected, mut least) = match &wish.name {
        Some((name, version)) => (name.clone(), version.clone()),
        None => (local.0.to_owned(), local.1.clone()),
    };
    let Some(governing) = governing.filter(|_| wish.mode != Mode::Fixed) else {
        return Ok(selected);
    };
    let toolchain = governing.toolchain.as_ref();
    if toolchain.is_some_and(|toolchain| toolchain.value == "default") {
        return Ok(selected);
    }
    if let Some(toolchain) = toolchain {
        let invalid = || Error::ToolchainLine {
            place: governing.place(toolchain),
            value: toolchain.value.clone(),
        };
        let version = Version::from_toolchain(&toolchain.value).ok_or_else(invalid)?;
        if version > least {
            selected.clone_from(&toolchain.value);
            least = version;
        }
    }
    if let Some((go, _)) = governing.go_version()
        && go > least
    {
        // A language version names no toolchain; its first release does.
        let is_language =
            go.is_language() && Version::parse("1.21").is_some_and(|first| go >= first);
        selected = if is_language {
            format!("{}.0", go.toolchain())
        } else {
            go.toolchain()
        };
    }
    Ok(selected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gomod::directive;

    fn selected(local: &str, gotoolchain: &str, go_mod: &str) -> Result<String, String> {
        let governing = Governing {
            file: "/m/go.mod".into(),
            go: directive(go_mod.as_bytes(), "go"),
            toolchain: directive(go_mod.as_bytes(), "toolchain"),
        };
        let wish = GoToolchain::parse(gotoolchain).map_err(|error| error.to_string())?;
        let version = Version::from_toolchain(local).unwrap();
        select((local, &version), &wish, Some(&governing)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_greater_of_the_two_lines_wins() {
        let local = "go1.22.10";
        for (wish, go_mod, expected) in [
            ("auto", "go 1.22\n", "go1.22.10"),
            ("auto", "go 1.23\n", "go1.23.0"),
            ("auto", "go 1.23.4\n", "go1.23.4"),
            ("auto", "go 1.23\ntoolchain go1.23.4\n", "go1.23.4"),
            ("auto", "go 1.24\ntoolchain go1.23.4\n", "go1.24.0"),
            ("auto", "go 1.24\ntoolchain default\n", "go1.22.10"),
            ("auto", "go 1.30 x\n", "go1.22.10"),
            ("local", "go 1.30\n", "go1.22.10"),
            ("go1.21.0", "go 1.30\n", "go1.21.0"),
            ("go1.22.0+auto", "go 1.21\n", "go1.22.0"),
            ("go1.22.0+auto", "go 1.23.4\n", "go1.23.4"),
        ] {
            assert_eq!(
                selected(local, wish, go_mod).as_deref(),
                Ok(expected),
                "{wish} {go_mod:?}"
            );
        }
        assert!(selected(local, "auto", "toolchain x\n").is_err());
    }

    #[test]
    fn forms_that_cmd_go_refuses() {
        for value in [
            "default",
            "auto+path",
            "+auto",
            "local+",
            "Auto",
            "go2.0",
            " go1.22.0",
            "go1.22.0+x",
            "1.22.0",
        ] {
            assert!(GoToolchain::parse(value).is_err(), "{value:?}");
        }
    }
}

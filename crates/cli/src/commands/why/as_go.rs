//! `goshim why --as-go`: what a Go would do here by itself.

use std::ffi::OsString;

use goshim_resolver::cmdgo::{self, LocalGo, Refusal, Selection, Source};
use goshim_resolver::{Env, escape};
use serde_json::{Value, json};

use crate::error::Error;

/// The answer: a selection, a refusal, or both where the selected toolchain is not found.
pub(super) struct AsGo {
    go: String,
    selection: Option<Selection>,
    refusal: Option<Refusal>,
}

impl AsGo {
    /// Asks for the Go that calls itself `go` (the leading `go` may be left out).
    ///
    /// # Errors
    /// Where no Go calls itself so.
    pub(super) fn ask(go: &str, env: &Env, arguments: &[OsString]) -> Result<Self, Error> {
        let go = if go.starts_with(|c: char| c.is_ascii_digit()) {
            format!("go{go}")
        } else {
            go.to_owned()
        };
        let local = LocalGo::new(&go).ok_or_else(|| Error::NotAToolchain(go.clone()))?;
        let (selection, refusal) = match cmdgo::select(&local, env, arguments) {
            Ok(selection) => {
                let refusal = selection.refusal();
                (Some(selection), refusal)
            }
            Err(refusal) => (None, Some(refusal)),
        };
        Ok(Self {
            go,
            selection,
            refusal,
        })
    }

    /// Whether cmd/go would refuse.
    pub(super) fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// The answer in a few lines.
    pub(super) fn lines(&self) -> Vec<String> {
        let go = escape::text(&self.go);
        let mut lines = Vec::new();
        match (&self.selection, &self.refusal) {
            (_, Some(refusal)) => {
                lines.push(format!("{go} would refuse here"));
                lines.push(format!("  it says    {}", escape::text(&refusal.message)));
            }
            (Some(selection), None) => {
                let toolchain = escape::text(&selection.toolchain);
                lines.push(match &selection.source {
                    Source::Local => format!("{go} would run the command itself"),
                    Source::Path(program) => {
                        let program = escape::path(program);
                        format!("{go} would run {toolchain} from PATH: {program}")
                    }
                    Source::Download | Source::NotFound => {
                        format!("{go} would run {toolchain} from its module cache, and download it before if need be")
                    }
                });
            }
            (None, None) => {}
        }
        let origin = self
            .selection
            .as_ref()
            .and_then(|selection| selection.origin.as_ref());
        if let Some(origin) = origin {
            lines.push(format!("  because of {origin}"));
        }
        lines
    }

    /// The stable shape of `--json`.
    pub(super) fn shape(&self) -> Value {
        let place = self
            .selection
            .as_ref()
            .and_then(|selection| selection.origin.as_ref()?.place());
        let file = self
            .refusal
            .as_ref()
            .and_then(|refusal| refusal.file.as_ref())
            .or(place.map(|place| &place.file));
        let program = match self.selection.as_ref().map(|selection| &selection.source) {
            Some(Source::Path(program)) => Some(program.to_string_lossy()),
            _ => None,
        };
        json!({
            "selected": self.selection.as_ref().map(|selection| &selection.toolchain),
            "source": self.selection.as_ref().map(|selection| selection.source.word()),
            "program": program,
            "file": file.map(|file| file.to_string_lossy()),
            "line": place.map(|place| place.line),
            "error": self.refusal.as_ref().map(|refusal| &refusal.message),
        })
    }
}

//! A question to cmd/go's selection: a tree, an environment and arguments, put to goshim or to a real Go.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use crate::{Error, sdk};

/// The form of the vector files. `$ROOT` in contents, values and targets stands for the tree's root, `$SDK_1_27_3` for the root of that SDK.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Case {
    /// Paths below the root, with their contents; one that begins with `base64:` is encoded.
    pub files: BTreeMap<String, String>,
    /// The same, always encoded.
    pub files_b64: BTreeMap<String, String>,
    /// Files that are padded with many lines.
    pub files_pad: BTreeMap<String, Padding>,
    /// Directories.
    pub dirs: Vec<String>,
    /// Links with their targets.
    pub symlinks: BTreeMap<String, String>,
    /// Octal modes.
    pub modes: BTreeMap<String, String>,
    /// The user that asks, where it is not the current one.
    pub uid: Option<u32>,
    /// The working directory, below the root or absolute.
    pub cwd: String,
    /// Changes to the base environment; `None` unsets.
    pub env: BTreeMap<String, Option<String>>,
    /// go's arguments.
    pub args: Vec<String>,
    /// What the Go that is asked calls itself.
    pub local_version: String,
    /// The programs in `$ROOT/fakes`, which is the PATH.
    pub path_toolchains: Option<Vec<String>>,
}

/// Lines to append to a file.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Padding {
    append_line: String,
    count: usize,
    then: String,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A toolchain, and `local`, `path`, `download` or `not-found`.
    Selected(String, String),
    /// A refusal, with its message.
    Refused(String),
}

/// The toolchains on PATH where a case does not say otherwise.
pub const TOOLCHAINS: [&str; 18] = [
    "go1.20",
    "go1.20.14",
    "go1.21.0",
    "go1.21.13",
    "go1.22rc2",
    "go1.22.0",
    "go1.22.10",
    "go1.23.4",
    "go1.24.1",
    "go1.27.3",
    "go1.27.9",
    "go1.28rc1",
    "go1.28.0",
    "go1.28.2",
    "go1.28.2-bigcorp",
    "go1.29.0",
    "go1.30.0",
    "go1.30.1",
];

/// A toolchain on PATH: it says that it was reached.
const REPORTER: &str = "#!/bin/sh\necho \"reached $GOTOOLCHAIN_INTERNAL_SWITCH_VERSION\"\n";

impl Case {
    /// Makes the tree below `root`, an empty directory.
    ///
    /// # Errors
    /// Where a file cannot be written, and where a real SDK is asked for and out of reach.
    pub fn lay_out(&self, root: &Path) -> Result<(), Error> {
        for dir in ["home", "tmp", "w", "fakes"] {
            fs_err::create_dir_all(root.join(dir))?;
        }
        let fake = root.join(".fake");
        write(&fake, REPORTER.as_bytes())?;
        set_mode(&fake, 0o755)?;
        let default: Vec<String> = TOOLCHAINS.map(str::to_owned).into();
        for name in self.path_toolchains.as_ref().unwrap_or(&default) {
            fs_err::hard_link(&fake, root.join("fakes").join(name))?;
        }
        for (name, text) in &self.files {
            let contents = match text.strip_prefix("base64:") {
                Some(encoded) => decode(encoded)?,
                None => self.place(text, root)?.into_bytes(),
            };
            write(&root.join(name), &contents)?;
        }
        for (name, encoded) in &self.files_b64 {
            write(&root.join(name), &decode(encoded)?)?;
        }
        for (name, padding) in &self.files_pad {
            let file = root.join(name);
            let mut text = fs_err::read_to_string(&file)?;
            for _ in 0..padding.count {
                text.push_str(&padding.append_line);
                text.push('\n');
            }
            text.push_str(&padding.then);
            write(&file, text.as_bytes())?;
        }
        for dir in &self.dirs {
            fs_err::create_dir_all(root.join(dir))?;
        }
        for (name, target) in &self.symlinks {
            let link = root.join(name);
            fs_err::create_dir_all(link.parent().unwrap_or(root))?;
            std::os::unix::fs::symlink(self.place(target, root)?, link)?;
        }
        for (name, mode) in &self.modes {
            let mode = u32::from_str_radix(mode, 8).map_err(|error| Error(error.to_string()))?;
            set_mode(&root.join(name), mode)?;
        }
        fs_err::create_dir_all(self.directory(root)?)?;
        Ok(())
    }

    /// The working directory.
    fn directory(&self, root: &Path) -> Result<PathBuf, Error> {
        Ok(root.join(self.place(&self.cwd, root)?))
    }

    /// A text with its placeholders filled in.
    ///
    /// # Errors
    /// Where a real SDK is asked for and out of reach.
    pub fn place(&self, text: &str, root: &Path) -> Result<String, Error> {
        let mut text = text.replace("$ROOT", &root.to_string_lossy());
        while let Some(at) = text.find("$SDK_") {
            let end = text[at..].find('/').map_or(text.len(), |end| at + end);
            let version = text[at + 5..end].replace('_', ".");
            let sdk = sdk::unpacked(&version)?;
            text.replace_range(at..end, &sdk.to_string_lossy());
        }
        Ok(text)
    }

    /// `program` in the tree's directory with the case's environment, and with no arguments yet.
    ///
    /// # Errors
    /// As [`place`](Self::place).
    pub fn command(&self, program: &Path, root: &Path) -> Result<Command, Error> {
        let directory = self.directory(root)?;
        let mut command = Command::new(program);
        command
            .env_clear()
            .current_dir(&directory)
            .env("HOME", root.join("home"))
            .env("PATH", root.join("fakes"))
            .env("TMPDIR", root.join("tmp"))
            .env("PWD", &directory)
            .env("GOPATH", root.join("gopath"))
            .env("GOPROXY", "off");
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, self.place(value, root)?),
                None => command.env_remove(name),
            };
        }
        if let Some(uid) = self.uid {
            std::os::unix::process::CommandExt::uid(&mut command, uid);
        }
        Ok(command)
    }

    /// go's arguments, filled in.
    ///
    /// # Errors
    /// As [`place`](Self::place).
    pub fn arguments(&self, root: &Path) -> Result<Vec<String>, Error> {
        self.args
            .iter()
            .map(|argument| self.place(argument, root))
            .collect()
    }

    /// What `goshim why --as-go` answers in the tree.
    ///
    /// # Errors
    /// Where it cannot be started, answers no JSON, or its exit code contradicts its answer.
    pub fn ask_goshim(&self, goshim: &Path, root: &Path) -> Result<Outcome, Error> {
        let output = self
            .command(goshim, root)?
            .args(["why", "--json", "--as-go", &self.local_version, "--"])
            .args(self.arguments(root)?)
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let answer: Answer = serde_json::from_str(&said).map_err(|error| {
            let stderr = String::from_utf8_lossy(&output.stderr);
            Error(format!("goshim gave no answer ({error}): {said}{stderr}"))
        })?;
        if output.status.success() == answer.error.is_some() {
            return Err(Error(format!("{} for {said}", output.status)));
        }
        match answer {
            Answer {
                selected: Some(toolchain),
                source: Some(source),
                ..
            } => Ok(Outcome::Selected(toolchain, source)),
            Answer {
                error: Some(error), ..
            } => Ok(Outcome::Refused(error)),
            Answer { .. } => Err(Error(format!("neither a selection nor an error: {said}"))),
        }
    }
}

/// What `goshim why --as-go --json` prints, as far as it counts here.
#[derive(Debug, Deserialize)]
struct Answer {
    selected: Option<String>,
    source: Option<String>,
    error: Option<String>,
}

fn decode(encoded: &str) -> Result<Vec<u8>, Error> {
    BASE64_STANDARD
        .decode(encoded)
        .map_err(|error| Error(error.to_string()))
}

fn write(file: &Path, contents: &[u8]) -> Result<(), Error> {
    if let Some(dir) = file.parent() {
        fs_err::create_dir_all(dir)?;
    }
    Ok(fs_err::write(file, contents)?)
}

fn set_mode(file: &Path, mode: u32) -> Result<(), Error> {
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
    Ok(fs_err::set_permissions(file, permissions)?)
}

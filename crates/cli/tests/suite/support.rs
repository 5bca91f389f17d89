//! A store, a mirror, and the program between them.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use goshim_test_support::{
    Mirror, Sandbox, copy_program, host, link_program, stand_in, write_script,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The release that most tests install.
pub(crate) const GO: &str = "go1.22.10";
/// As people write it.
pub(crate) const RELEASE: &str = "1.22.10";

/// A sandbox with a mirror that the program in it uses.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) mirror: Mirror,
    /// The program that the tests run.
    pub(crate) program: PathBuf,
    files: PathBuf,
}

impl World {
    /// A mirror with the stand-ins of `toolchains`, and an empty store.
    pub(crate) fn new(toolchains: &[&str]) -> Self {
        Self::in_sandbox(Sandbox::new(), toolchains)
    }

    /// As [`World::new`], in memory.
    pub(crate) fn in_memory(toolchains: &[&str]) -> Self {
        Self::in_sandbox(Sandbox::in_memory(), toolchains)
    }

    fn in_sandbox(sandbox: Sandbox, toolchains: &[&str]) -> Self {
        let files = sandbox.mkdir("mirror");
        stand_in::write_mirror(&files, toolchains);
        let tools = sandbox.mkdir("tools");
        for name in ["sh", "env"] {
            let real = Path::new("/usr/bin").join(name);
            fs_err::os::unix::fs::symlink(real, tools.join(name)).unwrap();
        }
        let mirror = Mirror::start(&files).unwrap();
        Self {
            sandbox,
            mirror,
            program: env!("CARGO_BIN_EXE_goshim").into(),
            files,
        }
    }

    /// The same world with goshim where `goshim setup` finds a shim beside it. Cargo's own directory has one only where somebody built it before.
    pub(crate) fn with_shim(mut self) -> Self {
        self.program = program_with_shim().into();
        self
    }

    /// As [`World::new`], with `toolchains` in the store.
    pub(crate) fn installed(toolchains: &[&str]) -> Self {
        let world = Self::new(toolchains);
        for toolchain in toolchains {
            world.sandbox.install_stand_in(toolchain);
        }
        world
    }

    /// The program with `arguments`.
    pub(crate) fn goshim<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        self.goshim_at(&self.program, arguments)
    }

    /// The program, which lies at `program`, with `arguments`. PATH has no Go of the machine's.
    pub(crate) fn goshim_at<'a>(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Command {
        let mut command = self.sandbox.command(program);
        command
            .args(arguments)
            .env("GOSHIM_INDEX_URL", self.mirror.url())
            .env("GOSHIM_MIRROR", self.mirror.url())
            .env("PATH", self.tools());
        command
    }

    /// A directory with the few programs that tests start by name.
    pub(crate) fn tools(&self) -> PathBuf {
        self.sandbox.root().join("tools")
    }

    /// What `goshim setup` makes beside the names of SDKs: any file stands in for the shim.
    pub(crate) fn set_up_shims(&self) {
        self.sandbox.write("goshim/shims/.goshim", "");
        self.sandbox.write("goshim/shims/go", "");
    }

    /// Runs the program with `arguments`.
    pub(crate) fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ran {
        Ran::of(&mut self.goshim(arguments))
    }

    /// Runs the program with `arguments`; it must succeed.
    pub(crate) fn ok<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ran {
        self.run(arguments).succeeded()
    }

    /// Replaces the published archive of `toolchain`.
    pub(crate) fn publish(&self, toolchain: &str, archive: &[u8]) {
        fs_err::write(self.files.join(host::archive_name(toolchain)), archive).unwrap();
    }

    pub(crate) fn sdk(&self, toolchain: &str) -> PathBuf {
        self.sandbox.goshim_home().join("sdks").join(toolchain)
    }

    pub(crate) fn default_file(&self) -> PathBuf {
        self.sandbox.goshim_home().join("state/default")
    }

    /// The part file of `archive`.
    pub(crate) fn part(&self, archive: &[u8]) -> PathBuf {
        let name = format!("{}.part", sha256(archive));
        self.sandbox.goshim_home().join("downloads").join(name)
    }

    /// The names in a directory of the store; none where there is no such directory.
    pub(crate) fn stored(&self, dir: &str) -> Vec<String> {
        names(&self.sandbox.goshim_home().join(dir))
    }

    /// What [`GO`] looks like below its root, where nothing went wrong.
    pub(crate) fn assert_is_reference(&self, context: &dyn fmt::Display) {
        let tree = tree(&self.sdk(GO));
        assert!(
            tree == *reference(),
            "{context}\n{tree:#?}\nis not\n{:#?}",
            reference()
        );
    }

    /// Nothing of an installation is in the store, and none is under way.
    pub(crate) fn assert_nothing_is_installed(&self, context: &dyn fmt::Display) {
        for dir in ["sdks", "staging", "trash", "receipts", "manifests"] {
            let there = self.stored(dir);
            assert!(there.is_empty(), "{dir} has {there:?}\n{context}");
        }
        assert!(!self.default_file().exists(), "{context}");
    }

    /// Everything in the sandbox that is none of the store's or the mirror's business.
    pub(crate) fn outside(&self) -> BTreeMap<PathBuf, Entry> {
        let mut tree = tree(self.sandbox.root());
        tree.retain(|path, _| !path.starts_with("goshim") && !path.starts_with("mirror"));
        tree
    }
}

/// The tree of [`GO`], of an installation where nothing went wrong. It agrees with what test-support writes.
fn reference() -> &'static BTreeMap<PathBuf, Entry> {
    static REFERENCE: OnceLock<BTreeMap<PathBuf, Entry>> = OnceLock::new();
    REFERENCE.get_or_init(|| {
        let world = World::new(&[GO]);
        world.ok(["install", RELEASE]);
        let installed = tree(&world.sdk(GO));
        let written = Sandbox::new();
        let written = tree(&written.install_stand_in(GO));
        let files = |tree: &BTreeMap<PathBuf, Entry>| {
            let mut files = tree.clone();
            files.retain(|_, entry| entry.kind == Kind::File);
            files
        };
        assert_eq!(files(&installed), files(&written));
        assert!(installed.len() > 40, "{installed:#?}");
        installed
    })
}

/// What a run of the program came to.
pub(crate) struct Ran {
    what: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            code,
            stdout,
            stderr,
        } = self;
        write!(
            f,
            "{what}\n-- code {code:?}\n-- stdout\n{stdout}-- stderr\n{stderr}--"
        )
    }
}

impl Ran {
    /// Runs `command` to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self::from_output(format!("{command:?}"), output)
    }

    pub(crate) fn from_output(what: String, output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        Self {
            what,
            code: output.status.code(),
            stdout,
            stderr,
        }
    }

    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        self.ended_with(0)
    }

    #[track_caller]
    pub(crate) fn ended_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// It said no in one error with a hint, which names `reason`, and printed no data.
    #[track_caller]
    pub(crate) fn refused(self, code: i32, reason: &str) -> Self {
        let ran = self.ended_with(code);
        let count = |start: &str| {
            ran.stderr
                .lines()
                .filter(|line| line.starts_with(start))
                .count()
        };
        assert_eq!((count("error: "), count("hint: ")), (1, 1), "{ran}");
        let error = ran
            .stderr
            .lines()
            .find(|line| line.starts_with("error: "))
            .unwrap();
        assert!(error.contains(reason), "no `{reason}` in the error\n{ran}");
        assert_eq!(ran.stdout, "", "{ran}");
        ran
    }

    /// Its stderr has `text`.
    #[track_caller]
    pub(crate) fn said(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no `{text}` in stderr\n{self}");
        self
    }

    /// Its stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }

    /// Nothing that it printed steers a terminal.
    #[track_caller]
    pub(crate) fn printed_plainly(self) -> Self {
        let is_bad = |c: &char| {
            (c.is_control() && *c != '\n')
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
        };
        for text in [&self.stdout, &self.stderr] {
            let bad = text.chars().find(is_bad);
            assert_eq!(bad, None, "{}\n{text:?}", self.what);
        }
        self
    }
}

/// Something in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    /// The permissions, setuid and its like included.
    pub(crate) mode: u32,
    /// The sha256 of a file, the target of a link.
    pub(crate) contents: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Dir,
    Link,
    Other,
}

/// Everything below `root`, by its path from there.
pub(crate) fn tree(root: &Path) -> BTreeMap<PathBuf, Entry> {
    let mut found = BTreeMap::new();
    let mut pending = vec![root.to_owned()];
    while let Some(dir) = pending.pop() {
        for entry in fs_err::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs_err::symlink_metadata(&path).unwrap();
            let (kind, contents) = if metadata.is_symlink() {
                (
                    Kind::Link,
                    fs_err::read_link(&path)
                        .unwrap()
                        .to_string_lossy()
                        .into_owned(),
                )
            } else if metadata.is_dir() {
                pending.push(path.clone());
                (Kind::Dir, String::new())
            } else if metadata.is_file() {
                (Kind::File, sha256(&fs_err::read(&path).unwrap()))
            } else {
                (Kind::Other, String::new())
            };
            let mode = metadata.mode() & 0o7777;
            found.insert(
                path.strip_prefix(root).unwrap().to_owned(),
                Entry {
                    kind,
                    mode,
                    contents,
                },
            );
        }
    }
    found
}

/// The names in a directory, sorted; none where there is no such directory.
pub(crate) fn names(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs_err::read_dir(dir) else {
        return Vec::new();
    };
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    names
}

/// Lower-case hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from_digit(digit.into(), 16).unwrap())
        .collect()
}

/// Compresses as archives are.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

/// An index with one file for this machine, or for whichever `filename` names.
pub(crate) fn index(toolchain: &str, filename: &str, sha256: &str, size: usize) -> Vec<u8> {
    let file = json!({
        "filename": filename, "os": "", "arch": "", "version": toolchain,
        "sha256": sha256, "size": size, "kind": "archive",
    });
    serde_json::to_vec(&json!([{ "version": toolchain, "stable": true, "files": [file] }])).unwrap()
}

/// Whether the tests run as root, to whom every directory is writable.
pub(crate) fn is_root(sandbox: &Sandbox) -> bool {
    fs_err::metadata(sandbox.root()).unwrap().uid() == 0
}

/// `inner`, started by `program` with `arguments` before it.
pub(crate) fn through(program: &str, arguments: &[&str], inner: &Command) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg(inner.get_program())
        .args(inner.get_args())
        .env_clear();
    command.current_dir(inner.get_current_dir().unwrap());
    for (name, value) in inner.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    // Where `program` is.
    command.env("PATH", "/usr/bin:/bin");
    command
}

/// Puts goshim and a shim beside each other, as an installation has them. Returns the path of goshim.
pub(crate) fn install_programs(sandbox: &Sandbox) -> PathBuf {
    let goshim = sandbox.bin().join("goshim");
    link_program(env!("CARGO_BIN_EXE_goshim"), &goshim);
    // Any program stands in for the shim: a shell looks for its name alone.
    write_script(&sandbox.bin().join("goshim-shim"), "#!/bin/sh\n");
    goshim
}

/// goshim beside a shim, once for all the tests that change neither: a copy has some 60 MB. It is a link to what was built.
fn program_with_shim() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let built = Path::new(env!("CARGO_BIN_EXE_goshim"));
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
        fs_err::create_dir_all(&dir).unwrap();
        // Somebody may run these tests twice at the same time.
        let lock = fs_err::File::create(dir.join("lock")).unwrap();
        lock.file().lock().unwrap();
        let (goshim, shim) = (dir.join("goshim"), dir.join("goshim-shim"));
        let id = |file: &Path| {
            let metadata = fs_err::metadata(file).ok()?;
            Some((metadata.dev(), metadata.ino()))
        };
        if id(&goshim) != id(built) {
            let new = dir.join("new");
            let _ = fs_err::remove_file(&new);
            link_program(built, &new);
            fs_err::rename(&new, &goshim).unwrap();
        }
        if !shim.exists() {
            write_script(&shim, "#!/bin/sh\n");
        }
        goshim
    })
}

/// A command that runs the program with `arguments` as somebody who may read the sandbox and write nothing in it.
pub(crate) fn as_stranger(world: &World, arguments: &[&str]) -> Command {
    let sandbox = &world.sandbox;
    let around = sandbox.root().parent().unwrap();
    fs_err::set_permissions(around, PermissionsExt::from_mode(0o755)).unwrap();
    if !is_root(sandbox) {
        return world.goshim(arguments.iter().copied());
    }
    // The program may lie where only root can go.
    let copy = sandbox.bin().join("goshim");
    if !copy.exists() {
        copy_program(env!("CARGO_BIN_EXE_goshim"), &copy);
    }
    let inner = world.goshim_at(&copy, arguments.iter().copied());
    let stranger = ["--reuid=54321", "--regid=54321", "--clear-groups", "--"];
    through("setpriv", &stranger, &inner)
}

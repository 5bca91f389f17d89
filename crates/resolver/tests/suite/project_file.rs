//! What any `.goshim.toml` at all can change of a child's environment: no more than is free, unless its settings are trusted.

use std::collections::BTreeMap;
use std::path::Path;

use goshim_resolver::child::Change;
use goshim_resolver::resolve::projects;
use goshim_resolver::trust::Request;
use goshim_resolver::{Env, Error, Layout, resolve};
use proptest::prelude::*;

/// The names that a project may set without trust, and the values, written down once more: the table of the program is not asked.
fn is_free(name: &str, value: &str) -> bool {
    let is_platform = || {
        (1..=24).contains(&value.len())
            && value
                .chars()
                .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '.' | ','))
    };
    match name {
        "GOOS" | "GOARCH" | "GOARM" | "GOARM64" | "GOAMD64" | "GO386" | "GOMIPS" | "GOMIPS64"
        | "GOPPC64" | "GORISCV64" | "GOWASM" => is_platform(),
        "CGO_ENABLED" => matches!(value, "0" | "1"),
        "GO111MODULE" => matches!(value, "on" | "auto"),
        "GOTOOLCHAIN" => value == "local",
        "GOPROXY" | "GOWORK" => value == "off",
        "GOFLAGS" => value.is_empty() || value.split(' ').all(is_free_flag),
        _ => false,
    }
}

fn is_free_flag(flag: &str) -> bool {
    let has =
        |value: &str, known: &str| !value.is_empty() && value.chars().all(|c| known.contains(c));
    let (name, value) = flag
        .split_once('=')
        .map_or((flag, None), |(name, value)| (name, Some(value)));
    match (name, value) {
        ("-trimpath" | "-race" | "-v" | "-short" | "-modcacherw", None) => true,
        ("-mod", Some(value)) => matches!(value, "readonly" | "vendor"),
        ("-buildvcs", Some(value)) => matches!(value, "true" | "false" | "auto"),
        ("-tags", Some(value)) => {
            value.len() <= 64
                && !value.is_empty()
                && value
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "_.,".contains(c))
        }
        ("-count" | "-p", Some(value)) => value.len() <= 6 && has(value, "0123456789"),
        ("-timeout", Some(value)) => value.len() <= 64 && has(value, "0123456789.hmsun"),
        _ => false,
    }
}

const NAMES: &[&str] = &[
    "AR",
    "CC",
    "CGO_CFLAGS",
    "CGO_CFLAGS_ALLOW",
    "CGO_LDFLAGS",
    "CGO_ENABLED",
    "CXX",
    "FC",
    "GCCGO",
    "GO111MODULE",
    "GO386",
    "GOAMD64",
    "GOARCH",
    "GOARM",
    "GOARM64",
    "GOAUTH",
    "GOBIN",
    "GOCACHE",
    "GOCACHEPROG",
    "GOENV",
    "GOEXE",
    "GOEXPERIMENT",
    "GOFIPS140",
    "GOFLAGS",
    "GOGCCFLAGS",
    "GOHOSTARCH",
    "GOHOSTOS",
    "GOINSECURE",
    "GOMIPS",
    "GOMIPS64",
    "GOMODCACHE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOOS",
    "GOPATH",
    "GOPPC64",
    "GOPRIVATE",
    "GOPROXY",
    "GORISCV64",
    "GOROOT",
    "GOSUMDB",
    "GOTMPDIR",
    "GOTOOLCHAIN",
    "GOTOOLDIR",
    "GOVCS",
    "GOWASM",
    "GOWORK",
    "GO_EXTLINK_ENABLED",
    "PKG_CONFIG",
    "GODEBUG",
    "PATH",
    "HOME",
    "LD_PRELOAD",
    "BASH_ENV",
    "HTTPS_PROXY",
    "https_proxy",
    "GIT_SSH_COMMAND",
    "GOSHIM_TRUST",
    "GOSHIM_UNTRUSTED",
    "GOSHIM_HOME",
    "DATABASE_URL",
    "A",
    "Zz",
    "GO OS",
];

/// Values that are free for some name, and such as are for none.
fn value() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "linux",
        "amd64",
        "v3",
        "7,softfloat",
        "0",
        "1",
        "on",
        "off",
        "auto",
        "local",
        "",
        "/abs",
        "/abs/../x",
        "direct",
        "go1.27.3",
        "https://x",
        "../x",
        "linux\n",
        "a b",
        "Linux",
        "off ",
        "local,x",
    ])
    .prop_map(str::to_owned);
    prop_oneof![known, r"[a-z0-9.,]{0,30}", any::<String>()]
}

fn flag() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "-mod=readonly",
        "-mod=mod",
        "-mod=vendor",
        "-trimpath",
        "-buildvcs=auto",
        "-tags=a,b",
        "-tags=a b",
        "-race",
        "-v",
        "-short",
        "-count=1",
        "-count=x",
        "-p=2",
        "-timeout=10m",
        "-modcacherw",
        "-toolexec=/x",
        "-exec=/x",
        "-ldflags=-s",
        "-overlay=x",
        "-race=1",
        "",
        "-v -toolexec=/x",
        "-v'",
        "-v\"'",
    ])
    .prop_map(str::to_owned);
    prop_oneof![4 => known, 1 => r"-[a-z]{1,8}(=[a-zA-Z0-9_., /']{0,8})?"]
}

/// A line of `[env]`, as TOML writes it.
fn line() -> impl Strategy<Value = (String, String)> {
    let list = prop::collection::vec(flag(), 0..4).prop_map(|flags| {
        let flags: Vec<String> = flags.into_iter().map(|flag| toml_text(&flag)).collect();
        format!("[{}]", flags.join(", "))
    });
    let any_name = (prop::sample::select(NAMES.to_vec()), value())
        .prop_map(|(name, value)| (name.to_owned(), toml_text(&value)));
    let flags = list.prop_map(|list| ("GOFLAGS".to_owned(), list));
    prop_oneof![4 => any_name, 1 => flags]
}

/// A basic string, with every odd character escaped.
fn toml_text(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

/// A file: `[env]`, perhaps a profile, perhaps a layout.
fn file() -> impl Strategy<Value = String> {
    let lines = || {
        prop::collection::vec(line(), 0..4).prop_map(|lines| {
            let lines: BTreeMap<String, String> = lines.into_iter().collect();
            let lines: Vec<String> = lines
                .iter()
                .map(|(name, value)| format!("{} = {value}\n", toml_text(name)))
                .collect();
            lines.concat()
        })
    };
    let layout = prop::sample::select(vec![
        "",
        "",
        "",
        "[layout]\nkind = \"per-project\"\n",
        "[layout]\nkind = \"per-version\"\n",
        "[layout]\nkind = \"shared\"\n",
        "[layout]\ngopath = \".go\"\n",
        "[layout]\ngobin = \"../x\"\n",
    ]);
    let profile = prop::option::of(lines());
    (lines(), profile, layout).prop_map(|(env, profile, layout)| {
        let profile = profile.map_or_else(String::new, |lines| format!("[profile.p.env]\n{lines}"));
        format!("{layout}[env]\n{env}{profile}")
    })
}

/// The changes to the child's environment in the project of `root`, under these variables of the user's.
fn changes(root: &Path, variables: &[(&str, &str)]) -> Result<Vec<Change>, Error> {
    let (env, layout) = environment(root, variables);
    let resolution = resolve(&env, &layout, &[], None)?;
    let changes = resolution.changes(&env);
    resolution.outcome.map(|_| changes)
}

fn environment(root: &Path, variables: &[(&str, &str)]) -> (Env, Layout) {
    let mut env = Env {
        physical_dir: Some(root.join("p")),
        home: Some(root.join("home")),
        ..Env::default()
    }
    .with("HOME", root.join("home"))
    .with("GOSHIM_HOME", root.join("store"))
    .with("GOSHIM_MACHINE_CONFIG", root.join("machine.toml"))
    .with("GOSHIM_CEILING", root);
    for (name, value) in variables {
        env = env.with(name, value);
    }
    let layout = Layout::new(&env).unwrap();
    (env, layout)
}

/// Whether a change is nobody's but goshim's own: the selection, and directories that goshim derives.
fn is_own(root: &Path, change: &Change) -> bool {
    let value = change.value.as_deref().map_or(Path::new(""), Path::new);
    match change.name.as_str() {
        "GOROOT" => value == root.join("store/sdks/go1.22.10"),
        "GOSHIM_SET" => true,
        "GOPATH" => value.starts_with(root.join("store/layouts")),
        "GOBIN" => {
            value.starts_with(root.join("store/layouts")) || value == root.join("home/go/bin")
        }
        "GOMODCACHE" => value == root.join("home/go/pkg/mod"),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(768))]

    #[test]
    fn no_file_changes_more_than_is_free_unless_it_is_trusted(text in file(), with_profile in any::<bool>()) {
        let dir = tempfile::tempdir().unwrap();
        let root = fs_err::canonicalize(dir.path()).unwrap();
        fs_err::create_dir_all(root.join("p")).unwrap();
        fs_err::create_dir_all(root.join("store/sdks/go1.22.10/bin")).unwrap();
        fs_err::write(root.join("store/sdks/go1.22.10/bin/go"), "").unwrap();
        fs_err::write(root.join("p/.go-version"), "1.22.10\n").unwrap();
        fs_err::write(root.join("p/.goshim.toml"), &text).unwrap();
        let profile: &[(&str, &str)] = if with_profile { &[("GOSHIM_PROFILE", "p")] } else { &[] };
        let is_free_change = |change: &Change| {
            let value = change.value.as_deref().map(|value| value.to_string_lossy().into_owned());
            is_own(&root, change) || value.is_some_and(|value| is_free(&change.name, &value))
        };
        if let Ok(changes) = changes(&root, profile) {
            for change in &changes {
                prop_assert!(is_free_change(change), "{change:?}\n{text}");
            }
        }
        // Left out, what is not free changes nothing but that no server is asked for a module.
        let is_off = |change: &Change| {
            let is_it = matches!(&*change.name, "GOPROXY" | "GOSUMDB");
            is_it && change.value.as_deref() == Some("off".as_ref())
        };
        let ignoring = [profile, &[("GOSHIM_UNTRUSTED", "ignore")]].concat();
        if let Ok(changes) = changes(&root, &ignoring) {
            for change in &changes {
                prop_assert!(is_off(change) || is_free_change(change), "{change:?}\n{text}");
            }
        }
        // Trusted, nothing of it is refused but what is never allowed.
        let (env, _) = environment(&root, profile);
        let requests: Vec<Request> = projects(&env).unwrap_or_default().iter().filter_map(Request::of).collect();
        if let [request] = &requests[..] {
            let id = request.id();
            let outcome = changes(&root, &[profile, &[("GOSHIM_TRUST", id.as_str())]].concat());
            let is_refused = matches!(outcome, Err(Error::Untrusted { .. }));
            prop_assert!(!is_refused, "{text}");
        }
    }
}

//! What holds for every input: no bytes make a parser panic, versions have a total order and survive being written, and no version
//! forms a path outside the store.

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsString;
use std::hash::{Hash, Hasher};
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path};

use goshim_resolver::{Env, Error, Layout, Query, Version, gomod, pin, resolve};
use proptest::prelude::*;

/// Any text, and texts that are versions or nearly so.
fn text() -> impl Strategy<Value = String> {
    let alphabet = r"(go|v)?[0-9]{0,3}([.]|[0-9]|rc|beta|[a-z]|x|-|[+]|/|\.\.|\\| |\n|\x00){0,12}";
    prop_oneof![any::<String>(), alphabet, r"\PC{0,40}"]
}

/// Any valid version; small numbers, so that equal ones come up, and numbers beyond every integer type.
fn version() -> impl Strategy<Value = Version> {
    let number = prop_oneof![Just("0".to_owned()), r"[1-9][0-9]?", r"[1-9][0-9]{18,25}"];
    let tail = prop_oneof![
        Just(String::new()),
        number.clone().prop_map(|patch| format!(".{patch}")),
        r"(rc|beta|alpha|x)[1-9]{0,2}",
    ];
    let minor = prop_oneof![Just("20".to_owned()), Just("21".to_owned()), number];
    let version = (r"[0-2]", prop::option::of((minor, tail)));
    version.prop_map(|(major, rest)| {
        let rest = rest.map_or_else(String::new, |(minor, tail)| format!(".{minor}{tail}"));
        Version::parse(&format!("{major}{rest}")).unwrap()
    })
}

/// A text as a file may hold it: lines with something of a pin or module file here and there, in any encoding.
fn contents() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        text(),
        prop::sample::select(vec![
            "golang ",
            "go ",
            "toolchain ",
            "[go]",
            "version = ",
            "inherit = true",
            "\"",
            "'",
            "# ",
            "//",
            "\n",
            "\r\n",
            "<<<<<<< ",
            "\u{feff}",
            "GOTOOLCHAIN=",
            "default",
            "local",
            "+auto",
            "1.22.10",
            "go1.22",
            "1.22",
            "system",
        ])
        .prop_map(str::to_owned),
    ];
    let text = prop::collection::vec(word, 0..12).prop_map(|words| words.concat());
    prop_oneof![
        any::<Vec<u8>>(),
        text.clone().prop_map(String::into_bytes),
        text.prop_map(|text| {
            let mark = [0xff, 0xfe].into_iter();
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            mark.chain(units.collect::<Vec<_>>()).collect()
        }),
    ]
}

fn hash(version: &Version) -> u64 {
    let mut hasher = DefaultHasher::new();
    version.hash(&mut hasher);
    hasher.finish()
}

/// Whatever an error shows: its message and its hint.
fn shown(error: &Error) -> String {
    format!("{error}{}", error.hint().unwrap_or_default())
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in text()) {
        let version = Version::parse(&text);
        prop_assert_eq!(version.is_some(), Version::from_toolchain(&format!("go{text}")).is_some_and(|v| v.as_str() == text));
        Query::from_toolchain(&text);
        match Query::parse(&text) {
            Ok(query) => {
                prop_assert_eq!(Query::parse(&query.to_string()), Ok(query.clone()));
                if let Query::Release(version) = query {
                    let name = version.toolchain();
                    prop_assert!(name.starts_with("go1") && name.len() < 32, "{name}");
                } else if let Query::Linked(name) = query {
                    let mut parts = Path::new(name.as_str()).components();
                    prop_assert!(matches!(parts.next(), Some(Component::Normal(_))), "{name}");
                    prop_assert!(parts.next().is_none() && Query::parse_version(name.as_str()).is_err(), "{name}");
                }
            }
            Err(invalid) => {
                prop_assert!(!invalid.to_string().contains(char::is_control));
                prop_assert!(!invalid.hint().contains(char::is_control));
            }
        }
    }

    #[test]
    fn no_bytes_make_a_file_s_parser_panic(bytes in contents()) {
        for name in pin::NAMES {
            match pin::parse(&Path::new("p").join(name), &bytes) {
                Ok(pin) => prop_assert!(pin.is_none_or(|pin| !pin.queries.is_empty() && pin.place.line > 0)),
                Err(error) => prop_assert!(!shown(&error).contains(char::is_control), "{}", shown(&error)),
            }
        }
        for key in ["go", "toolchain"] {
            let lines = bytes.split(|byte| *byte == b'\n').count();
            let found = gomod::directive(&bytes, key);
            prop_assert!(found.is_none_or(|found| (1..=lines).contains(&found.line) && !found.value.contains('\n')));
        }
    }

    #[test]
    fn the_order_is_total(a in version(), b in version(), c in version()) {
        prop_assert_eq!(a.cmp(&a), std::cmp::Ordering::Equal);
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a == b, a.cmp(&b).is_eq());
        prop_assert_eq!(a.partial_cmp(&b), Some(a.cmp(&b)));
        if a == b {
            prop_assert_eq!(hash(&a), hash(&b));
            prop_assert_eq!(a.cmp(&c), b.cmp(&c));
        }
        let mut sorted = [&a, &b, &c];
        sorted.sort();
        prop_assert!(sorted[0] <= sorted[1] && sorted[1] <= sorted[2] && sorted[0] <= sorted[2]);
    }

    #[test]
    fn a_version_survives_being_written(version in version()) {
        for again in [Version::parse(version.as_str()), Version::from_toolchain(&version.toolchain())] {
            let again = again.unwrap();
            prop_assert_eq!(again.as_str(), version.as_str());
            prop_assert_eq!(&again, &version);
        }
        let name = version.release_name();
        prop_assert_eq!(&name, &version);
        let again = Version::parse(name.as_str()).unwrap().release_name();
        prop_assert_eq!(&again, &version);
        prop_assert_eq!(again.as_str(), name.as_str());
    }

    #[test]
    fn a_version_never_leaves_the_store(text in text(), version in version(), other in version()) {
        let layout = Layout::new(&Env::default().with("GOSHIM_HOME", "/store")).unwrap();
        let parsed = [Version::parse(&text), Version::from_toolchain(&text), Some(version.release_name()), Some(version.clone())];
        for version in parsed.into_iter().flatten() {
            let paths = [layout.sdk(&version), layout.receipt(&version), layout.manifest(&version), layout.lock(&version)];
            for (path, dir) in paths.iter().zip(["sdks", "receipts", "manifests", "locks"]) {
                let below = path.strip_prefix(Path::new("/store").join(dir)).unwrap();
                let components: Vec<_> = below.components().collect();
                prop_assert!(matches!(components[..], [Component::Normal(_)]), "{path:?}");
                let name = below.to_str().unwrap();
                prop_assert!(name.starts_with("go") && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.'), "{path:?}");
            }
        }
        // Versions that are written differently have different places.
        prop_assert_eq!(layout.sdk(&version) == layout.sdk(&other), version.as_str() == other.as_str());
    }
}

proptest! {
    // Each case writes a dozen files.
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_tree_and_no_environment_make_the_resolver_panic(
        files in prop::collection::vec(prop::option::weighted(0.4, contents()), 9),
        variables in prop::collection::vec(prop::option::weighted(0.2, contents()), 8),
        arguments in prop::collection::vec(contents(), 0..4),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let names = [
            "p/.goshim.toml", "p/.go-version", "p/q/.tool-versions", "p/go.work", "p/q/go.mod",
            "home/.config/go/env", "home/.config/goshim/config.toml", "home/.local/state/goshim/default", "go/VERSION",
        ];
        for (name, contents) in names.iter().zip(files) {
            if let Some(contents) = contents {
                let file = dir.path().join(name);
                fs_err::create_dir_all(file.parent().unwrap()).unwrap();
                fs_err::write(file, contents).unwrap();
            }
        }
        let mut env = Env {
            physical_dir: Some(dir.path().join("p/q")),
            home: Some(dir.path().join("home")),
            ..Env::default()
        }
        .with("HOME", dir.path().join("home"))
        .with("PATH", dir.path().join("go/bin"));
        let names = [
            "GOSHIM_VERSION", "GOTOOLCHAIN", "GOSHIM_POLICY", "GOWORK", "GO111MODULE", "PWD", "GOENV", "GOSHIM_STRICT",
        ];
        for (name, value) in names.iter().zip(variables) {
            if let Some(value) = value {
                env = env.with(name, OsString::from_vec(value));
            }
        }
        let arguments: Vec<_> = arguments.into_iter().map(OsString::from_vec).collect();
        let layout = Layout::new(&env).unwrap();
        let outcome = resolve(&env, &layout, &arguments, None).and_then(|resolution| resolution.outcome);
        if let Err(error) = outcome {
            prop_assert!(!shown(&error).contains(char::is_control), "{}", shown(&error));
        }
    }
}

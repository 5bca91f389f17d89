//! What `--json` prints, against the schemas of docs/reference.

use std::path::{Path, PathBuf};

use goshim_test_support::{Fault, page};
use serde_json::Value;

use crate::support::{GO, Ran, World, names};

fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/schemas")
}

fn validator(name: &str) -> jsonschema::Validator {
    let file = schemas().join(format!("{name}.json"));
    let text = fs_err::read_to_string(file).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

#[track_caller]
fn check(name: &str, value: &Value) {
    let errors: Vec<_> = validator(name)
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}\n{value:#}");
}

/// The commands that print JSON, and the schemas of what they print.
const OF_COMMANDS: &[(&str, &[&str])] = &[
    ("install", &["install"]),
    ("list", &["list", "list-remote"]),
    ("ls-remote", &["list-remote"]),
    ("latest", &["latest"]),
    ("outdated", &["outdated"]),
    ("upgrade", &["upgrade"]),
    ("current", &["current"]),
    ("where", &["where"]),
    ("why", &["why", "why-as-go"]),
    ("env", &["env"]),
    ("trust", &["trust-show", "trust-list"]),
    ("layout show", &["layout"]),
    ("config", &["config"]),
    ("config list", &["config"]),
    ("version", &["version"]),
    ("verify", &["verify"]),
    ("repair", &["repair"]),
    ("prune", &["prune"]),
    ("cache", &["cache"]),
];

#[test]
fn every_command_with_json_has_a_schema_and_every_schema_a_command() {
    let definition = goshim::definition();
    let has_json = |command: &clap::Command| {
        let mut arguments = command.get_arguments();
        arguments.any(|argument| argument.get_long() == Some("json"))
    };
    let mut with_json = Vec::new();
    for command in definition.get_subcommands() {
        let name = command.get_name();
        if has_json(command) {
            with_json.push(name.to_owned());
        }
        let inner = command.get_subcommands().filter(|inner| has_json(inner));
        with_json.extend(inner.map(|inner| format!("{name} {}", inner.get_name())));
    }
    let mut of_commands: Vec<_> = OF_COMMANDS.iter().map(|(command, _)| *command).collect();
    with_json.sort_unstable();
    of_commands.sort_unstable();
    assert_eq!(with_json, of_commands);
    let mut named: Vec<_> = OF_COMMANDS
        .iter()
        .flat_map(|(_, schemas)| *schemas)
        .map(|name| format!("{name}.json"))
        .collect();
    named.sort_unstable();
    named.dedup();
    assert_eq!(named, names(&schemas()));
}

#[test]
fn what_is_printed_is_what_they_say() {
    let world = World::new(&[
        "go1.20",
        "go1.21.13",
        GO,
        "go1.22.12",
        "go1.23rc1",
        "go1.27.3",
    ]);
    let json = |arguments: &[&str]| world.ok(arguments.iter().copied()).json();
    let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
    // Nothing is there yet.
    assert!(is_empty(&json(&["list", "--json"])));
    assert!(is_empty(&json(&["outdated", "--json"])));
    assert!(is_empty(&json(&["upgrade", "--json"])));
    check("why", &world.run(["why", "--json"]).ended_with(1).json());
    let installed = json(&["install", "--json", "1.22.10", "1.20.0", "1.23rc1"]);
    assert_eq!(installed.as_array().unwrap().len(), 3);
    check("install", &installed);
    check("install", &json(&["install", "--json", "1.22.10"]));
    world.sandbox.write("project/.go-version", "1.22\n");
    for name in [
        "list", "outdated", "current", "where", "latest", "version", "why",
    ] {
        let value = json(&[name, "--json"]);
        assert!(!is_empty(&value), "{name}");
        check(name, &value);
    }
    check("list", &json(&["list", "--json", "--size"]));
    let own = world.sandbox.root().join("own");
    goshim_test_support::stand_in::write_sdk(&own, "go1.27.3");
    world.ok(["link", "tip", own.to_str().unwrap()]);
    world.sandbox.write("project/.go-version", "tip\n");
    for name in ["list", "current", "where", "why"] {
        let value = json(&[name, "--json"]);
        assert!(value.to_string().contains("own"), "{name}");
        check(name, &value);
    }
    world.sandbox.write("project/.go-version", "1.22\n");
    for arguments in [
        &["list", "--remote", "--all", "--json"][..],
        &["ls-remote", "--json", "1.22"],
    ] {
        let value = json(arguments);
        assert!(!is_empty(&value));
        check("list-remote", &value);
    }
    let value = json(&["upgrade", "--json"]);
    assert_eq!(value[0]["toolchain"], "go1.22.12");
    check("upgrade", &value);
    check("where", &json(&["where", "1.20.0", "--json"]));
    fs_err::write(world.sdk(GO).join("LICENSE"), "another one").unwrap();
    for (name, arguments, code) in [
        ("verify", &["verify", "--json"][..], 1),
        ("repair", &["repair", "--json", "1.22.10"], 0),
        ("verify", &["verify", "--json"], 0),
        ("prune", &["prune", "--json"], 0),
        ("cache", &["cache", "--json"], 0),
    ] {
        let value = world.run(arguments.iter().copied()).ended_with(code).json();
        assert!(!is_empty(&value), "{name}");
        check(name, &value);
    }
    for gomod in [
        "go 1.22\n\ntoolchain go1.27.3\n",
        "go 1.99\n",
        "go 1.22.5\n",
        "go x\n",
    ] {
        world
            .sandbox
            .write("project/go.mod", format!("module m\n\n{gomod}"));
        check("why", &world.run(["why", "--json"]).json());
        for go in ["go1.27.3", "go1.21.13"] {
            check(
                "why-as-go",
                &world.run(["why", "--as-go", go, "--json"]).json(),
            );
        }
        for policy in ["floor", "exact", "native"] {
            let mut command = world.goshim(["why", "--json"]);
            check("why", &Ran::of(command.env("GOSHIM_POLICY", policy)).json());
        }
    }
    for (variable, value) in [
        ("GOSHIM_VERSION", "1.21.13"),
        ("GOSHIM_VERSION", "banana"),
        ("GOTOOLCHAIN", "go1.22.10+auto"),
    ] {
        let mut command = world.goshim(["why", "--json"]);
        check("why", &Ran::of(command.env(variable, value)).json());
    }
}

#[test]
fn projects_with_settings() {
    let world = World::installed(&[GO]);
    let json = |arguments: &[&str]| world.ok(arguments.iter().copied()).json();
    for (command, schema) in [
        (&["trust", "--show", "--json"][..], "trust-show"),
        (&["trust", "--list", "--json"], "trust-list"),
    ] {
        check(schema, &json(command));
    }
    world.sandbox.write(
        "project/.goshim.toml",
        "[layout]\nkind = \"per-project\"\n[env]\nGOPRIVATE = \"git.corp.example\"\nGOMAXPROCS = \"2\"\n",
    );
    world.sandbox.write(
        "home/.config/goshim/config.toml",
        "untrusted = \"ignore\"\n",
    );
    for (command, schema) in [
        (&["env", "--json"][..], "env"),
        (&["why", "--json"], "why"),
        (&["trust", "--show", "--json"], "trust-show"),
        (&["config", "--json"], "config"),
    ] {
        check(schema, &json(command));
    }
    world.ok(["trust"]);
    let trusted = json(&["trust", "--list", "--json"]);
    assert_eq!(trusted[0]["current"], true);
    check("trust-list", &trusted);
    let layout = json(&["layout", "show", "--json"]);
    assert_eq!(layout["kind"], "per-project");
    check("layout", &layout);
    let mut command = world.goshim(["env", "--json"]);
    let overruled = Ran::of(command.env("GOPRIVATE", "mine")).json();
    assert_eq!(overruled["overruled"][0]["name"], "GOPRIVATE");
    check("env", &overruled);
    let mut command = world.goshim(["config", "--json"]);
    check(
        "config",
        &Ran::of(command.env("GOSHIM_POLICY", "exact")).json(),
    );
}

#[test]
fn hostile_text_is_still_json() {
    let world = World::installed(&[GO]);
    let hostile = "\u{1b}[31m\u{9b}\u{202e}\r";
    let project = world.sandbox.mkdir(&format!("project/{hostile}\n"));
    fs_err::write(project.join(".go-version"), "1.22\n").unwrap();
    for name in ["list", "current", "where", "why"] {
        let mut command = world.goshim([name, "--json"]);
        let ran = Ran::of(command.current_dir(&project).env("PWD", &project));
        let ran = ran.succeeded().printed_plainly();
        check(name, &ran.json());
    }
    let value = world.ok(["current", "--json"]).json();
    check("current", &value);
    world.mirror.set_fault("", Some(Fault::Status(500)));
    world.run(["outdated", "--json"]).ended_with(1);
}

/// The examples of docs/reference/json.md, each under the heading of its command.
#[test]
fn the_examples_of_the_page_are_what_the_schemas_say() {
    let page = fs_err::read_to_string(schemas().join("../json.md")).unwrap();
    let mut checked = 0;
    for section in page.split("\n## goshim ").skip(1) {
        let heading = section.lines().next().unwrap();
        let schemas = OF_COMMANDS
            .iter()
            .filter(|(command, _)| heading.starts_with(command))
            .flat_map(|(_, schemas)| *schemas);
        for block in page::blocks(section) {
            let value: Value = serde_json::from_str(&block.text).unwrap();
            let mut schemas = schemas.clone();
            assert!(
                schemas.any(|name| validator(name).is_valid(&value)),
                "{heading}: {value:#}"
            );
            checked += 1;
        }
    }
    assert!(checked > 10, "{checked}");
}

#[test]
fn the_schemas_can_fail() {
    for name in names(&schemas()) {
        let name = name.strip_suffix(".json").unwrap();
        for wrong in [serde_json::json!([{}]), serde_json::json!({ "x": 1 })] {
            assert!(!validator(name).is_valid(&wrong), "{name} accepts {wrong}");
        }
    }
}

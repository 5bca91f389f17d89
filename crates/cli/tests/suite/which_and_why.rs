//! `goshim which` and `goshim why`

use goshim_test_support::stand_in;
use serde_json::{Value, json};

use crate::support::{GO, Ran, World};

fn path(world: &World, program: &str) -> String {
    format!("{}\n", world.sdk(GO).join("bin").join(program).display())
}

#[test]
fn which_prints_the_path() {
    let world = World::installed(&[GO, "go1.23.1"]);
    world.ok(["use", "1.22"]);
    assert_eq!(world.ok(["which"]).stdout, path(&world, "go"));
    assert_eq!(world.ok(["which", "go"]).stdout, path(&world, "go"));
    assert_eq!(world.ok(["which", "gofmt"]).stdout, path(&world, "gofmt"));
    let ran = world.run(["which", "godoc"]).ended_with(2);
    assert!(ran.stderr.contains("gofmt"), "{ran}");
}

#[test]
fn which_says_what_is_missing() {
    let world = World::installed(&[GO]);
    world.sandbox.write("project/.go-version", "1.21.13\n");
    let ran = world
        .run(["which"])
        .refused(127, "Go 1.21.13 is not installed (asked for by ");
    assert!(
        ran.stderr.contains("hint: run goshim install 1.21.13\n"),
        "{ran}"
    );
    let empty = World::new(&[]);
    empty
        .run(["which"])
        .refused(127, "no Go is installed and nothing here asks for one");
}

#[test]
fn which_of_the_system() {
    let world = World::installed(&[GO]);
    stand_in::write_sdk(&world.sandbox.mkdir("usr/go"), "go1.20.5");
    let bin = world.sandbox.root().join("usr/go/bin");
    let which = |program| {
        let mut command = world.goshim(["which", program]);
        Ran::of(command.env("PATH", &bin).env("GOSHIM_VERSION", "system"))
    };
    assert_eq!(
        which("go").succeeded().stdout,
        format!("{}\n", bin.join("go").display())
    );
    assert_eq!(
        which("gofmt").succeeded().stdout,
        format!("{}\n", bin.join("gofmt").display())
    );
    let mut why = world.goshim(["why", "--json"]);
    let why = Ran::of(why.env("PATH", &bin).env("GOSHIM_VERSION", "system"))
        .succeeded()
        .json();
    assert_eq!(why["selected"]["state"], "system");
    assert_eq!(why["selected"]["toolchain"], "go1.20.5");
    let mut command = world.goshim(["which"]);
    Ran::of(command.env("GOSHIM_VERSION", "system"))
        .refused(127, "PATH has no go but goshim's own");
}

fn why(world: &World) -> Value {
    world.ok(["why", "--json"]).json()
}

#[test]
fn why_of_a_pin() {
    let world = World::installed(&[GO, "go1.23.1"]);
    let file = world
        .sandbox
        .write("project/.go-version", "# ours\n\n1.22\n");
    let shape = why(&world);
    let choice = &shape["choice"];
    assert_eq!(choice["query"], "1.22");
    assert_eq!(choice["origin"]["kind"], "pin-file");
    assert_eq!(choice["origin"]["file"], file.to_str().unwrap());
    assert_eq!(choice["origin"]["line"], 3);
    assert_eq!(shape["floor"], Value::Null);
    assert_eq!(shape["raised"], false);
    assert_eq!(shape["policy"], "project");
    assert_eq!(shape["error"], Value::Null);
    let selected =
        json!({ "toolchain": GO, "goroot": world.sdk(GO).to_str().unwrap(), "state": "installed" });
    assert_eq!(shape["selected"], selected);
    let step = &shape["trace"].as_array().unwrap()[0];
    for key in ["source", "file", "value", "verdict", "reason"] {
        assert!(step.get(key).is_some(), "{key} in {step}");
    }
    assert_eq!(
        (&step["source"], &step["verdict"]),
        (&json!(".go-version"), &json!("chosen"))
    );
    let ran = world.ok(["why"]);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with("go1.22.10 runs here: "), "{ran}");
    assert_eq!(
        lines[1],
        format!("  chosen by  {}:3: 1.22", file.display()),
        "{ran}"
    );
    assert!(
        world.ok(["why", "-v"]).stdout.lines().count() > lines.len(),
        "-v shows every step"
    );
}

#[test]
fn why_of_a_raised_pin() {
    let world = World::installed(&[GO, "go1.23.1"]);
    world.sandbox.write("project/.go-version", "1.21.1\n");
    let module = world
        .sandbox
        .write("project/go.mod", "module m\n\ngo 1.22.3\n");
    let shape = why(&world);
    assert_eq!(
        shape["floor"],
        json!({ "version": "1.22.3", "file": module.to_str().unwrap(), "line": 3 })
    );
    assert_eq!(shape["raised"], true);
    assert_eq!(shape["selected"]["toolchain"], GO);
    let ran = world.ok(["why"]);
    assert!(
        ran.stdout
            .contains("go.mod:3: 1.22.3, which raised the choice"),
        "{ran}"
    );
}

#[test]
fn why_of_what_is_missing() {
    let world = World::installed(&[GO]);
    world
        .sandbox
        .write("project/go.mod", "module m\n\ngo 1.23.2\n");
    let shape = why(&world);
    let selected = &shape["selected"];
    assert_eq!(
        (&selected["state"], &selected["toolchain"]),
        (&json!("missing"), &Value::Null)
    );
    assert_eq!(
        (&selected["query"], &selected["at_least"]),
        (&json!("1.23"), &json!("1.23.2"))
    );
    world
        .ok(["why"])
        .stdout
        .lines()
        .find(|line| line.contains("goshim install 1.23 --at-least 1.23.2"))
        .unwrap();
}

#[test]
fn why_of_an_error() {
    let world = World::installed(&[GO]);
    world.sandbox.write("project/.go-version", "ref:banana\n");
    let ran = world.run(["why", "--json"]).ended_with(1);
    let shape = ran.json();
    assert!(
        shape["error"]
            .as_str()
            .unwrap()
            .contains(".go-version:1: `ref:banana`"),
        "{ran}"
    );
    assert_eq!(
        (&shape["selected"], &shape["choice"]),
        (&Value::Null, &Value::Null)
    );
    assert!(
        ran.stderr.contains("error: ") && ran.stderr.contains("hint: "),
        "{ran}"
    );
    let ran = world.run(["why"]).ended_with(1);
    assert!(ran.stdout.starts_with("no Go can run here\n"), "{ran}");
    let empty = World::new(&[]).run(["why", "--json"]).ended_with(1);
    assert!(
        empty.json()["error"]
            .as_str()
            .unwrap()
            .contains("no Go is installed"),
        "{empty}"
    );
}

#[test]
fn why_of_other_origins() {
    let world = World::installed(&[GO, "go1.23.1"]);
    let origin = |variable: &str, value: &str| {
        let mut command = world.goshim(["why", "--json"]);
        Ran::of(command.env(variable, value)).succeeded().json()["choice"]["origin"].clone()
    };
    assert_eq!(origin("GOSHIM_VERSION", "1.22")["name"], "GOSHIM_VERSION");
    assert_eq!(origin("GOTOOLCHAIN", "go1.22.10")["name"], "GOTOOLCHAIN");
    assert_eq!(origin("GOTOOLCHAIN", "auto")["kind"], "newest-installed");
    world.ok(["default", "1.22"]);
    let of_default = origin("X", "");
    assert_eq!(
        (&of_default["kind"], &of_default["line"]),
        (&json!("default"), &json!(1))
    );
    assert_eq!(of_default["file"], world.default_file().to_str().unwrap());
    world.sandbox.write(
        "project/go.mod",
        "module m\n\ngo 1.21\n\ntoolchain go1.23.1\n",
    );
    let of_module = origin("X", "");
    assert_eq!(
        (&of_module["kind"], &of_module["line"]),
        (&json!("toolchain-line"), &json!(5))
    );
    assert_eq!(origin("GOSHIM_POLICY", "native")["kind"], "default");
}

#[test]
fn why_for_arguments_of_go() {
    let world = World::installed(&[GO, "go1.23.1"]);
    world.sandbox.write("project/tools/.go-version", "1.22\n");
    let shape = world
        .ok(["why", "--json", "--", "-C", "tools", "build"])
        .json();
    assert_eq!(shape["selected"]["toolchain"], GO);
    let shape = world.ok(["why", "--json", "--", "+1.22", "build"]).json();
    assert_eq!(shape["choice"]["origin"]["kind"], "argument");
    world
        .run(["why", "--", "-C", "nowhere"])
        .ended_with(1)
        .said("error: chdir nowhere");
    world.run(["why", "build"]).ended_with(2);
}

#[test]
fn in_detail_what_a_nearer_pin_shadows_is_there() {
    let world = World::installed(&[GO, "go1.23.1"]);
    let write = |name: &str, text: &str| world.sandbox.write(name, text);
    write("project/.goshim.toml", "[go]\nversion = \"1.22.10\"\n");
    write("project/.go-version", "1.23.1\n");
    write("project/.tool-versions", "golang 1.21.13\n");
    let above = write(".goshim.toml", "[go]\nversion = \"1.23\"\n");
    write(".go-version", "ref:master\n");
    let told = world.ok(["why", "-v"]).stdout;
    let project = world.sandbox.project();
    for (name, dir, value, reason) in [
        (".go-version", project, " (1.23.1)", "a nearer pin file won"),
        (
            ".tool-versions",
            project,
            " (1.21.13)",
            "a nearer pin file won",
        ),
        (
            ".go-version",
            world.sandbox.root(),
            "",
            "a nearer pin file won",
        ),
        (
            ".goshim.toml",
            above.parent().unwrap(),
            " (1.23)",
            "the nearer .goshim.toml counts alone, for it does not say inherit",
        ),
    ] {
        let file = dir.join(name);
        let line = format!("  lost       {name} {}{value}: {reason}\n", file.display());
        assert!(told.contains(&line), "{line}\n{told}");
    }
    assert!(
        !world.ok(["why"]).stdout.contains("1.21.13"),
        "in detail only"
    );
    let mut explicit = world.goshim(["why", "-v"]);
    let told = Ran::of(explicit.env("GOSHIM_VERSION", "1.22.10")).stdout;
    assert!(
        told.contains("(1.23.1): what was said for this call or shell comes first\n"),
        "{told}"
    );
    let hidden = format!("-{}", project.join(".go-version").display());
    let told = world.ok(["why", "-v", "--what-if", &hidden]).stdout;
    assert!(!told.contains("(1.23.1)"), "{told}");
}

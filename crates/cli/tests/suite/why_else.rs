//! `goshim why` for other circumstances: another Go (`--as-go`), another directory or environment (`--what-if`), and what cmd/go does next.

use serde_json::{Value, json};

use crate::support::{GO, Ran, World};

fn as_go(world: &World, go: &str, arguments: &[&str]) -> Value {
    let mut command = world.goshim(["why", "--json", "--as-go", go, "--"]);
    Ran::of(command.args(arguments)).json()
}

#[test]
fn as_go_tells_what_another_go_would_select() {
    let world = World::installed(&[GO]);
    let module = world.sandbox.write(
        "project/go.mod",
        "module m\n\ngo 1.23\n\ntoolchain go1.30.1\n",
    );
    let shape = json!({
        "selected": "go1.30.1",
        "source": "download",
        "program": null,
        "file": module.to_str().unwrap(),
        "line": 5,
        "error": null,
    });
    assert_eq!(as_go(&world, "go1.27.3", &["version"]), shape);
    assert_eq!(as_go(&world, "1.27.3", &["version"]), shape);
    let ran = world.ok(["why", "--as-go", "go1.27.3"]);
    assert!(
        ran.stdout
            .starts_with("go1.27.3 would run go1.30.1 from its module cache"),
        "{ran}"
    );
    assert!(ran.stdout.contains("toolchain line of"), "{ran}");

    // It is Go that is asked: its pins are not goshim's.
    world.sandbox.write("project/.go-version", "1.22.10\n");
    assert_eq!(as_go(&world, "go1.31.0", &["version"])["source"], "local");
    // Generations differ.
    let install = ["install", "example.com/x@v1.0.0"];
    assert_eq!(as_go(&world, "go1.22.10", &install)["source"], "local");
    assert_eq!(as_go(&world, "go1.27.3", &install)["source"], "download");
    // A Go of the time before selection.
    assert_eq!(as_go(&world, "go1.20.14", &["version"])["source"], "local");
}

#[test]
fn as_go_refuses_in_gos_words() {
    let world = World::installed(&[GO]);
    let module = world
        .sandbox
        .write("project/go.mod", "module m\n\ntoolchain \"\u{1b}[31m\n");
    let ran = world
        .run(["why", "--as-go", "go1.27.3", "--json"])
        .ended_with(1);
    let shape = ran.json();
    assert_eq!(shape["selected"], Value::Null);
    assert_eq!(shape["source"], Value::Null);
    assert_eq!(shape["file"], module.to_str().unwrap());
    assert_eq!(
        shape["error"],
        r#"go: invalid toolchain "\"\x1b[31m" in go.mod"#
    );
    let ran = world.run(["why", "--as-go", "go1.27.3"]).ended_with(1);
    assert!(
        ran.stdout.starts_with("go1.27.3 would refuse here\n"),
        "{ran}"
    );

    let mut command = world.goshim(["why", "--as-go", "go1.27.3", "--json"]);
    let ran = Ran::of(command.env("GOTOOLCHAIN", "go1.30.0+path")).ended_with(1);
    let ran = ran.json();
    assert_eq!(
        ran["error"],
        r#"go: invalid toolchain "\"\x1b[31m" in go.mod"#
    );
    world.sandbox.write("project/go.mod", "module m\n");
    let mut command = world.goshim(["why", "--as-go", "go1.27.3", "--json"]);
    let ran = Ran::of(command.env("GOTOOLCHAIN", "go1.30.0+path")).ended_with(1);
    let ran = ran.json();
    assert_eq!(
        (&ran["selected"], &ran["source"]),
        (&json!("go1.30.0"), &json!("not-found"))
    );
    assert_eq!(ran["error"], r#"go: cannot find "go1.30.0" in PATH"#);
}

#[test]
fn as_go_needs_none_of_goshims_own_files() {
    let world = World::new(&[]);
    world
        .sandbox
        .write("home/.config/goshim/config.toml", "nonsense");
    let mut command = world.goshim(["why", "--as-go", "go1.27.3"]);
    let ran = Ran::of(command.env("GOSHIM_HOME", "relative")).succeeded();
    assert_eq!(ran.stdout, "go1.27.3 would run the command itself\n");
}

#[test]
fn what_if_answers_for_another_directory_environment_or_without_a_file() {
    let world = World::installed(&[GO, "go1.23.1", "go1.21.13"]);
    world.sandbox.write("project/.go-version", "1.22.10\n");
    world
        .sandbox
        .write("project/sub/.tool-versions", "golang 1.23.1\n");
    let what_if = |words: &[&str]| {
        let mut command = world.goshim(["why", "--json"]);
        for word in words {
            command.args(["--what-if", word]);
        }
        let shape = Ran::of(&mut command).succeeded().json();
        shape["selected"]["toolchain"].as_str().unwrap().to_owned()
    };
    assert_eq!(what_if(&[]), GO);
    assert_eq!(what_if(&["sub"]), "go1.23.1");
    assert_eq!(what_if(&["sub", "-.tool-versions"]), GO);
    assert_eq!(what_if(&["-sub/.tool-versions", "sub"]), GO);
    assert_eq!(what_if(&["GOSHIM_VERSION=1.21.13"]), "go1.21.13");
    assert_eq!(what_if(&["GOSHIM_VERSION=1.21.13", "GOSHIM_VERSION="]), GO);
    assert_eq!(what_if(&["-.go-version"]), "go1.23.1");
    world
        .sandbox
        .write("project/go.mod", "module m\n\ngo 1.23\n");
    assert_eq!(what_if(&[]), "go1.23.1");
    assert_eq!(what_if(&["-go.mod"]), GO);
    assert_eq!(what_if(&["GO111MODULE=off"]), GO);
    let ran = world.run(["why", "--what-if", "nowhere"]);
    ran.refused(2, "there is no directory `nowhere`");
}

#[test]
fn why_tells_what_cmd_go_does_next() {
    let world = World::installed(&[GO, "go1.23.1"]);
    world.sandbox.write("project/.go-version", "1.22.10\n");
    let next = |variables: &[(&str, &str)]| {
        let mut command = world.goshim(["why", "--json"]);
        let shape = Ran::of(command.envs(variables.iter().copied()))
            .succeeded()
            .json();
        shape["cmd_go"].clone()
    };
    assert_eq!(next(&[]), json!({ "action": "stay" }));
    world.sandbox.write(
        "project/go.mod",
        "module m\n\ngo 1.21\n\ntoolchain go1.30.1\n",
    );
    // Held.
    assert_eq!(next(&[]), json!({ "action": "stay" }));
    assert!(
        world
            .ok(["why"])
            .stdout
            .contains("stays with this Go, for it gets GOTOOLCHAIN=local"),
    );
    // Who exported GOTOOLCHAIN gets what it says.
    assert_eq!(
        next(&[("GOTOOLCHAIN", "auto")]),
        json!({ "action": "switch", "toolchain": "go1.30.1", "source": "download" })
    );
    assert_eq!(
        next(&[("GOTOOLCHAIN", "path")]),
        json!({ "action": "refuse", "reason": r#"go: cannot find "go1.30.1" in PATH"# })
    );
    // An explicit choice is exact, and below what the module requires cmd/go says no.
    let module = world
        .sandbox
        .write("project/go.mod", "module m\n\ngo 1.23\n");
    let reason = format!(
        "{}:3 requires go >= 1.23 (running go 1.22.10)",
        module.display()
    );
    assert_eq!(
        next(&[("GOSHIM_VERSION", "1.22.10")]),
        json!({ "action": "refuse", "reason": reason })
    );
    let mut why = world.goshim(["why"]);
    let ran = Ran::of(why.env("GOSHIM_VERSION", "1.22.10")).succeeded();
    assert!(
        ran.stdout
            .contains(&format!("  cmd/go     refuses: {reason}\n")),
        "{ran}"
    );
}

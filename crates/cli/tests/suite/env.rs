//! `goshim env`, and who sets what: the environment of layouts, projects and configurations.

use std::process::Command;

use goshim_resolver::variables;

use crate::support::{GO, Ran, World};

const OTHER: &str = "go1.27.3";

fn world(project: &str) -> World {
    let world = World::installed(&[GO, OTHER]);
    world.sandbox.write("project/.go-version", "1.22.10\n");
    world.sandbox.write("project/.goshim.toml", project);
    world
}

impl World {
    /// The value of a variable in the child of `goshim exec`.
    fn child(&self, name: &str) -> String {
        let mut ran = self.ok(["exec", "go", "env", name]);
        ran.stdout.pop();
        ran.stdout
    }
}

#[test]
fn lines_for_every_shell_make_what_exec_makes() {
    let world = world(
        "[env]\nGOFLAGS = [\"-tags=it,s\"]\nGOOS = \"linux\"\n[layout]\nkind = \"per-project\"\n",
    );
    let others = ["_", "SHLVL", "OLDPWD", "LOGNAME", "USER", "SHELL"];
    let others = others.map(|name| format!(" -e '^{name}='")).concat();
    let print = &format!("printenv | sort | grep -v{others}");
    let tools = world.tools();
    for name in ["printenv", "sort", "grep"] {
        fs_err::os::unix::fs::symlink(format!("/usr/bin/{name}"), tools.join(name)).unwrap();
    }
    let expected = world.ok(["exec", "sh", "-c", print]).stdout;
    for name in ["GOROOT=", "GOFLAGS=-tags=it,s", "GOBIN=", "GOSHIM_SET="] {
        assert!(
            expected.lines().any(|line| line.starts_with(name)),
            "{name} {expected}"
        );
    }
    for shell in ["bash", "zsh", "fish", "elvish", "sh"] {
        let language = if shell == "sh" { "posix" } else { shell };
        let lines = world.ok(["env", "--shell", language]);
        let mut command = world.goshim([]);
        let mut shell_command = Command::new(format!("/usr/bin/{shell}"));
        shell_command.env_clear().envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        shell_command.current_dir(world.sandbox.project());
        let script = format!("{}\n{print}", lines.stdout);
        let ran = Ran::of(shell_command.args(["-c", &script])).succeeded();
        assert_eq!(ran.stdout, expected, "{shell}\n{}", lines.stdout);
        command.env("SHELL", format!("/usr/bin/{shell}")).arg("env");
        assert_eq!(
            Ran::of(&mut command).succeeded().stdout,
            lines.stdout,
            "SHELL names it"
        );
    }
}

#[test]
fn evaluated_in_another_project_nothing_is_left_of_the_first() {
    let world = world("[env]\nGOFLAGS = [\"-race\"]\n[layout]\nkind = \"per-project\"\n");
    world.sandbox.write("other/.go-version", "1.27.3\n");
    let goshim = env!("CARGO_BIN_EXE_goshim");
    let script = format!(
        "eval \"$('{goshim}' env --shell posix)\"; '{goshim}' exec go env GOFLAGS GOBIN GOROOT GOPATH; cd ../other; eval \"$('{goshim}' env --shell posix)\"; echo \"$PATH|$GOFLAGS|$GOBIN|$GOROOT|${{GOSHIM_SET-unset}}\""
    );
    let ran = world.ok(["exec", "sh", "-c", &script]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let home = world.sandbox.goshim_home().display().to_string();
    assert_eq!(lines[0], "-race", "{ran}");
    assert!(
        lines[1].starts_with(&format!("{home}/layouts/project-")) && lines[1].ends_with("/bin"),
        "{ran}"
    );
    let tools = world.tools().display().to_string();
    assert_eq!(
        lines[4],
        format!("{home}/sdks/go1.27.3/bin:{tools}|||{home}/sdks/go1.27.3|unset"),
        "{ran}"
    );
}

#[test]
fn json_and_explanation_name_the_line_of_each() {
    let world = world("[env]\nGOOS = \"linux\"\nGOFLAGS = [\"-race\"]\n");
    world.sandbox.write(
        "home/.config/goshim/config.toml",
        "layout = \"per-version\"\n[env]\nGOPROXY = \"https://me:secret@proxy.example\"\nGOOS = \"plan9\"\n",
    );
    let mut command = world.goshim(["env", "--json"]);
    let json = Ran::of(command.env("GOFLAGS", "-v")).succeeded().json();
    let find = |array: &str, name: &str| {
        let all = json[array].as_array().unwrap();
        all.iter()
            .find(|entry| entry["name"] == name)
            .unwrap_or_else(|| panic!("no {name} in {json:#}"))
            .clone()
    };
    let goos = find("environment", "GOOS");
    assert_eq!(goos["value"], "linux");
    assert_eq!(goos["source"]["kind"], "project");
    assert_eq!(goos["source"]["line"], 2);
    assert_eq!(
        find("environment", "GOPROXY")["value"],
        "https://me:secret@proxy.example"
    );
    assert_eq!(find("environment", "GOPROXY")["source"]["kind"], "config");
    assert_eq!(find("environment", "GOPATH")["source"]["kind"], "layout");
    assert_eq!(find("environment", "GOROOT")["source"]["kind"], "selection");
    assert_eq!(find("environment", "PATH")["source"]["kind"], "selection");
    assert_eq!(find("overruled", "GOFLAGS")["value"], "-race");
    assert_eq!(find("overruled", "GOFLAGS")["source"]["line"], 3);
    assert_eq!(find("overruled", "GOFLAGS")["source"]["column"], 11);
    // What people show to others has no passwords.
    for words in [&["env", "--explain"][..], &["why"], &["why", "--json"]] {
        let mut command = world.goshim(words.iter().copied());
        let ran = Ran::of(command.env("GOFLAGS", "-v")).succeeded();
        assert!(
            !ran.stdout.contains("secret") && ran.stdout.contains("https://…@proxy.example"),
            "{ran}"
        );
        assert!(ran.stdout.contains("-race"), "{ran}");
    }
    let why = world.ok(["why"]).stdout;
    let goos = format!(
        "  gets       GOOS=linux  ({}:2:8)",
        world.sandbox.project().join(".goshim.toml").display()
    );
    assert!(why.lines().any(|line| line == goos), "{why}");
}

#[test]
fn the_users_word_comes_before_the_projects_and_both_before_the_configurations() {
    let world = world(
        "[env]\nGOOS = \"linux\"\nGOARCH = \"arm64\"\n[profile.wasm.env]\nGOOS = \"js\"\n[profile.none.env]\n",
    );
    world.sandbox.write(
        "home/.config/goshim/config.toml",
        "[env]\nGOOS = \"user\"\nGOARM = \"5\"\nGOMIPS = \"user\"\n",
    );
    let machine = world.sandbox.write(
        "machine.toml",
        "[env]\nGOARM = \"6\"\nGO386 = \"machine\"\n",
    );
    let child = |profile: &str| {
        let mut command = world.goshim([
            "exec", "go", "env", "GOOS", "GOARCH", "GOARM", "GO386", "GOMIPS",
        ]);
        command
            .env(variables::MACHINE_CONFIG, &machine)
            .env("GOMIPS", "exported")
            .env(variables::PROFILE, profile);
        Ran::of(&mut command)
    };
    assert_eq!(
        child("").succeeded().stdout,
        "linux\narm64\n5\nmachine\nexported\n"
    );
    assert_eq!(
        child("wasm").succeeded().stdout,
        "js\narm64\n5\nmachine\nexported\n"
    );
    assert_eq!(
        child("none").succeeded().stdout,
        "linux\narm64\n5\nmachine\nexported\n"
    );
    child("other").refused(1, "has no profile other");
    child("No such")
        .ended_with(1)
        .said("GOSHIM_PROFILE is `No such`");
}

#[test]
fn files_above_count_where_the_nearest_says_so() {
    let world = world("inherit = true\n[env]\nGOOS = \"linux\"\n");
    world.sandbox.write(
        ".goshim.toml",
        "[env]\nGOOS = \"plan9\"\nGOARCH = \"arm\"\n[layout]\nkind = \"per-project\"\n",
    );
    assert_eq!(
        world.ok(["exec", "go", "env", "GOOS", "GOARCH"]).stdout,
        "linux\narm\n"
    );
    assert!(
        world.child("GOPATH").contains("/layouts/withblank-"),
        "the layout is that of the file which asks for it"
    );
    assert_eq!(
        world.child("GOBIN"),
        "",
        "cmd/go installs nothing for another platform there"
    );
    world
        .sandbox
        .write("project/.goshim.toml", "[env]\nGOOS = \"linux\"\n");
    assert_eq!(
        world
            .ok(["exec", "go", "env", "GOOS", "GOARCH", "GOBIN"])
            .stdout,
        "linux\n\n\n"
    );
    // Each file needs its own trust.
    world
        .sandbox
        .write("project/.goshim.toml", "inherit = true\n");
    world.sandbox.write(".goshim.toml", "[env]\nCC = \"x\"\n");
    world
        .run(["which"])
        .refused(78, "with blank/.goshim.toml:2:6: CC needs");
    world.ok(["trust"]);
    assert_eq!(world.child("CC"), "x");
}

#[test]
fn layouts_name_go_s_directories() {
    let world = world("");
    let home = world.sandbox.home().display().to_string();
    let store = world.sandbox.goshim_home().display().to_string();
    let names = [
        "exec",
        "go",
        "env",
        "GOPATH",
        "GOBIN",
        "GOMODCACHE",
        "GOCACHE",
    ];
    let write = |text: &str| world.sandbox.write("project/.goshim.toml", text);
    write("[layout]\nkind = \"shared\"\n");
    assert_eq!(world.ok(names).stdout, "\n\n\n\n");
    write("[layout]\nkind = \"per-version\"\n");
    assert_eq!(
        world.ok(names).stdout,
        format!("{store}/layouts/go1.22.10\n{home}/go/bin\n{home}/go/pkg/mod\n\n")
    );
    // The user's own GOPATH is where modules and tools were before.
    world
        .sandbox
        .write("home/.config/go/env", "GOPATH=/my/go\n");
    assert_eq!(
        world.ok(names).stdout,
        format!("{store}/layouts/go1.22.10\n/my/go/bin\n/my/go/pkg/mod\n\n")
    );
    world
        .sandbox
        .write("home/.config/go/env", "GOBIN=/my/bin\nGOMODCACHE=/my/mod\n");
    assert_eq!(
        world.ok(names).stdout,
        format!("{store}/layouts/go1.22.10\n\n\n\n")
    );
    fs_err::remove_file(world.sandbox.home().join(".config/go/env")).unwrap();
    write("[layout]\nkind = \"per-project\"\n");
    let per_project = world.ok(names).stdout;
    let key = per_project
        .split("/layouts/")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    assert!(
        key.starts_with("project-") && key.len() == "project-".len() + 16,
        "{key}"
    );
    assert_eq!(
        per_project,
        format!("{store}/layouts/{key}/gopath\n{store}/layouts/{key}/bin\n{home}/go/pkg/mod\n\n")
    );
    // PATH has the layout's tools after the SDK's.
    let path = world.ok(["exec", "sh", "-c", "echo \"$PATH\""]).stdout;
    assert!(
        path.starts_with(&format!(
            "{store}/sdks/go1.22.10/bin:{store}/layouts/{key}/bin:"
        )),
        "{path}"
    );
    // Literal directories need trust, and stay below the project.
    write("[layout]\ngopath = \".go\"\ngocache = \".cache/b\"\n");
    world
        .run(["which"])
        .refused(78, ":2:10: GOPATH needs your trust");
    world.ok(["trust"]);
    let project = world.sandbox.project().display().to_string();
    assert_eq!(
        world.ok(names).stdout,
        format!("{project}/.go\n\n{home}/go/pkg/mod\n{project}/.cache/b\n")
    );
    let path = world.ok(["exec", "sh", "-c", "echo \"$PATH\""]).stdout;
    assert!(
        path.starts_with(&format!("{store}/sdks/go1.22.10/bin:{project}/.go/bin:")),
        "{path}"
    );
    for link in ["/tmp", "..", "/nowhere/at/all", "../nothing"] {
        fs_err::os::unix::fs::symlink(link, world.sandbox.project().join(".go")).unwrap();
        world.run(["which"]).refused(78, "leads out of the project");
        fs_err::remove_file(world.sandbox.project().join(".go")).unwrap();
    }
    for path in ["/abs", "../x", "a/../../x", ""] {
        write(&format!("[layout]\ngopath = {path:?}\n"));
        world.run(["which"]).refused(1, ".goshim.toml:2:10: ");
    }
}

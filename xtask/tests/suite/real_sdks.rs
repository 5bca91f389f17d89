//! Real Go through the shim: everything that go starts sees the SDK that the directory asks for.

use std::path::Path;
use std::process::Command;

use goshim_test_support::Sandbox;

use crate::product::{goshim, on_path, real_home, succeed};

const MAIN: &str = "package main\n\nimport (\n\t\"fmt\"\n\t\"runtime\"\n)\n\n//go:generate sh -c \"go version > generated.txt; go env GOROOT >> generated.txt\"\n\nfunc main() { fmt.Println(runtime.Version()) }\n";
const TEST: &str = "package main\n\nimport (\n\t\"runtime\"\n\t\"os\"\n\t\"os/exec\"\n\t\"testing\"\n)\n\nfunc TestVersion(t *testing.T) {\n\tout, err := exec.Command(\"go\", \"version\").CombinedOutput()\n\tt.Logf(\"%s %s %v %s\", runtime.Version(), out, err, os.Getenv(\"PATH\"))\n\tif err != nil { t.Fatal(err) }\n}\n";
const MAKEFILE: &str = "all:\n\t@go version\n\t@go env GOROOT\n\t@go run .\n";

/// A project, and the SDK that must run in it.
struct Project {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    toolchain: &'static str,
}

const PROJECTS: &[Project] = &[
    Project {
        name: "pin file",
        files: &[
            (".go-version", "1.22.10\n"),
            ("go.mod", "module m\n\ngo 1.20\n"),
        ],
        toolchain: "go1.22.10",
    },
    Project {
        name: "toolchain line",
        files: &[("go.mod", "module m\n\ngo 1.21\n\ntoolchain go1.21.13\n")],
        toolchain: "go1.21.13",
    },
    Project {
        name: "go line",
        files: &[("go.mod", "module m\n\ngo 1.27\n")],
        toolchain: "go1.27.3",
    },
];

fn project(sandbox: &Sandbox, project: &Project) -> std::path::PathBuf {
    let all = project.files.iter().copied().chain([
        ("main.go", MAIN),
        ("main_test.go", TEST),
        ("Makefile", MAKEFILE),
    ]);
    for (name, text) in all {
        sandbox.write(&format!("project/{}/{name}", project.name), text);
    }
    sandbox.project().join(project.name)
}

/// A command in `dir` with the real store, a build cache that the tests share, and no network for modules.
pub(crate) fn command(sandbox: &Sandbox, dir: &Path, program: &str) -> Command {
    let mut command = on_path(sandbox, real_home(), program);
    command
        .current_dir(dir)
        .env("PWD", dir)
        .env("GOPROXY", "off")
        .env("GOFLAGS", "-modcacherw");
    command.env(
        "GOCACHE",
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("go build cache"),
    );
    command
}

#[test]
fn every_command_of_a_project_sees_its_sdk() {
    let sandbox = Sandbox::new();
    let another = real_home().join("sdks/go1.27.3");
    for (stale, wanted) in [
        (None, PROJECTS),
        (Some("/nonexistent/go"), PROJECTS),
        (another.to_str(), &PROJECTS[..2]),
    ] {
        for wanted in wanted {
            let dir = project(&sandbox, wanted);
            let go = |arguments: &[&str]| {
                let mut command = command(&sandbox, &dir, "go");
                if let Some(goroot) = stale {
                    command.env("GOROOT", goroot);
                }
                succeed(command.args(arguments))
            };
            let goroot = real_home()
                .join("sdks")
                .join(wanted.toolchain)
                .display()
                .to_string();
            let gopath = sandbox.home().join("go").display().to_string();
            assert!(
                go(&["version"]).starts_with(&format!("go version {} ", wanted.toolchain)),
                "{}",
                wanted.name
            );
            assert_eq!(
                go(&["env", "GOROOT", "GOPATH"]),
                format!("{goroot}\n{gopath}\n"),
                "{}",
                wanted.name
            );
            go(&["build", "-o", "hello", "."]);
            assert_eq!(
                succeed(&mut command(&sandbox, &dir, "./hello")).trim(),
                wanted.toolchain
            );
            go(&["vet", "."]);
            let tested = go(&["test", "-v", "."]);
            assert!(
                tested.contains(&format!("{0} go version {0} ", wanted.toolchain)),
                "{}: {tested}",
                wanted.name
            );
            go(&["generate", "."]);
            let generated = fs_err::read_to_string(dir.join("generated.txt")).unwrap();
            assert!(
                generated.starts_with(&format!("go version {} ", wanted.toolchain))
                    && generated.ends_with(&format!("{goroot}\n")),
                "{generated}"
            );
        }
    }
}

#[test]
fn make_and_gofmt_see_it_too() {
    let sandbox = Sandbox::new();
    for wanted in PROJECTS {
        let dir = project(&sandbox, wanted);
        let goroot = real_home()
            .join("sdks")
            .join(wanted.toolchain)
            .display()
            .to_string();
        let made = succeed(command(&sandbox, &dir, "make").env("GOROOT", "/nonexistent/go"));
        let lines: Vec<_> = made.lines().collect();
        assert!(
            lines[0].starts_with(&format!("go version {} ", wanted.toolchain)),
            "{made}"
        );
        assert_eq!(&lines[1..], [goroot.as_str(), wanted.toolchain], "{made}");
        fs_err::write(dir.join("ugly.go"), "package main\nfunc  ugly( ) { }\n").unwrap();
        assert_eq!(
            succeed(command(&sandbox, &dir, "gofmt").arg("-l").arg("ugly.go")),
            "ugly.go\n"
        );
        // gofmt has no version to tell; what it executes does.
        let trace = dir.join("trace.txt");
        let gofmt = real_home().join("shims/gofmt");
        succeed(
            command(&sandbox, &dir, "strace")
                .args(["-f", "-s", "4096", "-e", "trace=execve", "-o"])
                .arg(&trace)
                .arg(gofmt)
                .arg("-l")
                .arg("ugly.go"),
        );
        let trace = fs_err::read_to_string(&trace).unwrap();
        assert!(
            trace.contains(&format!("execve(\"{goroot}/bin/gofmt\"")),
            "{trace}"
        );
    }
}

#[test]
fn names_and_queries_reach_any_sdk_from_anywhere() {
    let sandbox = Sandbox::new();
    let dir = project(&sandbox, &PROJECTS[0]);
    let goroot = |toolchain: &str| {
        real_home()
            .join("sdks")
            .join(toolchain)
            .display()
            .to_string()
    };
    for toolchain in ["go1.21.13", "go1.22.10", "go1.27.3"] {
        let named =
            succeed(command(&sandbox, &dir, toolchain).args(["env", "GOROOT", "GOVERSION"]));
        assert_eq!(named, format!("{}\n{toolchain}\n", goroot(toolchain)));
        let queried = succeed(command(&sandbox, &dir, "go").args([
            &format!("+{toolchain}"),
            "env",
            "GOROOT",
            "GOVERSION",
        ]));
        assert_eq!(queried, format!("{}\n{toolchain}\n", goroot(toolchain)));
        succeed(command(&sandbox, &dir, toolchain).arg("download"));
    }
}

#[test]
fn cmd_go_itself_switches_to_our_sdks_and_downloads_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "project/m/go.mod",
        "module m\n\ngo 1.21\n\ntoolchain go1.27.3\n",
    );
    let dir = sandbox.project().join("m");
    let mut switched = command(&sandbox, &dir, "go");
    switched
        .args(["env", "GOVERSION", "GOROOT"])
        .env("GOSHIM_POLICY", "native")
        .env("GOSHIM_VERSION", "")
        .env("GODEBUG", "toolchaintrace=1");
    sandbox.write("project/m/.go-version", "1.21.13\n");
    let said = succeed(&mut switched);
    assert_eq!(
        said,
        format!(
            "go1.27.3\n{}\n",
            real_home().join("sdks/go1.27.3").display()
        )
    );
}

#[test]
fn a_held_selection_stays_below_a_newer_toolchain_line() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "project/m/go.mod",
        "module m\n\ngo 1.21\n\ntoolchain go1.27.3\n",
    );
    sandbox.write("project/m/.go-version", "1.22.10\n");
    let dir = sandbox.project().join("m");
    assert_eq!(
        succeed(command(&sandbox, &dir, "go").args(["env", "GOVERSION"])),
        "go1.22.10\n"
    );
}

#[test]
fn the_toolchain_line_is_edited_by_the_release_s_own_go() {
    let sandbox = Sandbox::new();
    let before = "// A comment.\nmodule m // of mine\n\ngo 1.21\n\nrequire example.com/a v1.0.0 // indirect\n";
    let file = sandbox.write("project/m/go.mod", before);
    let deep = sandbox.mkdir("project/m/a/b");
    let goshim = |query: &str| {
        let mut command = goshim(&sandbox, real_home());
        command
            .args(["use", query, "--toolchain"])
            .current_dir(&deep)
            .env("PWD", &deep);
        command
    };
    succeed(&mut goshim("1.22"));
    let expected = before.replace("go 1.21\n", "go 1.21\n\ntoolchain go1.22.10\n");
    assert_eq!(fs_err::read_to_string(&file).unwrap(), expected);
    assert_eq!(
        succeed(command(&sandbox, &deep, "go").args(["env", "GOVERSION"])),
        "go1.22.10\n"
    );
    // An older release does it as well where the line names a newer one.
    succeed(&mut goshim("1.21.13"));
    let expected = expected.replace("1.22.10", "1.21.13");
    assert_eq!(fs_err::read_to_string(&file).unwrap(), expected);
    // A go.work takes the place of go.mod.
    let work = sandbox.write("project/go.work", "go 1.21\n\nuse ./m\n");
    succeed(&mut goshim("1.27.3"));
    assert_eq!(
        fs_err::read_to_string(work).unwrap(),
        "go 1.21\n\ntoolchain go1.27.3\n\nuse ./m\n"
    );
    assert_eq!(fs_err::read_to_string(&file).unwrap(), expected);
    assert_eq!(
        succeed(command(&sandbox, &deep, "go").args(["env", "GOVERSION"])),
        "go1.27.3\n"
    );
    // What cmd/go refuses to edit stays as it is, and cmd/go says why.
    sandbox.write("project/go.work", "go 1.21\n\nuse ./m\n\nnonsense\n");
    let output = goshim("1.22").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("unknown directive: nonsense") && said.contains("could not edit"),
        "{said}"
    );
}

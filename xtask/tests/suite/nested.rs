//! Go that starts go, with real SDKs: each call gets the SDK of its own directory or name, with its own GOROOT.
//!
//! Nothing can be downloaded here: GOPROXY is off, or a directory without archives of toolchains, and no index is named.

use std::io::Write;
use std::path::{Path, PathBuf};

use goshim_test_support::Sandbox;
use serde_json::{Map, Value};
use zip::write::SimpleFileOptions;

use crate::product::{real_home, shown, succeed};
use crate::real_sdks::command;

fn goroot(toolchain: &str) -> String {
    real_home()
        .join("sdks")
        .join(toolchain)
        .display()
        .to_string()
}

/// What `go env GOVERSION GOROOT` says of a toolchain.
fn said_of(toolchain: &str) -> String {
    format!("{toolchain}\n{}\n", goroot(toolchain))
}

/// A module that is pinned to `pin`, with a program that runs its arguments in the directory that the first one names.
fn runner(sandbox: &Sandbox, name: &str, pin: &str) -> PathBuf {
    let main = "package main\n\nimport (\n\t\"os\"\n\t\"os/exec\"\n)\n\nfunc main() {\n\tcmd := exec.Command(os.Args[2], os.Args[3:]...)\n\tcmd.Dir = os.Args[1]\n\tcmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr\n\tif cmd.Run() != nil {\n\t\tos.Exit(cmd.ProcessState.ExitCode())\n\t}\n}\n";
    sandbox.write(&format!("project/{name}/main.go"), main);
    sandbox.write(
        &format!("project/{name}/go.mod"),
        "module runner\n\ngo 1.20\n",
    );
    sandbox.write(&format!("project/{name}/.go-version"), format!("{pin}\n"));
    sandbox.project().join(name)
}

#[test]
fn a_program_runs_go_in_another_module_and_by_name() {
    let sandbox = Sandbox::new();
    let outer = runner(&sandbox, "outer", "1.22.10");
    sandbox.write(
        "project/other/go.mod",
        "module other\n\ngo 1.21\n\ntoolchain go1.21.13\n",
    );
    sandbox.write("project/other/main.go", "package main\n\nfunc main() {}\n");
    sandbox.write("project/newest/go.mod", "module newest\n\ngo 1.27.3\n");
    let (other, newest) = (
        sandbox.project().join("other"),
        sandbox.project().join("newest"),
    );
    let question = ["env", "GOVERSION", "GOROOT"];
    let built = outer.join("runner");
    succeed(
        command(&sandbox, &outer, "go")
            .args(["build", "-o"])
            .arg(&built)
            .arg("."),
    );
    for dir_and_toolchain in [(&other, "go1.21.13"), (&newest, "go1.27.3")] {
        let (dir, toolchain) = dir_and_toolchain;
        // Under go run, whose GOROOT the child inherits; and as a program of its own.
        let ran = succeed(
            command(&sandbox, &outer, "go")
                .args(["run", "."])
                .arg(dir)
                .arg("go")
                .args(question),
        );
        assert_eq!(ran, said_of(toolchain));
        let ran = succeed(
            command(&sandbox, &outer, built.to_str().unwrap())
                .arg(dir)
                .arg("go")
                .args(question),
        );
        assert_eq!(ran, said_of(toolchain));
    }
    // By name, from under go run of another version.
    let vetted = succeed(
        command(&sandbox, &outer, "go")
            .args(["run", "."])
            .arg(&other)
            .args(["go1.21.13", "vet", "./..."]),
    );
    assert_eq!(vetted, "");
    for toolchain in ["go1.21.13", "go1.22.10"] {
        let ran = succeed(
            command(&sandbox, &outer, "go")
                .args(["run", "."])
                .arg(&other)
                .arg(toolchain)
                .args(question),
        );
        assert_eq!(ran, said_of(toolchain), "by name");
    }
    assert!(
        succeed(
            command(&sandbox, &newest, "go1.22.10")
                .arg("version")
                .env("GOTOOLCHAIN", "local")
        )
        .starts_with("go version go1.22.10 ")
    );
    // cmd/go of 1.21.13 goes to the newer SDK by itself, and finds ours.
    let switched = succeed(command(&sandbox, &newest, "go1.21.13").args(question));
    assert_eq!(switched, said_of("go1.27.3"));
    let switched = succeed(
        command(&sandbox, &outer, "go")
            .args(["run", "."])
            .arg(&newest)
            .arg("go1.21.13")
            .args(question),
    );
    assert_eq!(switched, said_of("go1.27.3"));
}

#[test]
fn make_j8_runs_go_in_eight_jobs_with_its_job_server() {
    let sandbox = Sandbox::new();
    let outer = runner(&sandbox, "outer", "1.22.10");
    let makefile = "JOBS = 1 2 3 4 5 6 7 8\nall: $(JOBS)\n$(JOBS):\n\t+@go env GOVERSION > $@.txt && $(MAKE) --no-print-directory -f sub.mk $@.sub\n.PHONY: all $(JOBS)\n";
    sandbox.write("project/outer/Makefile", makefile);
    sandbox.write("project/outer/sub.mk", "%.sub:\n\t@go env GOROOT > $@\n");
    let output = command(&sandbox, &outer, "make")
        .arg("-j8")
        .output()
        .unwrap();
    // A lost job server would be a warning here.
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        shown(&output)
    );
    for job in 1..=8 {
        let version = fs_err::read_to_string(outer.join(format!("{job}.txt"))).unwrap();
        let root = fs_err::read_to_string(outer.join(format!("{job}.sub"))).unwrap();
        assert_eq!(
            (version.as_str(), root.trim()),
            ("go1.22.10\n", goroot("go1.22.10").as_str())
        );
    }
}

/// A module proxy in a directory: a tool whose go line is above the pin, and the list of toolchains of the checksum database's module.
fn module_proxy(sandbox: &Sandbox) -> PathBuf {
    let main = "package main\n\nimport (\n\t\"fmt\"\n\t\"runtime\"\n)\n\nfunc main() { fmt.Println(runtime.Version()) }\n";
    let go_mod = "module example.com/tool\n\ngo 1.27.3\n";
    let versions = "proxy/example.com/tool/@v";
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [("go.mod", go_mod), ("main.go", main)] {
        zip.start_file(
            format!("example.com/tool@v1.0.0/{name}"),
            SimpleFileOptions::default(),
        )
        .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    sandbox.write(
        &format!("{versions}/v1.0.0.zip"),
        zip.finish().unwrap().into_inner(),
    );
    sandbox.write(&format!("{versions}/v1.0.0.mod"), go_mod);
    sandbox.write(
        &format!("{versions}/v1.0.0.info"),
        "{\"Version\":\"v1.0.0\",\"Time\":\"2026-01-01T00:00:00Z\"}",
    );
    sandbox.write(&format!("{versions}/list"), "v1.0.0\n");
    // What cmd/go may choose from; the archives themselves are not there, so a download would fail.
    sandbox.write(
        "proxy/golang.org/toolchain/@v/list",
        "v0.0.1-go1.27.3.linux-amd64\nv0.0.1-go1.22.10.linux-amd64\n",
    );
    sandbox.root().join("proxy")
}

#[test]
fn install_of_a_tool_that_needs_a_newer_go_than_the_pin() {
    let sandbox = Sandbox::new();
    let proxy = module_proxy(&sandbox);
    let outer = runner(&sandbox, "outer", "1.22.10");
    for (verb, argument) in [
        ("install", "example.com/tool@v1.0.0"),
        ("run", "example.com/tool@v1.0.0"),
    ] {
        let mut go = command(&sandbox, &outer, "go");
        go.args([verb, argument])
            .env("GOPROXY", format!("file://{}", proxy.display()))
            .env("GOSUMDB", "off")
            .env("GOBIN", sandbox.bin());
        let output = go.output().unwrap();
        assert!(output.status.success(), "{}", shown(&output));
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("switching to go1.27.3"),
            "{}",
            shown(&output)
        );
        let said = match verb {
            "install" => succeed(&mut sandbox.command(sandbox.bin().join("tool"))),
            _ => String::from_utf8_lossy(&output.stdout).into_owned(),
        };
        assert_eq!(said, "go1.27.3\n");
    }
    assert!(
        !sandbox.home().join("go/pkg/mod/golang.org").exists(),
        "no toolchain was downloaded"
    );
}

/// What VS Code's extension does: it asks once, and gives what it heard to all further calls, in every folder.
#[test]
fn an_editor_that_exports_what_go_env_said_gets_each_project_s_sdk() {
    let sandbox = Sandbox::new();
    let pinned = runner(&sandbox, "pinned", "1.22.10");
    sandbox.write(
        "project/line/go.mod",
        "module line\n\ngo 1.21\n\ntoolchain go1.21.13\n",
    );
    let projects = [
        (pinned, "go1.22.10"),
        (sandbox.project().join("line"), "go1.21.13"),
    ];
    for (first, toolchain) in &projects {
        let version = succeed(command(&sandbox, first, "go").arg("version"));
        assert!(
            version.starts_with(&format!("go version {toolchain} ")),
            "{version}"
        );
        let heard = succeed(command(&sandbox, first, "go").args(["env", "-json"]));
        let heard: Map<String, Value> = serde_json::from_str(&heard).unwrap();
        assert_eq!(heard["GOROOT"], goroot(toolchain));
        for (project, toolchain) in &projects {
            let ask = |arguments: &[&str]| {
                let mut go = command(&sandbox, project, "go");
                let exported = heard.iter().filter(|(name, _)| *name != "GOROOT");
                go.envs(exported.map(|(name, value)| (name, value.as_str().unwrap())));
                succeed(go.args(arguments))
            };
            let said = ask(&["version"]);
            assert!(
                said.starts_with(&format!("go version {toolchain} ")),
                "{said}"
            );
            let again: Map<String, Value> = serde_json::from_str(&ask(&["env", "-json"])).unwrap();
            assert_eq!(
                (&again["GOROOT"], &again["GOVERSION"]),
                (&Value::from(goroot(toolchain)), &Value::from(*toolchain))
            );
        }
    }
}

/// The reader goes away after one line; go's end is the same with and without the shim.
#[test]
fn the_end_of_go_test_json_whose_reader_goes_away() {
    let sandbox = Sandbox::new();
    let outer = runner(&sandbox, "outer", "1.22.10");
    let test = "package main\n\nimport \"testing\"\n\nfunc TestLoud(t *testing.T) {\n\tfor i := 0; i < 50000; i++ {\n\t\tt.Log(i)\n\t}\n}\n";
    fs_err::write(outer.join("main_test.go"), test).unwrap();
    let direct = Path::new(&goroot("go1.22.10")).join("bin/go");
    succeed(command(&sandbox, &outer, "go").args(["test", "-c", "-o", "/dev/null", "."]));
    for state in ["", "trap '' PIPE; "] {
        let run = |go: &str| {
            let mut bash = command(&sandbox, &outer, "bash");
            let script =
                format!("{state}\"$1\" test -json -count=1 . | head -1; echo ${{PIPESTATUS[*]}}");
            let output = bash.args(["-c", &script, "bash", go]).output().unwrap();
            let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
            let lines: Vec<_> = stdout
                .lines()
                .map(|line| line.split("\"Action\"").last().unwrap().to_owned())
                .collect();
            assert_eq!(lines.len(), 2, "{}", shown(&output));
            lines
        };
        assert_eq!(run("go"), run(direct.to_str().unwrap()), "{state}");
    }
}

//! Projects with their own layout and environment, and real Go: what is declared is what go sees, and no private name reaches a public proxy.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use goshim_test_support::{Mirror, Sandbox};
use serde_json::Value;
use zip::write::SimpleFileOptions;

use crate::product::{goshim, on_path, real_home, shown, succeed};

/// A module proxy in a directory, with version v1.0.0 of these modules.
fn module_proxy(dir: &Path, modules: &[&str]) {
    for module in modules {
        let versions = dir.join(module).join("@v");
        fs_err::create_dir_all(&versions).unwrap();
        let go_mod = format!("module {module}\n\ngo 1.20\n");
        fs_err::write(versions.join("list"), "v1.0.0\n").unwrap();
        fs_err::write(
            versions.join("v1.0.0.info"),
            "{\"Version\":\"v1.0.0\",\"Time\":\"2024-01-02T03:04:05Z\"}",
        )
        .unwrap();
        fs_err::write(versions.join("v1.0.0.mod"), &go_mod).unwrap();
        let mut zip =
            zip::ZipWriter::new(fs_err::File::create(versions.join("v1.0.0.zip")).unwrap());
        for (name, text) in [
            ("go.mod", go_mod.as_str()),
            ("lib.go", "package lib\n\nconst Name = \"it\"\n"),
        ] {
            zip.start_file(
                format!("{module}@v1.0.0/{name}"),
                SimpleFileOptions::default(),
            )
            .unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
    }
}

/// A project that needs `module`; its `.goshim.toml` is `settings`.
fn project(sandbox: &Sandbox, name: &str, module: &str, settings: &str) -> PathBuf {
    sandbox.write(
        &format!("{name}/go.mod"),
        format!("module example.com/{name}\n\ngo 1.21\n\nrequire {module} v1.0.0\n"),
    );
    sandbox.write(
        &format!("{name}/main.go"),
        format!("package main\n\nimport lib \"{module}\"\n\nfunc main() {{ println(lib.Name) }}\n"),
    );
    sandbox.write(&format!("{name}/.goshim.toml"), settings);
    sandbox.root().join(name)
}

/// The store's Go with a state of this sandbox's own: trust is the user's, and the store is shared by tests.
fn go(sandbox: &Sandbox, dir: &Path, arguments: &[&str], profile: &str) -> std::process::Command {
    let mut command = on_path(sandbox, real_home(), "go");
    command
        .current_dir(dir)
        .env("PWD", dir)
        .args(arguments)
        .env("GOSHIM_PROFILE", profile);
    command.env(
        "GOCACHE",
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("go build cache"),
    );
    command.env("GONOSUMDB", "*");
    command
}

/// The id under which a project's settings are trusted.
fn id(sandbox: &Sandbox, dir: &Path) -> String {
    let mut show = goshim(sandbox, real_home());
    let json = succeed(
        show.current_dir(dir)
            .env("PWD", dir)
            .args(["trust", "--show", "--json"]),
    );
    let json: Value = serde_json::from_str(&json).unwrap();
    json[0]["id"].as_str().unwrap().to_owned()
}

fn go_env(sandbox: &Sandbox, dir: &Path, profile: &str, ids: &str) -> BTreeMap<String, String> {
    let json = succeed(go(sandbox, dir, &["env", "-json"], profile).env("GOSHIM_TRUST", ids));
    serde_json::from_str(&json).unwrap()
}

#[test]
fn two_projects_build_side_by_side_each_with_its_own_environment() {
    let sandbox = Sandbox::new();
    let proxy = sandbox.mkdir("proxy");
    module_proxy(&proxy, &["example.com/one", "example.com/two"]);
    let proxy = format!("file://{}", proxy.display().to_string().replace(' ', "%20"));
    let settings = |version: &str, profile: &str| {
        format!(
            "[go]\nversion = \"{version}\"\n[layout]\nkind = \"per-project\"\n[env]\nGOPROXY = \"off\"\nGOFLAGS = [\"-mod=mod\", \"-modcacherw\", \"-tags=base\"]\nCGO_ENABLED = \"0\"\n[profile.{profile}.env]\nGOPROXY = \"{proxy}\"\nGOFLAGS = [\"-mod=mod\", \"-modcacherw\", \"-tags={profile}\"]\n"
        )
    };
    let one = project(
        &sandbox,
        "one",
        "example.com/one",
        &settings("1.22.10", "dev"),
    );
    let two = project(
        &sandbox,
        "two",
        "example.com/two",
        &settings("1.27.3", "prod"),
    );
    let ids = format!("{},{}", id(&sandbox, &one), id(&sandbox, &two));
    let mut gopaths = Vec::new();
    for (dir, version, profile) in [(&one, "go1.22.10", "dev"), (&two, "go1.27.3", "prod")] {
        let env = go_env(&sandbox, dir, profile, &ids);
        // Exactly what is declared, and for the rest what go says without goshim's word.
        let mut plain = go(&sandbox, dir, &["env", "-json"], "");
        fs_err::rename(dir.join(".goshim.toml"), dir.join("away")).unwrap();
        let plain: BTreeMap<String, String> =
            serde_json::from_str(&succeed(plain.env("GOSHIM_VERSION", version))).unwrap();
        fs_err::rename(dir.join("away"), dir.join(".goshim.toml")).unwrap();
        let differing: Vec<&str> = env
            .iter()
            // The directory for temporary files is another one in each call.
            .filter(|(name, value)| plain.get(*name) != Some(value) && *name != "GOGCCFLAGS")
            .map(|(name, _)| name.as_str())
            .collect();
        let declared = [
            "CGO_ENABLED",
            "GOBIN",
            "GOFLAGS",
            "GOPATH",
            "GOPROXY",
            "GOTOOLCHAIN",
        ];
        assert!(
            differing.iter().all(|name| declared.contains(name)),
            "{differing:?}"
        );
        for name in &declared[..5] {
            assert!(
                differing.contains(name),
                "{name} is not what the file declares: {differing:?}"
            );
        }
        assert_eq!(env["GOVERSION"], version);
        assert_eq!(env["GOPROXY"], proxy);
        assert_eq!(
            env["GOFLAGS"],
            format!("-mod=mod -modcacherw -tags={profile}")
        );
        assert_eq!(env["CGO_ENABLED"], "0");
        assert_eq!(
            env["GOMODCACHE"],
            sandbox.home().join("go/pkg/mod").display().to_string(),
            "shared"
        );
        let layouts = real_home().join("layouts");
        assert!(
            Path::new(&env["GOPATH"]).starts_with(&layouts)
                && Path::new(&env["GOBIN"]).starts_with(&layouts)
        );
        gopaths.push(env["GOPATH"].clone());
    }
    assert_ne!(gopaths[0], gopaths[1]);
    assert_both_install(&sandbox, &one, &two, &ids);
    // Without its profile each stays offline, which is free; without trust it is refused.
    let refused = go(&sandbox, &one, &["env", "GOPROXY"], "dev")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(78), "{}", shown(&refused));
}

/// Both projects install their program at the same time, each into its own GOBIN, where `goshim exec` finds it.
fn assert_both_install(sandbox: &Sandbox, one: &Path, two: &Path, ids: &str) {
    let install = |dir: &Path, profile: &str| {
        let mut command = go(sandbox, dir, &["install", "."], profile);
        command
            .env("GOSHIM_TRUST", ids)
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    };
    let running = [install(one, "dev"), install(two, "prod")];
    for child in running {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", shown(&output));
    }
    for (dir, profile, other) in [(one, "dev", "two"), (two, "prod", "one")] {
        let name = dir.file_name().unwrap().to_str().unwrap();
        let mut exec = goshim(sandbox, real_home());
        exec.current_dir(dir)
            .env("PWD", dir)
            .env("GOSHIM_TRUST", ids)
            .env("GOSHIM_PROFILE", profile);
        let found = succeed(exec.args([
            "exec",
            "sh",
            "-c",
            &format!("command -v {name}; command -v {other} || echo none"),
        ]));
        let env = go_env(sandbox, dir, profile, ids);
        assert_eq!(found, format!("{}/{name}\nnone\n", env["GOBIN"]));
        // What the tests made in the shared store goes again.
        let mut clean = goshim(sandbox, real_home());
        succeed(
            clean
                .current_dir(dir)
                .env("PWD", dir)
                .args(["layout", "clean"]),
        );
        assert!(!Path::new(&env["GOBIN"]).exists());
    }
}

#[test]
fn a_private_name_is_never_asked_of_the_public_proxy() {
    let sandbox = Sandbox::new();
    let files = sandbox.mkdir("public");
    module_proxy(
        &files.join("proxy"),
        &["example.com/public", "corp.invalid/secret"],
    );
    let public = Mirror::start(&files).unwrap();
    let proxy = format!("{}proxy", public.url());
    let settings = "[go]\nversion = \"1.27.3\"\n[env]\nGOPRIVATE = \"corp.invalid\"\nGOFLAGS = [\"-mod=mod\", \"-modcacherw\"]\n";
    let dir = project(&sandbox, "app", "corp.invalid/secret", settings);
    let id = id(&sandbox, &dir);
    let asked = |variables: &[(&str, &str)]| {
        let mut command = go(&sandbox, &dir, &["build", "-o", "/dev/null", "."], "");
        // The private host is nobody's, and is asked of no name server.
        command
            .env("GOPROXY", &proxy)
            .env("GOVCS", "*:off")
            .env("GOPATH", sandbox.mkdir("gopath"))
            .envs(variables.iter().copied());
        let output = command.output().unwrap();
        let asked = public
            .requests()
            .iter()
            .filter(|request| format!("{request:?}").contains("corp.invalid"))
            .count();
        (output, asked)
    };
    for variables in [
        &[("GOSHIM_TRUST", id.as_str())][..],
        &[],
        &[("GOSHIM_UNTRUSTED", "ignore")],
    ] {
        let (output, asked) = asked(variables);
        assert_eq!(asked, 0, "{variables:?} {}", shown(&output));
        assert!(!output.status.success(), "{}", shown(&output));
    }
    // The count sees what there is to see: without the setting the name goes out.
    fs_err::write(
        dir.join(".goshim.toml"),
        settings.replace("GOPRIVATE = \"corp.invalid\"", "GONOSUMDB = \"*\""),
    )
    .unwrap();
    let id = self::id(&sandbox, &dir);
    let (output, asked) = asked(&[("GOSHIM_TRUST", &id)]);
    assert!(asked > 0, "{}", shown(&output));
}

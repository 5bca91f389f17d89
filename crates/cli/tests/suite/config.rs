//! `goshim config`: each value with who says so.

use crate::support::{GO, Ran, World};

#[test]
fn variables_come_before_the_users_file_and_that_before_the_machines() {
    let world = World::installed(&[GO]);
    let user = world.sandbox.write(
        "home/.config/goshim/config.toml",
        "policy = \"exact\"\nstrict = true\ntrusted_dirs = [\"/a\"]\nindex = \"https://me:secret@mirror.example/\"\n[env]\nGOFLAGS = [\"-race\"]\nA = \"user\"\n",
    );
    let machine = world.sandbox.write(
        "machine.toml",
        "policy = \"floor\"\nauto_install = \"never\"\nlayout = \"per-version\"\ntrusted_dirs = [\"/b\"]\nenv = { A = \"machine\", B = \"machine\" }\n[http]\nretries = 5\n",
    );
    let mut command = world.goshim(["config"]);
    command
        .env_remove("GOSHIM_INDEX_URL")
        .env_remove("GOSHIM_MIRROR")
        .env("GOSHIM_STRICT", "0");
    let ran = Ran::of(&mut command).succeeded();
    let (user, machine) = (user.display(), machine.display());
    for line in [
        format!("policy = \"exact\"  ({user})"),
        "strict = 0  (GOSHIM_STRICT)".to_owned(),
        format!("auto_install = \"never\"  ({machine})"),
        "auto_install_min = \"1.21.1\"  (default)".to_owned(),
        format!("layout = \"per-version\"  ({machine})"),
        "untrusted = \"refuse\"  (default)".to_owned(),
        format!("trusted_dirs = [\"/a\"]  ({user})"),
        format!("trusted_dirs = [\"/b\"]  ({machine})"),
        format!("index = \"https://…@mirror.example/\"  ({user})"),
        "mirrors = (not set)  (default)".to_owned(),
        format!("http.retries = 5  ({machine})"),
        "http.timeout = 30  (default)".to_owned(),
        format!("env.GOFLAGS = [\"-race\"]  ({user})"),
        format!("env.A = \"user\"  ({user})"),
        format!("env.B = \"machine\"  ({machine})"),
    ] {
        assert!(
            ran.stdout.lines().any(|there| there == line),
            "no `{line}`\n{ran}"
        );
    }
    assert_eq!(ran.stdout.matches("env.A").count(), 1, "{ran}");
    let json = world.ok(["config", "--json"]).json();
    let index = json
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["key"] == "index")
        .unwrap();
    assert_eq!(index["origin"]["kind"], "variable");
    assert_eq!(index["origin"]["name"], "GOSHIM_INDEX_URL");
    world.sandbox.write("machine.toml", "policy = 1\n");
    world.run(["config"]).refused(1, "machine.toml:1:10: ");
}

//! `goshim config`: each value with who says so.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

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
        "strict = false  (GOSHIM_STRICT)".to_owned(),
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

/// The user's file.
const FILE: &str = "home/.config/goshim/config.toml";

fn text(world: &World) -> String {
    fs_err::read_to_string(world.sandbox.root().join(FILE)).unwrap()
}

#[test]
fn set_get_and_unset() {
    let world = World::installed(&[GO]);
    let get = |key: &str| world.run(["config", "get", key]);
    assert_eq!(get("auto_install").succeeded().stdout, "always\n");
    world
        .ok(["config", "set", "auto_install", "ask"])
        .said("auto_install is \"ask\" in ~/.config/goshim/config.toml\n");
    assert_eq!(text(&world), "auto_install = \"ask\"\n");
    world
        .ok(["config", "set", "auto_install", "never"])
        .said("it was \"ask\"");
    world
        .ok(["config", "set", "auto_install", "never"])
        .said("already");
    for (key, values, printed) in [
        ("strict", &["true"][..], "true\n"),
        ("http.timeout", &["0.5"], "0.5\n"),
        ("http.retries", &["3"], "3\n"),
        ("trusted_dirs", &["/a b", "/c"], "/a b\n/c\n"),
        (
            "env.GOFLAGS",
            &["-mod=readonly", "-race"],
            "-mod=readonly\n-race\n",
        ),
        ("env.CC", &["cc -m\"64\""], "cc -m\"64\"\n"),
    ] {
        world.ok(["config", "set", key]
            .into_iter()
            .chain(values.iter().copied()));
        assert_eq!(get(key).succeeded().stdout, printed, "{key}");
    }
    let listed = world.ok(["config", "list"]).stdout;
    assert!(listed.contains("http.timeout = 0.5  ("), "{listed}");
    assert_eq!(listed, world.ok(["config"]).stdout);
    world
        .ok(["config", "unset", "auto_install"])
        .said("auto_install is not in ~/.config/goshim/config.toml any more; it was \"never\"")
        .said("what counts now: auto_install = \"always\"  (default)");
    world
        .ok(["config", "unset", "auto_install"])
        .said("is not in");
    // Neither set nor with a default.
    let ran = get("http.ca_file")
        .ended_with(1)
        .said("http.ca_file is not set");
    assert_eq!(ran.stdout, "");
    get("env.NOTHING").ended_with(1);
}

#[test]
fn what_the_reader_would_refuse_is_never_written() {
    let world = World::installed(&[GO]);
    let mine = "# mine\nstrict = true # always\n";
    let file = world.sandbox.write(FILE, mine);
    for (arguments, reason) in [
        (
            &["policy", "fast"][..],
            "`fast` is no value for policy: it takes \"project\", \"exact\", \"floor\" or \"native\"",
        ),
        (
            &["strict", "yes"],
            "`yes` is no value for strict: it takes true or false",
        ),
        (&["strict", "true", "false"], "it is one value, and no list"),
        (&["auto_install_min", "x"], "is not a Go release"),
        (&["stores", "relative"], "not absolute"),
        (&["trusted_dirs", "x"], "is not absolute"),
        (
            &["http.timeout", "soon"],
            "`soon` is no value for http.timeout",
        ),
        (&["http.timeout", "-1"], "is no value for http.timeout"),
        (&["http.retries", "1.5"], "is no value for http.retries"),
        (
            &["http.retries", "21"],
            "http.retries in config.toml is `21`, not a whole number from 0 to 20",
        ),
        (&["mirrors", "/a,,/b"], "an entry is empty"),
        (&["mirrors", ""], "an entry is empty"),
        (&["stores", "[/a]"], "it is no array of TOML"),
        (&["trusted_dirs", "[\"/a\"", "\"/b\"]"], "it is no array"),
        (&["mirrors", "[1]"], "it is no array of TOML with texts"),
        (
            &["index", "https://a.example/,https://b.example/"],
            "several addresses",
        ),
        (&["index", "ftp://x"], "is no value for index"),
        (&["mirrors", "relative"], "mirrors"),
        (&["env.GOROOT", "/x"], "goshim sets no variable `GOROOT`"),
        (&["env.GOPATH", "x"], "the directory is not absolute"),
        (&["polcy", "exact"], "has no key `polcy`"),
        (&["env.A\nB", "x"], "has no key"),
        (&["go.version", "1.22"], "has no key"),
    ] {
        let command = ["config", "set"]
            .into_iter()
            .chain(arguments.iter().copied());
        world.run(command).refused(2, reason).printed_plainly();
    }
    world
        .run(["config", "set", "polcy", "exact"])
        .said("write policy, if that is what is meant");
    world
        .run(["config", "get", "http.timeot"])
        .refused(2, "no key")
        .said("http.timeout");
    world
        .run(["config", "unset", "nonsense"])
        .refused(2, "no key");
    assert_eq!(fs_err::read_to_string(file).unwrap(), mine);
}

#[test]
fn a_list_is_typed_as_words_with_commas_or_as_toml() {
    let world = World::installed(&[GO]);
    let both = "mirrors = [\"https://a.example/\", \"/mnt/go\"]\n";
    for words in [
        &["https://a.example/", "/mnt/go"][..],
        &["https://a.example/,/mnt/go"],
        &["https://a.example/,", "/mnt/go"],
        &["[\"https://a.example/\", '/mnt/go']"],
        &["[\"https://a.example/\"]", "/mnt/go"],
    ] {
        world.sandbox.write(FILE, "");
        let command = ["config", "set", "mirrors"].into_iter();
        let ran = world.run(command.chain(words.iter().copied()));
        if words.first().is_some_and(|word| word.ends_with(',')) {
            ran.refused(2, "an entry is empty");
            continue;
        }
        ran.succeeded();
        assert_eq!(text(&world), both, "{words:?}");
    }
    // A directory may have a comma in its name, and a flag often has.
    world.sandbox.write(FILE, "");
    world.ok(["config", "set", "stores", "[\"/a,b\"]"]);
    world.ok(["config", "set", "trusted_dirs", "/a,/b", "/c"]);
    world.ok(["config", "set", "env.GOFLAGS", "-tags=a,b", "-v"]);
    assert_eq!(
        text(&world),
        "stores = [\"/a,b\"]\ntrusted_dirs = [\"/a\", \"/b\", \"/c\"]\n\n[env]\nGOFLAGS = [\"-tags=a,b\", \"-v\"]\n"
    );
    world.ok(["config", "set", "stores", "[]"]);
    // What an older goshim, or a hand, wrote as one entry is not asked as one server.
    let wrong = "mirrors = [\"https://a.example/,https://b.example/\"]\n";
    world.sandbox.write(FILE, wrong);
    let mut install = world.goshim(["install", "1.22.10"]);
    Ran::of(install.env_remove("GOSHIM_MIRROR"))
        .refused(
            1,
            "mirrors in config.toml has one entry with several addresses in it",
        )
        .said("write each as an entry of its own");
}

/// Whoever says so, a setting has the same form for programs.
#[test]
fn json_has_values_and_no_toml() {
    let world = World::installed(&[GO]);
    world.sandbox.write(
        FILE,
        "policy = \"exact\"\nmirrors = [\"/a\", \"/b\"]\nstrict = true\n[http]\ntimeout = 0.5\nretries = 3\n",
    );
    let value_of = |ran: &Ran, key: &str| {
        let json = ran.json();
        let entries = json.as_array().unwrap();
        let entry = entries.iter().find(|entry| entry["key"] == key).unwrap();
        entry["value"].clone()
    };
    let mut command = world.goshim(["config", "--json"]);
    let files = Ran::of(command.env_remove("GOSHIM_MIRROR"));
    let mut command = world.goshim(["config", "--json"]);
    command
        .env("GOSHIM_POLICY", "exact")
        .env("GOSHIM_MIRROR", "/a, /b")
        .env("GOSHIM_STRICT", "1")
        .env("GOSHIM_HTTP_TIMEOUT", "0.5")
        .env("GOSHIM_HTTP_RETRIES", "3");
    let variables = Ran::of(&mut command);
    for (key, expected) in [
        ("policy", json!("exact")),
        ("mirrors", json!(["/a", "/b"])),
        ("strict", json!(true)),
        ("http.timeout", json!(0.5)),
        ("http.retries", json!(3)),
        ("http.ca_file", json!(null)),
    ] {
        assert_eq!(value_of(&files, key), expected, "{key}");
        assert_eq!(value_of(&variables, key), expected, "{key}");
    }
    // Of a list each is on a line of its own, whoever says so.
    let mut get = world.goshim(["config", "get", "mirrors"]);
    let got = Ran::of(get.env("GOSHIM_MIRROR", "/a, /b"));
    assert_eq!(got.stdout, "/a\n/b\n");
}

#[test]
fn comments_order_and_permissions_stay() {
    let world = World::installed(&[GO]);
    let before = "# mine\npolicy='exact' # for the team\n\n[env]\nA = 'x'\n# the end\n";
    let file = world.sandbox.write(FILE, before);
    let mode = |mode| fs_err::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
    mode(0o600);
    world.ok(["config", "set", "policy", "floor"]);
    world.ok(["config", "set", "strict", "true"]);
    world.ok(["config", "set", "env.B", "y"]);
    assert_eq!(
        text(&world),
        "# mine\npolicy=\"floor\" # for the team\nstrict = true\n\n[env]\nA = 'x'\nB = \"y\"\n# the end\n"
    );
    let metadata = fs_err::metadata(&file).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    world.ok(["config", "unset", "strict"]);
    world.ok(["config", "unset", "env.B"]);
    assert_eq!(text(&world), before.replace("'exact'", "\"floor\""));
    // One that the person keeps elsewhere is written there, and the link stays one.
    let kept = world.sandbox.write("home/dotfiles/goshim.toml", "# kept\n");
    fs_err::remove_file(&file).unwrap();
    fs_err::os::unix::fs::symlink(&kept, &file).unwrap();
    world.ok(["config", "set", "policy", "exact"]);
    assert!(fs_err::symlink_metadata(&file).unwrap().is_symlink());
    assert_eq!(
        fs_err::read_to_string(&kept).unwrap(),
        "# kept\npolicy = \"exact\"\n"
    );
    mode(0o444);
    world
        .run(["config", "set", "policy", "floor"])
        .refused(1, "it is read-only");
    for (target, reason) in [
        ("nowhere", "leads nowhere"),
        ("/dev/null", "no regular file"),
    ] {
        fs_err::remove_file(&file).unwrap();
        fs_err::os::unix::fs::symlink(target, &file).unwrap();
        world
            .run(["config", "set", "policy", "floor"])
            .refused(1, reason);
    }
}

#[test]
fn who_overrules_it_is_said() {
    let world = World::installed(&[GO]);
    let mut set = world.goshim(["config", "set", "policy", "exact"]);
    Ran::of(set.env("GOSHIM_POLICY", "floor"))
        .succeeded()
        .said("here the variable GOSHIM_POLICY overrules it: \"floor\"");
    let machine = world.sandbox.write("machine.toml", "policy = \"native\"\n");
    let ran = world.ok(["config", "set", "policy", "project"]);
    assert!(!ran.stderr.contains("overrules"), "{ran}");
    world.ok(["config", "unset", "policy"]).said(&format!(
        "what counts now: policy = \"native\"  ({})",
        machine.display()
    ));
    // Passwords are for the servers alone.
    let secret = "https://me:secret@mirror.example/";
    let mut set = world.goshim(["config", "set", "index", secret]);
    set.env_remove("GOSHIM_INDEX_URL");
    let ran = Ran::of(&mut set).succeeded();
    assert!(!ran.stderr.contains("secret"), "{ran}");
    assert!(text(&world).contains(secret));
}

#[test]
fn a_broken_file_is_mended_key_by_key() {
    let world = World::installed(&[GO]);
    world
        .sandbox
        .write(FILE, "strict = true\npolicy = 'fast'\n");
    world.run(["which"]).refused(1, "config.toml:2:10: ");
    // Another key cannot be set before; the one that is wrong can.
    world
        .run(["config", "set", "strict", "false"])
        .refused(1, "config.toml:2:10: ")
        .said("mend that line first");
    world.ok(["config", "set", "policy", "exact"]);
    assert_eq!(text(&world), "strict = true\npolicy = \"exact\"\n");
    world.sandbox.write(FILE, "index = 'ftp://x'\n");
    world.ok(["config", "set", "mirrors", "/mnt/go"]);
    assert_eq!(text(&world), "index = 'ftp://x'\nmirrors = [\"/mnt/go\"]\n");
    world.sandbox.write(FILE, "strict = true\nnonsense = 1\n");
    world.ok(["config", "unset", "nonsense"]);
    assert_eq!(text(&world), "strict = true\n");
    world.sandbox.write(FILE, "strict = true\npolicy = [\n");
    for arguments in [
        &["set", "policy", "exact"][..],
        &["unset", "policy"],
        &["get", "policy"],
    ] {
        let command = ["config"].into_iter().chain(arguments.iter().copied());
        world.run(command).refused(1, "config.toml:");
    }
    assert_eq!(text(&world), "strict = true\npolicy = [\n");
}

#[test]
fn what_several_write_at_once_is_all_there() {
    let world = World::installed(&[GO]);
    // With and without a directory that is there already.
    for _ in 0..3 {
        several_write_at_once(&world);
        fs_err::remove_dir_all(world.sandbox.home().join(".config")).unwrap();
    }
    world.ok(["config", "set", "policy", "exact"]);
    several_write_at_once(&world);
}

fn several_write_at_once(world: &World) {
    let settings: Vec<_> = (0..16).map(|number| format!("env.A{number}")).collect();
    let children: Vec<_> = settings
        .iter()
        .map(|key| world.goshim(["config", "set", key, "x"]).spawn().unwrap())
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let text = text(world);
    for key in &settings {
        let line = format!("{} = \"x\"\n", key.trim_start_matches("env."));
        assert!(text.contains(&line), "{key}:\n{text}");
    }
}

/// What is written must be what can be read: else every command would fail from then on.
#[test]
fn a_file_does_not_become_too_large_to_be_read() {
    let world = World::installed(&[GO]);
    let file = "home/.config/goshim/config.toml";
    let long = "x".repeat(40_000);
    world.ok(["config", "set", "env.A", &long]);
    let before = text(&world);
    world
        .run(["config", "set", "env.B", &long])
        .refused(2, "is larger than 65536 bytes");
    assert_eq!(text(&world), before);
    world.ok(["list"]);
    world.sandbox.write(file, "# long\n".repeat(10_000));
    for words in [
        &["config", "set", "strict", "true"][..],
        &["config", "get", "strict"],
    ] {
        let ran = world.run(words.iter().copied());
        ran.refused(1, "is larger than 65536 bytes");
    }
    // The way out.
    world
        .sandbox
        .write(file, format!("env.A = \"{long}{long}\"\n"));
    world.run(["list"]).ended_with(1);
    world.ok(["config", "unset", "env.A"]);
    world.ok(["list"]);
}

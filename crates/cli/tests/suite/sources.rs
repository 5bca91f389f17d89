//! Where archives come from: mirrors in order, directories, files; and what the servers on the way get to know.

use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

use goshim_test_support::{Fault, Mirror, Script, host, stand_in};

use crate::support::{GO, RELEASE, Ran, World, sha256};

/// The index of `world`, and these mirrors.
fn from_mirrors(world: &World, mirrors: &[&str], arguments: &[&str]) -> Ran {
    let mut command = world.goshim(arguments.iter().copied());
    Ran::of(command.env("GOSHIM_MIRROR", mirrors.join(",")))
}

fn receipt(world: &World, name: &str) -> String {
    let file = format!("receipts/{name}.toml");
    fs_err::read_to_string(world.sandbox.goshim_home().join(file)).unwrap()
}

#[test]
fn mirrors_are_tried_in_their_order() {
    let world = World::new(&[GO]);
    let archive = host::archive_name(GO);
    let healthy = world.mirror.url();
    // A server that is gone, one without the file, one with a login page, one with other bytes, an empty directory, and then one.
    let gone = World::new(&[]).mirror.url();
    let lacking = World::new(&[]);
    let (portal, damaged) = (World::new(&[GO]), World::new(&[GO]));
    portal.mirror.set_fault(&archive, Some(Fault::Html));
    damaged
        .mirror
        .set_fault(&archive, Some(Fault::FlipByte(1000)));
    let empty = world.sandbox.mkdir("empty");
    let mirrors = [
        &*gone,
        &*lacking.mirror.url(),
        &*portal.mirror.url(),
        &*damaged.mirror.url(),
        empty.to_str().unwrap(),
        &*healthy,
    ];
    let ran = from_mirrors(&world, &mirrors, &["install", RELEASE])
        .succeeded()
        .said("Connection refused")
        .said("answered with status 404 Not Found: trying the next mirror")
        .said("a web page instead of a file: trying the next mirror")
        .said("is not the published file")
        .said("no such file: trying the next mirror")
        .said("installed go1.22.10");
    assert_eq!(
        ran.stderr.matches("trying the next mirror").count(),
        5,
        "{ran}"
    );
    world.assert_is_reference(&ran);
    assert_eq!(world.stored("downloads"), [""; 0]);
    assert_eq!(world.stored("staging"), [""; 0]);
    let source = format!("source = \"{healthy}{archive}\"\n");
    assert!(
        receipt(&world, GO).contains(&source),
        "{}",
        receipt(&world, GO)
    );
    // Where all fail it is the last one's failure that is told, and the first ones' on the way.
    world.ok(["uninstall", RELEASE]);
    from_mirrors(&world, &mirrors[..3], &["install", RELEASE])
        .refused(1, "a web page instead of a file");
    assert_eq!(world.stored("sdks"), [""; 0]);
}

#[test]
fn the_next_mirror_goes_on_behind_what_came() {
    let world = World::new(&[GO]);
    let cutting = World::new(&[GO]);
    let archive = host::archive_name(GO);
    let size = stand_in::archive(GO).len();
    let half = size / 2;
    let part = stand_in::archive(GO)[..half].to_vec();
    let script = Script::start(move |number, _, stream| {
        if number > 0 {
            return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        }
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n")?;
        stream.write_all(&part)
    });
    drop(cutting);
    let ran = from_mirrors(
        &world,
        &[&script.url(), &world.mirror.url()],
        &["install", RELEASE],
    );
    let ran = ran.succeeded();
    world.assert_is_reference(&ran);
    let requests = world.mirror.requests();
    let path = format!("/dl/{archive}");
    let asked = requests
        .iter()
        .find(|request| request.path == path)
        .unwrap();
    assert_eq!(asked.range, Some(format!("bytes={half}-")), "{ran}");
}

#[test]
fn a_directory_is_a_mirror() {
    let world = World::new(&[GO]);
    let dir = world.sandbox.root().join("mirror");
    let address = format!("file://{}", dir.display()).replace(' ', "%20");
    for mirror in [dir.to_str().unwrap(), &address] {
        // Also without a network, once the index is known.
        world.ok(["list", "--remote"]);
        let mut command = world.goshim(["install", RELEASE]);
        let ran = Ran::of(
            command
                .env("GOSHIM_MIRROR", mirror)
                .env("GOSHIM_OFFLINE", "1"),
        );
        let ran = ran.succeeded();
        world.assert_is_reference(&ran);
        assert_eq!(
            world.stored("downloads"),
            [""; 0],
            "nothing is copied: {ran}"
        );
        world.ok(["uninstall", RELEASE]);
    }
    assert_eq!(world.mirror.hits(&host::archive_name(GO)), 0);
    assert!(dir.join(host::archive_name(GO)).exists());
    // An index in a directory, with the archives beside it.
    let index = crate::support::index(
        GO,
        &host::archive_name(GO),
        &sha256(&stand_in::archive(GO)),
        0,
    );
    fs_err::write(dir.join("index.json"), index).unwrap();
    for index in [dir.clone(), dir.join("index.json")] {
        let mut command = world.goshim(["install", "latest"]);
        command
            .env("GOSHIM_INDEX_URL", &index)
            .env_remove("GOSHIM_MIRROR");
        let ran = Ran::of(command.env("GOSHIM_OFFLINE", "1")).succeeded();
        world.assert_is_reference(&ran);
        world.ok(["uninstall", RELEASE]);
    }
    fs_err::write(dir.join("index.json"), "[]").unwrap();
    let mut command = world.goshim(["install", "latest"]);
    Ran::of(command.env("GOSHIM_INDEX_URL", &dir)).refused(1, "it names no release");
    fs_err::remove_file(dir.join("index.json")).unwrap();
    // What is there is checked like what comes from afar.
    world.ok(["list", "--remote"]);
    fs_err::write(dir.join(host::archive_name(GO)), "short").unwrap();
    let mut command = world.goshim(["install", RELEASE]);
    command
        .env("GOSHIM_MIRROR", &address)
        .env("GOSHIM_OFFLINE", "1");
    Ran::of(&mut command).refused(1, "sent 5 bytes instead of");
    let other = vec![b'x'; stand_in::archive(GO).len()];
    fs_err::write(dir.join(host::archive_name(GO)), other).unwrap();
    Ran::of(&mut command).refused(1, "its sha256 is");
    fs_err::remove_file(dir.join(host::archive_name(GO))).unwrap();
    fs_err::create_dir(dir.join(host::archive_name(GO))).unwrap();
    Ran::of(&mut command).refused(1, "it is no regular file");
    assert_eq!(world.stored("sdks"), [""; 0]);
}

#[test]
fn a_file_of_the_user_s() {
    let world = World::new(&[GO]);
    let archive = stand_in::archive(GO);
    let name = host::archive_name(GO);
    let file = world.sandbox.write(&format!("usb/{name}"), &archive);
    let renamed = world.sandbox.write("usb/go.tar.gz", &archive);
    let (file, renamed) = (file.to_str().unwrap(), renamed.to_str().unwrap());
    let install = |arguments: &[&str]| world.run([&["install"], arguments].concat());
    install(&["--from", renamed]).refused(2, "does not say which release it is");
    install(&["--from", file, "1.22.10", "1.21.13"]).refused(2, "--from is for one release");
    install(&["--from", "/nowhere/go1.22.10.linux-amd64.tar.gz"])
        .refused(1, "cannot read /nowhere/go1.22.10.linux-amd64.tar.gz")
        .said("hint: name the archive with --from");
    for arguments in [
        &["--from", file][..],
        &["--from", renamed, RELEASE],
        &["--from", renamed, "1.22"],
        &["--from", file, "--sha256", &sha256(&archive)],
    ] {
        let ran = install(arguments).succeeded().said("installed go1.22.10");
        world.assert_is_reference(&ran);
        world.ok(["uninstall", RELEASE]);
    }
    assert_eq!(world.mirror.hits(&name), 0, "the file is what is installed");
    // Never without a hash: neither one that nobody vouches for, nor one with other bytes.
    let unknown = World::new(&[]);
    let mut command = unknown.goshim(["install", "--from", file]);
    command
        .env_remove("GOSHIM_INDEX_URL")
        .env_remove("GOSHIM_MIRROR");
    Ran::of(command.env("GOSHIM_OFFLINE", "1")).refused(1, "is not the published file");
    let other = world
        .sandbox
        .write("usb/go1.99.1.linux-amd64.tar.gz", &archive);
    let mut command = unknown.goshim(["install", "--from", other.to_str().unwrap()]);
    command
        .env_remove("GOSHIM_INDEX_URL")
        .env_remove("GOSHIM_MIRROR");
    Ran::of(command.env("GOSHIM_OFFLINE", "1")).refused(1, "no published release matches 1.99.1");
    unknown.assert_nothing_is_installed(&"unknown");
    let mut damaged = archive.clone();
    damaged[5000] ^= 1;
    fs_err::write(file, damaged).unwrap();
    install(&["--from", file]).refused(1, "is not the published file");
    fs_err::write(file, b"").unwrap();
    install(&["--from", file]).ended_with(1);
    assert_eq!(world.stored("sdks"), [""; 0]);
    // The user's word for a release that no index has, with no network at all.
    let toolchain = "go1.99.1";
    let bytes = stand_in::archive(toolchain);
    let file = world
        .sandbox
        .write(&format!("usb/{}", host::archive_name(toolchain)), &bytes);
    let file = file.to_str().unwrap();
    let mut command = unknown.goshim(["install", "--from", file, "--sha256", &sha256(&bytes)]);
    command
        .env_remove("GOSHIM_INDEX_URL")
        .env_remove("GOSHIM_MIRROR");
    Ran::of(command.env("GOSHIM_OFFLINE", "1"))
        .succeeded()
        .said("installed go1.99.1");
    assert!(receipt(&unknown, toolchain).contains("index = \"the user, with --sha256\"\n"));
}

#[test]
fn addresses_in_the_configuration() {
    let world = World::new(&[GO]);
    let config = format!(
        "index = \"{}\"\nmirrors = [\"/nowhere\", \"{}\"]\n[http]\ntimeout = 5\nretries = 0\nmin_rate = 1\n",
        world.mirror.url(),
        world.mirror.url()
    );
    world
        .sandbox
        .write("home/.config/goshim/config.toml", config);
    let mut command = world.goshim(["install", RELEASE]);
    command
        .env_remove("GOSHIM_INDEX_URL")
        .env_remove("GOSHIM_MIRROR");
    let ran = Ran::of(&mut command)
        .succeeded()
        .said("cannot read /nowhere/");
    world.assert_is_reference(&ran);
    for (config, reason) in [
        ("[http]\ntimeout = 0\n", "timeout in config.toml is `0`"),
        ("[http]\nretries = -1\n", "config.toml:2"),
        (
            "[http]\nspeed = 1\n",
            "config.toml:2:1: [http] has no key `speed`: write timeout, ",
        ),
        (
            "mirrors = [\"ftp://h/\"]\n",
            "mirrors in config.toml is neither",
        ),
        (
            "[http]\nca_file = \"/nowhere.pem\"\n",
            "ca_file in config.toml names /nowhere.pem",
        ),
    ] {
        world
            .sandbox
            .write("home/.config/goshim/config.toml", config);
        let mut command = world.goshim(["install", "1.22"]);
        command.env_remove("GOSHIM_MIRROR");
        Ran::of(&mut command).refused(1, reason);
    }
}

#[test]
fn parts_that_nobody_goes_on_with_go_after_a_week() {
    let world = World::new(&[GO]);
    let age = |name: &str, days: u64| {
        let file = world
            .sandbox
            .write(&format!("goshim/downloads/{name}"), "part");
        let time = std::time::SystemTime::now() - std::time::Duration::from_hours(days * 24);
        let file = fs_err::OpenOptions::new().write(true).open(file).unwrap();
        file.file().set_modified(time).unwrap();
    };
    let (old, new) = (
        format!("{}.part", "a".repeat(64)),
        format!("{}.part", "b".repeat(64)),
    );
    age(&old, 8);
    age(&new, 6);
    age("notes.txt", 100);
    world.ok(["install", RELEASE]);
    assert_eq!(world.stored("downloads"), [&*new, "notes.txt"]);
}

/// `user:hunter2`, as the header has it.
const LOGIN: &str = "dXNlcjpodW50ZXIy";

/// Nothing that was printed has the password, however it is written.
#[track_caller]
fn keeps_the_password(ran: &Ran) {
    for secret in ["hunter2", LOGIN] {
        assert!(
            !ran.stderr.contains(secret) && !ran.stdout.contains(secret),
            "{ran}"
        );
    }
}

/// What a server was told, by the host that the client meant.
type Heard = Arc<Mutex<Vec<(String, Option<String>)>>>;

/// A server that redirects `/dl/…` to the same file below `to`, and serves `/files/…` itself from `mirror`.
fn redirecting(to: String, heard: &Heard) -> Script {
    let heard = Arc::clone(heard);
    Script::start(move |_, request, stream| {
        let header = |name: &str| {
            let found = request.headers.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone())
        };
        let told = (header("host").unwrap_or_default(), header("authorization"));
        assert_eq!(header("referer"), None);
        heard.lock().unwrap().push(told);
        let name = request.path.rsplit('/').next().unwrap_or_default();
        write!(
            stream,
            "HTTP/1.1 302 Found\r\nLocation: {to}{name}\r\nContent-Length: 0\r\n\r\n"
        )
    })
}

#[test]
fn credentials_stay_with_their_host() {
    let world = World::new(&[GO]);
    let heard = Heard::default();
    let script = redirecting(world.mirror.url(), &heard);
    let with_login = script.url().replace("http://", "http://user:hunter2@");
    let ran = from_mirrors(&world, &[&with_login], &["-vvv", "install", RELEASE]).succeeded();
    keeps_the_password(&ran);
    assert!(!receipt(&world, GO).contains("hunter2"));
    let expected = Some(format!("Basic {LOGIN}"));
    assert_eq!(heard.lock().unwrap()[0].1, expected);
    let path = format!("/dl/{}", host::archive_name(GO));
    let told: Vec<_> = world
        .mirror
        .requests()
        .into_iter()
        .filter(|request| request.path == path)
        .collect();
    let names: Vec<_> = told[0].headers.iter().map(|(name, _)| &**name).collect();
    assert!(
        !names.contains(&"authorization") && !names.contains(&"referer"),
        "{names:?}"
    );
    world.ok(["uninstall", RELEASE]);
    // Not even where everything is logged that can be.
    let mut command = world.goshim(["install", RELEASE]);
    command
        .env("GOSHIM_MIRROR", &with_login)
        .env("GOSHIM_LOG", "trace");
    let ran = Ran::of(&mut command).succeeded();
    assert!(ran.stderr.len() > 1000, "{ran}");
    keeps_the_password(&ran);
    // A file of passwords is for encrypted connections.
    world.ok(["uninstall", RELEASE]);
    world
        .sandbox
        .write("home/.netrc", "default login user password hunter2\n");
    world.ok(["install", RELEASE]);
    for request in world.mirror.requests() {
        assert!(
            !request
                .headers
                .iter()
                .any(|(name, _)| name == "authorization")
        );
    }
}

/// The official servers, as the program sees them through a proxy: https under their own names, with a certificate of the test's.
struct Official {
    proxy: goshim_test_support::Proxy,
    _front: goshim_test_support::TlsFront,
    certificate: std::path::PathBuf,
}

impl Official {
    fn start(world: &World, behind: std::net::SocketAddr, login: Option<&str>) -> Self {
        let names = ["go.dev", "mirror.test", "other.test"];
        let front = goshim_test_support::TlsFront::start(behind, &names);
        let certificate = world.sandbox.root().join("ca.pem");
        front.write_certificate(&certificate);
        let login = login.map(str::to_owned);
        let proxy =
            goshim_test_support::Proxy::start(front.address(), world.mirror.address(), login);
        Self {
            proxy,
            _front: front,
            certificate,
        }
    }

    /// Runs the program with the proxy and the certificate, and no other address than the official one.
    fn run(&self, world: &World, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = world.goshim(arguments.iter().copied());
        command
            .env_remove("GOSHIM_INDEX_URL")
            .env_remove("GOSHIM_MIRROR")
            .env("HTTPS_PROXY", self.proxy.url())
            .env("SSL_CERT_FILE", &self.certificate);
        command.envs(variables.iter().copied());
        Ran::of(&mut command)
    }
}

/// A release that the table in the program does not have.
const NEWER: &str = "go1.99.1";

#[test]
fn the_official_index_and_the_table_vouch_together() {
    let world = World::new(&[GO, NEWER]);
    let official = Official::start(&world, world.mirror.address(), None);
    let run = |arguments: &[&str]| official.run(&world, arguments, &[]);
    // What both know they must agree on; the stand-in of this release is not the real one.
    let ran = run(&["install", RELEASE]).refused(1, "one of the two was tampered with");
    let given = sha256(&stand_in::archive(GO));
    assert!(
        ran.stderr.contains(&given) && ran.stderr.contains("https://go.dev/dl/"),
        "{ran}"
    );
    let listed = run(&["list", "--remote", RELEASE]).succeeded();
    assert_eq!(
        listed.stdout,
        "go1.22.10  end of life  no usable sha256 was published\n"
    );
    run(&["install", RELEASE, "--sha256", &given]).refused(1, "one of the two was tampered with");
    assert_eq!(world.mirror.hits(&host::archive_name(GO)), 0);
    world.assert_nothing_is_installed(&"disputed");
}

#[test]
fn the_official_index_names_what_the_table_does_not() {
    let world = World::new(&[NEWER]);
    let official = Official::start(&world, world.mirror.address(), None);
    let ran = official
        .run(&world, &["install", "latest"], &[])
        .succeeded();
    assert!(ran.stderr.contains("installed go1.99.1"), "{ran}");
    let index = "index = \"https://go.dev/dl/\"\n";
    assert!(
        receipt(&world, NEWER).contains(index),
        "{}",
        receipt(&world, NEWER)
    );
    let tunnels = official.proxy.requests();
    assert!(
        tunnels
            .iter()
            .all(|request| request.method == "CONNECT" && request.path == "go.dev:443")
    );
    assert!(!tunnels.is_empty());
    // The copy and the table together, where there is no network any more.
    let offline = |arguments: &[&str]| official.run(&world, arguments, &[("GOSHIM_OFFLINE", "1")]);
    let listed = offline(&["list", "--remote"])
        .succeeded()
        .said("offline, using the index of 2");
    assert!(
        listed
            .stdout
            .starts_with("go1.99.1   supported    installed\ngo1.27.0   supported\n"),
        "{listed}"
    );
    // An index of the user's replaces both, on whatever host.
    let own = World::new(&[GO]);
    let listed = own.ok(["list", "--remote"]);
    assert_eq!(listed.stdout, "go1.22.10  end of life\n");
}

#[test]
fn certificates_are_checked() {
    let world = World::new(&[NEWER]);
    let official = Official::start(&world, world.mirror.address(), None);
    // Nobody that this machine knows vouches for the server.
    let mirror = ("GOSHIM_MIRROR", "https://mirror.test/dl/");
    let index = world.mirror.url();
    let index = ("GOSHIM_INDEX_URL", &*index);
    official
        .run(
            &world,
            &["install", "latest"],
            &[mirror, index, ("SSL_CERT_FILE", "")],
        )
        .refused(1, "certificate")
        .said("SSL_CERT_FILE");
    // It is not the server's name.
    let foreign = ("GOSHIM_MIRROR", "https://unknown.test/dl/");
    official
        .run(&world, &["install", "latest"], &[foreign, index])
        .refused(1, "certificate");
    world.sandbox.write("nothing.pem", "nothing\n");
    let nothing = world.sandbox.root().join("nothing.pem");
    for file in ["/nowhere.pem", nothing.to_str().unwrap()] {
        official
            .run(
                &world,
                &["install", "latest"],
                &[mirror, ("SSL_CERT_FILE", file)],
            )
            .refused(1, "SSL_CERT_FILE names");
    }
    world.assert_nothing_is_installed(&"no certificate");
    // The configuration names further authorities as well.
    let config = format!("[http]\nca_file = \"{}\"\n", official.certificate.display());
    world
        .sandbox
        .write("home/.config/goshim/config.toml", config);
    official
        .run(
            &world,
            &["install", "latest"],
            &[mirror, index, ("SSL_CERT_FILE", "")],
        )
        .succeeded();
}

#[test]
fn encrypted_connections_stay_encrypted() {
    let world = World::new(&[GO]);
    let heard = Heard::default();
    let script = redirecting(world.mirror.url(), &heard);
    let official = Official::start(&world, script.address(), None);
    let index = world.mirror.url();
    let variables = [
        ("GOSHIM_MIRROR", "https://mirror.test/dl/"),
        ("GOSHIM_INDEX_URL", &index),
    ];
    official
        .run(&world, &["install", RELEASE], &variables)
        .refused(1, "a redirect from https to http");
    assert_eq!(heard.lock().unwrap().len(), 1, "it is not tried again");
    assert_eq!(world.mirror.hits(&host::archive_name(GO)), 0);
    world.assert_nothing_is_installed(&"downgrade");
}

#[test]
fn passwords_come_from_netrc() {
    let world = World::new(&[GO]);
    world.sandbox.write(
        "home/.netrc",
        "machine mirror.test login user password hunter2\nmachine unused.test login x password y\n",
    );
    let index = world.mirror.url();
    let variables = [
        ("GOSHIM_MIRROR", "https://mirror.test/dl/"),
        ("GOSHIM_INDEX_URL", &*index),
    ];
    // To the host that it is for, and not to the one that this host redirects to.
    let heard = Heard::default();
    let script = redirecting("https://other.test/files/".to_owned(), &heard);
    let official = Official::start(&world, script.address(), None);
    let ran = official
        .run(&world, &["-vvv", "install", RELEASE], &variables)
        .ended_with(1);
    keeps_the_password(&ran);
    let heard = heard.lock().unwrap().clone();
    let expected = Some(format!("Basic {LOGIN}"));
    assert_eq!(heard[0], ("mirror.test".to_owned(), expected.clone()));
    assert!(heard.len() > 1, "{heard:?}");
    assert!(
        heard[1..]
            .iter()
            .all(|told| *told == ("other.test".to_owned(), None)),
        "{heard:?}"
    );
    // Another file than ~/.netrc, and one for a mirror that serves.
    let netrc = world
        .sandbox
        .write("netrc", "default login user password hunter2\n");
    let official = Official::start(&world, world.mirror.address(), None);
    let variables = [
        variables[0],
        variables[1],
        ("NETRC", netrc.to_str().unwrap()),
    ];
    let ran = official
        .run(&world, &["install", RELEASE], &variables)
        .succeeded();
    world.assert_is_reference(&ran);
    let requests = world.mirror.requests();
    let sent: Vec<_> = requests
        .iter()
        .filter_map(|request| {
            let found = request
                .headers
                .iter()
                .find(|(name, _)| name == "authorization");
            found.map(|(_, value)| Some(value.clone()))
        })
        .collect();
    assert_eq!(sent, [expected]);
    // What is wanted, where nothing is written.
    let script = Script::start(|_, _, stream| {
        stream.write_all(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
    });
    world.ok(["uninstall", RELEASE]);
    from_mirrors(&world, &[&script.url()], &["install", RELEASE])
        .refused(1, "status 401")
        .said(".netrc");
}

#[test]
fn proxies_come_from_the_environment() {
    let world = World::new(&[GO]);
    let official = Official::start(
        &world,
        world.mirror.address(),
        Some(&format!("Basic {LOGIN}")),
    );
    let proxy = official.proxy.url();
    let with_login = proxy.replace("http://", "http://user:hunter2@");
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = world.goshim(arguments.iter().copied());
        command
            .env("GOSHIM_INDEX_URL", "http://index.test/dl/")
            .env_remove("GOSHIM_MIRROR");
        command.envs(variables.iter().copied());
        Ran::of(&mut command)
    };
    let ran = run(
        &["-vvv", "install", RELEASE],
        &[("HTTP_PROXY", &with_login)],
    )
    .succeeded();
    keeps_the_password(&ran);
    world.assert_is_reference(&ran);
    assert!(receipt(&world, GO).contains("http://index.test/dl/"));
    assert_eq!(official.proxy.requests().len(), 2);
    // Without the password, and with a proxy that is gone.
    let ran = run(&["list", "--remote"], &[("HTTP_PROXY", &proxy)]);
    assert!(ran.stderr.contains("status 407"), "{ran}");
    let gone = "http://user:hunter2@127.0.0.1:1";
    let ran = run(&["-vvv", "list", "--remote"], &[("HTTP_PROXY", gone)]);
    assert!(ran.stderr.contains("Connection refused"), "{ran}");
    keeps_the_password(&ran);
    // The loopback interface needs none.
    world.ok(["uninstall", RELEASE]);
    let mut command = world.goshim(["install", RELEASE]);
    Ran::of(
        command
            .env("HTTP_PROXY", gone)
            .env("NO_PROXY", "example.com,127.0.0.1"),
    )
    .succeeded();
}

/// A mirror for other platforms: stand-ins whose `go` begins as programs of that system do.
fn foreign(world: &World) {
    let dir: &Path = &world.sandbox.root().join("mirror");
    let macho = b"\xcf\xfa\xed\xfe\x0c\0\0\x01a program of macOS";
    for (toolchain, platform) in [
        (GO, "darwin-arm64"),
        (GO, "darwin-amd64"),
        ("go1.15.15", "darwin-amd64"),
    ] {
        let builder = goshim_test_support::ArchiveBuilder::stand_in(toolchain);
        let archive = builder.replace("go/bin/go", macho).finish();
        fs_err::write(dir.join(format!("{toolchain}.{platform}.tar.gz")), archive).unwrap();
    }
}

#[test]
fn sdks_for_another_platform() {
    let world = World::new(&[GO]);
    foreign(&world);
    let darwin = ["--os", "darwin", "--arch", "arm64"];
    let ran = world
        .ok([&["install", RELEASE][..], &darwin].concat())
        .said("installed go1.22.10.darwin-arm64 in ");
    assert_eq!(world.stored("sdks"), ["go1.22.10.darwin-arm64"], "{ran}");
    assert_eq!(world.stored("receipts"), ["go1.22.10.darwin-arm64.toml"]);
    assert_eq!(world.stored("manifests"), ["go1.22.10.darwin-arm64"]);
    assert!(receipt(&world, "go1.22.10.darwin-arm64").contains("platform = \"darwin/arm64\"\n"));
    assert!(!world.default_file().exists(), "it is nobody's default");
    world.run(["which"]).ended_with(127);
    let row = "go1.22.10.darwin-arm64  2024-11-27  end of life\n";
    assert_eq!(world.ok(["list"]).stdout, row);
    assert_eq!(world.ok([&["list"][..], &darwin].concat()).stdout, row);
    world
        .ok([&["install", "1.22"][..], &darwin].concat())
        .said("go1.22.10.darwin-arm64 is installed already");
    // This machine's own comes beside it.
    world.ok(["install", RELEASE]);
    world.assert_is_reference(&ran);
    assert_eq!(world.stored("sdks"), [GO, "go1.22.10.darwin-arm64"]);
    let host = [&[
        "install",
        RELEASE,
        "--os",
        host::os(),
        "--arch",
        host::arch(),
    ][..]]
    .concat();
    world.ok(host).said("go1.22.10 is installed already");
    // The name of a file says what it is for.
    let file = world
        .sandbox
        .root()
        .join("mirror/go1.22.10.darwin-amd64.tar.gz");
    world.ok(["install", "--from", file.to_str().unwrap()]);
    // Releases older than Apple's processors are those for the other ones.
    world
        .ok([&["install", "1.15"][..], &darwin].concat())
        .said("go1.15.15 was not published for darwin/arm64; taking the one for darwin/amd64")
        .said("installed go1.15.15.darwin-amd64");
    let sdks = [
        "go1.15.15.darwin-amd64",
        GO,
        "go1.22.10.darwin-amd64",
        "go1.22.10.darwin-arm64",
    ];
    assert_eq!(world.stored("sdks"), sdks);
    world
        .run(["install", RELEASE, "--os", "plan9", "--arch", "amd64"])
        .refused(1, "go1.22.10 was not published for plan9/amd64");
    world
        .run(["install", RELEASE, "--os", "../../x"])
        .refused(2, "Go was never published for ../../x/");
    assert_eq!(world.stored("sdks"), sdks);
}

#[test]
fn foreign_sdks_have_no_shims_and_keep_the_others() {
    let world = World::new(&[GO, "go1.21.13"]);
    foreign(&world);
    world.ok(["install", "1.21.13"]);
    world.set_up_shims();
    world.ok(["install", RELEASE]);
    let names = world.stored("shims");
    assert!(names.contains(&"go1.21.13".to_owned()), "{names:?}");
    world.ok(["install", RELEASE, "--os", "darwin", "--arch", "arm64"]);
    assert_eq!(world.stored("shims"), names);
}

#[test]
fn foreign_sdks_are_looked_after_by_their_names() {
    let world = World::new(&[GO]);
    foreign(&world);
    let name = "go1.22.10.darwin-arm64";
    world.ok(["install", RELEASE, "--os", "darwin", "--arch", "arm64"]);
    world.ok(["install", RELEASE]);
    world
        .ok(["verify"])
        .said("go1.22.10 is as it was installed")
        .said(&format!("{name} is as it was installed"));
    let license = format!("goshim/sdks/{name}/LICENSE");
    let license = world.sandbox.write(&license, "damaged");
    for arguments in [&["verify"][..], &["verify", name]] {
        let ran = world.run(arguments.iter().copied()).ended_with(1);
        assert_eq!(ran.stdout, format!("{name} changed LICENSE\n"));
        ran.said(&format!("goshim repair {name} mends it"));
    }
    world.ok(["verify", RELEASE]);
    world.ok(["repair", name]).said(&format!("mended {name}"));
    assert_ne!(fs_err::read_to_string(license).unwrap(), "damaged");
    world.ok(["verify"]);
    world
        .ok(["uninstall", name])
        .said(&format!("uninstalled {name}"));
    assert_eq!(world.stored("sdks"), [GO]);
    for word in ["verify", "repair", "uninstall"] {
        let ran = world.run([word, name]);
        ran.refused(1, &format!("{name} is not installed"));
    }
}

#[test]
fn several_at_once_read_the_index_once() {
    let toolchains = [
        "go1.20.14",
        "go1.21.13",
        GO,
        "go1.23.4",
        "go1.24.1",
        "go1.25.0",
    ];
    let world = World::new(&toolchains);
    let queries = ["1.20", "1.21.13", "1.22", RELEASE, "1.23", "1.24", "latest"];
    let ran = world.ok([&["install", "--json", "--timings"][..], &queries].concat());
    assert_eq!(world.mirror.hits(""), 1, "{ran}");
    let mut names: Vec<_> = toolchains.to_vec();
    assert_eq!(world.stored("sdks"), names);
    for toolchain in toolchains {
        assert_eq!(
            world.mirror.hits(&host::archive_name(toolchain)),
            1,
            "{toolchain}"
        );
        assert_eq!(
            ran.stderr
                .matches(&format!("downloading {toolchain} "))
                .count(),
            1,
            "{ran}"
        );
        assert_eq!(
            ran.stderr
                .matches(&format!("installed {toolchain} in"))
                .count(),
            1,
            "{ran}"
        );
    }
    assert_eq!(
        ran.stderr.matches("  index ").count(),
        toolchains.len(),
        "{ran}"
    );
    // One element for each word, in their order.
    names.insert(3, GO);
    let json = ran.json();
    let done: Vec<_> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|done| done["toolchain"].as_str().unwrap())
        .collect();
    assert_eq!(done, names);
    assert_eq!(
        (&json[2]["was_installed"], &json[3]["was_installed"]),
        (&false.into(), &true.into())
    );
    // The first that was named is the default, whichever was the first to be there.
    assert_eq!(
        fs_err::read_to_string(world.default_file()).unwrap(),
        "1.20\n"
    );
    let receipt = receipt(&world, GO);
    let (_, timings) = receipt.split_once("[timings_ms]\n").unwrap();
    for stage in ["index = ", "wait = ", "unpack = "] {
        assert!(timings.contains(stage), "{receipt}");
    }
}

#[test]
fn a_mirror_that_is_the_index_too_is_still_the_user_s() {
    // An index of the user's on the mirror's own host vouches as the official one does.
    let world = World::new(&[GO]);
    let mirror: &Mirror = &world.mirror;
    let mut command = world.goshim(["install", RELEASE]);
    command
        .env_remove("GOSHIM_MIRROR")
        .env("GOSHIM_INDEX_URL", mirror.url());
    let ran = Ran::of(&mut command).succeeded();
    world.assert_is_reference(&ran);
}

//! ^C and its like: the program ends soon, with the code that shells expect, and leaves nothing behind but what the next run goes on with.

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use goshim_test_support::{Fault, Script, Terminal, host, stand_in, write_script};

use crate::support::{GO, RELEASE, Ran, World, names, through};

/// What the server's silence lasts, and what no interrupted run may last: far more than a second, far less than the limits on silence.
const SILENCE: Duration = Duration::from_mins(2);
const SOON: Duration = Duration::from_secs(20);

fn start(world: &World, arguments: &[&str]) -> Child {
    interruptible(&world.goshim(arguments.iter().copied()))
        .spawn()
        .unwrap()
}

/// The same command with signals as they are usually: who starts the tests may ignore one, as nohup does, and what it starts inherits that.
fn interruptible(inner: &Command) -> Command {
    let mut command = through("env", &["--default-signal=HUP,INT,QUIT,TERM,TSTP"], inner);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "{what} never came"
        );
        thread::sleep(Duration::from_millis(5));
    }
}

fn send(signal: &str, child: &Child) {
    let status = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

/// Sends the signal, and waits for the end. Returns how long that took.
fn end(signal: &str, mut child: Child) -> (Ran, Duration) {
    let started = Instant::now();
    send(signal, &child);
    while child.try_wait().unwrap().is_none() {
        assert!(started.elapsed() < SOON, "{signal} does not end it");
        thread::sleep(Duration::from_millis(2));
    }
    let took = started.elapsed();
    (
        Ran::from_output(
            format!("install, {signal}"),
            child.wait_with_output().unwrap(),
        ),
        took,
    )
}

#[test]
fn in_the_middle_of_a_download() {
    let mut slowest = Duration::ZERO;
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let world = World::new(&[GO]);
        let archive = stand_in::archive(GO);
        let half = archive.len() / 2;
        world
            .mirror
            .set_fault(&host::archive_name(GO), Some(Fault::Stall(SILENCE)));
        let child = start(&world, &["install", RELEASE]);
        let part = world.part(&archive);
        let arrived = || fs_err::metadata(&part).map_or(0, |metadata| metadata.len());
        wait_until("half of it", || arrived() == half as u64);
        let (ran, took) = end(signal, child);
        slowest = slowest.max(took);
        let ran = ran
            .ended_with(code)
            .said("the same command goes on with what has arrived");
        world.assert_nothing_is_installed(&ran);
        assert_eq!(world.stored("downloads").len(), 1, "{ran}");
        world.mirror.set_fault(&host::archive_name(GO), None);
        let ran = world.ok(["install", RELEASE]).said("going on after");
        world.assert_is_reference(&ran);
        let range = world.mirror.requests().last().unwrap().range.clone();
        assert_eq!(range, Some(format!("bytes={half}-")));
        assert_eq!(world.stored("downloads"), [""; 0]);
    }
    println!("interrupt: {slowest:?} at most from the signal to the end");
}

#[test]
fn while_the_index_does_not_come() {
    let world = World::new(&[GO]);
    world.mirror.set_fault("", Some(Fault::Stall(SILENCE)));
    let child = start(&world, &["install", RELEASE]);
    wait_until("the request", || world.mirror.hits("") == 1);
    let (ran, _) = end("-INT", child);
    world.assert_nothing_is_installed(&ran.ended_with(130));
}

#[test]
fn while_another_one_has_the_lock() {
    let world = World::new(&[GO]);
    world
        .mirror
        .set_fault(&host::archive_name(GO), Some(Fault::Stall(SILENCE)));
    let first = start(&world, &["install", RELEASE]);
    wait_until("the lock", || {
        world.mirror.hits(&host::archive_name(GO)) == 1
    });
    let second = start(&world, &["install", RELEASE]);
    wait_until("the second one", || world.mirror.hits("") == 2);
    thread::sleep(Duration::from_millis(200));
    end("-INT", second).0.ended_with(130);
    // The other one is not disturbed, and ends by its own signal.
    end("-INT", first).0.ended_with(130);
}

#[test]
fn between_two_tries() {
    let world = World::new(&[GO]);
    let script = Script::start(|_, _, stream| {
        use std::io::Write as _;
        stream.write_all(b"HTTP/1.1 503 Busy\r\nRetry-After: 50\r\nContent-Length: 0\r\n\r\n")
    });
    let mut command = world.goshim(["install", RELEASE]);
    command.env("GOSHIM_MIRROR", script.url());
    let child = interruptible(&command).spawn().unwrap();
    wait_until("the first try", || script.requests().len() == 1);
    end("-INT", child).0.ended_with(130);
    assert_eq!(script.requests().len(), 1);
}

#[test]
fn several_downloads_end_together() {
    let toolchains = ["go1.21.13", GO];
    let world = World::new(&toolchains);
    for toolchain in toolchains {
        world
            .mirror
            .set_fault(&host::archive_name(toolchain), Some(Fault::Stall(SILENCE)));
    }
    let child = start(&world, &["install", "1.21.13", RELEASE]);
    wait_until("a download", || !world.stored("downloads").is_empty());
    let (ran, _) = end("-INT", child);
    world.assert_nothing_is_installed(&ran.ended_with(130));
}

#[test]
fn a_signal_that_was_ignored_stays_so() {
    let world = World::new(&[GO]);
    let archive = host::archive_name(GO);
    let silence = Fault::Stall(Duration::from_secs(20));
    world.mirror.set_fault(&archive, Some(silence));
    let inner = world.goshim(["install", RELEASE]);
    let mut command = through("nohup", &[], &inner);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_until("a download", || !world.stored("downloads").is_empty());
    send("-HUP", &child);
    world.mirror.set_fault(&archive, None);
    Ran::from_output("nohup".to_owned(), child.wait_with_output().unwrap()).succeeded();
    assert_eq!(names(&world.sandbox.goshim_home().join("sdks")), [GO]);
}

/// Nobody watches any more, and what was begun comes to its end all the same.
#[test]
fn a_terminal_that_is_closed() {
    let world = World::new(&[GO]);
    let archive = host::archive_name(GO);
    world
        .mirror
        .set_fault(&archive, Some(Fault::Stall(SILENCE)));
    let mut command = world.goshim(["-vvv", "install", RELEASE]);
    command.env("TERM", "xterm").env_remove("NO_COLOR");
    let mut terminal = Terminal::start(command, 80, "");
    let mut screen = String::new();
    while !screen.contains("downloading") {
        let piece = terminal.read().unwrap();
        screen.push_str(&String::from_utf8_lossy(&piece));
    }
    terminal.close();
    world.mirror.set_fault(&archive, None);
    let (_, status) = terminal.finish();
    assert!(status.success(), "{status}: {screen}");
    world.assert_is_reference(&screen);
}

#[test]
fn a_sub_shell_without_a_place_for_temporary_files() {
    let world = World::installed(&[GO]);
    let mut command = world.goshim(["shell"]);
    command.env("TMPDIR", world.sandbox.root().join("nowhere"));
    Ran::of(&mut command)
        .refused(1, "temporary files cannot be written")
        .said("set TMPDIR");
}

/// A shell without a process group of its own, such as Elvish, shares the terminal's signals with goshim.
#[test]
fn a_sub_shell_keeps_the_terminal_s_signals_for_itself() {
    let world = World::installed(&[GO]);
    let temporary = world.sandbox.root().join("temporary");
    fs_err::create_dir(&temporary).unwrap();
    let shell = world.sandbox.root().join("shell");
    let script = "#!/bin/sh\nfor signal in INT QUIT HUP TSTP; do kill -s $signal $PPID; done\nsh -c 'kill -s INT $$' 2>/dev/null\n[ $? -eq 130 ] && exit 7\n";
    write_script(&shell, script);
    let mut command = interruptible(&world.goshim(["shell"]));
    command.env("SHELL", &shell).env("TMPDIR", &temporary);
    Ran::of(&mut command).ended_with(7);
    assert_eq!(names(&temporary), [""; 0], "nothing is left");
}

/// What the program writes to a terminal, with the settings of the terminal before and after it. `meanwhile` is run by the shell while the program
/// runs.
fn on_a_terminal(world: &World, meanwhile: &str) -> (String, String, String) {
    let goshim = env!("CARGO_BIN_EXE_goshim");
    // What a shell starts beside itself ignores some signals.
    let line = format!(
        "stty -g; env --default-signal=INT '{goshim}' install --timings 1.21.13 {RELEASE} & {meanwhile}\nwait $!; echo; stty -g"
    );
    let mut command = world.goshim_at("sh".as_ref(), ["-c", &line]);
    command
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR");
    let (screen, _) = Terminal::start(command, 80, "").finish();
    let text = String::from_utf8(screen).unwrap();
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    let (first, last) = (lines[0].to_owned(), lines[lines.len() - 1].to_owned());
    assert!(first.matches(':').count() > 10, "{text}");
    (first, text, last)
}

#[test]
fn the_terminal_is_as_it_was() {
    let world = World::new(&[GO, "go1.21.13"]);
    let stall = |fault: Option<Fault>| {
        for toolchain in ["go1.21.13", GO] {
            let archive = host::archive_name(toolchain);
            world.mirror.set_fault(&archive, fault.clone());
        }
    };
    // Stopped in the middle, and then slow enough for bars to be drawn.
    stall(Some(Fault::Stall(SILENCE)));
    let (before, text, after) = on_a_terminal(
        &world,
        "n=0; until ls \"$GOSHIM_HOME\"/downloads/*.part >/dev/null 2>&1 || [ $n = 600 ]; do n=$((n+1)); sleep 0.1; done; kill -INT $!",
    );
    assert_eq!(before, after, "{text}");
    assert!(text.contains("stopped; the same command goes on"), "{text}");
    world.assert_nothing_is_installed(&text);
    stall(None);
    world.mirror.set_delay(Duration::from_millis(150));
    let (before, text, after) = on_a_terminal(&world, "");
    assert_eq!(before, after, "{text}");
    for name in ["go1.21.13", GO] {
        let bar = text.lines().flat_map(|line| line.split('\r'));
        let is_bar = |line: &&str| {
            line.contains(name)
                && line.contains("/s, ")
                && line.contains("left")
                && line.contains("KiB/")
        };
        assert!(
            bar.clone().any(|line| is_bar(&line)),
            "no bar for {name}: {text:?}"
        );
        assert!(text.contains(&format!("installed {name} in ")), "{text}");
    }
    let count = |sequence: &str| text.matches(sequence).count();
    assert_eq!(
        count("\x1b[?25l"),
        count("\x1b[?25h"),
        "the cursor is shown again"
    );
    assert_eq!(world.stored("sdks"), ["go1.21.13", GO]);
}

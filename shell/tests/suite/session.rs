//! The launch agent of macOS, whose program runs in any shell: here with a `launchctl` that keeps variables in files.

use std::path::Path;
use std::process::Command;

use fs_err as fs;
use goshim_shell::session::launch_agent;

const LAUNCHCTL: &str = r#"#!/bin/sh
case $1 in
getenv) cat "$STATE/$2" 2>/dev/null ;;
setenv) printf %s "$3" >"$STATE/$2" ;;
esac
"#;

#[test]
fn the_launch_agent_sets_path_once() {
    let dir = tempfile::tempdir().unwrap();
    let bin = dir.path().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("launchctl"), LAUNCHCTL).unwrap();
    let shims = Path::new("/it's <me> & you/shims");
    let agent = launch_agent(&[("GOSHIM_HOME", Path::new("/a b"))], shims).unwrap();
    let (_, rest) = agent.split_once("<string>-c</string>").unwrap();
    let (_, rest) = rest.split_once("<string>").unwrap();
    let (script, _) = rest.split_once("</string>").unwrap();
    let script = script
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    let run = || {
        let status = Command::new("sh")
            .args([
                "-c",
                &script.replace("launchctl", "sh \"$STATE/bin/launchctl\""),
            ])
            .env("STATE", dir.path())
            .status();
        assert!(status.unwrap().success());
        fs::read_to_string(dir.path().join("PATH")).unwrap()
    };
    let first = "/it's <me> & you/shims:/usr/bin:/bin:/usr/sbin:/sbin";
    assert_eq!(run(), first);
    assert_eq!(run(), first, "once");
    fs::write(dir.path().join("PATH"), "/opt/bin").unwrap();
    assert_eq!(run(), "/it's <me> & you/shims:/opt/bin");
    let home = fs::read_to_string(dir.path().join("GOSHIM_HOME")).unwrap();
    assert_eq!(home, "/a b");
}

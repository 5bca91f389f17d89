//! What the shim costs, as a ratio: times depend on the machine and on who else uses it.

use std::collections::BTreeSet;
use std::process::Command;

use xtask::bench::shim::Ground;

use crate::product::{product, succeed};

/// The goals are 1.5, 2 and 2.5 (`cargo xtask bench shim`); what is above three times is no noise.
const MOST: f64 = 3.0;

#[test]
fn the_shim_adds_at_most_three_times_what_the_least_program_adds() {
    let ground = Ground::new(product()).unwrap();
    assert_eq!(ground.situations.len(), 5);
    for situation in &ground.situations {
        let medians = ground.measure(situation, 100).unwrap();
        assert!(
            medians.ratio() < MOST,
            "{}: {:.2} times, {medians:?}",
            situation.name,
            medians.ratio()
        );
    }
}

/// Else the ratio would compare two different jobs.
#[test]
fn the_least_program_opens_what_the_shim_opens_and_becomes_the_same_go() {
    let ground = Ground::new(product()).unwrap();
    for situation in &ground.situations {
        let [least, shim] = [ground.least().to_owned(), ground.shim()].map(|program| {
            let call = ground.call(&program, &situation.dir);
            let mut strace = Command::new("strace");
            strace
                .args([
                    "-e",
                    "trace=open,openat,execve",
                    "-s",
                    "4096",
                    "-o",
                    "/dev/stdout",
                ])
                .arg(&program)
                .arg("version")
                .current_dir(&situation.dir)
                .env_clear()
                .envs(
                    call.get_envs()
                        .filter_map(|(name, value)| Some((name, value?))),
                );
            let trace = succeed(&mut strace);
            let mut paths: Vec<_> = trace.lines().filter_map(quoted).collect();
            let program = trace
                .lines()
                .rfind(|line| line.starts_with("execve("))
                .and_then(quoted)
                .unwrap();
            paths.sort();
            (paths.into_iter().collect::<BTreeSet<String>>(), program)
        });
        assert_eq!(least.1, ground.selected().display().to_string());
        assert_eq!(shim.1, least.1, "{}", situation.name);
        let own = |(paths, _): &(BTreeSet<String>, String)| {
            let own = paths
                .iter()
                .filter(|path| !path.ends_with("/least") && !path.ends_with("/shims/go"));
            own.cloned().collect::<Vec<_>>()
        };
        assert!(own(&least).len() > 5, "{least:?}");
        assert_eq!(
            own(&least),
            own(&shim),
            "{}: the shim opens other files than xtask/c/least.c: are they worth it, and does least.c open them too?",
            situation.name
        );
    }
}

/// The first quoted text of a line of strace: the path of the call.
fn quoted(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('"')?;
    rest.split_once('"').map(|(path, _)| path.to_owned())
}

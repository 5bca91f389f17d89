//! docs/reference/exit-codes.md: each code that it names is provoked, in the ways that it names.

use std::collections::BTreeSet;
use std::time::Duration;

use goshim_test_support::{Fault, host};

use crate::pages::{Reader, at_work};

const PAGE: &str = include_str!("../../../docs/reference/exit-codes.md");

/// What a shell types in an empty directory, where 1.21.13, 1.22.10 and 1.27.2 are installed and nothing installs by itself, and the code of its
/// end. The last command counts.
type Cases = &'static [(&'static str, i32, &'static str)];

/// Rows of the page's first table.
const OF_THE_SHIMS: Cases = &[
    ("1", 1, "echo banana >.go-version; go version"),
    ("1", 1, "GOSHIM_POLICY=banana gofmt"),
    ("1", 1, "mkfifo go.mod; go version"),
    (
        "1",
        1,
        "echo 1.21 >.go-version; printf 'module m\\n\\ngo 1.22\\n' >go.mod; GOSHIM_STRICT=1 go version",
    ),
    (
        "78",
        78,
        "printf '[env]\\nGOPRIVATE = \"x\"\\n' >.goshim.toml; go version",
    ),
    (
        "78",
        78,
        "printf '[env]\\nPATH = \"x\"\\n' >.goshim.toml; gofmt",
    ),
    (
        "126",
        126,
        "go=$(goshim which); chmod -x \"$go\"; go version; code=$?; chmod +x \"$go\"; exit $code",
    ),
    (
        "126",
        126,
        "printf '#!/bin/sh\\nexec \"%s\" \"$@\"\\n' \"$(command -v go)\" >go; chmod +x go; PATH=$PATH:$PWD GOSHIM_VERSION=system go version",
    ),
    (
        "126",
        126,
        "go=$(goshim which); mv \"$go\" \"$go.aside\"; ln -s \"$(command -v go)\" \"$go\"; go version; code=$?; mv \"$go.aside\" \"$go\"; exit $code",
    ),
    (
        "126",
        126,
        "cp -r \"$(goshim where 1.22.10)\" own; goshim link mine own; chmod o+w own; go +mine version; code=$?; goshim unlink mine; exit $code",
    ),
    (
        "127",
        127,
        "cp -r \"$(goshim where 1.22.10)\" own; goshim link mine own; rm -r own; go +mine version; code=$?; goshim unlink mine; exit $code",
    ),
    ("127", 127, "echo 1.26.7 >.go-version; go version"),
    ("127", 127, "GOSHIM_HOME=$PWD go version"),
    ("127", 127, "GOTOOLCHAIN=go1.27 go version"),
    ("127", 127, "GOSHIM_VERSION=system go version"),
    (
        "another",
        1,
        "export GOSHIM_AUTO_INSTALL=always GOSHIM_MIRROR=http://127.0.0.1:1/ GOSHIM_HTTP_RETRIES=0; echo 1.26.7 >.go-version; go version",
    ),
    (
        "another",
        130,
        "export GOSHIM_AUTO_INSTALL=always; echo 1.26.8 >.go-version; timeout --preserve-status --signal=INT 1 go version",
    ),
    ("", 0, "go1.22.10 download"),
    ("", 7, "go exit 7"),
];

/// Rows of its second table, and what is said below it.
const OF_GOSHIM: Cases = &[
    ("0", 0, "goshim list"),
    (
        "0",
        0,
        "{ goshim list --remote; echo $? >code; } | head -0; exit $(cat code)",
    ),
    ("1", 1, "goshim install --from nowhere.tar.gz 1.26.7"),
    ("2", 2, "goshim lsit"),
    ("2", 2, "goshim list --bad"),
    ("2", 2, "goshim use banana"),
    ("2", 2, "goshim install 1.22.10 --os banana"),
    ("2", 2, "goshim install 1.22.10 --sha256 banana"),
    ("2", 2, "goshim install --from banana"),
    (
        "3",
        3,
        "cd \"$(goshim where 1.21.13)\"; goshim uninstall 1.21.13",
    ),
    (
        "78",
        78,
        "printf '[env]\\nGOPRIVATE = \"x\"\\n' >.goshim.toml; goshim exec true",
    ),
    (
        "78",
        78,
        "printf '[env]\\nGOPRIVATE = \"x\"\\n' >.goshim.toml; goshim env",
    ),
    (
        "78",
        78,
        "printf '[env]\\nGOPRIVATE = \"x\"\\n' >.goshim.toml; goshim which",
    ),
    (
        "78",
        78,
        "printf '[env]\\nGOPRIVATE = \"x\"\\n' >.goshim.toml; goshim why",
    ),
    (
        "78",
        78,
        "printf '[env]\\nGOPRIVATE = \"x\"\\n' >.goshim.toml; goshim install",
    ),
    (
        "78",
        78,
        "printf '[env]\\nGOPRIVATE = \"x\"\\n' >.goshim.toml; goshim layout show",
    ),
    (
        "78",
        78,
        "printf '[env]\\nPATH = \"x\"\\n' >.goshim.toml; goshim trust",
    ),
    ("126", 126, "touch program; goshim exec ./program"),
    (
        "126",
        126,
        "cp -r \"$(goshim where 1.22.10)\" own; chmod o+w own; goshim link mine own",
    ),
    (
        "126",
        126,
        "cp -r \"$(goshim where 1.22.10)\" own; goshim link mine own; chmod o+w own; goshim exec +mine true; code=$?; goshim unlink mine; exit $code",
    ),
    (
        "127",
        127,
        "cp -r \"$(goshim where 1.22.10)\" own; goshim link mine own; rm -r own; goshim exec +mine true; code=$?; goshim unlink mine; exit $code",
    ),
    (
        "2",
        2,
        "cp -r \"$(goshim where 1.22.10)\" own; goshim link mine own; goshim install mine; code=$?; goshim unlink mine; exit $code",
    ),
    ("2", 2, "goshim link 1.22 ."),
    ("127", 127, "goshim exec nowhere"),
    ("127", 127, "echo 1.26.7 >.go-version; goshim exec true"),
    ("127", 127, "echo 1.26.7 >.go-version; goshim env"),
    ("127", 127, "echo 1.26.7 >.go-version; goshim which"),
    ("127", 127, "echo 1.26.7 >.go-version; goshim current"),
    ("127", 127, "goshim where 1.26.7"),
    (
        "127",
        127,
        "printf 'module m\\n' >go.mod; goshim use 1.26.7 --toolchain",
    ),
    ("127", 127, "GOTOOLCHAIN=go1.27 goshim which"),
    ("127", 127, "GOSHIM_VERSION=system goshim which"),
    ("127", 127, "GOSHIM_HOME=$PWD goshim install"),
    (
        "129",
        129,
        "timeout --preserve-status --signal=HUP 1 goshim install 1.26.8",
    ),
    (
        "130",
        130,
        "timeout --preserve-status --signal=INT 1 goshim install 1.26.8",
    ),
    (
        "143",
        143,
        "goshim install -q 1.26.7; timeout --preserve-status --signal=TERM 1 goshim upgrade 1.26; code=$?; goshim uninstall 1.26.7; exit $code",
    ),
    ("", 7, "goshim exec sh -c 'exit 7'"),
    (
        "",
        7,
        "printf '#!/bin/sh\\nexit 7\\n' >shell; chmod +x shell; SHELL=$PWD/shell goshim shell 1.22",
    ),
    ("", 0, "echo banana >.go-version; goshim prompt"),
    (
        "",
        1,
        "ln -s nowhere ~/.bashrc; goshim setup --yes; code=$?; rm ~/.bashrc; exit $code",
    ),
    (
        "",
        0,
        "goshim verify && goshim repair 1.22.10 && goshim prune && goshim outdated && goshim",
    ),
    (
        "",
        1,
        "root=$(goshim where 1.27.2); touch \"$root/extra\"; goshim verify; code=$?; rm \"$root/extra\"; exit $code",
    ),
    ("", 0, "echo 1.26.7 >.go-version; goshim why"),
    ("", 1, "echo banana >.go-version; goshim why"),
    (
        "",
        1,
        "goshim install 1.26.7 1.19.1 && exit 9; code=$?; goshim uninstall 1.26.7 && exit $code",
    ),
];

#[test]
fn of_the_shims() {
    provoke("The shims: go, gofmt, go1.22.10", OF_THE_SHIMS);
}

#[test]
fn of_goshim() {
    provoke("goshim", OF_GOSHIM);
}

/// Provokes every case, and compares the rows that the cases are for with those of the page's section.
#[track_caller]
fn provoke(section: &str, cases: Cases) {
    let reader: Reader = at_work();
    // Nobody is done with this one in time.
    let archive = host::archive_name("go1.26.8");
    let silence = Fault::Stall(Duration::from_mins(1));
    reader.mirror.set_fault(&archive, Some(silence));
    for (_, code, typed) in cases {
        let (ended_with, said) = reader.types(&format!(
            "export GOSHIM_AUTO_INSTALL=never; cd \"$(mktemp -d -p ~)\"\n{typed}"
        ));
        assert_eq!(ended_with, *code, "{typed}\n{said}");
    }
    let (_, rest) = PAGE.split_once(&format!("## {section}\n")).unwrap();
    let rest = rest.split("\n## ").next().unwrap();
    let rows = rest
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" |"));
    let rows: BTreeSet<_> = rows
        .flat_map(|(codes, _)| codes.split(", "))
        .filter(|code| *code != "Code")
        .collect();
    let provoked = cases.iter().map(|(row, _, _)| *row);
    let provoked: BTreeSet<_> = provoked.filter(|row| !row.is_empty()).collect();
    assert_eq!(
        rows, provoked,
        "the rows of the page, and those with a case"
    );
}

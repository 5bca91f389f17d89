//! Random questions to cmd/go's selection, of which odd ones are more frequent than in life.

use crate::case::Case;

/// The releases that are asked, one for each generation of cmd/go's rules.
pub(crate) const RELEASES: [&str; 3] = ["1.27.3", "1.22.10", "1.21.13"];

/// A generator of pseudo-random numbers (splitmix64): cases must be the same everywhere for a seed.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.roll() % limit as u64).unwrap_or_default()
    }

    /// True once in `n`.
    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// One of the common ones, or once in `n` one of the odd ones.
    fn pick_rarely<'a>(&mut self, n: usize, common: &[&'a str], odd: &[&'a str]) -> &'a str {
        if self.one_in(n) {
            self.pick(odd)
        } else {
            self.pick(common)
        }
    }
}

const VERSIONS: &[&str] = &[
    "1.16", "1.20", "1.21", "1.21.0", "1.21.13", "1.22", "1.22rc2", "1.22.0", "1.22.10", "1.23",
    "1.23.4", "1.24.1", "1.27", "1.27rc1", "1.27.0", "1.27.3", "1.27.9", "1.28", "1.28rc1",
    "1.28.0", "1.28.2", "1.29.0", "1.30", "1.30.0", "1.30.1", "1.31.5",
];
const ODD_VERSIONS: &[&str] = &[
    "",
    "1",
    "2",
    "2.0",
    "1.20.0",
    "1.021",
    "1.28.",
    "v1.30",
    "1.30 x",
    "\"1.30\"",
    "1.30.x",
    "1.28.2rc1",
    "1.99x",
    "1.9.2rc2",
    "1.30 // c",
    "1.30//c",
    "// 1.30",
    "1.30\r",
    "  1.30\t",
    "1.99999999999999999999",
    "1.3O",
    "(",
    "1.21.13.1",
];
const ODD_TOOLCHAINS: &[&str] = &[
    "default",
    "local",
    "auto",
    "none",
    "go1.28.2-bigcorp",
    "go1.28.2 extra",
    "go2.1.0",
    "gccgo-go1.30.0",
    "go1.30.0\tx",
    "go1.21.13-x",
    "go1.27.3-x",
    "go1.22.10-x",
    "../go1.30.0",
    "go1.28",
    "go1.30-rc1",
    "go1.30.0+auto",
    "go",
    "go1.28.2-",
    "goX-go1.5",
];

pub(crate) fn random_case(dice: &mut Dice, release: &str) -> Case {
    let mut case = Case {
        local_version: format!("go{release}"),
        cwd: "w".to_owned(),
        dirs: vec!["w/a/b".to_owned(), "x".to_owned()],
        ..Case::default()
    };
    let dirs = ["w", "w/a", "w/a/b", "x", ".", "tmp", "w/a/b/c"];
    case.cwd = dice
        .pick(&["w", "w", "w/a", "w/a/b", "w/a/b/c", "tmp", "tmp/p", "x"])
        .to_owned();
    for _ in 0..dice.below(4) {
        let dir = dice.pick(&dirs);
        let name = dice.pick_rarely(4, &["go.mod"], &["go.work"]);
        random_file(dice, &mut case, &format!("{dir}/{name}"));
    }
    if dice.one_in(8) {
        // Another way into the tree.
        let to = dice.pick(&["w", "w/a", "x"]);
        case.symlinks
            .insert("l/s".to_owned(), format!("$ROOT/{to}"));
        if dice.one_in(2) {
            let below = dice.pick(&["", "/b", "/n"]);
            case.cwd = format!("l/s{below}");
        }
        if dice.one_in(3) {
            random_file(dice, &mut case, "l/go.mod");
        }
        // A file through the link would be written twice.
        case.files.retain(|name, _| !name.starts_with("l/s"));
    }
    random_environment(dice, &mut case);
    random_settings(dice, &mut case);
    case.args = random_arguments(dice);
    random_path(dice, &mut case);
    case
}

fn random_file(dice: &mut Dice, case: &mut Case, name: &str) {
    match dice.below(24) {
        0 => case.dirs.push(name.to_owned()),
        1 => {
            let target = dice.pick(&[
                "$ROOT/nowhere",
                "$ROOT/w",
                "/dev/null",
                "$ROOT/other.mod",
                "go.mod",
            ]);
            case.symlinks.insert(name.to_owned(), target.to_owned());
            random_text(dice, case, "other.mod");
        }
        _ => random_text(dice, case, name),
    }
    // One name is one thing.
    let is_taken = case.dirs.iter().any(|dir| dir == name) || case.symlinks.contains_key(name);
    if is_taken {
        case.files.remove(name);
        case.files_b64.remove(name);
    }
    if case.dirs.iter().any(|dir| dir == name) {
        case.symlinks.remove(name);
    }
}

fn random_text(dice: &mut Dice, case: &mut Case, name: &str) {
    let mut lines = vec![
        dice.pick(&[
            "module m",
            "module m",
            "",
            "// comment",
            "use ./a",
            "\u{feff}module m",
        ])
        .to_owned(),
    ];
    for _ in 0..dice.below(4) {
        let version = dice.pick_rarely(6, VERSIONS, ODD_VERSIONS);
        let toolchain = format!("go{}", dice.pick(VERSIONS));
        let toolchain = dice
            .pick_rarely(5, &[&toolchain], ODD_TOOLCHAINS)
            .to_owned();
        let blank = dice.pick_rarely(10, &[" "], &["\t", "  ", "", "\u{a0}", "\u{2003}", "\u{b}"]);
        let indent = dice.pick_rarely(
            10,
            &[""],
            &[" ", "\t", "\u{85}", "\u{feff}", "//", "\u{3000}"],
        );
        lines.push(match dice.below(8) {
            0..4 => format!("{indent}go{blank}{version}"),
            4..7 => format!("{indent}toolchain{blank}{toolchain}"),
            _ => dice
                .pick(&[
                    "require (",
                    ")",
                    "/*",
                    "*/",
                    "<<<<<<< HEAD",
                    "=======",
                    "gogo 1.30",
                    "toolchain",
                    "go",
                    "go\t",
                ])
                .to_owned(),
        });
    }
    let end = dice.pick_rarely(6, &["\n"], &["\r\n", "\r", "\n\n"]);
    let mut text = lines.join(end);
    if !dice.one_in(8) {
        text.push_str(end);
    }
    case.files.insert(name.to_owned(), text);
}

const GOTOOLCHAINS: &[&str] = &[
    "auto",
    "path",
    "local",
    "local+auto",
    "local+path",
    "go1.22.0",
    "go1.22.0+auto",
    "go1.28.0+path",
    "go1.21.0+auto",
    "go1.30.0",
    "go1.27.3",
    "go1.22.10",
    "go1.21.13",
    "go1.23.9",
    "go1.29.0+auto",
    "go1.20",
    "go1.23.9+path",
];
const ODD_GOTOOLCHAINS: &[&str] = &[
    "",
    "Auto",
    "default",
    "go1.22",
    "go1.28",
    "go2.0",
    "go2.0+auto",
    "go2",
    "1.22.0",
    "v1.22.0",
    " go1.22.0",
    "go1.22.0 ",
    "go1.22.0 +auto",
    "go1.22.0+",
    "go1.22.0+foo",
    "+auto",
    "local+",
    "local+foo",
    "go1.28.2-bigcorp",
    "go1.28.2-bigcorp+path",
    "go1.22.0\\x",
    "../go1.22.0",
    "go1.22.0\r",
    "off",
    "none",
    "path+auto",
    "go1.28.2-x+auto",
    "go1.22.x",
    "asdf+auto",
    "\u{7}",
    "go1.21.13-x",
    "go1.30-go1",
];

/// Variables beside GOTOOLCHAIN: each is set once in so many cases, to one of these values.
const VARIABLES: &[(usize, &str, &[&str])] = &[
    (
        8,
        "GO111MODULE",
        &["on", "off", "auto", "auto", "auto", "junk", ""],
    ),
    (
        8,
        "GOWORK",
        &[
            "off",
            "auto",
            "",
            "$ROOT/w/go.work",
            "$ROOT/x/go.work",
            "$ROOT/other.mod",
            "$ROOT/nowhere",
            "go.work",
            "$ROOT/w",
            "./go.work",
        ],
    ),
    (
        8,
        "TMPDIR",
        &[
            "$ROOT/w",
            "$ROOT/w/",
            "$ROOT/w/a",
            "$ROOT/l/s",
            "w",
            ".",
            "/",
            "$ROOT/w/.",
            "$ROOT/l",
            "",
            "/nonexistent",
            "$ROOT//w",
        ],
    ),
    (
        10,
        "PWD",
        &[
            "$ROOT",
            "$ROOT/w",
            "$ROOT/w/a/..",
            "$ROOT/w/.",
            "$ROOT/l/s",
            "$ROOT/l/s/..",
            "w",
            "",
            "/nonexistent",
            "$ROOT//w",
            "$ROOT/w/",
        ],
    ),
    (
        12,
        "GOROOT",
        &[
            "$ROOT/gr",
            "$ROOT/w",
            "$ROOT/w/",
            "$ROOT/nowhere",
            "gr",
            "$ROOT/w/a/",
            "/",
            "$ROOT/gr/",
        ],
    ),
    (
        12,
        "GOENV",
        &[
            "off",
            "$ROOT/e",
            "e",
            "../e",
            "$ROOT/nowhere",
            "",
            "$ROOT/w",
        ],
    ),
    (
        16,
        "XDG_CONFIG_HOME",
        &["$ROOT/xdg", "xdg", "../xdg", "", "$ROOT/nowhere"],
    ),
    (
        20,
        "HOME",
        &["$ROOT/home", "home", "../home", "", "/dev/null/home"],
    ),
    (
        14,
        "GOTOOLCHAIN_INTERNAL_SWITCH_VERSION",
        &["go1.27.3", "go1.22.10", "go1.21.13", "go1.30.0", "", "junk"],
    ),
    (
        20,
        "GOTOOLCHAIN_INTERNAL_SWITCH_COUNT",
        &[
            "1",
            "95",
            "99",
            "100",
            "101",
            "abc",
            "-5",
            "+100",
            "1e3",
            "99999999999999999999999",
            " 100",
            "0100",
            "1_00",
        ],
    ),
    (
        16,
        "GOFLAGS",
        &[
            "-mod=mod",
            "-v",
            "-modfile=alt.mod",
            "-modcacherw",
            "-tags=x",
        ],
    ),
    (
        30,
        "GODEBUG",
        &[
            "execerrdot=0",
            "execerrdot=1",
            "execerrdot=0,x=1",
            "execerrdot=0,execerrdot=1",
        ],
    ),
];

fn random_environment(dice: &mut Dice, case: &mut Case) {
    if dice.one_in(2) {
        let value = dice.pick_rarely(4, GOTOOLCHAINS, ODD_GOTOOLCHAINS);
        case.env
            .insert("GOTOOLCHAIN".to_owned(), Some(value.to_owned()));
    }
    for (one_in, name, values) in VARIABLES {
        if dice.one_in(*one_in) {
            let value = dice.pick(values).to_owned();
            case.env.insert((*name).to_owned(), Some(value));
        }
    }
}

/// go's settings files.
fn random_settings(dice: &mut Dice, case: &mut Case) {
    // Nothing that goshim could know: the counters of cmd/go, which would start a program of their own.
    for dir in ["home/.config", "xdg", "w/xdg", "w/home/.config", "w/a/xdg"] {
        case.files
            .insert(format!("{dir}/go/telemetry/mode"), "off".to_owned());
    }
    for file in [
        "home/.config/go/env",
        "xdg/go/env",
        "e",
        "w/e",
        "gr/go.env",
        "w/go.env",
        "w/xdg/go/env",
        "w/home/.config/go/env",
    ] {
        if !dice.one_in(4) {
            continue;
        }
        let mut text = String::new();
        for _ in 0..=dice.below(3) {
            let toolchain = dice.pick_rarely(5, GOTOOLCHAINS, ODD_GOTOOLCHAINS);
            let line = match dice.below(14) {
                0..6 => format!("GOTOOLCHAIN={toolchain}"),
                6 => format!(
                    "GOWORK={}",
                    dice.pick(&["off", "$ROOT/x/go.work", "go.work", ""])
                ),
                7 => format!("GO111MODULE={}", dice.pick(&["off", "auto", "on", "x"])),
                8 => format!("GOROOT={}", dice.pick(&["$ROOT/gr", "$ROOT/w", "", "gr"])),
                9 => format!("# GOTOOLCHAIN={toolchain}"),
                10 => format!(" GOTOOLCHAIN={toolchain}"),
                11 => "gotoolchain=go1.30.0".to_owned(),
                12 => format!("GOTOOLCHAIN ={toolchain}"),
                _ => "GOTOOLCHAIN".to_owned(),
            };
            text.push_str(&line);
            text.push_str(dice.pick_rarely(12, &["\n"], &["\r\n", ""]));
        }
        case.files.insert(file.to_owned(), text);
    }
}

/// The programs on PATH.
fn random_path(dice: &mut Dice, case: &mut Case) {
    if !dice.one_in(5) {
        return;
    }
    let path = dice.pick(&[
        "",
        "$ROOT/p",
        "$ROOT/p:$ROOT/fakes",
        "p:$ROOT/fakes",
        ":$ROOT/fakes",
        ".:$ROOT/fakes",
        "$ROOT/nowhere:$ROOT/fakes",
        "$ROOT/fakes/:x",
        "../p",
    ]);
    case.env.insert("PATH".to_owned(), Some(path.to_owned()));
    for dir in ["p", "w/p", "w"] {
        for _ in 0..dice.below(3) {
            let name = format!("{dir}/go{}", dice.pick(VERSIONS));
            match dice.below(4) {
                0 => case.dirs.push(name),
                1 => {
                    case.files.insert(name, "#!/bin/sh\n".to_owned());
                }
                _ => {
                    case.symlinks.insert(name, "$ROOT/.fake".to_owned());
                }
            }
        }
    }
    if dice.one_in(3) {
        // Real programs under a right name and a wrong one. They print their version, so that is what they are asked for.
        let [newest, middle, oldest] =
            RELEASES.map(|release| format!("$SDK_{}/bin/go", release.replace('.', "_")));
        case.symlinks.insert("p/go1.22.10".to_owned(), middle);
        let wrong = if dice.one_in(2) { newest } else { oldest };
        case.symlinks.insert("p/go1.30.0".to_owned(), wrong);
        case.args = vec!["version".to_owned()];
    }
    // One name is one thing.
    case.dirs.retain(|dir| !case.symlinks.contains_key(dir));
    let (symlinks, dirs) = (&case.symlinks, &case.dirs);
    case.files
        .retain(|name, _| !symlinks.contains_key(name) && !dirs.contains(name));
}

fn random_arguments(dice: &mut Dice) -> Vec<String> {
    let line = dice.pick(&[
        "version",
        "version",
        "version",
        "version",
        "version",
        "version",
        "version",
        "version",
        "env GOTOOLCHAIN",
        "env -w GOTOOLCHAIN=auto",
        "env -w GOTOOLCHAIN",
        "env -u GOTOOLCHAIN",
        "env GOMOD",
        "env GOWORK",
        "env GOMOD GOWORK",
        "env GOTOOLCHAIN GOROOT",
        "",
        "help",
        "frobnicate",
        "--version",
        "-C D version",
        "version -C D",
        "-C=D version",
        "--C=D version",
        "--C D version",
        "mod -C D edit -json",
        "mod edit -C D -json",
        "work edit -C D -json",
        "work vendor -C D",
        "telemetry -C D",
        "build -v -C D",
        "zzz -C D",
        "-C",
        "-C= version",
        "-C D env GOMOD",
        "list -C D -m",
        "env -C D GOTOOLCHAIN",
        "mod zzz -C D",
        "work -C D",
        "help -C D",
        "install P",
        "install -v P",
        "install -tags x P",
        "install -zzz P",
        "install -zzz y P",
        "install -zzz -modcacherw P",
        "install -modcacherw=x P",
        "install -exec x P",
        "install -json P",
        "install -- P",
        "install P -v",
        "install",
        "install --",
        "install -p",
        "run P",
        "run -v P",
        "run -zzz P",
        "run -zzz=1 P",
        "run -exec x P",
        "run -exec",
        "run -- P",
        "run -C D P",
        "run ./x@v1",
        "run ../x@v1",
        "run /x@v1",
        "install ./...",
        "install example.com/x",
        "install go@1.30",
        "install toolchain@go1.30",
        "install @v1",
        "install x@",
        "install x@-v1",
        "install x@/v1",
        "run -modcacherw=false P",
        "run -coverprofile x P",
        "run -debug-trace x P",
        "install -C D P",
        "run -C=D P",
    ]);
    let dir = dice.pick(&[
        "a",
        "..",
        ".",
        "$ROOT/w/a",
        "$ROOT/x",
        "$ROOT/l/s",
        "nowhere",
        "a/b",
    ]);
    line.split(' ')
        .filter(|word| !word.is_empty())
        .map(|word| match word {
            "D" => dir.to_owned(),
            "P" => "example.com/x@v1.0.0".to_owned(),
            word => word.replace("=D", &format!("={dir}")),
        })
        .collect()
}

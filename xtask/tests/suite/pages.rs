//! The pages of the documentation, followed. What they type is run, what they show must come out, the files that they show are written, and every
//! call of goshim that stands anywhere in them is one that goshim understands.
//!
//! The words behind a fence say what a block is:
//! - `sh`: typed into a shell of its own. A block `text` behind it is what comes out; without one nothing does;
//! - `sh not-run`: one of [`NOT_RUN`];
//! - a language and the name of a file: its text, which is written there;
//! - `text`, `json`, `yaml`, `dockerfile`: to be read. What it calls of goshim must be understood.

use std::collections::BTreeSet;
use std::path::Path;

use clap::error::ErrorKind;
use goshim_test_support::{
    ArchiveBuilder, Mirror, Proxy, Sandbox, TlsFront, copy_program, host, page, stand_in,
};

use crate::product::product;

/// What goshim was built from.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn read(file: &str) -> String {
    fs_err::read_to_string(root().join(file)).unwrap()
}

/// The pages that are followed here, some with what must be true afterwards.
macro_rules! followed {
    ($($name:ident $file:literal $(, $check:ident)?;)*) => {
        const FOLLOWED: &[&str] = &[$($file),*];
        $(#[test]
        fn $name() {
            let reader = follow($file);
            $($check(&reader);)?
            drop(reader);
        })*
    };
}

followed! {
    readme "README.md";
    resolution "docs/concepts/resolution.md";
    trust "docs/concepts/trust.md";
    verification "docs/concepts/verification.md";
    containers "docs/guide/containers.md";
    corporate "docs/guide/corporate.md", went_through_the_proxy;
    editors "docs/guide/editors.md";
    install "docs/guide/install.md";
    layouts "docs/guide/layouts.md";
    looking_after_the_store "docs/guide/looking-after-the-store.md";
    mirrors "docs/guide/mirrors.md";
    moving "docs/guide/moving.md";
    own_sdks "docs/guide/own-sdks.md";
    shells "docs/guide/shells.md";
    team "docs/guide/team.md";
    config "docs/reference/config.md";
    exit_codes "docs/reference/exit-codes.md";
    json "docs/reference/json.md";
    project_file "docs/reference/project-file.md";
}

/// The pages that another test follows or makes, and which.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "docs/guide/getting-started.md",
        "xtask/tests/suite/guide.rs",
    ),
    ("docs/guide/screens.md", "crates/cli/tests/suite/screens.rs"),
    ("docs/reference/commands.md", "xtask/src/codegen.rs"),
    ("docs/reference/environment.md", "xtask/src/codegen.rs"),
];

/// The blocks that are not run: the page, the text, and why.
const NOT_RUN: &[(&str, &str, &str)] = &[
    ("README.md", "cargo xtask install", "guide.rs runs it"),
    (
        "README.md",
        "cargo xtask demo",
        "`cargo xtask test` runs it",
    ),
    ("README.md", "cargo xtask test", "it runs this test"),
    (
        "docs/guide/editors.md",
        "go install golang.org/x/tools/gopls@latest",
        "it needs the internet",
    ),
    (
        "docs/guide/install.md",
        "cargo xtask install",
        "guide.rs runs it",
    ),
    (
        "docs/guide/layouts.md",
        "go install golang.org/x/tools/cmd/stringer@latest\ngoshim exec stringer -help",
        "it needs the internet; layouts.rs does the same with a proxy in a directory",
    ),
];

#[test]
fn every_page_is_followed_and_every_block_that_is_not_has_a_reason() {
    let mut there = BTreeSet::from(["README.md".to_owned()]);
    for dir in ["docs/concepts", "docs/guide", "docs/reference"] {
        for entry in fs_err::read_dir(root().join(dir)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") {
                there.insert(format!("{dir}/{name}"));
            }
        }
    }
    let elsewhere = ELSEWHERE.iter().map(|(page, _)| page);
    let known = FOLLOWED.iter().chain(elsewhere);
    let known: BTreeSet<_> = known.map(ToString::to_string).collect();
    assert_eq!(there, known, "pages, and those that tests know");
    for (_, test) in ELSEWHERE {
        assert!(root().join(test).is_file(), "{test}");
    }
    let mut not_run = Vec::new();
    for page in &there {
        let blocks = page::blocks(&read(page)).into_iter();
        let blocks = blocks.filter(|block| block.info.ends_with("not-run"));
        not_run.extend(blocks.map(|block| (page.clone(), block.text)));
    }
    let known = NOT_RUN.iter();
    let known: Vec<_> = known
        .map(|(page, text, _)| ((*page).to_owned(), format!("{text}\n")))
        .collect();
    assert_eq!(
        not_run, known,
        "blocks that are not run, and those with a reason"
    );
}

/// Somebody who follows a page, in an empty home directory with a project `~/app`.
pub(crate) struct Reader {
    sandbox: Sandbox,
    /// What the page says, and what stands for it here.
    names: Vec<(&'static str, String)>,
    /// For directories outside the home directory. Unlike the sandbox it has no blank in its path, for pages do not quote `/opt`.
    _elsewhere: tempfile::TempDir,
    proxy: Proxy,
    _front: TlsFront,
    pub(crate) mirror: Mirror,
    is_inside: bool,
}

impl Reader {
    /// `is_inside`: go.dev is reached through the proxy alone, as the page about it says; elsewhere the mirror is go.dev.
    fn new(is_inside: bool) -> Self {
        let sandbox = Sandbox::new();
        let elsewhere = tempfile::Builder::new()
            .prefix("goshim-pages-")
            .tempdir()
            .unwrap();
        sandbox.mkdir("home/app");
        // Whether this machine has systemd makes no difference then.
        sandbox.mkdir("home/.config/environment.d");
        let programs = sandbox.mkdir("home/.local/bin");
        for program in [&product().goshim, &product().shim] {
            copy_program(program, &programs);
        }
        // A Go built from source.
        let built = sandbox.home().join("src/go");
        stand_in::write_sdk(&built, "go1.27.3");
        fs_err::rename(built.join("VERSION"), built.join("VERSION.cache")).unwrap();
        fs_err::write(built.join("VERSION.cache"), "devel go1.28-7a2cf1b").unwrap();
        let path = |name: &str| {
            let path = elsewhere.path().join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            path
        };
        let distributed = path("usr/lib/go");
        stand_in::write_sdk(&distributed, "go1.27.3");
        let files = path("mnt/golang");
        stand_in::write_mirror(&files, page::PUBLISHED);
        let foreign = ArchiveBuilder::stand_in("go1.27.3");
        let foreign = foreign.replace(
            "go/bin/go",
            b"\xcf\xfa\xed\xfe\x0c\0\0\x01a program of macOS",
        );
        fs_err::write(files.join("go1.27.3.darwin-arm64.tar.gz"), foreign.finish()).unwrap();
        let mirror = Mirror::start(&files).unwrap();
        let front = TlsFront::start(mirror.address(), &["go.dev", "nexus.corp.example"]);
        front.write_certificate(&path("etc/ssl/company.pem"));
        let proxy = Proxy::start(front.address(), mirror.address(), None);
        let mut names = vec![
            ("/home/you", sandbox.home().to_str().unwrap().to_owned()),
            // Another name of the same server, which stays what it is in messages.
            (
                "https://mirror.example.com/golang",
                format!("http://localhost:{}/dl", mirror.address().port()),
            ),
            (
                "https://nexus.corp.example/repository/golang",
                "https://nexus.corp.example/dl".to_owned(),
            ),
            ("http://proxy.corp.example:3128", proxy.url()),
            ("/usr/lib/go", distributed.to_str().unwrap().to_owned()),
            ("linux-amd64", format!("{}-{}", host::os(), host::arch())),
        ];
        for name in [
            "/etc/goshim",
            "/etc/ssl",
            "/media/stick",
            "/mnt/golang",
            "/opt/goshim",
        ] {
            let dir = path(&name[1..]);
            fs_err::create_dir_all(&dir).unwrap();
            names.push((name, dir.to_str().unwrap().to_owned()));
        }
        if !is_inside {
            names.push(("https://go.dev/dl/", mirror.url()));
        }
        let reader = Self {
            sandbox,
            names,
            _elsewhere: elsewhere,
            proxy,
            _front: front,
            mirror,
            is_inside,
        };
        assert_eq!(reader.types("goshim setup --quiet").0, 0);
        reader
    }

    /// A text of the page with the names of this place.
    fn here(&self, text: &str) -> String {
        let names = self.names.iter();
        names.fold(text.to_owned(), |text, (name, real)| {
            text.replace(name, real)
        })
    }

    /// A text of this place with the names of the page.
    fn on_the_page(&self, text: &str) -> String {
        let names = self.names.iter();
        names.fold(text.to_owned(), |text, (name, real)| {
            text.replace(real, name)
        })
    }

    /// Types `text` into a new `sh` in the project. Returns the exit code, and all that came out.
    pub(crate) fn types(&self, text: &str) -> (i32, String) {
        self.types_into("sh", text)
    }

    fn types_into(&self, shell: &str, text: &str) -> (i32, String) {
        let home = self.sandbox.home();
        let app = home.join("app");
        let script = format!(
            "exec 2>&1\ntest ! -e ~/.profile || . ~/.profile\n{}",
            self.here(text)
        );
        let mut shell = self.sandbox.command(shell);
        let path = format!(
            "{home}/.local/share/goshim/shims:{home}/.local/bin:/usr/bin:/bin",
            home = home.display()
        );
        shell
            .args(["-c", &script])
            .env_remove("GOSHIM_HOME")
            .env(
                "GOSHIM_MACHINE_CONFIG",
                self.here("/etc/goshim/config.toml"),
            )
            .env("SHELL", "/bin/bash")
            .env("LC_ALL", "C.UTF-8")
            .env("GITHUB_ENV", home.join("github-env"))
            .env("GITHUB_PATH", home.join("github-path"))
            .env("PATH", path)
            .current_dir(&app)
            .env("PWD", &app);
        if self.is_inside {
            shell.env("CURL_CA_BUNDLE", self.here("/etc/ssl/company.pem"));
        } else {
            shell.env("GOSHIM_INDEX_URL", self.mirror.url());
        }
        let output = shell.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), self.on_the_page(&said))
    }

    /// Writes a file of the page. Returns its path.
    fn writes(&self, name: &str, text: &str) {
        let path = match name.strip_prefix("~/") {
            Some(name) => self.sandbox.home().join(name),
            None => self.sandbox.home().join("app").join(self.here(name)),
        };
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, self.here(text)).unwrap();
    }
}

/// A file of a page is one that goshim can read.
#[track_caller]
fn is_understood(reader: &Reader, name: &str) {
    let (dir, file) = name.rsplit_once('/').unwrap_or((".", name));
    let question = match file {
        "config.toml" => "goshim config".to_owned(),
        ".goshim.toml" => format!("goshim trust --show {dir}"),
        ".go-version" | ".tool-versions" => format!("goshim why --what-if {dir}"),
        _ => return,
    };
    let (code, said) = reader.types(&question);
    assert_eq!(code, 0, "{name}: {said}");
}

/// Follows a page. Returns who followed it.
#[track_caller]
fn follow(file: &str) -> Reader {
    let reader = Reader::new(file.ends_with("corporate.md"));
    let blocks = page::blocks(&read(file));
    for (at, block) in blocks.iter().enumerate() {
        match &*block.info {
            "sh" => {
                let shown = blocks.get(at + 1).filter(|next| next.info == "text");
                let shown = shown.map_or("", |shown| shown.text.as_str());
                let (_, said) = reader.types(&block.text);
                assert!(
                    page::is_shown(&said, shown),
                    "{file}, line {}:\n{}says\n{said}\ninstead of\n{shown}",
                    block.line,
                    block.text
                );
            }
            "json" => {
                let parsed: Result<serde_json::Value, _> = serde_json::from_str(&block.text);
                parsed.unwrap_or_else(|error| panic!("{file}, line {}: {error}", block.line));
            }
            "sh not-run" | "text" | "yaml" | "dockerfile" => {}
            info => {
                let name = info.split_once(' ').map(|(_, name)| name);
                let name = name.unwrap_or_else(|| panic!("{file}: a block of `{info}`"));
                reader.writes(name, &block.text);
                is_understood(&reader, name);
            }
        }
    }
    reader
}

/// The page about corporate networks had an effect: nothing was reached without the proxy, the index came from where it says, and the mirror got
/// the password of the `.netrc`.
fn went_through_the_proxy(reader: &Reader) {
    let tunnels = reader.proxy.requests();
    for host in ["go.dev:443", "nexus.corp.example:443"] {
        assert!(tunnels.iter().any(|request| request.path == host), "{host}");
    }
    let requests = reader.mirror.requests();
    assert_eq!(requests.len(), tunnels.len());
    assert!(reader.mirror.hits("index.json") > 0);
    // user:secret
    let login = (
        "authorization".to_owned(),
        "Basic dXNlcjpzZWNyZXQ=".to_owned(),
    );
    assert!(
        requests
            .iter()
            .any(|request| request.headers.contains(&login))
    );
}

/// Every call of goshim that a text types: the words behind `goshim`.
fn calls(text: &str) -> Vec<Vec<String>> {
    let commands = text.split(['\n', ';', '|', '&', '(', ')']).map(words);
    let calls = commands.filter_map(|words| {
        // What may stand in front: a step of CI, an instruction of a Dockerfile, variables.
        let is_in_front =
            |word: &String| matches!(&**word, "-" | "run:" | "RUN") || word.contains('=');
        let mut words = words.into_iter().skip_while(is_in_front);
        let program = words.next()?;
        let words = words.take_while(|word| !word.starts_with(['#', '>', '<']));
        (program == "goshim" || program.ends_with("bin/goshim")).then(|| words.collect())
    });
    calls.collect()
}

/// The words of a simple command, as a shell takes them apart.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote) = (None::<String>, None);
    for c in command.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Why goshim does not understand a call; `None` where it does, or where a text only names a command.
fn misunderstood(call: &[String]) -> Option<String> {
    let words = std::iter::once("goshim").chain(call.iter().map(String::as_str));
    let error = goshim::definition().try_get_matches_from(words).err()?;
    let is_a_name = call.first().is_some_and(|word| word == "COMMAND")
        || matches!(
            error.kind(),
            ErrorKind::MissingRequiredArgument
                | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                | ErrorKind::DisplayHelp
                | ErrorKind::DisplayVersion
        );
    (!is_a_name).then(|| error.to_string())
}

/// Also those that nothing runs: in a line of text, a table, a step of CI, an instruction of a Dockerfile.
#[test]
fn every_call_on_every_page_is_one_that_goshim_understands() {
    let (mut understood, mut wrong) = (0, Vec::new());
    for file in FOLLOWED
        .iter()
        .chain(ELSEWHERE.iter().map(|(file, _)| file))
    {
        let text = read(file);
        let is_typed = |info: &str| FOLLOWED.contains(file) && info != "text";
        let blocks = page::blocks(&text)
            .into_iter()
            .filter(|block| is_typed(&block.info));
        let typed = blocks.map(|block| block.text).chain(page::code(&text));
        for call in typed.flat_map(|text| calls(&text)) {
            match misunderstood(&call) {
                None => understood += 1,
                Some(why) => wrong.push(format!("{file}: goshim {}: {why}", call.join(" "))),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{understood} calls of goshim on the pages");
    assert!(understood > 200, "{understood}");
}

/// The last column of the page for people of other tools, where `goshim` is left out.
#[test]
fn the_words_of_other_tools_have_their_places() {
    let text = read("docs/guide/moving.md");
    let (_, table) = text.split_once("| goshim |\n").unwrap();
    let mut checked = 0;
    for row in table.lines().take_while(|line| line.starts_with('|')) {
        let column = row
            .trim_end_matches([' ', '|'])
            .rsplit(" | ")
            .next()
            .unwrap();
        for call in page::code(column) {
            if !call.starts_with("go ") {
                assert_eq!(misunderstood(&words(&call)), None, "{row}");
                checked += 1;
            }
        }
    }
    assert!(checked > 20, "{checked}");
}

#[test]
fn a_call_can_be_wrong() {
    let found =
        calls("RUN a && X=1 goshim install '1 2' # goshim x\n  - run: ~/bin/goshim list >f");
    assert_eq!(found, [vec!["install", "1 2"], vec!["list"]]);
    assert!(misunderstood(&["lsit".to_owned()]).is_some());
    assert!(misunderstood(&["list".to_owned(), "--bad".to_owned()]).is_some());
    assert_eq!(misunderstood(&["use".to_owned()]), None);
}

/// Somebody with a project on which every command has something to do.
pub(crate) fn at_work() -> Reader {
    let reader = Reader::new(false);
    let (code, said) = reader.types(
        "goshim install --quiet 1.21.13 1.22.10 1.27.2\n\
         cp /mnt/golang/go1.22.10.linux-amd64.tar.gz .\n\
         printf 'module m\\n\\ngo 1.21\\n' >go.mod\n\
         printf 'all test:\\n\\tgo version\\n' >Makefile\n\
         mkdir tools",
    );
    assert_eq!(code, 0, "{said}");
    reader
}

#[test]
fn every_command_of_the_readme_s_table_works() {
    let reader = at_work();
    let text = read("README.md");
    let (_, table) = text.split_once("## Daily use").unwrap();
    let (table, _) = table.split_once("\n\nGuides").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let commands: Vec<_> = rows
        .flat_map(|row| row.split_once(" | ").unwrap().0.split("`, `"))
        .map(|command| command.trim_end_matches('`'))
        .collect();
    assert!(commands.len() > 20, "{commands:?}");
    for command in commands {
        let (code, said) = reader.types(command);
        assert_eq!(code, 0, "{command}\n{said}");
    }
}

/// The examples of every command's help, in their order.
#[test]
fn every_example_of_the_help_works() {
    let reader = at_work();
    let mut run = 0;
    for command in goshim::definition().get_subcommands() {
        let examples = command
            .get_before_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        for line in examples.lines() {
            let example = line.trim_start().split("  ").next().unwrap_or_default();
            let shell = if example.ends_with("| source") {
                "fish"
            } else {
                "bash"
            };
            let (code, said) = reader.types_into(shell, example);
            assert_eq!(code, 0, "{example}\n{said}");
            run += 1;
        }
    }
    assert!(run > 50, "{run}");
}

/// Where the links of a page lead.
fn links(page: &str) -> Vec<&str> {
    let starts = page.match_indices("](").map(|(at, _)| &page[at + 2..]);
    starts
        .filter_map(|rest| rest.split([')', ' ']).next())
        .collect()
}

/// The names that a page's headings have in links, as GitHub makes them.
fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let names = headings.map(|line| line.trim_start_matches('#').trim().to_lowercase());
    let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let names = names.map(|name| name.chars().filter(is_kept).collect::<String>());
    names.map(|name| name.replace(' ', "-")).collect()
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let mut pages: Vec<_> = ["README.md", "CONTRIBUTING.md", "SECURITY.md"]
        .map(|name| root().join(name))
        .to_vec();
    for dir in fs_err::read_dir(root().join("docs")).unwrap() {
        for entry in fs_err::read_dir(dir.unwrap().path()).unwrap() {
            let path = entry.unwrap().path();
            pages.extend((path.extension() == Some("md".as_ref())).then_some(path));
        }
    }
    let (mut followed, mut dead) = (0, Vec::new());
    for page in pages {
        let text = fs_err::read_to_string(&page).unwrap();
        let inner = links(&text)
            .into_iter()
            .filter(|link| !link.contains("://"));
        for link in inner {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                page.clone()
            } else {
                page.with_file_name(file)
            };
            let is_alive = target.exists()
                && (anchor.is_empty()
                    || anchors(&fs_err::read_to_string(&target).unwrap())
                        .iter()
                        .any(|name| name == anchor));
            if !is_alive {
                dead.push(format!("{}: {link}", page.display()));
            }
            followed += 1;
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
    assert!(followed > 80, "{followed}");
}

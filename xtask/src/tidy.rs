//! `cargo xtask tidy`: what no compiler checks.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::product::cargo_program;
use crate::{Error, root};

/// What must not be in a package's dependencies, whatever the platform and however far away.
const FORBIDDEN_PACKAGES: &[(&str, &[&str])] = &[
    (
        "goshim-resolver",
        &[
            "clap",
            "curl",
            "hyper",
            "mio",
            "reqwest",
            "rustls",
            "socket2",
            "tokio",
            "tracing-subscriber",
            "ureq",
        ],
    ),
    (
        "goshim-shim",
        &[
            "clap",
            "goshim-installer",
            "hyper",
            "reqwest",
            "rustls",
            "socket2",
            "tokio",
            "tracing-subscriber",
        ],
    ),
];

/// What must not be in the text of a folder's sources, tests apart: the resolver opens no socket, writes nothing and prints nothing.
const FORBIDDEN_TEXT: &[(&str, &[&str])] = &[
    (
        "crates/resolver/src",
        &[
            "std::net",
            "TcpStream",
            "UdpSocket",
            "UnixStream",
            "rustix::net",
            "fs::write",
            "File::create",
            "create_dir",
            "remove_file",
            "remove_dir",
            "fs::rename",
            "fs::copy",
            "hard_link",
            "fs::symlink(",
            "set_permissions",
            "OpenOptions",
            "OFlags::WRONLY",
            "OFlags::RDWR",
            "OFlags::CREATE",
            "print!",
            "println!",
            "stdout()",
            "stderr()",
            "Command::new",
            "process::Command",
        ],
    ),
    (
        "crates/installer/src",
        &["print!", "println!", "stdout()", "stderr()", "env::var"],
    ),
];

/// The one file that may name reqwest's client.
const HTTP: &str = "crates/installer/src/http.rs";

/// Runs all checks; every complaint is printed before it fails.
pub(crate) fn run() -> Result<(), Error> {
    let mut complaints = Vec::new();
    packages(&mut complaints)?;
    let sources = sources()?;
    for file in &sources {
        source(file, &mut complaints)?;
    }
    documents(&mut complaints)?;
    if complaints.is_empty() {
        println!(
            "tidy: {} files, {} packages watched",
            sources.len(),
            FORBIDDEN_PACKAGES.len()
        );
        return Ok(());
    }
    Err(Error(complaints.join("\nxtask: ")))
}

/// The dependency trees of the packages that must stay small.
fn packages(complaints: &mut Vec<String>) -> Result<(), Error> {
    for (package, forbidden) in FORBIDDEN_PACKAGES {
        let mut tree = Command::new(cargo_program());
        tree.args([
            "tree",
            "--locked",
            "--edges",
            "normal",
            "--target",
            "all",
            "--prefix",
            "none",
            "--format",
            "{lib} {p}",
            "--package",
            package,
        ]);
        let output = tree.current_dir(root()).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() || !text.contains(package) {
            return Err(Error(format!(
                "cargo tree of {package} failed: {}",
                String::from_utf8_lossy(&output.stderr)
            )));
        }
        for name in text.lines().filter_map(|line| line.split(' ').nth(1)) {
            if forbidden.contains(&name) {
                complaints.push(format!("{package} depends on {name}, which it must not"));
            }
        }
    }
    Ok(())
}

/// All files that git knows or would take up, by their path below the root.
fn sources() -> Result<Vec<PathBuf>, Error> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root())
        .output()?;
    if !output.status.success() {
        return Err(Error(
            "git ls-files failed: tidy works in a git checkout".to_owned(),
        ));
    }
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(names
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(PathBuf::from)
        .filter(|name| root().join(name).is_file())
        .collect())
}

/// The text of one file.
fn source(file: &Path, complaints: &mut Vec<String>) -> Result<(), Error> {
    let name = file.to_string_lossy();
    let is_data = ["/vectors/", "/seeds/", "Cargo.lock", "LICENSE"]
        .iter()
        .any(|part| name.contains(part));
    let Ok(text) = String::from_utf8(fs_err::read(root().join(file))?) else {
        return Ok(());
    };
    if is_data {
        return Ok(());
    }
    let is_rust = name.ends_with(".rs");
    let is_test = name.contains("/tests/") || name.ends_with("tests.rs");
    let tests_begin = text
        .lines()
        .position(|line| line.starts_with("#[cfg(") && line.contains("test"));
    let product_lines = if is_test {
        0
    } else {
        tests_begin.unwrap_or(usize::MAX)
    };
    let product: Vec<&str> = text.lines().take(product_lines).collect();
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        if line.ends_with([' ', '\t']) && !name.ends_with(".md") {
            complaints.push(format!(
                "{name}:{number}: white space at the end of the line"
            ));
        }
        // Spelt in two parts, so that this file does not complain of itself.
        let open_ends = [
            concat!("TO", "DO"),
            concat!("FIX", "ME"),
            concat!("dbg", "!("),
            concat!("unimplemented", "!("),
        ];
        if open_ends.iter().any(|word| line.contains(word))
            && !name.starts_with("docs/")
            && name != "clippy.toml"
        {
            complaints.push(format!("{name}:{number}: left open"));
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        complaints.push(format!("{name}: no newline at the end"));
    }
    if !is_rust {
        return Ok(());
    }
    for (folder, words) in FORBIDDEN_TEXT {
        for word in words.iter().filter(|_| name.starts_with(folder)) {
            let code = product
                .iter()
                .enumerate()
                .filter(|(_, line)| !line.trim_start().starts_with("//"));
            for (number, _) in code.filter(|(_, line)| line.contains(word)) {
                complaints.push(format!(
                    "{name}:{}: `{word}` does not belong into {folder}",
                    number + 1
                ));
            }
        }
    }
    let names = |word: &str| product.iter().any(|line| line.contains(word));
    let names_client = names("reqwest::blocking") || names("reqwest::Client");
    if names_client && name != HTTP && !name.starts_with("xtask") {
        complaints.push(format!("{name}: only {HTTP} may name reqwest's client"));
    }
    for word in ["feature = \"test\"", "cfg!(test)", "GOSHIM_TEST"] {
        if names(word) && !name.starts_with("xtask") {
            complaints.push(format!("{name}: `{word}`: nothing exists for tests alone"));
        }
    }
    Ok(())
}

/// The documents that go with the code.
fn documents(complaints: &mut Vec<String>) -> Result<(), Error> {
    let root = root();
    if !fs_err::read_to_string(root.join("CHANGELOG.md"))?.contains("## [Unreleased]") {
        complaints.push("CHANGELOG.md has no section [Unreleased]".to_owned());
    }
    let listed = fs_err::read_to_string(root.join("docs/internals/dependencies.md"))?;
    for manifest in sources()?
        .iter()
        .filter(|file| file.ends_with("Cargo.toml"))
    {
        let text = fs_err::read_to_string(root.join(manifest))?;
        for name in direct_dependencies(&text) {
            if !name.starts_with("goshim") && !listed.contains(&format!("`{name}`")) {
                complaints.push(format!(
                    "{}: {name} has no line in docs/internals/dependencies.md",
                    manifest.display()
                ));
            }
        }
    }
    Ok(())
}

/// The names in a manifest's tables of dependencies, which are written a line each.
fn direct_dependencies(manifest: &str) -> impl Iterator<Item = &str> {
    let mut is_dependencies = false;
    manifest.lines().filter_map(move |line| {
        if line.starts_with('[') {
            is_dependencies = line.trim_end_matches(']').ends_with("dependencies");
            return None;
        }
        let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
        (is_dependencies && !name.is_empty() && !name.starts_with('#')).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_dependencies_of_a_manifest() {
        let manifest = "[package]\nname = \"x\"\n\n[dependencies]\na.workspace = true\nb = \"1\"\n\n[lints]\nworkspace = true\n\n[target.\"cfg(unix)\".dependencies]\nlibc.workspace = true\n";
        assert_eq!(
            direct_dependencies(manifest).collect::<Vec<_>>(),
            ["a", "b", "libc"]
        );
    }
}

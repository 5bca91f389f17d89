//! What gives PATH to programs that no shell starts, such as editors of a desktop: a file of systemd's user manager, of macOS's launchd, or the user's
//! variables of Windows.

use std::path::{Path, PathBuf};

use crate::Shell;
use crate::startup::Places;

/// The file of systemd's user manager, which the sessions of graphical desktops get their environment from: `environment.d(5)`.
pub fn environment_d_file(places: &Places) -> PathBuf {
    places.config.join("environment.d/60-goshim.conf")
}

/// The lines of [`environment_d_file`] that set `variables` to paths and put `directory` in front of PATH; `None` where the format cannot
/// hold them for certain.
pub fn environment_d_lines(variables: &[(&str, &Path)], directory: &Path) -> Option<String> {
    let mut lines = Vec::new();
    for (name, path) in variables {
        lines.push(format!("{name}=\"{}\"\n", environment_d_word(path)?));
    }
    lines.push(format!(
        "PATH=\"{}:$PATH\"\n",
        environment_d_word(directory)?
    ));
    Some(lines.concat())
}

/// The format has two rounds of quoting, which no two versions do alike; a path that needs any is refused.
fn environment_d_word(path: &Path) -> Option<&str> {
    let text = path.to_str()?;
    let is_plain = |c: char| !c.is_control() && !matches!(c, '"' | '\\' | '$' | '`');
    text.chars().all(is_plain).then_some(text)
}

/// The launch agent's file: `launchd.plist(5)`.
pub fn launch_agent_file(places: &Places) -> PathBuf {
    places.home.join("Library/LaunchAgents/goshim.path.plist")
}

/// The launch agent that sets `variables` to paths and puts `directory` in front of the PATH of what launchd starts, at each login; `None`
/// for names that XML cannot hold.
pub fn launch_agent(variables: &[(&str, &Path)], directory: &Path) -> Option<String> {
    let quote = |path: &Path| {
        let text = path.to_str()?;
        (!text.contains(char::is_control)).then(|| Shell::Posix.quote(text))
    };
    let mut lines = Vec::new();
    for (name, path) in variables {
        lines.push(format!("launchctl setenv {name} {}", quote(path)?));
    }
    let directory = quote(directory)?;
    let script = include_str!("../files/launchd.sh").lines();
    // The comment at the top is for the linter.
    let script = script.filter(|line| !line.starts_with('#'));
    lines.extend(script.map(|line| line.replace("@SHIMS@", &directory)));
    let text = lines
        .join("\n")
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    Some(include_str!("../files/launchd.plist").replace("@SCRIPT@", &text))
}

/// What puts `directory` in front of the user's PATH on Windows, and sets `variables` to paths there, for every program that is started afterwards: lines of
/// `PowerShell`, which run once.
pub fn windows_lines(variables: &[(&str, &Path)], directory: &Path) -> Vec<String> {
    let set = |name: &str, value: &str| {
        format!("[Environment]::SetEnvironmentVariable('{name}', {value}, 'User')")
    };
    let quote = |path: &Path| Shell::PowerShell.quote(&path.to_string_lossy());
    let path = format!(
        "{} + ';' + [Environment]::GetEnvironmentVariable('Path', 'User')",
        quote(directory)
    );
    let variables = variables.iter().map(|(name, path)| set(name, &quote(path)));
    variables.chain([set("Path", &path)]).collect()
}

/// How a line near the beginning of every [`launch_agent`] begins, of whichever version.
pub const LAUNCH_AGENT_MARK: &str = "<!-- written by goshim setup";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_d() {
        let lines =
            |dir| environment_d_lines(&[("GOSHIM_HOME", Path::new("/a b"))], Path::new(dir));
        assert_eq!(
            lines("/a b/shims").as_deref(),
            Some("GOSHIM_HOME=\"/a b\"\nPATH=\"/a b/shims:$PATH\"\n")
        );
        assert_eq!(
            (lines("/a$b"), lines("/a\nb"), lines("/\"")),
            (None, None, None)
        );
    }

    /// No `PowerShell` is on the machines that run the tests: what its manual says is written down here.
    #[test]
    fn windows() {
        let lines = windows_lines(
            &[("GOSHIM_HOME", Path::new("D:\\g"))],
            Path::new("C:\\it's"),
        );
        assert_eq!(
            lines,
            [
                "[Environment]::SetEnvironmentVariable('GOSHIM_HOME', 'D:\\g', 'User')",
                "[Environment]::SetEnvironmentVariable('Path', 'C:\\it''s' + ';' + [Environment]::GetEnvironmentVariable('Path', 'User'), 'User')",
            ]
        );
    }

    #[test]
    fn launch_agents() {
        let agent = launch_agent(&[], Path::new("/a & b/it's/shims")).unwrap();
        assert!(
            agent.contains("'/a &amp; b/it'\\''s/shims':\"${path:-/usr/bin:/bin"),
            "{agent}"
        );
        assert!(agent.contains(LAUNCH_AGENT_MARK) && !agent.contains('@'));
        assert_eq!(launch_agent(&[], Path::new("/a\u{7}")), None);
    }
}

//! A system and an architecture, in Go's names.

use std::fmt;

/// A system and an architecture by GOOS and GOARCH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Platform {
    /// GOOS.
    pub os: &'static str,
    /// GOARCH.
    pub arch: &'static str,
}

/// The platforms for which Go was ever published as a binary, each system (GOOS) with its architectures (GOARCH), in the order of their names.
pub const PORTS: &[(&str, &[&str])] = &[
    ("aix", &["ppc64"]),
    ("darwin", &["386", "amd64", "arm64"]),
    ("dragonfly", &["amd64"]),
    ("freebsd", &["386", "amd64", "arm", "arm64", "riscv64"]),
    ("illumos", &["amd64"]),
    (
        "linux",
        &[
            "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle",
            "ppc64", "ppc64le", "riscv64", "s390x",
        ],
    ),
    ("netbsd", &["386", "amd64", "arm", "arm64"]),
    (
        "openbsd",
        &["386", "amd64", "arm", "arm64", "ppc64", "riscv64"],
    ),
    ("plan9", &["386", "amd64", "arm"]),
    ("solaris", &["amd64"]),
    ("windows", &["386", "amd64", "arm", "arm64"]),
];

impl Platform {
    /// The machine that this program was built for.
    pub fn host() -> Self {
        let os = match std::env::consts::OS {
            "macos" => "darwin",
            os => os,
        };
        let arch = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "x86" => "386",
            "aarch64" => "arm64",
            "powerpc64" if cfg!(target_endian = "little") => "ppc64le",
            "powerpc64" => "ppc64",
            "mips" if cfg!(target_endian = "little") => "mipsle",
            "mips64" if cfg!(target_endian = "little") => "mips64le",
            "loongarch64" => "loong64",
            arch => arch,
        };
        Self { os, arch }
    }

    /// The platform with these names; `None` where Go was never published for it.
    ///
    /// The architecture may also be written as the names of archives have it: `armv6l` for linux/arm.
    pub fn parse(os: &str, arch: &str) -> Option<Self> {
        let (os, archs) = PORTS.iter().find(|(name, _)| *name == os)?;
        let arch = match (*os, arch) {
            // `arm6` stands in the name of one release, go1.6beta1.
            ("linux", "armv6l" | "arm6") => "arm",
            _ => arch,
        };
        let arch = archs.iter().find(|name| **name == arch)?;
        Some(Self { os, arch })
    }

    /// The platform that a name such as `linux-amd64` means, as archives and the directories of foreign SDKs are named.
    pub fn from_name(name: &str) -> Option<Self> {
        let (os, arch) = name.split_once('-')?;
        Self::parse(os, arch)
    }

    /// The name in the directories of SDKs for another machine: `linux-386`.
    pub fn name(self) -> String {
        format!("{}-{}", self.os, self.arch)
    }

    /// The architecture as the index and the file names have it: `armv6l` for linux/arm, and GOARCH for all else.
    pub fn file_arch(self) -> &'static str {
        if self.os == "linux" && self.arch == "arm" {
            "armv6l"
        } else {
            self.arch
        }
    }

    /// The name of the archive of a toolchain such as `go1.22.10`.
    pub fn archive(self, toolchain: &str) -> String {
        format!(
            "{toolchain}.{}-{}.{}",
            self.os,
            self.file_arch(),
            self.extension()
        )
    }

    /// How the names of its archives end.
    pub fn extension(self) -> &'static str {
        if self.os == "windows" {
            "zip"
        } else {
            "tar.gz"
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.arch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for (os, archs) in PORTS {
            for arch in *archs {
                let platform = Platform { os, arch };
                assert_eq!(Platform::parse(os, arch), Some(platform));
                assert_eq!(Platform::from_name(&platform.name()), Some(platform));
                assert_eq!(Platform::parse(os, platform.file_arch()), Some(platform));
            }
        }
        assert!(PORTS.len() > 10);
    }

    #[test]
    fn nothing_else_is_a_platform() {
        for name in [
            "linux",
            "linux-",
            "-amd64",
            "Linux-amd64",
            "freebsd-armv6l",
            "linux-../x",
            "js-wasm",
        ] {
            assert_eq!(Platform::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn only_the_names_of_linux_archives_say_which_arm() {
        let archive = |os, arch| Platform { os, arch }.archive("go1.20");
        assert_eq!(archive("linux", "arm"), "go1.20.linux-armv6l.tar.gz");
        assert_eq!(archive("freebsd", "arm"), "go1.20.freebsd-arm.tar.gz");
        assert_eq!(archive("windows", "arm64"), "go1.20.windows-arm64.zip");
    }
}

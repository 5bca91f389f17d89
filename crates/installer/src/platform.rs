//! The machine, in Go's names.

use std::fmt;

/// A system and an architecture by GOOS and GOARCH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Platform {
    /// GOOS.
    pub os: &'static str,
    /// GOARCH.
    pub arch: &'static str,
}

impl Platform {
    /// The machine that this program was built for.
    pub fn host() -> Self {
        let os = match std::env::consts::OS {
            "macos" => "darwin",
            "solaris" => "solaris",
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
        let extension = if self.os == "windows" {
            "zip"
        } else {
            "tar.gz"
        };
        format!("{toolchain}.{}-{}.{extension}", self.os, self.file_arch())
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.arch)
    }
}

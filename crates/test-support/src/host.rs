//! This machine, in Go's words.

use std::env::consts;

/// The operating system as GOOS has it: `linux`, `darwin`, `windows`.
pub fn os() -> &'static str {
    match consts::OS {
        "macos" => "darwin",
        other => other,
    }
}

/// The architecture as GOARCH has it: `amd64`, `arm64`, `386`, `arm`.
pub fn arch() -> &'static str {
    match consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    }
}

/// The name under which the archive of `toolchain` (`go1.22.10`) for this machine is published:
/// `go1.22.10.linux-amd64.tar.gz`.
pub fn archive_name(toolchain: &str) -> String {
    let (os, arch) = (os(), arch());
    // Only the names of linux archives say which ARM it is.
    let arch = if (os, arch) == ("linux", "arm") {
        "armv6l"
    } else {
        arch
    };
    format!("{toolchain}.{os}-{arch}.tar.gz")
}

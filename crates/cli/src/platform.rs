//! `--os` and `--arch`: the SDKs of another platform.

use clap::Args;
use goshim_resolver::Platform;

use crate::error::Error;

/// The platform that a command is about.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlatformArgs {
    /// The system, by its name in Go (GOOS), where it is not this machine's
    #[arg(long)]
    os: Option<String>,

    /// The architecture, by its name in Go (GOARCH), where it is not this machine's
    #[arg(long)]
    arch: Option<String>,
}

impl PlatformArgs {
    /// The platform that they name: this machine's, as far as they do not.
    pub(crate) fn platform(&self) -> Result<Platform, Error> {
        self.named()
            .map(|named| named.unwrap_or_else(Platform::host))
    }

    /// The platform that they name; `None` where they name none.
    pub(crate) fn named(&self) -> Result<Option<Platform>, Error> {
        if self.os.is_none() && self.arch.is_none() {
            return Ok(None);
        }
        let host = Platform::host();
        let os = self.os.as_deref().unwrap_or(host.os);
        let arch = self.arch.as_deref().unwrap_or(host.arch);
        match Platform::parse(os, arch) {
            Some(platform) => Ok(Some(platform)),
            None => Err(Error::NotAPlatform {
                os: os.to_owned(),
                arch: arch.to_owned(),
            }),
        }
    }
}

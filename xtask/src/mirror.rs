//! `cargo xtask mirror`: a loopback mirror of real Go SDKs.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    thread,
};

use goshim_test_support::Mirror as Server;

use crate::{Error, wheel};

/// Serve real Go SDKs on 127.0.0.1, as go.dev/dl/ does
#[derive(Debug, clap::Args)]
pub struct Mirror {
    /// The directory to put the archives into and to serve
    dir: PathBuf,
    /// The Go versions to serve, e.g. 1.22.10
    #[arg(required = true)]
    versions: Vec<String>,
    /// The port to listen on [default: a free one]
    #[arg(long)]
    port: Option<u16>,
}

impl Mirror {
    /// Builds the mirror, prints the two variables that point goshim to it, and serves until the process is killed.
    ///
    /// Fails when an archive cannot be made or the port is taken.
    pub fn run(&self) -> Result<(), Error> {
        build(&self.dir, &self.versions)?;
        let server = Server::start_on(&self.dir, self.port.unwrap_or(0))?;
        server.warm_up()?;
        let url = server.url();
        let mut out = io::stdout().lock();
        writeln!(
            out,
            "export GOSHIM_INDEX_URL={url}\nexport GOSHIM_MIRROR={url}"
        )?;
        // Whoever reads this through a pipe waits for it.
        out.flush()?;
        drop(out);
        loop {
            thread::park();
        }
    }
}

/// Puts the archives of `versions` into `dir`, which is created if need be, and returns their paths. They are links to
/// those in [`cache_dir`], so do not change them in place. Fails as [`wheel::archive`] does.
pub fn build(dir: &Path, versions: &[String]) -> Result<Vec<PathBuf>, Error> {
    fs_err::create_dir_all(dir)?;
    let mut archives = Vec::new();
    for version in versions {
        let cached = wheel::archive(version, &cache_dir())?;
        let archive = dir.join(cached.file_name().unwrap_or_default());
        if archive.exists() {
            fs_err::remove_file(&archive)?;
        }
        // Another file system cannot link to ours.
        if fs_err::hard_link(&cached, &archive).is_err() {
            fs_err::copy(&cached, &archive)?;
        }
        archives.push(archive);
    }
    Ok(archives)
}

/// Where archives are kept once they are made: `target/mirror-cache/ustar` of the workspace.
pub fn cache_dir() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package
        .parent()
        .unwrap_or(package)
        .join("target/mirror-cache/ustar")
}

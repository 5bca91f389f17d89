//! `goshim __session`: a program in a session of its own, away from the terminal. An interactive shell would take the terminal from us.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use clap::Args;

use crate::error::Error;

/// The arguments of `__session`
#[derive(Debug, Args)]
pub struct Session {
    /// The program and its arguments
    #[arg(required = true, last = true)]
    words: Vec<OsString>,
}

impl Session {
    pub(crate) fn run(&self) -> Result<ExitCode, Error> {
        let mut words = self.words.iter();
        let program = words.next().map(OsString::as_os_str).unwrap_or_default();
        let mut command = Command::new(program);
        command.args(words);
        #[cfg(unix)]
        rustix::process::setsid().map_err(std::io::Error::from)?;
        super::exec::become_command(command, program)
    }
}

//! Programs at a terminal, as a person sees them.

use std::{
    fs::File,
    io::{ErrorKind, Read, Write},
    os::{fd::OwnedFd, unix::process::CommandExt},
    process::{Child, Command, ExitStatus},
};

use rustix::{
    fs::{Mode, OFlags},
    io::{Errno, FdFlags, fcntl_setfd},
    process::{Pid, Signal, kill_process_group},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{
        LocalModes, OptionalActions, OutputModes, Winsize, tcgetattr, tcsetattr, tcsetwinsize,
    },
};

/// The end of input, as Ctrl-D types it.
const END_OF_INPUT: u8 = 4;
/// How often the end of input is typed: more often than any program here reads.
const READERS: usize = 64;

/// Who is started by another test at this moment must not get our side of the terminal: while somebody has that, nothing hangs up.
#[cfg(target_os = "linux")]
const CLOSED_IN_CHILDREN: OpenptFlags = OpenptFlags::CLOEXEC;
/// Elsewhere there is no such flag, and it is set a moment later.
#[cfg(not(target_os = "linux"))]
const CLOSED_IN_CHILDREN: OpenptFlags = OpenptFlags::empty();

/// A program whose stdin, stdout and stderr are a terminal. It writes what programs write, byte for byte, and shows no key that is typed.
///
/// It is nobody's controlling terminal, for a session that ends hangs up on its own, and what was not yet read is then lost.
#[derive(Debug)]
pub struct Terminal {
    master: File,
    child: Child,
}

impl Terminal {
    /// Starts `command` at a terminal of 24 rows and so many columns, at which somebody types `keys` and then the end of input.
    #[must_use]
    pub fn start(mut command: Command, columns: u16, keys: &str) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | CLOSED_IN_CHILDREN).unwrap();
        fcntl_setfd(&master, FdFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let terminal = rustix::fs::open(name, flags, Mode::empty()).unwrap();
        let size = Winsize {
            ws_row: 24,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&terminal, size).unwrap();
        let mut modes = tcgetattr(&terminal).unwrap();
        modes.output_modes.remove(OutputModes::OPOST);
        modes.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Now, &modes).unwrap();
        let mut master = File::from(master);
        master.write_all(keys.as_bytes()).unwrap();
        master.write_all(&[END_OF_INPUT; READERS]).unwrap();
        let copy = || -> OwnedFd { terminal.try_clone().unwrap() };
        command.stdin(copy()).stdout(copy()).stderr(copy());
        let child = command.process_group(0).spawn().unwrap();
        Self { master, child }
    }

    /// Waits for the next bytes on the screen. None as soon as no program has the terminal any more.
    pub fn read(&mut self) -> Option<Vec<u8>> {
        let mut piece = vec![0; 4096];
        let count = loop {
            match self.master.read(&mut piece) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Linux ends it with an error, others with nothing.
                Err(error) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => break 0,
                read => break read.unwrap(),
            }
        };
        piece.truncate(count);
        (count > 0).then_some(piece)
    }

    /// Closes the terminal, as a window is closed. The program goes on, and what it writes from then on fails.
    pub fn close(&mut self) {
        self.master = File::open("/dev/null").unwrap();
    }

    /// Everything that was shown, and how the program ended.
    #[must_use]
    pub fn finish(mut self) -> (Vec<u8>, ExitStatus) {
        let mut screen = Vec::new();
        while let Some(piece) = self.read() {
            screen.extend_from_slice(&piece);
        }
        (screen, self.child.wait().unwrap())
    }
}

impl Drop for Terminal {
    /// Ends the program, where it did not yet end, and all that it started.
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

//! ^C and its like: the operation is asked to stop, and takes away what it has not finished.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use goshim_installer::Cancel;

/// The signals that ask a program to end. A second one ends it at once: nothing that is visible is ever incomplete.
#[cfg(unix)]
const SIGNALS: [i32; 3] = [
    signal_hook::consts::SIGINT,
    signal_hook::consts::SIGTERM,
    signal_hook::consts::SIGHUP,
];

/// Which signal came, if any did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// From here on the signals stop what listens to `cancel`, instead of the process. One that was ignored stays so, as under nohup.
    #[cfg(unix)]
    pub(crate) fn listen(cancel: &Cancel) -> std::io::Result<Self> {
        let interrupt = Self::default();
        let ignored = ignored();
        for signal in SIGNALS {
            if ignored & (1 << (signal - 1)) != 0 {
                continue;
            }
            let number = usize::try_from(signal).unwrap_or_default();
            // In this order: the shutdown sees a flag that an earlier signal has set.
            signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, cancel.flag())?;
            signal_hook::flag::register_usize(signal, Arc::clone(&interrupt.0), number)?;
            signal_hook::flag::register(signal, cancel.flag())?;
        }
        Ok(interrupt)
    }

    /// Elsewhere ^C ends the process, as without goshim's doing.
    #[cfg(not(unix))]
    pub(crate) fn listen(_cancel: &Cancel) -> std::io::Result<Self> {
        Ok(Self::default())
    }

    /// The exit code of a process that a signal ended, as shells have it: 130 for ^C. `None` where none came.
    pub(crate) fn code(&self) -> Option<ExitCode> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(ExitCode::from(
                u8::try_from(128 + signal).unwrap_or(u8::MAX),
            )),
        }
    }
}

/// What a terminal sends to all who are in the foreground.
#[cfg(unix)]
const OF_TERMINAL: [i32; 4] = [
    signal_hook::consts::SIGINT,
    signal_hook::consts::SIGQUIT,
    signal_hook::consts::SIGTSTP,
    signal_hook::consts::SIGHUP,
];

/// Leaves ^C and its like to a child that shares the terminal: who waits for it must outlive it. Handlers, for a child would inherit that they are
/// ignored; those that are ignored already stay so, for both.
#[cfg(unix)]
pub(crate) fn leave_to_child() -> std::io::Result<()> {
    let ignored = ignored();
    for signal in OF_TERMINAL {
        if ignored & (1 << (signal - 1)) == 0 {
            signal_hook::flag::register(signal, Arc::default())?;
        }
    }
    Ok(())
}

/// Leaves Ctrl-C to a child: the console sends it to both, and who waits must outlive it. A handler and not the attribute "ignore Ctrl-C", which the
/// child would inherit.
#[cfg(windows)]
#[expect(unsafe_code, reason = "std has no handler for the console's events")]
pub(crate) fn leave_to_child() -> std::io::Result<()> {
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn SetConsoleCtrlHandler(handler: Option<extern "system" fn(u32) -> i32>, add: i32) -> i32;
    }
    extern "system" fn handled(_event: u32) -> i32 {
        1
    }
    // SAFETY: the handler touches nothing and lives as long as the program.
    match unsafe { SetConsoleCtrlHandler(Some(handled), 1) } {
        0 => Err(std::io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// The signals that this process was started to ignore, a bit each: those of nohup, and of jobs in the background of a script.
#[cfg(unix)]
fn ignored() -> u64 {
    // Only Linux says so without a system call that the standard library lacks.
    let status = fs_err::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default()
}

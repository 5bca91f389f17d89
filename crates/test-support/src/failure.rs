//! Why a test failed, said while the others still run.

use std::{
    io::{self, Write as _},
    panic,
    sync::Once,
    thread,
};

/// The most characters of a reason: enough for what was expected and what came.
const LONGEST: usize = 2000;

/// From the first call on, a panic is also one line on stderr, at once and past the harness, which keeps what a test says until the last test has
/// ended. A log that is cut off in between then still has the reason.
pub(crate) fn is_said_at_once() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let kept = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let thread = thread::current();
            let test = thread.name().unwrap_or("a thread of a test");
            let reason = panic.to_string();
            let reason: String = reason.escape_debug().take(LONGEST).collect();
            // In one piece, for others write too. Who cannot read it has the harness's report still.
            let line = format!("test {test} says: {reason}\n");
            let _ = io::stderr().write_all(line.as_bytes());
            kept(panic);
        }));
    });
}

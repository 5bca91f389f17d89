//! What `-v` and `GOSHIM_LOG` show, on stderr.

use std::io::{self, Write};

use goshim_resolver::{Env, escape, variables};
use tracing_subscriber::EnvFilter;

use crate::{output, progress};

/// Starts logging where it is asked for.
pub(crate) fn start(env: &Env, verbose: u8) {
    let filter = env.text(variables::LOG).or(match verbose {
        0 => None,
        1 => Some("goshim=info,goshim_installer=info".to_owned()),
        2 => Some("goshim=debug,goshim_installer=debug,goshim_resolver=debug".to_owned()),
        _ => Some("debug".to_owned()),
    });
    let Some(filter) = filter else { return };
    let filter = match EnvFilter::builder().parse(&filter) {
        Ok(filter) => filter,
        Err(error) => {
            let filter = escape::Escaped(&filter);
            output::say(
                "",
                &format!(
                    "{} is `{filter}`, which says nothing: {error}",
                    variables::LOG
                ),
            );
            return;
        }
    };
    let choice = anstream::AutoStream::choice(&io::stderr());
    let is_coloured = choice != anstream::ColorChoice::Never;
    // Only a second subscriber could make this fail, and there is none.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| AboveBars)
        .with_ansi(is_coloured)
        .without_time()
        .try_init();
}

/// stderr, with the bars of installations taken away while a line is written. A line that cannot be written is no reason to fail, and the subscriber
/// must not hear of it: it would report that on stderr, in a way that panics.
struct AboveBars;

impl Write for AboveBars {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let _ = progress::above_bars(|| io::stderr().write_all(line));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

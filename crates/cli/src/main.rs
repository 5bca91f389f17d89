//! The program `goshim`.

use std::process::ExitCode;

fn main() -> ExitCode {
    goshim::run()
}

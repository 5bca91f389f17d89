//! Which Go a directory asks for, and why.
//!
//! The resolver turns an [`Env`] snapshot, the user's [`Layout`] and go's arguments into a [`Resolution`]: the Go that runs, the line
//! that chose it, the floor that may have raised it, and a trace of everything that was looked at. The shim, the command line and
//! the tests all call [`resolve`]; there is no second rule anywhere.
//!
//! Words: an **SDK** is an installed Go distribution, its root a **GOROOT**; a **query** is what a person wrote; a **choice** is the query
//! that wins, with its **origin**; a **floor** is the least Go that the governing go.mod or go.work accepts; the **selection** is what runs.
//!
//! Deliberately absent: sockets, writes, output, threads, and any look at the process but [`Env::from_os`].

#![deny(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    reason = "the shim runs this code before every go command: no input may end it"
)]

pub mod argv;
pub mod child;
pub mod cmdgo;
pub mod config_list;
pub mod env;
pub mod environment;
mod era;
mod error;
pub mod escape;
mod goenv;
pub mod gomod;
mod governing;
pub mod home;
pub mod layout;
pub mod linked;
pub mod next;
pub mod origin;
pub mod pin;
pub mod platform;
pub mod project;
pub mod query;
mod read;
pub mod resolve;
pub mod schema;
pub mod settings;
pub mod store;
pub mod system;
pub mod tiers;
pub mod trust;
pub mod variables;
pub mod version;
pub mod watch;
pub mod workdir;

pub use env::Env;
pub use error::Error;
pub use layout::Layout;
pub use platform::Platform;
pub use query::Query;
pub use read::{own_file, regular_file};
pub use resolve::{Resolution, Selected, resolve};
pub use version::Version;

//! What the tests of goshim stand on: a [`Sandbox`] to work in, a loopback [`Mirror`] that can misbehave,
//! [stand-in SDKs](stand_in) with compiled programs in them, and a [`Terminal`] for what a person sees.
//!
//! Everything here panics when it cannot do its work: that fails the test which asked for it, at the right line.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "only tests use this crate, and a panic is how a test fails"
)]

mod archive;
mod failure;
pub mod host;
mod http;
mod index;
mod mirror;
pub mod page;
mod program;
mod proxy;
mod sandbox;
mod script;
pub mod stand_in;
#[cfg(unix)]
mod terminal;
mod tls;
mod values;

pub use archive::ArchiveBuilder;
pub use http::Request;
pub use mirror::{Fault, Mirror};
#[cfg(unix)]
pub use program::write_script;
pub use program::{copy_program, link_program};
pub use proxy::Proxy;
pub use sandbox::Sandbox;
pub use script::Script;
#[cfg(unix)]
pub use terminal::Terminal;
pub use tls::TlsFront;
pub use values::RandomValues;

//! Get a Go SDK, verify it, publish it, take it away.
//!
//! Three invariants hold at every instant, also after a crash:
//!
//! 1. **Visible means complete and verified.** An SDK is unpacked into `staging/`, verified and synced there, and appears below `sdks/` by
//!    one rename that replaces nothing. No marker file says "done": the name is the state.
//! 2. **The new is published before the old is retired.** What goes away is renamed into `trash/` first.
//! 3. **Bytes of a repository choose nothing here**: not the origin, not a path, not whether a hash is checked. A query from a project
//!    selects among published releases, no more.
//!
//! The index vouches for the bytes (its sha256), a mirror only delivers them. One operation is one function: [`install::Installer::install`],
//! [`uninstall::uninstall`], [`verify::verify`], [`shims::setup`]; progress comes out through an [`Event`] callback.

mod archive;
pub mod cache;
pub mod cancel;
mod copy;
mod date;
pub mod default;
mod dns;
mod download;
mod error;
mod event;
pub mod files;
mod hex;
mod http;
pub mod index;
pub mod install;
pub mod layouts;
mod limits;
pub mod links;
mod lock;
mod lookup;
pub mod manifest;
mod mounts;
mod netrc;
pub mod own;
mod place;
pub mod platform;
pub mod projects;
pub mod prune;
pub mod purge;
pub mod receipt;
pub mod repair;
pub mod shims;
pub mod source;
mod store;
pub mod table;
mod threads;
pub mod trust;
pub mod uninstall;
pub mod usage;
pub mod verify;

pub use cancel::Cancel;
pub use error::Error;
pub use event::Event;
pub use index::{Index, Release};

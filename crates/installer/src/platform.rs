//! The machine in Go's names: the resolver's, for the paths of foreign SDKs have it.

pub use goshim_resolver::Platform;

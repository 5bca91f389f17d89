//! The whole product as users get it: a release build, the static shim, real shells and real Go SDKs.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod cmdgo;
mod cost;
mod crowd;
mod direnv;
mod exit_codes;
mod guide;
mod hostile;
mod layouts;
mod loops;
mod missing;
mod nested;
mod pages;
mod product;
mod real_sdks;
mod shells;
mod shim;
mod signals;
mod speed;
mod surroundings;
mod transparency;
mod trust;

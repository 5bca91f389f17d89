//! The resolver from outside: what it makes of the files of real projects, and of any bytes at all.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod fuzz_seeds;
mod project_file;
mod properties;
mod real_projects;

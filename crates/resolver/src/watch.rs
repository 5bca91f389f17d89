//! What a resolution depends on, for programs that keep its result and want to know when to ask again.

use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::era::Era;
use crate::layout::Layout;
use crate::resolve::{projects, walk};
use crate::trust::Request;
use crate::{goenv, pin, workdir};

/// Every file that [`resolve`](crate::resolve()) may read in the working directory, and every directory whose entries it looks for, SDKs and links: each by its
/// path, and whether it is there or not. What happens below an SDK, and on PATH, is not among them.
pub fn watched(env: &Env, layout: &Layout) -> Vec<PathBuf> {
    let mut paths = vec![
        layout.config().to_owned(),
        layout.machine_config().to_owned(),
        layout.default_file(),
        layout.sdks(),
        layout.links(),
    ];
    // A project's file that cannot be read asks for no trust, and is watched itself.
    let projects = projects(env).unwrap_or_default();
    let requests = projects.iter().filter_map(Request::of);
    paths.extend(requests.map(|request| layout.trust().join(request.id())));
    paths.extend(layout.further().map(|store| store.sdks()));
    paths.extend(goenv::user_file(env, Era::NEWEST).map(|file| env.absolute(&file)));
    let go_work = env.var("GOWORK").map(Path::new);
    paths.extend(
        go_work
            .filter(|file| file.is_absolute())
            .map(Path::to_owned),
    );
    let work_dir = workdir::work_dir(env, None).ok().flatten();
    for dir in walk(env, work_dir.as_deref()) {
        let names = pin::NAMES.into_iter().chain(["go.work", "go.mod"]);
        paths.extend(names.map(|name| dir.join(name)));
    }
    paths
}

//! Repairing: the files that are not as they were installed are replaced, one by one and each at once, by those of the archive.

use std::path::Path;

use goshim_resolver::store::Sdk;
use goshim_resolver::{Query, Version};

use crate::error::Error;
use crate::event::Event;
use crate::install::{Installer, Order};
use crate::lock::Lock;
use crate::verify::{self, Differences};
use crate::{files, store, uninstall};

/// What a repair came to.
#[derive(Debug)]
pub struct Repaired {
    /// The SDK.
    pub sdk: Sdk,
    /// What was not as it was installed, before.
    pub found: Differences,
    /// Whether what is extra was taken away too.
    pub extra_is_gone: bool,
}

impl Installer {
    /// Makes an SDK of the user's own store what was installed. The archive is fetched, verified and unpacked as for an installation;
    /// only files that differ are replaced. What is extra stays, unless `removes_extra`: then it goes to the trash.
    ///
    /// # Errors
    /// Where it is not installed, or the archive cannot be had. What was mended stays mended.
    pub fn repair(
        &self,
        version: &Version,
        removes_extra: bool,
        on_event: &(dyn Fn(usize, Event<'_>) + Sync),
    ) -> Result<Repaired, Error> {
        let layout = self.layout();
        uninstall::own(layout, version)?;
        let sdk = Sdk {
            version: version.clone(),
            root: layout.sdk(version),
        };
        let on_event = &mut |event: Event<'_>| on_event(0, event);
        let lock = Lock::acquire(layout, version, self.cancel(), on_event)?;
        store::sweep(layout, version, Some(&lock));
        let recorded = verify::recorded(layout, &sdk);
        if let Ok(recorded) = &recorded {
            let mut found = verify::compare(recorded, &sdk.root)?;
            if found.changed.is_empty() && found.missing.is_empty() {
                let extra_is_gone = removes_extra && !found.extra.is_empty();
                if extra_is_gone {
                    self.remove_extra(&sdk, &found.extra)?;
                }
                found.extra.sort_unstable();
                return Ok(Repaired {
                    sdk,
                    found,
                    extra_is_gone,
                });
            }
        }
        let order = Order::new(Query::Release(version.clone()), None);
        let fetched = self.fetch(&order, on_event)?;
        // What the archive holds is what counts: the records are written anew where they are lost or damaged.
        let found = verify::compare(&fetched.manifest, &sdk.root)?;
        on_event(Event::Publishing);
        let fresh = fetched.staging.path().join("go");
        store::sync_tree(&fresh)?;
        for path in found.changed.iter().chain(&found.missing) {
            replace(self, &sdk, &fresh, path)?;
        }
        let extra_is_gone = removes_extra && !found.extra.is_empty();
        if extra_is_gone {
            self.remove_extra(&sdk, &found.extra)?;
        }
        store::sync_tree(&sdk.root)?;
        if !recorded.is_ok_and(|recorded| recorded == fetched.manifest) {
            fetched.write_records(layout, version)?;
        }
        Ok(Repaired {
            sdk,
            found,
            extra_is_gone,
        })
    }

    fn remove_extra(&self, sdk: &Sdk, extra: &[String]) -> Result<(), Error> {
        let trash = store::trash(self.layout(), &sdk.version)?;
        for (number, path) in extra.iter().enumerate() {
            fs_err::rename(sdk.root.join(path), trash.path().join(number.to_string()))?;
        }
        let _ = trash.close();
        Ok(())
    }
}

/// Puts one file in its place by a rename. What is in the way of it or of its directory, and is of another kind, goes to the trash.
fn replace(installer: &Installer, sdk: &Sdk, fresh: &Path, path: &str) -> Result<(), Error> {
    let is_dir = |path: &Path| {
        fs_err::symlink_metadata(path)
            .ok()
            .map(|metadata| metadata.is_dir())
    };
    let away = |what: &Path| -> Result<(), Error> {
        let trash = store::trash(installer.layout(), &sdk.version)?;
        fs_err::rename(what, trash.path().join("x"))?;
        let _ = trash.close();
        Ok(())
    };
    let mut parent = sdk.root.clone();
    let (dirs, _) = path.rsplit_once('/').unwrap_or_default();
    for dir in dirs.split('/').filter(|dir| !dir.is_empty()) {
        parent.push(dir);
        if is_dir(&parent) == Some(false) {
            away(&parent)?;
        }
        if is_dir(&parent).is_none() {
            files::create_dirs(&parent)?;
        }
    }
    let target = sdk.root.join(path);
    if is_dir(&target) == Some(true) {
        away(&target)?;
    }
    Ok(fs_err::rename(fresh.join(path), target)?)
}

//! Repairing: the files that are not as they were installed are replaced, one by one and each at once, by those of the archive.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use goshim_resolver::store::Sdk;
use goshim_resolver::{Query, Version};

use crate::error::Error;
use crate::event::Event;
use crate::install::{Installer, Order};
use crate::lock::Lock;
use crate::manifest::Manifest;
use crate::receipt::Receipt;
use crate::verify::{self, Differences};
use crate::{files, mounts, store, uninstall};

/// What a repair came to.
#[derive(Debug)]
pub struct Repaired {
    /// The SDK.
    pub sdk: Sdk,
    /// What was not as it was installed, before.
    pub found: Differences,
    /// What was not installed and is still there.
    pub left: Vec<OsString>,
}

impl Installer {
    /// Makes an SDK of the user's own store what was installed. The archive is fetched, verified and unpacked as for an installation;
    /// only files that differ are replaced, and permissions that are wrong are mended. What is extra stays, unless `removes_extra`, or it is in
    /// the way: then it goes to the trash. In the end all of it is compared once more.
    ///
    /// # Errors
    /// Where it is not installed, or a link, the archive cannot be had, or the SDK is changed or taken away meanwhile. What was mended stays
    /// mended.
    pub fn repair(
        &self,
        version: &Version,
        removes_extra: bool,
        on_event: &(dyn Fn(usize, Event<'_>) + Sync),
    ) -> Result<Repaired, Error> {
        let layout = self.layout();
        uninstall::own(layout, version)?;
        let on_event = &mut |event: Event<'_>| on_event(0, event);
        let lock = Lock::acquire(layout, version, self.cancel(), on_event)?;
        store::sweep(layout, version, Some(&lock));
        // Another process may have been faster.
        uninstall::own(layout, version)?;
        let root = Root::new(self, version)?;
        let recorded = verify::recorded(layout, &root.sdk());
        let (mut found, mut work) = match &recorded {
            Ok(recorded) => root.compare_and_mend_modes(recorded)?,
            Err(_) => <_>::default(),
        };
        let fetched = match &recorded {
            Ok(_) if work.changed.is_empty() && work.missing.is_empty() => None,
            _ => {
                self.is_of_an_index(version)?;
                let order = Order::new(Query::Release(version.clone()), None);
                Some(self.fetch(&order, on_event)?)
            }
        };
        let manifest = match (&fetched, &recorded) {
            // What the archive holds is what counts: the records are written anew where they are lost or damaged.
            (Some(fetched), _) => {
                on_event(Event::Publishing);
                store::sync_tree(&fetched.staging.path().join("go"))?;
                let before = std::mem::take(&mut found.modes);
                (found, work) = root.compare_and_mend_modes(&fetched.manifest)?;
                found.changed.extend(before);
                found.changed.sort_unstable();
                found.changed.dedup();
                &fetched.manifest
            }
            (None, Ok(recorded)) => recorded,
            (None, Err(_)) => return Err(root.vanished()),
        };
        // First: a link in a directory's place is extra, and afterwards its name is that of what was mended.
        if removes_extra {
            root.remove(&work.extra)?;
        }
        if let Some(fetched) = &fetched {
            let fresh = fetched.staging.path().join("go");
            let files = work.changed.iter().filter(|path| !path.ends_with('/'));
            for path in files.chain(&work.missing) {
                root.replace(&fresh, path)?;
            }
        }
        let is_changed =
            fetched.is_some() || !found.modes.is_empty() || removes_extra && !work.extra.is_empty();
        if !is_changed {
            return Ok(root.repaired(found, work));
        }
        root.check()?;
        root.or_vanished(store::sync_tree(&root.path))?;
        let left = root.compare(manifest)?;
        let is_mended = left.changed.is_empty() && left.missing.is_empty();
        if !is_mended || removes_extra && !left.extra.is_empty() {
            return Err(Error::NotMended {
                toolchain: layout.name(version),
            });
        }
        if let Some(fetched) = &fetched
            && !recorded.is_ok_and(|recorded| recorded == fetched.manifest)
        {
            fetched.write_records(layout, version)?;
        }
        root.check()?;
        Ok(root.repaired(found, left))
    }

    /// Fails where the user vouched for the archive: nobody else can say it again.
    fn is_of_an_index(&self, version: &Version) -> Result<(), Error> {
        let layout = self.layout();
        match Receipt::read(layout, version).filter(Receipt::is_of_the_user) {
            None => Ok(()),
            Some(receipt) => Err(Error::OfTheUser {
                toolchain: layout.name(version),
                command: receipt.command(version),
            }),
        }
    }
}

/// The directory of an SDK that is being repaired.
struct Root<'a> {
    installer: &'a Installer,
    version: &'a Version,
    path: PathBuf,
    /// Which directory it was in the beginning: another one by the same name is none of this repair's.
    identity: Option<(u64, u64)>,
    /// Keeps the system from giving its number to another directory.
    #[cfg(unix)]
    _open: Option<fs_err::File>,
}

impl<'a> Root<'a> {
    fn new(installer: &'a Installer, version: &'a Version) -> Result<Self, Error> {
        let path = installer.layout().sdk(version);
        let metadata = fs_err::symlink_metadata(&path)?;
        if metadata.is_symlink() {
            return Err(Error::SdkIsALink {
                path,
                release: version.to_string(),
            });
        }
        Ok(Self {
            installer,
            version,
            #[cfg(unix)]
            _open: fs_err::File::open(&path).ok(),
            path,
            identity: identity(&metadata),
        })
    }

    fn sdk(&self) -> Sdk {
        Sdk {
            version: self.version.clone(),
            root: self.path.clone(),
        }
    }

    fn repaired(&self, found: Differences, left: Differences) -> Repaired {
        Repaired {
            sdk: self.sdk(),
            found,
            left: left.extra,
        }
    }

    /// Fails where it is not the directory any more that it was.
    fn check(&self) -> Result<(), Error> {
        match fs_err::symlink_metadata(&self.path) {
            Ok(there) if there.is_dir() && identity(&there) == self.identity => Ok(()),
            _ => Err(self.vanished()),
        }
    }

    fn vanished(&self) -> Error {
        Error::Vanished {
            toolchain: self.installer.layout().name(self.version),
            release: self.version.to_string(),
        }
    }

    fn compare(&self, manifest: &Manifest) -> Result<Differences, Error> {
        verify::compare(manifest, &self.path).or_else(|error| {
            self.check()?;
            Err(error)
        })
    }

    /// What differs from a manifest: in the beginning, and with the permissions mended, which can bring hidden files to light.
    fn compare_and_mend_modes(
        &self,
        manifest: &Manifest,
    ) -> Result<(Differences, Differences), Error> {
        let found = self.compare(manifest)?;
        if found.modes.is_empty() {
            return Ok((found.clone(), found));
        }
        let mut modes = found.modes.clone();
        // Directories come before what is in them.
        modes.sort_unstable();
        for path in &modes {
            match self.mend_mode(path) {
                // What is somebody else's is replaced, if it is a file.
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {}
                mended => mended?,
            }
        }
        let work = self.compare(manifest)?;
        let mut found = Differences {
            modes,
            ..work.clone()
        };
        found.changed.extend_from_slice(&found.modes);
        found.changed.sort_unstable();
        found.changed.dedup();
        Ok((found, work))
    }

    /// Gives a file or directory the permissions of an installation, as far as the root itself has them: the umask of that time is in it. A directory of
    /// somebody else's gets the root's owner.
    #[cfg(unix)]
    fn mend_mode(&self, path: &str) -> io::Result<()> {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let file = self.path.join(path);
        let metadata = fs_err::symlink_metadata(&file)?;
        let root = fs_err::symlink_metadata(&self.path)?;
        if metadata.uid() != root.uid() && metadata.uid() != 0 {
            // A file that somebody else owns may be open in somebody else's hands: that one is replaced.
            if !metadata.is_dir() {
                return Ok(());
            }
            fs_err::os::unix::fs::lchown(&file, Some(root.uid()), Some(root.gid()))?;
        }
        let of_root = root.mode() & 0o755 | 0o700;
        let is_executable =
            metadata.is_dir() || metadata.mode() & 0o100 != 0 || verify::is_program(path);
        let whole = if is_executable { 0o755 } else { 0o644 };
        fs_err::set_permissions(&file, PermissionsExt::from_mode(whole & of_root))
    }

    #[cfg(not(unix))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "there are no modes"
    )]
    fn mend_mode(&self, _path: &str) -> io::Result<()> {
        Ok(())
    }

    /// Puts one file in its place by a rename. What is in the way of it or of its directory, and is of another kind, goes to the trash.
    /// Nothing is made above the root.
    fn replace(&self, fresh: &Path, path: &str) -> Result<(), Error> {
        self.check()?;
        let is_dir = |path: &Path| {
            fs_err::symlink_metadata(path)
                .ok()
                .map(|metadata| metadata.is_dir())
        };
        let mut parent = self.path.clone();
        let (dirs, _) = path.rsplit_once('/').unwrap_or_default();
        for dir in dirs.split('/').filter(|dir| !dir.is_empty()) {
            parent.push(dir);
            if is_dir(&parent) == Some(false) {
                self.to_trash([parent.as_path()])?;
            }
            if is_dir(&parent).is_none() {
                let above = parent.parent().unwrap_or(&self.path);
                let make = || files::dir_builder().create(&parent);
                self.or_vanished(files::writing_to(above, make))?;
            }
        }
        let target = self.path.join(path);
        if is_dir(&target) == Some(true) {
            self.to_trash([target.as_path()])?;
        }
        let put = || fs_err::rename(fresh.join(path), &target);
        self.or_vanished(files::writing_to(&parent, put))
    }

    /// Takes away what was not installed.
    fn remove(&self, extra: &[OsString]) -> Result<(), Error> {
        if extra.is_empty() {
            return Ok(());
        }
        self.check()?;
        // What is mounted there is extra as well, and somebody else's.
        mounts::check(&self.path)?;
        let paths: Vec<_> = extra.iter().map(|path| self.path.join(path)).collect();
        self.to_trash(paths.iter().map(PathBuf::as_path))
    }

    fn to_trash<'b>(&self, paths: impl IntoIterator<Item = &'b Path>) -> Result<(), Error> {
        for path in paths {
            let discard = || store::discard(self.installer.layout(), self.version, path);
            match files::writing_to(path.parent().unwrap_or(&self.path), discard) {
                Err(error) if error.kind() == ErrorKind::NotFound => self.check()?,
                discarded => discarded?,
            }
        }
        Ok(())
    }

    /// The error of an operation below the root; that the root is gone says more.
    fn or_vanished<T>(&self, done: io::Result<T>) -> Result<T, Error> {
        done.or_else(|error| {
            self.check()?;
            Err(error.into())
        })
    }
}

/// Which directory this is, whatever it is called; `None` where the system does not say.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is none")]
fn identity(metadata: &std::fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_metadata: &std::fs::Metadata) -> Option<(u64, u64)> {
    None
}

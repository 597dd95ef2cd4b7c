//! The segment files that are there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::layout;

/// A segment and where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) path: PathBuf,
    pub(crate) first_index: u64,
    pub(crate) first_private: u64,
}

/// Segments from the oldest to the one being written.
#[derive(Debug, Default)]
pub(crate) struct Segments(pub(crate) Vec<Segment>);

impl Segments {
    /// Files of the journal folder in order.
    pub(crate) fn list(dir: &Path) -> Result<Vec<PathBuf>, Error> {
        let folder = dir.join(layout::JOURNAL);
        let read = || -> io::Result<Vec<PathBuf>> {
            fs::read_dir(&folder)?
                .map(|file| Ok(file?.path()))
                .collect()
        };
        let mut files = read().map_err(|e| Error::io("reading", &folder, e))?;
        files.sort();
        Ok(files)
    }

    /// Removes segments whose content is durable elsewhere: all before the last that begins at or
    /// below these indices.
    pub(crate) fn remove_until(
        &mut self,
        dir: &Path,
        index: u64,
        private: u64,
    ) -> Result<(), Error> {
        let folder = dir.join(layout::JOURNAL);
        while let [first, second, ..] = self.0.as_slice()
            && second.first_index <= index
            && second.first_private <= private
        {
            fs::remove_file(&first.path).map_err(|e| Error::io("removing", &first.path, e))?;
            self.0.remove(0);
            // One by one, so that a crash can never leave a gap.
            let sync = fs::File::open(&folder).and_then(|folder| folder.sync_all());
            sync.map_err(|e| Error::io("syncing", &folder, e))?;
        }
        Ok(())
    }
}

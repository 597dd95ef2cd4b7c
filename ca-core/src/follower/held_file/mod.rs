//! What is held, in a file: a killed edge says after its restart what it said before.
//!
//! An entry is written before it counts, at the end of the file. What became durable in the replica stays
//! until it takes more room than the rest; then the rest is written anew.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kasane_ledger::disk::{Disk, lacks_descriptor};

use super::held_record::{length_of, put, put_header, read};
use crate::folder::{replace_durably, sync_parent};

/// What is durable elsewhere may take so much room before it is looked at.
const SLACK_BYTES: u64 = 64 * 1024;

/// A longer file is none of ours: twice the most that is held, a page more, and the slack.
const MAX_FILE_BYTES: u64 = 160 * 1024 * 1024;

/// The file. What was written survives a power cut after [`HeldFile::sync`].
#[derive(Debug)]
pub(super) struct HeldFile {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    file: Option<File>,
    /// Index of the first entry in it.
    first: u64,
    /// Entries that are whole in it.
    count: u64,
    /// Where they end.
    length_bytes: u64,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The file ends where its entries do.
    Whole,
    /// Something may follow them.
    Torn,
    /// It may hold something else: it is written anew.
    Unknown,
}

/// What the file held when it was opened.
#[derive(Debug)]
pub(super) struct Kept {
    /// Entries that follow those of the replica.
    pub(super) entries: Vec<Vec<u8>>,
    /// Why something is missing that counted before.
    pub(super) damage: Option<String>,
}

impl HeldFile {
    /// Reads what is held beyond the replica's first `durable` entries. What cannot be read stays where it
    /// is until [`give_up`](Self::give_up): what is known rested on it and counts no more, before.
    ///
    /// # Errors
    /// When it cannot be opened for want of a descriptor, which says nothing of what is in it.
    pub(super) fn open(
        disk: Arc<dyn Disk>,
        path: PathBuf,
        durable: u64,
    ) -> io::Result<(Self, Kept)> {
        let mut file = Self {
            disk,
            path,
            file: None,
            first: durable,
            count: 0,
            length_bytes: 0,
            state: State::Whole,
        };
        let octets = match read_bounded(&file.path) {
            Ok(octets) => octets,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let (entries, damage) = (Vec::new(), None);
                return Ok((file, Kept { entries, damage }));
            }
            Err(error) if lacks_descriptor(&error) => return Err(error),
            Err(error) => return Ok(file.damaged(Vec::new(), error.to_string())),
        };
        let found = read(&octets);
        let count = found.entries.len() as u64;
        let skip = durable.checked_sub(found.first);
        let entries: Vec<_> = match skip.map(usize::try_from) {
            Some(skip) => {
                let skip = skip.unwrap_or(usize::MAX);
                found.entries.into_iter().skip(skip).collect()
            }
            // The replica lacks what is before them.
            None if count > 0 => {
                let reason = "it begins beyond the replica's end";
                return Ok(file.damaged(Vec::new(), reason.to_owned()));
            }
            None => Vec::new(),
        };
        if found.is_damaged {
            let reason = "it was changed, is damaged, or of another release";
            return Ok(file.damaged(entries, reason.to_owned()));
        }
        (file.first, file.count) = (found.first, count);
        file.length_bytes = found.length_bytes as u64;
        file.state = if found.length_bytes == octets.len() {
            State::Whole
        } else {
            State::Torn
        };
        let damage = None;
        Ok((file, Kept { entries, damage }))
    }

    fn damaged(mut self, entries: Vec<Vec<u8>>, reason: String) -> (Self, Kept) {
        self.state = State::Unknown;
        let damage = Some(reason);
        (self, Kept { entries, damage })
    }

    /// Writes what is not in the file yet: `new`, which follows what is `held` from `first` on.
    ///
    /// # Errors
    /// Those of the file system: something is held in memory only.
    pub(super) fn append(
        &mut self,
        first: u64,
        held: &[Vec<u8>],
        new: &[Vec<u8>],
    ) -> io::Result<()> {
        let all = || (first..).zip(held.iter().chain(new));
        let end = self.first + self.count;
        let is_continued = self.count > 0 && (self.first..=end).contains(&first);
        if self.state == State::Unknown || (!is_continued && self.count > 0) {
            return self.replace(first, held, new);
        }
        let mut octets = Vec::new();
        if !is_continued {
            put_header(&mut octets, first);
            (self.first, self.length_bytes) = (first, 0);
            self.state = State::Torn;
        }
        let written = self.first + self.count;
        let mut added = 0;
        for (index, entry) in all().filter(|(index, _)| *index >= written) {
            put(&mut octets, index, entry);
            added += 1;
        }
        if added == 0 {
            return Ok(());
        }
        self.write(&octets)?;
        self.count += added;
        Ok(())
    }

    /// Makes sure that exactly what is `held` from `first` on is in the file, beside what is durable
    /// elsewhere.
    ///
    /// # Errors
    /// Those of the file system: something is held in memory only, or too much is in the file.
    pub(super) fn keep(&mut self, first: u64, held: &[Vec<u8>]) -> io::Result<()> {
        let end = first + held.len() as u64;
        match self.first + self.count {
            _ if held.is_empty() => self.clear(),
            noted if noted > end => self.replace(first, held, &[]),
            _ => self.append(first, held, &[]),
        }
    }

    /// Makes what was written durable: after a power cut as well, this edge says what it said.
    ///
    /// # Errors
    /// Those of the file system. What was written may be lost then, however often it is synced again: it
    /// is written anew.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        let disk = Arc::clone(&self.disk);
        let synced = self.opened().and_then(|file| disk.sync_data(file));
        if synced.is_err() {
            (self.file, self.state) = (None, State::Unknown);
        }
        synced
    }

    /// Forgets what is durable elsewhere: of what is in the file, only `held` from `first` on counts.
    ///
    /// # Errors
    /// Those of the file system: it stays, and is skipped when it is read.
    pub(super) fn compact(&mut self, first: u64, held: &[Vec<u8>]) -> io::Result<()> {
        if held.is_empty() {
            return self.clear();
        }
        let live = length_of(held.iter());
        let dead = self.length_bytes.saturating_sub(live);
        if dead > live.max(SLACK_BYTES) {
            return self.replace(first, held, &[]);
        }
        Ok(())
    }

    /// Writes the file anew: `held` and `new`, from `first` on.
    ///
    /// # Errors
    /// Those of the file system: the file is as it was, or what it should be.
    pub(super) fn replace(
        &mut self,
        first: u64,
        held: &[Vec<u8>],
        new: &[Vec<u8>],
    ) -> io::Result<()> {
        let mut octets = Vec::new();
        put_header(&mut octets, first);
        for (index, entry) in (first..).zip(held.iter().chain(new)) {
            put(&mut octets, index, entry);
        }
        self.file = None;
        self.state = State::Unknown;
        replace_durably(&self.path, &octets)?;
        self.first = first;
        self.count = (held.len() + new.len()) as u64;
        self.length_bytes = octets.len() as u64;
        self.state = State::Whole;
        Ok(())
    }

    /// Counts no more, and is kept for those who examine what happened.
    pub(super) fn set_aside(&mut self) {
        let aside = self.path.with_extension("refused");
        (self.file, self.state) = (None, State::Unknown);
        match fs::rename(&self.path, &aside) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                // It must not be believed after a restart.
                tracing::warn!(%error, path = %self.path.display(), "what was held cannot be set aside");
                if let Err(error) = self.clear() {
                    tracing::error!(
                        %error, path = %self.path.display(),
                        "what counts no more cannot be removed: remove it before this edge starts again"
                    );
                }
            }
            _ => (self.count, self.length_bytes, self.state) = (0, 0, State::Whole),
        }
    }

    /// Sets aside what could not be read, and says why.
    pub(super) fn give_up(&mut self, reason: &str) {
        tracing::error!(
            path = %self.path.display(), reason,
            "what no checkpoint covered cannot be read; it is kept beside as held.refused"
        );
        self.set_aside();
    }

    fn clear(&mut self) -> io::Result<()> {
        if self.length_bytes == 0 && self.state == State::Whole {
            return Ok(());
        }
        (self.count, self.length_bytes, self.state) = (0, 0, State::Torn);
        self.cut()
    }

    /// Writes at the end; a part that was written in vain is cut off.
    fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        if self.state == State::Torn {
            self.cut()?;
        }
        let at = self.length_bytes;
        self.state = State::Torn;
        let disk = Arc::clone(&self.disk);
        if let Err(error) = disk.write_at(self.opened()?, octets, at) {
            let _cut_later = self.cut();
            return Err(error);
        }
        self.length_bytes = at + octets.len() as u64;
        self.state = State::Whole;
        Ok(())
    }

    fn cut(&mut self) -> io::Result<()> {
        let (disk, length) = (Arc::clone(&self.disk), self.length_bytes);
        disk.truncate(self.opened()?, length)?;
        self.state = State::Whole;
        Ok(())
    }

    /// Its name is durable as well: one that is not there is taken for empty.
    fn create(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let file = options.open(&self.path)?;
        if let Err(error) = sync_parent(&self.path) {
            // The next attempt makes it anew: a name is not synced by looking at it again.
            let _removed = fs::remove_file(&self.path);
            return Err(error);
        }
        Ok(file)
    }

    fn opened(&mut self) -> io::Result<&File> {
        let file = match self.file.take() {
            Some(file) => file,
            None => match OpenOptions::new().write(true).open(&self.path) {
                Err(error) if error.kind() == ErrorKind::NotFound => self.create()?,
                other => other?,
            },
        };
        Ok(self.file.insert(file))
    }
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let length = fs::metadata(path)?.len();
    if length > MAX_FILE_BYTES {
        return Err(io::Error::other(format!("it has {length} octets")));
    }
    fs::read(path)
}

#[cfg(test)]
mod tests;

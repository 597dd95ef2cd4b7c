//! Writing groups of batches.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::Disk;
use crate::error::{Error, Stop, is_full};
use crate::journal::record::{self, Kind};
use crate::journal::{Position, Segment};
use crate::layout;
use crate::log::Batch;

/// Space is set aside in such steps, so that a full disk is found before a write.
const RESERVE_BYTES: u64 = 4 * 1024 * 1024;

/// The segment being written.
#[derive(Debug)]
pub(crate) struct JournalWriter {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    path: PathBuf,
    file: File,
    number: u64,
    /// End of the last durable batch.
    length: u64,
    reserved: u64,
    position: Position,
    segment_first: (u64, u64),
    acknowledged: File,
    buffer: Vec<u8>,
}

/// A group that is not durable.
#[derive(Debug)]
pub(crate) struct WriteFailure {
    /// What the callers of the group get.
    pub(crate) error: Error,
    /// Set when nothing more may be written.
    pub(crate) stop: Option<Stop>,
}

impl JournalWriter {
    /// Creates a segment and makes its header durable.
    pub(crate) fn create(
        disk: Arc<dyn Disk>,
        dir: &Path,
        number: u64,
        position: Position,
    ) -> Result<Self, Error> {
        let path = layout::segment(dir, number);
        let Position {
            index,
            private,
            sequence,
        } = position;
        let mut header = Vec::new();
        record::put_words(
            &mut header,
            Kind::Segment,
            &[number, index, private, sequence],
        );
        disk.create(&path, &header)
            .and_then(|()| disk.sync_files(dir, std::slice::from_ref(&path)))
            .map_err(|e| Error::io("creating", &path, e))?;
        let length = header.len() as u64;
        Self::resume(disk, dir, number, length, position, (index, private))
    }

    /// Goes on with a segment after its last valid batch.
    pub(crate) fn resume(
        disk: Arc<dyn Disk>,
        dir: &Path,
        number: u64,
        length: u64,
        position: Position,
        segment_first: (u64, u64),
    ) -> Result<Self, Error> {
        let path = layout::segment(dir, number);
        let open = |path: &Path, create| {
            let mut options = OpenOptions::new();
            options
                .read(true)
                .write(true)
                .create(create)
                .truncate(false);
            options
                .open(path)
                .map_err(|e| Error::io("opening", path, e))
        };
        let file = open(&path, false)?;
        let acknowledged = open(&dir.join(layout::ACKNOWLEDGED), true)?;
        Ok(Self {
            disk,
            dir: dir.to_path_buf(),
            path,
            file,
            number,
            length,
            reserved: length,
            position,
            segment_first,
            acknowledged,
            buffer: Vec::new(),
        })
    }

    pub(crate) fn position(&self) -> Position {
        self.position
    }

    pub(crate) fn length_bytes(&self) -> u64 {
        self.length
    }

    pub(crate) fn segment(&self) -> Segment {
        let (first_index, first_private) = self.segment_first;
        Segment {
            path: self.path.clone(),
            first_index,
            first_private,
        }
    }

    /// Whether the segment holds no batch yet.
    pub(crate) fn is_fresh(&self) -> bool {
        self.segment_first == (self.position.index, self.position.private)
    }

    /// Cuts off what follows the last valid batch, durably.
    pub(crate) fn cut_torn_tail(&self) -> Result<(), Error> {
        self.disk
            .truncate(&self.file, self.length)
            .and_then(|()| self.disk.sync_data(&self.file))
            .map_err(|e| Error::io("truncating", &self.path, e))
    }

    /// Starts the next segment.
    pub(crate) fn rotate(&mut self) -> Result<(), Error> {
        let next = Self::create(
            Arc::clone(&self.disk),
            &self.dir,
            self.number + 1,
            self.position,
        );
        if next.is_err() {
            // Without a valid header it would be in the way of the next attempt; and after a power cut in
            // that of a start.
            let path = layout::segment(&self.dir, self.number + 1);
            let _removed = std::fs::remove_file(&path);
            let folder = path.parent().unwrap_or(&self.dir);
            let _gone_for_good = File::open(folder).and_then(|it| it.sync_all());
        }
        *self = next?;
        Ok(())
    }

    /// Writes batches as one group and makes them durable: all or none.
    pub(crate) fn write_group(&mut self, batches: &[&Batch]) -> Result<(), Box<WriteFailure>> {
        let after = self.encode(batches);
        let length = self.buffer.len() as u64;
        self.write(length)?;
        if let Err(cause) = self.disk.sync_data(&self.file) {
            // After a failed sync the kernel may drop the pages and report success next time.
            let stop = Stop::Sync(cause.to_string());
            let error = Error::not_durable("syncing", &self.path, cause);
            return Err(Box::new(WriteFailure {
                error,
                stop: Some(stop),
            }));
        }
        self.length += length;
        self.position = after;
        self.note_acknowledged();
        Ok(())
    }

    fn encode(&mut self, batches: &[&Batch]) -> Position {
        let Position {
            mut index,
            mut private,
            sequence,
        } = self.position;
        let out = &mut self.buffer;
        out.clear();
        record::put_words(out, Kind::Group, &[sequence]);
        for batch in batches {
            batch
                .entries
                .iter()
                .for_each(|entry| record::put(out, Kind::Entry, entry));
            batch
                .private
                .iter()
                .for_each(|p| record::put(out, Kind::Private, &p.bytes));
            let counts = [batch.entries.len() as u64, batch.private.len() as u64];
            record::put_words(out, Kind::End, &[index, private, counts[0], counts[1]]);
            index += counts[0];
            private += counts[1];
        }
        Position {
            index,
            private,
            sequence: sequence + 1,
        }
    }

    fn write(&mut self, length: u64) -> Result<(), Box<WriteFailure>> {
        let end = self.length + length;
        if end > self.reserved {
            let ahead = length.max(RESERVE_BYTES);
            // Near the end of the space the step is too big, but the group may still fit.
            let reserved = match self.disk.reserve(&self.file, self.length, ahead) {
                Ok(()) => Ok(self.length + ahead),
                Err(_) => self
                    .disk
                    .reserve(&self.file, self.length, length)
                    .map(|()| end),
            };
            self.reserved = reserved.map_err(|cause| {
                let error = self.failed("reserving space for", cause);
                Box::new(WriteFailure { error, stop: None })
            })?;
        }
        let Err(cause) = self.disk.write_at(&self.file, &self.buffer, self.length) else {
            return Ok(());
        };
        let error = self.failed("writing", cause);
        // What was written must not be found by recovery as if it had been acknowledged.
        let stop = match self.disk.truncate(&self.file, self.length) {
            Ok(()) => {
                self.reserved = self.length;
                None
            }
            Err(cause) => Some(Stop::Write(cause.to_string())),
        };
        Err(Box::new(WriteFailure { error, stop }))
    }

    fn failed(&self, what: &'static str, cause: std::io::Error) -> Error {
        if is_full(&cause) {
            return Error::DiskFull {
                path: self.path.clone(),
            };
        }
        Error::not_durable(what, &self.path, cause)
    }

    /// Notes what is durable, for recovery to tell a torn write from damage in the last group. Not
    /// synced: after a power cut it may lag behind, but never runs ahead.
    fn note_acknowledged(&self) {
        use std::os::unix::fs::FileExt as _;
        let bytes = encode_acknowledged(self.position);
        if let Err(cause) = self.acknowledged.write_all_at(&bytes, 0) {
            tracing::warn!(%cause, "the note of acknowledged entries was not written");
        }
    }
}

fn encode_acknowledged(position: Position) -> [u8; 20] {
    let mut bytes = [0; 20];
    let (words, crc) = bytes.split_at_mut(16);
    let (index, private) = words.split_at_mut(8);
    index.copy_from_slice(&position.index.to_le_bytes());
    private.copy_from_slice(&position.private.to_le_bytes());
    let sum = crc32fast::hash(words).to_le_bytes();
    crc.copy_from_slice(&sum);
    bytes
}

/// Entries and private records noted as durable; `None` when the note is missing or cut.
pub(crate) fn decode_acknowledged(bytes: &[u8]) -> Option<(u64, u64)> {
    let (words, crc) = bytes.split_at_checked(16)?;
    if crc != crc32fast::hash(words).to_le_bytes() {
        return None;
    }
    let ([index, private], _) = words.as_chunks::<8>() else {
        return None;
    };
    Some((u64::from_le_bytes(*index), u64::from_le_bytes(*private)))
}

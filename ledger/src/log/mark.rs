//! Two small files: what the folder is, and how the ledger was left.

use std::fs;
use std::io;
use std::path::Path;

use crate::checkpoint::decimal;
use crate::disk::Disk;
use crate::error::Error;
use crate::hash::{Hash, TreeHead};
use crate::layout;

/// Format of the folder; another number is another program's.
const TITLE: &str = "kasane-ledger 1";
const MARK_TITLE: &str = "kasane-ledger-mark 1";

/// How the ledger was left, or that it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// False while a ledger runs, and after a crash.
    pub(crate) clean: bool,
    /// Tree when it was last closed.
    pub(crate) head: TreeHead,
    pub(crate) private: u64,
}

/// Writes the description that makes the folder a ledger.
pub(crate) fn describe(disk: &dyn Disk, dir: &Path, origin: &str) -> Result<(), Error> {
    let path = dir.join(layout::DESCRIPTION);
    let text = format!("{TITLE}\n{origin}\n");
    disk.replace(&path, text.as_bytes())
        .map_err(|e| Error::io("writing", &path, e))
}

/// The origin that the description gives.
pub(crate) fn origin(dir: &Path) -> Result<String, Error> {
    let path = dir.join(layout::DESCRIPTION);
    let text = fs::read_to_string(&path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => Error::Missing {
            dir: dir.to_path_buf(),
        },
        io::ErrorKind::InvalidData => Error::Format { path: path.clone() },
        _ => Error::io("reading", &path, e),
    })?;
    let mut lines = text.lines();
    match (lines.next(), lines.next(), lines.next()) {
        (Some(TITLE), Some(origin), None) if !origin.is_empty() => Ok(origin.to_owned()),
        _ => Err(Error::Format { path }),
    }
}

impl Mark {
    /// The mark of a folder; `None` when there is none, which asks for a full check.
    pub(crate) fn read(dir: &Path) -> Result<Option<Self>, Error> {
        let path = dir.join(layout::MARK);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(Error::Format { path });
            }
            other => other.map_err(|e| Error::io("reading", &path, e))?,
        };
        Self::parse(&text).map(Some).ok_or(Error::Format { path })
    }

    pub(crate) fn write(&self, disk: &dyn Disk, dir: &Path) -> Result<(), Error> {
        let path = dir.join(layout::MARK);
        let state = if self.clean { "clean" } else { "running" };
        let TreeHead { size, root } = self.head;
        let text = format!("{MARK_TITLE}\n{state}\n{size}\n{root}\n{}\n", self.private);
        disk.replace(&path, text.as_bytes())
            .map_err(|e| Error::io("writing", &path, e))
    }

    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().collect();
        let [
            MARK_TITLE,
            state @ ("clean" | "running"),
            size,
            root,
            private,
        ] = lines.as_slice()
        else {
            return None;
        };
        let head = TreeHead {
            size: decimal(size)?,
            root: Hash::from_base64(root)?,
        };
        Some(Self {
            clean: *state == "clean",
            head,
            private: decimal(private)?,
        })
    }
}

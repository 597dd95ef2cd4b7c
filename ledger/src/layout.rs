//! Where things are in the ledger's folder. `tile/` and `checkpoint` are C2SP tlog-tiles.

use std::path::{Path, PathBuf};

/// Hashes in a full tile, entries in a full bundle (C2SP tlog-tiles, "Merkle Tree").
pub(crate) const TILE_WIDTH: u64 = 256;

pub(crate) const DESCRIPTION: &str = "ledger";
pub(crate) const LOCK: &str = "lock";
pub(crate) const MARK: &str = "mark";
pub(crate) const ACKNOWLEDGED: &str = "acknowledged";
pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const JOURNAL: &str = "journal";
pub(crate) const TILE: &str = "tile";
pub(crate) const PRIVATE: &str = "private";
pub(crate) const BLOBS: &str = "blobs";

/// What a derived file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Series {
    Tile(u8),
    Entries,
    Private,
}

/// Path of a full file (`width` none) or of a partial one.
pub(crate) fn path(dir: &Path, series: Series, n: u64, width: Option<u64>) -> PathBuf {
    let mut path = match series {
        Series::Tile(level) => dir.join(TILE).join(level.to_string()),
        Series::Entries => dir.join(TILE).join("entries"),
        Series::Private => dir.join(PRIVATE),
    };
    path.push(index(n));
    if let Some(width) = width {
        path.as_mut_os_string().push(".p");
        path.push(width.to_string());
    }
    path
}

/// Segment files sort by their number.
pub(crate) fn segment(dir: &Path, number: u64) -> PathBuf {
    dir.join(JOURNAL).join(format!("{number:012}"))
}

/// Three-digit path elements, all but the last beginning with `x` (C2SP tlog-tiles, "Merkle Tree").
fn index(n: u64) -> String {
    let mut text = format!("{:03}", n % 1000);
    let mut rest = n / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tile_paths_are_those_of_tlog_tiles() {
        let at = |series, n, width| path(Path::new("d"), series, n, width).display().to_string();
        assert_eq!(
            at(Series::Tile(0), 1_234_067, None),
            "d/tile/0/x001/x234/067"
        );
        assert_eq!(at(Series::Tile(1), 0, Some(17)), "d/tile/1/000.p/17");
        assert_eq!(at(Series::Entries, 999, None), "d/tile/entries/999");
        assert_eq!(
            at(Series::Entries, 1000, Some(255)),
            "d/tile/entries/x001/000.p/255"
        );
    }
}

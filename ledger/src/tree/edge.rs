//! The right edge of the tree: all that appending and the root need, in O(log n) memory.

use crate::hash::{Hash, TreeHead, node_hash};
use crate::layout::TILE_WIDTH;
use crate::tree::perfect_root;

/// The partial tile of every level, and the peaks: roots of the perfect subtrees from left to right.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edge {
    size: u64,
    peaks: Vec<Hash>,
    levels: Vec<Vec<Hash>>,
}

/// A tile that an appended leaf completed.
#[derive(Debug)]
pub(crate) struct FullTile {
    pub(crate) level: u8,
    pub(crate) n: u64,
    pub(crate) hashes: Vec<Hash>,
}

impl Edge {
    /// From the partial tile of every level, lowest first; `None` when their widths are not those of
    /// a tree of `size`.
    pub(crate) fn from_levels(size: u64, levels: Vec<Vec<Hash>>) -> Option<Self> {
        let mut peaks = Vec::new();
        for (level, hashes) in levels.iter().enumerate().rev() {
            let width = size
                .checked_shr(8 * u32::try_from(level).ok()?)
                .unwrap_or(0)
                % TILE_WIDTH;
            if hashes.len() as u64 != width {
                return None;
            }
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                let (perfect, after) = rest.split_at_checked(1 << rest.len().ilog2())?;
                peaks.push(perfect_root(perfect)?);
                rest = after;
            }
        }
        (peaks.len() == size.count_ones() as usize).then_some(Self {
            size,
            peaks,
            levels,
        })
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf. Tiles that it completes are added to `full`, lowest level first.
    pub(crate) fn push(&mut self, leaf: Hash, full: &mut Vec<FullTile>) {
        let mut carry = leaf;
        let mut height = 0;
        let mut rest = self.size;
        self.size += 1;
        self.push_level(0, carry, full);
        // Each trailing one bit of the old size is a peak of the height that the carry now has.
        while rest & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            carry = node_hash(&left, &carry);
            height += 1;
            rest >>= 1;
            if height % 8 == 0 {
                self.push_level(height / 8, carry, full);
            }
        }
        self.peaks.push(carry);
    }

    pub(crate) fn head(&self) -> TreeHead {
        // RFC 6962 §2.1: the left part is the greatest power of two below n, so peaks fold from the right.
        let mut peaks = self.peaks.iter().rev();
        let root = match peaks.next() {
            None => Hash::empty_root(),
            Some(last) => peaks.fold(*last, |right, left| node_hash(left, &right)),
        };
        TreeHead {
            size: self.size,
            root,
        }
    }

    /// The partial tiles that are not empty: level, number, hashes.
    pub(crate) fn partial(&self) -> impl Iterator<Item = (u8, u64, &[Hash])> {
        (0_u8..)
            .zip(&self.levels)
            .filter(|(_, hashes)| !hashes.is_empty())
            .map(|(level, hashes)| {
                let n = self
                    .size
                    .checked_shr(8 * (u32::from(level) + 1))
                    .unwrap_or(0);
                (level, n, hashes.as_slice())
            })
    }

    /// Hash `index` of a level, when it is in the partial tile.
    pub(crate) fn hash(&self, level: u8, index: u64) -> Option<Hash> {
        let hashes = self.levels.get(usize::from(level))?;
        let count = self.size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        let first = count - count % TILE_WIDTH;
        hashes
            .get(usize::try_from(index.checked_sub(first)?).ok()?)
            .copied()
    }

    fn push_level(&mut self, level: u8, hash: Hash, full: &mut Vec<FullTile>) {
        if self.levels.len() <= usize::from(level) {
            self.levels.resize(usize::from(level) + 1, Vec::new());
        }
        let Some(hashes) = self.levels.get_mut(usize::from(level)) else {
            return;
        };
        hashes.push(hash);
        if hashes.len() as u64 == TILE_WIDTH {
            let n = self
                .size
                .checked_shr(8 * (u32::from(level) + 1))
                .unwrap_or(1)
                - 1;
            full.push(FullTile {
                level,
                n,
                hashes: std::mem::take(hashes),
            });
        }
    }
}

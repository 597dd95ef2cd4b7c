//! Items that are not yet in a full bundle file.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::layout::TILE_WIDTH;

/// Consecutive items from a bundle boundary to the end of the log.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// A multiple of 256.
    first: u64,
    items: VecDeque<Arc<[u8]>>,
}

impl Tail {
    pub(crate) fn starting_at(first: u64) -> Self {
        Self {
            first: first - first % TILE_WIDTH,
            items: VecDeque::new(),
        }
    }

    pub(crate) fn push(&mut self, item: &[u8]) {
        self.items.push_back(Arc::from(item));
    }

    pub(crate) fn first(&self) -> u64 {
        self.first
    }

    pub(crate) fn end(&self) -> u64 {
        self.first + self.items.len() as u64
    }

    pub(crate) fn item(&self, index: u64) -> Option<Arc<[u8]>> {
        let position = usize::try_from(index.checked_sub(self.first)?).ok()?;
        self.items.get(position).cloned()
    }

    /// The items of the first bundle: 256, or fewer when it is not full.
    pub(crate) fn head(&self) -> Vec<Arc<[u8]>> {
        self.items
            .iter()
            .take(TILE_WIDTH as usize)
            .cloned()
            .collect()
    }

    /// Number and items of the first bundle when it is full.
    pub(crate) fn full(&self) -> Option<(u64, Vec<Arc<[u8]>>)> {
        (self.items.len() as u64 >= TILE_WIDTH).then(|| (self.first / TILE_WIDTH, self.head()))
    }

    /// Forgets the first full bundle, once a file has it.
    pub(crate) fn drop_full(&mut self) {
        self.items
            .drain(..self.items.len().min(TILE_WIDTH as usize));
        self.first += TILE_WIDTH;
    }
}

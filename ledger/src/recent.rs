//! A small cache of what was read last.

/// The last `capacity` values, the most recent at the end. Linear search: capacities are small.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    capacity: usize,
    items: Vec<(K, V)>,
}

impl<K: PartialEq, V: Clone> Recent<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            items: Vec::new(),
        }
    }

    pub(crate) fn find(&mut self, key: &K) -> Option<V> {
        let at = self.items.iter().position(|(k, _)| k == key)?;
        let item = self.items.remove(at);
        let value = item.1.clone();
        self.items.push(item);
        Some(value)
    }

    pub(crate) fn keep(&mut self, key: K, value: V) {
        if self.items.iter().any(|(k, _)| *k == key) {
            return;
        }
        if self.items.len() >= self.capacity {
            self.items.remove(0);
        }
        self.items.push((key, value));
    }
}

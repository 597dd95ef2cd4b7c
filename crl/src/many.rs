//! Lists after an act that revoked many.

use std::collections::BTreeSet;

use crate::{Publisher, Sweep};

impl Publisher {
    /// Runs `act` while no list is made, so that none tells of half of it; then publishes the lists that
    /// `shards` names of its result (issuer and shard): each once, delta first.
    ///
    /// # Errors
    /// Those of `act`; nothing is published for its sake then.
    pub fn publish_after<T, E>(
        &self,
        act: impl FnOnce() -> Result<T, E>,
        shards: impl FnOnce(&T) -> &BTreeSet<(String, u32)>,
    ) -> Result<(T, Sweep), E> {
        let done = {
            let _none_is_made = self.publishing.lock();
            act()?
        };
        let mut sweep = Sweep::default();
        for (issuer, shard) in shards(&done) {
            self.look_at(issuer, *shard, self.authority.now(), &mut sweep);
        }
        Ok((done, sweep))
    }
}

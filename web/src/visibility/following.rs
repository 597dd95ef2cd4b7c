//! Edges that nobody can ask: what they told the authority's feed.
//!
//! An edge asks for the entries that follow those that it has, and what it has counts at once, held or
//! durable. So whoever asks for what follows the last entry of a revocation tells of it.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use super::known::Known;
use super::waiting::Waiting;
use super::{Edge, Observation, Roster, Seen, What};

/// Edges that are waited for by what they follow.
pub(super) struct Following {
    /// Those that are not through yet, and what is known of each.
    left: Vec<Observation>,
    /// Who has the entries below this one knows of the revocation.
    entries: u64,
    waiting: Waiting,
    known: Arc<Known>,
}

impl Following {
    pub(super) fn new(roster: &Roster, entries: u64, waiting: Waiting, known: Arc<Known>) -> Self {
        let observation = |edge: &Edge| Observation {
            endpoint: edge.name.clone(),
            url: edge.url.clone(),
            what: What::Feed,
            after_milliseconds: None,
            serial: String::new(),
            seen: match roster.has_signer(&edge.name) {
                true => Seen::NotAsked,
                false => Seen::NoSigner,
            },
        };
        Self {
            left: roster.followed().map(observation).collect(),
            entries,
            waiting,
            known,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// Tells of each edge once, all of them when it returns.
    pub(super) async fn wait(mut self, done: UnboundedSender<Observation>) {
        let waiting = self.waiting.clone();
        tokio::select! {
            () = self.look_until_followed(&done) => {}
            () = waiting.given_up() => {}
        }
        for observation in self.left {
            // The other end is gone only when nobody waits any more.
            let _told = done.send(observation);
        }
    }

    async fn look_until_followed(&mut self, done: &UnboundedSender<Observation>) {
        let mut pause = None;
        loop {
            let edges = self.known.edges().await;
            let after = self.waiting.milliseconds();
            let mut left = Vec::with_capacity(self.left.len());
            for mut observation in std::mem::take(&mut self.left) {
                // One without a signer is listed, and not waited for.
                let is_waited_for = observation.seen != Seen::NoSigner;
                if is_waited_for {
                    observation.seen = seen(&edges, &observation.endpoint, self.entries);
                }
                if observation.seen.tells() {
                    observation.after_milliseconds = Some(after);
                }
                if observation.seen.is_missing() {
                    left.push(observation);
                } else {
                    let _told = done.send(observation);
                }
            }
            self.left = left;
            if self.left.is_empty() || !self.waiting.pause(&mut pause).await {
                return;
            }
        }
    }
}

fn seen(edges: &Result<Vec<Edge>, String>, name: &str, entries: u64) -> Seen {
    let edges = match edges {
        Ok(edges) => edges,
        Err(reason) => {
            return Seen::NotKnown {
                reason: reason.clone(),
            };
        }
    };
    let Some(edge) = edges.iter().find(|edge| edge.name == name) else {
        return Seen::Removed;
    };
    match (edge.entries, edge.heard) {
        (Some(has), _) if has >= entries => Seen::Followed { entries: has },
        (Some(entries), Some(heard)) => Seen::Behind { entries, heard },
        _ => Seen::NotHeard,
    }
}

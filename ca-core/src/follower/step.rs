//! One page after another.

use std::time::Duration;

use super::{Contact, FeedError, FollowError, Follower};

/// What came of asking once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A page was taken: ask again.
    Followed,
    /// Not this time: ask again after a pause.
    Failed,
    /// There is no going on: an operator must look.
    Stopped,
}

/// Why a page was not taken, or not as it should be.
pub(super) enum Fault {
    /// This time.
    Passing(FeedError),
    /// For good.
    Lasting(FollowError),
    /// The disk is full, or fails: what was received is held in memory.
    Disk(kasane_ledger::Error),
    /// As much is held as may be.
    Full(Full),
}

/// Why as much is held as may be.
#[derive(Debug, thiserror::Error)]
pub(super) enum Full {
    /// The disk takes nothing.
    #[error(
        "{entries} entries ({bytes} octets) wait in memory for the disk, as many as this edge holds: it \
         asks for no more, hears of no newer revocation, and answers from what it knows until that is too \
         old. Make space, and it goes on by itself ({cause})"
    )]
    Disk {
        entries: usize,
        bytes: usize,
        cause: String,
    },
    /// Nothing signed covers it.
    #[error(
        "{entries} entries ({bytes} octets) wait in memory for a checkpoint of the authority, as many as \
         this edge holds: it asks for no more until one covers them. If it lasts, see at the authority \
         why its checkpoints are not signed"
    )]
    NoCheckpoint { entries: usize, bytes: usize },
}

impl Full {
    const fn code(&self) -> &'static str {
        match self {
            Self::Disk { .. } => "follower.full",
            Self::NoCheckpoint { .. } => "follower.no-checkpoint",
        }
    }
}

impl Follower {
    /// Asks once for what is new, and takes it. Blocks for about `wait` where there is nothing. To be
    /// called again and again by one thread.
    pub fn step(&self, wait: Duration) -> Step {
        let _one = self.stepping.lock();
        if matches!(
            *self.contact.read(),
            Contact::Stopped { .. } | Contact::Removed
        ) {
            return Step::Stopped;
        }
        match self.take_page(wait) {
            Ok(()) => {
                self.set_contact(Contact::Current);
                Step::Followed
            }
            Err(Fault::Passing(FeedError::Removed)) => {
                tracing::error!("this responder was removed at the authority: it answers no more");
                self.knowledge.forget();
                self.status_changes.halt();
                self.set_contact(Contact::Removed);
                Step::Stopped
            }
            Err(Fault::Passing(error)) => self.fails(error.code(), error.to_string()),
            Err(Fault::Disk(error)) => self.fails(error.code(), error.to_string()),
            Err(Fault::Full(full)) => self.fails(full.code(), full.to_string()),
            Err(Fault::Lasting(error)) => {
                tracing::error!(
                    code = error.code(), %error,
                    "this edge follows no further; it answers from what it checked until that is too old"
                );
                // What is proven not to be of this ledger is not believed. Whatever else went wrong, a
                // revocation that was heard of stands.
                let end = self.held.read().end();
                if error.is_proven_fork_before(end) {
                    self.drop_held();
                }
                self.set_contact(Contact::Stopped {
                    code: error.code(),
                    reason: error.to_string(),
                });
                Step::Stopped
            }
        }
    }

    fn fails(&self, code: &'static str, reason: String) -> Step {
        let mut contact = self.contact.write();
        let since = match &*contact {
            Contact::Failing { since, .. } => *since,
            _ => self.parts.clock.now(),
        };
        if !matches!(&*contact, Contact::Failing { code: known, .. } if *known == code) {
            tracing::warn!(
                code,
                reason,
                "the authority is not followed for now; it is tried again"
            );
        }
        *contact = Contact::Failing {
            since,
            code,
            reason,
        };
        Step::Failed
    }

    fn set_contact(&self, contact: Contact) {
        let mut present = self.contact.write();
        if contact == Contact::Current && *present != Contact::Current {
            tracing::info!("the authority is followed");
        }
        *present = contact;
    }
}

impl From<FollowError> for Fault {
    fn from(error: FollowError) -> Self {
        Self::Lasting(error)
    }
}

/// The ledger's CAs could not be read.
impl From<crate::Error> for Fault {
    fn from(error: crate::Error) -> Self {
        match error {
            crate::Error::Ledger(error) if error.may_pass() => Self::Disk(error),
            other => Self::Lasting(FollowError::Issuers(other)),
        }
    }
}

impl From<kasane_ledger::Error> for Fault {
    fn from(error: kasane_ledger::Error) -> Self {
        if error.may_pass() {
            Self::Disk(error)
        } else {
            Self::Lasting(FollowError::Replica(error))
        }
    }
}

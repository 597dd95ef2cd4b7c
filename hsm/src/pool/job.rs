//! One command that waits for a device or runs on one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kasane_verify::SignatureAlgorithm;

use super::ticket::Ticket;
use crate::{Device, Error, Priority};

/// A call to one device that signs nothing. What it gives is kept by whoever asked.
pub(super) type Call = Arc<dyn Fn(&dyn Device) -> Result<(), Error> + Send + Sync>;

/// What a call does when its device refuses for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Otherwise {
    /// It waits: only this device can answer.
    Waits,
    /// Another device that is free now may answer as well: the caller is told at once.
    Elsewhere,
}

/// What a device is asked for.
#[derive(Clone)]
pub(super) enum Command {
    Call {
        operation: &'static str,
        call: Call,
        otherwise: Otherwise,
    },
    Drain,
    Probe,
    Sign {
        /// Place in the list of opened keys.
        key: usize,
        algorithm: SignatureAlgorithm,
        message: Arc<[u8]>,
    },
}

/// How urgent: the upkeep of a device, a log that must be drained for instance, goes before all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Asked(Priority),
    Upkeep,
}

#[derive(Clone)]
pub(super) struct Job {
    /// Counts up: first in, first out within a rank.
    pub(super) number: u64,
    pub(super) rank: Rank,
    /// The one device that it is for.
    pub(super) only: Option<usize>,
    pub(super) command: Command,
    pub(super) ticket: Arc<Ticket>,
    pub(super) queued_at: Duration,
    pub(super) deadline_at: Duration,
}

impl Command {
    pub(super) const fn operation(&self) -> &'static str {
        match self {
            Self::Call { operation, .. } => operation,
            Self::Drain => "drain",
            Self::Probe => "probe",
            Self::Sign { .. } => "sign",
        }
    }
}

impl Job {
    pub(super) const fn key(&self) -> Option<usize> {
        match self.command {
            Command::Sign { key, .. } => Some(key),
            _ => None,
        }
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("number", &self.number)
            .field("rank", &self.rank)
            .field("only", &self.only)
            .field("operation", &self.command.operation())
            .finish_non_exhaustive()
    }
}

//! The dated policy for those who keep it as long as they run.

use std::sync::Arc;

use crate::UnixTime;
use crate::path::{DatedPolicy, Link, PathPolicy, Verdict};
use crate::policy::{Class, Mode, Timeline};

/// [`DatedPolicy`] with a timeline of its own, shared: for verifiers that live as long as a server.
#[derive(Clone, Debug)]
pub struct SharedDatedPolicy {
    timeline: Arc<Timeline>,
    class: Class,
    mode: Mode,
}

impl SharedDatedPolicy {
    /// For live connections with end entities of `class`.
    #[must_use]
    pub const fn online(timeline: Arc<Timeline>, class: Class) -> Self {
        Self::new(timeline, class, Mode::Online)
    }

    /// For end entities of `class`, live or in the past.
    #[must_use]
    pub const fn new(timeline: Arc<Timeline>, class: Class, mode: Mode) -> Self {
        Self {
            timeline,
            class,
            mode,
        }
    }

    /// The timeline.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    fn borrowed(&self) -> DatedPolicy<'_> {
        DatedPolicy::new(&self.timeline, self.class, self.mode)
    }
}

impl PathPolicy for SharedDatedPolicy {
    fn judge(&self, link: &Link<'_>) -> Verdict {
        self.borrowed().judge(link)
    }

    fn phase(&self, at: UnixTime) -> Option<String> {
        self.borrowed().phase(at)
    }
}

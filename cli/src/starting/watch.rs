//! Who is told how far a start is.

use std::ops::ControlFlow;

use super::{Ending, Front};
use crate::progress::Progress;

/// What is checked before anything is brought up to it.
const CHECKING: &str = "checking the ledger";

/// A start as people and programs see it: a bar on the terminal, and `/health` of a service.
pub(crate) struct Watch<'a> {
    bar: Progress,
    catching_up: &'static str,
    service: Option<(&'a Front, &'a Ending)>,
    /// Whether entries are counted already.
    counts: bool,
}

impl<'a> Watch<'a> {
    /// Of a command. `catching_up` says what the entries are counted for.
    pub(crate) fn of_command(catching_up: &'static str) -> Self {
        Self {
            bar: Progress::new(catching_up),
            catching_up,
            service: None,
            counts: false,
        }
    }

    /// Of a service, whose start `ending` ends.
    pub(crate) fn of_service(
        catching_up: &'static str,
        front: &'a Front,
        ending: &'a Ending,
    ) -> Self {
        Self {
            service: Some((front, ending)),
            ..Self::of_command(catching_up)
        }
    }

    /// Ledger and store are opened now.
    pub(crate) fn opens(&self) {
        if let Some((front, ending)) = self.service {
            ending.opens();
            front.startup().does(CHECKING);
        }
    }

    /// `done` of `total` entries are done; whether to go on.
    pub(crate) fn go_on(&mut self, done: u64, total: u64) -> ControlFlow<()> {
        self.bar.report(done, total);
        let Some((front, ending)) = self.service else {
            return ControlFlow::Continue(());
        };
        if !self.counts {
            self.counts = true;
            tracing::info!(entries = total, "{}", self.catching_up);
            front.startup().does(self.catching_up);
        }
        front.startup().report(done, total);
        if ending.is_there() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

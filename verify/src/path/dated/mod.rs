//! The dated policy of the network as a path policy.

mod shared;
#[cfg(test)]
mod tests;

pub use shared::SharedDatedPolicy;

use crate::UnixTime;

use super::{Link, Notice, PathPolicy, Position, Verdict};
use crate::policy::{
    Acceptance, AcceptanceQuestion, AcceptanceVerdict, Class, Mode, Position as Place, Timeline,
};

/// Judges every key and signature of a path by a [`Timeline`] at the question's time.
///
/// The class of the end entity is the caller's to say: a server that asks terminals for a
/// certificate expects terminals. The CAs above are of class `ca`; the path of an OCSP signer is of
/// class `status` throughout, which outlives what else its CA may do.
#[derive(Clone, Copy, Debug)]
pub struct DatedPolicy<'t> {
    timeline: &'t Timeline,
    class: Class,
    mode: Mode,
}

impl<'t> DatedPolicy<'t> {
    /// For live connections with end entities of `class`.
    #[must_use]
    pub const fn online(timeline: &'t Timeline, class: Class) -> Self {
        Self {
            timeline,
            class,
            mode: Mode::Online,
        }
    }

    /// For end entities of `class`, live or in the past.
    #[must_use]
    pub const fn new(timeline: &'t Timeline, class: Class, mode: Mode) -> Self {
        Self {
            timeline,
            class,
            mode,
        }
    }
}

impl PathPolicy for DatedPolicy<'_> {
    fn judge(&self, link: &Link<'_>) -> Verdict {
        let status = link.purpose.is_status() || self.class == Class::Status;
        let (class, position) = match link.position {
            _ if status => (Class::Status, place(link.position)),
            Position::EndEntity => (self.class, Place::EndEntity),
            other => (Class::Ca, place(other)),
        };
        let acceptance = self.timeline.acceptance(&AcceptanceQuestion {
            class,
            position,
            key: link.key,
            // An anchor's signature is not judged, so any will do there.
            signature: link
                .signature
                .unwrap_or_else(|| link.key.default_signature()),
            at: link.at,
            mode: self.mode,
        });
        match acceptance.verdict {
            AcceptanceVerdict::Accept => Verdict::Accept,
            AcceptanceVerdict::Warn => Verdict::Warn(notice(&acceptance)),
            AcceptanceVerdict::Refuse => Verdict::Refuse(notice(&acceptance)),
        }
    }

    fn phase(&self, at: UnixTime) -> Option<String> {
        Some(self.timeline.phase_at(at).id().to_owned())
    }
}

const fn place(position: Position) -> Place {
    match position {
        Position::EndEntity => Place::EndEntity,
        Position::Intermediate(_) => Place::Intermediate,
        Position::Anchor(_) => Place::Anchor,
    }
}

fn notice(acceptance: &Acceptance<'_>) -> Notice {
    Notice {
        code: acceptance.rule.to_string(),
        text: acceptance.reason.clone(),
        text_ja: acceptance.reason_ja.clone(),
    }
}

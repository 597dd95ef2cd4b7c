//! Places where a test may end the process.

/// A step of the pipeline just finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailPoint {
    /// The request was authorised; nothing is durable.
    Authorized,
    /// The record is durable; no key was used.
    Recorded,
    /// The signature exists and was verified; it is not durable.
    Signed,
    /// The outcome is durable; the requester has not heard of it.
    Finished,
    /// As `Recorded`, of a certificate of the authority's own: a CA's, an OCSP signer's.
    AuthorityRecorded,
    /// As `Signed`, of such a certificate.
    AuthoritySigned,
    /// As `Finished`, of such a certificate; it is not at work yet.
    AuthorityFinished,
    /// A step of a ceremony was done and noted.
    StepDone,
    /// The certificates of a mass revocation are chosen; nothing is durable.
    MassRevocationChosen,
    /// A mass revocation is durable and counts; its certificates' rows are not written, and nobody has heard
    /// of it.
    MassRevocationDone,
    /// The rows are written; no list tells of it.
    MassRevocationWritten,
    /// The removal of an edge responder is durable; its signers are not revoked yet.
    ResponderRemoved,
}

impl FailPoint {
    /// Every place, in order.
    pub const ALL: [Self; 12] = [
        Self::Authorized,
        Self::Recorded,
        Self::Signed,
        Self::Finished,
        Self::AuthorityRecorded,
        Self::AuthoritySigned,
        Self::AuthorityFinished,
        Self::StepDone,
        Self::MassRevocationChosen,
        Self::MassRevocationDone,
        Self::MassRevocationWritten,
        Self::ResponderRemoved,
    ];

    /// Those of a subscriber's certificate, in order.
    pub const ISSUANCE: [Self; 4] = [
        Self::Authorized,
        Self::Recorded,
        Self::Signed,
        Self::Finished,
    ];

    /// The name used to choose it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorized => "authorized",
            Self::Recorded => "recorded",
            Self::Signed => "signed",
            Self::Finished => "finished",
            Self::AuthorityRecorded => "authority-recorded",
            Self::AuthoritySigned => "authority-signed",
            Self::AuthorityFinished => "authority-finished",
            Self::StepDone => "step-done",
            Self::MassRevocationChosen => "mass-revocation-chosen",
            Self::MassRevocationDone => "mass-revocation-done",
            Self::MassRevocationWritten => "mass-revocation-written",
            Self::ResponderRemoved => "responder-removed",
        }
    }
}

/// Told of each step; production ignores it.
pub trait FailPoints: Send + Sync {
    /// `point` was reached.
    fn reached(&self, point: FailPoint);
}

/// Does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFailPoints;

impl FailPoints for NoFailPoints {
    fn reached(&self, _point: FailPoint) {}
}

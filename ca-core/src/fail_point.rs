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
}

impl FailPoint {
    /// Every place, in order.
    pub const ALL: [Self; 4] = [
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

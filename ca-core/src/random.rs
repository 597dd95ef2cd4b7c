//! Randomness comes in as an argument.

/// The source could not give random bytes; nothing may be made without them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system's random number generator failed: refuse to continue")]
pub struct RandomFailed;

/// A source of unpredictable bytes.
pub trait RandomSource: Send + Sync {
    /// Fills `buffer`.
    ///
    /// # Errors
    /// [`RandomFailed`]; the buffer must not be used then.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomFailed>;
}

/// The cryptographic library's generator. Made once, by the composition root.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl RandomSource for SystemRandom {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system's generator"
    )]
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomFailed> {
        aws_lc_rs::rand::fill(buffer).map_err(|_| RandomFailed)
    }
}

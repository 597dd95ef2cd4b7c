//! The device's own random numbers.

/// Fills `out` from the operating system.
///
/// # Errors
/// The operating system gives none.
pub(crate) fn fill(out: &mut [u8]) -> Result<(), aws_lc_rs::error::Unspecified> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a program of its own: this is the random number generator inside the device"
    )]
    aws_lc_rs::rand::fill(out)
}

/// `N` random octets.
///
/// # Errors
/// The operating system gives none.
pub(crate) fn array<const N: usize>() -> Result<[u8; N], aws_lc_rs::error::Unspecified> {
    let mut out = [0; N];
    fill(&mut out)?;
    Ok(out)
}

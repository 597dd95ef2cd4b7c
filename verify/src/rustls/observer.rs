//! Who hears of each judgement.

use crate::certificate::CertificateError;
use crate::path::{PathError, VerifiedPath};

/// Told of every judgement, so that a system can report what rustls has no place for: warnings of
/// the dated policy (RSA logins from 2030-07-01), statuses that nobody could state and that were put
/// up with, and why a peer was refused. Called within the handshake: it must not wait.
pub trait Observer: Send + Sync {
    /// A peer was accepted: see [`VerifiedPath::warnings`] and [`VerifiedPath::tolerated`]. It has
    /// not yet proven that it has the key.
    fn accepted(&self, path: &VerifiedPath);

    /// A peer was refused.
    fn refused(&self, error: &PathError);

    /// A peer was refused because its certificate cannot be read.
    fn unreadable(&self, _error: &CertificateError) {}
}

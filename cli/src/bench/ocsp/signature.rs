//! What a response with a nonce cannot do without.

use std::time::Duration;

use kasane_hsm::{InMemoryBackend, KeyBackend, KeyLabel, KeyRole, Priority, SignRequest};
use kasane_verify::crypto::{AwsLc, CryptoProvider};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};

use crate::bench::BenchError;
use crate::bench::measure::per_second;

/// About as much as the signed part of a response has.
const MESSAGE: [u8; 256] = [0x5A; 256];

/// Processor time of a P-384 signature, and of its check, in microseconds.
pub(super) fn alone(span: Duration) -> Result<(f64, f64), BenchError> {
    let failed = |error: &dyn std::error::Error| BenchError::Prepare(error.to_string());
    let backend = InMemoryBackend::new();
    let label = KeyLabel::new("alone").map_err(|error| failed(&error))?;
    backend
        .generate(&label, KeyRole::OcspResponder, KeyAlgorithm::P384)
        .map_err(|error| failed(&error))?;
    let key = backend
        .open(&label, KeyRole::OcspResponder)
        .map_err(|error| failed(&error))?;
    let public = AwsLc
        .public_key(&key.info().spki)
        .map_err(|error| failed(&error))?;
    let algorithm = SignatureAlgorithm::EcdsaSha384;
    let sign = || {
        key.sign(&SignRequest {
            algorithm,
            message: &MESSAGE,
            priority: Priority::Status,
            deadline: Duration::from_secs(1),
        })
    };
    let made = sign().map_err(|error| failed(&error))?;
    let signing = per_second(1, span, Ok, |_| {
        sign().map_err(|error| failed(&error))?;
        Ok(1)
    })?;
    let checking = per_second(1, span, Ok, |_| {
        public
            .verify(algorithm, &MESSAGE, &made.octets)
            .map_err(|error| failed(&error))?;
        Ok(1)
    })?;
    Ok((signing.processor_us, checking.processor_us))
}

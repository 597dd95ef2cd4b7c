use std::sync::Arc;

use ::rustls::sign::SingleCertAndKey;
use ::rustls::version::{TLS12, TLS13};

use super::support::{
    Seen, at, client_config, dual, ecc, provider, rsa, server_config, shake, trust,
};
use crate::path::Position;
use crate::policy::Class;
use crate::rustls::{ClientVerifier, path_error};

/// The warnings of an RSA login, or the code of its refusal.
fn rsa_login(version: usize, time: &str) -> Result<usize, &'static str> {
    let version = [&TLS12, &TLS13][version];
    let seen = Arc::<Seen>::default();
    let trust = trust(Class::Terminal, &provider()).with_observer(Arc::clone(&seen) as _);
    let certificate = Arc::new(SingleCertAndKey::from(Arc::clone(&rsa().terminal)));
    let shaken = shake(
        client_config(version, at(time), provider(), certificate),
        server_config(version, at(time), ClientVerifier::new(trust), dual()),
    );
    if let Some(error) = &shaken.by_server {
        let error = path_error(error).expect("no reason of rustls is near");
        assert_eq!(error.position, Position::EndEntity);
        assert_eq!(seen.refused.lock().unwrap()[0], *error);
        return Err(error.code());
    }
    let shaken = shaken.succeeded();
    assert!(shaken.server_used(&ecc().server));
    let accepted = seen.accepted.lock().unwrap();
    let warnings = accepted[0].warnings().iter();
    Ok(warnings
        .filter(|it| it.position == Position::EndEntity)
        .count())
}

#[test]
fn rsa_logins_are_reported_from_mid_2030_and_refused_from_2031_in_japan() {
    for version in 0..2 {
        for (time, expected) in [
            ("2030-06-30T14:59:59Z", Ok(0)),
            ("2030-06-30T15:00:00Z", Ok(1)),
            ("2030-12-31T14:59:59Z", Ok(1)),
            ("2030-12-31T15:00:00Z", Err("path.policy")),
        ] {
            assert_eq!(rsa_login(version, time), expected, "{time}");
        }
    }
}

//! The addresses that certificates carry, all under one base.

/// Addresses of status and certificates (RFC 5280 §4.2.1.13, §4.2.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusUrls {
    base: String,
}

/// The base cannot stand in a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "status address {base:?} is refused: write http://host or http://host:port, without a path (status must not need TLS to check TLS)"
)]
pub struct BadStatusUrl {
    base: String,
}

impl StatusUrls {
    /// `base`: `http://status.kasane.example` or `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// [`BadStatusUrl`] unless it is plain http with a host only.
    pub fn new(base: &str) -> Result<Self, BadStatusUrl> {
        let host = base.strip_prefix("http://").unwrap_or_default();
        let fits = !host.is_empty()
            && host.len() <= 253
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
        if fits {
            Ok(Self {
                base: base.to_owned(),
            })
        } else {
            Err(BadStatusUrl {
                base: base.chars().take(64).collect(),
            })
        }
    }

    /// The base.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The full CRL of a shard.
    #[must_use]
    pub fn crl(&self, issuer: &str, shard: u32) -> String {
        format!("{}/crl/{issuer}/{shard}.crl", self.base)
    }

    /// The delta CRL of a shard.
    #[must_use]
    pub fn delta_crl(&self, issuer: &str, shard: u32) -> String {
        format!("{}/crl/{issuer}/{shard}-delta.crl", self.base)
    }

    /// The OCSP responder of an issuer.
    #[must_use]
    pub fn ocsp(&self, issuer: &str) -> String {
        format!("{}/ocsp/{issuer}", self.base)
    }

    /// The certificate of an issuer, DER.
    #[must_use]
    pub fn ca_issuers(&self, issuer: &str) -> String {
        format!("{}/ca/{issuer}.cer", self.base)
    }
}

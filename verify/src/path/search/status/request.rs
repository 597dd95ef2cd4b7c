//! What evidence is asked for.

use super::Authority;
use crate::certificate::Certificate;
use crate::crypto::DigestAlgorithm;
use crate::name::Name;
use crate::ocsp::{CertId, OcspRequest};
use crate::path::search::{Search, position};
use crate::revocation::{CrlLocation, MAX_LOCATIONS, OcspLocation, RevocationRequest};

impl<'s> Search<'_, 's> {
    pub(super) fn request(
        &self,
        child: usize,
        authority: &Authority<'s>,
        problems: Vec<String>,
    ) -> RevocationRequest {
        let certificate = self.certificate(child);
        let sources = self.verifier.revocation.sources;
        let place = position(child);
        RevocationRequest {
            position: place,
            subject: certificate.subject().to_string(),
            serial: certificate.serial_hex(),
            issuer: certificate.issuer().der().to_vec(),
            issuer_spki: authority.spki.to_vec(),
            ocsp: sources
                .ocsp()
                .then(|| self.ocsp_location(certificate, authority))
                .flatten(),
            crls: if sources.crl() {
                crl_locations(certificate)
            } else {
                Vec::new()
            },
            problems,
        }
    }

    fn ocsp_location(
        &self,
        certificate: &Certificate<'_>,
        authority: &Authority<'s>,
    ) -> Option<OcspLocation> {
        let access = certificate.extensions().authority_info_access?;
        let uris: Vec<_> = access
            .ocsp_uris()
            .take(MAX_LOCATIONS)
            .map(str::to_owned)
            .collect();
        if uris.is_empty() {
            return None;
        }
        let id = CertId::new(
            self.verifier.crypto,
            // What every responder knows (RFC 9919 §3.1.1 allows SHA-256 once all do).
            DigestAlgorithm::Sha1,
            certificate.issuer().der(),
            authority.spki,
            certificate.serial(),
        )
        .ok()?;
        let request = OcspRequest::new(vec![id], None).ok()?.encode_der().ok()?;
        Some(OcspLocation { uris, request })
    }
}

fn crl_locations(certificate: &Certificate<'_>) -> Vec<CrlLocation> {
    use crate::certificate::GeneralName;
    let extensions = certificate.extensions();
    let own = |uris: Vec<String>, delta_uris, issuer: Name<'_>| CrlLocation {
        uris,
        delta_uris,
        issuer: issuer.der().to_vec(),
    };
    let deltas: Vec<_> = extensions
        .freshest_crl
        .iter()
        .flat_map(|points| points.uris())
        .take(MAX_LOCATIONS)
        .map(str::to_owned)
        .collect();
    let Some(points) = extensions.crl_distribution_points else {
        return vec![own(Vec::new(), deltas, certificate.issuer())];
    };
    points
        .iter()
        .take(MAX_LOCATIONS)
        .map(|point| {
            let uris = point
                .uris()
                .take(MAX_LOCATIONS)
                .map(str::to_owned)
                .collect();
            let named = point.crl_issuer.and_then(|names| {
                names.iter().find_map(|name| match name {
                    GeneralName::Directory(name) => Some(name),
                    _ => None,
                })
            });
            own(
                uris,
                deltas.clone(),
                named.unwrap_or_else(|| certificate.issuer()),
            )
        })
        .collect()
}

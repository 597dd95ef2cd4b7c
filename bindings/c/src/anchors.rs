//! Sets of trust anchors.

use kasane_verify::crypto::AwsLc;
use kasane_verify::path::TrustAnchor;
use kasane_verify::pem;

use crate::border::{
    KasaneStatus, MAX_INPUT_BYTES, borrowed, call, changed, free, give, octets, read,
};
use crate::last_error::Failure;

/// Trust anchors, to be filled and handed to kasane_verifier_new(), which copies them.
#[derive(Debug, Default)]
pub struct KasaneAnchors {
    pub(crate) anchors: Vec<TrustAnchor>,
}

/// An empty set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_anchors_new(out: *mut *mut KasaneAnchors) -> KasaneStatus {
    // SAFETY: the contract of the library.
    call(|| unsafe { give(out, || Ok(KasaneAnchors::default())) })
}

/// Adds one certificate in DER. On failure the set stays as it was.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_anchors_add_der(
    anchors: *mut KasaneAnchors,
    der: *const u8,
    length: usize,
) -> KasaneStatus {
    call(|| {
        // SAFETY: the contract of the library.
        let (anchors, der) = unsafe { (changed(anchors)?, octets(der, length, MAX_INPUT_BYTES)?) };
        anchors.anchors.push(anchor(der)?);
        Ok(())
    })
}

/// Adds every certificate of a PEM text; other blocks are passed over. On failure the set stays as it
/// was.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_anchors_add_pem(
    anchors: *mut KasaneAnchors,
    pem: *const u8,
    length: usize,
) -> KasaneStatus {
    call(|| {
        // SAFETY: the contract of the library.
        let (anchors, text) = unsafe { (changed(anchors)?, octets(pem, length, MAX_INPUT_BYTES)?) };
        let certificates =
            pem::certificates(text).map_err(|error| Failure::input(error.code(), error))?;
        let added: Result<Vec<_>, _> = certificates.iter().map(|der| anchor(der)).collect();
        anchors.anchors.extend(added?);
        Ok(())
    })
}

/// How many there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_anchors_count(anchors: *const KasaneAnchors) -> usize {
    // SAFETY: the contract of the library.
    read(0, || Some(unsafe { borrowed(anchors) }.ok()?.anchors.len()))
}

/// Frees the set. Verifiers made from it stay.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_anchors_free(anchors: *mut KasaneAnchors) {
    // SAFETY: the contract of the library.
    unsafe { free(anchors) }
}

fn anchor(der: &[u8]) -> Result<TrustAnchor, Failure> {
    TrustAnchor::from_certificate(der, &AwsLc).map_err(|error| Failure::input(error.code(), error))
}

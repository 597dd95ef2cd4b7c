//! OCSP requests and responses.
#![no_main]

use kasane_verify::ocsp::{OcspRequest, OcspResponse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(request) = OcspRequest::parse(data) {
        let _ = request.nonce();
        let _ = request.encode_der();
    }
    if let Ok(response) = OcspResponse::parse(data) {
        if let Ok(basic) = response.basic() {
            let _ = format!("{basic:?}");
        }
    }
});

//! Requests for certificates, as anybody may send them.
#![no_main]

use std::sync::LazyLock;

use kasane_ca_core::key_quality::WeakKeys;
use kasane_ca_core::request::EnrolmentRequest;
use libfuzzer_sys::fuzz_target;

static WEAK_KEYS: LazyLock<WeakKeys> = LazyLock::new(|| WeakKeys::built_in().unwrap());

fuzz_target!(|data: &[u8]| {
    if let Ok(request) = EnrolmentRequest::parse(data, &WEAK_KEYS) {
        let _ = format!("{request:?}");
        let _ = request.subject_alt_names().len();
    }
});

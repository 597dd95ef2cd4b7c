//! Certificates and PEM, as a relying system receives them.
#![no_main]

use kasane_verify::certificate::Certificate;
use kasane_verify::pem;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    read(data);
    if let Ok(blocks) = pem::certificates(data) {
        blocks.iter().for_each(|der| read(der));
    }
});

fn read(der: &[u8]) {
    if let Ok(certificate) = Certificate::from_der(der) {
        let _ = certificate.public_key_info();
        let _ = certificate.signature_algorithm();
        let _ = certificate.is_ca();
        let _ = certificate.is_self_issued();
        let _ = certificate.subject_uris().count();
        let _ = certificate.serial_hex();
    }
}

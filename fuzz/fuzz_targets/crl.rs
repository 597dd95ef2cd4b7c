//! CRLs, as a relying system receives them.
#![no_main]

use kasane_verify::crl::CertificateList;
use kasane_verify::pem;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    read(data);
    if let Ok(blocks) = pem::crls(data) {
        blocks.iter().for_each(|der| read(der));
    }
});

fn read(der: &[u8]) {
    if let Ok(list) = CertificateList::from_der(der) {
        let _ = list.unknown_critical();
        let _ = list.signature_algorithm();
        let _ = list.find(&[1, 2, 3]);
    }
}

//! CRLs, as a relying system receives them.
#![no_main]

use kasane_verify::crl::{CertificateList, IndexedCrl};
use kasane_verify::pem;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    read(data);
    if let Ok(blocks) = pem::crls(data) {
        blocks.iter().for_each(|der| read(der));
    }
});

fn read(der: &[u8]) {
    let Ok(list) = CertificateList::from_der(der) else {
        assert!(IndexedCrl::from_der(der).is_err());
        return;
    };
    let _ = list.unknown_critical();
    let _ = list.signature_algorithm();
    let _ = list.find(&[1, 2, 3]);
    let Ok(indexed) = IndexedCrl::from_der(der) else {
        return;
    };
    assert_eq!(indexed.entry_count(), list.entries().count());
    // The index finds what a scan finds.
    for entry in list.entries().take(64) {
        let entry = entry.expect("every entry was read");
        let found = indexed.entries_of(entry.serial).filter_map(Result::ok);
        assert!(found.count() >= 1, "an entry is lost");
    }
    let _ = indexed.find(&[1, 2, 3]);
}

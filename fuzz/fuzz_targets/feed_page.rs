//! Pages of the feed: what is read says the same when it is written again.

#![no_main]

use kasane_ca_core::follower::Page;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(page) = Page::from_bytes(data) {
        assert!(page.from + page.entries.len() as u64 <= page.size);
        let written = page.to_bytes().unwrap();
        assert_eq!(Page::from_bytes(&written).unwrap(), page);
    }
});

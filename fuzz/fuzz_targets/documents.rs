//! Documents that people write: policy, profile, ceremony script, identity.
#![no_main]

use kasane_ca_core::ceremony::Script;
use kasane_ca_core::profile::Profiles;
use kasane_ca_core::registration::{CheckDigit, Identity};
use kasane_verify::UnixTime;
use kasane_verify::policy::Timeline;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    match kind % 5 {
        0 => drop(Timeline::from_toml(text)),
        1 => drop(Profiles::load([("fuzzed", text)])),
        2 => drop(Script::from_toml(text)),
        3 => drop(Identity::parse(text, CheckDigit::Enforce)),
        _ => drop(text.parse::<UnixTime>()),
    }
});

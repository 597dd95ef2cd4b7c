//! Messages and commands of the simulated YubiHSM 2.
#![no_main]

use kasane_hsm_simulator::device::exchange_hostile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| exchange_hostile(data));

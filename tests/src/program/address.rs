//! Addresses for programs that must be told theirs before they start.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below what Linux gives to those who ask for any port (`net.ipv4.ip_local_port_range`): what was
/// free stays free until its program binds it, and while a killed one is started again.
const PORTS: Range<u16> = 12_000..32_000;
/// So that the processes of a test runner which starts one for each test begin apart.
const PORTS_OF_A_PROCESS: u32 = 97;

/// An address on loopback that nobody has, and that this process gives to nobody else.
///
/// # Panics
/// When every port was asked for and taken.
#[must_use]
pub fn free_address() -> SocketAddr {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let count = u32::from(PORTS.end - PORTS.start);
    let first = std::process::id().wrapping_mul(PORTS_OF_A_PROCESS);
    (0..count)
        .map(|_| {
            let given = GIVEN.fetch_add(1, Ordering::Relaxed);
            let offset = first.wrapping_add(u32::from(given)) % count;
            PORTS.start + u16::try_from(offset).unwrap()
        })
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .find(|address| TcpListener::bind(address).is_ok())
        .unwrap()
}

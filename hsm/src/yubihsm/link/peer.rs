//! Whether a connection comes from this very process.

use std::net::SocketAddr;

/// Whether the other end of a loopback connection, `peer`, is a socket of this process.
///
/// The relay has no password to ask for: the crate that connects to it sends a fixed request. On
/// Linux the kernel says which socket is at the other end (`proc(5)`: `net/tcp`, `fd`). Elsewhere any
/// program on this machine may pass; it then still needs the device's own password, as it would at
/// the connector.
#[cfg(target_os = "linux")]
pub(super) fn is_this_process(peer: SocketAddr, own: SocketAddr) -> bool {
    let (SocketAddr::V4(peer), SocketAddr::V4(own)) = (peer, own) else {
        return false;
    };
    let Ok(table) = std::fs::read_to_string("/proc/self/net/tcp") else {
        return false;
    };
    let place = |address: std::net::SocketAddrV4| {
        let octets = u32::from_ne_bytes(address.ip().octets());
        format!("{octets:08X}:{:04X}", address.port())
    };
    let (peer, own) = (place(peer), place(own));
    let inode = table.lines().find_map(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        (fields.next()? == peer && fields.next()? == own)
            .then(|| fields.nth(6))
            .flatten()
    });
    let Some(inode) = inode else { return false };
    let socket = format!("socket:[{inode}]");
    std::fs::read_dir("/proc/self/fd").is_ok_and(|fds| {
        fds.flatten().any(|fd| {
            std::fs::read_link(fd.path()).is_ok_and(|link| link.as_os_str() == socket.as_str())
        })
    })
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_this_process(peer: SocketAddr, _own: SocketAddr) -> bool {
    peer.ip().is_loopback()
}

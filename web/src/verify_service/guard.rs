//! What every request must pass.

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::ServiceLimits;
use super::problem::Problem;

/// Ends what takes too long, a body that trickles in included.
pub(super) async fn in_time(
    State(limits): State<ServiceLimits>,
    request: Request,
    next: Next,
) -> Response {
    match tokio::time::timeout(limits.request, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::late(limits.request.as_secs()).into_response(),
    }
}

/// A web page may make a browser on this machine ask a loopback address under a name of its own
/// (DNS rebinding). Whoever means this service calls it by a local name.
pub(super) async fn local_host_only(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST);
    if host.is_some_and(|host| !host.to_str().is_ok_and(is_local)) {
        return Problem::other_host().into_response();
    }
    next.run(request).await
}

fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name
        .strip_prefix('[')
        .and_then(|it| it.strip_suffix(']'))
        .unwrap_or(name);
    name.eq_ignore_ascii_case("localhost")
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|it| it.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for host in [
            "localhost",
            "LOCALHOST:80",
            "127.0.0.1:8081",
            "127.9.9.9",
            "[::1]:1",
        ] {
            assert!(is_local(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "localhost.example.com",
            "10.0.0.1:80",
            "[::2]",
            "127.0.0.1.x",
        ] {
            assert!(!is_local(host), "{host}");
        }
    }
}

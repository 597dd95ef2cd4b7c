//! The request for a CRL or an OCSP answer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Bytes;

use crate::cache::Key;
use crate::config::FetchConfig;
use crate::error::AddressError;
use crate::http::{Ask, Validators};
use crate::target::Target;

/// Longest address of a GET, scheme and host included (RFC 9919 §5): caches keep those.
const MAX_GET_BYTES: usize = 255;

/// Asks for what `key` stands for.
pub(super) fn for_key(
    key: &Key,
    validators: Validators,
    config: &FetchConfig,
) -> Result<Ask, AddressError> {
    match key {
        Key::Crl(uri) => Ok(Ask {
            target: Target::parse(uri, config)?,
            post: None,
            accept: "application/pkix-crl, */*;q=0.1",
            validators,
            past_caches: false,
            limit_bytes: config.crl_bytes,
            limit: config.crl_timeout,
        }),
        Key::Ocsp { uri, request } => {
            let (target, post) = match get_address(uri, request) {
                Some(address) => (Target::parse(&address, config)?, None),
                None => {
                    let body = Bytes::copy_from_slice(request);
                    let post = Some((body, "application/ocsp-request"));
                    (Target::parse(uri, config)?, post)
                }
            };
            Ok(Ask {
                target,
                post,
                accept: "application/ocsp-response, */*;q=0.1",
                validators,
                past_caches: false,
                limit_bytes: config.ocsp_bytes,
                limit: config.ocsp_timeout,
            })
        }
    }
}

/// The address of a GET (RFC 6960 Appendix A.1): the request in base64, percent-encoded, below the
/// responder's address. None when it would be too long, or the address cannot have anything below.
fn get_address(uri: &str, request: &[u8]) -> Option<String> {
    if uri.contains(['?', '#']) || request.len() > MAX_GET_BYTES {
        return None;
    }
    let mut address = uri.to_owned();
    if !address.ends_with('/') {
        address.push('/');
    }
    for character in STANDARD.encode(request).chars() {
        match character {
            '+' => address.push_str("%2B"),
            '/' => address.push_str("%2F"),
            '=' => address.push_str("%3D"),
            other => address.push(other),
        }
    }
    (address.len() <= MAX_GET_BYTES).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_requests_go_by_get_long_ones_by_post() {
        let octets = [0xfb, 0xff, 0xfe, 0x01];
        assert_eq!(
            get_address("http://ocsp.example/a", &octets).as_deref(),
            Some("http://ocsp.example/a/%2B%2F%2F%2BAQ%3D%3D")
        );
        assert_eq!(
            get_address("http://ocsp.example/", &[0, 0, 0]).as_deref(),
            Some("http://ocsp.example/AAAA")
        );
        // 21 + 234 = 255 octets in all.
        let base = "http://ocsp.example/a";
        let longest = vec![0; 174];
        assert_eq!(get_address(base, &longest).unwrap().len(), 254);
        assert_eq!(get_address(base, &[0; 175]), None);
        assert_eq!(get_address("http://ocsp.example/?a=b", &octets), None);
    }

    #[test]
    fn get_or_post_is_what_is_asked() {
        let config = FetchConfig::default();
        let ask = |request: &[u8]| {
            let key = Key::Ocsp {
                uri: "http://ocsp.example/a".into(),
                request: request.into(),
            };
            for_key(&key, Validators::default(), &config).unwrap()
        };
        let get = ask(&[0; 60]);
        assert!(get.post.is_none() && get.target.path().starts_with("/a/AAAA"));
        let post = ask(&[0; 300]);
        assert_eq!(post.target.path(), "/a");
        assert_eq!(post.post.unwrap().0.len(), 300);
    }
}

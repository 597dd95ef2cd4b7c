//! Which responder a path means, and the request in it.

/// A path below `/ocsp`.
///
/// One address answers for every issuer, and each issuer has one of its own. A request in base64
/// begins with `M` (a SEQUENCE, in RFC 4648 §4), a name with a small letter or a digit: no path can
/// mean both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OcspPath<'a> {
    /// The issuer that is addressed; none for all.
    pub issuer: Option<&'a str>,
    /// The rest, as it came: a GET's request.
    pub request: &'a str,
}

impl<'a> OcspPath<'a> {
    /// Reads the raw path of a URI: decoding it before would turn an encoded percent sign into
    /// something else.
    #[must_use]
    pub fn parse(path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix("/ocsp")?;
        if rest.is_empty() {
            return Some(Self {
                issuer: None,
                request: rest,
            });
        }
        let rest = rest.strip_prefix('/')?;
        let (first, request) = rest.split_once('/').unwrap_or((rest, ""));
        Some(if is_name(first) {
            Self {
                issuer: Some(first),
                request,
            }
        } else {
            Self {
                issuer: None,
                request: rest,
            }
        })
    }
}

/// Whether `name` can be an issuer's.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_and_requests_are_told_apart() {
        for (path, expected) in [
            ("/ocsp", Some((None, ""))),
            ("/ocsp/", Some((None, ""))),
            ("/ocsp/issuing-rsa", Some((Some("issuing-rsa"), ""))),
            ("/ocsp/issuing-rsa/", Some((Some("issuing-rsa"), ""))),
            (
                "/ocsp/issuing-rsa/MEo/w%3D",
                Some((Some("issuing-rsa"), "MEo/w%3D")),
            ),
            ("/ocsp/MEo/wSDB", Some((None, "MEo/wSDB"))),
            ("/ocsp/MEo%2FwSDB==", Some((None, "MEo%2FwSDB=="))),
            ("/ocsp//MEo", Some((None, "/MEo"))),
            ("/ocsp/%ff/AAAA", Some((None, "%ff/AAAA"))),
            ("/ocspMEo", None),
            ("/crl/ocsp/", None),
            ("", None),
        ] {
            let found = OcspPath::parse(path).map(|it| (it.issuer, it.request));
            assert_eq!(found, expected, "{path}");
        }
    }
}

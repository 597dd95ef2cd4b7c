//! Whether the end entity is who the caller expects.

use std::fmt;
use std::net::IpAddr;

use super::Reason;
use crate::certificate::{Certificate, GeneralName};

/// The name that an end entity must have in its subject alternative name. The common name is never
/// looked at (RFC 9525 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedName<'a> {
    /// A host name, compared by RFC 9525 §6.3: a wildcard stands for the whole first label.
    Dns(&'a str),
    /// An address.
    Ip(IpAddr),
    /// A mailbox (rfc822Name): the local part exactly, the host without case (RFC 5280 §7.5).
    Mailbox(&'a str),
    /// A URI, compared character by character: identities of this network are written in one way.
    Uri(&'a str),
}

impl fmt::Display for ExpectedName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) | Self::Uri(name) | Self::Mailbox(name) => write!(f, "{name:?}"),
            Self::Ip(address) => write!(f, "{address}"),
        }
    }
}

pub(super) fn check(
    certificate: &Certificate<'_>,
    expected: ExpectedName<'_>,
) -> Result<(), Reason> {
    let names = certificate.extensions().subject_alt_name;
    let found = names.is_some_and(|names| names.iter().any(|name| matches(name, expected)));
    if found {
        Ok(())
    } else {
        Err(Reason::NameMismatch {
            expected: expected.to_string(),
        })
    }
}

fn matches(presented: GeneralName<'_>, expected: ExpectedName<'_>) -> bool {
    match (presented, expected) {
        (GeneralName::Dns(presented), ExpectedName::Dns(expected)) => {
            matches_host(presented, expected)
        }
        (GeneralName::Ip(presented), ExpectedName::Ip(IpAddr::V4(expected))) => {
            presented == expected.octets()
        }
        (GeneralName::Ip(presented), ExpectedName::Ip(IpAddr::V6(expected))) => {
            presented == expected.octets()
        }
        (GeneralName::Uri(presented), ExpectedName::Uri(expected)) => presented == expected,
        (GeneralName::Rfc822(presented), ExpectedName::Mailbox(expected)) => {
            matches_mailbox(presented, expected)
        }
        _ => false,
    }
}

fn matches_mailbox(presented: &str, expected: &str) -> bool {
    match (presented.rsplit_once('@'), expected.rsplit_once('@')) {
        (Some((local, host)), Some((expected_local, expected_host))) => {
            local == expected_local && host.eq_ignore_ascii_case(expected_host)
        }
        _ => false,
    }
}

fn matches_host(presented: &str, expected: &str) -> bool {
    // An absolute name's dot is no part of it (RFC 1034 §3.1); certificates never have it.
    let expected = expected.strip_suffix('.').unwrap_or(expected);
    match presented.strip_prefix("*.") {
        // RFC 9525 §6.3: only as the complete left-most label, and for one label.
        Some(parent) => {
            is_host(expected)
                && is_host(parent)
                && parent.contains('.')
                && expected
                    .split_once('.')
                    .is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent))
        }
        // If they are equal, both are host names or neither is.
        None => presented.eq_ignore_ascii_case(expected) && is_host(expected),
    }
}

/// A host name in the preferred syntax that RFC 5280 §4.2.1.6 asks for (RFC 1034 §3.5).
pub(super) fn is_host(name: &str) -> bool {
    // Hostile constraints ask this for each pair of names: one pass, and nothing but octets.
    let (mut label, mut last) = (0_u32, b'.');
    for octet in name.bytes() {
        label = match octet {
            b'.' if label == 0 || last == b'-' => return false,
            b'.' => 0,
            b'-' if label == 0 => return false,
            _ if label == 63 => return false,
            b'-' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => label + 1,
            _ => return false,
        };
        last = octet;
    }
    name.len() <= 253 && label > 0 && last != b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_is_labels_of_letters_digits_and_inner_hyphens() {
        let long = "a".repeat(63);
        let [whole, longer] = [3, 4].map(|count| vec![&*long; count].join("."));
        for good in ["a", "a-b.c", "0.A", &long, &whole] {
            assert!(is_host(good), "{good}");
        }
        let more = format!("{long}a.b");
        for bad in [
            "", ".", "a.", ".a", "a..b", "-a", "a-", "a-.b", "a.-b", "a_b", "é", &more, &longer,
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn wildcard_is_the_whole_first_label_only() {
        for (presented, expected, matching) in [
            ("example.com", "EXAMPLE.com", true),
            ("example.com", "example.com.", true),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.b.example.com", false),
            ("*.example.com", "example.com", false),
            ("a*.example.com", "ab.example.com", false),
            ("b.*.com", "b.example.com", false),
            ("*.com", "example.com", false),
            ("*", "com", false),
            ("example.com.", "example.com", false),
            ("", "", false),
        ] {
            assert_eq!(
                matches_host(presented, expected),
                matching,
                "{presented} {expected}"
            );
        }
    }
}

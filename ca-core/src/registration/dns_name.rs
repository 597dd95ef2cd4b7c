//! Host names of servers.

use std::fmt;

use super::RegistrationError;
use super::error::excerpt;

/// Whether the first label of a DNS name may be `*`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wildcard {
    /// No name with a `*`.
    #[default]
    Refuse,
    /// `*.example.jp` is fine; a `*` elsewhere never is.
    Allow,
}

/// A lower-case host name of at least two LDH labels (RFC 1123 §2.1, RFC 5280 §4.2.1.6).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsName(String);

impl DnsName {
    /// Longest name in text (RFC 1035 §2.3.4: 255 octets on the wire).
    pub const MAX_BYTES: usize = 253;

    /// # Errors
    /// [`RegistrationError::DnsName`] with the rule that is broken.
    pub fn parse(text: &str, wildcard: Wildcard) -> Result<Self, RegistrationError> {
        match broken_rule(text, wildcard) {
            None => Ok(Self(text.to_owned())),
            Some(reason) => Err(RegistrationError::DnsName {
                text: excerpt(text),
                reason,
            }),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it stands for all names below a domain.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with("*.")
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn broken_rule(text: &str, wildcard: Wildcard) -> Option<&'static str> {
    if text.is_empty() {
        return Some("it is empty");
    }
    if text.len() > DnsName::MAX_BYTES {
        return Some("it is longer than 253 characters");
    }
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Some("write it in lower case");
    }
    if text.ends_with('.') {
        return Some("leave out the final dot");
    }
    let host = match text.strip_prefix("*.") {
        Some(_) if wildcard == Wildcard::Refuse => {
            return Some("wildcards are not allowed");
        }
        Some(rest) => rest,
        None => text,
    };
    let mut count = 0;
    let mut last = "";
    for label in host.split('.') {
        if label.is_empty() || label.len() > 63 {
            return Some("each label has 1 to 63 characters");
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Some("no label begins or ends with '-'");
        }
        if !label
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        {
            return Some("labels consist of a-z, 0-9 and '-'");
        }
        count += 1;
        last = label;
    }
    if count < 2 {
        return Some("it needs at least two labels");
    }
    if last.bytes().all(|b| b.is_ascii_digit()) {
        return Some("an address is no name");
    }
    None
}

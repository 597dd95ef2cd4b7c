//! Whose certificate it is, as this network names its holders.

use std::fmt;

/// What a holder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// A hospital, clinic, pharmacy or visiting nursing station; ten digits.
    Facility,
    /// An insurer; eight digits.
    Insurer,
    /// A municipality; six digits.
    Municipality,
    /// A fire headquarters.
    Fire,
    /// A vendor.
    Vendor,
    /// A server or a system that calls servers.
    System,
    /// A person of the operator's staff.
    Operator,
}

/// The parts of an identity URI: `https://id.<operator>/<kind>/<code>/<no>`. Whether the code is
/// that of somebody, and its check digit, are for those who registered it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectIdentity {
    /// The domain of the operator who gave the name.
    pub operator: String,
    /// What the holder is.
    pub kind: SubjectKind,
    /// The holder's code within its kind.
    pub code: String,
    /// Which of its terminals: 1 to 9999.
    pub number: u16,
}

impl SubjectKind {
    const NAMED: [(Self, &'static str); 7] = [
        (Self::Facility, "facility"),
        (Self::Insurer, "insurer"),
        (Self::Municipality, "municipality"),
        (Self::Fire, "fire"),
        (Self::Vendor, "vendor"),
        (Self::System, "system"),
        (Self::Operator, "operator"),
    ];

    /// The name in identity URIs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let mut named = Self::NAMED.into_iter();
        named.find(|(kind, _)| *kind == self).map_or("", |it| it.1)
    }

    fn code_is_right(self, code: &str) -> bool {
        let digits = |count| code.len() == count && code.bytes().all(|it| it.is_ascii_digit());
        match self {
            Self::Facility => digits(10),
            Self::Insurer => digits(8),
            Self::Municipality => digits(6),
            Self::Fire | Self::Vendor | Self::System | Self::Operator => {
                let short = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
                (2..=32).contains(&code.len()) && code.bytes().all(short)
            }
        }
    }
}

impl SubjectIdentity {
    /// Reads an identity URI, which has one way to be written; none when it is anything else.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        let rest = uri.strip_prefix("https://id.")?;
        let mut parts = rest.split('/');
        let operator = parts.next()?;
        let name = parts.next()?;
        let (kind, _) = SubjectKind::NAMED.into_iter().find(|it| it.1 == name)?;
        let code = parts.next().filter(|code| kind.code_is_right(code))?;
        let text = parts.next()?;
        let number = text.parse().ok().filter(|it| (1..=9999).contains(it))?;
        // No sign, no leading zeros, nothing behind.
        if text.starts_with(['0', '+']) || parts.next().is_some() {
            return None;
        }
        if !super::identity::is_host(operator) || operator.contains(|it: char| it.is_uppercase()) {
            return None;
        }
        Some(Self {
            operator: operator.to_owned(),
            kind,
            code: code.to_owned(),
            number,
        })
    }
}

/// The URI.
impl fmt::Display for SubjectIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, code) = (self.kind.as_str(), &self.code);
        write!(
            f,
            "https://id.{}/{kind}/{code}/{}",
            self.operator, self.number
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_uri_has_one_way_to_be_written() {
        for uri in [
            "https://id.kasane.example/facility/1312345678/1",
            "https://id.kasane.example/insurer/06123456/9999",
            "https://id.kasane.example/system/portal-2/12",
        ] {
            assert_eq!(SubjectIdentity::from_uri(uri).unwrap().to_string(), uri);
        }
        for uri in [
            "http://id.kasane.example/facility/1312345678/1",
            "https://id.kasane.example:443/facility/1312345678/1",
            "https://id.Kasane.example/facility/1312345678/1",
            "https://id.kasane.example/facility/131234567/1",
            "https://id.kasane.example/facility/1312345678/01",
            "https://id.kasane.example/facility/1312345678/+1",
            "https://id.kasane.example/facility/1312345678/0",
            "https://id.kasane.example/facility/1312345678/10000",
            "https://id.kasane.example/facility/1312345678/1/",
            "https://id.kasane.example/facility/1312345678/1?x",
            "https://id.kasane.example/hospital/1312345678/1",
            "https://id.kasane.example/vendor/A/1",
            "https://id./vendor/acme/1",
        ] {
            assert_eq!(SubjectIdentity::from_uri(uri), None, "{uri}");
        }
    }
}

//! What a request claims, compared with what is registered.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::ID_CE_SUBJECT_ALT_NAME;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

use super::{EnrolmentRequest, RequestError, same_name};

/// Most characters of a claimed name in an error.
const EXCERPT_CHARS: usize = 200;

impl EnrolmentRequest {
    /// The subject must be empty or the registered one.
    ///
    /// # Errors
    /// [`RequestError::SubjectMismatch`].
    pub fn check_subject(&self, registered: &Name) -> Result<(), RequestError> {
        if self.subject.is_empty() || same_name(&self.subject, registered) {
            return Ok(());
        }
        Err(RequestError::SubjectMismatch {
            claimed: excerpt(&self.subject.to_string()),
            registered: registered.to_string(),
        })
    }

    /// Requested names must all be registered; every other extension must be one that `ignored`
    /// (the profile's list of harmless ones) knows. Returns those that were ignored.
    ///
    /// # Errors
    /// [`RequestError::NameMismatch`] or [`RequestError::UnknownExtension`].
    pub fn check_extensions(
        &self,
        registered_names: &[GeneralName],
        ignored: impl Fn(&ObjectIdentifier) -> bool,
    ) -> Result<Vec<ObjectIdentifier>, RequestError> {
        for name in self.subject_alt_names() {
            if !registered_names
                .iter()
                .any(|registered| same_general_name(name, registered))
            {
                return Err(RequestError::NameMismatch {
                    name: describe(name),
                });
            }
        }
        let mut harmless = Vec::new();
        for extension in self.extensions() {
            if extension.oid == ID_CE_SUBJECT_ALT_NAME {
                continue;
            }
            if !ignored(&extension.oid) {
                return Err(RequestError::UnknownExtension { oid: extension.oid });
            }
            harmless.push(extension.oid);
        }
        Ok(harmless)
    }
}

/// DNS names without regard to case (RFC 5280 §7.2), everything else octet by octet.
fn same_general_name(a: &GeneralName, b: &GeneralName) -> bool {
    match (a, b) {
        (GeneralName::DnsName(a), GeneralName::DnsName(b)) => {
            a.as_str().eq_ignore_ascii_case(b.as_str())
        }
        (GeneralName::DirectoryName(a), GeneralName::DirectoryName(b)) => same_name(a, b),
        _ => a == b,
    }
}

fn describe(name: &GeneralName) -> String {
    let text = match name {
        GeneralName::DnsName(text) => format!("dns:{}", text.as_str()),
        GeneralName::UniformResourceIdentifier(text) => format!("uri:{}", text.as_str()),
        GeneralName::Rfc822Name(text) => format!("email:{}", text.as_str()),
        GeneralName::DirectoryName(name) => format!("dn:{name}"),
        GeneralName::IpAddress(address) => format!("ip:{}", hex::encode(address.as_bytes())),
        GeneralName::RegisteredId(oid) => format!("oid:{oid}"),
        GeneralName::OtherName(other) => format!("other:{}", other.type_id),
        GeneralName::EdiPartyName(_) => "ediPartyName".to_owned(),
    };
    excerpt(&text)
}

fn excerpt(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(EXCERPT_CHARS)
        .collect()
}

//! From an identity to the names in its certificate.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc4519;
use der::asn1::{Any, Ia5String, PrintableStringRef, SetOfVec, Utf8StringRef};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};

use super::error::excerpt;
use super::{CheckDigit, DnsName, Identity, RegistrationError, Wildcard};

/// The parts of a name that are configuration: whose authority this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    organization: String,
    uri_prefix: String,
    operator: DnsName,
}

impl Naming {
    /// Most characters of an organization (RFC 5280 appendix A.1, `ub-organization-name`).
    pub const MAX_ORGANIZATION_CHARS: usize = 64;

    /// `organization` is the subject's O; identity URIs are `https://id.<operator>/…`.
    ///
    /// # Errors
    /// [`RegistrationError::Organization`] or [`RegistrationError::DnsName`].
    pub fn new(organization: &str, operator: &str) -> Result<Self, RegistrationError> {
        let count = organization.chars().count();
        let fits = (1..=Self::MAX_ORGANIZATION_CHARS).contains(&count)
            && organization.trim() == organization
            && !organization.chars().any(char::is_control);
        if !fits {
            return Err(RegistrationError::Organization {
                text: excerpt(organization),
            });
        }
        let operator = DnsName::parse(operator, Wildcard::Refuse)?;
        Ok(Self {
            organization: organization.to_owned(),
            uri_prefix: format!("https://id.{operator}/"),
            operator,
        })
    }

    /// The subject's O.
    #[must_use]
    pub fn organization(&self) -> &str {
        &self.organization
    }

    /// The operator's domain.
    #[must_use]
    pub const fn operator(&self) -> &DnsName {
        &self.operator
    }

    /// The host of every identity URI: what a name constraint on URIs permits.
    #[must_use]
    pub fn uri_host(&self) -> String {
        format!("id.{}", self.operator)
    }

    /// A host name made from an identity, which no machine has: `<code>-<no>.id.<operator>`. None where
    /// the common name is no label of a DNS name (RFC 1123 §2.1: it begins with a hyphen), or where the
    /// operator's domain leaves no room.
    #[must_use]
    pub fn identity_host(&self, identity: &Identity) -> Option<DnsName> {
        let host = format!("{}.{}", identity.common_name(), self.uri_host());
        DnsName::parse(&host, Wildcard::Refuse).ok()
    }

    /// C=JP (PrintableString), O, OU, CN=`<code>-<no>` (UTF8String), in this order, one attribute
    /// per RDN (RFC 5280 §4.1.2.4 and appendix A.1 for the string types). The OU is the category
    /// that the profile names.
    ///
    /// # Errors
    /// [`RegistrationError::Encoding`] when DER has no room for a part.
    pub fn subject(
        &self,
        identity: &Identity,
        organizational_unit: &str,
    ) -> Result<Name, RegistrationError> {
        self.authority_subject(organizational_unit, &identity.common_name())
    }

    /// The same form for the authority's own certificates: CAs and OCSP signers.
    ///
    /// # Errors
    /// [`RegistrationError::Encoding`] when DER has no room for a part.
    pub fn authority_subject(
        &self,
        organizational_unit: &str,
        common_name: &str,
    ) -> Result<Name, RegistrationError> {
        distinguished_name(&[
            (rfc4519::COUNTRY_NAME, "JP"),
            (rfc4519::ORGANIZATION_NAME, &self.organization),
            (rfc4519::ORGANIZATIONAL_UNIT_NAME, organizational_unit),
            (rfc4519::COMMON_NAME, common_name),
        ])
        .map_err(|source| RegistrationError::Encoding {
            identity: common_name.to_owned(),
            source,
        })
    }

    /// The base of a directory name constraint: C and O.
    ///
    /// # Errors
    /// [`RegistrationError::Encoding`] when DER has no room for a part.
    pub fn directory_base(
        &self,
        country: &str,
        organization: &str,
    ) -> Result<Name, RegistrationError> {
        distinguished_name(&[
            (rfc4519::COUNTRY_NAME, country),
            (rfc4519::ORGANIZATION_NAME, organization),
        ])
        .map_err(|source| RegistrationError::Encoding {
            identity: organization.to_owned(),
            source,
        })
    }

    /// The identity URI, which relying systems match: `https://id.<operator>/<kind>/<code>/<no>`.
    #[must_use]
    pub fn uri(&self, identity: &Identity) -> String {
        format!("{}{identity}", self.uri_prefix)
    }

    /// Reads an identity URI back.
    ///
    /// # Errors
    /// [`RegistrationError::IdentityUri`] for another host, or the error of a part.
    pub fn parse_uri(
        &self,
        uri: &str,
        check_digit: CheckDigit,
    ) -> Result<Identity, RegistrationError> {
        let Some(path) = uri.strip_prefix(&self.uri_prefix) else {
            return Err(RegistrationError::IdentityUri {
                text: excerpt(uri),
                expected_prefix: self.uri_prefix.clone(),
            });
        };
        Identity::parse(path, check_digit)
    }

    /// The subject alternative names: the identity URI, then `dns_names` in their order.
    ///
    /// # Errors
    /// [`RegistrationError::Encoding`] when DER has no room for a name.
    pub fn subject_alt_names(
        &self,
        identity: &Identity,
        dns_names: &[DnsName],
    ) -> Result<Vec<GeneralName>, RegistrationError> {
        let names = || -> der::Result<Vec<GeneralName>> {
            let uri = Ia5String::new(&self.uri(identity))?;
            let mut names = vec![GeneralName::UniformResourceIdentifier(uri)];
            for name in dns_names {
                names.push(GeneralName::DnsName(Ia5String::new(name.as_str())?));
            }
            Ok(names)
        };
        names().map_err(|source| RegistrationError::Encoding {
            identity: identity.to_string(),
            source,
        })
    }
}

/// One attribute per RDN; the country as PrintableString, everything else as UTF8String.
fn distinguished_name(attributes: &[(ObjectIdentifier, &str)]) -> der::Result<Name> {
    let mut rdns = RdnSequence::default();
    for (oid, text) in attributes {
        let value = if *oid == rfc4519::COUNTRY_NAME {
            Any::from(PrintableStringRef::new(text)?)
        } else {
            Any::from(Utf8StringRef::new(text)?)
        };
        let attribute = AttributeTypeAndValue { oid: *oid, value };
        rdns.push(RelativeDistinguishedName::from(SetOfVec::from_iter([
            attribute,
        ])?));
    }
    Ok(Name::hazmat_from_rdn_sequence(rdns))
}

//! From an identity to the names in its certificate.

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

    /// C=JP (PrintableString), O, OU=category, CN=`<code>-<no>` (UTF8String), in this order, one
    /// attribute per RDN (RFC 5280 §4.1.2.4 and appendix A.1 for the string types).
    ///
    /// # Errors
    /// [`RegistrationError::Encoding`] when DER has no room for a part.
    pub fn subject(&self, identity: &Identity) -> Result<Name, RegistrationError> {
        self.try_subject(identity)
            .map_err(|source| RegistrationError::Encoding {
                identity: identity.to_string(),
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

    fn try_subject(&self, identity: &Identity) -> der::Result<Name> {
        let common_name = identity.common_name();
        let mut rdns = RdnSequence::default();
        let utf8 = |text: &str| -> der::Result<Any> { Ok(Any::from(Utf8StringRef::new(text)?)) };
        for (oid, value) in [
            (
                rfc4519::COUNTRY_NAME,
                Any::from(PrintableStringRef::new("JP")?),
            ),
            (rfc4519::ORGANIZATION_NAME, utf8(&self.organization)?),
            (
                rfc4519::ORGANIZATIONAL_UNIT_NAME,
                utf8(identity.holder.category())?,
            ),
            (rfc4519::COMMON_NAME, utf8(&common_name)?),
        ] {
            let attribute = AttributeTypeAndValue { oid, value };
            rdns.push(RelativeDistinguishedName::from(SetOfVec::from_iter([
                attribute,
            ])?));
        }
        Ok(Name::hazmat_from_rdn_sequence(rdns))
    }
}

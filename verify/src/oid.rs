//! Object identifiers that the parsers look for.

use const_oid::ObjectIdentifier;

macro_rules! oids {
    ($($name:ident = $value:literal;)*) => {
        $(pub(crate) const $name: ObjectIdentifier = ObjectIdentifier::new_unwrap($value);)*
    };
}

oids! {
    // Certificate and CRL extensions: RFC 5280 §4.2, §5.2, §5.3.
    EXTENSION_ROOT = "2.5.29";
    SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    SUBJECT_ALT_NAME = "2.5.29.17";
    ISSUER_ALT_NAME = "2.5.29.18";
    BASIC_CONSTRAINTS = "2.5.29.19";
    CRL_NUMBER = "2.5.29.20";
    REASON_CODE = "2.5.29.21";
    INVALIDITY_DATE = "2.5.29.24";
    DELTA_CRL_INDICATOR = "2.5.29.27";
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    CERTIFICATE_ISSUER = "2.5.29.29";
    NAME_CONSTRAINTS = "2.5.29.30";
    ANY_POLICY = "2.5.29.32.0";
    AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    POLICY_CONSTRAINTS = "2.5.29.36";
    ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";
    FRESHEST_CRL = "2.5.29.46";
    INHIBIT_ANY_POLICY = "2.5.29.54";
    AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1";
    // RFC 9763 §4.1.
    RELATED_CERTIFICATE = "1.3.6.1.5.5.7.1.36";
    // RFC 6960 §4.2.2.2.1.
    OCSP_NO_CHECK = "1.3.6.1.5.5.7.48.1.5";
    // RFC 6960 §4.4.
    CRL_REFERENCES = "1.3.6.1.5.5.7.48.1.3";
    ARCHIVE_CUTOFF = "1.3.6.1.5.5.7.48.1.6";
    EXTENDED_REVOKE = "1.3.6.1.5.5.7.48.1.9";
    // RFC 6962 §3.3.
    OCSP_SCT_LIST = "1.3.6.1.4.1.11129.2.4.5";
    ACCESS_OCSP = "1.3.6.1.5.5.7.48.1";
    ACCESS_CA_ISSUERS = "1.3.6.1.5.5.7.48.2";
    // Policy qualifiers: RFC 5280 §4.2.1.4.
    CPS_POINTER = "1.3.6.1.5.5.7.2.1";
    USER_NOTICE = "1.3.6.1.5.5.7.2.2";
    // Key purposes: RFC 5280 §4.2.1.12.
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
    // RFC 9598 §3.
    SMTP_UTF8_MAILBOX = "1.3.6.1.5.5.7.8.9";
    // PKCS #9.
    EMAIL_ADDRESS = "1.2.840.113549.1.9.1";
}

/// Short names of attribute types: RFC 4514 §3, and those that the network uses besides.
pub(crate) const ATTRIBUTE_NAMES: [(ObjectIdentifier, &str); 15] = [
    (ObjectIdentifier::new_unwrap("2.5.4.3"), "CN"),
    (ObjectIdentifier::new_unwrap("2.5.4.4"), "SN"),
    (ObjectIdentifier::new_unwrap("2.5.4.5"), "serialNumber"),
    (ObjectIdentifier::new_unwrap("2.5.4.6"), "C"),
    (ObjectIdentifier::new_unwrap("2.5.4.7"), "L"),
    (ObjectIdentifier::new_unwrap("2.5.4.8"), "ST"),
    (ObjectIdentifier::new_unwrap("2.5.4.9"), "STREET"),
    (ObjectIdentifier::new_unwrap("2.5.4.10"), "O"),
    (ObjectIdentifier::new_unwrap("2.5.4.11"), "OU"),
    (ObjectIdentifier::new_unwrap("2.5.4.12"), "title"),
    (ObjectIdentifier::new_unwrap("2.5.4.42"), "givenName"),
    (
        ObjectIdentifier::new_unwrap("2.5.4.97"),
        "organizationIdentifier",
    ),
    (
        ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1"),
        "UID",
    ),
    (
        ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.25"),
        "DC",
    ),
    (EMAIL_ADDRESS, "emailAddress"),
];

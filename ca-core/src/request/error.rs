//! Why a request is refused.

use const_oid::ObjectIdentifier;
use der::ErrorKind;
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};

use super::{MAX_ATTRIBUTES, MAX_EXTENSIONS, MAX_INPUT_BYTES, MAX_NAMES};
use crate::key_quality::KeyError;

/// Why a certificate request is refused, one variant per reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// More bytes than any honest request has.
    #[error("request is too large: {length_bytes} bytes, at most {MAX_INPUT_BYTES}")]
    TooLarge {
        /// Bytes received.
        length_bytes: usize,
    },
    /// Nothing at all.
    #[error("request is empty")]
    Empty,
    /// Text that is no PEM block of a request.
    #[error("request is not PEM: {reason}")]
    NotPem {
        /// What does not fit.
        reason: &'static str,
    },
    /// Octets that are no DER sequence.
    #[error("request is neither DER nor PEM")]
    NotDer,
    /// Ends before its own length.
    #[error("request is truncated: send the whole file")]
    Truncated,
    /// Something follows the request.
    #[error("request is followed by other data: send exactly one request")]
    TrailingData,
    /// DER of another form than PKCS#10.
    #[error("request is malformed: {0}")]
    Malformed(#[from] der::Error),
    /// Another version than v1.
    #[error("request has version {version}, only 0 (v1) exists (RFC 2986 section 4.1)")]
    Version {
        /// The number found.
        version: u8,
    },
    /// The attributes field is absent.
    #[error(
        "request has no attributes field: RFC 2986 section 4.1 requires it, even if empty; make \
         the request with another tool"
    )]
    MissingAttributes,
    /// More attributes than any honest request has.
    #[error("request has more than {MAX_ATTRIBUTES} attributes")]
    TooManyAttributes,
    /// An attribute twice.
    #[error("request has the attribute {oid} twice")]
    DuplicateAttribute {
        /// The attribute.
        oid: ObjectIdentifier,
    },
    /// An extension request with none or several values.
    #[error("request has an extension request without exactly one value (RFC 2985 section 5.4.2)")]
    ExtensionRequestValues,
    /// More extensions than any honest request has.
    #[error("request has {count} extensions, at most {MAX_EXTENSIONS}")]
    TooManyExtensions {
        /// Extensions found.
        count: usize,
    },
    /// An extension twice (RFC 5280 §4.2: MUST NOT).
    #[error("request has the extension {oid} twice")]
    DuplicateExtension {
        /// The extension.
        oid: ObjectIdentifier,
    },
    /// An extension that the profile does not list as harmless.
    #[error("request has the extension {oid}, which the profile does not accept in requests")]
    UnknownExtension {
        /// The extension.
        oid: ObjectIdentifier,
    },
    /// The subject alternative name cannot be read.
    #[error("request has an unreadable subject alternative name: {source}")]
    NamesMalformed {
        /// What the decoder said.
        source: der::Error,
    },
    /// More names than a certificate of ours carries.
    #[error("request has {count} subject alternative names, at most {MAX_NAMES}")]
    TooManyNames {
        /// Names found.
        count: usize,
    },
    /// A name that is not registered.
    #[error("request claims the name {name}, which is not registered for this identity")]
    NameMismatch {
        /// The name, shortened.
        name: String,
    },
    /// A subject that is neither empty nor the registered one.
    #[error("request claims the subject {claimed:?}, registered is {registered:?}")]
    SubjectMismatch {
        /// RFC 4514 text, shortened.
        claimed: String,
        /// RFC 4514 text.
        registered: String,
    },
    /// Signed over MD5, SHA-1 or SHA-224.
    #[error("request is signed with a weak digest ({oid}): use SHA-256 or better")]
    WeakDigest {
        /// The signature algorithm.
        oid: ObjectIdentifier,
    },
    /// Signed with an algorithm we do not verify.
    #[error("request is signed with {oid}, which is not supported")]
    AlgorithmUnsupported {
        /// The signature algorithm.
        oid: ObjectIdentifier,
    },
    /// Parameters that the algorithm does not have.
    #[error("request is signed with {algorithm}, but its parameters do not fit")]
    AlgorithmParameters {
        /// The signature algorithm.
        algorithm: SignatureAlgorithm,
    },
    /// The key cannot have made such a signature.
    #[error("request is signed with {signature}, which a {key} key cannot make")]
    AlgorithmMismatch {
        /// The signature algorithm.
        signature: SignatureAlgorithm,
        /// The key of the request.
        key: KeyAlgorithm,
    },
    /// No proof of possession.
    #[error("request is not signed by the key it asks to certify")]
    SignatureInvalid,
    /// The key is unfit.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl RequestError {
    /// A stable code for programs: never reworded. Faults of the key have the codes of
    /// [`KeyError::code`].
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "csr.too-large",
            Self::Empty => "csr.empty",
            Self::NotPem { .. } => "csr.not-pem",
            Self::NotDer => "csr.not-der",
            Self::Truncated => "csr.truncated",
            Self::TrailingData => "csr.trailing-data",
            Self::Malformed(_) => "csr.malformed",
            Self::Version { .. } => "csr.version-unsupported",
            Self::MissingAttributes => "csr.attributes-missing",
            Self::TooManyAttributes => "csr.too-many-attributes",
            Self::DuplicateAttribute { .. } => "csr.attribute-duplicated",
            Self::ExtensionRequestValues => "csr.extension-request-values",
            Self::TooManyExtensions { .. } => "csr.too-many-extensions",
            Self::DuplicateExtension { .. } => "csr.extension-duplicated",
            Self::UnknownExtension { .. } => "csr.extension-unknown",
            Self::NamesMalformed { .. } => "csr.names-malformed",
            Self::TooManyNames { .. } => "csr.too-many-names",
            Self::NameMismatch { .. } => "csr.name-mismatch",
            Self::SubjectMismatch { .. } => "csr.subject-mismatch",
            Self::WeakDigest { .. } => "csr.weak-digest",
            Self::AlgorithmUnsupported { .. } => "csr.algorithm-unsupported",
            Self::AlgorithmParameters { .. } => "csr.algorithm-parameters",
            Self::AlgorithmMismatch { .. } => "csr.algorithm-mismatch",
            Self::SignatureInvalid => "csr.signature-invalid",
            Self::Key(error) => error.code(),
        }
    }

    /// An error of the outermost sequence, whose length says whether octets are missing or left.
    pub(super) fn from_outer(error: der::Error) -> Self {
        match error.kind() {
            ErrorKind::Incomplete { .. } => Self::Truncated,
            ErrorKind::TrailingData { .. } => Self::TrailingData,
            _ => Self::Malformed(error),
        }
    }
}

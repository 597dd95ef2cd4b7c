//! A validated profile.

use std::collections::BTreeMap;
use std::fmt;

use const_oid::ObjectIdentifier;
use kasane_verify::policy::Class;
use kasane_verify::{KeyAlgorithm, KeyFamily};
use serde::{Deserialize, Serialize};
use x509_cert::ext::pkix::KeyUsage;

use super::usage::KeyUsageTable;
use super::{ExtensionTable, IgnoredCsrExtensions, KnownExtension, NameConstraintsConfig};
use super::{RequestRules, Validity};

/// The name of the profile of canaries.
pub const CANARY: &str = "canary";

/// What kind of certificate a profile makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileKind {
    /// A self-signed trust anchor.
    Root,
    /// A CA below a root that signs end entities.
    Issuing,
    /// One root's name and key, certified by the other root.
    Cross,
    /// A delegated signer of OCSP responses.
    OcspSigner,
    /// A subscriber, a staff member or a probe.
    EndEntity,
    /// Made to be revoked, good for nothing: measures how soon everybody is told.
    Canary,
}

/// How a subject is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectForm {
    /// CN `<10-digit code>-<terminal no.>`, from the registration of a facility.
    Facility,
    /// CN a system's identifier, from its registration.
    System,
    /// CN an operator's identifier, from its registration.
    Operator,
    /// The CA's name, from the ceremony.
    Ca,
    /// The responder's name, from its CA.
    OcspSigner,
    /// CN `canary-` and a number, made by the authority.
    Canary,
}

/// Which host names a certificate has beside its identity URI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostNames {
    /// Those that are registered for a server; nobody else has any.
    #[default]
    Registered,
    /// One made from the identity, for clients below a CA whose DNS names are constrained: where there
    /// is no dNSName, some libraries hold the common name against the constraints.
    Identity,
}

/// What authorityInfoAccess carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuthorityInfo {
    /// Where the issuer's certificate is.
    pub ca_issuers: bool,
    /// Where the issuer's OCSP responder is.
    pub ocsp: bool,
}

/// What one kind of certificate contains, who signs it and how long it lasts.
#[derive(Clone, Debug)]
pub struct Profile {
    pub(super) file: String,
    pub(super) name: String,
    pub(super) kind: ProfileKind,
    pub(super) class: Class,
    pub(super) subject_form: SubjectForm,
    pub(super) organizational_unit: String,
    pub(super) host_names: HostNames,
    pub(super) key_algorithms: Vec<KeyAlgorithm>,
    pub(super) import_key_algorithms: Vec<KeyAlgorithm>,
    pub(super) issuers: Vec<String>,
    pub(super) crl_shards: Option<u16>,
    pub(super) path_len: Option<u8>,
    pub(super) validity: Validity,
    pub(super) key_usage: KeyUsageTable,
    pub(super) extended_key_usage: Vec<ObjectIdentifier>,
    pub(super) own_policies: BTreeMap<KeyAlgorithm, ObjectIdentifier>,
    /// Policies that a certificate asserts, by the subject key's algorithm; filled by the set.
    pub(super) asserted_policies: BTreeMap<KeyAlgorithm, Vec<ObjectIdentifier>>,
    pub(super) authority_info: AuthorityInfo,
    pub(super) extensions: ExtensionTable,
    pub(super) name_constraints: Option<NameConstraintsConfig>,
    pub(super) request: RequestRules,
}

impl ProfileKind {
    /// Whether it makes a CA certificate.
    #[must_use]
    pub const fn is_ca(self) -> bool {
        matches!(self, Self::Root | Self::Issuing | Self::Cross)
    }
}

impl fmt::Display for ProfileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Root => "root",
            Self::Issuing => "issuing",
            Self::Cross => "cross",
            Self::OcspSigner => "ocsp-signer",
            Self::EndEntity => "end-entity",
            Self::Canary => "canary",
        })
    }
}

impl Profile {
    /// The name, which is also the file's.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The class whose rules in the dated policy bind it.
    #[must_use]
    pub const fn class(&self) -> Class {
        self.class
    }

    /// What kind of certificate it makes.
    #[must_use]
    pub const fn kind(&self) -> ProfileKind {
        self.kind
    }

    /// Whether it makes CA certificates.
    #[must_use]
    pub const fn is_ca(&self) -> bool {
        self.kind.is_ca()
    }

    /// How the subject is built.
    #[must_use]
    pub const fn subject_form(&self) -> SubjectForm {
        self.subject_form
    }

    /// The OU of the subject.
    #[must_use]
    pub fn organizational_unit(&self) -> &str {
        &self.organizational_unit
    }

    /// Which host names stand beside the identity URI.
    #[must_use]
    pub const fn host_names(&self) -> HostNames {
        self.host_names
    }

    /// Subject keys that may be certified; the first is the default.
    #[must_use]
    pub fn key_algorithms(&self) -> &[KeyAlgorithm] {
        &self.key_algorithms
    }

    /// Keys that an imported CA may have beside those of [`Profile::key_algorithms`].
    #[must_use]
    pub fn import_key_algorithms(&self) -> &[KeyAlgorithm] {
        &self.import_key_algorithms
    }

    /// Profiles of the CAs that may sign it; empty for roots, which sign themselves.
    #[must_use]
    pub fn issuers(&self) -> &[String] {
        &self.issuers
    }

    /// Into how many CRLs a CA of this profile splits its list: a power of two; `None` for what is
    /// no issuer.
    #[must_use]
    pub const fn crl_shards(&self) -> Option<u16> {
        self.crl_shards
    }

    /// pathLenConstraint (RFC 5280 §4.2.1.9).
    #[must_use]
    pub const fn path_len(&self) -> Option<u8> {
        self.path_len
    }

    /// How long certificates last.
    #[must_use]
    pub const fn validity(&self) -> &Validity {
        &self.validity
    }

    /// Key usage for a subject key.
    #[must_use]
    pub const fn key_usage(&self, key: KeyAlgorithm) -> KeyUsage {
        match key.family() {
            KeyFamily::Ecc => KeyUsage(self.key_usage.ecc),
            KeyFamily::Rsa => KeyUsage(self.key_usage.rsa),
        }
    }

    /// Purposes (RFC 5280 §4.2.1.12); empty for roots and cross-certificates.
    #[must_use]
    pub fn extended_key_usage(&self) -> &[ObjectIdentifier] {
        &self.extended_key_usage
    }

    /// The one policy of this profile for a key algorithm; `None` for CAs, which assert those of
    /// what is below them: see [`Profile::policy_oids`].
    #[must_use]
    pub fn policy_oid(&self, key: KeyAlgorithm) -> Option<ObjectIdentifier> {
        self.own_policies.get(&key).copied()
    }

    /// Every policy that a certificate over such a key asserts, ascending. For an end entity its
    /// own; for an issuing CA those of what it issues in its own family; for a cross-certificate
    /// those of the tree whose root has the key. Never a policy of the other family.
    #[must_use]
    pub fn policy_oids(&self, key: KeyAlgorithm) -> &[ObjectIdentifier] {
        self.asserted_policies.get(&key).map_or(&[], Vec::as_slice)
    }

    /// The extensions.
    #[must_use]
    pub const fn extensions(&self) -> &ExtensionTable {
        &self.extensions
    }

    /// Whether certificates say where their CRL is.
    #[must_use]
    pub fn crl_distribution(&self) -> bool {
        self.extensions.has(KnownExtension::CrlDistributionPoints)
    }

    /// Whether certificates say where the delta CRL is.
    #[must_use]
    pub fn freshest_crl(&self) -> bool {
        self.extensions.has(KnownExtension::FreshestCrl)
    }

    /// What authorityInfoAccess carries.
    #[must_use]
    pub const fn authority_info(&self) -> AuthorityInfo {
        self.authority_info
    }

    /// Critical name constraints, with placeholders.
    #[must_use]
    pub const fn name_constraints(&self) -> Option<&NameConstraintsConfig> {
        self.name_constraints.as_ref()
    }

    /// Requested extensions that are ignored.
    #[must_use]
    pub const fn ignored_csr_extensions(&self) -> &IgnoredCsrExtensions {
        &self.request.ignored
    }

    /// What a request may look like; accepts nothing where no request is taken.
    #[must_use]
    pub const fn request(&self) -> &RequestRules {
        &self.request
    }

    /// Families of the keys that may be certified or imported.
    pub(super) fn families(&self) -> Vec<KeyFamily> {
        let mut families: Vec<KeyFamily> = self
            .key_algorithms
            .iter()
            .chain(&self.import_key_algorithms)
            .map(|key| key.family())
            .collect();
        families.sort_unstable();
        families.dedup();
        families
    }
}

//! What a generated case consists of: small data that prints and shrinks well.

/// A CA name with one of its keys; name [`CLIENT`] is no CA's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Party {
    pub(crate) name: usize,
    pub(crate) key: usize,
}

/// Names of CAs are below it.
pub(crate) const CLIENT: usize = 4;

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) anchors: Vec<Anchor>,
    pub(crate) intermediates: Vec<Issued>,
    pub(crate) end_entity: Issued,
    pub(crate) ask: Ask,
}

#[derive(Clone, Debug)]
pub(crate) struct Anchor {
    pub(crate) party: Party,
    /// Name and key without a certificate.
    pub(crate) bare: bool,
    pub(crate) traits: Traits,
}

#[derive(Clone, Debug)]
pub(crate) struct Issued {
    pub(crate) issuer: Party,
    pub(crate) subject: Party,
    pub(crate) traits: Traits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Client,
    Server,
    Any,
}

/// The inputs of RFC 5280 §6.1.1 that are not certificates.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) purpose: Use,
    pub(crate) acceptable: Option<Vec<Policy>>,
    pub(crate) require_explicit: bool,
    pub(crate) inhibit_mapping: bool,
    pub(crate) inhibit_any: bool,
}

/// A certificate policy; 0 is anyPolicy.
pub(crate) type Policy = u8;

/// What a certificate says beyond its parties.
#[derive(Clone, Debug)]
pub(crate) struct Traits {
    pub(crate) validity: Validity,
    pub(crate) signature: Signature,
    pub(crate) spelling: Spelling,
    pub(crate) basic: Basic,
    /// Bits of the key usage; absent when empty.
    pub(crate) key_usage: Vec<u8>,
    pub(crate) extended_key_usage: Vec<Usage>,
    /// An extension nobody knows, critical or not.
    pub(crate) unknown: Option<bool>,
    pub(crate) subject_key_id: KeyId,
    pub(crate) authority_key_id: KeyId,
    pub(crate) names: Names,
    pub(crate) constraints: Constraints,
    pub(crate) policies: Policies,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validity {
    Good,
    Expired,
    Future,
    /// The instant of the question is its last second.
    Ends,
    /// The instant of the question is its first second.
    Begins,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    Sound,
    /// One bit is wrong.
    Broken,
    /// Made by another key of the same kind of name.
    OtherKey,
}

/// How issuer and subject are written, which must make no difference (RFC 5280 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    Utf8,
    Printable,
    Shouting,
    Spaced,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basic {
    Absent,
    NotCa,
    Ca,
    Limited(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Usage {
    Client,
    Server,
    Ocsp,
    Any,
}

/// Key identifiers are hints (RFC 5280 §4.2.1.1): whatever they say, the verdict is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyId {
    Right,
    Absent,
    Wrong,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) empty_subject: bool,
    /// An `emailAddress` in the subject.
    pub(crate) subject_mailbox: Option<&'static str>,
    pub(crate) alternative: Vec<General>,
}

/// A general name, or a base that constrains such names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum General {
    Dns(&'static str),
    Uri(&'static str),
    Mail(&'static str),
    Ip(&'static [u8]),
    /// The organizational unit, or all of the organization.
    Directory(Option<&'static str>),
    Registered(&'static str),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Constraints {
    pub(crate) permitted: Vec<General>,
    pub(crate) excluded: Vec<General>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Policies {
    /// Absent when empty.
    pub(crate) asserted: Vec<Policy>,
    pub(crate) mappings: Vec<(Policy, Policy)>,
    pub(crate) require_explicit: Option<u8>,
    pub(crate) inhibit_mapping: Option<u8>,
    pub(crate) inhibit_any: Option<u8>,
    pub(crate) critical: bool,
}

impl Party {
    pub(crate) const CLIENT: Self = Self {
        name: CLIENT,
        key: 0,
    };

    /// Its key's number in the pool.
    pub(crate) const fn key_number(self) -> usize {
        self.name * 2 + self.key
    }
}

//! What cases may contain. Everything for the comparison with the oracle; for the comparisons with
//! programs of others what they support, each limit with its reason.

/// Switches of the generator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    /// Several ways up: cross-certificates, several keys per name, several anchors, loops.
    pub(crate) mesh: bool,
    /// Anchors without certificate.
    pub(crate) bare_anchors: bool,
    /// Anchors whose certificates limit what they may do (RFC 5937).
    pub(crate) anchor_limits: bool,
    /// Names written in different ways.
    pub(crate) spellings: bool,
    /// Key identifiers that are wrong.
    pub(crate) wrong_key_ids: bool,
    /// anyExtendedKeyUsage and EKUs without purpose in question.
    pub(crate) odd_purposes: bool,
    /// Key usages that forbid what is done.
    pub(crate) key_usage: bool,
    /// Path lengths.
    pub(crate) path_lengths: bool,
    /// CA certificates as end entities, for any purpose.
    pub(crate) any_purpose: bool,
    /// Certificate policies.
    pub(crate) policies: bool,
    /// Name constraints, by form.
    pub(crate) dns: bool,
    pub(crate) uri: bool,
    pub(crate) mail: bool,
    pub(crate) ip: bool,
    pub(crate) directory: bool,
    pub(crate) registered: bool,
    /// Subjects without attributes.
    pub(crate) empty_subjects: bool,
    /// Certificates with something wrong with themselves: dates, signatures, extensions, no CA.
    pub(crate) defects: bool,
}

impl Scope {
    pub(crate) const ALL: Self = Self {
        mesh: true,
        bare_anchors: true,
        anchor_limits: true,
        spellings: true,
        wrong_key_ids: true,
        odd_purposes: true,
        key_usage: true,
        path_lengths: true,
        any_purpose: true,
        policies: true,
        dns: true,
        uri: true,
        mail: true,
        ip: true,
        directory: true,
        registered: true,
        empty_subjects: true,
        defects: true,
    };

    /// Without policies, name constraints or defects, so that the others meet more often.
    pub(crate) const fn narrowed(mut self, policies: bool, names: bool, defects: bool) -> Self {
        self.policies &= policies;
        self.defects &= defects;
        self.dns &= names;
        self.uri &= names;
        self.mail &= names;
        self.ip &= names;
        self.directory &= names;
        self.registered &= names;
        self
    }
}

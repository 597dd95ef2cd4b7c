//! What cases may contain. Everything for the comparison with the oracle; for the comparisons with
//! programs of others what they support, each limit with its reason.

/// What a case is mostly about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Focus {
    Nothing,
    Policies,
    Names,
}

/// Switches of the generator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    pub(crate) focus: Focus,
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
    /// EKUs without the purpose in question.
    pub(crate) odd_purposes: bool,
    /// End entities without dNSName.
    pub(crate) without_dns: bool,
    /// anyExtendedKeyUsage.
    pub(crate) any_usage: bool,
    /// CA certificates without basic constraints.
    pub(crate) missing_basic_constraints: bool,
    /// Key usages of CAs that forbid to sign certificates.
    pub(crate) key_usage: bool,
    /// Key usages of end entities that do not go with the purpose.
    pub(crate) end_entity_key_usage: bool,
    /// Path lengths.
    pub(crate) path_lengths: bool,
    /// CA certificates as end entities, for any purpose.
    pub(crate) any_purpose: bool,
    /// Certificate policies.
    pub(crate) policies: bool,
    /// Policy mappings in end entities, which mean nothing.
    pub(crate) end_entity_mappings: bool,
    /// Policy mappings of policies that the certificate does not assert by themselves.
    pub(crate) unasserted_mappings: bool,
    /// Name constraints, by form.
    pub(crate) dns: bool,
    /// The empty base, in which every dNSName lies.
    pub(crate) empty_base: bool,
    pub(crate) uri: bool,
    pub(crate) mail: bool,
    pub(crate) ip: bool,
    /// Addresses of 16 octets as well.
    pub(crate) ipv6: bool,
    pub(crate) directory: bool,
    pub(crate) registered: bool,
    /// URIs with user information or an address as host.
    pub(crate) odd_uris: bool,
    /// E-mail addresses in subjects.
    pub(crate) subject_mailboxes: bool,
    /// Alternative names of CAs.
    pub(crate) ca_names: bool,
    /// Subjects without attributes.
    pub(crate) empty_subjects: bool,
    /// Certificates that are not valid at the time, or whose validity begins or ends with it.
    pub(crate) dates: bool,
    /// Certificates that are in the last second of their validity.
    pub(crate) last_second: bool,
    /// Certificates with something wrong with themselves: dates, signatures, extensions, no CA.
    pub(crate) defects: bool,
}

impl Scope {
    pub(crate) const ALL: Self = Self {
        focus: Focus::Nothing,
        mesh: true,
        bare_anchors: true,
        anchor_limits: true,
        spellings: true,
        wrong_key_ids: true,
        odd_purposes: true,
        without_dns: true,
        ipv6: true,
        empty_base: true,
        any_usage: true,
        missing_basic_constraints: true,
        key_usage: true,
        end_entity_key_usage: true,
        path_lengths: true,
        any_purpose: true,
        policies: true,
        end_entity_mappings: true,
        unasserted_mappings: true,
        dns: true,
        uri: true,
        mail: true,
        ip: true,
        directory: true,
        registered: true,
        odd_uris: true,
        subject_mailboxes: true,
        ca_names: true,
        empty_subjects: true,
        dates: true,
        last_second: true,
        defects: true,
    };

    /// What OpenSSL 3 decides as RFC 5280 does.
    pub(crate) const OPENSSL: Self = Self {
        // It does not go back over every choice it made. Meshes are compared one-sidedly.
        mesh: false,
        // Its anchors are certificates.
        bare_anchors: false,
        // It takes a key identifier for more than a hint.
        wrong_key_ids: false,
        // It does not take anyExtendedKeyUsage for the purposes of TLS.
        any_usage: false,
        // keyCertSign makes a CA there, basic constraints or not.
        missing_basic_constraints: false,
        // It looks for the host directly behind "://", and compares addresses as if they were names.
        odd_uris: false,
        // It constrains addresses in subjects also beside those of the alternative name.
        subject_mailboxes: false,
        // It follows the mappings of the end entity.
        end_entity_mappings: false,
        // A mapping gives it a policy through anyPolicy even when anyPolicy is inhibited.
        unasserted_mappings: false,
        // The end of validity is exclusive there (RFC 5280 §4.1.2.5: "inclusive").
        last_second: false,
        ..Self::ALL
    };

    /// What rustls-webpki 0.103 decides as RFC 5280 does, meshes included.
    pub(crate) const WEBPKI: Self = Self {
        // It takes name, key and name constraints of an anchor, nothing else.
        anchor_limits: false,
        // It compares names octet by octet.
        spellings: false,
        // It does not take anyExtendedKeyUsage for a purpose.
        any_usage: false,
        // It does not look at key usages.
        key_usage: false,
        end_entity_key_usage: false,
        // It counts self-issued certificates as well.
        path_lengths: false,
        // It has no "any purpose", and refuses CAs as end entities.
        any_purpose: false,
        // It knows no policies.
        policies: false,
        // Of the forms it constrains dNSName and iPAddress.
        uri: false,
        mail: false,
        directory: false,
        registered: false,
        subject_mailboxes: false,
        // It constrains self-issued certificates as well.
        ca_names: false,
        ..Self::ALL
    };

    /// The same without meshes, where nothing is self-issued, and with path lengths.
    pub(crate) const WEBPKI_CHAINS: Self = Self {
        mesh: false,
        path_lengths: true,
        ca_names: true,
        ..Self::WEBPKI
    };

    /// What GnuTLS 3.7 decides as RFC 5280 does.
    pub(crate) const GNUTLS: Self = Self {
        // It takes the chain as it is given.
        mesh: false,
        bare_anchors: false,
        // It does not look at anything but name and key of an anchor.
        anchor_limits: false,
        // It compares names octet by octet.
        spellings: false,
        wrong_key_ids: false,
        // It looks at the key usage of CAs alone.
        end_entity_key_usage: false,
        // It takes the common name for a dNSName where there is none.
        without_dns: false,
        // It constrains end entities alone.
        ca_names: false,
        // It does not take an empty base for every name.
        empty_base: false,
        // It constrains addresses of the two lengths as if they were two forms.
        ipv6: false,
        // It does not take anyExtendedKeyUsage of a CA for a purpose.
        any_usage: false,
        // Of the forms it constrains dNSName, rfc822Name and iPAddress.
        uri: false,
        directory: false,
        registered: false,
        // certtool judges at the time of the clock.
        dates: false,
        // It knows no policies but those it prints.
        policies: false,
        ..Self::ALL
    };

    /// One rather long way, often through CAs that certify their own next key, with nothing wrong but
    /// what policies or names bring about: there these decide nearly every case.
    pub(crate) const fn focused(mut self, focus: Focus) -> Self {
        self.focus = focus;
        self.defects = false;
        self.key_usage = false;
        self.end_entity_key_usage = false;
        self.odd_purposes = false;
        self.any_usage = false;
        self.path_lengths = false;
        match focus {
            Focus::Nothing => self,
            Focus::Policies => self.narrowed(true, false, false),
            Focus::Names => self.narrowed(false, true, false),
        }
    }

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

//! A `TBSCertList` taken apart once, for all lints.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280;
use der::asn1::Int;
use der::{Reader, Tag, TagNumber};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, FreshestCrl, IssuingDistributionPoint};

use super::certificate_facts::context_specific;
use super::crl_entries::EntryFacts;
use super::element::{
    AlgorithmFacts, Decoded, Element, ExtensionFacts, Health, NameFacts, TimeFacts,
};
use super::{ExpectedCrl, LintError};

/// A `TBSCertList` and what it was meant to be. The entries are passed over once and not kept.
#[derive(Clone, Debug)]
pub struct CrlFacts<'a> {
    /// The bytes that would be signed.
    pub tbs_der: &'a [u8],
    /// What the pipeline meant to build.
    pub expected: &'a ExpectedCrl<'a>,
    /// Content octets of the version; `None` when absent, which means v1.
    pub version: Option<&'a [u8]>,
    /// The inner signature algorithm.
    pub signature: AlgorithmFacts<'a>,
    /// The issuer.
    pub issuer: NameFacts<'a>,
    /// When the list was made.
    pub this_update: TimeFacts<'a>,
    /// When the next one comes at the latest.
    pub next_update: Option<TimeFacts<'a>>,
    /// What the pass over `revokedCertificates` found; `None` when the field is absent.
    pub entries: Option<EntryFacts>,
    /// All extensions of the list in order.
    pub extensions: Vec<ExtensionFacts<'a>>,
    /// Known extensions whose value does not have their syntax.
    pub malformed_extensions: Vec<ObjectIdentifier>,
    /// Known extensions whose value is not DER.
    pub non_canonical_extensions: Vec<ObjectIdentifier>,
    /// RFC 5280 §5.2.1.
    pub authority_key_identifier: Decoded<AuthorityKeyIdentifier>,
    /// RFC 5280 §5.2.3; signed, so that a negative number is seen as one.
    pub crl_number: Decoded<Int>,
    /// RFC 5280 §5.2.4: BaseCRLNumber.
    pub delta_crl_indicator: Decoded<Int>,
    /// RFC 5280 §5.2.5.
    pub issuing_distribution_point: Decoded<IssuingDistributionPoint>,
    /// RFC 5280 §5.2.6.
    pub freshest_crl: Decoded<FreshestCrl>,
}

impl<'a> CrlFacts<'a> {
    /// Takes `tbs_der` apart in time linear in its length.
    ///
    /// # Errors
    /// [`LintError::Malformed`] when the bytes lack the outer shape of a `TBSCertList`
    /// (RFC 5280 §5.1); anything finer is for the lints to say.
    pub fn decode(tbs_der: &'a [u8], expected: &'a ExpectedCrl<'a>) -> Result<Self, LintError> {
        let mut facts = take_apart(tbs_der, expected).map_err(|error| LintError::Malformed {
            object: "TBSCertList",
            reason: error.to_string(),
        })?;
        facts.decode_extensions();
        Ok(facts)
    }

    /// Whether the list says that it is a delta CRL.
    #[must_use]
    pub const fn is_delta(&self) -> bool {
        self.delta_crl_indicator.is_present()
    }

    fn decode_extensions(&mut self) {
        let extensions = std::mem::take(&mut self.extensions);
        for extension in &extensions {
            let health = match extension.oid {
                rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER => {
                    self.authority_key_identifier.fill(extension)
                }
                rfc5280::ID_CE_CRL_NUMBER => self.crl_number.fill(extension),
                rfc5280::ID_CE_DELTA_CRL_INDICATOR => self.delta_crl_indicator.fill(extension),
                // x509-cert gives this type another extension's identifier; ours is the right one.
                rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT => {
                    self.issuing_distribution_point.fill(extension)
                }
                rfc5280::ID_CE_FRESHEST_CRL => self.freshest_crl.fill(extension),
                _ => Health::Canonical,
            };
            match health {
                Health::Canonical => {}
                Health::NotCanonical => self.non_canonical_extensions.push(extension.oid),
                Health::Malformed => self.malformed_extensions.push(extension.oid),
            }
        }
        self.extensions = extensions;
    }
}

fn take_apart<'a>(tbs_der: &'a [u8], expected: &'a ExpectedCrl<'a>) -> der::Result<CrlFacts<'a>> {
    let mut reader = Element::whole(tbs_der)?.expect(Tag::Sequence)?.inside()?;
    let mut next = Element::read(&mut reader)?;
    let mut version = None;
    if next.tag == Tag::Integer {
        version = Some(next.value);
        next = Element::read(&mut reader)?;
    }
    let signature = AlgorithmFacts::read(next)?;
    let issuer = NameFacts::read(Element::read(&mut reader)?)?;
    let this_update = TimeFacts::read(Element::read(&mut reader)?);
    let mut rest = Vec::with_capacity(3);
    while !reader.is_finished() && rest.len() < 3 {
        rest.push(Element::read(&mut reader)?);
    }
    reader.finish()?;
    let mut rest = rest.into_iter().peekable();
    let list_tag = Tag::Sequence;
    let extensions_tag = context_specific(TagNumber(0));
    let next_update = rest
        .next_if(|element| element.tag != list_tag && element.tag != extensions_tag)
        .map(TimeFacts::read);
    let entries = rest
        .next_if(|element| element.tag == list_tag)
        .map(|list| EntryFacts::scan(list, this_update.at))
        .transpose()?;
    let extensions = match rest.next() {
        None => Vec::new(),
        Some(element) => {
            let wrapped = element.expect(extensions_tag)?.value;
            ExtensionFacts::read_all(Element::whole(wrapped)?)?
        }
    };
    if let Some(element) = rest.next() {
        return Err(element.tag.unexpected_error(None).into());
    }
    Ok(CrlFacts {
        tbs_der,
        expected,
        version,
        signature,
        issuer,
        this_update,
        next_update,
        entries,
        extensions,
        malformed_extensions: Vec::new(),
        non_canonical_extensions: Vec::new(),
        authority_key_identifier: Decoded::Absent,
        crl_number: Decoded::Absent,
        delta_crl_indicator: Decoded::Absent,
        issuing_distribution_point: Decoded::Absent,
        freshest_crl: Decoded::Absent,
    })
}

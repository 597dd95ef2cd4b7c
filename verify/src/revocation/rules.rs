//! What a relying party asks of revocation status.

use super::Freshness;
use crate::UnixTime;
use crate::trust::{Emergency, Prefecture};

/// What status a certificate must have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// Status must be known and good: without evidence there is no path.
    #[default]
    HardFail,
    /// Evidence of revocation counts; when no evidence can be had the path stands, and says so.
    SoftFail,
    /// Status is not looked at.
    DangerouslyUnchecked,
}

/// Which kind of evidence counts, and which is looked at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sources {
    /// OCSP, then CRLs.
    #[default]
    OcspThenCrl,
    /// CRLs, then OCSP.
    CrlThenOcsp,
    /// OCSP alone.
    OcspOnly,
    /// CRLs alone.
    CrlOnly,
}

impl Sources {
    /// Whether OCSP responses count.
    #[must_use]
    pub const fn ocsp(self) -> bool {
        !matches!(self, Self::CrlOnly)
    }

    /// Whether CRLs count.
    #[must_use]
    pub const fn crl(self) -> bool {
        !matches!(self, Self::OcspOnly)
    }
}

/// How revocation is checked. The default asks for fresh, good status of every certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationRules {
    /// Of the end entity.
    pub end_entity: Requirement,
    /// Of every CA certificate between it and the anchor, whose own status nobody can state.
    pub intermediates: Requirement,
    /// What counts.
    pub sources: Sources,
    /// Whether evidence must be current.
    pub freshness: Freshness,
    /// Seconds since `thisUpdate` after which an OCSP response is stale, whatever its `nextUpdate`
    /// (RFC 6960 §3.2 leaves the age to the client).
    pub max_age_seconds: i64,
    /// A declared emergency in force, set by [`RevocationRules::in_emergency`]: unavailable status then counts as with
    /// [`Requirement::SoftFail`], and the path reports this name. Bad status counts as ever.
    pub emergency: Option<String>,
}

impl Default for RevocationRules {
    fn default() -> Self {
        Self {
            end_entity: Requirement::HardFail,
            intermediates: Requirement::HardFail,
            sources: Sources::default(),
            freshness: Freshness::Required,
            max_age_seconds: DEFAULT_MAX_AGE_SECONDS,
            emergency: None,
        }
    }
}

/// A week, which no responder that follows RFC 9919 exceeds; this network's responses end after two
/// days.
const DEFAULT_MAX_AGE_SECONDS: i64 = 7 * 24 * 60 * 60;

impl RevocationRules {
    /// The same requirement of every certificate.
    #[must_use]
    pub fn of_all(requirement: Requirement) -> Self {
        Self {
            end_entity: requirement,
            intermediates: requirement,
            ..Self::default()
        }
    }

    /// The same in an emergency that the officers have declared, where and while it holds. `place`
    /// is where the relying system, or the facility in question, is.
    #[must_use]
    pub fn in_emergency(
        mut self,
        declared: &Emergency,
        place: Option<Prefecture>,
        at: UnixTime,
    ) -> Self {
        if declared.applies(place, at) {
            self.emergency = Some(declared.id().to_owned());
        }
        self
    }

    /// Status is not looked at: for questions about the past without evidence, and for callers that
    /// look at it elsewhere.
    #[must_use]
    pub fn dangerously_unchecked() -> Self {
        Self::of_all(Requirement::DangerouslyUnchecked)
    }
}

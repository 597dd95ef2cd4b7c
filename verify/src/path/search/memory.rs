//! What one question has learnt, whatever path it was learnt on; kept between rounds of evidence.

use std::sync::Arc;

use super::trace::Trace;
use super::{Halt, Issuer};
use crate::crl::IndexedCrl;
use crate::crypto::{CryptoError, PublicKey};
use crate::path::budget::{BudgetLimit, Meter};
use crate::path::{Question, Reason, Verifier};
use crate::revocation::{Basis, Evidence, OcspEvidence, StatusUsed};

/// A certificate (index in the tables) under the key of one issuer.
pub(super) type Edge = (usize, Issuer);

/// A stretch of the pool of candidates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidates {
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Debug)]
pub(in crate::path) struct Memory {
    pub(super) meter: Meter,
    /// Certificates and anchors whose name is the issuer's, best first.
    pub(super) issuers: Vec<Option<Candidates>>,
    /// What `issuers` points into.
    pub(super) pool: Vec<Issuer>,
    pub(super) keys: Vec<Option<Result<Arc<dyn PublicKey>, CryptoError>>>,
    /// Whether the issuer's key verifies the certificate's signature. Few, since each cost one.
    pub(super) signatures: Vec<(Edge, Result<(), Reason>)>,
    /// What is known about status under an anchor, to which the signers of CRLs must lead as well.
    pub(super) statuses: Vec<((Edge, usize), Result<Basis, Reason>)>,
    pub(super) crls: Vec<Arc<IndexedCrl>>,
    /// Whether more octets were brought than the budget allows.
    pub(super) too_much: Option<BudgetLimit>,
    pub(super) responses: Vec<Arc<OcspEvidence>>,
    /// Statuses of CRL signers that nobody could state, which was put up with.
    pub(super) tolerated: Vec<StatusUsed>,
    /// Certificates whose status nobody can state.
    pub(super) hopeless: Vec<Edge>,
    /// Whether nothing may be asked for.
    pub(super) closed: bool,
    /// What was asked for last.
    pub(super) asked: Option<Edge>,
    /// Certificates whose status is being established.
    pub(super) pending: Vec<usize>,
    /// Whether something rests on a status that is being established.
    pub(super) assumed: bool,
    pub(super) trace: Option<Trace>,
}

impl Memory {
    pub(in crate::path) fn new(verifier: &Verifier<'_>, question: &Question<'_>) -> Self {
        let count = question.intermediates.len();
        let mut memory = Self {
            meter: Meter::new(verifier.budget),
            issuers: vec![None; count + 1],
            pool: Vec::with_capacity(count + 1),
            keys: vec![None; count],
            signatures: Vec::new(),
            statuses: Vec::new(),
            crls: Vec::new(),
            too_much: None,
            responses: Vec::new(),
            tolerated: Vec::new(),
            hopeless: Vec::new(),
            closed: false,
            asked: None,
            pending: Vec::new(),
            assumed: false,
            trace: None,
        };
        let certificates = question.intermediates.iter().chain([question.end_entity]);
        for certificate in certificates {
            memory.charge(certificate.der().len());
        }
        for evidence in question.evidence {
            memory.supply(evidence.clone());
        }
        memory
    }

    fn charge(&mut self, length_bytes: usize) {
        self.too_much = self
            .too_much
            .or_else(|| self.meter.bytes(length_bytes).err());
    }

    pub(in crate::path) fn evidence_count(&self) -> usize {
        self.crls.len() + self.responses.len()
    }

    pub(in crate::path) fn supply(&mut self, evidence: Evidence) {
        // A cache answers the same question with the same evidence: that is nothing new.
        match evidence {
            Evidence::Crl(crl) if self.crls.iter().any(|it| Arc::ptr_eq(it, &crl)) => return,
            Evidence::Crl(crl) => {
                self.charge(crl.list().der().len());
                self.crls.push(crl);
            }
            Evidence::Ocsp(it) if self.responses.iter().any(|had| Arc::ptr_eq(had, &it)) => return,
            Evidence::Ocsp(response) => self.responses.push(response),
        }
        // What was unknown may be known now.
        self.statuses.clear();
    }

    pub(in crate::path) fn unavailable(&mut self) {
        self.hopeless.extend(self.asked.take());
    }

    pub(in crate::path) const fn nothing_more(&mut self) {
        self.closed = true;
    }

    /// Whether to ask for evidence about `edge`.
    pub(super) fn may_ask(&self, edge: Edge) -> bool {
        !self.closed && !self.hopeless.contains(&edge)
    }

    pub(super) fn known_signature(&self, edge: Edge) -> Option<&Result<(), Reason>> {
        let mut known = self.signatures.iter();
        known.find(|(it, _)| *it == edge).map(|(_, result)| result)
    }

    pub(super) fn known_status(&self, edge: Edge, anchor: usize) -> Option<&Result<Basis, Reason>> {
        let mut known = self.statuses.iter();
        known
            .find(|(it, _)| *it == (edge, anchor))
            .map(|(_, result)| result)
    }

    /// One signature less in the budget.
    pub(super) fn spend_signature(&mut self) -> Result<(), Halt> {
        self.meter.signature().map_err(Halt::Budget)
    }
}

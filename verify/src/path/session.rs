//! Verification step by step, between which the caller fetches evidence.

use super::search::{self, Explanation, Memory};
use super::{PathError, Question, VerifiedPath, Verifier};
use crate::revocation::{Evidence, EvidenceSource, RevocationRequest};

/// Most rounds of asking for evidence in one question: a path of the greatest depth, each
/// certificate with a few places to look at, needs fewer.
const MAX_ROUNDS: u32 = 128;

/// Most pieces of evidence that one question takes; checking each costs signatures.
const MAX_EVIDENCE: usize = 256;

/// A verification under way.
#[derive(Debug)]
pub struct Verification<'v> {
    verifier: &'v Verifier<'v>,
    question: &'v Question<'v>,
    memory: Memory<'v>,
    rounds: u32,
}

/// How far a verification has come.
#[derive(Debug)]
pub enum Step {
    /// There is a path.
    Verified(Box<VerifiedPath>),
    /// There is none.
    Refused(PathError),
    /// Evidence is missing: [`Verification::supply`] it, or say that it is
    /// [`Verification::unavailable`], and advance again.
    NeedsRevocation(Box<RevocationRequest>),
}

impl<'v> Verification<'v> {
    pub(super) fn new(verifier: &'v Verifier<'v>, question: &'v Question<'v>) -> Self {
        Self {
            verifier,
            question,
            memory: Memory::new(verifier, question),
            rounds: 0,
        }
    }

    /// Goes on until there is a result or evidence is missing. Signatures that were checked are not
    /// checked again.
    pub fn advance(&mut self) -> Step {
        let result = search::run(self.verifier, self.question, &mut self.memory);
        match result {
            Ok(path) => Step::Verified(Box::new(path)),
            Err(search::Failure::Refused(error)) => Step::Refused(error),
            Err(search::Failure::Needs(request)) => {
                self.rounds += 1;
                if self.rounds >= MAX_ROUNDS {
                    self.memory.nothing_more();
                    return self.advance();
                }
                Step::NeedsRevocation(request)
            }
        }
    }

    /// Gives evidence. It may be about any certificate of the question.
    pub fn supply(&mut self, evidence: Evidence) {
        if self.memory.evidence_count() < MAX_EVIDENCE {
            self.memory.supply(evidence);
        }
    }

    /// Says that what was last asked for cannot be had.
    pub fn unavailable(&mut self) {
        self.memory.unavailable();
    }

    /// Takes what a source has; whether it was anything new.
    pub(super) fn take_from(
        &mut self,
        source: Option<&dyn EvidenceSource>,
        request: &RevocationRequest,
    ) -> bool {
        let before = self.memory.evidence_count();
        for evidence in source.map(|it| it.evidence(request)).unwrap_or_default() {
            self.supply(evidence);
        }
        self.memory.evidence_count() > before
    }

    fn finish(&mut self, source: Option<&dyn EvidenceSource>) -> Result<VerifiedPath, PathError> {
        let Some(source) = source else {
            self.memory.nothing_more();
            return self.result();
        };
        for _ in 0..MAX_ROUNDS {
            match search::run(self.verifier, self.question, &mut self.memory) {
                Ok(path) => return Ok(path),
                Err(search::Failure::Refused(error)) => return Err(error),
                Err(search::Failure::Needs(request)) => {
                    if !self.take_from(Some(source), &request) {
                        self.unavailable();
                    }
                }
            }
        }
        self.memory.nothing_more();
        self.result()
    }

    fn result(&mut self) -> Result<VerifiedPath, PathError> {
        match search::run(self.verifier, self.question, &mut self.memory) {
            Ok(path) => Ok(path),
            Err(search::Failure::Refused(error)) => Err(error),
            // Cannot be: nothing is asked for any more.
            Err(search::Failure::Needs(request)) => Err(PathError {
                position: request.position,
                subject: request.subject,
                reason: Box::new(super::Reason::StatusUnavailable {
                    problems: request.problems,
                }),
            }),
        }
    }
}

pub(super) fn verify(
    verifier: &Verifier<'_>,
    question: &Question<'_>,
    source: Option<&dyn EvidenceSource>,
) -> Result<VerifiedPath, PathError> {
    Verification::new(verifier, question).finish(source)
}

pub(super) fn explain(
    verifier: &Verifier<'_>,
    question: &Question<'_>,
    source: Option<&dyn EvidenceSource>,
) -> Explanation {
    let mut verification = Verification::new(verifier, question);
    verification.memory.trace();
    let result = verification.finish(source);
    verification.memory.explanation(result)
}

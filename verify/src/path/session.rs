//! Verification step by step, between which the caller fetches evidence.

use super::search::{self, Explanation, Failure, Memory};
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
    memory: Memory,
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
        match self.run() {
            Ok(path) => Step::Verified(Box::new(path)),
            Err(Failure::Refused(error)) => Step::Refused(error),
            Err(Failure::Needs(request)) => Step::NeedsRevocation(request),
        }
    }

    /// The same; after so many rounds nothing more is asked for.
    fn run(&mut self) -> Result<VerifiedPath, Failure> {
        loop {
            let result = search::run(self.verifier, self.question, &mut self.memory);
            if !matches!(result, Err(Failure::Needs(_))) {
                return result;
            }
            self.rounds += 1;
            if self.rounds < MAX_ROUNDS {
                return result;
            }
            self.memory.nothing_more();
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
        if source.is_none() {
            self.memory.nothing_more();
        }
        loop {
            match self.run() {
                Ok(path) => return Ok(path),
                Err(Failure::Refused(error)) => return Err(error),
                Err(Failure::Needs(request)) => {
                    if !self.take_from(source, &request) {
                        self.unavailable();
                    }
                }
            }
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

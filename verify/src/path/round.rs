//! Verification in rounds that each start anew, for callers that keep nothing between them: a C
//! program, an HTTP client.

use super::session::Step;
use super::{PathError, Question, VerifiedPath, Verifier};
use crate::revocation::{EvidenceSource, Requirement, RevocationRequest};

/// What came of a round.
#[derive(Debug)]
pub enum Round {
    /// There is a path.
    Verified(Box<VerifiedPath>),
    /// There is none.
    Refused(PathError),
    /// Evidence is missing: bring it along with the next question, or give the request up. All that
    /// one path lacks is asked for at once.
    Needs(Vec<RevocationRequest>),
}

/// Requests that nobody can answer; the status of their certificates is then unavailable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenUp(Vec<(Vec<u8>, String)>);

/// A question has fewer certificates whose status is looked at.
const MAX_GIVEN_UP: usize = 128;

impl GivenUp {
    /// Gives up a request: no other evidence will come about that certificate.
    pub fn add(&mut self, request: &RevocationRequest) {
        self.add_certificate(request.issuer.clone(), request.serial.clone());
    }

    /// Gives up the status of the certificate with that issuer (DER) and serial number (lower-case
    /// hexadecimal), as a request names them.
    pub fn add_certificate(&mut self, issuer: Vec<u8>, serial: String) {
        let entry = (issuer, serial);
        if self.0.len() < MAX_GIVEN_UP && !self.0.contains(&entry) {
            self.0.push(entry);
        }
    }

    fn has(&self, request: &RevocationRequest) -> bool {
        self.0
            .iter()
            .any(|(issuer, serial)| *issuer == request.issuer && *serial == request.serial)
    }
}

impl Verifier<'_> {
    /// One round: verifies with what the question brings and `source` has, and says what is missing.
    /// Signatures are checked anew in each round, those of cached intermediates excepted.
    #[must_use]
    pub fn round(
        &self,
        question: &Question<'_>,
        source: Option<&dyn EvidenceSource>,
        given_up: &GivenUp,
    ) -> Round {
        match self.go(question, source, given_up, &mut |_| Answer::Halt) {
            Round::Needs(first) => self.gather(question, source, given_up, first),
            done => done,
        }
    }

    /// As if missing evidence did not matter, so that the path is walked to its end.
    fn gather(
        &self,
        question: &Question<'_>,
        source: Option<&dyn EvidenceSource>,
        given_up: &GivenUp,
        first: Vec<RevocationRequest>,
    ) -> Round {
        let mut lenient = self.clone();
        for requirement in [
            &mut lenient.revocation.end_entity,
            &mut lenient.revocation.intermediates,
        ] {
            if *requirement == Requirement::HardFail {
                *requirement = Requirement::SoftFail;
            }
        }
        let mut needed = first;
        let _walked = lenient.go(question, source, given_up, &mut |request| {
            if !needed.contains(request) {
                needed.push(request.clone());
            }
            Answer::GoOn
        });
        Round::Needs(needed)
    }

    fn go(
        &self,
        question: &Question<'_>,
        source: Option<&dyn EvidenceSource>,
        given_up: &GivenUp,
        missing: &mut dyn FnMut(&RevocationRequest) -> Answer,
    ) -> Round {
        let mut verification = self.begin(question);
        loop {
            // The verification itself bounds how often it asks.
            match verification.advance() {
                Step::Verified(path) => return Round::Verified(path),
                Step::Refused(error) => return Round::Refused(error),
                Step::NeedsRevocation(request) => {
                    if verification.take_from(source, &request) {
                        continue;
                    }
                    if !given_up.has(&request)
                        && let Answer::Halt = missing(&request)
                    {
                        return Round::Needs(vec![*request]);
                    }
                    verification.unavailable();
                }
            }
        }
    }
}

enum Answer {
    Halt,
    GoOn,
}

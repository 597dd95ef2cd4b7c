//! A verification, and the evidence that it asks for.

use std::sync::Arc;

use kasane_verify::UnixTime;
use kasane_verify::path::{PathError, Position, Question, Reason, Step, VerifiedPath, Verifier};
use kasane_verify::revocation::{Basis, CrlLocation, Evidence, RevocationRequest};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::cache::Key;
use crate::config::Preference;
use crate::error::FetchError;
use crate::inner::Inner;

/// Most addresses of delta CRLs that are asked for one CRL.
const MAX_DELTAS: usize = 4;

/// Most CRLs of an issuer that are supplied to a certificate that names no address.
const MAX_UNNAMED: usize = 16;

/// Most errors that are reported for a certificate.
const MAX_PROBLEMS: usize = 16;

/// Seconds from now within which a question is about the present.
const PRESENT_SECONDS: i64 = 300;

/// Evidence and where it came from.
pub(crate) struct Supplied {
    key: Key,
    evidence: Evidence,
    /// The key that should have signed it.
    signer: Arc<[u8]>,
}

/// One certificate under one issuer, and what was tried for it.
struct Turn {
    position: Position,
    serial: String,
    signer: Arc<[u8]>,
    /// Responders that were asked.
    ocsp: usize,
    crls: bool,
    supplied: Vec<Supplied>,
    problems: Vec<String>,
}

impl Inner {
    /// Drives a verification to its end.
    pub(crate) async fn verify(
        self: &Arc<Self>,
        verifier: &Verifier<'_>,
        question: &Question<'_>,
    ) -> Result<VerifiedPath, PathError> {
        let deadline = Instant::now() + self.config.verification_timeout;
        let mut session = verifier.begin(question);
        let mut turns: Vec<Turn> = Vec::new();
        loop {
            let request = match session.advance() {
                Step::Verified(path) => {
                    self.vouch(&turns, Ok(&path));
                    return Ok(*path);
                }
                Step::Refused(error) => {
                    self.vouch(&turns, Err(&error));
                    return Err(explained(error, &turns));
                }
                Step::NeedsRevocation(request) => request,
            };
            let known = turns.iter().position(|it| it.is_of(&request));
            let index = known.unwrap_or_else(|| {
                turns.push(Turn::new(&request));
                turns.len() - 1
            });
            let Some(turn) = turns.get_mut(index) else {
                session.unavailable();
                continue;
            };
            self.doubt(turn, question.at);
            let found = self.next(turn, &request, deadline).await;
            if found.is_empty() {
                session.unavailable();
            }
            for it in &found {
                session.supply(it.evidence.clone());
            }
            turn.supplied.extend(found);
        }
    }

    /// What to try next for a certificate; nothing when everything was tried.
    async fn next(
        self: &Arc<Self>,
        turn: &mut Turn,
        request: &RevocationRequest,
        deadline: Instant,
    ) -> Vec<Supplied> {
        if self.config.preference == Preference::CrlFirst && !turn.crls {
            let found = self.crls(turn, request, deadline).await;
            if !found.is_empty() {
                return found;
            }
        }
        let uris = request.ocsp.as_ref().map_or(&[][..], |it| &it.uris);
        while let (Some(uri), Some(location)) = (uris.get(turn.ocsp), &request.ocsp) {
            turn.ocsp += 1;
            let key = Key::Ocsp {
                uri: uri.as_str().into(),
                request: location.request.as_slice().into(),
            };
            match self.obtain(&key, None, deadline).await {
                Ok(evidence) => return turn.of(&key, evidence),
                Err(error) => turn.note(uri, &error),
            }
        }
        if turn.crls {
            return Vec::new();
        }
        self.crls(turn, request, deadline).await
    }

    /// The CRLs of every distribution point, at once.
    async fn crls(
        self: &Arc<Self>,
        turn: &mut Turn,
        request: &RevocationRequest,
        deadline: Instant,
    ) -> Vec<Supplied> {
        turn.crls = true;
        // Of another issuer's CRL nobody knows the key yet.
        let signer = |location: &CrlLocation| {
            let is_own = location.issuer == request.issuer;
            is_own.then(|| Arc::clone(&turn.signer))
        };
        let mut done = Vec::new();
        if let [only] = request.crls.as_slice() {
            done.push(self.location(only, signer(only).as_ref(), deadline).await);
        } else {
            let mut tasks = JoinSet::new();
            for location in &request.crls {
                let signer = signer(location);
                let (inner, location) = (Arc::clone(self), location.clone());
                tasks.spawn_on(
                    async move { inner.location(&location, signer.as_ref(), deadline).await },
                    &self.runtime,
                );
            }
            while let Some(result) = tasks.join_next().await {
                done.extend(result);
            }
        }
        let mut found = Vec::new();
        for (supplied, problems) in done {
            for (key, evidence) in supplied {
                found.extend(turn.of(&key, evidence));
            }
            for (uri, error) in problems {
                turn.note(&uri, &error);
            }
        }
        found
    }

    /// The CRL of one distribution point, from the first address that has it, and its delta.
    async fn location(
        self: &Arc<Self>,
        location: &CrlLocation,
        signer: Option<&Arc<[u8]>>,
        deadline: Instant,
    ) -> (Vec<(Key, Vec<Evidence>)>, Vec<(String, FetchError)>) {
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        if location.uris.is_empty() {
            let unnamed = self.cache.crls_of(&location.issuer, MAX_UNNAMED);
            found.push((Key::Crl("".into()), unnamed));
            return (found, problems);
        }
        let mut deltas = location.delta_uris.clone();
        for uri in &location.uris {
            let key = Key::Crl(uri.as_str().into());
            match self.obtain(&key, signer, deadline).await {
                Ok(evidence) => {
                    for uri in freshest(&evidence) {
                        if !deltas.contains(&uri) {
                            deltas.push(uri);
                        }
                    }
                    found.push((key, evidence));
                    break;
                }
                Err(error) => problems.push((uri.clone(), error)),
            }
        }
        for uri in deltas.iter().take(MAX_DELTAS) {
            let key = Key::Crl(uri.as_str().into());
            match self.obtain(&key, signer, deadline).await {
                Ok(evidence) => {
                    found.push((key, evidence));
                    break;
                }
                Err(error) => problems.push((uri.clone(), error)),
            }
        }
        (found, problems)
    }

    /// Evidence that decided, or that the issuer's key signed, is good.
    fn vouch(&self, turns: &[Turn], result: Result<&VerifiedPath, &PathError>) {
        for turn in turns {
            let basis = result.ok().and_then(|path| {
                let mut statuses = path.statuses().iter();
                statuses.find(|it| it.position == turn.position)
            });
            let basis = basis.map(|it| &it.basis);
            for it in &turn.supplied {
                let is_signed = match &it.evidence {
                    Evidence::Crl(crl) => crl.is_verified_by(&it.signer),
                    Evidence::Ocsp(_) => false,
                };
                let is_good = is_signed
                    || basis.is_some_and(|basis| is_basis(&it.evidence, basis))
                    || result.err().is_some_and(|error| turn.has_only(it, error));
                let signer = is_signed.then_some(&it.signer);
                if is_good && self.cache.accept(&it.key, &it.evidence, signer) {
                    self.save(&it.key);
                }
            }
        }
    }

    /// The verifier asks again: what was supplied does not suffice. If the question is about the
    /// present, it is not what a responder should say.
    fn doubt(&self, turn: &Turn, at: UnixTime) {
        let now = self.now();
        if now.seconds_since(at).abs() > PRESENT_SECONDS {
            return;
        }
        for it in &turn.supplied {
            let is_doubtful = match &it.evidence {
                Evidence::Ocsp(_) => true,
                Evidence::Crl(crl) => !crl.is_verified_by(&it.signer),
            };
            if is_doubtful {
                self.cache.doubt(&it.key, &it.evidence, now);
            }
        }
    }
}

impl Turn {
    fn new(request: &RevocationRequest) -> Self {
        Self {
            position: request.position,
            serial: request.serial.clone(),
            signer: request.issuer_spki.as_slice().into(),
            ocsp: 0,
            crls: false,
            supplied: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn is_of(&self, request: &RevocationRequest) -> bool {
        self.position == request.position
            && *self.signer == *request.issuer_spki
            && self.serial == request.serial
    }

    fn of(&self, key: &Key, evidence: Vec<Evidence>) -> Vec<Supplied> {
        let supplied = |evidence| Supplied {
            key: key.clone(),
            evidence,
            signer: Arc::clone(&self.signer),
        };
        evidence.into_iter().map(supplied).collect()
    }

    /// Whether a refusal rests on this evidence because there was no other.
    fn has_only(&self, it: &Supplied, error: &PathError) -> bool {
        self.position == error.position
            && matches!(
                *error.reason,
                Reason::Revoked { .. } | Reason::StatusUnknown
            )
            && matches!(self.supplied.as_slice(), [only] if std::ptr::eq(only, it))
    }

    fn note(&mut self, uri: &str, error: &FetchError) {
        if self.problems.len() < MAX_PROBLEMS {
            let uri: String = uri.chars().take(256).collect();
            self.problems.push(format!("{uri}: {error}"));
        }
    }
}

/// Whether a status rests on this evidence.
fn is_basis(evidence: &Evidence, basis: &Basis) -> bool {
    match (evidence, basis) {
        (Evidence::Crl(crl), Basis::Crl { complete, delta }) => {
            let is_delta = delta.as_ref().is_some_and(|it| Arc::ptr_eq(crl, it));
            is_delta || Arc::ptr_eq(crl, complete)
        }
        (Evidence::Ocsp(ocsp), Basis::Ocsp { produced_at, .. }) => {
            let basic = ocsp.response.basic();
            basic.is_ok_and(|basic| basic.data.produced_at == *produced_at)
        }
        _ => false,
    }
}

/// Addresses of deltas that a CRL names itself (RFC 5280 §5.2.6).
pub(crate) fn freshest(evidence: &[Evidence]) -> Vec<String> {
    let points = evidence.iter().find_map(|it| match it {
        Evidence::Crl(crl) => crl.list().freshest_crl(),
        Evidence::Ocsp(_) => None,
    });
    let uris = points.iter().flat_map(|points| points.uris());
    uris.take(MAX_DELTAS).map(str::to_owned).collect()
}

/// Says why the evidence could not be fetched.
fn explained(mut error: PathError, turns: &[Turn]) -> PathError {
    let position = error.position;
    if let Reason::StatusUnavailable { problems } = &mut *error.reason {
        let turns = turns.iter().filter(|it| it.position == position);
        problems.extend(turns.flat_map(|it| it.problems.iter().cloned()));
    }
    error
}

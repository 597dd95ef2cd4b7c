//! The endpoints.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::path::{Question, Verifier};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{Answer, Explained};
use super::body::Body;
use super::evidence;
use super::problem::Problem;
use super::question::VerifyRequest;
use super::service::Service;

/// Is this chain trusted, for that, at that time?
#[utoipa::path(
    post,
    path = "/v1/verify",
    request_body = VerifyRequest,
    responses(
        (status = 200, description = "A verdict; a refused chain as well", body = Answer),
        (status = "4XX", description = "The request cannot be read", body = Problem,
         content_type = "application/problem+json"),
        (status = "5XX", description = "The service cannot answer", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn verify(
    State(service): State<Arc<Service>>,
    Body(request): Body<VerifyRequest>,
) -> Result<Json<Answer>, Problem> {
    let answer = service.work(move |service| {
        service.ask(&request, |verifier, question| {
            let given_up = evidence::given_up(&request)?;
            let source = Some(&*service.parts.crls as _);
            let round = verifier.round(question, source, &given_up);
            Ok(Answer::of_round(
                &round,
                question.at,
                &service.parts.anchors,
            ))
        })
    });
    let answer = answer.await?;
    tracing::debug!(verdict = answer.verdict(), code = answer.code(), "verified");
    Ok(Json(answer))
}

/// The same with everything that was tried: which certificate was refused where, and why.
#[utoipa::path(
    post,
    path = "/v1/explain",
    request_body = VerifyRequest,
    responses(
        (status = 200, description = "A verdict and the whole search", body = Explained),
        (status = "4XX", description = "The request cannot be read", body = Problem,
         content_type = "application/problem+json"),
        (status = "5XX", description = "The service cannot answer", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn explain(
    State(service): State<Arc<Service>>,
    Body(request): Body<VerifyRequest>,
) -> Result<Json<Explained>, Problem> {
    let answer = service.work(move |service| {
        service.ask(&request, |verifier, question| {
            let explanation = verifier.explain(question, Some(&*service.parts.crls));
            Ok(Explained::new(
                explanation,
                question.at,
                &service.parts.anchors,
            ))
        })
    });
    answer.await.map(Json)
}

/// What the service works with.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`; `stale` when an issuer has no current CRL in the service's own set.
    status: &'static str,
    /// The time.
    #[schema(value_type = String)]
    at: UnixTime,
    /// The version of the program.
    version: &'static str,
    /// The name of the dated policy.
    policy: String,
    /// Its phase now.
    phase: String,
    /// Subjects of the trust anchors.
    anchors: Vec<String>,
    /// The CRLs at hand.
    crls: Vec<CrlAtHand>,
}

/// A CRL at hand.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct CrlAtHand {
    /// Its issuer.
    issuer: String,
    /// When it was made.
    #[schema(value_type = String)]
    this_update: UnixTime,
    /// When there will be news at the latest.
    #[schema(value_type = Option<String>)]
    next_update: Option<UnixTime>,
    /// How many certificates it lists.
    entries: usize,
    /// Whether it may be used now.
    current: bool,
}

/// Is the service there, and what with?
#[utoipa::path(
    get,
    path = "/v1/health",
    responses((status = 200, description = "It is", body = Health))
)]
pub(super) async fn health(State(service): State<Arc<Service>>) -> Json<Health> {
    let at = service.parts.clock.now();
    let crls: Vec<_> = service
        .parts
        .crls
        .all()
        .iter()
        .map(|crl| {
            let list = crl.list();
            let fresh = list.next_update().is_some_and(|next| at <= next);
            CrlAtHand {
                issuer: list.issuer().to_string(),
                this_update: list.this_update(),
                next_update: list.next_update(),
                entries: crl.entry_count(),
                current: fresh && list.this_update() <= at,
            }
        })
        .collect();
    let stale = crls.iter().any(|old| {
        let newer = |it: &&CrlAtHand| it.current && it.issuer == old.issuer;
        !old.current && crls.iter().find(newer).is_none()
    });
    Json(Health {
        status: if stale { "stale" } else { "ok" },
        at,
        version: env!("CARGO_PKG_VERSION"),
        policy: service.timeline.name().to_owned(),
        phase: service.timeline.phase_at(at).id().to_owned(),
        anchors: service
            .parts
            .anchors
            .iter()
            .map(|anchor| anchor.subject_text())
            .collect(),
        crls,
    })
}

impl Service {
    /// Reads the request and puts its question to a verifier.
    fn ask<T>(
        &self,
        request: &VerifyRequest,
        put: impl FnOnce(&Verifier<'_>, &Question<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let chain = evidence::chain(request)?;
        let evidence = evidence::evidence(request)?;
        let mut certificates = chain
            .iter()
            .map(|der| Certificate::from_der(der))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| Problem::unreadable(error.code(), "chain", error))?;
        certificates.extend(self.own_intermediates());
        let (end_entity, intermediates) = certificates
            .split_first()
            .ok_or_else(|| Problem::malformed("chain: it is empty"))?;
        let at = request.at.unwrap_or_else(|| self.parts.clock.now());
        let mut question = Question::new(end_entity, intermediates, at, request.purpose.into())
            .with_evidence(&evidence);
        question
            .names
            .extend(request.names.iter().map(|name| name.borrowed()));
        let policy = self.policy(request.class.unwrap_or(self.parts.class));
        put(&self.verifier(&policy), &question)
    }
}

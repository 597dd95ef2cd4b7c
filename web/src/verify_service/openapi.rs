//! The interface, for machines.

use axum::Json;
use utoipa::OpenApi;

use super::{answer, handlers, problem, question};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kasane verification service",
        description = "Whether a certificate chain is trusted, for what, under which date's rules, \
                       and whether it was revoked. For callers on the same machine."
    ),
    paths(handlers::verify, handlers::explain, handlers::health),
    components(schemas(
        question::VerifyRequest,
        question::ClassName,
        answer::Answer,
        answer::Explained,
        handlers::Health,
        problem::Problem,
    ))
)]
struct Document;

/// `GET /openapi.json`
pub(super) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}

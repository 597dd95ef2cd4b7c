//! Refusals as they are answered.

use axum::http::StatusCode;
use axum::http::header::CONNECTION;
use axum::response::{IntoResponse, Response};
use kasane_ca_core::Error;
use kasane_ca_core::follower::FeedError;

use super::wire::Refusal;

/// A refusal: status, and what is said.
#[derive(Debug)]
pub(super) struct Refused(StatusCode, Refusal);

impl Refused {
    fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self(
            status,
            Refusal {
                code: code.to_owned(),
                message: message.into(),
                size: None,
            },
        )
    }

    /// The query cannot be understood.
    pub(super) fn query(reason: String) -> Self {
        bad_argument("query", reason).into()
    }

    /// The edge asks for more at a time than one edge may.
    pub(super) fn busy(message: &str) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "feed.busy", message)
    }

    /// It took too long.
    pub(super) fn late(what: &str) -> Self {
        let message = format!("{what} took too long; ask again");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "feed.late", message)
    }

    /// The body ended too early, or is too long.
    pub(super) fn body(reason: String) -> Self {
        bad_argument("body", reason).into()
    }

    /// A fault of this program.
    pub(super) fn fault() -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "internal", "a fault of this program")
    }

    /// The authority cannot tell who asks. What is wrong with it is for its log, not for strangers.
    pub(super) fn cannot_tell() -> Self {
        let message = "the authority cannot look up who is enrolled";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "feed.unready", message)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let (status, size) = match &error {
            Error::Feed(FeedError::NotKnown) => (StatusCode::UNAUTHORIZED, None),
            Error::Feed(FeedError::Removed) => (StatusCode::FORBIDDEN, None),
            Error::Ledger(kasane_ledger::Error::NoSuchEntry { size, .. }) => {
                (StatusCode::CONFLICT, Some(*size))
            }
            Error::Request(_)
            | Error::Key(_)
            | Error::KeyNotOfProfile { .. }
            | Error::NotFound { .. }
            | Error::BadArgument { .. } => (StatusCode::UNPROCESSABLE_ENTITY, None),
            _ => (StatusCode::SERVICE_UNAVAILABLE, None),
        };
        if status == StatusCode::SERVICE_UNAVAILABLE {
            tracing::warn!(code = error.code(), %error, "the feed cannot give what was asked for");
        }
        let refused = Self::new(status, error.code(), error.to_string());
        let refusal = Refusal { size, ..refused.1 };
        Self(status, refusal)
    }
}

/// It is the connection's last answer: whoever is refused has no further claim on it, and an edge comes
/// back on another.
impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, [(CONNECTION, "close")], axum::Json(self.1)).into_response()
    }
}

pub(super) const fn bad_argument(what: &'static str, reason: String) -> Error {
    Error::BadArgument { what, reason }
}

//! How a responder stands, in a word, and whether requests should be sent to it: the same at the authority
//! and at an edge.

use axum::body::Bytes;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use axum::response::Response;
use kasane_ca_core::follower::Standing;
use serde::Deserialize;
use serde_json::Value;

use super::headers::uncached;
use super::health::json;

/// What `GET /healthz` may be asked.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// A responder that knows only what is older counts as one that does not answer.
    max_stale_seconds: Option<u32>,
    /// Whether one that does not answer for every CA counts so too.
    #[serde(default)]
    complete: bool,
}

/// How a responder stands.
pub(super) struct Stand<'a> {
    pub(super) standing: Standing,
    /// How old what it knows is; none when it knows nothing that it may tell.
    pub(super) stale_seconds: Option<i64>,
    /// The CAs for which it has no signer.
    pub(super) without_signer: &'a [String],
}

impl Wanted {
    /// What the query says.
    ///
    /// # Errors
    /// The answer to a query that cannot be understood: what it wants is not left out.
    pub(super) fn of(query: Result<Query<Self>, QueryRejection>) -> Result<Self, Box<Response>> {
        let refused =
            |error: QueryRejection| Box::new(plain(StatusCode::BAD_REQUEST, format!("{error}\n")));
        query.map(|Query(wanted)| wanted).map_err(refused)
    }
}

impl Stand<'_> {
    /// `GET /healthz`: for the machine that decides where to send requests. One that is stale, or has no
    /// signer for some CA, still answers, and it may be so with every other one: whether to send requests
    /// there is for whoever asks to say.
    pub(super) fn in_a_word(&self, wanted: Wanted) -> Response {
        let text = match self.standing {
            Standing::Ok => "ok\n".to_owned(),
            Standing::Incomplete => {
                let lacking = self.without_signer.join(" ");
                format!("incomplete: no signer for {lacking}\n")
            }
            Standing::Stale => {
                let seconds = self.stale_seconds.unwrap_or_default();
                format!("stale: nothing is known of the last {seconds} seconds\n")
            }
            Standing::Silent => {
                "silent: what is known here is too old, or there is no signer\n".to_owned()
            }
        };
        plain(self.status(wanted), text)
    }

    /// `GET /health`: 200 while it answers, 503 while it does not; the same JSON either way.
    pub(super) fn in_detail(&self, detail: &Value) -> Response {
        let mut response = json(detail);
        *response.status_mut() = self.status(Wanted::default());
        response
    }

    /// Whether it answers what is wanted.
    fn status(&self, wanted: Wanted) -> StatusCode {
        let most = wanted.max_stale_seconds.map_or(i64::MAX, i64::from);
        let too_old = self.stale_seconds.is_none_or(|it| it > most);
        let lacks_wanted = wanted.complete && !self.without_signer.is_empty();
        if self.standing == Standing::Silent || too_old || lacks_wanted {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::OK
        }
    }
}

fn plain(status: StatusCode, text: String) -> Response {
    let mut response = uncached("text/plain; charset=utf-8", Bytes::from(text));
    *response.status_mut() = status;
    response
}

//! `GET /healthz` and `GET /health` of the service: whether status is answered here. Both are public.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use kasane_ca_core::Error;
use kasane_ca_core::follower::{STALE_SECONDS, Standing};
use kasane_ocsp::{Coverage, Responder};
use serde_json::{Value, json};

use super::StatusState;
use super::headers::uncached;
use super::standing::{Stand, Wanted};
use crate::canary::CanarySummary;
use crate::server::Client;

/// What is answered here.
struct Report {
    /// How old what is known is; none when nothing may be answered.
    stale_seconds: Option<i64>,
    coverage: Coverage,
}

/// For the machine that decides where to send requests. That issuance is stopped is not its business: status
/// goes on then.
pub(super) async fn check(
    State(state): State<StatusState>,
    client: Option<Extension<Client>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Response> {
    let wanted = Wanted::of(wanted).map_err(|refused| *refused)?;
    let responder = Arc::clone(&state.ocsp.responder);
    let look = move || Report::of(&responder);
    let report = state.looks.look(client, look).await?;
    Ok(report.stand().in_a_word(wanted))
}

/// The same as JSON, with what people and programs that watch want to know beside it.
pub(super) async fn report(
    State(state): State<StatusState>,
    client: Option<Extension<Client>>,
) -> Result<Response, Response> {
    let responder = Arc::clone(&state.ocsp.responder);
    let canary = state.canary.clone();
    let look = move || {
        let now = responder.source().now();
        let canary = canary.map(|canary| canary.summary(now));
        Report::of(&responder).map(|report| (report, canary))
    };
    let (report, canary) = state.looks.look(client, look).await?;
    let runs = state.authority.stopped().is_none();
    let detail = report.detail(runs, canary.as_ref());
    Ok(report.stand().in_detail(&detail))
}

impl Report {
    fn of(responder: &Responder) -> Result<Self, Error> {
        let source = responder.source();
        let now = source.now();
        let Some(as_of) = source.known_as_of(now) else {
            return Ok(Self {
                stale_seconds: None,
                coverage: Coverage::default(),
            });
        };
        Ok(Self {
            stale_seconds: Some(now.seconds_since(as_of).max(0)),
            coverage: responder.coverage(now)?,
        })
    }

    fn stand(&self) -> Stand<'_> {
        let Coverage {
            answered,
            without_signer,
        } = &self.coverage;
        let is_complete = without_signer.is_empty();
        let standing = match self.stale_seconds {
            None => Standing::Silent,
            Some(_) if answered.is_empty() && !is_complete => Standing::Silent,
            Some(seconds) if seconds > STALE_SECONDS => Standing::Stale,
            Some(_) if !is_complete => Standing::Incomplete,
            Some(_) => Standing::Ok,
        };
        Stand {
            standing,
            stale_seconds: self.stale_seconds,
            without_signer,
        }
    }

    fn detail(&self, issuance_runs: bool, canary: Option<&CanarySummary>) -> Value {
        json!({
            "status": self.stand().standing.as_str(),
            "stale_seconds": self.stale_seconds,
            "without_signer": self.coverage.without_signer,
            "issuance": if issuance_runs { "running" } else { "stopped" },
            "canary": canary,
        })
    }
}

/// JSON for people and programs.
pub(super) fn json(value: &Value) -> Response {
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    uncached("application/json", Bytes::from(text))
}

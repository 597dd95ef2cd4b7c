//! The connector's HTTP: `GET /connector/status`, `POST /connector/api`.

use std::{fmt, net::SocketAddr, process, sync::Arc};

use http_body_util::{BodyExt, Limited};
use hyper::{
    Method, Request, Response, StatusCode, body::Incoming, header::CONTENT_TYPE,
    server::conn::http1, service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{
    answer_body::AnswerBody,
    conduct::Conduct,
    engine::{Delivery, Engine},
};

/// No message is longer, whatever the firmware.
const BODY_LIMIT_BYTES: usize = 8 * 1024;

/// One connection's view of the connector.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) engine: Engine,
    pub(super) conduct: Arc<Conduct>,
    pub(super) address: SocketAddr,
    pub(super) serial: u32,
    pub(super) firmware: String,
}

/// The connection is to be closed without an answer.
#[derive(Debug)]
struct Hangup;

impl fmt::Display for Hangup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("answering failed: the connection is to be closed")
    }
}

impl std::error::Error for Hangup {}

impl Connector {
    /// Serves a connection until it ends or connections are to be closed.
    pub(super) async fn serve(self, stream: TcpStream) {
        let mut closing = self.conduct.closing();
        if self.conduct.is_away() || stream.set_nodelay(true).is_err() {
            return;
        }
        let service = service_fn(|request| {
            let connector = self.clone();
            async move { connector.answer(request).await }
        });
        // Clients that know one spelling of a header and one read are served: title case, and
        // header and body in one write.
        let connection = http1::Builder::new()
            .title_case_headers(true)
            .writev(false)
            .half_close(false)
            .serve_connection(TokioIo::new(stream), service);
        tokio::select! {
            // Whatever ended the connection, nobody is left to be told.
            _ = connection => {}
            _ = closing.changed() => {}
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<AnswerBody>, Hangup> {
        let path = request.uri().path();
        if request.method() == Method::GET && path == "/connector/status" {
            let page = self.status_page();
            return Ok(self.response(StatusCode::OK, "text/plain", page));
        }
        if request.method() != Method::POST || path != "/connector/api" {
            return Ok(self.text(StatusCode::NOT_FOUND, "no such page\n"));
        }
        let body = Limited::new(request.into_body(), BODY_LIMIT_BYTES);
        let Ok(message) = body.collect().await else {
            return Ok(self.text(
                StatusCode::BAD_REQUEST,
                "the message is too long or broken\n",
            ));
        };
        match self.engine.exchange(message.to_bytes().to_vec()).await {
            Delivery::Answer(answer) => {
                Ok(self.response(StatusCode::OK, "application/octet-stream", answer))
            }
            Delivery::BadGateway => Ok(self.text(
                StatusCode::BAD_GATEWAY,
                "<html><body>Bad gateway</body></html>\n",
            )),
            Delivery::Closed => Err(Hangup),
        }
    }

    fn status_page(&self) -> String {
        format!(
            "status=OK\nserial={}\nversion=3.0.0\npid={}\naddress={}\nport={}\nsimulator=1\nfirmware={}\n",
            self.serial,
            process::id(),
            self.address.ip(),
            self.address.port(),
            self.firmware,
        )
    }

    fn text(&self, status: StatusCode, text: &'static str) -> Response<AnswerBody> {
        self.response(status, "text/plain", text)
    }

    fn response(
        &self,
        status: StatusCode,
        kind: &'static str,
        content: impl Into<hyper::body::Bytes>,
    ) -> Response<AnswerBody> {
        let mut response = Response::new(AnswerBody::new(content, self.conduct.splits()));
        *response.status_mut() = status;
        response
            .headers_mut()
            .insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
        response
    }
}

//! Commands over the socket of a running service, without a process for each.

use std::io::{self, BufReader};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use kasane_web::control::{API_VERSION, COMMAND_PATH};
use serde_json::{Value, json};

use crate::http::exchange;
use crate::program::Kasane;

/// Why a command has no answer that says yes.
#[derive(Debug)]
pub enum NotDone {
    /// Nobody listened: it was not sent.
    NotSent(io::Error),
    /// It was sent, and nobody knows what came of it.
    Unknown(io::Error),
    /// The service said no.
    Refused(Value),
}

impl Kasane {
    /// Sends a command (`{"revoke": {...}}`) and waits for its answer; `sending` is called when somebody
    /// listens and nothing is sent yet. Unlike the program, never takes the folder itself when no
    /// service runs.
    ///
    /// # Errors
    /// [`NotDone`].
    pub fn post(&self, command: &Value, sending: impl FnOnce()) -> Result<Value, NotDone> {
        let stream =
            UnixStream::connect(self.dir().join("kasane.sock")).map_err(NotDone::NotSent)?;
        let patience = Some(Duration::from_secs(60));
        stream
            .set_read_timeout(patience)
            .map_err(NotDone::NotSent)?;
        sending();
        let body = json!({ "version": API_VERSION, "command": command }).to_string();
        let request = format!(
            "POST {COMMAND_PATH} HTTP/1.1\r\nHost: kasane\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let reply = exchange(&mut BufReader::new(stream), request.as_bytes());
        let reply = reply.map_err(NotDone::Unknown)?;
        let mut answer: Value =
            serde_json::from_slice(&reply.body).map_err(|error| NotDone::Unknown(error.into()))?;
        match answer["ok"].take() {
            Value::Null => Err(NotDone::Refused(answer)),
            done => Ok(done),
        }
    }
}

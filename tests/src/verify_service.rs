//! `kasane verify-service`, asked with curl.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::chain::Chain;
use crate::program::binary;
use crate::tools::{skip, text};

const PATIENCE: Duration = Duration::from_secs(20);

/// A service, ended when dropped.
#[derive(Debug)]
pub struct Service {
    child: Child,
    /// What curl needs to reach it.
    curl: Vec<String>,
    base: String,
    /// Its socket, or its address.
    pub place: String,
}

/// The command with these arguments, ready to run.
#[must_use]
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.arg("verify-service").args(arguments);
    command.stdin(Stdio::null());
    command
}

impl Service {
    /// Starts one.
    ///
    /// # Panics
    /// When it does not answer as it should.
    #[must_use]
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments)
            .env("NO_COLOR", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        let place = loop {
            let line = lines
                .next()
                .unwrap_or_else(|| panic!("it does not listen: {said:?}"))
                .unwrap();
            let after = |mark| {
                line.split_once(mark)
                    .map(|(_, rest)| rest.trim().to_owned())
            };
            if line.contains("listening") {
                break after("socket=").or_else(|| after("address=")).unwrap();
            }
            said.push(line);
        };
        // It must not meet a closed pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let (curl, base) = if place.starts_with('/') {
            let socket = vec!["--unix-socket".to_owned(), place.clone()];
            (socket, "http://localhost".to_owned())
        } else {
            (Vec::new(), format!("http://{place}"))
        };
        Self {
            child,
            curl,
            base,
            place,
        }
    }

    /// On a socket in the chain's folder, trusting its anchor.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn over(chain: &Chain, more: &[&str]) -> Self {
        let (anchors, socket) = (chain.file("anchors.pem"), chain.file("verify.sock"));
        let mut arguments = vec!["--anchors", &anchors, "--socket", &socket];
        arguments.extend(more);
        Self::start(&arguments)
    }

    /// Status and body.
    ///
    /// # Panics
    /// When it does not answer as it should.
    #[must_use]
    pub fn curl(&self, path: &str, arguments: &[&str]) -> (u16, String) {
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--max-time", "30"])
            .args(["--write-out", "\n%{http_code}"])
            .args(&self.curl)
            .args(arguments)
            .arg(format!("{}{path}", self.base))
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout.clone()).unwrap();
        let (body, status) = said
            .rsplit_once('\n')
            .unwrap_or_else(|| panic!("{}", text(&output)));
        (status.parse().unwrap(), body.to_owned())
    }

    /// Status and JSON of the answer to a question.
    ///
    /// # Panics
    /// When it does not answer as it should.
    #[must_use]
    pub fn post(&self, path: &str, question: &Value) -> (u16, Value) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(question.to_string().as_bytes()).unwrap();
        let data = format!("@{}", file.path().display());
        let header = "Content-Type: application/json";
        let (status, body) = self.curl(path, &["-H", header, "--data-binary", &data]);
        let answer = serde_json::from_str(&body);
        (status, answer.unwrap_or_else(|_| panic!("{status} {body}")))
    }

    /// The verdict on a question that can be read.
    ///
    /// # Panics
    /// When it does not answer as it should.
    #[must_use]
    pub fn verify(&self, question: &Value) -> Value {
        let (status, answer) = self.post("/v1/verify", question);
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// What it works with.
    ///
    /// # Panics
    /// When it does not answer as it should.
    #[must_use]
    pub fn health(&self) -> Value {
        let (status, body) = self.curl("/v1/health", &[]);
        assert_eq!(status, 200);
        serde_json::from_str(&body).unwrap()
    }

    /// Waits until it has so many CRLs.
    ///
    /// # Panics
    /// When it does not answer as it should.
    pub fn wait_for_crls(&self, count: usize) {
        let start = Instant::now();
        while self.health()["crls"].as_array().unwrap().len() != count {
            assert!(start.elapsed() < PATIENCE, "{}", self.health());
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether curl is there; if not, what is left out is noted.
#[must_use]
pub fn curl_or_skip(check: &str) -> bool {
    let there = Command::new("curl").arg("--version").output().is_ok();
    if !there {
        skip(&format!("{check}: curl is not installed"));
    }
    there
}

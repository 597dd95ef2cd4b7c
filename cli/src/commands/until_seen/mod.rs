//! Waiting until everybody tells of a revocation.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use kasane_ca_core::clock::SystemClock;
use kasane_verify::crypto::AwsLc;
use kasane_verify::pem;
use kasane_web::control::{
    EndpointList, ExitClass, Problem, Request, Response, Show, StatusEndpoints,
};
use kasane_web::visibility::{Observation, Subject, Watch, What};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::args::Global;
use crate::output::revocation::observation;
use crate::session::execute;

/// Whether a revocation is waited for, and how.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct UntilSeen {
    /// Wait until the service and every responder of DIR/revocation.toml tell of it
    #[arg(long)]
    wait: bool,
    /// Seconds to wait at most
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "wait",
        value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// Where else than in OCSP it must be seen, at those that hand out CRLs
    #[arg(long, value_enum, requires = "wait")]
    until: Option<Until>,
}

/// Where a revocation must be seen beside OCSP.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Until {
    /// The delta CRL: within seconds
    Delta,
    /// The full CRL: within the hour
    Crl,
}

/// A revoked certificate.
pub(crate) struct Revoked {
    pub(crate) issuer: String,
    pub(crate) serial: String,
}

impl UntilSeen {
    /// Whether it is waited for.
    pub(crate) const fn is_asked(self) -> bool {
        self.wait
    }

    /// Adds to `answer` what was seen, if that was asked for. The revocation stands whatever is seen,
    /// and a refusal says so.
    pub(crate) fn wait(
        self,
        global: &Global,
        mut answer: Answer,
        revoked: &[Revoked],
        since: Instant,
    ) -> Result<Answer, Problem> {
        if !self.wait || revoked.is_empty() {
            return Ok(answer);
        }
        match self.observe(global, revoked, since) {
            Ok(seen) => {
                let missing: Vec<_> = seen
                    .iter()
                    .filter(|it| it.after_milliseconds.is_none())
                    .collect();
                answer.refusal = not_seen(&missing, self.timeout);
                add(&mut answer, "visibility", json!(seen));
                // A terminal had each line when it was known.
                for it in seen.iter().filter(|_| !is_watched()) {
                    answer.text.push_str(&observation(it));
                }
            }
            Err(problem) => {
                let message = format!(
                    "{}. It is revoked all the same; nobody was asked whether they tell of it",
                    problem.message
                );
                answer.refusal = Some(Problem { message, ..problem });
            }
        }
        if let Some(problem) = &answer.refusal {
            let error = json!({ "code": problem.code, "message": problem.message });
            add(&mut answer, "error", error);
        }
        Ok(answer)
    }

    fn observe(
        self,
        global: &Global,
        revoked: &[Revoked],
        since: Instant,
    ) -> Result<Vec<Observation>, Problem> {
        let Response::StatusEndpoints(responders) =
            execute(global, Request::EndpointList(EndpointList {}))?
        else {
            return Err(unexpected());
        };
        let subjects = revoked
            .iter()
            .map(|it| subject(global, it))
            .collect::<Result<Vec<_>, _>>()?;
        let watch = Watch {
            endpoints: &responders.endpoints,
            subjects: &subjects,
            lists: self.until.map(|until| match until {
                Until::Delta => What::Delta,
                Until::Crl => What::Crl,
            }),
            since,
            timeout: Duration::from_secs(self.timeout),
            clock: Arc::new(SystemClock),
            crypto: Arc::new(AwsLc),
            given_up: Arc::default(),
        };
        tell_begin(global, &responders);
        let seen = watch.run(&mut |it| {
            if !global.json && is_watched() {
                eprint!("{}", observation(it));
            }
        });
        let seen = seen.map_err(|error| {
            let message = format!("nobody can be asked: {error}");
            Problem::new(ExitClass::Environment, "revocation.cannot-ask", message)
        })?;
        if seen.is_empty() {
            return Err(nobody(&responders));
        }
        Ok(seen)
    }
}

/// Whether somebody looks while it goes on.
fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

fn tell_begin(global: &Global, responders: &StatusEndpoints) {
    if !global.json {
        eprintln!("asking {} responders", responders.endpoints.len());
        if !responders.is_served {
            eprintln!("no service runs on this folder: it is not among them");
        }
    }
}

/// The certificate and its issuer's, as the authority has them.
fn subject(global: &Global, revoked: &Revoked) -> Result<Subject, Problem> {
    let request = Request::Show(Show {
        name: revoked.serial.clone(),
        issuer: Some(revoked.issuer.clone()),
    });
    let Response::Certificate(shown) = execute(global, request)? else {
        return Err(unexpected());
    };
    let issuer = Request::Show(Show {
        name: revoked.issuer.clone(),
        issuer: None,
    });
    let Response::Certificate(issuer) = execute(global, issuer)? else {
        return Err(unexpected());
    };
    let cannot = |error: String| {
        let message = format!("certificate {} cannot be read: {error}", revoked.serial);
        Problem::new(ExitClass::Integrity, "certificate.unreadable", message)
    };
    let der = |text: &str| {
        pem::certificates(text.as_bytes())
            .map_err(|error| cannot(error.to_string()))?
            .into_iter()
            .next()
            .ok_or_else(|| cannot("it was never signed".to_owned()))
    };
    Subject::new(&AwsLc, der(&shown.pem)?, der(&issuer.pem)?)
        .map_err(|error| cannot(error.to_string()))
}

fn not_seen(missing: &[&Observation], timeout: u64) -> Option<Problem> {
    let first = missing.first()?;
    let names: Vec<_> = missing.iter().map(|it| it.endpoint.as_str()).collect();
    let message = format!(
        "it is revoked, and that stands; but after {timeout} s {} did not tell of it: {} ({}) says of \
         {}: {}; {}",
        names.join(", "),
        first.endpoint,
        first.url,
        first.serial,
        first.seen.describe(),
        first.seen.advice(),
    );
    Some(Problem::new(
        ExitClass::Environment,
        "revocation.not-visible",
        message,
    ))
}

fn nobody(responders: &StatusEndpoints) -> Problem {
    let message = if responders.endpoints.is_empty() {
        "there is nobody to ask: start 'kasane serve', or name responders in DIR/revocation.toml"
    } else {
        "no OCSP tells of this certificate: of CA certificates CRLs do, wait with --until crl"
    };
    Problem::new(ExitClass::NotFound, "revocation.nobody-to-ask", message)
}

fn unexpected() -> Problem {
    Problem::new(
        ExitClass::Internal,
        "internal",
        "the service answers something else: use the program of the same release",
    )
}

fn add(answer: &mut Answer, name: &str, value: Value) {
    if let Value::Object(fields) = &mut answer.json {
        fields.insert(name.to_owned(), value);
    }
}

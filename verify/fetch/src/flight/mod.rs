//! One fetch, from the request to the cache.

mod ask;
mod read;

use read::Read;
pub(crate) use read::keep_crl;

use std::sync::Arc;

use kasane_verify::UnixTime;
use kasane_verify::revocation::Evidence;
use tokio::time::timeout;

use crate::cache::{Kept, Key, Outcome, Reservation, Ticket};
use crate::config::FetchConfig;
use crate::error::FetchError;
use crate::http::{self, Answer, Freshness, Validators};
use crate::inner::Inner;

impl Inner {
    /// Fetches what a ticket is for, and tells everybody who waits. `signer` is the key (SPKI) that
    /// should have signed it.
    pub(crate) async fn fly(self: Arc<Self>, ticket: Ticket, signer: Option<Arc<[u8]>>) {
        let outcome = self.attempt(&ticket, signer).await;
        let uri = ticket.key.uri();
        match &outcome {
            Ok(_) => tracing::debug!(uri, "evidence is fresh"),
            // Said when it failed.
            Err(error @ FetchError::Recently { .. }) => tracing::debug!(uri, %error, "not asked"),
            Err(error) => tracing::warn!(uri, code = error.code(), %error, "evidence not fetched"),
        }
        ticket.land(outcome);
        self.sweep();
    }

    async fn attempt(&self, ticket: &Ticket, signer: Option<Arc<[u8]>>) -> Outcome {
        let key = &ticket.key;
        let known = ticket.known.as_ref();
        let known = known.filter(|_| !ticket.past_caches);
        let validators = known.map(|it| it.validators.clone());
        let ask = ask::for_key(key, validators.unwrap_or_default(), &self.config);
        let ask = match ask {
            Ok(ask) => http::Ask {
                past_caches: ticket.past_caches,
                ..ask
            },
            Err(error) => {
                let error = error.into();
                self.cache.failed(key, &[], &error, self.now());
                return Err(error);
            }
        };
        let host = ask.target.authority();
        let responder = match key {
            Key::Crl(_) => None,
            Key::Ocsp { uri, .. } => Some(&**uri),
        };
        let result = self.fetch(ticket, signer, ask, &host, responder).await;
        match &result {
            Ok(_) => {
                self.cache.succeeded(&[&host]);
                self.cache.succeeded(responder.as_slice());
            }
            Err(error) => {
                let mut names = Vec::new();
                if error.is_of_host() {
                    names.push(&*host);
                }
                if error.is_of_responder() {
                    names.extend(responder);
                }
                self.cache.failed(key, &names, error, self.now());
            }
        }
        result
    }

    async fn fetch(
        &self,
        ticket: &Ticket,
        signer: Option<Arc<[u8]>>,
        mut ask: http::Ask,
        host: &str,
        responder: Option<&str>,
    ) -> Outcome {
        let key = &ticket.key;
        self.not_failed(host, responder)?;
        let turn = timeout(self.config.verification_timeout, self.http.permit(host));
        let _permit = turn.await.map_err(|_| FetchError::Busy)??;
        // It may have failed for those before in the queue.
        self.not_failed(host, responder)?;
        let mut signers: Vec<_> = signer.into_iter().collect();
        signers.extend(ticket.signer.clone().filter(|it| !signers.contains(it)));
        self.vouch_for_known(ticket, &signers).await;
        loop {
            let mut memory = self.cache.reservation();
            self.cache.count_fetch();
            let asked = http::ask(&ask, &self.config, &*self.clock, &mut memory);
            let (octets, freshness) = match asked.await? {
                Answer::Body(octets, freshness) => (octets, freshness),
                Answer::Unchanged(freshness) => return Ok(self.unchanged(ticket, freshness)),
            };
            if let Some(known) = known_list(ticket, &octets)
                && (ask.past_caches || known.next_update.is_none_or(|next| next >= self.now()))
            {
                return Ok(self.unchanged(ticket, freshness));
            }
            let (read, memory) = self.read(key, octets, &signers, memory).await?;
            let Read { mut kept, signer } = read;
            // RFC 9919 §6.2: an answer out of date may come from a cache between.
            let is_stale = kept.next_update.is_some_and(|next| next < self.now());
            if is_stale && !ask.past_caches {
                ask.past_caches = true;
                ask.validators = Validators::default();
                continue;
            }
            let fresh_until = self.fresh_until(key, &kept, &freshness);
            kept.validators = freshness.validators;
            let installed = self
                .cache
                .install(key, kept, signer.as_ref(), fresh_until, memory)?;
            if installed.is_good {
                self.save(key);
            }
            return Ok(installed.evidence);
        }
    }

    /// A list from an earlier run, or that came before anybody knew its signer's key, is good once
    /// that key has signed it: then what comes next does not simply take its place.
    async fn vouch_for_known(&self, ticket: &Ticket, signers: &[Arc<[u8]>]) {
        let Some(Evidence::Crl(crl)) = ticket.known.as_ref().map(|it| &it.evidence) else {
            return;
        };
        if signers.iter().any(|it| crl.is_verified_by(it)) {
            return;
        }
        let (crypto, signers, crl) = (Arc::clone(&self.crypto), signers.to_vec(), Arc::clone(crl));
        let work = move || {
            let signer = read::signer(&crl, &signers, &*crypto)?;
            Some((Evidence::Crl(crl), signer))
        };
        if let Ok(Some((evidence, signer))) = self.runtime.spawn_blocking(work).await {
            self.cache.accept(&ticket.key, &evidence, Some(&signer));
        }
    }

    fn not_failed(&self, host: &str, responder: Option<&str>) -> Result<(), FetchError> {
        let now = self.now();
        let names = std::iter::once(host).chain(responder);
        let mut failures = names.filter_map(|name| self.cache.failure_of(name, now));
        failures.next().map_or(Ok(()), Err)
    }

    async fn read(
        &self,
        key: &Key,
        octets: Vec<u8>,
        signers: &[Arc<[u8]>],
        mut memory: Reservation,
    ) -> Result<(Read, Reservation), FetchError> {
        match key {
            Key::Ocsp { request, .. } => {
                let read = read::ocsp(&octets, request, &mut memory)?;
                Ok((read, memory))
            }
            Key::Crl(_) => {
                let (crypto, signers) = (Arc::clone(&self.crypto), signers.to_vec());
                let work = move || {
                    let read = read::crl(octets, &signers, &*crypto, &mut memory)?;
                    Ok((read, memory))
                };
                // Some 100 ms for a million entries.
                let done = self.runtime.spawn_blocking(work).await;
                done.map_err(|_| FetchError::Interrupted)?
            }
        }
    }

    fn unchanged(&self, ticket: &Ticket, freshness: Freshness) -> Vec<Evidence> {
        let until = fresh_until(
            self.now(),
            ticket.known.as_ref().and_then(|it| it.next_update),
            freshness.seconds,
            self.spread_of(&ticket.key),
            &self.config,
        );
        self.cache.prolong(&ticket.key, until, freshness.validators)
    }

    fn fresh_until(&self, key: &Key, kept: &Kept, freshness: &Freshness) -> UnixTime {
        fresh_until(
            self.now(),
            kept.next_update,
            freshness.seconds,
            self.spread_of(key),
            &self.config,
        )
    }
}

/// The list at hand, when a server that does not know validators sent it again: it is not parsed
/// again.
fn known_list<'t>(ticket: &'t Ticket, octets: &[u8]) -> Option<&'t Kept> {
    ticket.known.as_ref().filter(|it| match &it.evidence {
        Evidence::Crl(crl) => crl.list().der() == octets,
        Evidence::Ocsp(_) => false,
    })
}

/// Until when evidence need not be asked for again: what HTTP says, within the configuration's
/// bounds, and a tenth of the remaining time before its next update; up to a tenth earlier than
/// that, so that those who learnt of it at the same time do not all ask at the same time.
fn fresh_until(
    now: UnixTime,
    next_update: Option<UnixTime>,
    http_seconds: Option<i64>,
    spread: i64,
    config: &FetchConfig,
) -> UnixTime {
    let ceiling = config.fresh_ceiling_seconds;
    let said = http_seconds.unwrap_or(ceiling).min(ceiling);
    let remaining = next_update.map(|next| next.seconds_since(now).max(0));
    let wanted = said.min(remaining.map_or(said, |it| it - it / 10));
    let wanted = (wanted - wanted * spread / 10_000).max(config.fresh_floor_seconds);
    // Evidence that came too late is asked for again after the least time.
    let wanted = match remaining {
        Some(remaining) if remaining > 0 => wanted.min(remaining),
        _ => wanted,
    };
    now.plus_seconds(wanted.min(ceiling))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freshness_ends_with_http_and_before_next_update() {
        let config = FetchConfig::default();
        let now = UnixTime::from_seconds(1_000_000_000);
        let seconds = |next: Option<i64>, http, spread| {
            let next = next.map(|it| now.plus_seconds(it));
            fresh_until(now, next, http, spread, &config).seconds_since(now)
        };
        let day = Some(86_400);
        assert_eq!(seconds(day, Some(300), 0), 300);
        assert_eq!(seconds(day, Some(300), 999), 271);
        assert_eq!(seconds(day, None, 0), 3_600, "the ceiling");
        assert_eq!(seconds(day, Some(1_000_000), 0), 3_600);
        assert_eq!(seconds(day, Some(0), 0), 10, "the floor");
        assert_eq!(seconds(Some(1_000), None, 0), 900, "before its next update");
        assert_eq!(seconds(Some(5), None, 0), 5, "never beyond it");
        assert_eq!(seconds(Some(-5), None, 0), 10, "asked again soon");
        assert_eq!(seconds(None, None, 0), 3_600);
    }
}

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kasane_ca_core::clock::{Clock, SystemClock};
use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::CertificateList;
use kasane_verify::crypto::{AwsLc, CryptoProvider};

use super::{Checker, Failure, Revocation, Revocations, Watched};
use crate::http::Connection;

/// Between two shards.
const PAUSE: Duration = Duration::from_millis(20);

/// Reads the CRLs that certificates name, again and again, and checks each; what is wrong is noted with
/// the checker.
#[derive(Debug)]
pub struct CrlReader<'a> {
    checker: &'a Checker,
    endpoint: usize,
    /// So long after its acknowledgement a revocation is in a list.
    listed_within: Duration,
    connection: Connection,
    shards: Vec<Shard>,
    /// Which certificate has a serial number of an issuer.
    by_serial: BTreeMap<(String, String), usize>,
    /// The newest list at each path.
    newest: BTreeMap<String, (u128, Vec<u8>)>,
    /// What was said of each certificate that was in any list.
    listed: BTreeMap<(String, String), Revocation>,
}

/// Where the status of some certificates is listed.
#[derive(Clone, Debug)]
struct Shard {
    /// Of the delta and of the complete list.
    paths: [String; 2],
    /// Those certificates.
    watched: Vec<usize>,
}

/// What a list says.
#[derive(Debug)]
struct List {
    number: u128,
    base: Option<u128>,
    /// Lower-case hex.
    serials: BTreeSet<String>,
}

impl<'a> CrlReader<'a> {
    /// For every certificate that `checker` knows, at one of its endpoints.
    ///
    /// # Panics
    /// When a certificate names no CRL.
    #[must_use]
    pub fn new(checker: &'a Checker, endpoint: usize, listed_within: Duration) -> Self {
        let mut shards: BTreeMap<[String; 2], Vec<usize>> = BTreeMap::new();
        let mut by_serial = BTreeMap::new();
        for (number, watched) in checker.watched().iter().enumerate() {
            shards.entry(paths(watched)).or_default().push(number);
            let serial = hex::encode(&watched.serial);
            by_serial.insert((watched.issuer.clone(), serial), number);
        }
        let shards = shards.into_iter();
        Self {
            checker,
            endpoint,
            listed_within,
            connection: Connection::new(checker.endpoint(endpoint).address),
            shards: shards
                .map(|(paths, watched)| Shard { paths, watched })
                .collect(),
            by_serial,
            newest: BTreeMap::new(),
            listed: BTreeMap::new(),
        }
    }

    /// Reads shard after shard until told to stop.
    pub fn ask_until(&mut self, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            for shard in self.shards.clone() {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                self.ask(&shard);
                thread::sleep(PAUSE);
            }
        }
    }

    /// Reads every shard once; how many acknowledged revocations are in no list.
    pub fn unlisted(&mut self) -> usize {
        let shards = self.shards.clone();
        shards.iter().map(|shard| self.ask(shard)).sum()
    }

    /// How many acknowledged revocations of a shard are in neither list.
    fn ask(&mut self, shard: &Shard) -> usize {
        let checker = self.checker;
        let watched = shard.watched.iter().map(|it| &checker.watched()[*it]);
        let acknowledged = watched
            .filter_map(|it| it.acknowledged.get().map(|at| (it, *at)))
            .collect::<Vec<_>>();
        let sent = Instant::now();
        let issuer = &checker.watched()[shard.watched[0]];
        // The delta first: the complete list is as new as its base then.
        let lists = shard.paths.each_ref().map(|path| self.fetch(issuer, path));
        let [Some(delta), Some(complete)] = lists else {
            return acknowledged.len();
        };
        if complete.base.is_some() || delta.base.is_none_or(|base| base > complete.number) {
            checker.note_wrong(format!(
                "{:?}: delta {} from {:?}, complete {} from {:?}",
                shard.paths, delta.number, delta.base, complete.number, complete.base
            ));
        }
        let mut unlisted = 0;
        for (watched, at) in acknowledged {
            let serial = hex::encode(&watched.serial);
            if !delta.serials.contains(&serial) && !complete.serials.contains(&serial) {
                unlisted += 1;
                if at + self.listed_within < sent {
                    checker.note_wrong(format!(
                        "{:?}: {serial} is in neither, {:?} after its acknowledgement",
                        shard.paths,
                        sent - at
                    ));
                }
            }
        }
        unlisted
    }

    /// One list, checked; none when there is no answer, or a wrong one.
    fn fetch(&mut self, issuer: &Watched, path: &str) -> Option<List> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: s\r\n\r\n");
        let sent = Instant::now();
        let reply = self.connection.send(request.as_bytes());
        let (received, now) = (Instant::now(), SystemClock.now());
        let why = match reply {
            Ok(reply) if reply.status == 200 => {
                let judged = self.judge(issuer, path, reply.body, received, now);
                self.checker.count_list();
                return judged
                    .map_err(|why| self.checker.note_wrong(format!("{path}: {why}")))
                    .ok();
            }
            Ok(reply) => format!("{path}: HTTP status {}", reply.status),
            Err(error) => format!("{path}: {error}"),
        };
        self.checker.note_failure(Failure {
            endpoint: self.endpoint,
            sent,
            ended: received,
            why,
        });
        None
    }

    fn judge(
        &mut self,
        issuer: &Watched,
        path: &str,
        der: Vec<u8>,
        received: Instant,
        now: UnixTime,
    ) -> Result<List, String> {
        let list = CertificateList::from_der(&der).map_err(|error| error.to_string())?;
        let ca = Certificate::from_der(&issuer.issuer_der).unwrap();
        let key = AwsLc.public_key(ca.spki()).unwrap();
        list.verify_signature(&*key)
            .map_err(|error| error.to_string())?;
        let (this_update, next_update) = (list.this_update(), list.next_update());
        if this_update > now {
            return Err(format!(
                "of the future: thisUpdate {this_update}, now {now}"
            ));
        }
        if next_update.is_none_or(|next| next <= now) {
            return Err(format!("stale: nextUpdate {next_update:?}, now {now}"));
        }
        let read = List {
            number: list.number().map(value).ok_or("it has no number")?,
            base: list.base_number().map(value),
            serials: self.remember(&issuer.issuer, &list, received)?,
        };
        if let Some((number, before)) = self.newest.get(path) {
            if read.number < *number {
                return Err(format!("number {} after {number}", read.number));
            }
            if read.number == *number && der != *before {
                return Err(format!("two lists have the number {number}"));
            }
        }
        self.newest.insert(path.to_owned(), (read.number, der));
        Ok(read)
    }

    /// What is listed was asked for, and stays as it is. Those of others are for the end.
    fn remember(
        &mut self,
        issuer: &str,
        list: &CertificateList<'_>,
        received: Instant,
    ) -> Result<BTreeSet<String>, String> {
        let mut serials = BTreeSet::new();
        for entry in list.entries() {
            let entry = entry.map_err(|error| error.to_string())?;
            let serial = hex::encode(match entry.serial {
                // What keeps an INTEGER positive.
                [0, rest @ ..] if !rest.is_empty() => rest,
                serial => serial,
            });
            let key = (issuer.to_owned(), serial.clone());
            if let Some(number) = self.by_serial.get(&key) {
                let asked = self.checker.watched()[*number].asked.get();
                if asked.is_none_or(|at| *at > received) {
                    return Err(format!("{serial}, and nobody had asked for that"));
                }
            }
            let said = Revocation {
                date: entry.revocation_date.to_string(),
                reason: entry.reason.map(|reason| u64::from(reason as u32)),
            };
            let before = self.listed.entry(key).or_insert_with(|| said.clone());
            if *before != said {
                return Err(format!("{serial}: {said:?} after {before:?}"));
            }
            serials.insert(serial);
        }
        Ok(serials)
    }

    /// Compares what was listed with the ledger.
    pub fn finish(self, ledger: &Revocations) {
        for ((issuer, serial), said) in self.listed {
            let recorded = ledger.get(&(issuer.clone(), serial.clone()));
            if recorded != Some(&said) {
                self.checker.note_wrong(format!(
                    "{serial} of {issuer} is listed: {said:?}, and the ledger has {recorded:?}"
                ));
            }
        }
    }
}

/// Delta and complete list that a certificate names, without the host.
fn paths(watched: &Watched) -> [String; 2] {
    let certificate = Certificate::from_der(&watched.der).unwrap();
    let extensions = certificate.extensions();
    let points = [extensions.freshest_crl, extensions.crl_distribution_points];
    let addresses = points.map(|points| points.unwrap().iter().find_map(|it| it.uris().next()));
    addresses.map(|address| {
        let path = address.unwrap().splitn(4, '/').nth(3).unwrap();
        format!("/{path}")
    })
}

/// Of an INTEGER that is not negative, and no longer than these are.
fn value(octets: &[u8]) -> u128 {
    let add = |value: u128, octet: &u8| (value << 8) | u128::from(*octet);
    octets.iter().fold(0, add)
}

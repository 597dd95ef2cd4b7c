//! Pairs of short batches, taken in turns, so that what else the machine does falls on both alike.
//! Prints the medians of the rounds' ratios: above one means that we are faster.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop on a failure")]

#[path = "support/contender.rs"]
mod contender;
#[path = "support/good.rs"]
mod good;
#[path = "support/hierarchy.rs"]
mod hierarchy;
#[path = "support/list.rs"]
mod list;
#[path = "support/listed.rs"]
mod listed;

use std::hint::black_box;
use std::time::{Duration, Instant};

use contender::Contenders;
use kasane_verify::crl::IndexedCrl;
use listed::Listed;

/// Rounds of each pair.
const ROUNDS: usize = 601;

/// About how long a batch takes: less than the scheduler lets others wait, so that most are whole.
const BATCH: Duration = Duration::from_micros(400);

fn main() {
    println!(
        "{:<44}{:>10}{:>10}{:>22}",
        "", "they", "we", "they / we [quartiles]"
    );
    for (hierarchy, key) in &hierarchy::all() {
        let contenders = Contenders::new(hierarchy);
        let ours = || drop(black_box(contenders.ours()));
        pair(
            &format!("{}: parse, rustls-webpki / kasane", hierarchy.name),
            || contenders.parse_webpki(),
            || contenders.parse_ours(),
        );
        let unsigned = Contenders::without_signatures(hierarchy);
        pair(
            &format!("{}: all but signatures", hierarchy.name),
            || unsigned.webpki(),
            || drop(black_box(unsigned.ours())),
        );
        pair(
            &format!("{}: floor unparsed / rustls-webpki", hierarchy.name),
            || contenders.floor_unparsed(),
            || contenders.webpki(),
        );
        pair(
            &format!("{}: floor parsed / kasane cold", hierarchy.name),
            || contenders.floor_parsed(),
            ours,
        );
        pair(
            &format!("{}: rustls-webpki / kasane cold", hierarchy.name),
            || contenders.webpki(),
            ours,
        );
        pair(
            &format!("{}: rustls-webpki / kasane cached", hierarchy.name),
            || contenders.webpki(),
            || drop(black_box(contenders.ours_cached())),
        );
        let list = IndexedCrl::from_der(list::million(hierarchy, key)).unwrap();
        let listed = Listed::new(hierarchy, list);
        pair(
            &format!("{}: without list / with list", hierarchy.name),
            || drop(black_box(listed.without())),
            || drop(black_box(listed.with())),
        );
    }
}

fn pair(what: &str, they: impl Fn(), we: impl Fn()) {
    let (their_count, our_count) = (batch_size(&they), batch_size(&we));
    let mut rounds: Vec<_> = (0..ROUNDS)
        .map(|round| {
            // Whoever comes first may find the caches of the other.
            if round % 2 == 0 {
                let theirs = time(&they, their_count);
                (theirs, time(&we, our_count))
            } else {
                let ours = time(&we, our_count);
                (time(&they, their_count), ours)
            }
        })
        .collect();
    rounds.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    let at = |part: usize| {
        let (theirs, ours) = rounds.get(ROUNDS * part / 4).unwrap();
        theirs / ours
    };
    let median = |side: fn(&(f64, f64)) -> f64| {
        let mut times: Vec<_> = rounds.iter().map(side).collect();
        times.sort_by(f64::total_cmp);
        times.get(ROUNDS / 2).copied().unwrap() * 1e6
    };
    println!(
        "{what:<44}{:>8.2}µs{:>8.2}µs{:>10.3} [{:.3}, {:.3}]",
        median(|it| it.0),
        median(|it| it.1),
        at(2),
        at(1),
        at(3)
    );
}

/// Seconds for each call.
fn time(run: impl Fn(), count: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..count {
        run();
    }
    start.elapsed().as_secs_f64() / f64::from(count)
}

fn batch_size(run: impl Fn()) -> u32 {
    time(&run, 20);
    let seconds = (0..5).map(|_| time(&run, 20)).fold(f64::MAX, f64::min);
    (BATCH.as_secs_f64() / seconds).max(1.0) as u32
}

//! A chain of end entity and intermediate under a loaded root, with the end entity's name.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop on a failure")]

#[path = "support/contender.rs"]
mod contender;
#[path = "support/good.rs"]
mod good;
#[path = "support/hierarchy.rs"]
mod hierarchy;

use contender::Contenders;
use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for (hierarchy, _) in &hierarchy::all() {
        let contenders = Contenders::new(hierarchy);
        let mut group = criterion.benchmark_group(format!("chain, {}", hierarchy.name));
        group.bench_function("floor, keys unparsed", |bencher| {
            bencher.iter(|| contenders.floor_unparsed());
        });
        group.bench_function("floor, keys parsed", |bencher| {
            bencher.iter(|| contenders.floor_parsed());
        });
        group.bench_function("rustls-webpki, cold", |bencher| {
            bencher.iter(|| contenders.webpki());
        });
        group.bench_function("kasane, cold", |bencher| {
            bencher.iter(|| contenders.ours());
        });
        group.bench_function("kasane, intermediate cached", |bencher| {
            bencher.iter(|| contenders.ours_cached());
        });
        group.finish();
        let mut group = criterion.benchmark_group(format!("parse, {}", hierarchy.name));
        group.bench_function("rustls-webpki", |bencher| {
            bencher.iter(|| contenders.parse_webpki());
        });
        group.bench_function("kasane", |bencher| {
            bencher.iter(|| contenders.parse_ours());
        });
        group.finish();
        let contenders = Contenders::without_signatures(hierarchy);
        let mut group =
            criterion.benchmark_group(format!("all but the signatures, {}", hierarchy.name));
        group.bench_function("rustls-webpki", |bencher| {
            bencher.iter(|| contenders.webpki());
        });
        group.bench_function("kasane", |bencher| {
            bencher.iter(|| contenders.ours());
        });
        group.finish();
    }
    criterion.final_summary();
}

//! How the lists come to be.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use kasane_ca_core::Actor;
use kasane_ca_core::authority::RevocationOrder;
use kasane_crl::{CrlKind, PublishedCrl, Publisher, Schedule};
use kasane_tests::sample::{Sample, SampleCertificate, SampleCrl, write_crl};

/// Revoked after the first lists: of a CA with 16 shards, and of one without.
pub(super) const LATE: [&str; 2] = [
    "terminal-ecc.facility-1312345679-2",
    "terminal-rsa.facility-1312345679-1",
];

/// Revoked only before their CAs end. The first has a CA of its own.
pub(super) const LAST: [&str; 2] = ["operator.operator-hanako-1", "server-rsa.system-claims-1"];

/// Every kind of list.
pub(super) const KINDS: [&str; 14] = [
    "root-ecc",
    "root-ecc-before",
    "root-rsa",
    "root-rsa-before",
    "shard",
    "shard-base",
    "shard-beside",
    "shard-delta",
    "shard-final",
    "whole",
    "whole-base",
    "whole-beside",
    "whole-delta",
    "whole-final",
];

pub(super) struct Life {
    pub(super) sample: Sample,
    /// By [kind](KINDS). `shard` is of a CA with shards, `whole` of one without; `beside` is the delta
    /// that was issued with the complete list.
    pub(super) lists: BTreeMap<&'static str, SampleCrl>,
}

pub(super) fn life() -> &'static Life {
    static LIFE: OnceLock<Life> = OnceLock::new();
    LIFE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("strangers-crls");
        let sample = Sample::make(&folder);
        let publisher = Publisher::new(Arc::clone(&sample.authority), Schedule::default()).unwrap();
        let mut making = Making {
            sample: &sample,
            publisher,
            lists: BTreeMap::new(),
        };
        let [shard, whole] = LATE;
        making.follow(
            shard,
            ["shard-base", "shard-delta", "shard", "shard-beside"],
        );
        making.follow(
            whole,
            ["whole-base", "whole-delta", "whole", "whole-beside"],
        );
        making.revoke_cross("root-rsa-by-ecc", ["root-ecc-before", "root-ecc"]);
        making.revoke_cross("root-ecc-by-rsa", ["root-rsa-before", "root-rsa"]);
        for (last, kind) in LAST.into_iter().zip(["shard-final", "whole-final"]) {
            making.end(sample.certificate(last), kind);
        }
        let lists = making.lists;
        Life { sample, lists }
    })
}

struct Making<'a> {
    sample: &'a Sample,
    publisher: Publisher,
    lists: BTreeMap<&'static str, SampleCrl>,
}

impl Making<'_> {
    fn keep(&mut self, kind: &'static str, published: Arc<PublishedCrl>) {
        let written = write_crl(&self.sample.folder, published);
        self.lists.insert(kind, written);
    }

    fn held(&self, issuer: &str, shard: u32) -> Arc<PublishedCrl> {
        let held = self.publisher.current(issuer, shard, CrlKind::Full);
        held.unwrap()
    }

    /// Keeps the list before a revocation, and what follows it: a delta, and a complete list with another.
    fn follow(&mut self, revoked: &str, kinds: [&'static str; 4]) {
        let certificate = self.sample.certificate(revoked);
        let shard = shard_of(self.sample, certificate);
        let base = self.held(&certificate.issuer, shard);
        revoke(self.sample, certificate);
        let now = self.sample.authority.now();
        let sweep = self.publisher.revoked(&certificate.issuer, shard, now);
        assert_eq!(sweep.published.len(), 3, "{sweep:?}");
        for (kind, list) in kinds
            .into_iter()
            .zip([base].into_iter().chain(sweep.published))
        {
            self.keep(kind, list);
        }
    }

    /// A root's list before a cross-certificate was revoked, and after.
    fn revoke_cross(&mut self, cross: &str, [before, after]: [&'static str; 2]) {
        let cross = self.sample.certificate(cross);
        self.keep(before, self.held(&cross.issuer, 0));
        revoke(self.sample, cross);
        let published = self.publisher.publish(&cross.issuer, 0).unwrap();
        let [list] = published.as_slice() else {
            panic!("{published:?}")
        };
        self.keep(after, Arc::clone(list));
    }

    /// Revokes what the CA of `last` issued and nobody revoked before, and ends it.
    fn end(&mut self, last: &SampleCertificate, kind: &'static str) {
        let revoked_before = |it: &SampleCertificate| {
            let by_the_sample = crate::status::REVOKED.contains(&it.name.as_str());
            by_the_sample || LATE.contains(&it.name.as_str())
        };
        let all = self.sample.subscribers();
        for one in all.filter(|it| it.issuer == last.issuer && !revoked_before(it)) {
            revoke(self.sample, one);
        }
        let shard = shard_of(self.sample, last);
        let ended = self.publisher.publish_final(&Actor::system(), &last.issuer);
        let ended = ended.unwrap().into_iter();
        for list in ended.filter(|list| list.shard == shard) {
            self.keep(kind, list);
        }
    }
}

pub(super) fn shard_of(sample: &Sample, one: &SampleCertificate) -> u32 {
    let issuer = sample.authority.issuer(&one.issuer).unwrap();
    issuer.shard_of(&one.serial)
}

fn revoke(sample: &Sample, certificate: &SampleCertificate) {
    let order = RevocationOrder {
        issuer: &certificate.issuer,
        serial: &certificate.serial,
        reason: None,
        invalidity_date: None,
    };
    sample.authority.revoke(&Actor::system(), &order).unwrap();
}

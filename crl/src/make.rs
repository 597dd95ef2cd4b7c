//! Lists are made and take the place of those before.

use std::sync::Arc;

use kasane_ca_core::authority::{CrlLifetime, CrlOrder};
use kasane_ca_core::issuer::Issuer;
use kasane_ca_core::projection::crl::CrlKey;
use kasane_ca_core::{Actor, Error};
use kasane_hsm::Priority;

use crate::{CrlKind, PublishedCrl, Publisher, Sweep, TbsEncoder};

impl Publisher {
    /// Makes a list, a full one with its delta, and publishes both at once.
    pub(crate) fn make(
        &self,
        issuer: &Issuer,
        shard: u32,
        kind: CrlKind,
        priority: Priority,
        sweep: &mut Sweep,
    ) -> Result<(), Error> {
        let lifetime = self.schedule().lifetime_seconds(issuer.is_root());
        let order = CrlOrder {
            issuer: issuer.name(),
            shard,
            kind,
            lifetime: CrlLifetime::Seconds(lifetime),
            priority,
        };
        self.order(issuer, &order, sweep)
    }

    /// Makes the last list of an ended CA. Its delta goes with the lists that it was made on.
    pub(crate) fn make_final(
        &self,
        issuer: &Issuer,
        shard: u32,
        sweep: &mut Sweep,
    ) -> Result<(), Error> {
        let order = CrlOrder {
            issuer: issuer.name(),
            shard,
            kind: CrlKind::Full,
            lifetime: CrlLifetime::Final,
            priority: Priority::Status,
        };
        self.order(issuer, &order, sweep)
    }

    fn order(&self, issuer: &Issuer, order: &CrlOrder<'_>, sweep: &mut Sweep) -> Result<(), Error> {
        let signer = &issuer.signer;
        if let Some(key_label) = signer.key_label.as_ref().filter(|_| issuer.is_root()) {
            // A service's credential may not reach it. Asked before a number is burnt.
            self.authority.door().key(key_label, signer.key_role)?;
        }
        let made = self
            .authority
            .issue_crl(&Actor::system(), order, &TbsEncoder::begin)?;
        let key = CrlKey {
            issuer: issuer.name().to_owned(),
            shard: order.shard,
        };
        let (delta, failed) = match made.delta {
            None => (None, None),
            Some(Ok(delta)) => (Some(delta), None),
            Some(Err(error)) => (None, Some(error)),
        };
        {
            let mut newest = self.newest.write();
            let lists = [
                Some((order.kind, made.crl)),
                delta.map(|it| (CrlKind::Delta, it)),
            ];
            for (kind, crl) in lists.into_iter().flatten() {
                let crl = Arc::new(PublishedCrl::new(kind, crl));
                sweep.published.push(Arc::clone(&crl));
                newest.insert((key.clone(), kind), crl);
            }
            if order.lifetime == CrlLifetime::Final {
                newest.remove(&(key, CrlKind::Delta));
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

//! Publishing and reading CRLs.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use der::pem::LineEnding;
use kasane_ca_core::projection::crl::CrlVersion;
use kasane_ca_core::{Actor, Authority, Error};
use kasane_crl::{CrlKind, PublishedCrl, Sweep};
use kasane_verify::UnixTime;

use crate::control::{
    Context, CrlEnd, CrlImport, CrlImported, CrlPublish, CrlShow, CrlSummary, CrlView, Crls,
    CrlsPublished, ExitClass, Problem,
};

pub(in crate::control) fn publish(
    context: &Context,
    order: &CrlPublish,
) -> Result<CrlsPublished, Problem> {
    let authority = context.authority();
    let publisher = context.publisher()?;
    if order.issuer.is_none() && order.shard.is_some() {
        return Err(Problem::argument(
            "shard is refused: name the issuer as well",
        ));
    }
    if order.issuer.is_none() && !order.all {
        return Ok(sweep_view(&publisher.publish_due(authority.now())));
    }
    let issuers = match &order.issuer {
        Some(name) => vec![authority.issuer(name)?],
        // Those whose keys are elsewhere are signed elsewhere; an ended CA has its final ones.
        None => {
            let all = authority.issuers().into_iter();
            all.filter(|issuer| issuer.has_key() && !issuer.ended)
                .collect()
        }
    };
    let mut answer = CrlsPublished::default();
    for issuer in issuers {
        let shards = order
            .shard
            .map_or(0..issuer.crl_shards, |shard| shard..shard.saturating_add(1));
        for shard in shards {
            let published = publisher.publish(issuer.name(), shard)?;
            answer.published.extend(published.iter().map(summary));
        }
    }
    Ok(answer)
}

pub(in crate::control) fn end(
    context: &Context,
    actor: &Actor,
    order: &CrlEnd,
) -> Result<CrlsPublished, Problem> {
    let published = context.publisher()?.publish_final(actor, &order.issuer)?;
    Ok(CrlsPublished {
        published: published.iter().map(summary).collect(),
        ..CrlsPublished::default()
    })
}

pub(in crate::control) fn import(
    context: &Context,
    actor: &Actor,
    order: &CrlImport,
) -> Result<CrlImported, Problem> {
    let der = STANDARD
        .decode(&order.crl_base64)
        .map_err(|error| Problem::argument(format!("CRL is refused: no base64: {error}")))?;
    let authority = context.authority();
    let imported = authority.import_crl(actor, &order.issuer, &der)?;
    context.publisher()?.publish_due(authority.now());
    Ok(CrlImported {
        issuer: imported.issuer,
        shard: imported.shard,
        number: imported.number,
        next_update: imported.next_update,
        entries: imported.entries,
        revoked: imported.revoked.iter().map(hex::encode).collect(),
        done_before: imported.done_before,
    })
}

/// Publishes after a revocation. A failure is told, not raised: the revocation stands.
pub(super) fn after_revocation(
    context: &Context,
    issuer: &str,
    serial: &[u8],
) -> Result<CrlsPublished, Problem> {
    let authority = context.authority();
    let shard = authority.issuer(issuer)?.shard_of(serial);
    Ok(sweep_view(&context.publisher()?.revoked(
        issuer,
        shard,
        authority.now(),
    )))
}

pub(in crate::control) fn list(authority: &Authority) -> Result<Crls, Problem> {
    let mut crls = Vec::new();
    for issuer in authority.issuers() {
        for shard in 0..issuer.crl_shards {
            let series = authority.crl_series(issuer.name(), shard)?;
            for version in [&series.full, &series.delta].into_iter().flatten() {
                crls.push(version_view(issuer.name(), shard, version));
            }
        }
    }
    Ok(Crls { crls })
}

pub(in crate::control) fn show(
    authority: &Authority,
    question: &CrlShow,
) -> Result<CrlView, Problem> {
    let kind = if question.delta {
        CrlKind::Delta
    } else {
        CrlKind::Full
    };
    authority.issuer(&question.issuer)?;
    let series = authority.crl_series(&question.issuer, question.shard)?;
    let version = if question.delta {
        series.delta
    } else {
        series.full
    };
    let found = authority.current_crl(&question.issuer, question.shard, kind)?;
    let (Some(version), Some(crl)) = (version, found) else {
        return Err(Error::NotFound {
            kind: "CRL",
            name: format!("{}/{}", question.issuer, question.shard),
            hint: ": 'kasane crl publish' makes those that are due",
        }
        .into());
    };
    let pem = der::pem::encode_string("X509 CRL", LineEnding::LF, &crl.der)
        .map_err(|error| Problem::new(ExitClass::Internal, "encoding.failed", error.to_string()))?;
    let crl = version_view(&question.issuer, question.shard, &version);
    Ok(CrlView { crl, pem })
}

pub(super) fn sweep_view(sweep: &Sweep) -> CrlsPublished {
    CrlsPublished {
        published: sweep.published.iter().map(summary).collect(),
        later: sweep.later,
        failed: sweep
            .failed
            .iter()
            .map(|it| {
                format!(
                    "{}/{}: {} [{}]",
                    it.issuer,
                    it.shard,
                    it.error,
                    it.error.code()
                )
            })
            .collect(),
    }
}

fn summary(crl: &Arc<PublishedCrl>) -> CrlSummary {
    CrlSummary {
        issuer: crl.issuer.clone(),
        shard: crl.shard,
        delta: crl.kind == CrlKind::Delta,
        number: crl.number,
        base_number: crl.base_number,
        this_update: crl.this_update,
        next_update: crl.next_update,
        entries: None,
    }
}

fn version_view(issuer: &str, shard: u32, version: &CrlVersion) -> CrlSummary {
    CrlSummary {
        issuer: issuer.to_owned(),
        shard,
        delta: version.base_number.is_some(),
        number: version.number,
        base_number: version.base_number,
        this_update: UnixTime::from_seconds(version.this_update),
        next_update: UnixTime::from_seconds(version.next_update),
        entries: Some(version.entries),
    }
}

//! Trust documents in words and as JSON.

use kasane_verify::UnixTime;
use kasane_verify::crypto::CryptoProvider;
use kasane_verify::policy::Timeline;
use kasane_verify::trust::{
    AnchorBundle, Content, Emergency, KeyId, OfficerSet, Quorum, TrustDocument, TrustError,
};
use serde_json::{Value, json};

use super::certificate::time;
use super::table::Fields;

/// The officers whom signatures are checked against.
pub(crate) struct Signers<'a> {
    pub(crate) sets: Vec<&'a OfficerSet>,
    pub(crate) quorums: Vec<Quorum>,
}

/// What a document says, for the people who sign it or take it over.
pub(crate) fn described(
    document: &TrustDocument,
    signers: Option<&Signers<'_>>,
    crypto: &dyn CryptoProvider,
) -> Result<(String, Value), TrustError> {
    let header = document.header();
    let fingerprint = document.fingerprint(crypto);
    let content = document.content(crypto)?;
    let mut fields = Fields::default();
    fields
        .add(
            "document",
            format!("{} {} of {}", header.kind, header.number, header.domain),
        )
        .add("issued", time(header.issued_at))
        .add("expires", time(header.expires_at))
        .add("signed by set", header.officer_set);
    let content = match &content {
        Content::Officers(it) => {
            let mut json = officers(&mut fields, "officers", it.set());
            if let Some(previous) = it.previous() {
                json["replaces"] = officers(&mut fields, "replaces", previous);
            }
            json
        }
        Content::Policy(it) => policy(&mut fields, it, document.content_bytes().len()),
        Content::Anchors(it) => anchors(&mut fields, it, crypto),
        Content::Emergency(it) => emergency(&mut fields, it),
    };
    fields.add("document fingerprint", fingerprint);
    let signatures = signatures(&mut fields, document, signers);
    let json = json!({
        "kind": header.kind.as_str(),
        "domain": header.domain.as_str(),
        "number": header.number,
        "issued_at": header.issued_at,
        "expires_at": header.expires_at,
        "officer_set": header.officer_set.to_hex(),
        "fingerprint": fingerprint.to_hex(),
        "content": content,
        "signatures": signatures,
    });
    Ok((fields.into_text(), json))
}

/// A fingerprint in four rows of four groups, as letters print it.
pub(crate) fn rows(fingerprint: &str) -> String {
    let groups: Vec<_> = fingerprint.split(' ').collect();
    groups
        .chunks(4)
        .map(|row| format!("  {}\n", row.join(" ")))
        .collect()
}

fn officers(fields: &mut Fields, name: &str, set: &OfficerSet) -> Value {
    let people = set.officers();
    fields.add(
        name,
        format!("{} of {} must sign", set.threshold(), people.len()),
    );
    for it in people {
        fields.add(
            "",
            format!("{} ({}, {})", it.name(), it.key().algorithm(), it.id()),
        );
    }
    fields.add("", format!("set {}", set.fingerprint()));
    let people: Vec<_> = people
        .iter()
        .map(|it| {
            let algorithm = it.key().algorithm();
            json!({ "name": it.name(), "key": it.id().to_string(), "algorithm": algorithm })
        })
        .collect();
    json!({
        "threshold": set.threshold(),
        "officers": people,
        "fingerprint": set.fingerprint().to_hex(),
    })
}

fn policy(fields: &mut Fields, timeline: &Timeline, length_bytes: usize) -> Value {
    let (name, serial) = (timeline.name(), timeline.serial());
    fields.add(
        "policy",
        format!(
            "{}, serial {serial}, {length_bytes} bytes of TOML",
            name.escape_debug()
        ),
    );
    let dates: Vec<(&str, UnixTime)> = timeline.dates().collect();
    for (index, (name, date)) in dates.iter().enumerate() {
        let label = if index == 0 { "dates" } else { "" };
        fields.add(label, format!("{} {name}", time(*date)));
    }
    let dates: serde_json::Map<_, _> = dates
        .into_iter()
        .map(|(name, date)| (name.to_owned(), json!(date)))
        .collect();
    json!({ "name": name, "serial": serial, "dates": dates })
}

fn anchors(fields: &mut Fields, bundle: &AnchorBundle, crypto: &dyn CryptoProvider) -> Value {
    let mut list = Vec::new();
    for (index, it) in bundle.anchors().iter().enumerate() {
        let subject = it.anchor().subject_text();
        let key = it.anchor().key().algorithm();
        let digest = KeyId::of(it.certificate(), crypto).to_string();
        fields
            .add(
                if index == 0 { "anchors" } else { "" },
                format!("{subject} ({key})"),
            )
            .add("", format!("SHA-256 {digest}"));
        if it.note() != subject {
            fields.add("", it.note());
        }
        if let Some(until) = it.used_until() {
            fields.add("", format!("used until {}", time(until)));
        }
        list.push(json!({
            "subject": subject,
            "key": key,
            "sha256": digest,
            "note": it.note(),
            "used_until": it.used_until(),
        }));
    }
    json!({ "anchors": list })
}

fn emergency(fields: &mut Fields, it: &Emergency) -> Value {
    fields
        .add("emergency", it.id())
        .add("area", it.area())
        .add("from", time(it.from()))
        .add("until", time(it.until()))
        .add("reason", &it.reason().en)
        .add("", &it.reason().ja)
        .add(
            "effect",
            "unavailable revocation status is tolerated there and reported",
        );
    json!({
        "id": it.id(),
        "area": it.area().to_string(),
        "from": it.from(),
        "until": it.until(),
        "reason": it.reason(),
    })
}

fn signatures(
    fields: &mut Fields,
    document: &TrustDocument,
    signers: Option<&Signers<'_>>,
) -> Value {
    let mut list = Vec::new();
    for (index, it) in document.signatures().iter().enumerate() {
        let sets = signers.map(|it| it.sets.as_slice()).unwrap_or_default();
        let name = sets
            .iter()
            .find_map(|set| set.officer(it.officer))
            .map(|it| it.name());
        let line = match name {
            Some(name) => format!("{name} ({}), good", it.officer),
            None => format!(
                "{}, not checked: name the officers with --officers",
                it.officer
            ),
        };
        fields.add(if index == 0 { "signatures" } else { "" }, line);
        list.push(json!({
            "key": it.officer.to_string(),
            "algorithm": it.algorithm.to_string(),
            "officer": name,
        }));
    }
    if list.is_empty() {
        fields.add("signatures", "none yet");
    }
    for it in signers.map(|it| it.quorums.as_slice()).unwrap_or_default() {
        let word = if it.is_reached() {
            "reached"
        } else {
            "not reached"
        };
        fields.add(
            "quorum",
            format!("{} of {} needed: {word}", it.signed, it.threshold),
        );
    }
    list.into()
}

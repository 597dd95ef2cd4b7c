//! A document in force.

use kasane_ca_core::ceremony::Record;

/// A document in force.
pub(super) struct DocumentRow {
    pub(super) ja: &'static str,
    pub(super) en: String,
    pub(super) name: String,
    pub(super) sha256: String,
}

pub(super) fn of(record: &Record) -> Vec<DocumentRow> {
    let named = record.documents.iter();
    named
        .filter(|(kind, _, _)| kind != "ceremony-checkpoint")
        .map(|(kind, name, sha256)| DocumentRow {
            ja: match kind.as_str() {
                "timeline" => "移行方針",
                "profile" => "証明書プロファイル",
                "configuration" => "認証局の設定",
                "ceremony-script" => "鍵生成式の手順書",
                "ceremony-plan" => "署名計画",
                _ => "文書",
            },
            en: kind.clone(),
            name: name.clone(),
            sha256: sha256.clone(),
        })
        .collect()
}

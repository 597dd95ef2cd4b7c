//! The errors in Japanese.

use super::TrustError;

/// The message of `error`; what only engineers can act on is added in English.
pub(super) fn of(error: &TrustError) -> String {
    use TrustError as E;
    match error {
        E::Malformed(reason) => {
            format!("信頼文書を読み取れません：形式が正しくありません（{reason}）")
        }
        E::Pem(reason) => format!("信頼文書を読み取れません：PEM形式ではありません（{reason}）"),
        E::TooLong { length_bytes } => {
            format!(
                "信頼文書を読み取れません：{length_bytes}バイトは上限1048576バイトを超えています"
            )
        }
        E::Version { found } => {
            format!("信頼文書を読み取れません：版{found}には対応していません（対応は版1のみ）")
        }
        E::UnknownKind { found } => format!(
            "信頼文書を読み取れません：種別{found}は不明です。新しいプログラムが必要かもしれません"
        ),
        E::Field { field, why } => {
            format!("信頼文書を拒否しました：項目の内容が不正です（{field}: {why}）")
        }
        E::TooMany { what, count, limit } => {
            format!("信頼文書を拒否しました：件数{count}が上限{limit}を超えています（{what}）")
        }
        E::Lifetime {
            kind,
            issued_at,
            expires_at,
        } => format!(
            "信頼文書を拒否しました：{}の有効期間（{}から{}まで）が不正です。最長{}日です",
            kind.in_japanese(),
            issued_at.to_jst_string(),
            expires_at.to_jst_string(),
            kind.max_lifetime_days()
        ),
        E::SignatureOrder => {
            "信頼文書を拒否しました：署名の順序が不正、または同じ署名責任者の署名が重複しています"
                .to_owned()
        }
        E::UnknownSignatureAlgorithm { found } => {
            format!("信頼文書を拒否しました：署名アルゴリズム{found}は不明です")
        }
        E::ThresholdOutOfRange {
            threshold,
            officers,
        } => format!(
            "署名責任者名簿を拒否しました：必要署名数{threshold}は署名責任者{officers}名に対して不正です"
        ),
        E::DuplicateOfficer { name } => {
            format!("署名責任者名簿を拒否しました：「{name}」の氏名または鍵が重複しています")
        }
        E::OfficerKey { name, reason } => {
            format!("署名責任者「{name}」の鍵は使用できません（{reason}）")
        }
        E::OfficerAlgorithm { name, algorithm } => format!(
            "署名責任者「{name}」の鍵は使用できません：{algorithm}は対象外です。p-384、p-256、ed25519のいずれかを使用してください"
        ),
        E::AlreadySigned { officer } => {
            format!("署名できません：この文書には署名責任者の鍵{officer}による署名が既にあります")
        }
        E::OtherDomain { expected, found } => format!(
            "信頼文書を拒否しました：「{found}」向けの文書です。このシステムは「{expected}」に属します"
        ),
        E::NoOfficerSet { pin } => format!(
            "信頼文書を拒否しました：署名責任者名簿をまだ受け取っていません。先にフィンガープリント{pin}の名簿を受け入れてください"
        ),
        E::UnknownOfficerSet { expected, found } => format!(
            "信頼文書を拒否しました：署名責任者名簿{found}による文書です。登録済みの名簿は{expected}です。交代があった場合は、先に交代の文書を受け入れてください"
        ),
        E::OfficerSetExpired { expires_at, now } => format!(
            "信頼文書を拒否しました：署名責任者名簿が{}に期限切れとなっています（現在{}）。先に新しい名簿を受け入れてください",
            expires_at.to_jst_string(),
            now.to_jst_string()
        ),
        E::UnknownOfficer { officer } => {
            format!("信頼文書を拒否しました：署名鍵{officer}は署名責任者のものではありません")
        }
        E::SignatureAlgorithm { name, found } => {
            format!(
                "信頼文書を拒否しました：「{name}」の鍵の署名アルゴリズムは{found}ではありません"
            )
        }
        E::BadSignature { name, reason } => {
            format!("信頼文書を拒否しました：「{name}」の署名を検証できません（{reason}）")
        }
        E::Threshold { needed, signed } => {
            format!("信頼文書を拒否しました：署名が足りません（{needed}名中{signed}名）")
        }
        E::NotYet { issued_at, now } => format!(
            "信頼文書を拒否しました：発行日時{}が現在{}より先です。時計を確認してください",
            issued_at.to_jst_string(),
            now.to_jst_string()
        ),
        E::Expired {
            kind,
            expires_at,
            now,
        } => format!(
            "信頼文書を拒否しました：{}は{}に期限切れとなっています（現在{}）",
            kind.in_japanese(),
            expires_at.to_jst_string(),
            now.to_jst_string()
        ),
        E::Rollback {
            kind,
            accepted,
            found,
        } => format!(
            "信頼文書を拒否しました：{}の番号{found}は受け入れ済みの番号{accepted}より古いものです",
            kind.in_japanese()
        ),
        E::Equivocation {
            kind,
            number,
            accepted,
            fingerprint,
        } => format!(
            "信頼文書を拒否しました：{}の番号{number}に内容の異なる文書が二つあります（受け入れ済み{accepted}、今回{fingerprint}）。認証局に連絡してください",
            kind.in_japanese()
        ),
        E::SkippedRotation { expected, found } => format!(
            "署名責任者名簿を拒否しました：番号{found}は連続していません。次は番号{expected}です"
        ),
        E::OtherKind { expected, found } => format!(
            "信頼文書を拒否しました：{}ではなく{}の文書です",
            expected.in_japanese(),
            found.in_japanese()
        ),
        E::PolicyText => "暗号ポリシーを拒否しました：UTF-8の文書ではありません".to_owned(),
        E::Policy(reason) => format!("暗号ポリシーを拒否しました：内容が不正です（{reason}）"),
        E::Anchor(reason) => {
            format!("トラストアンカー一覧を拒否しました：証明書を使用できません（{reason}）")
        }
        E::AnchorNotCa { subject } => {
            format!("トラストアンカー一覧を拒否しました：{subject}は認証局の証明書ではありません")
        }
        E::DuplicateAnchor { subject } => {
            format!("トラストアンカー一覧を拒否しました：{subject}が同じ鍵で重複しています")
        }
        E::EmergencyPeriod { from, until } => format!(
            "緊急宣言を拒否しました：期間（{}から{}まで）が不正です。最長30日です",
            from.to_jst_string(),
            until.to_jst_string()
        ),
        E::EmergencyOutlivesDocument { until, expires_at } => format!(
            "緊急宣言を拒否しました：期間の終わり{}が文書の有効期限{}より後です",
            until.to_jst_string(),
            expires_at.to_jst_string()
        ),
        E::Prefecture { found } => {
            format!("緊急宣言を拒否しました：都道府県コード{found}は存在しません（01から47）")
        }
        E::State(reason) => format!(
            "信頼状態ファイルを拒否しました：破損しています（{reason}）。ファイルを復元するか、署名責任者名簿のフィンガープリントから始めてください"
        ),
    }
}

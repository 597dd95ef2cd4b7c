//! The reasons in Japanese, for those who read the errors at a facility.

use super::{BudgetLimit, Position, Reason};

impl Position {
    /// The place in Japanese.
    #[must_use]
    pub fn text_ja(&self) -> String {
        match self {
            Self::EndEntity => "エンドエンティティ証明書".to_owned(),
            Self::Intermediate(index) => format!("中間証明書{index}"),
            Self::Anchor(index) => format!("トラストアンカー{index}"),
        }
    }
}

impl BudgetLimit {
    const fn text_ja(self) -> &'static str {
        match self {
            Self::Signatures => "署名検証の回数",
            Self::BuildSteps => "経路構築の手順",
            Self::NameComparisons => "名前の比較回数",
            Self::PolicyComparisons => "ポリシーの比較回数",
            Self::Bytes => "証明書とCRLのオクテット数",
        }
    }
}

impl Reason {
    /// The reason in Japanese; `Display` has the English one.
    #[must_use]
    pub fn text_ja(&self) -> String {
        match self {
            Self::Budget(limit) => {
                format!("検証に必要な{}が上限を超えます", limit.text_ja())
            }
            Self::UnknownIssuer { issuer } => {
                format!("発行者{issuer}はトラストアンカーにも中間証明書にもありません")
            }
            Self::TooDeep { depth } => format!("経路が証明書{depth}枚より長くなります"),
            Self::Algorithm(error) => format!("署名アルゴリズムを使えません（{}）", error.code()),
            Self::Signature(error) => {
                format!("発行者の鍵で署名を検証できません（{}）", error.code())
            }
            Self::Key(error) => format!("公開鍵を使えません（{}）", error.code()),
            Self::WeakKey(key) => {
                format!("鍵が{key}です。RSAの鍵は2048ビット以上でなければなりません")
            }
            Self::UnknownCritical(oid) => format!("クリティカルな拡張{oid}を解釈できません"),
            Self::NotYetValid { not_before, at } => format!(
                "有効期間は{}からで、判定時刻は{}です",
                not_before.to_jst_string(),
                at.to_jst_string()
            ),
            Self::Expired { not_after, at } => format!(
                "有効期間は{}までで、判定時刻は{}です",
                not_after.to_jst_string(),
                at.to_jst_string()
            ),
            Self::NotACa => "証明書を発行していますが、基本制約がCAになっていません".to_owned(),
            Self::KeyUsage { needed } => format!("鍵用途に{needed}がありません"),
            Self::ExtendedKeyUsage { purpose } => {
                format!("拡張鍵用途が{purpose}を許していません")
            }
            Self::PathLength { allowed, found } => {
                format!("下位のCA証明書は{allowed}枚までですが、{found}枚あります")
            }
            Self::NameNotPermitted {
                name,
                constrained_by,
            } => format!("名前{name}は{constrained_by}が証明できる範囲にありません"),
            Self::NameExcluded {
                name,
                constrained_by,
            } => format!("名前{name}は{constrained_by}の除外範囲にあります"),
            Self::NameUnsupported {
                kind,
                constrained_by,
            } => format!("{constrained_by}が{kind}の名前を制約していますが、比較できない形式です"),
            Self::NoValidPolicy => "受け入れられる証明書ポリシーが経路にありません".to_owned(),
            Self::AnyPolicyMapped => "anyPolicyを対応付けています".to_owned(),
            Self::NameMismatch { expected } => format!("期待する名前{expected}がありません"),
            Self::Profile { text_ja, .. } => (*text_ja).to_owned(),
            Self::Revoked { date, reason } => format!(
                "{}に失効しています{}",
                date.to_jst_string(),
                reason.map(|it| format!("（{it}）")).unwrap_or_default()
            ),
            Self::StatusUnknown => "OCSPレスポンダがこの証明書を知りません".to_owned(),
            Self::StatusUnavailable { .. } => {
                "失効状態を確認できません。発行者の最新のCRLまたはOCSP応答が必要です".to_owned()
            }
            Self::Policy(notice) => format!("{}［{}］", notice.text_ja, notice.code),
        }
    }
}

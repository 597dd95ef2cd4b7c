//! What a relying system has accepted from the officers.

use std::path::Path;

use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::path::{SubjectIdentity, SubjectKind};
use kasane_verify::pem;
use kasane_verify::policy::Timeline;
use kasane_verify::trust::{Kind, Prefecture, TrustStore};
use kasane_web::control::Problem;

use crate::commands::trust;
use crate::output::verification::Language;

pub(super) struct Relying {
    store: TrustStore,
}

impl Relying {
    /// The state, and a declaration on top of it that is judged at `now` as the state would.
    pub(super) fn open(
        state: &Path,
        emergency: Option<&Path>,
        now: UnixTime,
    ) -> Result<Self, Problem> {
        let store = trust::relying(state, emergency, now)?;
        Ok(Self { store })
    }

    pub(super) fn policy(&self) -> Option<&Timeline> {
        self.store.policy().map(|it| it.content())
    }

    /// What is an anchor at that time, DER.
    pub(super) fn anchors(&self, at: UnixTime) -> Vec<Vec<u8>> {
        let bundle = self.store.anchors().map(|it| it.content().anchors());
        let used = bundle.unwrap_or_default().iter();
        used.filter(|it| it.is_used_at(at))
            .map(|it| it.certificate().to_vec())
            .collect()
    }

    /// The name of the declaration in force where the end entity's facility is.
    pub(super) fn emergency(
        &self,
        chain_pem: &str,
        at: UnixTime,
        language: Language,
        notes: &mut String,
    ) -> Option<String> {
        let declared = self.store.emergency()?.content();
        let place = place(chain_pem);
        if declared.applies(place, at) {
            return Some(declared.id().to_owned());
        }
        let (id, area) = (declared.id(), declared.area());
        let (from, until) = (
            declared.from().to_jst_string(),
            declared.until().to_jst_string(),
        );
        notes.push_str(&match language {
            Language::En => format!(
                "emergency {id} does not apply: it is for {area} from {from} until {until}\n"
            ),
            Language::Ja => format!(
                "緊急宣言{id}は適用されません。対象は{area}、期間は{from}から{until}までです\n"
            ),
        });
        None
    }

    /// Documents of the state that should have been replaced by now.
    pub(super) fn remind(&self, now: UnixTime, language: Language, notes: &mut String) {
        let policy = self.store.policy().filter(|it| it.is_expired(now));
        let anchors = self.store.anchors().filter(|it| it.is_expired(now));
        let overdue = [
            policy.map(|it| (Kind::Policy, it.header().expires_at)),
            anchors.map(|it| (Kind::Anchors, it.header().expires_at)),
        ];
        for (kind, end) in overdue.into_iter().flatten() {
            let end = end.to_jst_string();
            notes.push_str(&match language {
                Language::En => {
                    format!("the state's {kind} document expired {end}: accept a newer one\n")
                }
                Language::Ja => format!(
                    "状態の{kind}文書は{end}に期限切れです。新しい文書を受け入れてください\n"
                ),
            });
        }
    }
}

/// The prefecture of the facility that the end entity names, if it names one.
fn place(chain_pem: &str) -> Option<Prefecture> {
    let chain = pem::certificates(chain_pem.as_bytes()).ok()?;
    let end_entity = Certificate::from_der(chain.first()?).ok()?;
    let mut uris = end_entity.subject_uris();
    let identity = SubjectIdentity::from_uri(uris.next()?)?;
    if uris.next().is_some() || identity.kind != SubjectKind::Facility {
        return None;
    }
    Prefecture::of_facility(&identity.code)
}

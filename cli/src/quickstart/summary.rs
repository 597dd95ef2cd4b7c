//! What the demonstration did, for people and for scripts.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use kasane_ca_core::authority::Authority;
use serde_json::json;

use super::chains::Chains;
use super::enrol::FACILITY;
use super::enrolled::Enrolled;
use super::proof::Proven;
use super::status::Said;
use super::{PROVEN, QuickstartError, REVOKED};

/// What the demonstration did.
pub(crate) struct Summary {
    pub(super) authority: Arc<Authority>,
    pub(super) dir: PathBuf,
    /// How this program is called, for the commands to try.
    pub(super) program: String,
    pub(super) service: SocketAddr,
    pub(super) enrolled: Vec<Enrolled>,
    pub(super) before: Said,
    pub(super) after: Said,
    pub(super) revoked_now: bool,
    pub(super) chains: Chains,
    pub(super) proven: Proven,
}

impl Summary {
    /// The content of `demo/summary.json`.
    pub(crate) fn to_json(&self) -> Result<String, QuickstartError> {
        let urls = &self.authority.configuration().urls;
        let mut certificates = serde_json::Map::new();
        for Enrolled { name, issued } in &self.enrolled {
            let shard = self
                .authority
                .issuer(&issued.issuer)?
                .shard_of(&issued.serial);
            certificates.insert(
                name.clone(),
                json!({
                    "serial": hex::encode(&issued.serial),
                    "issuer": issued.issuer,
                    "profile": issued.profile,
                    "subject": issued.subject,
                    "not_after": issued.not_after.to_string(),
                    "ocsp_url": urls.ocsp(&issued.issuer),
                    "crl_url": urls.crl(&issued.issuer, shard),
                    "delta_crl_url": urls.delta_crl(&issued.issuer, shard),
                    "ca_issuers_url": urls.ca_issuers(&issued.issuer),
                    "record_index": issued.record,
                    "outcome_index": issued.outcome,
                    "revoked": name == REVOKED,
                }),
            );
        }
        let summary = json!({
            "mode": self.authority.configuration().mode().as_str(),
            "timeline_shift_days": self.authority.timeline().shift_days(),
            "facility": FACILITY,
            "status_url": urls.base(),
            "listening": format!("http://{}", self.service),
            "certificates": certificates,
            "revoked": REVOKED,
            "revoked_serial": self.serial(REVOKED),
            "revoked_in_this_run": self.revoked_now,
            "status_before": { "ocsp": self.before.ocsp, "crl": self.before.crl },
            "status_after": { "ocsp": self.after.ocsp, "crl": self.after.crl },
            "chains_refused": self.chains.refused,
            "chains": self.chains.verified.iter().map(|chain| json!({
                "certificate": chain.certificate,
                "anchor": chain.anchor,
                "through": chain.through,
            })).collect::<Vec<_>>(),
            "proven": PROVEN,
            "ledger_index": self.proven.index,
            "ledger_size": self.proven.size,
            "ledger_key": self.authority.ledger_key().verifier().vkey(),
        });
        serde_json::to_string_pretty(&summary).map_err(QuickstartError::unreadable)
    }

    fn serial(&self, name: &str) -> String {
        let found = self.enrolled.iter().find(|one| one.name == name);
        found
            .map(|one| hex::encode(&one.issued.serial))
            .unwrap_or_default()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dir = self.dir.display();
        let demo = format!("{dir}/demo");
        let program = &self.program;
        let urls = &self.authority.configuration().urls;
        writeln!(f, "\nWhat is here now")?;
        writeln!(
            f,
            "  two roots (RSA-4096, P-384), each certified by the other; four issuing CAs"
        )?;
        writeln!(
            f,
            "  facility {FACILITY}, two terminals, an RSA and an ECC certificate each:"
        )?;
        for Enrolled { name, issued } in &self.enrolled {
            let state = if name == REVOKED { "revoked" } else { "good" };
            writeln!(f, "    {name:<15} {}  {state}", hex::encode(&issued.serial))?;
        }
        writeln!(
            f,
            "  {REVOKED}: OCSP said {}, now {}",
            self.before.ocsp, self.after.ocsp
        )?;
        writeln!(
            f,
            "  {REVOKED}: CRL said {}, now {}",
            self.before.crl, self.after.crl
        )?;
        writeln!(
            f,
            "  {} chains verified, under both roots and across the cross-certificates; refused because \
             revoked: {}",
            self.chains.verified.len(),
            self.chains.refused.join(", ")
        )?;
        writeln!(
            f,
            "  {PROVEN} is entry {} of {} in the ledger; the proof is {demo}/{PROVEN}.tlog-proof",
            self.proven.index, self.proven.size
        )?;
        writeln!(f, "\nTry next (files in {demo})")?;
        writeln!(
            f,
            "  openssl verify -x509_strict -CAfile {demo}/root-ecc.pem \\"
        )?;
        writeln!(
            f,
            "      -untrusted {demo}/issuing-ecc-terminal.pem {demo}/terminal-1-ecc.pem"
        )?;
        writeln!(
            f,
            "  openssl verify -x509_strict -CAfile {demo}/root-rsa.pem \\"
        )?;
        writeln!(f, "      -untrusted {demo}/root-ecc-by-rsa.pem \\")?;
        writeln!(
            f,
            "      -untrusted {demo}/issuing-ecc-terminal.pem {demo}/terminal-1-ecc.pem"
        )?;
        writeln!(
            f,
            "  openssl ocsp -CAfile {demo}/root-rsa.pem -issuer {demo}/issuing-rsa.pem \\"
        )?;
        writeln!(
            f,
            "      -cert {demo}/{REVOKED}.pem -url {}",
            urls.ocsp("issuing-rsa")
        )?;
        writeln!(f, "  {program} list --dir {dir}")?;
        writeln!(f, "  {program} show {} --dir {dir}", self.serial(PROVEN))?;
        writeln!(f, "  {program} ledger verify --dir {dir}")?;
        writeln!(
            f,
            "  {program} policy explain --profile terminal-rsa --key rsa-2048 --at 2028-05-01 --dir {dir}"
        )
    }
}

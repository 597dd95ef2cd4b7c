//! The same cases as OpenSSL, GnuTLS and rustls-webpki judge them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use kasane_verify::UnixTime;
use rustls_pki_types::CertificateDer;
use webpki::{EndEntityCert, Error, KeyUsage};

use crate::build::{AT, Built, policy_oid};
use crate::der::pem;
use crate::skip::skip;
use crate::spec::{Case, Use};

/// rustls-webpki's verdict; none when it gave up.
pub(crate) fn webpki(case: &Case, built: &Built) -> Option<bool> {
    let ders = |all: &[Vec<u8>]| -> Vec<CertificateDer<'static>> {
        all.iter().cloned().map(CertificateDer::from).collect()
    };
    let (roots, intermediates) = (ders(&built.anchors), ders(&built.intermediates));
    let anchors: Vec<_> = roots
        .iter()
        .map(|der| webpki::anchor_from_trusted_cert(der).unwrap())
        .collect();
    let end_entity = CertificateDer::from(built.end_entity.clone());
    let Ok(end_entity) = EndEntityCert::try_from(&end_entity) else {
        // It reads no certificate with a critical extension that it does not know.
        return Some(false);
    };
    let at = Duration::from_secs(at_seconds().try_into().unwrap());
    let usage = match case.ask.purpose {
        Use::Server => KeyUsage::server_auth(),
        Use::Client | Use::Any => KeyUsage::client_auth(),
    };
    let verdict = end_entity.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &anchors,
        &intermediates,
        rustls_pki_types::UnixTime::since_unix_epoch(at),
        usage,
        None,
        None,
    );
    match verdict {
        Ok(_) => Some(true),
        Err(
            Error::MaximumPathDepthExceeded
            | Error::MaximumPathBuildCallsExceeded
            | Error::MaximumSignatureChecksExceeded
            | Error::MaximumNameConstraintComparisonsExceeded,
        ) => None,
        Err(_) => Some(false),
    }
}

/// A program, and a folder for what it reads.
pub(crate) struct Program {
    name: &'static str,
    folder: PathBuf,
}

impl Program {
    /// The program, or none after noting that it is left out.
    pub(crate) fn or_skip(name: &'static str, folder: &str) -> Option<Self> {
        let there = Command::new(name)
            .arg("--help")
            .stdin(Stdio::null())
            .output()
            .is_ok();
        if !there {
            skip(&format!("generated meshes: {name} is not installed"));
            return None;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        fs::create_dir_all(&folder).unwrap();
        Some(Self { name, folder })
    }

    fn file<'d>(&self, name: &str, ders: impl IntoIterator<Item = &'d Vec<u8>>) -> PathBuf {
        let path = self.folder.join(name);
        let text: String = ders.into_iter().map(|der| pem(der)).collect();
        fs::write(&path, text).unwrap();
        path
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.name);
        command.env("LC_ALL", "C").stdin(Stdio::null());
        command
    }

    /// `openssl verify`: its verdict and what it said.
    pub(crate) fn openssl(&self, case: &Case, built: &Built) -> (bool, String) {
        let mut command = self.command();
        command
            .args(["verify", "-no-CApath", "-no-CAstore", "-policy_check"])
            .args(["-attime", &at_seconds().to_string()])
            .arg("-CAfile")
            .arg(self.file("anchors.pem", &built.anchors));
        match case.ask.purpose {
            Use::Client => command.args(["-purpose", "sslclient"]),
            Use::Server => command.args(["-purpose", "sslserver"]),
            Use::Any => command.args(["-purpose", "any"]),
        };
        for policy in case.ask.acceptable.as_deref().unwrap_or(&[0]) {
            command.args(["-policy", &policy_oid(*policy)]);
        }
        for (flag, set) in [
            ("-explicit_policy", case.ask.require_explicit),
            ("-inhibit_map", case.ask.inhibit_mapping),
            ("-inhibit_any", case.ask.inhibit_any),
        ] {
            if set {
                command.arg(flag);
            }
        }
        if !built.intermediates.is_empty() {
            let file = self.file("untrusted.pem", &built.intermediates);
            command.arg("-untrusted").arg(file);
        }
        run(command.arg(self.file("end-entity.pem", [&built.end_entity])))
    }

    /// `certtool --verify`, with the chain from the end entity up.
    pub(crate) fn gnutls(&self, case: &Case, built: &Built) -> (bool, String) {
        let mut command = self.command();
        command.args(["--verify", "--verify-profile=low"]);
        match case.ask.purpose {
            Use::Client => command.args(["--verify-purpose", "1.3.6.1.5.5.7.3.2"]),
            Use::Server => command.args(["--verify-purpose", "1.3.6.1.5.5.7.3.1"]),
            Use::Any => &mut command,
        };
        let mut chain = vec![&built.end_entity];
        let mut issuer = case.end_entity.issuer;
        while let Some(index) = case
            .intermediates
            .iter()
            .position(|it| it.subject == issuer)
        {
            chain.push(&built.intermediates[index]);
            issuer = case.intermediates[index].issuer;
        }
        let anchors = self.file("anchors.pem", &built.anchors);
        let chain = self.file("chain.pem", chain);
        command.arg("--load-ca-certificate").arg(anchors);
        run(command.arg("--infile").arg(chain))
    }
}

fn run(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (output.status.success(), said)
}

fn at_seconds() -> i64 {
    AT.parse::<UnixTime>().unwrap().seconds()
}

//! OpenSSL: strict path validation, printing, parsing.

use kasane_tests::sample::SampleCertificate;
use kasane_tests::tools::{Tool, fail, succeed};

use crate::{sample, ways};

fn verify(
    certificate: &SampleCertificate,
    anchor: &str,
    between: &[&str],
    more: &[&str],
) -> std::process::Output {
    let sample = sample();
    let mut command = Tool::OpenSsl.command();
    command.args([
        "verify",
        "-x509_strict",
        "-check_ss_sig",
        "-no-CApath",
        "-no-CAstore",
        "-CAfile",
    ]);
    command.arg(sample.pem(anchor));
    if !between.is_empty() {
        command.arg("-untrusted").arg(sample.bundle(between));
    }
    command.args(more).arg(&certificate.pem).output().unwrap()
}

fn purpose(certificate: &SampleCertificate) -> &'static str {
    if certificate.profile.starts_with("server") {
        "sslserver"
    } else {
        "sslclient"
    }
}

#[test]
fn every_subscriber_verifies_from_both_anchors() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl verify") else {
        return;
    };
    let mut verified = 0;
    for certificate in sample().subscribers() {
        for (anchor, between) in ways(&certificate.issuer) {
            let what = format!("{} from {anchor}", certificate.name);
            let more = ["-purpose", purpose(certificate)];
            let said = succeed(&what, &verify(certificate, anchor, &between, &more));
            assert!(said.trim_end().ends_with(": OK"), "{what}: {said}");
            verified += 1;
        }
    }
    assert_eq!(verified, 24, "twelve subscribers, two anchors");
}

#[test]
fn purpose_of_a_certificate_is_not_stretched() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl verify -purpose") else {
        return;
    };
    for certificate in sample().subscribers() {
        let wrong = if purpose(certificate) == "sslserver" {
            "sslclient"
        } else {
            "sslserver"
        };
        for wrong in [wrong, "smimesign", "timestampsign"] {
            let (anchor, between) = &ways(&certificate.issuer)[0];
            let what = format!("{} for {wrong}", certificate.name);
            let said = fail(
                &what,
                &verify(certificate, anchor, between, &["-purpose", wrong]),
            );
            assert!(said.contains("urpose"), "{what}: {said}");
        }
    }
}

#[test]
fn a_path_without_its_cross_certificate_does_not_verify() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl verify without the cross-certificate") else {
        return;
    };
    for certificate in sample().subscribers() {
        let (anchor, _) = ways(&certificate.issuer)[1];
        let _ = fail(
            &certificate.name,
            &verify(certificate, anchor, &[&certificate.issuer], &[]),
        );
    }
}

#[test]
fn certificates_of_the_authority_itself_verify() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl verify of CAs") else {
        return;
    };
    let sample = sample();
    for root in ["root-rsa", "root-ecc"] {
        let _ = succeed(root, &verify(sample.certificate(root), root, &[], &[]));
    }
    for (name, anchor) in [
        ("issuing-rsa", "root-rsa"),
        ("issuing-ecc-terminal", "root-ecc"),
        ("issuing-ecc-server", "root-ecc"),
        ("issuing-ecc-operator", "root-ecc"),
        ("root-ecc-by-rsa", "root-rsa"),
        ("root-rsa-by-ecc", "root-ecc"),
    ] {
        let said = verify(sample.certificate(name), anchor, &[], &[]);
        let _ = succeed(name, &said);
    }
    let signers: Vec<_> = sample
        .certificates
        .iter()
        .filter(|c| c.profile == "ocsp-signer")
        .collect();
    assert_eq!(signers.len(), 4);
    for signer in signers {
        let (anchor, between) = &ways(&signer.issuer)[0];
        let more = ["-purpose", "ocsphelper"];
        let _ = succeed(&signer.name, &verify(signer, anchor, between, &more));
    }
}

/// RFC 5280 §6.1.4 (n): pathLen 0 of the issuing CAs leaves no room for another CA.
#[test]
fn path_does_not_go_through_a_subscriber() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl verify through a subscriber") else {
        return;
    };
    let certificate = sample().certificate("terminal-ecc.facility-1312345679-1");
    let said = verify(
        sample().certificate("terminal-ecc.facility-1312345679-2"),
        "root-ecc",
        &[&certificate.name],
        &[],
    );
    let _ = fail("a subscriber as issuer", &said);
}

/// The policies of the tree pass the cross-certificate, and only those (RFC 5280 §6.1).
#[test]
fn policies_hold_across_the_cross_certificates() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl verify -policy_check") else {
        return;
    };
    let policy_of = |name: &str| {
        let path = sample().pem(name).to_owned();
        let shown = Tool::OpenSsl
            .command()
            .args(["x509", "-noout", "-ext", "certificatePolicies", "-in"])
            .arg(path)
            .output()
            .unwrap();
        let text = succeed(name, &shown);
        let line = text
            .lines()
            .find_map(|line| line.trim().strip_prefix("Policy: "));
        line.unwrap().to_owned()
    };
    let ecc = policy_of("terminal-ecc.facility-1312345679-1");
    let rsa = policy_of("terminal-rsa.facility-1312345679-1");
    assert_ne!(ecc, rsa);
    for certificate in sample().subscribers() {
        let own = policy_of(&certificate.name);
        for (anchor, between) in ways(&certificate.issuer) {
            let more = ["-policy_check", "-explicit_policy", "-policy", &own];
            let _ = succeed(
                &certificate.name,
                &verify(certificate, anchor, &between, &more),
            );
        }
    }
    let certificate = sample().certificate("terminal-rsa.facility-1312345679-1");
    for (anchor, between) in ways(&certificate.issuer) {
        let more = ["-policy_check", "-explicit_policy", "-policy", &ecc];
        let said = fail(
            "an RSA certificate for an ECC policy",
            &verify(certificate, anchor, &between, &more),
        );
        assert!(said.contains("policy"), "{said}");
    }
}

#[test]
fn every_certificate_prints_and_parses() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl x509 -text, asn1parse") else {
        return;
    };
    for certificate in &sample().certificates {
        let printed = Tool::OpenSsl
            .command()
            .args(["x509", "-noout", "-text", "-nameopt", "RFC2253", "-in"])
            .arg(&certificate.pem)
            .output()
            .unwrap();
        let printed = succeed(&certificate.name, &printed);
        for (wrong, why) in [
            ("<Unsupported", "an extension that it cannot read"),
            ("<Not Supported>", "an extension that it cannot read"),
            ("Unable to load", "a key that it cannot read"),
            ("bad ", "a field that it cannot read"),
        ] {
            assert!(
                !printed.contains(wrong),
                "{}: {why}\n{printed}",
                certificate.name
            );
        }
        assert!(printed.contains("Version: 3 (0x2)"), "{printed}");
        let parsed = Tool::OpenSsl
            .command()
            .args(["asn1parse", "-i", "-in"])
            .arg(&certificate.pem)
            .output()
            .unwrap();
        let parsed = succeed(&certificate.name, &parsed);
        assert!(
            !parsed.contains(":BAD ") && !parsed.contains("Error"),
            "{}",
            certificate.name
        );
    }
}

/// The twin's certificate is named where one was live (RFC 9763), and only there.
#[test]
fn related_certificate_is_there_when_the_twin_was_live() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl x509 -text of twins") else {
        return;
    };
    // id-pe-relatedCert, RFC 9763 §4.1.
    let oid = "1.3.6.1.5.5.7.1.36";
    for (number, expected) in [(1, false), (2, true), (4, false)] {
        let name = format!("terminal-ecc.facility-1312345679-{number}");
        let printed = Tool::OpenSsl
            .command()
            .args(["x509", "-noout", "-text", "-in"])
            .arg(sample().pem(&name))
            .output()
            .unwrap();
        assert_eq!(succeed(&name, &printed).contains(oid), expected, "{name}");
    }
}

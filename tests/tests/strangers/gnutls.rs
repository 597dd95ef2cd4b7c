//! GnuTLS: path validation and printing.

use kasane_tests::tools::{Tool, fail, succeed};

use crate::{sample, ways};

#[test]
fn every_subscriber_verifies_from_both_anchors() {
    let Some(_) = Tool::CertTool.or_skip("certtool --verify") else {
        return;
    };
    for certificate in sample().subscribers() {
        for (anchor, between) in ways(&certificate.issuer) {
            let mut names = vec![certificate.name.as_str()];
            names.extend(&between);
            let purpose = if certificate.profile.starts_with("server") {
                "1.3.6.1.5.5.7.3.1"
            } else {
                "1.3.6.1.5.5.7.3.2"
            };
            let mut command = Tool::CertTool.command();
            command.args([
                "--verify",
                "--verify-profile=medium",
                "--verify-purpose",
                purpose,
            ]);
            command
                .arg("--load-ca-certificate")
                .arg(sample().pem(anchor));
            command.arg("--infile").arg(sample().bundle(&names));
            let what = format!("{} from {anchor}", certificate.name);
            let said = succeed(&what, &command.output().unwrap());
            assert!(
                said.contains("Chain verification output: Verified"),
                "{what}: {said}"
            );
        }
    }
}

#[test]
fn a_path_to_the_other_anchor_needs_its_cross_certificate() {
    let Some(_) = Tool::CertTool.or_skip("certtool --verify without the cross-certificate") else {
        return;
    };
    let certificate = sample().certificate("terminal-ecc.facility-1312345679-1");
    let mut command = Tool::CertTool.command();
    command
        .arg("--verify")
        .arg("--load-ca-certificate")
        .arg(sample().pem("root-rsa"));
    command
        .arg("--infile")
        .arg(sample().bundle(&[&certificate.name, &certificate.issuer]));
    let said = fail("an incomplete chain", &command.output().unwrap());
    assert!(said.contains("Not verified"), "{said}");
}

#[test]
fn every_certificate_prints() {
    let Some(_) = Tool::CertTool.or_skip("certtool --certificate-info") else {
        return;
    };
    for certificate in &sample().certificates {
        let mut command = Tool::CertTool.command();
        command
            .args(["--certificate-info", "--infile"])
            .arg(&certificate.pem);
        let said = succeed(&certificate.name, &command.output().unwrap());
        assert!(said.contains("X.509 Certificate Information"), "{said}");
        for wrong in ["error:", "warning:", "failed"] {
            assert!(
                !said.to_lowercase().contains(wrong),
                "{}: {said}",
                certificate.name
            );
        }
    }
}

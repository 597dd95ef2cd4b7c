//! The hierarchy that another program made.

use std::path::Path;
use std::process::Command;

use kasane_verify::crypto::{AwsLc, CryptoProvider, DigestAlgorithm};

pub(crate) fn openssl(place: &Path, arguments: &str) -> String {
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(place)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "openssl {arguments}: {text}{error}"
    );
    text
}

const EXTENSIONS: &str = "
[req]
distinguished_name = dn
prompt = no
string_mask = utf8only
[dn]
C = JP
O = Old Network
OU = Old Authorities
CN = Old Root
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[issuing]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
";

/// A root and an issuing CA as another program left them.
pub(crate) fn old_hierarchy(place: &Path) {
    std::fs::write(place.join("ca.cnf"), EXTENSIONS).unwrap();
    for name in ["root", "issuing"] {
        openssl(
            place,
            &format!("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out {name}.key"),
        );
    }
    openssl(
        place,
        "req -x509 -new -config ca.cnf -extensions root -key root.key -sha256 -days 1200 -out root.pem",
    );
    openssl(
        place,
        "req -new -config ca.cnf -key issuing.key -subj /C=JP/O=Old-Network/CN=Old-Issuing -utf8 -out issuing.csr",
    );
    openssl(
        place,
        "x509 -req -in issuing.csr -CA root.pem -CAkey root.key -set_serial 0x4d2 -sha256 -days 1000 -extfile ca.cnf -extensions issuing -out issuing.pem",
    );
}

pub(crate) fn sha256(place: &Path, pem: &str) -> String {
    let text = std::fs::read(place.join(pem)).unwrap();
    let der = kasane_verify::pem::certificates(&text).unwrap().remove(0);
    hex::encode(AwsLc.digest(DigestAlgorithm::Sha256, &der))
}

pub(crate) fn script(place: &Path) -> String {
    let (root, issuing) = (sha256(place, "root.pem"), sha256(place, "issuing.pem"));
    format!(
        r#"
[authority]
mode = "demo"
timeline = "demonstration"
origin = "kasane.example/old"
organization = "Kasane Demonstration"
operator_domain = "kasane.example"
status_url = "http://127.0.0.1:8080"

[[import]]
name = "root-rsa"
certificate = "root.pem"
sha256 = "{root}"
key = "old-root"
last_crl_number = 41

[[import]]
name = "issuing-rsa"
certificate = "issuing.pem"
sha256 = "{issuing}"
key = "old-issuing"
last_crl_number = 4711
"#
    )
}

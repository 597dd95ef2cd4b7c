//! The nginx configuration that is shipped for systems of the network: clients by OCSP, stapling.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use kasane_tests::nginx::{Nginx, shipped};
use kasane_tests::program::free_address;
use kasane_tests::sample::SampleCertificate;
use kasane_tests::tools::{Tool, text};

use crate::status::REVOKED;
use crate::{sample, ways};

pub(crate) const ECC: &str = "server-ecc.system-eligibility-1";
pub(crate) const RSA: &str = "server-rsa.system-prescription-1";

/// Where nginx keeps what belongs to `name`, and the configuration.
fn start(name: &str, anchors: &[&str], changes: &[(&str, &str)]) -> (Nginx, SocketAddr) {
    let folder = sample().folder.join(format!("nginx-{name}"));
    fs::create_dir_all(&folder).unwrap();
    let address = free_address();
    let place = |path: PathBuf| path.to_str().unwrap().to_owned();
    let chain = |name: &str| {
        let issuer = &sample().certificate(name).issuer;
        place(sample().bundle(&[name, issuer]))
    };
    let key = |name: &str| place(sample().certificate(name).key.clone().unwrap());
    let cas = ["root-ecc", "root-rsa", "issuing-ecc-server", "issuing-rsa"];
    let kept = "/etc/nginx/kasane";
    let here = [
        ("listen 443 ssl;", format!("listen {address} ssl;")),
        (&*format!("{kept}/server-ecc.pem"), chain(ECC)),
        (&*format!("{kept}/server-ecc.key"), key(ECC)),
        (&*format!("{kept}/server-rsa.pem"), chain(RSA)),
        (&*format!("{kept}/server-rsa.key"), key(RSA)),
        (
            &*format!("{kept}/roots.pem"),
            place(sample().bundle(anchors)),
        ),
        (&*format!("{kept}/cas.pem"), place(sample().bundle(&cas))),
    ];
    let mut text = shipped("kasane-tls.conf", &here);
    for (there, here) in changes {
        assert_eq!(text.matches(there).count(), 1, "{there}");
        text = text.replace(there, here);
    }
    (Nginx::start(&folder, &text, address), address)
}

/// What OpenSSL's client hears when it asks for the page, as `client` if one is named.
pub(crate) fn connect(
    address: SocketAddr,
    client: Option<(&SampleCertificate, &[&str])>,
    more: &[&str],
) -> String {
    let mut command = Tool::OpenSsl.command();
    let address = address.to_string();
    command.args(["s_client", "-connect", &address, "-ign_eof", "-CAfile"]);
    command.arg(sample().bundle(&["root-ecc", "root-rsa"]));
    command.args(more);
    if let Some((certificate, between)) = client {
        command.arg("-cert").arg(&certificate.pem);
        command.arg("-key").arg(certificate.key.as_ref().unwrap());
        command.arg("-cert_chain").arg(sample().bundle(between));
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It may have given up before.
    let _sent = stdin.write_all(b"GET / HTTP/1.0\r\n\r\n");
    drop(stdin);
    text(&child.wait_with_output().unwrap())
}

const CLIENTS: [&str; 6] = [
    "terminal-ecc.facility-1312345679-1",
    "terminal-p256.facility-1312345679-3",
    "terminal-rsa.facility-1312345679-1",
    "system-client-ecc.system-batch-1",
    "system-client-rsa.system-prescription-1",
    "operator.operator-hanako-1",
];

fn is_here(check: &str) -> bool {
    Tool::Nginx.or_skip(check).is_some() && Tool::OpenSsl.or_skip(check).is_some()
}

#[test]
fn nginx_lets_in_who_is_good_and_refuses_who_is_revoked_or_unrecorded() {
    if !is_here("nginx: ssl_ocsp") {
        return;
    }
    let (nginx, address) = start("both", &["root-ecc", "root-rsa"], &[]);
    let enter = |certificate: &SampleCertificate| {
        let between = [certificate.issuer.as_str()];
        connect(address, Some((certificate, &between)), &[])
    };
    for name in CLIENTS {
        let said = enter(sample().certificate(name));
        assert!(
            said.contains("X-Client-Verify: SUCCESS"),
            "{name}: {said}{}",
            nginx.log()
        );
    }
    let unrecorded =
        [CLIENTS[0], CLIENTS[2]].map(|name| sample().unrecorded(sample().certificate(name)));
    let revoked = REVOKED.iter().map(|name| sample().certificate(name));
    for (number, certificate) in (1..).zip(revoked.chain(&unrecorded)) {
        is_refused(&enter(certificate), &nginx, number);
    }
    let said = connect(address, None, &[]);
    assert!(said.contains("HTTP/1.1 400"), "{said}");
}

#[test]
fn nginx_with_one_root_lets_in_both_families_across_the_cross_certificates() {
    if !is_here("nginx: ssl_ocsp across the cross-certificates") {
        return;
    }
    for anchor in ["root-rsa", "root-ecc"] {
        let (nginx, address) = start(anchor, &[anchor], &[]);
        let mut refused = 0;
        for name in [CLIENTS[0], CLIENTS[2], REVOKED[0], REVOKED[1]] {
            let certificate = sample().certificate(name);
            let mut ways = ways(&certificate.issuer).into_iter();
            let (_, between) = ways.find(|(root, _)| *root == anchor).unwrap();
            let said = connect(address, Some((certificate, &between)), &[]);
            if CLIENTS.contains(&name) {
                let place = format!("{name} from {anchor}: {said}{}", nginx.log());
                assert!(said.contains("X-Client-Verify: SUCCESS"), "{place}");
            } else {
                refused += 1;
                is_refused(&said, &nginx, refused);
            }
        }
    }
}

/// The client got an error in place of the page, and it is the `number`th whose certificate is revoked.
fn is_refused(said: &str, nginx: &Nginx, number: usize) {
    let log = nginx.log();
    assert!(said.contains("HTTP/1.1 400"), "{said}{log}");
    let reason = "client SSL certificate verify error: certificate revoked";
    assert_eq!(log.matches(reason).count(), number, "{said}{log}");
}

/// Why the configuration says `leaf`.
#[test]
fn nginx_that_asks_ocsp_for_ca_certificates_refuses_everybody() {
    if !is_here("nginx: ssl_ocsp on") {
        return;
    }
    let changes = [("ssl_ocsp leaf;", "ssl_ocsp on;")];
    let (nginx, address) = start("whole", &["root-ecc", "root-rsa"], &changes);
    let certificate = sample().certificate(CLIENTS[0]);
    let said = connect(address, Some((certificate, &[&certificate.issuer])), &[]);
    assert!(said.contains("HTTP/1.1 400"), "{said}");
    let log = nginx.log();
    assert!(
        log.contains("no OCSP responder URL in certificate"),
        "{log}"
    );
}

/// How a client says which family it can verify, and how the server then signs.
pub(crate) const FAMILIES: [([&str; 2], &str); 2] = [
    (["-sigalgs", "ECDSA+SHA384"], "Peer signature type: ECDSA"),
    (
        ["-sigalgs", "RSA-PSS+SHA256"],
        "Peer signature type: RSA-PSS",
    ),
];

#[test]
fn nginx_staples_the_status_of_both_its_certificates() {
    if !is_here("nginx: ssl_stapling") {
        return;
    }
    let changes = [("ssl_verify_client on;", "ssl_verify_client off;")];
    let (nginx, address) = start("stapling", &["root-ecc", "root-rsa"], &changes);
    for (asked, signed) in FAMILIES {
        let ask = || connect(address, None, &[&["-status"], &asked[..]].concat());
        // The first connection makes nginx ask; how soon it is answered is not ours to say.
        let stapled = (0..200).map(|_| ask()).find(|said| {
            assert!(said.contains(signed), "{said}");
            let is_stapled = said.contains("OCSP Response Status: successful");
            if !is_stapled {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            is_stapled
        });
        let said = stapled.unwrap_or_else(|| panic!("no staple: {}", nginx.log()));
        assert!(said.contains("Cert Status: good"), "{said}");
        assert!(said.contains("Verify return code: 0 (ok)"), "{said}");
    }
}

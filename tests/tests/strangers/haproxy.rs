//! HAProxy, which staples what stands in a file beside the certificate and judges it first.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use kasane_tests::program::free_address;
use kasane_tests::tools::{Tool, succeed, text};

use crate::nginx::{ECC, FAMILIES, RSA, connect};
use crate::sample;
use crate::status::{answer, answer_by};

struct HaProxy(Child);

impl Drop for HaProxy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Certificate, issuer, key, and beside them the response, as HAProxy wants them.
fn write(folder: &Path, name: &str, ending: &str) {
    let certificate = sample().certificate(name);
    let chain = fs::read_to_string(sample().bundle(&[name, &certificate.issuer])).unwrap();
    let key = fs::read_to_string(certificate.key.as_ref().unwrap()).unwrap();
    let file = folder.join(format!("server.pem.{ending}"));
    fs::write(&file, chain + &key).unwrap();
    let response = answer_by("-sha1", certificate, false).response;
    fs::copy(response, folder.join(format!("server.pem.{ending}.ocsp"))).unwrap();
}

#[test]
fn haproxy_takes_responses_of_both_families_and_staples_them() {
    let check = "HAProxy: stapling";
    if Tool::HaProxy.or_skip(check).is_none() || Tool::OpenSsl.or_skip(check).is_none() {
        return;
    }
    let folder = sample().folder.join("haproxy");
    fs::create_dir_all(&folder).unwrap();
    write(&folder, ECC, "ecdsa");
    write(&folder, RSA, "rsa");
    let address = free_address();
    let file = folder.join("haproxy.cfg");
    let configuration = format!(
        "defaults\n  mode http\n  timeout client 20s\n  timeout connect 20s\n  timeout server 20s\n\
         frontend status\n  bind {address} ssl crt {}/server.pem\n  \
         http-request return status 200\n",
        folder.display()
    );
    fs::write(&file, configuration).unwrap();
    let judge = || Tool::HaProxy.run(["-c", "-f", file.to_str().unwrap()]);
    let said = succeed("haproxy -c", &judge());
    assert!(!said.to_lowercase().contains("ocsp"), "{said}");
    let mut command = Tool::HaProxy.command();
    command.arg("-db").arg("-f").arg(&file);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut haproxy = HaProxy(command.spawn().unwrap());
    let end = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(address).is_err() {
        assert!(haproxy.0.try_wait().unwrap().is_none(), "haproxy ended");
        assert!(Instant::now() < end, "haproxy does not answer");
        std::thread::sleep(Duration::from_millis(20));
    }
    let names = ["eligibility.kasane.example", "prescription.kasane.example"];
    for ((asked, signed), name) in FAMILIES.into_iter().zip(names) {
        let more = [&["-status", "-servername", name], &asked[..]].concat();
        let said = connect(address, None, &more);
        assert!(said.contains(signed), "{said}");
        assert!(said.contains("Cert Status: good"), "{said}");
        assert!(said.contains("HTTP/1.1 200"), "{said}");
    }
    // It knows no other digest than SHA-1 in what a response is about.
    let response = answer(sample().certificate(RSA), false).response;
    fs::copy(response, folder.join("server.pem.rsa.ocsp")).unwrap();
    let said = text(&judge());
    assert!(said.contains("Certificate ID does not match"), "{said}");
}

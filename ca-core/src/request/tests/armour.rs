//! PEM and what is around it.

use rcgen::KeyPair as TerminalKey;

use super::*;

#[test]
fn pem_is_read_in_the_forms_that_tools_write() {
    let csr = terminal_request(&TerminalKey::generate().unwrap());
    let (der, pem) = (csr.der(), csr.pem().unwrap().replace("\r\n", "\n"));
    let body: String = pem
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect::<Vec<_>>()
        .concat();
    let block = |label: &str, width: usize, end: &str| {
        let lines: Vec<_> = body
            .as_bytes()
            .chunks(width)
            .map(|c| String::from_utf8_lossy(c))
            .collect();
        format!(
            "-----BEGIN {label}-----{end}{}{end}-----END {label}-----{end}",
            lines.join(end)
        )
    };
    let label = "CERTIFICATE REQUEST";
    for text in [
        pem.clone(),
        pem.replace('\n', "\r\n"),
        pem.trim_end().to_owned(),
        format!("\u{feff}\n  {pem}\n\n"),
        block(label, 76, "\n"),
        block(label, 100_000, "\n"),
        block("NEW CERTIFICATE REQUEST", 64, "\r\n"),
    ] {
        assert_eq!(
            parse(text.as_bytes()).unwrap().der(),
            der.as_ref(),
            "{text}"
        );
    }
    assert_eq!(
        code(block("CERTIFICATE", 64, "\n").as_bytes()),
        "csr.not-pem"
    );
    assert_eq!(code(block("X509 CRL", 64, "\n").as_bytes()), "csr.not-pem");
}

#[test]
fn junk_around_or_instead_of_a_request_is_refused() {
    let csr = terminal_request(&TerminalKey::generate().unwrap());
    let pem = csr.pem().unwrap().replace("\r\n", "\n");
    for (text, expected) in [
        (String::new(), "csr.empty"),
        (" \n".to_owned(), "csr.empty"),
        ("hello".to_owned(), "csr.not-pem"),
        (
            format!("Certificate Request:\n    Data:\n{pem}"),
            "csr.not-pem",
        ),
        (format!("{pem}and more"), "csr.trailing-data"),
        (format!("{pem}{pem}"), "csr.trailing-data"),
        (
            pem.replace("REQUEST-----\nM", "REQUEST-----\n!"),
            "csr.not-pem",
        ),
        (pem.replace("-----END", "-----FIN"), "csr.truncated"),
        (
            "-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----".to_owned(),
            "csr.not-pem",
        ),
        (
            "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----"
                .to_owned(),
            "csr.not-der",
        ),
    ] {
        assert_eq!(code(text.as_bytes()), expected, "{text}");
    }
    assert_eq!(code(&[0x00, 0xff, 0x80]), "csr.not-der");
    assert_eq!(code(&[0x30, 0x80, 0x00, 0x00]), "csr.malformed");
    assert_eq!(code(&[0x30, 0x00]), "csr.truncated");
    assert_eq!(
        code(&[csr.der().as_ref(), &[0]].concat()),
        "csr.trailing-data"
    );
}

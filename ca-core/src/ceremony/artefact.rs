//! What a ceremony signs, shown before it is signed.

use der::{Decode, Encode};
use sha2::{Digest, Sha256};
use x509_cert::TbsCertificate;
use x509_cert::crl::TbsCertList;
use x509_cert::ext::Extension;
use x509_cert::request::CertReqInfo;

use crate::signing::Product;

/// Bytes that a ceremony has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artefact {
    /// The step of the script: `certificate root-ecc`.
    pub step: String,
    /// Which of the step's artefacts, from 0.
    pub ordinal: u32,
    /// What it will be.
    pub product: Product,
    /// The label of the key that signs.
    pub signer: String,
    /// A key in it, or the one that signs, was made for the rehearsal and thrown away: the real one
    /// will differ in what follows from the key.
    pub provisional: bool,
    /// The bytes: `TBSCertificate`, `TBSCertList` or `CertificationRequestInfo`, DER.
    pub der: Vec<u8>,
}

impl Artefact {
    /// SHA-256 of the bytes.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }

    /// Field names and values, in order; empty when the bytes cannot be taken apart.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, String)> {
        let fields = match self.product {
            Product::Crl => crl_fields(&self.der),
            Product::CertificationRequest => request_fields(&self.der),
            _ => certificate_fields(&self.der),
        };
        fields.unwrap_or_default()
    }

    /// The first field in which `other` differs: its name and both values.
    #[must_use]
    pub fn difference(&self, other: &Self) -> (String, String, String) {
        let (mine, theirs) = (self.fields(), other.fields());
        for (at, (name, value)) in mine.iter().enumerate() {
            match theirs.get(at) {
                Some(found) if found == &(name.clone(), value.clone()) => {}
                Some((found_name, found)) if found_name == name => {
                    return (name.clone(), value.clone(), found.clone());
                }
                found => {
                    let found = found.map_or("nothing", |(name, _)| name.as_str());
                    return ("fields".into(), name.clone(), found.to_owned());
                }
            }
        }
        (
            "bytes".into(),
            hex::encode(self.sha256()),
            hex::encode(other.sha256()),
        )
    }

    /// For people: what it is, every field, and the bytes.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "step      {}\nproduct   {}\nsigned by {}\nSHA-256   {}\nlength    {} bytes\n",
            self.step,
            self.product.as_str(),
            self.signer,
            hex::encode(self.sha256()),
            self.der.len()
        );
        if self.provisional {
            text.push_str(
                "\nA key of this artefact does not exist yet; one was made for this rehearsal and thrown\n\
                 away. In the real one these differ: the subject's key, what is computed from keys\n\
                 (key identifiers, names that contain a serial number), and therefore the SHA-256.\n",
            );
        }
        text.push('\n');
        for (name, value) in self.fields() {
            text.push_str(&format!("{name}: {value}\n"));
        }
        text.push('\n');
        for (at, line) in self.der.chunks(16).enumerate() {
            let octets: Vec<String> = line.iter().map(|octet| format!("{octet:02x}")).collect();
            text.push_str(&format!("{:06x}  {}\n", at * 16, octets.join(" ")));
        }
        text
    }
}

fn certificate_fields(der: &[u8]) -> Option<Vec<(String, String)>> {
    let tbs = TbsCertificate::from_der(der).ok()?;
    let spki = tbs.subject_public_key_info();
    let mut fields = vec![
        field("serialNumber", hex::encode(tbs.serial_number().as_bytes())),
        field("signature", tbs.signature().oid),
        field("issuer", tbs.issuer()),
        field("notBefore", tbs.validity().not_before),
        field("notAfter", tbs.validity().not_after),
        field("subject", tbs.subject()),
        field("subjectPublicKey algorithm", spki.algorithm.oid),
        field(
            "subjectPublicKeyInfo SHA-256",
            hex::encode(Sha256::digest(spki.to_der().ok()?)),
        ),
    ];
    extensions(&mut fields, tbs.extensions().map(Vec::as_slice));
    Some(fields)
}

fn crl_fields(der: &[u8]) -> Option<Vec<(String, String)>> {
    let tbs: TbsCertList = TbsCertList::from_der(der).ok()?;
    let mut fields = vec![
        field("signature", tbs.signature.oid),
        field("issuer", &tbs.issuer),
        field("thisUpdate", tbs.this_update),
    ];
    if let Some(next_update) = tbs.next_update {
        fields.push(field("nextUpdate", next_update));
    }
    for entry in tbs.revoked_certificates.iter().flatten() {
        let serial = hex::encode(entry.serial_number.as_bytes());
        fields.push(field(
            "revoked",
            format!("{serial} on {}", entry.revocation_date),
        ));
    }
    extensions(&mut fields, tbs.crl_extensions.as_deref());
    Some(fields)
}

fn request_fields(der: &[u8]) -> Option<Vec<(String, String)>> {
    let info = CertReqInfo::from_der(der).ok()?;
    Some(vec![
        field("subject", &info.subject),
        field("subjectPublicKey algorithm", info.public_key.algorithm.oid),
        field(
            "subjectPublicKeyInfo SHA-256",
            hex::encode(Sha256::digest(info.public_key.to_der().ok()?)),
        ),
        field("attributes", info.attributes.len()),
    ])
}

fn extensions(fields: &mut Vec<(String, String)>, extensions: Option<&[Extension]>) {
    for extension in extensions.unwrap_or_default() {
        let critical = if extension.critical { " critical" } else { "" };
        let name = const_oid::db::DB
            .by_oid(&extension.extn_id)
            .map_or_else(|| extension.extn_id.to_string(), str::to_owned);
        fields.push((
            format!("extension {name}{critical}"),
            hex::encode(extension.extn_value.as_bytes()),
        ));
    }
}

fn field(name: &str, value: impl ToString) -> (String, String) {
    (name.to_owned(), value.to_string())
}

//! CRLs octet by octet, for what no library writes.

use rcgen::SigningKey;

use crate::certificate::Certificate;
use crate::test_support::Entity;

pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let octets = content.len().to_be_bytes();
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let mut out = vec![tag];
    if content.len() >= 0x80 {
        out.push(0x80 | u8::try_from(octets.len() - zeros).unwrap());
    }
    out.extend(&octets[zeros.min(octets.len() - 1)..]);
    out.extend(content);
    out
}

pub(crate) fn named(common_name: &str) -> Vec<u8> {
    let attribute = [vec![6, 3, 0x55, 4, 3], tlv(0x0c, common_name.as_bytes())].concat();
    tlv(0x30, &tlv(0x31, &tlv(0x30, &attribute)))
}

/// An extension of `id-ce`.
pub(crate) fn extension(number: u8, value: &[u8]) -> Vec<u8> {
    let id = [6, 3, 0x55, 0x1d, number];
    tlv(0x30, &[&id[..], &tlv(4, value)].concat())
}

pub(crate) fn reason(number: u8) -> Vec<u8> {
    extension(21, &[0x0a, 1, number])
}

pub(crate) fn certificate_issuer(name: &[u8]) -> Vec<u8> {
    extension(29, &tlv(0x30, &tlv(0xa4, name)))
}

pub(crate) fn entry(serial: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    let mut content = [tlv(2, serial), tlv(0x17, b"280501000000Z")].concat();
    if !extensions.is_empty() {
        content.extend(tlv(0x30, &extensions.concat()));
    }
    tlv(0x30, &content)
}

/// A CRL of 2028-05-30 to 2028-06-03 with number 10, the signer's name and key identifier.
pub(crate) struct Raw<'e> {
    pub(crate) signer: &'e Entity,
    /// DER of the name that it is issued in.
    pub(crate) issuer: Vec<u8>,
    pub(crate) key_id: Option<Vec<u8>>,
    pub(crate) this_update: &'static str,
    pub(crate) next_update: &'static str,
    pub(crate) number: u8,
    /// Beside authority key identifier and number.
    pub(crate) extensions: Vec<Vec<u8>>,
    pub(crate) entries: Vec<Vec<u8>>,
}

impl<'e> Raw<'e> {
    pub(crate) fn of(signer: &'e Entity) -> Self {
        let own = signer.self_signed();
        let own = Certificate::from_der(&own).unwrap();
        Self {
            signer,
            issuer: own.subject().der().to_vec(),
            key_id: own.extensions().subject_key_id.map(<[u8]>::to_vec),
            this_update: "280530000000Z",
            next_update: "280603000000Z",
            number: 10,
            extensions: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// Lists serial numbers of one octet or two.
    pub(crate) fn listing(mut self, serials: &[u16]) -> Self {
        let entries = serials.iter().map(|it| entry(&number(*it), &[]));
        self.entries.extend(entries);
        self
    }

    pub(crate) fn with(mut self, extension: Vec<u8>) -> Self {
        self.extensions.push(extension);
        self
    }

    /// A delta CRL on that base.
    pub(crate) fn delta_on(self, base: u8) -> Self {
        self.with(critical(27, &tlv(2, &[base])))
    }

    pub(crate) fn numbered(mut self, number: u8) -> Self {
        self.number = number;
        self
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        let algorithm = [0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
        let mut extensions = vec![extension(20, &tlv(2, &[self.number]))];
        if let Some(key_id) = &self.key_id {
            extensions.push(extension(35, &tlv(0x30, &tlv(0x80, key_id))));
        }
        extensions.extend(self.extensions.iter().cloned());
        let mut tbs = [&[2, 1, 1][..], &algorithm, &self.issuer].concat();
        tbs.extend(tlv(0x17, self.this_update.as_bytes()));
        tbs.extend(tlv(0x17, self.next_update.as_bytes()));
        if !self.entries.is_empty() {
            tbs.extend(tlv(0x30, &self.entries.concat()));
        }
        tbs.extend(tlv(0xa0, &tlv(0x30, &extensions.concat())));
        let tbs = tlv(0x30, &tbs);
        let signature = self.signer.key.sign(&tbs).unwrap();
        let bits = tlv(3, &[&[0][..], &signature].concat());
        tlv(0x30, &[&tbs[..], &algorithm, &bits].concat())
    }
}

/// Content octets of a serial number.
pub(crate) fn number(serial: u16) -> Vec<u8> {
    let octets = serial.to_be_bytes();
    if serial < 0x80 {
        vec![octets[1]]
    } else {
        octets.to_vec()
    }
}

/// A critical extension of `id-ce`.
pub(crate) fn critical(number: u8, value: &[u8]) -> Vec<u8> {
    let id = [6, 3, 0x55, 0x1d, number, 1, 1, 0xff];
    tlv(0x30, &[&id[..], &tlv(4, value)].concat())
}

/// An issuing distribution point of those fields.
pub(crate) fn covering(fields: &[Vec<u8>]) -> Vec<u8> {
    critical(28, &tlv(0x30, &fields.concat()))
}

/// A distribution point name (`[0]`) that is a URI.
pub(crate) fn point_name(uri: &str) -> Vec<u8> {
    tlv(0xa0, &tlv(0xa0, &tlv(0x86, uri.as_bytes())))
}

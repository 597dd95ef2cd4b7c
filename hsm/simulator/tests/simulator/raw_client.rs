//! A client that sends any octets: for commands that the crate does not send, and for wrong ones.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use kasane_hsm_simulator::{
    Simulator,
    channel::AuthenticationKey,
    protocol::{CommandCode, Frame},
};

/// One exchange with the connector, in a connection of its own; the body of the answer.
pub(crate) fn post(address: SocketAddr, message: &[u8]) -> std::io::Result<Vec<u8>> {
    let (status, body) = http(address, "POST", "/connector/api", message)?;
    assert!(status.starts_with("HTTP/1.1 200"), "{status}");
    Ok(body)
}

/// One HTTP exchange: status line and body.
pub(crate) fn http(
    address: SocketAddr,
    method: &str,
    path: &str,
    body: &[u8],
) -> std::io::Result<(String, Vec<u8>)> {
    let mut stream = TcpStream::connect(address)?;
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    stream.write_all(&request)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer
        .windows(4)
        .position(|octets| octets == b"\r\n\r\n")
        .ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.lines().next().unwrap_or_default().to_owned();
    Ok((status, answer[end + 4..].to_vec()))
}

/// The host's side of a session.
pub(crate) struct RawSession {
    address: SocketAddr,
    channel: host::Channel,
}

impl RawSession {
    /// Opens one; the answer's frame if that is an error.
    pub(crate) fn open(simulator: &Simulator, key: u16, password: &str) -> Result<Self, Frame> {
        let address = simulator.listening().connector;
        let keys = AuthenticationKey::from_password(password.as_bytes()).octets();
        let host_challenge = [0x5a; 8];
        let data = [key.to_be_bytes().as_slice(), &host_challenge].concat();
        let created = exchange(address, CommandCode::CREATE_SESSION, data)?;
        let (mut channel, authenticate) =
            host::Channel::new(&keys[..16], &keys[16..], host_challenge, &created.data);
        exchange(address, CommandCode::AUTHENTICATE_SESSION, authenticate)?;
        channel.authenticated();
        Ok(Self { address, channel })
    }

    /// Executes a command; the data of its answer, or the error's code.
    pub(crate) fn command(&mut self, command: CommandCode, data: &[u8]) -> Result<Vec<u8>, u8> {
        let frame = Frame {
            code: command.0,
            data: data.to_vec(),
        };
        let message = self.channel.seal(&frame.encode());
        let answer = exchange(self.address, CommandCode::SESSION_MESSAGE, message)
            .map_err(|error| error.data[0])?;
        let inner = Frame::parse(&self.channel.open(&answer.data)).unwrap();
        if inner.code == CommandCode::ERROR.0 {
            return Err(inner.data[0]);
        }
        assert_eq!(inner.code, command.response());
        Ok(inner.data)
    }
}

fn exchange(address: SocketAddr, command: CommandCode, data: Vec<u8>) -> Result<Frame, Frame> {
    let code = command.0;
    let answer = post(address, &Frame { code, data }.encode()).unwrap();
    let frame = Frame::parse(&answer).unwrap();
    if frame.code == CommandCode::ERROR.0 {
        Err(frame)
    } else {
        Ok(frame)
    }
}

mod host {
    //! SCP03 on the side of the host.

    use aws_lc_rs::{
        cipher::{
            AES_128, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext,
            UnboundCipherKey,
        },
        cmac,
        iv::FixedLength,
    };

    pub(super) struct Channel {
        session: u8,
        encryption: [u8; 16],
        mac: [u8; 16],
        response_mac: [u8; 16],
        chaining: [u8; 16],
        counter: u32,
    }

    impl Channel {
        /// The channel, and the data of AUTHENTICATE SESSION.
        pub(super) fn new(
            encryption: &[u8],
            mac: &[u8],
            host_challenge: [u8; 8],
            created: &[u8],
        ) -> (Self, Vec<u8>) {
            let context = [&host_challenge, &created[1..9]].concat();
            let session_mac = derive(mac, 6, 0x80, &context);
            assert_eq!(
                derive(&session_mac, 0, 0x40, &context)[..8],
                created[9..17],
                "the card's cryptogram"
            );
            let cryptogram = derive(&session_mac, 1, 0x40, &context)[..8].to_vec();
            let mut channel = Self {
                session: created[0],
                encryption: derive(encryption, 4, 0x80, &context),
                mac: session_mac,
                response_mac: derive(mac, 7, 0x80, &context),
                chaining: [0; 16],
                counter: 0,
            };
            let data = channel.with_mac(0x04, cryptogram);
            (channel, data)
        }

        pub(super) const fn authenticated(&mut self) {
            self.counter = 1;
        }

        pub(super) fn seal(&mut self, plain: &[u8]) -> Vec<u8> {
            let mut text = plain.to_vec();
            text.push(0x80);
            text.resize(text.len().next_multiple_of(16), 0);
            let key = UnboundCipherKey::new(&AES_128, &self.encryption).unwrap();
            EncryptingKey::cbc(key)
                .unwrap()
                .less_safe_encrypt(&mut text, EncryptionContext::Iv128(self.vector()))
                .unwrap();
            self.with_mac(0x05, text)
        }

        pub(super) fn open(&mut self, data: &[u8]) -> Vec<u8> {
            let (body, mac) = data.split_at(data.len() - 8);
            let length = u16::try_from(data.len()).unwrap().to_be_bytes();
            let expected = cmac(
                &self.response_mac,
                &[&self.chaining, &[0x85], &length, body],
            );
            assert_eq!(expected[..8], *mac, "the answer's MAC");
            let mut text = body[1..].to_vec();
            let key = UnboundCipherKey::new(&AES_128, &self.encryption).unwrap();
            let plain = DecryptingKey::cbc(key)
                .unwrap()
                .decrypt(&mut text, DecryptionContext::Iv128(self.vector()))
                .unwrap();
            let end = plain.iter().rposition(|octet| *octet == 0x80).unwrap();
            self.counter += 1;
            plain[..end].to_vec()
        }

        fn with_mac(&mut self, command: u8, body: Vec<u8>) -> Vec<u8> {
            let data = [&[self.session], body.as_slice()].concat();
            let length = u16::try_from(data.len() + 8).unwrap().to_be_bytes();
            self.chaining = cmac(&self.mac, &[&self.chaining, &[command], &length, &data]);
            [data.as_slice(), &self.chaining[..8]].concat()
        }

        fn vector(&self) -> FixedLength<16> {
            let mut block = [0; 16];
            block[12..].copy_from_slice(&self.counter.to_be_bytes());
            let key = UnboundCipherKey::new(&AES_128, &self.encryption).unwrap();
            EncryptingKey::ecb(key)
                .unwrap()
                .less_safe_encrypt(&mut block, EncryptionContext::None)
                .unwrap();
            FixedLength::from(block)
        }
    }

    fn derive(key: &[u8], constant: u8, bits: u8, context: &[u8]) -> [u8; 16] {
        cmac(key, &[&[0; 11], &[constant, 0, 0, bits, 1], context])
    }

    fn cmac(key: &[u8], parts: &[&[u8]]) -> [u8; 16] {
        let key = cmac::Key::new(cmac::AES_128, key).unwrap();
        cmac::sign(&key, &parts.concat())
            .unwrap()
            .as_ref()
            .try_into()
            .unwrap()
    }
}

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tokio::sync::watch;

use super::world::{World, list};
use crate::control::server::owner_or_root;
use crate::control::*;

async fn post(socket: &Path, path: &str, body: Vec<u8>) -> (u16, Reply) {
    let socket = SocketPath::of(socket).unwrap();
    let stream = UnixStream::connect(socket.as_path()).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = hyper::Request::post(path).header("host", "kasane");
    let request = request.body(Full::new(Bytes::from(body))).unwrap();
    let answer = sender.send_request(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

fn envelope(version: u32) -> Vec<u8> {
    serde_json::to_vec(&Envelope {
        version,
        command: Request::List(list()),
    })
    .unwrap()
}

fn code(reply: Reply) -> String {
    match reply {
        Reply::Error(problem) => problem.code,
        Reply::Ok(response) => panic!("{response:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn command_over_the_socket_gives_the_answer_of_dispatch() {
    let world = World::new();
    let path = world.path.path().join("kasane.sock");
    // What a crashed service leaves behind.
    std::fs::write(&path, "").unwrap();
    let socket = ControlSocket::bind(&path).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (stop, stopped) = watch::channel(false);
    let served = tokio::spawn(socket.serve(world.context.clone(), stopped));
    let (status, reply) = post(&path, COMMAND_PATH, envelope(API_VERSION)).await;
    let expected = world.ask(Request::List(list())).unwrap();
    assert_eq!(status, 200);
    match reply {
        Reply::Ok(response) => assert_eq!(*response, expected),
        Reply::Error(problem) => panic!("{problem:?}"),
    }
    stop.send(true).unwrap();
    served.await.unwrap();
    assert!(!path.exists(), "a stopped service leaves no socket");
}

#[tokio::test(flavor = "multi_thread")]
async fn folder_with_a_long_name_has_its_socket_too() {
    let world = World::new();
    let folder = world.path.path().join("x".repeat(120));
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("kasane.sock");
    let socket = ControlSocket::bind(&path).unwrap();
    let (_stop, stopped) = watch::channel(false);
    tokio::spawn(socket.serve(world.context.clone(), stopped));
    let (status, _) = post(&path, COMMAND_PATH, envelope(API_VERSION)).await;
    assert_eq!(status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_commands_are_refused_each_with_its_code() {
    let world = World::new();
    let path = world.path.path().join("kasane.sock");
    let socket = ControlSocket::bind(&path).unwrap();
    let (_stop, stopped) = watch::channel(false);
    tokio::spawn(socket.serve(world.context.clone(), stopped));
    let (status, reply) = post(&path, COMMAND_PATH, envelope(API_VERSION + 1)).await;
    assert_eq!((status, code(reply).as_str()), (422, "socket.version"));
    let (status, reply) = post(&path, "/v1/other", envelope(API_VERSION)).await;
    assert_eq!((status, code(reply).as_str()), (422, "socket.request"));
    let (_, reply) = post(&path, COMMAND_PATH, b"{}".to_vec()).await;
    assert_eq!(code(reply), "socket.request");
    let large = vec![b' '; MAX_REQUEST_BYTES + 1];
    let (_, reply) = post(&path, COMMAND_PATH, large).await;
    assert_eq!(code(reply), "socket.request");
}

#[tokio::test(flavor = "multi_thread")]
async fn peer_that_may_not_command_hears_so_and_nothing_is_done() {
    let world = World::new();
    let path = world.path.path().join("kasane.sock");
    let socket = ControlSocket::bind(&path)
        .unwrap()
        .with_peer_rule(|_, _| false);
    let (_stop, stopped) = watch::channel(false);
    tokio::spawn(socket.serve(world.context.clone(), stopped));
    let (_, reply) = post(&path, COMMAND_PATH, envelope(API_VERSION)).await;
    assert_eq!(code(reply), "socket.peer-refused");
}

#[test]
fn owner_and_root_may_command_and_nobody_else() {
    assert!(owner_or_root(1000, 1000));
    assert!(owner_or_root(1000, 0));
    assert!(!owner_or_root(1000, 1001));
    assert!(!owner_or_root(0, 1000));
}

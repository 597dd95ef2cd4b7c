//! A file as a body, read in pieces as its client takes them.

use std::future::Future;
use std::io::{self, ErrorKind, SeekFrom};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::sync::Semaphore;

/// Octets read at once. What a client does not take costs so much, and what its connection holds of a
/// body, an eighth of a mebibyte in all.
const PIECE: usize = 16 * 1024;

/// Pieces read at a time: few threads and few descriptors, whatever the number of files on their way.
/// None is open in between, or slow clients would hold the descriptors that the ledger needs.
const MAX_READS: usize = 4;

/// By how many threads files are read.
#[derive(Clone, Debug)]
pub(super) struct FileReads(Arc<Semaphore>);

/// A file that is being sent.
pub(super) struct FileBody {
    path: Arc<Path>,
    sent: u64,
    left: u64,
    reads: FileReads,
    state: State,
}

enum State {
    Ready(Bytes),
    Waiting,
    Reading(Piece),
    Failed,
}

type Piece = Pin<Box<dyn Future<Output = io::Result<Bytes>> + Send>>;

impl Default for FileReads {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_READS)))
    }
}

impl FileReads {
    /// The file, its first piece read: what is replaced meanwhile, and is short, comes whole.
    ///
    /// # Errors
    /// Those of the operating system; `NotFound` for what is no file.
    pub(super) async fn open(&self, path: &Path) -> io::Result<FileBody> {
        // Never closed.
        let _reading = self.0.acquire().await.map_err(io::Error::other)?;
        let mut file = File::open(path).await?;
        let found = file.metadata().await?;
        if !found.is_file() {
            return Err(ErrorKind::NotFound.into());
        }
        let left = found.len();
        let first = read(&mut file, left).await?;
        Ok(FileBody {
            path: path.into(),
            sent: 0,
            left,
            reads: self.clone(),
            state: State::Ready(first),
        })
    }

    async fn piece(self, path: Arc<Path>, at: u64, left: u64) -> io::Result<Bytes> {
        let _reading = self.0.acquire().await.map_err(io::Error::other)?;
        let mut file = File::open(&*path).await?;
        file.seek(SeekFrom::Start(at)).await?;
        read(&mut file, left).await
    }
}

/// The next piece of a file of which so much is left.
async fn read(file: &mut File, left: u64) -> io::Result<Bytes> {
    let length = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
    file.set_max_buf_size(PIECE);
    let mut octets = vec![0; length];
    // Its length is announced: an end before that is an error, and the client sees one.
    file.read_exact(&mut octets).await?;
    Ok(octets.into())
}

impl HttpBody for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if this.left == 0 {
            return Poll::Ready(None);
        }
        let mut reading = match std::mem::replace(&mut this.state, State::Failed) {
            State::Failed => return Poll::Ready(None),
            State::Ready(octets) => return Poll::Ready(Some(Ok(this.send(octets)))),
            State::Reading(reading) => reading,
            State::Waiting => {
                let reads = this.reads.clone();
                Box::pin(reads.piece(Arc::clone(&this.path), this.sent, this.left))
            }
        };
        let Poll::Ready(read) = reading.as_mut().poll(context) else {
            this.state = State::Reading(reading);
            return Poll::Pending;
        };
        Poll::Ready(Some(match read {
            Ok(octets) => Ok(this.send(octets)),
            Err(error) => {
                tracing::error!(%error, "a file of the ledger cannot be read on");
                Err(error)
            }
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

impl FileBody {
    fn send(&mut self, octets: Bytes) -> Frame<Bytes> {
        let length = u64::try_from(octets.len()).unwrap_or(u64::MAX);
        self.sent = self.sent.saturating_add(length);
        self.left = self.left.saturating_sub(length);
        self.state = State::Waiting;
        Frame::data(octets)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use tokio::runtime::{Builder, Runtime};

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_all().build().unwrap()
    }

    #[test]
    fn file_comes_whole_and_in_pieces() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bundle");
        for length in [0, 1, PIECE, 3 * PIECE + 7] {
            let octets: Vec<u8> = (0..=250).cycle().take(length).collect();
            std::fs::write(&path, &octets).unwrap();
            let (longest, all) = runtime().block_on(async {
                let mut body = FileReads::default().open(&path).await.unwrap();
                assert_eq!(body.size_hint().exact(), Some(length as u64));
                let (mut longest, mut all) = (0, Vec::new());
                while let Some(frame) = body.frame().await {
                    let data = frame.unwrap().into_data().unwrap();
                    longest = longest.max(data.len());
                    all.extend(data);
                }
                (longest, all)
            });
            assert_eq!(all, octets);
            assert!(longest <= PIECE);
        }
    }

    #[test]
    fn file_that_ends_early_is_an_error_and_a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bundle");
        std::fs::write(&path, vec![7; 3 * PIECE]).unwrap();
        runtime().block_on(async {
            let reads = FileReads::default();
            let body = reads.open(&path).await.unwrap();
            std::fs::write(&path, vec![7; PIECE]).unwrap();
            let error = body.collect().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
            let refused = reads.open(folder.path()).await.err().unwrap();
            assert_eq!(refused.kind(), ErrorKind::NotFound);
            assert_eq!(reads.0.available_permits(), MAX_READS);
        });
    }

    #[test]
    fn file_on_its_way_holds_no_descriptor() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bundle");
        std::fs::write(&path, vec![7; 3 * PIECE]).unwrap();
        let held = || {
            let open = std::fs::read_dir("/proc/self/fd").unwrap();
            let named = open.filter_map(|it| std::fs::read_link(it.unwrap().path()).ok());
            named.filter(|name| *name == path).count()
        };
        runtime().block_on(async {
            let reads = FileReads::default();
            let mut bodies = Vec::new();
            for _ in 0..20 {
                let mut body = reads.open(&path).await.unwrap();
                body.frame().await.unwrap().unwrap();
                body.frame().await.unwrap().unwrap();
                bodies.push(body);
            }
            assert_eq!(held(), 0);
            assert!(bodies.iter().all(|body| body.left == PIECE as u64));
        });
    }
}

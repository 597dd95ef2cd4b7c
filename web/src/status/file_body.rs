//! A file as a body, read in pieces as its client takes them.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Octets read at once.
const PIECE: usize = 16 * 1024;

/// Files on their way at a time; further ones wait. Each holds a piece and what the connection holds
/// of a body that its client does not take, an eighth of a mebibyte in all.
const MAX_FILES: usize = 512;

/// Pieces read at a time: few threads, whatever the number of files.
const MAX_READS: usize = 4;

/// How many files are read, and by how many threads.
#[derive(Clone, Debug)]
pub(super) struct FileReads {
    files: Arc<Semaphore>,
    reads: Arc<Semaphore>,
}

/// A file that is being sent.
pub(super) struct FileBody {
    left: u64,
    reads: Arc<Semaphore>,
    state: State,
    _place: OwnedSemaphorePermit,
}

enum State {
    Waiting(File),
    Reading(Piece),
    Failed,
}

type Piece = Pin<Box<dyn Future<Output = io::Result<(File, Bytes)>> + Send>>;

impl Default for FileReads {
    fn default() -> Self {
        Self {
            files: Arc::new(Semaphore::new(MAX_FILES)),
            reads: Arc::new(Semaphore::new(MAX_READS)),
        }
    }
}

impl FileReads {
    /// The file, once there is room for another one.
    ///
    /// # Errors
    /// Those of the operating system; `NotFound` for what is no file.
    pub(super) async fn open(&self, path: &Path) -> io::Result<FileBody> {
        let place = permit(&self.files).await?;
        let _reading = permit(&self.reads).await?;
        let mut file = File::open(path).await?;
        let found = file.metadata().await?;
        if !found.is_file() {
            return Err(ErrorKind::NotFound.into());
        }
        file.set_max_buf_size(PIECE);
        Ok(FileBody {
            left: found.len(),
            reads: Arc::clone(&self.reads),
            state: State::Waiting(file),
            _place: place,
        })
    }
}

/// Neither semaphore is ever closed.
async fn permit(semaphore: &Arc<Semaphore>) -> io::Result<OwnedSemaphorePermit> {
    let permit = Arc::clone(semaphore).acquire_owned().await;
    permit.map_err(io::Error::other)
}

async fn piece(mut file: File, length: usize, reads: Arc<Semaphore>) -> io::Result<(File, Bytes)> {
    let _reading = permit(&reads).await?;
    let mut octets = vec![0; length];
    let read = file.read(&mut octets).await?;
    if read == 0 {
        // Its length is announced: an end before that is an error, and the client sees one.
        return Err(ErrorKind::UnexpectedEof.into());
    }
    octets.truncate(read);
    Ok((file, octets.into()))
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
            State::Reading(reading) => reading,
            State::Waiting(file) => {
                let length = usize::try_from(this.left).unwrap_or(PIECE).min(PIECE);
                Box::pin(piece(file, length, Arc::clone(&this.reads)))
            }
        };
        let Poll::Ready(read) = reading.as_mut().poll(context) else {
            this.state = State::Reading(reading);
            return Poll::Pending;
        };
        let (file, octets) = match read {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(%error, "a file of the ledger cannot be read on");
                return Poll::Ready(Some(Err(error)));
            }
        };
        this.state = State::Waiting(file);
        this.left = this
            .left
            .saturating_sub(u64::try_from(octets.len()).unwrap_or(u64::MAX));
        Poll::Ready(Some(Ok(Frame::data(octets))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
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
            // Each gave its place back.
            assert_eq!(reads.files.available_permits(), MAX_FILES);
        });
    }
}

//! A loopback server whose every answer is written by the test: for what no honest server does.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::http::{Request, read_request};

/// A server on 127.0.0.1 which reads a request and leaves the rest to the test. Dropping it breaks the connections that are open.
#[derive(Debug)]
pub struct Script {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stopping: AtomicBool,
    requests: Mutex<Vec<Request>>,
    connections: Mutex<Vec<TcpStream>>,
}

impl Script {
    /// Answers each request with `answer`, which gets the number of the request, counted from 0, the request, and the connection. What it
    /// fails with does not matter: clients hang up. The connection is closed when it returns.
    pub fn start(
        answer: impl Fn(usize, &Request, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let answer = Arc::new(answer);
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                for stream in listener.incoming() {
                    if shared.stopping.load(Ordering::SeqCst) {
                        return;
                    }
                    let Ok(mut stream) = stream else { continue };
                    let registered = stream.try_clone().unwrap();
                    shared.connections.lock().unwrap().push(registered);
                    let (shared, answer) = (Arc::clone(&shared), Arc::clone(&answer));
                    thread::spawn(move || {
                        let Ok(Some(request)) = read_request(&stream) else {
                            return;
                        };
                        let number = {
                            let mut requests = shared.requests.lock().unwrap();
                            requests.push(request.clone());
                            requests.len() - 1
                        };
                        let _ = answer(number, &request, &mut stream);
                        // The registered copy would keep it open.
                        let _ = stream.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        Self {
            address,
            shared,
            acceptor: Some(acceptor),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base address: `http://127.0.0.1:PORT/dl/`.
    pub fn url(&self) -> String {
        format!("http://{}/dl/", self.address)
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Writes `bytes` a few at a time, with a pause after each: what drips never stalls.
    pub fn drip(
        stream: &mut TcpStream,
        bytes: &[u8],
        at_a_time: usize,
        pause: Duration,
    ) -> io::Result<()> {
        for piece in bytes.chunks(at_a_time) {
            stream.write_all(piece)?;
            thread::sleep(pause);
        }
        Ok(())
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which then sees that it has to stop.
        drop(TcpStream::connect(self.address));
        let _ = self.acceptor.take().map(JoinHandle::join);
        for connection in self.shared.connections.lock().unwrap().iter() {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn answers_are_the_test_s() {
        let script = Script::start(|number, request, stream| {
            write!(stream, "{number} {} {}", request.method, request.path)
        });
        for number in 0..2 {
            let mut stream = TcpStream::connect(script.address()).unwrap();
            stream.write_all(b"GET /x HTTP/1.1\r\n\r\n").unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            assert_eq!(text, format!("{number} GET /x"));
        }
        assert_eq!(script.requests().len(), 2);
    }
}

//! A loopback proxy, which leads every name to servers of the test's.

use std::{
    io::{self, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    thread,
};

use crate::{Request, Script};

/// An HTTP proxy on 127.0.0.1. Whatever host is asked for, `CONNECT` leads to one server and plain requests to another; so a test can
/// stand for any name without the network.
#[derive(Debug)]
pub struct Proxy(Script);

impl Proxy {
    /// Leads tunnels to `tunnels`, and plain requests to `plain`. Where `login` is given, it refuses who does not send this value as
    /// `Proxy-Authorization`.
    pub fn start(tunnels: SocketAddr, plain: SocketAddr, login: Option<String>) -> Self {
        Self(Script::start(move |_, request, client| {
            let sent = request
                .headers
                .iter()
                .find(|(name, _)| name == "proxy-authorization");
            if login.is_some() && sent.map(|(_, value)| value) != login.as_ref() {
                return client.write_all(
                    b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
                );
            }
            if request.method == "CONNECT" {
                let server = TcpStream::connect(tunnels)?;
                client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
                return join(client, &server);
            }
            // `http://host/path`: what the server wants is the path.
            let path = request.path.splitn(4, '/').nth(3).unwrap_or_default();
            let mut server = TcpStream::connect(plain)?;
            let query = match &*request.query {
                "" => String::new(),
                query => format!("?{query}"),
            };
            write!(server, "{} /{path}{query} HTTP/1.1\r\n", request.method)?;
            for (name, value) in &request.headers {
                write!(server, "{name}: {value}\r\n")?;
            }
            server.write_all(b"\r\n")?;
            io::copy(&mut server, client).map(drop)
        }))
    }

    /// Its address for variables: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.0.address())
    }

    /// Every request so far; a tunnel is one, by its `CONNECT host:443`.
    pub fn requests(&self) -> Vec<Request> {
        self.0.requests()
    }
}

/// Passes bytes both ways until both sides are done.
fn join(client: &mut TcpStream, server: &TcpStream) -> io::Result<()> {
    let (mut to_server, mut from_client) = (server.try_clone()?, client.try_clone()?);
    let upward = thread::spawn(move || {
        let _ = io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let mut from_server = server.try_clone()?;
    let _ = io::copy(&mut from_server, client);
    let _ = client.shutdown(Shutdown::Both);
    let _ = upward.join();
    Ok(())
}

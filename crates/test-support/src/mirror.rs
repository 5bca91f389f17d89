//! A loopback HTTP server which serves a directory as go.dev/dl/ does, and misbehaves on request.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    path::{Component, Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant, SystemTime},
};

use sha2::{Digest, Sha256};

use crate::http::{Range, Request, parse_range, read_request, reason};
use crate::index;

const JSON: &str = "application/json";
const BINARY: &str = "application/octet-stream";

/// A server on 127.0.0.1 which serves the files of a directory below `/dl/`, and at `/dl/?mode=json` the index of the
/// archives among them (`index.json` of the directory if there is one). It knows `<file>.sha256`, HEAD, single byte
/// ranges, If-Range, `ETag` and If-None-Match; every answer closes its connection. Dropping it breaks the connections
/// that are open.
#[derive(Debug)]
pub struct Mirror {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

/// What goes wrong with a file.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Answers with this status.
    Status(u16),
    /// Inverts the byte at this offset of the file.
    FlipByte(u64),
    /// Announces the whole body but closes the connection after so many bytes of it. Counted for each answer, so a
    /// client that resumes gets on.
    Truncate(u64),
    /// Serves these bytes in the file's stead.
    Body(Vec<u8>),
    /// Falls silent after the first half of the body, for so long or until the file has another fault or none, then goes on.
    Stall(Duration),
    /// Answers 200 with an HTML page, as captive portals do.
    Html,
}

#[derive(Debug)]
struct Shared {
    dir: PathBuf,
    stopping: AtomicBool,
    state: Mutex<State>,
    /// sha256 of files by path, valid for the time and length they had. Separate from the state because hashing an
    /// SDK takes a while.
    hashes: Mutex<HashMap<PathBuf, (SystemTime, u64, String)>>,
}

#[derive(Debug, Default)]
struct State {
    requests: Vec<Request>,
    faults: HashMap<String, Fault>,
    delay: Duration,
    /// The open connections by serial number.
    connections: HashMap<u64, TcpStream>,
}

impl Mirror {
    /// Serves the files of `dir` on a free port. Fails when `dir` is not there.
    pub fn start(dir: &Path) -> io::Result<Self> {
        Self::start_on(dir, 0)
    }

    /// Serves the files of `dir` on `port`. Fails when `dir` is not there or the port is taken.
    pub fn start_on(dir: &Path, port: u16) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            dir: fs_err::canonicalize(dir)?,
            stopping: AtomicBool::new(false),
            state: Mutex::default(),
            hashes: Mutex::default(),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.accept(&listener)
        });
        Ok(Self {
            address,
            shared,
            acceptor: Some(acceptor),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base address: `http://127.0.0.1:PORT/dl/`.
    pub fn url(&self) -> String {
        format!("http://{}/dl/", self.address)
    }

    /// How often `/dl/<name>` was got; the empty name is the index.
    pub fn hits(&self, name: &str) -> usize {
        let state = self.shared.state.lock().unwrap();
        let hit = |request: &&Request| {
            request.method == "GET" && request.path.strip_prefix("/dl/") == Some(name)
        };
        state.requests.iter().filter(hit).count()
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state.lock().unwrap().requests.clone()
    }

    /// Lets `/dl/<name>` go wrong from the next request on, or heals it. The empty name is the index.
    pub fn set_fault(&self, name: &str, fault: Option<Fault>) {
        let faults = &mut self.shared.state.lock().unwrap().faults;
        match fault {
            Some(fault) => faults.insert(name.to_owned(), fault),
            None => faults.remove(name),
        };
    }

    /// Slows the bodies of the next requests down: a pause after every 64 KiB. Zero switches it off.
    pub fn set_delay(&self, per_64k: Duration) {
        self.shared.state.lock().unwrap().delay = per_64k;
    }

    /// Hashes every archive now, so that no client waits for it. Fails when one cannot be read.
    pub fn warm_up(&self) -> io::Result<()> {
        index::build(&self.shared.dir, |name| {
            self.shared.hash(&self.shared.dir.join(name))
        })
        .map(drop)
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which then sees that it has to stop.
        drop(TcpStream::connect(self.address));
        let acceptor = self.acceptor.take();
        let _ = acceptor.map(JoinHandle::join);
        for connection in self.shared.state.lock().unwrap().connections.values() {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

/// What to answer, before ranges and faults of the body.
struct Answer {
    status: u16,
    kind: &'static str,
    /// The sha256 of the content, where the client may hold on to it.
    etag: Option<String>,
    body: Body,
}

enum Body {
    File(File),
    Bytes(Vec<u8>),
}

impl Answer {
    fn text(status: u16, text: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            kind: "text/plain; charset=utf-8",
            etag: None,
            body: Body::Bytes(text.into()),
        }
    }

    fn html() -> Self {
        let page = "<!DOCTYPE html>\n<html><body>Please sign in.</body></html>\n";
        Self {
            status: 200,
            kind: "text/html; charset=utf-8",
            etag: None,
            body: Body::Bytes(page.into()),
        }
    }

    fn index(json: Vec<u8>) -> Self {
        let etag = Some(hex(&Sha256::digest(&json)));
        Self {
            status: 200,
            kind: JSON,
            etag,
            body: Body::Bytes(json),
        }
    }
}

impl Shared {
    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for (serial, stream) in (0..).zip(listener.incoming()) {
            if self.stopping.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream else { continue };
            let Ok(registered) = stream.try_clone() else {
                continue;
            };
            self.state
                .lock()
                .unwrap()
                .connections
                .insert(serial, registered);
            let shared = Arc::clone(self);
            thread::spawn(move || {
                // A client which hangs up is no business of ours.
                let _ = shared.serve(&stream);
                shared.state.lock().unwrap().connections.remove(&serial);
            });
        }
    }

    fn serve(&self, stream: &TcpStream) -> io::Result<()> {
        let Some(request) = read_request(stream)? else {
            return Ok(());
        };
        let name = request.path.strip_prefix("/dl/").map(str::to_owned);
        let (fault, delay) = {
            let mut state = self.state.lock().unwrap();
            state.requests.push(request.clone());
            (
                name.as_ref()
                    .and_then(|name| state.faults.get(name).cloned()),
                state.delay,
            )
        };
        // Whether the fault that this answer began with is over.
        let is_healed = || {
            let state = self.state.lock().unwrap();
            let fault = name.as_ref().and_then(|name| state.faults.get(name));
            !matches!(fault, Some(Fault::Stall(_)))
        };
        let answer = match (&fault, name.clone()) {
            (Some(Fault::Status(status)), _) => Answer::text(*status, "fault\n"),
            (Some(Fault::Html), _) => Answer::html(),
            (Some(Fault::Body(bytes)), name) => {
                let kind = if name.as_deref() == Some("") {
                    JSON
                } else {
                    BINARY
                };
                Answer {
                    status: 200,
                    kind,
                    etag: None,
                    body: Body::Bytes(bytes.clone()),
                }
            }
            (_, Some(name)) if matches!(&*request.method, "GET" | "HEAD") => self
                .answer(&name, &request.query)
                .unwrap_or_else(|error| Answer::text(500, format!("{error}\n"))),
            (_, Some(_)) => Answer::text(405, "method not allowed\n"),
            (_, None) => Answer::text(404, "not found\n"),
        };
        send(stream, &request, answer, fault.as_ref(), &is_healed, delay)
    }

    fn answer(&self, name: &str, query: &str) -> io::Result<Answer> {
        if name.is_empty() {
            return self.index(query);
        }
        if let Some(path) = self.find(name) {
            let etag = Some(self.hash(&path)?);
            return Ok(Answer {
                status: 200,
                kind: BINARY,
                etag,
                body: Body::File(File::open(path)?),
            });
        }
        if let Some(path) = name
            .strip_suffix(".sha256")
            .and_then(|name| self.find(name))
        {
            return Ok(Answer::text(200, self.hash(&path)?));
        }
        Ok(Answer::text(404, "not found\n"))
    }

    fn index(&self, query: &str) -> io::Result<Answer> {
        let mut query = query.split('&');
        if !query.clone().any(|pair| pair == "mode=json") {
            return Ok(Answer::html());
        }
        let all = query.any(|pair| pair == "include=all");
        let written = self.find("index.json").map(fs_err::read).transpose()?;
        if let (true, Some(json)) = (all, &written) {
            return Ok(Answer::index(json.clone()));
        }
        let mut releases = match written {
            Some(json) => serde_json::from_slice(&json)?,
            None => index::build(&self.dir, |name| self.hash(&self.dir.join(name)))?,
        };
        if !all {
            releases = index::newest(releases);
        }
        Ok(Answer::index(serde_json::to_vec_pretty(&releases)?))
    }

    /// The regular file called `name`, wherever links lead, if that is in the directory.
    fn find(&self, name: &str) -> Option<PathBuf> {
        let relative = Path::new(name);
        if !relative
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
        {
            return None;
        }
        let path = fs_err::canonicalize(self.dir.join(relative)).ok()?;
        (path.starts_with(&self.dir) && path.is_file()).then_some(path)
    }

    fn hash(&self, path: &Path) -> io::Result<String> {
        let metadata = fs_err::metadata(path)?;
        let (time, len) = (metadata.modified()?, metadata.len());
        let mut hashes = self.hashes.lock().unwrap();
        if let Some((known_time, known_len, hash)) = hashes.get(path)
            && (*known_time, *known_len) == (time, len)
        {
            return Ok(hash.clone());
        }
        let hash = sha256(&mut fs_err::File::open(path)?)?;
        hashes.insert(path.to_owned(), (time, len, hash.clone()));
        Ok(hash)
    }
}

fn sha256(reader: &mut impl Read) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(hex(&digest.finalize())),
            n => digest.update(&buffer[..n]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from_digit(digit.into(), 16).unwrap())
        .collect()
}

fn send(
    mut stream: &TcpStream,
    request: &Request,
    answer: Answer,
    fault: Option<&Fault>,
    is_healed: &dyn Fn() -> bool,
    delay: Duration,
) -> io::Result<()> {
    let size = match &answer.body {
        Body::File(file) => file.metadata()?.len(),
        Body::Bytes(bytes) => bytes.len() as u64,
    };
    let etag = answer.etag.map(|hash| format!("\"{hash}\""));
    let range = match (&request.range, request.header("if-range")) {
        // Another content than the one which the client has a part of.
        (_, Some(known)) if etag.as_deref() != Some(known) => Range::Whole,
        (Some(range), _) if answer.status == 200 => parse_range(range, size),
        _ => Range::Whole,
    };
    let known = request.header("if-none-match").is_some_and(|known| {
        known
            .split(',')
            .any(|known| Some(known.trim().trim_start_matches("W/")) == etag.as_deref())
    });
    let (status, start, len, content_range) = match range {
        _ if known => (304, 0, 0, None),
        Range::Whole => (answer.status, 0, size, None),
        Range::Part(start, len) => (
            206,
            start,
            len,
            Some(format!("bytes {start}-{}/{size}", start + len - 1)),
        ),
        Range::Unsatisfiable => (416, 0, 0, Some(format!("bytes */{size}"))),
    };
    let mut head = format!(
        "HTTP/1.1 {status} {}\r\nConnection: close\r\nAccept-Ranges: bytes\r\n",
        reason(status)
    );
    for (name, value) in [
        (
            "Content-Type",
            (status != 304).then(|| answer.kind.to_owned()),
        ),
        ("Content-Length", (status != 304).then(|| len.to_string())),
        ("Content-Range", content_range),
        ("ETag", etag),
    ] {
        head.extend(value.map(|value| format!("{name}: {value}\r\n")));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    if request.method == "HEAD" {
        return Ok(());
    }
    match answer.body {
        Body::File(mut file) => {
            file.seek(SeekFrom::Start(start))?;
            if fault.is_none() && delay.is_zero() {
                // Between a file and a socket this stays in the kernel (sendfile) where there is such a thing.
                io::copy(&mut file.take(len), &mut stream)?;
                return Ok(());
            }
            send_slowly(stream, file, (start, len), fault, is_healed, delay)
        }
        Body::Bytes(bytes) => {
            let mut bytes = Cursor::new(bytes);
            bytes.set_position(start);
            send_slowly(stream, bytes, (start, len), fault, is_healed, delay)
        }
    }
}

/// Sends `len` bytes of `body`, the first of which is at offset `start` of the file, with faults and delays.
fn send_slowly(
    mut stream: &TcpStream,
    mut body: impl Read,
    (start, len): (u64, u64),
    fault: Option<&Fault>,
    is_healed: &dyn Fn() -> bool,
    delay: Duration,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    let mut sent = 0;
    let end = match fault {
        Some(Fault::Truncate(bytes)) => len.min(*bytes),
        _ => len,
    };
    while sent < end {
        let mut room = end - sent;
        if let Some(Fault::Stall(pause)) = fault {
            if sent == len / 2 {
                let begin = Instant::now();
                while begin.elapsed() < *pause && !is_healed() {
                    thread::sleep(Duration::from_millis(5));
                }
            } else if sent < len / 2 {
                room = len / 2 - sent;
            }
        }
        let room = usize::try_from(room)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let n = body.read(&mut buffer[..room])?;
        if n == 0 {
            break;
        }
        if let Some(Fault::FlipByte(offset)) = fault
            && let Some(at) = offset.checked_sub(start + sent)
            && let Some(byte) = usize::try_from(at)
                .ok()
                .and_then(|at| buffer[..n].get_mut(at))
        {
            *byte = !*byte;
        }
        stream.write_all(&buffer[..n])?;
        sent += n as u64;
        thread::sleep(delay);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{Sandbox, stand_in};

    struct Reply {
        status: u16,
        head: String,
        body: Vec<u8>,
    }

    impl Reply {
        fn header(&self, name: &str) -> Option<&str> {
            self.head
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        }
    }

    fn ask(mirror: &Mirror, method: &str, target: &str, headers: &str) -> Reply {
        let mut stream = TcpStream::connect(mirror.address).unwrap();
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: mirror\r\n{headers}\r\n"
        )
        .unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap()
            + 4;
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Reply {
            status,
            head,
            body: bytes[end..].to_vec(),
        }
    }

    fn get(mirror: &Mirror, target: &str) -> Reply {
        ask(mirror, "GET", target, "")
    }

    /// A mirror with the file `f`, which has 300,000 bytes.
    fn mirror() -> (Sandbox, Mirror, Vec<u8>) {
        let sandbox = Sandbox::new();
        let bytes: Vec<u8> = (0..300_000_u32)
            .map(|n| n.to_le_bytes()[n as usize % 3])
            .collect();
        sandbox.write("dl/f", &bytes);
        sandbox.write("secret", "secret");
        let mirror = Mirror::start(&sandbox.root().join("dl")).unwrap();
        (sandbox, mirror, bytes)
    }

    #[test]
    fn serves_files_heads_and_hashes() {
        let (_sandbox, mirror, bytes) = mirror();
        let reply = get(&mirror, "/dl/f");
        assert_eq!(
            (reply.status, reply.header("Content-Length")),
            (200, Some("300000"))
        );
        assert!(reply.body == bytes);
        let hash = get(&mirror, "/dl/f.sha256").body;
        assert_eq!(hash, hex(&Sha256::digest(&bytes)).into_bytes());
        assert_eq!(
            reply.header("ETag").unwrap().as_bytes(),
            [b"\"", &*hash, b"\""].concat()
        );
        let head = ask(&mirror, "HEAD", "/dl/f", "");
        assert_eq!(
            (head.status, head.header("Content-Length"), head.body.len()),
            (200, Some("300000"), 0)
        );
        assert_eq!(ask(&mirror, "POST", "/dl/f", "").status, 405);
        let requests = mirror.requests();
        assert_eq!(
            (mirror.hits("f"), mirror.hits("f.sha256"), mirror.hits("")),
            (1, 1, 0)
        );
        assert_eq!(
            (&*requests[2].method, &*requests[2].path),
            ("HEAD", "/dl/f")
        );
        assert_eq!(
            requests[0].headers,
            [("host".to_owned(), "mirror".to_owned())]
        );
    }

    #[test]
    fn no_path_leaves_the_directory() {
        let (sandbox, mirror, _) = mirror();
        #[cfg(unix)]
        std::os::unix::fs::symlink(sandbox.root(), sandbox.root().join("dl/out")).unwrap();
        for target in [
            "/dl/../secret",
            "/dl/%2e%2e/secret",
            "/dl/..%2fsecret",
            "/dl/../secret.sha256",
            "/dl//etc/passwd",
            "/dl/%2fetc/passwd",
            "/dl/out/secret",
            "/dl/f/../../secret",
            "/dl/f%00",
            "/dl/.",
            "/dl",
            "/",
            "/secret",
            "/dl/missing",
        ] {
            assert_eq!(get(&mirror, target).status, 404, "{target}");
        }
    }

    #[test]
    fn serves_ranges() {
        let (_sandbox, mirror, bytes) = mirror();
        let range = |header: &str| ask(&mirror, "GET", "/dl/f", &format!("Range: {header}\r\n"));
        let rest = range("bytes=299990-");
        assert_eq!(
            (rest.status, rest.header("Content-Range")),
            (206, Some("bytes 299990-299999/300000"))
        );
        assert_eq!(
            (rest.header("Content-Length"), &*rest.body),
            (Some("10"), &bytes[299_990..])
        );
        assert_eq!(range("bytes=5-8").body, bytes[5..9]);
        assert_eq!(range("bytes=299999-999999").body, bytes[299_999..]);
        let none = range("bytes=300000-");
        assert_eq!(
            (none.status, none.header("Content-Range")),
            (416, Some("bytes */300000"))
        );
        for whole in ["bytes=1-2,4-5", "lines=1-2", "bytes=9-8"] {
            assert_eq!(
                (range(whole).status, range(whole).body.len()),
                (200, 300_000),
                "{whole}"
            );
        }
        assert_eq!(mirror.requests()[0].range.as_deref(), Some("bytes=299990-"));
    }

    #[test]
    fn a_range_of_another_content_is_the_whole() {
        let (_sandbox, mirror, _) = mirror();
        let etag = get(&mirror, "/dl/f").header("ETag").unwrap().to_owned();
        let ask = |etag: &str| {
            ask(
                &mirror,
                "GET",
                "/dl/f",
                &format!("Range: bytes=9-\r\nIf-Range: {etag}\r\n"),
            )
        };
        assert_eq!((ask(&etag).status, ask("\"other\"").status), (206, 200));
    }

    #[test]
    fn faults_come_and_go() {
        let (_sandbox, mirror, bytes) = mirror();
        let with = |fault| {
            mirror.set_fault("f", Some(fault));
            get(&mirror, "/dl/f")
        };
        assert_eq!(with(Fault::Status(503)).status, 503);
        let html = with(Fault::Html);
        assert_eq!(
            (html.status, html.header("Content-Type")),
            (200, Some("text/html; charset=utf-8"))
        );
        assert_eq!(with(Fault::Body(b"other".to_vec())).body, b"other");
        let cut = with(Fault::Truncate(70_000));
        assert_eq!(cut.header("Content-Length"), Some("300000"));
        assert!(cut.body == bytes[..70_000]);
        let rest = ask(&mirror, "GET", "/dl/f", "Range: bytes=290000-\r\n");
        assert!(rest.body == bytes[290_000..]);
        let flipped = with(Fault::FlipByte(200_000)).body;
        let different: Vec<_> = (0..bytes.len())
            .filter(|&at| flipped[at] != bytes[at])
            .collect();
        assert_eq!(different, [200_000]);
        let begin = Instant::now();
        assert!(with(Fault::Stall(Duration::from_millis(50))).body == bytes);
        assert!(begin.elapsed() >= Duration::from_millis(50));
        // One that would outlast the test is over when the file is healed.
        let hits_before = mirror.hits("f");
        mirror.set_fault("f", Some(Fault::Stall(Duration::from_hours(24))));
        thread::scope(|scope| {
            let whole = scope.spawn(|| get(&mirror, "/dl/f").body == bytes);
            while mirror.hits("f") < hits_before + 1 {
                thread::sleep(Duration::from_millis(1));
            }
            mirror.set_fault("f", None);
            assert!(whole.join().unwrap());
        });
        assert!(get(&mirror, "/dl/f").body == bytes);
    }

    #[test]
    fn delays_bodies() {
        let (_sandbox, mirror, bytes) = mirror();
        mirror.set_delay(Duration::from_millis(10));
        let begin = Instant::now();
        assert!(get(&mirror, "/dl/f").body == bytes);
        assert!(begin.elapsed() >= Duration::from_millis(50));
    }

    #[test]
    fn dropping_it_breaks_connections() {
        let (_sandbox, mirror, _) = mirror();
        mirror.set_fault("f", Some(Fault::Stall(Duration::from_mins(10))));
        let mut stream = TcpStream::connect(mirror.address).unwrap();
        let address = mirror.address;
        stream.write_all(b"GET /dl/f HTTP/1.1\r\n\r\n").unwrap();
        stream.read_exact(&mut [0; 1000]).unwrap();
        drop(mirror);
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.len() < 200_000);
        assert!(TcpStream::connect(address).is_err());
    }

    #[test]
    fn the_index_lists_the_archives() {
        let sandbox = Sandbox::new();
        let dir = sandbox.root().join("dl");
        stand_in::write_mirror(
            &dir,
            &[
                "go1.9.7",
                "go1.21.13",
                "go1.22.9",
                "go1.22.10",
                "go1.23rc2",
                "go1.20",
            ],
        );
        let mirror = Mirror::start(&dir).unwrap();
        let list = |query: &str| -> Vec<Value> {
            serde_json::from_slice(&get(&mirror, &format!("/dl/?{query}")).body).unwrap()
        };
        let all = list("mode=json&include=all");
        let versions = |list: &[Value]| -> Vec<String> {
            list.iter()
                .map(|release| release["version"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(
            versions(&all),
            [
                "go1.23rc2",
                "go1.22.10",
                "go1.22.9",
                "go1.21.13",
                "go1.20",
                "go1.9.7"
            ]
        );
        assert_eq!(versions(&list("mode=json")), ["go1.22.10", "go1.21.13"]);
        assert_eq!(
            (&all[0]["stable"], &all[1]["stable"]),
            (&Value::Bool(false), &Value::Bool(true))
        );
        let name = crate::host::archive_name("go1.22.10");
        let bytes = fs_err::read(dir.join(&name)).unwrap();
        assert_eq!(
            all[1]["files"],
            serde_json::json!([{
                "filename": name,
                "os": crate::host::os(),
                "arch": crate::host::arch(),
                "version": "go1.22.10",
                "sha256": hex(&Sha256::digest(&bytes)),
                "size": bytes.len(),
                "kind": "archive",
            }])
        );
        assert_eq!(mirror.hits(""), 2);
        assert_eq!(
            get(&mirror, "/dl/").header("Content-Type"),
            Some("text/html; charset=utf-8")
        );
    }

    #[test]
    fn an_index_that_is_there_is_served() {
        let (sandbox, mirror, _) = mirror();
        let json = r#"[{"version":"go1.23.1","stable":true,"files":[]},{"version":"go1.23.0","stable":true,"files":[]}]"#;
        sandbox.write("dl/index.json", json);
        let reply = get(&mirror, "/dl/?mode=json&include=all");
        assert_eq!(reply.body, json.as_bytes());
        let newest: Vec<Value> =
            serde_json::from_slice(&get(&mirror, "/dl/?mode=json").body).unwrap();
        assert_eq!(newest.len(), 1);
        let etag = reply.header("ETag").unwrap();
        let again = ask(
            &mirror,
            "GET",
            "/dl/?mode=json&include=all",
            &format!("If-None-Match: {etag}\r\n"),
        );
        assert_eq!((again.status, again.body.len()), (304, 0));
        sandbox.write("dl/index.json", "[]");
        let again = ask(
            &mirror,
            "GET",
            "/dl/?mode=json&include=all",
            &format!("If-None-Match: {etag}\r\n"),
        );
        assert_eq!((again.status, &*again.body), (200, &b"[]"[..]));
    }
}

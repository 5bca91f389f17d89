//! Names of servers become addresses as the system says, each on a thread of its own: where there can be none that is an error, while the
//! HTTP client's own way would panic.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::threads;

/// The system's resolver.
pub(crate) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses = Lookup::start(name.as_str().to_owned())?.await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// What a thread is looking up.
struct Lookup(Arc<Mutex<State>>);

enum State {
    /// Not there yet; who wants to know it.
    Pending(Option<Waker>),
    Done(io::Result<Vec<SocketAddr>>),
}

impl Lookup {
    fn start(name: String) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State::Pending(None)));
        let told = Arc::clone(&state);
        threads::start(move || {
            // The port is put in later.
            let found = (name.as_str(), 0).to_socket_addrs().map(Iterator::collect);
            let mut state = told.lock().unwrap_or_else(PoisonError::into_inner);
            if let State::Pending(Some(waker)) = std::mem::replace(&mut *state, State::Done(found))
            {
                waker.wake();
            }
        })?;
        Ok(Self(state))
    }
}

impl Future for Lookup {
    type Output = io::Result<Vec<SocketAddr>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = State::Pending(Some(context.waker().clone()));
        match std::mem::replace(&mut *state, waiting) {
            State::Done(found) => Poll::Ready(found),
            State::Pending(_) => Poll::Pending,
        }
    }
}

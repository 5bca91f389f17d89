//! How patient goshim is with servers: `GOSHIM_HTTP_…`, else `[http]` in the user's configuration.

use std::time::Duration;

use goshim_resolver::settings::{Config, HttpTable};
use goshim_resolver::{Env, variables};

use crate::error::Error;

/// The limits of a connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    /// The longest time until a connection stands.
    pub(crate) connect: Duration,
    /// The longest time without a byte, and for the whole head of an answer.
    pub(crate) stall: Duration,
    /// The least bytes a second; 0 for none.
    pub(crate) min_rate: u64,
    /// How often a failed connection is made again without progress.
    pub(crate) retries: u32,
}

impl Limits {
    /// The user's limits.
    pub(crate) fn new(env: &Env, config: &Config) -> Result<Self, Error> {
        let HttpTable {
            timeout,
            connect_timeout,
            retries,
            min_rate,
            ..
        } = config.http;
        Ok(Self {
            connect: duration(
                env,
                variables::HTTP_CONNECT_TIMEOUT,
                "http.connect_timeout in config.toml",
                connect_timeout,
                10,
            )?,
            stall: duration(
                env,
                variables::HTTP_TIMEOUT,
                "http.timeout in config.toml",
                timeout,
                30,
            )?,
            min_rate: number(env, variables::HTTP_MIN_RATE)?
                .or(min_rate)
                .unwrap_or(1024),
            retries: retry_limit(env, retries)?,
        })
    }

    /// The time over which the rate is measured.
    pub(crate) fn window(self) -> Duration {
        self.stall * 2
    }
}

fn duration(
    env: &Env,
    variable: &'static str,
    setting: &'static str,
    configured: Option<f64>,
    default: u64,
) -> Result<Duration, Error> {
    let (what, seconds, value) = match (env.text(variable), configured) {
        (Some(value), _) => (variable, value.parse().ok(), value),
        (None, Some(seconds)) => (setting, Some(seconds), seconds.to_string()),
        (None, None) => return Ok(Duration::from_secs(default)),
    };
    seconds
        .filter(|seconds| (0.01..=3600.0).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or(Error::Setting {
            what,
            value,
            expected: "a number of seconds from 0.01 to 3600",
        })
}

fn number(env: &Env, variable: &'static str) -> Result<Option<u64>, Error> {
    let Some(value) = env.text(variable) else {
        return Ok(None);
    };
    match value.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(Error::Setting {
            what: variable,
            value,
            expected: "a number without sign and fraction",
        }),
    }
}

/// A server that has failed so often is down, and there may be another mirror.
const MOST_RETRIES: u32 = 20;

fn retry_limit(env: &Env, configured: Option<u32>) -> Result<u32, Error> {
    let (what, retries, value) = match (env.text(variables::HTTP_RETRIES), configured) {
        (Some(value), _) => (variables::HTTP_RETRIES, value.parse().ok(), value),
        (None, Some(retries)) => (
            "http.retries in config.toml",
            Some(retries),
            retries.to_string(),
        ),
        (None, None) => return Ok(2),
    };
    let is_fine = |retries: &u32| *retries <= MOST_RETRIES;
    retries.filter(is_fine).ok_or(Error::Setting {
        what,
        value,
        expected: "a whole number from 0 to 20",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_come_before_the_configuration() {
        let limits = |env: Env, config: &str| {
            let config: HttpTable = toml::from_str(config).unwrap();
            let config = Config {
                http: config,
                ..Config::default()
            };
            Limits::new(&env, &config).map_err(|error| error.to_string())
        };
        let default = limits(Env::default(), "").unwrap();
        assert_eq!(
            default,
            Limits {
                connect: Duration::from_secs(10),
                stall: Duration::from_secs(30),
                min_rate: 1024,
                retries: 2
            }
        );
        let configured = limits(Env::default(), "timeout = 5\nretries = 0\n").unwrap();
        assert_eq!(
            (configured.stall, configured.retries),
            (Duration::from_secs(5), 0)
        );
        let env = Env::default().with("GOSHIM_HTTP_TIMEOUT", "0.5");
        assert_eq!(
            limits(env, "timeout = 5").unwrap().window(),
            Duration::from_secs(1)
        );
        for value in ["-1", "0", "NaN", "inf", "1e9", "soon"] {
            let env = Env::default().with("GOSHIM_HTTP_TIMEOUT", value);
            let error = limits(env, "").unwrap_err();
            assert!(error.starts_with("GOSHIM_HTTP_TIMEOUT is "), "{error}");
        }
        for value in ["-1", "1.5", "21"] {
            limits(Env::default().with("GOSHIM_HTTP_RETRIES", value), "").unwrap_err();
        }
        let most = limits(Env::default(), "retries = 20\n").unwrap();
        assert_eq!(most.retries, 20);
        assert_eq!(
            limits(Env::default(), "retries = 21\n").unwrap_err(),
            "http.retries in config.toml is `21`, not a whole number from 0 to 20"
        );
    }
}

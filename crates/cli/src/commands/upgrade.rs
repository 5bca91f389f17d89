//! `goshim upgrade`

use std::process::ExitCode;

use clap::Args;
use goshim_installer::default;
use goshim_installer::install::Order;
use goshim_resolver::{Platform, Query, Version};

use crate::commands::install::{Done, Manner, carry_out, print_shapes};
use crate::commands::outdated::newest_of_minors;
use crate::context::Context;
use crate::error::Error;
use crate::known::Known;
use crate::progress::Progress;

/// The arguments of `upgrade`
#[derive(Debug, Args)]
pub struct Upgrade {
    /// Only this minor, such as 1.22
    #[arg(value_name = "QUERY")]
    query: Option<String>,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

impl Upgrade {
    pub(crate) fn run(&self, context: &mut Context) -> Result<ExitCode, Error> {
        let query = self
            .query
            .as_deref()
            .map(|text| context.published_query(text))
            .transpose()?;
        let installer = context.installer()?;
        let index = {
            let progress = Progress::new(context.output);
            installer.index(&mut |event| progress.show(&event))?
        };
        let mut versions = newest_of_minors(context)?;
        versions.retain(|version| query.as_ref().is_none_or(|query| is_meant(query, version)));
        if let (true, Some(text)) = (versions.is_empty(), &self.query) {
            return Err(Error::NothingToUpgrade(text.clone()));
        }
        let known = Known::new(Some(&index), Platform::host(), &versions);
        let orders: Vec<Order> = versions
            .iter()
            .filter_map(|version| known.newer_patch(version))
            .map(|newer| Order::new(Query::Release(newer.clone()), None))
            .collect();
        let manner = Manner {
            platform: Platform::host(),
            is_reinstall: false,
            has_timings: false,
        };
        let done = carry_out(context, &orders, &manner)?;
        if !matches!(done, Done::Stopped(_)) {
            tell_default(context, &versions, &known);
        }
        Ok(match done {
            Done::Stopped(code) | Done::Failed(code) => code,
            Done::Installed(done) => {
                if orders.is_empty() {
                    context.output.talk("there is nothing newer");
                }
                if self.json {
                    print_shapes(&done)?;
                }
                ExitCode::SUCCESS
            }
        })
    }
}

/// A default that is a series or a word is the newest patch by itself. One that names a release was meant so, as a pin is, and stays; people are told.
fn tell_default(context: &Context, installed: &[Version], known: &Known) {
    let text = default::read(&context.layout)
        .ok()
        .flatten()
        .unwrap_or_default();
    let Ok(Query::Release(current)) = Query::parse(text.trim()) else {
        return;
    };
    let is_of_upgraded = installed.iter().any(|version| version.same_minor(&current));
    if is_of_upgraded && known.newer_patch(&current).is_some() {
        let series = Query::series_of(&current);
        context.output.talk(&format!(
            "the default stays {current}, the release that it names: goshim default {series} follows the newest patch"
        ));
    }
}

/// Whether an installed release belongs to the minors that are to be upgraded.
fn is_meant(query: &Query, version: &Version) -> bool {
    match query {
        Query::Series(series) => series.covers(version),
        Query::Release(release) => release.same_minor(version),
        Query::Latest | Query::OldStable | Query::System | Query::Linked(_) | Query::Named(_) => {
            false
        }
    }
}

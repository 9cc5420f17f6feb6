//! `cargo run`: the local cloud on a loopback port.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use local::demo::{self, PASSWORD};
use local::server::{serve, terminated};
use local::{Cloud, Options};
use platform::config::{operator, plans};
use tokio::net::TcpListener;

/// Roster's local cloud: the functions, the worker, the table, the mail service and the schedule, on one loopback port.
#[derive(Debug, Parser)]
#[command(name = "roster", version)]
struct Arguments {
    /// The port on 127.0.0.1; 0 for any that is free.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// The folder that everything is kept in.
    #[arg(long, default_value = ".local")]
    data: PathBuf,
    /// Keep nothing.
    #[arg(long)]
    memory: bool,
    /// The file of the plans on offer, instead of the product's own.
    #[arg(long)]
    plans: Option<PathBuf>,
    /// Make an account for each of the five systems and print how to sign in.
    #[arg(long)]
    demo: bool,
    /// Take payments, from cards that no bank knows (`pm_card_visa`).
    #[arg(long)]
    payments: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    platform::logs::init_beside_output();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The one thing that a person at a terminal must see, whatever the logs are set to.
            let _ = writeln!(std::io::stderr(), "roster: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let plans = Some(plans(arguments.plans.as_deref())?);
    let asked = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
    let listener = TcpListener::bind(asked).await.map_err(|error| format!("{asked} cannot be used: {error}"))?;
    let url = format!("http://{}", listener.local_addr()?);
    let data = (!arguments.memory).then_some(arguments.data);
    let (operator, payments) = (operator()?, arguments.payments);
    let cloud = Arc::new(Cloud::open(Options { data, app_url: url.clone(), plans, operator, payments }).await?);
    let terminated = terminated()?;
    let mut lines = vec![format!("Roster listens on {url}"), format!("Mails, clock and worker: {url}/_local")];
    if arguments.demo {
        lines.push(String::new());
        for it in demo::seed(&cloud).await? {
            lines
                .push(format!("{:<15} account {:<20} login {:<22} password {PASSWORD}", it.name, it.account, it.login));
        }
    }
    let mut output = std::io::stdout().lock();
    for line in &lines {
        writeln!(output, "{line}")?;
    }
    output.flush()?;
    drop(output);
    let schedule = tokio::spawn(schedule(cloud.clone()));
    serve(listener, cloud.app(), terminated).await;
    schedule.abort();
    let _ = schedule.await;
    cloud.settle().await;
    Ok(())
}

/// What EventBridge does in a deployment: each minute.
async fn schedule(cloud: Arc<Cloud>) {
    let mut minutes = tokio::time::interval(Duration::from_mins(1));
    minutes.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        minutes.tick().await;
        cloud.tick().await;
    }
}

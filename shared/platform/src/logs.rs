//! Logs: one JSON object a line on standard output, where `CloudWatch` reads them; nothing personal in any.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::variable;

/// Begins to log: what `RUST_LOG` says, warnings and this product's own lines otherwise.
pub fn init() {
    init_to(std::io::stdout);
}

/// Begins to log to standard error: for a process whose standard output is for people.
pub fn init_beside_output() {
    init_to(std::io::stderr);
}

fn init_to<W: for<'a> MakeWriter<'a> + Send + Sync + 'static>(writer: W) {
    let filter = variable("RUST_LOG").unwrap_or_else(|| "warn,edge=info,worker=info".to_owned());
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("warn"));
    // A second call, in tests, changes nothing.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_writer(writer)
        .with_env_filter(filter)
        .try_init();
}

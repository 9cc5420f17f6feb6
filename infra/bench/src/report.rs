//! What was measured, and how it is printed.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

/// A function, a request that it can be asked again and again, and what each start of it took, in ms and MiB.
pub(crate) struct Case {
    pub(crate) binary: &'static str,
    pub(crate) handler: &'static str,
    /// The table, for a function that uses it.
    pub(crate) table: Option<SocketAddr>,
    /// What success is.
    pub(crate) status: u16,
    pub(crate) request: Value,
    pub(crate) init: Vec<f64>,
    pub(crate) cpu: Vec<f64>,
    pub(crate) first: Vec<f64>,
    pub(crate) warm: Vec<f64>,
    pub(crate) peak: Vec<f64>,
}

impl Case {
    pub(crate) fn new(
        binary: &'static str,
        handler: &'static str,
        table: Option<SocketAddr>,
        status: u16,
        request: Value,
    ) -> Self {
        let [init, cpu, first, warm, peak] = [const { Vec::new() }; 5];
        Self { binary, handler, table, status, request, init, cpu, first, warm, peak }
    }

    pub(crate) fn init(&self) -> f64 {
        quartile(&self.init)
    }

    pub(crate) fn first(&self) -> f64 {
        quartile(&self.first)
    }

    pub(crate) fn warm(&self) -> f64 {
        quartile(&self.warm)
    }
}

/// The table, then the bars.
pub(crate) struct Report {
    floor: f64,
    /// Whether every bar so far was kept.
    pub(crate) kept: bool,
}

impl Report {
    pub(crate) fn new(floor: f64) -> Self {
        println!("function           init ms  ÷ hello  CPU ms  first ms  warm ms  peak MiB");
        Self { floor, kept: true }
    }

    pub(crate) fn row(&self, case: &Case, note: &str) {
        let (init, first, warm) = (case.init(), case.first(), case.warm());
        let (cpu, peak) = (quartile(&case.cpu), quartile(&case.peak));
        println!(
            "{:<18} {init:>7.2}  {:>7.2}  {cpu:>6.2}  {first:>8.2}  {warm:>7.2}  {peak:>8.1}  {note}",
            case.handler,
            init / self.floor,
        );
    }

    pub(crate) fn bar(&mut self, what: &str, ratio: f64, most: f64) {
        let kept = ratio <= most;
        self.kept &= kept;
        println!("{} {what:<25} {ratio:>5.2}, at most {most}", if kept { "kept  " } else { "MISSED" });
    }
}

/// The first quartile: whatever else the machine does can only add, and adds more to what takes longer. Not a number
/// when there are no samples.
pub(crate) fn quartile(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 4).copied().unwrap_or(f64::NAN)
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

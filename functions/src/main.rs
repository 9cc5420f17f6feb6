//! The `bootstrap` of every function: `_HANDLER` says which action it is.

use std::process::ExitCode;
use std::sync::Arc;

use edge::endpoint::App;
use edge::serve::serve;
use lambda_http::{Error, Request, run, service_fn};
use platform::aws::{Service, http_client, sdk_config};
use platform::web::Web;
use platform::{Config, Files, Sealer, Vault, World, config, process};
use store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    process::run(Box::pin(start())).await
}

async fn start() -> Result<(), Error> {
    let name = config::handler()?;
    let entry = functions::registry::find(&name).ok_or_else(|| format!("there is no action called {name}"))?;
    let config = Arc::new(Config::from_env()?);
    let client = http_client()?;
    let store = Store::new(&sdk_config(Service::DynamoDb, &client)?, &config);
    if entry.uses_table {
        store.prime().await;
    }
    let sealer = Sealer::new(&config.sealing_key);
    let vault = match config.kms_key_id.clone() {
        Some(key_id) => Vault::kms(sealer, key_id, move || sdk_config(Service::Kms, &client)),
        None => Vault::local(sealer),
    };
    let files = Files::from_env(config.avatar_bucket.clone())?;
    let app = App { config, world: World::default(), store, vault, web: Web::lazy(), files };
    let (app, entry) = (&app, &entry);
    run(service_fn(|request: Request| async move { Ok::<_, Error>(serve(app, entry, request).await) })).await
}

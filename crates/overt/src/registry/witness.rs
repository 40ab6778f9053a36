//! `overt witness`: a witness for logs, and `overt witness-key` for whoever writes a policy.

use super::failed;
use super::folder::{self, DataArgs};
use super::serve::told;
use crate::Failure;
use crate::table::{DIM, HEAD, PLAIN};
use server::witness::{Memory, router};
use std::io::Write;
use std::net::SocketAddr;
use tlog::VerifierKey;
use tlog::witness::Witness;

/// Options of `overt witness`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "A witness signs that a log only ever grew. It needs no trust in the log, and the log none in it beyond that. Run it\n\
                  elsewhere than the log; put something that encrypts in front of it.\n\n\
                  Example:\n  overt witness --name witness.example/one --log 'registry.example/log+1a2b3c4d+AY…'"
)]
pub struct Args {
    #[command(flatten)]
    pub data: DataArgs,
    /// The witness's name, for instance witness.example/one
    #[arg(long)]
    pub name: String,
    /// Key of a log that it witnesses, as the log shows it at /policy
    #[arg(long = "log", value_name = "KEY", required = true)]
    pub logs: Vec<String>,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7441")]
    pub listen: SocketAddr,
}

/// Runs it until it is told to end.
pub fn run(args: &Args) -> Result<(), Failure> {
    let folder = args.data.folder()?.join("witness");
    folder::private(&folder)?;
    let key = folder::signing_key(&folder.join("witness.key"))?;
    let name = folder::remembered(&folder.join("name"), Some(&args.name), String::new)?;
    let logs = args.logs.iter().map(|key| key.parse::<VerifierKey>().map_err(|e| failed(key, e)));
    let witness =
        Witness::new(&name, key, logs.collect::<Result<_, _>>()?).map_err(|e| failed("witness", e))?;
    let verifier = witness.verifier_key().map_err(|e| failed("witness", e))?;
    let memory = Memory::open(&folder.join("heads")).map_err(|e| Failure::Usage(e.to_string()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(|e| failed("cannot start threads", e))?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(args.listen).await.map_err(|e| failed(args.listen, e))?;
        let address = listener.local_addr().map_err(|e| failed(args.listen, e))?;
        let mut out = anstream::stdout();
        writeln!(out, "{HEAD}Witness{PLAIN} {name} listens on http://{address}")?;
        writeln!(out, "{DIM}A log's policy names it like this:{PLAIN}\nwitness one {verifier} http://{address}\nquorum one")?;
        let app = router(witness, memory, || server::service::now_ms() / 1_000);
        server::witness::serve(listener, app, told()).await.map_err(|e| failed("witness", e))
    })
}

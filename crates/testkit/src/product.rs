//! The product as its users have it: the built program as processes, started, asked, ended and killed.
//!
//! Must not reach into a running process: what is not on its command line, its ports or its disk does not exist here.

mod agent;
mod ask;
mod process;
mod registry;

pub use agent::AgentProcess;
pub use ask::{Answer, Web};
pub use process::Process;
pub use registry::{RegistryProcess, free_port};

//! The sensors of one machine, opened together and read slice by slice.

/// What to look at, and how much of it.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Record the values of arguments; they may hold secrets.
    pub arguments: bool,
    /// Samples a second for the whole machine, 1 to 2,000.
    pub rate: u32,
    /// Read the first bytes of conversations from the network.
    pub capture: bool,
}

/// Nothing at all can be observed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// `/proc` is not mounted or not readable.
    #[error("cannot read {path}: {source}; overt needs a mounted /proc")]
    Proc {
        /// What was tried.
        path: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Everything that is open to observe this machine.
pub struct Sensors {}

impl Sensors {
    /// Opens what may be opened; what may not becomes coverage.
    ///
    /// # Errors
    /// [`OpenError`] only if nothing at all can be observed.
    pub fn open(_options: Options) -> Result<Self, OpenError> {
        Ok(Self {})
    }

    /// The machine that is looked at.
    #[must_use]
    pub fn machine(&self) -> facts::Machine {
        facts::Machine {
            arch: facts::Arch::Other,
            kernel: String::new(),
            cpus: 1,
            memory: 0,
            privilege: facts::Privilege::Own,
        }
    }

    /// Empties the kernel's buffers; cheap, to be called every 50 to 1,000 ms.
    pub fn drain(&mut self) {}

    /// Closes the current slice and opens the next.
    pub fn slice(&mut self) -> facts::Slice {
        facts::Slice::default()
    }

    /// Sets the sampling rate, samples a second for the whole machine, 1 to 2,000.
    pub fn set_rate(&mut self, _per_second: u32) {}

    /// Says whether the finding on a process no longer changes, so that less is spent on it.
    pub fn known(&mut self, _process: facts::ProcessKey, _known: bool) {}
}

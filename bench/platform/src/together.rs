//! Who takes turns shares a processor.

use crate::Result;
use rustix::thread::{CpuSet, Pid, sched_getaffinity, sched_setaffinity};

/// A server and this client on one processor, until it is dropped.
pub(crate) struct Together {
    server: u32,
    all: CpuSet,
}

impl Together {
    /// Puts all threads of a server and of the client on one processor.
    pub(crate) fn with(server: u32) -> Result<Self> {
        let all = sched_getaffinity(None)?;
        let first = (0..CpuSet::MAX_CPU).find(|number| all.is_set(*number));
        let mut one = CpuSet::new();
        one.set(first.ok_or("no processor")?);
        let together = Self { server, all };
        together.put_on(&one)?;
        Ok(together)
    }

    fn put_on(&self, processors: &CpuSet) -> Result {
        for process in [self.server, std::process::id()] {
            for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
                let name = thread?.file_name();
                let id = name.to_str().and_then(|id| id.parse().ok());
                sched_setaffinity(id.and_then(Pid::from_raw), processors)?;
            }
        }
        Ok(())
    }
}

impl Drop for Together {
    fn drop(&mut self) {
        // A server that has ended needs no processor.
        let _ended = self.put_on(&self.all);
    }
}

//! Threads that wait by spinning: a training step is over before a sleeping thread has woken up.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

/// How often a thread looks for work before it lets others have its core between looks.
const SPINS: usize = 20_000;

/// A few threads that do things together, again and again.
#[derive(Debug)]
pub(crate) struct Team {
    shared: Arc<Shared>,
    others: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    /// The number of the job, which changes when a new one is there.
    job_number: AtomicUsize,
    job: UnsafeCell<Job>,
    /// How many of the other threads have done their share of the job.
    done: AtomicUsize,
    panicked: AtomicBool,
    ended: AtomicBool,
}

/// What is to be done: `call(data, member)` for each member of the team.
#[derive(Debug, Clone, Copy)]
struct Job {
    data: *const (),
    call: unsafe fn(*const (), usize),
}

// SAFETY: `job` is written by `Team::run` alone, which needs the team for itself, while the other threads wait for a new
// job's number; they read it after that number was released and before they add to `done`, for which `run` waits.
unsafe impl Sync for Shared {}
// SAFETY: a `Job` is two pointers; what they point at is used as `run` allows.
unsafe impl Send for Shared {}

/// What the members of a team share while they work on their own tasks.
struct Share<'a, T, F> {
    tasks: *mut T,
    work: &'a F,
}

impl Team {
    /// Makes a team of `members` threads, the calling one among them. Where the system gives no more threads, it is smaller.
    pub(crate) fn new(members: usize) -> Self {
        let shared = Arc::new(Shared {
            job_number: AtomicUsize::new(0),
            job: UnsafeCell::new(Job { data: std::ptr::null(), call: |_, _| {} }),
            done: AtomicUsize::new(0),
            panicked: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        });
        let start = |member| {
            let shared = Arc::clone(&shared);
            thread::Builder::new().spawn(move || attend(&shared, member)).ok()
        };
        let others = (1..members).map_while(start).collect();
        Self { shared, others }
    }

    /// Returns how many threads there are.
    pub(crate) fn members(&self) -> usize {
        self.others.len() + 1
    }

    /// Does `work` on each task, each on a thread of its own, and returns when all are done.
    ///
    /// # Panics
    /// If there are not as many tasks as members, or one of them panics.
    pub(crate) fn run<T: Send, F: Fn(&mut T) + Sync>(&mut self, tasks: &mut [T], work: F) {
        assert_eq!(tasks.len(), self.members(), "a task for each member");
        let (first, others) = match tasks {
            [alone] => return work(alone),
            [first, others @ ..] => (first, others),
            [] => return,
        };
        let share = Share { tasks: others.as_mut_ptr(), work: &work };
        let shared = &*self.shared;
        shared.done.store(0, Ordering::Relaxed);
        // SAFETY: no other thread reads the job now, as said at `Sync`.
        unsafe { *shared.job.get() = Job { data: (&raw const share).cast(), call: Share::<T, F>::call } };
        shared.job_number.fetch_add(1, Ordering::Release);

        let own = catch_unwind(AssertUnwindSafe(|| work(first)));
        // Whatever happened: the others still use `share`.
        wait_until(|| shared.done.load(Ordering::Acquire) == others.len());
        if let Err(panic) = own {
            std::panic::resume_unwind(panic);
        }
        assert!(!shared.panicked.load(Ordering::Relaxed), "a thread of the team has panicked");
    }
}

impl<T: Send, F: Fn(&mut T) + Sync> Share<'_, T, F> {
    /// # Safety
    /// `data` is a live `Share` of these types, and `member` is a number from 1 to that of its tasks that no other thread is given.
    unsafe fn call(data: *const (), member: usize) {
        // SAFETY: as the caller promises; each member has a task of its own, so no two of these references are the same, and
        // `T: Send` allows it on another thread, as `F: Sync` does the closure.
        let (task, work) = unsafe {
            let share = &*data.cast::<Self>();
            (&mut *share.tasks.add(member - 1), share.work)
        };
        work(task);
    }
}

/// What the thread of a member does until the team is dropped.
fn attend(shared: &Shared, member: usize) {
    dfdx::flush_denormals_to_zero();
    let mut last_job = 0;
    loop {
        wait_until(|| shared.job_number.load(Ordering::Acquire) != last_job || shared.ended.load(Ordering::Relaxed));
        if shared.ended.load(Ordering::Relaxed) {
            return;
        }
        last_job = shared.job_number.load(Ordering::Acquire);
        // SAFETY: the job is there, as its number says, and `run` waits for `done` before it changes or drops it; there is
        // one thread of each number.
        let ended = catch_unwind(AssertUnwindSafe(|| unsafe {
            let Job { data, call } = *shared.job.get();
            call(data, member);
        }));
        if ended.is_err() {
            shared.panicked.store(true, Ordering::Relaxed);
        }
        shared.done.fetch_add(1, Ordering::Release);
    }
}

fn wait_until(ready: impl Fn() -> bool) {
    let mut looks = 0;
    while !ready() {
        looks += 1;
        if looks < SPINS { spin_loop() } else { thread::yield_now() }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        for other in self.others.drain(..) {
            let _ = other.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_is_done_once_per_job() {
        for members in 1..=4 {
            let mut team = Team::new(members);
            let mut counts = vec![0; members];
            for _ in 0..1000 {
                team.run(&mut counts, |count| *count += 1);
            }
            assert_eq!(counts, vec![1000; members]);
        }
    }

    #[test]
    fn a_panic_on_any_thread_reaches_the_caller() {
        for culprit in 0..3 {
            let mut team = Team::new(3);
            let mut tasks = [0, 1, 2];
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                team.run(&mut tasks, |task| assert_ne!(*task, culprit));
            }));
            assert!(outcome.is_err());
        }
    }
}

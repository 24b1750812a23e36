//! Threads that wait by spinning: a training step is over before a sleeping thread has woken up.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often a thread looks for work, first without giving up its core and then yielding it between looks, before it
/// sleeps.
const SPINS: usize = if cfg!(miri) { 20 } else { 20_000 };
const YIELDS: usize = if cfg!(miri) { 10 } else { 1_000 };
/// Over this many jobs, the calling thread may wait for the others as long as it works and `PATIENCE` more, so that a
/// single interruption by the system does not count. If it waits longer, it does the next `ALONE_JOBS` jobs alone.
const TRIAL_JOBS: u32 = 1024;
const PATIENCE: Duration = Duration::from_millis(10);
const ALONE_JOBS: u32 = 4096;

/// A few threads that share one job after another. Where other programs keep the cores busy, they wait for each other
/// longer than they gain by sharing; the calling thread then does all tasks itself for a while.
#[derive(Debug)]
pub struct Team {
    shared: Arc<Shared>,
    others: Vec<JoinHandle<()>>,
    clock: Clock,
}

#[derive(Debug)]
struct Shared {
    /// The number of the current job; a new number announces a new job.
    job_number: AtomicUsize,
    job: UnsafeCell<Job>,
    /// How many of the other threads have finished their task of the job.
    done: AtomicUsize,
    /// How many of them sleep, or are about to.
    asleep: AtomicUsize,
    panicked: AtomicBool,
    ended: AtomicBool,
}

/// A job: `call(data, member)` for each member of the team.
#[derive(Debug, Clone, Copy)]
struct Job {
    data: *const (),
    call: unsafe fn(*const (), usize),
}

/// Measures whether sharing jobs pays.
#[derive(Debug, Default)]
struct Clock {
    jobs: u32,
    alone: u32,
    working: Duration,
    waiting: Duration,
}

impl Clock {
    /// Counts a job, and returns whether the calling thread should do it alone.
    fn next_is_alone(&mut self) -> bool {
        self.alone = self.alone.saturating_sub(1);
        self.alone > 0
    }

    /// Records how long after the start of a shared job the calling thread had finished its own task, and how long
    /// after it all had. A clock may step back.
    fn record(&mut self, own: Duration, all: Duration) {
        self.jobs += 1;
        self.working += own;
        self.waiting += all.saturating_sub(own);
        let waits_too_long = self.waiting > self.working + PATIENCE;
        if waits_too_long || self.jobs == TRIAL_JOBS {
            *self = Self { alone: if waits_too_long { ALONE_JOBS } else { 0 }, ..Self::default() };
        }
    }
}

// SAFETY: only `Team::run` writes `job`, with exclusive access to the team and while the other threads wait for a new
// job number; they read it after that number was released and before they add to `done`, for which `run` waits.
unsafe impl Sync for Shared {}
// SAFETY: a `Job` is two pointers; what they point at is used as `run` allows.
unsafe impl Send for Shared {}

/// What the members of a team read of a job.
struct Share<'a, T, F> {
    tasks: *mut T,
    work: &'a F,
}

impl Team {
    /// Makes a team of `members` threads, including the calling one; each of the others first calls `prepare`. If the
    /// system provides fewer threads, the team is smaller.
    pub fn new(members: usize, prepare: fn()) -> Self {
        let shared = Arc::new(Shared {
            job_number: AtomicUsize::new(0),
            job: UnsafeCell::new(Job { data: std::ptr::null(), call: |_, _| {} }),
            done: AtomicUsize::new(0),
            asleep: AtomicUsize::new(0),
            panicked: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        });
        let start = |member| {
            let shared = Arc::clone(&shared);
            thread::Builder::new()
                .spawn(move || {
                    prepare();
                    work_until_ended(&shared, member);
                })
                .ok()
        };
        let others = (1..members).map_while(start).collect();
        Self { shared, others, clock: Clock::default() }
    }

    /// Returns how many threads there are.
    pub fn members(&self) -> usize {
        self.others.len() + 1
    }

    /// Calls `work` with the number of each task and the task, on a thread of its own unless that takes longer, and returns when all are done.
    ///
    /// # Panics
    /// If the numbers of tasks and members differ, or a task panics.
    pub fn run<T: Send, F: Fn(usize, &mut T) + Sync>(&mut self, tasks: &mut [T], work: F) {
        assert_eq!(tasks.len(), self.members(), "a task for each member");
        if self.others.is_empty() || self.clock.next_is_alone() {
            return tasks.iter_mut().enumerate().for_each(|(member, task)| work(member, task));
        }
        let [first, others @ ..] = tasks else { return };
        // Both before the other threads begin: from then on, `others` may not be touched, since their tasks are
        // borrowed.
        let (members, tasks) = (others.len(), others.as_mut_ptr());
        let share = Share { tasks, work: &work };
        let shared = &*self.shared;
        shared.done.store(0, Ordering::Relaxed);
        // SAFETY: no other thread reads the job now; see `Sync`.
        unsafe { *shared.job.get() = Job { data: (&raw const share).cast(), call: Share::<T, F>::call } };
        shared.job_number.fetch_add(1, Ordering::SeqCst);
        if shared.asleep.load(Ordering::SeqCst) > 0 {
            self.others.iter().for_each(|other| other.thread().unpark());
        }

        let started = Instant::now();
        let own = catch_unwind(AssertUnwindSafe(|| work(0, first)));
        let own_time = started.elapsed();
        // Even after a panic, since the others still use `share`.
        wait_until(|| shared.done.load(Ordering::Acquire) == members, thread::yield_now);
        self.clock.record(own_time, started.elapsed());
        if let Err(panic) = own {
            std::panic::resume_unwind(panic);
        }
        assert!(!shared.panicked.load(Ordering::Relaxed), "a thread of the team has panicked");
    }
}

impl<T: Send, F: Fn(usize, &mut T) + Sync> Share<'_, T, F> {
    /// # Safety
    /// `data` must be a live `Share` of these types, and `member` a number from 1 to the number of its tasks that no
    /// other thread has.
    unsafe fn call(data: *const (), member: usize) {
        // SAFETY: as the caller promises. Each member has a task of its own, so no two of these references alias;
        // `T: Send` and `F: Sync` allow the task and the closure on this thread.
        let (task, work) = unsafe {
            let share = &*data.cast::<Self>();
            (&mut *share.tasks.add(member - 1), share.work)
        };
        work(member, task);
    }
}

/// Works on the tasks of a member until the team is dropped.
fn work_until_ended(shared: &Shared, member: usize) {
    let mut last_job = 0;
    loop {
        let called = || shared.job_number.load(Ordering::SeqCst) != last_job || shared.ended.load(Ordering::SeqCst);
        wait_until(called, || {
            shared.asleep.fetch_add(1, Ordering::SeqCst);
            // Whoever calls after this look finds the sleeper counted and wakes it.
            if !called() {
                thread::park();
            }
            shared.asleep.fetch_sub(1, Ordering::SeqCst);
        });
        if shared.ended.load(Ordering::SeqCst) {
            return;
        }
        last_job = shared.job_number.load(Ordering::Acquire);
        // SAFETY: the job number announces the job, and `run` waits for `done` before it changes or drops it; each
        // member has one thread.
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

/// Waits until `ready`: spins first, then yields between looks, then calls `sleep` between looks.
fn wait_until(ready: impl Fn() -> bool, sleep: impl Fn()) {
    let mut looks = 0;
    while !ready() {
        looks += 1;
        match looks {
            _ if looks < SPINS => spin_loop(),
            _ if looks < SPINS + YIELDS => thread::yield_now(),
            _ => sleep(),
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        for other in self.others.drain(..) {
            other.thread().unpark();
            let _ = other.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Miri, which `.ci/miri` runs, is a thousand times as slow.
    const JOBS: u32 = if cfg!(miri) { 5 } else { 1000 };

    #[test]
    fn every_task_is_done_once_per_job() {
        for members in 1..=4 {
            let mut team = Team::new(members, || ());
            let mut counts = vec![0; members];
            for _ in 0..JOBS {
                team.run(&mut counts, |_, count| *count += 1);
            }
            assert_eq!(counts, vec![JOBS; members]);
        }
    }

    #[test]
    fn sleepers_wake_up() {
        let mut team = Team::new(3, || ());
        let mut counts = vec![0; 3];
        for _ in 0..3 {
            thread::sleep(Duration::from_millis(50));
            team.run(&mut counts, |_, count| *count += 1);
        }
        assert_eq!(counts, [3; 3]);
    }

    #[test]
    fn a_team_that_waits_more_than_it_works_gives_up_for_a_while() {
        let mut clock = Clock::default();
        let tell = |clock: &mut Clock, working, waiting| {
            (0..TRIAL_JOBS)
                .for_each(|_| clock.record(Duration::from_micros(working), Duration::from_micros(working + waiting)));
        };
        tell(&mut clock, 100, 20);
        assert!(!clock.next_is_alone());
        tell(&mut clock, 100, 500);
        let alone = (0..2 * ALONE_JOBS).filter(|_| clock.next_is_alone()).count();
        assert_eq!(alone, ALONE_JOBS as usize - 1);
        assert!(!clock.next_is_alone());
    }

    #[test]
    fn one_interruption_does_not_part_a_team() {
        let mut clock = Clock::default();
        for job in 0..4 * TRIAL_JOBS {
            let waiting = if job == 100 { 9_000 } else { 20 };
            clock.record(Duration::from_micros(30), Duration::from_micros(30 + waiting));
            assert!(!clock.next_is_alone(), "after job {job}");
        }
    }

    #[test]
    fn a_clock_that_steps_back_is_no_waiting() {
        let mut clock = Clock::default();
        clock.record(Duration::from_micros(30), Duration::from_micros(10));
        assert_eq!(clock.waiting, Duration::ZERO);
    }

    #[test]
    fn a_panic_on_any_thread_reaches_the_caller() {
        for culprit in 0..3 {
            let mut team = Team::new(3, || ());
            let mut tasks = [0, 1, 2];
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                team.run(&mut tasks, |_, task| assert_ne!(*task, culprit));
            }));
            assert!(outcome.is_err());
        }
    }
}

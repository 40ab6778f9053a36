//! One run of one recipe: its helpers, the program, its load, and their end.

use super::disguise;
use super::fill::Fill;
use super::places::Places;
use super::recipe::{Recipe, Throttler};
use super::started::{Started, go_on};
use super::throttle::{Throttle, lock};
use super::tree::{Members, Tree};
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// How long the pool on loopback lives at most; it is stopped with the run.
const POOL_SECONDS: &str = "600";
/// A helper without a ready text is given this long, seconds.
const HELPER: f64 = 1.0;
/// A program that shares the machine with others gets less than it would use.
const BUSY_MACHINE: f64 = 0.3;
/// How long a rehearsal measures processor time, seconds.
const REHEARSAL: f64 = 2.0;

/// A run under way. Everything stops when it is dropped.
pub struct Session<'a> {
    places: &'a Places,
    recipe: &'a Recipe,
    fill: Fill,
    scratch: PathBuf,
    throttle: Option<Throttle>,
    load: Option<Started>,
    program: Option<Started>,
    helpers: Vec<Started>,
}

/// The named places that do not depend on a run.
pub fn filled(places: &Places, recipe: &Recipe) -> Fill {
    let mut fill = Fill::default();
    fill.set("work", places.work.display());
    fill.set("python", places.python(&recipe.venv).display());
    fill.set("npm", places.npm.display());
    fill.set("programs", places.programs.display());
    fill.set("corpus", places.corpus.display());
    if let Some(exe) = &recipe.exe {
        let exe = fill.apply(exe);
        fill.set("exe", exe);
    }
    fill
}

impl<'a> Session<'a> {
    /// Prepares folders and disguises, and starts the pool and the helper.
    ///
    /// # Errors
    ///
    /// What could not be prepared or started, in words.
    pub fn prepare(places: &'a Places, recipe: &'a Recipe) -> Result<Self, String> {
        let scratch = places.scratch.join(recipe.title());
        let _ = std::fs::remove_dir_all(&scratch);
        std::fs::create_dir_all(&scratch).map_err(|e| format!("{}: {e}", scratch.display()))?;
        let mut fill = filled(places, recipe);
        if let Some(exe) = &recipe.exe {
            let named = fill.apply(exe);
            fill.set("exe", disguise::exe(places, recipe, &named)?);
        }
        fill.set("python", disguise::python(places, recipe)?);
        fill.set("scratch", scratch.display());
        fill.set("threads", recipe.threads);
        fill.set("args", &recipe.args);
        let own = recipe.throttle.filter(|_| recipe.throttle_by == Throttler::Own);
        fill.set("duty", own.unwrap_or(100));
        for (name, port) in ["p1", "p2", "p3"].into_iter().zip(free_ports()?) {
            fill.set(name, port);
        }
        let mut session = Self {
            places,
            recipe,
            fill,
            scratch,
            throttle: None,
            load: None,
            program: None,
            helpers: Vec::new(),
        };
        session.start_pool()?;
        session.start_helper()?;
        Ok(session)
    }

    fn start(&self, name: &str, words: &[String]) -> Result<Started, String> {
        // Outside the scratch folder, which belongs to the program.
        let output = self.places.scratch.join(format!("{}.{name}.log", self.recipe.title()));
        Started::new(words, &self.places.work, output)
    }

    fn start_pool(&mut self) -> Result<(), String> {
        let Some(server) = &self.recipe.server else { return Ok(()) };
        let dialect = server.strip_prefix("stratum:").ok_or_else(|| format!("unknown server '{server}'"))?;
        let pool = self.places.pool.as_ref().ok_or("no stratum-server was built")?.display().to_string();
        let words =
            [&pool, "--dialect", dialect, "--port", "0", "--seconds", POOL_SECONDS].map(str::to_owned);
        let mut pool = self.start("pool", &words)?;
        pool.wait_for("\n", HELPER * 10.0)?;
        let said = pool.said();
        let port = said.lines().next().and_then(|l| l.rsplit(':').next()).unwrap_or_default().to_owned();
        self.fill.set("port", port.parse::<u16>().map_err(|_| format!("the pool said '{said}'"))?);
        self.helpers.push(pool);
        Ok(())
    }

    fn start_helper(&mut self) -> Result<(), String> {
        let Some(before) = &self.recipe.before else { return Ok(()) };
        let mut helper = self.start("before", &shell(&self.fill.apply(before)))?;
        match &self.recipe.before_ready {
            Some(text) => drop(helper.wait_for(text, self.recipe.patience)?),
            None => std::thread::sleep(Duration::from_secs_f64(HELPER)),
        }
        self.helpers.push(helper);
        Ok(())
    }

    /// Starts the program, waits until it is ready, starts its load and the throttle. Gives the moment when
    /// its work began.
    ///
    /// # Errors
    ///
    /// It did not start, ended, or did not become ready.
    pub fn begin(&mut self) -> Result<SystemTime, String> {
        let text = match &self.recipe.beside {
            Some(beside) => format!("( {beside} ) & {}", self.recipe.command),
            None => self.recipe.command.clone(),
        };
        let text = self.fill.apply(&text);
        let words = disguise::words(self.places, self.recipe, &self.scratch, &text);
        let mut program = self.start("program", &words)?;
        let mut began = program.at;
        if let Some(text) = &self.recipe.ready {
            began = program.wait_for(text, self.recipe.patience)?;
        }
        if let Some(load) = &self.recipe.load {
            self.load = Some(self.start("load", &shell(&self.fill.apply(load)))?);
        }
        let harness = self.recipe.throttle.filter(|_| self.recipe.throttle_by == Throttler::Harness);
        self.throttle = harness.map(|percent| Throttle::start(program.tree(), percent));
        self.program = Some(program);
        Ok(began)
    }

    /// Lets the program run for its warm-up.
    pub fn warm_up(&mut self) {
        self.linger(self.recipe.warmup);
    }

    /// Follows the tree for so many seconds.
    pub fn linger(&mut self, seconds: f64) {
        let until = std::time::Instant::now() + Duration::from_secs_f64(seconds.clamp(0.0, 600.0));
        while std::time::Instant::now() < until && go_on().is_ok() {
            self.follow();
            std::thread::sleep(Duration::from_millis(80));
        }
    }

    /// Looks at the tree once, so that short-lived members are known.
    pub fn follow(&self) {
        for started in self.program.iter().chain(&self.helpers).chain(&self.load) {
            lock(&started.tree(), Tree::update);
        }
    }

    /// The program.
    ///
    /// # Errors
    ///
    /// It was not started, or has ended.
    pub fn program(&mut self) -> Result<&Started, String> {
        let program = self.program.as_mut().ok_or("the program was not started")?;
        match program.running() {
            true => Ok(program),
            false => Err(format!("the program ended early: {}", program.last_words())),
        }
    }

    /// Process numbers with start times: the program's, and those of helpers and load.
    pub fn members(&self) -> (Members, Members) {
        let of = |s: &Started| -> Members {
            lock(&s.tree(), |t| t.members().iter().map(|(p, t)| (*p, *t)).collect())
        };
        let others = self.helpers.iter().chain(&self.load).flat_map(of).collect();
        (self.program.iter().flat_map(of).collect(), others)
    }

    /// The session number of the program.
    pub fn root(&self) -> u32 {
        self.program.as_ref().map_or(0, Started::root)
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.throttle = None;
        self.load = None;
        self.program = None;
        self.helpers.clear();
        let _ = std::fs::remove_dir_all(&self.scratch);
    }
}

fn shell(text: &str) -> Vec<String> {
    ["bash", "-c", text].map(str::to_owned).to_vec()
}

fn free_ports() -> Result<Vec<u16>, String> {
    let held: Result<Vec<TcpListener>, _> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0")).collect();
    let ports = held.and_then(|l| l.iter().map(|l| l.local_addr().map(|a| a.port())).collect());
    ports.map_err(|e| format!("no free port on loopback: {e}"))
}

/// Starts the program, checks that it works, and stops it.
///
/// # Errors
///
/// It did not start, ended early, or hardly worked.
pub fn rehearse(places: &Places, recipe: &Recipe) -> Result<String, String> {
    let mut session = Session::prepare(places, recipe)?;
    session.begin()?;
    session.warm_up();
    let before = session.program()?.seconds();
    let begun = std::time::Instant::now();
    session.linger(REHEARSAL);
    let program = session.program()?;
    let cores = (program.seconds() - before).max(0.0) / begun.elapsed().as_secs_f64();
    let share = f64::from(recipe.throttle.unwrap_or(100)) / 100.0;
    let expected = recipe.duty * share * BUSY_MACHINE;
    match cores >= expected {
        true => Ok(format!("ok {cores:.2} cores, {} processes", session.members().0.len())),
        false => Err(format!("used {cores:.2} cores, expected {expected:.2}: {}", program.last_words())),
    }
}

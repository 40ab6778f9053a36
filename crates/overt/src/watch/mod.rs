//! `overt watch`: the same findings as `overt look`, live.

mod history;
mod screen;
mod state;

use crate::cli::WatchArgs;
use crate::disposition::Place;
use crate::table::Column;
use crate::{Failure, look, table};
use agent::Watch;
use ratatui::crossterm::event::{self, Event, KeyEventKind};
use state::{Reaction, State};
use std::io::{IsTerminal, Write};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long to wait for a key before looking at the sensors again.
const KEY_WAIT: Duration = Duration::from_millis(500);

/// Looks until told to stop.
pub fn run(args: &WatchArgs) -> Result<(), Failure> {
    let place = Place::of(&args.judging)?;
    let watch = Watch::open().map_err(|e| Failure::Blind(e.to_string()))?;
    let end = args.limit.map(|limit| Instant::now() + limit);
    if args.plain {
        return plain(watch, end, place.as_ref());
    }
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(Failure::Usage(
            "watch needs a terminal; use `overt watch --plain` without one".to_owned(),
        ));
    }
    let mut terminal = ratatui::try_init()?;
    let outcome = full_screen(watch, end, place.as_ref(), &mut terminal);
    ratatui::restore();
    outcome
}

fn plain(mut watch: Watch, end: Option<Instant>, place: Option<&Place>) -> Result<(), Failure> {
    let stop = look::stop_on_interrupt();
    while !stop.load(Ordering::Relaxed) && end.is_none_or(|end| Instant::now() < end) {
        std::thread::sleep(watch.rest().min(KEY_WAIT).max(Duration::from_millis(10)));
        if let Some(looked) = watch.tick() {
            let now = humantime::format_rfc3339_seconds(std::time::SystemTime::now());
            let pace = if watch.settled() { "settled" } else { "deciding" };
            let column = place.map(|p| Column::new(p, &looked.workloads)).transpose()?;
            let frame = table::looked(&looked, table::width(), column.as_ref());
            writeln!(anstream::stdout(), "{now} ({pace})\n{frame}")?;
        }
    }
    Ok(())
}

fn full_screen(
    mut watch: Watch,
    end: Option<Instant>,
    place: Option<&Place>,
    terminal: &mut ratatui::DefaultTerminal,
) -> Result<(), Failure> {
    let stop = look::stop_on_interrupt();
    let mut state = State::default();
    terminal.draw(|frame| screen::draw(frame, &mut state))?;
    while !stop.load(Ordering::Relaxed) && end.is_none_or(|end| Instant::now() < end) {
        let mut changed = false;
        if event::poll(watch.rest().min(KEY_WAIT))? {
            changed = match event::read()? {
                Event::Key(key) if key.kind == KeyEventKind::Press => {
                    match state.press(key.code, key.modifiers) {
                        Reaction::Quit => return Ok(()),
                        Reaction::Redraw => true,
                        Reaction::Ignore => false,
                    }
                }
                Event::Resize(..) => true,
                _ => false,
            };
        }
        if let Some(looked) = watch.tick() {
            state.judged = place.map(|p| p.judge(&looked.workloads)).transpose()?;
            state.update(looked, watch.settled());
            changed = true;
        }
        if changed {
            state.explain(|who| watch.observation().explain(who));
            let explained = state.explanation.as_ref().zip(place);
            state.rules = explained.map(|(e, p)| p.explain(&e.finding)).transpose()?.unwrap_or_default();
            terminal.draw(|frame| screen::draw(frame, &mut state))?;
        }
    }
    Ok(())
}

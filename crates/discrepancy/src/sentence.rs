//! A sentence that an inspector can repeat, in English and Chinese.
//!
//! It says what was seen beside what was declared, how sure that is and what could be seen. Must not say who is to blame.

use crate::chinese;
use crate::difference::{Difference, Kind, Texts};
use jiff::Timestamp;

/// Most characters of a name or reason in a sentence.
const MAX_NAME: usize = 160;

/// The sentence of a difference.
pub(crate) fn sentence(d: &Difference) -> Texts {
    Texts {
        en: format!("{}: {}. {}{}", who(d), english(d), sure(d), seen_with(d)),
        zh: format!("{}：{}。{}{}", who(d), chinese(d), sure_zh(d), seen_with_zh(d)),
    }
}

fn who(d: &Difference) -> String {
    let s = &d.subject;
    match (&s.name, s.device) {
        (Some(name), _) => format!("{}/{name}", s.site),
        (None, Some(device)) => format!("{}/{device}", s.site),
        (None, None) => s.site.to_string(),
    }
}

/// A name from a machine, without what would break a line.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect()
}

fn work(d: &Difference) -> String {
    d.subject.workload.as_ref().map_or_else(String::new, |(_, name)| format!(" in '{}'", shown(name)))
}

fn time(ms: u64) -> String {
    let at = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or_default();
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn span(d: &Difference) -> String {
    format!("between {} and {}, {:.1} h together", time(d.from_ms), time(d.to_ms), d.magnitude.hours)
}

fn span_zh(d: &Difference) -> String {
    format!("{} 至 {}，合计 {:.1} 小时", time(d.from_ms), time(d.to_ms), d.magnitude.hours)
}

fn percent(d: &Difference) -> String {
    format!("{:.0} %", d.magnitude.share * 100.0)
}

fn declared(d: &Difference) -> &str {
    if d.declared.is_empty() { "nothing" } else { &d.declared }
}

fn english(d: &Difference) -> String {
    let (seen, span, share) = (shown(&d.seen), span(d), percent(d));
    let (declared, work) = (declared(d), work(d));
    match d.kind {
        Kind::ProhibitedWork => format!(
            "{seen}, which the rulebook of the place prohibits, was seen{work}, {share} of processor time, {span}; declared was {declared}"
        ),
        Kind::UndeclaredActivity => {
            format!("{seen} was seen{work}, {share} of processor time, {span}; declared was {declared}")
        }
        Kind::ForeignComponent => format!(
            "a job that does what was declared ({declared}) has {seen} inside{work}, {share} of processor time, {span}; this says what runs in the job, not who put it there"
        ),
        Kind::MixedLoad => {
            format!("{seen} was seen{work} beside the declared {declared}, {share} of processor time, {span}")
        }
        Kind::WrongAlgorithm => {
            format!("the algorithm seen{work} is {seen}, declared was {declared}, {span}")
        }
        Kind::UndeclaredToken => {
            format!("work{work} was seen to earn a token, and none was declared, {span}")
        }
        Kind::DeclaredNotSeen => {
            format!("declared {declared} was not seen: {seen}, {span} of looking with code sampled")
        }
        Kind::OutOfHours => format!("{seen} ran{work} outside of its declared hours, {span}"),
        Kind::OverPower => format!("power was {seen}, declared was {declared}, {span}"),
        Kind::SilentDevice => format!("the device is registered and said nothing: {seen}, {span}"),
        Kind::SilentSite => format!("of {declared}, {seen}, {span}"),
        Kind::LostCoverage => format!(
            "a way of looking is gone ({declared}; now {seen}), {span}; what is not seen since then says nothing"
        ),
        Kind::UnregisteredDevice => {
            format!("an enrolled device speaks that nobody registered for these days, {seen}, {span}")
        }
        Kind::AnotherSite => format!("the device is registered at {declared} and enrolled at {seen}, {span}"),
    }
}

fn chinese(d: &Difference) -> String {
    let (span, share) = (span_zh(d), percent(d));
    let seen = chinese::activities(&shown(&d.seen));
    let declared = if d.declared.is_empty() { "无".to_owned() } else { chinese::activities(&d.declared) };
    let work = d.subject.workload.as_ref().map_or_else(String::new, |(_, n)| format!("（“{}”）", shown(n)));
    match d.kind {
        Kind::ProhibitedWork => {
            format!("观测到当地规则禁止的{seen}{work}，占处理器时间 {share}，{span}；申报为：{declared}")
        }
        Kind::UndeclaredActivity => {
            format!("观测到{seen}{work}，占处理器时间 {share}，{span}；申报为：{declared}")
        }
        Kind::ForeignComponent => format!(
            "与申报相符的作业（{declared}）内部含有{seen}{work}，占处理器时间 {share}，{span}；此处仅说明作业中运行了什么，不说明由谁放入"
        ),
        Kind::MixedLoad => {
            format!("在申报的{declared}之外还观测到{seen}{work}，占处理器时间 {share}，{span}")
        }
        Kind::WrongAlgorithm => format!("观测到的算法{work}为 {seen}，申报为 {declared}，{span}"),
        Kind::UndeclaredToken => format!("观测到作业{work}获得代币收益，而未申报，{span}"),
        Kind::DeclaredNotSeen => format!("申报的{declared}未被观测到，{span}"),
        Kind::OutOfHours => format!("{seen}{work}在申报时段之外运行，{span}"),
        Kind::OverPower => format!("功率 {}，申报为 {}，{span}", d.seen, d.declared),
        Kind::SilentDevice => format!("设备已登记而没有声明，{span}"),
        Kind::SilentSite => format!("站点多数设备同时没有声明（{}；{}），{span}", d.declared, d.seen),
        Kind::LostCoverage => {
            format!("失去观测手段（{}；{}），{span}；此后“未见”不说明任何问题", d.declared, d.seen)
        }
        Kind::UnregisteredDevice => format!("有未登记的设备提交声明，{span}"),
        Kind::AnotherSite => format!("设备登记于 {}，实际隶属 {}，{span}", d.declared, d.seen),
    }
}

fn sure(d: &Difference) -> String {
    match d.strength() {
        Some(strength) => format!("Support for this over what was declared is {}", strength.words()),
        None => "This is plain from the record".to_owned(),
    }
}

fn sure_zh(d: &Difference) -> String {
    match d.strength() {
        Some(strength) => format!("相对于申报，该判断的证据强度为“{}”", chinese::strength(strength)),
        None => "此点可由记录直接得出".to_owned(),
    }
}

fn seen_with(d: &Difference) -> String {
    let c = &d.coverage;
    let contested = if d.contests.is_empty() { "" } else { " It is contested." };
    if c.of == 0 {
        return format!(".{contested}");
    }
    format!(
        "; seen with {} of {} sensors over {:.0} % of the time.{contested}",
        c.sensors,
        c.of,
        c.time * 100.0
    )
}

fn seen_with_zh(d: &Difference) -> String {
    let c = &d.coverage;
    let contested = if d.contests.is_empty() { "" } else { "该结论存在异议。" };
    if c.of == 0 {
        return format!("。{contested}");
    }
    format!(
        "；{} 种观测手段中有 {} 种可用，覆盖 {:.0} % 的时间。{contested}",
        c.of,
        c.sensors,
        c.time * 100.0
    )
}

//! The words on a picture, in two languages. It must not draw.

use super::legend::percent;
use super::series::Series;
use super::{Chart, ticks};
use facts::Activity;

/// Language of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Chinese, simplified.
    Chinese,
}

/// Words that do not depend on the data.
pub struct Words {
    pub title: &'static str,
    pub power: &'static str,
    pub compute: &'static str,
    pub no_energy: &'static str,
    pub no_compute: &'static str,
    activities: [&'static str; 17],
}

const ENGLISH: Words = Words {
    title: "Power and compute by activity",
    power: "Power (where energy is measured)",
    compute: "Busy processors",
    no_energy: "No energy was measured",
    no_compute: "No processor time was seen",
    activities: [
        "mining",
        "validation",
        "storage proving",
        "training",
        "inference",
        "hash search",
        "zk proving",
        "scientific",
        "media",
        "compression",
        "cryptography",
        "build",
        "data",
        "edge",
        "general",
        "idle",
        "undetermined",
    ],
};

const CHINESE: Words = Words {
    title: "按活动划分的功率与算力",
    power: "功率（有电能计量的部分）",
    compute: "繁忙处理器数",
    no_energy: "没有电能计量数据",
    no_compute: "没有处理器时间数据",
    activities: [
        "挖矿",
        "验证",
        "存储证明",
        "训练",
        "推理",
        "哈希搜索",
        "零知识证明",
        "科学计算",
        "媒体处理",
        "压缩",
        "密码运算",
        "编译构建",
        "数据处理",
        "边缘服务",
        "通用",
        "空闲",
        "未确定",
    ],
};

impl Language {
    /// The words of the language.
    pub const fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Chinese => &CHINESE,
        }
    }
}

impl Words {
    /// The name of an activity.
    pub fn activity(&self, activity: Activity) -> &'static str {
        let place = Activity::ALL.iter().position(|a| *a == activity);
        place.and_then(|place| self.activities.get(place)).copied().unwrap_or_default()
    }
}

/// The time that a picture shows, in its time zone.
fn interval(chart: &Chart<'_>) -> String {
    let format = match chart.language {
        Language::English => "%-d %b %Y %H:%M",
        Language::Chinese => "%Y年%-m月%-d日 %H:%M",
    };
    let time = |ms| ticks::zoned(ms, &chart.zone).map(|at| at.strftime(format).to_string());
    let zone = ticks::zoned(chart.from_ms, &chart.zone).map(|at| at.strftime("UTC%:z").to_string());
    let name = chart.zone.iana_name().unwrap_or_default();
    let [from, to] = [chart.from_ms, chart.to_ms].map(|ms| time(ms).unwrap_or_default());
    format!("{from} – {to} ({name} {})", zone.unwrap_or_default())
}

/// The line under the legend: time, how much is measured, what grey means.
pub fn note(chart: &Chart<'_>, series: &Series) -> String {
    let (interval, metered) = (interval(chart), series.metered.map(percent));
    let gap = series.seen.contains(&false);
    let english = chart.language == Language::English;
    let mut note = if english { format!("{interval}.") } else { format!("{interval}。") };
    if let Some(metered) = metered {
        note += &if english {
            format!(" Parts: power · processors. Energy is known of {metered} of findings.")
        } else {
            format!("占比：功率 · 处理器。{metered}的结论有电能数据。")
        };
    }
    match (gap, english) {
        (true, true) => note + " Grey: no statements.",
        (true, false) => note + "灰色：无声明。",
        (false, _) => note,
    }
}

/// The picture in words.
pub fn describe(chart: &Chart<'_>, series: &Series) -> String {
    let words = chart.language.words();
    let steps = series.steps.len();
    let watts = ticks::value(Series::peak(&series.watts, steps), "W");
    let processors = ticks::value(Series::peak(&series.processors, steps), "");
    let unseen = series.seen.iter().filter(|seen| !**seen).count();
    let parts: Vec<String> = series
        .processors
        .iter()
        .map(|(activity, _)| {
            let share = Series::share(&series.processors, *activity).map_or("–".to_owned(), percent);
            format!("{} {share}", words.activity(*activity))
        })
        .collect();
    let (interval, parts) = (interval(chart), parts.join(", "));
    match chart.language {
        Language::English => format!(
            "Stacked areas over time, {interval}. Peak power {watts}; at most {processors} busy processors. \
             Parts of processor time: {parts}. Steps without statements: {unseen} of {steps}."
        ),
        Language::Chinese => format!(
            "随时间堆叠的面积图，{interval}。功率峰值{watts}；繁忙处理器最多{processors}个。\
             处理器时间占比：{parts}。无声明的时间段：{unseen}/{steps}。"
        ),
    }
}

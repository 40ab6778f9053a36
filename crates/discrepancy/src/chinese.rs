//! Chinese words for what sentences name.
//!
//! Must hold words only; the dictionary of fields has its own labels.

use crate::difference::{EARNS, Kind};
use facts::{Activity, Strength};

/// An activity.
pub(crate) const fn activity(activity: Activity) -> &'static str {
    match activity {
        Activity::Mining => "挖矿",
        Activity::Validation => "区块链验证",
        Activity::StorageProving => "存储证明",
        Activity::Training => "模型训练",
        Activity::Inference => "模型推理",
        Activity::HashSearch => "口令恢复",
        Activity::ZkProving => "零知识证明",
        Activity::Scientific => "科学计算",
        Activity::Media => "媒体处理",
        Activity::Compression => "压缩",
        Activity::Cryptography => "密码运算",
        Activity::Build => "编译构建",
        Activity::Data => "数据处理",
        Activity::Edge => "边缘服务",
        Activity::General => "一般程序",
        Activity::Idle => "空闲",
        Activity::Undetermined => "未能判定",
    }
}

/// Activities in a list of names, others as they are.
pub(crate) fn activities(names: &str) -> String {
    if names == EARNS {
        return "获得代币收益的工作".to_owned();
    }
    let word =
        |name: &str| name.parse::<Activity>().map_or_else(|_| name.to_owned(), |a| activity(a).to_owned());
    names.split(", ").map(word).collect::<Vec<_>>().join("、")
}

/// The forensic verbal scale.
pub(crate) const fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Neutral => "中性",
        Strength::Weak => "弱",
        Strength::Moderate => "中等",
        Strength::ModeratelyStrong => "较强",
        Strength::Strong => "强",
        Strength::VeryStrong => "很强",
        Strength::ExtremelyStrong => "极强",
    }
}

/// A kind of difference.
pub(crate) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::ProhibitedWork => "被禁止的算力用途",
        Kind::UndeclaredActivity => "未申报的活动",
        Kind::ForeignComponent => "作业中的外来部分",
        Kind::MixedLoad => "混合负载",
        Kind::WrongAlgorithm => "算法不符",
        Kind::UndeclaredToken => "未申报的代币收益",
        Kind::DeclaredNotSeen => "申报而未见",
        Kind::OutOfHours => "申报时段之外",
        Kind::OverPower => "超出申报功率",
        Kind::SilentDevice => "设备无声明",
        Kind::SilentSite => "站点无声明",
        Kind::LostCoverage => "失去观测手段",
        Kind::UnregisteredDevice => "未登记的设备",
        Kind::AnotherSite => "所在站点不符",
    }
}

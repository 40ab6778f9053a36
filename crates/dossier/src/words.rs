//! The words of the field in Chinese, beside the English ones that records hold.

use facts::Activity;
use rulebook::Disposition;

/// An activity in Chinese.
pub const fn activity(activity: Activity) -> &'static str {
    match activity {
        Activity::Mining => "挖矿",
        Activity::Validation => "验证",
        Activity::StorageProving => "存储证明",
        Activity::Training => "训练",
        Activity::Inference => "推理",
        Activity::HashSearch => "哈希搜索",
        Activity::ZkProving => "零知识证明",
        Activity::Scientific => "科学计算",
        Activity::Media => "媒体处理",
        Activity::Compression => "压缩",
        Activity::Cryptography => "密码运算",
        Activity::Build => "编译构建",
        Activity::Data => "数据处理",
        Activity::Edge => "边缘服务",
        Activity::General => "通用",
        Activity::Idle => "空闲",
        Activity::Undetermined => "未确定",
    }
}

/// A disposition in Chinese.
pub const fn disposition(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::DataIndustry => "数据产业",
        Disposition::RegisterAndReport => "登记并报告",
        Disposition::Surcharge => "加收电价",
        Disposition::Financial => "归金融监管",
        Disposition::Prohibited => "禁止",
        Disposition::ManualReview => "转人工审查",
    }
}

/// What a dossier does not prove, in English and Chinese; shown on its first page and by whoever verifies it.
pub const LIMITS: [(&str, &str); 5] = [
    (
        "that a device saw everything: what its sensors could not see is in the coverage of each statement",
        "设备看到了一切：传感器看不到的内容，在每份陈述的覆盖说明中列明",
    ),
    (
        "that a finding is right: it is weighed evidence, with a probability, and can be contested",
        "认定一定正确：认定是附概率的证据权衡，可以提出异议",
    ),
    ("that machines which were never enrolled did nothing", "从未登记的机器没有运行任何作业"),
    (
        "that what people registered or typed into a form is true: only who said it and when",
        "登记或填报的内容属实：只证明何人于何时作此陈述",
    ),
    (
        "that entries which stand as their hash hold nothing of interest: only that they are unchanged",
        "仅以哈希值出现的条目没有相关内容：只证明其未被改动",
    ),
];

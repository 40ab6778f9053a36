//! What would settle a difference, one line for each kind.
//!
//! Must not ask for more than the question needs.

use crate::difference::{Kind, Texts};

/// What would settle it.
pub(crate) fn settles(kind: Kind) -> Texts {
    let (en, zh) = words(kind);
    Texts { en: en.to_owned(), zh: zh.to_owned() }
}

const fn words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::ProhibitedWork | Kind::UndeclaredActivity | Kind::MixedLoad => (
            "The operator names the program and who started it, or declares the work; the evidence kept on the device shows the hot code.",
            "由经营者说明程序及其启动者，或补充申报；设备上保存的证据可显示热点代码。",
        ),
        Kind::ForeignComponent => (
            "The process tree on the device and the job's log show what started the part; the job's user is asked first as a witness.",
            "设备上的进程树与作业日志可显示该部分由何启动；作业用户首先作为知情人接受询问。",
        ),
        Kind::WrongAlgorithm => (
            "The program's configuration, or the pool's record, names the algorithm; otherwise the declaration is mended.",
            "以程序配置或矿池记录确认算法；否则更正申报。",
        ),
        Kind::UndeclaredToken => (
            "The contract or the payment record says whether a token is earned and by whom.",
            "以合同或支付记录确认是否获得代币以及由谁获得。",
        ),
        Kind::DeclaredNotSeen => (
            "The job's log or invoice for the time; or the declaration is ended.",
            "以该时段的作业日志或账单确认；或终止申报。",
        ),
        Kind::OutOfHours => {
            ("The scheduler's log; or the declared hours are changed.", "以调度日志确认；或变更申报时段。")
        }
        Kind::OverPower => {
            ("The reading of the calibrated meter for the same time.", "以同一时段经检定的电表读数确认。")
        }
        Kind::SilentDevice => (
            "Statements that wait on the device and come later; else the power record, or a look at the device.",
            "以设备上待发且随后到达的声明确认；否则查用电记录或现场查看。",
        ),
        Kind::SilentSite => (
            "The record of the network and of the registry for the same time.",
            "以同一时段的网络与登记系统运行记录确认。",
        ),
        Kind::LostCoverage => (
            "The service's rights and the kernel's settings on the device; the reason stands in the statements.",
            "检查设备上的服务权限与内核设置；原因见声明。",
        ),
        Kind::UnregisteredDevice => (
            "The device is registered with its serial number, or its key is revoked.",
            "登记该设备及其序列号，或吊销其密钥。",
        ),
        Kind::AnotherSite => (
            "A look at the serial number in place, or a registration of the move.",
            "现场核对序列号，或登记设备迁移。",
        ),
    }
}

//! Headings in the regimes' own words, and what is known of official layouts. Must not make up a heading: where no source gives
//! one it is empty, and the English label stands.

/// Headings that are columns of a filing and no field of the dictionary: name, English, Chinese.
const EXTRA: [(&str, &str, &str); 15] = [
    ("stay.from", "first day there", "起始日期"),
    ("stay.to", "last day there", "截止日期"),
    ("claim.work", "workload", "工作负载"),
    ("claim.activity_seen", "activity observed", "观测到的活动"),
    ("claim.energy", "energy of the work, kWh", "用电量（千瓦时）"),
    ("contract.supplier", "supplier", "供应商"),
    ("contract.supplier_id", "registration number of the supplier", "供应商登记号码"),
    ("contract.from", "first day of the contract", "合同起始日期"),
    ("contract.to", "last day of the contract", "合同截止日期"),
    ("contract.resource", "kind of resource", "资源类型"),
    ("contract.quantity", "quantity of the resource", "资源数量"),
    ("contract.platform_order", "order of the platform", "平台订单"),
    ("contract.invoice", "invoice", "发票"),
    ("contract.payment", "proof of payment", "付款凭证"),
    ("contract.other_subsidy", "declaration on other subsidies", "其他补贴声明"),
];

/// Headings that a source gives: jurisdiction, field, heading.
const OWN: [(&str, &str, &str); 37] = [
    ("CN", "party.legal_name", "企业"),
    ("CN", "site.scale", "规模"),
    ("CN", "device.max_rate", "算力"),
    ("CN", "energy.kwh_total", "耗电量"),
    ("CN", "site.grid_account_no", "电力户号"),
    ("CN", "device.compute_identifier", "算力标识"),
    ("RU", "party.wallets", "адрес-идентификатор"),
    ("KZ", "energy.fee", "плата за цифровой майнинг"),
    ("KZ", "party.reg_no", "BIN/IIN"),
    ("RU", "party.reg_no", "INN; OGRN / OGRNIP"),
    ("EU", "site.pd_it", "PD_IT"),
    ("EU", "energy.kwh_total", "E_DC"),
    ("EU", "energy.kwh_backup", "E_DC-BG"),
    ("EU", "energy.kwh_it", "E_IT"),
    ("EU", "energy.water_in", "W_IN"),
    ("EU", "energy.water_potable", "W_IN-POT"),
    ("EU", "energy.kwh_reuse", "E_REUSE"),
    ("EU", "energy.kwh_renewable_goo", "E_RES-GOO"),
    ("EU", "energy.kwh_renewable_ppa", "E_RES-PPA"),
    ("EU", "energy.kwh_renewable_onsite", "E_RES-OS"),
    ("EU", "ict.server_capacity", "C_SERV"),
    ("EU", "ict.storage_capacity", "C_STOR"),
    ("EU", "ict.bandwidth_in", "B_IN"),
    ("EU", "ict.bandwidth_out", "B_OUT"),
    ("EU", "ict.traffic_in", "T_IN"),
    ("EU", "ict.traffic_out", "T_OUT"),
    ("EU", "kpi.pue", "PUE"),
    ("EU", "kpi.wue", "WUE"),
    ("EU", "kpi.erf", "ERF"),
    ("EU", "kpi.ref", "REF"),
    ("DE", "kpi.pue", "PUE (EN 50600-4-2)"),
    ("DE", "kpi.ref", "REF (EN 50600-4-3)"),
    ("DE", "kpi.erf", "ERF (EN 50600-4-6)"),
    ("DE", "kpi.cer", "CER (EN 50600-4-7)"),
    ("DE", "kpi.wue", "WUE"),
    ("DE", "energy.kwh_total", "E_DC"),
    ("DE", "energy.kwh_reuse", "E_REUSE"),
];

/// What is known of the layout of official forms: beginning of the obligation, what is known.
const LAYOUTS: [(&str, &str); 9] = [
    (
        "cn.operating-list",
        "own layout: the notice names the columns (owner, scale, computing power, electricity used); the official form was not seen",
    ),
    (
        "cn.surcharge-list",
        "own layout: account number, supply address, start and stop of mining are named; the official form was not seen",
    ),
    ("cn.voucher-claim", "own layout: the union of what the cities ask for; no official form was seen"),
    (
        "ru.client-report",
        "own layout: the order names the contents; the official electronic form was not seen",
    ),
    (
        "kz.pool-form",
        "own layout: three columns were read, further ones were cut off in the copy; the channel is automatic",
    ),
    (
        "eu.eed",
        "own layout: fields of Annexes I and II with their symbols; the national scheme or European database sets the form",
    ),
    ("de.enefg", "own layout: fields of Annex 3; the form of the register was not seen"),
    (
        "tx.vcm",
        "own layout: items (1) to (5) of 16 TAC 25.114(c) were read, later ones were not; the official form was not seen",
    ),
    ("open.", "own layout: the model rulebook has no official form"),
];

/// English and Chinese heading of a column that is no field of the dictionary; empty where there is none.
pub fn extra(name: &str) -> (&'static str, &'static str) {
    EXTRA.iter().find(|(n, ..)| *n == name).map_or(("", ""), |(_, en, zh)| (en, zh))
}

/// The heading that a regime's own source gives; empty where none was seen.
pub fn own(jurisdiction: &str, field: &str) -> &'static str {
    OWN.iter().find(|(j, f, _)| *j == jurisdiction && *f == field).map_or("", |(_, _, heading)| heading)
}

/// What is known of the official layout.
pub fn layout(obligation: &str) -> &'static str {
    let known = LAYOUTS.iter().find(|(beginning, _)| obligation.starts_with(beginning));
    known.map_or("own layout; the official form was not seen", |(_, words)| words)
}

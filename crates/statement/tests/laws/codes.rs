//! The numbers on the wire, once and for all: whoever changes one of these changes what old statements say.

use facts::{Activity, EvidenceKind, Sensor, UnitKind};
use statement::{activity, activity_code, kind_code, sensor_code, unit_code};

#[test]
fn activities_have_the_numbers_that_they_always_had() {
    use Activity::*;
    let all = [
        Mining,
        Validation,
        StorageProving,
        Training,
        Inference,
        HashSearch,
        ZkProving,
        Scientific,
        Media,
        Compression,
        Cryptography,
        Build,
        Data,
        Edge,
        General,
        Idle,
        Undetermined,
    ];
    assert_eq!(all.map(activity_code), std::array::from_fn(|n| n as u8));
    assert_eq!(Activity::ALL.len(), all.len(), "a new activity gets a new number here");
    for code in 0..=u8::MAX {
        assert_eq!(activity(code), all.get(usize::from(code)).copied());
    }
}

#[test]
fn kinds_of_evidence_have_the_numbers_that_they_always_had() {
    use EvidenceKind::*;
    let all = [HotCode, Constants, DataRate, Memory, Threads, Conversation, Symbols, Accelerator, Energy];
    assert_eq!(all.map(kind_code), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn sensors_have_the_numbers_that_they_always_had() {
    use Sensor::*;
    let all = [
        HotCode,
        Constants,
        DataRate,
        Memory,
        Threads,
        Conversation,
        Symbols,
        Accelerator,
        Energy,
        Processes,
    ];
    assert_eq!(all.map(sensor_code), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn kinds_of_units_have_the_numbers_that_they_always_had() {
    use UnitKind::*;
    assert_eq!([Process, Service, Container, Pod, Slurm].map(unit_code), [0, 1, 2, 3, 4]);
}

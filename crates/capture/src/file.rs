//! Capture files, pcap and pcapng, as a stream of packets in bounded memory.

use crate::flow::CaptureError;
use pcap_parser::traits::{PcapNGPacketBlock, PcapReaderIterator};
use pcap_parser::{Block, LegacyPcapReader, PcapBlockOwned, PcapError, PcapNGReader};
use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

/// Bytes of buffer to begin with.
const BUFFER: usize = 128 * 1024;

/// Largest block that is read; a longer one is damage.
const MAX_BLOCK: usize = 4 * 1024 * 1024;

/// Interfaces told apart in one section of a pcapng file.
const MAX_INTERFACES: usize = 1024;

/// One packet as it lies in the file.
pub(crate) struct Packet<'a> {
    pub link: i32,
    pub time_ns: u64,
    pub bytes: &'a [u8],
}

/// How a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Where a packet ends.
    Clean,
    /// In the middle of a packet, or with bytes that are none.
    Broken,
}

/// An input that fills what it is given, and keeps its error.
struct Filled<R> {
    input: R,
    failed: Rc<RefCell<Option<io::Error>>>,
}

impl<R: Read> Read for Filled<R> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = space.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.input.read(rest) {
                Ok(0) => break,
                Ok(count) => done += count.min(rest.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let kind = error.kind();
                    self.failed.borrow_mut().get_or_insert(error);
                    return Err(kind.into());
                }
            }
        }
        Ok(done)
    }
}

/// What the file says of an interface.
#[derive(Clone, Copy)]
struct Interface {
    link: i32,
    per_second: u64,
    offset_s: i64,
}

/// Reads all packets of a capture.
pub(crate) fn packets<R: Read>(input: R, mut take: impl FnMut(Packet<'_>)) -> Result<End, CaptureError> {
    let failed = Rc::new(RefCell::new(None));
    let mut input = Filled { input, failed: Rc::clone(&failed) };
    let end = open(&mut input).and_then(|mut reader| drain(reader.as_mut(), &mut take));
    match failed.borrow_mut().take() {
        Some(error) => Err(CaptureError::Read(error)),
        None => end,
    }
}

fn open<'a, R: Read>(input: &'a mut Filled<R>) -> Result<Box<dyn PcapReaderIterator + 'a>, CaptureError> {
    let mut magic = [0; 4];
    let count = input.read(&mut magic).unwrap_or(0);
    let start = magic.get(..count).unwrap_or_default().to_vec();
    let failed = Rc::clone(&input.failed);
    let whole = Filled { input: io::Cursor::new(start.clone()).chain(input), failed };
    let opened = match magic {
        [0x0a, 0x0d, 0x0d, 0x0a] => PcapNGReader::new(BUFFER, whole).map(|reader| Box::new(reader) as Box<_>),
        [0xd4, 0xc3, 0xb2, 0xa1]
        | [0xa1, 0xb2, 0xc3, 0xd4]
        | [0x4d, 0x3c, 0xb2, 0xa1]
        | [0xa1, 0xb2, 0x3c, 0x4d] => {
            LegacyPcapReader::new(BUFFER, whole).map(|reader| Box::new(reader) as Box<_>)
        }
        _ => return Err(CaptureError::not_a_capture(&start)),
    };
    opened.map_err(|_| CaptureError::not_a_capture(&start))
}

/// What one look at the reader asks for next.
enum Look {
    Used(usize),
    More,
    Bigger,
    End(End),
}

fn drain(reader: &mut dyn PcapReaderIterator, take: &mut dyn FnMut(Packet<'_>)) -> Result<End, CaptureError> {
    let mut interfaces = Vec::new();
    let mut legacy = Interface { link: 1, per_second: 1_000_000, offset_s: 0 };
    let mut size = BUFFER;
    loop {
        let look = match reader.next() {
            Ok((used, block)) => {
                read(&block, &mut legacy, &mut interfaces, take);
                Look::Used(used)
            }
            Err(PcapError::Incomplete(_)) => Look::More,
            Err(PcapError::BufferTooSmall) => Look::Bigger,
            Err(PcapError::Eof) => Look::End(End::Clean),
            Err(_) => Look::End(End::Broken),
        };
        match look {
            Look::Used(used) => reader.consume(used),
            Look::More if refilled(reader) => {}
            Look::More | Look::Bigger if size < MAX_BLOCK => {
                size *= 2;
                reader.grow(size);
                refilled(reader);
            }
            Look::More | Look::Bigger => return Ok(End::Broken),
            Look::End(end) => return Ok(end),
        }
    }
}

/// Reads more; whether anything changed.
fn refilled(reader: &mut dyn PcapReaderIterator) -> bool {
    let before = reader.data().len();
    reader.refill().is_ok() && (reader.data().len() > before || reader.reader_exhausted())
}

fn read(
    block: &PcapBlockOwned<'_>,
    legacy: &mut Interface,
    interfaces: &mut Vec<Interface>,
    take: &mut dyn FnMut(Packet<'_>),
) {
    match block {
        PcapBlockOwned::LegacyHeader(head) => {
            let per_second = if head.is_nanosecond_precision() { 1_000_000_000 } else { 1_000_000 };
            *legacy = Interface { link: head.network.0 & 0x0fff_ffff, per_second, offset_s: 0 };
        }
        PcapBlockOwned::Legacy(packet) => {
            let fraction = u64::from(packet.ts_usec) * (1_000_000_000 / legacy.per_second);
            let time_ns = u64::from(packet.ts_sec) * 1_000_000_000 + fraction;
            take(Packet { link: legacy.link, time_ns, bytes: packet.data });
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => interfaces.clear(),
        PcapBlockOwned::NG(Block::InterfaceDescription(about)) if interfaces.len() < MAX_INTERFACES => {
            let per_second = about.ts_resolution().unwrap_or(1_000_000).max(1);
            interfaces.push(Interface { link: about.linktype.0, per_second, offset_s: about.ts_offset() });
        }
        PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
            let units = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
            let at = usize::try_from(packet.if_id).ok().and_then(|id| interfaces.get(id));
            let (link, time_ns) = at.map_or((-1, 0), |at| (at.link, at.time_ns(units)));
            take(Packet { link, time_ns, bytes: packet.packet_data() });
        }
        PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
            let link = interfaces.first().map_or(-1, |first| first.link);
            take(Packet { link, time_ns: 0, bytes: packet.packet_data() });
        }
        PcapBlockOwned::NG(_) => {}
    }
}

impl Interface {
    fn time_ns(self, units: u64) -> u64 {
        let ns = u128::from(units) * 1_000_000_000 / u128::from(self.per_second);
        let offset = i128::from(self.offset_s) * 1_000_000_000;
        u64::try_from(i128::try_from(ns).unwrap_or(0).saturating_add(offset).max(0)).unwrap_or(u64::MAX)
    }
}

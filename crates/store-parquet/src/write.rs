//! The Parquet form of the history: its schema, its encodings, and how a file comes to be. It must not sort or choose rows.
//!
//! A file is written under a temporary name, synced, and renamed: a name of [`crate::part`] always stands for a whole file.

use crate::error::Error;
use crate::table::{self, NONE, Packed, UNKNOWN};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{
    ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of one row group: what is read at once.
pub const GROUP_ROWS: usize = 64 << 10;
/// Most bytes of a dictionary: more than the texts of one row group can have, so that every text column has one.
const DICTIONARY: usize = 64 << 20;
/// Level of zstd: the place where more work hardly saves bytes.
pub const LEVEL: i32 = 3;
/// How a file ends that is not finished.
pub const UNFINISHED: &str = ".tmp";

/// The columns in the order of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Ordinal,
    Device,
    Sequence,
    Operator,
    Site,
    From,
    Duration,
    Workload,
    Name,
    Activity,
    Share,
    Probability,
    Algorithm,
    Token,
    Disposition,
    Cpu,
    Energy,
}

impl Column {
    /// All columns.
    pub const ALL: [Self; 17] = [
        Self::Ordinal,
        Self::Device,
        Self::Sequence,
        Self::Operator,
        Self::Site,
        Self::From,
        Self::Duration,
        Self::Workload,
        Self::Name,
        Self::Activity,
        Self::Share,
        Self::Probability,
        Self::Algorithm,
        Self::Token,
        Self::Disposition,
        Self::Cpu,
        Self::Energy,
    ];
}

/// The schema that other programs see.
const SCHEMA: &str = "message finding {
  required int64 ordinal (INTEGER(64,false));
  required fixed_len_byte_array(16) device;
  required int64 sequence (INTEGER(64,false));
  required binary operator (STRING);
  required binary site (STRING);
  required int64 begin (TIMESTAMP(MILLIS,true));
  required int32 duration_ms (INTEGER(32,false));
  optional fixed_len_byte_array(8) workload;
  optional binary workload_name (STRING);
  required binary activity (STRING);
  required int32 share_permille;
  required int32 probability_permille;
  optional binary algorithm (STRING);
  required binary token_link (STRING);
  optional binary disposition (STRING);
  required int64 cpu_ms;
  optional int64 energy_mj;
}";

/// Columns whose low bytes vary and whose high bytes do not: their bytes are split into streams.
const SPLIT: [&str; 3] = ["sequence", "cpu_ms", "energy_mj"];
/// Columns whose steps are small.
const DELTA: [&str; 3] = ["ordinal", "begin", "duration_ms"];

/// Why something failed.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A file being written.
pub struct Writer {
    target: PathBuf,
    unfinished: PathBuf,
    inner: SerializedFileWriter<BufWriter<File>>,
}

impl Writer {
    /// Begins the file that will be `target`.
    pub fn new(target: &Path) -> Result<Self, Error> {
        let error = |e: Cause| Error::medium(format!("writing {}", target.display()), e);
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(UNFINISHED);
        let unfinished = target.with_file_name(name);
        let schema = parse_message_type(SCHEMA).map_err(|e| error(e.into()))?;
        let file = File::create(&unfinished).map_err(|e| error(e.into()))?;
        let properties = Arc::new(properties().map_err(|e| error(e.into()))?);
        let inner = SerializedFileWriter::new(BufWriter::new(file), Arc::new(schema), properties)
            .map_err(|e| error(e.into()))?;
        Ok(Self { target: target.to_owned(), unfinished, inner })
    }

    /// Writes rows, at most [`GROUP_ROWS`] in a group and each statement in one group.
    pub fn rows(&mut self, rows: &[Packed], words: &[Arc<str>]) -> Result<(), Error> {
        let mut rest = rows;
        while !rest.is_empty() {
            let (group, left) = rest.split_at(cut(rest));
            write_group(&mut self.inner, group, words)
                .map_err(|e| Error::medium(format!("writing {}", self.target.display()), e))?;
            rest = left;
        }
        Ok(())
    }

    /// Makes the file durable under its name.
    pub fn finish(self) -> Result<(), Error> {
        let error = |e: Cause| Error::medium(format!("writing {}", self.target.display()), e);
        let buffered = self.inner.into_inner().map_err(|e| error(e.into()))?;
        let file = buffered.into_inner().map_err(|e| error(e.into_error().into()))?;
        file.sync_all().map_err(|e| error(e.into()))?;
        fs::rename(&self.unfinished, &self.target).map_err(|e| error(e.into()))?;
        sync_folder(&self.target)
    }
}

/// How many rows the next group takes: those of whole statements.
pub fn cut(rows: &[Packed]) -> usize {
    let same = |at: usize| rows.get(at).map(|r| r.ordinal) == rows.get(at - 1).map(|r| r.ordinal);
    match rows.len() {
        len if len <= GROUP_ROWS => len,
        _ => (1..=GROUP_ROWS).rev().find(|at| !same(*at)).unwrap_or(GROUP_ROWS),
    }
}

/// Makes names in the folder of `path` durable.
pub fn sync_folder(path: &Path) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|f| f.sync_all())
        .map_err(|e| Error::medium(format!("syncing {}", folder.display()), e))
}

/// Writes one row group.
fn write_group<W: Write + Send>(
    file: &mut SerializedFileWriter<W>,
    rows: &[Packed],
    words: &[Arc<str>],
) -> Result<(), ParquetError> {
    let words: Vec<ByteArray> = words.iter().map(|w| ByteArray::from(w.as_bytes().to_vec())).collect();
    let mut group = file.next_row_group()?;
    numbers::<Int64Type, W>(&mut group, rows.iter().map(|r| r.ordinal.cast_signed()))?;
    fixed(&mut group, rows.iter().map(|r| Some(r.device.as_slice())))?;
    numbers::<Int64Type, W>(&mut group, rows.iter().map(|r| r.sequence.cast_signed()))?;
    texts(&mut group, &words, rows.iter().map(|r| r.operator))?;
    texts(&mut group, &words, rows.iter().map(|r| r.site))?;
    numbers::<Int64Type, W>(&mut group, rows.iter().map(|r| r.from))?;
    numbers::<Int32Type, W>(&mut group, rows.iter().map(|r| r.duration.cast_signed()))?;
    let workload = |r: &'_ Packed| (r.name != NONE).then_some(r.workload);
    let ids: Vec<_> = rows.iter().map(workload).collect();
    fixed(&mut group, ids.iter().map(|w| w.as_ref().map(<[u8; 8]>::as_slice)))?;
    texts(&mut group, &words, rows.iter().map(|r| r.name))?;
    let named: Vec<_> = facts::Activity::ALL.map(|a| ByteArray::from(a.name())).into();
    texts(&mut group, &named, rows.iter().map(|r| r.activity.into()))?;
    numbers::<Int32Type, W>(&mut group, rows.iter().map(|r| r.share.into()))?;
    numbers::<Int32Type, W>(&mut group, rows.iter().map(|r| r.probability.into()))?;
    texts(&mut group, &words, rows.iter().map(|r| r.algorithm))?;
    let named: Vec<_> = table::TOKENS.map(|t| ByteArray::from(t.name())).into();
    texts(&mut group, &named, rows.iter().map(|r| r.token.into()))?;
    texts(&mut group, &words, rows.iter().map(|r| r.disposition))?;
    numbers::<Int64Type, W>(&mut group, rows.iter().map(|r| r.cpu.cast_signed()))?;
    let known = |r: &Packed| (r.energy != UNKNOWN).then_some(r.energy.cast_signed());
    column::<Int64Type, W>(&mut group, rows.iter().map(known))?;
    group.close().map(drop)
}

/// Writes rows as a Parquet file of their own to any place.
pub fn stream<W: Write + Send>(out: W, rows: &[Packed], words: &[Arc<str>]) -> Result<(), ParquetError> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let mut file = SerializedFileWriter::new(out, schema, Arc::new(properties()?))?;
    rows.chunks(GROUP_ROWS).try_for_each(|rows| write_group(&mut file, rows, words))?;
    file.close().map(drop)
}

fn properties() -> Result<WriterProperties, ParquetError> {
    let path = |name: &str| ColumnPath::new(vec![name.to_owned()]);
    let sorted = [Column::Device, Column::From, Column::Ordinal, Column::Workload];
    let sorted = sorted.map(|c| SortingColumn { column_idx: c as i32, descending: false, nulls_first: true });
    let mut made = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL)?))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_dictionary_page_size_limit(DICTIONARY)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_sorting_columns(Some(sorted.into()));
    for (names, encoding) in [(SPLIT, Encoding::BYTE_STREAM_SPLIT), (DELTA, Encoding::DELTA_BINARY_PACKED)] {
        for name in names {
            made = made.set_column_dictionary_enabled(path(name), false);
            made = made.set_column_encoding(path(name), encoding);
        }
    }
    Ok(made.build())
}

type Group<'a, W> = SerializedRowGroupWriter<'a, W>;

/// Writes the next column; levels tell where an optional one has no value.
pub fn column<T: DataType, W: Write + Send>(
    group: &mut Group<'_, W>,
    values: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ParquetError> {
    let mut column =
        group.next_column()?.ok_or_else(|| ParquetError::General("a column is missing".into()))?;
    let mut levels = Vec::new();
    let present = |value: Option<T::T>| {
        levels.push(i16::from(value.is_some()));
        value
    };
    let values: Vec<T::T> = values.filter_map(present).collect();
    column.typed::<T>().write_batch(&values, Some(&levels), None)?;
    column.close()
}

fn numbers<T: DataType, W: Write + Send>(
    group: &mut Group<'_, W>,
    values: impl Iterator<Item = T::T>,
) -> Result<(), ParquetError> {
    column::<T, W>(group, values.map(Some))
}

fn texts<W: Write + Send>(
    group: &mut Group<'_, W>,
    words: &[ByteArray],
    codes: impl Iterator<Item = u32>,
) -> Result<(), ParquetError> {
    let word = |code: u32| words.get(code as usize).cloned();
    column::<ByteArrayType, W>(group, codes.map(word))
}

fn fixed<'a, W: Write + Send>(
    group: &mut Group<'_, W>,
    values: impl Iterator<Item = Option<&'a [u8]>>,
) -> Result<(), ParquetError> {
    let own = |bytes: &[u8]| FixedLenByteArray::from(bytes.to_vec());
    column::<FixedLenByteArrayType, W>(group, values.map(|v| v.map(own)))
}

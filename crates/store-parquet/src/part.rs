//! One file of the history: its name, and reading columns of its row groups. It must not interpret what it reads.

use crate::block::Block;
use crate::bytewise::Bytewise;
use crate::codes::Codes;
use crate::error::Error;
use crate::table::UNKNOWN;
use crate::write::{Column, GROUP_ROWS};
use bytes::Bytes;
use parquet::column::page::PageReader;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{DataType, Int32Type, Int64Type};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::ChunkReader;
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::file::statistics::Statistics;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// How the names of files begin and end.
const PREFIX: &str = "findings-";
const SUFFIX: &str = ".parquet";

/// A file of the history. It stays readable while it is held, even when its name is gone.
pub struct Part {
    pub path: PathBuf,
    /// Ordinals of the first statement and behind the last.
    pub ordinals: Range<u64>,
    /// From the earliest beginning of a row to behind the latest; empty if it has no rows.
    pub span: Range<i64>,
    pub size: u64,
    /// When the file was last changed, in nanoseconds since 1970.
    pub changed: i64,
    /// Whether the catalogue holds its sums.
    pub summed: bool,
    file: Arc<Bytewise>,
    meta: OnceLock<Arc<ParquetMetaData>>,
}

/// The name of the file that holds the statements `ordinals`.
pub fn name(ordinals: &Range<u64>) -> String {
    format!("{PREFIX}{:020}-{:020}{SUFFIX}", ordinals.start, ordinals.end.saturating_sub(1))
}

/// The statements that a file holds, told by its name.
pub fn ordinals(name: &str) -> Option<Range<u64>> {
    let (first, last) = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.split_once('-')?;
    let number = |digits: &str| (digits.len() == 20).then(|| digits.parse::<u64>().ok())?;
    let range = number(first)?..number(last)?.checked_add(1)?;
    (!range.is_empty()).then_some(range)
}

impl Part {
    /// Opens a file; its footer is read when it is needed.
    pub fn open(path: &Path, ordinals: Range<u64>) -> Result<Self, Error> {
        let error = |e| Error::medium(format!("opening {}", path.display()), e);
        let file = File::open(path).map_err(error)?;
        let about = file.metadata().map_err(error)?;
        let size = about.len();
        let changed = about.mtime().saturating_mul(1_000_000_000).saturating_add(about.mtime_nsec());
        let file = Arc::new(Bytewise { file: Arc::new(file), size });
        let span = i64::MIN..i64::MAX;
        Ok(Self {
            path: path.to_owned(),
            ordinals,
            span,
            size,
            changed,
            summed: false,
            file,
            meta: OnceLock::new(),
        })
    }

    /// Its name in the folder.
    pub fn name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// Whether it has rows, as far as is known.
    pub fn has_rows(&self) -> bool {
        !self.span.is_empty()
    }

    /// The footer.
    pub fn meta(&self) -> Result<Arc<ParquetMetaData>, Error> {
        if let Some(meta) = self.meta.get() {
            return Ok(Arc::clone(meta));
        }
        let read = || ParquetMetaDataReader::new().parse_and_finish(self.file.as_ref());
        let meta = caught(|| read().map_err(|e| e.to_string()));
        let meta = meta.map_err(|why| Error::damaged(&self.path, why))?;
        if meta.file_metadata().schema_descr().num_columns() != Column::Energy as usize + 1 {
            return Err(Error::damaged(&self.path, "its columns are not those of a history"));
        }
        sound(&meta, self.size).map_err(|why| Error::damaged(&self.path, why))?;
        Ok(Arc::clone(self.meta.get_or_init(|| Arc::new(meta))))
    }

    /// All bytes, in pieces, for checksums.
    pub fn bytes(&self, mut each: impl FnMut(&[u8])) -> Result<(), Error> {
        let mut at = 0;
        while at < self.size {
            let len = usize::try_from(self.size - at).unwrap_or(usize::MAX).min(1 << 20);
            let piece = self.file.get_bytes(at, len).map_err(|e| Error::damaged(&self.path, e))?;
            each(&piece);
            at += len as u64;
        }
        Ok(())
    }

    /// Learns from the statistics of its row groups when its rows begin.
    pub fn learn_span(&mut self) -> Result<(), Error> {
        let (mut start, mut end) = (i64::MAX, i64::MIN);
        for group in 0..self.meta()?.num_row_groups() {
            let times = self.times(group)?.unwrap_or(i64::MIN..i64::MAX);
            (start, end) = (start.min(times.start), end.max(times.end));
        }
        self.span = start..end;
        Ok(())
    }

    /// Rows of each row group.
    pub fn groups(&self) -> Result<Vec<usize>, Error> {
        let rows = |g: &parquet::file::metadata::RowGroupMetaData| usize::try_from(g.num_rows());
        let meta = self.meta()?;
        let rows: Result<_, _> = meta.row_groups().iter().map(rows).collect();
        rows.map_err(|e| Error::damaged(&self.path, e))
    }

    /// From the earliest beginning of a row of a group to behind the latest; none if not known.
    pub fn times(&self, group: usize) -> Result<Option<Range<i64>>, Error> {
        let known = |s: &Statistics| match s {
            Statistics::Int64(s) => Some(*s.min_opt()?..s.max_opt()?.saturating_add(1)),
            _ => None,
        };
        self.statistics(group, Column::From, known)
    }

    /// Bounds of a column of bytes in a row group; none if not known. The upper one may be cut, and is then above all values.
    pub fn bounds(&self, group: usize, column: Column) -> Result<Option<(Bytes, Bytes)>, Error> {
        let copy = Bytes::copy_from_slice;
        let known = |s: &Statistics| Some((copy(s.min_bytes_opt()?), copy(s.max_bytes_opt()?)));
        self.statistics(group, column, known)
    }

    fn statistics<T>(
        &self,
        group: usize,
        column: Column,
        known: impl Fn(&Statistics) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let meta = self.meta()?;
        let chunk = meta.row_groups().get(group).and_then(|g| g.columns().get(column as usize));
        Ok(chunk.and_then(|c| c.statistics()).and_then(known))
    }

    /// Reads columns of the rows `range` of a row group.
    pub fn read(&self, group: usize, columns: &[Column], range: Range<usize>) -> Result<Block, Error> {
        let meta = self.meta()?;
        let chunks = Chunks { part: self, meta: &meta, group, range: range.clone() };
        let mut block = Block { rows: range.len(), ..Block::default() };
        for &column in columns {
            caught(|| chunks.column(column, &mut block)).map_err(|why| Error::damaged(&self.path, why))?;
        }
        Ok(block)
    }
}

/// Whether the places and sizes in a footer are possible: the reader takes them at their word.
fn sound(meta: &ParquetMetaData, size: u64) -> Result<(), String> {
    for group in meta.row_groups() {
        let rows = group.num_rows();
        if !usize::try_from(rows).is_ok_and(|rows| rows <= GROUP_ROWS) {
            return Err(format!("a row group has {rows} rows, expected at most {GROUP_ROWS}"));
        }
        for column in group.columns() {
            let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
            let end = start.checked_add(column.compressed_size());
            let within = end.and_then(|end| u64::try_from(end).ok()).is_some_and(|end| end <= size);
            if start < 0 || column.data_page_offset() < 0 || column.compressed_size() < 0 || !within {
                return Err(format!("a column is said to begin at byte {start}"));
            }
        }
    }
    Ok(())
}

/// Runs the Parquet reader, which stops the thread on some damaged bytes where others end in an error.
fn caught<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let stopped = |_| Err("the reader cannot make sense of its bytes".to_owned());
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(stopped)
}

/// The columns of one row group.
struct Chunks<'a> {
    part: &'a Part,
    meta: &'a ParquetMetaData,
    group: usize,
    range: Range<usize>,
}

impl Chunks<'_> {
    fn column(&self, column: Column, block: &mut Block) -> Result<(), String> {
        match column {
            Column::Ordinal => block.ordinal = self.int64(column)?,
            Column::Device => block.device = self.codes(column, Some(16))?,
            Column::Sequence => block.sequence = self.int64(column)?,
            Column::Operator => block.operator = self.codes(column, None)?,
            Column::Site => block.site = self.codes(column, None)?,
            Column::From => block.from = self.int64(column)?,
            Column::Duration => block.duration = self.numbers::<Int32Type>(column)?,
            Column::Workload => block.workload = self.codes(column, Some(8))?,
            Column::Name => block.name = self.codes(column, None)?,
            Column::Activity => block.activity = self.codes(column, None)?,
            Column::Share => block.share = self.numbers::<Int32Type>(column)?,
            Column::Probability => block.probability = self.numbers::<Int32Type>(column)?,
            Column::Algorithm => block.algorithm = self.codes(column, None)?,
            Column::Token => block.token = self.codes(column, None)?,
            Column::Disposition => block.disposition = self.codes(column, None)?,
            Column::Cpu => block.cpu = self.int64(column)?,
            Column::Energy => block.energy = self.known()?,
        }
        Ok(())
    }

    fn pages(&self, column: Column) -> Result<Box<dyn PageReader>, String> {
        let group = self.meta.row_groups().get(self.group).ok_or("a row group is missing")?;
        let chunk = group.columns().get(column as usize).ok_or("a column is missing")?;
        let rows = usize::try_from(group.num_rows()).map_err(|e| e.to_string())?;
        let pages = SerializedPageReader::new(Arc::clone(&self.part.file), chunk, rows, None);
        Ok(Box::new(pages.map_err(|e| e.to_string())?))
    }

    fn codes(&self, column: Column, width: Option<usize>) -> Result<Codes, String> {
        let optional =
            matches!(column, Column::Workload | Column::Name | Column::Algorithm | Column::Disposition);
        Codes::read(self.pages(column)?.as_mut(), self.range.clone(), width, optional)
    }

    fn int64(&self, column: Column) -> Result<Vec<i64>, String> {
        self.numbers::<Int64Type>(column)
    }

    fn numbers<T: DataType>(&self, column: Column) -> Result<Vec<T::T>, String> {
        let (values, _) = self.levelled::<T>(column, false)?;
        let (found, expected) = (values.len(), self.range.len());
        if found == expected {
            return Ok(values);
        }
        Err(format!("column {column:?} has {found} rows, expected {expected}"))
    }

    fn known(&self) -> Result<Vec<u64>, String> {
        let (values, levels) = self.levelled::<Int64Type>(Column::Energy, true)?;
        if levels.len() != self.range.len() {
            return Err(format!("the energies are {}, expected {}", levels.len(), self.range.len()));
        }
        let mut values = values.into_iter().map(i64::cast_unsigned);
        let mut known = |level: &i16| if *level == 0 { None } else { values.next() };
        Ok(levels.iter().map(|level| known(level).unwrap_or(UNKNOWN)).collect())
    }

    fn levelled<T: DataType>(&self, column: Column, levels: bool) -> Result<(Vec<T::T>, Vec<i16>), String> {
        let schema = self.meta.file_metadata().schema_descr();
        let mut reader = ColumnReaderImpl::<T>::new(schema.column(column as usize), self.pages(column)?);
        let (mut values, mut given) = (Vec::with_capacity(self.range.len()), Vec::new());
        let read = reader.skip_records(self.range.start).and_then(|_| {
            reader.read_records(self.range.len(), levels.then_some(&mut given), None, &mut values)
        });
        read.map_err(|e| e.to_string())?;
        Ok((values, given))
    }
}

//! Examples and their labels, read from comma-separated text.

use std::{
    fs::{self, File},
    io::{self, BufReader, Read},
    path::Path,
};

use flate2::read::MultiGzDecoder;
use init_core::text::shorten;

use crate::matrix::Matrix;

/// The longest field that an error repeats, in characters.
const QUOTED: usize = 40;

/// Examples, one per row, and their class labels.
///
/// ```
/// use init_data::{Data, Labels};
///
/// let data = Data::parse("0.5, 1, 3\n0.25, 1, 7\n".as_bytes(), "two.csv", Labels::Last)?;
/// assert_eq!(data.features.row(1), [0.25, 1.0]);
/// assert_eq!(data.labels.as_deref(), Some(&[3, 7][..]));
/// assert_eq!(data.constant_columns(), [1]);
/// # Ok::<(), init_data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// The examples, one per row; all values are finite.
    pub features: Matrix,
    /// The class of each example, from 0 on.
    pub labels: Option<Vec<u32>>,
}

/// The column of the class labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// There is none.
    Absent,
    /// The last column.
    Last,
}

/// The maximum number of classes: larger labels are surely values of another kind.
const MAX_CLASSES: u32 = 100_000;

impl Data {
    /// Reads a file of comma-separated values, one example per line. Files that start like gzip are
    /// decompressed; a first line without numbers is a heading and is skipped.
    ///
    /// # Errors
    ///
    /// Returns [`DataError`], with line and column, if the file cannot be read, has no examples,
    /// rows of different lengths, a value that is not a finite number, or a label that is not a
    /// class.
    pub fn read(path: impl AsRef<Path>, labels: Labels) -> Result<Self, DataError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let failed = |source| DataError::Read { path: name.clone(), source };
        // Checked before it is opened: opening a pipe waits for its other end.
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(DataError::NotAFile { path: name });
        }
        let mut file = BufReader::new(File::open(path).map_err(failed)?);
        Self::parse(&mut file, &name, labels)
    }

    /// Reads comma-separated values from any source, as [`read`](Self::read) does; errors call it
    /// `name`.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn parse(text: impl Read, name: &str, labels: Labels) -> Result<Self, DataError> {
        let mut text = BufReader::new(text);
        let failed = |source| DataError::Read { path: name.to_owned(), source };
        let packed = io::BufRead::fill_buf(&mut text).map_err(failed)?.starts_with(&[0x1F, 0x8B]);
        let plain: Box<dyn Read + '_> = if packed { Box::new(MultiGzDecoder::new(text)) } else { Box::new(text) };

        // Every line ends in a line feed, the last one too, so that the line of a record is the one
        // before where the reader is; the position of a record itself is before the blank lines that
        // precede it. A carriage return at the end is trimmed.
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(plain.chain(&b"\n"[..]));
        let mut table = Table::default();
        let mut record = csv::StringRecord::new();
        loop {
            let found = reader.read_record(&mut record);
            let line = reader.position().line().saturating_sub(1);
            if !found.map_err(|error| unreadable(name, line, error))? {
                break;
            }
            table.push(&record, labels, line, name)?;
        }
        table.finish(labels, name)
    }

    /// Returns the number of examples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.features.rows()
    }

    /// Returns whether there are no examples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.features.rows() == 0
    }

    /// Returns the number of classes: one more than the largest label; 0 without labels.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.labels.iter().flatten().max().map_or(0, |&largest| largest as usize + 1)
    }

    /// Returns the indices of the columns that have the same value in all examples: they carry no
    /// information and cannot be scaled.
    #[must_use]
    pub fn constant_columns(&self) -> Vec<usize> {
        let ranges = self.ranges();
        (0..ranges.len()).filter(|&column| ranges[column].0 == ranges[column].1).collect()
    }

    /// Returns the examples scaled to `[0, 1]`: all columns by the smallest and the largest value
    /// of all, so that pixels keep their proportions. Values that are all the same become 0.
    #[must_use]
    pub fn unit_scaled(&self) -> Matrix {
        let values = self.features.values();
        let low = values.iter().copied().fold(f32::INFINITY, f32::min);
        let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let width = f64::from(high) - f64::from(low);
        let mut scaled = self.features.clone();
        for value in scaled.values_mut() {
            let part = (f64::from(*value) - f64::from(low)) / width;
            *value = if width > 0.0 { part as f32 } else { 0.0 };
        }
        scaled
    }

    /// Returns the examples with each column scaled to mean 0 and variance 1; a constant column
    /// becomes 0.
    #[must_use]
    pub fn standardised(&self) -> Matrix {
        let mut scaled = self.features.clone();
        let count = self.len() as f64;
        let columns = self.features.columns();
        for (column, mean) in self.features.column_sums().into_iter().map(|sum| sum / count).enumerate() {
            let of = |row: &[f32]| f64::from(row[column]) - mean;
            let variance = self.features.each_row().map(|row| of(row) * of(row)).sum::<f64>() / count;
            // The mean of equal values is not always that value; the difference is rounding.
            let constant = variance.sqrt() <= 1e-6 * mean.abs();
            for value in scaled.values_mut().iter_mut().skip(column).step_by(columns) {
                *value = if constant { 0.0 } else { ((f64::from(*value) - mean) / variance.sqrt()) as f32 };
            }
        }
        scaled
    }

    fn ranges(&self) -> Vec<(f32, f32)> {
        let mut ranges = vec![(f32::INFINITY, f32::NEG_INFINITY); self.features.columns()];
        for row in self.features.each_row() {
            for ((low, high), &value) in ranges.iter_mut().zip(row) {
                *low = low.min(value);
                *high = high.max(value);
            }
        }
        ranges
    }
}

/// The part of a text that has been read.
#[derive(Default)]
struct Table {
    rows: usize,
    /// The number of fields per line, including the label, and the first line that had it.
    width: Option<(usize, u64)>,
    values: Vec<f32>,
    labels: Vec<u32>,
    lines: u64,
}

impl Table {
    fn push(&mut self, record: &csv::StringRecord, labels: Labels, line: u64, name: &str) -> Result<(), DataError> {
        if record.iter().all(str::is_empty) {
            return Ok(());
        }
        self.lines += 1;
        let is_heading = self.lines == 1 && record.iter().all(|field| field.parse::<f64>().is_err());
        if is_heading {
            return Ok(());
        }
        let path = || name.to_owned();
        let (width, first) = *self.width.get_or_insert((record.len(), line));
        if record.len() != width {
            return Err(DataError::Ragged { path: path(), line, fields: record.len(), first, width });
        }
        let features = width - usize::from(labels == Labels::Last);
        if features == 0 {
            return Err(DataError::OnlyLabels { path: path(), line });
        }
        for (column, field) in record.iter().enumerate().take(features) {
            let value = field.parse::<f32>().ok().filter(|value| value.is_finite());
            let wrong = || DataError::Value { path: path(), line, column: column + 1, field: shorten(field, QUOTED) };
            self.values.push(value.ok_or_else(wrong)?);
        }
        if labels == Labels::Last {
            let field = &record[features];
            let class = field.parse::<f64>().ok().filter(|class| class.fract() == 0.0 && *class >= 0.0);
            let class = class.filter(|&class| class < f64::from(MAX_CLASSES)).map(|class| class as u32);
            self.labels.push(class.ok_or_else(|| DataError::Label {
                path: path(),
                line,
                field: shorten(field, QUOTED),
            })?);
        }
        self.rows += 1;
        Ok(())
    }

    fn finish(self, labels: Labels, name: &str) -> Result<Data, DataError> {
        if self.rows == 0 {
            return Err(DataError::Empty { path: name.to_owned() });
        }
        let columns = self.values.len() / self.rows;
        let features = Matrix::new(self.rows, columns, self.values).expect("every row has as many values");
        Ok(Data { features, labels: (labels == Labels::Last).then_some(self.labels) })
    }
}

fn unreadable(name: &str, line: u64, error: csv::Error) -> DataError {
    let path = name.to_owned();
    match error.into_kind() {
        csv::ErrorKind::Io(source) => DataError::Read { path, source },
        _ => DataError::Text { path, line },
    }
}

/// An error in a file of examples.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// It cannot be opened, read or unpacked.
    #[error("`{path}` cannot be read: {source}; check the path, and that the file is whole")]
    Read {
        /// The file.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A folder, a pipe or a device.
    #[error("`{path}` is not a regular file; name a .csv or .csv.gz file")]
    NotAFile {
        /// The path.
        path: String,
    },
    /// Bytes that are not UTF-8.
    #[error("`{path}`, line {line}: not UTF-8 text; give comma-separated numbers")]
    Text {
        /// The file.
        path: String,
        /// The line.
        line: u64,
    },
    /// No line with values.
    #[error("`{path}` has no examples; give one line of comma-separated numbers per example")]
    Empty {
        /// The file.
        path: String,
    },
    /// Labels without features.
    #[error("`{path}`, line {line}: the only column would be the label; give features before it")]
    OnlyLabels {
        /// The file.
        path: String,
        /// The line.
        line: u64,
    },
    /// A line that is longer or shorter than the first.
    #[error(
        "`{path}`, line {line}: {fields} values, but line {first} has {width}; all lines must have the same number"
    )]
    Ragged {
        /// The file.
        path: String,
        /// The line.
        line: u64,
        /// The number of its values.
        fields: usize,
        /// The first line with values.
        first: u64,
        /// The number of its values.
        width: usize,
    },
    /// A value that is not a finite number.
    #[error("`{path}`, line {line}, column {column}: `{field}` is not a finite number; fix or remove the line")]
    Value {
        /// The file.
        path: String,
        /// The line.
        line: u64,
        /// The column, from 1.
        column: usize,
        /// The text of the field.
        field: String,
    },
    /// A label that is not a class.
    #[error(
        "`{path}`, line {line}: the label must be a class, a whole number from 0 to {}, got `{field}`", MAX_CLASSES - 1
    )]
    Label {
        /// The file.
        path: String,
        /// The line.
        line: u64,
        /// The text of the field.
        field: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn error(text: &[u8], labels: Labels) -> String {
        Data::parse(text, "x.csv", labels).unwrap_err().to_string()
    }

    #[test]
    fn each_mistake_is_named_with_its_line_and_column() {
        use Labels::{Absent, Last};
        let cases: [(&[u8], Labels, &str); 18] = [
            (b"", Absent, "no examples"),
            (b"\n\n", Absent, "no examples"),
            (b"a,b\n", Absent, "no examples"),
            (b"1,2\n3\n", Absent, "line 2: 1 values, but line 1 has 2"),
            (b"x,y\n1,2\n3,4,5\n", Absent, "line 3: 3 values, but line 2 has 2"),
            (b"1,2\n3,NaN\n", Absent, "line 2, column 2: `NaN`"),
            (b"1,2\n3,inf\n", Absent, "line 2, column 2: `inf`"),
            (b"1,2\n3,1e99\n", Absent, "`1e99` is not a finite number"),
            (b"1,2\n3,\n", Absent, "line 2, column 2: ``"),
            (b"1,2\n\xFF,3\n", Absent, "line 2: not UTF-8"),
            (b"1,2\n\n\n3,x\n", Absent, "line 4, column 2: `x`"),
            (b"1,2\r\n\r\n3,x", Absent, "line 3, column 2: `x`"),
            (b"\r\nx,y\r\n1,2\r\n3", Absent, "line 4: 1 values, but line 3 has 2"),
            (b"1,2\n\n\xFF,3\n", Absent, "line 3: not UTF-8"),
            (b"1\n2\n", Last, "only column"),
            (b"1,2.5\n", Last, "got `2.5`"),
            (b"1,-1\n", Last, "got `-1`"),
            (b"1,1e9\n", Last, "got `1e9`"),
        ];
        for (text, labels, words) in cases {
            let message = error(text, labels);
            assert!(message.contains(words), "{words}: {message}");
        }
    }

    #[test]
    fn gzip_is_decompressed_and_a_truncated_file_is_refused() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(b"1,2\n3,4\n").unwrap();
        let packed = packer.finish().unwrap();
        let data = Data::parse(&packed[..], "x.csv.gz", Labels::Absent).unwrap();
        assert_eq!(data.features.values(), [1.0, 2.0, 3.0, 4.0]);
        assert!(matches!(
            Data::parse(&packed[..packed.len() - 6], "x.csv.gz", Labels::Absent),
            Err(DataError::Read { .. })
        ));
    }

    #[test]
    fn scaling_keeps_proportions_and_makes_constant_columns_zero() {
        let data = Data::parse(&b"2,0.1,4\n6,0.1,10\n4,0.1,1\n"[..], "x", Labels::Absent).unwrap();
        assert_eq!(data.constant_columns(), [1]);
        let unit = data.unit_scaled();
        assert!(unit.values().iter().all(|value| (0.0..=1.0).contains(value)));
        let standard = data.standardised();
        assert!(standard.each_row().all(|row| row[1] == 0.0));
        for column in [0, 2] {
            let of = |power: i32| standard.each_row().map(|row| f64::from(row[column]).powi(power)).sum::<f64>() / 3.0;
            assert!(of(1).abs() < 1e-6 && (of(2) - 1.0).abs() < 1e-6);
        }
        let same = Data::parse(&b"5\n5\n"[..], "x", Labels::Absent).unwrap();
        assert_eq!(same.unit_scaled().values(), [0.0, 0.0]);
    }
}

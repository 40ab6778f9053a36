//! History of findings as Parquet facts: writing, querying, charts.

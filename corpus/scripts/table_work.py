"""Analytics without end. Arguments: duckdb|polars|pandas|sqlite, table file, threads."""
import sqlite3
import sys

engine, path, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
query = "select \"group\", sum(price*amount), avg(price), count(distinct name) from t group by 1 order by 2 desc"
if engine == "duckdb":
    import duckdb
    db = duckdb.connect(config={"threads": threads})
    db.execute(f"create table t as select * from read_csv_auto('{path}')")
    work = lambda: db.execute(query).fetchall()
elif engine == "polars":
    import polars as pl
    t = pl.read_csv(path)
    work = lambda: (t.lazy().group_by("group").agg((pl.col("price") * pl.col("amount")).sum().alias("s"),
                    pl.col("name").n_unique()).sort("s").collect(), t.sort("name", "price"))
elif engine == "pandas":
    import pandas as pd
    t = pd.read_csv(path)
    work = lambda: (t.groupby("group").agg({"price": "mean", "amount": "sum", "name": "nunique"}),
                    t.merge(t.head(20000), on="name", how="inner").head(), t.sort_values("name").head())
else:
    import csv
    db = sqlite3.connect(":memory:")
    db.execute("create table t (id int, \"group\" int, price real, amount int, name text)")
    with open(path) as file:
        db.executemany("insert into t values (?,?,?,?,?)", list(csv.reader(file))[1:])
    work = lambda: db.execute(query).fetchall()
work()
print("ready", flush=True)
while True:
    work()

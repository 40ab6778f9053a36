"""Works out due_dates.tsv a second time, with Python's standard library alone, and prints every row that differs."""

import csv
import sys
from calendar import monthrange
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def every_day(first, last):
    return (first + timedelta(n) for n in range((last - first).days + 1))


def in_month(year, month, day):
    return date(year, month, min(day, monthrange(year, month)[1]))


def nominal(rule, event, first, last, is_open):
    """Every day on which the rule falls due between first and last, before any shift."""
    kind, _, value = rule.partition(":")
    if kind == "month":
        return [d for d in every_day(first, last) if d == in_month(d.year, d.month, int(value))]
    if kind == "quarter":
        return [d for d in every_day(first, last) if d.month % 3 == 1 and d == in_month(d.year, d.month, int(value))]
    if kind == "year":
        month, day = map(int, value.split("-"))
        return [d for d in every_day(first, last) if d.month == month and d == in_month(d.year, month, day)]
    if kind == "week":
        return [d for d in every_day(first, last) if DAYS[d.weekday()] == value]
    if kind == "anniversary":
        years = range(event.year + int(value), last.year + 1, int(value))
        return [in_month(y, event.month, event.day) for y in years]
    if kind == "within-working-days":
        counted = (d for d in every_day(event + timedelta(1), event + timedelta(400)) if is_open(d))
        return [[next(counted) for _ in range(int(value))][-1]]
    days = {"within-days": 1, "before-days": -1}.get(kind)
    return [event + timedelta(days * int(value))] if days else [date.fromisoformat(value)]


def due(row):
    closed = set(filter(None, row["holidays"].split(",")))
    weekend = row["weekend"].split(",")
    is_open = lambda d: DAYS[d.weekday()] not in weekend and d.isoformat() not in closed
    first, last = date.fromisoformat(row["from"]), date.fromisoformat(row["until"])
    event = date.fromisoformat(row["event"]) if row["event"] else None
    days = nominal(row["rule"], event, first - timedelta(60), last, is_open)
    if row["shift"] == "next-working-day":
        days = [next(filter(is_open, every_day(d, d + timedelta(60)))) for d in days]
    days = [d for d in days if first <= d <= last]
    if not days:
        return "-", "-"
    # fold=1: where the last second of a day comes twice, the day ends with the second one.
    end = datetime(*days[-1].timetuple()[:3], 23, 59, 59, tzinfo=ZoneInfo(row["zone"]), fold=1)
    return " ".join(map(str, days)), end.isoformat()


def main():
    lines = (Path(__file__).parent / "due_dates.tsv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
    found = [(row, due(row)) for row in rows]
    differs = [(row, got) for row, got in found if got != (row["expected"], row["expected_end"])]
    for row, got in differs:
        print(row["rule"], row["zone"], row["from"], "expected", row["expected"], row["expected_end"], "found", *got)
    print(f"{len(rows)} rows, {len(differs)} differ")
    return bool(differs)


sys.exit(main())

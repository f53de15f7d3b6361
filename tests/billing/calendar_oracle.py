#!/usr/bin/python3
"""Periods of billing as python-dateutil and zoneinfo compute them: a line a case, in the form

    zone first anchor count unit | end of the first period | boundary@epoch seconds of its 00:00 ...

Dates stay before 2037, the last year whose changes of the clock the system's zone files list one by one."""

import datetime
import random
import zoneinfo

from dateutil import relativedelta, tz

ZONES = ["America/Santiago", "Europe/Warsaw", "Africa/Cairo", "Asia/Kathmandu", "Asia/Jakarta"]
CASES = 4000
BOUNDARIES = 12
LAST = datetime.date(2037, 1, 1)


def start_of_day(day, zone):
    """00:00, the first of two, or the end of a gap that swallows it."""
    midnight = datetime.datetime.combine(day, datetime.time(), zoneinfo.ZoneInfo(zone))
    return int(tz.resolve_imaginary(midnight).timestamp())


def boundaries_after(first, anchor, count, unit):
    """Each counted from the first one, so that nothing can drift."""
    if unit == "day":
        steps = (relativedelta.relativedelta(days=count * i) for i in range(1, BOUNDARIES + 1))
        return [first + step for step in steps]
    stub_end = first + relativedelta.relativedelta(day=anchor)
    if stub_end < first:
        stub_end = first + relativedelta.relativedelta(months=1, day=anchor)
    # On the anchor day itself there is no stub.
    skipped = 1 if stub_end == first else 0
    return [stub_end + relativedelta.relativedelta(months=count * (i + skipped), day=anchor)
            for i in range(BOUNDARIES)]


def main():
    chosen = random.Random(4)
    for _ in range(CASES):
        zone = chosen.choice(ZONES)
        first = datetime.date(2023, 1, 1) + datetime.timedelta(days=chosen.randrange(4000))
        # Often the last days of a month, where clamping happens.
        anchor = chosen.choice([first.day, chosen.randint(1, 31), chosen.randint(28, 31)])
        unit = chosen.choice(["month", "month", "month", "day"])
        count = chosen.choice([1, 1, 1, 2, 3, 6, 12]) if unit == "month" else chosen.randint(1, 90)
        after = boundaries_after(first, anchor, count, unit)
        shown = [f"{day}@{start_of_day(day, zone)}" for day in after if day < LAST]
        print(f"{zone} {first} {anchor} {count} {unit} | {after[0]} |", *shown)


if __name__ == "__main__":
    main()

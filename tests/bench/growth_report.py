# SPDX-License-Identifier: BSD-3-Clause
"""What growth.py measured: whether memory grows too much, tables, a chart."""
from log_chart import Chart
from watched import need

# KiB that may be kept of each target of a list, and of each file: its number, time and place in the order of use.
MOST_OF_TARGET, MOST_OF_FILE, MOST_MIB_ELSE = 2, 0.0625, 16
USES = ("list", "pin", "unpin", "status", "mount", "read")
DRAWN = {"l": "list", "p": "pin", "s": "status", "m": "mount", "r": "read"}
LEAST_DRAWN = 0.001


def check(figures):
    """What memory may grow with, whatever the time."""
    def growth(of, memory, most):
        rows = figures[of]
        grown = memory(rows[-1]) - memory(rows[0]) if rows else 0
        bound = most * (rows[-1][of] - rows[0][of]) / 1024 + MOST_MIB_ELSE if rows else 0
        need(grown <= bound, f"memory has grown by {grown:.0f} MiB, {bound:.0f} would do, with {of}: {rows}")
    growth("targets", lambda row: row["memory"], MOST_OF_TARGET)
    for use in ("list", "pin", "unpin", "status", "mount"):
        growth("files", lambda row: row[use]["memory"], MOST_OF_FILE)


def seconds(value):
    """Three digits, as far as there are milliseconds."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def table_of_targets(rows):
    yield "           processor, of 1 000     elapsed                         memory, MiB"
    yield " targets   platefs     archive     seconds  first file  requests     own    most"
    for row in rows:
        of_thousand = [seconds(1000 * row[who] / row["targets"]) for who in ("processor", "archive")]
        yield (f"{row['targets']:8} {of_thousand[0]:>9} {of_thousand[1]:>11} {seconds(row['seconds']):>11} "
               f"{row['first_file']:11.1f} {row['requests']:9} {row['memory']:7.0f} {row['resident']:7.0f}")


def table_of_files(rows):
    yield "           seconds of the processor                        memory, MiB"
    yield "   files" + "".join(f"{name:>8}" for name in USES) + "    list   mount"
    for row in rows:
        yield (f"{row['files']:8}" + "".join(f"{seconds(row[name]['processor']):>8}" for name in USES)
               + f"{row['list']['memory']:8.0f}{row['mount']['memory']:8.0f}")


def draw(figures):
    targets, files = figures["targets"], figures["files"]
    series = {"f": [(row["targets"], row["processor"]) for row in targets]}
    for mark, name in DRAWN.items():
        series[mark] = [(row["files"], max(row[name]["processor"], LEAST_DRAWN)) for row in files]
    series = {mark: line for mark, line in series.items() if line}
    lines = [*table_of_targets(targets), ""] if targets else []
    lines += [*table_of_files(files), ""] if files else []
    return "\n".join([*lines, *Chart(series).lines("targets or files", "seconds of the processor")])

# SPDX-License-Identifier: BSD-3-Clause
"""Medians as tables in Markdown."""
import statistics

COLUMNS = [  # heading, key, how it is written
    ("MB on the wire", "wire", lambda v: f"{v / 1e6:.1f}"),
    ("requests", "requests", lambda v: f"{v:.0f}"),
    ("archive", "front_requests", lambda v: f"{v:.0f}"),
    ("daemon CPU s", "cpu", lambda v: f"{v:.2f}"),
    ("RSS peak MiB", "rss", lambda v: f"{v:.0f}"),
]


def seconds(value):
    return f"{value * 1000:.1f} ms" if value < 0.1 else f"{value:.2f} s"


def median(records, key):
    values = [r[key] for r in records if key in r and "error" not in r]
    return statistics.median(values) if values else None


def wall_text(records):
    walls = sorted(r["wall"] for r in records if "error" not in r)
    failed = [r["error"] for r in records if "error" in r]
    text = ""
    if walls:
        spread = f" ({seconds(walls[0])}–{seconds(walls[-1])})" if len(walls) > 1 else ""
        text = f"{seconds(statistics.median(walls))}{spread} n={len(walls)}"
    if failed:
        text += f" {len(failed)} FAILED: {failed[0]}"
    return text.strip().replace("\n", " ")


def ratios(rows):
    """Of every row to every baseline: medians of the ratios within a repetition, as they ran side by side."""
    def of(mine, base):
        base_walls = {r["rep"]: r["wall"] for r in base if "error" not in r}
        pairs = [r["wall"] / base_walls[r["rep"]] for r in mine if "error" not in r and base_walls.get(r["rep"])]
        return statistics.median(pairs) if pairs else None
    return of


def table(title, records, baselines):
    """`records` have workload, row, rep and facts; `baselines` are rows that the others are divided by."""
    rows = {}
    for record in records:
        rows.setdefault(record["row"], []).append(record)
    baselines = [name for name in baselines if name in rows]
    of = ratios(rows)
    head = ["", "wall: median (min–max)", *(f"÷ {name}" for name in baselines), *(c[0] for c in COLUMNS)]
    lines = [f"### {title}", "", "| " + " | ".join(head) + " |", "|-" * len(head) + "|"]
    for name, mine in rows.items():
        cells = [name, wall_text(mine)]
        for base in baselines:
            ratio = of(mine, rows[base])
            cells.append("" if ratio is None or name == base else f"{ratio:.2f}")
        for _, key, write in COLUMNS:
            value = median(mine, key)
            cells.append("" if value is None else write(value))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"

# SPDX-License-Identifier: BSD-3-Clause
"""Medians as tables in Markdown."""
import statistics

COLUMNS = [  # heading, key, how it is written
    ("MB on the wire", "wire", lambda v: f"{v / 1e6:.1f}"),
    ("of what is needed", "of_needed", lambda v: f"{v:.2f} ×"),
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


def ratio(mine, base):
    """Median of the ratios within a repetition, whose runs were side by side."""
    walls = {r["rep"]: r["wall"] for r in base if "error" not in r}
    pairs = [r["wall"] / walls[r["rep"]] for r in mine if "error" not in r and walls.get(r["rep"])]
    return statistics.median(pairs) if pairs else None


def compared_with(name, rows, baselines):
    """The baselines of a row: `baselines` are (ending, [rows]), and the longest ending of `name` says which."""
    fitting = [(len(ending), bases) for ending, bases in baselines if name.endswith(ending)]
    bases = max(fitting, key=lambda pair: pair[0])[1] if fitting else []
    return [base for base in bases if base in rows and base != name]


def ratios_text(name, rows, baselines):
    if name in {base for _, bases in baselines for base in bases}:
        return ""
    texts = []
    for base in compared_with(name, rows, baselines):
        value = ratio(rows[name], rows[base])
        if value is not None:
            texts.append(f"{value:.2f} × {base}")
    return ", ".join(texts)


def table(title, records, baselines):
    """`records` have workload, row, rep and facts."""
    rows = {}
    for record in records:
        rows.setdefault(record["row"], []).append(record)
    columns = [c for c in COLUMNS if any(median(mine, c[1]) is not None for mine in rows.values())]
    head = ["", "wall: median (min–max)", "ratio", *(c[0] for c in columns)]
    lines = [f"### {title}", "", "| " + " | ".join(head) + " |", "|" + "-|" * len(head)]
    for name, mine in rows.items():
        cells = [name, wall_text(mine), ratios_text(name, rows, baselines)]
        for _, key, write in columns:
            value = median(mine, key)
            cells.append("" if value is None else write(value))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"

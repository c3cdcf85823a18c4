# SPDX-License-Identifier: BSD-3-Clause
"""A chart of text with logarithmic scales on both sides: what grows linearly lies along its dotted lines."""
import math

COLUMNS, ROWS = 16, 4                   # of a decade


def label(power):
    """10 to that power, as people write it."""
    return f"{10 ** power:,}".replace(",", " ") if power >= 0 else f"{10 ** power:.{-power}f}"


def decades(values):
    return math.floor(math.log10(min(values)) + 1e-9), math.ceil(math.log10(max(values)) - 1e-9)


class Chart:
    """`series` has for each mark, one letter, its points (x, y), all above 0."""

    def __init__(self, series):
        points = [point for line in series.values() for point in line]
        self.left, self.right = decades([x for x, _ in points])
        self.bottom, self.top = decades([y for _, y in points])
        self.width, self.height = (self.right - self.left) * COLUMNS, (self.top - self.bottom) * ROWS
        self.cells = [[" "] * (self.width + 1) for _ in range(self.height + 1)]
        self._draw_lines()
        for mark, line in series.items():
            for x, y in line:
                self._put(mark, x, y)

    def _draw_lines(self):
        """One for each decade, dotted, on which ten times x is ten times y."""
        step = COLUMNS // ROWS
        for row in range(self.height + 1):
            for column in range(self.width + 1):
                if (row * step - column) % COLUMNS == 0:
                    self.cells[row][column] = "."

    def _put(self, mark, x, y):
        """Where two marks meet, the one drawn first moves aside, to the left."""
        column = round((math.log10(x) - self.left) * COLUMNS)
        row = self.cells[round((math.log10(y) - self.bottom) * ROWS)]
        while row[column].isalpha() and column > 0:
            column -= 1
        row[column] = mark

    def lines(self, x_title, y_title):
        margin = max(len(label(power)) for power in range(self.bottom, self.top + 1))
        drawn = [y_title]
        for row in range(self.height, -1, -1):
            name = label(self.bottom + row // ROWS) if row % ROWS == 0 else ""
            drawn.append(f"{name:>{margin}} |{''.join(self.cells[row])}".rstrip())
        drawn.append(" " * margin + " +" + ("-" * (COLUMNS - 1) + "+") * (self.right - self.left))
        names = [" "] * (margin + 2 + self.width + 12)
        for power in range(self.left, self.right + 1):
            text = label(power)
            at = max(0, margin + 2 + (power - self.left) * COLUMNS - len(text) // 2)
            names[at:at + len(text)] = text
        return [*drawn, "".join(names).rstrip(), f"{x_title:>{margin + 3 + self.width}}"]

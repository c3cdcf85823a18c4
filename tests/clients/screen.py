# SPDX-License-Identifier: BSD-3-Clause
"""A screen that nobody sees."""
import os
import subprocess


class Screen:
    """An Xvfb of its own."""

    def __init__(self):
        read_end, write_end = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
            pass_fds=[write_end], stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end) as number:
            self.display = f":{number.readline().strip()}"

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=20)

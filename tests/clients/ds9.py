# SPDX-License-Identifier: BSD-3-Clause
"""DS9 on a screen that nobody sees, spoken to by XPA."""
import os
import subprocess

from mounted import wait_until
from screen import Screen


class Ds9:
    """What a user's command line with ds9 in it opens; ends with close()."""

    def __init__(self, directory, command):
        self.screen = Screen()
        self.env = {**os.environ, "DISPLAY": self.screen.display, "XPA_METHOD": "local",
                    "XPA_TMPDIR": str(directory / "xpa"), "HOME": str(directory)}
        (directory / "xpa").mkdir()
        self.process = subprocess.Popen(["bash", "-c", f"exec {command}"], env=self.env, cwd=directory,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def get(self, *words):
        return subprocess.run(["xpaget", "ds9", *words], env=self.env, capture_output=True, text=True,
                              timeout=20).stdout.strip()

    def set(self, *words):
        subprocess.run(["xpaset", "-p", "ds9", *words], env=self.env, check=True, timeout=20, capture_output=True)

    def frames(self):
        """The numbers of the frames, in the order in which DS9 shows them."""
        return self.get("frame", "all").split()

    def wait_for_frames(self, count):
        wait_until(lambda: len(self.frames()) == count, seconds=120, what=f"{count} frames in DS9")

    def picture(self, path):
        """What is on the screen."""
        self.set("export", "png", str(path))

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.screen.close()

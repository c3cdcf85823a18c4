# SPDX-License-Identifier: BSD-3-Clause
"""What the server tells on stderr while it starts."""
import sys
import time

BEGIN = time.monotonic()


class Failure(Exception):
    pass


def say(text):
    print(f"[{time.monotonic() - BEGIN:5.1f} s] {text}", file=sys.stderr, flush=True)

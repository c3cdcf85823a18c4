# SPDX-License-Identifier: BSD-3-Clause
"""A running demo archive whose faults can be switched."""
import json
import subprocess
import urllib.request


class Archive:
    def __init__(self, program, state):
        self.process = subprocess.Popen([program, "--port", "0", "--state", state, "--json"], stdout=subprocess.PIPE,
                                        text=True)
        facts = json.loads(self.process.stdout.readline())
        self.tap, self.control, self.resolver = facts["tap"], facts["control"].rstrip("/"), facts["sesame"]

    def set_faults(self, rules):
        request = urllib.request.Request(f"{self.control}/faults", method="PUT", data=json.dumps(rules).encode())
        urllib.request.urlopen(request, timeout=30).read()

    def stop(self):
        self.process.terminate()
        self.process.wait()

# SPDX-License-Identifier: BSD-3-Clause
"""Slurm and Swift on one machine, as Debian packages them: every daemon a child of the test, everything below one folder."""
import contextlib
import hashlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "integration"))
import s3_site

SLURM = ("slurmctld", "slurmd", "munged", "sbatch")
SWIFT = ("swift-proxy-server", "swift-account-server", "swift-container-server", "swift-object-server", "memcached")


def missing(programs):
    """Those that are not installed, in a sentence; None: all are."""
    gone = [name for name in programs if not (shutil.which(name) or os.path.exists(f"/usr/sbin/{name}"))]
    return f"needs {', '.join(gone)}" if gone else None


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def wait_for_port(port, process, log, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(errors="replace")[-2000:]
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on {port}: {log.read_text(errors='replace')[-2000:]}")


class Daemons:
    """Started in the foreground, ended in the reverse order."""

    def __init__(self, folder):
        self.folder, self.running, self.processes = folder, contextlib.ExitStack(), []

    def start(self, *words, environment=None, port=None):
        log = self.folder / f"{pathlib.Path(words[0]).name}-{len(list(self.folder.glob('*.log')))}.log"
        with open(log, "wb") as output:
            process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                       cwd=self.folder, env={**os.environ, **(environment or {})})
        self.running.callback(self._end, process)
        self.processes.append(process)
        if port:
            wait_for_port(port, process, log)
        return process, log

    def has_lost_one(self):
        return any(process.poll() is not None for process in self.processes)

    @staticmethod
    def _end(process):
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop(self):
        self.running.close()


class Slurm:
    """munge, a controller and a node of four slots. Wants root, as munge and slurmd do."""

    def __init__(self, folder):
        self.folder = folder
        folder.chmod(0o755)
        self.daemons = Daemons(folder)
        try:
            self._start(folder)
        except BaseException:
            self.stop()
            raise

    def _start(self, folder):
        host = socket.gethostname().split(".")[0]
        for name in ("state", "spool", "munge", "log"):
            (folder / name).mkdir()
        key = folder / "munge/key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        subprocess.run(["chown", "-R", "munge:", folder / "munge"], check=True)
        pathlib.Path("/run/munge").mkdir(exist_ok=True)
        subprocess.run(["chown", "munge:", "/run/munge"], check=True)
        ports = free_port(), free_port()
        self.configuration = folder / "slurm.conf"
        self.configuration.write_text(f"""ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
SlurmUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/controller.pid
SlurmdPidFile={folder}/node.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SlurmctldLogFile={folder}/log/controller
SlurmdLogFile={folder}/log/node
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=4000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
""")
        self.environment = {**os.environ, "SLURM_CONF": str(self.configuration)}
        munge = folder / "munge"
        self.daemons.start("setpriv", "--reuid", "munge", "--regid", "munge", "--clear-groups", "munged", "--foreground", "--force",
                           "--key-file", munge / "key", "--socket", munge / "socket", "--pid-file", munge / "pid", "--log-file",
                           munge / "log", "--seed-file", munge / "seed")
        self._wait(lambda: (munge / "socket").exists(), "munge")
        munge.chmod(0o755)
        self.daemons.start("slurmctld", "-D", "-c", "-f", self.configuration, port=ports[0])
        self.daemons.start("slurmd", "-D", "-f", self.configuration, "-N", host, port=ports[1])
        self._wait(lambda: "idle" in self.ask("sinfo", "-h", "-o", "%T"), "a node that is idle")

    def _wait(self, condition, what, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline or self.daemons.has_lost_one():
                logs = "\n".join(path.read_text(errors="replace")[-1500:] for path in self.folder.rglob("*log*") if path.is_file())
                raise AssertionError(f"no {what} within {seconds} s\n{logs}")
            time.sleep(0.1)

    def ask(self, *words, **more):
        return subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=60, **more).stdout

    def submit(self, *words, environment=None, cwd=None):
        """The number of the job."""
        done = subprocess.run(["sbatch", "--parsable", *map(str, words)], env={**self.environment, **(environment or {})},
                              capture_output=True, text=True, timeout=60, cwd=cwd)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def states(self, job):
        """Of the tasks that are known still, by their numbers; those that ended stay a while."""
        lines = self.ask("squeue", "-h", "-r", "-t", "all", "-j", job, "-o", "%K %T").splitlines()
        return dict(line.split() for line in lines)

    def wait(self, job, seconds=300):
        def is_over():
            return all(state in ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL") for state in self.states(job).values())
        self._wait(is_over, f"end of job {job}", seconds)
        return self.states(job)

    def stop(self):
        self.daemons.stop()


class Swift:
    """An S3 service: Swift's proxy with s3api over one disk, one replica. Its bucket is "plates"."""

    key, secret = "test:tester", "testing"

    def __init__(self, folder):
        self.folder, self.daemons = folder, Daemons(folder)
        try:
            self._start(folder)
        except BaseException:
            self.stop()
            raise

    def _start(self, folder):
        folder.chmod(0o755)
        for name in ("etc", "disks/one", "cache"):
            (folder / name).mkdir(parents=True)
        etc = folder / "etc"
        (etc / "swift.conf").write_text("[swift-hash]\nswift_hash_path_prefix = a\nswift_hash_path_suffix = b\n"
                                        "[storage-policy:0]\nname = one\ndefault = yes\n")
        environment = {"SWIFT_DIR": str(etc)}
        common = f"user = root\nswift_dir = {etc}\nworkers = 0\nlog_address = {folder}/nowhere\nbind_ip = 127.0.0.1\n"
        servers = {}
        for name in ("account", "container", "object"):
            servers[name] = port = free_port()
            ring = ["swift-ring-builder", f"{name}.builder"]
            for words in (["create", "4", "1", "1"],
                          ["add", "--region", "1", "--zone", "1", "--ip", "127.0.0.1", "--port", str(port), "--device", "one",
                           "--weight", "1"], ["rebalance"]):
                subprocess.run(ring + words, cwd=etc, check=True, stdout=subprocess.DEVNULL)
            (etc / f"{name}.conf").write_text(
                f"[DEFAULT]\n{common}bind_port = {port}\ndevices = {folder}/disks\nmount_check = false\n"
                f"recon_cache_path = {folder}/cache\n[pipeline:main]\npipeline = {name}-server\n"
                f"[app:{name}-server]\nuse = egg:swift#{name}\n[{name}-replicator]\n[{name}-auditor]\n")
        memory, self.port = free_port(), free_port()
        filters = "catch_errors cache listing_formats s3api tempauth copy slo dlo".split()
        uses = {"cache": "memcache"}
        more = {"cache": f"memcache_servers = 127.0.0.1:{memory}\n", "s3api": "s3_acl = false\n",
                "tempauth": "user_test_tester = testing .admin\n"}
        (etc / "proxy.conf").write_text(
            f"[DEFAULT]\n{common}bind_port = {self.port}\n[pipeline:main]\npipeline = {' '.join(filters)} proxy-server\n"
            "[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\nallow_account_management = true\n" +
            "".join(f"[filter:{name}]\nuse = egg:swift#{uses.get(name, name)}\n{more.get(name, '')}" for name in filters))
        self.daemons.start("memcached", "-u", "nobody", "-l", "127.0.0.1", "-p", memory, "-m", "16", port=memory)
        for name, port in servers.items():
            self.daemons.start(f"swift-{name}-server", etc / f"{name}.conf", environment=environment, port=port)
        self.daemons.start("swift-proxy-server", etc / "proxy.conf", environment=environment, port=self.port)
        self.url = f"http://127.0.0.1:{self.port}"

    def environment(self):
        return {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": self.key,
                "AWS_SECRET_ACCESS_KEY": self.secret}

    def ask(self, method, path):
        """As another client than platefs does."""
        path, host, date = urllib.parse.quote(f"/{path}"), f"127.0.0.1:{self.port}", time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        headers = {"host": host, "x-amz-content-sha256": hashlib.sha256(b"").hexdigest(), "x-amz-date": date}
        names, scope = ";".join(headers), f"{date[:8]}/us-east-1/s3/aws4_request"
        canonical = "\n".join((method, path, "", "".join(f"{name}:{value}\n" for name, value in headers.items()), names,
                               headers["x-amz-content-sha256"]))
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.key}/{scope}, SignedHeaders={names}, "
                                    f"Signature={s3_site.signature(self.secret, date, scope, canonical)}")
        with urllib.request.urlopen(urllib.request.Request(self.url + path, method=method, headers=headers), timeout=60) as answer:
            return answer.read()

    def stop(self):
        self.daemons.stop()

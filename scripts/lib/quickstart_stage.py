"""The stage of quickstart-scenario: files, a git remote, a server, a cgroup, and stayd itself."""

import http.server
import json
import os
import queue
import shutil
import subprocess
import sys
import threading

CGROUPS = "/sys/fs/cgroup"
CGROUP = "/quickstart-agent"
BPFFS = "/sys/fs/bpf/stayd-quickstart"

POLICY = """\
policy: quickstart
labels:
  customer-data: [{customers}]
network:
  default: hold
files:
  default: allow
  read: {{ hold: [customer-data] }}
exec:
  default: allow
  hold: [{git}]
approval:
  timeout: 10m
"""


class Receiver:
    """An HTTP server on this machine, outside the workload, that keeps what it is sent."""

    def __init__(self):
        self.bodies = []
        self.connections = 0
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def setup(self):
                receiver.connections += 1
                super().setup()

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                receiver.bodies.append(self.rfile.read(length))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/customers"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()


class Stage:
    def __init__(self, work, build):
        self.work = work
        self.agent_dir = os.path.join(build, "agent")
        self.git = shutil.which("git")
        self.customers = b"name,email\n" + b"".join(
            b"Customer %d,customer%d@example.com\n" % (i, i) for i in range(1, 101)
        )
        self.stayd = self.watcher = self.agent = None
        self.policy = POLICY.format(customers=self.path("srv/customers"), git=self.git)

    def path(self, name):
        return os.path.join(self.work, name)

    def _run(self, *command):
        environment = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1")
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, errors="replace", check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def prepare(self):
        os.makedirs(self.path("srv/customers"))
        with open(self.path("srv/customers/customers.csv"), "wb") as file:
            file.write(self.customers)
        with open(self.path("policy.yaml"), "w", encoding="utf-8") as file:
            file.write(self.policy)
        self._run("git", "init", "--quiet", "--bare", self.path("remote.git"))
        repository = self.path("repository")
        self._run("git", "init", "--quiet", "--initial-branch=main", repository)
        in_repository = ("git", "-C", repository, "-c", "user.name=Agent", "-c", "user.email=a@b")
        self._run(*in_repository, "commit", "--quiet", "--allow-empty", "-m", "Report")
        self._run(*in_repository, "remote", "add", "origin", self.path("remote.git"))

    def start_stayd(self):
        """Returns how it attached, which it says in its one line."""
        with open(self.path("stayd.log"), "wb") as log:
            self.stayd = subprocess.Popen(
                [os.path.join(self.agent_dir, "stayd"), "--runtime-dir", self.path("run"),
                 "--bpffs", BPFFS, "--record", self.path("record.jsonl"), "--group", "root"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
                start_new_session=True,  # Ctrl-C ends the scenario, which then ends the rest
            )
        line = self.stayd.stdout.readline().strip()
        if not line.startswith("stayd: ready"):
            with open(self.path("stayd.log"), encoding="utf-8", errors="replace") as log:
                raise RuntimeError(f"stayd did not start:\n{line}\n{log.read()[-3000:]}")
        return line.rpartition("(")[2].rstrip(")")

    def _stayctl(self):
        return [os.path.join(self.agent_dir, "ctl/stayctl"), "--socket", self.path("run/stayd.sock")]

    def stayctl(self, *arguments):
        return self._run(*self._stayctl(), *arguments)

    def watch(self):
        """Starts to collect tickets as they change; next_ticket() hands them out."""
        self.watcher = subprocess.Popen(
            [*self._stayctl(), "--json", "watch"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True, start_new_session=True,
        )
        self.tickets = queue.SimpleQueue()

        def collect():
            for line in self.watcher.stdout:
                self.tickets.put(json.loads(line))

        threading.Thread(target=collect, daemon=True).start()

    def next_ticket(self, timeout):
        try:
            return self.tickets.get(timeout=timeout)
        except queue.Empty:
            if self.watcher.poll() is None:
                return None
            raise RuntimeError("stayctl watch has ended") from None

    def assign(self):
        os.makedirs(CGROUPS + CGROUP, exist_ok=True)
        self.stayctl("assign", CGROUP, self.path("policy.yaml"))
        self.watch()

    def start_agent(self, url):
        def enter_cgroup():
            with open(f"{CGROUPS}{CGROUP}/cgroup.procs", "w", encoding="ascii") as file:
                file.write("0")

        demo = os.path.join(os.path.dirname(os.path.abspath(__file__)), "demo-agent.py")
        self.agent = subprocess.Popen(
            [sys.executable, demo, self.path("srv/customers/customers.csv"), url,
             self.path("repository")],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            start_new_session=True, preexec_fn=enter_cgroup,
        )
        return self.agent

    def push_arrived(self):
        return self._run("git", "-C", self.path("remote.git"), "branch", "--list", "main") != ""

    def record(self):
        with open(self.path("record.jsonl"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def strike(self):
        """Leaves nothing behind, whatever had been set up: also works half-way."""
        for process in (self.agent, self.watcher):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        if self.stayd and self.stayd.poll() is None:
            self.stayd.terminate()
            try:
                self.stayd.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.stayd.kill()
        # The programs are pinned so that enforcement outlives stayd; here it must not.
        shutil.rmtree(BPFFS, ignore_errors=True)
        try:
            os.rmdir(CGROUPS + CGROUP)
        except OSError:
            pass

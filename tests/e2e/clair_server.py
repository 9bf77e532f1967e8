"""A server of the tests: limpid serve on free ports, over an embedded database or a PostgreSQL of its own."""
import http.client
import http.server
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time

from conftest import LIMPID, PATIENCE, ROOT

POSTGRES = ROOT / "tests/tools/postgres"


class Postgres:
    """A PostgreSQL in a folder of its own, which its user can reach; not `there` where it is not installed."""

    def __init__(self, folder=None):
        self.folder = folder or pathlib.Path(tempfile.mkdtemp(prefix="limpid-postgres-"))
        made = subprocess.run([POSTGRES, "start", self.folder], stdout=subprocess.PIPE, text=True, check=False)
        self.there = made.returncode != 77
        assert made.returncode in (0, 77)
        self.source = made.stdout.strip()

    def call(self, action):
        subprocess.run([POSTGRES, action, self.folder], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        if self.there:
            self.call("stop")
        else:
            self.folder.rmdir()


class Receiver:
    """A webhook: `told` has the names of notifications; answers `status`."""

    def __init__(self):
        self.told, self.status = [], 200
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if receiver.status == 200:
                    receiver.told.append(body["Notification"]["Name"])
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    def wait(self, count):
        """Until so many were told."""
        until = time.monotonic() + PATIENCE
        while len(self.told) < count:
            assert time.monotonic() < until, self.told
            time.sleep(0.02)
        return self.told


class Server:
    """limpid serve; ended by its pid. Without a database that of its configuration."""

    def __init__(self, folder, database, *args, env=None, name=None, paths=True):
        self.folder, self.database, self.args, self.env, self.name = pathlib.Path(folder), database, args, env or {}, name
        self.folder.mkdir(exist_ok=True)
        self.paths = ["--layer-paths", str(self.folder.parent)] if paths else []
        self.log = self.folder / "log"
        self.start()

    def start(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("LIMPID_") and not k.lower().endswith("_proxy")}
        program = [str(LIMPID), "serve"]
        if self.name:  # called by another name
            link = self.folder / self.name
            if not link.exists():
                link.symlink_to(LIMPID)
            program = [str(link)]
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [*program, *(["--db", str(self.database)] if self.database else []), "--port", "0", "--health-port", "0", "--address", "127.0.0.1", "--log-format", "json",
                 "--update-interval", "0", *self.paths, *map(str, self.args)],
                env={**kept, "HOME": str(self.folder), "XDG_CACHE_HOME": str(self.folder / "cache"), "LIMPID_FEEDS": "debian", **self.env},
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        until = time.monotonic() + PATIENCE
        while not (ready := [e for e in self.events() if e["Event"] == "starting main API"]):
            assert self.process.poll() is None and time.monotonic() < until, self.log.read_text()
            time.sleep(0.02)
        self.port, self.health_port = int(ready[0]["port"]), int(ready[0]["health port"])

    def events(self):
        """The log so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def ask(self, method, path, body=None, headers=None, health=False, raw=False):
        """Status, and the answer as JSON (or as text where it is none)."""
        c = http.client.HTTPConnection("127.0.0.1", self.health_port if health else self.port, timeout=PATIENCE)
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        c.request(method, path, body, headers or {})
        answer = c.getresponse()
        data = answer.read()
        c.close()
        self.headers = {k.lower(): v for k, v in answer.getheaders()}
        if raw:
            return answer.status, data
        try:
            return answer.status, json.loads(data)
        except ValueError:
            return answer.status, data.decode()

    def health(self):
        return self.ask("GET", "/health", health=True)[0]

    def layer(self, name, path, parent=None, **more):
        return self.ask("POST", "/v1/layers", {"Layer": {"Name": name, "Path": str(path), "Format": "Docker", **({"ParentName": parent} if parent else {}), **more}})

    def features(self, name):
        status, answer = self.ask("GET", f"/v1/layers/{name}?vulnerabilities")
        assert status == 200, answer
        return {f["Name"]: f for f in answer["Layer"].get("Features", [])}

    def vulnerability(self, name, package, fixed, namespace="debian:12", severity="High", **more):
        return self.ask("POST", f"/v1/namespaces/{namespace}/vulnerabilities",
                        {"Vulnerability": {"Name": name, "NamespaceName": namespace, "Severity": severity,
                                           "FixedIn": [{"Name": package, "NamespaceName": namespace, "VersionFormat": "dpkg", "Version": fixed}], **more}})

    def end(self, how=signal.SIGTERM):
        """Its status; the sanitizers' words fail the test."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(timeout=PATIENCE)
        assert "Sanitizer" not in self.log.read_text(), self.log.read_text()
        return self.process.returncode

"""A Clair server on a loopback port, made from the description of the real one: API 1 and API 3, layers that it fetches (or
says why not), and findings that a test gives it. It keeps what it was asked.

    clair = Clair()
    clair.features = [feature("openssl", "3.0-1", vulnerability("CVE-1", "High", fixed="3.0-2"))]
    clair.plan("/v1/layers", 500, {"Error": {"Message": "no"}})    # the next request whose path has this part
"""
import hashlib
import json
import re
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def vulnerability(name, severity, fixed="", description="", link="", vectors=None, score=None, namespace="debian:12"):
    found = {"Name": name, "NamespaceName": namespace, "Description": description, "Link": link, "Severity": severity,
             "FixedBy": fixed}
    if vectors:
        found["Metadata"] = {"NVD": {"CVSSv2": {"Score": score, "Vectors": vectors}}}
    return {k: v for k, v in found.items() if v}


def feature(name, version, *vulnerabilities, layer=0):
    """layer: which of the image's layers added it."""
    found = {"Name": name, "NamespaceName": "debian:12", "VersionFormat": "dpkg", "Version": version}
    if vulnerabilities:
        found["Vulnerabilities"] = list(vulnerabilities)
    return {**found, "layer": layer}


def snake(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, code, value=None):
        body = b"" if value is None else value.encode() if isinstance(value, str) else go_json(value)
        self.send_response(code)
        if value is not None:
            self.send_header("Content-Type", "application/json;charset=utf-8")
            self.send_header("Server", "clair")
        self.send_header("Content-Length", str(len(body)))
        try:
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # nobody waits for it any more

    def serve(self):
        clair = self.server.clair
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        with clair.lock:
            clair.requests.append((self.command, self.path, dict(self.headers), json.loads(body) if body else None))
            plan = next((p for p in clair.plans if p[0] in self.path), None)
            if plan:
                clair.plans.remove(plan)
        self.answer(*(plan[1:] if plan else clair.respond(self.command, self.path, json.loads(body) if body else None)))

    do_GET = do_POST = do_DELETE = serve


def go_json(value):
    """As the real one writes: no blanks, '<', '>' and '&' escaped, a line feed behind."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text.encode() + b"\n"


def refusal(message):
    return {"Error": {"Message": message}}


class Clair:
    def __init__(self, tls=None):
        self.layers = {}    # API 1: name to parent
        self.blobs = {}     # name to the digest of what was fetched
        self.ancestries = {}
        self.features, self.namespace = [], "debian:12"
        self.fetch = True
        self.requests, self.plans = [], []
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.clair = self
        self.port = self.server.server_address[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    # ---- what tests ask ----

    def plan(self, part, *answer):
        self.plans.append((part, *answer))

    def asked(self, method=None):
        """(method, path) of the requests."""
        return [(m, p) for m, p, _, _ in self.requests if method in (None, m)]

    def posted(self):
        return [body for method, _, _, body in self.requests if method == "POST"]

    # ---- answers ----

    def respond(self, method, path, body):
        route, _, query = path.partition("?")
        if method == "POST" and route == "/v1/layers":
            return self.post_layer(body.get("Layer"))
        if method == "POST" and route == "/ancestry":
            return self.post_ancestry(body)
        match = re.fullmatch(r"/(v1/layers|ancestry)/([^/]+)", route)
        if not match:
            return 404, "404 page not found\n"
        name = urllib.parse.unquote(match.group(2))
        if match.group(1) == "ancestry":
            return self.get_ancestry(name) if method == "GET" else (501, {"error": "Not Implemented", "code": 12})
        if name not in self.layers:
            return 404, refusal("the resource cannot be found")
        return self.delete_layer(name) if method == "DELETE" else (200, self.layer(name, query))

    def get(self, path, headers):
        try:
            with OPENER.open(urllib.request.Request(path, headers=headers or {})) as answer:
                return answer.read()
        except (urllib.error.URLError, ValueError):
            return None

    def post_layer(self, layer):
        if not layer:
            return 400, refusal("failed to provide layer")
        for key, name in [("Name", "name"), ("Path", "path"), ("Format", "format")]:
            if not layer.get(key):
                return 400, refusal(f"could not process a layer which does not have a {name}")
        with self.lock:
            if layer["Name"] in self.layers:
                return 201, {"Layer": {**layer, "IndexedByVersion": 3}}
            parent = layer.get("ParentName")
            if parent and parent not in self.layers:
                return 400, refusal("worker: parent layer is unknown, it must be processed first")
        if self.fetch:
            blob = self.get(layer["Path"], layer.get("Headers"))
            if blob is None:
                return 400, refusal("could not find layer")
            self.blobs[layer["Name"]] = "sha256:" + hashlib.sha256(blob).hexdigest()
        with self.lock:
            self.layers[layer["Name"]] = parent
        return 201, {"Layer": {**layer, "IndexedByVersion": 3}}

    def chain(self, name):
        names = []
        while name:
            names.append(name)
            name = self.layers[name]
        return names[::-1]

    def layer(self, name, query):
        layer = {"Name": name, "NamespaceName": self.namespace, "ParentName": self.layers[name], "IndexedByVersion": 3}
        if "features" in query or "vulnerabilities" in query:
            chain = self.chain(name)
            layer["Features"] = [{**{k: v for k, v in f.items() if k != "layer"}, "AddedBy": chain[f["layer"]]}
                                 for f in self.features]
        return {"Layer": {k: v for k, v in layer.items() if v}}

    def delete_layer(self, name):
        gone = {n for n in self.layers if name in self.chain(n)}
        self.layers = {n: p for n, p in self.layers.items() if n not in gone}
        return (200,)

    # ---- API 3 ----

    def post_ancestry(self, body):
        for layer in body["layers"]:
            if self.fetch and self.get(layer["path"], layer.get("headers")) is None:
                return 500, {"error": "could not find layer", "code": 13, "message": "could not find layer"}
        self.ancestries[body["ancestry_name"]] = [layer["hash"] for layer in body["layers"]]
        return 200, {"status": {}}

    def get_ancestry(self, name):
        if name not in self.ancestries:
            return 404, {"error": "requested ancestry is not found", "code": 5, "message": "requested ancestry is not found"}
        layers = []
        for number, digest in enumerate(self.ancestries[name]):
            found = [{snake(k): v for k, v in f.items() if k != "layer"} for f in self.features if f["layer"] == number]
            for f in found:
                f["vulnerabilities"] = [
                    {snake(k): json.dumps(v) if k == "Metadata" else v for k, v in v.items()}
                    for v in f.get("vulnerabilities", [])]
            layers.append({"layer": {"hash": digest}, "detected_features": found})
        return 200, {"ancestry": {"name": name, "layers": layers}, "status": {}}

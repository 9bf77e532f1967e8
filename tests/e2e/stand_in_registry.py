"""A registry on a loopback port that misbehaves on demand, keeps what it was asked, and knows passwords and tokens.

    registry = Registry()
    registry.push("team/app", "1", layer, …)
    registry.plan("/blobs/", cut(1000), status(503))     # the next two requests for a blob; then it behaves
"""
import base64
import hashlib
import json
import re
import socket
import ssl
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from images import OCI, blobs_of, descriptor, digest

MANIFEST, INDEX = OCI + "manifest.v1+json", OCI + "index.v1+json"


def cut(n):
    """The right answer, of which only n bytes of the body arrive."""
    return lambda h, answer: h.answer(*answer, only=n)


def status(code, body=b"", **headers):
    names = {k.replace("_", "-"): v for k, v in headers.items()}
    return lambda h, answer: h.answer(code, names, body.encode() if isinstance(body, str) else body)


def redirect(url):
    return status(307, location=url)


def instead(body, **headers):
    """200 with another body; the headers are the right ones but for those given."""
    def action(h, answer):
        more = {k.replace("_", "-"): v for k, v in headers.items()}
        h.answer(200, {**answer[1], **more}, body)
    return action


def slow(pause, step=1):
    """The right answer, a few bytes at a time."""
    return lambda h, answer: h.answer(*answer, pause=pause, step=step)


def stall(n):
    """n bytes of the body, then nothing until the registry stops."""
    return lambda h, answer: h.answer(*answer, only=n, hold=True)


def without_ranges(h, answer):
    """The whole body, whatever range was asked for."""
    h.answer(*h.whole)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, code, headers, body, only=None, pause=0, step=0, hold=False):
        self.send_response(code)
        for name, value in headers.items():
            for each in value if isinstance(value, list) else [value]:
                self.send_header(name, each)
        if "content-length" not in headers and code not in (204, 304):
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        sent = body if only is None else body[:only]
        try:
            for at in range(0, len(sent), step or len(sent) or 1):
                self.wfile.write(sent[at:at + (step or len(sent))])
                self.wfile.flush()
                if pause and self.server.registry.stopping.wait(pause):
                    break
            if hold:
                self.server.registry.stopping.wait()
        except OSError:
            pass
        if only is not None or hold:
            self.close_connection = True
            try:
                self.connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def do_GET(self):
        self.serve(b"")

    def do_HEAD(self):
        self.serve(b"")

    def do_CONNECT(self):
        self.serve(b"")

    def do_POST(self):
        self.serve(self.rfile.read(int(self.headers.get("content-length", 0))))

    def serve(self, body):
        registry = self.server.registry
        headers = {}
        for name, value in self.headers.items():
            headers[name.lower()] = ", ".join(filter(None, [headers.get(name.lower()), value]))
        with registry.lock:
            registry.requests.append((self.command, self.path, headers, body))
        self.whole = answer = registry.respond(self.command, self.path, self.headers, body)
        span = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        if span and answer[0] == 200:
            start, total = int(span.group(1)), len(answer[2])
            if start >= total:
                answer = (416, {"content-range": f"bytes */{total}"}, b"")
            else:
                answer = (206, {**answer[1], "content-range": f"bytes {start}-{total - 1}/{total}"}, answer[2][start:])
        action = registry.planned(self.path) if answer[0] in (200, 206) else None
        action(self, answer) if action else self.answer(*answer)


class Registry:
    """auth: None, "basic" or "token"; users: {name: password}; uses: how many requests a token is good for."""

    def __init__(self, auth=None, users=None, tls=None, uses=10 ** 9, ca=None):
        self.auth, self.users, self.uses = auth, users or {}, uses
        self.refresh_tokens = {}  # of users
        self.oauth2 = True        # POST to the token server
        self.token_member = "token"
        self.realm = None         # another token server than this
        self.challenge = None     # instead of the usual one
        self.refuse_anonymous = False
        self.tokens, self.token_count = {}, 0
        self.manifests, self.blobs = {}, {}
        self.plans, self.requests = [], []
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.registry = self
        self.port = self.server.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        self.scheme = "http"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            if ca:  # clients must show a certificate
                context.load_verify_locations(ca)
                context.verify_mode = ssl.CERT_REQUIRED
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.scheme = "https"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"{self.scheme}://{self.host}"

    # ---- what it holds ----

    def put(self, repository, reference, manifest, media_type=MANIFEST):
        for name in (reference, digest(manifest)):
            self.manifests[repository, name] = (media_type, manifest)
        return digest(manifest)

    def push(self, repository, tag, *layers, arch="amd64"):
        blobs, manifest = blobs_of(layers, arch)
        self.blobs.update(blobs)
        return self.put(repository, tag, manifest)

    def push_index(self, repository, tag, images):
        """images: a list of (platform as a dictionary, layers)."""
        entries = []
        for platform, layers in images:
            blobs, manifest = blobs_of(layers, platform["architecture"])
            self.blobs.update(blobs)
            self.put(repository, digest(manifest), manifest)
            entries.append(descriptor(manifest, "manifest.v1+json", platform=platform))
        index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()
        return self.put(repository, tag, index, INDEX)

    # ---- how it behaves ----

    def plan(self, part, *actions):
        """The next requests whose path has this part are answered so."""
        self.plans.extend((part, action) for action in actions)

    def planned(self, path):
        with self.lock:
            for i, (part, action) in enumerate(self.plans):
                if part in path:
                    del self.plans[i]
                    return action
        return None

    def asked(self, part):
        """The headers of the requests whose path has this part."""
        with self.lock:
            return [headers for _, path, headers, _ in self.requests if part in path]

    def methods(self, part):
        with self.lock:
            return [method for method, path, _, _ in self.requests if part in path]

    # ---- its answers ----

    def refusal(self, code, name, message, **headers):
        body = json.dumps({"errors": [{"code": name, "message": message}]}).encode()
        return code, {"content-type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}, body

    def basic_user(self, headers):
        scheme, _, coded = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        name, _, password = base64.b64decode(coded).decode().partition(":")
        return name if self.users.get(name) == password else ""

    def new_token(self, scopes):
        self.token_count += 1
        token = hashlib.sha256(str((self.port, self.token_count)).encode()).hexdigest()
        self.tokens[token] = [self.uses, scopes]
        return 200, {"content-type": "application/json"}, json.dumps({self.token_member: token, "expires_in": 60}).encode()

    def token(self, method, path, headers, body):
        if method == "POST":
            form = urllib.parse.parse_qs(body.decode())
            if not self.oauth2:
                return self.refusal(405, "UNSUPPORTED", "no such method")
            if form["refresh_token"][0] not in self.refresh_tokens.values() or form["grant_type"] != ["refresh_token"]:
                return self.refusal(401, "UNAUTHORIZED", "bad refresh token")
            return self.new_token(form["scope"])
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)
        user = self.basic_user(headers)
        if user == "" or (user is None and (self.users or self.refuse_anonymous)):
            return self.refusal(401, "UNAUTHORIZED", "incorrect username or password")
        assert query["service"] == ["stand-in"]
        return self.new_token(query["scope"])

    def let_in(self, headers, repository):
        if self.auth == "basic":
            return self.basic_user(headers)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        with self.lock:
            state = self.tokens.get(token) if scheme == "Bearer" else None
            if not state or state[0] <= 0 or f"repository:{repository}:pull" not in state[1]:
                return False
            state[0] -= 1
        return True

    def ask_who(self, repository):
        realm = self.realm or f"{self.url}/token"
        challenge = self.challenge or (
            'Basic realm="stand-in"' if self.auth == "basic" else
            f'Bearer realm="{realm}",service="stand-in",scope="repository:{repository}:pull"')
        return self.refusal(401, "UNAUTHORIZED", "authentication required", www_authenticate=challenge)

    def respond(self, method, path, headers, body):
        if path.startswith("/token"):
            return self.token(method, path, headers, body)
        if path == "/v2/":
            return self.ask_who("") if self.auth else (200, {"content-type": "application/json"}, b"{}")
        match = re.fullmatch(r"/v2/(.+)/(manifests|blobs)/([^/]+)", path)
        if not match:
            return self.refusal(404, "NOT_FOUND", "no such thing")
        repository, kind, name = match.groups()
        if self.auth and not self.let_in(headers, repository):
            return self.ask_who(repository)
        if kind == "blobs":
            if name not in self.blobs:
                return self.refusal(404, "BLOB_UNKNOWN", "blob unknown to registry")
            return 200, {"content-type": "application/octet-stream", "docker-content-digest": name}, self.blobs[name]
        if (repository, name) not in self.manifests:
            return self.refusal(404, "MANIFEST_UNKNOWN", "manifest unknown")
        media_type, manifest = self.manifests[repository, name]
        return 200, {"content-type": media_type, "docker-content-digest": digest(manifest)}, manifest


def wait_for(port, seconds=30):
    """Until somebody listens there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            time.sleep(0.05)
    return False

"""Registries as they are: open, with passwords, with tokens that expire, old and new manifests, the real docker-registry."""
import base64
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import urllib.request

import pytest
from images import OCI, Layer, blobs_of, digest, file, os_release
from paclair_fixtures import *  # noqa: F401,F403
from paclair_parts import LAYERS, names_of
from real_registry import free_port, push, send, upload
from stand_in_registry import Registry, wait_for

NAMES = names_of(LAYERS)
DOCKER = "application/vnd.docker.distribution.manifest."
SHARED = pathlib.Path(__file__).resolve().parents[4] / "shared"


def pushed(run, name):
    assert (run.status, run.stderr) == (0, f"Pushed {name} to Clair.\n")


def authorizations(clair):
    return [b["Layer"].get("Headers", {}).get("Authorization") for b in clair.posted()]


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


# ---- who may read it ----

def test_open(paclair, clair, registry):
    name = f"{registry.host}/team/app:1"
    pushed(paclair("Docker", name, "push"), name)
    assert authorizations(clair) == [None] * 3


@pytest.fixture(name="closed")
def closed_fixture(request):
    """A registry that wants user me with the password pass:word."""
    with Registry(auth=request.param, users={"me": "pass:word"}) as closed:
        closed.push("team/app", "1", *LAYERS)
        yield closed


@pytest.mark.parametrize("closed", ["basic", "token"], indirect=True)
@pytest.mark.parametrize("where", ["conf", "docker"])
def test_passwords(paclair, clair, alone, closed, where):
    name = f"{closed.host}/team/app:1"
    if where == "conf":
        paclair.configure(clair, registries=f"{{'{closed.host}': {{auth: [me, 'pass:word'], protocol: http}}}}")
    else:
        (alone.home / ".docker").mkdir()
        auths = {closed.host: {"auth": base64.b64encode(b"me:pass:word").decode()}}
        (alone.home / ".docker" / "config.json").write_text(json.dumps({"auths": auths}))
    pushed(paclair("Docker", name, "push"), name)
    assert len(clair.blobs) == 3
    scheme = "Basic" if closed.auth == "basic" else "Bearer"
    assert all(a.startswith(f"{scheme} ") for a in authorizations(clair))
    if closed.auth == "basic":
        assert authorizations(clair) == [basic("me", "pass:word")] * 3


@pytest.mark.parametrize("closed", ["basic"], indirect=True)
def test_wrong_password(paclair, clair, closed):
    paclair.configure(clair, registries=f"{{'{closed.host}': {{auth: [me, wrong]}}}}")
    run = paclair("Docker", f"{closed.host}/team/app:1", "push")
    assert run.status == 3
    assert run.lines == ["MANIFESTS:HTTPCODEERROR:401", f"Error treating {closed.host}/team/app:1", "Unauthorized"]


@pytest.mark.parametrize("closed", ["token"], indirect=True)
def test_no_token(paclair, closed):
    run = paclair("Docker", f"{closed.host}/team/app:1", "push")
    assert run.status == 3
    assert run.lines == ["REQUEST_TOKEN:HTTPCODEERROR:401", f"Error treating {closed.host}/team/app:1", "Unauthorized"]


def test_no_token_url(paclair):
    with Registry(auth="token") as registry:
        registry.challenge = "Negotiate"
        run = paclair("Docker", f"{registry.host}/team/app:1", "push")
        assert run.status == 3
        assert run.lines == [f"Error treating {registry.host}/team/app:1", "Can't find token url"]


def test_no_registry(paclair, clair):
    """What is there is a Clair: it knows no /v2/."""
    host = f"127.0.0.1:{clair.port}"
    paclair.configure(clair, registries=f"{{'{host}': {{protocol: http}}}}")
    run = paclair("Docker", f"{host}/team/app:1", "push")
    assert run.status == 3
    assert run.lines == [f"Error treating {host}/team/app:1", f"Error access to : http://{host}/v2/ ", "Code Error : 404"]


# ---- what a configuration may say ----

def test_fixed_token(paclair, clair):
    with Registry(auth="basic", users={"me": "secret"}) as registry:
        registry.push("team/app", "1", *LAYERS)
        token = basic("me", "secret").split()[1]
        paclair.configure(clair, registries=f"{{'{registry.host}': {{token: '{token}', token_type: Basic}}}}")
        name = f"{registry.host}/team/app:1"
        pushed(paclair("Docker", name, "push"), name)
        assert authorizations(clair) == [f"Basic {token}"] * 3


def test_empty_token(paclair, clair, registry):
    """PAClair's trick for registries without authentication."""
    paclair.configure(clair, registries=f"{{'{registry.host}': {{token: '', protocol: http}}}}")
    name = f"{registry.host}/team/app:1"
    pushed(paclair("Docker", name, "push"), name)


def test_token_url(paclair, clair):
    with Registry(auth="token", users={"me": "secret"}) as registry:
        registry.push("team/app", "1", *LAYERS)
        url = f"{registry.url}/token?service=stand-in&scope=repository:{{image.name}}:pull"
        registry.challenge = "Negotiate"  # of no use, and of no importance
        paclair.configure(clair, registries=f"{{'{registry.host}': {{auth: [me, secret], token_url: '{url}'}}}}")
        name = f"{registry.host}/team/app:1"
        pushed(paclair("Docker", name, "push"), name)
        asked = [path for _, path, _, _ in registry.requests if path.startswith("/token")]
        assert asked == ["/token?service=stand-in&scope=repository:team/app:pull"]


def test_api_prefix(paclair, clair):
    """As of Artifactory: the first label of the host is a repository of it."""
    with Registry() as registry:
        registry.push("team/app", "1", *LAYERS)
        original = registry.respond
        registry.respond = lambda method, path, *rest: original(method, path.replace("/api/docker/local", ""), *rest)
        host = f"1:{registry.port}"  # "local.1:PORT" is "1:PORT", which is 0.0.0.1
        paclair.configure(clair, registries=f"{{'{host}': {{protocol: http, api_prefix: '/api/docker/{{image.repository}}'}}}}")
        run = paclair("--debug", "Docker", f"local.{host}/team/app:1", "push")
        assert run.status == 1  # nobody is there, but the address is told
        assert f"http://{host}/api/docker/local/v2/team/app/manifests/1" in run.more[0]
        whole = registry.host
        paclair.configure(clair, registries=f"{{'{whole}': {{protocol: http, api_prefix: /api/docker/local}}}}")
        name = f"{whole}/team/app:1"
        pushed(paclair("Docker", name, "push"), name)
        assert clair.posted()[0]["Layer"]["Path"] == f"{registry.url}/api/docker/local/v2/team/app/blobs/{LAYERS[0].digest}"


def test_unknown_placeholder(paclair, clair, registry):
    paclair.configure(clair, registries=f"{{'{registry.host}': {{api_prefix: '/{{image.size}}'}}}}")
    run = paclair("Docker", f"{registry.host}/team/app:1", "push")
    assert run.status == 1
    assert '"{image.size}" stands for nothing' in run.more[0]


# ---- tokens that end ----

def test_token_renewed_during_a_push(paclair, clair):
    """Its life is over at once: each layer gets a new one."""
    with Registry(auth="token") as registry:
        registry.push("team/app", "1", *LAYERS)
        original = registry.new_token
        registry.new_token = lambda scopes: (*(a := original(scopes))[:2], a[2].replace(b'"expires_in": 60', b'"expires_in": 0'))
        name = f"{registry.host}/team/app:1"
        pushed(paclair("Docker", name, "push"), name)
        assert len(set(authorizations(clair))) == 3


def test_token_that_ends_too_early(paclair, clair):
    """A token that the registry does not take any more: the server says that it found nothing, and gets a new one."""
    with Registry(auth="token", uses=2) as registry:
        registry.push("team/app", "1", *LAYERS)
        name = f"{registry.host}/team/app:1"
        pushed(paclair("Docker", name, "push"), name)
        assert len(clair.layers) == 3
        assert len(set(authorizations(clair))) == 2


def test_layer_that_is_gone(paclair, clair, registry):
    name = f"{registry.host}/team/app:1"
    del registry.blobs[LAYERS[1].digest]
    run = paclair("Docker", name, "push")
    assert run.status == 3
    assert run.lines == ["Bad http code 400 requesting Clair", f"Error treating {name}", "Bad Request"]
    assert run.more == [f"limpid: {name}: layer 2 of 3: the server answers 400: could not find layer"]


# ---- manifests of all kinds ----

def test_digest(paclair, clair, registry):
    name = f"{registry.host}/team/app@{digest(registry.manifests['team/app', '1'][1])}"
    pushed(paclair("Docker", name, "push"), name)
    assert list(clair.layers) == NAMES


def test_repeated_layers(paclair, clair, registry):
    registry.push("team/twice", "1", LAYERS[0], LAYERS[1], LAYERS[0])
    name = f"{registry.host}/team/twice:1"
    pushed(paclair("Docker", name, "push"), name)
    assert list(clair.layers) == names_of(LAYERS[:2])


def test_zstd(paclair, clair, registry):
    layer = Layer(os_release(), pack="zstd")
    registry.push("team/zstd", "1", layer)
    name = f"{registry.host}/team/zstd:1"
    pushed(paclair("Docker", name, "push"), name)
    assert list(clair.layers) == names_of([layer])


def test_index(paclair, clair, alone, registry):
    other = [Layer(file("arm", "64"))]
    registry.push_index("team/many", "1", [({"os": "linux", "architecture": "amd64"}, LAYERS),
                                           ({"os": "linux", "architecture": "arm64", "variant": "v8"}, other)])
    name = f"{registry.host}/team/many:1"
    run = alone("push", "--server", clair.url, "--platform", "linux/arm64", name)
    assert run.status == 0, run.stderr
    assert list(clair.layers) == names_of(other)
    run = alone("push", "--server", clair.url, "--platform", "linux/amd64", name)
    assert list(clair.layers)[1:] == NAMES
    run = alone("push", "--server", clair.url, "--platform", "linux/s390x", name)
    assert run.status == 4 and "no image for the platform linux/s390x" in run.stderr


def test_schema1(paclair, clair, registry):
    """What old registries hold, newest layer first; steps without files are layers, too, which all have one digest."""
    empty = Layer()
    order = [LAYERS[0], empty, LAYERS[1], empty]
    manifest = json.dumps({
        "schemaVersion": 1, "name": "team/old", "tag": "1", "architecture": "amd64",
        "fsLayers": [{"blobSum": x.digest} for x in reversed(order)],
        "history": [{"v1Compatibility": "{}"}] * len(order)}).encode()
    registry.put("team/old", "1", manifest, DOCKER + "v1+prettyjws")
    registry.blobs.update({x.digest: x.blob for x in order})
    name = f"{registry.host}/team/old:1"
    pushed(paclair("Docker", name, "push"), name)
    assert list(clair.layers) == names_of(order[:3])


# ---- the real one ----

def test_real_registry(paclair, clair, distribution):
    """An OCI image, which it gives only to who says that he understands it."""
    push(distribution, "team/app", "1", *LAYERS)
    name = f"{distribution}/team/app:1"
    pushed(paclair("Docker", name, "push"), name)
    assert list(clair.layers) == NAMES
    assert set(clair.blobs.values()) == {x.digest for x in LAYERS}
    run = paclair("Docker", f"{distribution}/team/app:2", "push")
    assert run.lines == ["MANIFESTS:HTTPCODEERROR:404", f"Error treating {distribution}/team/app:2", "Resource not found"]


def test_real_registry_with_old_clients(paclair, clair, distribution):
    """A Docker image is brought into schema 1 for who asks as PAClair does: limpid speaks of the same layers."""
    _, oci = blobs_of(LAYERS)
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [x.diff_id for x in LAYERS]},
                         "history": [{"created_by": "base"}, {"created_by": "ENV a=b", "empty_layer": True},
                                     {"created_by": "app"}, {"created_by": "end"},
                                     {"created_by": "CMD x", "empty_layer": True}]}).encode()
    for blob in [config, *(x.blob for x in LAYERS)]:
        upload(distribution, "team/app", blob)
    kind = "application/vnd.docker."
    manifest = {"schemaVersion": 2, "mediaType": DOCKER + "v2+json",
                "config": {"mediaType": kind + "container.image.v1+json", "size": len(config), "digest": digest(config)},
                "layers": [{"mediaType": kind + "image.rootfs.diff.tar.gzip", "size": x.size, "digest": x.digest} for x in LAYERS]}
    send("PUT", f"http://{distribution}/v2/team/app/manifests/1", json.dumps(manifest).encode(), DOCKER + "v2+json")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(f"http://{distribution}/v2/team/app/manifests/1", headers={"Accept": "*/*"})) as a:
        old = json.load(a)
    if old["schemaVersion"] == 1:
        digests = list(dict.fromkeys(x["blobSum"] for x in reversed(old["fsLayers"])))
        assert len(digests) == 4  # the empty one among them
    else:
        digests = [x.digest for x in LAYERS]
    name = f"{distribution}/team/app:1"
    pushed(paclair("Docker", name, "push"), name)
    short = hashlib.sha256("".join(digests).encode()).hexdigest()[:12]
    assert list(clair.layers) == [f"{d}_{short}" for d in digests]


@pytest.fixture(name="tokens")
def tokens_fixture(tmp_path, authority):
    """docker-registry with TLS and tokens of ../shared/tools/token-server.py: user bob may pull lib*."""
    server, program = SHARED / "tools/token-server.py", shutil.which("docker-registry")
    if not server.exists() or not program:
        pytest.skip("no token server or no docker-registry here")
    if subprocess.run([sys.executable, "-c", "import jwt"], capture_output=True, check=False).returncode:
        pytest.skip("python3-jwt is not installed")
    ports = free_port(), free_port()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                    "token.key", "-out", "token.crt", "-days", "2", "-subj", "/CN=signer"], cwd=tmp_path, check=True,
                   capture_output=True)
    (tmp_path / "users").write_text("alice:alicepw:*:push\nbob:bobpw:lib:pull\n")
    (tmp_path / "registry.yml").write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: {tmp_path}/data}}\n"
        f"http:\n  addr: 127.0.0.1:{ports[0]}\n  secret: x\n  relativeurls: true\n"
        f"  tls: {{certificate: {authority}/server.crt, key: {authority}/server.key}}\n"
        f"auth:\n  token: {{realm: 'https://127.0.0.1:{ports[1]}/token', service: test-registry, issuer: test-issuer, "
        f"rootcertbundle: {tmp_path}/token.crt}}\n")
    commands = [[program, "serve", str(tmp_path / "registry.yml")],
                [sys.executable, str(server), str(ports[1]), "token.key", "token.crt", "test-issuer", "test-registry", "users",
                 "--tls", f"{authority}/server.crt", f"{authority}/server.key"]]
    running = [subprocess.Popen(c, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for c in commands]
    try:
        assert all(wait_for(port) for port in ports)
        yield f"127.0.0.1:{ports[0]}"
    finally:
        for process in running:
            process.kill()
            process.wait()


def test_real_tokens(paclair, clair, authority, tokens, tmp_path):
    """Written by skopeo, pushed with bob's password, which may read it."""
    if not shutil.which("skopeo"):
        pytest.skip("skopeo is not installed")
    blobs, manifest = blobs_of(LAYERS)
    layout = tmp_path / "layout"
    (layout / "blobs/sha256").mkdir(parents=True)
    for name, data in {**blobs, digest(manifest): manifest}.items():
        (layout / "blobs/sha256" / name.split(":")[1]).write_bytes(data)
    (layout / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [
        {"mediaType": OCI + "manifest.v1+json", "digest": digest(manifest), "size": len(manifest)}]}))
    subprocess.run(["skopeo", "copy", "-q", "--insecure-policy", "--dest-tls-verify=false", "--dest-creds", "alice:alicepw",
                    f"oci:{layout}", f"docker://{tokens}/lib/app:1"], check=True, env=paclair.alone.env)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting(authority)))
    clair.get = lambda path, headers: opener.open(urllib.request.Request(path, headers=headers)).read()
    paclair.configure(clair, registries=f"{{'{tokens}': {{auth: [bob, bobpw], verify: {authority}/ca.crt}}}}")
    name = f"{tokens}/lib/app:1"
    pushed(paclair("Docker", name, "push"), name)
    assert set(clair.blobs.values()) == {x.digest for x in LAYERS}
    paclair.configure(clair, registries=f"{{'{tokens}': {{auth: [bob, wrong], verify: {authority}/ca.crt}}}}")
    run = paclair("Docker", name, "push")
    assert run.lines == ["REQUEST_TOKEN:HTTPCODEERROR:401", f"Error treating {name}", "Unauthorized"]
    paclair.configure(clair, registries=f"{{'{tokens}': {{auth: [bob, bobpw]}}}}")
    assert "its certificate is not trusted" in paclair("Docker", name, "push").more[0]


def trusting(authority):
    import ssl
    return ssl.create_default_context(cafile=str(authority / "ca.crt"))

"""Images of registries: a stand-in that misbehaves on demand, and the real docker-registry."""
import hashlib
import base64
import json
import os
import random

import pytest
from images import OCI, Layer, digest, file, os_release, stanza, status
from real_registry import authority_fixture, distribution_fixture, push  # noqa: F401
from stand_in_registry import (INDEX, MANIFEST, Registry, cut, instead, redirect, slow, stall,
                               without_ranges)
from stand_in_registry import status as answers

LAYERS = [Layer(os_release(), status(stanza("libssl3", "3.0.11-1~deb12u2", source="openssl")), command="base"),
          Layer(file("app", "hello"), command="app")]
NAMES = {"libssl3"}
DOCKER = "application/vnd.docker.distribution."


def noise(n):
    """Bytes that no compression shortens, so that a blob has about so many."""
    return random.Random(1).randbytes(n)


BIG = Layer(os_release(), status(stanza("libssl3", "3.0.11-1~deb12u2", source="openssl")), file("big", noise(3 << 20)))


@pytest.fixture(name="registry")
def registry_fixture():
    with Registry() as registry:
        registry.push("team/app", "1", *LAYERS)
        registry.push("team/big", "1", BIG)
        yield registry


@pytest.fixture(name="pull")
def pull_fixture(alone):
    def pull(registry, name="team/app:1", *options, env=None):
        return alone.inventory("--timeout", "20", *options, f"{registry.host}/{name}", env=env)
    return pull


def names(run):
    assert run.status == 0, run.stderr
    assert run.problems == []
    return {p["name"] for p in run.image["packages"]}


def login(alone, registry, **entry):
    """Writes ~/.docker/config.json."""
    folder = alone.home / ".docker"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"auths": {registry.host: entry}}))


def auth(text):
    return base64.b64encode(text.encode()).decode()


# ---- what is asked for, and found ----

def test_pull(registry, pull):
    run = pull(registry)
    assert names(run) == NAMES
    assert run.image["reference"] == f"{registry.host}/team/app:1"
    assert run.image["digest"] == digest(registry.manifests["team/app", "1"][1])
    asked = registry.asked("/manifests/")[0]
    assert asked["user-agent"].startswith("limpid/")
    for kind in (OCI + "index.v1+json", OCI + "manifest.v1+json", DOCKER + "manifest.list.v2+json",
                 DOCKER + "manifest.v2+json", DOCKER + "manifest.v1+prettyjws"):
        assert kind in asked["accept"].split(", ")


def test_pull_by_digest(registry, pull):
    wanted = digest(registry.manifests["team/app", "1"][1])
    assert names(pull(registry, f"team/app@{wanted}")) == NAMES
    assert names(pull(registry, f"team/app:other@{wanted}")) == NAMES
    assert registry.methods("/manifests/other") == []


def test_known_layers_are_not_fetched_again(registry, pull):
    assert names(pull(registry)) == NAMES
    before = len(registry.asked("/blobs/"))
    assert names(pull(registry)) == NAMES
    assert len(registry.asked("/blobs/")) == before + 1  # the config


def test_docker_scheme(registry, alone):
    assert names(alone.inventory(f"docker://{registry.host}/team/app:1")) == NAMES


def test_platforms(registry, pull):
    other = [Layer(os_release(), status(stanza("libc6", "2.36-9", arch="arm64")))]
    registry.push_index("team/many", "1", [({"os": "linux", "architecture": "amd64"}, LAYERS),
                                           ({"os": "linux", "architecture": "arm64", "variant": "v8"}, other)])
    assert names(pull(registry, "team/many:1", "--platform", "linux/amd64")) == NAMES
    run = pull(registry, "team/many:1", "--platform", "linux/arm64")
    assert names(run) == {"libc6"}
    assert run.image["digest"] != digest(registry.manifests["team/many", "1"][1])
    run = pull(registry, "team/many:1", "--platform", "linux/s390x")
    assert run.status != 0
    assert "no image for the platform linux/s390x; there are: linux/amd64, linux/arm64" in run.stderr


def test_schema1(registry, pull):
    """What old registries hold, and new ones make for clients that ask for nothing else: the newest layer first."""
    manifest = json.dumps({
        "schemaVersion": 1, "name": "team/old", "tag": "1", "architecture": "amd64",
        "fsLayers": [{"blobSum": x.digest} for x in reversed(LAYERS)],
        "history": [{"v1Compatibility": json.dumps({"os": "linux", "architecture": "amd64", "id": "a" * 64})}] * len(LAYERS),
        "signatures": [{"protected": "e30", "signature": "AA"}]}).encode()
    registry.put("team/old", "1", manifest, "application/vnd.docker.distribution.manifest.v1+prettyjws")
    registry.plan("/manifests/1", instead(manifest, docker_content_digest="sha256:" + "0" * 64))
    run = pull(registry, "team/old:1")
    assert names(run) == NAMES
    # what it claims is the digest of the part that is signed; only that of the bytes can be vouched for
    assert run.image["digest"] == "sha256:" + hashlib.sha256(manifest).hexdigest()


# ---- who we are ----

def test_anonymous_token(pull):
    with Registry(auth="token") as registry:
        registry.push("team/app", "1", *LAYERS)
        assert names(pull(registry)) == NAMES
        assert len(registry.asked("/token")) == 1
        assert "authorization" not in registry.asked("/token")[0]


@pytest.mark.parametrize("kind", ["basic", "token"])
@pytest.mark.parametrize("entry", [{"auth": auth("me:pass:word")}, {"username": "me", "password": "pass:word"}])
def test_password(alone, pull, kind, entry):
    with Registry(auth=kind, users={"me": "pass:word"}) as registry:
        registry.push("team/app", "1", *LAYERS)
        login(alone, registry, **entry)
        assert names(pull(registry)) == NAMES
        login(alone, registry, auth=auth("me:wrong"))
        run = pull(registry, "team/app:1", "--fresh")
        assert run.status != 0
        assert "incorrect username or password" in run.stderr or f'log in again with "docker login {registry.host}"' in run.stderr
        (alone.home / ".docker" / "config.json").unlink()
        run = pull(registry)
        assert run.status != 0
        assert "log in with" in run.stderr or "incorrect username or password" in run.stderr


def test_access_token_member(pull):
    with Registry(auth="token") as registry:
        registry.token_member = "access_token"
        registry.push("team/app", "1", *LAYERS)
        assert names(pull(registry)) == NAMES


@pytest.mark.parametrize("oauth2", [True, False])
def test_identity_token(alone, pull, oauth2):
    with Registry(auth="token", users={"me": "x"} if oauth2 else {}) as registry:
        registry.refresh_tokens = {"me": "refresh/+me"}
        registry.oauth2 = oauth2
        registry.push("team/app", "1", *LAYERS)
        login(alone, registry, identitytoken="refresh/+me")
        assert names(pull(registry)) == NAMES
        assert registry.methods("/token") == (["POST"] if oauth2 else ["POST", "GET"])


def test_token_expires(pull):
    """Each token is good for two requests: it is renewed in the middle of an image, and of a layer."""
    with Registry(auth="token", uses=2) as registry:
        registry.push("team/big", "1", BIG)
        registry.plan("/blobs/" + BIG.digest, cut(100_000), cut(200_000), cut(300_000), cut(400_000))
        assert names(pull(registry, "team/big:1")) == NAMES
        assert len(registry.asked("/token")) >= 3


def test_token_is_refused(pull):
    with Registry(auth="token", uses=0) as registry:
        registry.push("team/app", "1", *LAYERS)
        run = pull(registry)
        assert run.status != 0
        assert f'manifest 1 is denied (UNAUTHORIZED: authentication required); log in with "docker login {registry.host}"' in run.stderr
        assert len(registry.asked("/token")) == 1


def test_bad_token_server(registry, pull):
    with Registry(auth="token") as registry:
        registry.push("team/app", "1", *LAYERS)
        for answer, text in [(instead(b"<html>"), "json: offset 0"), (instead(b"{}"), "token server"), (instead(b'{"token": ""}'), "no token"),
                             (answers(500), "it answers 500"),
                             (instead(b'{"token": "a\\r\\nX-Evil: 1"}'), "byte 0x0d")]:
            registry.plan("/token", answer)
            run = pull(registry)
            assert run.status != 0
            assert text in run.stderr
        assert not any("x-evil" in headers for headers in registry.asked("/"))


@pytest.mark.parametrize("challenge, text", [
    ("Negotiate", "asks for neither a password (Basic) nor a token (Bearer)"),
    ("Bearer service=x", "does not say where its tokens come from"),
    ('Bearer realm="ftp://x/"', "the scheme is neither http nor https"),
    ('Bearer realm="x', "ends at offset 15"),
])
def test_strange_challenges(pull, challenge, text):
    with Registry(auth="token") as registry:
        registry.challenge = challenge
        run = pull(registry)
        assert run.status != 0
        assert text in run.stderr


def test_credential_helper(alone, pull):
    helper = alone.home / "docker-credential-stand-in"
    helper.write_text('#!/bin/sh\nread host\nprintf \'{"ServerURL":"%s","Username":"me","Secret":"from helper"}\' "$host"\n')
    helper.chmod(0o755)
    path = {"PATH": f"{alone.home}:{os.environ['PATH']}"}
    with Registry(auth="basic", users={"me": "from helper"}) as registry:
        registry.push("team/app", "1", *LAYERS)
        config = alone.home / "auth.json"
        for content in [{"credsStore": "stand-in"}, {"credHelpers": {registry.host: "stand-in"}}]:
            config.write_text(json.dumps(content))
            assert names(pull(registry, "team/app:1", "--fresh", env={**path, "REGISTRY_AUTH_FILE": str(config)})) == NAMES
        config.write_text(json.dumps({"credsStore": "missing"}))
        run = pull(registry, "team/app:1", "--auth-file", config)
        assert run.status != 0
        assert "docker-credential-missing: no such program in PATH" in run.stderr


# ---- whom credentials are shown to ----

def test_redirect_without_credentials(alone, pull):
    with Registry(auth="basic", users={"me": "secret"}) as registry, Registry() as store:
        registry.push("team/app", "1", *LAYERS)
        store.push("team/app", "1", *LAYERS)
        login(alone, registry, auth=auth("me:secret"))
        for layer in LAYERS:
            registry.plan(f"/blobs/{layer.digest}", redirect(f"{store.url}/v2/team/app/blobs/{layer.digest}?Signature=x"))
        store_respond = store.respond
        store.respond = lambda method, path, headers, body: store_respond(method, path.partition("?")[0], headers, body)
        assert names(pull(registry)) == NAMES
        assert len(store.asked("/blobs/")) == len(LAYERS)
        assert all("authorization" not in headers for headers in store.asked("/"))


def test_other_hosts_may_not_ask_who_we_are(alone, pull):
    with Registry(auth="basic", users={"me": "secret"}) as registry, Registry(auth="token") as thief:
        registry.push("team/app", "1", *LAYERS)
        login(alone, registry, auth=auth("me:secret"))
        registry.plan("/manifests/1", redirect(f"{thief.url}/v2/team/app/manifests/1"))
        run = pull(registry)
        assert run.status != 0
        assert thief.asked("/token") == []
        assert all("authorization" not in headers for headers in thief.asked("/"))


# ---- servers that falter ----

def test_resumes_a_cut_layer(registry, pull):
    registry.plan(f"/blobs/{BIG.digest}", cut(1_000_000), cut(1_000_000), cut(10))
    assert names(pull(registry, "team/big:1")) == NAMES
    asked = registry.asked(f"/blobs/{BIG.digest}")
    assert [h.get("range") for h in asked] == [None, "bytes=1000000-", "bytes=2000000-", "bytes=2000010-"]


def test_resumes_without_ranges(registry, pull):
    registry.plan(f"/blobs/{BIG.digest}", cut(1_000_000), without_ranges)
    assert names(pull(registry, "team/big:1")) == NAMES


def test_too_many_requests(registry, pull):
    registry.plan("/manifests/", answers(429, retry_after="1"), answers(503))
    assert names(pull(registry)) == NAMES
    assert len(registry.asked("/manifests/")) == 3
    registry.plan("/manifests/", answers(429, '{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}', retry_after="7200"))
    run = pull(registry)
    assert run.status != 0
    assert "allows no more requests for now, for 7200 seconds (TOOMANYREQUESTS: slow down); try later, log in, or use a mirror" in run.stderr


def test_slow_but_alive(registry, pull):
    registry.plan("/manifests/", slow(0.01, 100))
    assert names(pull(registry)) == NAMES


def test_stalls(registry, pull):
    registry.plan("/manifests/", stall(10))
    assert names(pull(registry, "team/app:1", "--timeout", "1")) == NAMES  # asked again, for the rest
    registry.plan("/manifests/", *[stall(10)] * 4)
    run = pull(registry, "team/app:1", "--timeout", "1")
    assert run.status != 0
    assert " in 1 seconds" in run.stderr
    assert registry.plans == []


def test_web_page(registry, pull):
    registry.plan("/manifests/", instead(b"<html>login</html>", content_type="text/html; charset=utf-8", docker_content_digest=""))
    run = pull(registry)
    assert run.status != 0
    assert "answers with a web page where a manifest should be: is it a registry?" in run.stderr


def test_not_there(registry, pull):
    run = pull(registry, "team/app:2")
    assert run.status != 0
    assert f"{registry.host}/team/app has no manifest 2 (MANIFEST_UNKNOWN: manifest unknown)" in run.stderr
    del registry.blobs[LAYERS[1].digest]
    run = pull(registry)
    assert len(run.problems) == 1
    assert f"layer 2 {LAYERS[1].digest}: " in run.problems[0]
    assert {p["name"] for p in run.image["packages"]} == NAMES  # the other layer is reported


def test_nobody_there(alone):
    with Registry() as registry:
        host = registry.host
    run = alone.inventory(f"{host}/team/app:1")
    assert run.status != 0
    assert f"127.0.0.1 port {host.partition(':')[2]}" in run.stderr


# ---- bytes that are not what they should be ----

def test_wrong_manifest(registry, pull):
    other = registry.manifests["team/big", "1"][1]
    expected = digest(registry.manifests["team/app", "1"][1])
    registry.plan("/manifests/", instead(other))
    run = pull(registry)
    assert run.status != 0
    assert f"says that the manifest has the digest {expected}, its bytes have {digest(other)}" in run.stderr
    registry.plan("/manifests/", instead(other, docker_content_digest=digest(other)))
    run = pull(registry, f"team/app@{expected}")
    assert run.status != 0
    assert expected in run.stderr and digest(other) in run.stderr


def test_wrong_layer(registry, pull):
    blob = LAYERS[0].blob
    for body in bytes(len(blob)), blob[:-1], blob + b"x", b"":
        registry.plan(f"/blobs/{LAYERS[0].digest}", instead(body))
        run = pull(registry, "team/app:1", "--fresh")
        assert len(run.problems) == 1, run.stderr
        assert f"layer 1 {LAYERS[0].digest}: " in run.problems[0]
        assert run.image["packages"] == []


def test_huge_manifest(registry, pull):
    registry.plan("/manifests/", instead(b" " * ((4 << 20) + 1)))
    run = pull(registry)
    assert run.status != 0
    assert "announces 4194305 bytes, more than 4194304" in run.stderr


def test_nested_manifest(registry, pull):
    registry.put("team/deep", "1", b'{"manifests":' + b"[" * 10_000, INDEX)
    run = pull(registry, "team/deep:1")
    assert run.status != 0


def test_large_layer(registry, pull):
    """More than pipes and windows hold, in several layers at once."""
    layers = [Layer(file(f"big{i}", noise((8 << 20) + i))) for i in range(3)]
    registry.push("team/large", "1", *LAYERS, *layers)
    assert names(pull(registry, "team/large:1")) == NAMES


# ---- mirrors ----

def test_mirror(registry, pull, alone):
    with Registry() as mirror:
        mirror.push("cache/team/app", "1", *LAYERS)
        option = f"{registry.host}={mirror.host}/cache"
        assert names(pull(registry, "team/app:1", "--mirror", option)) == NAMES
        assert registry.requests == []
        assert names(pull(registry, "team/big:1", "--mirror", option)) == NAMES  # only the registry has it
        run = pull(registry, "team/none:1", "--mirror", option)
        assert run.status != 0
        assert f"{registry.host}/team/none has no manifest 1" in run.stderr
        assert f"(mirror {mirror.host}: " in run.stderr
        mirror.blobs.clear()  # it has lost its layers since
        assert names(pull(registry, "team/app:1", "--fresh", "--mirror", option)) == NAMES
    assert names(pull(registry, "team/app:1", "--fresh", "--mirror", option)) == NAMES  # it is gone
    run = pull(registry, "team/app:1", "--mirror", f"{registry.host}=http://x")
    assert run.status != 0
    assert '"http://x" is no mirror (HOST[:PORT][/PREFIX])' in run.stderr


# ---- TLS and proxies ----

def test_own_authority(authority, pull):
    with Registry(tls=(authority / "server.crt", authority / "server.key")) as registry:
        registry.push("team/app", "1", *LAYERS)
        run = pull(registry)
        assert run.status != 0
        assert "its certificate is not trusted" in run.stderr
        assert f"add its authority with --ca-file, or name it with --insecure {registry.host}" in run.stderr
        assert names(pull(registry, "team/app:1", "--ca-file", authority / "ca.crt")) == NAMES
        assert names(pull(registry, "team/app:1", "--insecure", f"example.com,{registry.host}")) == NAMES
        assert pull(registry, "team/app:1", "--insecure", "127.0.0.1:1").status != 0


def test_certificate_of_another_host(authority, pull):
    with Registry(tls=(authority / "other.crt", authority / "other.key")) as registry:
        registry.push("team/app", "1", *LAYERS)
        assert pull(registry, "team/app:1", "--ca-file", authority / "ca.crt").status != 0


def test_client_certificate(authority, pull):
    with Registry(tls=(authority / "server.crt", authority / "server.key"), ca=authority / "ca.crt") as registry:
        registry.push("team/app", "1", *LAYERS)
        trust = ["--ca-file", authority / "ca.crt"]
        assert pull(registry, "team/app:1", *trust).status != 0
        mine = ["--client-cert", authority / "client.crt", "--client-key", authority / "client.key"]
        assert names(pull(registry, "team/app:1", *trust, *mine)) == NAMES


def test_no_way_back_from_tls(authority, pull, registry):
    with Registry(tls=(authority / "server.crt", authority / "server.key")) as secure:
        secure.push("team/app", "1", *LAYERS)
        secure.plan("/manifests/", redirect(f"{registry.url}/v2/team/app/manifests/1"))
        run = pull(secure, "team/app:1", "--ca-file", authority / "ca.crt")
        assert run.status != 0
        assert "redirects from https to http://" in run.stderr


def test_plain_http_must_be_allowed(alone, registry):
    """0.0.0.0 leads to this machine, but is no loopback address."""
    name = f"0.0.0.0:{registry.port}"
    run = alone.inventory(f"{name}/team/app:1")
    assert run.status != 0
    assert f"if it speaks plain HTTP, name it with --insecure {name}" in run.stderr
    assert registry.asked("/v2/") == []
    assert names(alone.inventory("--insecure", name, f"{name}/team/app:1")) == NAMES
    assert names(alone.inventory("--insecure", "0.0.0.0", f"{name}/team/app:1")) == NAMES


def test_proxy(alone, registry):
    """The stand-in as a proxy: it is asked for the other host's URL."""
    name = f"127.0.0.1.nip.invalid:{registry.port}"
    run = alone.inventory("--insecure", name, f"{name}/team/app:1", env={"HTTPS_PROXY": registry.url})
    assert run.status != 0
    assert registry.methods("nip.invalid") == ["CONNECT"] * len(registry.methods("nip.invalid"))
    assert registry.methods("nip.invalid")
    run = alone.inventory(f"{name}/team/app:1", env={"HTTPS_PROXY": registry.url, "NO_PROXY": ".invalid"})
    assert "Could not resolve host" in run.stderr


# ---- the real one ----

def test_real_registry(distribution, alone):
    pushed = push(distribution, "team/app", "1", *LAYERS, Layer(file("big", noise(5 << 20))))
    run = alone.inventory(f"{distribution}/team/app:1")
    assert names(run) == NAMES
    assert run.image["digest"] == pushed
    assert names(alone.inventory("--fresh", f"{distribution}/team/app@{pushed}")) == NAMES
    run = alone.inventory(f"{distribution}/team/app:2")
    assert run.status != 0
    assert f"{distribution}/team/app has no manifest 2 (MANIFEST_UNKNOWN: manifest unknown)" in run.stderr

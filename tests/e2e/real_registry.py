"""The real docker-registry, certificates for TLS, and what puts images into it."""
import shutil
import socket
import subprocess
import urllib.request

import pytest
from images import digest
from stand_in_registry import Registry, wait_for


@pytest.fixture(name="authority", scope="session")
def authority_fixture(tmp_path_factory):
    """A certificate authority, and certificates for 127.0.0.1, for another host, and for a client."""
    folder = tmp_path_factory.mktemp("authority")

    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=test authority")
    for name, alternative in [("server", "IP:127.0.0.1"), ("other", "DNS:other.test"), ("client", "DNS:client.test")]:
        (folder / "ext").write_text(f"subjectAltName={alternative}\nbasicConstraints=CA:FALSE\n")
        openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                "-days", "2", "-extfile", "ext", "-out", f"{name}.crt")
    return folder


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(name="distribution")
def distribution_fixture(tmp_path):
    """docker-registry on a free port, ended by its process id."""
    program = shutil.which("docker-registry")
    if not program:
        pytest.skip("docker-registry is not installed")
    port = free_port()
    (tmp_path / "registry.yml").write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: {tmp_path}/data}}\n"
        f"http:\n  addr: 127.0.0.1:{port}\n  secret: stand-in\n  relativeurls: true\n")
    with subprocess.Popen([program, "serve", str(tmp_path / "registry.yml")], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            assert wait_for(port)
            yield f"127.0.0.1:{port}"
        finally:
            process.kill()


def send(method, url, body=b"", kind="application/octet-stream"):
    request = urllib.request.Request(url, body, {"content-type": kind}, method=method)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        return answer.headers


def upload(host, repository, data):
    start = send("POST", f"http://{host}/v2/{repository}/blobs/uploads/")["location"]
    start = start if start.startswith("http") else f"http://{host}{start}"
    send("PUT", f"{start}{'&' if '?' in start else '?'}digest={digest(data)}", data)


def push(host, repository, tag, *layers):
    with Registry() as model:
        model.push(repository, tag, *layers)
        media_type, manifest = model.manifests[repository, tag]
        for name, data in model.blobs.items():
            if data != manifest:
                upload(host, repository, data)
    send("PUT", f"http://{host}/v2/{repository}/manifests/{tag}", manifest, media_type)
    return digest(manifest)

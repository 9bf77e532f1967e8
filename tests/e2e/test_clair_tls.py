"""The API by TLS, as Clair's certfile, keyfile and cafile have it: the real program, with certificates of openssl."""
import http.client
import signal
import socket
import ssl
import subprocess

import pytest
from clair_server import Postgres
from conftest import PATIENCE
from real_registry import authority_fixture  # noqa: F401
from test_clair import start_fixture, wait_for, wait_until  # noqa: F401


@pytest.fixture(name="stranger", scope="session")
def stranger_fixture(tmp_path_factory):
    """A client's certificate that signed itself."""
    folder = tmp_path_factory.mktemp("stranger")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "x.key", "-out", "x.crt",
                    "-days", "2", "-subj", "/CN=stranger"], cwd=folder, check=True, capture_output=True)
    return folder / "x.crt", folder / "x.key"


def connect(server, authority, certificate=None, version=None):
    context = ssl.create_default_context(cafile=authority / "ca.crt")
    context.check_hostname = False
    if version:
        context.minimum_version = context.maximum_version = version
    if certificate:
        context.load_cert_chain(*certificate)
    return http.client.HTTPSConnection("127.0.0.1", server.port, timeout=PATIENCE, context=context)


def ask(server, authority, certificate=None, version=None):
    c = connect(server, authority, certificate, version)
    try:
        c.request("GET", "/v1/namespaces")
        return c.getresponse().status
    finally:
        c.close()


def shown(server, authority):
    """What the server's certificate is made out to; None while one service follows the other."""
    c = connect(server, authority)
    try:
        c.connect()
        return c.sock.getpeercert()["subject"][0][0][1]
    except OSError:
        return None
    finally:
        c.close()


def configure(tmp_path, authority, more=""):
    """Clair's configuration, with the certificate in a folder of its own."""
    folder = tmp_path / "tls"
    folder.mkdir(exist_ok=True)
    put(folder, authority, "server")
    (tmp_path / "config.yaml").write_text(f"clair:\n  api:\n    certfile: {folder}/crt\n    keyfile: {folder}/key\n{more}")
    return folder


def put(folder, authority, name):
    for suffix in ("crt", "key"):
        (folder / suffix).write_bytes((authority / f"{name}.{suffix}").read_bytes())


def test_tls(start, tmp_path, authority):
    """Versions 1.2 and 1.3, nothing plain; the health check stays plain, as in Clair."""
    configure(tmp_path, authority)
    server = start(tmp_path / "x.db", "-config", tmp_path / "config.yaml", name="clair")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        assert ask(server, authority, version=version) == 200
    assert server.health() == 200
    with pytest.raises((http.client.HTTPException, OSError)):
        server.ask("GET", "/v1/namespaces")
    with socket.create_connection(("127.0.0.1", server.port)) as idle:  # one that says nothing stops nobody
        assert idle.fileno() >= 0 and ask(server, authority) == 200


def test_client_certificates(start, tmp_path, authority, stranger):
    configure(tmp_path, authority, f"    cafile: {authority}/ca.crt\n")
    server = start(tmp_path / "x.db", "-config", tmp_path / "config.yaml", name="clair")
    client = authority / "client.crt", authority / "client.key"
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        assert ask(server, authority, client, version) == 200
        for bad in (None, stranger):
            with pytest.raises((http.client.HTTPException, OSError)):
                ask(server, authority, bad, version)
    assert ask(server, authority, client) == 200


def test_renewed_by_sighup(start, tmp_path, authority):
    """Another certificate for new connections; a broken one changes nothing, and ends nothing."""
    folder = configure(tmp_path, authority)
    server = start(tmp_path / "x.db", "-config", tmp_path / "config.yaml", name="clair")
    assert shown(server, authority) == "server"
    put(folder, authority, "other")
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: shown(server, authority) == "other")
    (folder / "crt").write_text("no certificate\n")
    server.process.send_signal(signal.SIGHUP)
    wait_for(server, "the old configuration stays")
    assert shown(server, authority) == "other" and ask(server, authority) == 200
    put(folder, authority, "server")
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: shown(server, authority) == "server")
    assert ask(server, authority) == 200


def test_bad_files(tmp_path, authority, start):
    """A server that cannot be reached as it was meant does not start."""
    folder = configure(tmp_path, authority)
    (folder / "key").write_bytes((authority / "client.key").read_bytes())  # of another certificate
    with pytest.raises(AssertionError) as e:
        start(tmp_path / "x.db", "-config", tmp_path / "config.yaml", name="clair")
    assert f"{folder}/crt with key {folder}/key" in str(e.value)


def test_read_again_while_the_database_is_away(start, tmp_path):
    """SIGHUP then changes nothing: the service goes on, and is well when the database is."""
    config = tmp_path / "config.yaml"
    config.write_text("log-level: info\n")
    with Postgres() as postgres:
        if not postgres.there:
            pytest.skip("PostgreSQL is not installed")
        server = start(postgres.source, "-config", config)
        postgres.call("kill")
        server.process.send_signal(signal.SIGHUP)
        wait_for(server, "the old configuration stays")
        assert server.health() == 500
        postgres.call("again")
        assert server.health() == 200
        server.end()

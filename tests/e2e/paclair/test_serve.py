"""The client and limpid's own server together."""
import json
import signal

import pytest
from clair_server import Server
from images import Layer, file, os_release, stanza, status
from paclair_fixtures import *  # noqa: F401,F403
from paclair_parts import names_of

IMAGE = [Layer(os_release(), status(stanza("libssl3", "3.0.11-1", source="openssl"), stanza("zlib1g", "1:1.2.13-1", source="zlib"))),
         Layer(file("app", "hello")),
         Layer(status(stanza("libssl3", "3.0.11-1", source="openssl"), stanza("zlib1g", "1:1.2.13-1", source="zlib"),
                      stanza("bash", "5.2-1")), pack="zstd")]
NAMES = names_of(IMAGE)


@pytest.fixture(name="served")
def served_fixture(tmp_path):
    server = Server(tmp_path / "server", tmp_path / "limpid.db")
    server.url = f"http://127.0.0.1:{server.port}"
    for name, package, fixed, severity in [("CVE-2024-1", "openssl", "3.0.11-2", "High"), ("CVE-2024-2", "openssl", "None", "Medium"),
                                           ("CVE-2024-3", "bash", "5.2-2", "Low"), ("CVE-2024-4", "zlib", "1:1.2", "High")]:
        assert server.vulnerability(name, package, fixed, severity=severity)[0] == 201
    yield server
    assert server.end() in (0, -signal.SIGKILL)


@pytest.fixture(name="name")
def name_fixture(paclair, served, registry):
    registry.push("team/served", "1", *IMAGE)
    paclair.configure(served)
    return f"{registry.host}/team/served:1"


def test_both(paclair, served, name, registry):
    run = paclair("Docker", name, "analyse")
    assert run.status == 3 and run.lines[-1] == "Resource not found"
    assert paclair("Docker", name, "push").stderr == f"Pushed {name} to Clair.\n"
    assert [len(registry.asked(x.digest)) for x in IMAGE] == [1, 1, 1]
    run = paclair("Docker", name, "analyse", "--output-format", "stats", "--output-report", "term")
    assert (run.status, run.stdout) == (0, "High: 1\nLow: 1\n")
    answer = json.loads(paclair("Docker", name, "analyse", "--output-report", "term").stdout)
    found = {f["Name"]: f["AddedBy"] for f in answer["Layer"]["Features"]}
    assert found == {"openssl": NAMES[0], "zlib": NAMES[0], "bash": NAMES[2]}
    page = paclair("Docker", name, "analyse", "--output-format", "html", "--output-report", "term").stdout
    assert "CVE-2024-1" in page and "CVE-2024-2" in page and "CVE-2024-4" not in page
    assert paclair("Docker", name, "push").status == 0
    assert [len(registry.asked(x.digest)) for x in IMAGE] == [1, 1, 1]  # nothing is fetched again
    assert paclair("Docker", name, "delete").stderr == f"{name} was deleted from Clair.\n"
    assert served.ask("GET", f"/v1/layers/{NAMES[0]}")[0] == 404


def test_verbs(alone, served, name):
    server = {"LIMPID_SERVER": served.url}
    assert alone("push", name, env=server).status == 0
    run = alone("analyse", "--fail-on", "High", name, env=server)
    assert run.status == 1
    assert "3 findings: 1 High, 1 Medium, 1 Low. 2 can be mended by an upgrade." in run.stdout
    assert alone("delete", name, env=server).status == 0


def test_layer_that_cannot_be_fetched(paclair, name, registry):
    """Why, limpid's server says."""
    del registry.blobs[IMAGE[1].digest]
    run = paclair("Docker", name, "push")
    assert run.status == 3
    assert run.lines == ["Bad http code 400 requesting Clair", f"Error treating {name}", "Bad Request"]
    assert "layer 2 of 3: the server answers 400: could not find layer" in run.more[0]

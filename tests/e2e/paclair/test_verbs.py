"""limpid push, analyse and delete: the same as paclair, with limpid's options, reports and exit statuses."""
import json
import os
import pty
import subprocess
import threading

import pytest
from paclair_fixtures import *  # noqa: F401,F403
from paclair_parts import FEATURES, LAYERS, names_of
from stand_in_clair import refusal
from stand_in_registry import Registry

NAMES = names_of(LAYERS)


@pytest.fixture(name="run")
def run_fixture(alone, clair):
    alone.defaults["LIMPID_SERVER"] = clair.url
    return alone


@pytest.fixture(name="image")
def image_fixture(run, registry):
    name = f"{registry.host}/team/app:1"
    assert run("push", "--quiet", name).status == 0
    return name


def test_push(alone, clair, registry):
    name = f"{registry.host}/team/app:1"
    done = alone("push", "--server", f"{clair.url}/", name)
    assert (done.status, done.stdout) == (0, "")
    assert done.stderr == f"limpid: pushed {name} to {clair.url}/\n"
    assert list(clair.layers) == NAMES
    assert alone("push", "--quiet", "--server", clair.url, "--fresh", f"docker://{name}").stderr == ""
    assert len(clair.posted()) == 6


def test_archives(run, clair, registry):
    registry.blobs["rootfs.tgz"] = LAYERS[0].blob
    name = f"{registry.url}/v2/files/blobs/rootfs.tgz"
    assert run("push", name).status == 0
    assert clair.posted() == [{"Layer": {"Name": "rootfs", "Path": name, "Format": "Docker"}}]


def test_server_in_the_configuration(alone, clair, registry):
    config = alone.home / "config" / "limpid"
    config.mkdir(parents=True)
    (config / "config.yaml").write_text(f"server: {clair.url}\napi: 3\nquiet: true\n")
    assert alone("push", f"{registry.host}/team/app:1").status == 0
    assert list(clair.ancestries) == [NAMES[2].replace(":", "_")]


@pytest.mark.parametrize("args,words", [
    (["push", "a"], "name the server: --server"),
    (["push", "--server", "http://x"], "name an image"),
    (["push", "--server", "http://x", "--api", "2", "a"], "Clair had no API 2"),
    (["push", "--server", "http://x", "--api", "4", "a"], '--api: "4" is not a number from 1 to 3'),
    (["push", "--server", "http://x", "oci:layout"], "oci:layout: the server cannot reach it"),
    (["push", "--server", "http://x", "./image.tar"], "the server cannot reach it"),
    (["analyse", "--server", "http://x", "--format", "pdf", "a"], '--format: no format "pdf"'),
    (["analyse", "--server", "http://x", "--fail-on", "Bad", "a"], '--fail-on: no severity "Bad"'),
    (["push", "--server", "clair:6060", "UPPER/x"], "the server's address"),
    (["delete", "--server", "http://x", "--format", "json", "a"], 'unknown option "--format"'),
])
def test_usage(alone, args, words):
    done = alone(*args)
    assert done.status == (4 if "address" in words else 2)
    assert words in done.stderr and done.stdout == ""


def test_bad_name(run):
    done = run("push", "UPPER/x", "a/b/UPPER:1")
    assert done.status == 2
    assert len(done.stderr.splitlines()) == 2


def test_table(run, clair, image):
    done = run("analyse", image)
    assert done.status == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"{image}  debian:12"
    assert [line.split()[:1] for line in lines if "CVE-" in line][0] == ["High"]
    assert "4 findings: 1 High, 3 Medium. 3 can be mended by an upgrade." in done.stdout
    assert f"Judged: 3 packages, by the server {clair.url}, which tells neither what it could not judge" in done.stdout
    assert "Layer 1: 3 findings; base" in done.stdout and "Layer 2: 1 finding; app" in done.stdout


def test_formats(run, clair, image):
    assert run("analyse", "--format", "stats", image).stdout == "High: 1\nMedium: 3\n"
    assert run("analyse", "--format", "stats", "--only-fixed", image).stdout == "High: 1\nMedium: 2\n"
    assert run("analyse", "--format", "stats", "--severity", "High", image).stdout == "High: 1\n"
    done = run("analyse", "--format", "json", image, image)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == 2 and answers[0] == json.loads(json.dumps(clair.layer(NAMES[2], "features")))
    page = run("analyse", "--format", "html", image).stdout
    assert "CVE-2024-1" in page and "AV:N" in page or "Access" in page


def test_output(run, image, tmp_path):
    done = run("analyse", "--format", "json", "--output", tmp_path / "a.json", image)
    assert (done.status, done.stdout) == (0, "")
    assert json.loads((tmp_path / "a.json").read_text())["Layer"]["Name"] == NAMES[2]


def test_exit_status(run, clair, registry, image):
    assert run("analyse", "--fail-on", "High", image).status == 1
    assert run("analyse", "--fail-on", "Critical", image).status == 0
    assert run("analyse", "--exit-code", "7", "--format", "json", image).status == 7
    done = run("analyse", "--format", "stats", image, f"{registry.host}/team/none:1")
    assert done.status == 4
    assert done.stdout == "High: 1\nMedium: 3\n"
    assert "team/none has no manifest 1" in done.stderr
    clair.features, clair.namespace = [], ""
    done = run("analyse", image)
    assert done.status == 3
    assert "it recognised neither a distribution nor packages in this image" in done.stdout


def test_unknown_image(run, registry):
    name = f"{registry.host}/team/app:1"
    done = run("analyse", name)
    assert (done.status, done.stdout) == (4, "")
    assert done.stderr == (f"limpid: {name}: the server does not know {name}: push it first; it says: the resource cannot be "
                           "found\n")


def test_failures_do_not_stop_the_rest(run, clair, registry):
    good = f"{registry.host}/team/app:1"
    done = run("push", f"{registry.host}/team/none:1", good)
    assert done.status == 4
    assert list(clair.layers) == NAMES
    clair.plan("/v1/layers", 500, refusal("no"))
    done = run("delete", good, good)
    assert done.status == 4 and "the server answers 500: no" in done.stderr
    assert f"limpid: deleted {good} from {clair.url}\n" in done.stderr
    assert clair.layers == {}


def test_many_at_once(run, clair):
    """More images than lanes, each with layers of its own name."""
    with Registry() as registry:
        names = []
        for i in range(12):
            registry.push(f"team/app{i}", "1", *LAYERS[i % 3:])
            names.append(f"{registry.host}/team/app{i}:1")
        done = run("push", "-j", "5", *names)
        assert done.status == 0, done.stderr
        assert done.stderr == "".join(f"limpid: pushed {n} to {clair.url}\n" for n in names)
        clair.features = FEATURES[:1]
        done = run("analyse", "-j3", "--format", "stats", *names)
        assert done.status == 0
        assert done.stdout.count("High: 1\nMedium: 2\n") == 12
        assert [line for line in done.stdout.splitlines() if "team/app" in line] == names


def test_hostile_answers(run, clair, image):
    """What a server says of packages is somebody else's: names that would move the cursor, and much of them."""
    clair.features = [{**FEATURES[0], "Name": "evil\x1b[31m\u202e\n<script>"}] + [
        {**FEATURES[1], "Name": f"n{i}"} for i in range(10000)]
    done = run("analyse", image)
    assert done.status == 0
    assert "\x1b" not in done.stdout and "\u202e" not in done.stdout
    page = run("analyse", "--format", "html", image).stdout
    assert "<script>\n" not in page.replace("<script>", "", 1) or "evil" in page
    assert "&lt;script&gt;" in page
    assert run("analyse", "--format", "stats", image).stdout == "High: 1\nMedium: 10002\n"


def test_progress(paclair, run, clair, registry):
    """On a terminal, when it takes long: a server that answers when the line was seen."""
    seen = threading.Event()
    original = clair.respond
    clair.respond = lambda *args: (seen.wait(), original(*args))[1]
    master, slave = pty.openpty()
    with subprocess.Popen([str(paclair.program.resolve()), "push", f"{registry.host}/team/app:1"], env={**run.env, **run.defaults},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave) as process:
        os.close(slave)
        text = b""
        while b"image 1 of 1, layer 0 of 3" not in text:
            text += os.read(master, 4096)
        seen.set()
        assert process.wait() == 0
    os.close(master)

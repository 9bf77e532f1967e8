"""What README.md shows is what happens: its blocks are run, its tables held against the program."""
import re

import pytest
from conftest import ROOT
from images import Layer, file, layout, os_release, stanza, status

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [re.sub(r"(?m)^ {4}", "", block) for block in re.findall(r"(?m)(?:^ {4}.*\n(?:\n(?= {4}))?)+", README)]


def only_block(start):
    found = [block for block in BLOCKS if block.startswith(start)]
    assert len(found) == 1, f"README.md has {len(found)} blocks that begin with {start!r}"
    return found[0]


@pytest.fixture(name="image")
def image_fixture(tmp_path):
    return layout(tmp_path / "i", Layer(os_release(), status(stanza("libssl3", "3.0.11-1~deb12u2", source="openssl")),
                                         command="RUN apt-get install openssl"))


def test_commands_of_make():
    rules = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    named = set(re.findall(r"\bmake ([a-z]+)  ", only_block("make demo"))) | set(re.findall(r"`make ([a-z]+)`", README))
    assert {"demo", "test", "install"} <= named <= rules


def test_first_report(limpid, image):
    """The command as shown, on an image of ours: the same parts in the same order, with the same words."""
    shown = only_block("$ limpid ").splitlines()
    command = shown[0].split()[2:]
    assert command[0] == "scan" and command[1].startswith("oci:")
    run = limpid(*command[:-1], f"oci:{image}")
    assert run.status == 0
    # numbers, names and widths differ; what stays is the table's head and the forms of the lines below it
    words = ["SEVERITY", "PACKAGE", "INSTALLED", "FIXED", "IN", "VULNERABILITY", "STATUS", "LAYER"]
    for text in (shown, run.stdout.splitlines()):
        assert [line.split() for line in text].count(words) == 1
        assert sum(bool(re.match(r"Layer \d+: \d+ findings?; \S", line)) for line in text) >= 1
        assert sum(bool(re.match(r"\d+ findings: \d+ [A-Z]\w+.*\.$", line)) for line in text) == 1
        assert sum(bool(re.match(r"Judged: \d+ of \d+ packages?, by the feed debian \(Debian security tracker; "
                                 r"read from a file, data .+ old", line)) for line in text) == 1


def test_configuration(limpid, image):
    """The file shown is read without complaint, and does what its keys say."""
    text = only_block("cache-dir:")
    folder = limpid.home / "limpid"
    path = limpid.home / "config/limpid/config.yaml"
    path.parent.mkdir(parents=True)
    limpid.scan(image)  # offline needs the feed to be there
    path.write_text(text.replace("/var/cache/limpid", str(limpid.cache)))
    run = limpid.scan(image)
    assert run.status == 1 and run.stderr == "", "fail-on: High is in the file, and the image has one"
    path.write_text(text.replace("/var/cache/limpid", str(folder)))
    run = limpid.scan(image)
    assert run.status == 3 and folder.is_dir(), "another cache knows no feed, and offline forbids to fetch it"


def test_exit_codes(limpid, image, tmp_path):
    rows = dict(re.findall(r"(?m)^\| (\d) \| (.+) \|$", README))
    assert sorted(rows) == ["0", "1", "2", "3", "4"]
    assert limpid("scan", image).status == 0
    assert limpid("scan", "--fail-on", "High", image).status == 1
    assert limpid("scan", "--exit-code", "7", "--fail-on", "High", image).status == 7
    assert limpid("scan", "--exit-code", "1", image).status == 1
    assert limpid("scan", "--no-such-option", image).status == 2
    assert limpid("scan", layout(tmp_path / "none", Layer(file("etc/motd", "hello")))).status == 3
    assert limpid("scan", tmp_path / "missing.tar").status == 4


def test_pages_exist():
    for name in re.findall(r"\b(?:docs|data)/[\w.-]+\.(?:md|json)\b|\b[A-Z]+\.md\b", README):
        assert (ROOT / name).exists(), name

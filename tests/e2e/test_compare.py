"""limpid compare: counts of several images, side by side."""
import json

import jsonschema
from conftest import ROOT
from images import Layer, layout, os_release, stanza, status

SCHEMA = json.loads((ROOT / "docs/compare.schema.json").read_text())
OPENSSL = stanza("libssl3", "3.0.11-1~deb12u2", source="openssl")


def images(folder):
    return (layout(folder / "old", Layer(os_release(), status(OPENSSL))),
            layout(folder / "new", Layer(os_release(), status(OPENSSL.replace("deb12u2", "deb12u3")))),
            layout(folder / "other", Layer(os_release("ID=plan9\n"), status(OPENSSL))))


def test_table(limpid, tmp_path):
    old, new, other = images(tmp_path)
    run = limpid("compare", old, new, other)
    lines = [line.split() for line in run.stdout.splitlines()]
    assert run.status == 3  # the other's package was not judged
    assert lines[0] == "IMAGE HIGH MEDIUM LOW NEGLIGIBLE UNKNOWN FINDINGS WITH A FIX NOT JUDGED".split()
    assert [line[1:] for line in lines[1:4]] == ["1 2 1 1 1 6 1 0".split(), "0 2 1 1 1 5 0 0".split(), "0 0 0 0 0 0 0 1".split()]
    assert f"{other}: 1 of 1 packages not judged" in run.stdout or "1 of 1 packages not judged" in run.stdout


def test_json(limpid, tmp_path):
    old, new, other = images(tmp_path)
    run = limpid("compare", "--format", "json", old, new, other)
    jsonschema.validate(run.json, SCHEMA)
    assert [(i["findings"], i["with_fix"], i["packages_not_judged"]) for i in run.json["images"]] == [(6, 1, 0), (5, 0, 0), (0, 0, 1)]
    scanned = limpid.scan(old).image
    assert run.json["images"][0]["severities"]["Medium"] == sum(f["severity"] == "Medium" for f in scanned["findings"])


def test_options(limpid, tmp_path):
    old, new, _ = images(tmp_path)
    run = limpid("compare", "--format", "json", "--only-fixed", "--output", tmp_path / "c.json", old, new)
    assert (run.status, run.stdout) == (0, "")
    assert [(i["findings"], i["hidden"]) for i in json.loads((tmp_path / "c.json").read_text())["images"]] == [(1, 5), (0, 5)]
    assert limpid("compare", "--fail-on", "High", old, new).status == 1
    assert limpid("compare", "--fail-on", "High", new, new).status == 0
    assert limpid("compare", "--format", "html", old).status == 2
    assert limpid("compare").status == 2
    assert limpid("compare", tmp_path / "none").status in (2, 4)
    assert limpid("compare", old, tmp_path / "none").stdout.count("\n") == 2

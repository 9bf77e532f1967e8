"""limpid against Debian's own programs on this very machine: dpkg-query for packages, debsecan for findings.

debsecan judges by a file of the tracker's own making; here both judge by the same data, so that only the judging differs.
"""
import json
import lzma
import os
import shutil
import subprocess
import zlib

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIMPID = os.environ.get("LIMPID", os.path.join(ROOT, "build/src/cli/limpid"))
SUITES = {"11": "bullseye", "12": "bookworm", "13": "trixie"}


def machine_suite():
    release = dict(line.rstrip().split("=", 1) for line in open("/etc/os-release", encoding="utf-8") if "=" in line)
    return SUITES.get(release.get("VERSION_ID", "").strip('"')) if release.get("ID") == "debian" else None


def run(*arguments, **kwargs):
    return subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, **kwargs)


def installed():
    """(name, version, architecture, source, source version) of every package that dpkg calls installed."""
    fields = "${db:Status-Status}\\t${Package}\\t${Version}\\t${Architecture}\\t${source:Package}\\t${source:Version}\\n"
    lines = run("dpkg-query", "-W", "-f", fields).stdout.splitlines()
    return sorted(tuple(line.split("\t")[1:]) for line in lines if line.startswith("installed\t"))


def packages(document):
    return sorted((p["name"], p["version"], p["arch"], p["source_name"], p["source_version"])
                  for p in document["images"][0]["packages"])


@pytest.mark.skipif(not os.path.exists("/var/lib/dpkg/status"), reason="this machine has no dpkg")
def test_packages_as_dpkg_query_sees_them(tmp_path):
    out = run(LIMPID, "inventory", "--format", "json", "--cache-dir", str(tmp_path), "dir:/")
    assert out.returncode == 0, out.stderr
    assert packages(json.loads(out.stdout)) == installed()


def load_tracker():
    """The tracker's records: the full-size ones of ../shared where they are, else the snapshot of the repository."""
    large = os.path.join(ROOT, "../shared/data/feeds/debian-tracker/data.json.xz")
    folder = os.path.join(ROOT, "data")
    small = sorted(f for f in os.listdir(folder) if f.startswith("debian-snapshot-"))[-1]
    with lzma.open(large if os.path.exists(large) else os.path.join(folder, small), "rt", encoding="utf-8") as f:
        return json.load(f)


def affects(release):
    """A vulnerability that the tracker would hand to debsecan, and the version that ends it ("" for none)."""
    fixed = release.get("fixed_version", "")
    if release["status"] == "resolved":
        return (fixed != "0", fixed)
    return (release["status"] == "open", "")


def debsecan_feed(tracker, suite):
    """debsecan's format: names, then source packages with flags and fixed version, then the source's binaries."""
    ids, lines = {}, []
    for source, records in tracker.items():
        for cve, record in records.items():
            release = record["releases"].get(suite)
            listed, fixed = affects(release) if release else (False, "")
            if listed:
                number = ids.setdefault(cve, len(ids))
                lines.append(f"{source},{number},S  {'F' if fixed else ' '},{fixed},")
    names = "".join(f"{cve},,\n" for cve in ids)
    return zlib.compress(f"VERSION 1\n{names}\n{chr(10).join(lines)}\n\n\n".encode())


@pytest.mark.skipif(not shutil.which("debsecan"), reason="debsecan is not installed")
@pytest.mark.skipif(not machine_suite(), reason="this machine is no Debian release that the data know")
def test_findings_as_debsecan_sees_them(tmp_path):
    suite, tracker = machine_suite(), load_tracker()
    (tmp_path / "tracker.json").write_text(json.dumps(tracker), encoding="utf-8")
    (tmp_path / suite).write_bytes(debsecan_feed(tracker, suite))
    theirs = run("debsecan", "--source", f"file://{tmp_path}/", "--suite", suite, "--format", "simple")
    assert theirs.returncode == 0, theirs.stderr
    ours = run(LIMPID, "scan", "--format", "json", "--cache-dir", str(tmp_path / "cache"), "--feed-debian-url",
               f"file://{tmp_path}/tracker.json", "dir:/")
    assert ours.returncode in (0, 3), ours.stderr
    document = json.loads(ours.stdout)["images"][0]
    assert document["packages_not_judged"] == 0
    found = {f"{f['id']} {f['package']['name']}" for f in document["findings"]}
    wanted = set(theirs.stdout.splitlines())
    assert wanted, "debsecan found nothing: this proves nothing"
    assert found == wanted

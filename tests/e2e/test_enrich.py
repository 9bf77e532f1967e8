"""What is known of ids beside a distribution's feed: NVD, KEV, EPSS."""
import gzip
import http.server
import json
import threading

import pytest

from conftest import ROOT
from images import Layer, layout, os_release, status

V3 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V2 = "AV:N/AC:L/Au:N/C:P/I:P/A:P"
OPENSSL = "Package: libssl3\nStatus: install ok installed\nVersion: 3.0.11-1~deb12u2\nArchitecture: amd64\nSource: openssl\n"


def record(name, score=None, **more):
    metrics = {"cvssMetricV31": [{"type": "Primary", "cvssData": {"vectorString": V3, "baseScore": score}}],
               "cvssMetricV2": [{"type": "Primary", "cvssData": {"vectorString": V2, "baseScore": 7.5}}]} if score else {}
    return {"cve": {"id": name, "descriptions": [{"lang": "en", "value": f"What NVD says of {name}."}], "metrics": metrics, **more}}


@pytest.fixture(name="known")
def known_fixture(tmp_path):
    """Options that name the three feeds: files, packed or not."""
    folder = tmp_path / "known"
    folder.mkdir()
    records = [record("CVE-2024-0008", 9.8, weaknesses=[{"type": "Primary", "description": [{"value": "CWE-79"}]}]),
               record("CVE-2024-0001", 5.0), record("CVE-2024-0003", vulnStatus="Rejected")]
    (folder / "nvdcve-2.0-2024.json.gz").write_bytes(gzip.compress(json.dumps({"vulnerabilities": records}).encode()))
    (folder / "kev.json").write_text(json.dumps({"vulnerabilities": [{"cveID": "CVE-2024-0001", "dateAdded": "2024-05-06"}]}))
    (folder / "epss.csv").write_text("#model_version:x\ncve,epss,percentile\nCVE-2024-0001,0.00043,0.1\nCVE-2024-0008,0.94379,0.9\n")
    return ["--feeds", "debian,nvd,kev,epss",
            "--feed-url", f"nvd=file://{folder}/,kev=file://{folder}/kev.json,epss=file://{folder}/epss.csv"]


@pytest.fixture(name="image")
def image_fixture(tmp_path):
    return layout(tmp_path / "image", Layer(os_release("ID=debian\nVERSION_ID=12\n"), status(OPENSSL)))


@pytest.fixture(name="loaded")
def loaded_fixture(limpid, known):
    run = limpid("update", *known)
    assert run.status == 0 and "feed nvd: loaded what it tells of 3 ids" in run.stderr, run.stderr
    return limpid


def test_findings_learn(loaded, known, image):
    run = loaded.scan("--offline", *known, image)
    found = {f["id"]: f for f in run.image["findings"]}
    assert "CVE-2024-0003" not in found and run.image["rejected"] == 1
    one, eight, six = found["CVE-2024-0001"], found["CVE-2024-0008"], found["CVE-2024-0006"]
    assert (one["severity"], one["severity_feed"]) == ("High", "debian"), "the distribution's word stays"
    assert (eight["severity"], eight["severity_feed"], eight["cwe"]) == ("Critical", "nvd", "CWE-79")
    assert eight["cvss"] == [{"vector": V3, "score": 9.8}, {"vector": V2, "score": 7.5}]
    assert eight["description"] == "What NVD says of CVE-2024-0008." and eight["kev"] is None and eight["epss"] == 0.94379
    assert (one["kev"], one["epss"]) == ("2024-05-06", 0.00043)
    assert six["cvss"] == [] and six["description"] is None and six["epss"] is None
    assert run.image["findings"][0] is not None and run.ids[0] == "CVE-2024-0008", "sorted by what it learned"
    assert {f["name"]: f["enriches"] for f in run.image["feeds"]} == {"debian": False, "nvd": True, "kev": True, "epss": True}


def test_table_and_page(loaded, known, image):
    table = loaded("scan", "--offline", *known, image).stdout
    head, first = [line for line in table.splitlines() if "KEV" in line or "CVE-2024-0008" in line]
    assert head.split() == ["SEVERITY", "PACKAGE", "INSTALLED", "FIXED", "IN", "VULNERABILITY", "KEV", "EPSS", "STATUS", "LAYER"]
    assert "94.38 %" in first and any("exploited" in line and "CVE-2024-0001" in line for line in table.splitlines())
    assert "Severities: 1 are those of scores" in table and "Left out: 1 finding of ids that were rejected." in table
    assert "Enriched: by the feed epss (FIRST Exploit Prediction Scoring System" in table
    page = loaded("scan", "--offline", "--format", "html", *known, image).stdout
    for text in ("by nvd", "94.38 %", ">exploited<", "What NVD says of CVE-2024-0008.", "Exploit Prediction Scoring System"):
        assert text in page


@pytest.mark.parametrize("options, code", [
    (["--fail-on", "kev"], 1), (["--fail-on", "kev", "--severity", "Critical"], 0), (["--fail-on", "Critical"], 1),
    (["--fail-on", "Defcon1,KEV"], 1), (["--min-epss", "0.9"], 1), (["--min-epss", "0.95"], 0), (["--min-epss", "0.9", "--exit-code", "7"], 7),
    (["--fail-on", "Defcon1", "--min-epss", "0.9"], 1), (["--fail-on", "Defcon1", "--min-epss", "1"], 0),
    (["--fail-on", "High,nonsense"], 2), (["--min-epss", "1.5"], 2), (["--min-epss", "5%"], 2), (["--sort", "age"], 2)])
def test_gates(loaded, known, image, options, code):
    assert loaded("scan", "--offline", *known, *options, image).status == code


def test_order(loaded, known, image):
    ids = {key: loaded.scan("--offline", *known, "--sort", key, image).ids for key in ("severity", "kev", "epss", "package")}
    assert ids["kev"][0] == "CVE-2024-0001" and ids["epss"][:2] == ["CVE-2024-0008", "CVE-2024-0001"]
    assert ids["package"] == ids["severity"], "there is one package"
    assert all(sorted(order) == sorted(ids["severity"]) for order in ids.values())


def test_what_comes_along_with_a_scan(alone, tracker, known, image):
    """The small feeds, where they are named; NVD does not."""
    run = alone.scan(*known, "--feed-debian-url", f"file://{tracker}", image)
    assert "feed kev: loaded" in run.stderr and "feed epss: loaded" in run.stderr and "feed nvd" not in run.stderr
    again = alone.scan(*known, "--feed-debian-url", f"file://{tracker}", image)
    assert "loaded" not in again.stderr


def test_nothing_comes_along_unasked(limpid, image):
    """Debian's feed has an address of its own here: nobody said that the publishers of others can be reached."""
    run = limpid.scan("--feeds", "debian,kev,epss", image)
    assert "kev" not in run.stderr and run.image["findings"][0]["kev"] is None


def test_gone_means_gone(loaded, known, image, tmp_path):
    """What a publisher takes back is not known any more; one that cannot be read leaves the old data."""
    (tmp_path / "known/kev.json").write_text(json.dumps({"vulnerabilities": [{"cveID": "CVE-2024-0008", "dateAdded": "2024-06-07"}]}))
    assert loaded("update", "kev", *known).status == 0
    found = {f["id"]: f["kev"] for f in loaded.scan("--offline", *known, image).image["findings"]}
    assert found["CVE-2024-0001"] is None and found["CVE-2024-0008"] == "2024-06-07"
    (tmp_path / "known/kev.json").write_text("<html>")
    run = loaded("update", "kev", *known)
    assert run.status == 4 and "json: offset 0" in run.stderr
    assert {f["kev"] for f in loaded.scan("--offline", *known, image).image["findings"]} == {None, "2024-06-07"}


def test_years_that_are_not_there_yet(alone, tmp_path):
    """NVD has a document a year: one of the future, or an early one that a mirror does not have, is not told."""
    (tmp_path / "nvdcve-2.0-2024.json.gz").write_bytes(gzip.compress(json.dumps({"vulnerabilities": [record("CVE-1", 5.0)]}).encode()))

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args, **more):
            super().__init__(*args, directory=str(tmp_path), **more)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        run = alone("update", "nvd", "--feed-url", f"nvd=http://127.0.0.1:{server.server_address[1]}/")
    finally:
        server.shutdown()
    assert run.status == 0 and "2035" not in run.stderr and "1999" not in run.stderr and "modified" not in run.stderr
    assert "nvdcve-2.0-2010.json.gz: the publisher does not have it" in run.stderr


def test_published_data(loaded, known, image):
    """The catalogues at hand are read as they are published."""
    data = ROOT.parent / "shared/data/feeds"
    if not (data / "nvd").is_dir():
        pytest.skip("../shared/data/feeds is not there")
    for name, place, at_least in (("nvd", data / "nvd", 68000), ("kev", data / "kev/known_exploited_vulnerabilities.json", 1400),
                                  ("epss", data / "epss/sample-claircore.csv", 20)):
        url = f"{name}=file://{place}" + ("/" if name == "nvd" else "")
        run = loaded("update", name, "--feed-url", url)
        assert run.status == 0 and int(run.stderr.split("tells of ")[1].split()[0]) >= at_least, run.stderr
        assert "could not be used" not in run.stderr

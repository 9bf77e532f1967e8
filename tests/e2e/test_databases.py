"""Package databases other than dpkg's: what the program finds in whole images and root file systems."""
import pathlib

import pytest

from images import Layer, file, layout

SHARED = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data" / "fixtures"

ALPINE = 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.18.4\nPRETTY_NAME="Alpine Linux v3.18"\n'
INSTALLED = "P:libssl3\nV:3.1.4-r1\nA:x86_64\no:openssl\n\nP:.deps\nV:0\nA:noarch\n\nP:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\n"


def shared(path):
    where = SHARED / path
    if not where.exists():
        pytest.skip("../shared is not here")
    return where


def packages(run):
    return [(p["name"], p["version"], p["source_name"], p["purl"]) for p in run.image["packages"]]


def test_alpine(limpid, tmp_path):
    image = layout(tmp_path / "i", Layer(file("etc/os-release", ALPINE), file("lib/apk/db/installed", INSTALLED)))
    run = limpid.inventory(image)
    assert run.image["namespace"] == "alpine:v3.18"
    assert packages(run) == [
        ("libssl3", "3.1.4-r1", "openssl", "pkg:apk/alpine/libssl3@3.1.4-r1?arch=x86_64&distro=alpine-3.18"),
        ("musl", "1.2.4-r2", "musl", "pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.18")]
    assert run.problems == []


def test_alpine_directory(limpid, tmp_path):
    """A root file system whose lib is a link, as in a merged /usr."""
    root = tmp_path / "root"
    (root / "usr/lib/apk/db").mkdir(parents=True)
    (root / "etc").mkdir()
    (root / "lib").symlink_to("usr/lib")
    (root / "usr/lib/apk/db/installed").write_text(INSTALLED)
    (root / "etc/alpine-release").write_text("3.21_alpha20240807\n")
    run = limpid.inventory(f"dir:{root}")
    assert run.image["namespace"] == "alpine:edge"
    assert [name for name, *_ in packages(run)] == ["libssl3", "musl"]


@pytest.mark.parametrize("version", ["310", "311"])
def test_real_alpine(limpid, version):
    run = limpid.inventory(shared(f"image/trivy__pkg__fanal__test__alpine-{version}.tar.gz"))
    assert run.image["namespace"] == f"alpine:v3.{version[1:]}"
    assert len(packages(run)) == 14
    assert run.problems == []

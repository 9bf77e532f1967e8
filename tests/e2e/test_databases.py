"""Package databases other than dpkg's: what the program finds in whole images and root file systems."""
import os
import pathlib
import shutil
import subprocess

import pytest

from images import Layer, file, layout, whiteout

CORPUS = pathlib.Path(__file__).resolve().parents[1] / "corpus"
SHARED = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data"

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
    run = limpid.inventory(shared(f"fixtures/image/trivy__pkg__fanal__test__alpine-{version}.tar.gz"))
    assert run.image["namespace"] == f"alpine:v3.{version[1:]}"
    assert len(packages(run)) == 14
    assert run.problems == []


ARCH = file("etc/os-release", 'NAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n')


def desc(name, version, base):
    folder = f"var/lib/pacman/local/{name}-{version}"
    return [file(f"{folder}/desc", f"%NAME%\n{name}\n\n%VERSION%\n{version}\n\n%BASE%\n{base}\n\n%ARCH%\nx86_64\n\n"),
            file(f"{folder}/files", "%FILES%\nusr/\n")]


def test_arch(limpid, tmp_path):
    """One package is upgraded, one is removed, in a layer above."""
    run = limpid.inventory(layout(
        tmp_path / "i",
        Layer(ARCH, *desc("glibc", "2.38-7", "glibc"), *desc("gcc-libs", "13.2.1-3", "gcc"), *desc("vim", "9.0-1", "vim")),
        Layer(whiteout("var/lib/pacman/local/glibc-2.38-7"), whiteout("var/lib/pacman/local/vim-9.0-1"),
              *desc("glibc", "2.39-1", "glibc"))))
    assert run.image["namespace"] == "arch:rolling"
    assert packages(run) == [
        ("gcc-libs", "13.2.1-3", "gcc", "pkg:alpm/arch/gcc-libs@13.2.1-3?arch=x86_64&distro=arch-rolling"),
        ("glibc", "2.39-1", "glibc", "pkg:alpm/arch/glibc@2.39-1?arch=x86_64&distro=arch-rolling")]
    assert [p["layer"]["index"] for p in run.image["packages"]] == [0, 1]
    assert run.problems == []


CENTOS = file("etc/redhat-release", "CentOS Linux release 7.9.2009 (Core)\n")
RPMS = [
    ("bash", "5.1.8-6.el9", "bash", "pkg:rpm/centos/bash@5.1.8-6.el9?arch=x86_64&distro=centos-7"),
    ("nodejs", "1:18.14.2-2.module+el8.7.0", "nodejs",
     "pkg:rpm/centos/nodejs@18.14.2-2.module%2Bel8.7.0?arch=aarch64&distro=centos-7&epoch=1"),
    ("openssl-libs", "1:1.1.1k-9.el8_7", "openssl",
     "pkg:rpm/redhat/openssl-libs@1.1.1k-9.el8_7?arch=x86_64&distro=centos-7&epoch=1"),
]


def sqlite_parts():
    """The database and the log of the corpus."""
    data = (CORPUS / "rpm_sqlite/log").read_bytes()
    end = 4 + int.from_bytes(data[:4], "big")
    return data[4:end], data[end:]


@pytest.mark.parametrize("path, corpus", [("var/lib/rpm/Packages", "rpm_bdb/little"), ("var/lib/rpm/Packages", "rpm_bdb/big"),
                                          ("usr/lib/sysimage/rpm/Packages.db", "rpm_ndb/packages")])
def test_rpm(limpid, tmp_path, path, corpus):
    run = limpid.inventory(layout(tmp_path / "i", Layer(CENTOS, file(path, (CORPUS / corpus).read_bytes()))))
    assert run.image["namespace"] == "centos:7"
    assert packages(run) == RPMS
    assert run.problems == []


@pytest.mark.parametrize("log_first", [False, True])
def test_rpm_sqlite_with_log(limpid, tmp_path, log_first):
    database, log = sqlite_parts()
    files = [file("var/lib/rpm/rpmdb.sqlite", database), file("var/lib/rpm/rpmdb.sqlite-wal", log)]
    run = limpid.inventory(layout(tmp_path / "i", Layer(CENTOS, *(reversed(files) if log_first else files))))
    assert packages(run) == RPMS[:2]
    assert run.problems == []


def test_rpm_log_in_a_layer_of_its_own(limpid, tmp_path):
    database, log = sqlite_parts()
    run = limpid.inventory(layout(tmp_path / "i", Layer(CENTOS, file("var/lib/rpm/rpmdb.sqlite", database)),
                                  Layer(file("var/lib/rpm/rpmdb.sqlite-wal", log))))
    assert packages(run) == [RPMS[0], RPMS[2]]
    assert len(run.problems) == 1 and "write-ahead log alone" in run.problems[0]


QUERY = "%{NAME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\n"


def rpm_says(folder):
    done = subprocess.run(["rpm", "--dbpath", str(folder), "--define", "_db_backend bdb_ro", "-qa", "--qf", QUERY],
                          capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    found = set()
    for line in done.stdout.splitlines():
        name, version, arch, source = line.split("\t")
        if name != "gpg-pubkey":
            found.add((name, version.removeprefix("0:"), arch, source.removesuffix(".src.rpm").rsplit("-", 2)[0]))
    return found


@pytest.mark.skipif(not shutil.which("rpm"), reason="needs rpm")
@pytest.mark.parametrize("path", [
    CORPUS / "rpm_bdb/little",
    SHARED / "clair-v1/rpm-Packages.bdb",
    SHARED / "fixtures/rpm/go-rpmdb__pkg__libuuid__Packages",
    SHARED / "fixtures/rpm/syft__syft__pkg__cataloger__redhat__Packages",
])
def test_rpm_agrees(limpid, tmp_path, path):
    """The real rpm finds the same packages, names, versions and sources."""
    if not path.exists():
        pytest.skip("../shared is not here")
    folder = tmp_path / "root/var/lib/rpm"
    folder.mkdir(parents=True)
    shutil.copy(path, folder / "Packages")
    if subprocess.run(["rpm", "--dbpath", str(folder), "--define", "_db_backend bdb_ro", "-qa"], capture_output=True,
                      check=False).returncode:
        pytest.skip("this rpm does not read Berkeley DB")
    run = limpid.inventory(f"dir:{tmp_path}/root")
    found = {(p["name"], p["version"], p.get("arch", ""), p["source_name"]) for p in run.image["packages"]}
    assert found == rpm_says(folder)
    assert found and run.problems == []


@pytest.mark.skipif(not shutil.which("rpmbuild"), reason="needs rpmbuild")
def test_rpm_builds_and_installs(limpid, tmp_path):
    """A package that the real rpm builds and installs, in whatever kind of database this rpm writes."""
    spec = tmp_path / "sample.spec"
    spec.write_text("Name: sample\nEpoch: 2\nVersion: 1.0~rc1^git1\nRelease: 3\nSummary: s\nLicense: MIT\nVendor: Nobody\n"
                    "BuildArch: noarch\n%description\nd\n%package -n sample-libs\nSummary: l\n%description -n sample-libs\nd\n"
                    "%files\n%files -n sample-libs\n")
    subprocess.run(["rpmbuild", "--quiet", "-bb", "--define", f"_topdir {tmp_path}/b", str(spec)], check=True,
                   capture_output=True)
    root = tmp_path / "root"
    (root / "var/lib/rpm").mkdir(parents=True)
    built = [str(p) for p in (tmp_path / "b/RPMS").rglob("*.rpm")]
    installed = subprocess.run(["rpm", "--root", str(root), "--dbpath", "/var/lib/rpm", "-i", "--nodeps", "--noscripts",
                                "--ignoreos", "--ignorearch", "--justdb", *built], check=False, capture_output=True)
    if installed.returncode:
        pytest.skip(f"rpm cannot install here: {installed.stderr.decode()[-200:]}")
    run = limpid.inventory(f"dir:{root}")
    assert packages(run) == [(name, "2:1.0~rc1^git1-3", "sample", f"pkg:rpm/{name}@1.0~rc1%5Egit1-3?arch=noarch&epoch=2")
                             for name in ("sample", "sample-libs")]
    assert run.problems == []

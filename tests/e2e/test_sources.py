"""Every way in which an image is named, in the forms that real tools write."""
import http.server
import os
import shutil
import socketserver
import subprocess
import threading

import pytest
from images import (Layer, archive, file, layout, layout_files, os_release, saved_new, saved_old, stanza,
                    status, symlink, tar)

OPENSSL = stanza("libssl3", "3.0.11-1~deb12u2", source="openssl")
ZLIB = stanza("zlib1g", "1:1.2.13.dfsg-1", source="zlib")
NAMES = {"libssl3", "zlib1g"}


@pytest.fixture(name="layers")
def layers_fixture():
    return [Layer(os_release(), status(OPENSSL), command="FROM"), Layer(status(OPENSSL, ZLIB), command="RUN")]


def look(limpid, source, *options):
    """The inventory, which must be that of the layers above."""
    run = limpid.inventory(*options, source)
    assert run.status == 0, run.stderr + str(run.stdout)
    assert {p["name"] for p in run.image["packages"]} == NAMES
    assert [p["layer"]["index"] for p in run.image["packages"]] == [0, 1]
    assert run.image["namespace"] == "debian:12"
    assert [x["created_by"] for x in run.image["layers"]] == ["FROM", "RUN"]
    return run.image


# ---- layouts ----

def test_bare_paths(limpid, tmp_path, layers):
    """What exists needs no scheme: it says itself what it is."""
    look(limpid, layout(tmp_path / "layout", *layers))
    look(limpid, archive(tmp_path / "new.tar", saved_new(layers)))
    look(limpid, archive(tmp_path / "old.tar", saved_old(layers)))
    look(limpid, archive(tmp_path / "oci.tar", layout_files([("x", layers, "amd64")])))


@pytest.mark.parametrize("reference", ["latest", "registry.example.com:5000/team/app:1.2", "a:b:c"])
def test_reference_with_colons(limpid, tmp_path, layers, reference):
    other = [Layer(file("other"))]
    where = layout(tmp_path / "i:mage", images=[("other", other, "amd64"), (reference, layers, "amd64")])
    look(limpid, f"oci:{where}:{reference}")
    run = limpid("inventory", f"oci:{where}")
    assert run.status == 2 and "several images: add :REFERENCE; there are: other, " + reference in run.stderr
    run = limpid("inventory", f"oci:{where}:nope")
    assert run.status == 4 and "no image of that reference" in run.stderr


def test_layout_by_digest(limpid, tmp_path, layers):
    where = layout(tmp_path / "i", *layers)
    digest = look(limpid, f"oci:{where}")["digest"]
    assert look(limpid, f"oci:{where}:{digest}")["digest"] == digest


def test_platforms(limpid, tmp_path, layers):
    """Without a reference, an index of nameless images is chosen from by platform."""
    where = layout(tmp_path / "i", images=[(None, [Layer(file("x"))], "s390x"), (None, layers, "arm64")])
    assert look(limpid, f"oci:{where}", "--platform", "linux/arm64")["platform"] == "linux/arm64"
    run = limpid("inventory", "--platform", "linux/riscv64", f"oci:{where}")
    assert run.status == 4 and "there are: linux/s390x, linux/arm64" in run.stderr
    assert limpid("inventory", "--platform", "a b c", f"oci:{where}").status == 2


def test_layout_refusals(limpid, tmp_path, layers):
    where = layout(tmp_path / "i", *layers)
    (where / "index.json").write_text('{"schemaVersion": 2, "manifests": []}')
    assert "the layout has no image" in limpid("scan", f"oci:{where}").stderr
    (where / "index.json").write_text('{"schemaVersion": 2, "manifests": [')
    run = limpid("scan", f"oci:{where}")
    assert run.status == 4 and "index.json" in run.stderr and "offset" in run.stderr


# ---- archives ----

@pytest.mark.parametrize("form", [saved_old, saved_new])
@pytest.mark.parametrize("pack", ["plain", "gzip", "zstd", "xz", "bzip2"])
def test_docker_archive(limpid, tmp_path, layers, form, pack):
    path = archive(tmp_path / "image.tar", form(layers), pack)
    image = look(limpid, f"docker-archive:{path}")
    assert [x["diff_id"] for x in image["layers"]] == [x.diff_id for x in layers]
    look(limpid, f"docker-archive:{path}:app:1")
    run = limpid("inventory", f"docker-archive:{path}:app:2")
    assert run.status == 4 and "no image of that tag; there are: app:1" in run.stderr


def test_docker_archive_with_links(limpid, tmp_path, layers):
    """Old docker saved a layer that occurs twice as a link to its first copy."""
    files = saved_old([layers[0], layers[1], layers[1]])
    entries = [file(name, data) for name, data in files.items()]
    at = [i for i, e in enumerate(entries) if e[0].startswith(f"{2:064x}/layer.tar")][0]
    entries[at] = symlink(f"{2:064x}/layer.tar", f"../{1:064x}/layer.tar")
    (tmp_path / "image.tar").write_bytes(tar(*entries))
    run = limpid.inventory(tmp_path / "image.tar")
    assert run.status == 0 and {p["name"] for p in run.image["packages"]} == NAMES


@pytest.mark.parametrize("pack", ["plain", "gzip", "zstd"])
def test_oci_archive(limpid, tmp_path, layers, pack):
    files = layout_files([("a:1", [Layer(file("x"))], "amd64"), ("b:2", layers, "amd64")])
    path = archive(tmp_path / "oci.tar", files, pack)
    look(limpid, f"oci-archive:{path}:b:2")
    assert limpid("inventory", f"oci-archive:{path}").status == 2


def test_order_in_the_archive_does_not_matter(limpid, tmp_path, layers):
    files = saved_new(layers)
    look(limpid, archive(tmp_path / "turned.tar", dict(reversed(files.items()))))


def test_root_file_system_as_tar(limpid, tmp_path):
    (tmp_path / "rootfs.tar.gz").write_bytes(Layer(os_release(), status(OPENSSL)).blob)
    run = limpid.inventory(tmp_path / "rootfs.tar.gz")
    assert run.status == 0 and [p["name"] for p in run.image["packages"]] == ["libssl3"]


@pytest.mark.parametrize("data", [b"", b"no archive at all" * 100, b"\x1f\x8b\x08 broken"])
def test_no_archive(limpid, tmp_path, data):
    (tmp_path / "x.tar").write_bytes(data)
    run = limpid("inventory", f"docker-archive:{tmp_path}/x.tar")
    assert run.status in (3, 4) and ("Problem: " in run.stdout or run.stderr.startswith("limpid: "))


def test_archive_with_holes(limpid, tmp_path, layers):
    """What the manifest names and the archive does not have."""
    for gone in ("manifest.json", next(n for n in saved_old(layers) if n.endswith("layer.tar"))):
        files = {n: d for n, d in saved_old(layers).items() if n != gone}
        run = limpid("inventory", archive(tmp_path / "holes.tar", files))
        assert run.status in (3, 4)


# ---- directories ----

@pytest.fixture(name="rootfs")
def rootfs_fixture(tmp_path):
    root = tmp_path / "rootfs"
    for path, _, data in (os_release(), status(OPENSSL, ZLIB)):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def test_directory(limpid, rootfs):
    for source in (rootfs, f"dir:{rootfs}", f"dir:{rootfs}/"):
        run = limpid.scan(source)
        assert (run.status, run.image["namespace"], run.image["digest"]) == (0, "debian:12", None)
        assert len(run.ids) == 7 and len(run.image["layers"]) == 1
    (rootfs / "var/lib/dpkg/status").write_text(ZLIB)  # nothing of a directory is remembered
    assert limpid.scan(rootfs).ids == ["CVE-2024-0020"]


def test_directory_stays_inside(limpid, rootfs, tmp_path):
    """Links are followed as the root file system itself would, never out of it."""
    outside = tmp_path / "outside"
    outside.write_text(stanza("secret", "1"))
    (rootfs / "var/lib/dpkg/status").unlink()
    for target in (str(outside), "../" * 30 + str(outside)[1:]):
        (rootfs / "var/lib/dpkg/status").symlink_to(target)
        run = limpid("inventory", rootfs)
        assert "secret" not in run.stdout and run.status == 3
        (rootfs / "var/lib/dpkg/status").unlink()
    (rootfs / "opt").mkdir()
    (rootfs / "opt/db").write_text(ZLIB)
    (rootfs / "var/lib/dpkg/status").symlink_to("/opt/db")
    assert [p["name"] for p in limpid.inventory(rootfs).image["packages"]] == ["zlib1g"]


def test_directory_with_odd_files(limpid, rootfs):
    """A pipe in the place of a database is not waited for."""
    (rootfs / "var/lib/dpkg/status").unlink()
    os.mkfifo(rootfs / "var/lib/dpkg/status")
    (rootfs / "var/lib/dpkg/status.d").mkdir()
    (rootfs / "var/lib/dpkg/status.d/zlib").write_text(ZLIB)
    assert [p["name"] for p in limpid.inventory(rootfs).image["packages"]] == ["zlib1g"]


def test_empty_directory(limpid, tmp_path):
    (tmp_path / "empty").mkdir()
    run = limpid.scan(tmp_path / "empty")
    assert run.status == 3 and "nothing was judged" in run.problems[0]


# ---- what real tools write ----

@pytest.mark.parametrize("form", ["docker-archive", "oci-archive", "oci", "dir"])
def test_skopeo(limpid, tmp_path, layers, form):
    if not shutil.which("skopeo"):
        pytest.skip("needs skopeo")
    where = layout(tmp_path / "i", *layers, reference="app")
    target = tmp_path / "made"
    name = f"{form}:{target}" + {"docker-archive": ":app:1", "oci": ":app", "oci-archive": ":app", "dir": ""}[form]
    policy = tmp_path / "policy.json"
    policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
    subprocess.run(["skopeo", "--policy", policy, "copy", "-q", f"oci:{where}:app", name], check=True,
                   env={**limpid.env, "TMPDIR": str(tmp_path)})
    if form == "dir":  # skopeo's dir: holds blobs, and is no root file system: nothing in it may pass as judged
        assert limpid.inventory(f"dir:{target}").status == 3
    else:
        look(limpid, name.replace(":app:1", ":docker.io/library/app:1"))  # its full name, as skopeo writes it


# ---- engines ----

class Engine(socketserver.ThreadingUnixStreamServer):
    """An engine's API as far as limpid asks it."""
    daemon_threads = True

    def __init__(self, path, images):
        self.images, self.asked = images, []

        class Handler(http.server.BaseHTTPRequestHandler):
            def address_string(self):
                return "unix"

            def log_message(self, *args):
                pass

            def do_GET(self):
                server = self.server
                server.asked.append(self.path)
                data = server.images.get(self.path)
                body = data if data is not None else b'{"message":"No such image"}'
                self.send_response(200 if data is not None else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        super().__init__(str(path), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.mark.parametrize("scheme, variable", [("docker-daemon", "DOCKER_HOST"), ("podman", "CONTAINER_HOST")])
def test_engine(limpid, tmp_path, layers, scheme, variable):
    data = tar(*[file(name, data) for name, data in saved_new(layers).items()])
    with Engine(tmp_path / "e.sock", {"/images/app:1/get": data}) as engine:
        limpid.env[variable] = f"unix://{tmp_path}/e.sock"
        look(limpid, f"{scheme}:app:1")
        run = limpid("inventory", f"{scheme}:../../containers/json")
        assert run.status == 4 and all("/images/" in path for path in engine.asked)
        run = limpid("inventory", f"{scheme}:nope")
        assert run.status == 4 and "No such image" in run.stderr
        engine.shutdown()
    assert not [p for p in limpid.cache.iterdir() if not p.name.startswith("limpid.db")]  # the spool left nothing


def test_engine_is_not_there(limpid, tmp_path):
    limpid.env["DOCKER_HOST"] = f"unix://{tmp_path}/none.sock"
    run = limpid("inventory", "docker-daemon:app")
    assert run.status == 4 and "none.sock" in run.stderr
    limpid.env["DOCKER_HOST"] = "tcp://127.0.0.1:1"
    assert "only a unix socket" in limpid("inventory", "docker-daemon:app").stderr


def test_engine_cuts(limpid, tmp_path, layers):
    """An archive that ends early is no image with fewer packages."""
    data = tar(*[file(name, data) for name, data in saved_new(layers).items()])
    with Engine(tmp_path / "e.sock", {"/images/app:1/get": data[:len(data) // 2]}) as engine:
        run = limpid.inventory("docker-daemon:app:1", env={"DOCKER_HOST": f"unix://{tmp_path}/e.sock"})
        assert run.status in (3, 4)
        engine.shutdown()

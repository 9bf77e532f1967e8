"""Images that are damaged, that lie, or that attack: what can be judged is, the rest is told, nothing is lost."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tarfile
import time
import zlib

import pytest
from conftest import LIMPID, is_sanitized
from images import (Layer, archive, blob_path, file, hardlink, layout, os_release, saved_old, stanza, status, symlink, tar, whiteout)

OPENSSL = stanza("libssl3", "3.0.11-1~deb12u2", source="openssl")
ENTRIES = [os_release(), status(OPENSSL)]
MEMORY = 150 << 10  # KiB that no process of limpid's may reach, whatever the image


def expect_problem(run, *words, count=1):
    """The damaged layer is told, the sound one is judged."""
    assert run.status == 3, run.stderr
    assert "CVE-2024-0001" in run.ids
    assert len(run.problems) == count, run.problems
    for word in words:
        assert word in run.problems[0], run.problems


def beside(where, layer, *more):
    """A sound layer, and above it the one in question."""
    return layout(where, Layer(*ENTRIES), layer, *more)


# ---- damage ----

BODY = [file(f"usr/{i}", os.urandom(3000)) for i in range(20)]


def cut(data, keep=0.5):
    return data[:int(len(data) * keep)]


def flip(data, at):
    where = int(len(data) * at)
    return data[:where] + bytes([data[where] ^ 0x55]) + data[where + 1:]


@pytest.mark.parametrize("pack", ["gzip", "zstd", "xz", "bzip2", "plain"])
@pytest.mark.parametrize("damage", ["cut", "flip", "tail"])
def test_damaged_blob(limpid, tmp_path, pack, damage):
    """Digest and size of the manifest are those of the damaged blob: only its content gives it away."""
    layer = Layer(*BODY, pack=pack)
    layer.blob = {"cut": cut, "flip": lambda b: flip(b, 0.5), "tail": lambda b: b + b"tail"}[damage](layer.blob)
    whole = Layer(data=layer.blob, pack="plain", media_type=layer.media_type)
    whole.diff_id = layer.diff_id
    expect_problem(limpid.scan(beside(tmp_path / "i", whole)), "layer 2 sha256:")


@pytest.mark.parametrize("keep", [1, 511, 700, 5 * 3584 + 100, 9 * 3584 + 1000])
def test_truncated_tar(limpid, tmp_path, keep):
    """Within a header or a file; the entries of BODY have 3584 bytes each."""
    expect_problem(limpid.scan(beside(tmp_path / "i", Layer(data=tar(*BODY)[:keep]))), "tar: ")


def test_damage_after_the_database(limpid, tmp_path):
    """What was found before the damage stays; and it is read again each time, never remembered as whole."""
    data = tar(*ENTRIES, *BODY)
    image = layout(tmp_path / "i", Layer(data=data[:len(data) // 2]))
    first, second = limpid.scan(image), limpid.scan(image)
    expect_problem(first, "layer 1")
    assert first.image["findings"] == second.image["findings"] and second.problems == first.problems


def test_damage_is_told_once(limpid, tmp_path):
    """Also when links make the layers be read again."""
    image = layout(tmp_path / "i", Layer(os_release(path="opt/r"), status(OPENSSL)), Layer(data=b"x" * 4096),
                   Layer(symlink("etc/os-release", "../opt/r")))
    expect_problem(limpid.scan(image), "layer 2")


def test_wrong_blob_digest(limpid, tmp_path):
    layer, other = Layer(file("a")), Layer(file("b"), status(stanza("evil", "1")))
    other.blob += b"\0" * (len(layer.blob) - len(other.blob)) if len(other.blob) < len(layer.blob) else b""
    where = beside(tmp_path / "i", layer)
    layer_file = blob_path(where, layer)
    layer_file.write_bytes(flip(layer.blob, 0.3))
    expect_problem(limpid.scan(where), "its bytes have the digest sha256:", layer.digest)


def test_wrong_diff_id(limpid, tmp_path):
    layer = Layer(file("a"), status(stanza("evil", "1")))
    true, layer.diff_id = layer.diff_id, "sha256:" + "0" * 64
    run = limpid.scan(layout(tmp_path / "i", layer, Layer(*ENTRIES)))
    expect_problem(run, f"its tar has the diff_id {true}, the config says {layer.diff_id}")


def test_wrong_layer_brings_no_packages(limpid, tmp_path):
    """A layer that is not the one that the manifest means is not part of the image."""
    layer = Layer(status(OPENSSL, stanza("evil", "1")))
    layer.diff_id = "sha256:" + "0" * 64
    run = limpid.inventory(beside(tmp_path / "i", layer))
    assert run.status == 3 and [p["name"] for p in run.image["packages"]] == ["libssl3"]


@pytest.mark.parametrize("size", [0, 1, 10**6])
def test_wrong_size(limpid, tmp_path, size):
    layer = Layer(file("a"))
    layer.size = size
    expect_problem(limpid.scan(beside(tmp_path / "i", layer)), f"bytes, the manifest says {size}")


def test_missing_blob(limpid, tmp_path):
    layer = Layer(file("a"))
    where = beside(tmp_path / "i", layer)
    blob_path(where, layer).unlink()
    expect_problem(limpid.scan(where), layer.digest, "No such file")


@pytest.mark.parametrize("what", ["folder", "link", "pipe"])
def test_blob_is_no_file(limpid, tmp_path, what):
    layer = Layer(file("a"))
    where = beside(tmp_path / "i", layer)
    path = blob_path(where, layer)
    path.unlink()
    if what == "folder":
        path.mkdir()
    elif what == "link":
        path.symlink_to("/etc/passwd")
    else:
        os.mkfifo(path)
    expect_problem(limpid.scan(where), layer.digest)


def test_unknown_media_type(limpid, tmp_path):
    """Nothing may pass as judged when a layer is of a kind that limpid does not read."""
    run = limpid("scan", beside(tmp_path / "i", Layer(file("a"), media_type="application/vnd.example.squashfs")))
    assert run.status in (3, 4)
    assert 'media type "application/vnd.example.squashfs"' in run.stdout + run.stderr


def test_forged_config(limpid, tmp_path):
    where = layout(tmp_path / "i", Layer(*ENTRIES), Layer(file("x")))
    for blob in list((where / "blobs/sha256").iterdir()):
        if blob.read_bytes().startswith(b'{"architecture"'):
            blob.write_bytes(b"{}" + b" " * (blob.stat().st_size - 2))
    run = limpid("scan", where)
    assert run.status == 4 and "its bytes have the digest" in run.stderr


def test_empty_layer(limpid, tmp_path):
    assert limpid.scan(beside(tmp_path / "i", Layer())).status == 0
    assert limpid.scan(beside(tmp_path / "j", Layer(data=b"\0" * 1024))).status == 0


# ---- bombs: memory stays bounded ----

MEASURE = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
print(json.dumps({"status": done.returncode, "out": done.stdout.decode(), "err": done.stderr.decode(),
                  "kib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}))
"""


def measured(limpid, *args, memory=MEMORY):
    """A run in a process of its own: (status, standard output, KiB of the largest process)."""
    done = subprocess.run([sys.executable, "-c", MEASURE, str(LIMPID), *map(str, args)], env={**limpid.env, **limpid.defaults},
                          stdout=subprocess.PIPE, check=True)
    run = json.loads(done.stdout)
    assert "Sanitizer" not in run["err"], run["err"]
    if not is_sanitized():
        assert run["kib"] < memory
    return run["status"], run["out"]


def gzip_of(pieces):
    """A gzip stream of pieces, made piece by piece."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([packer.compress(piece) for piece in pieces] + [packer.flush()])


def packed(blob, diff_id=""):
    """A layer whose tar is not at hand."""
    layer = Layer(data=blob, pack="plain", media_type="application/vnd.oci.image.layer.v1.tar+gzip")
    layer.diff_id = diff_id or "sha256:" + "0" * 64
    return layer


def header(name, size, kind=b"0"):
    """A tar header that says whatever it is told to."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


MIB = b"\0" * (1 << 20)


@pytest.fixture(name="zeros", scope="session")
def zeros_fixture():
    """1 GB of zeros, packed, after a file's header."""
    return gzip_of([header("usr/zeros", 1 << 30)] + [MIB] * 1024 + [b"\0" * 1024])


def test_zero_bomb(limpid, tmp_path, zeros):
    """1 GB out of 1 MB is read through, and costs no memory."""
    assert len(zeros) < 2 << 20
    code, out = measured(limpid, "scan", beside(tmp_path / "i", packed(zeros)))
    assert code == 3 and "its tar has the diff_id" in out and "CVE-2024-0001" in out


def test_layer_size_limit(limpid, tmp_path, zeros):
    """The bound of what a layer may unpack to, lowered to what a test can make."""
    image = beside(tmp_path / "i", packed(zeros))
    expect_problem(limpid.scan("--max-layer-size", 100 << 20, image), "104857600")
    sound = layout(tmp_path / "j", Layer(*ENTRIES))
    size = len(tar(*ENTRIES))
    assert limpid.scan("--fresh", "--max-layer-size", size - 1, sound).status == 3
    assert limpid.scan("--fresh", "--max-layer-size", size, sound).status == 0
    assert limpid("scan", "--max-layer-size", (64 << 30) + 1, sound).status == 2


def test_pax_header_that_claims_a_gigabyte(limpid, tmp_path):
    blob = gzip_of([header("x", 1 << 30, b"x")] + [MIB] * 1024)
    code, out = measured(limpid, "scan", beside(tmp_path / "i", packed(blob)))
    assert code == 3 and "tar: " in out and "CVE-2024-0001" in out


@pytest.mark.parametrize("kind", [b"L", b"K"])
def test_long_name_that_claims_a_gigabyte(limpid, tmp_path, kind):
    blob = gzip_of([header("x", 1 << 30, kind)] + [MIB] * 1024)
    code, out = measured(limpid, "scan", beside(tmp_path / "i", packed(blob)))
    assert code == 3 and "tar: " in out and "CVE-2024-0001" in out


@pytest.mark.parametrize("folder, memory", [("usr/lib/", MEMORY), ("var/lib/dpkg/status.d/", 2 * MEMORY)])
def test_many_entries(limpid, tmp_path, folder, memory):
    """200,000 files; those of interest are kept until the layers are merged."""
    data = b"".join(header(f"{folder}{i}", 0) for i in range(200000)) + b"\0" * 1024
    code, out = measured(limpid, "scan", beside(tmp_path / "i", Layer(data=data)), memory=memory)
    assert code in (0, 3) and "CVE-2024-0001" in out


def test_long_status_line(limpid, tmp_path):
    """A line of 201 MiB in a status file: over the bound, it is told; in a file of 60 MiB, it is passed over."""
    body = OPENSSL.rstrip().encode() + b"\nDescription: "
    for size, code in ((201 << 20, 3), (60 << 20, 0)):
        blob = gzip_of([header("var/lib/dpkg/status", size), body, b"x" * (size - len(body) - 2), b"\n\n", b"\0" * (-size % 512 + 1024)])
        raw = zlib.decompress(blob, 31)
        layer = Layer(data=raw)
        status_code, out = measured(limpid, "scan", "--format", "json", layout(tmp_path / str(size), Layer(*ENTRIES), layer))
        assert status_code == code
        assert code == 0 or "more than the 209715200 that are read" in out


def test_many_findings_stay_bounded(limpid, tmp_path):
    """20,000 packages with seven findings each."""
    many = status(*[stanza(f"p{i}", "3.0.11-1~deb12u2", source="openssl") for i in range(20000)])
    run = limpid.scan(layout(tmp_path / "i", Layer(os_release(), many)))
    assert run.status == 0 and len(run.ids) == 6 * 20000


def test_deep_and_huge_documents(limpid, tmp_path):
    where = layout(tmp_path / "i", Layer(*ENTRIES))
    for text in ("[" * 10**6, '{"manifests":' * 10**5, '{"schemaVersion":2,"x":"' + "y" * (5 << 20) + '","manifests":[]}'):
        (where / "index.json").write_text(text)
        run = limpid("scan", where)
        assert run.status == 4 and "index.json" in run.stderr


# ---- tricks with paths: nothing is ever written but the cache ----

TRICKS = ["../../../../../../tmp/limpid-was-here", "/tmp/limpid-was-here", "a/../../../../tmp/limpid-was-here", "nul\0/tmp/limpid-was-here",
          "var/lib/dpkg/../../../../../tmp/limpid-was-here", "..", "."]


@pytest.mark.parametrize("path", TRICKS)
def test_paths_write_nothing(limpid, tmp_path, path):
    target = pathlib.Path("/tmp/limpid-was-here")
    raw = bytearray(header("placeholder", 5))
    raw[:100] = path.encode()[:100].ljust(100, b"\0")
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw)
    data = bytes(raw) + b"hello".ljust(512, b"\0") + tar(*ENTRIES)
    run = limpid.scan(layout(tmp_path / "i", Layer(data=data)))
    assert "CVE-2024-0001" in run.ids and not target.exists()
    for kind in (symlink, hardlink):
        run = limpid.scan(layout(tmp_path / kind.__name__, Layer(kind("a", path.split("\0")[0]), file("a/b", "hello"), *ENTRIES)))
        assert "CVE-2024-0001" in run.ids and not target.exists()
    files = {**saved_old([Layer(*ENTRIES)]), path.split("\0")[0]: b"hello"}
    limpid("scan", archive(tmp_path / "a.tar", files))
    assert not target.exists()
    assert sorted(p.name for p in limpid.home.rglob("*") if p.is_file())[0].startswith("limpid.db")


@pytest.mark.parametrize("trick", [["x/../../blobs/sha256"], ["/etc/passwd"], ["../../../../etc/passwd"]])
def test_archive_names_files_outside(limpid, tmp_path, trick):
    """A manifest's paths are looked up in the archive, never on disk."""
    files = saved_old([Layer(*ENTRIES)])
    listed = json.loads(files["manifest.json"])
    for key, value, code in (("Layers", trick, 3), ("Config", trick[0], 4)):
        changed = [{**listed[0], key: value}]
        run = limpid("scan", archive(tmp_path / "a.tar", {**files, "manifest.json": json.dumps(changed).encode()}))
        assert run.status == code and "not in the archive" in run.stdout + run.stderr


def test_whiteout_tricks(limpid, tmp_path):
    """Odd whiteouts hide nothing that they do not name."""
    odd = [whiteout("../nothing"), whiteout(""), file(".wh."), file("var/lib/.wh."), file(".wh..wh.plnk"), file("var/.wh..wh..opqx")]
    run = limpid.scan(beside(tmp_path / "i", Layer(*odd)))
    assert "CVE-2024-0001" in run.ids


# ---- workers that fail ----

@pytest.fixture(name="faults", scope="session")
def faults_fixture():
    if b"LIMPID_FAULT" not in LIMPID.read_bytes():
        pytest.skip("needs a program built with -Dfaults=true")


@pytest.mark.parametrize("how, words", [
    ("crash", "was stopped by signal 6"), ("hang", "made no progress for 1 seconds"), ("eat", "the sandboxed reader")])
@pytest.mark.parametrize("workers", [1, 4])
def test_worker_fails(limpid, tmp_path, faults, how, words, workers):
    """One layer is a problem; the others are read by a new worker. Nothing of it is remembered."""
    if how == "eat" and is_sanitized():
        pytest.skip("a sanitized worker has no bound on its memory")
    layers = [Layer(file("a")), Layer(file("b")), Layer(*ENTRIES)]
    image = layout(tmp_path / "i", *layers)
    limits = ["--worker-timeout", "1"] if how == "hang" else []
    run = limpid.scan(*limits, "-j", workers, image, env={"LIMPID_FAULT": f"{how} layer 1"})
    expect_problem(run, f"layer 2 {layers[1].digest}", words)
    assert limpid.scan(image).status == 0


@pytest.mark.parametrize("how", ["crash", "hang"])
def test_worker_fails_with_the_feed(limpid, tmp_path, faults, how, tracker):
    """A feed's reader that fails leaves the data that were there."""
    image = layout(tmp_path / "i", Layer(*ENTRIES))
    first = limpid.scan(image)
    tracker.write_text(tracker.read_text() + " \n")
    run = limpid("update", "--worker-timeout", "1", env={"LIMPID_FAULT": f"{how} feed {ord('d')}"})
    assert run.status == 4 and "the sandboxed reader" in run.stderr
    assert limpid.scan("--offline", image).ids == first.ids


# ---- interrupted ----

def children_of(pid):
    return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(what):
    for _ in range(6000):
        if what():
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("form", ["layout", "compressed archive"])
def test_interrupted(limpid, tmp_path, zeros, sign, form):
    """In the middle of a long read: no process, no file, no half report stays behind."""
    if form == "layout":
        image = beside(tmp_path / "i", packed(zeros))
    else:
        image = tmp_path / "image.tar.gz"
        inner = saved_old([Layer(*ENTRIES)])
        image.write_bytes(gzip_of([tar(*[file(n, d) for n, d in inner.items()])[:-10240], header("zeros", 20 << 30)] + [MIB] * 2000))
    limpid("update")
    process = limpid.start("scan", "--output", tmp_path / "report", image)
    assert wait_until(lambda: children_of(process.pid))
    workers = children_of(process.pid)
    time.sleep(0.1)
    process.send_signal(sign)
    out, err = process.communicate(timeout=600)
    assert process.returncode not in (0, 1, 2) and out == b""
    assert b"interrupted" in err or process.returncode == -sign
    assert wait_until(lambda: not any(is_alive(pid) for pid in workers))
    assert not (tmp_path / "report").exists()
    assert {p.name for p in limpid.cache.iterdir()} <= {"limpid.db", "limpid.db-wal", "limpid.db-shm"}
    assert limpid.scan("--offline", layout(tmp_path / "j", Layer(*ENTRIES))).status == 0


def test_killed(limpid, tmp_path, zeros):
    """Even when it had no chance to tidy up, the workers end with it."""
    process = limpid.start("scan", beside(tmp_path / "i", packed(zeros)))
    assert wait_until(lambda: children_of(process.pid))
    workers = children_of(process.pid)
    process.kill()
    process.communicate(timeout=600)
    assert wait_until(lambda: not any(is_alive(pid) for pid in workers))
    assert limpid.scan(layout(tmp_path / "j", Layer(*ENTRIES))).status == 0

"""`limpid vercmp` against dpkg, rpm and pacman themselves: thousands of made-up pairs, and for dpkg their validity."""
import ctypes
import ctypes.util
import os
import random
import shutil
import subprocess

import pytest

LIMPID = os.environ.get("LIMPID")
SEED = int(os.environ.get("LIMPID_SEED", "20240601"))
PAIRS = int(os.environ.get("LIMPID_PAIRS", "3000"))

pytestmark = pytest.mark.skipif(not LIMPID, reason="needs LIMPID, the path of the built program")

PIECES = ["0", "1", "2", "9", "10", "00", "01", "100", "99999999999999999999", "a", "b", "z", "A", "Z", "rc", "dfsg", "deb12u",
          ".", ".", ".", "+", "~", "~~", "~rc", "+b", "~bpo", "+deb12u", "-", ":", "ubuntu"]
ODD = PIECES + [" ", "_", "@", "\u00e9", ","]


def version(rng):
    """Mostly versions as they are, sometimes what is none."""
    pieces = ODD if rng.random() < 0.05 else PIECES
    text = str(rng.choice([0, 1, 2, 10])) + "".join(rng.choice(pieces) for _ in range(rng.randrange(6)))
    if rng.random() < 0.5:
        text += "-" + rng.choice(["0", "1", "2", "1.1", "0ubuntu1", "1~deb12u1", "1+b1", "1+deb12u10", "1+deb12u9"])
    if rng.random() < 0.3:
        text = rng.choice(["0", "1", "2", "01", "", "x"] if rng.random() < 0.1 else ["0", "1", "2", "01"]) + ":" + text
    if rng.random() < 0.02:
        text = rng.choice(["", "a", "~", ".", " "]) + text
    return text


def near(rng, text):
    """A version that differs from another in one place: where comparators go wrong."""
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(["", "0", "1", "~", "+", ".", "a", "-"]) + text[at + rng.randrange(2):]


def dpkg(*arguments):
    done = subprocess.run(["dpkg", *arguments], capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    return done.returncode, done.stderr


def dpkg_says(a, b):
    # A blank before a version does not count for dpkg, and keeps it from being taken for an option.
    if any(dpkg("--validate-version", " " + v)[0] != 0 for v in (a, b)):
        return "!"
    for operator, sign in (("lt", "<"), ("eq", "="), ("gt", ">")):
        code, text = dpkg("--compare-versions", " " + a, operator, " " + b)
        assert code in (0, 1), text
        if code == 0:
            return sign
    raise AssertionError(f"dpkg finds no order between {a!r} and {b!r}")


def limpid_says(scheme, pairs):
    text = "".join(f"{a}\t{b}\n" for a, b in pairs)
    done = subprocess.run([LIMPID, "vercmp", scheme], input=text, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.splitlines()


def random_pairs(make):
    rng = random.Random(SEED)
    pairs = []
    while len(pairs) < PAIRS:
        a = make(rng)
        b = near(rng, a) if rng.random() < 0.6 else make(rng)
        pairs.append((a, b))
    return pairs


@pytest.mark.skipif(not shutil.which("dpkg"), reason="needs dpkg")
def test_random_pairs():
    pairs = random_pairs(version)
    ours = limpid_says("dpkg", pairs)
    assert len(ours) == len(pairs)
    wrong = [(pair, we, they) for pair, we in zip(pairs, ours) if we != (they := dpkg_says(*pair))]
    assert wrong == [], f"seed {SEED}"
    assert {"<", "=", ">", "!"} == set(ours)


RPM_PIECES = ["0", "1", "2", "9", "10", "01", "100", "99999999999999999999", "a", "b", "z", "A", "rc", "git", "el8", "fc38",
              ".", ".", ".", "+", "_", "~", "~", "^", "^", "%", "-"]


def evr(rng):
    """A version of rpm's or pacman's kind."""
    text = "".join(rng.choice(RPM_PIECES) for _ in range(rng.randrange(1, 8)))
    if rng.random() < 0.6:
        text += "-" + rng.choice(["0", "1", "2", "1.1", "10", "1.el8", "1.el8_10", "1.el8_9", "1~a", "1^a"])
    return rng.choice(["", "", "", "0:", "1:", "01:", "10:", ":", "a:"]) + text


def check_pairs(scheme, pairs, theirs):
    """They compare everything; where limpid has an opinion, it is theirs."""
    ours = limpid_says(scheme, pairs)
    assert len(ours) == len(theirs) == len(pairs)
    wrong = [(pair, we, they) for pair, we, they in zip(pairs, ours, theirs) if we not in ("!", they)]
    assert wrong == [], f"seed {SEED}"
    assert ours.count("!") < len(ours) * 3 / 4
    assert {"<", "=", ">"} < set(ours)


@pytest.mark.skipif(not shutil.which("rpm"), reason="needs rpm")
def test_random_pairs_rpm(tmp_path):
    pairs = random_pairs(evr)
    lines = tmp_path / "pairs"
    lines.write_text("".join(f"{a}\t{b}\n" for a, b in pairs))
    script = f"""for line in io.lines("{lines}") do
        local a, b = line:match("^([^\t]*)\t(.*)$")
        local known, order = pcall(rpm.vercmp, a, b)
        print(known and order or "!", "\\n")
    end"""
    done = subprocess.run(["rpm", "--eval", "%{lua:" + script + "}"], capture_output=True, text=True, check=True)
    signs = {"-1": "<", "0": "=", "1": ">", "!": "!"}
    check_pairs("rpm", pairs, [signs[word] for word in done.stdout.split()])


@pytest.mark.skipif(not ctypes.util.find_library("alpm"), reason="needs libalpm")
def test_random_pairs_pacman():
    alpm = ctypes.CDLL(ctypes.util.find_library("alpm"))
    pairs = random_pairs(evr)
    orders = [alpm.alpm_pkg_vercmp(a.encode(), b.encode()) for a, b in pairs]
    check_pairs("pacman", pairs, ["<" if n < 0 else ">" if n > 0 else "=" for n in orders])

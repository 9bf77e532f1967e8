"""One table of options: flags, environment, file, help, completions and manual say the same."""
import re
import shutil
import subprocess

import pytest
from conftest import LIMPID
from images import Layer, layout, os_release, stanza, status

COMMANDS = ["scan", "compare", "inventory", "update", "status", "vercmp", "completion", "man"]


@pytest.fixture(name="image")
def image_fixture(tmp_path):
    return layout(tmp_path / "i", Layer(os_release(), status(stanza("libssl3", "3.0.11-1~deb12u2", source="openssl"))))


def configure(limpid, text):
    path = limpid.home / "config/limpid/config.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def severities(run):
    return {f["severity"] for f in run.image["findings"]}


def test_flag_over_environment_over_file(limpid, image):
    configure(limpid, "severity: Low\n")
    assert severities(limpid.scan(image)) == {"Low"}
    assert severities(limpid.scan(image, env={"LIMPID_SEVERITY": "High"})) == {"High"}
    assert severities(limpid.scan("--severity", "Medium", image, env={"LIMPID_SEVERITY": "High"})) == {"Medium"}
    assert severities(limpid.scan(image, env={"LIMPID_SEVERITY": ""})) == {"Low"}  # empty is not set


def test_named_file(limpid, image, tmp_path):
    configure(limpid, "severity: Low\n")
    named = tmp_path / "named.yaml"
    named.write_text("severity: High\nquiet: true\n")
    for run in (limpid.scan("--config", named, image), limpid.scan(image, env={"LIMPID_CONFIG": str(named)})):
        assert severities(run) == {"High"} and run.stderr == ""
    run = limpid("scan", "--config", tmp_path / "missing.yaml", image)
    assert run.status == 4 and "missing.yaml" in run.stderr


@pytest.mark.parametrize("value, on", [("true", True), ("1", True), ("yes", True), ("false", False), ("0", False), ("no", False)])
def test_switches(limpid, image, value, on):
    assert len(limpid.scan(image, env={"LIMPID_ONLY_FIXED": value}).ids) == (1 if on else 6)


def test_keys_of_other_commands(limpid, image):
    """One file serves all commands."""
    configure(limpid, "severity: High\nforce: true\nformat: json\n")
    assert severities(limpid("scan", image)) == {"High"}
    assert limpid("update").status == 0 and limpid("inventory", image).image["packages"]


@pytest.mark.parametrize("text, words", [
    ("sevrity: High\n", ['unknown key "sevrity"']), ("severity: [a\n", ["config.yaml"]), ("a:\n" * 3 + "  - b", ["config.yaml"]),
    ("\0", ["config.yaml"]), ("severity: Awful\n", ["no severity"]), ("workers: many\n", ["--workers", "many"]),
    ("evil\033[2J: 1\n", ["config.yaml"])])
def test_bad_files(limpid, image, text, words):
    configure(limpid, text)
    run = limpid("scan", image)
    assert run.status in (2, 4) and run.stdout == "" and "\033" not in run.stderr
    for word in words:
        assert word in run.stderr


def test_huge_configuration(limpid, image):
    """CONFIG_MAX is 1 MiB: up to it a file is read, beyond it is refused by name."""
    line = "severity: High\n"
    configure(limpid, line + "#" * ((1 << 20) - len(line)))
    assert severities(limpid.scan(image)) == {"High"}
    configure(limpid, line + "#" * ((1 << 20) - len(line) + 1))
    run = limpid("scan", image)
    assert run.status in (2, 4) and "config.yaml" in run.stderr and run.stdout == ""
    configure(limpid, "a: &a [x, x]\n" + "".join(f"b{i}: &b{i} [*a, *a, *a]\n" for i in range(100)))
    assert limpid("scan", image).status in (2, 4)


@pytest.mark.parametrize("args", [
    ["scna"], ["scan", "--nope", "x"], ["scan", "-Z", "x"], ["scan", "--force", "x"], ["update", "--severity", "High"], ["scan", "--worker-timeout", "0", "x"],
    ["scan", "--timeout", "99999999999999999999", "x"], ["inventory", "--workers", "1x", "x"], ["inventory"], ["status", "--format", "stats"]])
def test_misuse(limpid, args):
    run = limpid(*args)
    assert run.status == 2 and run.stdout == ""
    assert run.stderr.splitlines()[-1].startswith("limpid: ")


# ---- what the program says of itself ----

@pytest.mark.parametrize("command", COMMANDS)
def test_help(limpid, command):
    run = limpid(command, "--help")
    assert run.status == 0 and run.stdout.startswith(f"Usage: limpid {command}") and "Examples:" in run.stdout
    assert limpid("help", command).stdout == run.stdout
    assert max(map(len, run.stdout.splitlines())) <= 120
    assert f"  {command} " in limpid("--help").stdout


def test_version(limpid):
    assert re.fullmatch(r"limpid \d+\.\d+\.\d+\n", limpid("--version").stdout)
    assert limpid().stdout == limpid("--help").stdout == limpid("help").stdout


def options_of(limpid, command):
    return set(re.findall(r"--([a-z][a-z-]+)", limpid(command, "--help").stdout.split("\nOptions:\n")[1].split("\nExamples:")[0]))


@pytest.mark.parametrize("shell, check", [("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])])
def test_completion(limpid, tmp_path, shell, check):
    run = limpid("completion", shell)
    assert run.status == 0
    for command in COMMANDS:
        assert command in run.stdout
    for option in options_of(limpid, "scan"):
        assert option in run.stdout
    if not shutil.which(check[0]):
        pytest.skip(f"needs {shell} to check what it is given")
    script = tmp_path / "script"
    script.write_text(run.stdout)
    done = subprocess.run([*check, script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_bash_completes(limpid, tmp_path):
    """bash itself, asked for what begins so."""
    script = tmp_path / "script"
    script.write_text(limpid("completion", "bash").stdout)
    ask = f'source {script}; f=$(complete -p limpid | sed "s/.*-F \\([^ ]*\\).*/\\1/"); COMP_WORDS=(limpid scan --sev); COMP_CWORD=2; $f limpid --sev scan; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["--severity"], done.stderr


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_manual(limpid, command):
    run = limpid("man", *([command] if command else []))
    assert run.status == 0 and run.stdout.startswith(".TH ")
    if not shutil.which("groff"):
        pytest.skip("needs groff")
    done = subprocess.run(["groff", "-Kutf8", "-man", "-Tutf8", "-ww", "-z"], input=run.stdout, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    shown = subprocess.run(["groff", "-Kutf8", "-man", "-Tascii", "-P-c"], input=run.stdout, capture_output=True, text=True, check=True).stdout
    text = re.sub(r".\x08", "", shown)
    for option in options_of(limpid, command) if command in ("scan", "update") else ():
        assert f"--{option}" in text, option


def test_manual_of_nothing(limpid):
    assert limpid("man", "nothing").status == 2 and limpid("completion", "tcsh").status == 2


def test_worker_is_not_for_people(limpid):
    assert limpid("worker").status == 2


def test_output_that_cannot_be_written(limpid, image):
    """A full disk is a failure, never a quiet success."""
    for args in (["scan", image], ["inventory", image], ["status"], ["--help"], ["man"]):
        limpid("update", "-q")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([str(LIMPID), *map(str, args)], env={**limpid.env, **limpid.defaults},
                                  stdout=full, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 4 and b"No space left" in done.stderr, args

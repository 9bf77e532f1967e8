"""In PAClair's place: its commands, messages, files and exit statuses, case by case of its description."""
import json
import os
import socket
import subprocess

import pytest
from paclair_fixtures import *  # noqa: F401,F403
from paclair_parts import FEATURES, LAYERS, names_of
from stand_in_clair import Clair, go_json, refusal

NAMES = names_of(LAYERS)


@pytest.fixture(name="pushed")
def pushed_fixture(paclair, registry):
    """The name of an image that the server has."""
    run = paclair("Docker", f"{registry.host}/team/app:1", "push")
    assert run.status == 0, run.stderr
    return f"{registry.host}/team/app:1"


# ---- push, analyse, delete ----

def test_push(paclair, clair, registry):
    name = f"{registry.host}/team/app:1"
    run = paclair("Docker", name, "push")
    assert (run.status, run.stdout, run.stderr) == (0, "", f"Pushed {name} to Clair.\n")
    base = f"{registry.url}/v2/team/app/blobs/"
    first = {"Layer": {"Name": NAMES[0], "Path": base + LAYERS[0].digest, "Format": "Docker"}}
    rest = [{"Layer": {"Name": NAMES[i], "Path": base + LAYERS[i].digest, "Format": "Docker", "ParentName": NAMES[i - 1]}}
            for i in (1, 2)]
    assert clair.posted() == [first, *rest]
    assert [p for m, p in clair.asked("POST")] == ["/v1/layers"] * 3
    assert clair.blobs == dict(zip(NAMES, [x.digest for x in LAYERS]))


def test_known_layers_are_not_sent_again(paclair, clair, pushed):
    before = len(clair.requests)
    assert paclair("Docker", pushed, "push").status == 0
    assert clair.asked()[before:] == [("GET", f"/v1/layers/{NAMES[2]}")]
    # an interrupted push goes on where it was
    clair.layers = {NAMES[0]: None}
    before = len(clair.requests)
    assert paclair("Docker", pushed, "push").status == 0
    assert [b["Layer"]["Name"] for b in clair.posted()[-2:]] == NAMES[1:]
    assert [m for m, _ in clair.asked()[before:]].count("POST") == 2


def test_analyse_is_logged(paclair, clair, pushed):
    run = paclair("Docker", pushed, "analyse")
    answer = go_json(clair.layer(NAMES[2], "features&vulnerabilities"))
    assert (run.status, run.stdout) == (0, "")
    assert run.stderr == json.dumps(json.loads(answer)) + "\n"
    assert clair.asked()[-1] == ("GET", f"/v1/layers/{NAMES[2]}?features&vulnerabilities")


@pytest.mark.parametrize("form,end", [([], "json"), (["--output-format", "json"], "json"),
                                      (["--output-format", "stats"], "stats"), (["--output-format=html"], "html")])
def test_report_files(paclair, pushed, tmp_path, form, end):
    folder = tmp_path / "reports"
    folder.mkdir()
    run = paclair("Docker", pushed, "analyse", *form, "--output-report", "file", "--output-dir", folder)
    assert (run.status, run.stdout, run.stderr) == (0, "", "")
    assert os.listdir(folder) == [f"{pushed.replace('/', '_')}.{end}"]
    text = (folder / os.listdir(folder)[0]).read_text(encoding="utf-8")
    assert text and not text.endswith("\n")
    assert text == paclair("Docker", pushed, "analyse", *form, "--output-report", "term").stdout[:-1] or end == "html"


def test_report_in_this_folder(paclair, pushed, tmp_path):
    (tmp_path / "here").mkdir()
    run = paclair("Docker", pushed, "analyse", "--output-format", "stats", "--output-report", "file", cwd=tmp_path / "here")
    assert run.status == 0
    assert (tmp_path / "here" / f"{pushed.replace('/', '_')}.stats").read_text() == "High: 1\nMedium: 2"


def test_stats(paclair, clair, pushed):
    run = paclair("Docker", pushed, "analyse", "--output-format", "stats", "--output-report", "term")
    assert (run.status, run.stdout, run.stderr) == (0, "High: 1\nMedium: 2\n", "")
    run = paclair("Docker", pushed, "analyse", "--output-format", "stats", "--output-report", "term", "--all")
    assert run.stdout == "High: 1\nMedium: 3\n"
    run = paclair("Docker", pushed, "analyse", "--output-format", "stats")
    assert (run.stdout, run.stderr) == ("", "High: 1\nMedium: 2\n")
    clair.features = []
    run = paclair("Docker", pushed, "analyse", "--output-format", "stats", "--output-report", "term")
    assert (run.status, run.stdout) == (0, "\n")


def test_whitelist(paclair, clair, pushed):
    paclair.configure(clair, general="  cve_whitelist:\n  - CVE-2024-1\n")
    run = paclair("Docker", pushed, "analyse", "--output-format", "stats", "--output-report", "term")
    assert run.stdout == "Medium: 1\n"
    page = paclair("Docker", pushed, "analyse", "--output-format", "html", "--output-report", "term").stdout
    assert "CVE-2024-1" not in page and "CVE-2024-2" in page and "CVE-2024-3" in page
    assert "CVE-2024-1" in paclair("Docker", pushed, "analyse", "--output-report", "term").stdout


def test_html(paclair, pushed):
    page = paclair("Docker", pushed, "analyse", "--output-format", "html", "--output-report", "term").stdout
    assert page.lstrip().lower().startswith("<!doctype html>")
    for word in ("CVE-2024-1", "A &lt;bad&gt; thing: é", "3.0.11-2", "openssl"):
        assert word in page


TEMPLATE = """<title>Mine</title>
% for item in info:
{{"|".join([item[k] for k in ["ID", "CVE", "SEVERITY", "PACKAGE", "CURRENT", "FIXED", "INTRODUCED", "DESCRIPTION", "LINK"]])}}|\\\\
{{item['VECTORS']['Access Vector']}}|{{item['SCORE']}}
% end
"""


def test_html_template(paclair, clair, pushed, tmp_path):
    template = tmp_path / "mine.tpl"
    template.write_text(TEMPLATE)
    paclair.configure(clair, general=f"  html_template: {template}\n  cve_whitelist: [CVE-2024-3]\n")
    run = paclair("Docker", pushed, "analyse", "--output-format", "html", "--output-report", "term")
    assert run.status == 0, run.stderr
    lines = run.stdout.splitlines()
    assert lines[0] == "<title>Mine</title>"
    assert [line.split("|")[1:6] for line in lines[1:]] == [
        ["CVE-2024-1", "High", "openssl", "3.0.11-1", "3.0.11-2"], ["CVE-2024-2", "Medium", "openssl", "3.0.11-1", ""],
        ["CVE-2024-1", "Medium", "zlib", "1:1.2.13", "1:1.3"]]
    assert lines[1].split("|")[6:] == [NAMES[0], "A &lt;bad&gt; thing: é", "https://x/1", "Network", "7.5"]
    assert lines[3].split("|")[6] == NAMES[1]
    template.write_text("% import os\n")
    run = paclair("Docker", pushed, "analyse", "--output-format", "html", "--output-report", "term")
    assert (run.status, run.stdout) == (1, "")
    assert f"{template}: " in run.stderr and "line 1" in run.stderr
    template.unlink()
    run = paclair("Docker", pushed, "analyse", "--output-format", "html")
    assert run.status == 1 and run.stderr.startswith(f"limpid: html_template: {template}")


def test_delete(paclair, clair, pushed):
    run = paclair("Docker", pushed, "delete")
    assert (run.status, run.stdout, run.stderr) == (0, "", f"{pushed} was deleted from Clair.\n")
    assert clair.asked("DELETE") == [("DELETE", f"/v1/layers/{n}") for n in reversed(NAMES)]
    assert clair.layers == {}


def test_analyse_and_delete(paclair, clair, pushed):
    run = paclair("Docker", pushed, "analyse", "--output-format", "stats", "--output-report", "term", "--delete")
    assert (run.status, run.stdout) == (0, "High: 1\nMedium: 2\n")
    assert run.stderr == f"{pushed} was deleted from Clair.\n"
    assert clair.layers == {}


def test_several_hosts(paclair, clair, registry):
    names = []
    for i in range(6):
        registry.push("team/app", f"v{i}", *LAYERS[:1 + i % 3])
        names.append(f"{registry.host}/team/app:v{i}")
    run = paclair("Docker", *names, "push")
    assert run.status == 0, run.stderr
    assert run.stderr == "".join(f"Pushed {n} to Clair.\n" for n in names)
    clair.features = FEATURES[:1]
    run = paclair("Docker", *names[:2], "analyse", "--output-format", "stats", "--output-report", "term")
    assert run.stdout == f"{names[0]}\nHigh: 1\nMedium: 1\n\n{names[1]}\nHigh: 1\nMedium: 1\n"
    run = paclair("Docker", *names[:2], "analyse", "--output-report", "term")
    assert len([json.loads(line) for line in run.stdout.splitlines()]) == 2
    run = paclair("Docker", *names[:3], "delete")  # the others are the same images
    assert run.stderr == "".join(f"{n} was deleted from Clair.\n" for n in names[:3])


def test_the_first_failure_ends_it(paclair, clair, registry):
    good = f"{registry.host}/team/app:1"
    run = paclair("Docker", good, f"{registry.host}/team/none:1", good, "delete")
    assert run.status == 3  # the first is not there to be deleted
    assert len(clair.asked("DELETE")) == 1
    paclair("Docker", good, "push")
    run = paclair("Docker", good, f"{registry.host}/team/none:1", good, "analyse", "--output-format", "stats",
                  "--output-report", "term", "--delete")
    assert (run.status, run.stdout) == (3, f"{good}\nHigh: 1\nMedium: 2\n")
    assert run.lines == [f"{good} was deleted from Clair.", "MANIFESTS:HTTPCODEERROR:404",
                         f"Error treating {registry.host}/team/none:1", "Resource not found"]


# ---- exit status 1: the configuration ----

@pytest.mark.parametrize("text,lines,more", [
    (None, ["[Errno 2] No such file or directory: '{conf}'"], ""),
    ("General: [\n", ["Incorrect configuration file"], "line 2, column 1"),
    ("Plugins: {}\n", ["No section General in configuration file", "Can't read Clair's configuration"], None),
    ("", [], "the configuration is empty"),
    ("General: {clair_url: 'http://x', colour: red}\n", [], "unknown key \"colour\""),
    ("General: {clair_url: 'http://x'}\nPlugins: {Docker: {class: a.b.Other}}\n", [], "\"a.b.Other\" is none of DockerPlugin"),
])
def test_configuration(paclair, text, lines, more):
    paclair.conf.unlink()
    if text is not None:
        paclair.conf.write_text(text)
    run = paclair("Docker", "nginx", "push")
    assert run.status == 1
    assert run.lines == [line.format(conf=paclair.conf) for line in lines]
    assert run.stdout == ""
    assert not more or any(more in line for line in run.more), run.stderr
    assert more is not None or not run.more


def test_nobody_answers(paclair, clair, registry):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        nowhere = f"127.0.0.1:{s.getsockname()[1]}"
        paclair.configure(f"http://{nowhere}")
        run = paclair("Docker", f"{registry.host}/team/app:1", "analyse")
        assert run.status == 1 and run.lines == []
        assert len(run.more) == 1 and f"http://{nowhere}/v1/layers/" in run.more[0]
        paclair.configure(clair, registries=f"{{'{nowhere}': {{protocol: http}}}}")
        run = paclair("Docker", f"{nowhere}/team/app:1", "push")
        assert run.status == 1 and run.lines == []
        assert f"http://{nowhere}/v2/team/app/manifests/1" in run.more[0]


def test_nonsense_from_the_server(paclair, clair, pushed):
    for what in ("<html>", '{"x": 1}', "[1"):
        clair.plan("?features", 200, what)
        run = paclair("Docker", pushed, "analyse", "--output-format", "stats")
        assert run.status == 1 and run.lines == [] and len(run.more) == 1


# ---- exit status 2: the command line and the plugin ----

@pytest.mark.parametrize("args,words", [
    ([], "paclair: error: the following arguments are required: plugin, hosts"),
    (["Docker"], "paclair: error: the following arguments are required: hosts"),
    (["Docker", "a", "b"], "invalid choice: 'b' (choose from 'push', 'delete', 'analyse')"),
    (["Docker", "a", "push", "--conf", "x"], "paclair: error: unrecognized arguments: --conf"),
    (["Docker", "a", "push", "--output-format", "stats"], "unrecognized arguments: --output-format"),
    (["Docker", "a", "analyse", "--output-format", "pdf"], "argument --output-format: invalid choice: 'pdf'"),
    (["Docker", "a", "analyse", "--output-report", "mail"], "argument --output-report: invalid choice: 'mail'"),
    (["Docker", "a", "analyse", "--output-dir"], "argument --output-dir: expected one argument"),
    (["--conf"], "paclair: error: argument --conf: expected one argument"),
    (["--colour", "Docker", "a", "push"], "paclair: error: unrecognized arguments: --colour"),
])
def test_usage(paclair, args, words):
    run = paclair.raw(*args)
    assert (run.status, run.stdout) == (2, "")
    assert run.stderr.startswith("usage: paclair ")
    assert words in run.stderr


def test_plugins(paclair, clair):
    run = paclair("Other", "a", "push")
    assert run.status == 2
    assert run.lines == ["Can't find plugin Other in configuration file.", "Plugin Other is unknown"]
    paclair.configure(clair, plugins="  Web: {class: x.HttpPlugin}\n  Es: {class: EsPlugin, hosts: [a]}\n  No: {a: b}\n")
    for name, why in [("Web", "clair_format, base_url and verify"), ("Es", "Elasticsearch"), ("No", "its class is missing")]:
        run = paclair(name, "a", "push")
        assert run.status == 2
        assert run.lines == [f"Can't read plugin {name}", f"Plugin {name} is unknown"]
        assert why in run.more[0]


# ---- exit status 3: refusals ----

def test_refused_by_the_server(paclair, clair, registry):
    name = f"{registry.host}/team/app:1"
    run = paclair("Docker", name, "analyse")
    assert run.status == 3
    assert run.lines == ["Bad http code 404 requesting Clair", f"Error treating {name}", "Resource not found"]
    assert "push it first" in run.more[0]
    clair.plan("/v1/layers", 404, refusal("the resource cannot be found"))
    clair.plan("/v1/layers", 404, refusal("the resource cannot be found"))
    clair.plan("/v1/layers", 422, refusal("worker: OS and/or package manager are not supported"))
    run = paclair("Docker", name, "push")
    assert run.status == 3
    assert run.lines == ["Bad http code 422 requesting Clair", f"Error treating {name}", "Unprocessable Entity"]
    assert "OS and/or package manager are not supported" in run.more[0]
    clair.plan("/v1/layers", 500, "gone")
    run = paclair("Docker", name, "delete")
    assert run.lines == ["Bad http code 500 requesting Clair", f"Error treating {name}", "Internal Server Error"]


def test_refused_by_the_registry(paclair, registry):
    name = f"{registry.host}/team/none:1"
    run = paclair("Docker", name, "push")
    assert run.status == 3
    assert run.lines[-2:] == [f"Error treating {name}", "Resource not found"]
    run = paclair("Docker", "nginx:UPPER/x", "push")
    assert run.status == 3
    assert run.lines == ["Error treating nginx:UPPER/x", "Incorrect image name: nginx:UPPER/x"]


def test_api_3_deletes_nothing(paclair, clair, registry):
    paclair.configure(clair, general="  clair_api_version: 3\n")
    name = f"{registry.host}/team/app:1"
    run = paclair("Docker", name, "delete")
    assert run.status == 3
    assert run.lines == [f"Error treating {name}", "Delete is not available for V3 api"]
    assert clair.requests == []


# ---- exit status 4: reports that cannot be written ----

def test_unwritable_folder(paclair, clair, pushed, tmp_path):
    before = len(clair.requests)
    run = paclair("Docker", pushed, "analyse", "--output-report", "file", "--output-dir", tmp_path / "none")
    assert run.status == 4
    assert run.stderr == f"Can't write in directory: {tmp_path / 'none'}\n"
    assert len(clair.requests) == before  # it is known before anything is asked


# ---- other manners ----

def test_help(paclair):
    run = paclair.raw("--help")
    assert run.status == 0 and run.stdout.startswith("usage: paclair [-h] [--debug] [--syslog] [--conf CONF]\n")
    run = paclair.raw("Docker", "a", "analyse", "-h")
    assert run.status == 0 and "--output-report {file,term}" in run.stdout
    run = paclair("Docker", "a")  # what to do was not said
    assert (run.status, run.stderr) == (0, "") and run.stdout.startswith("usage: paclair")
    assert paclair.raw("--conf", "/nowhere", "Docker", "a").status == 1


def test_options_may_be_shortened(paclair, pushed):
    run = paclair.raw("Docker", f"--con={paclair.conf}", pushed, "analyse", "--output-f", "stats", "--output-r=term")
    assert (run.status, run.stdout) == (0, "High: 1\nMedium: 2\n")


def test_debug(paclair, registry):
    name = f"{registry.host}/team/app:1"
    run = paclair("--debug", "Docker", name, "push")
    assert run.lines == [f"{name}: layer {n}" for n in NAMES] + [f"Pushed {name} to Clair."]


def test_syslog(paclair, registry, tmp_path):
    """/dev/log of a mount namespace of its own."""
    dev = tmp_path / "dev"
    dev.mkdir()
    if subprocess.run(["unshare", "-rm", "mount", "--bind", str(dev), "/dev"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespaces here")
    name = f"{registry.host}/team/app:1"
    for node in ("null", "urandom"):
        (dev / node).touch()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(dev / "log"))
        script = (f"mount --bind /dev/null {dev}/null; mount --bind /dev/urandom {dev}/urandom; mount --rbind {dev} /dev; "
                  f"exec {paclair.program} --syslog --conf {paclair.conf} Docker {name} push")
        run = subprocess.run(["unshare", "-rm", "sh", "-c", script], env=paclair.alone.env, capture_output=True, text=True,
                             check=False)
        assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
        log.settimeout(60)
        line = log.recv(4096).decode()
    assert line.startswith("<14>")
    assert "PACLAIR[" in line and line.rstrip("\0\n").endswith(f"(root) I Pushed {name} to Clair.")


def test_command_of_limpid(paclair, alone, registry):
    """limpid paclair … is the same."""
    name = f"{registry.host}/team/app:1"
    run = alone("paclair", "--conf", paclair.conf, "Docker", name, "push")
    assert (run.status, run.stderr) == (0, f"Pushed {name} to Clair.\n")


def test_interrupted(paclair, clair, registry):
    import signal
    import threading
    held, go = threading.Event(), threading.Event()
    original = clair.respond

    def hold(*args):
        held.set()
        go.wait()
        return original(*args)
    clair.respond = hold
    with subprocess.Popen([str(paclair.program), "--conf", str(paclair.conf), "Docker", f"{registry.host}/team/app:1", "push"],
                          env=paclair.alone.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        held.wait()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        go.set()
    assert process.returncode == 1
    assert err == "limpid: interrupted\n" or "cancelled" in err


# ---- API 3, archives, TLS ----

def test_api_3(paclair, clair, registry):
    paclair.configure(clair, general="  clair_api_version: 3\n")
    name = f"{registry.host}/team/app:1"
    assert paclair("Docker", name, "push").stderr == f"Pushed {name} to Clair.\n"
    ancestry = NAMES[2].replace(":", "_")
    base = f"{registry.url}/v2/team/app/blobs/"
    assert clair.posted() == [{"ancestry_name": ancestry, "format": "Docker",
                               "layers": [{"hash": x.digest, "path": base + x.digest} for x in LAYERS]}]
    run = paclair("Docker", name, "analyse", "--output-format", "stats", "--output-report", "term")
    assert run.stdout == "High: 1\nMedium: 2\n"
    assert clair.asked()[-1] == ("GET", f"/ancestry/{ancestry}?with_vulnerabilities=1&with_features=1")
    assert paclair("Docker", name, "push").status == 0
    assert len(clair.posted()) == 1  # it is known


def test_http_plugin(paclair, clair, registry):
    registry.blobs["a"] = LAYERS[0].blob
    paclair.configure(clair, plugins=f"  Web:\n    class: paclair.plugins.http_plugin.HttpPlugin\n    clair_format: Docker\n"
                                     f"    base_url: {registry.url}/v2/files/blobs\n    verify: false\n")
    registry.blobs["rootfs.tar.gz"] = registry.blobs["a"]
    run = paclair("Web", "rootfs.tar.gz", "push")
    assert (run.status, run.stderr) == (0, "Pushed rootfs.tar.gz to Clair.\n")
    assert clair.posted() == [{"Layer": {"Name": "rootfs", "Path": f"{registry.url}/v2/files/blobs/rootfs.tar.gz",
                                         "Format": "Docker"}}]
    assert registry.methods("rootfs.tar.gz")[0] == "HEAD"
    clair.features = FEATURES[:1]
    run = paclair("Web", "rootfs.tar.gz", "analyse", "--output-format", "stats", "--output-report", "term")
    assert run.stdout == "High: 1\nMedium: 1\n"
    run = paclair("Web", "none.tgz", "push")
    assert run.status == 3 and run.lines == ["Error treating none.tgz", "Resource not found"]


def test_verify(paclair, registry, authority):
    with Clair(tls=(authority / "server.crt", authority / "server.key")) as clair:
        name = f"{registry.host}/team/app:1"
        paclair.configure(clair)
        run = paclair("Docker", name, "push")
        assert run.status == 1 and "its certificate is not trusted" in run.more[0]
        for verify in ("false", authority / "ca.crt"):
            clair.layers = {}
            paclair.configure(clair, general=f"  verify: {verify}\n")
            assert paclair("Docker", name, "push").status == 0

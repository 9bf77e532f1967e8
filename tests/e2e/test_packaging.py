"""What deploys limpid says nothing that the program does not know."""
import http.server
import json
import os
import re
import shutil
import subprocess
import threading

import pytest
import yaml
from clair_server import Postgres, Server
from conftest import LIMPID, ROOT

PACKAGING = ROOT / "packaging"
PAGE = (ROOT / "docs/from-clair.md").read_text()


@pytest.fixture(name="start")
def start_fixture(tmp_path):
    started = []

    def start(database, *args, **more):
        started.append(Server(tmp_path / f"server{len(started)}", database, *args, **more))
        return started[-1]
    yield start
    for server in started:
        assert server.end() == 0, server.log.read_text()


@pytest.fixture(name="options", scope="module")
def options_fixture():
    """Of limpid serve, and Clair's keys of the table."""
    text = subprocess.run([LIMPID, "serve", "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return set(re.findall(r"^ +(?:-., )?--([a-z-]+)", text, re.M))


def source(path):
    return (ROOT / path).read_text(encoding="utf-8")


def services(name):
    return yaml.safe_load((PACKAGING / "docker" / name).read_text())["services"]


def documents(name):
    return {d["kind"]: d for d in yaml.safe_load_all((PACKAGING / "kubernetes" / name).read_text())}


def container():
    return documents("limpid.yaml")["Deployment"]["spec"]["template"]["spec"]["containers"][0]


def start_with(start, folder, text, **more):
    """A server with a configuration but for its place; what it said about unknown keys."""
    config = folder / "serve.yaml"
    config.write_text(text)
    server = start(folder / "limpid.db", "--config", config, "--database-type", "sqlite", **more)
    assert server.health() == 200
    log = server.log.read_text()
    return [line for line in log.splitlines() if "unknown key" in line]


@pytest.mark.parametrize("path", ["docker/clair_config/config.yaml", "systemd/serve.yaml"])
def test_sample_configurations(start, tmp_path, path):
    text = (PACKAGING / path).read_text()
    assert start_with(start, tmp_path, text) == []
    assert len(start_with(start, tmp_path, text + "\nadress: x\n")) == 1  # it would have been said


def test_sample_with_all_that_is_commented(options):
    keys = re.findall(r"^#?([a-z-]+):", (PACKAGING / "systemd/serve.yaml").read_text(), re.M)
    assert len(keys) > 8 and set(keys) <= options


def test_kubernetes_configuration(start, tmp_path):
    assert start_with(start, tmp_path, documents("limpid.yaml")["ConfigMap"]["data"]["config.yaml"]) == []


@pytest.mark.parametrize("notation", ["pairs", "uri"])
def test_sample_configuration_over_postgres(start, tmp_path, notation):
    """The connection string of the sample as it is, but for where the server is."""
    with Postgres() as postgres:
        if not postgres.there:
            pytest.skip("PostgreSQL is not installed")
        sample = (PACKAGING / "docker/clair_config/config.yaml").read_text()
        given = yaml.safe_load(sample)["clair"]["database"]["options"]["source"]
        place = dict(pair.split("=", 1) for pair in postgres.source.split())
        pairs = {**dict(pair.split("=", 1) for pair in given.split()), **place}
        assert {"sslmode", "statement_timeout"} <= set(pairs)
        used = " ".join(f"{k}={v}" for k, v in pairs.items())
        if notation == "uri":
            used = f"postgresql:///{pairs.pop('dbname')}?" + "&".join(f"{k}={v}" for k, v in pairs.items())
        config = tmp_path / "config.yaml"
        config.write_text(sample.replace(given, used))
        server = start(None, "-config", config, name="clair")
        assert server.health() == 200 and server.vulnerability("CVE-1", "zlib", "1")[0] == 201
        server.end()


@pytest.mark.parametrize("name", ["docker-compose.yml", "docker-compose.embedded.yml"])
def test_compose(name):
    clair = services(name)["clair"]
    assert clair["ports"] == ["6060:6060", "6061:6061"] and "/tmp:/tmp" in clair["volumes"]
    assert clair["read_only"] and clair["healthcheck"]["test"] == ["CMD", "/usr/libexec/limpid/healthy"]
    context = (PACKAGING / "docker" / clair["build"]["context"]).resolve()
    assert (context / clair["build"]["dockerfile"]).samefile(PACKAGING / "docker/Dockerfile")
    if tool := shutil.which("docker-compose"):
        done = subprocess.run([tool, "-f", PACKAGING / "docker" / name, "config", "-q"], check=False, text=True,
                              env={**os.environ, "POSTGRES_PASSWORD": "x"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout


def test_compose_as_clair_is_started():
    both = services("docker-compose.yml")
    clair = both["clair"]
    assert clair["command"] == ["-config", "/config/config.yaml"]
    assert [v for v in clair["volumes"] if v.startswith("./clair_config:/config")]
    assert clair["depends_on"] == {"postgres": {"condition": "service_healthy"}} and both["postgres"]["healthcheck"]
    for service in both.values():  # from the environment, and it has to be there
        assert [v for v in service["environment"].values() if v.startswith("${POSTGRES_PASSWORD:?")]


def environment_names():
    names = set(re.findall(r"\bLIMPID_[A-Z_]+\b", json.dumps([container()["env"], services("docker-compose.embedded.yml")])))
    return names | set(re.findall(r"\bLIMPID_[A-Z_]+\b", (PACKAGING / "systemd/limpid.service.in").read_text()))


def test_environment(options):
    known = {"LIMPID_" + option.upper().replace("-", "_") for option in options}
    assert {"LIMPID_DB", "LIMPID_PAGINATION_KEY"} <= environment_names() <= known | {"LIMPID_IMAGE"}


def test_unit(options):
    unit = (PACKAGING / "systemd/limpid.service.in").read_text()
    command = re.search(r"^ExecStart=(.*)$", unit, re.M).group(1).split()
    assert command[:2] == ["@bindir@/limpid", "serve"] and command[3] == "@sysconfdir@/limpid/serve.yaml"
    assert {word[2:] for word in command if word.startswith("--")} <= options
    sockets = [(PACKAGING / f"systemd/{name}.socket").read_text() for name in ("limpid", "limpid-health")]
    names = [re.search(r"^FileDescriptorName=(.*)$", text, re.M).group(1) for text in sockets]
    taken = re.findall(r'socket_of\(s, \w+, "(\w+)"\)', source("src/server/service.c"))
    assert names == taken
    if tool := shutil.which("systemd-analyze"):
        done = subprocess.run([tool, "syscall-filter"], text=True, check=False, stdout=subprocess.PIPE)
        known = set(re.findall(r"@?[a-z0-9_-]+", done.stdout))
        filters = re.findall(r"^SystemCallFilter=~?(.*)$", unit, re.M)
        assert done.returncode or {name for line in filters for name in line.split()} <= known | {"seccomp"}


def build_packages():
    """The group `build` of scripts/setup: alternatives as written."""
    text = re.search(r"build='(.*?)'", source("scripts/setup"), re.S).group(1)
    return text.split()


def test_dockerfile():
    text = source("packaging/docker/Dockerfile")
    assert "RUN scripts/setup build" in text  # so its packages are that script's
    assert 'ENTRYPOINT ["/usr/bin/limpid", "serve"]' in text and "/usr/libexec/limpid/healthy" in text
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", text, re.M)
    for line in re.findall(r"^COPY (?!--from)(\S+) ", text, re.M):
        assert (ROOT / line).exists(), line


def test_debian_package():
    control = source("debian/control")
    needed = [re.sub(r"\s*\(.*?\)", "", word).strip() for word in
              re.search(r"^Build-Depends:(.*?)^\S*$", control, re.S | re.M).group(1).split(",")]
    essential = {"gcc|clang", "libc6-dev", "make", "libcurl4|libcurl4t64", "libpq5", "ca-certificates"}  # build-essential, or of Depends
    wanted = [word for word in build_packages() if word not in essential]
    assert [word.replace(" ", "") for word in needed if not word.startswith("debhelper")] == wanted
    version = re.search(r"version: '([^']*)'", source("meson.build")).group(1)
    assert source("debian/changelog").startswith(f"limpid ({version})")
    for path in source("debian/limpid.docs").split():
        assert (ROOT / path).exists(), path


def test_kubernetes():
    kinds = documents("limpid.yaml")
    spec, pod = kinds["Deployment"]["spec"], kinds["Deployment"]["spec"]["template"]["spec"]
    labels = spec["template"]["metadata"]["labels"]
    assert spec["replicas"] == 2 and not pod["enableServiceLinks"]  # LIMPID_PORT=tcp://… is no port
    for selector in (spec["selector"]["matchLabels"], kinds["Service"]["spec"]["selector"],
                     kinds["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"]):
        assert selector.items() <= labels.items()
    one = container()
    ports = {p["name"] for p in one["ports"]}
    assert one["securityContext"]["readOnlyRootFilesystem"] and pod["securityContext"]["runAsNonRoot"]
    for probe in ("startupProbe", "readinessProbe"):
        assert one[probe]["httpGet"] == {"path": "/health", "port": "health"}
    assert {p["targetPort"] for p in kinds["Service"]["spec"]["ports"]} <= ports
    assert {m["name"] for m in one["volumeMounts"]} == {v["name"] for v in pod["volumes"]}
    secret = documents("secret.yaml")["Secret"]
    used = {e["valueFrom"]["secretKeyRef"]["key"] for e in one["env"] if "valueFrom" in e}
    assert secret["metadata"]["name"] == "limpid" and set(secret["stringData"]) == used


class Health(http.server.BaseHTTPRequestHandler):
    status = 200

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.send_response(self.status if self.path == "/health" else 404)
        self.end_headers()


def test_health_of_the_container():
    server = http.server.HTTPServer(("127.0.0.1", 0), Health)
    port = str(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    check = [PACKAGING / "docker/healthy", port]
    assert subprocess.run(check, check=False).returncode == 0
    Health.status = 500
    assert subprocess.run(check, check=False).returncode == 1
    server.shutdown()
    server.server_close()
    assert subprocess.run(check, check=False, stderr=subprocess.DEVNULL).returncode == 1


def test_page_has_every_key(options):
    table = source("src/cli/options.c")
    keys = set(re.findall(r'"(clair\.[a-z.]+)"', table)) - {"clair.notifier", "clair.api", "clair.updater"}
    assert len(keys) > 18 and keys == set(re.findall(r"^\| `(clair\.[a-z.]+)` \|", PAGE, re.M))
    named = set(re.findall(r"`--([a-z-]+)`", PAGE.split("## Clair's keys")[1].split("## limpid's own")[0])) - {"port"}
    own = set(re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\| (`.*?) \|", PAGE.split("## limpid's own")[1], re.M))))
    assert named | own | {"help", "config", "port"} == options and not named & own


CLAIR = """
CREATE TYPE modification AS ENUM ('add', 'del');
CREATE TYPE severity AS ENUM ('Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical', 'Defcon1');
CREATE TABLE namespace (id SERIAL PRIMARY KEY, name VARCHAR(128) UNIQUE, version_format VARCHAR(128));
CREATE TABLE layer (id SERIAL PRIMARY KEY, name VARCHAR(128) NOT NULL UNIQUE, engineversion SMALLINT NOT NULL,
    parent_id INT REFERENCES layer ON DELETE CASCADE, namespace_id INT REFERENCES namespace, created_at TIMESTAMPTZ);
CREATE INDEX ON layer (parent_id);
CREATE TABLE feature (id SERIAL PRIMARY KEY, namespace_id INT NOT NULL REFERENCES namespace, name VARCHAR(128) NOT NULL);
CREATE TABLE featureversion (id SERIAL PRIMARY KEY, feature_id INT NOT NULL REFERENCES feature, version VARCHAR(128) NOT NULL);
CREATE TABLE layer_diff_featureversion (id SERIAL PRIMARY KEY, layer_id INT REFERENCES layer ON DELETE CASCADE,
    featureversion_id INT REFERENCES featureversion, modification modification NOT NULL);
CREATE TABLE vulnerability (id SERIAL PRIMARY KEY, namespace_id INT NOT NULL REFERENCES namespace, name VARCHAR(128) NOT NULL,
    severity severity NOT NULL, created_at TIMESTAMPTZ, deleted_at TIMESTAMPTZ);
CREATE TABLE vulnerability_fixedin_feature (id SERIAL PRIMARY KEY, vulnerability_id INT REFERENCES vulnerability ON DELETE CASCADE,
    feature_id INT REFERENCES feature, version VARCHAR(128));
CREATE TABLE vulnerability_affects_featureversion (id SERIAL PRIMARY KEY, vulnerability_id INT REFERENCES vulnerability,
    featureversion_id INT REFERENCES featureversion, fixedin_id INT REFERENCES vulnerability_fixedin_feature);
CREATE TABLE vulnerability_notification (id SERIAL PRIMARY KEY, name VARCHAR(64) NOT NULL UNIQUE, old_vulnerability_id INT REFERENCES vulnerability);
CREATE TABLE keyvalue (id SERIAL PRIMARY KEY, key VARCHAR(128) UNIQUE, value TEXT);
CREATE TABLE lock (id SERIAL PRIMARY KEY, name VARCHAR(64) NOT NULL UNIQUE, owner VARCHAR(64), until TIMESTAMPTZ);
CREATE TABLE schema_migrations (version INTEGER NOT NULL PRIMARY KEY);
INSERT INTO namespace (name, version_format) VALUES ('debian:9', 'dpkg');
INSERT INTO vulnerability (namespace_id, name, severity) VALUES (1, 'CVE-OLD', 'High');
"""


def test_to_limpid_and_back(start):
    """The steps of docs/from-clair.md on a database as Clair leaves it, with the SQL of that page."""
    back = re.search(r"```sql\n(.*?)```", PAGE, re.S).group(1)
    with Postgres() as postgres:
        if not postgres.there:
            pytest.skip("PostgreSQL is not installed")

        def sql(text):
            done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", postgres.source], input=text, text=True, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            assert done.returncode == 0, done.stdout
            return done.stdout.split()
        sql(CLAIR)
        clairs = sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for _ in range(2):
            server = start(postgres.source)
            assert server.vulnerability("CVE-NEW", "zlib", "1")[0] == 201
            assert sql("SELECT name FROM vulnerability; SELECT name FROM clair2.vulnerability") == ["CVE-NEW", "CVE-OLD"]
            assert sql("SELECT tablename FROM pg_tables WHERE schemaname = 'clair2' ORDER BY 1") == clairs
            assert server.end() == 0
            sql(back)
            assert sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1") == clairs
            # As Clair goes on: its numbers and its references are those they were.
            sql("INSERT INTO vulnerability (namespace_id, name, severity) VALUES (1, 'CVE-MORE', 'Low'); DELETE FROM vulnerability WHERE id > 1")
            assert sql("SELECT name FROM vulnerability; SELECT name FROM limpid_kept.vulnerability") == ["CVE-OLD", "CVE-NEW"]
            sql("DROP SCHEMA limpid_kept CASCADE")
        server = start(postgres.source)
        sql(re.search(r"`(DROP SCHEMA clair2 CASCADE;.*?)`", PAGE).group(1))
        assert server.health() == 200 and server.vulnerability("CVE-3", "zlib", "1")[0] == 201
        assert server.end() == 0

"""The program under PAClair's name, with a configuration file, a stand-in for the server, and registries."""
import os
import pathlib
import subprocess

import pytest
from paclair_parts import FEATURES, LAYERS
from real_registry import authority_fixture, distribution_fixture
from stand_in_clair import Clair
from stand_in_registry import Registry

__all__ = ["authority_fixture", "clair_fixture", "distribution_fixture", "paclair_fixture", "registry_fixture"]

PATIENCE = 600


class Done:
    def __init__(self, process):
        self.status, self.stdout, self.stderr = process.returncode, process.stdout, process.stderr
        assert self.status >= 0, f"ended by signal {-self.status}: {self.stderr}"
        assert "Sanitizer" not in self.stderr, self.stderr

    @property
    def lines(self):
        """Of standard error, without those that only limpid says."""
        return [line for line in self.stderr.splitlines() if not line.startswith("limpid: ")]

    @property
    def more(self):
        return [line for line in self.stderr.splitlines() if line.startswith("limpid: ")]


@pytest.fixture(name="clair")
def clair_fixture():
    with Clair() as clair:
        clair.features = FEATURES
        yield clair


@pytest.fixture(name="registry")
def registry_fixture():
    with Registry() as registry:
        registry.push("team/app", "1", *LAYERS)
        yield registry


class Paclair:
    def __init__(self, alone, folder, program):
        self.alone, self.folder = alone, folder
        self.conf = folder / "conf.yml"
        self.program = folder / "bin" / "paclair"
        self.program.parent.mkdir()
        self.program.symlink_to(program)

    def configure(self, clair, general="", registries="{}", plugins=""):
        self.conf.write_text(f"General:\n  clair_url: '{clair.url if hasattr(clair, 'url') else clair}'\n{general}"
                             "Plugins:\n  Docker:\n    class: paclair.plugins.docker_plugin.DockerPlugin\n"
                             f"    registries: {registries}\n{plugins}")

    def raw(self, *args, **more):
        return Done(subprocess.run([str(self.program), *map(str, args)], env=self.alone.env, text=True,
                                   stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False, **more))

    def __call__(self, *args, **more):
        return self.raw("--conf", self.conf, *args, **more)


@pytest.fixture(name="paclair")
def paclair_fixture(alone, tmp_path, clair):
    root = pathlib.Path(__file__).resolve().parents[3]
    program = pathlib.Path(os.environ.get("LIMPID", root / "build/src/cli/limpid")).resolve()
    paclair = Paclair(alone, tmp_path, program)
    paclair.configure(clair)
    return paclair

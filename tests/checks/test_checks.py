"""The checks that keep the code in shape, each on a small tree: a clean one passes, a planted violation does not."""
import os
import re
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LAYERS = "base:\nstream: base\nos: base stream\ndetect: base stream\nnet: base os stream\n"
LIMITS = """/* ---- stream: unpacking ---- */
/* Linux makes no longer ones. test: unit/stream/tar.c tar_long */
#define TAR_PATH_MAX 4096
/* The largest seen. test: e2e/test_big.py test_big */
#define LAYER_MAX GIB(64)
"""
ARCHITECTURE = f"""# Shape

```
{LAYERS}```

`tar_next()` is in `stream/tar.c`, which `os/` may use.
A planned `server/` has `serve_all()`.
"""
BEGIN, END = "<!-- begin: limits, by scripts/make-docs -->", "<!-- end: limits -->"


def write(tree, path, text):
    target = tree / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def run(check, *arguments):
    done = subprocess.run([f"{ROOT}/scripts/{check}", *map(str, arguments)], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


@pytest.fixture
def tree(tmp_path):
    write(tmp_path, "src/layers", LAYERS)
    write(tmp_path, "src/base/limits.h", LIMITS)
    write(tmp_path, "src/stream/tar.c", '#include <zlib.h>\n#include "base/limits.h"\n\nint tar_next(void)\n{\n'
          "    return 0; /* if (a && b) for (;;) are no branches here */\n}\n")
    write(tmp_path, "src/os/fd.c", '#include <unistd.h>\n\n#include "stream/tar.h"\n')
    write(tmp_path, "src/net/http.c", '#include <curl/curl.h>\n#include <sys/socket.h>\n')
    write(tmp_path, "src/detect/dpkg.c", '#include <string.h>\n\n#include "detect/detector.h"\n')
    write(tmp_path, "src/cli/main.c", '#include "net/http.h"\n#include "cli/options.h"\n')
    write(tmp_path, "tests/unit/stream/tar.c", "TEST(tar_long)\n{\n}\n")
    write(tmp_path, "tests/e2e/test_big.py", "def test_big():\n    pass\n")
    write(tmp_path, "docs/architecture.md", ARCHITECTURE)
    write(tmp_path, "docs/security.md", f"# Safe\n\n{BEGIN}\n{END}\n\nEnd.\n")
    assert run("make-docs", tmp_path) == (0, "")
    return tmp_path


@pytest.mark.parametrize("check", ["check-layers", "check-limits", "check-functions", "check-docs"])
def test_clean_tree_passes(tree, check):
    code, said = run(check, tree)
    assert (code, said.strip()) == (0, "")


@pytest.mark.parametrize("path, line, said", [
    ("src/detect/dpkg.c", '#include "os/fd.h"', "src/detect/dpkg.c:1: detect/ may not use os/"),
    ("src/stream/tar.c", '#include "detect/layer.h"', "src/stream/tar.c:1: stream/ may not use detect/"),
    ("src/net/http.c", '#include "cli/options.h"', "src/net/http.c:1: net/ may not use cli/"),
    ("src/detect/dpkg.c", "#include <curl/curl.h>", "src/detect/dpkg.c:1: <curl/curl.h> belongs to net"),
    ("src/detect/dpkg.c", "#include <zlib.h>", "src/detect/dpkg.c:1: <zlib.h> belongs to stream"),
    ("src/cli/main.c", "#  include <sqlite3.h>", "src/cli/main.c:1: <sqlite3.h> belongs to store"),
    ("src/stream/tar.c", "#include <unistd.h>", "src/stream/tar.c:1: <unistd.h> belongs to"),
    ("src/base/str.c", "#include <openssl/evp.h>", "src/base/str.c:1: <openssl/evp.h> belongs to"),
])
def test_layers(tree, path, line, said):
    old = (tree / path).read_text() if (tree / path).exists() else ""
    write(tree, path, f"{line}\n{old}")
    code, out = run("check-layers", tree)
    assert code == 1 and out.startswith(said) and out.count("\n") == 1


def test_layers_unknown_folder(tree):
    write(tree, "src/misc/all.c", "\n")
    assert run("check-layers", tree) == (1, "src/misc: not in src/layers\n")


def test_layers_upwards(tree):
    write(tree, "src/layers", "base: os\nos: base\n")
    code, said = run("check-layers", tree)
    assert code == 1 and "base uses os, which stand below it or nowhere" in said


@pytest.mark.parametrize("block, said", [
    ("#define X_MAX 7\n", "X_MAX: no comment that ends in its test"),
    ("/* Just so. */\n#define X_MAX 7\n", "X_MAX: no comment that ends in its test"),
    ("/* So. test: unit/os/fd.c fd_max */\n#define X_MAX 7\n", "X_MAX: tests/unit/os/fd.c does not exist"),
    ("/* So. test: unit/stream/tar.c tar_lon */\n#define X_MAX 7\n", "X_MAX: tests/unit/stream/tar.c has no test tar_lon"),
    ("/* So. test: e2e/test_big.py test_bi */\n#define X_MAX 7\n", "X_MAX: tests/e2e/test_big.py has no test test_bi"),
])
def test_limits(tree, block, said):
    write(tree, "src/base/limits.h", LIMITS + block)
    assert run("check-limits", tree) == (1, said + "\n")


def function(lines, inner="    x++;\n"):
    return "int f(int x)\n{\n" + inner * (lines - 3) + "}\n"


@pytest.mark.parametrize("text, said", [
    (function(60), None),
    (function(61), "src/os/f.c:1: f has 61 lines, more than 60"),
    ("static int a;\n\n" + function(17, "    if (x)\n"), None),
    ("static int a;\n\n" + function(18, "    if (x)\n"), "src/os/f.c:3: f has a complexity of 16, more than 15"),
    (function(11, "    a = x && b ? 1 : 2;\n"), "src/os/f.c:1: f has a complexity of 17, more than 15"),
    (function(30, '    /* if */ g("if (a && b)", \'?\'); // while (x)\n'), None),
    ("int x;\n" * 600, None),
    ("int x;\n" * 601, "src/os/f.c: 601 lines, more than 600"),
])
def test_functions(tree, text, said):
    write(tree, "src/os/f.c", text)
    code, out = run("check-functions", tree)
    assert (code, out.strip()) == ((1, said) if said else (0, ""))


@pytest.mark.parametrize("old, new, said", [
    ("net: base os", "net: base", "docs/architecture.md: no block is src/layers word for word"),
    ("`tar_next()`", "`tar_nxt()`", "docs/architecture.md:11: no function tar_nxt() in src/"),
    ("`stream/tar.c`", "`stream/rat.c`", "docs/architecture.md:11: no stream/rat.c"),
    ("`os/`", "`so/`", "docs/architecture.md:11: no so/"),
    ("A planned", "A", "docs/architecture.md:12: no server/"),
])
def test_docs_architecture(tree, old, new, said):
    assert old in ARCHITECTURE
    write(tree, "docs/architecture.md", ARCHITECTURE.replace(old, new))
    code, out = run("check-docs", tree)
    assert code == 1 and said in out.splitlines()


def test_docs_function_that_is_only_called(tree):
    write(tree, "src/stream/tar.c", "int other(void)\n{\n    return tar_next();\n}\n")
    code, out = run("check-docs", tree)
    assert code == 1 and "no function tar_next() in src/" in out


def test_docs_stale_table(tree):
    page = (tree / "docs/security.md").read_text()
    assert "| `TAR_PATH_MAX` | 4096 | Linux makes no longer ones. | unit/stream/tar.c `tar_long` |" in page
    assert "| `LAYER_MAX` | 64 GiB |" in page and page.startswith("# Safe\n") and page.endswith("\n\nEnd.\n")
    write(tree, "src/base/limits.h", LIMITS.replace("4096", "4097"))
    code, out = run("check-docs", tree)
    assert code == 1 and "is not that of src/base/limits.h" in out
    assert (tree / "docs/security.md").read_text() == page
    assert run("make-docs", tree) == (0, "") and run("check-docs", tree) == (0, "")


def test_docs_without_markers(tree):
    write(tree, "docs/security.md", "# Safe\n")
    code, out = run("make-docs", tree)
    assert code == 1 and "markers" in out and (tree / "docs/security.md").read_text() == "# Safe\n"


PURE = "base stream format version model oci detect feed match report".split()


@pytest.fixture
def build(tmp_path):
    """Static libraries of the pure folders, as a build makes them."""
    def make(folder, code):
        source, thing = tmp_path / f"{folder}.c", tmp_path / f"{folder}.o"
        source.write_text(code)
        subprocess.run(["cc", "-O0", "-fno-stack-protector", "-c", source, "-o", thing], check=True)
        library = tmp_path / f"lib{folder}.a"
        library.unlink(missing_ok=True)
        subprocess.run(["ar", "rcs", library, thing], check=True)
        return tmp_path
    for folder in PURE:
        make(folder, f"int {folder}_one(void) {{ return 1; }}\n")
    return make


def test_symbols_clean(build):
    built = build("detect", "#include <string.h>\nint stream_one(void);\n"
                  "int detect_one(const char *p) { return (int)strlen(p) + stream_one(); }\n")
    assert run("check-symbols", built)[1].strip() == "" and run("check-symbols", built)[0] == 0


@pytest.mark.parametrize("folder, call", [(folder, 'getenv("HOME")') for folder in PURE] +
                         [("feed", 'open("/", 0)'), ("match", "time(0)"), ("detect", 'system("id")')])
def test_symbols(build, folder, call):
    name = call.split("(")[0]
    built = build(folder, f"#include <fcntl.h>\n#include <stdlib.h>\n#include <time.h>\n"
                  f"long {folder}_one(void) {{ return (long){call}; }}\n")
    code, said = run("check-symbols", built)
    assert code == 1 and f"{folder}/ asks for {name}" in said


def test_symbols_without_libraries(tmp_path):
    assert run("check-symbols", tmp_path)[0] != 0


def test_every_command_has_its_manual():
    """man/meson.build lists the commands: they are those of the program's table."""
    table = open(f"{ROOT}/src/cli/commands.c", encoding="utf-8").read()
    listed = open(f"{ROOT}/man/meson.build", encoding="utf-8").read()
    names = re.findall(r"&(\w+)_command", table)
    assert len(names) > 5
    assert re.findall(r"'(\w+)'", re.search(r"name : \[(.*?)\]", listed, re.S).group(1)) == names

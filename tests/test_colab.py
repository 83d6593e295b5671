"""Cada cuaderno como lo abre Colab, y en las peores condiciones.

Son de verdad las versiones de las bibliotecas de Colab, pip, la descarga de lo que
falta, el `git clone` y el cuaderno entero. Son de mentira `google.colab` (un módulo que
anota lo que le piden, y un kernel cuyo intérprete lleva su nombre), GitHub (git lo
cambia por esta carpeta) y la máquina, que no es la suya.

El cuaderno está solo, en una carpeta de solo lectura como la personal; el puerto 5000
está ocupado; no hay token de ngrok, ni PostgreSQL salvo en la corrida con uno ajeno.
Solo se puede escribir en la carpeta temporal y en la de ejecución de Jupyter.
"""

import json
import os
import shutil
import subprocess

import nbformat
import pytest
from uv import find_uv_bin

import stamp
from course import EVERY, ROOT, code_cells, execute, leftovers, name_of, skip, verdicts

pytestmark = [
    pytest.mark.full,
    pytest.mark.xdist_group("colab"),  # un solo entorno para todas
    pytest.mark.skipif(os.name != "posix", reason="los permisos son los de POSIX"),
]
TESTS = ROOT / "tests"
NO_NETWORK = ("error sending request", "Failed to fetch", "dns error", "timed out")
BROUGHT = {"optuna", "optuna-dashboard", "pyngrok", "skops", "hpo-lab"}


def uv(*words):
    return subprocess.run([find_uv_bin(), *words], capture_output=True, text=True)


def versions(python):
    frozen = uv("pip", "list", "--format=json", f"--python={python}").stdout
    return {package["name"]: package["version"] for package in json.loads(frozen)}


@pytest.fixture(scope="module")
def colab(tmp_path_factory):
    """Carpeta de una máquina con las versiones de Colab y su kernel, sin el curso."""
    machine = tmp_path_factory.mktemp("colab")
    venv = machine / "venv"
    wanted = os.environ.get("COLAB_PYTHON") or shutil.which("python3.13") or "3.13"
    for version in (wanted, ">=3.11,<3.14"):
        words = ["--seed", "--no-python-downloads", f"--python={version}"]
        made = uv("venv", *words, str(venv))
        if made.returncode == 0:
            break
    python = venv / "bin" / "python"
    if made.returncode == 0:
        listed = f"--requirements={TESTS / 'colab-constraints.txt'}"
        made = uv("pip", "install", "--compile-bytecode", f"--python={python}", listed)
    if made.returncode and any(words in made.stderr for words in NO_NETWORK):
        skip("el índice de paquetes no responde: " + made.stderr.splitlines()[-1])
    assert made.returncode == 0, made.stderr
    spec = venv / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel = json.loads(spec.read_text())
    kernel["argv"][kernel["argv"].index("-m") + 1] = "colab_kernel_launcher"
    spec.unlink()  # uv lo enlaza con su caché, que no se debe tocar
    spec.write_text(json.dumps(kernel))
    return machine


@pytest.fixture(scope="module")
def env(colab):
    """Entorno de la máquina; GitHub es una copia de lo que git conoce de la carpeta."""
    github = colab / "github"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (github / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, github / name)
    address = stamp.read_address()
    config = colab / "gitconfig"
    config.write_text(
        f'[url "{github.as_uri()}"]\n'
        f"insteadOf = https://github.com/{address['repository']}\n"
        "[user]\nname = prueba\nemail = prueba@example.org\n"
    )
    env = os.environ | {
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATH": f"{colab / 'venv' / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(TESTS / "colab_stub"),
        "COLAB_STUB_LOG": str(colab / "asked.jsonl"),
        "POSTGRES_BIN": str(colab),  # Colab no trae PostgreSQL
    }
    for words in (
        ["init", "-q", f"--initial-branch={address['ref']}"],
        ["add", "--all"],
        ["commit", "-q", "-m", "copia"],
    ):
        subprocess.run(["git", *words], cwd=github, env=env, check=True)
    return env


def run_setup(folder, python, env):
    """Ejecuta la celda de preparación dos veces seguidas, en una carpeta vacía."""
    folder.mkdir()
    source = stamp.setup_cell(stamp.read_address())
    cells = [nbformat.v4.new_code_cell(source) for _ in range(2)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbformat.write(notebook, folder / "preparar.ipynb")
    done = execute(folder / "preparar.ipynb", folder / "out", str(python), env=env)
    assert sorted(path.name for path in folder.iterdir()) == ["out", "preparar.ipynb"]
    return [cell.outputs for cell in done.cells]


@pytest.fixture(scope="module")
def installed(colab, env):
    """Python de esa máquina después de la celda de preparación."""
    python = colab / "venv" / "bin" / "python"
    before = versions(python)
    assert not BROUGHT & set(before)
    lost = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    lost |= {"GIT_CONFIG_KEY_0": "url.file:///nada/.insteadOf"}
    nowhere = env | lost | {"GIT_CONFIG_VALUE_0": "https://github.com/"}
    failed = run_setup(colab / "sin_red", python, nowhere)
    first, second = run_setup(colab / "primera", python, env)
    after = versions(python)
    again = run_setup(colab / "otra_sesion", python, env)
    return {
        "python": str(python),
        "failed": failed,
        "said": [first, second, *again],
        "before": before,
        "after": after,
        "later": versions(python),
    }


def test_the_setup_cell_brings_the_course_and_changes_no_version(installed, colab):
    assert installed["said"] == [[], [], [], []]
    before, after = installed["before"], installed["after"]
    assert {name: after[name] for name in before} == before
    assert set(after) >= BROUGHT and installed["later"] == after
    package = next(colab.glob("venv/lib/python*/site-packages/hpo_lab"))
    names = [str(path.relative_to(package)) for path in package.rglob("*.*")]
    assert "data/response_surface.csv" in names and "images/protocol.png" in names
    assert not [
        n for n in names if "soluc" in n or "test" in n or n.startswith("data/build")
    ]


def test_without_network_the_setup_cell_is_one_sentence(installed):
    for (output,) in installed["failed"]:
        assert output.name == "stdout" and output.text.count("\n") == 1
        assert stamp.INSTALL.format(**stamp.read_address()) in output.text


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """Lo que se antepone a la orden para que root también respete los permisos."""
    words = []
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            skip("root escribe donde sea y no hay setpriv para impedirlo")
        words = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
    locked = tmp_path_factory.mktemp("locked")
    locked.chmod(0o555)
    made = subprocess.run([*words, "mkdir", locked / "x"], capture_output=True)
    assert made.returncode
    return words


@pytest.fixture
def hard(tmp_path, installed, env, prefix, busy_port):
    """Ejecuta un cuaderno en las peores condiciones y devuelve lo que quedó en él."""
    home, temp, runtime, content = (tmp_path / n for n in ("home", "temp", "run", "c"))
    for folder in (home, temp, runtime, content):
        folder.mkdir()
    mine = {"HOME": str(home), "TMPDIR": str(temp), "CURSO_PRUEBA": str(tmp_path)}
    mine |= {"JUPYTER_RUNTIME_DIR": str(runtime)}
    mine |= {"COLAB_STUB_LOG": str(tmp_path / "asked.jsonl")}

    def run(path, **more):
        path = shutil.copy(path, content)
        for folder in (content, home):
            folder.chmod(0o555)
        where = content / os.path.basename(path)
        out, given = tmp_path / "out", env | mine | more
        done = execute(where, out, installed["python"], prefix, given)
        assert not leftovers(tmp_path)
        left = [
            p.name for p in temp.iterdir() if p.name.startswith(("optuna", "ngrok"))
        ]
        assert left == [] and not any(home.iterdir())
        asked = tmp_path / "asked.jsonl"
        lines = asked.read_text().splitlines() if asked.exists() else []
        return done, [json.loads(line) for line in lines]

    return run


ASKED = {"04_optuna": ["iframe", "secret"], "08_distribuido": ["iframe"]}


@pytest.mark.parametrize("path", EVERY, ids=name_of)
def test_in_the_worst_conditions(path, hard):
    done, asked = hard(path)
    assert [request["what"] for request in asked] == ASKED.get(name_of(path), [])
    expected = " · Bien." if path.parent.name == "soluciones" else " · Pendiente: falta"
    lines = verdicts(done)
    assert lines and all(expected in line for line in lines.values()), lines
    cells = code_cells(done)
    if name_of(path) == "04_optuna":
        assert asked[0]["path"] == "/dashboard" and asked[1]["key"] == "NGROK_AUTHTOKEN"
        assert "El puerto 5000 está ocupado" in cells["board"].outputs[0].text
        assert cells["tunnel"].outputs[0].text.startswith("Sin token de ngrok")
    if name_of(path) == "08_distribuido":
        assert "Se sigue sin él" in cells["ladder-server"].outputs[0].text


def test_a_borrowed_server_is_used_and_left_as_it_was(
    hard, postgres, postgres_url, installed
):
    """El cuaderno 8 con el servidor de OPTUNA_STORAGE."""
    added = uv("pip", "install", f"--python={installed['python']}", "psycopg[binary]")
    assert added.returncode == 0, added.stderr
    login = {"OPTUNA_STORAGE": postgres_url, "PGPASSWORD": postgres.password}
    done, _ = hard(ROOT / "notebooks" / "08_distribuido.ipynb", **login)
    assert "el de OPTUNA_STORAGE" in code_cells(done)["ladder-server"].outputs[0].text
    query = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'curso_%'"
    psql = [postgres._bin / "psql", "-h127.0.0.1", f"-p{postgres.port}", "-Ucurso"]
    run = subprocess.run(
        [*psql, "-Atc", query, "postgres"],
        env=os.environ | {"PGPASSWORD": postgres.password},
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == "0", run.stderr

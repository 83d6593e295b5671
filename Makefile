# make lab      prepara el entorno y abre el curso en JupyterLab
# make test     prepara el entorno y comprueba todo: estilo, funciones y cuadernos
# make newest   lo mismo con las versiones más nuevas de todas las bibliotecas
# make refresh  vuelve a ejecutar los cuadernos y guarda sus salidas
# make stamp    publica el curso con otra dirección: make stamp REPO=dueño/repositorio

PYTHON ?= python3
BRANCH ?= main
VENV := .venv
BIN := $(VENV)/bin

.PHONY: lab test newest refresh stamp

lab: $(VENV)/ready
	$(BIN)/jupyter lab $(LAB) notebooks/01_motivacion.ipynb

test: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pytest

# Otras versiones cambian los últimos decimales: valen los assert, no el texto guardado.
newest: .venv-newest/ready
	.venv-newest/bin/pytest notebooks --nbval-lax tests/test_lab.py tests/test_dashboard.py

refresh: $(VENV)/ready
	$(BIN)/python tests/refresh.py

stamp: $(VENV)/ready
	$(BIN)/python tests/stamp.py $(REPO) $(if $(REPO),$(BRANCH))

$(VENV)/ready: requirements.txt tests/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Se necesita Python 3.11 o más nuevo: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip install -q -p $(VENV) -r requirements.txt -r tests/requirements.txt
	touch $@

.venv-newest/ready: requirements.txt tests/requirements.txt
	$(PYTHON) -m venv .venv-newest
	sed 's/==.*//' requirements.txt tests/requirements.txt > .venv-newest/names.txt
	.venv-newest/bin/python -m pip install -q uv
	.venv-newest/bin/uv pip install -q -p .venv-newest -r .venv-newest/names.txt
	touch $@

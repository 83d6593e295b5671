# make lab      prepara el entorno y abre el curso en JupyterLab
# make test     prepara el entorno y comprueba todo: estilo, funciones y cuadernos
# make newest   lo mismo con las versiones más nuevas de todas las bibliotecas
# make refresh  vuelve a ejecutar los cuadernos y guarda sus salidas
# make slides   convierte los cuadernos en presentaciones que no necesitan red
# make present  las muestra en el navegador, solo en este computador
# make handout  escribe un zip del curso sin las soluciones
# make stamp    publica el curso con otra dirección: make stamp REPO=dueño/repositorio

PYTHON ?= python3
BRANCH ?= main
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin

REQUIREMENTS := requirements.txt $(wildcard tests/requirements.txt)

.PHONY: lab test newest refresh slides present handout stamp

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

slides: $(VENV)/ready
	$(BIN)/python slides/build_slides.py

present: slides
	@echo "Presentaciones en http://127.0.0.1:$(PORT) (Ctrl-C para terminar)"
	$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory slides/build

handout:
	$(PYTHON) tests/handout.py

stamp: $(VENV)/ready
	$(BIN)/python tests/stamp.py $(REPO) $(if $(REPO),$(BRANCH))

$(VENV)/ready: $(REQUIREMENTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Se necesita Python 3.11 o más nuevo: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip install -q --compile-bytecode -p $(VENV) $(addprefix -r ,$(REQUIREMENTS))
	touch $@

.venv-newest/ready: requirements.txt tests/requirements.txt
	$(PYTHON) -m venv .venv-newest
	sed 's/==.*//' requirements.txt tests/requirements.txt > .venv-newest/names.txt
	.venv-newest/bin/python -m pip install -q uv
	.venv-newest/bin/uv pip install -q --compile-bytecode -p .venv-newest -r .venv-newest/names.txt
	touch $@

# make lab      prepara el entorno y abre el curso en JupyterLab
# make check    lo que se revisa mientras se edita: estilo, reglas y funciones (un minuto)
# make test     lo anterior, y cada celda de cada cuaderno, las presentaciones y el tablero
# make full     ataques largos, versiones de Colab y cada celda dos veces
# make newest   los cuadernos con las versiones más nuevas de todas las bibliotecas
# make seeds    los cuadernos con otras semillas: qué afirmaciones no se sostienen
# make refresh  vuelve a ejecutar los cuadernos y guarda sus salidas
# make lock     fija otra vez las versiones que traen las de requirements.txt
# make slides   convierte los cuadernos en presentaciones que no necesitan red
# make present  las muestra en el navegador, solo en este computador
# make site     convierte el curso en un sitio; SOLUCIONES=1 incluye las soluciones
# make handout  escribe un zip del curso sin las soluciones
# make stamp    publica el curso con otra dirección: make stamp REPO=dueño/repositorio REF=main

PYTHON ?= python3
PORT ?= 8000
SETS ?= 5
FIRST ?= 1
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv pip install -q --compile-bytecode -p $(VENV)

# JupyterLab no pregunta si mostrar noticias ni busca versiones nuevas.
QUIET := {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}

# Al exportar a HTML, las figuras llevan su texto alternativo (tools/html).
EXPORT := $(VENV)/share/jupyter/nbconvert/templates/curso

.PHONY: lab check test full newest seeds refresh lock slides present site handout stamp

lab: $(VENV)/lab
	cd notebooks && ../$(BIN)/jupyter lab $(LAB) 01_motivacion.ipynb

check: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pytest tests -m "not slow and not full"

test: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pytest -m "not full"

full: $(VENV)/ready
	$(BIN)/pytest tests -m full --dist=loadgroup

# Otras versiones cambian los últimos decimales: valen los assert, no el texto guardado.
newest: .venv-newest/ready
	.venv-newest/bin/pytest notebooks --nbval-lax tests/test_lab.py tests/test_dashboard.py

seeds: $(VENV)/ready
	$(BIN)/python tools/seeds.py --sets $(SETS) --first $(FIRST)

refresh: $(VENV)/ready
	$(BIN)/python tools/refresh.py

lock: $(VENV)/ready
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-annotate --no-header \
	  requirements.txt -o requirements.lock

slides: $(VENV)/ready
	$(BIN)/python tools/slides/build.py

present: slides
	@echo "Presentaciones en http://127.0.0.1:$(PORT) (Ctrl-C para terminar)"
	$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory build/slides

site: $(VENV)/ready
	$(BIN)/python tools/site/build.py $(if $(SOLUCIONES),'--soluciones=$(SOLUCIONES)')

handout:
	$(PYTHON) tools/handout.py

stamp: $(VENV)/ready
	$(BIN)/python tools/stamp.py '$(REPO)' '$(REF)'

# El curso solo pide lo que importan los cuadernos; revisarlo pide también lo demás.
$(VENV)/lab: pyproject.toml requirements.lock $(wildcard tools/html/*)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Se necesita Python 3.11 o más nuevo: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q uv
	$(UV) -c requirements.lock -e '.[postgres]' jupyter
	@mkdir -p $(VENV)/share/jupyter/lab/settings
	@echo '$(QUIET)' > $(VENV)/share/jupyter/lab/settings/overrides.json
	@mkdir -p $(EXPORT) $(VENV)/etc/jupyter
	@cp tools/html/index.html.j2 tools/html/conf.json $(EXPORT)
	@cp tools/html/jupyter_config.json $(VENV)/etc/jupyter
	@touch $@

$(VENV)/ready: $(VENV)/lab
	$(UV) -r requirements.lock
	@touch $@

.venv-newest/ready: pyproject.toml
	$(PYTHON) -m venv .venv-newest
	.venv-newest/bin/python -m pip install -q uv
	.venv-newest/bin/uv pip install -q --upgrade -p .venv-newest -e '.[dev,postgres]'
	@touch $@

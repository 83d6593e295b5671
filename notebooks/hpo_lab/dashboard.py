"""El tablero de Optuna dentro de un cuaderno y, si se pide, un túnel con contraseña.

El tablero no pide contraseña y permite borrar studies: solo escucha en 127.0.0.1 y solo
obedece a su propia página; el túnel exige siempre contraseña. No lo abras en un equipo
compartido, porque sus otros usuarios también llegan a 127.0.0.1.
"""

from __future__ import annotations

import getpass
import json
import logging
import os
import re
import secrets
import threading
from contextlib import suppress
from pathlib import Path
from socketserver import ThreadingMixIn
from time import sleep
from typing import ClassVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import optuna_dashboard
from IPython.core.error import StdinNotImplementedError
from IPython.display import IFrame, display
from optuna.storages import BaseStorage
from pyngrok import conf, exception, ngrok

from hpo_lab import guard

HOST = "127.0.0.1"
COLAB = (".colab.googleusercontent.com", "-colab.googleusercontent.com", ".colab.dev")
FRAMES = (  # quién lo puede mostrar dentro de su página: Jupyter, Colab o VS Code
    "frame-ancestors 'self' localhost:* 127.0.0.1:* https://colab.research.google.com "
    "https://*.googleusercontent.com vscode-webview: vscode-file:"
)
NAME = re.compile(r"([\w.-]+|\[[\w.:]+\])(:\d+)?", re.ASCII)
PATIENCE = 60  # segundos para que ngrok arranque y responda


class DashboardClosed(RuntimeError):
    """El tablero ya se cerró; en un cuaderno se lee como una frase, sin traceback."""

    def _render_traceback_(self) -> list[str]:  # así lo pide IPython
        return [str(self)]


class Dashboard:
    """Sirve el tablero de un almacén de Optuna en un hilo de este proceso.

    Abrir otro en el mismo puerto cierra el anterior, así que su celda se puede repetir.

    Parameters
    ----------
    storage : str o optuna.storages.BaseStorage
        El almacén, o su URL, por ejemplo ``"sqlite:///estudio.db"``.
    port : int
        Puerto preferido; si está ocupado se toma otro libre y se avisa. Con 0, uno
        cualquiera, y no se cierra ningún otro tablero.

    Raises
    ------
    ValueError
        Si el almacén no se abre o el puerto no existe; el tablero anterior sigue.
    """

    _opened: ClassVar[dict[int, Dashboard]] = {}  # por el puerto que prefirieron

    def __init__(self, storage: str | BaseStorage, port: int = 5000) -> None:
        if not isinstance(port, int) or port not in range(65536):
            raise ValueError(f"port es un entero de 0 a 65535; se recibió {port!r}.")
        self.tunnel: Tunnel | None = None
        self._app = _open_app(storage)
        if port in self._opened:
            self._opened[port].stop()
        try:
            self._server = make_server(HOST, port, self._serve, _Server, _QuietHandler)
        except OSError:
            self._server = make_server(HOST, 0, self._serve, _Server, _QuietHandler)
            print(f"El puerto {port} está ocupado; el tablero usa el {self.port}.")
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        if port:
            self._opened[port] = self

    @property
    def port(self) -> int:
        """Puerto en el que escucha, o DashboardClosed si ya no."""
        if self._server.fileno() == -1:
            raise DashboardClosed(
                "El tablero está cerrado: repite la celda que lo abre."
            )
        return self._server.server_port

    @property
    def url(self) -> str:
        """Dirección del tablero en este computador."""
        return f"http://{HOST}:{self.port}/dashboard"

    def show(self, height: int = 620) -> None:
        """Muestra el tablero en la salida de la celda, de `height` píxeles de alto."""
        try:
            from google.colab import output
        except ImportError:
            display(IFrame(self.url, width="100%", height=height))
        else:
            where = {"path": "/dashboard", "height": str(height)}
            output.serve_kernel_port_as_iframe(self.port, **where)

    def stop(self) -> None:
        """Cierra el túnel, si lo hay, y el servidor; se puede llamar varias veces."""
        if self.tunnel:
            self.tunnel.stop()
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, environ: dict, start_response):
        host = environ.get("HTTP_HOST", "")
        found = NAME.fullmatch(host)
        name = found[1].lower() if found else ""
        names = {HOST, "localhost", self.tunnel.host if self.tunnel else None}
        sentence = ""
        # Sin esto, una página ajena cuyo dominio apunte a 127.0.0.1 podría entrar.
        if name not in names and not name.endswith(COLAB):
            sentence = f"El tablero no responde al nombre {host!r}."
        elif environ["REQUEST_METHOD"] not in ("GET", "HEAD", "OPTIONS"):
            # El navegador manda lo que pida cualquier página, y dice de dónde viene.
            origin = environ.get("HTTP_ORIGIN", f"http://{host}").partition("://")[2]
            site = environ.get("HTTP_SEC_FETCH_SITE", "none")
            own = origin == host or origin.endswith(COLAB)  # Colab puede cambiar Host
            if not own or site not in ("same-origin", "none"):
                sentence = "El tablero solo obedece a su propia página."

        def start(status, headers, *error):
            headers = [*headers, ("Content-Security-Policy", FRAMES)]
            return start_response(status, headers, *error)

        if not sentence:
            return self._app(environ, start)
        status = "403 Forbidden" if found else "400 Bad Request"
        start(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [sentence.encode()]


class Tunnel:
    """Túnel de ngrok abierto por `open_tunnel`; ``stop`` lo cierra."""

    opened: ClassVar[Tunnel | None] = None  # pyngrok tiene un agente en cada proceso

    def __init__(self, token: str, password: str, port: int) -> None:
        path = guard.unused_path("ngrok_") / "ngrok.yml"
        self._guard = guard.start(path.parent, mark=str(path))  # antes que el token
        self._config = config = _private_config(path, token)
        self.host = None  # el nombre al que el tablero responde mientras dure
        Tunnel.opened = self
        patience = threading.Timer(PATIENCE, self.stop)
        try:
            ngrok.install_ngrok(config)
            patience.start()
            login = {"realm": "optuna", "credentials": [f"curso:{password}"]}
            rule = {"actions": [{"type": "basic-auth", "config": login}]}
            self.url = ngrok.connect(
                f"http://{HOST}:{port}",
                pyngrok_config=config,
                traffic_policy={"on_http_request": [rule]},
            ).public_url
            path.unlink()
            _check_password_is_asked(self.url)
            self.host = urlsplit(self.url).hostname
        except BaseException:
            self.stop()
            raise
        finally:
            patience.cancel()

    def stop(self) -> None:
        """Cierra el túnel y borra su configuración; se puede llamar varias veces."""
        self.host = None  # desde ya
        self._guard.communicate()
        if Tunnel.opened is self:
            Tunnel.opened = None
            ngrok.kill(self._config)


def open_tunnel(board: Dashboard) -> Tunnel | None:
    """Publica un tablero con ngrok, detrás de una contraseña nueva, que se muestra.

    El token se toma de los secretos de Colab, de ``NGROK_AUTHTOKEN`` o se pide sin
    mostrarlo. Llega al agente en un archivo privado, que se borra al abrirse el túnel.

    El tablero guarda su túnel y lo cierra al cerrarse. Hay uno solo en cada proceso:
    abrir otro, también el de otro tablero, cierra el anterior.

    Returns
    -------
    Tunnel o None
        None, con una frase que dice por qué, si no hay token, si ngrok falla o si la
        dirección pública no pide contraseña.

    Raises
    ------
    DashboardClosed
        Si el tablero ya se cerró.
    """
    port = board.port
    if Tunnel.opened:
        Tunnel.opened.stop()
    token = _read_token()
    if not token:
        print(
            "Sin token de ngrok no se abre el túnel. Para usarlo, guarda el tuyo "
            "(https://dashboard.ngrok.com) con el nombre NGROK_AUTHTOKEN en los "
            "secretos de Colab o en el entorno; en Colab, el tablero se ve sin túnel."
        )
        return None
    logging.getLogger("pyngrok").setLevel(logging.CRITICAL + 1)
    password = secrets.token_urlsafe(12)
    try:
        tunnel = board.tunnel = Tunnel(token, password, port)
    except (exception.PyngrokError, OSError) as error:
        print(f"No se abrió el túnel: {_reason(error)}. El cuaderno sigue sin él.")
        return None
    print(f"Túnel: {tunnel.url}  usuario: curso  contraseña: {password}")
    print("Borra esta salida antes de compartir el cuaderno.")
    return tunnel


class _Server(ThreadingMixIn, WSGIServer):
    # Un navegador abre conexiones que no usa; sin hilos, una sola bloquea a las demás.
    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # en Windows dejaría compartir el puerto

    def handle_error(self, request, client_address) -> None:
        pass  # un navegador que corta su conexión no es un error del cuaderno


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *args) -> None:
        pass


def _open_app(storage: str | BaseStorage):
    try:
        return optuna_dashboard.wsgi(storage)
    except Exception:  # cada base de datos falla a su modo
        shown = re.sub("//.*@", "//…@", repr(storage))  # sin contraseña
    raise ValueError(
        "Se espera un almacén de Optuna, o la dirección de uno que exista y responda, "
        f"como 'sqlite:///estudio.db'; se recibió {shown}."
    )


def _read_token() -> str:
    with suppress(Exception):  # sin Colab, sin secreto o sin permiso
        from google.colab import userdata

        return userdata.get("NGROK_AUTHTOKEN")
    if os.environ.get("NGROK_AUTHTOKEN"):
        return os.environ["NGROK_AUTHTOKEN"]
    try:
        return getpass.getpass("Token de ngrok (Enter para seguir sin túnel): ").strip()
    except (StdinNotImplementedError, EOFError):
        return ""


def _private_config(path: Path, token: str) -> conf.PyngrokConfig:
    path.touch(mode=0o600)
    path.write_text(json.dumps({"version": "3", "agent": {"authtoken": token}}))
    config = conf.PyngrokConfig(config_path=str(path))
    # pyngrok lo tomaría del entorno y lo pondría en la línea de órdenes del agente.
    config.auth_token = None
    return config


def _check_password_is_asked(url: str) -> None:
    for _ in range(10):
        try:
            urlopen(url, timeout=5).close()
        except HTTPError as answer:
            if answer.code == 401:
                return
        except URLError:  # el nombre nuevo tarda en conocerse
            sleep(1)
            continue
        raise exception.PyngrokSecurityError("sin contraseña")
    raise exception.PyngrokError("no se pudo comprobar")


def _reason(error: Exception) -> str:
    code = getattr(error, "ngrok_error_code", None) or ""
    if isinstance(error, exception.PyngrokNgrokInstallError):
        return "no se pudo descargar ngrok; revisa la conexión"
    if isinstance(error, exception.PyngrokSecurityError):
        return "su dirección pública no pidió contraseña"
    if code in ("ERR_NGROK_105", "ERR_NGROK_107"):
        return "ngrok rechazó el token; revisa que esté completo"
    return f"ngrok no respondió como se esperaba {code}".strip()

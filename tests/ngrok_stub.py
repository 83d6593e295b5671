"""Un agente de ngrok de mentira, para que las pruebas no salgan a internet.

Imita lo que pyngrok usa del verdadero: la orden ``start``, sus líneas de arranque y
``POST /api/endpoints`` en 127.0.0.1. El «túnel» es otro puerto local que exige la
contraseña de la política recibida y reenvía al destino pedido. Lo que hace la red de
ngrok (DNS, TLS, cuentas) no se prueba aquí.

El token del archivo de configuración elige el comportamiento: ``malo`` es rechazado,
``mudo`` no responde nunca, ``sin_red`` no logra conectarse, ``abierto`` olvida la
contraseña; con cualquier otro, funciona.
"""

import base64
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def log(**fields):
    print(" ".join(f'{key}="{value}"' for key, value in fields.items()), flush=True)


class Public(BaseHTTPRequestHandler):
    """La dirección pública."""

    def do_GET(self):
        expected = base64.b64encode(self.server.credentials.encode()).decode()
        asked = self.headers.get("Authorization") == f"Basic {expected}"
        if not asked and token != "abierto":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="optuna"')
            self.end_headers()
            return
        request = Request(self.server.upstream + self.path, method=self.command)
        for name in {"Host", "Origin"}.intersection(self.headers):
            request.add_header(name, self.headers[name])
        try:
            answer = urlopen(request)
        except HTTPError as error:
            answer = error
        with answer:
            self.send_response(answer.status)
            self.end_headers()
            self.wfile.write(answer.read())

    do_DELETE = do_GET

    def log_message(self, *args):
        pass


class Api(BaseHTTPRequestHandler):
    """La interfaz local del agente."""

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_GET(self):
        self.answer(200, {"endpoints": []})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        (action,) = body["traffic_policy"]["on_http_request"][0]["actions"]
        public = ThreadingHTTPServer(("127.0.0.1", 0), Public)
        public.credentials = action["config"]["credentials"][0]
        public.upstream = body["upstream"]["url"]
        Thread(target=public.serve_forever, daemon=True).start()
        url = f"http://localhost:{public.server_port}"
        requests = Path(sys.argv[0]).with_name("requests.jsonl")
        with requests.open("a") as file:
            file.write(json.dumps({**body, "argv": sys.argv}) + "\n")
        self.answer(201, {"name": body["name"], "url": url, "public_url": url, **body})

    def log_message(self, *args):
        pass


assert sys.argv[1:4] == ["start", "--none", "--log"], sys.argv
config = Path(sys.argv[sys.argv.index("--config") + 1])
token = json.loads(config.read_text())["agent"]["authtoken"]
if token == "mudo":
    time.sleep(600)
if token == "malo":
    log(lvl="eror", msg="failed to auth", err="authentication failed ERR_NGROK_105")
    sys.exit(1)
if token == "sin_red":
    log(lvl="eror", msg="failed to reconnect", err="dial tcp: lookup: no such host")
    sys.exit(1)
api = ThreadingHTTPServer(("127.0.0.1", 0), Api)
Thread(target=api.serve_forever, daemon=True).start()
log(lvl="info", msg="starting web service", addr=f"127.0.0.1:{api.server_port}")
log(lvl="info", msg="client session established")
log(lvl="info", msg="tunnel session started")
time.sleep(600)

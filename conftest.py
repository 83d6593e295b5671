"""Lo que vale para toda prueba, también para ``pytest notebooks`` a solas."""

import os

# Con ellos en el entorno, los cuadernos abrirían un túnel y usarían un servidor ajeno.
for name in ("NGROK_AUTHTOKEN", "OPTUNA_STORAGE"):
    os.environ.pop(name, None)

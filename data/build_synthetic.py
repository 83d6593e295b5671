"""Escribe la tabla del curso: ``python data/build_synthetic.py``."""

import sys
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notebooks"))
import hpo_lab as lab  # noqa: E402

if __name__ == "__main__":
    X, y = lab.make_dataset()
    table = pd.DataFrame({"x": X[:, 0], "y": y})
    table.to_csv(lab.DATA / "synthetic.csv", index=False, lineterminator="\n")

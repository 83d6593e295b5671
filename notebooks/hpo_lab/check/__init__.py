"""Comprobaciones de los ejercicios: ``from hpo_lab import check``.

Cada una imprime una línea: *Pendiente*, con lo que falta; *Bien*; o *Todavía no*, con
una pista. Hay un módulo por cuaderno.
"""

from hpo_lab.check.notebook_01 import exercise_1_1, exercise_1_2, exercise_1_3
from hpo_lab.check.notebook_02 import exercise_2_1, exercise_2_2, exercise_2_3
from hpo_lab.check.notebook_03 import exercise_3_1, exercise_3_2, exercise_3_3
from hpo_lab.check.notebook_04 import exercise_4_1, exercise_4_2, exercise_4_3
from hpo_lab.check.notebook_05 import exercise_5_1, exercise_5_2
from hpo_lab.check.notebook_06 import exercise_6_1, exercise_6_2, exercise_6_3
from hpo_lab.check.notebook_07 import exercise_7_1, exercise_7_2, exercise_7_3
from hpo_lab.check.notebook_08 import exercise_8_1, exercise_8_2, exercise_8_3
from hpo_lab.check.notebook_09 import exercise_9_1, exercise_9_2, exercise_9_3

__all__ = ["exercise_1_1", "exercise_1_2", "exercise_1_3"]
__all__ += ["exercise_2_1", "exercise_2_2", "exercise_2_3"]
__all__ += ["exercise_3_1", "exercise_3_2", "exercise_3_3"]
__all__ += ["exercise_4_1", "exercise_4_2", "exercise_4_3"]
__all__ += ["exercise_5_1", "exercise_5_2"]
__all__ += ["exercise_6_1", "exercise_6_2", "exercise_6_3"]
__all__ += ["exercise_7_1", "exercise_7_2", "exercise_7_3"]
__all__ += ["exercise_8_1", "exercise_8_2", "exercise_8_3"]
__all__ += ["exercise_9_1", "exercise_9_2", "exercise_9_3"]

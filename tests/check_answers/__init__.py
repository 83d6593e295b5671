"""Respuestas buenas y malas de cada ejercicio, con lo que debe decir su veredicto.

En cada módulo, ``ANSWERS`` lleva de un ejercicio a dos funciones, la de las buenas y la
de las malas. Dan parejas: las respuestas, y un trozo del «Bien» o de la pista.
"""

from check_answers import (
    notebook_01,
    notebook_02,
    notebook_03,
    notebook_04,
    notebook_05,
    notebook_06,
    notebook_07,
    notebook_08,
    notebook_09,
)

ANSWERS = {
    **notebook_01.ANSWERS,
    **notebook_02.ANSWERS,
    **notebook_03.ANSWERS,
    **notebook_04.ANSWERS,
    **notebook_05.ANSWERS,
    **notebook_06.ANSWERS,
    **notebook_07.ANSWERS,
    **notebook_08.ANSWERS,
    **notebook_09.ANSWERS,
}

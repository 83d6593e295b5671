"""Arranca un kernel cuyo intérprete es ``google.colab._shell.Shell``, como en Colab."""

from google.colab._shell import Shell
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from traitlets import Type


class Kernel(IPythonKernel):
    shell_class = Type(Shell)


if __name__ == "__main__":
    app = IPKernelApp.instance(kernel_class=Kernel)
    app.initialize()
    app.start()

from google.colab import note


def serve_kernel_port_as_iframe(
    port, path="/", width="100%", height="400", cache_in_notebook=False
):
    note(what="iframe", port=port, path=path, height=height)

from google.colab import note


class SecretNotFoundError(Exception):
    def __init__(self, key):
        super().__init__(f"Secret {key} does not exist.")


def get(key):
    note(what="secret", key=key)
    raise SecretNotFoundError(key)

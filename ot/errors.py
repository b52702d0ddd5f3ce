"""What can be wrong with an operation: a stable code first, a sentence second, the place third."""


class OperationError(Exception):
    """An operation that cannot be applied. Nothing was changed.

    ``code`` is stable and meant for programs, ``message`` says what to do, ``at`` names the place
    inside the operation, for example ``nodes/n1/data/label``.
    """

    def __init__(self, code: str, message: str, at: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at

    def __str__(self) -> str:
        where = f" (at {self.at})" if self.at else ""
        return f"{self.code}: {self.message}{where}"

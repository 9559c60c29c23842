"""The error tree: every error names the problem and the remedy.

NewsdeskError
├── DataError (ValueError)          what a user's file or table holds
│   ├── SchemaError                 columns missing, ambiguous or of the wrong kind
│   ├── RowError                    one row, named by file, row and column
│   ├── LabelError                  classes that cannot be learnt or measured
│   └── LeakageError                test rows that stand in train, where that was forbidden
├── ConfigError (ValueError)        a setting that is unknown or out of range
├── FamilyError                     a model family
│   ├── UnknownFamilyError (LookupError)
│   └── MissingExtraError (ImportError)
├── FitError (RuntimeError)         training
│   ├── NotFittedError
│   └── DivergedError
├── BundleError                     a saved bundle
│   ├── BundleExistsError (FileExistsError)
│   ├── BundleFormatError           not a bundle, or of another format number
│   └── BundleIntegrityError        bytes differ from what the manifest says
├── PromotionError                  another version cannot be served
│   ├── RefusedError                the candidate is worse than what is served
│   └── ReloadError                 a running server did not take the version
├── StorageError (OSError)          disk full, read-only, unreadable
└── InputError (ValueError)         a document handed in for prediction
    ├── EmptyDocumentError
    └── DocumentTooLargeError
"""

from __future__ import annotations

__all__ = [
    "BundleError",
    "BundleExistsError",
    "BundleFormatError",
    "BundleIntegrityError",
    "ConfigError",
    "DataError",
    "DivergedError",
    "DocumentTooLargeError",
    "EmptyDocumentError",
    "FamilyError",
    "FitError",
    "InputError",
    "LabelError",
    "LeakageError",
    "MissingExtraError",
    "NewsdeskError",
    "NotFittedError",
    "PromotionError",
    "RefusedError",
    "ReloadError",
    "RowError",
    "SchemaError",
    "StorageError",
    "UnknownFamilyError",
]


class NewsdeskError(Exception):
    """Root of every error that newsdesk raises on purpose.

    Parameters
    ----------
    problem : str
        What went wrong and where, with the offending value; one sentence.
    remedy : str
        The next act of the user; one sentence.
    """

    def __init__(self, problem: str, *, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}"

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions cross process borders (test runners, worker pools); keyword-only arguments
        # are lost by the default protocol.
        return _rebuild, (type(self), self.problem, self.remedy, self.__dict__)


def _rebuild(
    cls: type[NewsdeskError], problem: str, remedy: str, state: dict[str, object]
) -> NewsdeskError:
    error = cls.__new__(cls)
    Exception.__init__(error, problem)
    error.__dict__.update(state)
    error.problem, error.remedy = problem, remedy
    return error


class DataError(NewsdeskError, ValueError):
    """A user's file or table cannot be used as it is."""


class SchemaError(DataError):
    """A column is missing, ambiguous or of the wrong kind."""


class RowError(DataError):
    """One row of a table cannot be read.

    Parameters
    ----------
    problem : str
        What is wrong with the row.
    remedy : str
        What to do.
    file : str
        The table's path, or a name for a table in memory.
    row : int
        Row number, 1-based; the header line of a text file is not counted.
    column : str | None
        Column name, where one column is to blame.
    """

    def __init__(
        self, problem: str, *, remedy: str, file: str, row: int, column: str | None = None
    ) -> None:
        place = f"{file}, row {row}" + (f", column {column!r}" if column is not None else "")
        super().__init__(f"{place}: {problem}", remedy=remedy)
        self.file = file
        self.row = row
        self.column = column


class LabelError(DataError):
    """The labels do not allow what was asked: one class, none, or an unknown name."""


class LeakageError(DataError):
    """Test rows stand in the training rows, and that is forbidden."""


class ConfigError(NewsdeskError, ValueError):
    """A setting is unknown, of the wrong kind or out of range."""


class FamilyError(NewsdeskError):
    """A model family cannot be used."""


class UnknownFamilyError(FamilyError, LookupError):
    """No family of that name is registered."""


class MissingExtraError(FamilyError, ImportError):
    """A part needs a library that is not installed."""


class FitError(NewsdeskError, RuntimeError):
    """Training failed."""


class NotFittedError(FitError):
    """A model was used before it was fitted."""


class DivergedError(FitError):
    """Training produced a value that is not finite."""


class BundleError(NewsdeskError):
    """A saved bundle cannot be used."""


class BundleExistsError(BundleError, FileExistsError):
    """Something stands already where a bundle or run was to be published."""


class BundleFormatError(BundleError):
    """The folder is no bundle, or a bundle of a format that this build does not read."""


class BundleIntegrityError(BundleError):
    """The bytes of a bundle differ from what its manifest says."""


class PromotionError(NewsdeskError):
    """Another version cannot be served."""


class RefusedError(PromotionError):
    """A candidate is worse than the served version, or may be, or lacks one of its classes."""


class ReloadError(PromotionError):
    """A running server did not take the version that it was told of."""


class StorageError(NewsdeskError, OSError):
    """The disk refused: full, read-only or unreadable."""


class InputError(NewsdeskError, ValueError):
    """A document handed in for prediction cannot be used."""


class EmptyDocumentError(InputError):
    """No text was given where one is needed."""


class DocumentTooLargeError(InputError):
    """A text is longer than the stated limit."""

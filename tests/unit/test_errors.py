from __future__ import annotations

import copy
import inspect
import pickle

import pytest

from newsdesk import errors
from newsdesk.errors import NewsdeskError, RowError

CLASSES = [
    cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, NewsdeskError)
]
BUILTINS = {
    "DataError": ValueError,
    "SchemaError": ValueError,
    "RowError": ValueError,
    "LabelError": ValueError,
    "LeakageError": ValueError,
    "ConfigError": ValueError,
    "UnknownFamilyError": LookupError,
    "MissingExtraError": ImportError,
    "FitError": RuntimeError,
    "NotFittedError": RuntimeError,
    "DivergedError": RuntimeError,
    "BundleExistsError": FileExistsError,
    "StorageError": OSError,
    "InputError": ValueError,
    "EmptyDocumentError": ValueError,
    "DocumentTooLargeError": ValueError,
}
WITHOUT_BUILTIN = {
    "NewsdeskError",
    "FamilyError",
    "BundleError",
    "BundleFormatError",
    "BundleIntegrityError",
    "PromotionError",
    "RefusedError",
    "ReloadError",
}


def make(cls: type[NewsdeskError]) -> NewsdeskError:
    if cls is RowError:
        return RowError("It is ragged.", remedy="Mend it.", file="a.csv", row=3, column="text")
    return cls("The disk is full.", remedy="Free some space.")


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_an_error_says_the_problem_and_the_remedy(cls: type[NewsdeskError]) -> None:
    error = make(cls)
    assert str(error) == f"{error.problem} {error.remedy}"
    assert error.problem.endswith(".")
    assert error.args == (error.problem,)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_an_error_crosses_process_borders_whole(cls: type[NewsdeskError]) -> None:
    error = make(cls)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(twin) is cls
        assert str(twin) == str(error)
        assert (twin.problem, twin.remedy) == (error.problem, error.remedy)
        assert twin.__dict__ == error.__dict__


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_an_error_is_the_builtin_that_one_expects(cls: type[NewsdeskError]) -> None:
    if cls.__name__ in WITHOUT_BUILTIN:
        assert not issubclass(cls, ValueError | LookupError | OSError | RuntimeError | ImportError)
    else:
        assert issubclass(cls, BUILTINS[cls.__name__])


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_an_error_without_a_remedy_cannot_be_made(cls: type[NewsdeskError]) -> None:
    with pytest.raises(TypeError, match="remedy"):
        cls("A problem alone.")  # type: ignore[call-arg]


def test_a_row_error_names_file_row_and_column() -> None:
    error = make(RowError)
    assert isinstance(error, RowError)
    assert str(error) == "a.csv, row 3, column 'text': It is ragged. Mend it."
    assert (error.file, error.row, error.column) == ("a.csv", 3, "text")
    whole = RowError("It is ragged.", remedy="Mend it.", file="a.csv", row=3)
    assert str(whole) == "a.csv, row 3: It is ragged. Mend it."

"""Who else uses a name is read off code, not off what is told about it."""

from __future__ import annotations

import pytest

from deventlet.resolve.sharing import user


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from concurrent import futures\n", "futures"),
        ("def f():\n    with Timer(1): pass\n", "Timer"),
        ("patch('concurrent.futures.wait')\n", "futures"),
        ("x = '''futures'''\n", "futures"),
        ("f'{futures}'\n", "futures"),
        ("start_all()\n", "start_all"),
        ("start_all\n", ""),
        ("# futures\nx = 1  # a Timer\n", ""),
        ('"""Futures and futures."""\n', ""),
        ('def f():\n    """Method from\n    "futures"."""\n    return 1\n', ""),
        (
            'def f(self):\n        """futures"""\ndef g(self):\n        Timer()\n',
            "Timer",
        ),
        ('def f():\n    """futures"""\n    return "futures"\n', "futures"),
        ('"futures"\n', ""),
        ('\ufeff"""Of futures."""\n', ""),
        ("x = (  # futures\n  1)\n", ""),
        ("def f(:\n  '''futures''' (\n", "futures"),
        ("  x\n y\n'futures'\n", "futures"),
    ],
)
def test_only_what_is_code_uses_a_class(text: str, expected: str) -> None:
    assert user("threading.Thread", (), text.encode()) == expected


def test_the_repository_s_own_functions_are_no_users() -> None:
    text = b"start_all(); start_some()\n"
    assert user("threading.Thread", {"start_all"}, text) == "start_some"
    assert not user("threading.Thread", {"start_all", "start_some"}, text)


def test_the_standard_library_always_uses_some() -> None:
    assert user("threading.Lock", ()) == "the standard library itself"


def test_a_text_of_another_encoding_is_read_as_well() -> None:
    assert not user("threading.Thread", (), "# é futures\n".encode("latin-1"))
    assert user("threading.Thread", (), b"x = '\xe9 futures'\n") == "futures"

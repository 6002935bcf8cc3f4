"""A dictionary that cannot be changed after it is made, so that a validated study stays validated.

`types.MappingProxyType` would do, but cannot be pickled or copied, which studies must be when runs are spread over
processes. The module refuses to freeze what the dictionary holds: the values are frozen models, numbers, text or
tuples.
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class FrozenDict(dict[K, V]):
    """A `dict` whose every changing method raises TypeError; equal to a plain dict with the same items."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise: a study is read once and never changed."""
        raise TypeError("a study is frozen: change its files, or give the change to the run")

    __setitem__ = _refuse
    __delitem__ = _refuse
    __ior__ = _refuse
    clear = _refuse
    pop = _refuse
    popitem = _refuse
    setdefault = _refuse
    update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[FrozenDict[K, V]], tuple[dict[K, V]]]:
        return type(self), (dict(self),)

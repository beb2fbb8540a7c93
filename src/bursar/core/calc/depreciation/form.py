"""A number that hangs on one unknown in a straight line, and knows how far that holds.

The charges of a declining balance are a part of the cost and a part of the residual value: which
parts depends on the years in which it switches or reaches the residual value. Worked out for one
asset with such numbers, the same parts hold for every asset whose residual value, as a share of
the cost, lies within the bounds in which every comparison comes out the same (rule DP25).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

Plain = Fraction | int


@dataclass
class Bounds:
    """Where the unknown stands, and from where to where the forms made of it hold, both within.

    At a bound two choices give the same amount, so either holds there.
    """

    here: Fraction
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(1)

    def keep(self, form: Form) -> Fraction:
        """The form's value here; from now on its sign is one that all within the bounds share."""
        value = form.fixed + form.slope * self.here
        if form.slope:
            root = -form.fixed / form.slope
            if root <= self.here:
                self.low = max(self.low, root)
            if root >= self.here:
                self.high = min(self.high, root)
        return value


@dataclass(frozen=True, eq=False)
class Form:
    """fixed + slope x unknown."""

    fixed: Fraction
    slope: Fraction
    bounds: Bounds

    def _of(self, other: Form | Plain) -> Form:
        if isinstance(other, Form):
            return other
        return Form(Fraction(other), Fraction(0), self.bounds)

    def __add__(self, other: Form | Plain) -> Form:
        told = self._of(other)
        return Form(self.fixed + told.fixed, self.slope + told.slope, self.bounds)

    def __sub__(self, other: Form | Plain) -> Form:
        told = self._of(other)
        return Form(self.fixed - told.fixed, self.slope - told.slope, self.bounds)

    def __mul__(self, times: Plain) -> Form:
        return Form(self.fixed * times, self.slope * times, self.bounds)

    def __truediv__(self, by: Plain) -> Form:
        return Form(self.fixed / by, self.slope / by, self.bounds)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Plain) -> Form:
        return self._of(other) - self

    def __bool__(self) -> bool:
        return bool(self.bounds.keep(self))

    def __gt__(self, other: Form | Plain) -> bool:
        return self.bounds.keep(self - other) > 0

    def __lt__(self, other: Form | Plain) -> bool:
        return self.bounds.keep(self - other) < 0

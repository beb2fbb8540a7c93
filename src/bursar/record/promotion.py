"""Which tag keys and own columns dimensions carry."""

from __future__ import annotations

from collections.abc import Iterable

from bursar.core.tables.cube import PROMOTABLE
from bursar.lake.tags import TAG_PREFIX
from bursar.record.errors import BadPromotion
from bursar.record.models import PromotedColumn

_OWN_PREFIX = "x_"
_LONGEST = 200


def promoted_columns() -> tuple[str, ...]:
    """Names as they stand in dimensions: `tag.<key>` and `x_<name>`, in order."""
    return tuple(PromotedColumn.objects.order_by("name").values_list("name", flat=True))


def promoted_names(texts: Iterable[str]) -> tuple[str, ...]:
    """Column names of what a model promotes; a bare word is the key of a tag.

    Refusals: record.bad_promotion.
    """
    names = set()
    for text in texts:
        plain = text.startswith((TAG_PREFIX, _OWN_PREFIX)) or text in PROMOTABLE
        name = text if plain else TAG_PREFIX + text
        if name in (TAG_PREFIX, _OWN_PREFIX) or len(name) > _LONGEST:
            raise BadPromotion(
                f"'{text}' cannot be promoted. Write the key of a tag, such as team, "
                "or an own column of the file, such as x_cost_code."
            )
        names.add(name)
    if len({name.lower() for name in names}) < len(names):
        raise BadPromotion(
            f"Among {', '.join(sorted(names))} two names differ in nothing but capital letters. "
            "Promote one of them."
        )
    return tuple(sorted(names))

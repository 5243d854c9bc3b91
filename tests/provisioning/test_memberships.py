"""Two long lists of members are told apart exactly, and quickly where they differ in little."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gallery_sdk.provisioning.memberships import _apart

members = st.lists(st.text("abc", min_size=1, max_size=3), max_size=30)


@given(wanted=members, present=members)
def test_what_only_one_side_has_is_found(wanted: list[str], present: list[str]) -> None:
    """The same answer as by sets, in order and once each, whatever is repeated or moved."""
    missing, superfluous = _apart(wanted, present)

    assert missing == [one for one in dict.fromkeys(wanted) if one not in present]
    assert superfluous == [one for one in dict.fromkeys(present) if one not in wanted]

"""Two long lists of members are told apart exactly, and quickly where they differ in little."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gallery_sdk.provisioning.memberships import _apart

members = st.lists(st.text("abc", min_size=1, max_size=3), max_size=30)


@given(wanted=members, present=st.sets(st.text("abc", min_size=1, max_size=3), max_size=30))
def test_what_only_one_side_has_is_found(wanted: list[str], present: set[str]) -> None:
    """The same answer as by sets: missing in the order wanted, once each; superfluous sorted."""
    missing, superfluous = _apart(wanted, sorted(present))

    assert missing == [one for one in dict.fromkeys(wanted) if one not in present]
    assert superfluous == sorted(present - set(wanted))

"""What a failed response means to the job, in nine words."""

from __future__ import annotations

from enum import StrEnum

from ..errors import TargetError


class Failure(StrEnum):
    """The meaning of a failure, from which the engine knows what to do next.

    RETRY: nothing is wrong with the object; try again later. RATE_LIMITED: too fast. CONFLICT: such an object is
    there already; match and link. GONE: the linked object vanished; match once more. OBJECT: this object's data is
    refused; escrow. ATTRIBUTE: named attributes are refused; leave them out. MEMBER: named members are refused; the
    rest may go. SKIP: a protected object; never retried until its source changes. STOP: credential, plan or address
    are wrong; the job stops and goes to quarantine.
    """

    RETRY = "retry"
    RATE_LIMITED = "rate_limited"
    CONFLICT = "conflict"
    GONE = "gone"
    OBJECT = "object"
    ATTRIBUTE = "attribute"
    MEMBER = "member"
    SKIP = "skip"
    STOP = "stop"


class TargetFailure(TargetError):
    """A failed answer and what it means.

    Attributes:
        status: The HTTP status; None where the refusal was decided here, before a request.
        code: The target's own word, its `scimType`, or a word of the provisioning log such as `EntryConflict`.
        failure: The meaning.
        detail: The target's words, secrets masked; may be empty.
        attributes: With ATTRIBUTE: the refused paths.
        members: With MEMBER: the refused target ids, where the answer names them.
        retry_after_seconds: What the target asked to wait; None when it did not.
    """

    def __init__(
        self,
        what: str,
        where: str,
        mend: str,
        status: int | None = None,
        code: str = "UnexpectedResponse",
        *,
        failure: Failure = Failure.OBJECT,
        detail: str = "",
        attributes: tuple[str, ...] = (),
        members: tuple[str, ...] = (),
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(what, where, mend, status, code)
        self.failure, self.detail = failure, detail
        self.attributes, self.members = attributes, members
        self.retry_after_seconds = retry_after_seconds

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments are not among `args`; pickling restores them as attributes.
        return (type(self), self.args, self.__dict__)

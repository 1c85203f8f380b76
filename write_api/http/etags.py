"""Entity tags (RFC 9110, section 8.8.3): the revision of the stream that the command was stored in."""

import re
from collections.abc import Set

from write_api.http.errors import UnusableETag

_TAG = r'(W/)?"([!#-~\x80-\xff]*)"'
_TAGS = re.compile(rf"{_TAG}([ \t]*,[ \t]*{_TAG})*")
IF_MATCH = r'^(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*)$'
"""What an If-Match looks like, for the documents."""

_REVISION = re.compile(r"0|[1-9][0-9]{0,17}")


def revisions_of(if_match: str) -> Set[int] | None:
    """The revisions that an If-Match allows (None: any). Raises UnusableETag.

    A weak tag, or one that is no revision, is equal to none of ours.
    """
    if if_match.strip() == "*":
        return None
    if not _TAGS.fullmatch(if_match.strip()):
        raise UnusableETag('Send If-Match as you got it in the header ETag, with its quotes, such as "7".')
    return {int(tag) for weak, tag in re.findall(_TAG, if_match) if not weak and _REVISION.fullmatch(tag)}

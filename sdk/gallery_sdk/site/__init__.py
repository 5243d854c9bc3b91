"""The catalog as a static site: pages that need no server, and are useful without JavaScript."""

from .building import Site, build_site
from .publication import Listed, Publication, publication_of, read_publication
from .rendering import SiteName
from .serving import SiteServer

__all__ = [
    "Listed",
    "Publication",
    "Site",
    "SiteName",
    "SiteServer",
    "build_site",
    "publication_of",
    "read_publication",
]

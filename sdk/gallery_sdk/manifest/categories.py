"""The closed list of categories that the catalog files connectors under."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CATEGORIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "analytics": "Analytics and business intelligence",
        "business-management": "Business management",
        "collaboration": "Collaboration",
        "communications": "Calling and communications",
        "content-management": "Content management",
        "crm": "Customer relationship management",
        "customer-service": "Customer service",
        "data": "Databases and data platforms",
        "design": "Design",
        "developer-tools": "Developer tools",
        "education": "Education",
        "facilities": "Facilities and workplaces",
        "finance": "Finance and expenses",
        "generic": "Generic protocols",
        "government": "Government",
        "health": "Health",
        "human-resources": "Human resources",
        "identity": "Identity and access",
        "infrastructure": "Cloud and infrastructure",
        "itsm": "IT service management",
        "learning": "Learning and training",
        "legal": "Legal and compliance",
        "marketing": "Marketing",
        "meetings": "Meetings and events",
        "messaging": "Messaging",
        "productivity": "Productivity",
        "project-management": "Project management",
        "sales": "Sales",
        "security": "Security",
        "storage": "Files and storage",
        "supply-chain": "Supply chain and procurement",
        "travel": "Travel",
    }
)
"""Category id to the words that people read."""

"""Objects and fields of the organization that provisioning touches.

Source, read on 2026-11-23: the object reference of the Salesforce Platform,
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_user.htm.
Lengths and picklists are from memory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

PREFIXES: Final = {
    "User": "005", "Profile": "00e", "UserRole": "00E", "PermissionSet": "0PS", "PermissionSetGroup": "0PG",
    "PermissionSetAssignment": "0Pa", "Group": "00G", "GroupMember": "011", "UserLicense": "100", "UserLogin": "0Yw",
}  # fmt: skip
FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "User": frozenset([
        "Id", "Username", "IsActive", "Alias", "Email", "FirstName", "LastName", "Name", "EmailEncodingKey",
        "LanguageLocaleKey", "LocaleSidKey", "TimeZoneSidKey", "ProfileId", "UserRoleId", "ManagerId",
        "FederationIdentifier", "CommunityNickname", "Title", "Department", "Division", "CompanyName",
        "EmployeeNumber", "Phone", "MobilePhone", "Street", "City", "State", "PostalCode", "Country", "UserType",
        "UserPermissionsCallCenterAutoLogin", "UserPermissionsMarketingUser", "UserPermissionsOfflineUser",
    ]),
    "Profile": frozenset({"Id", "Name", "UserLicenseId"}),
    "UserRole": frozenset({"Id", "Name", "DeveloperName"}),
    "PermissionSet": frozenset({"Id", "Name", "Label", "IsOwnedByProfile", "Type"}),
    "PermissionSetGroup": frozenset({"Id", "DeveloperName", "MasterLabel"}),
    "PermissionSetAssignment": frozenset({"Id", "AssigneeId", "PermissionSetId", "PermissionSetGroupId"}),
    "Group": frozenset({"Id", "Name", "DeveloperName", "Type"}),
    "GroupMember": frozenset({"Id", "GroupId", "UserOrGroupId"}),
    "UserLicense": frozenset({"Id", "Name", "TotalLicenses", "UsedLicenses"}),
    "UserLogin": frozenset({"Id", "UserId", "IsFrozen"}),
}  # fmt: skip
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "User": ("Username", "LastName", "Email", "Alias", "TimeZoneSidKey", "LocaleSidKey", "EmailEncodingKey",
             "ProfileId", "LanguageLocaleKey"),
    "PermissionSetAssignment": ("AssigneeId",),
    "Group": ("Name", "Type"),
    "GroupMember": ("GroupId", "UserOrGroupId"),
}  # fmt: skip
LENGTHS: Final = {
    "Username": 80, "LastName": 80, "FirstName": 40, "Title": 80, "Department": 80, "Division": 80, "CompanyName": 80,
    "EmployeeNumber": 20, "Street": 255, "City": 40, "State": 80, "PostalCode": 20, "Country": 80, "Phone": 40,
    "MobilePhone": 40, "FederationIdentifier": 512, "Email": 128, "Alias": 8, "CommunityNickname": 40,
}  # fmt: skip
PICKLISTS: Final = {
    "EmailEncodingKey": re.compile("UTF-8|ISO-8859-1|Shift_JIS|ISO-2022-JP|EUC-JP|ks_c_5601-1987|Big5|GB2312"),
    "LanguageLocaleKey": re.compile("de|en_US|en_GB|es|es_MX|fr|it|ja|sv|ko|zh_TW|zh_CN|pt_BR|nl_NL|da|th|fi|ru|no|pl"),
    "LocaleSidKey": re.compile("[a-z]{2,3}(_[A-Z]{2})?"),
    "TimeZoneSidKey": re.compile(r"[A-Z][A-Za-z]+(/[A-Za-z_+-]+)+|GMT"),
}
REFERENCES: Final = {
    "ProfileId": "Profile", "UserRoleId": "UserRole", "ManagerId": "User", "AssigneeId": "User",
    "PermissionSetId": "PermissionSet", "PermissionSetGroupId": "PermissionSetGroup", "GroupId": "Group",
    "UserOrGroupId": "User", "UserId": "User", "UserLicenseId": "UserLicense",
}  # fmt: skip

"""What is recorded with a change and refuses nothing (rules.md §6, §6.2)."""

from mdscripts.app.error_messages.entries import PROFILE_EDITOR, Entry


def _recorded(
    identity: str, title: str, cause: str, remedy: str, *messages: str, attributes: tuple[str, ...] = ()
) -> Entry:
    return Entry(identity, title, cause, remedy, messages, attributes, None, None)


RECORDED: tuple[Entry, ...] = (
    _recorded(
        "LC-02",
        "A deactivation outlived wrong values",
        "The request deactivated the user and had values that break rules. The user is inactive; what is valid was "
        "applied, what is not kept its old value.",
        "Correct the values that are named beside it before the person is assigned again.",
    ),
    _recorded(
        "LC-09",
        "A user was deleted",
        "The client sent DELETE. The user is gone for it, the user name free again, the history kept.",
        "Nothing. Okta itself deactivates and never deletes.",
    ),
    _recorded(
        "PF-01",
        "Provider attributes were ignored",
        "npi, deaLicense and isPhysicianAssistant apply to providers only, and isProvider is not true.",
        "Set isProvider to true if the person is a dispensing provider; otherwise nothing.",
        "Ignored because isProvider is not true: ….",
        attributes=("npi", "deaLicense", "isPhysicianAssistant"),
    ),
    _recorded(
        "RO-08",
        "The last active manager is gone",
        "Okta demoted or deactivated the last active user with the role Manager.",
        "Give somebody the role Manager, or ask MDScripts support.",
        attributes=("role", "active"),
    ),
    _recorded(
        "W-UN1",
        "The user name is not an email address",
        "The application username format is not Email.",
        "Nothing, if it is meant. Otherwise set the format to Email on the Sign On tab of the application.",
        "userName '…' is not an email address.",
        attributes=("userName",),
    ),
    _recorded(
        "W-NPI1",
        "The NPI is held twice",
        "Another active user has the same NPI, which belongs to one person.",
        "Look for a second account of the same person and unassign one of them.",
        "The same npi is held by another active user; this may be a duplicate account.",
        attributes=("npi",),
    ),
    _recorded(
        "W-DEA1",
        "The DEA number may be somebody else's",
        "Its second letter differs from the first letter of the last name. It keeps the name of the day of "
        "registration, so a marriage or a double name explains it.",
        "Compare with the provider's certificate.",
        "The second letter of deaLicense … is not the first letter of familyName '…'.",
        attributes=("deaLicense", "familyName"),
    ),
    _recorded(
        "W-DEA2",
        "The DEA number is no physician assistant's",
        "Physician assistants normally hold numbers that start with M.",
        "Compare with the certificate. A registration of the practice is possible.",
        "deaLicense …: physician assistants normally hold numbers that start with M.",
        attributes=("deaLicense",),
    ),
    _recorded(
        "W-TZ1",
        "The time zone has no daylight saving time",
        "It is a fixed offset, such as EST.",
        "Send a name such as US/Eastern if clocks change where the person works.",
        "timezone '…' is a fixed offset: there is no daylight saving time in it.",
        attributes=("timezone",),
    ),
    _recorded(
        "W-NM1",
        "A name mixes scripts",
        "A word of the name has Latin and Cyrillic letters, which look alike.",
        "Retype the name on the person's profile.",
        "… has a word with both Latin and Cyrillic letters, which look alike.",
        attributes=("givenName", "familyName"),
    ),
    _recorded(
        "W-SI1",
        "The user has no site",
        "siteNumbers is empty: the person can sign in, but works at no site.",
        "Send the numbers of the person's sites; Admin Home, Sites lists them.",
        "The user has no site.",
        attributes=("siteNumbers",),
    ),
    _recorded(
        "W-SI2",
        "A stored site is closed",
        "The user still lists a site that was closed. It gives no access.",
        "Remove it from siteNumbers in Okta.",
        "The user's sites include closed ones: …. They give no access.",
        attributes=("siteNumbers",),
    ),
    _recorded(
        "W-AT1",
        "An unknown attribute was ignored",
        "The request has an attribute or a schema that MDScripts does not know.",
        f"Nothing, if it is meant for other applications. If a value is missing here, look at {PROFILE_EDITOR}: "
        "external name and external namespace.",
        "…Not known here and ignored: ….",
    ),
    _recorded(
        "W-AT2",
        "An attribute arrived in two places",
        "The same attribute came under its namespace and elsewhere, with different values. The one that differs "
        "from what is stored was used, else the one under the namespace.",
        f"{PROFILE_EDITOR}: keep one of the two attributes and remove the other from the mapping.",
        "… arrived in two places with different values; used ….",
    ),
)

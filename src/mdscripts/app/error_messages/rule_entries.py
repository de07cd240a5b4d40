"""Rules of the practice that refuse a value (rules.md §6), in the order of the guide."""

from mdscripts.app.error_messages.entries import PROFILE_EDITOR, RETRY, Entry

_TEXT = "… must be text, but Okta sent …. Set the attribute's data type to string in the Okta Profile Editor."
_MAKE_IT_TEXT = f"{PROFILE_EDITOR}: give the attribute the data type string and map it again, {RETRY}."
_ON_THE_PROFILE = f"Correct it on the person's profile in Okta (Directory, People), {RETRY}."
_NAMES = ("givenName", "familyName")
_ADDRESSES = ("userName", "email")


def _not_text(rule: str, title: str, attributes: tuple[str, ...]) -> Entry:
    cause = f"The attribute that is mapped to {attributes[0]} has another data type, such as a list."
    return Entry(rule, title, cause, _MAKE_IT_TEXT, (_TEXT,), attributes)


RULES: tuple[Entry, ...] = (
    Entry(
        "UN-01",
        "The user name is missing",
        "Okta sent no userName, or an empty one.",
        f"Sign On tab of the application: set the application username format to Email, {RETRY}.",
        ("userName is required. In Okta set the application username format to Email.",),
        ("userName",),
    ),
    _not_text("UN-02", "The user name is not text", ("userName",)),
    Entry(
        "UN-05",
        "The user name has characters that are not allowed",
        "It is no email address, and has other characters than letters, digits and the signs . _ ' + - in it.",
        f"Sign On tab of the application: set the application username format to Email, {RETRY}.",
        ("userName '…' may contain only letters, digits and . _ ' + - (or be an email address).",),
        ("userName",),
    ),
    Entry(
        "UN-10",
        "The user name is taken",
        "A new user was to be created with the name of an existing one, active or not.",
        "Nothing, if it is the same person: Okta links to the existing user on its next try (Retry Selected under "
        "Dashboard, Tasks). If it is somebody else, change one of the user names.",
        (
            "A user with userName … already exists in your organization. "
            "Okta links to it automatically when the application username matches.",
        ),
        ("userName",),
        409,
        "uniqueness",
    ),
    Entry(
        "UN-13",
        "The new user name is taken",
        "An existing user was to get the name of another one.",
        "Choose another user name, or deactivate and rename the other user first.",
        ("userName … is already used by another user in your organization.",),
        ("userName",),
        409,
        "uniqueness",
    ),
    Entry(
        "UN-14",
        "The user name is too long",
        "It is no email address and longer than 254 characters.",
        f"Shorten the application username (Assignments tab, the person, Edit), {RETRY}.",
        ("userName is … characters long; the limit is ….",),
        ("userName",),
    ),
    _not_text("EM-02", "The email is not text", ("email",)),
    Entry(
        "EM-03",
        "The email address is not valid",
        "It has no @ or no domain with a dot, or is longer than 254 characters (64 before the @).",
        _ON_THE_PROFILE,
        ("… '…' is not a valid email address.",),
        _ADDRESSES,
    ),
    Entry(
        "EM-05",
        "The email address has a letter that looks like another one",
        "Before the @ only plain letters are allowed: a Cyrillic а looks Latin and would make two people of one.",
        f"Retype the address on the person's profile in Okta (Directory, People), {RETRY}.",
        ("… contains the character …, which is not allowed before the @ sign. Retype it with plain letters.",),
        _ADDRESSES,
    ),
    Entry(
        "EM-10",
        "Several emails are primary",
        "More than one entry of emails says that it is the primary one.",
        f"{PROFILE_EDITOR}, Mappings: let only the primary email be mapped as primary.",
        ("Only one email can be primary. Check the Primary email mapping in Okta.",),
        ("email",),
    ),
    Entry(
        "EM-15",
        "Too many emails",
        "A person can have 1,000 email addresses.",
        f"{PROFILE_EDITOR}, Mappings: send fewer.",
        ("email has … entries; the limit is ….",),
        ("email",),
    ),
    Entry(
        "ET-03",
        "The type of the email is not a short word",
        "emailType is longer than 32 characters or has blanks and signs in it.",
        f"{PROFILE_EDITOR}, Mappings: send work, home or other, or remove the mapping of emailType.",
        ("emailType must be a short word such as work, home or other.",),
        ("emailType",),
    ),
    _not_text("ET-04", "The type of the email is not text", ("emailType",)),
    Entry(
        "NM-03",
        "A provider's name is missing",
        "First and last name of a dispensing provider are printed on labels and reported to the state.",
        f"Fill in the name on the person's profile in Okta (Directory, People), or set isProvider to false, {RETRY}.",
        ("… is required because isProvider is true.",),
        _NAMES,
    ),
    _not_text("NM-04", "A name is not text", _NAMES),
    Entry(
        "NM-10",
        "A provider's name contains a number",
        "A dispensing provider's first and last name cannot contain numbers of any script.",
        f"Correct the name on the person's profile in Okta (Directory, People), or set isProvider to false, {RETRY}.",
        (
            "… '…' contains a number. A dispensing provider's first and last name cannot contain numbers. "
            "Correct the name in Okta, or set isProvider to false.",
        ),
        _NAMES,
    ),
    Entry(
        "NM-12",
        "A name contains an invisible character",
        "It was copied together with a zero-width or direction character.",
        f"Retype the name on the person's profile in Okta (Directory, People), {RETRY}.",
        ("… contains the invisible character … at position …. Retype the name in Okta.",),
        _NAMES,
    ),
    Entry(
        "NM-13",
        "A name is too long",
        "It is longer than 100 characters.",
        _ON_THE_PROFILE,
        ("… is … characters long; the limit is ….",),
        _NAMES,
    ),
    Entry(
        "BO-04",
        "A yes/no value is neither true nor false",
        "The attribute has another data type, or is mapped from a text such as yes.",
        f"{PROFILE_EDITOR}: give the attribute the data type boolean, and map true or false to it, {RETRY}.",
        ("… must be true or false, but Okta sent ….",),
        ("active", "isProvider", "isPhysicianAssistant", "email"),
    ),
    Entry(
        "NPI-01",
        "A provider has no NPI",
        "npi is required because isProvider is true.",
        f"Enter the provider's 10-digit NPI on the person's profile in Okta, or set isProvider to false, {RETRY}.",
        (
            "npi is required because isProvider is true. "
            "Add the provider's 10-digit NPI in Okta, or set isProvider to false.",
        ),
        ("npi",),
    ),
    Entry(
        "NPI-02",
        "The NPI is neither text nor a whole number",
        "The attribute that is mapped to npi has another data type.",
        _MAKE_IT_TEXT,
        ("npi must be text, but Okta sent ….",),
        ("npi",),
    ),
    Entry(
        "NPI-03",
        "The NPI is not ten digits",
        "It has letters, blanks or dashes, or more or fewer digits. The value is not repeated: a wrong mapping "
        "may have sent something confidential.",
        f"Check which attribute is mapped to npi, and correct the number on the person's profile in Okta, {RETRY}.",
        ("npi must be exactly 10 digits with no spaces, dashes or letters; the value sent has … characters.",),
        ("npi",),
    ),
    Entry(
        "NPI-04",
        "The NPI starts with another digit than 1 or 2",
        "No NPI does; it is probably another number of the provider.",
        f"Compare with the NPPES NPI Registry and correct it on the person's profile in Okta, {RETRY}.",
        ("npi '…' is not valid: an NPI starts with 1 or 2.",),
        ("npi",),
    ),
    Entry(
        "NPI-05",
        "The check digit of the NPI does not match",
        "A digit is mistyped, or two are swapped.",
        f"Compare with the NPPES NPI Registry and correct it on the person's profile in Okta, {RETRY}.",
        (
            "npi '…' is not valid: its check digit does not match. "
            "Check for a mistyped digit against the NPPES NPI Registry.",
        ),
        ("npi",),
    ),
    Entry(
        "NPI-07",
        "The NPI carries the card prefix 80840",
        "It is the long form that is printed on cards.",
        f"Enter the last ten digits on the person's profile in Okta, {RETRY}.",
        ("npi '…' has 15 digits because it starts with the card prefix 80840. Send only the last 10 digits.",),
        ("npi",),
    ),
    _not_text("DEA-02", "The DEA number is not text", ("deaLicense",)),
    Entry(
        "DEA-03",
        "The DEA number does not have the form of one",
        "It is not two letters and seven digits with an optional hospital suffix after a dash; two numbers in "
        "one value are no DEA number either.",
        f"Correct it on the person's profile in Okta, or leave it empty, {RETRY}.",
        (
            "deaLicense must be two letters and seven digits, for example AB1234563 "
            "(the second character may be 9). A hospital suffix may follow after a dash.",
        ),
        ("deaLicense",),
    ),
    Entry(
        "DEA-05",
        "The check digit of the DEA number does not match",
        "A digit is mistyped.",
        f"Compare with the provider's certificate and correct it on the person's profile in Okta, {RETRY}.",
        ("deaLicense … is not valid: its check digit does not match. Check for a mistyped digit.",),
        ("deaLicense",),
    ),
    Entry(
        "DEA-06",
        "The DEA number is no practitioner's",
        "Its first letter belongs to distributors, researchers or treatment programmes.",
        f"Enter the practitioner's own registration, which starts with A, B, F, G or M, {RETRY}.",
        (
            "deaLicense … starts with …, which is not a practitioner registration. "
            "Provider registrations start with A, B, F, G or M.",
        ),
        ("deaLicense",),
    ),
    Entry(
        "DEA-07",
        "The DEA number is an X number",
        "X numbers (buprenorphine waivers) are no longer issued.",
        f"Enter the provider's regular DEA number on the person's profile in Okta, {RETRY}.",
        (
            "deaLicense … starts with X. X numbers (buprenorphine waivers) are no longer issued; "
            "send the provider's regular DEA number.",
        ),
        ("deaLicense",),
    ),
    Entry(
        "DEA-08",
        "The DEA number is a placeholder",
        "All its digits are zero.",
        f"Enter the provider's number on the person's profile in Okta, or leave it empty, {RETRY}.",
        ("deaLicense has all zeros for its digits, which is a placeholder and not a registration.",),
        ("deaLicense",),
    ),
    Entry(
        "RO-04",
        "The role is not known",
        "The roles are Assistant and Manager.",
        f"{PROFILE_EDITOR}, Mappings: send one of the two, or nothing for Assistant. A dispensing provider is marked "
        "with isProvider.",
        (
            "role '…' is not known. Use Assistant or Manager.",
            "role '…' is not known. Use Assistant or Manager. To mark a dispensing provider use isProvider.",
        ),
        ("role",),
    ),
    _not_text("RO-05", "The role is not text", ("role",)),
    Entry(
        "TZ-05",
        "The time zone is a Windows name",
        "The value comes from Active Directory; MDScripts uses the names of the time zone database.",
        f"Enter the name that the message proposes on the person's profile in Okta, {RETRY}.",
        ("timezone '…' is a Windows time zone name. Use '…' instead.",),
        ("timezone",),
    ),
    Entry(
        "TZ-06",
        "The time zone is not known",
        "It is not in the time zone database.",
        f"Enter a name such as US/Eastern on the person's profile in Okta, or leave it empty, {RETRY}.",
        ("timezone '…' is not in the time zone database. Use a name such as ….",),
        ("timezone",),
    ),
    _not_text("TZ-07", "The time zone is not text", ("timezone",)),
    Entry(
        "SI-06",
        "A site is not known",
        "A number in siteNumbers belongs to no site of the organization; leading zeros are part of a number.",
        f"Compare with Admin Home, Sites, and correct siteNumbers in Okta, {RETRY}.",
        (
            "siteNumbers not found in your organization: …. See Admin Home, Sites for the valid numbers.",
            "siteNumbers not found in your organization: …. Did you mean …? Leading zeros are part of the number. "
            "See Admin Home, Sites for the valid numbers.",
        ),
        ("siteNumbers",),
    ),
    Entry(
        "SI-08",
        "A site is closed",
        "A number in siteNumbers belongs to a site that was closed.",
        f"Remove it from siteNumbers in Okta, {RETRY}.",
        ("siteNumbers refers to closed sites: …. Remove them in Okta.",),
        ("siteNumbers",),
    ),
    Entry(
        "SI-09",
        "The sites are not separated by commas",
        "siteNumbers has semicolons, blanks or other signs between the numbers.",
        f"Write the numbers with commas, for example 00101,00102, {RETRY}.",
        ("siteNumbers must be separated by commas; '…' uses another separator.",),
        ("siteNumbers",),
    ),
    Entry(
        "SI-10",
        "The sites are not a list of numbers",
        "The attribute that is mapped to siteNumbers is neither text nor a list nor a number.",
        _MAKE_IT_TEXT,
        ("siteNumbers must be a comma-delimited list of site numbers, for example '00101,00102'.",),
        ("siteNumbers",),
    ),
    Entry(
        "SI-13",
        "Too many sites",
        "A person can have 500 sites.",
        f"Send fewer numbers in siteNumbers, {RETRY}.",
        ("siteNumbers lists … sites; the limit is ….",),
        ("siteNumbers",),
    ),
    Entry(
        "LC-10",
        "The user does not exist here",
        "The user was deleted, or belongs to another organization.",
        "Unassign the person from the application and assign them again; Okta then creates or links the user.",
        ("User not found.",),
        (),
        404,
        None,
    ),
    Entry(
        "LC-11",
        "Okta SCIM is not enabled",
        "The organization's Okta SCIM feature is off.",
        "Ask MDScripts support to enable it, then retry what failed in Okta under Dashboard, Tasks.",
        ("Okta SCIM is not enabled for your organization. Contact ….",),
        (),
        403,
        None,
    ),
)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for assessment results of OSCAL, in our own words: what NIST's published JSON Schema asks of the keys that Assay
writes (oscal_assessment-results_schema.json, 1.1.2 and 1.2.0: where the two differ, what both allow), what the metaschema
modules metadata, assessment-common, implementation-common and control-common add to it (1.1.2: constraints that JSON Schema
can not say), and what we ask of ourselves beyond that. docs/oscal.md tells what was compared.

    faults_of(document)     what breaks a rule, with its place; [] when nothing does
"""
import datetime
import re

OURS = "urn:assay:oscal"
NIST = "http://csrc.nist.gov/ns/oscal"

# ---- the model: each rule names its section; a key with "!" is required, [x] is a list of at least one x ----


def section(name, /, **keys):
    """A mapping: no key beside these. Keys are written with _ for -."""
    model = {}
    for key, kind in keys.items():
        model[key.rstrip("_").replace("_", "-")] = kind
    MODEL[name] = model


class Must:  # a required key
    def __init__(self, kind):
        self.kind = kind


class One:  # one of these words and no other
    def __init__(self, *words):
        self.words = words


MODEL = {}
COMMON = {"props": ["metadata.property"], "links": ["metadata.link"]}
section("assessment-results", uuid=Must("uuid"), metadata=Must("metadata"), import_ap=Must("import-ap"),
        local_definitions="assessment-results.local-definitions", results=Must(["result"]), back_matter="metadata.back-matter")
section("assessment-results.local-definitions", objectives_and_methods=["local-objective"], activities=["activity"], remarks="markup")
section("import-ap", href=Must("uri-reference"), remarks="markup")
section("metadata", title=Must("markup"), published="date-time", last_modified=Must("date-time"), version=Must("string"),
        oscal_version=Must("string"), document_ids=["metadata.document-id"], roles=["metadata.role"], parties=["metadata.party"],
        responsible_parties=["metadata.responsible-party"], remarks="markup", **COMMON)
section("metadata.role", id=Must("token"), title=Must("markup"), short_name="string", description="markup", remarks="markup", **COMMON)
section("metadata.party", uuid=Must("uuid"), type=Must(One("person", "organization")), name="string", short_name="string",
        remarks="markup", **COMMON)
section("metadata.responsible-party", role_id=Must("token"), party_uuids=Must(["uuid"]), remarks="markup", **COMMON)
section("metadata.responsible-role", role_id=Must("token"), party_uuids=["uuid"], remarks="markup", **COMMON)
section("metadata.property", name=Must("token"), uuid="uuid", ns="uri", value=Must("string"), class_="token", group="token",
        remarks="markup")
section("metadata.link", href=Must("uri-reference"), rel="token", media_type="string", resource_fragment="string", text="markup")
section("metadata.back-matter", resources=["metadata.resource"])
section("metadata.resource", uuid=Must("uuid"), title="markup", description="markup", props=["metadata.property"],
        document_ids=["metadata.document-id"], rlinks=["metadata.rlink"], remarks="markup")
section("metadata.rlink", href=Must("uri-reference"), media_type="string", hashes=["metadata.hash"])
section("metadata.hash", algorithm=Must("string"), value=Must("string"))
section("local-objective", control_id=Must("token"), description="markup", parts=Must(["control-common.part"]), remarks="markup", **COMMON)
section("control-common.part", id="token", name=Must("token"), ns="uri", class_="token", title="markup", prose="markup",
        parts=["control-common.part"], **COMMON)
section("result", uuid=Must("uuid"), title=Must("markup"), description=Must("markup"), start=Must("date-time"), end="date-time",
        local_definitions="result.local-definitions", reviewed_controls=Must("reviewed-controls"), observations=["observation"],
        risks=["risk"], findings=["finding"], remarks="markup", **COMMON)
section("result.local-definitions", components=["system-component"], inventory_items=["inventory-item"], users=["system-user"],
        assessment_assets="assessment-assets", tasks=["task"])
section("system-component", uuid=Must("uuid"), type=Must("string"), title=Must("markup"), description=Must("markup"),
        purpose="markup", status=Must("system-component.status"), responsible_roles=["metadata.responsible-role"],
        remarks="markup", **COMMON)
section("system-component.status", state=Must(One("under-development", "operational", "disposition", "other")), remarks="markup")
section("assessment-assets", components=["system-component"], assessment_platforms=Must(["assessment-platform"]))
section("assessment-platform", uuid=Must("uuid"), title="markup", uses_components=["uses-component"], remarks="markup", **COMMON)
section("uses-component", component_uuid=Must("uuid"), remarks="markup", **COMMON)
section("reviewed-controls", description="markup", control_selections=Must(["control-selection"]),
        control_objective_selections=["objective-selection"], remarks="markup", **COMMON)
section("control-selection", description="markup", include_all="nothing", include_controls=["select-control-by-id"],
        exclude_controls=["select-control-by-id"], remarks="markup", **COMMON)
section("select-control-by-id", control_id=Must("token"), statement_ids=["token"])
section("objective-selection", description="markup", include_all="nothing", include_objectives=["select-objective-by-id"],
        exclude_objectives=["select-objective-by-id"], remarks="markup", **COMMON)
section("select-objective-by-id", objective_id=Must("token"))
section("observation", uuid=Must("uuid"), title="markup", description=Must("markup"),
        methods=Must([One("EXAMINE", "INTERVIEW", "TEST", "UNKNOWN")]),
        types=[One("ssp-statement-issue", "control-objective", "mitigation", "finding", "historic")], origins=["origin"],
        subjects=["subject-reference"], relevant_evidence=["relevant-evidence"], collected=Must("date-time"),
        expires="date-time", remarks="markup", **COMMON)
section("origin", actors=Must(["origin-actor"]))
section("origin-actor", type=Must(One("tool", "assessment-platform", "party")), actor_uuid=Must("uuid"), role_id="token", **COMMON)
section("subject-reference", subject_uuid=Must("uuid"), title="markup", remarks="markup",
        type=Must(One("component", "inventory-item", "location", "party", "user", "resource")), **COMMON)
section("relevant-evidence", href="uri-reference", description=Must("markup"), remarks="markup", **COMMON)
section("finding", uuid=Must("uuid"), title=Must("markup"), description=Must("markup"), origins=["origin"],
        target=Must("finding-target"), implementation_statement_uuid="uuid", related_observations=["related-observation"],
        related_risks=["associated-risk"], remarks="markup", **COMMON)
section("finding-target", type=Must(One("statement-id", "objective-id")), target_id=Must("token"), title="markup",
        description="markup", status=Must("finding-target.status"), remarks="markup", **COMMON)
section("finding-target.status", state=Must(One("satisfied", "not-satisfied")), reason=One("pass", "fail", "other"), remarks="markup")
section("related-observation", observation_uuid=Must("uuid"))
section("associated-risk", risk_uuid=Must("uuid"))
section("risk", uuid=Must("uuid"), title=Must("markup"), description=Must("markup"), statement=Must("markup"),
        status=Must(One("open", "investigating", "remediating", "deviation-requested", "deviation-approved", "closed")),
        origins=["origin"], characterizations=["characterization"], deadline="date-time", remediations=["response"],
        related_observations=["related-observation"], **COMMON)
section("characterization", origin=Must("origin"), facets=Must(["facet"]), **COMMON)
section("facet", name=Must("token"), system=Must("uri"), value=Must("string"), remarks="markup", **COMMON)
section("response", uuid=Must("uuid"), lifecycle=Must(One("recommendation", "planned", "completed")), title=Must("markup"),
        description=Must("markup"), origins=["origin"], remarks="markup", **COMMON)
section("nothing")

# Of these keys a mapping has exactly one.
ONE_OF = {
    "control-selection": ("include-all", "include-controls"),
    "objective-selection": ("include-all", "include-objectives"),
}

# In these lists no two entries agree in all of these keys.
UNIQUE = {
    "metadata": [("roles", "id"), ("parties", "uuid"), ("responsible-parties", "role-id"), ("links", "href", "rel", "media-type"),
                 ("props", "name", "ns", "class", "group", "value")],
    "assessment-assets": [("components", "uuid")],
    "system-component": [("responsible-roles", "role-id")],
    "control-selection": [("include-controls", "control-id"), ("exclude-controls", "control-id")],
    "objective-selection": [("include-objectives", "objective-id")],
    "metadata.resource": [("rlinks", "href", "media-type")],
    "metadata.back-matter": [("resources", "uuid")],
}

# The names that a property without a namespace, or in NIST's, may have there; everywhere else it is "marking".
PROPERTY_NAMES = {
    "system-component": {
        "implementation-point", "leveraged-authorization-uuid", "inherited-uuid", "asset-type", "asset-id", "asset-tag", "public",
        "virtual", "vlan-id", "network-id", "label", "sort-id", "baseline-configuration-name", "allows-authenticated-scan", "function",
        "version", "patch-level", "model", "release-date", "validation-type",
    },
    "metadata": {"keywords"},
    "metadata.resource": {"type", "version", "published"},
    "metadata.party": {"mail-stop", "office", "job-title"},
    "control-common.part": {"label", "sort-id", "alt-identifier"},
    "risk": {"false-positive", "accepted", "risk-adjusted", "priority"},
    "response": {"type"},
    "facet": {"state"},
}

# A part of an objective that is in NIST's namespace: its names; at most one is an objective, which names its method in a
# property "method-id". PROPERTY_NAMES has no such name (nor has NIST's list): no such part keeps both rules.
PART_NAMES = {"objective", "assessment", "assessment-objective", "assessment-method"}
OBJECTIVE_NAMES = {"objective", "assessment-objective"}

# Hexadecimal digits of a hash, and the names of a facet, where its system is one of NIST's list.
HASH_DIGITS = {"SHA-224": 56, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128,
               "SHA3-224": 56, "SHA3-256": 64, "SHA3-384": 96, "SHA3-512": 128}
FACET_NAMES = {OURS: {"severity"}, NIST: {"likelihood", "impact", "risk", "severity"}}

# Data types (metaschema, "Data Types"). A string is one line; JavaScript's and Python's white space count at its ends. A
# token is an NCName. A date-time has a time zone. UUIDs are of version 4 or 5.
SPACE = "\\s\ufeff"
TYPES = {
    "uuid": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    "token": re.compile(r"[A-Za-z_][A-Za-z0-9._-]*"),
    "string": re.compile(rf"[^{SPACE}]([^\n\r\u2028\u2029]*[^{SPACE}])?"),
    "markup": re.compile(rf"[^{SPACE}]([^\n\r\u2028\u2029]*[^{SPACE}])?"),  # one line is what is written here
    "date-time": re.compile(r"(19|2\d)\d\d-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ"),  # and is_day()
    "uri": re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:[!-~]+"),
    "uri-reference": re.compile(r"(#[0-9a-f-]{36}|([A-Za-z0-9._~/-]|%[0-9A-F]{2})+)"),
}
# What moves a cursor or reorders text, and what XML 1.0 has no place for.
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]")


def is_day(text):
    """A day of the calendar, as NIST's pattern knows it: it has no 29 February before 2000."""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return not (day.year < 2000 and (day.month, day.day) == (2, 29))


def is_nists(thing):
    return thing.get("ns", NIST) == NIST


def check_properties(kind, value, where, faults):
    for prop in value.get("props", []):
        if is_nists(prop) and prop["name"] not in PROPERTY_NAMES.get(kind, set()) | {"marking"}:
            faults.append(f"{where}: OSCAL knows no property {prop['name']!r} of {kind}")
        if prop.get("ns", OURS) not in (OURS, NIST):
            faults.append(f"{where}: {prop['name']!r} is in a namespace that is not ours")


def check_link(value, where, faults):
    local = value["href"].startswith("#")
    if local and "media-type" in value:
        faults.append(f"{where}: a reference into the document has no media type of its own")
    if not local and value.get("rel") == "reference" and not TYPES["uri"].fullmatch(value["href"]):
        faults.append(f"{where}: {value['href']!r} is no absolute URI")


def check_objective(value, where, faults):
    parts = [part for part in value["parts"] if is_nists(part)]
    faults += [f"{where}: OSCAL knows no part {part['name']!r} of an objective" for part in parts if part["name"] not in PART_NAMES]
    objectives = [part for part in parts if part["name"] in OBJECTIVE_NAMES]
    if len(objectives) > 1:
        faults.append(f"{where}: more than one objective")
    for part in objectives:
        if not any(is_nists(prop) and prop["name"] == "method-id" for prop in part.get("props", [])):
            faults.append(f"{where}: an objective of OSCAL's namespace names no method")


def check_hash(value, where, faults):
    digits = HASH_DIGITS.get(value["algorithm"])
    if not digits or not re.fullmatch(rf"[0-9a-f]{{{digits}}}", value["value"]):
        faults.append(f"{where}: {value['value']!r} is no {value['algorithm']}")


def check_facet(value, where, faults):
    if value["name"] not in FACET_NAMES.get(value["system"], set()):
        faults.append(f"{where}: the system {value['system']!r} has no facet {value['name']!r}")


CONSTRAINTS = {"metadata.link": check_link, "local-objective": check_objective, "metadata.hash": check_hash, "facet": check_facet}


def check_constraints(kind, value, where, faults):
    """What the keys of a mapping, each good by itself, must be together."""
    if kind in ONE_OF and sum(key in value for key in ONE_OF[kind]) != 1:
        faults.append(f"{where}: not exactly one of {ONE_OF[kind]}")
    for name, *keys in UNIQUE.get(kind, []):
        seen = [tuple(item.get(key) for key in keys) for item in value.get(name, [])]
        faults += [f"{where}.{name}: {item} twice" for item in sorted(set(seen), key=str) if seen.count(item) > 1]
    check_properties(kind, value, where, faults)
    if kind in CONSTRAINTS:
        CONSTRAINTS[kind](value, where, faults)


def check(kind, value, where, faults):
    """Adds to faults what breaks the rules of this section or data type."""
    if isinstance(kind, Must):
        kind = kind.kind
    if isinstance(kind, list):
        if not isinstance(value, list) or not value:
            faults.append(f"{where}: not a list of at least one")
            return
        for i, item in enumerate(value):
            check(kind[0], item, f"{where}[{i}]", faults)
    elif isinstance(kind, One):
        if value not in kind.words:
            faults.append(f"{where}: {value!r} is none of {kind.words}")
    elif kind in TYPES:
        if not isinstance(value, str) or not TYPES[kind].fullmatch(value) or UNSAFE.search(value):
            faults.append(f"{where}: {value!r} is no {kind}")
        elif kind == "date-time" and not is_day(value[:10]):
            faults.append(f"{where}: {value!r} is no day")
    elif not isinstance(value, dict):
        faults.append(f"{where}: not a mapping ({kind})")
    else:
        model, before = MODEL[kind], len(faults)
        for key in value:
            if key not in model:
                faults.append(f"{where}: {kind} has no key {key!r}")
            else:
                check(model[key], value[key], f"{where}.{key}", faults)
        for key, wanted in model.items():
            if isinstance(wanted, Must) and key not in value:
                faults.append(f"{where}: {kind} lacks {key!r}")
        if len(faults) == before:
            check_constraints(kind, value, where, faults)


def walk(value, key=None):
    yield key, value
    for name, item in value.items() if isinstance(value, dict) else ((key, item) for item in value) if isinstance(value, list) else ():
        yield from walk(item, name)


def each(document, key):
    """Every mapping that has this key."""
    return [value for _, value in walk(document) if isinstance(value, dict) and key in value]


def identifiers(things, key="uuid"):
    return [thing[key] for thing in things if key in thing]


def check_types(document, known, faults):
    """What is referred to is of the type that the reference says."""
    for subject in each(document, "subject-uuid"):
        if subject["subject-uuid"] not in known.get(subject["type"], []):
            faults.append(f"subject {subject['subject-uuid']} is no {subject['type']}")
    for actor in each(document, "actor-uuid"):
        if actor["actor-uuid"] not in known.get(actor["type"], []):
            faults.append(f"actor {actor['actor-uuid']} is no {actor['type']}")


def check_selections(result, faults):
    """What is excluded was included before."""
    for selection in result["reviewed-controls"]["control-selections"]:
        included = identifiers(selection.get("include-controls", []), "control-id")
        for name in identifiers(selection.get("exclude-controls", []), "control-id"):
            if "include-all" not in selection and name not in included:
                faults.append(f"control {name} is excluded and was not included")


def check_references(document, faults):
    """Everything that is referred to is there, and what is identified is so once."""
    own = identifiers(each(document, "uuid"))
    faults += [f"{name} identifies two things" for name in set(own) if own.count(name) > 1]
    result = document["results"][0]
    definitions = result.get("local-definitions", {})
    assets = definitions.get("assessment-assets", {})
    tools, resources = identifiers(assets.get("components", [])), identifiers(document["back-matter"]["resources"])
    components, parties = identifiers(definitions.get("components", [])), identifiers(document["metadata"].get("parties", []))
    objectives = document.get("local-definitions", {}).get("objectives-and-methods", [])
    known = {
        "observation-uuid": identifiers(result.get("observations", [])),
        "risk-uuid": identifiers(result.get("risks", [])),
        "component-uuid": components + tools,
        "party-uuids": parties,
        "role-id": identifiers(document["metadata"].get("roles", []), "id"),
        "control-id": identifiers(objectives, "control-id"),
        "objective-id": [name for objective in objectives for name in identifiers(objective["parts"], "id")],
    }
    known["target-id"] = known["objective-id"]
    for names in ("control-id", "objective-id"):
        faults += [f"{name}: two of this name" for name in set(known[names]) if known[names].count(name) > 1]
    for key, value in walk(document):
        if isinstance(value, str) and key in known and value not in known[key]:
            faults.append(f"{key} {value}: not there")
        if isinstance(value, str) and key == "href" and value.startswith("#") and value[1:] not in resources:
            faults.append(f"href {value}: not there")
    check_types(document, {"component": components, "resource": resources, "party": parties, "tool": tools,
                           "assessment-platform": identifiers(assets.get("assessment-platforms", []))}, faults)
    check_selections(result, faults)


def faults_of(log):
    if list(log) != ["assessment-results"]:
        return ["the root is not assessment-results"]
    faults = []
    check("assessment-results", log["assessment-results"], "$", faults)
    if not faults:
        check_references(log["assessment-results"], faults)
    return faults

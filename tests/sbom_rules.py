# SPDX-License-Identifier: GPL-3.0-or-later
"""What the specifications of bills of materials and vulnerability documents demand beyond their schemas."""
import re
from urllib.parse import unquote  # noqa: F401 (used by the tests)

PURL = re.compile(r"pkg:[a-z][a-z0-9.-]*(/[A-Za-z0-9._~:%-]+)+(@[A-Za-z0-9._~:%-]+)?"
                  r"(\?[a-z][a-z0-9._-]*=[A-Za-z0-9._~:%-]+(&[a-z][a-z0-9._-]*=[A-Za-z0-9._~:%-]+)*)?")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
# SPDX 2.3, annex F.2: cpe23Type
CPE23 = re.compile(r"cpe:2\.3:[aho*\-](:(((\?*|\*?)([a-zA-Z0-9\-._]|(\\[\\*?!\"#$%&'()+,/:;<=>@\[\]^`{|}~]))+(\?*|\*?))|[*\-])){5}"
                   r"(:(([a-zA-Z]{2,3}(-([a-zA-Z]{2}|[0-9]{3}))?)|[*\-]))"
                   r"(:(((\?*|\*?)([a-zA-Z0-9\-._]|(\\[\\*?!\"#$%&'()+,/:;<=>@\[\]^`{|}~]))+(\?*|\*?))|[*\-])){4}")


def unique(test, items):
    items = list(items)
    test.assertEqual(len(items), len(set(items)), [i for i in items if items.count(i) > 1])
    return set(items)


def check_cyclonedx(test, d):
    """bom-refs are unique, what is referred to is there, purls and CPEs are well formed."""
    refs = [c["bom-ref"] for c in d["components"]] + [d["metadata"]["component"]["bom-ref"]]
    refs += [c["bom-ref"] for c in d["metadata"]["tools"]["components"]]
    vulnerabilities = d.get("vulnerabilities", [])
    unique(test, refs + [v["bom-ref"] for v in vulnerabilities])
    for item in d["dependencies"]:
        test.assertIn(item["ref"], refs)
        for ref in item["dependsOn"]:
            test.assertIn(ref, refs)
    unique(test, (item["ref"] for item in d["dependencies"]))
    for v in vulnerabilities:
        for affected in v["affects"]:
            test.assertIn(affected["ref"], refs)
    for c in d["components"]:
        test.assertTrue(PURL.fullmatch(c["purl"]), c["purl"])
        if "cpe" in c:
            test.assertTrue(CPE23.fullmatch(c["cpe"]), c["cpe"])


def check_spdx2(test, d):
    """SPDX 2.3, sections 6 (document), 7 (packages), 11 (relationships), annex F (external references)."""
    test.assertEqual((d["spdxVersion"], d["dataLicense"], d["SPDXID"]), ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"))
    test.assertTrue(d["name"])
    test.assertRegex(d["documentNamespace"], r"^[a-z]+:[^#\s]+$")  # 6.5: a URI without '#'
    test.assertTrue(TIME.fullmatch(d["creationInfo"]["created"]))
    for creator in d["creationInfo"]["creators"]:
        test.assertRegex(creator, r"^(Tool|Organization|Person): .+")
    ids = unique(test, [p["SPDXID"] for p in d["packages"]] + ["SPDXRef-DOCUMENT"])
    for p in d["packages"]:
        test.assertRegex(p["SPDXID"], r"^SPDXRef-[A-Za-z0-9.-]+$")
        for field in ("name", "downloadLocation", "licenseConcluded", "licenseDeclared", "copyrightText"):
            test.assertTrue(p[field], field)
        test.assertIs(p["filesAnalyzed"], False)
        test.assertNotIn("packageVerificationCode", p)  # 7.9: not where filesAnalyzed is false
        test.assertRegex(p["supplier"], r"^(NOASSERTION|Organization: .+|Person: .+)$")
        test.assertIn(p["primaryPackagePurpose"], ("APPLICATION", "FRAMEWORK", "LIBRARY", "CONTAINER", "OPERATING-SYSTEM", "DEVICE",
                                                   "FIRMWARE", "SOURCE", "ARCHIVE", "FILE", "INSTALL", "OTHER"))
        for c in p.get("checksums", []):
            test.assertEqual(c["algorithm"], "SHA256")
            test.assertRegex(c["checksumValue"], r"^[0-9a-f]{64}$")
        for a in p.get("annotations", []):  # clause 12: all four are mandatory
            test.assertRegex(a["annotator"], r"^Tool: .+-.+")
            test.assertTrue(TIME.fullmatch(a["annotationDate"]))
            test.assertEqual((a["annotationType"], a["comment"][:6]), ("OTHER", "assay:"))
        for r in p.get("externalRefs", []):
            if r["referenceType"] == "purl":
                test.assertEqual(r["referenceCategory"], "PACKAGE-MANAGER")
                test.assertTrue(PURL.fullmatch(r["referenceLocator"]), r)
            else:
                test.assertEqual((r["referenceCategory"], r["referenceType"]), ("SECURITY", "cpe23Type"))
                test.assertTrue(CPE23.fullmatch(r["referenceLocator"]), r)
    kinds = {"DESCRIBES", "CONTAINS", "DEPENDS_ON"}
    for r in d["relationships"]:
        test.assertIn(r["spdxElementId"], ids)
        test.assertIn(r["relatedSpdxElement"], ids)
        test.assertIn(r["relationshipType"], kinds)
    test.assertTrue(any(r["relationshipType"] == "DESCRIBES" and r["spdxElementId"] == "SPDXRef-DOCUMENT" for r in d["relationships"]))


SPDX3_REQUIRED = {
    "CreationInfo": ("specVersion", "created", "createdBy"),
    "Organization": (), "SoftwareAgent": (), "Tool": (),
    "SpdxDocument": ("rootElement",),
    "software_Sbom": ("rootElement",),
    "software_Package": ("name",),
    "software_File": ("name",),
    "Relationship": ("from", "to", "relationshipType"),
    "Annotation": ("annotationType", "subject"),
    "simplelicensing_LicenseExpression": ("simplelicensing_licenseExpression",),
    "security_Vulnerability": (),
    "security_VexAffectedVulnAssessmentRelationship": ("from", "to", "relationshipType", "security_actionStatement"),
    "security_VexNotAffectedVulnAssessmentRelationship": ("from", "to", "relationshipType"),
    "security_VexFixedVulnAssessmentRelationship": ("from", "to", "relationshipType"),
    "security_VexUnderInvestigationVulnAssessmentRelationship": ("from", "to", "relationshipType"),
    "security_CvssV2VulnAssessmentRelationship": ("from", "to", "relationshipType", "security_score", "security_vectorString"),
    "security_CvssV3VulnAssessmentRelationship": ("from", "to", "relationshipType", "security_score", "security_severity",
                                                  "security_vectorString"),
    "security_CvssV4VulnAssessmentRelationship": ("from", "to", "relationshipType", "security_score", "security_severity",
                                                  "security_vectorString"),
}
# The one relationshipType that each of these classes may have.
SPDX3_RELATIONSHIPS = {
    "security_VexAffectedVulnAssessmentRelationship": "affects",
    "security_VexNotAffectedVulnAssessmentRelationship": "doesNotAffect",
    "security_VexFixedVulnAssessmentRelationship": "fixedIn",
    "security_VexUnderInvestigationVulnAssessmentRelationship": "underInvestigationFor",
    "security_CvssV2VulnAssessmentRelationship": "hasAssessmentFor",
    "security_CvssV3VulnAssessmentRelationship": "hasAssessmentFor",
    "security_CvssV4VulnAssessmentRelationship": "hasAssessmentFor",
}


def check_spdx3(test, d):
    """SPDX 3.0.1: classes with their minCounts, references, and that each Element is one of the document."""
    test.assertEqual(d["@context"], "https://spdx.org/rdf/3.0.1/spdx-context.jsonld")
    graph = d["@graph"]
    creation = [e for e in graph if e["type"] == "CreationInfo"]
    test.assertEqual(len(creation), 1)
    test.assertEqual(creation[0]["specVersion"], "3.0.1")
    test.assertTrue(TIME.fullmatch(creation[0]["created"]))
    elements = [e for e in graph if e["type"] != "CreationInfo"]
    ids = unique(test, (e["spdxId"] for e in elements))
    for e in graph:
        for field in SPDX3_REQUIRED[e["type"]]:
            test.assertTrue(e.get(field), (e["type"], field))
        for field in ("from", "to", "rootElement", "element", "subject", "suppliedBy", "createdBy", "createdUsing"):
            refs = e.get(field, [])
            for ref in [refs] if isinstance(refs, str) else refs:
                test.assertIn(ref, ids, (e["type"], field))
        if e["type"] in SPDX3_RELATIONSHIPS:
            test.assertEqual(e["relationshipType"], SPDX3_RELATIONSHIPS[e["type"]])
        if e["type"] == "security_VexNotAffectedVulnAssessmentRelationship":
            test.assertTrue(e.get("security_justificationType") or e.get("security_impactStatement"))
    for e in elements:
        test.assertEqual(e["creationInfo"], creation[0]["@id"])
        test.assertRegex(e["spdxId"], r"^urn:uuid:[0-9a-f-]{36}#[a-z]+(-\d+)?$")
    bill = next(e for e in elements if e["type"] == "software_Sbom")
    listed = unique(test, bill["element"])
    test.assertEqual(listed, ids - {bill["spdxId"]} - {e["spdxId"] for e in elements if e["type"] == "SpdxDocument"})


def product_ids(tree):
    """(defined, referred to) of a CSAF product tree."""
    defined, used = [], []

    def branches(items):
        for b in items:
            if "product" in b:
                defined.append(b["product"]["product_id"])
            branches(b.get("branches", []))

    branches(tree.get("branches", []))
    defined += [p["product_id"] for p in tree.get("full_product_names", [])]
    for r in tree.get("relationships", []):
        defined.append(r["full_product_name"]["product_id"])
        used += [r["product_reference"], r["relates_to_product_reference"]]
    return defined, used


CONTRADICTING = (("known_affected", "first_affected", "last_affected"), ("known_not_affected",), ("fixed", "first_fixed"),
                 ("under_investigation",))


def check_csaf(test, d):
    """CSAF 2.0, section 6.1: the mandatory tests that apply to what is written."""
    document, tree = d["document"], d["product_tree"]
    defined, used = product_ids(tree)
    known = unique(test, defined)                                                   # 6.1.2
    for v in d["vulnerabilities"]:
        for ids in v["product_status"].values():
            used += ids
        for key in ("remediations", "threats", "flags"):
            for item in v.get(key, []):
                used += item["product_ids"]                                         # 6.1.29, 6.1.32: each has some
        for score in v.get("scores", []):
            used += score["products"]
    test.assertLessEqual(set(used), known)                                          # 6.1.1
    for r in tree["relationships"]:                                                 # 6.1.3
        test.assertNotIn(r["full_product_name"]["product_id"], (r["product_reference"], r["relates_to_product_reference"]))
    for v in d["vulnerabilities"]:
        groups = [set().union(*(v["product_status"].get(k, []) for k in keys)) for keys in CONTRADICTING]
        test.assertEqual(sum(map(len, groups)), len(set().union(*groups)))          # 6.1.6
        scored = [(p, k) for s in v.get("scores", []) for p in s["products"] for k in s if k != "products"]
        unique(test, scored)                                                        # 6.1.7
        test.assertTrue("cve" in v or v.get("ids"))                                 # 6.1.27.8
        test.assertTrue(v["notes"])                                                 # 6.1.27.5
        test.assertTrue(set(v["product_status"]) & {"fixed", "known_affected", "known_not_affected", "under_investigation"})  # .7
        impact = {p for t in v.get("threats", []) if t["category"] == "impact" for p in t["product_ids"]}
        impact |= {p for f in v.get("flags", []) for p in f["product_ids"]}
        test.assertLessEqual(set(v["product_status"].get("known_not_affected", [])), impact)    # 6.1.27.9
        action = {p for r in v.get("remediations", []) for p in r["product_ids"]}
        test.assertLessEqual(set(v["product_status"].get("known_affected", [])), action)        # 6.1.27.10
        unique(test, (p for f in v.get("flags", []) for p in f["product_ids"]))                 # 6.1.33
    unique(test, (v["cve"] for v in d["vulnerabilities"] if "cve" in v))            # 6.1.23
    tracking = document["tracking"]
    numbers = [r["number"] for r in tracking["revision_history"]]
    test.assertEqual(numbers, sorted(numbers, key=int))                             # 6.1.14, 6.1.21
    unique(test, numbers)                                                           # 6.1.22
    test.assertEqual(tracking["version"], numbers[-1])                              # 6.1.16
    test.assertEqual(tracking["status"], "final")                                   # 6.1.17, 6.1.18, 6.1.20
    test.assertNotIn("0", numbers)
    test.assertTrue(any(n["category"] in ("description", "details", "general", "summary") for n in document["notes"]))  # .1
    test.assertTrue(any(r["category"] == "external" for r in document["references"]))                                  # .2
    for p in tree["full_product_names"]:                                            # 6.1.13
        helper = p.get("product_identification_helper", {})
        if "purl" in helper:
            test.assertTrue(PURL.fullmatch(helper["purl"]), helper)

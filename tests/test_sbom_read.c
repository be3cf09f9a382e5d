/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bills of materials and statements of others: each format by the words of its specification, and any bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspected.h"

extern const struct inspector sbom_inspector;

static const char cyclonedx[] =
	"{\"specVersion\": \"1.4\", \"bomFormat\": \"CycloneDX\", \"version\": 1,\n"
	" \"vulnerabilities\": [\n"
	"  {\"affects\": [{\"ref\": \"a\", \"versions\": [{\"version\": \"2.80\", \"status\": \"affected\"},"
	" {\"version\": \"2.79\", \"status\": \"unaffected\"}]}], \"id\": \"CVE-2020-25681\",\n"
	"   \"analysis\": {\"state\": \"exploitable\", \"detail\": \"it is\"}},\n"
	"  {\"id\": \"CVE-2021-3711\", \"analysis\": {\"state\": \"not_affected\", \"justification\": \"code_not_reachable\","
	" \"lastUpdated\": \"2022-01-01T00:00:00Z\"},\n"
	"   \"affects\": [{\"ref\": \"urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#b%20b\"}, {\"ref\": \"product\"}, "
	"{\"ref\": \"pkg:DEB/Debian/curl@1\"}]},\n"
	"  {\"id\": \"CVE-2000-0001\", \"affects\": [{\"ref\": \"a\"}]}],\n"
	" \"metadata\": {\"timestamp\": \"2021-01-01T00:00:00Z\", \"component\": {\"type\": \"firmware\", \"bom-ref\": \"product\", \"name\": \"Router\","
	" \"version\": \"1\"}, \"supplier\": {\"name\": \"ACME\"}},\n"
	" \"components\": [\n"
	"  {\"type\": \"application\", \"name\": \"dnsmasq\", \"version\": \"2.80\", \"bom-ref\": \"a\","
	" \"purl\": \"pkg:generic/dnsmasq@2.80\", \"cpe\": \"cpe:2.3:a:thekelleys:dnsmasq:2.80:*:*:*:*:*:*:*\","
	" \"licenses\": [{\"license\": {\"id\": \"GPL-2.0-only\"}}, {\"expression\": \"MIT\"}],"
	" \"hashes\": [{\"alg\": \"MD5\", \"content\": \"00\"}, {\"alg\": \"SHA-256\", \"content\": \"ab\"}], \"unknown\": [{\"x\": [1]}]},\n"
	"  {\"type\": \"library\", \"group\": \"org\", \"name\": \"b\", \"bom-ref\": \"b b\", \"publisher\": \"P\", \"purl\": \"nonsense\",\n"
	"   \"components\": [{\"type\": \"file\", \"name\": \"f\"},\n"
	"    {\"type\": \"library\", \"name\": \"inner\", \"version\": \"3\"}]}]}\n";

static const char cyclonedx_xml[] =
	"<?xml version='1.0' encoding='utf-8'?>\n"
	"<c:bom xmlns:c=\"http://cyclonedx.org/schema/bom/1.5\" version=\"1\">\n"
	" <c:metadata><c:timestamp>2021-01-01T00:00:00Z</c:timestamp></c:metadata>\n"
	" <c:components>\n"
	"  <c:component type=\"application\" bom-ref=\"a\"><c:name> dnsmasq </c:name><c:version>2.80</c:version>\n"
	"   <c:purl>pkg:generic/dnsmasq@2.80</c:purl>\n"
	"   <c:licenses><c:license><c:id>GPL-2.0-only</c:id></c:license></c:licenses>\n"
	"   <c:pedigree><c:ancestors><c:component type=\"library\"><c:name>older</c:name></c:component></c:ancestors></c:pedigree>\n"
	"   <c:evidence><c:identity><c:confidence>0.5</c:confidence></c:identity></c:evidence></c:component>\n"
	" </c:components>\n"
	" <c:vulnerabilities><c:vulnerability><c:id>CVE-2020-25681</c:id><c:analysis><c:state>resolved</c:state></c:analysis>"
	"<c:affects><c:target><c:ref>a</c:ref></c:target></c:affects></c:vulnerability></c:vulnerabilities>\n"
	"</c:bom>\n";

static const char spdx_json[] =
	"{\"packages\": [\n"
	" {\"SPDXID\": \"SPDXRef-P\", \"name\": \"Router\", \"versionInfo\": \"1\"},\n"
	" {\"SPDXID\": \"SPDXRef-1\", \"name\": \"openssl\", \"versionInfo\": \"1.1.1n\", \"supplier\": \"Organization: OpenSSL Foundation\","
	" \"licenseDeclared\": \"NOASSERTION\", \"licenseConcluded\": \"Apache-2.0\", \"primaryPackagePurpose\": \"LIBRARY\","
	" \"checksums\": [{\"algorithm\": \"SHA256\", \"checksumValue\": \"cd\"}],"
	" \"externalRefs\": [{\"referenceCategory\": \"SECURITY\", \"referenceType\": \"cpe23Type\","
	" \"referenceLocator\": \"cpe:2.3:a:openssl:openssl:1.1.1n:*:*:*:*:*:*:*\"}, {\"referenceCategory\": \"PACKAGE-MANAGER\","
	" \"referenceType\": \"http://spdx.org/rdf/references/purl\", \"referenceLocator\": \"pkg:generic/openssl@1.1.1n\"}]},\n"
	" {\"SPDXID\": \"SPDXRef-2\", \"name\": \"f\", \"primaryPackagePurpose\": \"FILE\"}],\n"
	" \"relationships\": [{\"spdxElementId\": \"SPDXRef-DOCUMENT\", \"relationshipType\": \"DESCRIBES\", \"relatedSpdxElement\": \"SPDXRef-P\"}],\n"
	" \"spdxVersion\": \"SPDX-2.2\"}\n";

/* The same as people write it in YAML, in a block, in flow and over several lines; a version that looks like a number is a text. */
static const char spdx_yaml[] = "# a comment\n"
								"SPDXID: \"SPDXRef-DOCUMENT\"\n"
								"spdxVersion: SPDX-2.3\n"
								"documentDescribes: [SPDXRef-P]\n"
								"packages:\n"
								"- SPDXID: SPDXRef-P\n"
								"  name: Router\n"
								"  versionInfo: 1.10\n"
								"- SPDXID: SPDXRef-1\n"
								"  name: 'openssl'\n"
								"  versionInfo: \"1.1.1\\x6e\"\n"
								"  supplier: >-\n"
								"    Organization: OpenSSL\n"
								"    Foundation\n"
								"  filesAnalyzed: false\n"
								"  licenseConcluded: Apache-2.0\n"
								"  licenseDeclared: NOASSERTION\n"
								"  primaryPackagePurpose: LIBRARY\n"
								"  checksums:\n"
								"  - {algorithm: SHA256, checksumValue: cd}\n"
								"  externalRefs:\n"
								"  - referenceCategory: SECURITY\n"
								"    referenceLocator: cpe:2.3:a:openssl:openssl:1.1.1n:*:*:*:*:*:*:*\n"
								"    referenceType: cpe23Type\n"
								"  - {referenceCategory: PACKAGE-MANAGER, referenceType: purl, referenceLocator: \"pkg:generic/openssl@1.1.1n\"}\n"
								"- {SPDXID: SPDXRef-2, name: f, primaryPackagePurpose: FILE}\n";

static const char spdx_tags[] = "SPDXVersion: SPDX-2.3\n"
								"DataLicense: CC0-1.0\n"
								"SPDXID: SPDXRef-DOCUMENT\n"
								"# a comment: of nothing\n"
								"PackageName: busybox\n"
								"SPDXID: SPDXRef-b\n"
								"PackageVersion: 1.31.1\n"
								"PackageSupplier: Person: Somebody\n"
								"PackageLicenseDeclared: GPL-2.0-only\n"
								"PackageComment: <text>over\n"
								"PackageName: not this one\n"
								"lines</text>\n"
								"PackageChecksum: SHA256: ef\n"
								"ExternalRef: SECURITY cpe23Type cpe:2.3:a:busybox:busybox:1.31.1:*:*:*:*:*:*:*\n"
								"ExternalRef: PACKAGE-MANAGER purl pkg:generic/busybox@1.31.1\r\n"
								"FileName: ./f\n"
								"SPDXID: SPDXRef-f\n"
								"PackageName: Router\n"
								"SPDXID: SPDXRef-r\n"
								"PackageVersion: NOASSERTION\n"
								"Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-r\n";

static const char spdx3[] =
	"{\"@context\": \"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\", \"@graph\": [\n"
	" {\"type\": \"CreationInfo\", \"@id\": \"_:c\"},\n"
	" {\"type\": \"software_Package\", \"spdxId\": \"urn:p\", \"name\": \"Router\"},\n"
	" {\"type\": \"software_Package\", \"spdxId\": \"urn:z\", \"name\": \"zlib\", \"software_packageVersion\": \"1.2.11\","
	" \"software_packageUrl\": \"pkg:generic/zlib@1.2.11\", \"software_primaryPurpose\": \"library\","
	" \"externalIdentifier\": [{\"type\": \"ExternalIdentifier\", \"externalIdentifierType\": \"cpe23\", "
	"\"identifier\": \"cpe:2.3:a:zlib:zlib:1.2.11:*:*:*:*:*:*:*\"}],"
	" \"verifiedUsing\": [{\"type\": \"Hash\", \"algorithm\": \"sha256\", \"hashValue\": \"01\"}]},\n"
	" {\"type\": \"software_Sbom\", \"spdxId\": \"urn:s\", \"rootElement\": [\"urn:p\"]}]}\n";

/* As Microsoft's sbom-tool writes it: identifiers are elements of their own; and a document without a bill. */
static const char spdx3_apart[] =
	"{\"@context\": \"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\", \"@graph\": [\n"
	" {\"type\": \"software_Package\", \"spdxId\": \"SPDXRef-z\", \"name\": \"zlib\", \"software_packageVersion\": \"1.2.11\","
	" \"externalIdentifier\": [\"SPDXRef-i\", \"SPDXRef-c\", \"SPDXRef-none\", 7, {\"externalIdentifierType\": \"cpe22\", \"identifier\": "
	"\"cpe:/a:gnu:zlib:1.2.11\"}]},\n"
	" {\"type\": \"ExternalIdentifier\", \"spdxId\": \"SPDXRef-i\", \"externalIdentifierType\": \"purl\","
	" \"identifier\": \"pkg:generic/zlib@1.2.11\"},\n"
	" {\"type\": \"ExternalIdentifier\", \"spdxId\": \"SPDXRef-c\", \"externalIdentifierType\": \"cpe23\", \"identifier\": "
	"\"cpe:2.3:a:zlib:zlib:1.2.11:*:*:*:*:*:*:*\"},\n"
	" {\"type\": \"software_Package\", \"spdxId\": \"SPDXRef-r\", \"name\": \"Router\", \"externalIdentifier\": {\"externalIdentifierType\":"
	" \"packageUrl\", \"identifier\": \"pkg:generic/router@1\"}},\n"
	" {\"type\": \"SpdxDocument\", \"spdxId\": \"SPDXRef-DOCUMENT\", \"rootElement\": [\"SPDXRef-r\"]}]}\n";

static const char openvex[] =
	"{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"statements\": [\n"
	" {\"vulnerability\": {\"name\": \"CVE-2023-1\"}, \"products\": [{\"@id\": \"pkg:oci/router\", \"subcomponents\":"
	" [{\"@id\": \"pkg:apk/alpine/busybox@1.36.1-r0\"}, {\"@id\": \"urn:x\", \"identifiers\": {\"cpe23\": \"cpe:2.3:a:a:b:1:*:*:*:*:*:*:*\"}}]}],"
	" \"status\": \"not_affected\", \"justification\": \"vulnerable_code_cannot_be_controlled_by_adversary\", \"impact_statement\": \"no awk\"},\n"
	" {\"vulnerability\": \"CVE-2023-2\", \"products\": [{\"@id\": \"pkg:generic/foo@1\"}], \"status\": \"fixed\", "
	"\"timestamp\": \"2024-01-01T00:00:00Z\"},\n"
	" {\"vulnerability\": {\"name\": \"CVE-2023-3\"}, \"products\": [{\"@id\": \"x\"}], \"status\": \"perhaps\"},\n"
	" {\"vulnerability\": {\"@id\": \"https://nvd.nist.gov/vuln/detail/CVE-2023-4\"}, \"products\": [{\"@id\": \"pkg:generic/foo\"}],"
	" \"status\": \"affected\", \"action_statement\": \"update\"}],\n"
	" \"author\": \"A\", \"timestamp\": \"2023-01-01T00:00:00Z\"}\n";

static const char csaf[] =
	"{\"document\": {\"csaf_version\": \"2.0\", \"publisher\": {\"name\": \"ACME\"}, \"tracking\": "
	"{\"current_release_date\": \"2022-03-03T11:00:00Z\"}},\n"
	" \"vulnerabilities\": [\n"
	"  {\"cve\": \"CVE-2021-44228\", \"product_status\": {\"known_not_affected\": [\"R1\"], \"known_affected\": [\"P2\"], "
	"\"recommended\": [\"P2\"]},\n"
	"   \"flags\": [{\"label\": \"component_not_present\", \"product_ids\": [\"R1\"]}],\n"
	"   \"threats\": [{\"category\": \"exploit_status\", \"details\": \"no\", \"product_ids\": [\"R1\"]},"
	" {\"category\": \"impact\", \"details\": \"removed\", \"product_ids\": [\"R1\"]}],\n"
	"   \"remediations\": [{\"category\": \"vendor_fix\", \"details\": \"update\", \"product_ids\": [\"P2\"]}]}],\n"
	" \"product_tree\": {\"branches\": [{\"branches\": [{\"branches\": [{\"product\": {\"name\": \"log4j 2.14\", \"product_id\": \"P1\","
	" \"product_identification_helper\": {\"purl\": \"pkg:maven/org.apache/log4j@2.14\"}}, \"category\": \"product_version\", \"name\": \"2.14\"}],"
	" \"category\": \"product_name\", \"name\": \"log4j\"}], \"category\": \"vendor\", \"name\": \"Apache\"}],\n"
	"  \"full_product_names\": [{\"product_id\": \"P2\", \"name\": \"Router 1\"}],\n"
	"  \"relationships\": [{\"category\": \"default_component_of\", \"full_product_name\": {\"product_id\": \"R1\", \"name\": \"x\"},"
	" \"product_reference\": \"P1\", \"relates_to_product_reference\": \"P2\"}]}}\n";

/* By the standard's text: product groups (3.2.2.2), a relationship whose component is one itself (3.2.2.4), ranges (3.1.2.2), flags of a group
 * (3.2.3.5), an id of somebody's own where there is no CVE (3.2.3.6). */
static const char csaf_groups[] =
	"{\"document\": {\"category\": \"csaf_vex\", \"csaf_version\": \"2.0\", \"publisher\": {\"name\": \"ACME\"}, \"tracking\": "
	"{\"current_release_date\": \"2024-01-01T00:00:00Z\"}},\n"
	" \"product_tree\": {\"branches\": [{\"category\": \"vendor\", \"name\": \"ACME\", \"branches\": ["
	"{\"category\": \"product_name\", \"name\": \"zlib\", \"branches\": [{\"category\": \"product_version_range\", \"name\": \"vers:generic/>=1.0|<1.3\","
	" \"product\": {\"product_id\": \"Z\", \"name\": \"zlib before 1.3\"}}]},"
	"{\"category\": \"product_name\", \"name\": \"curl\", \"branches\": [{\"category\": \"product_version\", \"name\": \"8.0\","
	" \"product\": {\"product_id\": \"C\", \"name\": \"curl 8.0\"}}]},"
	"{\"category\": \"product_name\", \"name\": \"Router\", \"product\": {\"product_id\": \"R\", \"name\": \"ACME Router\"}}]}],\n"
	"  \"relationships\": [{\"category\": \"optional_component_of\", \"full_product_name\": {\"product_id\": \"ZC\", \"name\": \"zlib of curl\"},"
	" \"product_reference\": \"Z\", \"relates_to_product_reference\": \"C\"},"
	" {\"category\": \"installed_on\", \"full_product_name\": {\"product_id\": \"ZCR\", \"name\": \"x\"}, \"product_reference\": \"ZC\","
	" \"relates_to_product_reference\": \"R\"},"
	" {\"category\": \"installed_on\", \"full_product_name\": {\"product_id\": \"LOOP\", \"name\": \"x\"}, \"product_reference\": \"LOOP\","
	" \"relates_to_product_reference\": \"LOOP\"}],\n"
	"  \"product_groups\": [{\"group_id\": \"G1\", \"product_ids\": [\"ZCR\", \"C\"]}, {\"product_ids\": [\"R\", \"LOOP\"], \"group_id\": \"G2\"}]},\n"
	" \"vulnerabilities\": [{\"ids\": [{\"system_name\": \"ACME\", \"text\": \"ACME-1\"}], \"product_status\": {\"known_not_affected\": [\"ZCR\", \"C\"],"
	" \"known_affected\": [\"R\"]}, \"flags\": [{\"label\": \"vulnerable_code_not_present\", \"group_ids\": [\"G1\", \"none\"]}],\n"
	"  \"remediations\": [{\"category\": \"workaround\", \"details\": \"pull the plug\", \"group_ids\": [\"G2\"]}]}]}\n";

/* 6.1.6: contradicting groups; a draft (3.2.1.12.7). */
#define CSAF_OF(status)                                                                                                                         \
	"{\"document\": {\"csaf_version\": \"2.0\", \"tracking\": {\"status\": \"" status "\"}},\n"                                                       \
	" \"product_tree\": {\"full_product_names\": [{\"product_id\": \"A\", \"name\": \"a\"}, {\"product_id\": \"B\", \"name\": \"b\"},"              \
	" {\"product_id\": \"C\", \"name\": \"c\"}]},\n"                                                                                                  \
	" \"vulnerabilities\": [{\"cve\": \"CVE-2024-1\", \"product_status\": {\"fixed\": [\"A\"], \"known_affected\": [\"A\", \"C\"], \"known_not_affected\": [\"B\"]}}]}"

#define SPDX_UNSHIPPED(relation)                                                                                                               \
	"{\"spdxVersion\": \"SPDX-2.3\", \"packages\": [{\"SPDXID\": \"SPDXRef-A\", \"name\": \"a\"}, {\"SPDXID\": \"SPDXRef-B\", \"name\": \"b\"}],\n"     \
	" \"relationships\": [" relation "{\"spdxElementId\": \"SPDXRef-A\", \"relationshipType\": \"DEV_DEPENDENCY_OF\","                            \
	" \"relatedSpdxElement\": \"SPDXRef-B\"}]}"
#define CONTAINED "{\"spdxElementId\": \"SPDXRef-B\", \"relationshipType\": \"CONTAINS\", \"relatedSpdxElement\": \"SPDXRef-A\"}, "
#define TAGS_UNSHIPPED                                                                                                                         \
	"SPDXVersion: SPDX-2.3\nPackageName: a\nSPDXID: SPDXRef-A\nPackageName: b\nSPDXID: SPDXRef-B\n"                                             \
	"Relationship: SPDXRef-A  BUILD_TOOL_OF SPDXRef-B\n"

static const char ours[] = "# kept beside the case\n"
						   "assay-vex: 1\n"
						   "author: ACME PSIRT\n"
						   "date: 2026-01-02\n"
						   "statements:\n"
						   "  - vulnerability: CVE-2020-25681\n"
						   "    component: dnsmasq\n"
						   "    version: 2.80\n"
						   "    status: not_affected\n"
						   "    justification: code_not_present\n"
						   "    note: DNSSEC is not built in\n"
						   "  - vulnerability: CVE-2021-1\n"
						   "    purl: pkg:deb/debian/curl\n"
						   "    status: fixed\n"
						   "    author: somebody else\n";

static const struct {
	const char *name, *document, *components, *statements;
} documents[] = {
	{ "CycloneDX", cyclonedx,
	  "line=8 | name=Router | version=1 | kind=product | format=CycloneDX 1.4\n"
	  "line=10 | name=dnsmasq | version=2.80 | purl=pkg:generic/dnsmasq@2.80 | cpe=cpe:2.3:a:thekelleys:dnsmasq:2.80:*:*:*:*:*:*:*"
	  " | licence=GPL-2.0-only AND MIT | hash=ab | kind=application | format=CycloneDX 1.4\n"
	  "line=13 | name=inner | version=3 | kind=library | format=CycloneDX 1.4\n"
	  "line=11 | name=org/b | supplier=P | kind=library | format=CycloneDX 1.4\n",
	  "line=3 | vulnerability=CVE-2020-25681 | name=dnsmasq | version=2.80 | purl=pkg:generic/dnsmasq@2.80"
	  " | cpe=cpe:2.3:a:thekelleys:dnsmasq:2.80:*:*:*:*:*:*:* | status=affected | note=it is | author=ACME | date=2021-01-01T00:00:00Z"
	  " | format=CycloneDX 1.4\n"
	  "line=5 | vulnerability=CVE-2021-3711 | name=org/b | status=not_affected | justification=vulnerable_code_not_in_execute_path"
	  " | author=ACME | date=2022-01-01T00:00:00Z | format=CycloneDX 1.4\n"
	  "line=5 | vulnerability=CVE-2021-3711 | product=Router | status=not_affected | justification=vulnerable_code_not_in_execute_path"
	  " | author=ACME | date=2022-01-01T00:00:00Z | format=CycloneDX 1.4\n"
	  "line=5 | vulnerability=CVE-2021-3711 | purl=pkg:deb/debian/curl@1 | status=not_affected"
	  " | justification=vulnerable_code_not_in_execute_path | author=ACME | date=2022-01-01T00:00:00Z | format=CycloneDX 1.4\n" },
	{ "SPDX 2.2 JSON", spdx_json,
	  "line=2 | name=Router | version=1 | kind=product | format=SPDX 2.2\n"
	  "line=3 | name=openssl | version=1.1.1n | purl=pkg:generic/openssl@1.1.1n | cpe=cpe:2.3:a:openssl:openssl:1.1.1n:*:*:*:*:*:*:*"
	  " | licence=Apache-2.0 | supplier=OpenSSL Foundation | hash=cd | kind=library | format=SPDX 2.2\n",
	  "" },
	{ "SPDX 2.3 YAML", spdx_yaml,
	  "line=6 | name=Router | version=1.10 | kind=product | format=SPDX 2.3\n"
	  "line=9 | name=openssl | version=1.1.1n | purl=pkg:generic/openssl@1.1.1n | cpe=cpe:2.3:a:openssl:openssl:1.1.1n:*:*:*:*:*:*:*"
	  " | licence=Apache-2.0 | supplier=OpenSSL Foundation | hash=cd | kind=library | format=SPDX 2.3\n",
	  "" },
	{ "SPDX 2.3 tags", spdx_tags,
	  "line=5 | name=busybox | version=1.31.1 | purl=pkg:generic/busybox@1.31.1 | cpe=cpe:2.3:a:busybox:busybox:1.31.1:*:*:*:*:*:*:*"
	  " | licence=GPL-2.0-only | supplier=Somebody | hash=ef | format=SPDX 2.3\n"
	  "line=18 | name=Router | kind=product | format=SPDX 2.3\n",
	  "" },
	{ "SPDX 3", spdx3,
	  "line=3 | name=Router | kind=product | format=SPDX 3.0\n"
	  "line=4 | name=zlib | version=1.2.11 | purl=pkg:generic/zlib@1.2.11 | cpe=cpe:2.3:a:zlib:zlib:1.2.11:*:*:*:*:*:*:* | hash=01"
	  " | kind=library | format=SPDX 3.0\n",
	  "" },
	{ "SPDX 3, identifiers apart", spdx3_apart,
	  "line=2 | name=zlib | version=1.2.11 | purl=pkg:generic/zlib@1.2.11 | cpe=cpe:/a:gnu:zlib:1.2.11 cpe:2.3:a:zlib:zlib:1.2.11:*:*:*:*:*:*:*"
	  " | format=SPDX 3.0\n"
	  "line=5 | name=Router | purl=pkg:generic/router@1 | kind=product | format=SPDX 3.0\n",
	  "" },
	{ "OpenVEX", openvex, "",
	  "line=2 | vulnerability=CVE-2023-1 | purl=pkg:apk/alpine/busybox@1.36.1-r0 | product=pkg:oci/router | status=not_affected"
	  " | justification=vulnerable_code_cannot_be_controlled_by_adversary | note=no awk | author=A | date=2023-01-01T00:00:00Z | format=OpenVEX\n"
	  "line=2 | vulnerability=CVE-2023-1 | cpe=cpe:2.3:a:a:b:1:*:*:*:*:*:*:* | product=pkg:oci/router | status=not_affected"
	  " | justification=vulnerable_code_cannot_be_controlled_by_adversary | note=no awk | author=A | date=2023-01-01T00:00:00Z | format=OpenVEX\n"
	  "line=3 | vulnerability=CVE-2023-2 | purl=pkg:generic/foo@1 | product=pkg:generic/foo@1 | status=fixed | author=A"
	  " | date=2024-01-01T00:00:00Z | format=OpenVEX\n"
	  "line=5 | vulnerability=CVE-2023-4 | purl=pkg:generic/foo | product=pkg:generic/foo | status=affected | note=update | author=A"
	  " | date=2023-01-01T00:00:00Z | format=OpenVEX\n" },
	{ "CSAF", csaf, "",
	  "line=3 | vulnerability=CVE-2021-44228 | name=log4j | version=2.14 | purl=pkg:maven/org.apache/log4j@2.14 | product=Router 1"
	  " | status=not_affected | justification=component_not_present | note=removed | author=ACME | date=2022-03-03T11:00:00Z | format=CSAF 2.0\n"
	  "line=3 | vulnerability=CVE-2021-44228 | name=Router 1 | status=affected | note=update | author=ACME | date=2022-03-03T11:00:00Z"
	  " | format=CSAF 2.0\n" },
	{ "CSAF: contradicting groups", CSAF_OF("final"), "",
	  "line=3 | vulnerability=CVE-2024-1 | name=a | status=affected | format=CSAF 2.0\n"
	  "line=3 | vulnerability=CVE-2024-1 | name=c | status=affected | format=CSAF 2.0\n"
	  "line=3 | vulnerability=CVE-2024-1 | name=b | status=not_affected | format=CSAF 2.0\n" },
	{ "CSAF: a draft", CSAF_OF("draft"), "",
	  "line=3 | vulnerability=CVE-2024-1 | name=a | status=affected | format=CSAF 2.0\n"
	  "line=3 | vulnerability=CVE-2024-1 | name=c | status=affected | format=CSAF 2.0\n" },
	{ "SPDX 2.3 JSON: to develop with", SPDX_UNSHIPPED(""),
	  "line=1 | name=a | format=SPDX 2.3 | scope=excluded\nline=1 | name=b | format=SPDX 2.3\n", "" },
	{ "SPDX 2.3 JSON: and contained", SPDX_UNSHIPPED(CONTAINED), "line=1 | name=a | format=SPDX 2.3\nline=1 | name=b | format=SPDX 2.3\n", "" },
	{ "SPDX 2.3 tags: to build with", TAGS_UNSHIPPED,
	  "line=2 | name=a | format=SPDX 2.3 | scope=excluded\nline=4 | name=b | format=SPDX 2.3\n", "" },
	{ "SPDX 2.3 tags: and contained", TAGS_UNSHIPPED "Relationship: SPDXRef-B CONTAINS SPDXRef-A\n",
	  "line=2 | name=a | format=SPDX 2.3\nline=4 | name=b | format=SPDX 2.3\n", "" },
	{ "CSAF: groups and components of components", csaf_groups, "",
	  "line=5 | vulnerability=ACME-1 | name=zlib | version=vers:generic/>=1.0|<1.3 | product=Router | status=not_affected"
	  " | justification=vulnerable_code_not_present | author=ACME | date=2024-01-01T00:00:00Z | format=CSAF 2.0\n"
	  "line=5 | vulnerability=ACME-1 | name=curl | version=8.0 | status=not_affected | justification=vulnerable_code_not_present | author=ACME"
	  " | date=2024-01-01T00:00:00Z | format=CSAF 2.0\n"
	  "line=5 | vulnerability=ACME-1 | name=Router | status=affected | note=pull the plug | author=ACME | date=2024-01-01T00:00:00Z"
	  " | format=CSAF 2.0\n" },
	{ "ours", ours, "",
	  "line=6 | vulnerability=CVE-2020-25681 | name=dnsmasq | version=2.80 | status=not_affected | justification=vulnerable_code_not_present"
	  " | note=DNSSEC is not built in | author=ACME PSIRT | date=2026-01-02 | format=assay\n"
	  "line=12 | vulnerability=CVE-2021-1 | purl=pkg:deb/debian/curl | status=fixed | author=somebody else | date=2026-01-02 | format=assay\n" },
	{ "CycloneDX in XML", cyclonedx_xml,
	  "line=5 | name=dnsmasq | version=2.80 | purl=pkg:generic/dnsmasq@2.80 | licence=GPL-2.0-only | kind=application | format=CycloneDX 1.5"
	  " | confidence=0.5\n",
	  "line=11 | vulnerability=CVE-2020-25681 | name=dnsmasq | version=2.80 | purl=pkg:generic/dnsmasq@2.80 | status=fixed"
	  " | date=2021-01-01T00:00:00Z | format=CycloneDX 1.5\n" },
};
#define NDOCUMENTS (sizeof documents / sizeof documents[0])

static void test_formats(void **state)
{
	(void)state;
	for (size_t i = 0; i < NDOCUMENTS; i++) {
		struct inspected out;
		inspected_file(&out, &sbom_inspector, "/usr/share/x",
					   span_of(documents[i].document, strlen(documents[i].document)));
		assert_true(out.wanted);
		assert_string_equal(inspected_print(&out, FACT_declared_component), documents[i].components);
		assert_string_equal(inspected_print(&out, FACT_declared_statement), documents[i].statements);
		bool has_fault = strcmp(documents[i].name, "OpenVEX") == 0; /* a status that there is not */
		assert_int_equal(fact_list_count(&out.list, FACT_damage), has_fault);
		inspected_free(&out);
	}
}

#define IGNORED " | note=Buildroot ignores it for this package: patched, or it does not apply; the list does not tell which"

/* What build systems write. */
static const struct {
	const char *name, *path, *document, *components, *statements;
} builds[] = {
	{ "Buildroot, legal-info", "legal-info/manifest.csv",
	  "\"PACKAGE\",\"VERSION\",\"LICENSE\",\"LICENSE FILES\",\"SOURCE ARCHIVE\",\"SOURCE SITE\",\"DEPENDENCIES WITH LICENSES\"\n"
	  "\"busybox\",\"1.36.1\",\"GPL-2.0, bzip2-1.0.4\",\"LICENSE\",\"busybox-1.36.1.tar.bz2\",\"https://x\",\"skeleton [unknown]\"\r\n"
	  "\"skeleton\",\"\",\"unknown\",\"not saved\",\"not saved\",\"not saved\",\"\"\n",
	  "line=2 | name=busybox | version=1.36.1 | licence=GPL-2.0, bzip2-1.0.4 | kind=package | format=Buildroot legal-info | distribution=buildroot\n"
	  "line=3 | name=skeleton | kind=package | format=Buildroot legal-info | distribution=buildroot\n",
	  "" },
	{ "Buildroot, legal-info of the host", "legal-info/host-manifest.csv",
	  "\"PACKAGE\",\"VERSION\",\"LICENSE\",\"LICENSE FILES\"\n\"zlib\",\"1.3\",\"Zlib\",\"README\"\n\"host-xz\",\"5.4\"",
	  "line=2 | name=host-zlib | version=1.3 | licence=Zlib | kind=host package | format=Buildroot legal-info | distribution=buildroot\n"
	  "line=3 | name=host-xz | version=5.4 | kind=host package | format=Buildroot legal-info | distribution=buildroot\n",
	  "" },
	{ "Buildroot, show-info", "info.json",
	  "{\"busybox\": {\"type\": \"target\", \"virtual\": false, \"version\": \"1.36.1\", \"licenses\": \"GPL-2.0\",\n"
	  " \"downloads\": [{\"source\": \"x\"}], \"dependencies\": [], \"reverse_dependencies\": [],"
	  " \"cpe-id\": \"cpe:2.3:a:busybox:busybox:1.36.1:*:*:*:*:*:*:*\", \"ignore_cves\": [\"CVE-2022-28391\"]},\n"
	  "\"host-xz\": {\"type\": \"host\", \"virtual\": false, \"version\": \"5.4.5\", \"reverse_dependencies\": []},\n"
	  "\"jpeg\": {\"type\": \"target\", \"virtual\": true}, \"rootfs-ext2\": {\"type\": \"rootfs\", \"dependencies\": []}}",
	  "line=1 | name=busybox | version=1.36.1 | cpe=cpe:2.3:a:busybox:busybox:1.36.1:*:*:*:*:*:*:* | licence=GPL-2.0 | kind=package"
	  " | format=Buildroot show-info | distribution=buildroot\n"
	  "line=3 | name=host-xz | version=5.4.5 | kind=host package | format=Buildroot show-info | distribution=buildroot\n",
	  "line=1 | vulnerability=CVE-2022-28391 | name=busybox | version=1.36.1 | cpe=cpe:2.3:a:busybox:busybox:1.36.1:*:*:*:*:*:*:*"
	  " | status=not_affected" IGNORED " | author=Buildroot show-info | format=Buildroot show-info\n" },
	{ "Buildroot, pkg-stats", "stats.json",
	  "{\"packages\": {\"dnsmasq\": {\"name\": \"dnsmasq\", \"license\": \"GPL-2.0\", \"status\": {\"cve\": [\"error\", \"x\"]},\n"
	  " \"cves\": [\"CVE-2023-50387\"], \"ignored_cves\": [\"CVE-2021-45951\", 7], \"unsure_cves\": [\"CVE-2020-1\"],"
	  " \"cpeid\": \"cpe:2.3:a:thekelleys:dnsmasq:2.89:*:*:*:*:*:*:*\", \"current_version\": \"2.89\"}}, \"commit\": \"0\"}",
	  "line=1 | name=dnsmasq | version=2.89 | cpe=cpe:2.3:a:thekelleys:dnsmasq:2.89:*:*:*:*:*:*:* | licence=GPL-2.0 | kind=package"
	  " | format=Buildroot pkg-stats | distribution=buildroot\n",
	  "line=1 | vulnerability=CVE-2021-45951 | name=dnsmasq | version=2.89 | cpe=cpe:2.3:a:thekelleys:dnsmasq:2.89:*:*:*:*:*:*:*"
	  " | status=not_affected" IGNORED " | author=Buildroot pkg-stats | format=Buildroot pkg-stats\n"
	  "line=1 | vulnerability=CVE-2023-50387 | name=dnsmasq | version=2.89 | cpe=cpe:2.3:a:thekelleys:dnsmasq:2.89:*:*:*:*:*:*:*"
	  " | status=affected | note=pkg-stats lists it | author=Buildroot pkg-stats | format=Buildroot pkg-stats\n"
	  "line=1 | vulnerability=CVE-2020-1 | name=dnsmasq | version=2.89 | cpe=cpe:2.3:a:thekelleys:dnsmasq:2.89:*:*:*:*:*:*:*"
	  " | status=under_investigation | note=pkg-stats could not compare the versions | author=Buildroot pkg-stats"
	  " | format=Buildroot pkg-stats\n" },
	{ "Yocto, cve-check", "cve-summary.json",
	  "{\"version\": \"1\", \"package\": [{\"name\": \"openssl\", \"layer\": \"meta\", \"version\": \"3.0.12\",\n"
	  " \"products\": [{\"product\": \"openssl\", \"cvesInRecord\": \"Yes\"}], \"issue\": [\n"
	  "{\"id\": \"CVE-2023-5363\", \"summary\": \"x\", \"status\": \"Patched\", \"detail\": \"backported-patch\", \"description\": \"by us\"},\n"
	  "{\"id\": \"CVE-2020-7042\", \"status\": \"Ignored\", \"detail\": \"cpe-incorrect\", \"description\": \"openfortivpn\"},\n"
	  "{\"id\": \"CVE-2019-0190\", \"status\": \"Ignored\"},\n"
	  "{\"id\": \"CVE-2024-0001\", \"status\": \"Ignored\", \"detail\": \"upstream-wontfix\"},\n"
	  "{\"id\": \"CVE-2024-0002\", \"status\": \"Patched\", \"detail\": \"version-not-in-range\"},\n"
	  "{\"id\": \"CVE-2024-0727\", \"status\": \"Unpatched\", \"detail\": \"backported-patch\"}, {\"id\": \"CVE-1\", \"status\": \"New\"}]},\n"
	  "{\"name\": \"quilt-native\", \"version\": \"0.67\", \"issue\": []}, {\"name\": \"no list\"}]}",
	  "line=1 | name=openssl | version=3.0.12 | kind=recipe | format=Yocto cve-check\n"
	  "line=9 | name=quilt-native | version=0.67 | kind=recipe | format=Yocto cve-check\n",
	  "line=3 | vulnerability=CVE-2023-5363 | name=openssl | version=3.0.12 | status=fixed | note=cve-check: Patched backported-patch by us"
	  " | author=Yocto cve-check | format=Yocto cve-check\n"
	  "line=4 | vulnerability=CVE-2020-7042 | name=openssl | version=3.0.12 | status=not_affected | justification=component_not_present"
	  " | note=cve-check: Ignored cpe-incorrect openfortivpn | author=Yocto cve-check | format=Yocto cve-check\n"
	  "line=5 | vulnerability=CVE-2019-0190 | name=openssl | version=3.0.12 | status=not_affected | note=cve-check: Ignored"
	  " | author=Yocto cve-check | format=Yocto cve-check\n"
	  "line=6 | vulnerability=CVE-2024-0001 | name=openssl | version=3.0.12 | status=affected | note=cve-check: Ignored upstream-wontfix"
	  " | author=Yocto cve-check | format=Yocto cve-check\n"
	  "line=7 | vulnerability=CVE-2024-0002 | name=openssl | version=3.0.12 | status=not_affected"
	  " | justification=vulnerable_code_not_present | note=cve-check: Patched version-not-in-range | author=Yocto cve-check"
	  " | format=Yocto cve-check\n"
	  "line=8 | vulnerability=CVE-2024-0727 | name=openssl | version=3.0.12 | status=affected"
	  " | note=cve-check: Unpatched backported-patch | author=Yocto cve-check | format=Yocto cve-check\n" },
	{ "OpenWrt, manifest", "openwrt-23.05.2-ath79.manifest",
	  "base-files - 1550-r23630\nbusybox - 1.36.1-1\nkernel - 5.15.137-1-47964456\nuhttpd - 2023-06-25-34a8a74d-1",
	  "line=1 | name=base-files | version=1550-r23630 | kind=package | format=OpenWrt manifest | distribution=openwrt\n"
	  "line=2 | name=busybox | version=1.36.1-1 | kind=package | format=OpenWrt manifest | distribution=openwrt\n"
	  "line=3 | name=kernel | version=5.15.137-1-47964456 | kind=package | format=OpenWrt manifest | distribution=openwrt\n"
	  "line=4 | name=uhttpd | version=2023-06-25-34a8a74d-1 | kind=package | format=OpenWrt manifest | distribution=openwrt\n",
	  "" },
	{ "OpenWrt, index", "Packages",
	  "Package: dnsmasq\nVersion: 2.90-1\nLicense: GPL-2.0\nSection: net\nCPE-ID: cpe:/a:thekelleys:dnsmasq\nFilename: d.ipk\n"
	  "SHA256sum: 00\nDescription:  A server\n\nPackage: luci\nVersion: 1\nSHA256sum: 01\n\n",
	  "line=1 | name=dnsmasq | version=2.90-1 | cpe=cpe:/a:thekelleys:dnsmasq | licence=GPL-2.0 | kind=available | format=OpenWrt Packages\n"
	  "line=10 | name=luci | version=1 | kind=available | format=OpenWrt Packages\n",
	  "" },
};
#define NBUILDS (sizeof builds / sizeof builds[0])

static void test_builds(void **state)
{
	(void)state;
	for (size_t i = 0; i < NBUILDS; i++) {
		struct inspected out;
		inspected_file(&out, &sbom_inspector, builds[i].path, span_of(builds[i].document, strlen(builds[i].document)));
		assert_true(out.wanted);
		assert_string_equal(inspected_print(&out, FACT_declared_component), builds[i].components);
		assert_string_equal(inspected_print(&out, FACT_declared_statement), builds[i].statements);
		assert_int_equal(fact_list_count(&out.list, FACT_damage), 0);
		inspected_free(&out);
		inspected_survives(&sbom_inspector, builds[i].path, span_of(builds[i].document, strlen(builds[i].document)), 1000);
	}
}

#define BILL "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.5\", \"components\": [\n {\"name\": \"zlib\", \"version\": \"1.3\"}]}"
#define PACKAGES "\"packages\": [\n{\"name\": \"zlib\", \"versionInfo\": \"1.3\"}], \"spdxVersion\": \"SPDX-2.3\""
#define ZLIB " | name=zlib | version=1.3 | format=CycloneDX 1.5\n"
#define SPDX_ZLIB " | name=zlib | version=1.3 | format=SPDX 2.3\n"
#define STATEMENT(predicate)                                                                                                    \
	"{\"_type\": \"https://in-toto.io/Statement/v1\", \"subject\": [{\"name\": \"x\", \"digest\": {\"sha256\": \"00\"}}],\n"               \
	" \"predicateType\": \"https://cyclonedx.org/bom\",\n \"predicate\": " predicate "}"
/* base64 of {"predicateType":"https://spdx.dev/Document","predicate":{"spdxVersion":"SPDX-2.3","packages":[{"name":"zlib","versionInfo":"1.3"}]}} */
#define PAYLOAD                                                                                                                 \
	"eyJwcmVkaWNhdGVUeXBlIjoiaHR0cHM6Ly9zcGR4LmRldi9Eb2N1bWVudCIsInByZWRpY2F0ZSI6eyJzcGR4VmVyc2lvbiI6IlNQRFgtMi4zIiwicGFja2FnZXMi"     \
	"Olt7Im5hbWUiOiJ6bGliIiwidmVyc2lvbkluZm8iOiIxLjMifV19fQ"
#define ENVELOPE(payload) "{\"payloadType\": \"application/vnd.in-toto+json\",\n \"payload\": \"" payload "\", \"signatures\": [{\"sig\": \"AA==\"}]}"
/* BILL in base64, by itself and packed with gzip and zstd (of the command line); ENVELOPE(PAYLOAD) in base64 */
#define BASE64_BILL \
	"eyJib21Gb3JtYXQiOiAiQ3ljbG9uZURYIiwgInNwZWNWZXJzaW9uIjogIjEuNSIsICJjb21wb25lbnRzIjogWwogeyJuYW1lIjogInpsaWIiLCAidmVyc2lv"  \
	"biI6ICIxLjMifV19"
#define GZIP_BILL \
	"H4sIAAAAAAACA6tWSsrPdcsvyk0sUbJSUHKuTM7Jz0t1iVDSUVAqLkhNDkstKs7MzwPJGeqZgkST83MLgErySoqBgtFcCtVKeYm5qSAFVTmZSSAVZch6jJVq"  \
	"Y2sBReXgfmYAAAA="
#define GZIP_CUT \
	"H4sIAAAAAAACA6tWSsrPdcsvyk0sUbJSUHKuTM7Jz0t1iVDSUVAqLkhNDkstKs7MzwPJGeqZgkST83MLgErySoqBgtFcCtVKeYm5qSAFVTmZSSAVZch6jJVq"  \
	"Y2sBReXgfg=="
#define ZSTD_BILL \
	"KLUv/QRY1QIAokUUHGBr0wHwBv4Pf/dI2WseO0O3jkuJHQOlLAol4AGP4lmwuGgkURo3fUzhTo9E063Bw1xYroseAAI3jZk05g7rlnbRiMJhKotBuOlGMSYN"  \
	"LJGdAQDV5VQUAa3XWw=="
#define BASE64_ENVELOPE \
	"eyJwYXlsb2FkVHlwZSI6ICJhcHBsaWNhdGlvbi92bmQuaW4tdG90bytqc29uIiwKICJwYXlsb2FkIjogImV5SndjbVZrYVdOaGRHVlVlWEJsSWpvaWFIUjBj"  \
	"SE02THk5emNHUjRMbVJsZGk5RWIyTjFiV1Z1ZENJc0luQnlaV1JwWTJGMFpTSTZleUp6Y0dSNFZtVnljMmx2YmlJNklsTlFSRmd0TWk0eklpd2ljR0ZqYTJG"  \
	"blpYTWlPbHQ3SW01aGJXVWlPaUo2YkdsaUlpd2lkbVZ5YzJsdmJrbHVabThpT2lJeExqTWlmVjE5ZlEiLCAic2lnbmF0dXJlcyI6IFt7InNpZyI6ICJBQT09"  \
	"In1dfQ=="
#define GZIP_LINES \
	"H4sIAAAAAAACA6tWSsrPdcsvyk0sUbJSUHKuTM7Jz0t1iVDSUVAqLkhNDkstKs7M\nzwPJGeqZgkST83MLgErySoqBgtFcCtVKeYm5qSAFVTmZSSAVZch6jJ"  \
	"VqY2sBReXg\nfmYAAAA="

/* Documents within others: rows have the lines of the file, where what is in it has lines of the file. */
static const struct {
	const char *name, *document, *components;
} wrapped[] = {
	{ "GitHub's export", "{\"sbom\": {\"SPDXID\": \"SPDXRef-DOCUMENT\",\n" PACKAGES "}}", "line=3" SPDX_ZLIB },
	{ "an attestation", STATEMENT(BILL), "line=4" ZLIB },
	{ "an attestation of older cosign", STATEMENT("{\"Data\":\n" BILL ", \"Timestamp\": \"2022-01-01T00:00:00Z\"}"),
	  "line=5" ZLIB },
	{ "tags in a string",
	  STATEMENT("{\"Data\": \"SPDXVersion: SPDX-2.3\\nPackageName: zlib\\nPackageVersion: 1.3\\n\"}"),
	  "line=3" SPDX_ZLIB },
	{ "the predicate stands first",
	  "{\"predicate\": {" PACKAGES "},\n \"predicateType\": \"https://spdx.dev/Document/v2.3\"}", "line=2" SPDX_ZLIB },
	{ "an envelope", ENVELOPE(PAYLOAD "=="), "line=2" SPDX_ZLIB },
	{ "an envelope without padding", ENVELOPE(PAYLOAD), "line=2" SPDX_ZLIB },
	{ "a bundle",
	  "{\"mediaType\": \"application/vnd.dev.sigstore.bundle.v0.3+json\",\n\"dsseEnvelope\":\n" ENVELOPE(PAYLOAD) "}",
	  "line=4" SPDX_ZLIB },
	{ "lines",
	  "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.5\", \"components\": [{\"name\": \"zlib\", \"version\": \"1.3\"}]}\n" BILL
	  "\n\n" ENVELOPE(PAYLOAD) "\n{\"x\": 1}\n",
	  "line=1" ZLIB "line=3" ZLIB "line=6" SPDX_ZLIB },
	{ "a text sequence", "\x1e" BILL "\n\x1e" BILL "\n", "line=2" ZLIB "line=4" ZLIB },
	{ "with a byte order mark", "\xef\xbb\xbf" STATEMENT(BILL), "line=4" ZLIB },
	{ "provenance", STATEMENT("{\"buildDefinition\": {\"bomFormat\": 1}}"), "" },
	{ "an envelope of something else", "{\"payloadType\": \"text/plain\", \"payload\": \"aGVsbG8=\"}", "" },
	{ "a text sequence of one", "\x1e" BILL "\n", "line=2" ZLIB },
	{ "an envelope of a bill, without an attestation",
	  "{\"payloadType\": \"application/spdx+json\",\n \"payload\": \"" PAYLOAD "\"}", "line=2" SPDX_ZLIB },
	{ "the place of the bill beside it",
	  "{\"sbom\": \"https://x.example\", \"predicateType\": \"x\",\n\"predicate\": {\n" PACKAGES "}}",
	  "line=4" SPDX_ZLIB },
	{ "an array of bills", "[\n" BILL ",\n[" BILL ", 1, \"]\"], null]", "line=3" ZLIB "line=5" ZLIB },
	{ "an array of attestations", "[{\"predicateType\": \"x\",\n\"predicate\": {" PACKAGES "}}, " ENVELOPE(PAYLOAD) "]", "line=3" SPDX_ZLIB "line=4" SPDX_ZLIB },
	{ "a list of bills", "{\"sbom\": [" BILL ",\n" BILL "]}", "line=2" ZLIB "line=4" ZLIB },
	{ "a list of another name", "{\"total\": 2, \"items\": [{\"id\": 1, \"sbom\": " BILL "},\n" BILL "]}", "line=2" ZLIB "line=4" ZLIB },
	{ "GitHub's attestations",
	  "{\"attestations\": [\n{\"repository_id\": 1, \"bundle\": {\"mediaType\": \"x\", \"verificationMaterial\": {\"tlogEntries\": []},\n\"dsseEnvelope\": "
	  ENVELOPE(PAYLOAD) "}},\n{\"bundle_url\": \"https://x.example\"}]}",
	  "line=4" SPDX_ZLIB },
	{ "BuildKit's", "{\"linux/amd64\": {\"SPDX\": {\n" PACKAGES "}},\n\"linux/arm64\": {\"SPDX\": {" PACKAGES "}}}", "line=3" SPDX_ZLIB "line=5" SPDX_ZLIB },
	{ "base64 in a member", "{\"project\": \"x\",\n\"bom\": \"" BASE64_BILL "\"}", "line=2" ZLIB },
	{ "packed in a member", "{\"project\": \"x\",\n\"bom\": \"" GZIP_BILL "\"}", "line=2" ZLIB },
	{ "a file of base64", BASE64_BILL "\n", "line=1" ZLIB },
	{ "a file of base64, with tabs", "ewoJImJvbUZvcm1hdCI6ICJDeWNsb25lRFgiLAoJInNwZWNWZXJzaW9uIjogIjEuNSIsICJjb21wb25lbnRzIjogW3sibmFtZSI6ICJ6bGliIiwgInZlcnNpb24iOiAiMS4zIn1dfQ==", "line=1" ZLIB },
	{ "a file of base64, with line ends of DOS", "ew0KCSJib21Gb3JtYXQiOiAiQ3ljbG9uZURYIiwNCgkic3BlY1ZlcnNpb24iOiAiMS41IiwgImNvbXBvbmVudHMiOiBbeyJuYW1lIjogInpsaWIiLCAidmVyc2lvbiI6ICIxLjMifV19", "line=1" ZLIB },
	{ "a file of base64, packed, in lines", GZIP_LINES "\n", "line=1" ZLIB },
	{ "a file of base64, packed with zstd", ZSTD_BILL, "line=1" ZLIB },
	{ "a file of base64, an envelope", BASE64_ENVELOPE, "line=1" SPDX_ZLIB },
	{ "what fills up a block", BILL "\n\n", "line=2" ZLIB },
};

/* What is lost of them is told, and the rest is read. */
static const struct {
	const char *name, *document, *components, *damage;
} lost[] = {
	{ "deep",
	  "{\"sbom\": {\"sbom\": {\"sbom\": {\"sbom\": {\"sbom\": {\"sbom\": {\"sbom\": {\"sbom\": {\"sbom\": {\"x\": {\"x\": " BILL
	  "}}}}}}}}}}}",
	  "", "deeper than 10" },
	{ "an array that is cut off", "[" BILL ",\n ", "line=2" ZLIB, "the array of documents is cut off" },
	{ "a list that is cut off between its documents", "{\"items\": [" BILL ",\n ", "line=2" ZLIB, "the array of documents is cut off" },
	{ "arrays in each other", "[[[[[[[[[[[[" BILL "]]]]]]]]]]]]", "", "deeper than 10" },
	{ "behind an array", "[" BILL "]\nx", "line=2" ZLIB, "no other one" },
	{ "packed and cut off", "{\"bom\": \"" GZIP_CUT "\"}", "line=1" ZLIB, "is not read whole" },
	{ "an attestation that is cut off", "{\"predicateType\": \"x\",\n\"predicate\": {" PACKAGES ", \"x",
	  "line=3" SPDX_ZLIB, "inside a string" },
	{ "the same behind another document", BILL "\n{\"predicateType\": \"x\",\n\"predicate\": {" PACKAGES ", \"x",
	  "line=2" ZLIB "line=5" SPDX_ZLIB, "inside a string" },
	{ "a document that is cut off before it tells what it is, behind another", BILL "\n{\"predicateType", "line=2" ZLIB,
	  "inside a string" },
	{ "something between documents", BILL "\nx\n" BILL, "line=2" ZLIB, "behind a document" },
	{ "a comma between them", BILL ",\n" BILL, "line=2" ZLIB, "behind a document" },
	{ "something behind an envelope", ENVELOPE(PAYLOAD) "\nx\n" BILL, "line=2" SPDX_ZLIB, "behind a document" },
	{ "no attestation in an envelope", BILL "\n" ENVELOPE("aGVsbG8="), "line=2" ZLIB, "no attestation" },
	{ "no base64", BILL "\n" ENVELOPE("!"), "line=2" ZLIB, "no base64" },
};

static void test_wrapped(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrapped / sizeof wrapped[0]; i++) {
		struct inspected out;
		struct span document = span_of(wrapped[i].document, strlen(wrapped[i].document));
		inspected_file(&out, &sbom_inspector, "/x", document);
		assert_true(out.wanted);
		if (strcmp(inspected_print(&out, FACT_declared_component), wrapped[i].components) != 0)
			fail_msg("%s: %s", wrapped[i].name, inspected_print(&out, FACT_declared_component));
		assert_int_equal(fact_list_count(&out.list, FACT_damage), 0);
		inspected_free(&out);
		inspected_survives(&sbom_inspector, "/x", document, 1000);
	}
}

static void test_what_is_lost_of_wrapped(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
		struct inspected out;
		struct span document = span_of(lost[i].document, strlen(lost[i].document));
		inspected_file(&out, &sbom_inspector, "/x", document);
		if (strcmp(inspected_print(&out, FACT_declared_component), lost[i].components) != 0)
			fail_msg("%s: %s", lost[i].name, inspected_print(&out, FACT_declared_component));
		if (fact_list_count(&out.list, FACT_damage) != 1 || !strstr(inspected_print(&out, FACT_damage), lost[i].damage))
			fail_msg("%s: %s", lost[i].name, inspected_print(&out, FACT_damage));
		inspected_free(&out);
		inspected_survives(&sbom_inspector, "/x", document, 1000);
	}
}

/* Groups of many products, of which many vulnerabilities speak: what is said of a group is not copied for each of its products. */
static void test_large_groups(void **state)
{
	(void)state;
	struct inspected out;
	size_t n = 0, room = 4u << 20;
	char *text = malloc(room);
	assert_non_null(text);
	n += (size_t)sprintf(text + n, "{\"document\": {\"csaf_version\": \"2.0\"}, \"product_tree\": {\"full_product_names\": [{\"product_id\": \"p1\","
								   " \"name\": \"zlib\"}], \"product_groups\": [{\"group_id\": \"g\", \"product_ids\": [\"p0\"");
	for (unsigned i = 1; i < 20000; i++)
		n += (size_t)sprintf(text + n, ", \"p%u\"", i);
	n += (size_t)sprintf(text + n, "]}]}, \"vulnerabilities\": [{}");
	for (unsigned i = 0; i < 2000; i++)
		n += (size_t)sprintf(text + n, ", {\"cve\": \"CVE-2020-%u\", \"product_status\": {\"known_not_affected\": [\"p1\"]}, \"flags\": [{\"label\": "
									   "\"component_not_present\", \"group_ids\": [\"g\"]}]}", 1000 + i);
	n += (size_t)sprintf(text + n, "]}");
	inspected_file(&out, &sbom_inspector, "/x", span_of(text, n));
	assert_int_equal(fact_list_count(&out.list, FACT_damage), 0);
	assert_int_equal(fact_list_count(&out.list, FACT_declared_statement), 2000);
	const struct fact_declared_statement *last = fact_list_get(&out.list, FACT_declared_statement, 1999);
	assert_true(text_is(last->justification, "component_not_present"));
	inspected_free(&out);
	free(text);
}

/* With a byte order mark or without. */
static size_t in_wide(const char *text, unsigned width, bool big, bool mark, char *out)
{
	size_t n = 0;
	for (const char *p = mark ? text - 1 : text; p < text + strlen(text); p++) {
		unsigned c = p < text ? 0xfeff : (unsigned char)*p;
		for (unsigned i = 0; i < width; i++) {
			unsigned shift = 8 * (big ? width - 1 - i : i);
			out[n++] = (char)(shift < 16 ? c >> shift : 0);
		}
	}
	return n;
}

/* A component without a name is called as its package URL or its CPE name calls it. */
static void test_nameless(void **state)
{
	(void)state;
	static const struct {
		const char *members, *name;
	} all[] = { { "\"purl\": \"pkg:npm/%40s/left@1\"", "@s/left" },
				{ "\"purl\": \"pkg:deb/debian/libc6@2.36-9?arch=armhf\"", "libc6" },
				{ "\"purl\": \"pkg:generic/openwrt/dnsmasq@2.80\", \"name\": \"\"", "dnsmasq" },
				{ "\"name\": \"NOASSERTION\", \"cpe\": \"cpe:2.3:a:haxx:lib\\\\+curl:8.0:*:*:*:*:*:*:*\"", "lib+curl" },
				{ "\"cpe\": \"cpe:/a:haxx:curl:8.0\", \"purl\": \"nonsense\"", "curl" },
				{ "\"cpe\": \"cpe:2.3:a:haxx:*:8.0:*:*:*:*:*:*:*\"", NULL },
				{ "\"version\": \"1\"", NULL } };
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		char text[512];
		struct inspected out;
		size_t n = (size_t)snprintf(text, sizeof text, "{\"bomFormat\": \"CycloneDX\", \"components\": [{%s}]}", all[i].members);
		inspected_file(&out, &sbom_inspector, "/x", span_of(text, n));
		const struct fact_declared_component *row = fact_list_get(&out.list, FACT_declared_component, 0);
		assert_int_equal(row != NULL, all[i].name != NULL);
		if (row && !text_is(row->name, all[i].name))
			fail_msg("%s: %.*s", all[i].members, (int)row->name.n, row->name.p);
		assert_int_equal(fact_list_count(&out.list, FACT_damage), 0);
		inspected_free(&out);
	}
}

/* Who made a component, in the words of each version of the schema; tools and services are no components. */
static void test_maker(void **state)
{
	(void)state;
	static const char bill[] =
		"{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\", \"metadata\": {\"tools\": {\"components\": [{\"name\": \"maker\", \"version\": \"9\"}],"
		" \"services\": [{\"name\": \"x\"}]}}, \"services\": [{\"name\": \"api\", \"version\": \"2\"}], \"components\": [\n"
		"{\"name\": \"a\", \"publisher\": \"P\", \"manufacturer\": {\"name\": \"M\"}, \"supplier\": {\"name\": \"S\"}},\n"
		"{\"name\": \"b\", \"publisher\": \"P\", \"manufacturer\": {\"name\": \"M\"}},\n{\"name\": \"c\", \"publisher\": \"P\","
		" \"pedigree\": {\"ancestors\": [{\"name\": \"zlib\", \"version\": \"1.2.8\"}]}}]}";
	struct inspected out;
	inspected_file(&out, &sbom_inspector, "/x", span_of(bill, sizeof bill - 1));
	assert_string_equal(inspected_print(&out, FACT_declared_component), "line=2 | name=a | supplier=S | format=CycloneDX 1.6\n"
																		"line=3 | name=b | supplier=M | format=CycloneDX 1.6\n"
																		"line=4 | name=c | supplier=P | format=CycloneDX 1.6\n");
	inspected_free(&out);
}

/* What is put together into something that is excluded is so, too, unless it says something else of itself. */
static void test_excluded(void **state)
{
	(void)state;
	static const char bill[] =
		"{\"bomFormat\": \"CycloneDX\", \"components\": [{\"name\": \"tests\","
		" \"components\": [{\"name\": \"a\", \"components\": [{\"name\": \"b\"}]},"
		" {\"name\": \"c\", \"components\": [{\"name\": \"d\"}], \"scope\": \"required\"}, {\"name\": \"e\","
		" \"scope\": \"optional\"}], \"scope\": \"excluded\"},"
		" {\"name\": \"f\", \"components\": [{\"name\": \"g\", \"scope\": \"excluded\"}, {\"name\": \"h\"}]}],"
		" \"metadata\": {\"component\": {\"name\": \"P\", \"components\": [{\"scope\": \"excluded\","
		" \"name\": \"i\", \"components\": [{\"name\": \"j\"}]}]}}}";
	struct inspected out;
	char words[512];
	size_t n = 0;
	inspected_file(&out, &sbom_inspector, "/x", span_of(bill, sizeof bill - 1));
	for (size_t i = 0; i < fact_list_count(&out.list, FACT_declared_component); i++) {
		const struct fact_declared_component *row = fact_list_get(&out.list, FACT_declared_component, i);
		n += (size_t)snprintf(words + n, sizeof words - n, "%.*s:%.*s ", (int)row->name.n, row->name.p,
							  (int)row->scope.n, row->scope.n ? row->scope.p : "");
	}
	assert_string_equal(words, "b:excluded a:excluded d: c:required e:optional tests:excluded g:excluded h: f: j:excluded i:excluded P: ");
	inspected_free(&out);
	inspected_survives(&sbom_inspector, "/x", span_of(bill, sizeof bill - 1), 1000);
}

/* As a shell of Windows writes what it redirects. */
static void test_wide(void **state)
{
	(void)state;
	static char text[32768];
	static const char *const xml = "<?xml version=\"1.0\"?>\n<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"><components>\n"
								   "<component type=\"library\"><name>zlib</name><version>1.3</version></component></components></bom>";
	const struct {
		const char *document, *components;
	} all[] = { { BILL, "line=2" ZLIB },
				{ ENVELOPE(PAYLOAD), "line=2" SPDX_ZLIB },
				{ xml, "line=3 | name=zlib | version=1.3 | kind=library | format=CycloneDX 1.5\n" },
				{ "SPDXVersion: SPDX-2.3\r\nPackageName: zlib\r\nPackageVersion: 1.3\r\n", "line=2" SPDX_ZLIB },
				{ "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"><components>\n"
				  "<component type=\"library\"><name>zlib</name><version>1.3</version></component></components></bom>",
				  "line=3 | name=zlib | version=1.3 | kind=library | format=CycloneDX 1.5\n" },
				{ "[" BILL "]", "line=2" ZLIB } };
	for (size_t i = 0; i < 8 * sizeof all / sizeof all[0]; i++) {
		struct inspected out;
		size_t n = in_wide(all[i / 8].document, i & 2 ? 4 : 2, i & 1, i & 4, text);
		inspected_file(&out, &sbom_inspector, "/x", span_of(text, n));
		assert_true(out.wanted);
		assert_string_equal(inspected_print(&out, FACT_declared_component), all[i / 8].components);
		assert_int_equal(fact_list_count(&out.list, FACT_damage), 0);
		inspected_free(&out);
		inspected_survives(&sbom_inspector, "/x", span_of(text, n), 500);
	}
	/* U+00FC, U+20AC, U+1F4E6, and half a pair */
	static const char named[] =
		"\xff\xfe{\0\"\0b\0o\0m\0F\0o\0r\0m\0a\0t\0\"\0:\0\"\0C\0y\0c\0l\0o\0n\0e\0D\0X\0\"\0,\0\"\0c\0o\0m\0p\0o\0n\0e\0n\0t\0s\0\"\0:\0[\0{\0"
		"\"\0n\0a\0m\0e\0\"\0:\0\"\0\xfc\0\xac\x20\x3d\xd8\xe6\xdc\x3d\xd8\"\0}\0]\0}";
	struct inspected out;
	inspected_file(&out, &sbom_inspector, "/x", span_of(named, sizeof named));
	assert_string_equal(inspected_print(&out, FACT_declared_component),
						"line=1 | name=\xc3\xbc\xe2\x82\xac\xf0\x9f\x93\xa6\xef\xbf\xbd | format=CycloneDX\n");
	inspected_free(&out);
}

/* A byte order mark and white space before the document change nothing. */
static void test_beginnings(void **state)
{
	(void)state;
	static const char *const before[] = { "\xef\xbb\xbf", " \r\n\t", "\xef\xbb\xbf\n" };
	for (size_t i = 0; i < NDOCUMENTS; i++)
		for (size_t k = 0; k < 3; k++) {
			bool is_json = documents[i].document[0] == '{';
			if (!is_json && k != 0)
				continue;
			char text[8192];
			struct inspected out;
			size_t n = (size_t)snprintf(text, sizeof text, "%s%s", before[k], documents[i].document);
			assert_true(n < sizeof text);
			inspected_file(&out, &sbom_inspector, "x", span_of(text, n));
			assert_true(out.wanted);
			assert_true(fact_list_count(&out.list, FACT_declared_component) +
							fact_list_count(&out.list, FACT_declared_statement) >=
						2);
			inspected_free(&out);
		}
}

/* A line of OpenWrt's manifest is short: one that is not ends the look at it, however many lines follow. */
static void test_long_line(void **state)
{
	(void)state;
	static char text[4096];
	struct inspected out;
	for (size_t n = 1000; n <= 3000; n += 2000) {
		size_t at = (size_t)snprintf(text, sizeof text, "a - ");
		memset(text + at, '1', n);
		at += n;
		at += (size_t)snprintf(text + at, sizeof text - at, "\nkernel - 5.15\n");
		inspected_file(&out, &sbom_inspector, "/x", span_of(text, at));
		assert_int_equal(out.wanted, n == 1000);
		inspected_free(&out);
	}
}

static void test_not_wanted(void **state)
{
	(void)state;
	static const char *const others[] = {
		"",
		"{}",
		"{\"name\": \"CycloneDX\"}",
		"var x = {\"bomFormat\": 1};",
		"see SPDXVersion: SPDX-2.3",
		"x: 1\nassay-vexed: 1\n",
		"# assay-vex: 1\n",
		"see \"PACKAGE\",\"VERSION\",\"LICENSE\"",
		"notes\nkernel - the core of a system\n",
		"a - 1\nkernel - the core\n",
		"Source: x\nPackage: y\nSHA256sum: 0\n",
		"an \"issue\" of ours",
	};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		struct inspected out;
		inspected_file(&out, &sbom_inspector, "/x.json", span_of(others[i], strlen(others[i])));
		assert_false(out.wanted);
		inspected_free(&out);
	}
}

#define YAML_HEAD "SPDXID: SPDXRef-DOCUMENT\nspdxVersion: SPDX-2.3\n"

/* What is wrong is told with its place. */
static void test_faults(void **state)
{
	(void)state;
	static const struct {
		const char *document, *words;
	} faults[] = {
		{ "{\"bomFormat\": \"CycloneDX\", \"components\": [\n {\"name\": \"a\"},\n {\"name\": b}]}", "line 3" },
		{ "{\"bomFormat\": \"CycloneDX\", \"components\": [{\"name\": \"a\"}", "line 1" },
		{ YAML_HEAD "packages:\n- &a {name: a}\n- *a\n", "line 5, column 3 of the YAML: aliases are refused" },
		{ YAML_HEAD "packages:\n- {name: a\n", "of the YAML" },
		{ YAML_HEAD "x: \xfe\n", "of the YAML" }, /* before anything is read */
		{ YAML_HEAD "packages:\n\t- name: a\n", "line 4" },
		{ YAML_HEAD "packages:\n- name: a\n  ? [b]\n  : c\n", "line 5, column 5 of the YAML: the name of a member is no text" },
		{ YAML_HEAD "x: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "nested too deeply" },
		{ "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\">\n<components><component><name>a</x>", "line 2 of the XML: mismatched tag" },
		{ ENVELOPE("!" PAYLOAD), "no base64" },
		{ "{\"dsseEnvelope\": {\"payloadType\": \"application/vnd.in-toto+json\", \"payload\": \"AA", "line 1" },
		{ BILL "\n" BILL "\n{\"bomFormat\": \"CycloneDX\", \"components\": [{\"name\": x}]}", "line 1, column 52" },
		{ "assay-vex: 2\n", "line 1, column 12: version 1" },
		{ "assay-vex: 1\nstatements:\n  - vulnerability: CVE-1\n    component: a\n    status: maybe\n",
		  "line 3, column 5: status must be" },
		{ "assay-vex: 1\nstatements:\n  - vulnerability: CVE-1\n    component: a\n    status: not_affected\n",
		  "line 3, column 5: not_affected needs" },
		{ "assay-vex: 1\nstatements:\n  - vulnerability: CVE-1\n    component: a\n    stat: fixed\n",
		  "line 5, column 11: no field" },
		{ "assay-vex: 1\nstatements:\n  - component: a\n    status: fixed\n", "names no vulnerability" },
		{ "assay-vex: 1\nstatements:\n  - vulnerability: CVE-1\n    status: fixed\n", "names no component" },
		{ "assay-vex: 1\nstatements: &a\n  - *a\n", "aliases are not taken" },
		{ "assay-vex: 1\nstatements:\n  - just words\n", "a statement is expected" },
		{ "assay-vex: 1\nx: [[[[[[[[[[[[]]]]]]]]]]]]\n", "nested deeper" },
		{ "assay-vex: 1\n\t- x", "line 2" },
	};
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		struct inspected out;
		inspected_file(&out, &sbom_inspector, "/x", span_of(faults[i].document, strlen(faults[i].document)));
		assert_true(out.wanted);
		const struct fact_damage *d = fact_list_get(&out.list, FACT_damage, 0);
		if (!d || !text_has(d->what, faults[i].words))
			fail_msg("%s\n  told: %.*s", faults[i].document, d ? (int)d->what.n : 0, d ? d->what.p : "");
		inspected_free(&out);
	}
}

/* Many, and deep: bounded, and said. */
static void test_limits(void **state)
{
	(void)state;
	struct inspected out;
	size_t n = 0, room = 16u << 20;
	char *text = malloc(room);
	assert_non_null(text);
	n += (size_t)sprintf(text + n, "{\"bomFormat\": \"CycloneDX\", \"components\": [");
	for (unsigned i = 0; i < 210000; i++)
		n += (size_t)sprintf(text + n, "{\"name\": \"a%u\"},", i);
	n += (size_t)sprintf(text + n, "{\"name\": \"a\"}]}");
	inspected_file(&out, &sbom_inspector, "/x", span_of(text, n));
	assert_int_equal(fact_list_count(&out.list, FACT_damage), 1);
	assert_true(fact_list_count(&out.list, FACT_declared_component) <= 200000);
	inspected_free(&out);
	n = (size_t)sprintf(text, "{\"bomFormat\": \"CycloneDX\"");
	for (unsigned i = 0; i < 3000; i++)
		n += (size_t)sprintf(text + n, ", \"components\": [{\"name\": \"a\"");
	inspected_file(&out, &sbom_inspector, "/x", span_of(text, n));
	assert_int_equal(fact_list_count(&out.list, FACT_damage), 1);
	inspected_free(&out);
	free(text);
}

static void test_survives(void **state)
{
	(void)state;
	for (size_t i = 0; i < NDOCUMENTS; i++)
		inspected_survives(&sbom_inspector, "/x", span_of(documents[i].document, strlen(documents[i].document)), 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),    cmocka_unit_test(test_beginnings),
		cmocka_unit_test(test_not_wanted), cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_builds),     cmocka_unit_test(test_faults),
		cmocka_unit_test(test_limits),     cmocka_unit_test(test_survives),
		cmocka_unit_test(test_wrapped),    cmocka_unit_test(test_what_is_lost_of_wrapped),
		cmocka_unit_test(test_wide),       cmocka_unit_test(test_maker),      cmocka_unit_test(test_nameless),
		cmocka_unit_test(test_excluded),  cmocka_unit_test(test_large_groups),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

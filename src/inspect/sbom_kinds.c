/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which document a blob is: by the words in it, whatever it is called. */
#include <string.h>

#include "inspect/sbom.h"

#define MANIFEST_LINE_MAX 1024u
#define BASE64_HEAD 5u /* characters of the longest of these beginnings */

enum {
	BOM_FORMAT,
	SPDX_VERSION,
	SPDX3_CONTEXT,
	OPENVEX_CONTEXT,
	CSAF_VERSION,
	SPDX_TAG,
	STATEMENTS,
	BUILDROOT_CSV,
	OPENWRT,
	OPENWRT_INDEX,
	CYCLONEDX_XML,
	SPDX_YAML,
	/* forms that are not read: that is said */
	SPDX_RDF,
	SPDX_XML,
	SYFT_JSON,
	TRIVY_JSON,
	GRYPE_JSON,
	/* words that tell only where nothing above does */
	BUILDROOT_INFO,
	BUILDROOT_STATS,
	YOCTO,
	/* documents that have others in them */
	PREDICATE,
	PAYLOAD,
	SBOM_MEMBER,
	ATTESTATIONS,
	BOM_MEMBER,
	/* other encodings: words of documents in UTF-16 and UTF-32, of either order; beginnings in base64, packed or not */
	WIDE16_BOM_FORMAT,
	WIDE16_SPDX_VERSION,
	WIDE16_SPDX_TAG,
	WIDE16_CONTEXT,
	WIDE16_CSAF,
	WIDE16_OPENVEX,
	WIDE16_XML,
	WIDE16_PREDICATE,
	WIDE16_PAYLOAD,
	WIDE32_BOM_FORMAT,
	WIDE32_SPDX_VERSION,
	WIDE32_SPDX_TAG,
	WIDE32_CONTEXT,
	WIDE32_CSAF,
	WIDE32_OPENVEX,
	WIDE32_XML,
	WIDE32_PREDICATE,
	WIDE32_PAYLOAD,
	BASE64_OBJECT,
	BASE64_LINES,
	BASE64_GZIP,
	BASE64_ZSTD,
	KINDS
};

static const struct pattern patterns[] = {
	[BOM_FORMAT] = PATTERN("\"bomFormat\"", PATTERN_LITERAL),
	[SPDX_VERSION] = PATTERN("\"spdxVersion\"", PATTERN_LITERAL),
	[SPDX3_CONTEXT] = PATTERN("spdx.org/rdf/3.", PATTERN_LITERAL),
	[OPENVEX_CONTEXT] = PATTERN("openvex.dev/ns", PATTERN_LITERAL),
	[CSAF_VERSION] = PATTERN("\"csaf_version\"", PATTERN_LITERAL),
	[SPDX_TAG] = PATTERN("SPDXVersion: SPDX-2", PATTERN_LITERAL),
	[STATEMENTS] = PATTERN("assay-vex:", PATTERN_LITERAL),
	[BUILDROOT_CSV] = PATTERN("\"PACKAGE\",\"VERSION\",\"LICENSE\"", PATTERN_LITERAL),
	[OPENWRT] = PATTERN("\nkernel - ", PATTERN_LITERAL),
	[OPENWRT_INDEX] = PATTERN("\nSHA256sum: ", PATTERN_LITERAL),
	[CYCLONEDX_XML] = PATTERN("cyclonedx.org/schema/bom", PATTERN_LITERAL),
	[SPDX_RDF] = PATTERN("spdx.org/rdf/terms", PATTERN_LITERAL),
	[SPDX_XML] = PATTERN("<spdxVersion>SPDX-", PATTERN_LITERAL),
	[SPDX_YAML] = PATTERN("spdxVersion: ", PATTERN_LITERAL),
	[SYFT_JSON] = PATTERN("anchore/syft/main/schema/json/schema-", PATTERN_LITERAL),
	[TRIVY_JSON] = PATTERN("\"ArtifactName\"", PATTERN_LITERAL),
	[GRYPE_JSON] = PATTERN("\"grype\"", PATTERN_LITERAL),
	[BUILDROOT_INFO] = PATTERN("\"reverse_dependencies\"", PATTERN_LITERAL),
	[BUILDROOT_STATS] = PATTERN("\"ignored_cves\"", PATTERN_LITERAL),
	[YOCTO] = PATTERN("\"issue\"", PATTERN_LITERAL),
	[PREDICATE] = PATTERN("\"predicateType\"", PATTERN_LITERAL),
	[PAYLOAD] = PATTERN("\"payloadType\"", PATTERN_LITERAL),
	[SBOM_MEMBER] = PATTERN("\"sbom\"", PATTERN_LITERAL),
	[ATTESTATIONS] = PATTERN("\"attestations\"", PATTERN_LITERAL),
	[BOM_MEMBER] = PATTERN("\"bom\"", PATTERN_LITERAL),
	[WIDE16_BOM_FORMAT] = PATTERN("b\0o\0m\0F\0o\0r\0m\0a\0t", PATTERN_LITERAL),
	[WIDE16_SPDX_VERSION] = PATTERN("s\0p\0d\0x\0V\0e\0r\0s\0i\0o\0n", PATTERN_LITERAL),
	[WIDE16_SPDX_TAG] = PATTERN("S\0P\0D\0X\0V\0e\0r\0s\0i\0o\0n", PATTERN_LITERAL),
	[WIDE16_CONTEXT] = PATTERN("o\0r\0g\0/\0r\0d\0f\0/\0"
							   "3\0.",
							   PATTERN_LITERAL),
	[WIDE16_CSAF] = PATTERN("c\0s\0a\0f\0_\0v\0e\0r\0s\0i\0o\0n", PATTERN_LITERAL),
	[WIDE16_OPENVEX] = PATTERN("o\0p\0e\0n\0v\0e\0x\0.\0d\0e\0v\0/\0n\0s", PATTERN_LITERAL),
	[WIDE16_XML] = PATTERN("c\0y\0c\0l\0o\0n\0e\0d\0x\0.\0o\0r\0g\0/\0s\0c\0h\0e\0m\0a\0/\0b\0o\0m", PATTERN_LITERAL),
	[WIDE16_PREDICATE] = PATTERN("p\0r\0e\0d\0i\0c\0a\0t\0e\0T\0y\0p\0e", PATTERN_LITERAL),
	[WIDE16_PAYLOAD] = PATTERN("p\0a\0y\0l\0o\0a\0d\0T\0y\0p\0e", PATTERN_LITERAL),
	[WIDE32_BOM_FORMAT] = PATTERN("b\0\0\0o\0\0\0m\0\0\0F\0\0\0o\0\0\0r\0\0\0m\0\0\0a", PATTERN_LITERAL),
	[WIDE32_SPDX_VERSION] = PATTERN("s\0\0\0p\0\0\0d\0\0\0x\0\0\0V\0\0\0e\0\0\0r\0\0\0s", PATTERN_LITERAL),
	[WIDE32_SPDX_TAG] = PATTERN("S\0\0\0P\0\0\0D\0\0\0X\0\0\0V\0\0\0e\0\0\0r\0\0\0s", PATTERN_LITERAL),
	[WIDE32_CONTEXT] = PATTERN("o\0\0\0r\0\0\0g\0\0\0/\0\0\0r\0\0\0d\0\0\0f\0\0\0/", PATTERN_LITERAL),
	[WIDE32_CSAF] = PATTERN("c\0\0\0s\0\0\0a\0\0\0f\0\0\0_\0\0\0v\0\0\0e\0\0\0r", PATTERN_LITERAL),
	[WIDE32_OPENVEX] = PATTERN("o\0\0\0p\0\0\0e\0\0\0n\0\0\0v\0\0\0e\0\0\0x\0\0\0.", PATTERN_LITERAL),
	[WIDE32_XML] = PATTERN("c\0\0\0y\0\0\0c\0\0\0l\0\0\0o\0\0\0n\0\0\0e\0\0\0d", PATTERN_LITERAL),
	[WIDE32_PREDICATE] = PATTERN("p\0\0\0r\0\0\0e\0\0\0d\0\0\0i\0\0\0c\0\0\0a\0\0\0t", PATTERN_LITERAL),
	[WIDE32_PAYLOAD] = PATTERN("p\0\0\0a\0\0\0y\0\0\0l\0\0\0o\0\0\0a\0\0\0d\0\0\0T", PATTERN_LITERAL),
	/* only where a blob begins: so short, they stand by the thousand in tokens and source maps */
	[BASE64_OBJECT] = PATTERN("^eyJ", PATTERN_REGEX),
	[BASE64_LINES] = PATTERN("^ew(og|oJ|0K)", PATTERN_REGEX),
	[BASE64_GZIP] = PATTERN("^H4sI", PATTERN_REGEX),
	[BASE64_ZSTD] = PATTERN("^KLUv/", PATTERN_REGEX),
	PATTERN_END,
};

static size_t first_character(struct span s)
{
	size_t at = span_starts(s, "\xef\xbb\xbf", 3) ? 3 : 0;
	while (at < s.n && at < 4096 && strchr(" \t\r\n\x1e", s.p[at]) && s.p[at])
		at++;
	return at;
}

static bool is_line_start(struct span s, uint64_t at)
{
	return at == 0 || (at <= s.n && s.p[at - 1] == '\n') || (at == 3 && span_starts(s, "\xef\xbb\xbf", 3));
}

/* "name - version" on each of the first lines. It is asked at each hit: no line that is longer than any is gone through. */
static bool is_manifest(struct span s)
{
	size_t lines = 0;
	for (size_t at = 0; at < s.n && lines < 20; lines++) {
		size_t left = s.n - at < MANIFEST_LINE_MAX ? s.n - at : MANIFEST_LINE_MAX;
		const uint8_t *from = s.p + at, *end = memchr(from, '\n', left);
		struct text line = text_of((const char *)from, end ? (size_t)(end - from) : left);
		if (!end && left < s.n - at)
			return false;
		const char *space = line.n ? memchr(line.p, ' ', line.n) : NULL;
		size_t name = space ? (size_t)(space - line.p) : 0;
		if (!name || line.n < name + 4 || memcmp(space, " - ", 3) != 0 || memchr(space + 3, ' ', line.n - name - 3))
			return false;
		at += line.n + 1;
	}
	return lines > 1;
}

static bool first_is(struct span s, char c)
{
	size_t at = first_character(s);
	return at < s.n && s.p[at] == (uint8_t)c;
}

static bool is_page(struct span s)
{
	struct span head = span_clip(s, 0, 512);
	return memmem(head.p, head.n, "<html", 5) || memmem(head.p, head.n, "<!DOCTYPE", 9);
}

/* Text, with the identifier that every such document has. */
static bool is_yaml(struct span s)
{
	struct span head = span_clip(s, 0, 4096);
	return head.n && !memchr(head.p, 0, head.n) && memmem(head.p, head.n, "SPDXID: ", 8);
}

/* {"bom": "eyJib21Gb3JtYXQi..."}, as Dependency-Track's API takes it. */
static bool is_base64_member(struct span s, uint64_t behind)
{
	struct span rest = span_clip(s, behind, 64);
	size_t at = 0;
	while (at < rest.n && strchr(" \t\r\n:\"", rest.p[at]) && rest.p[at])
		at++;
	return at > 1 && rest.n >= at + 16 && sbom_is_base64(span_sub(rest, at, 16));
}

/* What a scanner writes where no other form was asked for: Trivy's begins with these two; Syft's and Grype's end with who wrote it. */
static bool is_scanners_own(const struct subject *s, const struct hit *h, bool json)
{
	static const char schema[] = "\"SchemaVersion\"", matches[] = "\"matches\"";
	struct span head = span_clip(s->bytes, 0, 4096);
	if (!json || s->kind == ENTRY_FILE)
		return false;
	return h->pattern == SYFT_JSON || (h->pattern == TRIVY_JSON && memmem(head.p, head.n, schema, sizeof schema - 1)) ||
		   (h->pattern == GRYPE_JSON && memmem(head.p, head.n, matches, sizeof matches - 1));
}

static bool tells(const struct subject *s, const struct hit *h, bool json)
{
	if (h->pattern >= BASE64_OBJECT)
		return h->to <= BASE64_HEAD && sbom_is_base64(s->bytes);
	if (h->pattern >= WIDE16_BOM_FORMAT)
		return sbom_is_wide(s->bytes);
	switch (h->pattern) {
	case SPDX_TAG:
	case STATEMENTS:
		return !json && is_line_start(s->bytes, h->from);
	case CYCLONEDX_XML:
		return h->from < 4096 && first_is(s->bytes, '<') && !is_page(s->bytes);
	case SPDX_RDF:
	case SPDX_XML: /* of a document that is given, not of a file of an image, a program or a page that speaks of it */
		return s->kind != ENTRY_FILE && h->from < 4096 && first_is(s->bytes, '<') && !is_page(s->bytes);
	case SPDX_YAML:
		return !json && is_line_start(s->bytes, h->from) && is_yaml(s->bytes);
	case SYFT_JSON:
	case TRIVY_JSON:
	case GRYPE_JSON:
		return is_scanners_own(s, h, json);
	case BUILDROOT_CSV:
		return h->from == 0;
	case OPENWRT:
		return !json && is_manifest(s->bytes);
	case SBOM_MEMBER:
		return json && h->from < 256;
	case BOM_MEMBER:
		return json && h->from < 4096 && is_base64_member(s->bytes, h->to);
	case OPENWRT_INDEX:
		return span_starts(s->bytes, "Package: ", 9);
	default:
		return json;
	}
}

static bool is_json(struct span s)
{
	return first_is(s, '{') || first_is(s, '[');
}

/* Whether a member says that another document is in it. */
static bool is_wrapped(const struct subject *s)
{
	bool json = is_json(s->bytes), is = false;
	for (size_t i = 0; i < s->nhits && !is; i++)
		is = s->hits[i].pattern >= PREDICATE && s->hits[i].pattern <= BOM_MEMBER && tells(s, &s->hits[i], json);
	return is;
}

/* The kind of document: the first member that tells. -1: none. */
static int document_kind(const struct subject *s)
{
	bool json = is_json(s->bytes);
	int weak = -1;
	for (size_t i = 0; i < s->nhits; i++) {
		if (!tells(s, &s->hits[i], json))
			continue;
		if (s->hits[i].pattern < BUILDROOT_INFO)
			return (int)s->hits[i].pattern;
		weak = weak < 0 ? (int)s->hits[i].pattern : weak;
	}
	return weak;
}

#define HEAD_MAX 65536u

/* Lists that build systems write: of OpenWrt, an image's and a repository's, and Buildroot's. */
static bool is_list(struct span text)
{
	static const char kernel[] = "\nkernel - ", package[] = "Package: ", digest[] = "\nSHA256sum: ", csv[] = "\"PACKAGE\",\"VERSION\",\"LICENSE\"";
	struct span head = span_clip(text, 0, HEAD_MAX);
	if (span_starts(text, package, sizeof package - 1))
		return memmem(head.p, head.n, digest, sizeof digest - 1);
	return span_starts(text, csv, sizeof csv - 1) || (is_manifest(text) && memmem(head.p, head.n, kernel, sizeof kernel - 1));
}

/* The members that tell stand at the top, or, where they are sorted, behind the lists. */
bool sbom_is_bill(struct span text)
{
	if (is_list(text))
		return true;
	static const char *const words[] = { "\"bomFormat\"",  "\"spdxVersion\"",           "spdx.org/rdf/3.", "openvex.dev/ns",
										 "\"csaf_version\"", "cyclonedx.org/schema/bom", "SPDXVersion: SPDX-2" };
	size_t at = first_character(text), end = text.n > HEAD_MAX ? text.n - HEAD_MAX : 0;
	struct span head = span_clip(text, 0, HEAD_MAX), tail = span_clip(text, end, HEAD_MAX);
	if (is_yaml(text) && (memmem(head.p, head.n, "spdxVersion: ", 13) || memmem(tail.p, tail.n, "\nspdxVersion: ", 14)))
		return true;
	bool tags = at < text.n && memmem(text.p + at, text.n - at < 64 ? text.n - at : 64, "SPDXVersion:", 12) != NULL;
	if (at >= text.n || (!tags && !memchr("{[<", text.p[at], 3)))
		return false;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (memmem(head.p, head.n, words[i], strlen(words[i])) || memmem(tail.p, tail.n, words[i], strlen(words[i])))
			return true;
	return false;
}

static bool wants(const struct subject *s)
{
	return s->nhits && document_kind(s) >= 0;
}

/* What a form that is not read is, and how to come to one that is: that the first two lines of a report have both. */
static const struct unread {
	const char *is, *words;
} * unread(int kind)
{
	static const struct unread
		spdx = { "SPDX in RDF or XML", "SPDX in RDF and XML is not read: pyspdxtools -i IN -o"
												   " OUT.spdx.json converts it" },
		syft = { "Syft's own JSON", "Syft's own JSON is not read: syft convert IN -o cyclonedx-json=OUT converts it" },
		trivy = { "Trivy's own JSON",
				  "Trivy's own JSON is not read: trivy convert -f cyclonedx -o OUT IN converts it" },
		grype = { "Grype's own JSON", "Grype's own JSON is not read, and is no bill: write one with"
									  " syft -o cyclonedx-json" };
	switch (kind) {
	case SPDX_RDF:
	case SPDX_XML:
		return &spdx;
	case SYFT_JSON:
		return &syft;
	case TRIVY_JSON:
		return &trivy;
	case GRYPE_JSON:
		return &grype;
	default:
		return NULL;
	}
}

/* A document that is given, and says nothing, is no riddle: what it is is told all the same. */
static void tell_empty(struct sbom_reader *r, const struct subject *s, int kind)
{
	bool whole = kind <= CSAF_VERSION || kind == SPDX_TAG || kind == SPDX_YAML || kind == CYCLONEDX_XML;
	if (whole && s->kind != ENTRY_FILE && r->rows == 0 && r->format && !r->failed)
		emit_header_field(r->sink, 0, SBOM_IS, "%s without a component or a statement", r->format);
}

/* `json`: of a kind that is one object; read: NULL where it is known for what it wraps alone. */
static void read_document(struct sbom_reader *r, bool json, bool wrapped, void (*read)(struct sbom_reader *))
{
	bool several = sbom_is_several(r->bytes);
	if (((json || wrapped || several) && sbom_read_wrapped(r)) || !read)
		return;
	read(r);
	if (json && !several)
		sbom_tell_rest(r);
}

static void run(const struct subject *s, struct sink *sink)
{
	static void (*const readers[])(struct sbom_reader *) = {
		[BOM_FORMAT] = sbom_read_cyclonedx,
		[CYCLONEDX_XML] = sbom_read_cyclonedx_xml,
		[SPDX_VERSION] = sbom_read_spdx,
		[SPDX3_CONTEXT] = sbom_read_spdx3,
		[OPENVEX_CONTEXT] = sbom_read_openvex,
		[CSAF_VERSION] = sbom_read_csaf,
		[SPDX_TAG] = sbom_read_spdx_tags,
		[SPDX_YAML] = sbom_read_spdx_yaml,
		[STATEMENTS] = sbom_read_statements,
		[BUILDROOT_CSV] = sbom_read_buildroot_csv,
		[OPENWRT] = sbom_read_openwrt,
		[OPENWRT_INDEX] = sbom_read_openwrt_index,
		[BUILDROOT_INFO] = sbom_read_buildroot_info,
		[BUILDROOT_STATS] = sbom_read_buildroot_stats,
		[YOCTO] = sbom_read_yocto,
		[PREDICATE] = NULL, /* of something else */
		[PAYLOAD] = NULL,
		[SBOM_MEMBER] = NULL,
		[ATTESTATIONS] = NULL,
		[BOM_MEMBER] = NULL,
		[WIDE16_BOM_FORMAT ... WIDE32_PAYLOAD] = sbom_read_wide,
		[BASE64_OBJECT ... BASE64_ZSTD] = sbom_read_base64,
	};
	int kind = document_kind(s);
	struct sbom_reader r = { .bytes = s->bytes, .arena = s->arena, .sink = sink, .path = s->path };
	if (kind < 0)
		return;
	const struct unread *other = unread(kind);
	if (other) {
		emit_header_field(sink, 0, SBOM_IS, "%s, which is not read", other->is);
		emit_damage_at(sink, ERR_UNSUPPORTED, 0, "%s", other->words);
	} else if (s->bytes.n > SBOM_BYTES_MAX) {
		emit_damage_at(sink, ERR_BUDGET, 0, "a bill of materials of more than %u MiB is not read",
					   SBOM_BYTES_MAX >> 20);
	} else {
		read_document(&r, kind <= CSAF_VERSION, is_json(s->bytes) && is_wrapped(s), readers[kind]);
		tell_empty(&r, s, kind);
	}
}

const struct inspector sbom_inspector = {
	.name = "sbom",
	.title = "bills of materials and statements on vulnerabilities",
	.spec =
		"CycloneDX 1.2 to 1.6 (JSON, XML), SPDX 2.2, 2.3 (JSON, YAML, tags) and 3.0, OpenVEX 0.2.0, CSAF 2.0; lists of Buildroot, Yocto and OpenWrt;"
		" these in DSSE 1.0, in-toto Statements and lists of them, UTF-16, UTF-32, base64",
	.patterns = patterns,
	.wants = wants,
	.run = run,
};

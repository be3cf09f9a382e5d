/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bills of materials in what the field ships them in: a document within another, or several in one file.
 *
 * - GitHub's export of a dependency graph (REST API, "Export a software bill of materials"): {"sbom": SPDX document}
 * - in-toto attestations (Statement v0.1 and v1): the predicate is the bill, or, of older cosign, its member "Data"; a bill that is
 *   no JSON (SPDX in tags) is a string there
 * - the envelope of these (DSSE 1.0): {"payloadType": "application/vnd.in-toto+json", "payload": base64 of either alphabet}, and
 *   sigstore's bundle of it, {"dsseEnvelope": {...}}
 * - several documents behind each other: lines (JSON Lines), text sequences (RFC 7464), or none of these; and in arrays
 * - GitHub's attestations (REST API, "List attestations"): {"attestations": [{"bundle": {"dsseEnvelope": {...}}}]}
 * - what is put into base64, packed before or not: Dependency-Track's API ({"bom": ...}), strings where an object is expected
 * - any other objects and arrays that have the words of a bill in them, as BuildKit's ({"linux/arm64": {"SPDX": {...}}})
 *
 * Signatures are not checked. What a document is follows from the members at its top. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/plural.h"
#include "inspect/sbom.h"

#define DEPTH_MAX 10u         /* in each other: GitHub's list, a bundle, its envelope, the statement, the predicate, the bill are 6 */
#define DOCUMENTS_MAX 10000u  /* behind each other, or in an array */
#define PAYLOAD_MAX (64u << 20)

typedef void reader(struct sbom_reader *);

/* A part of a document that may be one, or have one in it. */
struct inner {
	struct span bytes;
	int64_t line; /* where it begins, from 1 */
	uint64_t at;
};

/* What stands at the top of a document. */
struct top {
	reader *read;         /* NULL: it is none of the kinds that are read */
	struct inner *inner;
	size_t ninner, room;
	char *decoded;        /* a string that may be one, to be freed */
	size_t ndecoded;
	int64_t line;         /* where that begins, from 1 */
	uint64_t at;
	bool is_envelope, is_attestation, has_envelope; /* its payload has a type, and that of in-toto's */
};

static bool read_documents(struct sbom_reader *r, unsigned depth);

/* The byte behind the object that begins at `at`, by its braces alone. */
static size_t object_end(struct span s, size_t at)
{
	size_t depth = 0;
	bool in_string = false;
	for (; at < s.n; at++) {
		uint8_t c = s.p[at];
		if (in_string) {
			at += c == '\\';
			in_string = c != '"';
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if ((c == '}' || c == ']') && --depth == 0) {
			return at + 1;
		}
	}
	return s.n;
}

/* ---- members ---- */

static void add_inner(struct sbom_reader *r, struct top *top, struct inner inner)
{
	if (top->ninner == top->room) {
		size_t room = top->room ? top->room * 2 : 16;
		struct inner *v = ARENA_ARRAY(r->arena, struct inner, room);
		r->failed |= !v;
		if (!v)
			return;
		if (top->ninner)
			memcpy(v, top->inner, top->ninner * sizeof *v);
		top->inner = v;
		top->room = room;
	}
	top->inner[top->ninner++] = inner;
}

static bool may_have_bill(struct span s)
{
	static const char *const words[] = { "\"bomFormat\"",      "\"spdxVersion\"",   "spdx.org/rdf/3.", "openvex.dev/ns", "\"csaf_version\"",
										 "\"predicateType\"", "\"payloadType\"" };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (s.n && memmem(s.p, s.n, words[i], strlen(words[i])))
			return true;
	return false;
}

/* The value of the current KEY: objects and arrays stay in the document, a string is copied where one is `expected`, as those that a bill
 * is known to be in. Of any other key what has the words of a bill. */
static void take_inner(struct sbom_reader *r, struct json_pull *j, struct top *top, bool expected)
{
	enum json_token t = json_pull_next(j);
	struct json_place from = json_pull_place(j);
	if (t == PULL_STRING && expected && !top->decoded) {
		struct text s = json_pull_text(j);
		top->line = (int64_t)from.line;
		top->at = from.offset;
		top->decoded = malloc(s.n + 1);
		top->ndecoded = top->decoded ? s.n : 0;
		if (top->decoded && s.n)
			memcpy(top->decoded, s.p, s.n);
	} else if (t == PULL_OBJECT || t == PULL_ARRAY) { /* of one that is cut off what is there: its reader tells */
		bool whole = json_pull_skip(j);
		size_t at = (size_t)from.offset, end = whole ? (size_t)json_pull_place(j).offset + 1 : object_end(r->bytes, at);
		struct span inner = span_clip(r->bytes, at, end - at);
		if (expected || may_have_bill(inner))
			add_inner(r, top, (struct inner){ inner, (int64_t)from.line, from.offset });
	}
}

static bool value_has(struct json_pull *j, const char *words)
{
	return json_pull_next(j) == PULL_STRING && text_has(json_pull_text(j), words);
}

/* "@context": a URI, or a list that has one. */
static void read_context(struct json_pull *j, struct top *top)
{
	enum json_token t = json_pull_next(j);
	bool list = t == PULL_ARRAY;
	for (t = list ? json_pull_next(j) : t; t > PULL_END && t != PULL_ARRAY_END; t = json_pull_next(j)) {
		if (t == PULL_STRING && text_has(json_pull_text(j), "spdx.org/rdf/3."))
			top->read = sbom_read_spdx3;
		else if (t == PULL_STRING && text_has(json_pull_text(j), "openvex.dev/ns"))
			top->read = sbom_read_openvex;
		else if (t != PULL_STRING && !json_pull_skip(j))
			return;
		if (!list)
			return;
	}
}

/* "document" of CSAF. */
static void read_header(struct json_pull *j, struct top *top)
{
	if (json_pull_next(j) != PULL_OBJECT) {
		json_pull_skip(j);
		return;
	}
	while (json_pull_next(j) == PULL_KEY) {
		if (text_is(json_pull_text(j), "csaf_version"))
			top->read = sbom_read_csaf;
		json_pull_skip(j);
	}
}

static void read_payload_type(struct json_pull *j, struct top *top)
{
	top->is_envelope = json_pull_next(j) == PULL_STRING;
	top->is_attestation = top->is_envelope && text_has(json_pull_text(j), "application/vnd.in-toto+json");
}

static bool is_wrapper(struct text key)
{
	static const char *const keys[] = { "predicate", "payload", "dsseEnvelope", "sbom", "Data", "bundle", "bom", "attestations" };
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (text_is(key, keys[i]))
			return true;
	return false;
}

static void read_member(struct sbom_reader *r, struct json_pull *j, struct top *top)
{
	struct text key = json_pull_text(j);
	top->has_envelope |= text_is(key, "dsseEnvelope");
	if (text_is(key, "bomFormat"))
		top->read = value_has(j, "CycloneDX") ? sbom_read_cyclonedx : top->read;
	else if (text_is(key, "spdxVersion"))
		top->read = value_has(j, "SPDX-") ? sbom_read_spdx : top->read;
	else if (text_is(key, "@context"))
		read_context(j, top);
	else if (text_is(key, "document"))
		read_header(j, top);
	else if (text_is(key, "payloadType"))
		read_payload_type(j, top);
	else
		take_inner(r, j, top, is_wrapper(key));
}

static bool may_be_document(struct span s)
{
	return s.n && (memchr(s.p, '{', s.n) || sbom_packing(s) != CODEC_STORE);
}

/* The bytes of an envelope's payload, in place of the digits. */
static void decode_payload(struct sbom_reader *r, struct top *top)
{
	bool is = sbom_decode_base64(top->decoded, &top->ndecoded);
	if (top->is_attestation && (!is || !top->ndecoded || !may_be_document(span_of(top->decoded, top->ndecoded))))
		emit_damage_at(r->sink, ERR_CORRUPT, r->base + top->at, "the payload of the envelope is no %s: the bill in it is not read",
					   is ? "attestation" : "base64");
	top->ndecoded = is ? top->ndecoded : 0;
}

/* Who else would tell what is wrong: nobody of a document within another, of one beside others, of what is known to wrap one. */
static void tell(struct sbom_reader *r, const struct top *top, struct error e, unsigned depth)
{
	bool is_wrap = top->is_attestation || top->has_envelope || e.code == ERR_BUDGET;
	if (!error_is(&e) || top->read || top->ninner || !(is_wrap || r->beside || depth > 0))
		return;
	e.offset += e.offset == UINT64_MAX ? 0 : r->base;
	emit_error(r->sink, &e);
}

/* What the document is that begins with a brace; the readers themselves tell what is wrong in it. */
static bool read_top(struct sbom_reader *r, struct top *top, unsigned depth)
{
	struct json_limits limits = { .string = PAYLOAD_MAX };
	struct json_pull *j = json_pull_new_span(r->bytes, &limits);
	*top = (struct top){ .read = NULL };
	if (!j)
		return false;
	bool is_object = json_pull_next(j) == PULL_OBJECT;
	while (is_object && !top->read && json_pull_next(j) == PULL_KEY) {
		read_member(r, j, top);
		if (json_pull_token(j) == PULL_OBJECT || json_pull_token(j) == PULL_ARRAY) /* where a string was expected */
			json_pull_skip(j);
	}
	tell(r, top, json_pull_error(j), depth);
	json_pull_free(j);
	if (top->is_envelope && top->decoded)
		decode_payload(r, top);
	return true;
}

/* ---- documents in each other ---- */

/* Reads what lies in the document at hand; rows have the lines of the file as far as there are any. */
static bool read_within(struct sbom_reader *r, struct inner inner, bool encoded, unsigned depth)
{
	struct sbom_reader outer = *r;
	r->bytes = inner.bytes;
	r->beside = false;
	if (r->line_fixed == 0 && encoded)
		r->line_fixed = r->line + inner.line; /* the lines of what is encoded are none of the file */
	r->line += inner.line - 1;
	r->base += inner.at;
	bool any = read_documents(r, depth + 1);
	outer.rows = r->rows;
	outer.failed = r->failed;
	outer.unpacked = r->unpacked;
	outer.cut |= r->cut && !encoded;
	*r = outer;
	return any;
}

/* A string is a document, or the digits of one, packed before or not. */
static bool read_decoded(struct sbom_reader *r, struct top *top, unsigned depth)
{
	struct inner inner = { .line = top->line, .at = top->at };
	struct buf unpacked = buf_with_limit(PAYLOAD_MAX);
	if (!top->is_envelope && sbom_is_base64(span_of(top->decoded, top->ndecoded)) && !sbom_decode_base64(top->decoded, &top->ndecoded))
		return false;
	inner.bytes = span_of(top->decoded, top->ndecoded);
	if (sbom_packing(inner.bytes) != CODEC_STORE)
		inner.bytes = sbom_unpack(r, inner.bytes, r->base + top->at, &unpacked);
	bool any = inner.bytes.n && read_within(r, inner, true, depth);
	buf_free(&unpacked);
	return any;
}

static bool read_object(struct sbom_reader *r, unsigned depth)
{
	struct top top;
	bool any = false;
	if (!read_top(r, &top, depth))
		return false;
	if (top.read) {
		top.read(r);
		any = true;
	} else if ((top.ninner || top.ndecoded) && depth >= DEPTH_MAX) {
		emit_damage_at(r->sink, ERR_BUDGET, r->base + top.at, "documents in each other, deeper than %u: those are not read", DEPTH_MAX);
	} else { /* a string may be something else, as the place of the bill is beside it */
		any = top.ndecoded && read_decoded(r, &top, depth);
		for (size_t i = 0; i < top.ninner && !r->failed; i++)
			any |= read_within(r, top.inner[i], false, depth);
	}
	free(top.decoded);
	return any;
}

static size_t skip_between(struct span s, size_t at)
{
	while (at < s.n && strchr(" \t\r\n\x1e", s.p[at]) && s.p[at])
		at++;
	return at;
}

static int64_t count_lines(struct span s, size_t from, size_t to)
{
	int64_t n = 0;
	for (const uint8_t *p = from < to ? memchr(s.p + from, '\n', to - from) : NULL; p;
		 p = (size_t)(p + 1 - s.p) < to ? memchr(p + 1, '\n', (size_t)(s.p + to - p - 1)) : NULL)
		n++;
	return n;
}

/* What stands behind the last document, from `at` on, and is none; but what fills up a block. */
static void tell_rest(struct sbom_reader *r, struct span s, size_t at)
{
	size_t from = at;
	while (at < s.n && (s.p[at] == 0 || strchr(" \t\r\n\x1e", s.p[at])))
		at++;
	if (at < s.n)
		emit_damage_at(r->sink, ERR_CORRUPT, r->base + from, "%zu %s not read", s.n - from,
					   plural(s.n - from, "byte behind a document is no other one: it is",
							  "bytes behind a document are no other one: they are"));
}

void sbom_tell_rest(struct sbom_reader *r)
{
	size_t at = skip_between(r->bytes, span_starts(r->bytes, "\xef\xbb\xbf", 3) ? 3 : 0);
	if (at < r->bytes.n && r->bytes.p[at] == '{')
		tell_rest(r, r->bytes, skip_between(r->bytes, object_end(r->bytes, at)));
}

/* Objects behind each other. What follows them and is none is damage: all before it is read. */
static bool read_objects(struct sbom_reader *r, size_t at, unsigned depth)
{
	struct sbom_reader whole = *r;
	bool any = false;
	size_t from = 0;
	for (unsigned n = 0; at < whole.bytes.n && whole.bytes.p[at] == '{' && !r->failed; n++) {
		size_t end = object_end(whole.bytes, at), next = skip_between(whole.bytes, end);
		bool last = next == whole.bytes.n || whole.bytes.p[next] != '{' || n == DOCUMENTS_MAX - 1;
		if (last && next < whole.bytes.n && whole.bytes.p[next] == '{')
			emit_damage_at(r->sink, ERR_BUDGET, r->base + next, "more than %u documents in one file: the others are not read",
						   DOCUMENTS_MAX);
		else if (last)
			tell_rest(&whole, whole.bytes, next);
		r->beside = !last || n > 0;
		r->line += count_lines(whole.bytes, from, at);
		r->base = whole.base + at;
		r->bytes = span_clip(whole.bytes, at, end - at);
		any |= read_object(r, depth);
		from = at;
		at = last ? whole.bytes.n : next;
	}
	r->bytes = whole.bytes;
	r->line = whole.line;
	r->base = whole.base;
	return any;
}

/* The byte behind a value of an array. */
static size_t value_end(struct span s, size_t at)
{
	if (s.p[at] == '{' || s.p[at] == '[')
		return object_end(s, at);
	bool in_string = s.p[at] == '"';
	for (at++; at < s.n; at++) {
		uint8_t c = s.p[at];
		at += in_string && c == '\\';
		if (in_string ? c == '"' : strchr(",][{", c) && c)
			return in_string ? at + 1 : at;
	}
	return s.n;
}

/* The objects of an array, and of arrays in it. */
static bool read_list(struct sbom_reader *r, size_t at, unsigned depth)
{
	struct sbom_reader whole = *r;
	struct span s = whole.bytes;
	bool any = false, too_many = false, too_deep = false;
	size_t from = 0;
	at = skip_between(s, at + 1);
	for (unsigned n = 0; at < s.n && s.p[at] != ']' && !r->failed && !too_many;) {
		size_t end = value_end(s, at);
		if (s.p[at] == '{' || s.p[at] == '[') {
			too_many = n++ == DOCUMENTS_MAX;
			r->line += count_lines(s, from, at);
			r->base = whole.base + at;
			r->bytes = span_clip(s, at, end - at);
			r->beside = true;
			from = at;
			too_deep |= !too_many && depth >= DEPTH_MAX && may_have_bill(r->bytes);
			any |= !too_many && depth < DEPTH_MAX && (s.p[at] == '{' ? read_object(r, depth) : read_list(r, 0, depth + 1));
		}
		at = skip_between(s, end);
		at = at < s.n && s.p[at] == ',' ? skip_between(s, at + 1) : at;
	}
	r->bytes = whole.bytes;
	r->line = whole.line;
	r->base = whole.base;
	if (too_deep)
		emit_damage_at(r->sink, ERR_BUDGET, r->base, "documents in each other, deeper than %u: those are not read", DEPTH_MAX);
	if (too_many)
		emit_damage_at(r->sink, ERR_BUDGET, r->base + from, "more than %u documents in an array: the others are not read", DOCUMENTS_MAX);
	else if (at >= s.n && !r->cut)
		emit_damage_at(r->sink, ERR_TRUNCATED, r->base + s.n, "the array of documents is cut off");
	else if (depth == 0 && at < s.n)
		tell_rest(&whole, s, skip_between(s, at + 1));
	r->cut |= at >= s.n;
	return any;
}

static bool read_documents(struct sbom_reader *r, unsigned depth)
{
	static const char tags[] = "SPDXVersion: SPDX-2", xml[] = "cyclonedx.org/schema/bom";
	size_t at = skip_between(r->bytes, span_starts(r->bytes, "\xef\xbb\xbf", 3) ? 3 : 0);
	struct span rest = span_from(r->bytes, at), head = span_clip(rest, 0, 4096);
	if (rest.n && rest.p[0] == '{')
		return read_objects(r, at, depth);
	if (rest.n && rest.p[0] == '[')
		return read_list(r, at, depth);
	reader *read = span_starts(rest, tags, sizeof tags - 1)                                      ? sbom_read_spdx_tags
				   : rest.n && rest.p[0] == '<' && memmem(head.p, head.n, xml, sizeof xml - 1) ? sbom_read_cyclonedx_xml
																								 : NULL;
	if (read)
		read(r);
	return read != NULL;
}

/* ---- */

bool sbom_read_wrapped(struct sbom_reader *r)
{
	return read_documents(r, 0);
}

bool sbom_is_several(struct span s)
{
	size_t from = span_starts(s, "\xef\xbb\xbf", 3) ? 3 : 0, at = skip_between(s, from);
	if (at >= s.n || s.p[at] != '{')
		return false;
	if (memchr(s.p + from, '\x1e', at - from)) /* a text sequence, be it of one */
		return true;
	at = skip_between(s, object_end(s, at));
	return at < s.n && s.p[at] == '{';
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bills of materials in what the field ships them in: a document within another, several in one file, UTF-16.
 *
 * - GitHub's export of a dependency graph (REST API, "Export a software bill of materials"): {"sbom": SPDX document}
 * - in-toto attestations (Statement v0.1 and v1): the predicate is the bill, or, of older cosign, its member "Data"; a bill that is
 *   no JSON (SPDX in tags) is a string there
 * - the envelope of these (DSSE 1.0): {"payloadType": "application/vnd.in-toto+json", "payload": base64 of either alphabet}, and
 *   sigstore's bundle of it, {"dsseEnvelope": {...}}
 * - several documents behind each other: lines (JSON Lines), text sequences (RFC 7464), or none of these
 *
 * Signatures are not checked. What a document is follows from the members at its top. */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "inspect/sbom.h"

#define DEPTH_MAX 6u          /* documents in each other: a bundle, its envelope, the statement, the bill are 4 */
#define DOCUMENTS_MAX 10000u  /* behind each other */
#define PAYLOAD_MAX (64u << 20)

typedef void reader(struct sbom_reader *);

/* What stands at the top of a document. */
struct top {
	reader *read;         /* NULL: it is none of the kinds that are read */
	struct span inner;    /* the document in it, where it is one that wraps another; empty: none */
	char *decoded;        /* the same where it had to be decoded, to be freed */
	size_t ndecoded;
	bool is_envelope, is_attestation, has_envelope; /* its payload has a type, and that of in-toto's */
	int64_t line;         /* where the inner one begins, from 1 */
	uint64_t at;
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

/* The value of the current KEY, if an object or a string: an object stays in the document, a string is copied. */
static void take_inner(struct json_pull *j, struct span document, struct top *top)
{
	enum json_token t = json_pull_next(j);
	struct json_place from = json_pull_place(j);
	top->line = (int64_t)from.line;
	top->at = from.offset;
	if (t == PULL_STRING && !top->decoded) {
		struct text s = json_pull_text(j);
		top->decoded = malloc(s.n + 1);
		top->ndecoded = top->decoded ? s.n : 0;
		if (top->decoded && s.n)
			memcpy(top->decoded, s.p, s.n);
	} else if (t == PULL_OBJECT) { /* of one that is cut off what is there: its reader tells */
		bool whole = json_pull_skip(j);
		size_t at = (size_t)from.offset, end = whole ? (size_t)json_pull_place(j).offset + 1 : object_end(document, at);
		top->inner = span_clip(document, at, end - at);
	} else if (t > PULL_END && t != PULL_OBJECT) {
		json_pull_skip(j);
	}
}

/* Digits of either alphabet (RFC 4648, sections 4 and 5), with or without padding, in place. */
static bool decode(char *p, size_t *n)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t out = 0, i = 0;
	for (; i < *n && p[i] != '='; i++) {
		int digit = base64_digit((unsigned char)(p[i] == '-' ? '+' : p[i] == '_' ? '/' : p[i]));
		if (digit < 0 && strchr("\r\n", p[i]) && p[i])
			continue;
		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			p[out++] = (char)(bits >> have & 0xff);
		}
	}
	*n = out;
	return true;
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

static void read_member(struct json_pull *j, struct span document, struct top *top)
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
	else if (text_is(key, "predicate") || text_is(key, "payload") || text_is(key, "dsseEnvelope") || text_is(key, "sbom") ||
			 text_is(key, "Data"))
		take_inner(j, document, top);
	else
		json_pull_skip(j);
}

/* The bytes of an envelope's payload, in place of the digits. */
static void decode_payload(struct sbom_reader *r, struct top *top)
{
	bool is = decode(top->decoded, &top->ndecoded);
	if (top->is_attestation && (!is || !top->ndecoded || !memchr(top->decoded, '{', top->ndecoded)))
		emit_damage_at(r->sink, ERR_CORRUPT, r->base + top->at, "the payload of the envelope is no %s: the bill in it is not read",
					   is ? "attestation" : "base64");
	top->ndecoded = is ? top->ndecoded : 0;
}

/* Who else would tell what is wrong: nobody of a document within another, of one beside others, of what is known to wrap one. */
static void tell(struct sbom_reader *r, const struct top *top, struct error e, unsigned depth)
{
	bool is_wrap = top->is_attestation || top->has_envelope || e.code == ERR_BUDGET;
	if (!error_is(&e) || top->read || top->inner.n || !(is_wrap || r->beside || depth > 0))
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
		read_member(j, r->bytes, top);
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
static bool read_within(struct sbom_reader *r, const struct top *top, struct span bytes, unsigned depth)
{
	struct sbom_reader outer = *r;
	bool encoded = bytes.p != top->inner.p;
	r->bytes = bytes;
	r->beside = false;
	if (r->line_fixed == 0 && encoded)
		r->line_fixed = r->line + top->line; /* the lines of what is encoded are none of the file */
	r->line += top->line - 1;
	r->base += top->at;
	bool any = read_documents(r, depth + 1);
	outer.rows = r->rows;
	outer.failed = r->failed;
	*r = outer;
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
	} else if ((top.inner.n || top.ndecoded) && depth >= DEPTH_MAX) {
		emit_damage_at(r->sink, ERR_BUDGET, r->base + top.at, "documents in each other, deeper than %u: those are not read", DEPTH_MAX);
	} else if (top.inner.n || top.ndecoded) { /* a string may be something else, as the place of the bill is beside it */
		any = top.ndecoded && read_within(r, &top, span_of(top.decoded, top.ndecoded), depth);
		any = any || (top.inner.n && read_within(r, &top, top.inner, depth));
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
		emit_damage_at(r->sink, ERR_CORRUPT, r->base + from, "%zu bytes behind a document are no other one: they are not read", s.n - from);
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

static bool read_documents(struct sbom_reader *r, unsigned depth)
{
	static const char tags[] = "SPDXVersion: SPDX-2", xml[] = "cyclonedx.org/schema/bom";
	size_t at = skip_between(r->bytes, span_starts(r->bytes, "\xef\xbb\xbf", 3) ? 3 : 0);
	struct span rest = span_from(r->bytes, at), head = span_clip(rest, 0, 4096);
	if (rest.n && rest.p[0] == '{')
		return read_objects(r, at, depth);
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

static size_t put_utf8(uint8_t *out, uint32_t c)
{
	static const uint8_t first[] = { 0, 0x00, 0xc0, 0xe0, 0xf0 };
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (uint8_t)(0x80 | (c & 0x3f));
	out[0] = (uint8_t)(first[n] | c);
	return n;
}

/* A half of a pair without the other becomes U+FFFD. `out` has 3 bytes for each unit. */
static size_t to_utf8(struct span s, bool big, uint8_t *out)
{
	size_t n = 0;
	for (size_t i = 0; i + 1 < s.n; i += 2) {
		uint32_t c = big ? s.p[i] << 8 | s.p[i + 1] : s.p[i + 1] << 8 | s.p[i], low = 0;
		if (c >= 0xd800 && c < 0xdc00 && i + 3 < s.n)
			low = big ? s.p[i + 2] << 8 | s.p[i + 3] : s.p[i + 3] << 8 | s.p[i + 2];
		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		}
		n += put_utf8(out + n, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
	}
	return n;
}

/* The readers of JSON and of tags want UTF-8; that of XML knows UTF-16, and its document may say that it is that. */
void sbom_read_utf16(struct sbom_reader *r)
{
	bool big = span_starts(r->bytes, "\xfe\xff", 2);
	struct span units = span_from(r->bytes, 2), whole = r->bytes;
	struct buf text = buf_with_limit(SBOM_BYTES_MAX);
	enum error_code code = buf_reserve(&text, units.n / 2 * 3 + 4);
	if (code) {
		emit_damage_at(r->sink, code, 0, "no room for a document in UTF-16 of %zu bytes", whole.n);
		return;
	}
	text.n = to_utf8(units, big, text.p);
	r->bytes = buf_span(&text);
	size_t at = skip_between(r->bytes, 0);
	if (at < r->bytes.n && r->bytes.p[at] == '<') {
		r->bytes = whole;
		sbom_read_cyclonedx_xml(r);
	} else {
		read_documents(r, 0);
	}
	r->bytes = whole;
	buf_free(&text);
}

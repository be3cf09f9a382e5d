/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenWrt's fwtool trailers: metadata (JSON) and a signature (usign) behind an image, each with a CRC over all
 * before it. They stand at the end, so that a file is asked for them where it begins.
 *
 * Specification: OpenWrt package/system/fwtool/src/fwtool.c.
 */
#include <stdio.h>

#include "base/hash.h"
#include "format/wrapper.h"

#define TRAILER_SIZE 16u
#define HEADER_SIZE 8u
#define CHUNK_MAX (64u << 10)
#define CHUNKS_MAX 8u
#define VALUE_MAX 200u
#define LIST_MAX 64u
#define TYPE_SIGNATURE 0
#define TYPE_INFO 1

struct chunk {
	uint32_t crc, size; /* with header and trailer */
	uint8_t type;
};

static bool chunk_read(struct span bytes, struct chunk *c)
{
	if (bytes.n < TRAILER_SIZE)
		return false;
	struct reader r = reader_be(span_from(bytes, bytes.n - TRAILER_SIZE));
	uint32_t magic = rd_u32(&r);
	c->crc = rd_u32(&r);
	c->type = rd_u8(&r);
	uint32_t pad = (uint32_t)rd_uint(&r, 3);
	c->size = rd_u32(&r);
	uint32_t least = TRAILER_SIZE + (c->type == TYPE_INFO ? HEADER_SIZE : 0);
	return magic == 0x46577830 && pad == 0 && c->type <= TYPE_INFO && c->size > least && c->size < CHUNK_MAX &&
		   c->size <= bytes.n;
}

/* Metadata is JSON, a signature is text. */
static struct span chunk_text(struct span bytes, const struct chunk *c)
{
	uint32_t header = c->type == TYPE_INFO ? HEADER_SIZE : 0;
	return span_sub(bytes, bytes.n - c->size + header, c->size - TRAILER_SIZE - header);
}

static bool fwtool_probe(struct span at, struct format_match *match)
{
	struct chunk c;
	if (!chunk_read(at, &c))
		return false;
	struct span text = chunk_text(at, &c);
	if (c.type == TYPE_INFO && !span_starts(text, "{", 1))
		return false;
	match->size = at.n;
	match->confidence = 100; /* whatever stands before the trailer */
	return true;
}

/* The string at the beginning of *rest, as a header field; moves *rest behind it. False when there is none. */
static bool take_string(struct walk *w, uint64_t at, const char *name, struct span *rest)
{
	while (rest->n && (rest->p[0] == ' ' || rest->p[0] == ',' || rest->p[0] == '\n' || rest->p[0] == '\t'))
		*rest = span_from(*rest, 1);
	const uint8_t *end = span_starts(*rest, "\"", 1) ? memchr(rest->p + 1, '"', rest->n - 1) : NULL;
	if (!end)
		return false;
	size_t n = (size_t)(end - rest->p) - 1;
	if (n)
		emit_header_field(w->sink, at, name, "%.*s", (int)(n < VALUE_MAX ? n : VALUE_MAX), (const char *)rest->p + 1);
	*rest = span_from(*rest, n + 2);
	return true;
}

/* "key": "value" or "key": ["value", ...] in metadata, as header fields: the first that is of this kind. No parser of
 * JSON: nothing else is wanted of it. */
static void emit_json_value(struct walk *w, struct span json, uint64_t at, const char *key)
{
	char pattern[48];
	int n = snprintf(pattern, sizeof pattern, "\"%s\":", key);
	const uint8_t *p;
	while (json.n && (p = memmem(json.p, json.n, pattern, (size_t)n))) {
		json = span_from(json, (uint64_t)(p - json.p) + (unsigned)n);
		struct span rest = json;
		while (span_starts(rest, " ", 1))
			rest = span_from(rest, 1);
		bool list = span_starts(rest, "[", 1);
		if (list)
			rest = span_from(rest, 1);
		if (!take_string(w, at, key, &rest))
			continue;
		for (unsigned i = 1; list && i < LIST_MAX && take_string(w, at, key, &rest); i++)
			;
		return;
	}
}

static void emit_info(struct walk *w, struct span json, uint64_t at)
{
	static const char *const keys[] = {
		"metadata_version", "compat_version", "supported_devices", "dist", "version", "revision", "target", "board"
	};
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		emit_json_value(w, json, at, keys[i]);
}

static struct error fwtool_walk(struct span bytes, struct walk *w)
{
	struct chunk c;
	struct span rest = bytes;
	for (unsigned i = 0; i < CHUNKS_MAX && chunk_read(rest, &c); i++) {
		struct span text = chunk_text(rest, &c);
		uint64_t at = (uint64_t)(text.p - bytes.p);
		bool info = c.type == TYPE_INFO;
		uint32_t crc = ~hash_crc32(0, span_sub(bytes, 0, rest.n - TRAILER_SIZE));
		wrapper_check_u32(w, rest.n - TRAILER_SIZE + 4, "crc32", true, c.crc, crc);
		if (info)
			emit_info(w, text, at);
		else if (wrapper_is_text(text))
			wrapper_field(w, at, "signature", text);
		if (!wrapper_region(w, bytes, at, text.n, info ? TEXT_LIT("metadata.json") : TEXT_LIT("signature"), NULL))
			return error_none();
		rest = span_sub(rest, 0, rest.n - c.size);
	}
	(void)wrapper_region(w, bytes, 0, rest.n, TEXT_LIT("firmware"), NULL);
	return error_none();
}

const struct format fwtool_format = {
	.name = "fwtool",
	.kind = FORMAT_CONTAINER,
	.title = "OpenWrt image with fwtool metadata",
	.spec = "OpenWrt package/system/fwtool/src/fwtool.c",
	.at_start = true,
	.probe = fwtool_probe,
	.walk = fwtool_walk,
};

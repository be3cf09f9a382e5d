/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TP-Link SafeLoader: the vendor's words, a table of partitions in text, the partitions. Lengths, revisions and the
 * list of supported devices stand in partitions of their own.
 *
 * Specification: OpenWrt firmware-utils src/tplink-safeloader.c.
 */

#include "base/ascii.h"
#include "format/tplink.h"
#include "format/wrapper.h"

#define TABLE_AT 0x1014u
#define TABLE_SIZE 0x800u
#define PARTITIONS_MAX 64u
#define SUPPORTED_MAX 256u

static const uint8_t md5_salt[] = { 0x7a, 0x2b, 0x15, 0xed, 0x9b, 0x98, 0x59, 0x6d,
									0xe5, 0x04, 0xab, 0x44, 0xac, 0x2a, 0x9f, 0x4e };

struct partition {
	struct text name;
	uint32_t base, size; /* base: from the table's beginning on */
};

static bool take(struct text *line, const char *word)
{
	if (!text_starts(*line, word))
		return false;
	*line = text_of(line->p + strlen(word), line->n - strlen(word));
	return true;
}

static bool take_hex(struct text *line, uint32_t *value)
{
	size_t i = 0;
	*value = 0;
	for (; i < line->n && i < 8; i++) {
		int digit = ascii_hex_value(line->p[i]);
		if (digit < 0)
			break;
		*value = *value << 4 | (uint32_t)digit;
	}
	*line = text_of(line->p + i, line->n - i);
	return i > 0;
}

/* "fwup-ptn os-image base 0x01000 size 0x113b45\t\r\n" at table[*at]; moves *at behind it. */
static bool next_partition(struct span table, size_t *at, struct partition *p)
{
	struct span rest = span_from(table, *at);
	const uint8_t *end = rest.n ? memchr(rest.p, '\n', rest.n) : NULL;
	struct text line = text_of((const char *)rest.p, end ? (size_t)(end - rest.p) : 0);
	if (!take(&line, "fwup-ptn "))
		return false;
	const char *space = line.n ? memchr(line.p, ' ', line.n) : NULL;
	if (!space || space == line.p || space - line.p > 64)
		return false;
	p->name = text_of(line.p, (size_t)(space - line.p));
	line = text_of(space, line.n - p->name.n);
	if (!take(&line, " base 0x") || !take_hex(&line, &p->base) || !take(&line, " size 0x") ||
		!take_hex(&line, &p->size))
		return false;
	*at += (size_t)(end + 1 - rest.p);
	return true;
}

static bool safeloader_probe(struct span at, struct format_match *match)
{
	struct span table = span_clip(at, TABLE_AT, TABLE_SIZE);
	struct partition p;
	size_t n = 0;
	uint64_t end = 0, size = span_u32be(at, 0);
	for (unsigned i = 0; i < PARTITIONS_MAX && next_partition(table, &n, &p); i++) {
		if (p.base < TABLE_SIZE)
			return false;
		if ((uint64_t)TABLE_AT + p.base + p.size > end)
			end = (uint64_t)TABLE_AT + p.base + p.size;
	}
	match->size = size >= end && size - end < (1u << 20) ? size : end;
	match->confidence = 95;
	return end != 0;
}

static unsigned bcd(uint8_t b)
{
	return (b >> 4) * 10u + (b & 15u);
}

/* A length, zero, then either text or a structure. */
static void emit_soft_version(struct walk *w, struct span s, uint64_t at)
{
	uint32_t n = span_u32be(s, 0);
	struct span data = span_sub(s, 8, n);
	if (n >= 12 && data.p && data.p[0] == 0xff) {
		const uint8_t *d = data.p;
		emit_header_field(w->sink, at, "soft-version", "%u.%u.%u", d[1], d[2], d[3]);
		emit_header_field(w->sink, at, "soft-version date", "%02u%02u-%02u-%02u", bcd(d[4]), bcd(d[5]), bcd(d[6]),
						  bcd(d[7]));
		emit_header_field(w->sink, at, "soft-version rev", "%u", span_u32be(data, 8));
	} else if (data.p && wrapper_is_text(data)) {
		wrapper_field(w, at, "soft-version", data);
	}
}

void tplink_emit_supported(struct walk *w, struct span data, uint64_t at)
{
	for (unsigned i = 0; data.n && i < SUPPORTED_MAX; i++) {
		const uint8_t *end = memchr(data.p, '\n', data.n);
		size_t n = end ? (size_t)(end - data.p) : data.n;
		struct span line = span_sub(data, 0, n);
		if (wrapper_is_text(line) && !span_starts(line, "SupportList", 11))
			wrapper_field(w, at, "support-list", line);
		data = span_from(data, n + 1);
	}
}

static bool md5_covers(struct span bytes)
{
	uint32_t size = span_u32be(bytes, 0);
	return size > TPLINK_VENDOR_AT && size <= bytes.n;
}

bool tplink_md5_is_right(struct span bytes)
{
	uint8_t md5[DIGEST_MD5_SIZE] = { 0 };
	uint64_t size = span_u32be(bytes, 0);
	const struct span parts[] = { span_of(md5_salt, sizeof md5_salt), span_clip(bytes, TPLINK_VENDOR_AT, size - TPLINK_VENDOR_AT) };
	if (!md5_covers(bytes))
		return false;
	digest_of_parts(DIGEST_MD5, parts, 2, md5);
	return memcmp(bytes.p + 4, md5, DIGEST_MD5_SIZE) == 0;
}

static struct error safeloader_walk(struct span bytes, struct walk *w)
{
	struct span table = span_clip(bytes, TABLE_AT, TABLE_SIZE);
	struct partition p;
	size_t at = 0;
	uint32_t words = span_u32be(bytes, TPLINK_VENDOR_AT);
	emit_header_field(w->sink, 0, "size", "%u", span_u32be(bytes, 0));
	wrapper_field(w, TPLINK_VENDOR_AT + 4, "vendor", span_clip(bytes, TPLINK_VENDOR_AT + 4, words < 4092 ? words : 4092));
	wrapper_check(w, 4, "md5", md5_covers(bytes), tplink_md5_is_right(bytes));
	for (unsigned i = 0; i < PARTITIONS_MAX && next_partition(table, &at, &p); i++) {
		uint64_t from = (uint64_t)TABLE_AT + p.base;
		struct span content = span_clip(bytes, from, p.size);
		if (text_is(p.name, "soft-version"))
			emit_soft_version(w, content, from);
		if (text_is(p.name, "support-list"))
			tplink_emit_supported(w, span_clip(content, 8, span_u32be(content, 0)), from);
		if (!wrapper_region(w, bytes, from, p.size, p.name, NULL))
			break;
	}
	return error_none();
}

static const struct format_magic safeloader_magics[] = { MAGIC("fwup-ptn ", TABLE_AT), MAGIC_END };

const struct format tplink_safeloader_format = {
	.name = "tplink_safeloader",
	.kind = FORMAT_CONTAINER,
	.title = "TP-Link SafeLoader image",
	.spec = "OpenWrt firmware-utils src/tplink-safeloader.c",
	.magics = safeloader_magics,
	.probe = safeloader_probe,
	.walk = safeloader_walk,
};

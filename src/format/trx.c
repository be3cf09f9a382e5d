/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TRX: the image of Broadcom's routers (and of what borrowed it): a header with a CRC, and three or four partitions.
 *
 * Specification: OpenWrt firmware-utils src/trx.c; Linux drivers/mtd/parsers/parser_trx.c; for vendors' magics trxhdr.h of Tomato and
 * OpenWrt's arcadyan-trx.
 */
#include <stdio.h>

#include "base/hash.h"
#include "format/format.h"

#define CRC_FROM 12u /* the CRC covers everything from the flags on */
#define PARTITIONS_MAX 4u

struct trx {
	uint32_t length, crc;
	uint16_t flags, version;
	unsigned partitions; /* 3 in version 1, 4 in version 2 */
	uint32_t offsets[PARTITIONS_MAX];
	uint32_t header_size;
};

/* Partitions begin behind the header, in ascending order; 0 stands for "none". */
static bool offsets_are_sane(const struct trx *t)
{
	uint32_t previous = 0;
	for (unsigned i = 0; i < t->partitions; i++) {
		if (!t->offsets[i])
			continue;
		if (t->offsets[i] < t->header_size || t->offsets[i] >= t->length || t->offsets[i] <= previous)
			return false;
		previous = t->offsets[i];
	}
	return previous != 0;
}

/* In another order they are no noise when the first one begins right behind the header. The CRC tells it too, but to make one at each
 * header of many would take a time without end. */
static bool sort_offsets(struct trx *t)
{
	unsigned first = 0;
	for (unsigned i = 1; i < t->partitions; i++)
		for (unsigned k = i; k > 0 && t->offsets[k] < t->offsets[k - 1]; k--) {
			uint32_t offset = t->offsets[k];
			t->offsets[k] = t->offsets[k - 1];
			t->offsets[k - 1] = offset;
		}
	while (first + 1 < t->partitions && !t->offsets[first])
		first++;
	return t->offsets[first] == t->header_size && offsets_are_sane(t);
}

/* Belkin's magic is the day on which a model was begun (F7D3301, F7D3302, F7D4302), or a number (F5D8235 version 3); that of Arcadyan's
 * devices for providers (Beeline SmartBox, WE410443) ends in "Cot". */
static bool is_vendors(struct span bytes)
{
	uint32_t magic = span_u32le(bytes, 0);
	return magic == 0x20100322 || magic == 0x20090928 || magic == 0x20091006 || magic == 0x00017116 || magic == 0x746f435c ||
		   magic == 0x746f435d;
}

static bool trx_read(struct span bytes, struct trx *t)
{
	struct reader r = reader_of(bytes, span_starts(bytes, "0RDH", 4));
	if (!span_starts(bytes, "HDR0", 4) && !r.big && !is_vendors(bytes))
		return false;
	rd_skip(&r, 4);
	t->length = rd_u32(&r);
	t->crc = rd_u32(&r);
	uint32_t flags_version = rd_u32(&r);
	t->flags = flags_version & 0xffff;
	t->version = (uint16_t)(flags_version >> 16);
	t->partitions = t->version == 2 ? 4 : 3;
	for (unsigned i = 0; i < t->partitions; i++)
		t->offsets[i] = rd_u32(&r);
	t->header_size = (uint32_t)r.at;
	return rd_ok(&r) && (t->version == 1 || t->version == 2) && (offsets_are_sane(t) || sort_offsets(t));
}

static bool trx_probe(struct span at, struct format_match *match)
{
	struct trx t;
	if (!trx_read(at, &t))
		return false;
	match->size = t.length;
	match->confidence = 85;
	return true;
}

static void emit_fields(struct walk *w, const struct trx *t)
{
	emit_header_field(w->sink, 14, "version", "%u", t->version);
	emit_header_field(w->sink, 12, "flags", "0x%04x", t->flags);
	emit_header_field(w->sink, 4, "len", "%u", t->length);
	for (unsigned i = 0; i < t->partitions; i++) {
		char name[32];
		snprintf(name, sizeof name, "offset[%u]", i);
		emit_header_field(w->sink, 16 + 4 * i, name, "0x%x", t->offsets[i]);
	}
}

/* The CRC is that of zlib without its final inversion. */
static void verify(struct walk *w, const struct trx *t, struct span bytes)
{
	struct span covered = span_sub(bytes, CRC_FROM, t->length - CRC_FROM);
	if (!covered.p) {
		emit_header_field(w->sink, 8, "crc32", "not checked");
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "the header announces %u bytes, %zu are there", t->length,
					   bytes.n);
		return;
	}
	uint32_t crc = hash_crc32_raw(UINT32_MAX, covered);
	emit_header_field(w->sink, 8, "crc32", "%s", crc == t->crc ? "ok" : "mismatch");
	if (crc != t->crc)
		emit_damage_at(w->sink, ERR_CORRUPT, 8, "the header says CRC 0x%08x, the image has 0x%08x", t->crc, crc);
}

static uint32_t partition_end(const struct trx *t, unsigned i)
{
	for (unsigned next = i + 1; next < t->partitions; next++)
		if (t->offsets[next])
			return t->offsets[next];
	return t->length;
}

static struct error trx_walk(struct span bytes, struct walk *w)
{
	struct trx t;
	if (!trx_read(bytes, &t))
		return error_at(ERR_CORRUPT, 0, "no TRX header");
	emit_fields(w, &t);
	verify(w, &t, bytes);
	for (unsigned i = 0; i < t.partitions; i++) {
		if (!t.offsets[i])
			continue;
		char path[32];
		snprintf(path, sizeof path, "partition-%u", i);
		struct entry e = { ENTRY_INIT, .kind = ENTRY_REGION, .path = text_c(path) };
		e.offset = t.offsets[i];
		e.size = partition_end(&t, i) - t.offsets[i];
		e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(bytes, e.offset, e.size) };
		if (!w->child(w, &e))
			break;
	}
	return error_none();
}

static const struct format_magic trx_magics[] = { MAGIC("HDR0", 0),
												  MAGIC("0RDH", 0),
												  MAGIC("\x22\x03\x10\x20", 0),
												  MAGIC("\x28\x09\x09\x20", 0),
												  MAGIC("\x06\x10\x09\x20", 0),
												  MAGIC("\x16\x71\x01\0", 0),
												  MAGIC("\\Cot", 0),
												  MAGIC("]Cot", 0),
												  MAGIC_END };

const struct format trx_format = {
	.name = "trx",
	.kind = FORMAT_CONTAINER,
	.title = "TRX firmware image, versions 1 and 2, both byte orders",
	.spec = "OpenWrt firmware-utils src/trx.c",
	.magics = trx_magics,
	.probe = trx_probe,
	.walk = trx_walk,
};

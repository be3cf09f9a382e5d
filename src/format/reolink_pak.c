/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PAK: the firmware of Reolink's and Swann's cameras: a table of sections, one of partitions, the sections. Newer ones have fields of
 * 64 bits. The tables say nowhere how long they are: that of the partitions begins with the name that the first one begins with.
 *
 * Specification: github.com/vmallet/pakler pakler/structure.py, pakler/__init__.py.
 */
#include "base/hash.h"
#include "format/parts.h"
#include "format/wrapper.h"

#define NAME_SIZE 32u
#define VERSION_AT 32u
#define VERSION_SIZE 24u
#define PLACE_AT 56u
#define PARTITION_SIZE 76u
#define SECTIONS_MAX 64u

struct pak {
	bool wide;
	uint32_t crc, sections;
	uint64_t first, end; /* of the sections' data */
};

static uint32_t header_size(const struct pak *k)
{
	return k->wide ? 24 : 12;
}

static uint32_t section_size(const struct pak *k)
{
	return k->wide ? 72 : 64;
}

static void read_place(const struct pak *k, struct span section, uint64_t *at, uint64_t *n)
{
	struct reader r = reader_le(span_from(section, PLACE_AT));
	*at = k->wide ? rd_u64(&r) : rd_u32(&r);
	*n = k->wide ? rd_u64(&r) : rd_u32(&r);
}

static struct span section_of(const struct pak *k, struct span bytes, uint32_t i)
{
	return span_sub(bytes, header_size(k) + (uint64_t)i * section_size(k), section_size(k));
}

static bool is_name(struct span field)
{
	struct text name = text_until_nul(field);
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~')
			return false;
	return name.n && name.n < field.n && span_is_zero(span_from(field, name.n));
}

/* Counts the sections, and finds where their data lies. A name may be missing, and a section empty. */
static bool read_sections(struct span bytes, struct pak *k)
{
	struct span first = span_sub(section_of(k, bytes, 0), 0, NAME_SIZE);
	k->first = UINT64_MAX;
	for (; k->sections < SECTIONS_MAX; k->sections++) {
		struct span s = section_of(k, bytes, k->sections), name = span_sub(s, 0, NAME_SIZE);
		uint64_t at, n, end;
		if (!s.p || (k->sections && memcmp(name.p, first.p, NAME_SIZE) == 0))
			break;
		read_place(k, s, &at, &n);
		if ((!is_name(name) && !span_is_zero(name)) || __builtin_add_overflow(at, n, &end) || end > INT64_MAX)
			return false;
		if (n && at < k->first)
			k->first = at;
		if (n && end > k->end)
			k->end = end;
	}
	uint64_t tables = header_size(k) + (uint64_t)k->sections * (section_size(k) + PARTITION_SIZE);
	return is_name(first) && k->sections < SECTIONS_MAX && k->first != UINT64_MAX && k->first >= tables && k->end > k->first;
}

static bool pak_read(struct span bytes, struct pak *k)
{
	*k = (struct pak){ .wide = !span_u32le(bytes, 4) && !span_u32le(bytes, 12) && !span_u32le(bytes, 20) };
	k->crc = span_u32le(bytes, k->wide ? 8 : 4);
	return span_starts(bytes, "\x13\x59\x72\x32", 4) && read_sections(bytes, k);
}

static bool pak_probe(struct span at, struct format_match *match)
{
	struct pak k;
	if (!pak_read(at, &k))
		return false;
	match->size = k.end;
	match->confidence = 95;
	return true;
}

/* The CRC begins with ones and is made of the data, then of a 2 of four bytes, then of the sections' table. */
static void verify(struct walk *w, const struct pak *k, struct span bytes)
{
	static const uint8_t two[4] = { 2 };
	struct span data = span_sub(bytes, k->first, k->end - k->first);
	uint32_t crc = 0;
	if (data.p) {
		crc = hash_crc32(UINT32_MAX, data);
		crc = hash_crc32(crc, span_of(two, sizeof two));
		crc = ~hash_crc32(crc, span_sub(bytes, header_size(k), (uint64_t)k->sections * section_size(k)));
	}
	wrapper_check_u32(w, k->wide ? 8 : 4, "crc32", data.p, k->crc, crc);
}

static void emit_partitions(struct walk *w, const struct pak *k, struct span bytes)
{
	uint64_t at = header_size(k) + (uint64_t)k->sections * section_size(k);
	for (uint32_t i = 0; i < k->sections; i++, at += PARTITION_SIZE) {
		struct span p = span_sub(bytes, at, PARTITION_SIZE);
		struct text name = wrapper_text(span_sub(p, 0, NAME_SIZE)), device = wrapper_text(span_sub(p, 36, NAME_SIZE));
		if (!p.p || !is_name(span_sub(p, 0, NAME_SIZE)))
			continue;
		emit_header_field(w->sink, at, "partition", "%.*s: %.*s, 0x%x bytes at 0x%x", (int)name.n, name.p, (int)device.n, device.p,
						  span_u32le(p, 72), span_u32le(p, 68));
	}
}

static struct error pak_walk(struct span bytes, struct walk *w)
{
	struct pak k;
	if (!pak_read(bytes, &k))
		return error_at(ERR_CORRUPT, 0, "no PAK header");
	struct parts parts = { bytes, w, 0, false };
	verify(w, &k, bytes);
	emit_partitions(w, &k, bytes);
	for (uint32_t i = 0; i < k.sections; i++) {
		struct span s = section_of(&k, bytes, i);
		struct text name = wrapper_text(span_sub(s, 0, NAME_SIZE)), version = wrapper_text(span_sub(s, VERSION_AT, VERSION_SIZE));
		uint64_t at, n;
		read_place(&k, s, &at, &n);
		if (version.n)
			emit_header_field(w->sink, header_size(&k) + (uint64_t)i * section_size(&k) + VERSION_AT, "version", "%.*s: %.*s",
							  (int)name.n, name.p, (int)version.n, version.p);
		if (n && !parts_emit(&parts, name.n ? name : TEXT_LIT("section"), at, n, NULL))
			break;
	}
	return error_none();
}

static const struct format_magic pak_magics[] = { MAGIC("\x13\x59\x72\x32", 0), MAGIC_END };

const struct format reolink_pak_format = {
	.name = "reolink_pak",
	.kind = FORMAT_CONTAINER,
	.title = "PAK firmware of Reolink and Swann cameras",
	.spec = "github.com/vmallet/pakler",
	.magics = pak_magics,
	.probe = pak_probe,
	.walk = pak_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The payload that coreboot starts, as CBFS has it (SELF): a table of segments, each stored or packed by itself, then their bytes.
 *
 * Specification: coreboot Documentation/lib/payloads, commonlib/bsd/cbfs_serialized.h (struct cbfs_payload_segment).
 */
#include <stdio.h>

#include "format/cbfs_packed.h"
#include "format/region.h"
#include "format/rest.h"

#define SEGMENT 28u
#define SEGMENTS_MAX 64u
#define SIZE_LIMIT (1u << 30)

struct segment {
	char kind[5];
	uint32_t compression, offset, size, memory;
	uint64_t address;
};

static bool segment_read(struct span bytes, unsigned number, struct segment *s)
{
	struct span at = span_sub(bytes, (uint64_t)number * SEGMENT, SEGMENT);
	struct reader r = reader_be(at);
	struct span kind = rd_bytes(&r, 4);
	s->compression = rd_u32(&r);
	s->offset = rd_u32(&r);
	s->address = rd_u64(&r);
	s->size = rd_u32(&r);
	s->memory = rd_u32(&r);
	if (!rd_ok(&r))
		return false;
	memcpy(s->kind, kind.p, 4);
	s->kind[4] = '\0';
	return true;
}

static bool has_bytes(const struct segment *s)
{
	return strcmp(s->kind, "CODE") == 0 || strcmp(s->kind, "DATA") == 0 || strcmp(s->kind, "PARA") == 0;
}

/* How many segments there are before the last, which says where it is entered; 0: no payload. Where the bytes end. */
static unsigned table_read(struct span bytes, uint64_t *end)
{
	struct segment s;
	uint32_t first = SIZE_LIMIT;
	*end = 0;
	for (unsigned i = 0; i < SEGMENTS_MAX && segment_read(bytes, i, &s); i++) {
		if (strcmp(s.kind, "ENTR") == 0)
			return first == (i + 1) * SEGMENT ? i : 0; /* they follow at once: else it is the rest of a table */
		if (strcmp(s.kind, "BSS ") == 0)
			continue;
		if (!has_bytes(&s) || s.compression > CBFS_LZ4 || s.offset >= SIZE_LIMIT || s.size >= SIZE_LIMIT)
			return 0;
		first = s.offset < first ? s.offset : first;
		*end = (uint64_t)s.offset + s.size > *end ? (uint64_t)s.offset + s.size : *end;
	}
	return 0;
}

static bool payload_probe(struct span at, struct format_match *match)
{
	match->confidence = 85;
	return table_read(at, &match->size) != 0;
}

static struct error payload_walk(struct span bytes, struct walk *w)
{
	uint64_t end;
	unsigned n = table_read(bytes, &end);
	if (!n)
		return error_at(ERR_CORRUPT, 0, "no table of segments");
	struct segment s;
	struct rest rest = { .arena = w->arena };
	rest_take(&rest, 0, (n + 1) * (uint64_t)SEGMENT);
	for (unsigned i = 0; i < n && segment_read(bytes, i, &s); i++) {
		char name[32];
		struct span data = span_clip(bytes, s.offset, s.size);
		if (!has_bytes(&s))
			continue;
		snprintf(name, sizeof name, "%s-%u", s.kind[0] == 'C' ? "code" : s.kind[0] == 'D' ? "data" : "parameters", i);
		emit_header_field(w->sink, (uint64_t)i * SEGMENT, name, "at 0x%llx", (unsigned long long)s.address);
		if (data.n < s.size)
			emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "%s has %u bytes, %zu are there", name, s.size, data.n);
		struct entry e = { ENTRY_INIT, .kind = ENTRY_REGION, .path = text_c(name) };
		e.offset = s.offset;
		rest_take(&rest, s.offset, s.size);
		if (!cbfs_set_content(w, data, s.compression, s.memory, &e) || !w->child(w, &e))
			return error_none();
	}
	rest_emit(&rest, bytes, w);
	return error_none();
}

static const struct format_magic payload_magics[] = { MAGIC("CODE\0\0\0", 0), MAGIC("DATA\0\0\0", 0),
													 MAGIC("PARA\0\0\0", 0), MAGIC_END };

const struct format cbfs_payload_format = {
	.name = "cbfs_payload",
	.kind = FORMAT_CONTAINER,
	.title = "coreboot payload (SELF)",
	.spec = "coreboot commonlib/bsd/cbfs_serialized.h",
	.magics = payload_magics,
	.probe = payload_probe,
	.walk = payload_walk,
};

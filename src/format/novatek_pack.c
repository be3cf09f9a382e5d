/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The firmware of cameras with Novatek's chips (NT9666x to NT9856x): a header with a GUID, a table of partitions, the partitions, each of
 * which may have a header with a sum before it (CKSM). Older packages are their first partition, then such a header for the others, whose
 * places count from the first one's beginning.
 *
 * Specification: Novatek's U-Boot nvtpack.h, nvtpack.c.
 */
#include <stdio.h>

#include "format/novatek.h"
#include "format/parts.h"
#include "format/wrapper.h"

#define GUID_SIZE 16u
#define HEADER_SIZE 128u
#define ENTRY_SIZE 12u
#define ENTRIES_MAX 64u
#define CKSM_SIZE 64u

static const char pack_guid[] = "\x07\x2e\x01\xd6\xbc\x10\x91\x4f\xb2\x8a\x35\x2f\x82\x26\x1a\x50";

uint16_t novatek_sum(struct span s)
{
	uint32_t sum = 0;
	for (size_t i = 0; i + 1 < s.n; i += 2)
		sum += span_u16le(s, i) + (uint32_t)(i / 2);
	return (uint16_t)sum;
}

struct pack {
	uint32_t entries, size;
};

/* Every partition lies behind the table and in the package. */
static bool entries_fit(struct span bytes, const struct pack *k)
{
	uint64_t first = HEADER_SIZE + (uint64_t)k->entries * ENTRY_SIZE;
	if (k->size < first || bytes.n < first)
		return false;
	for (uint32_t i = 0; i < k->entries; i++) {
		uint64_t at = span_u32le(bytes, HEADER_SIZE + (uint64_t)i * ENTRY_SIZE), n = span_u32le(bytes, HEADER_SIZE + 4 + (uint64_t)i * ENTRY_SIZE);
		if (at < first || at + n > k->size)
			return false;
	}
	return true;
}

static bool pack_read(struct span bytes, struct pack *k)
{
	struct span h = span_sub(bytes, 0, HEADER_SIZE);
	k->entries = span_u32le(h, 24);
	k->size = span_u32le(h, 28);
	return span_starts(h, pack_guid, GUID_SIZE) && span_u32le(h, 20) == HEADER_SIZE && k->entries && k->entries <= ENTRIES_MAX &&
		   entries_fit(bytes, k);
}

static bool pack_probe(struct span at, struct format_match *match)
{
	struct pack k;
	if (!pack_read(at, &k))
		return false;
	match->size = k.size;
	match->confidence = 95;
	return true;
}

/* A partition behind its CKSM, whose sum covers that and what fills the data up to even bytes. */
static bool emit_part(struct parts *p, uint64_t at, uint64_t n, uint32_t id)
{
	struct span head = span_sub(p->bytes, at, CKSM_SIZE);
	char name[24];
	snprintf(name, sizeof name, "partition-%u", id);
	uint32_t from = span_u32le(head, 16), size = span_u32le(head, 20), padding = span_u32le(head, 24);
	if (!span_starts(head, "CKSM", 4) || from < CKSM_SIZE || (uint64_t)from + size > n)
		return parts_emit(p, text_c(name), at, n, NULL);
	struct span covered = span_sub(span_sub(p->bytes, at, n), 0, (uint64_t)from + size + padding);
	if (!span_u32le(head, 8) && covered.p && novatek_sum(covered))
		emit_damage_at(p->w->sink, ERR_CORRUPT, at, "the sum of %s is another one", name);
	return parts_emit(p, text_c(name), at + from, size, NULL);
}

static struct error pack_walk(struct span bytes, struct walk *w)
{
	struct pack k;
	if (!pack_read(bytes, &k))
		return error_at(ERR_CORRUPT, 0, "no NVTPACK header");
	struct parts p = { bytes, w, 0, false };
	emit_header_field(w->sink, 16, "version", "0x%08x", span_u32le(bytes, 16));
	emit_header_field(w->sink, 24, "partitions", "%u", k.entries);
	if (!span_u32le(bytes, 32))
		wrapper_check(w, 36, "checksum", bytes.n >= k.size, !novatek_sum(span_sub(bytes, 0, k.size)));
	for (uint32_t i = 0; i < k.entries; i++) {
		struct reader r = reader_le(span_sub(bytes, HEADER_SIZE + (uint64_t)i * ENTRY_SIZE, ENTRY_SIZE));
		uint32_t at = rd_u32(&r), n = rd_u32(&r), id = rd_u32(&r);
		if (n && !emit_part(&p, at, n, id))
			break;
	}
	return error_none();
}

static const struct format_magic pack_magics[] = { MAGIC("\x07\x2e\x01\xd6\xbc\x10\x91\x4f", 0), MAGIC_END };

const struct format novatek_pack_format = {
	.name = "novatek_pack",
	.kind = FORMAT_CONTAINER,
	.title = "Novatek NVTPACK camera firmware",
	.spec = "Novatek U-Boot nvtpack.h, struct NVTPACK_FW_HDR2",
	.magics = pack_magics,
	.probe = pack_probe,
	.walk = pack_walk,
};

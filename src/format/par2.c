/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PAR2: packets by which files beside them can be verified and repaired. They hold no file: the names of those that they are for are
 * shown, with sizes and digests.
 *
 * Specification: "Parity Volume Set Specification 2.0" (2003).
 */
#include "base/hash.h"
#include "format/digest.h"
#include "format/format.h"

#define HEADER 64u
#define MAGIC_TEXT "PAR2\0PKT"
#define TYPE_AT 48u
#define TYPE_BEGIN "PAR 2.0\0"
#define HASHED_FROM 32u /* the packet's MD5 is of what follows it */
#define SLOTS 4096u
#define FILES_MAX 1024u
#define MD5_HEX (2 * DIGEST_MD5_SIZE + 1)

/* The packet at `at` with its header, as far as it is there; *size as it says. */
static bool packet_read(struct span bytes, uint64_t at, struct span *packet, uint64_t *size)
{
	struct reader r = reader_le(span_sub(bytes, at, HEADER));
	if (!span_has(bytes, at, MAGIC_TEXT, 8) || !span_has(bytes, at + TYPE_AT, TYPE_BEGIN, 8))
		return false;
	rd_skip(&r, 8);
	*size = rd_u64(&r);
	*packet = span_clip(bytes, at, *size);
	return rd_ok(&r) && *size >= HEADER && *size % 4 == 0 && *size <= INT64_MAX - at;
}

static bool par2_probe(struct span at, struct format_match *match)
{
	struct span packet;
	uint64_t size, end = 0;
	while (end <= at.n && packet_read(at, end, &packet, &size))
		end += size;
	match->size = end;
	match->confidence = 90;
	return end > 0;
}

struct par2 {
	struct walk *w;
	uint8_t ids[SLOTS][16];
	bool used[SLOTS], full;
	unsigned files, bad;
};

/* Descriptions are repeated, so that one of them is left. False when the file was there before, or there are too many. */
static bool is_new(struct par2 *p, const uint8_t *id)
{
	unsigned slot = (id[0] | (unsigned)id[1] << 8) % SLOTS;
	for (unsigned i = 0; i < SLOTS && p->used[slot]; i++, slot = (slot + 1) % SLOTS)
		if (memcmp(p->ids[slot], id, 16) == 0)
			return false;
	if (p->files == FILES_MAX) {
		p->full = true;
		return false;
	}
	memcpy(p->ids[slot], id, 16);
	p->used[slot] = true;
	p->files++;
	return true;
}

static void file_described(struct par2 *p, uint64_t at, struct span body)
{
	struct reader r = reader_le(body);
	char digest[MD5_HEX];
	struct span id = rd_bytes(&r, 16), md5 = rd_bytes(&r, DIGEST_MD5_SIZE);
	rd_skip(&r, DIGEST_MD5_SIZE); /* of the first 16 KiB */
	uint64_t size = rd_u64(&r);
	struct text name = text_until_nul(rd_bytes(&r, rd_left(&r)));
	if (!rd_ok(&r) || !is_new(p, id.p))
		return;
	hash_hex(md5.p, DIGEST_MD5_SIZE, digest);
	emit_header(p->w->sink, &(struct fact_header){ (int64_t)at, TEXT_LIT("guarded file"), name });
	emit_header_field(p->w->sink, at, "its size", "%llu", (unsigned long long)size);
	emit_header_field(p->w->sink, at, "its MD5", "%s", digest);
}

static struct error par2_walk(struct span bytes, struct walk *w)
{
	struct par2 *p = ARENA_NEW(w->arena, struct par2);
	struct span packet;
	uint64_t at = 0, size = 0, recovery = 0;
	if (!p)
		return error_at(ERR_BUDGET, 0, "no memory for the files that are described");
	p->w = w;
	for (; at < bytes.n && packet_read(bytes, at, &packet, &size); at += size) {
		if (packet.n < size)
			return error_at(ERR_TRUNCATED, at, "a packet has %llu bytes, %zu are there", (unsigned long long)size, packet.n);
		if (!digest_matches(DIGEST_MD5, span_from(packet, HASHED_FROM), span_sub(packet, 16, DIGEST_MD5_SIZE)))
			emit_damage_capped(w->sink, &p->bad, ERR_CORRUPT, at, "a packet has another MD5 than it says");
		else if (span_has(packet, TYPE_AT + 8, "FileDesc", 8))
			file_described(p, at, span_from(packet, HEADER));
		else
			recovery += span_has(packet, TYPE_AT + 8, "RecvSlic", 8);
	}
	emit_damage_further(w->sink, p->bad);
	if (p->full)
		emit_damage_at(w->sink, ERR_BUDGET, 0, "more than %u files are described: the others are not shown", FILES_MAX);
	emit_header_field(w->sink, 0, "recovery slices", "%llu", (unsigned long long)recovery);
	return error_none();
}

static const struct format_magic par2_magics[] = { MAGIC(MAGIC_TEXT, 0), MAGIC_END };

const struct format par2_format = {
	.name = "par2",
	.kind = FORMAT_CONTAINER,
	.title = "PAR2 recovery data",
	.spec = "Parity Volume Set Specification 2.0",
	.magics = par2_magics,
	.probe = par2_probe,
	.walk = par2_walk,
	.own_bytes = true,
};

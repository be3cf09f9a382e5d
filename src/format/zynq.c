/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BOOT.bin of Xilinx' Zynq-7000 and Zynq UltraScale+: a header whose words sum up, the first stage, and a table of partitions.
 *
 * Specification: Xilinx UG821 and UG1283, "Boot Image Format".
 */
#include <stdio.h>

#include "format/region.h"

#define HEADER 0xa0u
#define CHECKED_FROM 0x20u
#define CHECKSUM_AT 0x48u
#define PARTITION 64u
#define PARTITIONS_MAX 32u
#define OCM_MP 0xfffc0000u /* where the first stage of an UltraScale+ runs */
#define SIZE_MAX_IMAGE (256u << 20)

struct zynq {
	bool mp;
	uint32_t key_source, first_at, first_size, pmu_size, execute, table;
};

struct partition {
	uint32_t encrypted_words, plain_words, total_words, at_word, attributes, certificate;
	uint64_t load;
};

/* The complement of a sum of words. */
static uint32_t sum_of(struct span words)
{
	struct reader r = reader_le(words);
	uint32_t sum = 0;
	while (rd_left(&r) >= 4)
		sum += rd_u32(&r);
	return ~sum;
}

static bool zynq_read(struct span at, struct zynq *z)
{
	if (!span_has(at, CHECKED_FROM, "\x66\x55\x99\xaaXNLX", 8) || !span_sub(at, 0, HEADER).p)
		return false;
	z->mp = span_u32le(at, 0x2c) >= OCM_MP;
	z->key_source = span_u32le(at, 0x28);
	z->first_at = span_u32le(at, 0x30);
	z->pmu_size = z->mp ? span_u32le(at, 0x38) : 0;
	z->first_size = span_u32le(at, 0x40);
	/* mkimage counts from the header on. */
	if (z->first_size > z->first_at && (uint64_t)z->first_at + z->first_size > at.n && z->first_size <= at.n)
		z->first_size -= z->first_at;
	z->execute = span_u32le(at, z->mp ? 0x2c : 0x3c);
	z->table = span_u32le(at, 0x9c);
	return z->first_at <= SIZE_MAX_IMAGE && z->first_size <= SIZE_MAX_IMAGE && z->pmu_size <= SIZE_MAX_IMAGE &&
		   sum_of(span_sub(at, CHECKED_FROM, CHECKSUM_AT - CHECKED_FROM)) == span_u32le(at, CHECKSUM_AT);
}

static bool partition_read(struct span bytes, const struct zynq *z, unsigned i, struct partition *p)
{
	struct span h = span_sub(bytes, (uint64_t)z->table + PARTITION * i, PARTITION);
	if (!h.p || sum_of(span_sub(h, 0, 60)) != span_u32le(h, 60))
		return false;
	*p = (struct partition){ .encrypted_words = span_u32le(h, 0),
							 .plain_words = span_u32le(h, 4),
							 .total_words = span_u32le(h, 8) };
	p->load = z->mp ? span_u32le(h, 24) | (uint64_t)span_u32le(h, 28) << 32 : span_u32le(h, 12);
	p->at_word = span_u32le(h, z->mp ? 32 : 20);
	p->attributes = span_u32le(h, z->mp ? 36 : 24);
	p->certificate = span_u32le(h, z->mp ? 52 : 40);
	return p->total_words > 0 && p->total_words <= SIZE_MAX_IMAGE / 4 && p->at_word > 0 &&
		   p->at_word <= SIZE_MAX_IMAGE / 4;
}

static bool zynq_probe(struct span at, struct format_match *match)
{
	struct zynq z;
	struct partition p;
	if (!zynq_read(at, &z))
		return false;
	match->size = (uint64_t)z.first_at + z.first_size + z.pmu_size;
	if (match->size < HEADER)
		match->size = HEADER;
	for (unsigned i = 0; z.table && z.table != UINT32_MAX && i < PARTITIONS_MAX && partition_read(at, &z, i, &p); i++) {
		uint64_t end = ((uint64_t)p.at_word + p.total_words) * 4, head = (uint64_t)z.table + PARTITION * (i + 2);
		match->size = match->size < end ? end : match->size;
		match->size = match->size < head ? head : match->size;
	}
	match->confidence = 95;
	return true;
}

static bool key_is_used(uint32_t source)
{
	return source == 0xa5c3c5a3 || source == 0x3a5c3c5a || source == 0xa5c3c5a5 || source == 0xa5c3c5a7 ||
		   source == 0xa35c7ca5 || source == 0xa35c7c53;
}

static bool emit_one(struct walk *w, struct span bytes, const struct partition *p, unsigned i)
{
	char name[64];
	uint64_t at = (uint64_t)p->at_word * 4;
	bool encrypted = p->encrypted_words != p->plain_words;
	snprintf(name, sizeof name, "partition-%u-0x%llx", i, (unsigned long long)p->load);
	emit_header_field(w->sink, at, name, "%u bytes%s%s", p->plain_words * 4, p->certificate ? ", signed" : "",
					  encrypted ? ", encrypted" : "");
	if (encrypted)
		emit_damage_at(w->sink, ERR_ENCRYPTED, at, "%s is encrypted (AES-GCM or AES-CBC)", name);
	uint64_t words = p->plain_words && p->plain_words <= p->total_words ? p->plain_words : p->total_words;
	return region_emit(w, name, bytes, at, (encrypted ? p->total_words : words) * 4, NULL);
}

static struct error zynq_walk(struct span bytes, struct walk *w)
{
	struct zynq z;
	struct partition p;
	unsigned i = 0;
	if (!zynq_read(bytes, &z))
		return error_at(ERR_CORRUPT, 0, "no Xilinx boot header");
	emit_header_field(w->sink, 0x24, "chip", "%s", z.mp ? "Zynq UltraScale+" : "Zynq-7000");
	emit_header_field(w->sink, 0x28, "encryption", "%s", key_is_used(z.key_source) ? "yes" : "none");
	emit_header_field(w->sink, 0x30, "source_offset", "0x%x", z.first_at);
	emit_header_field(w->sink, z.mp ? 0x2c : 0x3c, "execution_address", "0x%08x", z.execute);
	emit_header_field(w->sink, CHECKSUM_AT, "header checksum", "ok");
	if (key_is_used(z.key_source))
		emit_damage_at(w->sink, ERR_ENCRYPTED, z.first_at, "the first stage is encrypted");
	while (z.table && z.table != UINT32_MAX && i < PARTITIONS_MAX && partition_read(bytes, &z, i, &p))
		if (!emit_one(w, bytes, &p, i++))
			return error_none();
	if (i == 0 && z.pmu_size && !region_emit(w, "pmu-firmware", bytes, z.first_at, z.pmu_size, NULL))
		return error_none();
	if (i == 0 && z.first_size)
		region_emit(w, "first-stage", bytes, (uint64_t)z.first_at + z.pmu_size, z.first_size, NULL);
	return error_none();
}

static const struct format_magic zynq_magics[] = { MAGIC("\x66\x55\x99\xaaXNLX", CHECKED_FROM), MAGIC_END };

const struct format zynq_format = {
	.name = "zynq",
	.kind = FORMAT_CONTAINER,
	.title = "Xilinx Zynq boot image (BOOT.bin)",
	.spec = "Xilinx UG821, UG1283",
	.magics = zynq_magics,
	.probe = zynq_probe,
	.walk = zynq_walk,
};

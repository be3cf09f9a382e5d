/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of Partclone (and of Clonezilla, which is made of it): the blocks of a file system that are in use, behind a map that tells which
 * those are, with sums between them. The blocks are put where they belong; the others read as zeros.
 *
 * Specification: Partclone IMAGE_FORMATS.md.
 */
#include "base/hash.h"
#include "format/guest_disk.h"
#include "format/partclone.h"
#include "format/region.h"

#define SIGNATURE "partclone-image"
#define SIGNATURE_SIZE 15u
#define HEADER_1 4160u
#define HEADER_2 110u
#define MAP_END "BiTmAgIc"
#define MAP_END_SIZE 8u
#define CRC_SIZE 4u
#define BLOCK_MIN 512u
#define BLOCK_MAX (16u << 20)
#define SIZE_MAX_SANE (UINT64_C(1) << 56)

static bool common_is_sane(const struct partclone *p)
{
	return p->block >= BLOCK_MIN && p->block <= BLOCK_MAX && p->blocks >= 1 && p->blocks <= SIZE_MAX_SANE / p->block &&
		   p->device_size <= SIZE_MAX_SANE;
}

/* Version 0001: a byte of the map is a block, each block has its CRC behind it. */
static bool first_read(struct span bytes, struct partclone *p)
{
	struct reader r = reader_le(span_sub(bytes, 0, HEADER_1));
	rd_skip(&r, SIGNATURE_SIZE);
	p->fs = text_until_nul(rd_bytes(&r, 15));
	rd_skip(&r, 6);
	p->block = rd_u32(&r);
	p->device_size = rd_u64(&r);
	p->blocks = rd_u64(&r);
	p->used = rd_u64(&r);
	p->version = 1;
	p->map_at = HEADER_1;
	p->map_size = p->blocks;
	p->sum = PARTCLONE_CRC32;
	p->sum_size = CRC_SIZE;
	p->stripe = 1;
	return rd_ok(&r) && common_is_sane(p) && p->used <= p->blocks;
}

/* Version 0002. The CRC has no inversion at its end. */
static bool second_read(struct span bytes, struct partclone *p)
{
	struct span header = span_sub(bytes, 0, HEADER_2);
	p->big = span_u16be(header, 34) == 0xc0de;
	struct reader r = reader_of(header, p->big);
	rd_skip(&r, 34);
	uint16_t endian = rd_u16(&r);
	p->fs = text_until_nul(rd_bytes(&r, 16));
	p->device_size = rd_u64(&r);
	p->blocks = rd_u64(&r);
	rd_skip(&r, 8);
	p->used = rd_u64(&r);
	p->block = rd_u32(&r);
	uint32_t features = rd_u32(&r);
	uint16_t version = rd_u16(&r);
	rd_skip(&r, 2);
	p->sum = rd_u16(&r);
	p->sum_size = rd_u16(&r);
	p->stripe = rd_u32(&r);
	p->reseed = rd_u8(&r) != 0;
	p->map_mode = rd_u8(&r);
	uint32_t crc = rd_u32(&r);
	p->version = 2;
	p->map_at = HEADER_2;
	p->map_size = p->map_mode == PARTCLONE_BITS ? p->blocks / 8 + (p->blocks % 8 != 0) : p->map_mode == PARTCLONE_BYTES ? p->blocks : 0;
	return rd_ok(&r) && endian == 0xc0de && version == 2 && features == 18 && common_is_sane(p) && p->used <= p->blocks &&
		   hash_crc32_raw(UINT32_MAX, span_clip(header, 0, HEADER_2 - CRC_SIZE)) == crc;
}

/* The CRC of version 0001 is one of each block's first byte, again and again, as often as the block has bytes; it goes on from block to
 * block. */
static uint32_t crc_of_first(uint32_t crc, struct span block)
{
	uint8_t same[256];
	memset(same, block.p[0], sizeof same);
	for (uint64_t done = 0; done < block.n; done += sizeof same)
		crc = hash_crc32_raw(crc, span_clip(span_of(same, sizeof same), 0, block.n - done));
	return crc;
}

/* Programs of 64 bits wrote eight bytes for each CRC of version 0001: those of the first two blocks tell. */
static void settle_width(struct partclone *p)
{
	uint32_t crc = UINT32_MAX;
	if (p->used < 2)
		return;
	for (unsigned n = 0; n < 2; n++) {
		struct span s = span_sub(p->bytes, p->data_at + n * (p->block + 2 * CRC_SIZE), p->block + 2 * CRC_SIZE);
		crc = s.p ? crc_of_first(crc, span_clip(s, 0, p->block)) : 0;
		if (!s.p || crc != span_u32le(s, p->block))
			return;
	}
	p->sum_size = 2 * CRC_SIZE;
}

static bool partclone_read(struct span bytes, struct partclone *p)
{
	*p = (struct partclone){ .bytes = bytes };
	if (!span_starts(bytes, SIGNATURE, SIGNATURE_SIZE))
		return false;
	bool ok = span_has(bytes, 30, "0001", 4) ? first_read(bytes, p) : span_has(bytes, 30, "0002", 4) && second_read(bytes, p);
	p->data_at = p->map_at + p->map_size + (p->version == 1 ? MAP_END_SIZE : CRC_SIZE);
	uint64_t whole = p->blocks * p->block;
	p->size = p->device_size > whole ? p->device_size : whole;
	if (ok && p->version == 1)
		settle_width(p);
	return ok;
}

static bool partclone_probe(struct span at, struct format_match *match)
{
	struct partclone p;
	if (!partclone_read(at, &p))
		return false;
	uint64_t sums = p.sum == PARTCLONE_NO_SUM || !p.stripe ? 0 : (p.used + p.stripe - 1) / p.stripe * p.sum_size;
	match->size = p.data_at + p.used * p.block + sums;
	match->confidence = 90;
	return p.version == 2 || span_has(at, p.map_at + p.map_size, MAP_END, MAP_END_SIZE) || at.n < p.data_at;
}

static bool block_is_used(const struct partclone *p, uint64_t block)
{
	uint64_t at = p->map_mode == PARTCLONE_BITS && p->version == 2 ? block / 8 : block;
	uint8_t byte = at < p->map.n ? p->map.p[at] : 0;
	return p->map_mode == PARTCLONE_BITS && p->version == 2 ? byte >> block % 8 & 1 : byte == 1;
}

/* How many blocks are in use before each group of blocks: the place of a block follows from that. */
static bool count_blocks(struct partclone *p, struct arena *arena)
{
	bool bits = p->map_mode == PARTCLONE_BITS && p->version == 2;
	uint64_t here = bits ? (uint64_t)p->map.n * 8 : p->map.n;
	uint64_t n = here < p->blocks ? here : p->blocks;
	p->groups = ARENA_ARRAY(arena, uint64_t, n / PARTCLONE_GROUP + 1);
	if (!p->groups)
		return false;
	for (uint64_t i = 0; i < n; i++) {
		if (i % PARTCLONE_GROUP == 0)
			p->groups[i / PARTCLONE_GROUP] = p->stored;
		p->stored += block_is_used(p, i);
		p->strange += !bits && p->map.p[i] > 1;
	}
	p->mapped = n;
	return true;
}

/* Where the n-th stored block stands: behind each stripe of them stands a sum. */
static uint64_t stored_at(const struct partclone *p, uint64_t n)
{
	return p->data_at + n * p->block + (p->stripe ? n / p->stripe * p->sum_size : 0);
}

static bool copy_block(const struct partclone *p, uint64_t block, uint64_t in, uint8_t *out, size_t n)
{
	memset(out, 0, n);
	if (block >= p->blocks || (block < p->mapped && !block_is_used(p, block)))
		return true;
	if (block >= p->mapped)
		return false;
	uint64_t before = p->groups[block / PARTCLONE_GROUP];
	for (uint64_t i = block / PARTCLONE_GROUP * PARTCLONE_GROUP; i < block; i++)
		before += block_is_used(p, i);
	struct span s = span_sub(p->bytes, stored_at(p, before) + in, n);
	if (s.p)
		memcpy(out, s.p, n);
	return s.p != NULL;
}

static struct error read_disk(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct partclone *p = fs;
	(void)file;
	for (size_t done = 0; done < n;) {
		uint64_t at = offset + done, in = at % p->block;
		size_t part = n - done < p->block - in ? n - done : (size_t)(p->block - in);
		if (!copy_block(p, at / p->block, in, out + done, part))
			return error_at(ERR_TRUNCATED, at, "a block that is in use is not in the image");
		done += part;
	}
	return error_none();
}

/* ---- sums ---- */

static void tell_sums(uint64_t wrong, uint64_t first, uint64_t checked, struct walk *w)
{
	emit_header_field(w->sink, OFFSET_NONE, "checksums", wrong ? "%llu of %llu do not match" : "ok", (unsigned long long)wrong,
					  (unsigned long long)checked);
	if (wrong)
		emit_damage_at(w->sink, ERR_CORRUPT, first, "%llu of %llu sums of blocks do not match, the first one here", (unsigned long long)wrong,
					   (unsigned long long)checked);
}

static bool sum_is(const struct partclone *p, struct span data, uint32_t *crc, struct span sum)
{
	struct reader r = reader_of(sum, p->big);
	if (p->sum == PARTCLONE_XXH64)
		return hash_xxh64(data) == rd_u64(&r);
	*crc = hash_crc32_raw(p->reseed ? UINT32_MAX : *crc, data);
	return *crc == rd_u32(&r);
}

/* Of version 0002. Sums may go on from one stripe to the next: CRCs are made so, too, XXH64 is not. */
static void check_stripes(const struct partclone *p, struct walk *w)
{
	uint64_t wrong = 0, first = 0, checked = 0;
	uint32_t crc = UINT32_MAX;
	if (p->sum == PARTCLONE_XXH64 ? !p->reseed || p->sum_size != 8 : p->sum != PARTCLONE_CRC32 || p->sum_size != CRC_SIZE) {
		emit_header_field(w->sink, 96, "checksums", "not verified: of another kind, or they go on from stripe to stripe");
		return;
	}
	for (uint64_t n = 0; n < p->stored; n += p->stripe, checked++) {
		uint64_t left = p->stored - n, blocks = left < p->stripe ? left : p->stripe, at = stored_at(p, n);
		struct span data = span_sub(p->bytes, at, blocks * p->block), sum = span_sub(p->bytes, at + blocks * p->block, p->sum_size);
		if (!data.p || !sum.p)
			break;
		if (!sum_is(p, data, &crc, sum) && !wrong++)
			first = at;
	}
	tell_sums(wrong, first, checked, w);
}

static void check_first(const struct partclone *p, struct walk *w)
{
	uint64_t wrong = 0, first = 0, checked = 0;
	uint32_t crc = UINT32_MAX;
	for (uint64_t n = 0; n < p->stored; n++, checked++) {
		struct span s = span_sub(p->bytes, stored_at(p, n), p->block + CRC_SIZE);
		if (!s.p)
			break;
		crc = crc_of_first(crc, span_clip(s, 0, p->block));
		if (crc != span_u32le(s, p->block) && !wrong++)
			first = stored_at(p, n);
	}
	tell_sums(wrong, first, checked, w);
}

/* ---- the whole ---- */

static void emit_fields(const struct partclone *p, struct walk *w)
{
	emit_header_field(w->sink, 30, "version", "000%u", p->version);
	emit_header_field(w->sink, p->version == 1 ? 15 : 36, "file system", "%.*s", (int)p->fs.n, p->fs.p);
	emit_header_field(w->sink, p->version == 1 ? 36 : 84, "block size", "%u", p->block);
	emit_header_field(w->sink, p->version == 1 ? 48 : 60, "blocks", "%llu", (unsigned long long)p->blocks);
	emit_header_field(w->sink, p->version == 1 ? 56 : 76, "used blocks", "%llu", (unsigned long long)p->used);
	if (p->version == 2)
		emit_header_field(w->sink, 96, "checksum mode", "0x%x", p->sum);
}

static void check_map(const struct partclone *p, struct walk *w)
{
	uint64_t at = p->map_at + p->map_size;
	if (p->map.n < p->map_size)
		emit_damage_at(w->sink, ERR_TRUNCATED, p->bytes.n, "the map of blocks has %llu bytes, %zu are there",
					   (unsigned long long)p->map_size, p->map.n);
	else if (p->version == 1 ? !span_has(p->bytes, at, MAP_END, MAP_END_SIZE)
							 : hash_crc32_raw(UINT32_MAX, p->map) != span_u32(p->bytes, at, p->big))
		emit_damage_at(w->sink, ERR_CORRUPT, at, "the map of blocks is not right: its sum, or what stands behind it, does not match");
	if (p->strange)
		emit_damage_at(w->sink, ERR_CORRUPT, p->map_at, "%llu bytes of the map say neither that a block is in use nor that it is not",
					   (unsigned long long)p->strange);
	if (p->map.n == p->map_size && p->stored != p->used)
		emit_damage_at(w->sink, ERR_CORRUPT, p->map_at, "%llu blocks are in use by the map, %llu by the header", (unsigned long long)p->stored,
					   (unsigned long long)p->used);
}

/* The map has a bit or a byte for each block, so that to go through it costs no more than it has. */
static struct stored_run next_used(const void *fs, const void *file, uint64_t offset)
{
	const struct partclone *p = fs;
	uint64_t told = p->mapped < p->blocks ? p->mapped : p->blocks, block = offset / p->block;
	(void)file;
	while (block < told && !block_is_used(p, block))
		block++;
	uint64_t at = block * p->block > offset ? block * p->block : offset, end = block;
	if (block >= told) /* what the map does not tell, where it is cut off */
		return block < p->blocks ? (struct stored_run){ .at = at, .n = p->size - at, .broken = true } : (struct stored_run){ 0 };
	while (end < told && block_is_used(p, end))
		end++;
	return (struct stored_run){ .at = at, .n = end * p->block - at };
}

static bool is_supported(const struct partclone *p)
{
	bool map = p->version == 1 || p->map_mode == PARTCLONE_BITS || p->map_mode == PARTCLONE_BYTES;
	return map && p->sum_size <= 64 && (p->stripe || !p->sum_size);
}

static struct error partclone_walk(struct span bytes, struct walk *w)
{
	static const struct content_ops ops = { .read = read_disk, .next = next_used };
	struct partclone *p = ARENA_NEW(w->arena, struct partclone);
	if (!p)
		return error_at(ERR_BUDGET, 0, "no memory for the image");
	if (!partclone_read(bytes, p))
		return error_at(ERR_CORRUPT, 0, "no header of a Partclone image");
	emit_fields(p, w);
	if (!is_supported(p))
		return error_at(ERR_UNSUPPORTED, 96, "its map of blocks (%u) or its sums (0x%x) are of another kind", p->map_mode, p->sum);
	p->map = span_clip(bytes, p->map_at, p->map_size);
	if (!count_blocks(p, w->arena))
		return error_at(ERR_BUDGET, p->map_at, "no memory for the map of %llu blocks", (unsigned long long)p->blocks);
	check_map(p, w);
	w->end = stored_at(p, p->stored) + (p->stripe && p->stored % p->stripe ? p->sum_size : 0);
	if (p->map.n == p->map_size && w->end > bytes.n)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "%llu blocks end at %llu, here are %zu bytes", (unsigned long long)p->stored,
					   (unsigned long long)w->end, bytes.n);
	if (p->version == 1)
		check_first(p, w);
	else if (p->sum != PARTCLONE_NO_SUM)
		check_stripes(p, w);
	struct content content = { .kind = CONTENT_BLOCKS, .ops = &ops, .fs = p, .block_size = guest_disk_unit(p->block) };
	(void)region_emit_content(w, "file-system", p->size, content, NULL);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC(SIGNATURE, 0), MAGIC_END };

const struct format partclone_format = {
	.name = "partclone",
	.kind = FORMAT_CONTAINER,
	.title = "Partclone image of a file system",
	.spec = "Partclone IMAGE_FORMATS.md",
	.magics = magics,
	.probe = partclone_probe,
	.walk = partclone_walk,
};

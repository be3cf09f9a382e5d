/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checksums of btrfs: of nodes and superblocks, which stand in them, and of the data, which a tree of their own has, one for each
 * sector. Data without checksums (nodatasum, nodatacow, preallocated) is fine. */
#include "base/crc32c.h"
#include "base/hash.h"
#include "format/btrfs_image.h"

#define CHECKSUM_SIZE 32u
#define SECTOR_MAX 65536u

enum { CRC32C, XXHASH64, SHA256, BLAKE2B };

static const struct {
	const char *name;
	uint8_t size;
	bool known;
} kinds[] = { { "crc32c", 4, true }, { "xxhash64", 8, true }, { "sha256", 32, true }, { "blake2b", 32, false } };

const char *btrfs_checksum_name(uint16_t type)
{
	return type < sizeof kinds / sizeof kinds[0] ? kinds[type].name : NULL;
}

bool btrfs_checksum_known(const struct btrfs_super *s)
{
	return kinds[s->checksum_type].known;
}

/* Whether the bytes have that checksum; true for kinds that are not known. */
static bool matches(const struct btrfs_super *s, struct span bytes, const uint8_t *stored)
{
	struct span sum = span_of(stored, kinds[s->checksum_type].size);
	char hex[65], said[65];
	switch (s->checksum_type) {
	case CRC32C:
		return ~crc32c_update(UINT32_MAX, bytes) == span_u32le(sum, 0);
	case XXHASH64:
		return hash_xxh64(bytes) == ((uint64_t)span_u32le(sum, 4) << 32 | span_u32le(sum, 0));
	case SHA256:
		hash_sha256_hex(bytes, hex);
		hash_hex(sum.p, sum.n, said);
		return strcmp(hex, said) == 0;
	default:
		return true;
	}
}

bool btrfs_checksum_ok(const struct btrfs_super *s, struct span block)
{
	return block.n > CHECKSUM_SIZE && matches(s, span_from(block, CHECKSUM_SIZE), block.p);
}

/* The sums of sectors that follow each other from a logical address on. */
struct btrfs_sums {
	uint64_t logical, sectors;
	const uint8_t *sums;
};

static bool sums_room(struct btrfs *fs)
{
	size_t cap = fs->sums_cap ? fs->sums_cap * 2 : 64;
	if (fs->nsums < fs->sums_cap)
		return true;
	struct btrfs_sums *v = ARENA_ARRAY(fs->walk->arena, struct btrfs_sums, cap);
	if (!v)
		return false;
	if (fs->nsums)
		memcpy(v, fs->sums, fs->nsums * sizeof *v);
	fs->sums = v;
	fs->sums_cap = cap;
	return true;
}

static bool take_sums(void *context, const struct btrfs_item *item)
{
	struct btrfs *fs = context;
	const struct btrfs_sums *last = fs->nsums ? &fs->sums[fs->nsums - 1] : NULL;
	struct btrfs_sums s = { item->key.offset, item->data.n / kinds[fs->super.checksum_type].size, item->data.p };
	if (item->key.type != BTRFS_EXTENT_CSUM || !s.sectors || s.logical >> 62 ||
		(last && s.logical < last->logical + last->sectors * fs->super.sector_size))
		return true;
	if (!sums_room(fs)) {
		btrfs_damage(fs, ERR_BUDGET, UINT64_MAX, "more checksums than are kept of one image: not all data is held against its own");
		return false;
	}
	fs->sums[fs->nsums++] = s;
	return true;
}

void btrfs_sums_load(struct btrfs *fs, uint64_t root, unsigned level)
{
	if (root && kinds[fs->super.checksum_type].known && fs->super.sector_size <= SECTOR_MAX)
		btrfs_tree_walk(fs, root, level, take_sums, fs);
}

/* The checksum of the sector at that address; NULL: it has none. */
static const uint8_t *sum_of(const struct btrfs *fs, uint64_t logical)
{
	size_t lo = 0, hi = fs->nsums;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (fs->sums[mid].logical <= logical)
			lo = mid + 1;
		else
			hi = mid;
	}
	const struct btrfs_sums *s = lo ? &fs->sums[lo - 1] : NULL;
	uint64_t i = s ? (logical - s->logical) / fs->super.sector_size : 0;
	return s && i < s->sectors ? s->sums + i * kinds[fs->super.checksum_type].size : NULL;
}

/* Whether the sectors that hold these bytes are as their checksums say, in that copy. */
static bool is_sound(const struct btrfs *fs, uint64_t logical, uint64_t n, unsigned copy)
{
	uint64_t sector = fs->super.sector_size, at = logical / sector * sector;
	for (; fs->nsums && at < logical + n; at += sector) {
		const uint8_t *stored = sum_of(fs, at);
		struct span bytes = stored ? btrfs_map(fs, at, sector, copy) : SPAN_NONE;
		if (stored && (!bytes.p || !matches(&fs->super, bytes, stored)))
			return false;
	}
	return true;
}

struct span btrfs_data(const struct btrfs *fs, uint64_t logical, uint64_t n, enum error_code *code)
{
	*code = ERR_TRUNCATED;
	for (unsigned copy = 0; copy < 2; copy++) {
		struct span s = btrfs_map(fs, logical, n, copy);
		if (s.p && is_sound(fs, logical, n, copy)) {
			*code = ERR_NONE;
			return s;
		}
		if (s.p)
			*code = ERR_CORRUPT;
	}
	return SPAN_NONE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EROFS, the read-only file system of Android's system partitions and of containers.
 *
 * Specification: Linux fs/erofs/erofs_fs.h and Documentation/filesystems/erofs.rst. */
#include <stdio.h>

#include "base/crc32c.h"
#include "base/hash.h"
#include "format/erofs_image.h"

#define MAGIC_NUMBER 0xe0f5e1e2u
#define DEVICE_SLOT_SIZE 128u

static bool erofs_super_read(struct span at, struct erofs_super *s)
{
	struct reader r = reader_le(span_sub(at, EROFS_SUPER_AT, EROFS_SUPER_SIZE));
	*s = (struct erofs_super){ 0 };
	uint32_t magic = rd_u32(&r);
	s->checksum = rd_u32(&r);
	s->compat = rd_u32(&r);
	s->block_bits = rd_u8(&r);
	rd_skip(&r, 1); /* slots behind the superblock */
	uint16_t root_or_high = rd_u16(&r);
	s->inodes = rd_u64(&r);
	s->epoch = rd_u64(&r);
	s->epoch_nsec = rd_u32(&r);
	s->blocks = rd_u32(&r);
	s->meta_block = rd_u32(&r);
	s->xattr_block = rd_u32(&r);
	s->uuid = rd_bytes(&r, 16);
	s->name = text_until_nul(rd_bytes(&r, 16));
	s->incompat = rd_u32(&r);
	s->algorithms = rd_u16(&r);
	s->extra_devices = rd_u16(&r);
	s->device_slot = rd_u16(&r);
	s->dir_block_bits = rd_u8(&r);
	rd_skip(&r, 5); /* prefixes of attributes' names */
	s->packed_nid = rd_u64(&r);
	rd_skip(&r, 8); /* filter of attributes' names, time of making from the epoch on */
	uint64_t root = rd_u64(&r);
	bool wide = s->incompat & EROFS_INCOMPAT_48BIT && root;
	s->root_nid = wide ? root : root_or_high;
	s->blocks |= wide ? (uint64_t)root_or_high << 32 : 0;
	return rd_ok(&r) && magic == MAGIC_NUMBER && s->block_bits >= 9 && s->block_bits <= 16 && s->dir_block_bits <= 4 &&
		   s->blocks > 0 && s->meta_block < s->blocks && s->epoch_nsec < 1000000000;
}

/* "ok", "mismatch", "none", or "not checked" where the bytes end before. It covers the rest of the superblock's
 * block. */
static const char *checksum_verdict(struct span image, const struct erofs_super *s)
{
	static const uint8_t zero[4];
	uint64_t size = UINT64_C(1) << s->block_bits;
	if (size > EROFS_SUPER_AT)
		size -= EROFS_SUPER_AT;
	struct span covered = span_sub(image, EROFS_SUPER_AT, size);
	if (!(s->compat & EROFS_COMPAT_SB_CHKSUM))
		return "none";
	if (!covered.p)
		return "not checked";
	uint32_t crc = crc32c_update(UINT32_MAX, span_sub(covered, 0, 4));
	crc = crc32c_update(crc, span_of(zero, sizeof zero));
	crc = crc32c_update(crc, span_from(covered, 8));
	return crc == s->checksum ? "ok" : "mismatch";
}

static bool erofs_probe(struct span at, struct format_match *match)
{
	struct erofs_super s;
	struct erofs_inode root;
	if (!erofs_super_read(at, &s))
		return false;
	bool sound = strcmp(checksum_verdict(at, &s), "ok") == 0;
	bool rooted = erofs_inode_read(at, &s, s.root_nid, &root) && root.kind == ENTRY_DIRECTORY;
	match->size = s.blocks << s.block_bits;
	match->confidence = sound ? 95 : 85;
	return sound || rooted;
}

static void emit_algorithms(struct walk *w, const struct erofs_super *s)
{
	static const char *const names[EROFS_ALGORITHMS] = { "lz4", "lzma", "deflate", "zstd" };
	char text[64] = "";
	/* Without configurations the field is the distance that LZ4 looks back. */
	unsigned algorithms = s->incompat & EROFS_INCOMPAT_BIG_PCLUSTER ? s->algorithms : s->algorithms ? 1 : 0;
	for (unsigned i = 0; i < EROFS_ALGORITHMS; i++)
		if (algorithms & 1u << i)
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", *text ? " " : "", names[i]);
	if (*text)
		emit_header_field(w->sink, EROFS_SUPER_AT + 84, "available_compr_algs", "%s", text);
}

static void emit_devices(struct span image, struct walk *w, const struct erofs_super *s)
{
	if (!s->extra_devices || !(s->incompat & EROFS_INCOMPAT_DEVICE_TABLE))
		return;
	emit_header_field(w->sink, EROFS_SUPER_AT + 86, "extra_devices", "%u", s->extra_devices);
	for (unsigned i = 0; i < s->extra_devices && i < 16; i++) {
		struct span slot = span_sub(image, ((uint64_t)s->device_slot + i) * DEVICE_SLOT_SIZE, DEVICE_SLOT_SIZE);
		char name[32];
		snprintf(name, sizeof name, "device[%u]", i + 1);
		struct text tag = text_until_nul(span_sub(slot, 0, 64));
		if (slot.p)
			emit_header_field(w->sink, (uint64_t)(slot.p - image.p), name, "%.*s, %lu blocks", (int)tag.n, tag.p,
							  (unsigned long)span_u32le(slot, 64));
	}
}

static void emit_fields(struct span image, struct walk *w, const struct erofs_super *s)
{
	char uuid[33];
	hash_hex(s->uuid.p, s->uuid.n, uuid);
	const char *verdict = checksum_verdict(image, s);
	emit_header_field(w->sink, EROFS_SUPER_AT + 4, "checksum", "%s", verdict);
	if (strcmp(verdict, "mismatch") == 0)
		emit_damage_at(w->sink, ERR_CORRUPT, EROFS_SUPER_AT + 4, "the superblock's checksum 0x%08x does not match it",
					   s->checksum);
	emit_header_field(w->sink, EROFS_SUPER_AT + 8, "feature_compat", "0x%x", s->compat);
	emit_header_field(w->sink, EROFS_SUPER_AT + 80, "feature_incompat", "0x%x", s->incompat);
	emit_header_field(w->sink, EROFS_SUPER_AT + 12, "block_size", "%u", 1u << s->block_bits);
	emit_header_field(w->sink, EROFS_SUPER_AT + 16, "inos", "%llu", (unsigned long long)s->inodes);
	emit_header_field(w->sink, EROFS_SUPER_AT + 24, "epoch", "%llu", (unsigned long long)s->epoch);
	emit_header_field(w->sink, EROFS_SUPER_AT + 36, "blocks", "%llu", (unsigned long long)s->blocks);
	emit_header_field(w->sink, EROFS_SUPER_AT + 48, "uuid", "%.8s-%.4s-%.4s-%.4s-%.12s", uuid, uuid + 8, uuid + 12,
					  uuid + 16, uuid + 20);
	if (s->name.n)
		emit_header_field(w->sink, EROFS_SUPER_AT + 64, "volume_name", "%.*s", (int)s->name.n, s->name.p);
	emit_algorithms(w, s);
	emit_devices(image, w, s);
}

/* The inode whose file holds the fragments of others. */
static bool open_packed(struct erofs *fs)
{
	struct erofs_inode inode;
	if (!(fs->super.incompat & EROFS_INCOMPAT_FRAGMENTS) || !fs->super.packed_nid)
		return true;
	if (!erofs_inode_read(fs->image, &fs->super, fs->super.packed_nid, &inode) || inode.kind != ENTRY_FILE) {
		erofs_damage(fs, ERR_CORRUPT, EROFS_SUPER_AT + 96, "the inode of the fragments can not be read");
		return true;
	}
	fs->packed = erofs_file_open(fs, &inode);
	return fs->packed && erofs_cache_open(fs);
}

static struct error erofs_walk(struct span bytes, struct walk *w)
{
	struct erofs_super s;
	if (!erofs_super_read(bytes, &s))
		return error_at(ERR_CORRUPT, EROFS_SUPER_AT, "no EROFS superblock");
	emit_fields(bytes, w, &s);
	if (s.incompat & ~(uint32_t)EROFS_INCOMPAT_KNOWN)
		return error_at(ERR_UNSUPPORTED, EROFS_SUPER_AT + 80, "its features 0x%x are not read",
						s.incompat & ~(uint32_t)EROFS_INCOMPAT_KNOWN);
	struct erofs *fs = ARENA_NEW(w->arena, struct erofs);
	if (!fs)
		return error_at(ERR_BUDGET, 0, "no memory for the superblock");
	*fs = (struct erofs){ .image = bytes, .super = s, .block_size = UINT64_C(1) << s.block_bits, .walk = w };
	struct error e =
		open_packed(fs) ? erofs_traverse(fs) : error_at(ERR_BUDGET, 0, "more fragments than are kept of one image");
	emit_damage_further(w->sink, fs->damages);
	fs->walk = NULL;
	return e;
}

static const struct format_magic magics[] = { MAGIC("\xe2\xe1\xf5\xe0", EROFS_SUPER_AT), MAGIC_END };

const struct format erofs_format = {
	.name = "erofs",
	.kind = FORMAT_FILESYSTEM,
	.title = "EROFS: LZ4, LZMA, deflate, zstd, fragments, chunks",
	.spec = "Linux fs/erofs/erofs_fs.h",
	.magics = magics,
	.probe = erofs_probe,
	.walk = erofs_walk,
};

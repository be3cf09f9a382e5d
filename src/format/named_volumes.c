/* SPDX-License-Identifier: GPL-3.0-or-later */
/* File systems of servers and desktops, and volumes that BitLocker guards: told by their superblocks where a partition or an image is
 * one as a whole, so that its user knows what was not opened.
 *
 * Specification: the superblocks as util-linux libblkid/src/superblocks reads them; each one's own source below.
 */
#include "base/hash.h"
#include "format/format.h"

/* Whoever makes a file system over another one leaves what he does not need: of a volume that was there before, the superblock may still
 * stand further on. What begins with another format is that. */
#define WAS_BEFORE 30
#define IS_NOW 93 /* in the boot sector itself, of which FAT and NTFS have the rest */
#define VMFS_VERSION_MAX 64u

/* ---- whether all is one ---- */

static bool is_bcache(struct span all)
{
	return span_has(all, 4096 + 24, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81", 16) &&
		   span_has(all, 4096 + 8, "\x8\0\0\0\0\0\0", 8); /* the superblock's own sector */
}

static bool is_bcachefs(struct span all)
{
	return span_has(all, 4096 + 24, "\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef", 16) ||
		   (span_has(all, 4096 + 24, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81", 16) && !is_bcache(all));
}

static bool is_befs(struct span all)
{
	return span_has(all, 512 + 32, "1SFBEGIB", 8) || span_has(all, 512 + 32, "BFS1BIGE", 8) || span_has(all, 32, "1SFBEGIB", 8) ||
		   span_has(all, 32, "BFS1BIGE", 8);
}

/* Of a volume that is locked, and of the FAT with a reader of its own that BitLocker To Go shows in its place: its boot sector tells by a
 * GUID what is behind it, which is another one where only the space in use was encrypted. */
static bool is_bitlocker(struct span all)
{
	static const char *const guids[] = { "\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01",
										 "\x3b\x4d\xa8\x92\x80\xdd\x0e\x4d\x9e\x4e\xb1\xe3\x28\x4e\xae\xd8" };
	bool locked = span_starts(all, "\xeb\x52\x90-FVE-FS-", 11) || span_starts(all, "\xeb\x58\x90-FVE-FS-", 11);
	bool to_go = span_starts(all, "\xeb\x58\x90MSWIN4.1", 11) && (span_has(all, 424, guids[0], 16) || span_has(all, 424, guids[1], 16));
	return span_has(all, 510, "\x55\xaa", 2) && (locked || to_go);
}

static bool is_gfs2(struct span all)
{
	uint64_t at = 65536;
	uint32_t format = span_u32be(all, at + 24);
	return span_has(all, at, "\x01\x16\x19\x70\0\0\0\1", 8) && format >= 1800 && format < 1900 && span_u32be(all, at + 28) == 1900;
}

static bool is_hpfs(struct span all)
{
	return span_has(all, 8192, "\x49\xe8\x95\xf9\xc5\xe9\x53\xfa", 8) && span_has(all, 8192 + 512, "\x49\x18\x91\xf9\xc5\x29\x52\xfa", 8);
}

/* The CRC-32 of the superblock, in which its own field counts as zeros. */
static bool is_nilfs2(struct span all)
{
	struct span super = span_sub(all, 1024, span_u16le(all, 1024 + 8));
	if (super.n < 64 || super.n > 1024 || !span_has(super, 6, "\x34\x34", 2))
		return false;
	static const uint8_t zeros[4];
	uint32_t crc = hash_crc32_raw(span_u32le(super, 12), span_sub(super, 0, 16));
	crc = hash_crc32_raw(crc, span_of(zeros, 4));
	return hash_crc32_raw(crc, span_from(super, 20)) == span_u32le(super, 16);
}

/* In the third block, of whatever size the blocks are; s_blocksize_bits of its ocfs2_super_block says which. */
static bool is_ocfs2(struct span all)
{
	for (unsigned bits = 9; bits <= 12; bits++)
		if (span_has(all, (uint64_t)2 << bits, "OCFSV2\0", 8) && span_u32le(all, ((uint64_t)2 << bits) + 192 + 56) == bits)
			return true;
	return false;
}

static bool is_reiser4(struct span all)
{
	return span_has(all, 65536, "ReIsEr4\0\0\0\0\0\0\0\0", 16);
}

/* Magic and version, of the file system or of the volume that it is on. */
static bool is_vmfs(struct span all)
{
	uint32_t file_system = span_u32le(all, (2 << 20) + 4), volume = span_u32le(all, (1 << 20) + 4);
	return (span_has(all, 2 << 20, "\x5e\xf1\xab\x2f", 4) && file_system && file_system <= VMFS_VERSION_MAX) ||
		   (span_has(all, 1 << 20, "\x0d\xd0\x01\xc0", 4) && volume && volume <= VMFS_VERSION_MAX);
}

/* The first of four labels: name and value pairs in XDR, and behind them uberblocks, in the order of bytes of who wrote them. */
static bool is_zfs(struct span all)
{
	struct span pairs = span_sub(all, 16384, 4);
	if (!pairs.p || pairs.p[0] != 1 || pairs.p[1] > 1 || pairs.p[2] || pairs.p[3])
		return false;
	for (uint64_t at = 128u << 10; at < 256u << 10; at += 1024)
		if (span_has(all, at, "\x0c\xb1\xba\0\0\0\0", 8) || span_has(all, at, "\0\0\0\0\0\xba\xb1\x0c", 8))
			return true;
	return false;
}

/* ---- what is said of it ---- */

static bool nowhere_else(struct span at, struct format_match *match)
{
	(void)at;
	(void)match;
	return false;
}

static bool match_all(struct span all, bool is, uint8_t confidence, struct format_match *match)
{
	*match = (struct format_match){ .size = all.n, .confidence = confidence };
	return is;
}

static struct error bitlocker_walk(struct span bytes, struct walk *w)
{
	(void)bytes;
	(void)w;
	return error_at(ERR_ENCRYPTED, 0, "a volume of BitLocker, whose key is guarded");
}

#define VOLUME(id, confidence_, title_, spec_, walk_)                                                                                      \
	static bool id##_probe_whole(struct span all, struct format_match *match)                                                              \
	{                                                                                                                                      \
		return match_all(all, is_##id(all), confidence_, match);                                                                           \
	}                                                                                                                                      \
	const struct format id##_format = { .name = #id, .kind = FORMAT_CONTAINER, .title = title_, .spec = spec_, .at_start = true,           \
										.own_bytes = true, .probe = nowhere_else, .probe_whole = id##_probe_whole, .walk = walk_ };

VOLUME(bcache, WAS_BEFORE, "Volume of bcache (named)", "Linux include/uapi/linux/bcache.h", NULL)
VOLUME(bcachefs, WAS_BEFORE, "bcachefs (named)", "Linux fs/bcachefs/bcachefs_format.h", NULL)
VOLUME(befs, WAS_BEFORE, "File system of BeOS and Haiku (named)", "Linux fs/befs/befs_fs_types.h", NULL)
VOLUME(bitlocker, IS_NOW, "Volume of BitLocker (named)", "libbde, BitLocker Drive Encryption (BDE) format", bitlocker_walk)
VOLUME(gfs2, WAS_BEFORE, "GFS2 (named)", "Linux include/uapi/linux/gfs2_ondisk.h", NULL)
VOLUME(hpfs, WAS_BEFORE, "HPFS of OS/2 (named)", "Linux fs/hpfs/hpfs.h", NULL)
VOLUME(nilfs2, WAS_BEFORE, "NILFS2 (named)", "Linux include/uapi/linux/nilfs2_ondisk.h", NULL)
VOLUME(ocfs2, WAS_BEFORE, "OCFS2 (named)", "Linux fs/ocfs2/ocfs2_fs.h", NULL)
VOLUME(reiser4, WAS_BEFORE, "Reiser4 (named)", "reiser4progs, include/reiser4/types.h", NULL)
VOLUME(vmfs, WAS_BEFORE, "VMFS of VMware (named)", "vmfs-tools, vmfs_volume.h", NULL)
VOLUME(zfs, WAS_BEFORE, "Device of a ZFS pool (named)", "OpenZFS include/sys/vdev_impl.h, uberblock_impl.h", NULL)

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* File systems of servers and desktops, and volumes that BitLocker guards: told by their superblocks where a partition or an image is
 * one as a whole, so that its user knows what was not opened.
 *
 * Specification: the superblocks as util-linux libblkid/src/superblocks reads them; each one's own source below.
 */
#include "base/hash.h"
#include "format/format.h"

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

/* Of a volume that is locked, and of the FAT that BitLocker To Go shows in its place. */
static bool is_bitlocker(struct span all)
{
	static const char guid[] = "\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01";
	bool vista = span_starts(all, "\xeb\x52\x90-FVE-FS-", 11), later = span_starts(all, "\xeb\x58\x90-FVE-FS-", 11);
	return span_has(all, 510, "\x55\xaa", 2) && (vista || (later && span_has(all, 160, guid, 16)));
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

/* In the third block, of whatever size the blocks are. */
static bool is_ocfs2(struct span all)
{
	for (uint64_t block = 512; block <= 4096; block *= 2)
		if (span_has(all, 2 * block, "OCFSV2\0", 8))
			return true;
	return false;
}

static bool is_reiser4(struct span all)
{
	return span_has(all, 65536, "ReIsEr4\0\0\0\0\0\0\0\0", 16);
}

static bool is_vmfs(struct span all)
{
	return span_has(all, 2 << 20, "\x5e\xf1\xab\x2f", 4) || span_has(all, 1 << 20, "\x0d\xd0\x01\xc0", 4);
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

static bool match_all(struct span all, bool is, struct format_match *match)
{
	*match = (struct format_match){ .size = all.n, .confidence = 90 };
	return is;
}

static struct error bitlocker_walk(struct span bytes, struct walk *w)
{
	(void)bytes;
	(void)w;
	return error_at(ERR_ENCRYPTED, 0, "a volume of BitLocker, whose key is guarded");
}

#define VOLUME(id, title_, spec_, walk_)                                                                                                   \
	static bool id##_probe_whole(struct span all, struct format_match *match)                                                             \
	{                                                                                                                                     \
		return match_all(all, is_##id(all), match);                                                                                      \
	}                                                                                                                                     \
	const struct format id##_format = { .name = #id, .kind = FORMAT_CONTAINER, .title = title_, .spec = spec_, .at_start = true,         \
										.own_bytes = true, .probe = nowhere_else, .probe_whole = id##_probe_whole, .walk = walk_ };

VOLUME(bcache, "Volume of bcache (named)", "Linux include/uapi/linux/bcache.h", NULL)
VOLUME(bcachefs, "bcachefs (named)", "Linux fs/bcachefs/bcachefs_format.h", NULL)
VOLUME(befs, "File system of BeOS and Haiku (named)", "Linux fs/befs/befs_fs_types.h", NULL)
VOLUME(bitlocker, "Volume of BitLocker (named)", "libbde, BitLocker Drive Encryption (BDE) format", bitlocker_walk)
VOLUME(gfs2, "GFS2 (named)", "Linux include/uapi/linux/gfs2_ondisk.h", NULL)
VOLUME(hpfs, "HPFS of OS/2 (named)", "Linux fs/hpfs/hpfs.h", NULL)
VOLUME(nilfs2, "NILFS2 (named)", "Linux include/uapi/linux/nilfs2_ondisk.h", NULL)
VOLUME(ocfs2, "OCFS2 (named)", "Linux fs/ocfs2/ocfs2_fs.h", NULL)
VOLUME(reiser4, "Reiser4 (named)", "reiser4progs, include/reiser4/types.h", NULL)
VOLUME(vmfs, "VMFS of VMware (named)", "vmfs-tools, vmfs_volume.h", NULL)
VOLUME(zfs, "Device of a ZFS pool (named)", "OpenZFS include/sys/vdev_impl.h, uberblock_impl.h", NULL)

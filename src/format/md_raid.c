/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk of a Linux software RAID (md). The superblock stands before the data (1.1, 1.2) or behind it (0.90, 1.0). A
 * mirror holds all data; a disk of a linear array a part of them in one piece, of other levels chunks.
 *
 * Specification: Linux include/uapi/linux/raid/md_p.h; md(4).
 */
#include "format/region.h"
#include "format/uuid.h"
#include "format/wrapper.h"

#define SECTOR 512u
#define SUPER_1 256u /* without the roles of the devices */
#define SUPER_0 4096u
#define DEVICES_MAX 1920u
#define DISK_MAX (UINT64_MAX >> 12)

struct md {
	unsigned version; /* 90 stands for 0.90 */
	int32_t level;
	uint32_t layout, disks, chunk;
	uint64_t super_at, data_at, data_size;
	struct span name;
	uint8_t uuid[16];
	uint64_t uuid_at;
	bool checksum_ok;
};

static uint32_t words_sum(struct span bytes, uint64_t without)
{
	uint64_t sum = 0;
	for (uint64_t i = 0; i + 4 <= bytes.n; i += 4)
		sum += i == without ? 0 : span_u32le(bytes, i);
	if (bytes.n % 4 == 2)
		sum += span_u16le(bytes, bytes.n - 2);
	return (uint32_t)((sum & 0xffffffff) + (sum >> 32));
}

static bool md_read_1(struct span bytes, uint64_t at, struct md *m)
{
	struct span s = span_sub(bytes, at, SUPER_1);
	if (!span_starts(s, "\xfc\x4e\x2b\xa9\1\0\0\0", 8))
		return false;
	struct reader r = reader_le(span_from(s, 72));
	*m = (struct md){ .version = 1, .level = (int32_t)rd_u32(&r), .super_at = at };
	m->layout = rd_u32(&r);
	uint64_t size = rd_u64(&r);
	m->chunk = rd_u32(&r);
	m->disks = rd_u32(&r);
	rd_seek(&r, 128 - 72);
	uint64_t data_offset = rd_u64(&r), data_size = rd_u64(&r), super_offset = rd_u64(&r);
	uint32_t devices = span_u32le(s, 220);
	m->name = span_sub(s, 32, 32);
	memcpy(m->uuid, s.p + 16, sizeof m->uuid);
	m->uuid_at = at + 16;
	struct span covered = span_sub(bytes, at, SUPER_1 + 2 * (uint64_t)(devices <= DEVICES_MAX ? devices : 0));
	if (!rd_ok(&r) || super_offset * SECTOR != at || devices > DEVICES_MAX || data_offset > DISK_MAX ||
		data_size > DISK_MAX || size > DISK_MAX || !m->disks || m->level < -10 || m->level > 100)
		return false;
	m->data_at = data_offset * SECTOR;
	m->data_size = (size && size < data_size ? size : data_size) * SECTOR;
	m->checksum_ok = covered.p && words_sum(covered, 216) == span_u32le(s, 216);
	return true;
}

static bool md_read_0(struct span bytes, uint64_t at, struct md *m)
{
	struct span s = span_sub(bytes, at, SUPER_0);
	if (!span_starts(s, "\xfc\x4e\x2b\xa9\0\0\0\0\x5a\0\0\0", 12))
		return false;
	*m = (struct md){ .version = 90, .level = (int32_t)span_u32le(s, 28), .disks = span_u32le(s, 40), .super_at = at };
	m->data_size = (uint64_t)span_u32le(s, 32) * 1024;
	if (!m->data_size) /* disks of a linear array may differ */
		m->data_size = at;
	m->layout = span_u32le(s, 64 * 4);
	m->chunk = span_u32le(s, 65 * 4) / SECTOR;
	m->checksum_ok = words_sum(s, 38 * 4) == span_u32le(s, 38 * 4);
	/* Four words, of which the first stands apart; mdadm and blkid show them as numbers. */
	static const uint8_t words[] = { 5, 13, 14, 15 };
	m->uuid_at = at + 20;
	for (unsigned i = 0; i < 16; i++)
		m->uuid[i] = s.p[4u * words[i / 4] + 3 - i % 4];
	return m->data_size <= at && m->disks && m->disks <= 27 && m->checksum_ok;
}

static bool md_read(struct span bytes, struct md *m)
{
	if (md_read_1(bytes, 0, m) || md_read_1(bytes, 8 * SECTOR, m))
		return true;
	uint64_t sectors = bytes.n / SECTOR;
	if (sectors >= 24 && md_read_1(bytes, ((sectors - 16) & ~(uint64_t)7) * SECTOR, m))
		return true;
	return bytes.n >= 2 * 65536 && md_read_0(bytes, (bytes.n & ~(size_t)65535) - 65536, m);
}

static bool md_probe(struct span at, struct format_match *match)
{
	struct md m;
	if (!md_read(at, &m))
		return false;
	match->size = m.super_at > m.data_at ? at.n : m.data_at + m.data_size;
	match->confidence = m.checksum_ok ? 96 : 60; /* higher than the file system that stands before a superblock */
	return match->size > m.super_at;
}

static const char *level_name(int32_t level)
{
	switch (level) {
	case -1:
		return "linear";
	case 1:
		return "RAID-1";
	case 0:
		return "RAID-0";
	case 4:
		return "RAID-4";
	case 5:
		return "RAID-5";
	case 6:
		return "RAID-6";
	case 10:
		return "RAID-10";
	default:
		return "RAID";
	}
}

/* Whether one disk has all data, one chunk after the other: RAID-10 of as many near copies as disks is a mirror (md(4)). */
static bool holds_all(const struct md *m)
{
	return m->level == 1 || m->disks == 1 || (m->level == 10 && (m->layout & 0xff) == m->disks && (m->layout >> 8 & 0xff) == 1);
}

static struct error md_walk(struct span bytes, struct walk *w)
{
	struct md m;
	if (!md_read(bytes, &m))
		return error_at(ERR_CORRUPT, 0, "no md superblock");
	emit_header_field(w->sink, m.super_at, "version", "%s",
					  m.version == 90          ? "0.90"
					  : m.super_at > m.data_at ? "1.0"
					  : m.super_at             ? "1.2"
											   : "1.1");
	emit_header_field(w->sink, m.super_at + 72, "level", "%s", level_name(m.level));
	emit_header_field(w->sink, m.super_at + 92, "raid_disks", "%u", m.disks);
	emit_header_field(w->sink, m.super_at + 88, "chunksize", "%u sectors", m.chunk);
	wrapper_field(w, m.super_at + 32, "set_name", m.name);
	uuid_field(w, m.uuid_at, "set_uuid", span_of(m.uuid, sizeof m.uuid));
	wrapper_check(w, m.super_at + 216, "sb_csum", true, m.checksum_ok);
	if (m.level == -1 && m.disks > 1)
		emit_damage_at(w->sink, ERR_UNSUPPORTED, m.data_at, "one of %u disks of a linear array: a part of its data", m.disks);
	if (holds_all(&m) || m.level == -1)
		region_emit(w, "data", bytes, m.data_at, m.data_size, NULL);
	else
		emit_damage_at(w->sink, ERR_UNSUPPORTED, m.data_at,
					   "one of %u disks of a %s array: its data are in parts on all of them", m.disks,
					   level_name(m.level));
	return error_none();
}

static const struct format_magic md_magics[] = { MAGIC("\xfc\x4e\x2b\xa9\1\0\0\0", 0),
												 MAGIC("\xfc\x4e\x2b\xa9\1\0\0\0", 4096), MAGIC_END };

const struct format md_raid_format = {
	.name = "md_raid",
	.kind = FORMAT_CONTAINER,
	.title = "disk of a Linux software RAID (md 0.90, 1.0, 1.1, 1.2)",
	.spec = "Linux include/uapi/linux/raid/md_p.h",
	.magics = md_magics,
	.at_start = true,
	.probe = md_probe,
	.walk = md_walk,
};

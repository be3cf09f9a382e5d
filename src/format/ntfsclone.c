/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of ntfsclone (its "special image format", as older Clonezilla kept it): the clusters of an NTFS volume that are in use, between
 * commands that tell how many are not.
 *
 * Specification: NTFS-3G ntfsprogs/ntfsclone.c.
 */
#include "format/guest_disk.h"
#include "format/region.h"

#define SIGNATURE "\0ntfsclone-image"
#define SIGNATURE_SIZE 16u
#define OFFSET_AT 46u /* where the image's data begin */
#define GAP 0u        /* and how many clusters it has, in 8 bytes */
#define NEXT 1u       /* and the cluster */
#define GAP_SIZE 9u
#define CLUSTER_MAX (2u << 20)
#define SIZE_LIMIT (UINT64_C(1) << 56)

/* Clusters first..first+n of the volume stand one after the other, each behind its command. */
struct stretch {
	uint64_t first, n, at;
};

struct ntfsclone {
	struct guest_disk disk; /* first */
	uint64_t clusters, used, data_at, end;
	uint32_t cluster;
	unsigned major, minor;
	struct stretch *v;
	size_t n;
	uint64_t met, stored; /* clusters that the commands tell of, and those that are there */
};

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n);

static bool ntfsclone_read(struct span bytes, struct ntfsclone *c)
{
	*c = (struct ntfsclone){ .disk = { .bytes = bytes, .read = read_part } };
	struct reader r = reader_le(bytes);
	rd_skip(&r, SIGNATURE_SIZE);
	c->major = rd_u8(&r);
	c->minor = rd_u8(&r);
	c->cluster = rd_u32(&r);
	uint64_t size = rd_u64(&r);
	c->clusters = rd_u64(&r);
	c->used = rd_u64(&r);
	c->data_at = rd_u32(&r);
	if (!rd_ok(&r) || !span_starts(bytes, SIGNATURE, SIGNATURE_SIZE) || c->major != 10 || c->cluster < GUEST_SECTOR || c->cluster > CLUSTER_MAX ||
		c->cluster & (c->cluster - 1) || size > SIZE_LIMIT || c->clusters > SIZE_LIMIT / c->cluster || c->used > c->clusters + 1)
		return false;
	uint64_t whole = c->clusters * c->cluster;
	c->disk.size = size > whole ? size : whole;
	c->disk.unit = guest_disk_unit(c->cluster);
	return c->data_at >= OFFSET_AT + 4 && c->data_at <= 65536 && c->disk.size - whole <= c->cluster;
}

static bool ntfsclone_probe(struct span at, struct format_match *match)
{
	struct ntfsclone c;
	if (!ntfsclone_read(at, &c))
		return false;
	match->size = at.n; /* that the walk finds out */
	match->confidence = 90;
	return true;
}

/* Follows the commands to the last cluster; stretches are kept where there is room for them. False: they break off. Behind the last cluster a
 * volume has a copy of its boot sector, which minor version 1 has as one more. */
static bool follow(struct ntfsclone *c, struct stretch *v)
{
	uint64_t at = c->data_at, all = c->clusters + (c->minor > 0), last = UINT64_MAX;
	c->n = 0;
	c->met = c->stored = 0;
	while (c->met < all) {
		struct reader r = reader_le(span_clip(c->disk.bytes, at, GAP_SIZE));
		uint8_t command = rd_u8(&r);
		uint64_t gap = command == GAP ? rd_u64(&r) : 0;
		if (!rd_ok(&r) || command > NEXT || gap > all - c->met)
			break;
		c->end = at += command == GAP ? GAP_SIZE : 1;
		c->met += gap;
		if (command == GAP)
			continue;
		if (!span_sub(c->disk.bytes, at, c->cluster).p)
			break;
		bool joined = last == at - 1 - c->cluster;
		if (v && joined)
			v[c->n - 1].n++;
		else if (v)
			v[c->n] = (struct stretch){ c->met, 1, at };
		c->n += !joined;
		c->met++;
		c->stored++;
		last = at;
		c->end = at += c->cluster;
	}
	return c->met >= c->clusters;
}

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n)
{
	const struct ntfsclone *c = (const struct ntfsclone *)d;
	uint64_t number = at / c->cluster;
	size_t from = 0, to = c->n;
	while (from < to) {
		size_t mid = from + (to - from) / 2;
		if (c->v[mid].first <= number)
			from = mid + 1;
		else
			to = mid;
	}
	const struct stretch *s = from ? &c->v[from - 1] : NULL;
	bool stored = s && number - s->first < s->n;
	if (!stored && number >= c->met && number < c->clusters)
		return false;
	return guest_disk_copy(d, stored ? s->at + (number - s->first) * (c->cluster + 1) + at % c->cluster : GUEST_HOLE, out, n);
}

static struct error ntfsclone_walk(struct span bytes, struct walk *w)
{
	struct ntfsclone *c = ARENA_NEW(w->arena, struct ntfsclone);
	if (!c)
		return error_at(ERR_BUDGET, 0, "no memory for the image");
	if (!ntfsclone_read(bytes, c))
		return error_at(ERR_CORRUPT, 0, "no header of an ntfsclone image");
	emit_header_field(w->sink, SIGNATURE_SIZE, "version", "%u.%u", c->major, c->minor);
	emit_header_field(w->sink, 18, "cluster size", "%u", c->cluster);
	emit_header_field(w->sink, 22, "device size", "%llu", (unsigned long long)c->disk.size);
	emit_header_field(w->sink, 38, "used clusters", "%llu", (unsigned long long)c->used);
	bool whole = follow(c, NULL);
	c->v = ARENA_ARRAY(w->arena, struct stretch, c->n);
	if (!c->v)
		return error_at(ERR_BUDGET, c->data_at, "no memory for %zu stretches of clusters", c->n);
	(void)follow(c, c->v);
	w->end = c->end;
	if (!whole)
		emit_damage_at(w->sink, c->end >= bytes.n || bytes.n - c->end < (uint64_t)c->cluster + 1 ? ERR_TRUNCATED : ERR_CORRUPT, c->end,
					   "the image breaks off at cluster %llu of %llu", (unsigned long long)c->met, (unsigned long long)c->clusters);
	guest_disk_emit(&c->disk, w);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("\0ntfsclone-image\12", 0), MAGIC_END };

const struct format ntfsclone_format = {
	.name = "ntfsclone",
	.kind = FORMAT_CONTAINER,
	.title = "ntfsclone image of an NTFS volume",
	.spec = "NTFS-3G ntfsprogs/ntfsclone.c",
	.magics = magics,
	.probe = ntfsclone_probe,
	.walk = ntfsclone_walk,
};

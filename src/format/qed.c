/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QEMU's enhanced disk: two levels of tables over clusters.
 *
 * Specification: QEMU docs/interop/qed_spec.txt.
 */
#include "format/guest_disk.h"

#define FEATURE_BACKING 1u
#define FEATURE_CHECK 2u
#define FEATURES 7u
#define ZERO_CLUSTER 1u
#define HEADER_SIZE 64u
#define BACKING_MAX 1023u

struct qed {
	struct guest_disk disk; /* first */
	uint32_t cluster, table, header; /* `table` and `header` in clusters */
	uint64_t features, l1_at;
	uint32_t backing_at, backing_size;
};

static bool is_power(uint64_t n, uint64_t least, uint64_t most)
{
	return n >= least && n <= most && (n & (n - 1)) == 0;
}

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n);
static enum guest_state part_state(const struct guest_disk *d, uint64_t at, uint64_t *n);

static bool qed_read(struct span bytes, struct qed *q)
{
	*q = (struct qed){ .disk = { .bytes = bytes, .read = read_part, .state = part_state } };
	struct reader r = reader_le(bytes);
	struct span magic = rd_bytes(&r, 4);
	q->cluster = rd_u32(&r);
	q->table = rd_u32(&r);
	q->header = rd_u32(&r);
	q->features = rd_u64(&r);
	rd_skip(&r, 16);
	q->l1_at = rd_u64(&r);
	q->disk.size = rd_u64(&r);
	q->backing_at = rd_u32(&r);
	q->backing_size = rd_u32(&r);
	bool sane = rd_ok(&r) && span_starts(magic, "QED\0", 4) && is_power(q->cluster, 4096, 64u << 20) && is_power(q->table, 1, 16) && q->header &&
				q->header <= 1024 && !(q->features & ~(uint64_t)FEATURES) && q->l1_at % q->cluster == 0 && q->l1_at &&
				q->disk.size % GUEST_SECTOR == 0;
	if (!sane)
		return false;
	uint64_t entries = (uint64_t)q->cluster * q->table / 8;
	q->disk.unit = guest_disk_unit(q->cluster);
	return q->disk.size / q->cluster / entries < entries || q->disk.size / q->cluster == entries * entries;
}

static bool qed_probe(struct span at, struct format_match *match)
{
	struct qed q;
	if (!qed_read(at, &q))
		return false;
	match->size = at.n; /* that the walk finds out */
	match->confidence = 85;
	return true;
}

static bool entry_at(const struct qed *q, uint64_t table, uint64_t index, uint64_t *entry)
{
	struct reader r = reader_le(span_sub(q->disk.bytes, table + index * 8, 8));
	*entry = rd_u64(&r);
	return rd_ok(&r);
}

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n)
{
	const struct qed *q = (const struct qed *)d;
	uint64_t entries = (uint64_t)q->cluster * q->table / 8, number = at / q->cluster, l2 = 0, place = 0;
	if (!entry_at(q, q->l1_at, number / entries, &l2) || (l2 && !entry_at(q, l2, number % entries, &place)))
		return false;
	if (place > UINT64_MAX - q->cluster)
		return false;
	return guest_disk_copy(d, place > ZERO_CLUSTER ? place + at % q->cluster : GUEST_HOLE, out, n);
}

static enum guest_state part_state(const struct guest_disk *d, uint64_t at, uint64_t *n)
{
	const struct qed *q = (const struct qed *)d;
	uint64_t entries = (uint64_t)q->cluster * q->table / 8, number = at / q->cluster, l2 = 0, place = 0;
	*n = d->size - at;
	if (!entry_at(q, q->l1_at, number / entries, &l2))
		return GUEST_LOST;
	*n = (entries - number % entries) * q->cluster - at % q->cluster; /* of one second table */
	if (!l2 || !entry_at(q, l2, number % entries, &place))
		return l2 ? GUEST_LOST : GUEST_ZEROS;
	*n = q->cluster - at % q->cluster;
	return place > ZERO_CLUSTER ? GUEST_STORED : GUEST_ZEROS;
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Of one entry that is no hole; UINT64_MAX is no place. */
static uint64_t behind(uint64_t place, uint64_t n)
{
	return place > UINT64_MAX - n ? UINT64_MAX : place + n;
}

/* Behind the last cluster in use. Tables that stand in one place cost nothing but time: no more are looked at than there is room for beside
 * each other. */
static uint64_t image_end(struct qed *q, struct guest_used *used, struct walk *w)
{
	uint64_t size = (uint64_t)q->cluster * q->table, room = q->disk.bytes.n / size + 1;
	uint64_t end = behind(q->l1_at, size);
	struct span l1 = span_clip(q->disk.bytes, q->l1_at, size);
	uint64_t l2 = 0, place = 0;
	guest_used_add(used, 0, HEADER_SIZE);
	guest_used_add(used, q->backing_at, q->features & FEATURE_BACKING ? (q->backing_size < BACKING_MAX ? q->backing_size : BACKING_MAX) : 0);
	guest_used_add(used, q->l1_at, size);
	for (uint64_t i = 0; entry_at(q, q->l1_at, i, &l2) && i < l1.n / 8; i++) {
		if (!l2)
			continue;
		if (!room--) {
			emit_damage_at(w->sink, ERR_CORRUPT, q->l1_at, "its tables overlap");
			q->disk.state = NULL; /* nor is more of them asked what is stored */
			return end;
		}
		end = most(end, behind(l2, size));
		guest_used_add(used, l2, size);
		for (uint64_t k = 0; k < size / 8 && entry_at(q, l2, k, &place); k++) {
			if (place <= ZERO_CLUSTER)
				continue;
			guest_used_add(used, place, q->cluster);
			end = most(end, behind(place, q->cluster));
		}
	}
	return end;
}

static struct error qed_walk(struct span bytes, struct walk *w)
{
	struct qed *q = ARENA_NEW(w->arena, struct qed);
	struct guest_used used;
	if (!q)
		return error_at(ERR_BUDGET, 0, "no memory for the image");
	if (!qed_read(bytes, q))
		return error_at(ERR_CORRUPT, 0, "no QED header");
	emit_header_field(w->sink, 4, "cluster_size", "%u", q->cluster);
	emit_header_field(w->sink, 48, "image_size", "%llu", (unsigned long long)q->disk.size);
	if (q->features & FEATURE_CHECK)
		emit_header_field(w->sink, 16, "need_check", "it was not closed");
	if (!guest_used_new(&used, bytes, w->arena))
		return error_at(ERR_BUDGET, 0, "no memory for a map of the image");
	guest_disk_end(&q->disk, w, image_end(q, &used, w));
	if (q->features & FEATURE_BACKING)
		guest_disk_needs(w, q->backing_at, text_from_span(span_sub(bytes, q->backing_at, q->backing_size)));
	guest_disk_emit(&q->disk, w);
	guest_used_emit_rest(&used, w);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("QED\0\0", 0), MAGIC_END };

const struct format qed_format = {
	.name = "qed",
	.kind = FORMAT_CONTAINER,
	.title = "QEMU enhanced disk (QED)",
	.spec = "QEMU docs/interop/qed_spec.txt",
	.magics = magics,
	.probe = qed_probe,
	.walk = qed_walk,
};

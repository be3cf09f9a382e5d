/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks of Virtual PC and Hyper-V: fixed ones are the disk as it is with a footer behind it, dynamic and differencing ones begin with a
 * copy of the footer.
 *
 * Specification: Microsoft, Virtual Hard Disk Image Format Specification 1.0.
 */
#include "base/hash.h"
#include "format/guest_disk.h"
#include "format/region.h"

#define FOOTER_SIZE 512u
#define FOOTER_OLD 511u /* of disks made before Virtual PC 2004: the last of its reserved bytes is not there */
#define FOOTER_SUM 64u
#define HEADER_SIZE 1024u
#define HEADER_SUM 36u
#define UNUSED UINT32_MAX
#define BLOCK_MAX (256u << 20)
#define DISK_MAX (UINT64_C(1) << 50)
#define LOCATORS_AT 576u
#define LOCATORS 8u
#define LOCATOR_SIZE 24u
#define LOCATOR_MAX 65536u
#define PARENT_NAME_AT 64u
#define PARENT_NAME_SIZE 512u

enum disk_type { FIXED = 2, DYNAMIC = 3, DIFFERENCING = 4 };

struct footer {
	uint64_t header_at, size;
	uint32_t type;
	struct span creator;
};

struct vhd {
	struct guest_disk disk; /* first */
	struct footer footer;
	uint64_t header_at, table_at;
	uint32_t entries, block, bitmap; /* bytes of a block, and of the bitmap of its sectors before it */
	bool copy_is_good, end_is_good;  /* of the footer: the copy at the beginning, the one at the end */
};

/* The one's complement of the sum of all bytes but the sum's own. */
static bool sum_is_right(struct span s, unsigned at)
{
	uint32_t sum = hash_sum(span_clip(s, 0, at)) + hash_sum(span_from(s, at + 4));
	return ~sum == span_u32be(s, at);
}

static bool footer_read(struct span s, struct footer *f)
{
	struct reader r = reader_be(s);
	struct span cookie = rd_bytes(&r, 8);
	rd_skip(&r, 4);
	uint32_t version = rd_u32(&r);
	f->header_at = rd_u64(&r);
	rd_skip(&r, 4);
	f->creator = rd_bytes(&r, 4);
	rd_skip(&r, 16);
	f->size = rd_u64(&r);
	rd_skip(&r, 4);
	f->type = rd_u32(&r);
	return rd_ok(&r) && span_starts(cookie, "conectix", 8) && version >> 16 == 1 && f->type >= FIXED && f->type <= DIFFERENCING &&
		   f->size <= DISK_MAX && s.n >= FOOTER_OLD && sum_is_right(span_clip(s, 0, FOOTER_SIZE), FOOTER_SUM);
}

/* The footer at the end: of 512 bytes, or of 511. */
static struct span last_sector(struct span bytes)
{
	if (bytes.n <= FOOTER_SIZE)
		return SPAN_NONE;
	bool old = span_has(bytes, bytes.n - FOOTER_OLD, "conectix", 8);
	return span_from(bytes, bytes.n - (old ? FOOTER_OLD : FOOTER_SIZE));
}

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n);
static enum guest_state part_state(const struct guest_disk *d, uint64_t at, uint64_t *n);

static bool header_read(struct vhd *v)
{
	struct span s = span_sub(v->disk.bytes, v->footer.header_at, HEADER_SIZE);
	struct reader r = reader_be(s);
	struct span cookie = rd_bytes(&r, 8);
	rd_skip(&r, 8);
	v->table_at = rd_u64(&r);
	uint32_t version = rd_u32(&r);
	v->entries = rd_u32(&r);
	v->block = rd_u32(&r);
	if (!rd_ok(&r) || !span_starts(cookie, "cxsparse", 8) || version >> 16 != 1 || v->block < GUEST_SECTOR || v->block > BLOCK_MAX ||
		v->block & (v->block - 1) || !sum_is_right(s, HEADER_SUM))
		return false;
	uint32_t bits = v->block / GUEST_SECTOR;
	v->bitmap = ((bits + 7) / 8 + GUEST_SECTOR - 1) / GUEST_SECTOR * GUEST_SECTOR;
	v->disk.size = v->footer.size;
	v->disk.unit = guest_disk_unit(v->block);
	v->disk.read = read_part;
	v->disk.state = part_state;
	return v->table_at <= UINT64_MAX >> 8 && (uint64_t)v->entries * v->block >= v->footer.size;
}

/* The header stands where the footer says; its copy at the beginning is as good as the one at the end. */
static bool sparse_read(struct span bytes, struct vhd *v)
{
	struct footer end;
	*v = (struct vhd){ .disk.bytes = bytes };
	v->copy_is_good = footer_read(bytes, &v->footer) && v->footer.type != FIXED;
	v->end_is_good = footer_read(last_sector(bytes), &end) && end.type != FIXED;
	if (v->copy_is_good && header_read(v))
		return true;
	v->copy_is_good = false;
	v->footer = end;
	return v->end_is_good && header_read(v);
}

static bool vhd_probe(struct span at, struct format_match *match)
{
	struct vhd v = { .disk.bytes = at };
	if (!footer_read(at, &v.footer) || v.footer.type == FIXED || !header_read(&v))
		return false;
	match->size = at.n; /* that the walk finds out */
	match->confidence = 96;
	return true;
}

/* A fixed disk is told by nothing but its end; so is a dynamic one whose beginning is lost. */
static bool vhd_probe_whole(struct span all, struct format_match *match)
{
	struct footer f;
	struct vhd v;
	match->size = all.n;
	match->confidence = 96; /* above what the disk begins with: it is in it */
	return footer_read(last_sector(all), &f) && (f.type == FIXED ? f.size > 0 : sparse_read(all, &v));
}

/* False: it can not be told. */
static bool find_block(const struct vhd *v, uint64_t number, uint64_t *place)
{
	struct reader r = reader_be(span_sub(v->disk.bytes, v->table_at + number * 4, 4));
	uint32_t entry = rd_u32(&r);
	*place = entry == UNUSED ? GUEST_HOLE : (uint64_t)entry * GUEST_SECTOR;
	return rd_ok(&r);
}

/* Of a differencing disk a sector that the bitmap leaves out is the parent's; what stands in its place are no bytes of the disk. */
static void leave_out(const struct vhd *v, uint64_t block, uint64_t at, uint8_t *out, size_t n)
{
	struct span bitmap = span_clip(v->disk.bytes, block, v->bitmap);
	for (size_t done = 0; done < n; done += GUEST_SECTOR) {
		uint64_t sector = (at + done) / GUEST_SECTOR;
		if (sector / 8 >= bitmap.n || !(bitmap.p[sector / 8] >> (7 - sector % 8) & 1))
			memset(out + done, 0, n - done < GUEST_SECTOR ? n - done : GUEST_SECTOR);
	}
}

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n)
{
	const struct vhd *v = (const struct vhd *)d;
	uint64_t block, in = at % v->block;
	if (!find_block(v, at / v->block, &block))
		return false;
	if (!guest_disk_copy(d, block == GUEST_HOLE ? GUEST_HOLE : block + v->bitmap + in, out, n))
		return false;
	if (v->footer.type == DIFFERENCING && block != GUEST_HOLE)
		leave_out(v, block, in, out, n);
	return true;
}

static enum guest_state part_state(const struct guest_disk *d, uint64_t at, uint64_t *n)
{
	const struct vhd *v = (const struct vhd *)d;
	uint64_t place;
	bool told = find_block(v, at / v->block, &place);
	*n = told ? v->block - at % v->block : d->size - at;
	return !told ? GUEST_LOST : place == GUEST_HOLE ? GUEST_ZEROS : GUEST_STORED;
}

static void emit_fields(const struct footer *f, uint64_t at, struct walk *w)
{
	static const char *const types[] = { "fixed", "dynamic", "differencing" };
	emit_header_field(w->sink, at + 60, "disk type", "%s", types[f->type - FIXED]);
	emit_header_field(w->sink, at + 48, "current size", "%llu", (unsigned long long)f->size);
	emit_header_field(w->sink, at + 28, "creator application", "%.*s", (int)f->creator.n, (const char *)f->creator.p);
}

static struct error walk_fixed(struct span bytes, const struct footer *f, struct walk *w)
{
	uint64_t at = bytes.n - last_sector(bytes).n;
	emit_fields(f, at, w);
	(void)region_emit(w, "disk", span_clip(bytes, 0, at), 0, f->size, NULL);
	return error_none();
}

/* The parent's name is in UTF-16, big-endian: what of it is no ASCII is shown as '?'. */
static void emit_parent(const struct vhd *v, struct walk *w)
{
	char name[PARENT_NAME_SIZE / 2];
	struct span s = span_sub(v->disk.bytes, v->footer.header_at + PARENT_NAME_AT, PARENT_NAME_SIZE);
	size_t n = 0;
	for (; n < sizeof name && n * 2 + 2 <= s.n && span_u16be(s, n * 2); n++)
		name[n] = (char)(span_u16be(s, n * 2) < 0x7f ? span_u16be(s, n * 2) : '?');
	guest_disk_needs(w, v->footer.header_at + PARENT_NAME_AT, text_of(name, n));
}

static void follow_head(const struct vhd *v, struct guest_used *used)
{
	guest_used_add(used, 0, v->copy_is_good ? FOOTER_SIZE : 0);
	guest_used_add(used, v->footer.header_at, HEADER_SIZE);
	for (unsigned i = 0; i < LOCATORS && v->footer.type == DIFFERENCING; i++) {
		struct reader r = reader_be(span_sub(v->disk.bytes, v->footer.header_at + LOCATORS_AT + i * LOCATOR_SIZE, LOCATOR_SIZE));
		rd_skip(&r, 8);
		uint32_t n = rd_u32(&r);
		rd_skip(&r, 4);
		guest_used_add(used, rd_u64(&r), n < LOCATOR_MAX ? n : LOCATOR_MAX);
	}
}

/* Notes the blocks, behind the last of which the footer stands. */
static uint64_t blocks_end(const struct vhd *v, struct guest_used *used)
{
	struct span table = span_clip(v->disk.bytes, v->table_at, (uint64_t)v->entries * 4);
	uint64_t end = v->table_at + ((uint64_t)v->entries * 4 + GUEST_SECTOR - 1) / GUEST_SECTOR * GUEST_SECTOR;
	guest_used_add(used, v->table_at, table.n);
	for (uint64_t i = 0; i < table.n / 4; i++) {
		uint32_t entry = span_u32be(table, i * 4);
		guest_used_add(used, (uint64_t)entry * GUEST_SECTOR, entry == UNUSED ? 0 : (uint64_t)v->bitmap + v->block);
		uint64_t behind = (uint64_t)entry * GUEST_SECTOR + v->bitmap + v->block;
		if (entry != UNUSED && behind > end)
			end = behind;
	}
	return end;
}

static uint64_t image_end(struct vhd *v, struct guest_used *used, struct walk *w)
{
	struct footer f;
	follow_head(v, used);
	uint64_t end = blocks_end(v, used);
	struct span behind = span_clip(v->disk.bytes, end, FOOTER_SIZE), last = last_sector(v->disk.bytes);
	v->end_is_good = footer_read(behind, &f);
	if (v->end_is_good)
		return end + behind.n;
	v->end_is_good = footer_read(last, &f);
	guest_used_add(used, v->disk.bytes.n - last.n, last.n);
	if (end <= v->disk.bytes.n && !v->end_is_good)
		emit_damage_at(w->sink, ERR_TRUNCATED, end, "there is no footer behind the last block, or its sum does not match");
	return v->end_is_good ? v->disk.bytes.n : end;
}

static struct error walk_sparse(struct vhd *v, struct walk *w)
{
	struct guest_used used;
	emit_fields(&v->footer, 0, w);
	emit_header_field(w->sink, v->footer.header_at + 32, "block size", "%u", v->block);
	if (!v->copy_is_good)
		emit_damage_at(w->sink, ERR_CORRUPT, 0, "there is no copy of the footer at the beginning, or its sum does not match");
	if (!guest_used_new(&used, v->disk.bytes, w->arena))
		return error_at(ERR_BUDGET, 0, "no memory for a map of the image");
	guest_disk_end(&v->disk, w, image_end(v, &used, w));
	if (v->footer.type == DIFFERENCING)
		emit_parent(v, w);
	guest_disk_emit(&v->disk, w);
	guest_used_emit_rest(&used, w);
	return error_none();
}

static struct error vhd_walk(struct span bytes, struct walk *w)
{
	struct footer f;
	struct vhd *v = ARENA_NEW(w->arena, struct vhd);
	if (!v)
		return error_at(ERR_BUDGET, 0, "no memory for the image");
	if (sparse_read(bytes, v))
		return walk_sparse(v, w);
	if (footer_read(last_sector(bytes), &f) && f.type == FIXED)
		return walk_fixed(bytes, &f, w);
	return error_at(ERR_CORRUPT, 0, "no footer");
}

static const struct format_magic magics[] = { MAGIC("conectix", 0), MAGIC_END };

const struct format vhd_format = {
	.name = "vhd",
	.kind = FORMAT_CONTAINER,
	.title = "Virtual PC and Hyper-V disk (VHD)",
	.spec = "Microsoft Virtual Hard Disk Image Format Specification 1.0",
	.magics = magics,
	.at_start = true,
	.probe = vhd_probe,
	.probe_whole = vhd_probe_whole,
	.walk = vhd_walk,
};

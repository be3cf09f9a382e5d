/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks of VirtualBox: blocks in the order in which they were first written, and a table of where each one is.
 *
 * Specification: VirtualBox src/VBox/Storage/VDICore.h; QEMU block/vdi.c.
 */
#include "format/guest_disk.h"

#define SIGNATURE_AT 64u
#define NO_BLOCK 0xffffffffu   /* was never written */
#define ZERO_BLOCK 0xfffffffeu /* was given up: zeros, whatever a parent has */
#define DESCRIPTION_AT 84u
#define DESCRIPTION_SIZE 256u
#define BLOCK_MIN 512u
#define BLOCK_MAX (64u << 20)

enum image_type { NORMAL = 1, FIXED, UNDO, DIFF };

struct vdi {
	struct guest_disk disk; /* first */
	uint32_t version, header, type, table_at, data_at, block, extra, blocks, allocated;
};

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n);
static enum guest_state part_state(const struct guest_disk *d, uint64_t at, uint64_t *n);

static bool vdi_read(struct span bytes, struct vdi *v)
{
	*v = (struct vdi){ .disk = { .bytes = bytes, .read = read_part, .state = part_state } };
	struct reader r = reader_le(bytes);
	rd_skip(&r, SIGNATURE_AT);
	uint32_t signature = rd_u32(&r);
	v->version = rd_u32(&r);
	v->header = rd_u32(&r);
	v->type = rd_u32(&r);
	rd_skip(&r, 4 + DESCRIPTION_SIZE);
	v->table_at = rd_u32(&r);
	v->data_at = rd_u32(&r);
	rd_skip(&r, 12);
	uint32_t sector = rd_u32(&r);
	rd_skip(&r, 4);
	v->disk.size = rd_u64(&r);
	v->block = rd_u32(&r);
	v->extra = rd_u32(&r);
	v->blocks = rd_u32(&r);
	v->allocated = rd_u32(&r);
	bool sane = rd_ok(&r) && signature == 0xbeda107f && v->version >> 16 == 1 && v->header >= 0x140 && v->header <= 4096 && v->type >= NORMAL &&
				v->type <= DIFF && sector == GUEST_SECTOR && v->block >= BLOCK_MIN && v->block <= BLOCK_MAX && !(v->block & (v->block - 1)) &&
				v->extra <= v->block;
	if (!sane)
		return false;
	v->disk.unit = guest_disk_unit(v->block);
	return v->allocated <= v->blocks && (uint64_t)v->blocks * v->block >= v->disk.size && v->table_at >= SIGNATURE_AT + 8 + v->header &&
		   v->data_at >= (uint64_t)v->table_at + (uint64_t)v->blocks * 4;
}

static bool vdi_probe(struct span at, struct format_match *match)
{
	struct vdi v;
	if (!vdi_read(at, &v))
		return false;
	match->size = at.n; /* that the walk finds out */
	match->confidence = 85;
	return true;
}

static uint64_t block_place(const struct vdi *v, uint32_t entry)
{
	return v->data_at + (uint64_t)entry * ((uint64_t)v->block + v->extra) + v->extra;
}

static enum guest_state find_block(const struct vdi *v, uint64_t number, uint64_t *place)
{
	struct reader r = reader_le(span_sub(v->disk.bytes, v->table_at + number * 4, 4));
	uint32_t entry = rd_u32(&r);
	bool hole = entry == NO_BLOCK || entry == ZERO_BLOCK;
	*place = hole ? GUEST_HOLE : block_place(v, entry);
	return !rd_ok(&r) ? GUEST_LOST : hole ? GUEST_ZEROS : GUEST_STORED;
}

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n)
{
	const struct vdi *v = (const struct vdi *)d;
	uint64_t place;
	enum guest_state state = find_block(v, at / v->block, &place);
	return state != GUEST_LOST && guest_disk_copy(d, state == GUEST_ZEROS ? GUEST_HOLE : place + at % v->block, out, n);
}

static enum guest_state part_state(const struct guest_disk *d, uint64_t at, uint64_t *n)
{
	const struct vdi *v = (const struct vdi *)d;
	uint64_t place;
	enum guest_state state = find_block(v, at / v->block, &place);
	*n = state == GUEST_LOST ? d->size - at : v->block - at % v->block; /* nor are the entries there that follow */
	return state;
}

static uint64_t image_end(const struct vdi *v, struct guest_used *used)
{
	struct span table = span_clip(v->disk.bytes, v->table_at, (uint64_t)v->blocks * 4);
	uint64_t end = v->data_at;
	guest_used_add(used, 0, SIGNATURE_AT + 8 + v->header);
	guest_used_add(used, v->table_at, table.n);
	for (uint64_t i = 0; i < table.n / 4; i++) {
		uint32_t entry = span_u32le(table, i * 4);
		if (entry >= ZERO_BLOCK)
			continue;
		guest_used_add(used, block_place(v, entry) - v->extra, (uint64_t)v->extra + v->block);
		if (block_place(v, entry) + v->block > end)
			end = block_place(v, entry) + v->block;
	}
	return end;
}

static struct error vdi_walk(struct span bytes, struct walk *w)
{
	static const char *const types[] = { "dynamic", "fixed", "undo", "differencing" };
	struct vdi *v = ARENA_NEW(w->arena, struct vdi);
	struct guest_used used;
	if (!v)
		return error_at(ERR_BUDGET, 0, "no memory for the image");
	if (!vdi_read(bytes, v))
		return error_at(ERR_CORRUPT, 0, "no header of a VirtualBox disk");
	struct text made_by = text_until_nul(span_sub(bytes, 0, SIGNATURE_AT)), told = text_until_nul(span_sub(bytes, DESCRIPTION_AT, DESCRIPTION_SIZE));
	while (made_by.n && made_by.p[made_by.n - 1] == '\n')
		made_by.n--;
	emit_header_field(w->sink, 0, "text", "%.*s", (int)made_by.n, made_by.p);
	emit_header_field(w->sink, SIGNATURE_AT + 4, "version", "%u.%u", v->version >> 16, v->version & 0xffff);
	emit_header_field(w->sink, 76, "image type", "%s", types[v->type - NORMAL]);
	emit_header_field(w->sink, 368, "disk size", "%llu", (unsigned long long)v->disk.size);
	if (told.n)
		emit_header_field(w->sink, DESCRIPTION_AT, "description", "%.*s", (int)told.n, told.p);
	if (!guest_used_new(&used, bytes, w->arena))
		return error_at(ERR_BUDGET, 0, "no memory for a map of the image");
	guest_disk_end(&v->disk, w, image_end(v, &used));
	if (v->type == UNDO || v->type == DIFF)
		guest_disk_needs(w, 440, TEXT_LIT("the parent"));
	guest_disk_emit(&v->disk, w);
	guest_used_emit_rest(&used, w);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("\x7f\x10\xda\xbe", SIGNATURE_AT), MAGIC_END };

const struct format vdi_format = {
	.name = "vdi",
	.kind = FORMAT_CONTAINER,
	.title = "VirtualBox disk (VDI)",
	.spec = "VirtualBox src/VBox/Storage/VDICore.h",
	.magics = magics,
	.probe = vdi_probe,
	.walk = vdi_walk,
};

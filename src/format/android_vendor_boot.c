/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vendor's half of an Android boot image: ramdisks, device trees, boot configuration.
 *
 * Specification: AOSP system/tools/mkbootimg/include/bootimg/bootimg.h, vendor_boot_img_hdr_v3 and v4. */
#include <stdio.h>

#include "format/parts.h"

#define ENTRY_SIZE 108u
#define RAMDISKS_MAX 64u

struct vendor {
	uint32_t version, page, ramdisk, dtb, table, entries, entry_size, bootconfig, header_size;
	struct text cmdline, name;
	uint64_t ramdisk_at, dtb_at, table_at, bootconfig_at, end;
};

static uint64_t place(struct vendor *v, uint32_t size)
{
	uint64_t at = v->end;
	v->end += ((uint64_t)size + v->page - 1) / v->page * v->page;
	return at;
}

static bool vendor_read(struct span at, struct vendor *v)
{
	struct reader r = reader_le(at);
	*v = (struct vendor){ 0 };
	struct span magic = rd_bytes(&r, 8);
	v->version = rd_u32(&r);
	v->page = rd_u32(&r);
	rd_skip(&r, 8); /* addresses */
	v->ramdisk = rd_u32(&r);
	v->cmdline = text_until_nul(rd_bytes(&r, 2048));
	rd_skip(&r, 4);
	v->name = text_until_nul(rd_bytes(&r, 16));
	v->header_size = rd_u32(&r);
	v->dtb = rd_u32(&r);
	rd_skip(&r, 8);
	if (v->version == 4) {
		v->table = rd_u32(&r);
		v->entries = rd_u32(&r);
		v->entry_size = rd_u32(&r);
		v->bootconfig = rd_u32(&r);
	}
	if (!rd_ok(&r) || !span_starts(magic, "VNDRBOOT", 8) || v->version < 3 || v->version > 4 || v->page < 2048 ||
		v->page > 131072 || v->page & (v->page - 1) || v->header_size < 2108 || v->header_size > 4096)
		return false;
	v->end = ((uint64_t)v->header_size + v->page - 1) / v->page * v->page;
	v->ramdisk_at = place(v, v->ramdisk);
	v->dtb_at = place(v, v->dtb);
	v->table_at = place(v, v->table);
	v->bootconfig_at = place(v, v->bootconfig);
	return true;
}

static bool android_vendor_boot_probe(struct span at, struct format_match *match)
{
	struct vendor v;
	if (!vendor_read(at, &v))
		return false;
	match->size = v.end;
	match->confidence = 88;
	return true;
}

static const char *ramdisk_type(uint32_t type)
{
	static const char *const names[] = { "none", "platform", "recovery", "dlkm" };
	return type < sizeof names / sizeof names[0] ? names[type] : "unknown";
}

/* One ramdisk of the table, which places it within the ramdisks' part. */
static void emit_ramdisk(struct parts *p, const struct vendor *v, uint32_t i)
{
	uint64_t at = v->table_at + (uint64_t)i * v->entry_size;
	struct reader r = reader_le(span_sub(p->bytes, at, ENTRY_SIZE));
	uint32_t size = rd_u32(&r), offset = rd_u32(&r), type = rd_u32(&r);
	struct text name = text_until_nul(rd_bytes(&r, 32));
	char path[80], field[48];
	if (!rd_ok(&r) || (uint64_t)offset + size > v->ramdisk) {
		emit_damage_at(p->w->sink, rd_ok(&r) ? ERR_CORRUPT : ERR_TRUNCATED, at,
					   "entry %u of the table of ramdisks can not be read", i);
		return;
	}
	snprintf(field, sizeof field, "vendor_ramdisk_table[%u]", i);
	emit_header_field(p->w->sink, at, field, "%.*s, type %s", (int)name.n, name.p, ramdisk_type(type));
	snprintf(path, sizeof path, "vendor_ramdisk-%u%s%.*s", i, name.n ? "-" : "", (int)name.n, name.p);
	parts_emit(p, text_c(path), v->ramdisk_at + offset, size, NULL);
}

static struct error android_vendor_boot_walk(struct span bytes, struct walk *w)
{
	struct vendor v;
	if (!vendor_read(bytes, &v))
		return error_at(ERR_CORRUPT, 0, "no vendor boot image header");
	emit_header_field(w->sink, 8, "header_version", "%u", v.version);
	emit_header_field(w->sink, 12, "page_size", "%u", v.page);
	if (v.name.n)
		emit_header_field(w->sink, 2080, "name", "%.*s", (int)v.name.n, v.name.p);
	if (v.cmdline.n)
		emit_header_field(w->sink, 28, "cmdline", "%.*s", (int)v.cmdline.n, v.cmdline.p);
	struct parts parts = { .bytes = bytes, .w = w };
	bool tabled = v.entries && v.entry_size >= ENTRY_SIZE && (uint64_t)v.entries * v.entry_size <= v.table;
	if (v.version == 4 && !tabled && v.ramdisk)
		emit_damage_at(w->sink, ERR_CORRUPT, 2112, "the table of ramdisks has %u bytes for %u entries of %u", v.table,
					   v.entries, v.entry_size);
	for (uint32_t i = 0; tabled && i < v.entries && i < RAMDISKS_MAX && !parts.stopped; i++)
		emit_ramdisk(&parts, &v, i);
	if (tabled && v.entries > RAMDISKS_MAX)
		emit_damage_at(w->sink, ERR_BUDGET, v.table_at, "of %u ramdisks %u are looked at", v.entries, RAMDISKS_MAX);
	if (!tabled && v.ramdisk)
		parts_emit(&parts, TEXT_LIT("vendor_ramdisk"), v.ramdisk_at, v.ramdisk, NULL);
	if (v.dtb && !parts.stopped)
		parts_emit(&parts, TEXT_LIT("dtb"), v.dtb_at, v.dtb, NULL);
	if (v.bootconfig && !parts.stopped)
		parts_emit(&parts, TEXT_LIT("bootconfig"), v.bootconfig_at, v.bootconfig, NULL);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("VNDRBOOT", 0), MAGIC_END };

const struct format android_vendor_boot_format = {
	.name = "android_vendor_boot",
	.kind = FORMAT_CONTAINER,
	.title = "Android vendor boot image, versions 3 and 4",
	.spec = "AOSP system/tools/mkbootimg/include/bootimg/bootimg.h",
	.magics = magics,
	.probe = android_vendor_boot_probe,
	.walk = android_vendor_boot_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UEFI firmware volumes: a header, and files known by their GUID.
 *
 * Specification: UEFI Platform Initialization Specification, volume 3: 3.2.1 "EFI_FIRMWARE_VOLUME_HEADER", 3.2.3
 * "EFI_FFS_FILE_HEADER".
 */
#include "format/uefi_fv.h"

#include <stdio.h>

#include "base/hash.h"
#include "format/notation.h"
#include "format/region.h"

extern const struct format uefi_nvram_format;

#define HEADER_MIN 72u
#define HEADER_MAX 512u /* with a block map of some entries; it is summed at every candidate */
#define SIGNATURE_AT 40u
#define FILE_HEADER 24u
#define FILE_HEADER_LARGE 32u
#define FILES_MAX 65536u
#define NVRAM "fff12b8d-7696-4c8b-a985-2747075b4f50"
#define VOLUME_MAX (1u << 30)
#define ATTRIBUTE_LARGE 1u
#define ATTRIBUTE_CHECKSUM 0x40u
#define ATTRIBUTE_ERASE_ONES 0x800u /* of the volume: erased bits are 1 */

enum { FILE_RAW = 0x01, FILE_FFS_MAX = 0x0f, FILE_PAD = 0xf0 };

struct volume {
	uint64_t length, files; /* where the first file stands */
	uint32_t attributes;
	uint8_t revision;
	bool ffs;
	struct span guid;
};

struct file {
	struct span guid;
	uint8_t type, attributes;
	bool header_ok, data_ok;
	uint64_t data, end;
};

static bool guid_is(struct span guid, const char *text)
{
	char have[GUID_TEXT];
	guid_text(guid, have);
	return strcmp(have, text) == 0;
}

/* The header's 16-bit words sum to 0, and its block map to its length; `larger`: or to more. */
static bool header_adds_up(struct span header, uint64_t length, bool larger)
{
	struct reader r = reader_le(header);
	uint16_t sum = 0;
	uint64_t blocks = 0;
	while (rd_left(&r) >= 2)
		sum = (uint16_t)(sum + rd_u16(&r));
	for (uint64_t at = 56; at + 8 <= header.n; at += 8)
		blocks += (uint64_t)span_u32le(header, at) * span_u32le(header, at + 4);
	return sum == 0 && (blocks == length || (larger && blocks > length));
}

static bool volume_read(struct span at, struct volume *v)
{
	struct reader r = reader_le(span_clip(at, 0, HEADER_MIN));
	rd_skip(&r, 16);
	*v = (struct volume){ .guid = rd_bytes(&r, GUID_SIZE) };
	v->length = rd_u64(&r);
	struct span signature = rd_bytes(&r, 4);
	v->attributes = rd_u32(&r);
	uint16_t header = rd_u16(&r);
	rd_skip(&r, 2); /* checksum */
	uint16_t extended = rd_u16(&r);
	rd_skip(&r, 1);
	v->revision = rd_u8(&r);
	struct span whole = span_sub(at, 0, header);
	struct format_match store; /* ArmVirtPkg has a map of the whole flash before its variables */
	bool variables = v->guid.p && guid_is(v->guid, NVRAM) && uefi_nvram_format.probe(span_from(at, header < at.n ? header : at.n), &store);
	if (!rd_ok(&r) || !span_starts(signature, "_FVH", 4) || header < HEADER_MIN || header > HEADER_MAX || header % 2 ||
		v->length < header || v->length > VOLUME_MAX || v->revision < 1 || v->revision > 2 || !whole.p ||
		!header_adds_up(whole, v->length, variables))
		return false;
	v->files = header;
	if (extended)
		v->files = (uint64_t)extended + span_u32le(at, (uint64_t)extended + GUID_SIZE);
	v->files = (v->files + 7) & ~(uint64_t)7;
	v->ffs = guid_is(v->guid, "8c8ce578-8a3d-4f1c-9935-896185c32dd3") ||
			 guid_is(v->guid, "5473c07a-3dcb-4dca-bd6f-1e9689e7349a") ||
			 guid_is(v->guid, "7a9354d9-0468-444a-81ce-0bf617d890df");
	return true;
}

static bool volume_probe(struct span at, struct format_match *match)
{
	struct volume v;
	if (!volume_read(at, &v))
		return false;
	match->size = v.length;
	match->confidence = 95;
	return true;
}

/* The file at `at`. Its header's bytes sum to 0 but for the checksum of the data and the state. */
static bool file_read(struct span bytes, const struct volume *v, uint64_t at, struct file *f)
{
	struct span h = span_sub(bytes, at, FILE_HEADER);
	if (!h.p)
		return false;
	*f = (struct file){ .guid = span_sub(h, 0, GUID_SIZE), .type = h.p[18], .attributes = h.p[19] };
	uint64_t size = span_u32le(h, 20) & 0xffffff, head = FILE_HEADER;
	if (f->attributes & ATTRIBUTE_LARGE) {
		size = span_u32le(bytes, at + 24) | (uint64_t)span_u32le(bytes, at + 28) << 32;
		head = FILE_HEADER_LARGE;
	}
	struct span header = span_sub(bytes, at, head);
	if (size < head || size > v->length - at || !header.p)
		return false;
	f->data = at + head;
	f->end = at + size;
	f->header_ok = (uint8_t)(hash_sum(header) - h.p[17] - h.p[23]) == 0;
	struct span data = span_sub(bytes, f->data, size - head);
	f->data_ok = f->attributes & ATTRIBUTE_CHECKSUM ? data.p && (uint8_t)(hash_sum(data) + h.p[17]) == 0
													: h.p[17] == 0xaa || v->revision == 1;
	return true;
}

static bool is_erased(struct span bytes, const struct volume *v)
{
	uint8_t erased = v->attributes & ATTRIBUTE_ERASE_ONES ? 0xff : 0;
	for (size_t i = 0; i < bytes.n; i++)
		if (bytes.p[i] != erased)
			return false;
	return bytes.n > 0;
}

static bool emit_file(struct walk *w, struct span bytes, const struct file *f, uint64_t at)
{
	char guid[GUID_TEXT], name[UI_TEXT] = "", path[GUID_TEXT + UI_TEXT + 1];
	bool sectioned = f->type > FILE_RAW && f->type <= FILE_FFS_MAX;
	guid_text(f->guid, guid);
	if (sectioned)
		uefi_find_name(bytes, f->data, f->end, name);
	snprintf(path, sizeof path, "/%s%s%s", guid, *name ? "." : "", name);
	if (!f->header_ok || !f->data_ok)
		emit_damage_at(w->sink, ERR_CORRUPT, at, "the checksum of the %s of file %s is wrong",
					   f->header_ok ? "data" : "header", path + 1);
	emit_header_field(w->sink, at, "file", "%s: type 0x%02x, %llu bytes", path + 1, f->type,
					  (unsigned long long)(f->end - at));
	if (f->type == FILE_PAD)
		return true;
	if (!sectioned) {
		struct entry e = { ENTRY_INIT, .kind = ENTRY_FILE, .path = text_c(path) };
		e.offset = f->data;
		struct span there = span_clip(bytes, f->data, f->end - f->data);
		if (there.n < f->end - f->data)
			emit_damage_at(w->sink, ERR_TRUNCATED, f->data, "file %s has %llu bytes, %llu are there", path + 1,
						   (unsigned long long)(f->end - f->data), (unsigned long long)there.n);
		e.size = there.n;
		e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = there };
		return w->child(w, &e);
	}
	struct entry directory = { ENTRY_INIT, .kind = ENTRY_DIRECTORY, .path = text_c(path) };
	struct uefi_file sections = { .w = w, .volume = bytes, .path = path };
	if (!w->child(w, &directory))
		return false;
	uefi_emit_sections(&sections, f->data, f->end, 0);
	return !sections.stopped;
}

static struct error walk_files(struct span bytes, struct walk *w, const struct volume *v)
{
	uint64_t at = v->files;
	struct file f;
	for (unsigned i = 0; i < FILES_MAX && at + FILE_HEADER <= v->length; i++) {
		if (is_erased(span_sub(bytes, at, FILE_HEADER), v))
			return error_none();
		if (at + FILE_HEADER > bytes.n)
			return error_at(ERR_TRUNCATED, bytes.n, "the volume's files that begin at %llu and later are not there", (unsigned long long)at);
		if (!file_read(bytes, v, at, &f))
			return error_at(ERR_CORRUPT, at, "a file's header does not make sense");
		if (!emit_file(w, bytes, &f, at))
			return error_none();
		at = (f.end + 7) & ~(uint64_t)7;
	}
	return error_none();
}

/* Variables, and behind them the place where the next state of them is written down: that is none of today's. */
static void walk_data(struct span bytes, struct walk *w, const struct volume *v)
{
	bool nvram = guid_is(v->guid, NVRAM);
	struct format_match store;
	uint64_t left = v->length - v->files;
	bool known = nvram && v->files < bytes.n && uefi_nvram_format.probe(span_from(bytes, v->files), &store) && store.size <= left;
	uint64_t size = known ? store.size : left;
	if (region_emit(w, nvram ? "nvram" : "data", bytes, v->files, size, known ? "uefi_nvram" : NULL) && size < left)
		region_emit(w, "nvram-work", bytes, v->files + size, left - size, NULL);
}

static struct error volume_walk(struct span bytes, struct walk *w)
{
	struct volume v;
	char guid[GUID_TEXT];
	if (!volume_read(bytes, &v))
		return error_at(ERR_CORRUPT, 0, "no firmware volume header");
	guid_text(v.guid, guid);
	emit_header_field(w->sink, 16, "FileSystemGuid", "%s", guid);
	emit_header_field(w->sink, 32, "FvLength", "%llu", (unsigned long long)v.length);
	emit_header_field(w->sink, 44, "Attributes", "0x%08x", v.attributes);
	emit_header_field(w->sink, 55, "Revision", "%u", v.revision);
	emit_header_field(w->sink, 50, "Checksum", "ok");
	if (v.ffs)
		return walk_files(bytes, w, &v);
	if (v.length > v.files)
		walk_data(bytes, w, &v);
	return error_none();
}

static const struct format_magic volume_magics[] = { MAGIC("_FVH", SIGNATURE_AT), MAGIC_END };

const struct format uefi_fv_format = {
	.name = "uefi_fv",
	.kind = FORMAT_FILESYSTEM,
	.title = "UEFI firmware volume",
	.spec = "UEFI PI Specification, volume 3",
	.magics = volume_magics,
	.probe = volume_probe,
	.walk = volume_walk,
};

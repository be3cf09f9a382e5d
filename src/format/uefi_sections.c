/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections of files in a firmware volume: UEFI Platform Initialization Specification, volume 3, section 2.2.4
 * "Firmware File Sections" and 3.2.5. */
#include <stdio.h>

#include "format/notation.h"
#include "format/uefi_fv.h"

#define DEPTH_MAX 6u
#define SECTIONS_MAX 4096u
#define COMPRESSION_KINDS 2u /* none, the standard one, what makers have added */
#define NAMED_WITHIN 64u /* sections */

enum {
	SECTION_COMPRESSION = 0x01,
	SECTION_GUIDED = 0x02,
	SECTION_PE32 = 0x10,
	SECTION_VERSION = 0x14,
	SECTION_UI = 0x15,
	SECTION_FV_IMAGE = 0x17,
	SECTION_FREEFORM = 0x18,
	SECTION_RAW = 0x19,
};

struct section {
	uint8_t type;
	uint64_t at, data, end;
};

/* The section at `at`; false when it does not fit before `end`. */
static bool section_read(struct span volume, uint64_t at, uint64_t end, struct section *s)
{
	struct span head = span_sub(volume, at, 4);
	if (!head.p || at + 4 > end)
		return false;
	uint64_t size = span_u32le(head, 0) & 0xffffff;
	*s = (struct section){ head.p[3], at, at + 4, 0 };
	if (size == 0xffffff) {
		size = span_u32le(volume, at + 4);
		s->data += 4;
	}
	s->end = at + size;
	return s->data <= s->end && s->end <= end;
}

static bool is_known(uint8_t type)
{
	return type == SECTION_COMPRESSION || type == SECTION_GUIDED || type == 0x03 || (type >= SECTION_PE32 && type <= 0x1c);
}

/* Whether the header of a section that is packed or wrapped makes sense: four bytes of type and size alone are those of many a
 * blob that begins with its own length. */
static bool is_sound(struct span volume, const struct section *s)
{
	uint64_t data = s->at + span_u16le(volume, s->data + GUID_SIZE);
	if (s->type == SECTION_GUIDED)
		return data >= s->data + GUID_SIZE + 4 && data <= s->end;
	return s->type != SECTION_COMPRESSION || (s->end - s->data > 5 && volume.p[s->data + 4] <= COMPRESSION_KINDS);
}

bool uefi_is_sections(struct span bytes)
{
	struct section s;
	uint64_t at = 0;
	for (unsigned i = 0; at + 4 <= bytes.n && i < SECTIONS_MAX; i++) {
		if (!section_read(bytes, at, bytes.n, &s) || s.data == s.end || !is_known(s.type) || !is_sound(bytes, &s))
			return false;
		at = (s.end + 3) & ~(uint64_t)3;
	}
	return at > 0 && at + 4 > bytes.n;
}

static const char *section_name(uint8_t type)
{
	switch (type) {
	case SECTION_PE32:
		return "pe32";
	case 0x11:
		return "pic";
	case 0x12:
		return "te";
	case 0x13:
		return "dxe-depex";
	case 0x16:
		return "compatibility16";
	case SECTION_FV_IMAGE:
		return "fv";
	case SECTION_FREEFORM:
		return "freeform";
	case SECTION_RAW:
		return "raw";
	case 0x1b:
		return "pei-depex";
	case 0x1c:
		return "mm-depex";
	default:
		return "section";
	}
}

static bool emit(struct uefi_file *f, const struct section *s, const char *name, uint64_t data, const char *format)
{
	char path[192];
	bool region = s->type == SECTION_FV_IMAGE || s->type == SECTION_GUIDED || s->type == SECTION_COMPRESSION;
	snprintf(path, sizeof path, "%s/%u.%s", f->path, f->sections - 1, name);
	struct entry e = { ENTRY_INIT, .kind = region ? ENTRY_REGION : ENTRY_FILE, .path = text_c(path), .format = format };
	e.offset = data;
	struct span there = span_clip(f->volume, data, s->end - data);
	if (there.n < s->end - data) /* of a packed one what is there can be unpacked */
		emit_damage_at(f->w->sink, ERR_TRUNCATED, data, "section %s has %llu bytes, %llu are there", path,
					   (unsigned long long)(s->end - data), (unsigned long long)there.n);
	e.size = there.n;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = there };
	return f->w->child(f->w, &e);
}

/* UTF-16 as far as it is ASCII. */
static void read_text(struct span volume, uint64_t at, uint64_t end, char text[UI_TEXT])
{
	size_t n = 0;
	for (; at + 2 <= end && n < UI_TEXT - 1; at += 2) {
		uint16_t c = span_u16le(volume, at);
		if (!c)
			break;
		text[n++] = c > 0x20 && c < 0x7f && c != '/' ? (char)c : '_';
	}
	text[n] = '\0';
}

void uefi_find_name(struct span volume, uint64_t at, uint64_t end, char name[UI_TEXT])
{
	struct section s;
	*name = '\0';
	for (unsigned i = 0; i < NAMED_WITHIN && section_read(volume, at, end, &s); i++) {
		if (s.type == SECTION_UI) {
			read_text(volume, s.data, s.end, name);
			return;
		}
		at = (s.end + 3) & ~(uint64_t)3;
	}
}

static void emit_text(struct uefi_file *f, const struct section *s, const char *what, uint64_t at)
{
	char name[160], text[UI_TEXT];
	read_text(f->volume, at, s->end, text);
	snprintf(name, sizeof name, "%s %s", f->path + 1, what);
	emit_header_field(f->w->sink, s->at, name, "%s", text);
}

/* What a GUID says of how to read what follows: compressions, which are unpacked by their own formats, and sums and
 * signatures before plain sections. */
static bool take_guided(struct uefi_file *f, const struct section *s, unsigned depth)
{
	char guid[GUID_TEXT];
	uint64_t data = s->at + span_u16le(f->volume, s->data + GUID_SIZE);
	uint16_t attributes = span_u16le(f->volume, s->data + GUID_SIZE + 2);
	guid_text(span_sub(f->volume, s->data, GUID_SIZE), guid);
	if (!*guid || data < s->data + GUID_SIZE + 4 || data > s->end) {
		emit_damage_at(f->w->sink, ERR_CORRUPT, s->at, "a section's data begin outside of it");
		return true;
	}
	if (strcmp(guid, "ee4e5898-3914-4259-9d6e-dc7bd79403cf") == 0)
		return emit(f, s, "lzma", data, "lzma");
	if (strcmp(guid, "a31280ad-481e-41b6-95e8-127f4c984779") == 0)
		return emit(f, s, "tiano", data, "efi_compressed");
	if (strcmp(guid, "1d301fe9-be79-4353-91c2-d23bc959ae0c") == 0) /* of Qualcomm's boot loaders */
		return emit(f, s, "gzip", data, "gzip");
	if (attributes & 1) { /* processing is required */
		emit_damage_at(f->w->sink, ERR_UNSUPPORTED, s->at, "a section is packed as %s, which is not unpacked", guid);
		return emit(f, s, guid, data, NULL);
	}
	emit_header_field(f->w->sink, s->at, "guided section", "%s", guid);
	uefi_emit_sections(f, data, s->end, depth + 1);
	return !f->stopped;
}

static bool take_section(struct uefi_file *f, const struct section *s, unsigned depth)
{
	switch (s->type) {
	case SECTION_UI: /* part of the path */
		return true;
	case SECTION_VERSION:
		emit_text(f, s, "VERSION", s->data + 2);
		return true;
	case SECTION_GUIDED:
		return take_guided(f, s, depth);
	case SECTION_COMPRESSION: /* the size of what comes out and the kind, then the packed bytes */
		if (s->end - s->data < 5) {
			emit_damage_at(f->w->sink, ERR_CORRUPT, s->at, "a compressed section is too short to say how");
			return true;
		}
		if (span_has(f->volume, s->data + 4, "\0", 1)) {
			uefi_emit_sections(f, s->data + 5, s->end, depth + 1);
			return !f->stopped;
		}
		if (span_has(f->volume, s->data + 4, "\1", 1))
			return emit(f, s, "efi", s->data + 5, "efi_compressed");
		emit_damage_at(f->w->sink, ERR_UNSUPPORTED, s->at, "a section is compressed in a way that is not known");
		return emit(f, s, "compressed", s->data, NULL);
	case SECTION_FREEFORM:
		return emit(f, s, "freeform", s->end - s->data > GUID_SIZE ? s->data + GUID_SIZE : s->data, NULL);
	default:
		return s->data == s->end ||
			   emit(f, s, section_name(s->type), s->data, s->type == SECTION_FV_IMAGE ? "uefi_fv" : NULL);
	}
}

void uefi_emit_sections(struct uefi_file *f, uint64_t at, uint64_t end, unsigned depth)
{
	struct section s;
	if (depth > DEPTH_MAX) {
		emit_damage_at(f->w->sink, ERR_BUDGET, at, "sections nested deeper than %u are not looked at", DEPTH_MAX);
		return;
	}
	while (at + 4 <= end && !f->stopped) {
		if (!section_read(f->volume, at, end, &s)) {
			emit_damage_at(f->w->sink, end > f->volume.n ? ERR_TRUNCATED : ERR_CORRUPT, at,
						   "a section of %s ends outside of it", f->path);
			return;
		}
		if (f->sections++ == SECTIONS_MAX) {
			emit_damage_at(f->w->sink, ERR_BUDGET, at, "more sections than are looked at");
			return;
		}
		f->stopped = !take_section(f, &s, depth);
		at = (s.end + 3) & ~(uint64_t)3;
	}
}

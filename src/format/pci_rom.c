/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The expansion ROM of a PCI device: one or more images, each for another kind of machine.
 *
 * Specification: PCI Firmware Specification 3.3, 5.1; UEFI Specification 2.10, 14.4.2 (EFI images); IEEE 1275 PCI bus binding (FCode).
 */
#include <stdio.h>

#include "base/work.h"
#include "format/region.h"

#define UNIT 512u
#define POINTER_AT 0x18u
#define DATA_MIN 0x18u
#define DATA_MAX 0x100u
#define DATA_AFTER_MAX 0xfffcu /* bytes of an image before its data structure, as a pointer of 16 bits reaches */
#define IMAGES_MAX 32u
#define HEAD_MAX 128u
#define EFI_SIGNATURE 0x0ef1u
#define EFI_COMPRESSED 1u

enum { CODE_X86 = 0, CODE_OPEN_FIRMWARE = 1, CODE_PA_RISC = 2, CODE_EFI = 3 };

struct rom_image {
	uint32_t data_at; /* the PCI data structure */
	uint16_t vendor, device;
	uint8_t code_type;
	bool last;
	uint64_t size;
	uint32_t class_code;
	uint32_t body_at; /* what the code type says begins here */
	bool compressed;
};

/* The bytes of an image for PCs are added up to zero. */
static bool sums_to_zero(struct span s)
{
	uint8_t sum = 0;
	work_add_summed(s.n);
	for (size_t i = 0; i < s.n; i++)
		sum = (uint8_t)(sum + s.p[i]);
	return sum == 0;
}

/* What the header says that belongs to the kind of code. */
static bool kind_read(struct span at, struct rom_image *r)
{
	uint64_t initial = (uint64_t)UNIT * (at.n > 2 ? at.p[2] : 0);
	if (r->code_type == CODE_EFI) {
		r->body_at = span_u16le(at, 0x16);
		r->compressed = span_u16le(at, 0xc) == EFI_COMPRESSED;
		return span_u32le(at, 4) == EFI_SIGNATURE && span_u16le(at, 0xc) <= EFI_COMPRESSED && r->body_at >= 0x1a &&
			   r->body_at < r->size;
	}
	if (r->code_type == CODE_OPEN_FIRMWARE) {
		r->body_at = span_u16le(at, 2);
		return r->body_at >= 0x1a && r->body_at < r->size;
	}
	r->body_at = 3;
	return initial > 0 && initial <= r->size && (initial > at.n || sums_to_zero(span_clip(at, 0, initial)));
}

static bool image_read(struct span at, struct rom_image *r)
{
	if (!span_starts(at, "\x55\xaa", 2))
		return false;
	*r = (struct rom_image){ .data_at = span_u16le(at, POINTER_AT) };
	struct span d = span_sub(at, r->data_at, DATA_MIN);
	if (r->data_at < POINTER_AT + 2 || r->data_at % 4 || !span_starts(d, "PCIR", 4))
		return false;
	r->vendor = span_u16le(d, 4);
	r->device = span_u16le(d, 6);
	r->size = (uint64_t)UNIT * span_u16le(d, 0x10);
	r->class_code = span_u32le(d, 0xc) >> 8;
	r->code_type = d.p[0x14];
	r->last = d.p[0x15] & 0x80;
	uint16_t length = span_u16le(d, 0xa);
	return length >= DATA_MIN && length <= DATA_MAX && d.p[0xc] <= 3 && (r->vendor || r->code_type != CODE_OPEN_FIRMWARE) && r->vendor != UINT16_MAX &&
		   r->code_type <= CODE_EFI && !(d.p[0x15] & 0x7f) && (uint64_t)r->data_at + length <= r->size && kind_read(at, r);
}

static bool pci_rom_probe(struct span at, struct format_match *match)
{
	struct rom_image r;
	uint64_t size = 0;
	if (!image_read(at, &r) || (r.code_type != CODE_EFI && r.size > at.n))
		return false;
	for (unsigned i = 0; i < IMAGES_MAX && image_read(span_from(at, size), &r); i++) {
		size += r.size;
		if (r.last)
			break;
	}
	match->size = size;
	match->confidence = 88;
	return true;
}

static bool pci_rom_locate(struct span all, uint64_t hit, uint64_t *start)
{
	work_add(2 * (uint64_t)(hit < DATA_AFTER_MAX ? hit : DATA_AFTER_MAX));
	for (uint64_t before = POINTER_AT + 4; before <= DATA_AFTER_MAX && before <= hit; before += 4)
		if (span_u16le(all, hit - before + POINTER_AT) == before && span_has(all, hit - before, "\x55\xaa", 2)) {
			*start = hit - before;
			return true;
		}
	return false;
}

/* Between the header and the body are the data structure and its strings, as a rule some dozen bytes: where there is room for more it
 * is shown, without the signature. */
static bool head_emit(struct walk *w, struct span bytes, uint64_t at, const struct rom_image *r, unsigned number)
{
	char name[40];
	snprintf(name, sizeof name, "image-%u-head", number);
	return r->body_at <= HEAD_MAX || region_emit(w, name, bytes, at + POINTER_AT + 2, r->body_at - POINTER_AT - 2, NULL);
}

static bool image_emit(struct walk *w, struct span bytes, uint64_t at, const struct rom_image *r, unsigned number)
{
	static const char *const kinds[] = { "x86", "openfirmware", "pa-risc", "efi" };
	char name[40];
	snprintf(name, sizeof name, "image-%u", number);
	emit_header_field(w->sink, at + r->data_at, name, "%s, vendor %04x, device %04x, class %06x%s", kinds[r->code_type], r->vendor,
					  r->device, (unsigned)r->class_code, r->compressed ? ", compressed" : "");
	snprintf(name, sizeof name, "image-%u-%s%s", number, kinds[r->code_type], r->compressed ? "-compressed" : "");
	if (!head_emit(w, bytes, at, r, number))
		return false;
	/* Without the signature, by which an image of a PC would be taken for a ROM within the ROM. */
	return region_emit(w, name, bytes, at + r->body_at, r->size - r->body_at, r->compressed ? "efi_compressed" : NULL);
}

static struct error pci_rom_walk(struct span bytes, struct walk *w)
{
	struct rom_image r;
	uint64_t at = 0;
	if (!image_read(bytes, &r))
		return error_at(ERR_CORRUPT, 0, "no PCI data structure");
	for (unsigned i = 1; i <= IMAGES_MAX && image_read(span_from(bytes, at), &r); i++) {
		if (!image_emit(w, bytes, at, &r, i))
			return error_none();
		at += r.size;
		if (r.last)
			return error_none();
	}
	emit_damage_at(w->sink, ERR_CORRUPT, at, "another image is to follow here, and none does");
	return error_none();
}

static const struct format_magic pci_rom_magics[] = { MAGIC("PCIR", POINTER_AT + 4), MAGIC_END };

const struct format pci_rom_format = {
	.name = "pci_rom",
	.kind = FORMAT_CONTAINER,
	.title = "PCI expansion ROM: images for x86, EFI, Open Firmware",
	.spec = "PCI Firmware Specification 3.3; UEFI Specification 2.10",
	.magics = pci_rom_magics,
	.probe = pci_rom_probe,
	.walk = pci_rom_walk,
	.at_start = true,
	.locate = pci_rom_locate,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The image vector table of i.MX: where the boot ROM finds the settings of the memory, the code and the signatures.
 *
 * Specification: i.MX 6 and 7 Reference Manuals, "Program Image"; U-Boot include/imximage.h.
 */
#include "format/region.h"
#include "format/signature.h"

#define IVT 32u
#define BOOT_DATA 12u
#define SIZE_MAX_IMAGE (64u << 20)
#define SELF_TO_START_MAX 0x2000u

struct ivt {
	uint8_t version;
	uint32_t entry, dcd, boot_data, self, csf, start, length, plugin;
	uint64_t end; /* from the table on */
};

static bool ivt_read(struct span at, struct ivt *v)
{
	struct reader r = reader_le(span_sub(at, 0, IVT));
	uint32_t head = rd_u32(&r);
	*v = (struct ivt){ .version = (uint8_t)(head >> 24), .entry = rd_u32(&r) };
	uint32_t reserved1 = rd_u32(&r);
	v->dcd = rd_u32(&r);
	v->boot_data = rd_u32(&r);
	v->self = rd_u32(&r);
	v->csf = rd_u32(&r);
	uint32_t reserved2 = rd_u32(&r);
	if (!rd_ok(&r) || (head & 0xffffff) != 0x2000d1 || (v->version & 0xf0) != 0x40 || reserved1 || reserved2 ||
		v->boot_data - v->self < IVT || v->boot_data - v->self > 0x1000)
		return false;
	struct span data = span_sub(at, v->boot_data - v->self, BOOT_DATA);
	v->start = span_u32le(data, 0);
	v->length = span_u32le(data, 4);
	v->plugin = span_u32le(data, 8);
	uint32_t before = v->self - v->start; /* the table stands so far behind what the image begins with */
	v->end = (uint64_t)v->length - before;
	return data.p && v->plugin <= 1 && before <= SELF_TO_START_MAX && v->length > before + IVT + BOOT_DATA &&
		   v->length <= SIZE_MAX_IMAGE && (v->entry - v->self < v->end || v->plugin);
}

static bool ivt_probe(struct span at, struct format_match *match)
{
	struct ivt v;
	if (!ivt_read(at, &v))
		return false;
	match->size = v.end;
	match->confidence = 85;
	return true;
}

/* A part that begins with a head of tag, length and version. */
static bool emit_headed(struct walk *w, struct span bytes, const char *name, uint32_t at, uint8_t tag)
{
	uint16_t size = span_u16be(bytes, (uint64_t)at + 1);
	if (!span_has(bytes, at, &tag, 1) || size < 4) {
		emit_damage_at(w->sink, bytes.n <= at ? ERR_TRUNCATED : ERR_CORRUPT, at, "no %s where the table says", name);
		return true;
	}
	return region_emit(w, name, bytes, at, size, NULL);
}

static struct error ivt_walk(struct span bytes, struct walk *w)
{
	struct ivt v;
	if (!ivt_read(bytes, &v))
		return error_at(ERR_CORRUPT, 0, "no image vector table");
	uint64_t code = IVT + BOOT_DATA,
			 end = v.csf && v.csf - v.self > code && v.csf - v.self < v.end ? v.csf - v.self : v.end;
	emit_header_field(w->sink, 3, "version", "0x%02x", v.version);
	emit_header_field(w->sink, 4, "entry", "0x%08x", v.entry);
	emit_header_field(w->sink, 20, "self", "0x%08x", v.self);
	emit_header_field(w->sink, v.boot_data - v.self, "start", "0x%08x", v.start);
	emit_header_field(w->sink, v.boot_data - v.self + 4, "length", "%u", v.length);
	emit_header_field(w->sink, v.boot_data - v.self + 8, "plugin", "%u", v.plugin);
	emit_header_field(w->sink, 24, "signature", "%s", v.csf ? "CSF" : "none");
	signature_report_plain(w->sink, 24, "imx-hab", "boot image", NULL, v.csf ? SIGNATURE_UNSUPPORTED : SIGNATURE_ABSENT,
						   v.csf ? "the vector table points at a command sequence file" : "no command sequence file");
	if (v.dcd && v.dcd - v.self < v.end && !emit_headed(w, bytes, "dcd", v.dcd - v.self, 0xd2))
		return error_none();
	if (v.entry - v.self >= code && v.entry - v.self < end)
		code = (v.entry - v.self) & ~0xfffu;
	if (code < IVT + BOOT_DATA)
		code = v.entry - v.self;
	if (region_emit(w, "code", bytes, code, end - code, NULL) && end < v.end)
		emit_headed(w, bytes, "csf", (uint32_t)end, 0xd4);
	return error_none();
}

static const struct format_magic ivt_magics[] = { MAGIC("\xd1\0\x20\x40", 0), MAGIC("\xd1\0\x20\x41", 0),
												  MAGIC("\xd1\0\x20\x42", 0), MAGIC("\xd1\0\x20\x43", 0), MAGIC_END };

const struct format imx_ivt_format = {
	.name = "imx_ivt",
	.kind = FORMAT_CONTAINER,
	.title = "NXP i.MX boot image (IVT)",
	.spec = "U-Boot include/imximage.h",
	.magics = ivt_magics,
	.probe = ivt_probe,
	.walk = ivt_walk,
};

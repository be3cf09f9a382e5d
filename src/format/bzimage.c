/* SPDX-License-Identifier: GPL-3.0-or-later */
/* x86 bzImage: real-mode setup sectors, then the protected-mode code with the compressed kernel.
 *
 * Specification: Linux Documentation/x86/boot.rst.
 */
#include "base/pe_headers.h"
#include "format/format.h"
#include "format/kernel_payload.h"
#include "format/region.h"

#define SECTOR 512u
#define PARAGRAPH 16u
#define SETUP_SECTS_AT 0x1f1u
#define SYSSIZE_AT 0x1f4u
#define HDRS_AT 0x202u
#define PAYLOAD_OFFSET_AT 0x248u
#define PROTOCOL_SYSSIZE32 0x204u /* syssize has 32 bits from here on */
#define PROTOCOL_PAYLOAD 0x208u   /* payload_offset and payload_length from here on */

struct bzimage {
	uint16_t protocol;
	uint64_t setup_size, system_size;
	uint32_t payload_offset, payload_length;
	uint16_t version_at; /* of the version string, 0: none */
};

static bool bzimage_read(struct span image, struct bzimage *b)
{
	/* A jump over the header stands before "HdrS". */
	if (!span_has(image, HDRS_AT, "HdrS", 4) || !span_has(image, 0x1fe, "\x55\xaa\xeb", 3))
		return false;
	*b = (struct bzimage){ 0 };
	struct span setup_sects = span_sub(image, SETUP_SECTS_AT, 1);
	b->setup_size = (uint64_t)SECTOR * ((setup_sects.p[0] ? setup_sects.p[0] : 4) + 1);
	b->protocol = span_u16le(image, 0x206);
	b->system_size = 16 * (uint64_t)(b->protocol >= PROTOCOL_SYSSIZE32 ? span_u32le(image, SYSSIZE_AT)
																	   : span_u16le(image, SYSSIZE_AT));
	b->version_at = span_u16le(image, 0x20e);
	if (b->protocol >= PROTOCOL_PAYLOAD) {
		b->payload_offset = span_u32le(image, PAYLOAD_OFFSET_AT);
		b->payload_length = span_u32le(image, PAYLOAD_OFFSET_AT + 4);
	}
	return b->protocol >= 0x200 && b->protocol < 0x300 && b->setup_size <= 65 * SECTOR && b->system_size > 0 &&
		   b->system_size < 512u << 20 && b->payload_offset <= b->system_size &&
		   b->payload_length <= b->system_size - b->payload_offset;
}

static bool bzimage_probe(struct span at, struct format_match *match)
{
	struct bzimage b;
	if (!bzimage_read(at, &b))
		return false;
	match->size = b.setup_size + b.system_size;
	/* The size counts paragraphs of 16 bytes: a file may end within the last one. */
	if (match->size > at.n && match->size - at.n < PARAGRAPH)
		match->size = at.n;
	match->size = pe_signed_end(at, match->size);
	match->confidence = 90;
	return true;
}

static struct text version_of(struct span image, const struct bzimage *b)
{
	struct span s = b->version_at ? span_clip(image, b->version_at + 0x200u, 256) : SPAN_NONE;
	return text_terminated(s);
}

static struct error bzimage_walk(struct span bytes, struct walk *w)
{
	struct bzimage b;
	if (!bzimage_read(bytes, &b))
		return error_at(ERR_CORRUPT, 0, "no x86 boot header");
	emit_header_field(w->sink, 0x206, "protocol", "%u.%02u", b.protocol >> 8, b.protocol & 0xff);
	struct text version = version_of(bytes, &b);
	if (version.n)
		emit_header_field(w->sink, b.version_at + 0x200u, "kernel_version", "%.*s", (int)version.n, version.p);
	/* What says that there is no payload is no compressed kernel: another program that boots as one does (Memtest86+). */
	if (!b.payload_length && b.protocol >= PROTOCOL_PAYLOAD) {
		/* That it is cut is said of the whole. */
		uint64_t left = bytes.n > b.setup_size ? bytes.n - b.setup_size : 0, size = left < b.system_size ? left : b.system_size;
		(void)region_emit(w, "code", span_clip(bytes, 0, b.setup_size + b.system_size), b.setup_size, size, NULL);
		return error_none();
	}
	if (!b.payload_length)
		return kernel_payload_emit(w, bytes, b.setup_size);

	uint64_t end = b.setup_size + b.payload_offset + b.payload_length;
	if (end > bytes.n)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "the payload ends at %llu", (unsigned long long)end);
	return kernel_payload_emit(w, span_clip(bytes, 0, end), b.setup_size + b.payload_offset);
}

static const struct format_magic bzimage_magics[] = { MAGIC("HdrS", HDRS_AT), MAGIC_END };

const struct format bzimage_format = {
	.name = "bzimage",
	.kind = FORMAT_KERNEL,
	.title = "x86 Linux bzImage",
	.spec = "Linux Documentation/x86/boot.rst",
	.magics = bzimage_magics,
	.probe = bzimage_probe,
	.walk = bzimage_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the boot ROM of ST's STM32MP processors loads: TF-A, U-Boot or the code of a Cortex-M33 behind a header. Its checksum adds the
 * bytes of the image.
 *
 * Specification: U-Boot tools/stm32image.c (version 1), TF-A tools/stm32image (version 2.0), ST's stm32wrapper4dbg (2.2 and 2.3).
 */
#include "base/hash.h"
#include "format/signature.h"
#include "format/wrapper.h"

#define HEADER_V1 256u
#define POST_HEADERS_MAX 4096u /* what version 2 may have behind its header */
#define V1_UNSIGNED 1u
#define V2_SIGNED 1u
#define V2_ENCRYPTED 2u

struct stm32 {
	uint8_t major, minor;
	uint64_t fields; /* of the version, behind the signature and the checksum */
	uint32_t checksum, size, entry, load, version, flags, type;
	uint64_t image; /* where it begins */
	bool is_signed, encrypted;
};

/* The signature, and with it all behind, is longer from version 2.3 on. */
static bool find_fields(struct span at, struct stm32 *s)
{
	static const struct {
		uint8_t major, minor, fields;
	} layouts[] = { { 1, 0, 72 }, { 2, 0, 72 }, { 2, 2, 72 }, { 2, 3, 104 } };
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
		const uint8_t version[4] = { 0, layouts[i].minor, layouts[i].major, 0 };
		if (!span_has(at, layouts[i].fields, version, 4))
			continue;
		s->major = layouts[i].major;
		s->minor = layouts[i].minor;
		s->fields = layouts[i].fields;
		return true;
	}
	return false;
}

/* Behind the fields that both versions have. */
static bool read_rest(struct reader *r, struct stm32 *s)
{
	s->flags = rd_u32(r);
	if (s->major == 1) {
		rd_skip(r, 4 + 64); /* algorithm and key of the signature */
		bool padded = span_is_zero(rd_bytes(r, 83));
		s->type = rd_u8(r);
		s->is_signed = !(s->flags & V1_UNSIGNED);
		s->image = HEADER_V1;
		return padded;
	}
	uint32_t post = rd_u32(r);
	s->type = rd_u32(r);
	bool padded = span_is_zero(rd_bytes(r, 8));
	rd_skip(r, 8); /* padding, or from version 2.3 on the size and the hash of a payload that is not secure */
	s->is_signed = s->flags & V2_SIGNED;
	s->encrypted = s->flags & V2_ENCRYPTED;
	s->image = r->at + post;
	return padded && post <= POST_HEADERS_MAX;
}

static bool stm32_read(struct span at, struct stm32 *s)
{
	*s = (struct stm32){ 0 };
	if (!span_starts(at, "STM2", 4) || !find_fields(at, s))
		return false;
	s->checksum = span_u32le(at, s->fields - 4);
	struct reader r = reader_le(at);
	rd_skip(&r, s->fields + 4);
	s->size = rd_u32(&r);
	s->entry = rd_u32(&r);
	uint32_t reserved1 = rd_u32(&r);
	s->load = rd_u32(&r);
	uint32_t reserved2 = rd_u32(&r);
	s->version = rd_u32(&r);
	return read_rest(&r, s) && rd_ok(&r) && !reserved1 && !reserved2 && s->size;
}

static bool stm32_probe(struct span at, struct format_match *match)
{
	struct stm32 s;
	if (!stm32_read(at, &s))
		return false;
	match->size = s.image + s.size;
	match->confidence = 90;
	return true;
}

static struct error stm32_walk(struct span bytes, struct walk *w)
{
	struct stm32 s;
	if (!stm32_read(bytes, &s))
		return error_at(ERR_CORRUPT, 0, "no header of an STM32MP image");
	struct span image = span_sub(bytes, s.image, s.size);
	emit_header_field(w->sink, s.fields, "header_version", "%u.%u", s.major, s.minor);
	emit_header_field(w->sink, s.fields + 8, "entry", "0x%08x", s.entry);
	emit_header_field(w->sink, s.fields + 16, "load_address", "0x%08x", s.load);
	emit_header_field(w->sink, s.fields + 24, "version", "%u", s.version);
	emit_header_field(w->sink, s.fields + 28, "flags", "0x%08x", s.flags);
	emit_header_field(w->sink, s.major == 1 ? HEADER_V1 - 1 : s.fields + 36, "binary_type", "0x%02x", s.type);
	wrapper_check_u32(w, s.fields - 4, "checksum", image.p, s.checksum, hash_sum(image));
	signature_report_plain(w->sink, 4, "stm32mp", "boot image", s.is_signed ? "ECDSA" : NULL,
						   s.is_signed ? SIGNATURE_UNSUPPORTED : SIGNATURE_ABSENT,
						   s.is_signed ? "the header says that it is signed" : "the header says that it is not signed");
	if (s.encrypted)
		emit_damage_at(w->sink, ERR_ENCRYPTED, s.image, "the image is encrypted");
	(void)wrapper_region(w, bytes, s.image, s.size, TEXT_LIT("image"), NULL);
	return error_none();
}

static const struct format_magic stm32_magics[] = { MAGIC("STM2", 0), MAGIC_END };

const struct format stm32mp_format = {
	.name = "stm32mp",
	.kind = FORMAT_CONTAINER,
	.title = "STMicroelectronics STM32MP boot image",
	.spec = "U-Boot tools/stm32image.c, TF-A tools/stm32image",
	.magics = stm32_magics,
	.probe = stm32_probe,
	.walk = stm32_walk,
};

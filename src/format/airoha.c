/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Firmware of Airoha's Bluetooth chips: a SHA-256, then TLVs about one payload, which is plain, LZMA, or enciphered.
 *
 * Specification: unblob handlers/archive/airoha.py; github.com/ramikg/airoha-firmware-parser.
 */
#include "base/hash.h"
#include "format/region.h"
#include "format/wrapper.h"

#define TLV_AT 256u
#define TLVS_MAX 64u
#define SECTIONS_MAX 64u
#define MOVER_INFO 0x12u

enum { PLAIN, LZMA, LZMA_AES };

struct airoha {
	uint8_t compression, integrity;
	uint32_t at, size;
};

static bool airoha_read(struct span bytes, struct airoha *a)
{
	struct reader r = reader_le(span_from(bytes, TLV_AT));
	uint32_t type = rd_u32(&r);
	a->compression = rd_u8(&r);
	a->integrity = rd_u8(&r);
	a->at = rd_u32(&r);
	a->size = rd_u32(&r);
	return rd_ok(&r) && type == 0x000a0011 &&
		   span_has(bytes, TLV_AT - 16, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16) &&
		   a->compression <= LZMA_AES && a->integrity <= 2 && a->at >= TLV_AT + 14 && a->size;
}

static bool airoha_probe(struct span at, struct format_match *match)
{
	struct airoha a;
	if (!airoha_read(at, &a))
		return false;
	match->size = (uint64_t)a.at + a.size;
	match->confidence = 90;
	return true;
}

static void mover_fields(struct walk *w, struct span tlv, uint64_t at)
{
	uint32_t n = span_u32le(tlv, 0);
	for (uint32_t i = 0; i < n && i < SECTIONS_MAX && 4 + 12 * (i + 1) <= tlv.n; i++)
		emit_header_field(w->sink, at + 4 + 12 * i, "section", "0x%x bytes at 0x%x go to 0x%08x",
						  span_u32le(tlv, 8 + 12 * i), span_u32le(tlv, 4 + 12 * i), span_u32le(tlv, 12 + 12 * i));
}

static struct error airoha_walk(struct span bytes, struct walk *w)
{
	static const char *const compressions[] = { "none", "LZMA", "LZMA and AES" }, *const checks[] = {
		"CRC-32", "SHA-256", "SHA-256 and RSA"
	};
	struct airoha a;
	char hex[65];
	if (!airoha_read(bytes, &a))
		return error_at(ERR_CORRUPT, TLV_AT, "no header of Airoha");
	struct span covered = span_sub(bytes, 32, (uint64_t)a.at + a.size - 32);
	uint8_t declared[32];
	memcpy(declared, bytes.p, sizeof declared);
	char declared_hex[65];
	hash_hex(declared, sizeof declared, declared_hex);
	hash_sha256_hex(covered, hex);
	wrapper_check(w, 0, "sha256", covered.p, memcmp(hex, declared_hex, 64) == 0);
	emit_header_field(w->sink, TLV_AT + 4, "compression", "%s", compressions[a.compression]);
	emit_header_field(w->sink, TLV_AT + 5, "integrity check", "%s", checks[a.integrity]);
	uint64_t at = TLV_AT;
	for (unsigned i = 0; i < TLVS_MAX && at + 4 <= a.at; i++) {
		uint16_t type = span_u16le(bytes, at), n = span_u16le(bytes, at + 2);
		if (type == MOVER_INFO)
			mover_fields(w, span_sub(bytes, at + 4, n), at + 4);
		if (!n)
			break;
		at += 4 + (uint64_t)n;
	}
	if (a.compression == LZMA_AES)
		return error_at(ERR_ENCRYPTED, a.at, "%u bytes, enciphered with AES under a key of the vendor", a.size);
	region_emit(w, "firmware", bytes, a.at, a.size, a.compression == LZMA ? "lzma" : NULL);
	return error_none();
}

static const struct format_magic airoha_magics[] = { MAGIC("\xff\xff\xff\xff\x11\0\x0a\0", 252), MAGIC_END };

const struct format airoha_format = {
	.name = "airoha",
	.kind = FORMAT_CONTAINER,
	.title = "Airoha Bluetooth firmware",
	.spec = "unblob handlers/archive/airoha.py",
	.magics = airoha_magics,
	.probe = airoha_probe,
	.walk = airoha_walk,
};

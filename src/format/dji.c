/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DJI's firmware packages ("xV4"): a header with a CRC, modules for the parts of a drone, plain or enciphered with
 * AES under a published key.
 *
 * Specification: github.com/o-gs/dji-firmware-tools dji_xv4_fwcon.py.
 */
#include <stdio.h>

#include "base/hash.h"
#include "format/region.h"
#include "format/wrapper.h"

#define HEADER 64u
#define ENTRY 52u
#define MODULES_MAX 512u
#define CRC_POLYNOMIAL 0x8408u /* of CCITT */
#define CRC_START 0x3692u
#define CIPHERED 256u /* bytes, after which the cipher begins anew */
#define BLOCK 65536u

static const uint8_t key[16] = { 0x96, 0x70, 0x9a, 0xd3, 0x26, 0x67, 0x4a, 0xc3,
								 0x82, 0xb6, 0x69, 0x27, 0xe6, 0xd8, 0x84, 0x21 };

struct dji {
	uint16_t version, header_end, n;
	uint32_t timestamp, latest;
};

static bool dji_read(struct span bytes, struct dji *d)
{
	struct reader r = reader_le(bytes);
	rd_skip(&r, 4);
	d->version = rd_u16(&r);
	d->header_end = rd_u16(&r);
	d->timestamp = rd_u32(&r);
	rd_skip(&r, 32);
	d->n = rd_u16(&r);
	d->latest = rd_u32(&r);
	return rd_ok(&r) && span_starts(bytes, "\x78\x56\x34\x12", 4) && d->n && d->n <= MODULES_MAX &&
		   d->header_end == HEADER + d->n * ENTRY + 2 && wrapper_is_text(span_sub(bytes, 12, 16)) &&
		   wrapper_is_text(span_sub(bytes, 28, 16));
}

static uint64_t end_of(struct span bytes, const struct dji *d)
{
	uint64_t end = d->header_end;
	for (unsigned i = 0; i < d->n; i++) {
		uint64_t at = HEADER + i * ENTRY, last = (uint64_t)span_u32le(bytes, at + 8) + span_u32le(bytes, at + 12);
		end = last > end ? last : end;
	}
	return end;
}

static bool dji_probe(struct span at, struct format_match *match)
{
	struct dji d;
	if (!dji_read(at, &d))
		return false;
	match->size = end_of(at, &d);
	match->confidence = 85;
	return true;
}

static struct error read_module(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	static const uint8_t iv[16];
	const struct span *module = file;
	(void)fs;
	for (size_t i = 0; i < n; i += CIPHERED) {
		size_t part = n - i < CIPHERED ? n - i : CIPHERED, whole = part / 16 * 16;
		struct span in = span_sub(*module, offset + i, part);
		if (!in.p)
			return error_at(ERR_TRUNCATED, offset + i, "these bytes are not there");
		if (!wrapper_decipher((struct wrapper_cipher){ key, iv, 128 }, in.p, out + i, whole))
			return error_at(ERR_MEMORY, offset + i, "no memory to decipher");
		memcpy(out + i + whole, in.p + whole, part - whole);
	}
	return error_none();
}

static bool emit_deciphered(struct walk *w, const char *name, struct span module)
{
	static const struct content_ops ops = { .read = read_module };
	struct span *kept = ARENA_NEW(w->arena, struct span);
	if (!kept)
		return false;
	*kept = module;
	struct content content = { .kind = CONTENT_BLOCKS, .ops = &ops, .file = kept, .block_size = BLOCK };
	return region_emit_content(w, name, module.n, content, NULL);
}

static bool emit_module(struct walk *w, struct span bytes, unsigned i)
{
	uint64_t at = HEADER + i * ENTRY;
	struct span e = span_sub(bytes, at, ENTRY);
	uint8_t target = e.p ? e.p[0] : 0, cipher = e.p ? e.p[1] >> 4 : 0, digest[DIGEST_MD5_SIZE];
	uint32_t version = span_u32le(e, 4), from = span_u32le(e, 8), size = span_u32le(e, 12);
	if (!size)
		return true;
	char name[24];
	snprintf(name, sizeof name, "%u-m%02u%02u", i, target & 31u, (unsigned)target >> 5);
	struct span module = span_sub(bytes, from, size);
	emit_header_field(w->sink, at + 4, name, "version %02u.%02u.%04u", version >> 24, version >> 16 & 0xff,
					  version & 0xffff);
	digest_of(DIGEST_MD5, module, digest);
	wrapper_check_digest(w, at + 20, "stored md5", module.p, span_sub(e, 20, DIGEST_MD5_SIZE), digest);
	if (cipher == 1 && module.p)
		return emit_deciphered(w, name, module);
	if (cipher)
		emit_damage_at(w->sink, ERR_ENCRYPTED, from, "%s: %u bytes, enciphered in way %u", name, size, cipher);
	return region_emit(w, name, bytes, from, size, NULL);
}

static struct error dji_walk(struct span bytes, struct walk *w)
{
	struct dji d;
	if (!dji_read(bytes, &d))
		return error_at(ERR_CORRUPT, 0, "no header of a DJI package");
	struct span covered = span_sub(bytes, 0, d.header_end - 2u);
	uint32_t latest = d.latest ^ 0x5127a564 ^ d.timestamp;
	wrapper_field(w, 12, "manufacturer", span_sub(bytes, 12, 16));
	wrapper_field(w, 28, "model", span_sub(bytes, 28, 16));
	emit_header_field(w->sink, 8, "timestamp", "%u", d.timestamp);
	if (d.latest)
		emit_header_field(w->sink, 46, "version", "%02u.%02u.%04u", latest >> 24, latest >> 16 & 0xff, latest & 0xffff);
	wrapper_check_u32(w, d.header_end - 2u, "crc16", covered.p, span_u16le(bytes, d.header_end - 2u),
					  hash_crc16(CRC_POLYNOMIAL, CRC_START, covered));
	for (unsigned i = 0; i < d.n; i++)
		if (!emit_module(w, bytes, i))
			break;
	return error_none();
}

static const struct format_magic dji_magics[] = { MAGIC("\x78\x56\x34\x12", 0), MAGIC_END };

const struct format dji_format = {
	.name = "dji",
	.kind = FORMAT_CONTAINER,
	.title = "DJI firmware package (xV4)",
	.spec = "github.com/o-gs/dji-firmware-tools dji_xv4_fwcon.py",
	.magics = dji_magics,
	.probe = dji_probe,
	.walk = dji_walk,
};

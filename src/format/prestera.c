/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Firmware of Marvell's Prestera switches, which their driver loads over PCI: a header, a zlib stream, and what comes out of it under a key
 * of eight bytes that all releases share. A program, or a script with a compressed tar behind it, whose header has its CRC.
 *
 * Specification: Linux drivers/net/ethernet/marvell/prestera/prestera_pci.c, struct prestera_fw_header, for the first four fields, of which
 * the last is reserved; what is behind them and the key are read off the images of linux-firmware mrvl/prestera, whose CRCs prove both.
 */
#include "base/codec.h"
#include "base/hash.h"
#include "format/format.h"

#define HEADER_SIZE 32u
#define MAGIC_NUMBER 0x351d9d06u
#define MAJOR 1000000u /* of the number that a version is */
#define MINOR 1000u
#define ALIGNMENT 4u

static const uint8_t key[8] = { 0xa4, 0xe2, 0xa3, 0x5e, 0x95, 0xab, 0x40, 0x29 };

struct prestera {
	uint32_t version, plain_crc, hidden_crc, size;
};

static bool read_header(struct span at, struct prestera *p)
{
	struct reader r = reader_be(span_sub(at, 0, HEADER_SIZE));
	bool ok = rd_u32(&r) == MAGIC_NUMBER;
	p->version = rd_u32(&r);
	(void)rd_u64(&r); /* reserved */
	p->plain_crc = rd_u32(&r);
	p->hidden_crc = rd_u32(&r);
	p->size = rd_u32(&r);
	return rd_u32(&r) == 0 && rd_ok(&r) && ok && p->version >= MINOR && p->version < 100 * MAJOR && p->size > 0;
}

static bool prestera_probe(struct span at, struct format_match *match)
{
	struct prestera p;
	uint16_t zlib = span_u16be(at, HEADER_SIZE);
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 95 };
	return read_header(at, &p) && at.n > HEADER_SIZE + 2 && zlib >> 8 == 0x78 && zlib % 31 == 0;
}

static void uncover(struct span bytes, uint8_t *out)
{
	for (size_t i = 0; i < bytes.n; i++)
		out[i] = bytes.p[i] ^ key[i % sizeof key];
}

/* The stream is filled up with zeros to whole words. */
static size_t with_filling(struct span bytes, size_t used)
{
	size_t end = (used + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	return end <= bytes.n && span_is_zero(span_sub(bytes, used, end - used)) ? end : used;
}

static struct error prestera_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct prestera p;
	size_t start = out->n;
	*used = 0;
	if (!read_header(bytes, &p))
		return error_at(ERR_CORRUPT, 0, "no header of Prestera firmware");
	struct error e = codec_stream(CODEC_ZLIB, span_from(bytes, HEADER_SIZE), out, used);
	struct span made = span_of(out->p + start, out->n - start);
	bool crc = hash_crc32(0, made) == p.hidden_crc;
	uncover(made, out->p + start);
	*used = with_filling(bytes, HEADER_SIZE + *used);
	if (error_is(&e))
		return e.offset += HEADER_SIZE, e;
	if (made.n != p.size)
		return error_at(ERR_CORRUPT, 24, "the header tells of %lu bytes, %zu came out", (unsigned long)p.size, made.n);
	if (!crc)
		return error_at(ERR_CORRUPT, 20, "the CRC-32 of what the stream holds is wrong");
	if (hash_crc32(0, made) != p.plain_crc)
		return error_at(ERR_ENCRYPTED, 16, "it is under another key than the one that is known: the CRC-32 is wrong");
	return error_none();
}

static void prestera_describe(struct span bytes, struct sink *sink)
{
	struct prestera p;
	if (read_header(bytes, &p))
		emit_header_field(sink, 4, "version", "%u.%u.%u", p.version / MAJOR, p.version / MINOR % (MAJOR / MINOR), p.version % MINOR);
}

static const struct format_magic prestera_magics[] = { MAGIC("\x35\x1d\x9d\x06", 0), MAGIC_END };

const struct format prestera_format = {
	.name = "prestera",
	.kind = FORMAT_COMPRESSION,
	.title = "Marvell Prestera switch firmware",
	.spec = "Linux drivers/net/ethernet/marvell/prestera/prestera_pci.c",
	.magics = prestera_magics,
	.probe = prestera_probe,
	.unpack = prestera_unpack,
	.describe = prestera_describe,
};

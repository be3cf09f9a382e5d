/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units of the JBOOT boot loader (Amit; D-Link, Planex, TRENDnet): an 80-byte header that says where in flash its
 * payload goes; several stand one behind the other. D-Link's later ones have a signature and then blocks that are enciphered with
 * AES-256 in CBC mode, each with a vector before it, under a published password.
 *
 * Specification: github.com/anphsw/openbinboy; OpenWrt firmware-utils src/mkdlinkfw-lib.c; github.com/devttys0/delink src/dlk.rs.
 */
#include <stdio.h>

#include "format/dlink_keys.h"
#include "format/openssl_enc.h"
#include "format/region.h"

#define HEADER_SIZE 80u
#define HEADER_SUM_AT 78u
#define UNITS_MAX 32u
#define EPOCH 0x35016f00u
#define AES_BLOCK 16u
#define CIPHER_BLOCK_MAX (16u << 20)

struct unit {
	struct span device;
	uint16_t payload_sum, header_sum;
	uint32_t block, time, erase_at, erase_size, data_at, size, type; /* block: bytes that are enciphered at once, or 0 */
};

static bool unit_read(struct span bytes, struct unit *u)
{
	static const uint8_t zeros[16];
	struct reader r = reader_le(bytes);
	u->device = rd_bytes(&r, 12);
	rd_skip(&r, 2);
	u->payload_sum = rd_u16(&r);
	u->block = rd_u32(&r);
	rd_skip(&r, 8);
	u->time = rd_u32(&r);
	u->erase_at = rd_u32(&r);
	u->erase_size = rd_u32(&r);
	u->data_at = rd_u32(&r);
	u->size = rd_u32(&r);
	struct span zero = rd_bytes(&r, 16);
	uint32_t magic = rd_u32(&r);
	u->type = rd_u32(&r);
	rd_skip(&r, 6);
	u->header_sum = rd_u16(&r);
	return rd_ok(&r) && magic == 0x00024842 && span_starts(zero, zeros, sizeof zeros) && wrapper_is_text(u->device) &&
		   u->size && wrapper_sum16(span_sub(bytes, 0, HEADER_SUM_AT), false, true) + u->header_sum == 0xffff;
}

static bool jboot_probe(struct span at, struct format_match *match)
{
	struct unit u;
	uint64_t end = 0;
	for (unsigned i = 0; i < UNITS_MAX && unit_read(span_from(at, end), &u); i++)
		end += (uint64_t)HEADER_SIZE + u.size;
	match->size = end;
	match->confidence = 90;
	return end != 0;
}

static const char *type_name(uint32_t type)
{
	switch (type) {
	case 0x00010000:
		return "bootloader";
	case 0x04040000:
		return "kernel";
	case 0x00080000:
		return "rootfs";
	case 0x00050000:
	case 0x04050000:
		return "branding";
	default:
		return "unit";
	}
}

struct blocks {
	struct span data;
	uint32_t plain; /* bytes of a block when it is in the clear: a vector, and a whole block of padding are added */
	const char *password;
};

/* The bytes of one block, the last of which may be shorter, and how many are not padding. */
static bool decipher_block(const struct blocks *b, struct span block, uint8_t *out, size_t *n)
{
	struct span packed = span_from(block, AES_BLOCK);
	struct wrapper_cipher cipher = { (const uint8_t *)b->password, block.p, 256 };
	unsigned padding = openssl_enc_padding(cipher, packed);
	*n = packed.n - padding;
	return padding && wrapper_decipher(cipher, packed.p, out, packed.n);
}

static struct error unpack_blocks(const void *fs, const void *file, struct buf *out)
{
	const struct blocks *b = file;
	uint64_t each = (uint64_t)b->plain + 2 * AES_BLOCK;
	(void)fs;
	for (uint64_t at = 0; at < b->data.n; at += each) {
		struct span block = span_clip(b->data, at, each);
		size_t n;
		enum error_code code = buf_reserve(out, block.n);
		if (code)
			return error_at(code, at, "a block of %zu bytes", block.n);
		if (!decipher_block(b, block, out->p + out->n, &n))
			return error_at(ERR_CORRUPT, at, "a block whose padding is not whole");
		out->n += n;
	}
	return error_none();
}

/* Every block that is there whole ends with its padding, 1 to 16 bytes: a whole one, or several, prove the password. */
static bool fits(const struct blocks *b)
{
	uint64_t each = (uint64_t)b->plain + 2 * AES_BLOCK, proof = 0;
	for (uint64_t at = 0; at + each <= b->data.n; at += each) {
		struct span block = span_sub(b->data, at, each);
		struct wrapper_cipher cipher = { (const uint8_t *)b->password, block.p, 256 };
		unsigned padding = openssl_enc_padding(cipher, span_from(block, AES_BLOCK));
		if (!padding)
			return false;
		proof += padding;
	}
	return proof >= AES_BLOCK;
}

static bool find_password(struct blocks *b)
{
	for (const char *const *p = dlink_passwords; *p; p++) {
		b->password = *p;
		if (fits(b))
			return true;
	}
	return false;
}

/* False: not of that kind, or under another password. *go: whether to go on. */
static bool emit_deciphered(struct walk *w, const struct unit *u, struct span data, uint64_t at, const char *name, bool *go)
{
	static const struct content_ops ops = { .unpack = unpack_blocks };
	struct blocks found = { .data = data, .plain = u->block };
	if (!span_starts(u->device, "DLK", 3) || !u->block || u->block > CIPHER_BLOCK_MAX || !find_password(&found))
		return false;
	struct blocks *b = ARENA_NEW(w->arena, struct blocks);
	if (!b)
		return false;
	*b = found;
	emit_header_field(w->sink, at, "cipher", "%s", "AES-256-CBC, published password");
	struct content content = { .kind = CONTENT_STREAM, .ops = &ops, .file = b };
	*go = region_emit_content(w, name, SIZE_UNKNOWN, content, NULL);
	return true;
}

static struct error jboot_walk(struct span bytes, struct walk *w)
{
	struct unit u;
	uint64_t at = 0;
	for (unsigned i = 0; i < UNITS_MAX && unit_read(span_from(bytes, at), &u); i++) {
		struct span data = span_clip(bytes, at + HEADER_SIZE, u.size);
		char name[48];
		snprintf(name, sizeof name, "%u-%s", i, type_name(u.type));
		wrapper_field(w, at, "device_id", u.device);
		emit_header_field(w->sink, at + 28, "timestamp", "%llu", (unsigned long long)u.time * 4 + EPOCH);
		emit_header_field(w->sink, at + 40, name, "at 0x%x in flash, type 0x%08x", u.data_at, u.type);
		wrapper_check_u32(w, at + 14, "payload sum", data.n == u.size, u.payload_sum, wrapper_sum16(data, false, true));
		bool go = true;
		if (!emit_deciphered(w, &u, data, at, name, &go))
			go = wrapper_region(w, bytes, at + HEADER_SIZE, u.size, text_c(name), NULL);
		if (!go)
			break;
		at += (uint64_t)HEADER_SIZE + u.size;
	}
	return error_none();
}

static const struct format_magic jboot_magics[] = { MAGIC("\x42\x48\x02\0", 64), MAGIC_END };

const struct format jboot_format = {
	.name = "jboot",
	.kind = FORMAT_CONTAINER,
	.title = "JBOOT firmware units (Amit, D-Link)",
	.spec = "github.com/anphsw/openbinboy",
	.magics = jboot_magics,
	.probe = jboot_probe,
	.walk = jboot_walk,
};

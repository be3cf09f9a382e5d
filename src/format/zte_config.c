/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configurations that ZTE's routers and ONTs export (config.bin), and enciphered ones in their file systems: a header with four magic
 * words, a signature (the model), a payload. Header and signature may be missing.
 *
 * Specification: github.com/mkst/zte-config-utility, zcu/zte.py, zcu/encryption.py.
 */
#include "format/parts.h"
#include "format/wrapper.h"
#include "format/zte.h"

#define HEADER_MAGIC "\x99\x99\x99\x99\x44\x44\x44\x44\x55\x55\x55\x55\xaa\xaa\xaa\xaa"
#define HEADER_SIZE 128u
#define SIGNATURE_MAGIC "\4\3\2\1\0\0\0\0\0\0\0"
#define SIGNATURE_HEAD 12u
#define SIGNATURE_MAX 64u
#define ENCIPHERED 2u /* and above */
#define VERSION_LAST 4u
#define SIZE_SANE (64u << 20)

struct zte_config {
	uint64_t signature, payload, end; /* signature: of its text, which ends where the payload begins */
	uint8_t version;
};

static bool header_read(struct span bytes, struct zte_config *c)
{
	struct span h = span_sub(bytes, 0, HEADER_SIZE);
	bool big = span_u32be(h, 68) == HEADER_SIZE;
	uint32_t size = span_u32(h, 72, big);
	c->payload = HEADER_SIZE;
	c->end = HEADER_SIZE + (uint64_t)size;
	return (big ? span_u32be(h, 60) == 64 : span_u32le(h, 68) == HEADER_SIZE && span_u32le(h, 60) == 64) && size <= SIZE_SANE;
}

static bool signature_read(struct span bytes, struct zte_config *c)
{
	struct span head = span_sub(bytes, c->payload, SIGNATURE_HEAD);
	if (!span_starts(head, SIGNATURE_MAGIC, 11))
		return true;
	c->signature = c->payload + SIGNATURE_HEAD;
	c->payload = c->signature + head.p[11];
	return head.p[11] && head.p[11] <= SIGNATURE_MAX && wrapper_is_text(span_sub(bytes, c->signature, head.p[11]));
}

/* An enciphered payload has whole blocks of AES, and no CRC in its head. */
static bool payload_read(struct span bytes, struct zte_config *c)
{
	struct span payload = span_from(bytes, c->payload);
	if (!span_starts(payload, ZTE_PAYLOAD_MAGIC, 7) || payload.n < ZTE_PAYLOAD_HEAD || payload.p[7] > VERSION_LAST)
		return false;
	uint64_t end = 0;
	bool whole = zte_chunks_end(payload, &end);
	c->version = payload.p[7];
	if (!c->end) {
		if (!whole || (c->version && !span_is_zero(span_sub(payload, 28, ZTE_PAYLOAD_HEAD - 28))) || c->version == 1)
			return false;
		c->end = c->payload + end;
	}
	if (c->end <= c->payload + ZTE_PAYLOAD_HEAD)
		return false;
	return c->version ? c->version < ENCIPHERED || span_u32be(payload, ZTE_PAYLOAD_HEAD + 4) % 16 == 0 : zte_head_is_packed(payload);
}

static bool config_read(struct span bytes, struct zte_config *c)
{
	*c = (struct zte_config){ 0 };
	if (span_starts(bytes, HEADER_MAGIC, 16) && !header_read(bytes, c))
		return false;
	return signature_read(bytes, c) && payload_read(bytes, c) && (c->payload || c->version);
}

static bool config_probe(struct span at, struct format_match *match)
{
	struct zte_config c;
	if (!config_read(at, &c))
		return false;
	match->size = c.end;
	match->confidence = c.payload ? 95 : 75;
	return true;
}

static struct error config_walk(struct span bytes, struct walk *w)
{
	struct zte_config c;
	if (!config_read(bytes, &c))
		return error_at(ERR_CORRUPT, 0, "no configuration of ZTE's");
	struct parts p = { bytes, w, 0, false };
	if (c.signature)
		wrapper_field(w, c.signature, "model", span_sub(bytes, c.signature, c.payload - c.signature));
	emit_header_field(w->sink, c.payload + 4, "version", "%u", c.version);
	emit_header_field(w->sink, c.payload + 4, "encrypted", "%s", c.version >= ENCIPHERED ? "AES" : "no");
	if (!c.version)
		(void)parts_emit(&p, TEXT_LIT("config"), c.payload, c.end - c.payload, "zte_db");
	else
		(void)parts_emit(&p, c.version >= ENCIPHERED ? TEXT_LIT("encrypted") : TEXT_LIT("config"), c.payload + ZTE_PAYLOAD_HEAD,
						 c.end - c.payload - ZTE_PAYLOAD_HEAD, NULL);
	return error_none();
}

static const struct format_magic config_magics[] = {
	MAGIC(HEADER_MAGIC, 0),
	MAGIC(SIGNATURE_MAGIC, 0),
	MAGIC(ZTE_PAYLOAD_MAGIC "\2", 0),
	MAGIC(ZTE_PAYLOAD_MAGIC "\3", 0),
	MAGIC(ZTE_PAYLOAD_MAGIC "\4", 0),
	MAGIC_END,
};

const struct format zte_config_format = {
	.name = "zte_config",
	.kind = FORMAT_CONTAINER,
	.title = "ZTE configuration",
	.spec = "zte-config-utility zcu/zte.py",
	.magics = config_magics,
	.probe = config_probe,
	.walk = config_walk,
};

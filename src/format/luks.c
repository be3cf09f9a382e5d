/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LUKS 1 and 2: encrypted volumes of Linux. What the header says is kept; what it guards needs a passphrase.
 *
 * Specification: "LUKS On-Disk Format Specification" 1.2.3 (C. Fruhwirth); "LUKS2 On-Disk Format Specification"
 * 1.1.3.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "format/region.h"
#include "format/wrapper.h"

#define LUKS1_SIZE 592u
#define LUKS2_BINARY 4096u
#define LUKS2_MAX (4u << 20)
#define SLOTS 8u
#define SLOT_SIZE 48u
#define SLOT_ENABLED 0x00ac71f3u

/* The JSON area follows the binary header; both are covered by a digest in which its own field counts as zeros. */
static bool luks2_digest_ok(struct span bytes, uint64_t size)
{
	static const uint8_t zeros[64];
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256_CTX c;
	SHA256_Init(&c);
	SHA256_Update(&c, bytes.p, 448);
	SHA256_Update(&c, zeros, sizeof zeros);
	SHA256_Update(&c, bytes.p + 512, (size_t)size - 512);
	SHA256_Final(digest, &c);
	return span_has(bytes, 448, digest, sizeof digest);
}

static bool luks1_is_sane(struct span at)
{
	uint32_t payload = span_u32be(at, 104), key_bytes = span_u32be(at, 108);
	if (!span_sub(at, 0, LUKS1_SIZE).p || !wrapper_is_text(span_sub(at, 8, 32)) ||
		!wrapper_is_text(span_sub(at, 40, 32)) || !wrapper_is_text(span_sub(at, 72, 32)) || !key_bytes ||
		key_bytes > 512)
		return false;
	return payload == 0 || payload >= 2; /* a detached header has none */
}

static bool luks_probe(struct span at, struct format_match *match)
{
	uint16_t version = span_u16be(at, 6);
	if (!span_starts(at, "LUKS\xba\xbe", 6))
		return false;
	match->size = at.n;
	match->confidence = 95;
	if (version == 1)
		return luks1_is_sane(at);
	uint64_t size = span_u64be(at, 8);
	return version == 2 && size >= 2 * LUKS2_BINARY && size <= LUKS2_MAX && (size & (size - 1)) == 0 &&
		   wrapper_is_text(span_sub(at, 72, 32));
}

static void luks1_fields(struct walk *w, struct span bytes)
{
	unsigned enabled = 0;
	wrapper_field(w, 8, "cipher-name", span_sub(bytes, 8, 32));
	wrapper_field(w, 40, "cipher-mode", span_sub(bytes, 40, 32));
	wrapper_field(w, 72, "hash-spec", span_sub(bytes, 72, 32));
	emit_header_field(w->sink, 104, "payload-offset", "%u", span_u32be(bytes, 104));
	emit_header_field(w->sink, 108, "key-bytes", "%u", span_u32be(bytes, 108));
	emit_header_field(w->sink, 164, "mk-digest-iter", "%u", span_u32be(bytes, 164));
	wrapper_field(w, 168, "uuid", span_sub(bytes, 168, 40));
	for (unsigned i = 0; i < SLOTS; i++) {
		uint64_t at = 208 + i * SLOT_SIZE;
		if (span_u32be(bytes, at) != SLOT_ENABLED)
			continue;
		enabled++;
		emit_header_field(w->sink, at + 4, "key-slot", "slot %u, %u iterations", i, span_u32be(bytes, at + 4));
	}
	emit_header_field(w->sink, 208, "key-slots", "%u of %u are in use", enabled, SLOTS);
}

static bool luks2_fields(struct walk *w, struct span bytes)
{
	uint64_t size = span_u64be(bytes, 8);
	wrapper_field(w, 24, "label", span_sub(bytes, 24, 48));
	wrapper_field(w, 72, "checksum_alg", span_sub(bytes, 72, 32));
	wrapper_field(w, 168, "uuid", span_sub(bytes, 168, 40));
	wrapper_field(w, 208, "subsystem", span_sub(bytes, 208, 48));
	bool whole = span_sub(bytes, 0, size).p && text_is(wrapper_text(span_sub(bytes, 72, 32)), "sha256");
	wrapper_check(w, 448, "csum", whole, whole && luks2_digest_ok(bytes, size));
	struct span json = span_clip(bytes, LUKS2_BINARY, size - LUKS2_BINARY);
	struct text t = wrapper_text(json);
	return region_emit(w, "metadata.json", bytes, LUKS2_BINARY, t.n, NULL);
}

static struct error luks_walk(struct span bytes, struct walk *w)
{
	struct format_match match;
	uint16_t version = span_u16be(bytes, 6);
	if (!luks_probe(bytes, &match))
		return error_at(ERR_CORRUPT, 0, "no LUKS header");
	emit_header_field(w->sink, 6, "version", "%u", version);
	if (version == 1)
		luks1_fields(w, bytes);
	else if (!luks2_fields(w, bytes))
		return error_none();
	uint64_t data = version == 1 ? (uint64_t)span_u32be(bytes, 104) * 512 : 2 * span_u64be(bytes, 8);
	return error_at(ERR_ENCRYPTED, data, "a LUKS%u volume, whose key is guarded by a passphrase", version);
}

static const struct format_magic luks_magics[] = { MAGIC("LUKS\xba\xbe", 0), MAGIC_END };

const struct format luks_format = {
	.name = "luks",
	.kind = FORMAT_CONTAINER,
	.title = "LUKS encrypted volume, versions 1 and 2 (named)",
	.spec = "LUKS On-Disk Format Specification 1.2.3; LUKS2 On-Disk Format Specification",
	.magics = luks_magics,
	.probe = luks_probe,
	.walk = luks_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Upgrade files for HiSilicon's Hi3861, and what its boot loader starts: a head with a key and a digest or signature of both, a head of up to
 * two sections with a digest or signature of it and of them.
 *
 * Specification: HiSilicon's SDK (OpenHarmony device_soc_hisilicon), hi_upg_file.h, upg_check_secure.c, factory_check_common_head().
 */
/* OpenSSL's one-shot functions and EVP read a configuration file first, which a confined worker may not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "format/parts.h"
#include "format/wrapper.h"

#define KEY_AT 96u
#define KEY_SIZE 288u
#define SECTIONS_AT 640u /* KEY_AT, the key, 256 bytes of signature */
#define SECTIONS_SIZE 64u
#define DATA_AT 960u /* SECTIONS_AT, their head, 256 bytes of signature */
#define SIZE_SANE (16u << 20)
#define KERNEL 0xf0u
#define BOOT 0xe1u
#define PLAIN 0x42u
#define ONLY_SHA256 0x3fu

static bool upgrade_probe(struct span at, struct format_match *match)
{
	struct span h = span_sub(at, 0, KEY_AT);
	uint32_t n = span_u32le(h, 12), size = span_u32le(h, 52);
	if (!span_starts(h, "\x1e\x96\x78\x3c", 4) || span_u32le(h, 8) != SECTIONS_AT || size > SIZE_SANE || n < DATA_AT - SECTIONS_AT ||
		size != (uint64_t)SECTIONS_AT + n || (h.p[48] != KERNEL && h.p[48] != BOOT) || span_u32le(h, 56) > KEY_SIZE)
		return false;
	match->size = size;
	match->confidence = 95;
	return true;
}

static void digest_two(struct span a, struct span b, uint8_t digest[SHA256_DIGEST_LENGTH])
{
	SHA256_CTX context;
	SHA256_Init(&context);
	SHA256_Update(&context, a.p, a.n);
	SHA256_Update(&context, b.p, b.n);
	SHA256_Final(digest, &context);
}

static void verify(struct walk *w, struct span bytes, uint32_t size, bool plain)
{
	uint32_t key = span_u32le(bytes, 56);
	struct span head = span_sub(bytes, 0, KEY_AT + (uint64_t)key), sections = span_sub(bytes, SECTIONS_AT, SECTIONS_SIZE);
	struct span data = span_sub(bytes, DATA_AT, size - DATA_AT);
	uint8_t digest[SHA256_DIGEST_LENGTH];
	if (head.p)
		digest_two(head, span_of(NULL, 0), digest);
	wrapper_check_digest(w, KEY_AT + key, "head_sha256", head.p, span_sub(bytes, KEY_AT + key, sizeof digest), digest);
	bool all = sections.p && data.p && plain;
	if (all)
		digest_two(sections, data, digest);
	wrapper_check_digest(w, SECTIONS_AT + SECTIONS_SIZE, "sections_sha256", all,
						 span_sub(bytes, SECTIONS_AT + SECTIONS_SIZE, sizeof digest), digest);
}

/* The first is the code, the second what is not executed. */
static void emit_sections(struct parts *p, uint32_t size)
{
	static const char *const names[] = { "section-0", "section-1" };
	unsigned count = span_sub(p->bytes, SECTIONS_AT + 12, 1).p ? p->bytes.p[SECTIONS_AT + 12] : 0;
	for (unsigned i = 0; i < count && i < 2; i++) {
		struct span section = span_sub(p->bytes, SECTIONS_AT + 40 + (uint64_t)i * 12, 12);
		uint64_t at = span_u32le(section, 4), n = span_u32le(section, 8);
		if (at < DATA_AT || at + n > size) {
			emit_damage_at(p->w->sink, ERR_CORRUPT, SECTIONS_AT + 44 + i * 12, "%s is not in the file", names[i]);
			return;
		}
		if (n && !parts_emit(p, text_c(names[i]), at, n, NULL))
			return;
	}
}

static struct error upgrade_walk(struct span bytes, struct walk *w)
{
	struct span h = span_sub(bytes, 0, KEY_AT);
	if (!h.p)
		return error_at(ERR_TRUNCATED, bytes.n, "no head");
	struct parts p = { bytes, w, 0, false };
	bool plain = h.p[50] == PLAIN, sha256 = (h.p[62] & 0x3f) == ONLY_SHA256;
	uint32_t size = span_u32le(h, 52);
	emit_header_field(w->sink, 48, "type", "%s", h.p[48] == KERNEL ? "kernel" : "boot");
	emit_header_field(w->sink, 49, "version", "%u", h.p[49]);
	emit_header_field(w->sink, 50, "encrypted", "%s", plain ? "no" : "yes");
	emit_header_field(w->sink, 60, "signed", "%s", sha256 ? "no" : "yes");
	if (sha256)
		verify(w, bytes, size, plain);
	if (plain)
		emit_sections(&p, size);
	else
		(void)parts_emit(&p, TEXT_LIT("encrypted"), DATA_AT, size - DATA_AT, NULL);
	return error_none();
}

static const struct format_magic upgrade_magics[] = { MAGIC("\x1e\x96\x78\x3c", 0), MAGIC_END };

const struct format hi3861_upgrade_format = {
	.name = "hi3861_upgrade",
	.kind = FORMAT_CONTAINER,
	.title = "HiSilicon Hi3861 upgrade file",
	.spec = "HiSilicon SDK hi_upg_file.h",
	.magics = upgrade_magics,
	.probe = upgrade_probe,
	.walk = upgrade_walk,
};

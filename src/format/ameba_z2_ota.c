/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Firmware of Realtek's AmebaZ2 (RTL8720C), as it is updated over the air and stands in the flash: a digest of the first head, six keys, images
 * of sections, each image with a digest, a sum of all.
 *
 * Specification: ltchiptool soc/ambz2/util/models; Realtek AN0500.
 */
#include <stdio.h>

#include "base/hash.h"
#include "format/ameba_z2.h"
#include "format/digest.h"
#include "format/parts.h"

#define KEYS_SIZE 224u /* the digest of the head too */
#define FST_SIZE 96u
#define ENTRY_SIZE 32u
#define IMAGES_MAX 16u
#define SECTIONS_MAX 16u
#define SIZE_SANE (16u << 20)
#define VALID "\0\1\2\3\4\5\6\7"

/* What ltchiptool packs with. */
static const uint8_t known_key[32] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
									   16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 0x5f };

void ameba_z2_hmac(const uint8_t *key, struct span bytes, uint8_t digest[AMEBA_Z2_DIGEST])
{
	uint8_t pad[64];
	if (!key) {
		digest_of(DIGEST_SHA256, bytes, digest);
		return;
	}
	for (size_t i = 0; i < sizeof pad; i++)
		pad[i] = (uint8_t)((i < 32 ? key[i] : 0) ^ 0x36);
	digest_of_parts(DIGEST_SHA256, (const struct span[]){ span_of(pad, sizeof pad), bytes }, 2, digest);
	for (size_t i = 0; i < sizeof pad; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	uint8_t inner[AMEBA_Z2_DIGEST];
	memcpy(inner, digest, sizeof inner);
	digest_of_parts(DIGEST_SHA256, (const struct span[]){ span_of(pad, sizeof pad), span_of(inner, sizeof inner) }, 2, digest);
}

struct z2_image {
	uint64_t at, end; /* of its head; behind its digest */
	uint32_t length, next;
	uint8_t type;
};

static const char *type_name(uint8_t type)
{
	static const char *const names[] = { NULL, NULL, "fwhs-s", "fwhs-ns", "fwls", NULL, NULL, NULL, "xip" };
	return type < sizeof names / sizeof names[0] ? names[type] : NULL;
}

/* Its table and its first section have the pattern that says they are valid. */
static bool image_read(struct span bytes, uint64_t at, struct z2_image *m)
{
	struct span head = span_sub(bytes, at, AMEBA_Z2_HEAD + FST_SIZE + AMEBA_Z2_HEAD);
	*m = (struct z2_image){ at, 0, span_u32le(head, 0), span_u32le(head, 4), head.p ? head.p[8] : 0 };
	m->end = at + AMEBA_Z2_HEAD + m->length + AMEBA_Z2_DIGEST;
	return head.p && type_name(m->type) && !head.p[9] && m->length >= FST_SIZE + AMEBA_Z2_HEAD + ENTRY_SIZE && m->length <= SIZE_SANE &&
		   (m->next == AMEBA_Z2_LAST || (m->next <= SIZE_SANE && at + m->next >= m->end)) &&
		   span_has(head, AMEBA_Z2_HEAD + 8, VALID, 8) && span_has(head, AMEBA_Z2_HEAD + FST_SIZE + 16, VALID, 8);
}

/* Behind the last image, filled up to 64 bytes, may be the sum. */
static bool ota_probe(struct span at, struct format_match *match)
{
	struct z2_image m = { .end = 0 };
	uint64_t place = KEYS_SIZE, end = 0;
	for (unsigned i = 0; i < IMAGES_MAX && image_read(at, place, &m); i++, place += m.next) {
		end = m.end;
		if (m.next == AMEBA_Z2_LAST)
			break;
	}
	if (!end)
		return false;
	uint64_t sum_at = (end + 63) / 64 * 64;
	struct span whole = span_sub(at, 0, sum_at);
	match->size = whole.p && span_sub(at, sum_at, 4).p && span_u32le(at, sum_at) == hash_sum(whole) ? sum_at + 4 : end;
	match->confidence = 90;
	return true;
}

static bool emit_sections(struct parts *p, const struct z2_image *m)
{
	uint64_t at = m->at + AMEBA_Z2_HEAD + FST_SIZE, limit = m->end - AMEBA_Z2_DIGEST;
	for (unsigned i = 0; i < SECTIONS_MAX; i++) {
		struct span head = span_sub(p->bytes, at, AMEBA_Z2_HEAD + ENTRY_SIZE);
		uint32_t next = span_u32le(head, 4), n = span_u32le(head, AMEBA_Z2_HEAD);
		char name[40];
		if (!span_has(head, 16, VALID, 8) || at + head.n + n > limit) {
			emit_damage_at(p->w->sink, head.p ? ERR_CORRUPT : ERR_TRUNCATED, at, "section %u is not in its image", i);
			return true;
		}
		snprintf(name, sizeof name, "%s-0x%08x", type_name(m->type), span_u32le(head, AMEBA_Z2_HEAD + 4));
		if (n && !parts_emit(p, text_c(name), at + head.n, n, NULL))
			return false;
		if (next == AMEBA_Z2_LAST || next < head.n)
			return true;
		at += next;
	}
	return true;
}

/* The first digest says which key it is, if one that is known. */
static bool key_find(struct span bytes, const uint8_t **key)
{
	const uint8_t *const keys[] = { NULL, known_key };
	struct span head = span_sub(bytes, KEYS_SIZE, AMEBA_Z2_HEAD);
	for (size_t i = 0; i < 2; i++) {
		uint8_t digest[AMEBA_Z2_DIGEST];
		*key = keys[i];
		ameba_z2_hmac(*key, head, digest);
		if (span_has(bytes, 0, digest, sizeof digest))
			return true;
	}
	return false;
}

static void verify(struct parts *p, const struct z2_image *m, const uint8_t *key)
{
	uint64_t from = m->at == KEYS_SIZE ? 0 : m->at, at = m->end - AMEBA_Z2_DIGEST;
	struct span covered = span_sub(p->bytes, from, at - from), stored = span_sub(p->bytes, at, AMEBA_Z2_DIGEST);
	uint8_t digest[AMEBA_Z2_DIGEST];
	if (!covered.p || !stored.p)
		return;
	ameba_z2_hmac(key, covered, digest);
	if (!span_has(stored, 0, digest, sizeof digest))
		emit_damage_at(p->w->sink, ERR_CORRUPT, at, "the digest of the image at 0x%llx is another one", (unsigned long long)m->at);
}

static struct error ota_walk(struct span bytes, struct walk *w)
{
	struct parts p = { bytes, w, 0, false };
	struct z2_image m;
	const uint8_t *key = NULL;
	bool known = key_find(bytes, &key);
	uint64_t at = KEYS_SIZE;
	emit_header_field(w->sink, 0, "key", "%s", !known ? "not known" : key ? "the published one" : "none, a SHA-256");
	for (unsigned i = 0; i < IMAGES_MAX && image_read(bytes, at, &m); i++) {
		emit_header_field(w->sink, at + 20, "serial", "%u", span_u32le(bytes, at + 20));
		if (known)
			verify(&p, &m, key);
		if (!emit_sections(&p, &m) || m.next == AMEBA_Z2_LAST)
			return error_none();
		at += m.next;
	}
	emit_damage_at(w->sink, at < bytes.n ? ERR_CORRUPT : ERR_TRUNCATED, at, "the next image is not there");
	return error_none();
}

static const struct format_magic ota_magics[] = { MAGIC(VALID, KEYS_SIZE + AMEBA_Z2_HEAD + 8), MAGIC_END };

const struct format ameba_z2_ota_format = {
	.name = "ameba_z2_ota",
	.kind = FORMAT_CONTAINER,
	.title = "Firmware of Realtek's AmebaZ2 (RTL8720C)",
	.spec = "ltchiptool soc/ambz2; Realtek AN0500",
	.magics = ota_magics,
	.probe = ota_probe,
	.walk = ota_walk,
	.own_bytes = true, /* the heads of further images, which look like one that begins before them */
};

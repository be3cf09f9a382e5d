/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SEAMA (SEAttle iMAge): images of Alpha Networks' routers, D-Link's above all. A seal with facts about the whole,
 * then entities with an MD5 each; an entity also stands alone, in flash. D-Link's DLOB is the same with a seal and
 * one entity.
 *
 * Specification: Alpha Networks seama.h; OpenWrt firmware-utils src/oseama.c.
 */
#include <stdio.h>

#include "format/wrapper.h"

#define SEAL_SIZE 12u
#define ENTITY_SIZE 28u
#define META_MAX 1024u
#define ENTITIES_MAX 64u

struct seama {
	bool big;
	uint32_t size; /* of the image; 0: a seal */
	struct span md5, meta;
	uint32_t header_size;
};

/* The facts are words like "type=firmware", each ended by NUL, padded with NULs. The first one tells them from
 * noise. */
static bool begins_with_word(struct span meta)
{
	size_t n = 0;
	while (n < meta.n && ((meta.p[n] >= 'a' && meta.p[n] <= 'z') || meta.p[n] == '_'))
		n++;
	return n >= 3 && n < meta.n && meta.p[n] == '=' && meta.p[meta.n - 1] == 0 && wrapper_is_text(meta);
}

static bool seama_read(struct span bytes, struct seama *s)
{
	struct reader r = reader_of(bytes, span_starts(bytes, "\x5e\xa3\xa4\x17", 4));
	s->big = r.big;
	uint32_t magic = rd_u32(&r);
	uint16_t reserved = rd_u16(&r), meta_size = rd_u16(&r);
	s->size = rd_u32(&r);
	s->md5 = s->size ? rd_bytes(&r, DIGEST_MD5_SIZE) : SPAN_NONE;
	s->meta = rd_bytes(&r, meta_size);
	s->header_size = (s->size ? ENTITY_SIZE : SEAL_SIZE) + meta_size;
	return rd_ok(&r) && magic == 0x5ea3a417 && reserved == 0 && meta_size % 4 == 0 && meta_size <= META_MAX &&
		   begins_with_word(s->meta);
}

/* Where the entities behind a seal end; 0 when there is none. */
static uint64_t end_of_entities(struct span at, uint64_t from)
{
	struct seama entity;
	uint64_t end = 0;
	for (unsigned i = 0; i < ENTITIES_MAX && seama_read(span_from(at, from), &entity) && entity.size; i++)
		end = from = from + entity.header_size + entity.size;
	return end;
}

static bool seama_probe(struct span at, struct format_match *match)
{
	struct seama s;
	if (!seama_read(at, &s))
		return false;
	match->size = s.size ? (uint64_t)s.header_size + s.size : end_of_entities(at, s.header_size);
	match->confidence = 95;
	return match->size != 0;
}

static void emit_meta(struct walk *w, struct span meta, uint64_t at)
{
	while (meta.n) {
		struct text word = text_until_nul(meta);
		const char *equals = word.n ? memchr(word.p, '=', word.n) : NULL;
		char name[32];
		if (equals && snprintf(name, sizeof name, "%.*s", (int)(equals - word.p), word.p) > 0) {
			size_t n = word.n - (size_t)(equals + 1 - word.p);
			emit_header_field(w->sink, at, name, "%.*s", (int)n, equals + 1);
		}
		at += word.n + 1;
		meta = span_from(meta, word.n + 1);
	}
}

/* The entity at `at`. Adds to it its size; false at the end. */
static bool walk_entity(struct walk *w, struct span bytes, uint64_t *at, unsigned i)
{
	struct seama s;
	if (!seama_read(span_from(bytes, *at), &s) || !s.size)
		return false;
	uint8_t md5[DIGEST_MD5_SIZE];
	uint64_t data = *at + s.header_size;
	struct span image = span_clip(bytes, data, s.size);
	emit_meta(w, s.meta, *at + ENTITY_SIZE);
	digest_of(DIGEST_MD5, image, md5);
	wrapper_check_digest(w, *at + SEAL_SIZE, "md5", image.n == s.size, s.md5, md5);
	char name[32];
	snprintf(name, sizeof name, "entity-%u", i);
	*at = data + s.size;
	return wrapper_region(w, bytes, data, s.size, text_c(name), NULL);
}

static struct error seama_walk(struct span bytes, struct walk *w)
{
	struct seama s;
	uint64_t at = 0;
	if (!seama_read(bytes, &s))
		return error_at(ERR_CORRUPT, 0, "no SEAMA header");
	emit_header_field(w->sink, 0, "endian", "%s", s.big ? "big" : "little");
	if (!s.size) {
		emit_meta(w, s.meta, SEAL_SIZE);
		at = s.header_size;
	}
	for (unsigned i = 0; i < ENTITIES_MAX && walk_entity(w, bytes, &at, i); i++)
		;
	return error_none();
}

static const struct format_magic seama_magics[] = {
	MAGIC("\x5e\xa3\xa4\x17\0\0", 0),
	MAGIC("\x17\xa4\xa3\x5e\0\0", 0),
	MAGIC_END,
};

const struct format seama_format = {
	.name = "seama",
	.kind = FORMAT_CONTAINER,
	.title = "SEAMA and DLOB images of Alpha Networks and D-Link",
	.spec = "OpenWrt firmware-utils src/oseama.c",
	.magics = seama_magics,
	.probe = seama_probe,
	.walk = seama_walk,
};

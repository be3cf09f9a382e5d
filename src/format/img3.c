/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IMG3: what Apple's boot loaders loaded until 2013. Tags behind a header, each with the size of what it holds and of all of it.
 *
 * Specification: The iPhone Wiki, "IMG3 File Format"; xpwn includes/xpwn/img3.h.
 */
#include "format/parts.h"

#define HEADER 20u
#define TAG 12u
#define TAGS_MAX 64u

/* Four letters, the last one first. */
static void letters(struct span s, uint64_t at, char out[5])
{
	for (unsigned i = 0; i < 4; i++) {
		unsigned c = at + 4 <= s.n ? s.p[at + 3 - i] : 0;
		out[i] = c >= ' ' && c <= '~' ? (char)c : '?';
	}
	out[4] = 0;
}

static bool img3_probe(struct span at, struct format_match *match)
{
	uint32_t full = span_u32le(at, 4), tags = span_u32le(at, 8), sign = span_u32le(at, 12);
	char type[5], tag[5];
	letters(at, 16, type);
	letters(at, HEADER, tag);
	/* the first of the tags tells the type once more */
	if (!span_starts(at, "3gmI", 4) || tags > full || full - tags < HEADER || sign > tags || strcmp(tag, "TYPE") != 0 ||
		!span_has(at, HEADER + TAG, at.p + 16, 4) || strchr(type, '?'))
		return false;
	match->size = full;
	match->confidence = 90;
	return true;
}

static bool tag_walk(struct parts *p, const char *name, uint64_t data, uint32_t n)
{
	struct walk *w = p->w;
	if (strcmp(name, "DATA") == 0)
		return parts_emit(p, TEXT_LIT("payload"), data, n, NULL);
	if (strcmp(name, "CERT") == 0)
		return parts_emit(p, TEXT_LIT("certificates"), data, n, NULL);
	if (strcmp(name, "VERS") == 0) {
		struct span version = span_sub(p->bytes, data + 4, span_u32le(p->bytes, data));
		emit_header_field(w->sink, data, "version", "%.*s", (int)(version.n < 256 ? version.n : 256), version.p ? (const char *)version.p : "");
	} else if (strcmp(name, "KBAG") == 0 && span_u32le(p->bytes, data)) {
		emit_damage_at(w->sink, ERR_ENCRYPTED, data, "the payload is encrypted with AES-%lu: its key is in a keybag, under a key of the chip",
					   (unsigned long)span_u32le(p->bytes, data + 4));
	}
	return true;
}

static struct error img3_walk(struct span bytes, struct walk *w)
{
	struct parts p = { .bytes = bytes, .w = w };
	char name[5];
	uint64_t end = (uint64_t)span_u32le(bytes, 4), at = HEADER;
	letters(bytes, 16, name);
	emit_header_field(w->sink, 16, "type", "%s", name);
	for (unsigned i = 0; i < TAGS_MAX && at + TAG <= end; i++) {
		uint32_t total = span_u32le(bytes, at + 4), n = span_u32le(bytes, at + 8);
		letters(bytes, at, name);
		if (at + TAG > bytes.n)
			return error_at(ERR_TRUNCATED, bytes.n, "tags go on up to %llu", (unsigned long long)end);
		if (total < TAG || n > total - TAG || total > end - at)
			return error_at(ERR_CORRUPT, at, "the tag %s says %lu bytes, %lu of them data", name, (unsigned long)total, (unsigned long)n);
		if (!tag_walk(&p, name, at + TAG, n))
			return error_none();
		at += total;
	}
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("3gmI", 0), MAGIC_END };

const struct format img3_format = {
	.name = "img3",
	.kind = FORMAT_CONTAINER,
	.title = "IMG3 of Apple's boot loaders",
	.spec = "https://www.theiphonewiki.com/wiki/IMG3_File_Format",
	.magics = magics,
	.probe = img3_probe,
	.walk = img3_walk,
};

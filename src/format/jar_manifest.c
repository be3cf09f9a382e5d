/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: JAR File Specification, "JAR Manifest" and "Signature Validation". */
#include <stdlib.h>

#include <openssl/evp.h>

#include "format/digest.h"
#include "format/jar.h"

#define VALUE_MAX 65536u

/* Takes a line with its end; `line` is without it. */
static bool take_line(struct span *rest, struct span *line)
{
	if (!rest->n)
		return false;
	size_t n = 0;
	while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
		n++;
	*line = span_of(rest->p, n);
	if (n < rest->n)
		n += rest->p[n] == '\r' && n + 1 < rest->n && rest->p[n + 1] == '\n' ? 2 : 1;
	*rest = span_from(*rest, n);
	return true;
}

/* The value of an attribute; a line that begins with a space goes on with the one before. TEXT_NONE: it is not there. */
struct text jar_attribute(struct arena *arena, struct span section, const char *name)
{
	size_t length = strlen(name), n = 0;
	struct span line;
	char *out = NULL;
	while (take_line(&section, &line)) {
		bool more = line.n && line.p[0] == ' ';
		if (out && !more)
			break;
		if (!out) {
			if (line.n < length + 2 || strncasecmp((const char *)line.p, name, length) != 0 ||
				!span_has(line, length, ": ", 2))
				continue;
			out = arena_alloc(arena, line.n + section.n + 1, 1);
			line = span_from(line, length + 1);
		}
		if (!out || n + line.n > VALUE_MAX)
			return TEXT_NONE;
		if (line.n > 1)
			memcpy(out + n, line.p + 1, line.n - 1);
		n += line.n ? line.n - 1 : 0;
	}
	return out ? text_of(out, n) : TEXT_NONE;
}

static bool take_section(struct span *rest, struct span *whole)
{
	struct span line, begin;
	while (rest->n && (rest->p[0] == '\r' || rest->p[0] == '\n'))
		*rest = span_from(*rest, 1);
	begin = *rest;
	while (take_line(rest, &line) && line.n)
		;
	*whole = span_of(begin.p, begin.n - rest->n);
	return whole->n > 0;
}

static int compare_names(struct text a, struct text b)
{
	int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
	return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int by_name(const void *a, const void *b)
{
	return compare_names(((const struct jar_section *)a)->name, ((const struct jar_section *)b)->name);
}

/* Names are copied only where they go over several lines. */
static struct text name_of(struct arena *arena, struct span section)
{
	struct span rest = section, line;
	if (!take_line(&rest, &line) || line.n < 7 || strncasecmp((const char *)line.p, "Name: ", 6) != 0)
		return TEXT_NONE;
	if (rest.n && rest.p[0] == ' ')
		return jar_attribute(arena, section, "Name");
	return text_from_span(span_from(line, 6));
}

bool jar_sections(struct arena *arena, struct span manifest, struct jar_section *main, struct jar_section **v,
				  size_t *n)
{
	struct span rest = manifest, whole;
	size_t count = 0;
	*main = (struct jar_section){ .name = TEXT_NONE };
	if (!take_section(&rest, &main->whole))
		return false;
	for (struct span r = rest; take_section(&r, &whole);)
		count++;
	*v = count <= JAR_SECTIONS_MAX ? ARENA_ARRAY(arena, struct jar_section, count + 1) : NULL;
	*n = 0;
	while (*v && *n < count && take_section(&rest, &whole)) {
		struct text name = name_of(arena, whole);
		if (name.n)
			(*v)[(*n)++] = (struct jar_section){ name, whole };
	}
	if (*v)
		qsort(*v, *n, sizeof **v, by_name);
	return *v != NULL;
}

const struct jar_section *jar_find(const struct jar_section *v, size_t n, struct text name)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = compare_names(v[mid].name, name);
		if (c == 0)
			return &v[mid];
		*(c < 0 ? &lo : &hi) = c < 0 ? mid + 1 : mid;
	}
	return NULL;
}

enum jar_digest jar_compare(struct arena *arena, const struct jar_section *s, const char *suffix, struct span bytes)
{
	static const struct {
		const char *name;
		enum digest digest;
	} known[] = { { "SHA-512", DIGEST_SHA512 }, { "SHA-384", DIGEST_SHA384 }, { "SHA-256", DIGEST_SHA256 },
				  { "SHA1", DIGEST_SHA1 },      { "SHA-1", DIGEST_SHA1 },     { "SHA", DIGEST_SHA1 } };
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		char name[64];
		uint8_t digest[DIGEST_MAX], base64[4 * (DIGEST_MAX / 3 + 1) + 1];
		snprintf(name, sizeof name, "%s-Digest%s", known[i].name, suffix);
		struct text told = jar_attribute(arena, s->whole, name);
		if (!told.p)
			continue;
		digest_of(known[i].digest, bytes, digest);
		int n = EVP_EncodeBlock(base64, digest, (int)digest_size(known[i].digest));
		return n > 0 && told.n == (size_t)n && memcmp(told.p, base64, told.n) == 0 ? JAR_SAME : JAR_OTHER;
	}
	return JAR_NONE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ascii.h"
#include "base/purl.h"

#include <string.h>

static bool is_type(struct text t)
{
	bool ok = t.n > 0 && ascii_is_letter(t.p[0]);
	for (size_t i = 0; ok && i < t.n; i++)
		ok = ascii_is_alnum(t.p[i]) || t.p[i] == '.' || t.p[i] == '-';
	return ok;
}

static bool is_key(struct text t)
{
	bool ok = t.n > 0 && t.p[0] >= 'a' && t.p[0] <= 'z';
	for (size_t i = 0; ok && i < t.n; i++)
		ok = (t.p[i] >= 'a' && t.p[i] <= 'z') || ascii_is_digit(t.p[i]) || t.p[i] == '.' || t.p[i] == '-' || t.p[i] == '_';
	return ok;
}

/* Percent-decoded into the arena; false for a broken triplet or when out of memory. */
static bool decode(struct text in, struct text *out, struct arena *a)
{
	char *p = arena_alloc(a, in.n + 1, 1);
	size_t n = 0;
	if (!p)
		return false;
	for (size_t i = 0; i < in.n; i++) {
		if (in.p[i] != '%') {
			p[n++] = in.p[i];
			continue;
		}
		int high = i + 2 < in.n ? ascii_hex_value(in.p[i + 1]) : -1, low = i + 2 < in.n ? ascii_hex_value(in.p[i + 2]) : -1;
		if (high < 0 || low < 0 || (high == 0 && low == 0))
			return false;
		p[n++] = (char)(high << 4 | low);
		i += 2;
	}
	*out = text_of(p, n);
	return true;
}

static struct text trim_slashes(struct text t)
{
	while (t.n && t.p[0] == '/')
		t = text_of(t.p + 1, t.n - 1);
	while (t.n && t.p[t.n - 1] == '/')
		t.n--;
	return t;
}

/* Segments between slashes, each decoded; empty ones are left out, in a subpath "." and ".." too. */
static bool decode_segments(struct text in, bool is_subpath, struct text *out, struct arena *a)
{
	char *p = arena_alloc(a, in.n + 1, 1);
	size_t n = 0;
	for (size_t at = 0; p && at < in.n;) {
		const char *slash = memchr(in.p + at, '/', in.n - at);
		size_t end = slash ? (size_t)(slash - in.p) : in.n;
		struct text segment;
		if (!decode(text_of(in.p + at, end - at), &segment, a) || memchr(segment.p, '/', segment.n))
			return false;
		at = end + 1;
		if (!segment.n || (is_subpath && (text_is(segment, ".") || text_is(segment, ".."))))
			continue;
		if (n)
			p[n++] = '/';
		memcpy(p + n, segment.p, segment.n);
		n += segment.n;
	}
	*out = text_of(p, n);
	return p != NULL;
}

/* Offset of the last c, or t.n. */
static size_t last_of(struct text t, char c)
{
	const char *p = t.n ? memrchr(t.p, c, t.n) : NULL;
	return p ? (size_t)(p - t.p) : t.n;
}

bool purl_set(struct purl *purl, struct text key, struct text value)
{
	unsigned at = 0;
	if (!value.n)
		return true;
	while (at < purl->nqualifiers) {
		const struct text k = purl->qualifiers[at].key;
		int order = memcmp(k.p, key.p, k.n < key.n ? k.n : key.n);
		if (order == 0 && k.n == key.n) {
			purl->qualifiers[at].value = value;
			return true;
		}
		if (order > 0 || (order == 0 && k.n > key.n))
			break;
		at++;
	}
	if (purl->nqualifiers == PURL_QUALIFIERS_MAX)
		return false;
	memmove(purl->qualifiers + at + 1, purl->qualifiers + at, (purl->nqualifiers - at) * sizeof purl->qualifiers[0]);
	purl->qualifiers[at] = (struct purl_qualifier){ key, value };
	purl->nqualifiers++;
	return true;
}

struct text purl_get(const struct purl *purl, const char *key)
{
	for (unsigned i = 0; i < purl->nqualifiers; i++)
		if (text_is(purl->qualifiers[i].key, key))
			return purl->qualifiers[i].value;
	return TEXT_NONE;
}

static bool parse_qualifiers(struct text in, struct purl *out, struct arena *a)
{
	for (size_t at = 0; at < in.n;) {
		const char *amp = memchr(in.p + at, '&', in.n - at);
		struct text pair = text_of(in.p + at, (amp ? (size_t)(amp - in.p) : in.n) - at), value;
		const char *equals = pair.n ? memchr(pair.p, '=', pair.n) : NULL;
		at += pair.n + 1;
		if (!equals)
			return false;
		char *key = arena_strdup(a, text_of(pair.p, (size_t)(equals - pair.p)));
		for (char *c = key; c && *c; c++)
			*c = ascii_lower(*c);
		if (!key || !is_key(text_c(key)) || purl_get(out, key).p ||
			!decode(text_of(equals + 1, pair.n - (size_t)(equals - pair.p) - 1), &value, a) ||
			!purl_set(out, text_c(key), value))
			return false;
	}
	return true;
}

/* What a type's definition folds. */
enum { FOLD_NAMESPACE = 1, FOLD_NAME = 2, FOLD_DASH = 4 };

static const struct {
	const char *type;
	unsigned folds;
} foldings[] = {
	{ "alpm", FOLD_NAMESPACE | FOLD_NAME },
	{ "apk", FOLD_NAMESPACE | FOLD_NAME },
	{ "bitbucket", FOLD_NAMESPACE | FOLD_NAME },
	{ "bitnami", FOLD_NAME },
	{ "composer", FOLD_NAMESPACE | FOLD_NAME },
	{ "deb", FOLD_NAMESPACE | FOLD_NAME },
	{ "github", FOLD_NAMESPACE | FOLD_NAME },
	{ "hex", FOLD_NAMESPACE | FOLD_NAME },
	{ "oci", FOLD_NAME },
	{ "pypi", FOLD_NAME | FOLD_DASH },
	{ "qpkg", FOLD_NAMESPACE },
	{ "rpm", FOLD_NAMESPACE },
};

static void fold(struct text t, bool dashes)
{
	for (char *c = (char *)(uintptr_t)t.p; t.n && c < t.p + t.n; c++)
		*c = dashes && *c == '_' ? '-' : ascii_lower(*c);
}

/* The parts are copies in the arena: they may be written to. */
static void fold_parts(struct purl *p)
{
	for (size_t i = 0; i < sizeof foldings / sizeof foldings[0]; i++) {
		if (!text_is(p->type, foldings[i].type))
			continue;
		if (foldings[i].folds & FOLD_NAMESPACE)
			fold(p->name_space, false);
		if (foldings[i].folds & FOLD_NAME)
			fold(p->name, foldings[i].folds & FOLD_DASH);
	}
}

static bool parse_path(struct text rest, struct purl *out, struct arena *a)
{
	rest = trim_slashes(rest);
	const char *slash = rest.n ? memchr(rest.p, '/', rest.n) : NULL;
	if (!slash)
		return false;
	struct text type = text_of(rest.p, (size_t)(slash - rest.p));
	if (!is_type(type) || !decode(type, &out->type, a))
		return false;
	fold(out->type, false);
	rest = trim_slashes(text_of(slash, rest.n - type.n));
	size_t at = last_of(rest, '@');
	/* that of npm's "@scope/name" is none */
	bool scope = at < rest.n && (at == 0 || rest.p[at - 1] == '/') && memchr(rest.p + at, '/', rest.n - at);
	if (at < rest.n && !scope) {
		if (!decode(text_of(rest.p + at + 1, rest.n - at - 1), &out->version, a))
			return false;
		rest = trim_slashes(text_of(rest.p, at));
	}
	size_t cut = last_of(rest, '/');
	struct text name = cut < rest.n ? text_of(rest.p + cut + 1, rest.n - cut - 1) : rest;
	if (cut < rest.n && !decode_segments(text_of(rest.p, cut), false, &out->name_space, a))
		return false;
	return name.n > 0 && decode(name, &out->name, a);
}

bool purl_parse(struct text in, struct purl *out, struct arena *a)
{
	*out = (struct purl){ 0 };
	if (in.n < 5 || in.n > PURL_MAX || ascii_lower(in.p[0]) != 'p' || ascii_lower(in.p[1]) != 'k' || ascii_lower(in.p[2]) != 'g' ||
		in.p[3] != ':')
		return false;
	for (size_t i = 0; i < in.n; i++)
		if ((unsigned char)in.p[i] <= 0x20 || in.p[i] == 0x7f)
			return false;
	struct text rest = text_of(in.p + 4, in.n - 4);
	size_t hash = last_of(rest, '#');
	if (hash < rest.n && !decode_segments(text_of(rest.p + hash + 1, rest.n - hash - 1), true, &out->subpath, a))
		return false;
	rest.n = hash;
	size_t question = last_of(rest, '?');
	if (question < rest.n && !parse_qualifiers(text_of(rest.p + question + 1, rest.n - question - 1), out, a))
		return false;
	rest.n = question;
	if (!parse_path(rest, out, a))
		return false;
	fold_parts(out);
	return true;
}

struct writer {
	char *p;
	size_t n, room;
	bool full;
};

static void put(struct writer *w, char c)
{
	if (w->n + 1 < w->room)
		w->p[w->n++] = c;
	else
		w->full = true;
}

static void put_plain(struct writer *w, struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		put(w, t.p[i]);
}

/* Everything but the alphanumerics, ".-_~", the colon and what `keep` has. */
static void put_encoded(struct writer *w, struct text t, char keep)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];
		if (ascii_is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '~' || c == ':' ||
			(keep && c == keep)) {
			put(w, c);
			continue;
		}
		put(w, '%');
		put(w, digits[(unsigned char)c >> 4]);
		put(w, digits[(unsigned char)c & 15]);
	}
}

char *purl_build(const struct purl *purl, struct arena *a)
{
	size_t room = 16 + purl->type.n + 3 * (purl->name_space.n + purl->name.n + purl->version.n + purl->subpath.n);
	for (unsigned i = 0; i < purl->nqualifiers; i++)
		room += 2 + purl->qualifiers[i].key.n + 3 * purl->qualifiers[i].value.n;
	struct writer w = { .p = arena_alloc(a, room, 1), .room = room };
	if (!w.p || !is_type(purl->type) || !purl->name.n)
		return NULL;
	put_plain(&w, TEXT_LIT("pkg:"));
	put_plain(&w, purl->type);
	put(&w, '/');
	if (purl->name_space.n) {
		put_encoded(&w, purl->name_space, '/');
		put(&w, '/');
	}
	put_encoded(&w, purl->name, 0);
	if (purl->version.n) {
		put(&w, '@');
		put_encoded(&w, purl->version, 0);
	}
	for (unsigned i = 0; i < purl->nqualifiers; i++) {
		if (!is_key(purl->qualifiers[i].key))
			return NULL;
		put(&w, i ? '&' : '?');
		put_plain(&w, purl->qualifiers[i].key);
		put(&w, '=');
		put_encoded(&w, purl->qualifiers[i].value, 0);
	}
	if (purl->subpath.n) {
		put(&w, '#');
		put_encoded(&w, purl->subpath, '/');
	}
	w.p[w.n] = '\0';
	return w.full ? NULL : w.p;
}

/* Whether a qualifier does not make it another artifact, or is told otherwise. The types' definitions: "the packaging type is by convention
 * jar if not specified"; golang's is written for what is a module, not a program of it. */
static bool is_granted(const struct purl *purl, const struct purl_qualifier *q)
{
	static const char *const told[] = { "distro", "arch", "epoch", "upstream" };
	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
		if (text_is(q->key, told[i]))
			return true;
	return text_is(q->key, "type") && ((text_is(purl->type, "maven") && text_is(q->value, "jar")) ||
									   (text_is(purl->type, "golang") && text_is(q->value, "module")));
}

/* A value among others that are parted by &. */
static void put_value(struct writer *w, struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] == '&' || t.p[i] == '%')
			put_plain(w, t.p[i] == '&' ? TEXT_LIT("%26") : TEXT_LIT("%25"));
		else
			put(w, t.p[i]);
}

struct text purl_conditions(const struct purl *purl, struct arena *a)
{
	size_t room = 8 + 3 * purl->subpath.n;
	for (unsigned i = 0; i < purl->nqualifiers; i++)
		room += 2 + purl->qualifiers[i].key.n + 3 * purl->qualifiers[i].value.n;
	struct writer w = { .p = arena_alloc(a, room, 1), .room = room };
	if (!w.p)
		return TEXT_NONE;
	for (unsigned i = 0; i < purl->nqualifiers; i++) {
		const struct purl_qualifier *q = &purl->qualifiers[i];
		if (is_granted(purl, q))
			continue;
		put_plain(&w, w.n ? TEXT_LIT("&") : TEXT_LIT(""));
		put_plain(&w, q->key);
		put(&w, '=');
		put_value(&w, q->value);
	}
	if (purl->subpath.n) {
		put_plain(&w, w.n ? TEXT_LIT("&#=") : TEXT_LIT("#="));
		put_value(&w, purl->subpath);
	}
	return text_of(w.p, w.n);
}

/* Whether that is what put_value() makes of the value. */
static bool is_value(struct text written, struct text value)
{
	size_t n = 0;
	for (size_t i = 0; i < written.n; i++, n++) {
		bool amp = text_starts(text_of(written.p + i, written.n - i), "%26"), percent = text_starts(text_of(written.p + i, written.n - i), "%25");
		if (n == value.n || value.p[n] != (amp ? '&' : percent ? '%' : written.p[i]))
			return false;
		i += amp || percent ? 2 : 0;
	}
	return n == value.n;
}

bool purl_meets(const struct purl *purl, struct text conditions)
{
	for (size_t at = 0; at < conditions.n;) {
		const char *amp = memchr(conditions.p + at, '&', conditions.n - at);
		struct text one = text_of(conditions.p + at, (amp ? (size_t)(amp - conditions.p) : conditions.n) - at);
		const char *equals = one.n ? memchr(one.p, '=', one.n) : NULL;
		size_t n = equals ? (size_t)(equals - one.p) : one.n;
		struct text key = text_of(one.p, n), own = text_is(key, "#") ? purl->subpath : TEXT_NONE;
		for (unsigned i = 0; i < purl->nqualifiers; i++)
			own = text_eq(purl->qualifiers[i].key, key) ? purl->qualifiers[i].value : own;
		if (!equals || !own.n || !is_value(text_of(one.p + n + 1, one.n - n - 1), own))
			return false;
		at += one.n + 1;
	}
	return true;
}

bool purl_same_package(const struct purl *a, const struct purl *b)
{
	return text_eq(a->type, b->type) && text_eq(a->name_space, b->name_space) && text_eq(a->name, b->name);
}

bool purl_cut(struct text purl, struct text *package, struct text *version)
{
	*package = *version = TEXT_NONE;
	if (!text_starts(purl, "pkg:"))
		return false;
	struct text rest = trim_slashes(text_of(purl.p + 4, purl.n - 4));
	rest.n = last_of(rest, '#');
	const char *question = rest.n ? memchr(rest.p, '?', rest.n) : NULL;
	rest.n = question ? (size_t)(question - rest.p) : rest.n;
	size_t at = last_of(rest, '@');
	if (at < rest.n && at > 0 && rest.p[at - 1] != '/') { /* the scope of "npm/@scope/name" is no version */
		*version = text_of(rest.p + at + 1, rest.n - at - 1);
		rest.n = at;
	}
	size_t slash = last_of(rest, '/');
	*package = rest;
	return slash > 0 && slash + 1 < rest.n;
}

/* Types whose registries take names in any case for the same; a superset of what the types' definitions fold. */
static bool folds_key(struct text type)
{
	static const char *const types[] = { "bitbucket", "composer", "github", "gitlab", "golang", "hex", "nuget", "pypi" };
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (text_is(type, types[i]))
			return true;
	return false;
}

void purl_fold_key(char *key)
{
	char *slash = strchr(key, '/'), *to = slash;
	struct text type = text_of(key, slash ? (size_t)(slash - key) : 0);
	for (char *c = key; slash && c < slash; c++)
		*c = ascii_lower(*c);
	if (!folds_key(type))
		return;
	bool python = text_is(type, "pypi");
	for (char *c = slash; *c; c++) {
		bool mark = python && (*c == '-' || *c == '_' || *c == '.'); /* PEP 503: runs of these are one dash */
		if (mark && to[-1] == '-' && to > slash + 1)
			continue;
		*to++ = mark ? '-' : ascii_lower(*c);
	}
	*to = '\0';
}

struct text purl_key(struct text purl, struct arena *a)
{
	struct text package, version, decoded;
	if (!purl_cut(purl, &package, &version) || !decode(package, &decoded, a))
		return TEXT_NONE;
	char *key = arena_strdup(a, decoded);
	if (!key)
		return TEXT_NONE;
	purl_fold_key(key);
	return text_c(key);
}

bool purl_is_of_registry(struct text type)
{
	static const char *const registries[] = { "npm",   "pypi",  "gem",  "maven", "golang",    "cargo", "composer",
											  "nuget", "cocoapods", "hex", "pub",   "swift",     "cran",  "cpan",
											  "hackage", "conda", "luarocks", "julia", "opam" };
	for (size_t i = 0; i < sizeof registries / sizeof registries[0]; i++)
		if (text_is(type, registries[i]))
			return true;
	return false;
}

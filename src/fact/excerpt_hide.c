/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of an excerpt is a credential. In doubt it is one. */
#include <stdio.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/redact.h"
#include "fact/excerpt.h"

/* A shorter value must stand for itself: "root" is no part of "rootfs". */
#define DISTINCTIVE 8u
/* Armour is looked for so far before an excerpt: the longest RSA keys are shorter. */
#define ARMOUR_MAX ((size_t)16 << 10)
/* So far before an excerpt the name of a value may stand that reaches into it, and so far behind it the value may end. */
#define NAMED_BEFORE 512u
#define NAMED_BEHIND 64u
/* So long a mixture of letters and digits may be a key, a token or a hash. */
#define MIXTURE 16u

static void hide_all(struct excerpt_hidden *h, const struct excerpt_cut *cut)
{
	h->n = 1;
	h->v[0] = (struct excerpt_range){ 0, cut->n, true };
}

void excerpt_hide(struct excerpt_hidden *h, const struct excerpt_cut *cut, uint64_t from, uint64_t to, bool is_opaque)
{
	uint64_t end = cut->start + cut->n, a = from > cut->start ? from : cut->start, b = to < end ? to : end;
	if (a >= b)
		return;
	struct excerpt_range r = { (size_t)(a - cut->start), (size_t)(b - a), is_opaque || a != from || b != to };
	size_t at = 0, kept;
	while (at < h->n && h->v[at].from + h->v[at].n <= r.from)
		at++;
	for (kept = at; kept < h->n && h->v[kept].from < r.from + r.n; kept++) { /* those that it overlaps become one with it */
		const struct excerpt_range *o = &h->v[kept];
		size_t first = o->from < r.from ? o->from : r.from;
		size_t last = o->from + o->n > r.from + r.n ? o->from + o->n : r.from + r.n;
		bool same = o->from == r.from && o->n == r.n;
		r = (struct excerpt_range){ first, last - first, o->is_opaque || r.is_opaque || !same };
	}
	if (h->n - (kept - at) + 1 > EXCERPT_HIDDEN_MAX) {
		hide_all(h, cut);
		return;
	}
	memmove(&h->v[at + 1], &h->v[kept], (h->n - kept) * sizeof h->v[0]);
	h->n = h->n - (kept - at) + 1;
	h->v[at] = r;
}

static bool is_word(char c)
{
	return ascii_is_alnum(c) || c == '_' || (c & 0x80);
}

bool excerpt_stands_alone(struct text t, size_t at, size_t n)
{
	bool option = at >= 2 && t.p[at - 2] == '-';
	return (at == 0 || option || !is_word(t.p[at - 1]) || !is_word(t.p[at])) &&
		   (at + n == t.n || !is_word(t.p[at + n]) || !is_word(t.p[at + n - 1]));
}

bool excerpt_hide_value(struct excerpt_hidden *h, const struct excerpt_cut *cut, struct span bytes, struct text value)
{
	bool found = false;
	if (!value.n)
		return false;
	size_t from = cut->start > value.n ? (size_t)cut->start - value.n : 0;
	uint64_t to = cut->start + cut->n + value.n;
	struct span around = span_clip(bytes, from, to - from);
	for (size_t at = 0; at + value.n <= around.n;) {
		const uint8_t *p = memmem(around.p + at, around.n - at, value.p, value.n);
		if (!p)
			break;
		size_t place = from + (size_t)(p - around.p);
		if (value.n >= DISTINCTIVE || excerpt_stands_alone(text_from_span(bytes), place, value.n)) {
			excerpt_hide(h, cut, place, place + value.n, false);
			found = true;
		}
		at = place - from + 1;
	}
	return found;
}

/* "-----BEGIN label-----": where it ends, and whether what follows is for everybody. */
static size_t armour_begins(struct span s, size_t at, bool *is_public)
{
	static const char *const labels[] = { "PUBLIC KEY", "CERTIFICATE", "X509 CRL", "TRUSTED CERTIFICATE",
										  "RSA PUBLIC KEY", "CERTIFICATE REQUEST", "PGP PUBLIC KEY BLOCK", "DH PARAMETERS" };
	struct text label = text_from_span(span_clip(s, at + 11, 64));
	const char *end = label.n ? memmem(label.p, label.n, "-----", 5) : NULL;
	*is_public = false;
	if (!end)
		return at + 11;
	label.n = (size_t)(end - label.p);
	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
		*is_public |= text_is(label, labels[i]);
	return at + 11 + label.n + 5;
}

void excerpt_hide_armour(struct excerpt_hidden *h, const struct excerpt_cut *cut, struct span bytes)
{
	size_t first = cut->start > ARMOUR_MAX ? (size_t)cut->start - ARMOUR_MAX : 0, end = (size_t)cut->start + cut->n;
	struct span s = span_clip(bytes, 0, (uint64_t)end + 64);
	for (size_t at = first; at < end;) {
		const uint8_t *p = memmem(s.p + at, s.n - at, "-----BEGIN ", 11);
		if (!p)
			return;
		bool is_public;
		size_t body = armour_begins(s, (size_t)(p - s.p), &is_public);
		struct span rest = span_from(s, body);
		const uint8_t *stop = rest.n ? memmem(rest.p, rest.n, "-----END ", 9) : NULL;
		size_t to = stop ? (size_t)(stop - s.p) : end;
		if (!is_public)
			excerpt_hide(h, cut, body, to, true);
		at = to > body ? to : body;
	}
}

static bool is_hidden(const struct excerpt_hidden *h, const struct excerpt_cut *cut, size_t from, size_t to)
{
	for (size_t i = 0; i < h->n; i++)
		if (cut->start + h->v[i].from <= from && to <= cut->start + h->v[i].from + h->v[i].n)
			return true;
	return false;
}

void excerpt_hide_named(struct excerpt_hidden *h, const struct excerpt_cut *cut, struct span bytes)
{
	size_t first = cut->start > NAMED_BEFORE ? (size_t)cut->start - NAMED_BEFORE : 0, from, n;
	struct text t = text_from_span(span_clip(bytes, first, (uint64_t)cut->start + cut->n + NAMED_BEHIND - first));
	for (size_t at = 0; redact_next_named(t, &at, &from, &n);)
		if (!is_hidden(h, cut, first + from, first + from + n))
			excerpt_hide(h, cut, first + from, first + from + n, true);
}

/* Words that name a credential, or begin a hash of crypt(5). */
static bool names_secret(struct text rest)
{
	static const char *const words[] = { "pass", "pwd", "psk", "secret", "token", "key", "cred", "auth", "private", "pin",
										 "login", "community", "wep", "hash", "$1$", "$2", "$5$", "$6$", "$y$" };
	char first = rest.p[0] >= 'A' && rest.p[0] <= 'Z' ? (char)(rest.p[0] | 32) : rest.p[0];
	for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
		size_t n = strlen(words[k]);
		if (words[k][0] == first && rest.n >= n && strncasecmp(rest.p, words[k], n) == 0)
			return true;
	}
	return false;
}

bool excerpt_may_be_secret(struct text line)
{
	size_t letters = 0, digits = 0;
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];
		if (names_secret(text_of(line.p + i, line.n - i)))
			return true;
		bool digit = c >= '0' && c <= '9', letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || strchr("+/=_.-", c);
		if (c == '/' || (!digit && !letter) || c == '\0')
			letters = digits = 0;
		letters += letter && c != '/';
		digits += digit;
		if (letters && digits && letters + digits >= MIXTURE)
			return true;
	}
	return false;
}

void excerpt_hidden_write(const struct excerpt_hidden *h, char out[EXCERPT_HIDDEN_TEXT])
{
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = 0; i < h->n; i++)
		n += (size_t)snprintf(out + n, EXCERPT_HIDDEN_TEXT - n, "%s%zu+%zu%s", i ? " " : "", h->v[i].from, h->v[i].n,
							  h->v[i].is_opaque ? "!" : "");
}

static bool take_number(struct text *t, size_t *value)
{
	size_t i = 0;
	*value = 0;
	for (; i < t->n && i < 6 && t->p[i] >= '0' && t->p[i] <= '9'; i++)
		*value = *value * 10 + (size_t)(t->p[i] - '0');
	*t = text_of(t->p + i, t->n - i);
	return i > 0;
}

static bool take_char(struct text *t, char c)
{
	if (!t->n || t->p[0] != c)
		return false;
	*t = text_of(t->p + 1, t->n - 1);
	return true;
}

bool excerpt_hidden_read(struct text t, size_t n, struct excerpt_hidden *h)
{
	size_t end = 0;
	h->n = 0;
	while (t.n) {
		struct excerpt_range r = { 0, 0, false };
		if (h->n == EXCERPT_HIDDEN_MAX || (h->n && !take_char(&t, ' ')) || !take_number(&t, &r.from) ||
			!take_char(&t, '+') || !take_number(&t, &r.n))
			return false;
		r.is_opaque = take_char(&t, '!');
		if (r.from < end || r.n == 0 || r.from > n || r.n > n - r.from)
			return false;
		end = r.from + r.n;
		h->v[h->n++] = r;
	}
	return true;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vendors and products as people write them: "The Apache Software Foundation", "Apache HTTP Server 2.4". Both are cut into words;
 * each way of writing these as an attribute of a CPE name (NISTIR 7695, 5.2) is looked up in the product table. */
#include <string.h>

#include "base/ascii.h"
#include "base/products.h"

#define NAME_MAX_LENGTH 96u
#define WORDS_MAX 10u
#define FORMS_MAX 48u

struct words {
	char text[NAME_MAX_LENGTH];                 /* lower case; words end with NUL */
	struct text v[WORDS_MAX], whole[WORDS_MAX]; /* in `text`, and in what was given */
	size_t n;
};

/* Ways to write it. */
struct forms {
	char text[FORMS_MAX][NAME_MAX_LENGTH];
	size_t n;
};

static bool is_word_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '+';
}

/* Letters, digits, "w1.fi", "1.4"; all else parts words. False: too long, or not of ASCII. */
static bool split(struct text t, struct words *w)
{
	w->n = 0;
	if (!t.n || t.n >= sizeof w->text)
		return false;
	for (size_t i = 0; i <= t.n; i++) {
		char c = i < t.n ? ascii_lower(t.p[i]) : ' ';
		if (c & (char)0x80)
			return false;
		bool in = is_word_character(c), was = i && is_word_character(w->text[i - 1]);
		w->text[i] = in ? c : '\0';
		if (in && !was) {
			if (w->n == WORDS_MAX)
				return false;
			w->v[w->n++] = text_of(w->text + i, 0);
			w->whole[w->n - 1] = text_of(t.p + i, 0);
		}
		if (in)
			w->whole[w->n - 1].n = ++w->v[w->n - 1].n;
	}
	for (size_t i = 0; i < w->n; i++) /* "Inc." */
		while (w->v[i].n > 1 && w->v[i].p[w->v[i].n - 1] == '.')
			w->whole[i].n = --w->v[i].n;
	return w->n > 0;
}

static void add_form(struct forms *f, struct text t)
{
	if (f->n == FORMS_MAX || !t.n || t.n >= NAME_MAX_LENGTH)
		return;
	for (size_t i = 0; i < f->n; i++)
		if (text_is(t, f->text[i]))
			return;
	memcpy(f->text[f->n], t.p, t.n);
	f->text[f->n++][t.n] = '\0';
}

/* "mbed_tls", "mbed-tls", "mbedtls". */
static void add_joined(struct forms *f, const struct text *v, size_t n)
{
	static const char *const between[] = { "_", "-", "" };
	for (size_t k = 0; k < 3 && n; k++) {
		char out[NAME_MAX_LENGTH];
		size_t at = 0;
		for (size_t i = 0; i < n; i++) {
			size_t gap = i ? strlen(between[k]) : 0;
			if (at + gap + v[i].n >= sizeof out)
				return;
			memcpy(out + at, between[k], gap);
			memcpy(out + at + gap, v[i].p, v[i].n);
			at += gap + v[i].n;
		}
		add_form(f, text_of(out, at));
	}
}

/* Ends of the name of somebody that say only of what kind they are. */
static bool is_legal(struct text t)
{
	static const char *const words[] = { "inc",        "llc",         "ltd",          "limited",    "gmbh",
										 "corp",       "corporation", "co",           "company",    "ab",
										 "ag",         "sa",          "s.a",          "b.v",        "bv",
										 "oy",         "foundation",  "project",      "projects",   "team",
										 "community",  "developers",  "organization", "software",   "technologies",
										 "technology", "systems",     "labs",         "security",   "group",
										 "authors",    "open",        "source",       "maintainers" };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (text_is(t, words[i]))
			return true;
	return false;
}

/* "openssl.org" without ".org". */
static struct text without_domain(struct text t)
{
	static const char *const ends[] = { ".org", ".com", ".net", ".io", ".dev" };
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (t.n > 5 && text_ends(t, ends[i]))
			return text_of(t.p, t.n - strlen(ends[i]));
	return t;
}

static void vendor_forms(const struct words *w, struct forms *f)
{
	size_t first = w->n > 1 && text_is(w->v[0], "the"), n = w->n - first;
	const struct text *v = w->v + first;
	char initials[WORDS_MAX];
	add_joined(f, v, n);
	for (size_t i = 0; i < n; i++)
		initials[i] = v[i].p[0];
	if (n > 2)
		add_form(f, text_of(initials, n));
	for (size_t k = n; k > 1 && is_legal(v[k - 1]); k--) {
		add_joined(f, v, k - 1);
		if (k > 3) /* "Internet Systems Consortium, Inc." */
			add_form(f, text_of(initials, k - 1));
	}
	if (n > 1 && text_is(v[0], "gnu"))
		add_form(f, v[0]);
	const char *last = w->whole[w->n - 1].p;
	if (n > 1 && last[-1] == '(') /* "Internet Systems Consortium (ISC)" */
		add_form(f, v[n - 1]);
	struct text host = without_domain(v[0]);
	if (n == 1 || host.n < v[0].n)
		add_form(f, host);
}

static bool is_number(struct text t)
{
	size_t digits = 0;
	size_t i = t.n > 1 && t.p[0] == 'v' ? 1 : 0;
	for (; i < t.n; i++) {
		bool digit = t.p[i] >= '0' && t.p[i] <= '9';
		digits += digit;
		if (!digit && t.p[i] != '.')
			return false;
	}
	return digits > 0;
}

static bool is_form(const struct forms *f, struct text t)
{
	for (size_t i = 0; i < f->n; i++)
		if (text_is(t, f->text[i]))
			return true;
	return false;
}

/* The name, and what is left without the vendor before it ("Apache HTTP Server"); `n` words of it. */
static void product_forms(const struct words *w, size_t n, const struct forms *vendor, struct forms *f)
{
	add_joined(f, w->v, n);
	for (size_t k = 1; k < n; k++) {
		struct forms head = { .n = 0 };
		add_joined(&head, w->v, k);
		for (size_t i = 0; i < head.n; i++)
			if (is_form(vendor, text_c(head.text[i]))) {
				add_joined(f, w->v + k, n - k);
				break;
			}
	}
}

/* The pair of the product's CPE names with that vendor. The one whose product is called so, too, else the first. */
static bool pair_of(const struct product *p, const struct forms *vendor, const struct forms *name, struct text *pair)
{
	bool found = false;
	for (const char *at = product_strings + p->cpe; *at; at += strspn(at, " ")) {
		struct text item = text_of(at, strcspn(at, " "));
		size_t part = item.n > 2 && item.p[1] == ':' ? 2 : 0;
		struct text rest = text_of(item.p + part, item.n - part);
		const char *colon = memchr(rest.p, ':', rest.n);
		struct text of = text_of(rest.p, colon ? (size_t)(colon - rest.p) : rest.n);
		bool called = colon && is_form(name, text_of(colon + 1, rest.n - of.n - 1));
		if (is_form(vendor, of) && (!found || called)) {
			*pair = item;
			found = true;
			if (called)
				return true;
		}
		at += item.n;
	}
	return found;
}

/* "dnsmasq" by "dnsmasq": the project is its own vendor, as that of "the dnsmasq project" is. */
static bool is_its_own(const struct product *p, const struct forms *vendor)
{
	return is_form(vendor, text_c(product_strings + p->name));
}

static const struct product *look_up(const struct forms *vendor, const struct forms *name, struct text raw,
									 struct text *pair)
{
	const struct product *by_word = product_of_word(raw);
	if (by_word && pair_of(by_word, vendor, name, pair))
		return by_word;
	for (size_t i = 0; i < name->n; i++) {
		const struct product *p = product_named(text_c(name->text[i]));
		if (p && pair_of(p, vendor, name, pair))
			return p;
		for (size_t k = 0; k < vendor->n * 2; k++) {
			char key[2 * NAME_MAX_LENGTH + 4];
			size_t v = strlen(vendor->text[k / 2]), n = strlen(name->text[i]);
			memcpy(key, k & 1 ? "o:" : "a:", 2);
			memcpy(key + 2, vendor->text[k / 2], v);
			key[v + 2] = ':';
			memcpy(key + v + 3, name->text[i], n);
			const struct product *q = product_of_cpe(text_of(key, v + 3 + n));
			if (q && pair_of(q, vendor, name, pair))
				return q;
		}
		const char *cpe = p ? product_strings + p->cpe : "";
		if (*cpe && is_its_own(p, vendor)) {
			*pair = text_of(cpe, strcspn(cpe, " "));
			return p;
		}
	}
	return NULL;
}

const struct product *product_of_prose(struct text vendor, struct text product, struct product_prose *out)
{
	struct words v, p;
	struct forms vendors = { .n = 0 }, names = { .n = 0 };
	*out = (struct product_prose){ TEXT_NONE, TEXT_NONE };
	if (!split(vendor, &v) || !split(product, &p))
		return NULL;
	vendor_forms(&v, &vendors);
	product_forms(&p, p.n, &vendors, &names);
	const struct product *found = look_up(&vendors, &names, product, &out->cpe);
	if (found || p.n < 2 || !is_number(p.v[p.n - 1]))
		return found;
	names.n = 0;
	product_forms(&p, p.n - 1, &vendors, &names);
	struct text head = text_of(product.p, (size_t)(p.whole[p.n - 2].p + p.whole[p.n - 2].n - product.p));
	found = look_up(&vendors, &names, head, &out->cpe);
	if (found)
		out->number = p.whole[p.n - 1];
	return found;
}

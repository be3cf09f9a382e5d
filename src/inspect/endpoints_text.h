/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small questions about the text around an address. */
#ifndef ASSAY_INSPECT_ENDPOINTS_TEXT_H
#define ASSAY_INSPECT_ENDPOINTS_TEXT_H

#include "base/ascii.h"
#include "inspect/endpoints.h"
#include "inspect/place.h"

/* Whether the text is the word, which is in lower case, in any case; a word that ends in '*' is the beginning of one. */
static inline bool word_is(struct text t, const char *word, size_t n)
{
	bool open = n > 0 && word[n - 1] == '*';
	n -= open;
	if (t.n < n || (!open && t.n != n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (ascii_lower(t.p[i]) != word[i])
			return false;
	return true;
}

/* Whether it is one of the words of the list, which spaces part, as word_is() has it. */
static inline bool is_listed(struct text word, const char *list)
{
	char first = word.n ? ascii_lower(word.p[0]) : '\0';
	while (*list) {
		size_t n = 0;
		while (list[n] && list[n] != ' ')
			n++;
		if ((*list == first || *list == '*') && word_is(word, list, n))
			return true;
		list += n;
		while (*list == ' ')
			list++;
	}
	return false;
}

/* Whether the name is longer than one of the list's endings, which spaces part, and ends with it, in that case. */
static inline bool ends_with_one(struct text name, const char *list)
{
	while (*list) {
		size_t n = strcspn(list, " ");
		if (name.n > n && memcmp(name.p + name.n - n, list, n) == 0)
			return true;
		list += n + strspn(list + n, " ");
	}
	return false;
}

/* tail(), head(): its last and its first n characters, or all of a shorter one. */
static inline struct text tail(struct text t, size_t n)
{
	return t.n > n ? text_of(t.p + t.n - n, n) : t;
}

static inline struct text head(struct text t, size_t n)
{
	return t.n > n ? text_of(t.p, n) : t;
}

/* last_of(), first_of(): its last and its first character; NUL of an empty one. */
static inline char last_of(struct text t)
{
	return t.n ? t.p[t.n - 1] : '\0';
}

static inline char first_of(struct text t)
{
	return t.n ? t.p[0] : '\0';
}

/* Whether it is one of the characters, NUL never. */
static inline bool is_in(char c, const char *set)
{
	return c && strchr(set, c);
}

/* count_labels(): how many labels a host's name has, those without a character counted. label_at(): the i-th of them
 * from 0 on; an empty one where there are fewer. */
static inline unsigned count_labels(struct text host)
{
	unsigned n = 1;
	for (size_t i = 0; i < host.n; i++)
		n += host.p[i] == '.';
	return n;
}

static inline struct text label_at(struct text host, unsigned i)
{
	size_t from = 0;
	for (; i > 0 && from < host.n; i--) {
		while (from < host.n && host.p[from] != '.')
			from++;
		from++;
	}
	from = from < host.n ? from : host.n;
	size_t to = from;
	while (to < host.n && host.p[to] != '.')
		to++;
	return text_of(host.p + from, to - from);
}

#endif

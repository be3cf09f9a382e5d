/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which names a text of SQL holds as words of their own. */
#include <string.h>

#include "judge/query.h"

/* Letters, digits and '_' of ASCII: isalnum(3) asks the locale, and this is asked of every byte of every query. */
static bool is_word(char c)
{
	return (unsigned)((c | 32) - 'a') < 26 || (unsigned)(c - '0') < 10 || c == '_';
}

/* The next word of the text, its length in *n; NULL behind the last one. */
static const char *next_word(const char *p, size_t *n)
{
	while (*p && !is_word(*p))
		p++;
	for (*n = 0; is_word(p[*n]);)
		++*n;
	return *n ? p : NULL;
}

bool query_names(const char *sql, const char *name)
{
	size_t length = strlen(name), n;
	for (const char *p = sql; (p = next_word(p, &n)); p += n)
		if (n == length && strncasecmp(p, name, n) == 0)
			return true;
	return false;
}

/* The place of the word in the table: where it is, or the free one where it belongs. */
static size_t place(const struct query_words *w, const char *word, size_t n)
{
	uint32_t h = 2166136261u; /* FNV-1a, without regard to case */
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)(word[i] | 32)) * 16777619u;
	size_t at = h % QUERY_WORD_SLOTS;
	while (w->slots[at].name && (w->slots[at].length != n || strncasecmp(w->slots[at].name, word, n) != 0))
		at = (at + 1) % QUERY_WORD_SLOTS;
	return at;
}

void query_words_add(struct query_words *w, const char *name, unsigned number)
{
	size_t n = strlen(name), at = place(w, name, n);
	if (w->slots[at].name || w->n == QUERY_WORDS_ROOM)
		return;
	w->slots[at].name = name;
	w->slots[at].length = n;
	w->slots[at].number = number;
	w->n++;
}

bool query_words_hold(const struct query_words *w, struct text name)
{
	return w->slots[place(w, name.p, name.n)].name;
}

void query_words_find(const struct query_words *w, const char *sql, bool found[QUERY_WORDS_MAX])
{
	size_t n;
	for (const char *p = sql; (p = next_word(p, &n)); p += n) {
		size_t at = place(w, p, n);
		if (w->slots[at].name)
			found[w->slots[at].number] = true;
	}
}

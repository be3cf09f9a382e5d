/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words, lines and blocks of configuration files. */
#include "base/ascii.h"
#include "inspect/settings.h"

bool settings_equal_caseless(struct text a, struct text b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return true;
}

bool settings_is_caseless(struct text a, const char *b)
{
	return settings_equal_caseless(a, text_c(b));
}

bool settings_in_words(const char *words, struct text word, bool caseless)
{
	for (struct text w; words && settings_next_word(&words, &w);) {
		bool open = w.p[w.n - 1] == '*';
		w.n -= open;
		struct text head = open && word.n > w.n ? text_of(word.p, w.n) : word;
		if (w.n == head.n && (caseless ? settings_equal_caseless(w, head) : text_eq(w, head)))
			return true;
	}
	return false;
}

bool settings_next_word(const char **words, struct text *word)
{
	const char *p = *words;
	while (*p == ' ')
		p++;
	const char *end = p;
	while (*end && *end != ' ')
		end++;
	*word = text_of(p, (size_t)(end - p));
	*words = end;
	return word->n > 0;
}

bool settings_next_line(struct settings_lines *l)
{
	if (!shell_line(&l->rest, &l->text))
		return false;
	if (l->line == 0 && text_starts(l->text, "\xef\xbb\xbf")) /* a byte order mark */
		l->text = text_of(l->text.p + 3, l->text.n - 3);
	l->text = shell_trim(l->text);
	l->line++;
	return true;
}

bool settings_split(struct text t, char c, struct text *before, struct text *behind)
{
	const char *at = t.n ? memchr(t.p, c, t.n) : NULL;
	if (!at)
		return false;
	size_t n = (size_t)(at - t.p);
	*before = shell_trim(text_of(t.p, n));
	*behind = shell_trim(text_of(at + 1, t.n - n - 1));
	return true;
}

static void join(struct settings *s, struct settings_blocks *b)
{
	static const char separator[] = " > ";
	size_t size = 0, n = 0;
	for (unsigned i = 0; i < b->depth; i++)
		size += b->names[i].n + sizeof separator;
	char *out = size ? arena_alloc(s->arena, size, 1) : NULL;
	b->path = TEXT_LIT("");
	for (unsigned i = 0; out && i < b->depth; i++) {
		if (i) {
			memcpy(out + n, separator, sizeof separator - 1);
			n += sizeof separator - 1;
		}
		if (b->names[i].n)
			memcpy(out + n, b->names[i].p, b->names[i].n);
		n += b->names[i].n;
	}
	if (out)
		b->path = text_of(out, n);
}

void settings_open(struct settings *s, struct settings_blocks *b, struct text name)
{
	if (b->beyond || b->depth == SETTINGS_NESTED) {
		b->beyond++;
		return;
	}
	b->names[b->depth++] = name.n > 256 ? text_of(name.p, 256) : name;
	join(s, b);
}

void settings_close(struct settings *s, struct settings_blocks *b)
{
	if (b->beyond) {
		b->beyond--;
	} else if (b->depth) {
		b->depth--;
		join(s, b);
	}
}

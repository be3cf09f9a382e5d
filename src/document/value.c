/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and durations in words and digits. */
#include <ctype.h>
#include <stdlib.h>

#include "document/lexicon.h"

static bool spelled(const struct wording *w, uint32_t at, uint32_t *value)
{
	for (const struct lexicon_number *n = w->lexicon->numbers; n->word; n++)
		if (w->words[at].text.n && n->word[0] == w->words[at].text.p[0] && text_is(w->words[at].text, n->word)) {
			*value = n->value;
			return true;
		}
	return false;
}

bool number_at(const struct wording *w, uint32_t at, uint32_t *value)
{
	char digits[16];
	size_t n = 0;
	struct text t = w->words[at].text;
	if (w->words[at].kind != WORD_NUMBER)
		return spelled(w, at, value);
	for (size_t i = 0; i < t.n && n + 1 < sizeof digits; i++) {
		bool group = (t.p[i] == ',' || t.p[i] == '.') && t.n - i > 3 && isdigit((unsigned char)t.p[i + 3]);
		if (group)
			continue;
		if (!isdigit((unsigned char)t.p[i]))
			break;
		digits[n++] = t.p[i];
	}
	digits[n] = '\0';
	unsigned long v = n && n < 10 ? strtoul(digits, NULL, 10) : 0;
	*value = (uint32_t)v;
	return n > 0 && n < 10;
}

/* The unit at that word as hours; 0: it is none. */
static uint32_t unit_at(const struct wording *w, uint32_t at)
{
	static const struct {
		const char *name;
		uint32_t hours;
	} units[] = { { "hour", 1 }, { "day", 24 }, { "week", 168 }, { "month", 0 }, { "year", 8760 } };
	if (at >= w->n)
		return 0;
	struct wording one = { .lexicon = w->lexicon, .words = w->words + at, .n = 1, .mask = UINT64_MAX };
	const char *name = names_match(&one, &w->lexicon->units);
	for (size_t i = 0; name && i < sizeof units / sizeof units[0]; i++)
		if (strcmp(units[i].name, name) == 0)
			return units[i].hours ? units[i].hours : 1; /* a month is reckoned below */
	return 0;
}

static bool is_month(const struct wording *w, uint32_t at)
{
	struct wording one = { .lexicon = w->lexicon, .words = w->words + at, .n = 1, .mask = UINT64_MAX };
	const char *name = names_match(&one, &w->lexicon->units);
	return name && strcmp(name, "month") == 0;
}

uint32_t duration_at(const struct wording *w, uint32_t at, uint32_t *days)
{
	uint32_t value;
	if (!number_at(w, at, &value) || value > 100000)
		return 0;
	/* "30 (thirty) working days": up to two words between */
	bool article = w->words[at].kind != WORD_NUMBER && value == 1; /* "a few days" is not one; "one business day" is */
	uint32_t reach = !article ? 3 : text_is(w->words[at].text, "one") ? 2 : 1;
	for (uint32_t i = 1; i <= reach && at + i < w->n; i++) {
		uint32_t hours = unit_at(w, at + i), again;
		if (hours && is_month(w, at + i))
			*days = (value * 365 + 11) / 12;
		else if (hours)
			*days = (uint32_t)(((uint64_t)value * hours + 23) / 24);
		if (hours)
			return i + 1;
		if (w->words[at + i].kind == WORD_NUMBER || (i > 1 && number_at(w, at + i, &again)))
			return 0;
	}
	return 0;
}

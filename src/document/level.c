/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How hard a text is to read, by the formula that was published for its language. Each is linear in words a sentence and
 * syllables a word; syllables are counted as groups of vowels. */
#include "document/lexicon.h"

/* Fewer running words tell nothing (Flesch took samples of 100). */
#define WORDS_MIN 100u

static const struct formula {
	const char *language, *name;
	double constant, per_sentence, per_word;
} formulas[] = {
	{ "en", "Flesch-Kincaid grade", -15.59, 0.39, 11.8 },              /* Kincaid et al. 1975 */
	{ "de", "Flesch reading ease (Amstad)", 180, -1, -58.5 },          /* Amstad 1978 */
	{ "fr", "Flesch reading ease (Kandel-Moles)", 207, -1.015, -73.6 },/* Kandel and Moles 1958 */
	{ "es", "Fernandez-Huerta", 206.84, -1.02, -60 },                  /* Fernandez Huerta 1959 */
	{ "nl", "Flesch-Douma", 206.84, -0.93, -77 },                      /* Douma 1960 */
};

static bool is_vowel(uint32_t c)
{
	if (c < 0x80)
		return c && strchr("aeiouy", (int)c) != NULL;
	return (c >= 0xE0 && c <= 0xE6) || (c >= 0xE8 && c <= 0xEF) || (c >= 0xF2 && c <= 0xF6) || (c >= 0xF8 && c <= 0xFD) || c == 0xFF ||
	       c == 0x153;
}

/* English: a silent e at the end, -es and -ed; "table" has two. At least one. */
static unsigned silent(struct text t, unsigned groups)
{
	if (groups < 2 || t.n < 3)
		return 0;
	char before = t.p[t.n - 2];
	if (t.p[t.n - 1] == 'e')
		return !(before == 'l' && !is_vowel((uint8_t)t.p[t.n - 3])) && !is_vowel((uint8_t)before);
	if (t.p[t.n - 1] == 'd' && before == 'e')
		return !strchr("td", t.p[t.n - 3]);
	return t.p[t.n - 1] == 's' && before == 'e' && !strchr("sxzcg", t.p[t.n - 3]) && !(t.n > 3 && t.p[t.n - 3] == 'h');
}

static unsigned syllables(struct text t, bool english)
{
	unsigned n = 0;
	bool within = false;
	for (size_t at = 0; at < t.n;) {
		bool vowel = is_vowel(utf8_next(t, &at));
		n += vowel && !within;
		within = vowel;
	}
	n -= english ? silent(t, n) : 0;
	return n ? n : 1;
}

const char *level_of(const struct doc *d, struct text language, int64_t *millis)
{
	const struct formula *f = NULL;
	for (size_t i = 0; i < sizeof formulas / sizeof formulas[0]; i++)
		if (language.n && text_is(language, formulas[i].language))
			f = &formulas[i];
	uint64_t words = 0, sentences = 0, sum = 0;
	for (size_t i = 0; f && i < DOC_COUNT(d, sentence, sentences); i++) {
		const struct sentence *s = &DOC_ARRAY(d, sentence, sentences)[i];
		enum block_kind kind = DOC_ARRAY(d, block, blocks)[s->block].kind;
		if (s->nwords < 3 || kind == BLOCK_HEADING || kind == BLOCK_CODE || kind == BLOCK_CELL)
			continue;
		sentences++;
		for (uint32_t k = 0; k < s->nwords; k++) {
			const struct word *w = &DOC_ARRAY(d, word, words)[s->word + k];
			words += w->kind == WORD_PLAIN;
			sum += w->kind == WORD_PLAIN ? syllables(w->text, strcmp(f->language, "en") == 0) : 0;
		}
	}
	*millis = FACT_NULL;
	if (words < WORDS_MIN)
		return NULL;
	double v = f->constant + f->per_sentence * (double)words / (double)sentences + f->per_word * (double)sum / (double)words;
	*millis = (int64_t)(v * 1000 + (v < 0 ? -0.5 : 0.5));
	return f->name;
}

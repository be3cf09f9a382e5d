/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language of a text by its most frequent small words. */
#include "document/lexicon.h"

/* Words of which nearly every sentence has some; those that two languages share are listed for both. */
static const struct {
	const char *language;
	const char *words[48];
} languages[] = {
	{ "en", { "the", "and", "of", "to", "is", "in", "that", "for", "you", "it", "we", "with", "are", "this", "your", "be", "or", "on", "not", "by", "from", "our", "as", "may", "will", "have", "which", "can", "any", "at", "an", "if", "please", "has", "all", "these", "their", "when", "other", "us" } },
	{ "de", { "der", "die", "und", "das", "ist", "den", "von", "zu", "mit", "sich", "auf", "für", "nicht", "ein", "eine", "wir", "sie", "ihre", "ihr", "werden", "oder", "im", "dem", "des", "zur", "bei", "durch", "nach", "aus", "einer", "wird", "auch", "wenn", "kann", "können", "unsere", "über", "als", "zum", "sind" } },
	{ "fr", { "le", "la", "les", "et", "des", "est", "vous", "nous", "que", "pour", "dans", "une", "du", "sur", "par", "pas", "qui", "ou", "votre", "vos", "au", "avec", "ce", "sont", "ne", "aux", "cette", "être", "nos", "en", "de" } },
	{ "es", { "el", "los", "las", "que", "y", "en", "por", "con", "para", "una", "su", "del", "se", "no", "sus", "al", "es", "como", "más", "o", "le", "usted", "datos", "nuestros", "este", "esta", "son", "de", "la" } },
	{ "it", { "il", "che", "di", "e", "per", "una", "non", "sono", "con", "del", "della", "dei", "delle", "nel", "gli", "è", "si", "da", "al", "alla", "le", "lo", "questo", "anche", "come", "nostri", "i" } },
	{ "nl", { "de", "het", "een", "en", "van", "is", "dat", "op", "te", "voor", "met", "zijn", "niet", "aan", "er", "ook", "wij", "uw", "u", "om", "deze", "wordt", "bij", "kunt", "naar", "door", "of", "onze" } },
	{ "pt", { "o", "os", "as", "que", "e", "do", "da", "em", "para", "com", "uma", "não", "por", "dos", "das", "seu", "sua", "se", "na", "no", "ou", "são", "você", "nós", "de", "ao" } },
	{ "sv", { "och", "att", "det", "som", "en", "på", "är", "av", "för", "med", "den", "till", "inte", "om", "ett", "vi", "du", "din", "dina", "kan", "eller", "har", "från" } },
	{ "da", { "og", "at", "det", "en", "på", "er", "af", "for", "med", "den", "til", "ikke", "om", "et", "vi", "du", "din", "dine", "kan", "eller", "har", "fra" } },
	{ "fi", { "ja", "on", "ei", "että", "se", "tai", "voit", "ovat", "kun", "jos", "mukaan", "sekä", "myös", "joka", "tämä" } },
	{ "pl", { "i", "w", "na", "z", "do", "nie", "się", "jest", "że", "o", "dla", "przez", "oraz", "lub", "od", "są", "które", "po", "za" } },
	{ "cs", { "a", "v", "na", "se", "je", "s", "že", "do", "pro", "nebo", "za", "od", "jsou", "který", "aby", "není", "při" } },
};

#define LANGUAGES (sizeof languages / sizeof languages[0])
#define LOOKED_MAX 20000u /* words */

static bool count_word(size_t language, struct text w, uint64_t *different)
{
	for (size_t i = 0; i < 48 && languages[language].words[i]; i++)
		if (text_is(w, languages[language].words[i])) {
			*different |= (uint64_t)1 << i;
			return true;
		}
	return false;
}

struct text language_of(const struct doc *d, bool *mixed)
{
	uint32_t counts[LANGUAGES] = { 0 };
	uint64_t different[LANGUAGES] = { 0 }; /* which of its words occur */
	const struct word *w = DOC_ARRAY(d, word, words);
	size_t n = DOC_COUNT(d, word, words), step = n / LOOKED_MAX + 1, looked = 0, first = 0, second = 1;
	for (size_t i = 0; i < n; i += step) {
		looked += w[i].kind == WORD_PLAIN;
		for (size_t k = 0; w[i].kind == WORD_PLAIN && k < LANGUAGES; k++)
			counts[k] += count_word(k, w[i].text, &different[k]);
	}
	for (size_t k = 0; k < LANGUAGES; k++)
		if (counts[k] > counts[first])
			first = k;
	second = first == 0 ? 1 : 0;
	for (size_t k = 0; k < LANGUAGES; k++)
		if (k != first && counts[k] > counts[second])
			second = k;
	*mixed = false;
	/* three such words, all different, every eighth word, and a half more than of any other language */
	if (__builtin_popcountll(different[first]) < 3 || counts[first] * 8 < looked || counts[first] * 2 < counts[second] * 3)
		return TEXT_NONE;
	*mixed = counts[second] * 2 > counts[first];
	return text_c(languages[first].language);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a text is one of a list of words: short lists, in no order. */
#ifndef ASSAY_BASE_WORDS_H
#define ASSAY_BASE_WORDS_H

#include <strings.h>

#include "base/span.h"

/* Whether it is one of n words, letter for letter. */
static inline bool text_is_any_of(struct text t, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_is(t, words[i]))
			return true;
	return false;
}

/* The same whatever the case of ASCII letters. */
static inline bool text_is_any_of_nocase(struct text t, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (t.n == strlen(words[i]) && (t.n == 0 || strncasecmp(t.p, words[i], t.n) == 0))
			return true;
	return false;
}

/* Of an array of words, whose size is known. */
#define TEXT_IS_ANY_OF(t, words) text_is_any_of((t), (words), sizeof(words) / sizeof(words)[0])
#define TEXT_IS_ANY_OF_NOCASE(t, words) text_is_any_of_nocase((t), (words), sizeof(words) / sizeof(words)[0])

#endif

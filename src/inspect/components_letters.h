/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classes of the characters of strings of programs: those of ASCII, whatever the locale. */
#ifndef ASSAY_INSPECT_COMPONENTS_LETTERS_H
#define ASSAY_INSPECT_COMPONENTS_LETTERS_H

#include "base/ascii.h"

/* What the names of programs, files and functions are made of. */
static inline bool is_of_word(int c)
{
	return ascii_is_alnum(c) || c == '_' || c == '.' || c == '+' || c == '-';
}

/* What a string is made of. */
static inline bool is_printable(int c)
{
	return (c >= 0x20 && c < 0x7f) || c == '\t';
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classes of the characters of strings of programs: those of ASCII, whatever the locale. */
#ifndef ASSAY_INSPECT_COMPONENTS_LETTERS_H
#define ASSAY_INSPECT_COMPONENTS_LETTERS_H

#include <stdbool.h>

static inline bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_lower(int c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool is_upper(int c)
{
	return c >= 'A' && c <= 'Z';
}

static inline bool is_letter(int c)
{
	return is_lower(c) || is_upper(c);
}

static inline bool is_alnum(int c)
{
	return is_digit(c) || is_letter(c);
}

/* What the names of programs, files and functions are made of. */
static inline bool is_of_word(int c)
{
	return is_alnum(c) || c == '_' || c == '.' || c == '+' || c == '-';
}

/* What a string is made of. */
static inline bool is_printable(int c)
{
	return (c >= 0x20 && c < 0x7f) || c == '\t';
}

#endif

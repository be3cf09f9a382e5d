/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classes of characters of ASCII, whatever the locale; what is no ASCII is in none. Any value is allowed, unlike in <ctype.h>. */
#ifndef ASSAY_BASE_ASCII_H
#define ASSAY_BASE_ASCII_H

#include <stdbool.h>

/* ascii_is_digit(), _lower(), _upper(), _letter(), _alnum(): classes of ASCII, whatever the locale. An int is a byte or a
 * character, as getc() gives it; what lies beyond ASCII is in no class. */
static inline bool ascii_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_lower(int c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool ascii_is_upper(int c)
{
	return c >= 'A' && c <= 'Z';
}

static inline bool ascii_is_letter(int c)
{
	return ascii_is_lower(c) || ascii_is_upper(c);
}

static inline bool ascii_is_alnum(int c)
{
	return ascii_is_digit(c) || ascii_is_letter(c);
}

/* What stands in files of text: printable characters, tabs and ends of lines. */
static inline bool ascii_is_text(int c)
{
	return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\n' || c == '\r';
}

/* The value of a hexadecimal digit of either case; -1 of what is none. */
static inline int ascii_hex_value(int c)
{
	if (ascii_is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A letter of ASCII in lower case; all else as it is. For what is compared without regard to case: no locale, no
 * Turkish i. */
static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

#endif

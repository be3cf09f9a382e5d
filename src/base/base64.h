/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The digits of base64 (RFC 4648, section 4). Who reads a text of them has its own ideas of line ends and padding. */
#ifndef ASSAY_BASE64_H
#define ASSAY_BASE64_H

/* The value of a digit, 0 to 63; -1 for any other character, the padding among them. */
static inline int base64_digit(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

#endif

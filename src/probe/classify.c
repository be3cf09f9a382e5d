/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/tree.h"

/* Text as file(1) sees it: no control characters but white space, form feed, bell, backspace and escape; and some of it
 * is ASCII, in whatever language, which erased flash is not. */
static bool is_text(struct span s)
{
	struct span head = span_clip(s, 0, 4096);
	bool ascii = false;
	for (size_t i = 0; i < head.n; i++) {
		uint8_t c = head.p[i];
		if (c == 0x7f || (c < 0x20 && !(c >= 0x07 && c <= 0x0d) && c != 0x1b))
			return false;
		ascii |= c < 0x7f;
	}
	return ascii;
}

const char *classify(struct span bytes)
{
	if (bytes.n == 0)
		return "empty";
	if (span_starts(bytes, "\x7f" "ELF", 4))
		return "elf";
	if (!is_text(bytes))
		return "data";
	return span_starts(bytes, "#!", 2) ? "script" : "text";
}

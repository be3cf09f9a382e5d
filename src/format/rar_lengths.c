/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/rar_lengths.h"

#define PRE 20u /* symbols: a length, or how often the last one or 0 comes again */

static bool pre_read(struct rar_bits *b, struct rar_code *pre)
{
	uint8_t lengths[PRE] = { 0 };
	for (unsigned i = 0; i < PRE;) {
		uint8_t length = (uint8_t)rar_take(b, 4);
		uint32_t zeros = length == 15 ? rar_take(b, 4) : 0;
		if (zeros)
			i += zeros + 2;
		else
			lengths[i++] = length;
	}
	return rar_code_make(pre, lengths, PRE);
}

bool rar_lengths_read(struct rar_bits *b, uint8_t *lengths, unsigned n)
{
	struct rar_code pre;
	if (!pre_read(b, &pre))
		return false;
	for (unsigned i = 0; i < n && !rar_past(b);) {
		unsigned symbol = rar_symbol_take(b, &pre);
		if (symbol < 16) {
			lengths[i] = (lengths[i] + symbol) & 15;
			i++;
			continue;
		}
		if (symbol == RAR_CODE_NONE || (symbol < 18 && i == 0))
			return false;
		uint32_t times = symbol % 2 ? rar_take(b, 7) + 11 : rar_take(b, 3) + 3;
		for (; times && i < n; times--, i++)
			lengths[i] = symbol < 18 ? lengths[i - 1] : 0;
	}
	return !rar_past(b);
}

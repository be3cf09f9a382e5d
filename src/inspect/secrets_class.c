/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classes of characters, and the small language in which secrets_rules.def describes what follows a prefix. */
#include "inspect/secrets_class.h"

bool secrets_in_class(char class, char c)
{
	bool digit = c >= '0' && c <= '9', up = c >= 'A' && c <= 'Z', low = c >= 'a' && c <= 'z';
	switch (class) {
	case 'A':
		return digit || up || low;
	case 'W':
		return digit || up || low || c == '_' || c == '-';
	case 'B':
		return digit || up || low || c == '+' || c == '/';
	case 'L':
		return digit || low;
	case 'U':
		return digit || up;
	case 'H':
		return digit || (c >= 'a' && c <= 'f');
	case 'X':
		return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
	case 'D':
		return digit;
	case 'P':
		return up || low;
	case 'T':
		return up || (c >= '2' && c <= '7');
	case 'Z':
		return c && strchr("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", c) != NULL;
	default:
		return false;
	}
}

size_t secrets_run(struct span bytes, uint64_t at, char class, size_t max)
{
	struct span s = span_clip(bytes, at, max + 1);
	size_t n = 0;
	while (n < s.n && secrets_in_class(class, (char)s.p[n]))
		n++;
	return n;
}

static unsigned read_number(const char **p)
{
	unsigned n = 0;
	while (**p >= '0' && **p <= '9')
		n = n * 10 + (unsigned)(*(*p)++ - '0');
	return n;
}

uint64_t secrets_match(struct span bytes, uint64_t at, const char *rest)
{
	char class = 0;
	while (*rest) {
		if (*rest != '%') {
			if (!span_has(bytes, at++, rest++, 1))
				return 0;
			class = 0;
			continue;
		}
		class = rest[1];
		rest += 2;
		unsigned min = read_number(&rest), max = min;
		if (*rest == '-') {
			rest++;
			max = read_number(&rest);
		}
		rest++;
		size_t n = secrets_run(bytes, at, class, max);
		if (n > max && *rest && secrets_in_class(class, *rest))
			n = max;
		if (n < min || n > max)
			return 0;
		at += n;
	}
	/* More of the same: something else that begins alike. */
	return class || secrets_run(bytes, at, 'A', 1) == 0 ? at : 0;
}

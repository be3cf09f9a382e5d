/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/uri.h"

#include <string.h>

struct text uri_of_path(struct arena *a, const char *path)
{
	static const char hex[] = "0123456789ABCDEF";
	while (*path == '/')
		path++;
	char *out = ARENA_ARRAY(a, char, strlen(path) * 3 + 1);
	size_t n = 0;
	for (const unsigned char *p = (const unsigned char *)path; out && *p; p++) {
		bool plain =
			(*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || strchr("-._~/", *p);
		if (plain) {
			out[n++] = (char)*p;
		} else {
			out[n++] = '%';
			out[n++] = hex[*p >> 4];
			out[n++] = hex[*p & 15];
		}
	}
	return out && n ? text_of(out, n) : TEXT_NONE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/sbom_rewrite.h"

#include <stdio.h>

void rewrite_put(struct sbom_rewrite *w, const char *bytes, size_t n)
{
	if (!w->failed && n)
		w->failed = buf_add(&w->json, bytes, n);
}

void rewrite_string(struct sbom_rewrite *w, const char *s, size_t n)
{
	rewrite_put(w, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		char escaped[8];
		if ((unsigned char)s[i] >= 0x20 && s[i] != '"' && s[i] != '\\')
			rewrite_put(w, s + i, 1);
		else
			rewrite_put(w, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)(unsigned char)s[i]));
	}
	rewrite_put(w, "\"", 1);
}

void rewrite_line(struct sbom_rewrite *w, uint64_t line)
{
	for (; w->line < line && !w->failed; w->line++)
		rewrite_put(w, "\n", 1);
}

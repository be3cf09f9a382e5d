/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts that are read character by character: configuration files whose statements are no lines. */
#ifndef ASSAY_INSPECT_SETTINGS_CURSOR_H
#define ASSAY_INSPECT_SETTINGS_CURSOR_H

#include "inspect/settings.h"

struct cursor {
	struct text t;
	size_t at;
	int64_t line;
};

/* The next character; NUL at the end. */
char cursor_peek(const struct cursor *c);
void cursor_step(struct cursor *c);
bool cursor_is_space(char c);
void cursor_skip_line(struct cursor *c);
/* White space and comments. `lines`: also over the ends of lines. */
void cursor_skip_space(struct cursor *c, bool lines);
/* Over a quoted string with its quotes; "\" takes the next character with it. */
void cursor_skip_string(struct cursor *c);
struct text cursor_since(const struct cursor *c, size_t from);
/* White space between words becomes one blank; comments go. */
struct text settings_collapsed(struct settings *s, struct text t);

#endif

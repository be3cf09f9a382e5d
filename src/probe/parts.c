/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/tree.h"

#include <string.h>

bool part_is(const struct task *t, const char *format)
{
	bool region = t->entry.kind == ENTRY_REGION, stream = t->entry.kind == ENTRY_STREAM;
	if (!t->parent || !t->parent->has_parts || !(region || stream) || (format && strcmp(format, "padding") == 0))
		return false;
	return !stream || !t->parent->file.n; /* a file that was packed is written as it is */
}

bool part_holds_others(const struct task *t)
{
	return !t->parent || (t->parent->has_parts && !(t->parent->is_files && t->entry.kind == ENTRY_FILE));
}

void part_hand_over(struct lane *l, const struct finding *f, struct span bytes)
{
	struct probe_output *output = l->probe->output;
	if (output->content && !l->probe->options->only_content && bytes.n && content_may_be_written(l, bytes))
		output->content(output, f->key, bytes);
}

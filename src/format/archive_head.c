/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/archive_head.h"

#include "format/path.h"

static struct text folder_of(struct text path)
{
	size_t n = path.n;
	while (n > 0 && path.p[n - 1] != '/')
		n--;
	return n > 1 ? text_of(path.p, n - 1) : TEXT_NONE;
}

void archive_head_see(struct archive_head *h, const struct entry *e, struct arena *arena)
{
	if (!h->begun) {
		h->begun = true;
		struct text folder = entry_is_root(e) ? TEXT_NONE : folder_of(e->path);
		const char *kept = folder.n ? arena_strdup(arena, folder) : NULL;
		h->folder = kept ? text_of(kept, folder.n) : TEXT_NONE;
	}
	if (e->kind != ENTRY_DIRECTORY || entry_is_root(e) || !h->folder.n)
		return;
	h->folders |= !folder_of(e->path).n;
	h->written |= text_eq(e->path, h->folder);
}

void archive_head_tell(const struct archive_head *h, struct sink *sink)
{
	if (h->folder.n && h->folders && !h->written)
		emit_damage_at(sink, ERR_TRUNCATED, 0, "it begins in a folder that it does not have, and has others: its beginning is lost");
}

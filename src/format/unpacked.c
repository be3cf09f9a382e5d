/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/unpacked.h"

static struct error unpacked_read(const void *fs, const void *file, struct buf *out)
{
	(void)fs;
	const struct unpacked *u = file;
	if (u->bytes.n && buf_add(out, u->bytes.p, u->bytes.n))
		return error_at(ERR_BUDGET, 0, "the entry has %zu bytes and more", u->bytes.n);
	return u->error;
}

static const struct content_ops unpacked_ops = { .unpack = unpacked_read };

void unpacked_content(struct entry *e, const struct unpacked *u)
{
	if (error_is(&u->error)) {
		e->content = (struct content){ .kind = CONTENT_STREAM, .ops = &unpacked_ops, .file = u };
		return;
	}
	e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = u->bytes };
	e->size = u->bytes.n;
}

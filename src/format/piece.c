/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files whose bytes are all in a whole that was put together of them, and that is looked at in their place (probe/pieces.c). */
#include "format/format.h"

static bool piece_probe(struct span at, struct format_match *match)
{
	(void)at;
	(void)match;
	return false; /* no bytes tell it */
}

static struct error piece_walk(struct span bytes, struct walk *w)
{
	(void)bytes;
	emit_header_field(w->sink, OFFSET_NONE, "piece", "of what is opened where its pieces are joined");
	return error_none();
}

const struct format piece_format = {
	.name = "piece",
	.kind = FORMAT_ARCHIVE,
	.title = "file that is a piece of a whole: its pieces are joined, and that is opened",
	.spec = "src/probe/pieces.c",
	.probe = piece_probe,
	.walk = piece_walk,
};

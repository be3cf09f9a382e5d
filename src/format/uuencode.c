/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that uuencode made text of: by itself, in a mail, in a script that unpacks it from itself.
 *
 * Specification: POSIX.1-2017, uuencode.
 */
#include "format/format.h"
#include "format/path.h"
#include "format/uu_text.h"

/* The word begins a line. */
static bool uuencode_locate(struct span all, uint64_t hit, uint64_t *start)
{
	*start = hit;
	return hit == 0 || all.p[hit - 1] == '\n';
}

/* Where nothing ends it, only as far as it is more than a phrase. */
#define BROKEN_MIN 256u

static bool uuencode_probe(struct span at, struct format_match *match)
{
	struct uu_text u;
	if (!uu_text_read(at, 0, &u) || (!u.whole && u.body.n < BROKEN_MIN) || !u.body.n)
		return false;
	match->size = u.size;
	match->confidence = 80;
	return true;
}

static struct error unpack_text(const void *fs, const void *file, struct buf *out)
{
	(void)fs;
	return uu_text_decode(file, out);
}

static struct error uuencode_walk(struct span bytes, struct walk *w)
{
	static const struct content_ops ops = { .unpack = unpack_text };
	struct path_buffer buffer = { .arena = w->arena };
	struct uu_text *u = ARENA_NEW(w->arena, struct uu_text);
	struct entry e = { ENTRY_INIT, .kind = ENTRY_FILE };
	if (!u)
		return error_at(ERR_BUDGET, 0, "no memory for a file");
	if (!uu_text_read(bytes, 0, u))
		return error_at(ERR_CORRUPT, 0, "no line that begins an encoded file");
	e.path = path_from_root(&buffer, uu_text_name(u, w->arena));
	if (!e.path.p)
		return error_at(ERR_BUDGET, 0, "no memory for a name");
	e.mode = u->mode;
	e.offset = (uint64_t)(u->body.p ? u->body.p - bytes.p : 0);
	e.content = (struct content){ .kind = CONTENT_STREAM, .ops = &ops, .file = u };
	w->child(w, &e);
	return error_none();
}

static const struct format_magic uuencode_magics[] = { MAGIC("begin 6", 0), MAGIC("begin 7", 0),  MAGIC("begin 06", 0),
													   MAGIC("begin 07", 0), MAGIC("begin 4", 0), MAGIC("begin 5", 0),
													   MAGIC("begin-base64", 0), MAGIC("begin-encoded", 0), MAGIC_END };

const struct format uuencode_format = {
	.name = "uuencode",
	.kind = FORMAT_ARCHIVE,
	.title = "uuencoded file, also in base64",
	.spec = "POSIX.1-2017, uuencode",
	.magics = uuencode_magics,
	.probe = uuencode_probe,
	.walk = uuencode_walk,
	.locate = uuencode_locate,
	.at_start = true,
	.own_bytes = true,
	.as_text = true,
};

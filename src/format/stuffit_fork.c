/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/hash.h"
#include "format/stuffit.h"
#include "format/stuffit_decode.h"

#define MAC_EPOCH 2082844800 /* seconds from 1904 to 1970 */
#define PATH_MAX_BYTES 4096u

struct packed {
	struct span bytes;
	struct stuffit_fork fork;
};

static struct error unpack_fork(const void *fs, const void *file, struct buf *out)
{
	const struct packed *p = file;
	const struct stuffit_fork *f = &p->fork;
	size_t before = out->n;
	(void)fs;
	enum error_code code = stuffit_decode(f->method, p->bytes, f->size, out);
	if (code)
		return error_at(code, out->n - before, "a fork does not unpack with method %u", f->method);
	if (f->method != STUFFIT_ARSENIC && hash_crc16(STUFFIT_CRC, 0, span_from(buf_span(out), before)) != f->crc)
		return error_at(ERR_CORRUPT, 0, "a fork has another CRC than its header says");
	return error_none();
}

/* False: stop. */
static bool emit_fork(struct stuffit *s, struct entry e, const struct stuffit_fork *f)
{
	static const struct content_ops ops = { .unpack = unpack_fork };
	struct span data = span_clip(s->bytes, f->at, f->packed);
	e.size = f->size;
	e.offset = f->at;
	if (data.n < f->packed)
		emit_damage_at(s->w->sink, ERR_TRUNCATED, f->at, "a fork has %u bytes, %zu are there", f->packed, data.n);
	if (f->encrypted) {
		emit_damage_at(s->w->sink, ERR_ENCRYPTED, f->at, "a fork of %u bytes is enciphered with a password", f->size);
	} else if (f->method == 0) {
		e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = data };
		if (data.n == f->packed && (f->packed != f->size || hash_crc16(STUFFIT_CRC, 0, data) != f->crc))
			emit_damage_at(s->w->sink, ERR_CORRUPT, f->at, "a fork has another size or CRC than its header says");
	} else if (stuffit_decode_knows(f->method)) {
		struct packed *p = ARENA_NEW(s->w->arena, struct packed);
		if (!p)
			return false;
		*p = (struct packed){ data, *f };
		e.content = (struct content){ .kind = CONTENT_STREAM, .ops = &ops, .file = p };
	} else {
		emit_damage_at(s->w->sink, ERR_UNSUPPORTED, f->at, "a fork of %u bytes is packed with method %u", f->size, f->method);
	}
	return s->w->child(s->w, &e);
}

/* The path of a name in a folder. A name may have a '/', as ':' is what Macintosh has between names. */
struct text stuffit_path(struct stuffit *s, struct text folder, struct text name)
{
	if (folder.n + name.n > PATH_MAX_BYTES)
		return TEXT_NONE;
	char *path = ARENA_ARRAY(s->w->arena, char, folder.n + name.n + 2);
	if (!path)
		return TEXT_NONE;
	if (folder.n)
		memcpy(path, folder.p, folder.n);
	path[folder.n] = '/';
	for (size_t i = 0; i < name.n; i++)
		path[folder.n + 1 + i] = name.p[i] == '/' ? ':' : name.p[i];
	return text_of(path, folder.n + 1 + name.n);
}

int64_t stuffit_time(uint32_t t)
{
	return t ? (int64_t)t - MAC_EPOCH : FACT_NULL;
}

/* Both forks of a file; that of resources beside it. An empty file has a data fork. */
bool stuffit_emit_file(struct stuffit *s, struct text path, int64_t mtime, const struct stuffit_fork *resource, const struct stuffit_fork *data)
{
	struct entry e = { ENTRY_INIT, .kind = ENTRY_FILE };
	e.mtime = mtime;
	e.path = path_from_root(&s->buffer, path);
	if (!e.path.p || ((data->size || !resource->size) && !emit_fork(s, e, data)))
		return false;
	if (!resource->size)
		return true;
	char *beside = arena_printf(s->w->arena, "%.*s.rsrc", (int)path.n, path.p);
	e.path = beside ? path_from_root(&s->buffer, text_c(beside)) : TEXT_NONE;
	return e.path.p && emit_fork(s, e, resource);
}

bool stuffit_emit_folder(struct stuffit *s, struct text path, int64_t mtime)
{
	struct entry e = { ENTRY_INIT, .kind = ENTRY_DIRECTORY };
	e.mtime = mtime;
	e.path = path_from_root(&s->buffer, path);
	return e.path.p && (entry_is_root(&e) || s->w->child(s->w, &e));
}

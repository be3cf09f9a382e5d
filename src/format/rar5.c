/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RAR 5: what libarchive gives up an archive at, or takes for broken. Those are links, copies and encrypted files: they are told by their
 * headers, and libarchive gets the archive without them. Links have no data, and what is encrypted nothing else is unpacked by.
 *
 * Specification: "RAR 5.0 archive format": file header and its extra area. */
#include "format/rar.h"

#include "base/leb128.h"
#include "format/path.h"
#include "format/unpacked.h"

enum { BLOCK_FILE = 2, BLOCK_ENCRYPTION = 4, BLOCK_END = 5 };
enum { HAS_EXTRA = 1, HAS_DATA = 2 };
enum { FILE_MTIME = 2, FILE_CRC = 4 };
enum { EXTRA_ENCRYPTION = 1, EXTRA_TIME = 3, EXTRA_REDIRECTION = 5, EXTRA_OWNER = 6 };
enum { TIME_UNIX = 1, TIME_MTIME = 2 };
enum { LINK_UNIX = 1, LINK_WINDOWS, LINK_JUNCTION, LINK_HARD, LINK_COPY };
enum { OWNER_NAME = 1, OWNER_GROUP = 2, OWNER_UID = 4, OWNER_GID = 8 };
#define HOST_UNIX 1u

/* A file header, as far as it is told here. */
struct rar5_file {
	struct text name, target;
	uint64_t redirection; /* 0: none */
	bool encrypted;
	int64_t mode, mtime, uid, gid;
};

static void read_owner(struct reader *r, struct rar5_file *f)
{
	uint64_t flags = rd_leb128(r);
	for (unsigned flag = OWNER_NAME; flag <= OWNER_GROUP; flag *= 2)
		if (flags & flag)
			rd_skip(r, rd_leb128(r));
	int64_t uid = flags & OWNER_UID ? (int64_t)rd_leb128(r) : FACT_NULL;
	int64_t gid = flags & OWNER_GID ? (int64_t)rd_leb128(r) : FACT_NULL;
	if (!rd_ok(r))
		return;
	f->uid = uid;
	f->gid = gid;
}

static void read_extra(struct span extra, struct rar5_file *f)
{
	struct reader all = reader_le(extra);
	while (rd_left(&all)) {
		struct reader r = reader_le(rd_bytes(&all, rd_leb128(&all)));
		uint64_t type = rd_leb128(&r), flags;
		if (!rd_ok(&all) || !rd_ok(&r))
			return;
		switch (type) {
		case EXTRA_ENCRYPTION:
			f->encrypted = true;
			break;
		case EXTRA_TIME:
			flags = rd_leb128(&r);
			if (flags & TIME_UNIX && flags & TIME_MTIME && rd_left(&r) >= 4)
				f->mtime = rd_u32(&r);
			break;
		case EXTRA_REDIRECTION:
			f->redirection = rd_leb128(&r);
			(void)rd_leb128(&r); /* whether it is to a folder */
			f->target = text_from_span(rd_bytes(&r, rd_leb128(&r)));
			f->redirection = rd_ok(&r) ? f->redirection : 0;
			break;
		case EXTRA_OWNER:
			read_owner(&r, f);
			break;
		default:
			break;
		}
	}
}

/* The header of a file in a block whose CRC is right. */
static bool read_file(struct span block, struct rar5_file *f)
{
	struct reader r = reader_le(block);
	rd_skip(&r, 4); /* CRC */
	uint64_t size = rd_leb128(&r), end = r.at + size;
	(void)rd_leb128(&r); /* type */
	uint64_t flags = rd_leb128(&r), extra = flags & HAS_EXTRA ? rd_leb128(&r) : 0;
	if (flags & HAS_DATA)
		(void)rd_leb128(&r);
	uint64_t file = rd_leb128(&r);
	(void)rd_leb128(&r); /* size of the file */
	uint64_t attributes = rd_leb128(&r);
	*f = (struct rar5_file){ .mode = FACT_NULL, .mtime = FACT_NULL, .uid = FACT_NULL, .gid = FACT_NULL };
	if (file & FILE_MTIME)
		f->mtime = rd_u32(&r);
	if (file & FILE_CRC)
		rd_skip(&r, 4);
	(void)rd_leb128(&r); /* how it is packed */
	if (rd_leb128(&r) == HOST_UNIX)
		f->mode = (int64_t)(attributes & 07777);
	f->name = text_from_span(rd_bytes(&r, rd_leb128(&r)));
	if (!rd_ok(&r) || r.at > end || extra > end - r.at || !f->name.n)
		return false;
	read_extra(span_sub(block, end - extra, extra), f);
	return true;
}

static bool is_told_here(const struct rar5_file *f)
{
	return f->encrypted || (f->redirection >= LINK_UNIX && f->redirection <= LINK_COPY);
}

static bool emit_file(struct walk *w, const struct rar5_file *f, uint64_t at)
{
	struct path_buffer path = { .arena = w->arena }, target = { .arena = w->arena };
	struct entry e = entry_new(ENTRY_FILE, path_from_root(&path, f->name));
	struct unpacked *u = ARENA_NEW(w->arena, struct unpacked);
	if (!e.path.p || !u)
		return false;
	e.offset = (int64_t)at;
	e.mode = f->mode;
	e.mtime = f->mtime;
	e.uid = f->uid;
	e.gid = f->gid;
	if (f->redirection == LINK_HARD || f->redirection == LINK_COPY) {
		e.same_as = path_from_root(&target, f->target);
	} else if (f->redirection) {
		e.kind = ENTRY_SYMLINK;
		e.link_target = f->target;
	} else {
		u->error = error_at(ERR_ENCRYPTED, OFFSET_NONE, "the entry is encrypted");
		unpacked_content(&e, u);
	}
	return w->child(w, &e);
}

/* A look at each block, until one is broken. */
struct blocks {
	struct span bytes, block;
	uint64_t at, next, type;
};

static bool next_block(struct blocks *b)
{
	b->at = b->next;
	b->block = span_from(b->bytes, b->at);
	uint64_t size = b->at < b->bytes.n ? rar5_block(b->block, &b->type) : 0;
	b->next += size;
	return size && b->type != BLOCK_END;
}

static bool is_special(const struct blocks *b, struct rar5_file *f)
{
	return b->type == BLOCK_FILE && read_file(b->block, f) && is_told_here(f);
}

/* The archive without what is told here: its own bytes, where there is nothing of that. SPAN_NONE at the arena's limit. */
static struct span without_special(struct span bytes, struct arena *arena)
{
	struct blocks b = { .bytes = bytes, .next = RAR5_MAGIC_SIZE };
	struct rar5_file f;
	uint8_t *copy = NULL;
	size_t n = 0;
	uint64_t from = 0;
	while (next_block(&b)) {
		if (!is_special(&b, &f))
			continue;
		if (!copy && !(copy = ARENA_ARRAY(arena, uint8_t, bytes.n)))
			return SPAN_NONE;
		memcpy(copy + n, bytes.p + from, (size_t)(b.at - from));
		n += (size_t)(b.at - from);
		from = b.next < bytes.n ? b.next : bytes.n;
	}
	if (!copy)
		return bytes;
	memcpy(copy + n, bytes.p + from, (size_t)(bytes.n - from));
	return span_of(copy, n + (size_t)(bytes.n - from));
}

struct error rar5_walk(struct span bytes, struct walk *w, int (*enable)(struct archive *))
{
	struct blocks b = { .bytes = bytes, .next = RAR5_MAGIC_SIZE };
	struct rar5_file f;
	if (next_block(&b) && b.type == BLOCK_ENCRYPTION)
		return error_at(ERR_ENCRYPTED, RAR5_MAGIC_SIZE, "the headers are encrypted, names of files too");
	struct span plain = without_special(bytes, w->arena);
	struct error error = archive_walk(plain.p ? plain : bytes, w, enable);
	if (!plain.p) /* too large to be copied: as far as libarchive can read it */
		return error_is(&error) ? error : error_at(ERR_BUDGET, 0, "no memory for the archive without its links");
	b.next = RAR5_MAGIC_SIZE;
	while (next_block(&b))
		if (is_special(&b, &f) && !emit_file(w, &f, b.at))
			break;
	return error;
}

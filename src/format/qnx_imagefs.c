/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The image file system of QNX: a header, a list of entries with whole paths, contiguous files, a sum.
 *
 * Specification: QNX sys/image.h (struct image_header, union image_dirent).
 */
#include "format/path.h"
#include "format/region.h"
#include "format/wrapper.h"

#define HEADER 88u
#define ENTRY_MIN 24u
#define FILES_MAX 1000000u
#define IS_BIG_ENDIAN 1u
#define UNKNOWN_FLAGS 0x20u

enum {
	TYPE = 0170000,
	FIFO = 0010000,
	CHAR = 0020000,
	DIRECTORY = 0040000,
	BLOCK = 0060000,
	FILE_ = 0100000,
	LINK = 0120000
};

struct imagefs {
	bool big;
	uint8_t flags;
	uint32_t size, directory_end, directory_at;
};

static bool imagefs_read(struct span bytes, struct imagefs *f)
{
	if (!span_starts(bytes, "imagefs", 7) || bytes.n < HEADER)
		return false;
	f->flags = bytes.p[7];
	f->big = f->flags & IS_BIG_ENDIAN;
	struct reader r = reader_of(span_from(bytes, 8), f->big);
	f->size = rd_u32(&r);
	f->directory_end = rd_u32(&r);
	f->directory_at = rd_u32(&r);
	return f->flags < UNKNOWN_FLAGS && f->directory_at >= HEADER && f->directory_at < f->directory_end &&
		   f->directory_end <= f->size && f->size < 1u << 31;
}

static bool imagefs_probe_whole(struct span all, struct format_match *match)
{
	struct imagefs f;
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 85 };
	if (!imagefs_read(all, &f))
		return false;
	match->size = f.size;
	return true;
}

/* The name begins texts of programs, too: within other bytes the first entry has to be there, which is the root. */
static bool imagefs_probe(struct span at, struct format_match *match)
{
	struct imagefs f;
	if (!imagefs_probe_whole(at, match) || !imagefs_read(at, &f))
		return false;
	struct reader r = reader_of(span_from(at, f.directory_at), f.big);
	uint16_t n = rd_u16(&r);
	rd_skip(&r, 6);
	uint32_t type = rd_u32(&r) & TYPE;
	return rd_ok(&r) && n >= ENTRY_MIN && n < 4096 && type == DIRECTORY;
}

static struct text name_at(struct span entry, uint64_t at)
{
	return text_until_nul(span_from(entry, at));
}

/* What follows the common fields depends on the type. */
static void read_rest(const struct imagefs *f, struct span image, struct span bytes, uint32_t mode, struct entry *e,
					  struct text *path)
{
	struct reader r = reader_of(span_from(bytes, ENTRY_MIN), f->big);
	switch (mode & TYPE) {
	case FILE_:
		e->kind = ENTRY_FILE;
		e->offset = rd_u32(&r);
		e->size = rd_u32(&r);
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(image, e->offset, e->size) };
		*path = name_at(bytes, ENTRY_MIN + 8);
		return;
	case LINK: {
		e->kind = ENTRY_SYMLINK;
		uint16_t at = rd_u16(&r), n = rd_u16(&r);
		*path = name_at(bytes, ENTRY_MIN + 4);
		struct span target = span_clip(bytes, ENTRY_MIN + 4 + (uint64_t)at, n);
		e->link_target = text_until_nul(target);
		return;
	}
	case CHAR:
	case BLOCK:
	case FIFO:
		e->kind = (mode & TYPE) == CHAR ? ENTRY_CHAR_DEVICE : (mode & TYPE) == BLOCK ? ENTRY_BLOCK_DEVICE : ENTRY_FIFO;
		rd_skip(&r, 4);
		uint32_t device = rd_u32(&r);
		e->device = (mode & TYPE) == FIFO ? FACT_NULL : (int64_t)((uint64_t)(device >> 10) << 32 | (device & 0x3ff));
		*path = name_at(bytes, ENTRY_MIN + 8);
		return;
	default:
		e->kind = ENTRY_DIRECTORY;
		*path = name_at(bytes, ENTRY_MIN);
	}
}

static bool emit(struct walk *w, const struct imagefs *f, struct span image, struct span bytes, uint64_t at,
				 struct path_buffer *buffer)
{
	struct entry e = { ENTRY_INIT };
	struct text path = TEXT_NONE;
	struct reader r = reader_of(span_from(bytes, 8), f->big);
	uint32_t mode = rd_u32(&r);
	e.gid = rd_u32(&r);
	e.uid = rd_u32(&r);
	e.mtime = rd_u32(&r);
	e.mode = mode & 07777;
	read_rest(f, image, bytes, mode, &e, &path);
	e.path = path_from_root(buffer, path);
	if (!e.path.p)
		return false;
	if (e.kind == ENTRY_FILE && e.content.bytes.n < e.size)
		emit_damage_at(w->sink, ERR_TRUNCATED, at, "a file of %llu bytes at 0x%llx lies beyond the image",
					   (unsigned long long)e.size, (unsigned long long)e.offset);
	return entry_is_root(&e) || w->child(w, &e);
}

/* All words add up to nothing. */
static bool sum_is_zero(const struct imagefs *f, struct span image)
{
	uint32_t sum = 0;
	for (uint64_t i = 0; i + 4 <= image.n; i += 4)
		sum += span_u32(image, i, f->big);
	return sum == 0;
}

static struct error imagefs_walk(struct span bytes, struct walk *w)
{
	struct imagefs f;
	struct path_buffer buffer = { .arena = w->arena };
	if (!imagefs_read(bytes, &f))
		return error_at(ERR_CORRUPT, 0, "no image file system");
	struct span image = span_clip(bytes, 0, f.size);
	emit_header_field(w->sink, 7, "flags", "0x%02x", f.flags);
	wrapper_field(w, HEADER, "mountpoint", span_clip(image, HEADER, f.directory_at - HEADER));
	wrapper_check(w, f.size - 4, "cksum", image.n == f.size && !(f.flags & 0x10), sum_is_zero(&f, image));
	uint64_t at = f.directory_at;
	for (unsigned i = 0; i < FILES_MAX && at < f.directory_end; i++) {
		struct span head = span_sub(image, at, 2);
		uint16_t n = span_u16(head, 0, f.big);
		struct span entry = span_sub(image, at, n);
		if (head.p && !n)
			break; /* the end of the list */
		if (n < ENTRY_MIN || !entry.p)
			return error_at(head.p && entry.p ? ERR_CORRUPT : ERR_TRUNCATED, at, "a directory entry of %u bytes", n);
		if (!emit(w, &f, image, entry, at, &buffer))
			break;
		at += n;
	}
	return error_none();
}

static const struct format_magic imagefs_magics[] = { MAGIC("imagefs", 0), MAGIC_END };

const struct format qnx_imagefs_format = {
	.name = "qnx_imagefs",
	.kind = FORMAT_FILESYSTEM,
	.title = "QNX image file system",
	.spec = "QNX sys/image.h",
	.magics = imagefs_magics,
	.probe = imagefs_probe,
	.probe_whole = imagefs_probe_whole,
	.walk = imagefs_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The directories of an image in WIM. Specification: Microsoft's "Windows Imaging File Format", Metadata resource; what that leaves out:
 * wimlib, dentry.c and security.c. */
#include <sys/stat.h>

#include "format/notation.h"
#include "format/path.h"
#include "format/wim.h"

#define DENTRY 102u
#define STREAM 38u
#define DEPTH_MAX 128u
#define SHA1 DIGEST_SHA1_SIZE
#define REPARSE_MAX (16u << 10)
#define ATTRIBUTE_DIRECTORY 0x10u
#define ATTRIBUTE_REPARSE 0x400u
#define ATTRIBUTE_ENCRYPTED 0x4000u
#define TAG_SYMLINK 0xa000000cu
#define TAG_JUNCTION 0xa0000003u
#define TAG_LINUX_LINK 0xa000001du
#define TAG_SPECIAL 0x80000023u /* and the next ones: sockets, pipes, devices, which have no data */
#define TAG_SPECIAL_LAST 0x80000026u
#define TAG_UNIX 0x337dd873u /* of what is told behind the names, by wimlib: owner, mode, device */
#define EPOCH 11644473600 /* 1601 to 1970, in seconds */
#define EPOCH_UNITS 10000000

struct dentry {
	uint64_t at, next, children, link;
	uint32_t attributes, tag;
	unsigned streams;
	uint64_t streams_at;
	int64_t mtime;
	struct span name, sha1;
	struct span data;       /* SHA-1 of the data of a reparse point, which has both */
	struct span owner;      /* what TAG_UNIX says, or none */
	bool streams_lost;      /* not all of them can be read */
};

struct level {
	uint64_t at;
	size_t path_n; /* of the directory */
	bool ended;    /* where its next entry would be can not be told, which was said */
};

struct tree {
	struct wim *m;
	struct span bytes;
	unsigned image;
	size_t prefix_n;
	uint64_t left; /* bytes of entries: directories that overlap have the same ones */
	char path[FACT_TEXT_MAX];
	size_t path_n;
	struct level levels[DEPTH_MAX];
	unsigned depth;
	struct error error;
};

static uint64_t align8(uint64_t n)
{
	return (n + 7) & ~(uint64_t)7;
}

/* ---- entries ---- */

/* A further stream of a file; one without a name is its data, or those of a reparse point. */
static bool stream_read(struct span bytes, uint64_t at, struct span *name, struct span *sha1, uint64_t *next)
{
	struct reader r = reader_le(span_from(bytes, at));
	uint64_t length = rd_u64(&r);
	rd_skip(&r, 8);
	*sha1 = rd_bytes(&r, SHA1);
	*name = rd_bytes(&r, rd_u16(&r));
	*next = at + align8(length);
	return rd_ok(&r) && length >= STREAM && length <= bytes.n && r.at <= align8(length) && *next <= align8(bytes.n);
}

static void streams_pass(struct span bytes, struct dentry *d)
{
	struct span name, sha1;
	for (unsigned i = 0; i < d->streams; i++) {
		if (!stream_read(bytes, d->next, &name, &sha1, &d->next)) {
			d->streams = i;
			d->streams_lost = true;
		} else if (!name.n && span_is_zero(d->sha1)) {
			d->sha1 = sha1;
		} else if (!name.n && d->attributes & ATTRIBUTE_REPARSE && !d->data.p) {
			d->data = sha1;
		}
	}
}

/* What is tagged behind the names; each begins with its tag and the length of what follows. */
static struct span owner_read(struct span tagged)
{
	for (uint64_t at = 0; at + 8 <= tagged.n; at += 8 + align8(span_u32le(tagged, at + 4))) {
		struct span s = span_sub(tagged, at + 8, span_u32le(tagged, at + 4));
		if (span_u32le(tagged, at) == TAG_UNIX && s.n >= 16)
			return s;
	}
	return SPAN_NONE;
}

/* False at the end of the directory, or (then *broken) where none can be read. */
static bool dentry_read(struct span bytes, uint64_t at, struct dentry *d, bool *broken)
{
	struct reader r = reader_le(span_from(bytes, at));
	uint64_t length = rd_u64(&r);
	*broken = !rd_ok(&r) || (length > 8 && (length < DENTRY || length > bytes.n - at));
	if (*broken || length <= 8)
		return false;
	*d = (struct dentry){ .at = at, .attributes = rd_u32(&r) };
	rd_skip(&r, 4); /* of its security descriptor */
	d->children = rd_u64(&r);
	rd_skip(&r, 16 + 16);
	uint64_t written = rd_u64(&r);
	d->mtime = written ? (int64_t)(written / EPOCH_UNITS) - EPOCH : FACT_NULL;
	d->sha1 = rd_bytes(&r, SHA1);
	rd_skip(&r, 4);
	if (d->attributes & ATTRIBUTE_REPARSE)
		d->tag = rd_u32(&r), rd_skip(&r, 4);
	else
		d->link = rd_u64(&r);
	d->streams = rd_u16(&r);
	unsigned short_n = rd_u16(&r), name_n = rd_u16(&r); /* both names are ended by a zero unit, unless they are empty */
	d->name = rd_bytes(&r, name_n);
	*broken = !rd_ok(&r) || r.at > length;
	uint64_t names = align8(DENTRY + name_n + (name_n ? 2 : 0) + short_n + (short_n ? 2 : 0));
	if (names < length)
		d->owner = owner_read(span_clip(bytes, at + names, length - names));
	d->next = d->streams_at = at + align8(length);
	streams_pass(bytes, d);
	return !*broken;
}

/* ---- files ---- */

static bool append(struct tree *t, char before, struct span name)
{
	if (1 + name.n / 2 * 3 > sizeof t->path - t->path_n)
		return false;
	t->path[t->path_n++] = before;
	t->path_n += utf16_to_utf8(name, false, false, t->path + t->path_n);
	return true;
}

/* False when as much has been told again as may be. */
static bool claim(struct wim *m, uint64_t size)
{
	if (size > m->claim_max - m->claimed)
		return false;
	m->claimed += size;
	return true;
}

/* With the slashes of other systems, and without the drive, whose root that of the image is: so wimlib, which puts it there, takes it off. */
static struct text windows_target(struct span target, char *text)
{
	size_t n = utf16_to_utf8(target, false, false, text);
	for (size_t i = 0; i < n; i++)
		text[i] = text[i] == '\\' ? '/' : text[i];
	struct text t = text_of(text, n);
	if (text_starts(t, "/?\?/"))
		t = text_of(t.p + 4, t.n - 4);
	bool drive = t.n > 2 && ((t.p[0] | 0x20) >= 'a' && (t.p[0] | 0x20) <= 'z') && t.p[1] == ':' && t.p[2] == '/';
	return drive ? text_of(t.p + 2, t.n - 2) : t;
}

/* Of a symbolic link or a junction: false, and it is emitted as a file, where that can not be told. The data lack the header that they
 * have on a disk. */
static bool set_link(struct tree *t, const struct dentry *d, const struct wim_blob *b, struct entry *e)
{
	struct buf out = buf_with_limit(REPARSE_MAX);
	if (b->r.size > REPARSE_MAX || !claim(t->m, b->r.size))
		return false;
	unsigned names = d->tag == TAG_SYMLINK ? 12 : 8; /* a symbolic link has flags before them */
	struct error error = wim_unpack(t->m->bytes, &t->m->packing, &b->r, &out);
	struct span s = buf_span(&out), target = span_sub(s, names + (uint64_t)span_u16le(s, 4), span_u16le(s, 6));
	if (!target.n)
		target = span_sub(s, names + (uint64_t)span_u16le(s, 0), span_u16le(s, 2));
	bool whole = !error_is(&error) && digest_matches(DIGEST_SHA1, s, b->sha1);
	bool in_utf8 = d->tag == TAG_LINUX_LINK;
	if (in_utf8)
		target = span_from(s, 4);
	char *text = whole && target.n ? arena_alloc(t->m->w->arena, target.n, 3) : NULL;
	if (text && in_utf8)
		memcpy(text, target.p, target.n);
	if (text) {
		e->kind = ENTRY_SYMLINK;
		e->link_target = in_utf8 ? text_of(text, target.n) : windows_target(target, text);
		e->size = e->link_target.n;
	}
	buf_free(&out);
	return text;
}

/* Another name of the same file; or the same path in another image with the same bytes. */
static bool is_same(const struct tree *t, const struct dentry *d, const struct wim_blob *b)
{
	if (b->image == t->image)
		return d->link && d->link == b->link;
	const char *slash = memchr(b->path.p + 1, '/', b->path.n - 1);
	size_t prefix = slash ? (size_t)(slash - b->path.p) : b->path.n;
	return text_eq(text_of(b->path.p + prefix, b->path.n - prefix), text_of(t->path + t->prefix_n, t->path_n - t->prefix_n));
}

/* Whether the data were told, and need not be once more: where as many files have the same ones that these would be more than many times
 * all that there is, the others are but further names of the first. */
static bool is_again(const struct tree *t, const struct dentry *d, const struct wim_blob *b)
{
	return b->path.n && (is_same(t, d, b) || !claim(t->m, b->r.size));
}

/* The first file that has them. False when the arena is full. */
static bool note_path(struct tree *t, const struct dentry *d, struct wim_blob *b)
{
	if (b->path.n)
		return true;
	char *copy = arena_strdup(t->m->w->arena, text_of(t->path, t->path_n));
	b->path = copy ? text_of(copy, t->path_n) : TEXT_NONE;
	b->image = t->image;
	b->link = d->link;
	return copy;
}

static struct error why_missing(const struct wim *m, uint64_t at)
{
	return m->parts > 1 ? error_at(ERR_TRUNCATED, at, "its data are in another one of the %u parts", m->parts)
						: error_at(ERR_CORRUPT, at, "its data are not in the table");
}

static bool is_link(uint32_t tag)
{
	return tag == TAG_SYMLINK || tag == TAG_JUNCTION || tag == TAG_LINUX_LINK;
}

/* Owner and mode; and what has no data is what the mode says. */
static void set_owner(const struct dentry *d, struct entry *e)
{
	uint32_t mode = span_u32le(d->owner, 8), device = span_u32le(d->owner, 12);
	if (!d->owner.n)
		return;
	e->uid = span_u32le(d->owner, 0);
	e->gid = span_u32le(d->owner, 4);
	e->mode = mode & 07777;
	if (e->kind != ENTRY_FILE || !span_is_zero(d->sha1))
		return;
	e->kind = S_ISCHR(mode) ? ENTRY_CHAR_DEVICE : S_ISBLK(mode) ? ENTRY_BLOCK_DEVICE : S_ISFIFO(mode) ? ENTRY_FIFO
			  : S_ISSOCK(mode) ? ENTRY_SOCKET : ENTRY_FILE;
	if (S_ISCHR(mode) || S_ISBLK(mode)) /* as Linux has them in 32 bits */
		e->device = (int64_t)(device >> 8 & 0xfff) << 32 | (device >> 12 & 0xfff00) | (device & 0xff);
}

/* The data with that digest under the path that is in t->path. */
static bool emit_data(struct tree *t, const struct dentry *d, struct span sha1, struct entry *e)
{
	struct wim *m = t->m;
	struct wim_blob *b = span_is_zero(sha1) ? NULL : wim_blob_find(m, sha1);
	bool room = true;
	e->path = text_of(t->path, t->path_n);
	e->mtime = d->mtime;
	set_owner(d, e);
	if (b && is_link(d->tag) && set_link(t, d, b, e)) {
		b->used = true;
	} else if (d->attributes & ATTRIBUTE_ENCRYPTED) {
		room = wim_content_none(m, e, error_at(ERR_ENCRYPTED, OFFSET_NONE, "the file is encrypted (EFS)"));
	} else if (b && is_again(t, d, b)) {
		e->same_as = b->path;
		e->size = b->r.size;
	} else if (b) {
		room = note_path(t, d, b) && wim_content(m, b, e);
		b->used = true;
	} else if (e->kind == ENTRY_FILE) {
		room = wim_content_none(m, e, span_is_zero(sha1) ? error_none() : why_missing(m, d->at));
	}
	if (!room)
		t->error = error_at(ERR_BUDGET, OFFSET_NONE, "no memory left for the files");
	else
		m->stopped = !m->w->child(m->w, e);
	return room && !m->stopped;
}

static bool emit_streams(struct tree *t, const struct dentry *d)
{
	struct span name, sha1;
	uint64_t at = d->streams_at;
	size_t before = t->path_n;
	bool more = true;
	for (unsigned i = 0; i < d->streams && more && stream_read(t->bytes, at, &name, &sha1, &at); i++) {
		if (!name.n)
			continue;
		struct entry e = entry_new(ENTRY_FILE, TEXT_NONE);
		struct dentry stream = { .at = d->at, .attributes = d->attributes & ATTRIBUTE_ENCRYPTED, .mtime = d->mtime };
		if (!append(t, ':', name))
			wim_damage(t->m, ERR_BUDGET, OFFSET_NONE, "a stream has too long a path");
		else
			more = emit_data(t, &stream, sha1, &e);
		t->path_n = before;
	}
	return more;
}

static bool emit_dentry(struct tree *t, const struct dentry *d)
{
	bool directory = d->attributes & ATTRIBUTE_DIRECTORY;
	struct entry e = entry_new(ENTRY_FILE, TEXT_NONE);
	if (directory && !(d->tag && !span_is_zero(d->sha1))) {
		e.kind = ENTRY_DIRECTORY;
		e.path = text_of(t->path, t->path_n);
		e.mtime = d->mtime;
		set_owner(d, &e);
		t->m->stopped = !t->m->w->child(t->m->w, &e);
		return !t->m->stopped && emit_streams(t, d);
	}
	bool stands_for = d->tag && !is_link(d->tag) && !(d->tag >= TAG_SPECIAL && d->tag <= TAG_SPECIAL_LAST);
	if (stands_for && !directory && !(d->attributes & ATTRIBUTE_ENCRYPTED))
		wim_damage(t->m, ERR_UNSUPPORTED, OFFSET_NONE, "a reparse point of tag 0x%08x is not followed, which may stand for other data", d->tag);
	return emit_data(t, d, stands_for && !span_is_zero(d->data) ? d->data : d->sha1, &e) && emit_streams(t, d);
}

/* ---- directories ---- */

static void enter(struct tree *t, const struct dentry *d)
{
	if (t->depth == DEPTH_MAX)
		wim_damage(t->m, ERR_BUDGET, OFFSET_NONE, "directories are nested more than %u deep", DEPTH_MAX);
	else
		t->levels[t->depth++] = (struct level){ .at = d->children, .path_n = t->path_n };
}

/* The next entry of the directory at hand. False: no more of the image is to be read. */
static bool step(struct tree *t)
{
	struct level *l = &t->levels[t->depth - 1];
	struct dentry d;
	bool broken;
	t->path_n = l->path_n;
	bool read = !l->ended && dentry_read(t->bytes, l->at, &d, &broken);
	uint64_t cost = read ? d.next - l->at : 8;
	if (cost > t->left) {
		t->error = error_at(ERR_BUDGET, OFFSET_NONE, "directories of image %u overlap", t->image);
		return false;
	}
	t->left -= cost;
	if (!l->ended && broken)
		wim_damage(t->m, ERR_CORRUPT, OFFSET_NONE, "at %llu of the metadata of image %u no entry can be read, nor what follows it in its directory",
				   (unsigned long long)l->at, t->image);
	if (!read) {
		t->depth--;
		return true;
	}
	l->at = d.next;
	if (d.streams_lost) {
		wim_damage(t->m, ERR_CORRUPT, OFFSET_NONE, "at %llu of the metadata of image %u no stream can be read, nor what follows it in its directory",
				   (unsigned long long)d.next, t->image);
		l->ended = true;
	}
	if (!append(t, '/', d.name)) {
		wim_damage(t->m, ERR_BUDGET, OFFSET_NONE, "an entry has too long a path");
		return true;
	}
	if (!emit_dentry(t, &d))
		return false;
	if (d.children && d.attributes & ATTRIBUTE_DIRECTORY)
		enter(t, &d);
	return true;
}

struct error wim_walk_image(struct wim *m, struct span metadata, unsigned image, const char *prefix)
{
	struct tree *t = ARENA_NEW(m->w->arena, struct tree);
	struct dentry root;
	bool broken;
	uint64_t at = align8(span_u32le(metadata, 0)); /* behind the security descriptors */
	if (!t)
		return error_at(ERR_BUDGET, OFFSET_NONE, "no memory left for the files");
	*t = (struct tree){ .m = m, .bytes = metadata, .image = image, .left = metadata.n, .error = error_none() };
	t->path_n = t->prefix_n = strlen(prefix);
	memcpy(t->path, prefix, t->path_n);
	if (!dentry_read(metadata, at < 8 ? 8 : at, &root, &broken))
		return error_at(ERR_CORRUPT, OFFSET_NONE, "image %u has no root directory", image);
	if (root.children)
		enter(t, &root);
	while (t->depth && step(t))
		;
	return t->error;
}

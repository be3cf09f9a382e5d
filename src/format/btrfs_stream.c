/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `btrfs send` writes: commands that make the files of a subvolume one after the other. They are replayed, without the disk that they
 * are meant for. A stream that tells the changes to another snapshot gives what it has itself.
 *
 * Specification: Linux fs/btrfs/send.h; btrfs-progs, "Btrfs send stream format".
 */
#include "format/btrfs_stream.h"

#include "base/crc32c.h"
#include "base/plural.h"
#include "format/unix_mode.h"

#define MAGIC_SIZE 13u
#define HEADER_SIZE 17u
#define COMMAND_SIZE 10u /* length, number, CRC */
#define UUID_SIZE 16u
#define ATTRIBUTES 40u

enum command {
	SUBVOLUME = 1, SNAPSHOT, MKFILE, MKDIR, MKNOD, MKFIFO, MKSOCK, SYMLINK, RENAME, LINK, UNLINK, RMDIR, SET_XATTR, REMOVE_XATTR, WRITE, CLONE,
	TRUNCATE, CHMOD, CHOWN, UTIMES, END, UPDATE_EXTENT, FALLOCATE, FILEATTR, ENCODED_WRITE, ENABLE_VERITY
};

enum attribute {
	UUID = 1, SIZE = 4, MODE, UID, GID, RDEV, MTIME = 10, PATH = 15, PATH_TO, PATH_LINK, FILE_OFFSET, DATA, CLONE_UUID, CLONE_PATH = 22,
	CLONE_OFFSET, CLONE_LEN, FALLOCATE_MODE, UNENCODED_FILE_LEN = 27, UNENCODED_LEN, UNENCODED_OFFSET, COMPRESSION, ENCRYPTION
};

struct command_read {
	uint64_t at, next; /* in the stream; where the next one begins */
	unsigned number;
	bool crc_is_right;
	struct span attributes[ATTRIBUTES];
};

/* The header of the command at `at`, and whether all of it is there. The CRC is made with zeros in its own place, without inversions. */
static bool command_header(struct span bytes, uint64_t at, struct command_read *c)
{
	static const uint8_t none[4];
	struct reader r = reader_le(span_sub(bytes, at, COMMAND_SIZE));
	uint32_t n = rd_u32(&r);
	c->at = at;
	c->number = rd_u16(&r);
	uint32_t crc = rd_u32(&r);
	c->next = at + COMMAND_SIZE + n;
	struct span all = rd_ok(&r) ? span_sub(bytes, at, (uint64_t)COMMAND_SIZE + n) : SPAN_NONE;
	if (!all.p)
		return false;
	uint32_t sum = crc32c_update(0, span_clip(all, 0, 6));
	sum = crc32c_update(crc32c_update(sum, span_of(none, sizeof none)), span_from(all, COMMAND_SIZE));
	c->crc_is_right = sum == crc;
	return true;
}

/* From version 2 on the data are the last attribute, and have no length of their own. */
static void read_attributes(const struct bs *s, struct command_read *c)
{
	struct reader r = reader_le(span_sub(s->bytes, c->at + COMMAND_SIZE, c->next - c->at - COMMAND_SIZE));
	memset(c->attributes, 0, sizeof c->attributes);
	while (rd_left(&r) >= 2) {
		uint16_t type = rd_u16(&r);
		uint64_t n = type == DATA && s->version >= 2 ? rd_left(&r) : rd_u16(&r);
		struct span value = rd_bytes(&r, n);
		if (rd_ok(&r) && type < ATTRIBUTES)
			c->attributes[type] = value;
	}
}

static bool has(const struct command_read *c, enum attribute a)
{
	return c->attributes[a].p != NULL;
}

static uint64_t number(const struct command_read *c, enum attribute a)
{
	struct reader r = reader_le(c->attributes[a]);
	return c->attributes[a].n <= 8 ? rd_uint(&r, (unsigned)c->attributes[a].n) : 0;
}

static struct text path(const struct command_read *c, enum attribute a)
{
	return text_from_span(c->attributes[a]);
}

static bool stream_read(struct span bytes, uint32_t *version, struct command_read *first)
{
	*version = span_u32le(bytes, MAGIC_SIZE);
	return span_starts(bytes, "btrfs-stream\0", MAGIC_SIZE) && *version >= 1 && *version <= 3 && command_header(bytes, HEADER_SIZE, first) &&
		   first->crc_is_right && (first->number == SUBVOLUME || first->number == SNAPSHOT);
}

static bool btrfs_stream_probe(struct span at, struct format_match *match)
{
	struct command_read first;
	uint32_t version;
	if (!stream_read(at, &version, &first))
		return false;
	match->size = at.n; /* that the walk finds out */
	match->confidence = 90;
	return true;
}

/* ---- commands ---- */

static void begin_subvolume(struct bs *s, const struct command_read *c)
{
	struct text name = path(c, PATH);
	struct bs_subvolume *v = ARENA_NEW(s->w->arena, struct bs_subvolume);
	struct bs_node *root = v ? bs_make(s, s->top, name, ENTRY_DIRECTORY) : NULL;
	s->out_of_memory |= !v;
	if (!root) {
		bs_damage(s, ERR_CORRUPT, c->at, "a subvolume has no name, or that of a file");
		return;
	}
	*v = (struct bs_subvolume){ s->subvolumes, root, c->attributes[UUID] };
	s->subvolumes = v;
	s->root = root;
	s->incremental = c->number == SNAPSHOT;
	emit_header_field(s->w->sink, c->at, s->incremental ? "snapshot" : "subvolume", "%.*s", (int)(name.n < 200 ? name.n : 200), name.p);
	if (s->incremental)
		bs_damage(s, ERR_UNSUPPORTED, c->at,
				  "the stream has the changes to another snapshot, which is not here: files that did not change are missing");
}

/* The file that a command is about. One that no command made is of the snapshot before, or its making is lost: what comes for it is kept. */
static struct bs_inode *file_of(struct bs *s, const struct command_read *c)
{
	struct bs_node *n = bs_find(s, s->root, path(c, PATH));
	if (!n && (n = bs_make(s, s->root, path(c, PATH), ENTRY_FILE))) {
		n->inode->partial = true;
		s->implied++;
	}
	if (n && n->inode->kind == ENTRY_FILE)
		return n->inode;
	bs_damage(s, ERR_CORRUPT, c->at, "command %u writes what is no file", c->number);
	return NULL;
}

static void make(struct bs *s, const struct command_read *c)
{
	static const enum entry_kind kinds[] = { [MKFILE] = ENTRY_FILE, [MKDIR] = ENTRY_DIRECTORY, [MKFIFO] = ENTRY_FIFO, [MKSOCK] = ENTRY_SOCKET,
											 [SYMLINK] = ENTRY_SYMLINK };
	enum entry_kind kind = c->number == MKNOD ? entry_kind_of_mode((uint32_t)number(c, MODE)) : kinds[c->number];
	struct bs_node *n = bs_make(s, s->root, path(c, PATH), kind);
	if (!n) {
		bs_damage(s, ERR_CORRUPT, c->at, "command %u makes a name that is there already, too deep, or none", c->number);
		return;
	}
	if (kind == ENTRY_CHAR_DEVICE || kind == ENTRY_BLOCK_DEVICE)
		n->inode->device = device_new((uint32_t)number(c, RDEV));
	if (c->number == MKNOD)
		n->inode->mode = (int64_t)(number(c, MODE) & 07777);
	n->inode->target = c->number == SYMLINK ? path(c, PATH_LINK) : TEXT_NONE;
}

/* Of a snapshot before that is not here, names are moved and taken away that are not here either. */
static void change_name(struct bs *s, const struct command_read *c)
{
	struct bs_node *n = bs_find(s, s->root, path(c, c->number == LINK ? PATH_LINK : PATH));
	bool ok = false;
	if (!n && s->incremental)
		return;
	if (n && c->number == LINK)
		ok = bs_link(s, s->root, path(c, PATH), n->inode) != NULL;
	else if (n && c->number == RENAME)
		ok = bs_rename(s, s->root, n, path(c, PATH_TO));
	else if (n && n != s->root)
		ok = bs_remove(s, n);
	if (!ok)
		bs_damage(s, ERR_CORRUPT, c->at, "command %u is about a name that is not there, or can not be done", c->number);
}

static struct bs_piece *new_piece(struct bs *s, struct bs_piece piece)
{
	struct bs_piece *p = ARENA_NEW(s->w->arena, struct bs_piece);
	s->out_of_memory |= !p;
	if (p)
		*p = piece;
	return p;
}

static void write_data(struct bs *s, const struct command_read *c)
{
	struct bs_inode *f = file_of(s, c);
	struct bs_piece *p = f ? new_piece(s, (struct bs_piece){ c->attributes[DATA], 0, 0 }) : NULL;
	if (p)
		bs_write(s, f, number(c, FILE_OFFSET), c->attributes[DATA].n, p, 0);
}

static void write_encoded(struct bs *s, const struct command_read *c)
{
	struct bs_inode *f = file_of(s, c);
	struct bs_piece piece = { c->attributes[DATA], (uint32_t)number(c, COMPRESSION), number(c, UNENCODED_LEN) };
	if (number(c, ENCRYPTION)) {
		bs_damage(s, ERR_ENCRYPTED, c->at, "a write is encrypted");
		return;
	}
	struct bs_piece *p = f ? new_piece(s, piece) : NULL;
	if (p)
		bs_write(s, f, number(c, FILE_OFFSET), number(c, UNENCODED_FILE_LEN), p, number(c, UNENCODED_OFFSET));
}

/* NULL: it is not here, or so many commands ask for so many that it is not looked for any more. */
static struct bs_node *clone_root(struct bs *s, const struct command_read *c)
{
	struct bs_subvolume *v = s->subvolumes;
	struct span uuid = c->attributes[CLONE_UUID];
	while (v && bs_may_work(s, sizeof *v) && !(uuid.n == UUID_SIZE && v->uuid.n == UUID_SIZE && memcmp(v->uuid.p, uuid.p, UUID_SIZE) == 0))
		v = v->next;
	return v && bs_may_work(s, 0) ? v->root : NULL;
}

static void clone(struct bs *s, const struct command_read *c)
{
	struct bs_inode *f = file_of(s, c);
	struct bs_node *root = clone_root(s, c), *from = root ? bs_find(s, root, path(c, CLONE_PATH)) : NULL;
	uint64_t at = number(c, FILE_OFFSET), n = number(c, CLONE_LEN);
	if (!f)
		return;
	if (from && from->inode->kind == ENTRY_FILE) {
		bs_clone(s, f, at, from->inode, number(c, CLONE_OFFSET), n);
		f->partial |= from->inode->partial;
		return;
	}
	f->partial = true;
	s->lost_clones++;
	if (at < UINT64_MAX / 2 && n < UINT64_MAX / 2 && at + n > f->size)
		f->size = at + n;
}

static void set_attributes(struct bs *s, const struct command_read *c)
{
	struct bs_node *n = bs_find(s, s->root, path(c, PATH));
	struct reader time = reader_le(c->attributes[MTIME]);
	if (!n)
		return; /* of the snapshot before; what makes a file is told where it is lost */
	if (c->number == CHMOD && has(c, MODE))
		n->inode->mode = (int64_t)(number(c, MODE) & 07777);
	if (c->number == CHOWN && has(c, UID) && has(c, GID)) {
		n->inode->uid = (int64_t)(uint32_t)number(c, UID);
		n->inode->gid = (int64_t)(uint32_t)number(c, GID);
	}
	if (c->number == UTIMES && has(c, MTIME))
		n->inode->mtime = (int64_t)rd_u64(&time);
}

/* A stream without data (btrfs send --no-data) tells only where they would be. */
static void leave_data_out(struct bs *s, const struct command_read *c)
{
	struct bs_inode *f = file_of(s, c);
	uint64_t at = number(c, FILE_OFFSET), n = number(c, SIZE);
	s->no_data++;
	if (f && at < UINT64_MAX / 2 && n < UINT64_MAX / 2 && at + n > f->size)
		f->size = at + n;
	if (f)
		f->partial = true;
}

static void change_size(struct bs *s, const struct command_read *c)
{
	struct bs_inode *f = file_of(s, c);
	if (f && number(c, SIZE) <= UINT64_MAX / 2)
		bs_truncate(s, f, number(c, SIZE));
}

static void replay(struct bs *s, const struct command_read *c)
{
	static void (*const replays[])(struct bs *s, const struct command_read *c) = {
		[SUBVOLUME] = begin_subvolume, [SNAPSHOT] = begin_subvolume, [MKFILE] = make, [MKDIR] = make, [MKNOD] = make, [MKFIFO] = make,
		[MKSOCK] = make, [SYMLINK] = make, [RENAME] = change_name, [LINK] = change_name, [UNLINK] = change_name, [RMDIR] = change_name,
		[WRITE] = write_data, [CLONE] = clone, [TRUNCATE] = change_size, [CHMOD] = set_attributes, [CHOWN] = set_attributes,
		[UTIMES] = set_attributes, [UPDATE_EXTENT] = leave_data_out, [ENCODED_WRITE] = write_encoded,
	};
	void (*known)(struct bs *, const struct command_read *) = c->number < sizeof replays / sizeof replays[0] ? replays[c->number] : NULL;
	bool passed_over = c->number == SET_XATTR || c->number == REMOVE_XATTR || c->number == FILEATTR || c->number == ENABLE_VERITY;
	if (known)
		known(s, c);
	else
		s->unknown += !passed_over;
}

/* Gives where the stream ends. */
static uint64_t replay_all(struct bs *s)
{
	struct command_read c = { .next = HEADER_SIZE };
	while (!s->out_of_memory) {
		if (!command_header(s->bytes, c.next, &c)) {
			bs_damage(s, ERR_TRUNCATED, c.at, "the stream breaks off here: there is no end command");
			return s->bytes.n;
		}
		if (!c.crc_is_right) {
			bs_damage(s, ERR_CORRUPT, c.at, "the CRC-32C of command %u does not match: it is not replayed", c.number);
			continue;
		}
		if (c.number == END)
			return c.next;
		read_attributes(s, &c);
		replay(s, &c);
	}
	bs_damage(s, ERR_BUDGET, c.at, "no memory for more files than there are up to here");
	return s->bytes.n;
}

static void tell_missing(struct bs *s)
{
	if (s->implied)
		bs_damage(s, s->incremental ? ERR_UNSUPPORTED : ERR_CORRUPT, UINT64_MAX, "%llu %s",
				  (unsigned long long)s->implied,
				  plural(s->implied, "name was made by no command: it is shown as far as this stream has it",
						 "names were made by no command: they are shown as far as this stream has them"));
	if (s->lost_clones)
		bs_damage(s, ERR_UNSUPPORTED, UINT64_MAX, "%llu %s not here", (unsigned long long)s->lost_clones,
				  plural(s->lost_clones, "part of a file is in a subvolume that is",
						 "parts of files are in subvolumes that are"));
	if (s->no_data)
		bs_damage(s, ERR_UNSUPPORTED, UINT64_MAX, "the stream was made without the files' data");
	if (s->unknown)
		bs_damage(s, ERR_UNSUPPORTED, UINT64_MAX, "%llu %s not replayed", (unsigned long long)s->unknown,
				  plural(s->unknown, "command was", "commands were"));
}

static struct error btrfs_stream_walk(struct span bytes, struct walk *w)
{
	struct command_read first;
	struct bs *s = ARENA_NEW(w->arena, struct bs);
	struct bs_node *top = ARENA_NEW(w->arena, struct bs_node);
	struct bs_inode *inode = ARENA_NEW(w->arena, struct bs_inode);
	if (!s || !top || !inode)
		return error_at(ERR_BUDGET, 0, "no memory for the stream");
	*s = (struct bs){ .bytes = bytes, .w = w, .top = top, .root = top };
	if (!stream_read(bytes, &s->version, &first))
		return error_at(ERR_CORRUPT, 0, "no header of a send stream");
	inode->kind = ENTRY_DIRECTORY;
	top->inode = inode;
	emit_header_field(w->sink, MAGIC_SIZE, "version", "%u", s->version);
	w->end = replay_all(s);
	tell_missing(s);
	bs_show(s);
	emit_damage_further(w->sink, s->damages);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("btrfs-stream\0", 0), MAGIC_END };

const struct format btrfs_stream_format = {
	.name = "btrfs_stream",
	.kind = FORMAT_ARCHIVE,
	.title = "btrfs send stream",
	.spec = "Linux fs/btrfs/send.h",
	.magics = magics,
	.probe = btrfs_stream_probe,
	.walk = btrfs_stream_walk,
};

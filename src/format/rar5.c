/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RAR 5: its blocks, and the entries that these are of.
 *
 * Specification: "RAR 5.0 archive format". */
#include "base/hash.h"
#include "base/leb128.h"
#include "format/rar.h"

#define RAR_HEADER_MAX (2u << 20)

enum { BLOCK_MAIN = 1, BLOCK_FILE, BLOCK_SERVICE, BLOCK_ENCRYPTION, BLOCK_END };
enum { HAS_EXTRA = 1, HAS_DATA = 2, SPLIT_BEFORE = 8, SPLIT_AFTER = 16 };
enum { FILE_DIRECTORY = 1, FILE_MTIME = 2, FILE_CRC = 4, FILE_SIZE_UNKNOWN = 8 };
enum { EXTRA_ENCRYPTION = 1, EXTRA_HASH, EXTRA_TIME, EXTRA_VERSION, EXTRA_REDIRECTION, EXTRA_OWNER };
enum { TIME_UNIX = 1, TIME_MTIME = 2 };
enum { LINK_UNIX = 1, LINK_WINDOWS, LINK_JUNCTION, LINK_HARD, LINK_COPY };
enum { OWNER_NAME = 1, OWNER_GROUP = 2, OWNER_UID = 4, OWNER_GID = 8 };
#define HOST_UNIX 1u
#define HASH_SIZE 32u
#define END_MORE 1u
#define MAIN_VOLUME 1u
#define MAIN_NUMBER 2u
#define EPOCH_1601 INT64_C(11644473600)
/* How it is packed. */
#define PACKED_VERSION 0x3fu
#define PACKED_SOLID 0x40u
#define PACKED_AS_5 (1u << 20) /* of version 1: only the dictionary is of another size than version 0 has */
#define WINDOW_LEAST ((uint64_t)128 << 10)

/* A block's header. */
struct header {
	struct span span; /* all of it */
	uint64_t type, flags, extra, data;
	uint64_t body; /* where what is of its type begins */
	bool wrong;    /* its CRC is */
};

/* False where none can stand there, whatever its CRC. */
static bool header_read(struct span at, struct header *h)
{
	struct reader r = reader_le(at);
	uint32_t crc = rd_u32(&r);
	uint64_t size = rd_leb128(&r), end = r.at + size;
	*h = (struct header){ .type = rd_leb128(&r) };
	h->flags = rd_leb128(&r);
	h->extra = h->flags & HAS_EXTRA ? rd_leb128(&r) : 0;
	h->data = h->flags & HAS_DATA ? rd_leb128(&r) : 0;
	h->body = r.at;
	if (!rd_ok(&r) || size > RAR_HEADER_MAX || r.at > end || h->extra > end - r.at || h->data > UINT64_MAX / 4)
		return false;
	h->span = span_sub(at, 0, end);
	h->wrong = h->span.p && hash_crc32(0, span_from(h->span, 4)) != crc;
	return h->span.p;
}

bool rar5_may_be_header(struct span here)
{
	const uint8_t *p = here.p;
	unsigned at = p[4] < 0x80 ? 5 : p[5] < 0x80 ? 6 : 7; /* behind its size */
	uint8_t type = p[at];
	return (at < 7 || p[6] < 4) && (type == BLOCK_FILE || type == BLOCK_SERVICE || (type == BLOCK_END && at == 5));
}

struct rar_block rar5_block(struct span at)
{
	struct header h;
	if (!header_read(at, &h))
		return (struct rar_block){ .size = 0 };
	struct reader r = reader_le(span_from(h.span, h.body));
	return (struct rar_block){ .size = h.span.n + h.data,
							   .header = h.span.n,
							   .wrong = h.wrong,
							   .sealed = h.type == BLOCK_ENCRYPTION,
							   .end = h.type == BLOCK_END,
							   .goes_on = h.type == BLOCK_END && rd_leb128(&r) & END_MORE };
}

static void read_owner(struct reader *r, struct rar_file *f)
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

/* Seconds since 1970. */
static void read_time(struct reader *r, struct rar_file *f)
{
	uint64_t flags = rd_leb128(r);
	if (!(flags & TIME_MTIME))
		return;
	int64_t t = flags & TIME_UNIX ? (int64_t)rd_u32(r) : (int64_t)(rd_u64(r) / 10000000) - EPOCH_1601;
	f->mtime = rd_ok(r) ? t : f->mtime;
}

static void read_hash(struct reader *r, struct rar_file *f)
{
	uint64_t kind = rd_leb128(r);
	struct span hash = rd_bytes(r, HASH_SIZE);
	f->has_hash = kind == 0 && hash.p;
	if (f->has_hash)
		memcpy(f->hash, hash.p, HASH_SIZE);
}

/* Of a file that others refer to: links, hard ones and copies. */
static void read_redirection(struct reader *r, struct rar_file *f)
{
	uint64_t kind = rd_leb128(r);
	(void)rd_leb128(r); /* whether it is to a folder */
	struct text target = text_from_span(rd_bytes(r, rd_leb128(r)));
	if (!rd_ok(r))
		return;
	if (kind == LINK_HARD || kind == LINK_COPY) {
		f->same_as = target;
	} else if (kind >= LINK_UNIX && kind <= LINK_JUNCTION) {
		f->kind = ENTRY_SYMLINK;
		f->target = target;
	}
}

static void read_version(struct reader *r, struct rar_file *f)
{
	(void)rd_leb128(r); /* flags, which are none yet */
	uint64_t number = rd_leb128(r);
	f->revision = rd_ok(r) ? number : 0;
}

static void read_extra(struct span extra, struct rar_file *f)
{
	struct reader all = reader_le(extra);
	while (rd_left(&all)) {
		struct reader r = reader_le(rd_bytes(&all, rd_leb128(&all)));
		uint64_t type = rd_leb128(&r);
		if (!rd_ok(&all) || !rd_ok(&r))
			return;
		if (type == EXTRA_ENCRYPTION)
			f->encrypted = true;
		else if (type == EXTRA_HASH)
			read_hash(&r, f);
		else if (type == EXTRA_VERSION)
			read_version(&r, f);
		else if (type == EXTRA_TIME)
			read_time(&r, f);
		else if (type == EXTRA_REDIRECTION)
			read_redirection(&r, f);
		else if (type == EXTRA_OWNER)
			read_owner(&r, f);
	}
}

/* Which method, and how far its matches reach. */
static void read_packed(uint64_t packed, struct rar_file *f)
{
	unsigned version = packed & PACKED_VERSION, method = packed >> 7 & 7, power = packed >> 10 & (version ? 31 : 15);
	f->solid = packed & PACKED_SOLID;
	f->version = version;
	f->window = WINDOW_LEAST << power;
	if (version == 1)
		f->window += f->window / 32 * (packed >> 15 & 31);
	if (method == 0)
		f->method = RAR_STORED;
	else if (version == 0 || (version == 1 && packed & PACKED_AS_5))
		f->method = RAR_50;
	else
		f->method = version == 1 ? RAR_70 : RAR_UNKNOWN;
}

/* False where the header is not that of a file. */
static bool read_file(const struct header *h, struct rar_file *f)
{
	struct reader r = reader_le(span_sub(h->span, 0, h->span.n - h->extra));
	rd_seek(&r, h->body);
	uint64_t flags = rd_leb128(&r), size = rd_leb128(&r), attributes = rd_leb128(&r);
	*f = (struct rar_file){ .mode = FACT_NULL, .mtime = FACT_NULL, .uid = FACT_NULL, .gid = FACT_NULL };
	f->kind = flags & FILE_DIRECTORY ? ENTRY_DIRECTORY : ENTRY_FILE;
	f->size = flags & FILE_SIZE_UNKNOWN ? SIZE_UNKNOWN : size;
	if (flags & FILE_MTIME)
		f->mtime = rd_u32(&r);
	f->has_crc = flags & FILE_CRC;
	f->crc = f->has_crc ? rd_u32(&r) : 0;
	read_packed(rd_leb128(&r), f);
	if (rd_leb128(&r) == HOST_UNIX)
		f->mode = (int64_t)(attributes & 07777);
	f->name = text_from_span(rd_bytes(&r, rd_leb128(&r)));
	f->begins_before = h->flags & SPLIT_BEFORE;
	f->goes_on = h->flags & SPLIT_AFTER;
	if (!rd_ok(&r))
		return false;
	read_extra(span_from(h->span, h->span.n - h->extra), f);
	return true;
}

/* Whether others stand before it is told where it is the first one here. */
static void read_main(struct rar_list *l, uint64_t at, const struct header *h)
{
	struct reader r = reader_le(span_from(h->span, h->body));
	uint64_t flags = rd_leb128(&r), number = flags & MAIN_NUMBER ? rd_leb128(&r) : 0;
	if (at == RAR5_MAGIC_SIZE && flags & MAIN_VOLUME && number && rd_ok(&r))
		emit_damage_at(l->w->sink, ERR_TRUNCATED, 0, "it is volume %llu: those before it are not here",
					   (unsigned long long)number + 1);
}

/* As version 4 has it in the name, and unrar in what it writes. False: no memory. */
static bool name_old(struct arena *arena, struct rar_file *f)
{
	char *name =
		arena_printf(arena, "%.*s;%llu", (int)f->name.n, f->name.n ? f->name.p : "", (unsigned long long)f->revision);
	f->name = name ? text_c(name) : TEXT_NONE;
	return name != NULL;
}

static struct error list_block(struct rar_list *l, uint64_t at, const struct header *h)
{
	struct rar_file f;
	if (h->type == BLOCK_ENCRYPTION)
		return error_at(ERR_ENCRYPTED, at, "the headers are encrypted, names of files too");
	if (h->type == BLOCK_MAIN)
		read_main(l, at, h);
	if (h->type != BLOCK_FILE)
		return error_none();
	if (!read_file(h, &f)) {
		emit_damage_at(l->w->sink, ERR_CORRUPT, at, "the header of a file ends before it should");
		return error_none();
	}
	f.at = at;
	bool ok = (!f.revision || name_old(l->w->arena, &f)) && rar_list_add(l, &f, at + h->span.n, h->data);
	return ok ? error_none() : error_at(ERR_BUDGET, at, "no memory for more entries");
}

struct error rar5_list(struct rar_list *l, uint64_t at, uint64_t *next, bool *more)
{
	struct header h;
	struct error e = error_none();
	*more = false;
	for (at += RAR5_MAGIC_SIZE; !error_is(&e); at += h.span.n + h.data) {
		bool sound = header_read(span_from(l->bytes, at), &h) && !h.wrong;
		uint64_t there = sound ? at : rar_list_resume(l, at, 5);
		if (!there || (!sound && !header_read(span_from(l->bytes, there), &h)))
			return at >= l->bytes.n
					   ? error_at(ERR_TRUNCATED, at, "the archive ends without the block that should end it")
					   : error_at(ERR_CORRUPT, at, "no header of a block where one is due, or its CRC is wrong");
		at = there;
		if (h.type == BLOCK_END)
			break;
		e = list_block(l, at, &h);
	}
	if (error_is(&e))
		return e;
	struct rar_block end = rar5_block(h.span);
	*more = end.goes_on;
	*next = at + end.size;
	return e;
}

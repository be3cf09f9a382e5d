/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Metadata pairs. Version 2: a log of commits, each a run of tags with a CRC; version 1: a directory with one CRC. Of
 * the two blocks the newer one counts whose CRC is right. */
#include "base/hash.h"
#include "format/littlefs.h"

#define SUPER_STRUCT_SIZE 24u
#define BLOCK_SIZE_MIN 104u
#define BLOCK_SIZE_MAX (1u << 24)
#define V1_CONTINUES 0x80000000u

/* The fields of a tag. */
static uint32_t tag_type(uint32_t tag)
{
	return tag >> 20 & 0x7ff;
}

static uint32_t tag_id(uint32_t tag)
{
	return tag >> 10 & 0x3ff;
}

/* Its data; a length of all ones says that something is deleted, and has none. */
static uint32_t tag_size(uint32_t tag)
{
	return (tag & 0x3ff) == 0x3ff ? 0 : tag & 0x3ff;
}

static bool tag_is_commit(uint32_t tag)
{
	return (tag_type(tag) & 0x780) == 0x500;
}

struct tags {
	struct span block;
	uint64_t at; /* of the next tag */
	uint32_t previous;
};

static struct tags tags_of(struct span block)
{
	return (struct tags){ block, 4, 0xffffffff };
}

/* The next tag, and its data; false where none was written. */
static bool tags_next(struct tags *t, uint32_t *tag, struct span *data)
{
	struct span raw = span_sub(t->block, t->at, 4);
	if (!raw.p)
		return false;
	*tag = span_u32be(raw, 0) ^ t->previous;
	*data = span_sub(t->block, t->at + 4, tag_size(*tag));
	if (*tag & 0x80000000 || !data->p)
		return false;
	t->previous = *tag;
	if (tag_is_commit(*tag)) /* it says how the valid bit of what follows it is stored */
		t->previous ^= (*tag >> 20 & 1) << 31;
	t->at += 4 + data->n;
	return true;
}

/* The end of the last commit whose CRC is right; 0 when there is none. */
static uint64_t commits_end(struct span block)
{
	struct tags t = tags_of(block);
	uint64_t start = 0, end = 0;
	uint32_t tag;
	struct span data;
	while (tags_next(&t, &tag, &data)) {
		if (!tag_is_commit(tag))
			continue;
		uint64_t covered = t.at - data.n - start;
		if (data.n < 4 || hash_crc32_raw(UINT32_MAX, span_sub(block, start, covered)) != span_u32le(data, 0))
			break;
		start = end = t.at;
	}
	return end;
}

/* The entries while they are made: ids move when others are created or deleted. */
struct littlefs_room {
	struct littlefs_entry pool[LITTLEFS_IDS];
	uint16_t order[LITTLEFS_IDS]; /* by id: places in the pool; behind n: places that are free */
	size_t n;
};

static void room_clear(struct littlefs_room *r)
{
	for (uint16_t i = 0; i < LITTLEFS_IDS; i++)
		r->order[i] = i;
	r->n = 0;
}

static struct littlefs_entry *room_at(struct littlefs_room *r, uint32_t id)
{
	if (id >= LITTLEFS_IDS)
		return NULL;
	for (; r->n <= id; r->n++)
		r->pool[r->order[r->n]] = (struct littlefs_entry){ .type = LITTLEFS_NONE };
	return &r->pool[r->order[id]];
}

static void room_create(struct littlefs_room *r, uint32_t id)
{
	if (id >= LITTLEFS_IDS || r->n == LITTLEFS_IDS)
		return;
	if (id < r->n) {
		uint16_t fresh = r->order[r->n];
		memmove(&r->order[id + 1], &r->order[id], (r->n - id) * sizeof r->order[0]);
		r->order[id] = fresh;
		r->n++;
		r->pool[fresh] = (struct littlefs_entry){ .type = LITTLEFS_NONE };
		return;
	}
	(void)room_at(r, id);
}

static void room_delete(struct littlefs_room *r, uint32_t id)
{
	if (id >= r->n)
		return;
	uint16_t gone = r->order[id];
	memmove(&r->order[id], &r->order[id + 1], (r->n - id - 1) * sizeof r->order[0]);
	r->order[--r->n] = gone;
}

static void take_name(struct littlefs_room *r, uint32_t tag, struct span data)
{
	struct littlefs_entry *e = room_at(r, tag_id(tag));
	uint32_t type = tag_type(tag) & 0xff;
	if (!e)
		return;
	e->type = type == 1      ? LITTLEFS_FILE
			  : type == 2    ? LITTLEFS_DIRECTORY
			  : type == 0xff ? LITTLEFS_SUPERBLOCK
							 : LITTLEFS_NONE;
	e->name = text_from_span(data);
}

static void take_struct(struct littlefs_room *r, uint32_t tag, struct span data)
{
	struct littlefs_entry *e = room_at(r, tag_id(tag));
	uint32_t kind = tag_type(tag) & 0xff;
	if (!e)
		return;
	e->structure = kind <= 2 ? LITTLEFS_DIR + kind : LITTLEFS_NO_STRUCT;
	e->data = data;
}

static void take_tail(struct littlefs_pair *p, bool hard, struct span data)
{
	p->tail[0] = data.n >= 8 ? span_u32le(data, 0) : LITTLEFS_NULL;
	p->tail[1] = data.n >= 8 ? span_u32le(data, 4) : LITTLEFS_NULL;
	p->has_tail = p->tail[0] != LITTLEFS_NULL || p->tail[1] != LITTLEFS_NULL;
	p->hard = hard && p->has_tail;
}

static void take_tag(struct littlefs_room *r, struct littlefs_pair *p, uint32_t tag, struct span data)
{
	switch (tag_type(tag) & 0x700) {
	case 0x000:
		take_name(r, tag, data);
		break;
	case 0x200:
		take_struct(r, tag, data);
		break;
	case 0x400:
		if (tag_type(tag) == 0x4ff)
			room_delete(r, tag_id(tag));
		else if (tag_type(tag) == 0x401)
			room_create(r, tag_id(tag));
		break;
	case 0x600:
		take_tail(p, tag_type(tag) & 1, data);
		break;
	case 0x700:
		for (unsigned i = 0; tag_type(tag) == 0x7ff && i < 3; i++)
			p->move[i] = span_u32le(data, 4 * i);
		break;
	}
}

static void replay(struct span block, uint64_t end, struct littlefs_room *r, struct littlefs_pair *p)
{
	struct tags t = tags_of(block);
	uint32_t tag;
	struct span data;
	room_clear(r);
	while (t.at < end && tags_next(&t, &tag, &data))
		take_tag(r, p, tag, data);
}

/* Version 1: the size of a directory that is whole, or 0. */
static uint64_t v1_end(struct span block)
{
	uint32_t size = span_u32le(block, 4) & ~V1_CONTINUES;
	struct span covered = span_sub(block, 0, size < 4 ? 0 : size - 4);
	if (size < 20 || !covered.p || !span_sub(block, 0, size).p)
		return 0;
	return hash_crc32_raw(UINT32_MAX, covered) == span_u32le(block, size - 4) ? size - 4 : 0;
}

static bool v1_entry(struct reader *r, struct littlefs_entry *e)
{
	uint8_t type = rd_u8(r), data = rd_u8(r), attributes = rd_u8(r), name = rd_u8(r);
	*e = (struct littlefs_entry){ .moved = type & 0x80 };
	e->data = rd_bytes(r, data);
	rd_skip(r, attributes);
	e->name = text_from_span(rd_bytes(r, name));
	type &= 0x7f;
	e->type = type == 0x11   ? LITTLEFS_FILE
			  : type == 0x22 ? LITTLEFS_DIRECTORY
			  : type == 0x2e ? LITTLEFS_SUPERBLOCK
							 : LITTLEFS_NONE;
	e->structure = type == 0x22 ? LITTLEFS_DIR : type == 0x11 ? LITTLEFS_CTZ : LITTLEFS_NO_STRUCT;
	return rd_ok(r);
}

static enum error_code v1_entries(struct littlefs *fs, struct span block, uint64_t end, struct littlefs_pair *p)
{
	struct reader r = reader_le(span_sub(block, 0, end));
	struct littlefs_entry e;
	size_t n = 0;
	rd_seek(&r, 16);
	for (struct reader count = r; rd_left(&count) && v1_entry(&count, &e);)
		n++;
	p->entries = ARENA_ARRAY(fs->arena, struct littlefs_entry, n);
	if (!p->entries)
		return ERR_BUDGET;
	while (p->n < n && v1_entry(&r, &p->entries[p->n]))
		p->n++;
	take_tail(p, span_u32le(block, 4) & V1_CONTINUES, span_sub(block, 8, 8));
	return ERR_NONE;
}

static enum error_code v2_entries(struct littlefs *fs, struct span block, uint64_t end, struct littlefs_pair *p)
{
	struct littlefs_room *r = fs->room ? fs->room : ARENA_NEW(fs->arena, struct littlefs_room);
	fs->room = r;
	if (!r)
		return ERR_BUDGET;
	replay(block, end, r, p);
	p->entries = ARENA_ARRAY(fs->arena, struct littlefs_entry, r->n);
	if (!p->entries)
		return ERR_BUDGET;
	for (size_t i = 0; i < r->n; i++) {
		p->entries[i] = r->pool[r->order[i]];
		p->entries[i].id = (uint16_t)i;
	}
	p->n = r->n;
	return ERR_NONE;
}

enum error_code littlefs_pair_read(struct littlefs *fs, const uint32_t blocks[2], struct littlefs_pair *p)
{
	bool v1 = fs->version >> 16 == 1;
	struct span newest = SPAN_NONE;
	uint64_t newest_end = 0;
	*p = (struct littlefs_pair){ .block = LITTLEFS_NULL };
	for (unsigned i = 0; i < 2; i++) {
		struct span block = littlefs_block(fs, blocks[i]);
		uint64_t end = block.p ? v1 ? v1_end(block) : commits_end(block) : 0;
		/* Revisions are compared in sequence: they go around. */
		if (!end || (newest_end && (int32_t)(span_u32le(block, 0) - span_u32le(newest, 0)) <= 0))
			continue;
		newest = block;
		newest_end = end;
		p->block = blocks[i];
	}
	if (!newest_end)
		return ERR_CORRUPT;
	return v1 ? v1_entries(fs, newest, newest_end, p) : v2_entries(fs, newest, newest_end, p);
}

static bool super_is_sane(const struct littlefs *fs)
{
	return fs->block_size >= BLOCK_SIZE_MIN && fs->block_size <= BLOCK_SIZE_MAX && fs->block_count >= 2;
}

/* Its tags are first in the block: only a commit that is whole counts, whose length the block size does not limit
 * yet. */
static bool v2_superblock(struct span block, struct littlefs *fs)
{
	struct span limited = span_clip(block, 0, BLOCK_SIZE_MAX);
	struct tags t = tags_of(limited);
	uint64_t end = 0;
	uint32_t tag;
	struct span data, super = SPAN_NONE;
	bool named = false;
	while (!end && tags_next(&t, &tag, &data)) {
		if (tag_is_commit(tag)) {
			if (data.n < 4 || hash_crc32_raw(UINT32_MAX, span_sub(limited, 0, t.at - data.n)) != span_u32le(data, 0))
				return false;
			end = t.at;
		}
		named |= tag_type(tag) == 0x0ff && tag_id(tag) == 0 && span_starts(data, "littlefs", 8);
		if (tag_type(tag) == 0x201 && tag_id(tag) == 0 && data.n >= SUPER_STRUCT_SIZE && !super.p)
			super = data;
	}
	struct reader r = reader_le(super);
	fs->version = rd_u32(&r);
	fs->block_size = rd_u32(&r);
	fs->block_count = rd_u32(&r);
	fs->name_max = rd_u32(&r);
	fs->root[0] = 0;
	fs->root[1] = 1;
	return end && named && rd_ok(&r) && fs->version >> 16 == 2 && super_is_sane(fs);
}

static bool v1_superblock(struct span block, struct littlefs *fs)
{
	uint64_t end = v1_end(block);
	struct reader r = reader_le(span_sub(block, 0, end));
	struct littlefs_entry e;
	rd_seek(&r, 16);
	if (!end || !v1_entry(&r, &e) || e.type != LITTLEFS_SUPERBLOCK || !text_is(e.name, "littlefs"))
		return false;
	struct reader data = reader_le(e.data);
	fs->root[0] = rd_u32(&data);
	fs->root[1] = rd_u32(&data);
	fs->block_size = rd_u32(&data);
	fs->block_count = rd_u32(&data);
	fs->version = rd_u32(&data);
	return rd_ok(&data) && fs->version >> 16 == 1 && super_is_sane(fs);
}

static bool any_superblock(struct span block, struct littlefs *fs)
{
	return v2_superblock(block, fs) || v1_superblock(block, fs);
}

/* In the first block, or, when that is broken, in the second. */
bool littlefs_superblock(struct span at, struct littlefs *fs)
{
	if (any_superblock(at, fs))
		return true;
	for (uint32_t size = 128; size <= 1u << 20; size *= 2)
		if ((span_has(at, size + 8, "littlefs", 8) || span_has(at, size + 12, "littlefs", 8) ||
			 span_has(at, size + 40, "littlefs", 8)) &&
			any_superblock(span_from(at, size), fs) && fs->block_size == size)
			return true;
	return false;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* littlefs, versions 1 and 2: a tree of directories, each a list of metadata pairs, on the flash of microcontrollers.
 * It keeps names and contents, and neither owners nor modes nor times.
 *
 * Specification: littlefs SPEC.md of either version; lfs.c for how the global state is applied.
 */
#include "format/littlefs.h"

#define DEPTH_MAX 200u
#define MOVED_MAX 16u /* entries in motion, of which there should be one */

struct level {
	struct littlefs_pair pair;
	size_t next;
	size_t path_n;
};

struct littlefs_walk {
	struct littlefs fs;
	struct walk *w;
	uint8_t *seen; /* a bit for each block that was read as metadata */
	uint32_t move[3];
	struct level levels[DEPTH_MAX];
	unsigned depth, damage, moved;
	char *path; /* room for FACT_TEXT_MAX bytes */
	size_t path_n;
	struct error error;
};

static bool littlefs_probe(struct span at, struct format_match *match)
{
	struct littlefs fs = { .bytes = at };
	if (!littlefs_superblock(at, &fs))
		return false;
	match->size = (uint64_t)fs.block_size * fs.block_count;
	match->confidence = 90;
	return true;
}

static void damage(struct littlefs_walk *l, enum error_code code, const uint32_t blocks[2], const char *what)
{
	uint64_t at = (uint64_t)blocks[0] * l->fs.block_size;
	emit_damage_capped(l->w->sink, &l->damage, code, at, "the metadata pair %u, %u %s", blocks[0], blocks[1], what);
}

/* Marks a pair as read; false when it was already, or is none. */
static bool enter_pair(struct littlefs_walk *l, const uint32_t blocks[2])
{
	for (unsigned i = 0; i < 2; i++)
		if (littlefs_block(&l->fs, blocks[i]).p && l->seen[blocks[i] / 8] >> blocks[i] % 8 & 1)
			return false;
	for (unsigned i = 0; i < 2; i++)
		if (littlefs_block(&l->fs, blocks[i]).p)
			l->seen[blocks[i] / 8] |= (uint8_t)(1u << blocks[i] % 8);
	return true;
}

static bool clear_seen(struct littlefs_walk *l)
{
	uint64_t blocks = l->fs.bytes.n / l->fs.block_size;
	blocks = blocks < l->fs.block_count ? blocks : l->fs.block_count;
	if (!l->seen)
		l->seen = arena_alloc(l->w->arena, blocks / 8 + 1, 1);
	else
		memset(l->seen, 0, blocks / 8 + 1);
	return l->seen != NULL;
}

static bool read_pair(struct littlefs_walk *l, const uint32_t blocks[2], struct littlefs_pair *pair)
{
	enum error_code code = littlefs_pair_read(&l->fs, blocks, pair);
	if (code == ERR_BUDGET)
		l->error =
			error_at(code, (uint64_t)blocks[0] * l->fs.block_size, "no memory left for the file system's entries");
	else if (code)
		damage(l, code, blocks, "has no block whose CRC is right");
	return !code;
}

/* The list that goes through all pairs: their parts of the global state make the whole of it. */
static void collect_state(struct littlefs_walk *l)
{
	uint32_t blocks[2] = { 0, 1 };
	struct littlefs_pair pair;
	while (enter_pair(l, blocks) && !littlefs_pair_read(&l->fs, blocks, &pair)) {
		for (unsigned i = 0; i < 3; i++)
			l->move[i] ^= pair.move[i];
		if (!pair.has_tail)
			return;
		memcpy(blocks, pair.tail, sizeof blocks);
	}
}

/* Version 2: the power went while this entry was moved, and it is already elsewhere. */
static bool is_move_source(const struct littlefs_walk *l, const struct littlefs_pair *pair, uint16_t id)
{
	bool moving = (l->move[0] >> 20 & 0x700) != 0;
	return moving && (l->move[0] >> 10 & 0x3ff) == id && (pair->block == l->move[1] || pair->block == l->move[2]);
}

static bool pair_has(const struct littlefs_pair *pair, const struct littlefs_entry *e)
{
	for (size_t i = 0; i < pair->n; i++)
		if (!pair->entries[i].moved && pair->entries[i].data.n == e->data.n &&
			memcmp(pair->entries[i].data.p, e->data.p, e->data.n) == 0)
			return true;
	return false;
}

/* Version 1 marks the entry, and looks through all pairs for another one that has what it has. Brent's steps end a
 * cycle. */
static bool is_elsewhere(struct littlefs_walk *l, const struct littlefs_entry *e)
{
	uint32_t blocks[2] = { 0, 1 }, mark = 0;
	struct littlefs_pair pair;
	if (e->data.n != 8 || l->moved++ >= MOVED_MAX)
		return false;
	for (uint64_t steps = 1, power = 1; !littlefs_pair_read(&l->fs, blocks, &pair); steps++) {
		if (pair_has(&pair, e))
			return true;
		if (!pair.has_tail || pair.tail[0] == mark)
			return false;
		memcpy(blocks, pair.tail, sizeof blocks);
		if (steps == power) {
			power *= 2;
			mark = blocks[0];
		}
	}
	return false;
}

static bool append_name(struct littlefs_walk *l, struct text name)
{
	if (name.n + 1 > FACT_TEXT_MAX - l->path_n)
		return false;
	l->path[l->path_n++] = '/';
	if (name.n)
		memcpy(l->path + l->path_n, name.p, name.n);
	l->path_n += name.n;
	return true;
}

static bool push_directory(struct littlefs_walk *l, const uint32_t blocks[2])
{
	if (!enter_pair(l, blocks)) {
		damage(l, ERR_CORRUPT, blocks, "is reached a second time: a cycle, or a directory of two names");
		return true;
	}
	if (l->depth == DEPTH_MAX) {
		damage(l, ERR_BUDGET, blocks, "is a directory nested deeper than is read");
		return true;
	}
	struct level *level = &l->levels[l->depth];
	if (!read_pair(l, blocks, &level->pair))
		return !error_is(&l->error);
	level->next = 0;
	level->path_n = l->path_n;
	l->depth++;
	return true;
}

/* Goes on with the next pair of the same directory, or leaves it. */
static bool next_pair(struct littlefs_walk *l)
{
	struct level *level = &l->levels[l->depth - 1];
	uint32_t blocks[2] = { level->pair.tail[0], level->pair.tail[1] };
	l->depth--;
	l->path_n = level->path_n;
	return !level->pair.hard || push_directory(l, blocks);
}

static enum error_code set_content(struct littlefs_walk *l, const struct littlefs_entry *file, struct entry *e)
{
	const struct littlefs *fs = &l->fs;
	if (file->structure != LITTLEFS_CTZ) {
		e->size = file->data.n;
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = file->data };
		if (file->data.n)
			e->offset = (uint64_t)(file->data.p - fs->bytes.p);
		else
			e->content.bytes = span_sub(fs->bytes, 0, 0);
		return ERR_NONE;
	}
	struct littlefs_ctz ctz = { span_u32le(file->data, 0), span_u32le(file->data, 4) };
	e->size = ctz.size;
	if (ctz.size == 0 || (ctz.size <= fs->block_size && littlefs_block(fs, ctz.head).p)) {
		uint64_t at = ctz.size ? (uint64_t)ctz.head * fs->block_size : 0;
		if (ctz.size)
			e->offset = at;
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_sub(fs->bytes, at, ctz.size) };
		return ERR_NONE;
	}
	struct littlefs_ctz *kept = ARENA_NEW(l->w->arena, struct littlefs_ctz);
	if (!kept)
		return ERR_BUDGET;
	*kept = ctz;
	e->content = (struct content){
		.kind = CONTENT_BLOCKS, .ops = &littlefs_ctz_ops, .fs = fs, .file = kept, .block_size = fs->block_size
	};
	return ERR_NONE;
}

static bool emit_entry(struct littlefs_walk *l, const struct littlefs_entry *le)
{
	struct level *level = &l->levels[l->depth - 1];
	uint64_t at = (uint64_t)level->pair.block * l->fs.block_size;
	l->path_n = level->path_n;
	if (!append_name(l, le->name)) {
		l->error = error_at(ERR_BUDGET, at, "a path is longer than is kept");
		return false;
	}
	struct entry e =
		entry_new(le->type == LITTLEFS_DIRECTORY ? ENTRY_DIRECTORY : ENTRY_FILE, text_of(l->path, l->path_n));
	if (le->type == LITTLEFS_FILE && set_content(l, le, &e)) {
		l->error = error_at(ERR_BUDGET, at, "no memory left for the file system's entries");
		return false;
	}
	if (!l->w->child(l->w, &e))
		return false;
	if (le->type != LITTLEFS_DIRECTORY)
		return true;
	uint32_t blocks[2] = { LITTLEFS_NULL, LITTLEFS_NULL };
	if (le->structure == LITTLEFS_DIR && le->data.n >= 8) {
		blocks[0] = span_u32le(le->data, 0);
		blocks[1] = span_u32le(le->data, 4);
	}
	return push_directory(l, blocks);
}

static bool step(struct littlefs_walk *l)
{
	struct level *level = &l->levels[l->depth - 1];
	if (level->next == level->pair.n)
		return next_pair(l);
	const struct littlefs_entry *e = &level->pair.entries[level->next++];
	if (e->type != LITTLEFS_FILE && e->type != LITTLEFS_DIRECTORY)
		return true;
	if (is_move_source(l, &level->pair, e->id) || (e->moved && is_elsewhere(l, e)))
		return true;
	return emit_entry(l, e);
}

static void emit_super(const struct littlefs_walk *l)
{
	const struct littlefs *fs = &l->fs;
	emit_header_field(l->w->sink, 0, "version", "%u.%u", fs->version >> 16, fs->version & 0xffff);
	emit_header_field(l->w->sink, 0, "block_size", "%u", fs->block_size);
	emit_header_field(l->w->sink, 0, "block_count", "%u", fs->block_count);
	if (fs->name_max)
		emit_header_field(l->w->sink, 0, "name_max", "%u", fs->name_max);
}

static struct error littlefs_walk_(struct span bytes, struct walk *w)
{
	struct littlefs_walk *l = ARENA_NEW(w->arena, struct littlefs_walk);
	struct error budget = error_at(ERR_BUDGET, 0, "no memory left for the file system's entries");
	if (!l)
		return budget;
	l->w = w;
	l->fs = (struct littlefs){ .bytes = bytes, .arena = w->arena };
	if (!littlefs_superblock(bytes, &l->fs))
		return error_at(ERR_CORRUPT, 0, "no superblock whose CRC is right");
	emit_super(l);
	l->path = arena_alloc(w->arena, FACT_TEXT_MAX, 1);
	if (!l->path || !clear_seen(l))
		return budget;
	if (l->fs.version >> 16 == 2)
		collect_state(l);
	if (!clear_seen(l))
		return budget;
	bool going = push_directory(l, l->fs.root);
	while (going && l->depth > 0)
		going = step(l);
	return l->error;
}

static const struct format_magic littlefs_magics[] = {
	MAGIC("littlefs", 8),  /* version 2 */
	MAGIC("littlefs", 12), /* the same, before the block was first compacted */
	MAGIC("littlefs", 40), /* version 1 */
	MAGIC_END,
};

const struct format littlefs_format = {
	.name = "littlefs",
	.kind = FORMAT_FILESYSTEM,
	.title = "littlefs file system, versions 1 and 2",
	.spec = "littlefs SPEC.md",
	.magics = littlefs_magics,
	.probe = littlefs_probe,
	.walk = littlefs_walk_,
};

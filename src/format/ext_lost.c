/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an ext file system holds and no listing shows: inodes that no name leads to, blocks beyond the end of a file, what stands in
 * the holes of a directory. e2fsck counts them as damage, but for one block right behind the end. Specification: Linux
 * Documentation/filesystems/ext4; e2fsck/pass1.c, pass4.c. */
#include "base/plural.h"
#include "format/ext_image.h"

#define FIRST_INODE_OLD 11u
#define FLAG_EA_INODE 0x200000u
#define RUNS_BEYOND_MAX 16u
#define DIRECTORY_RUNS_MAX 4096u

bool ext_reached(struct ext *fs, uint64_t number)
{
	if (!fs->reached || number == 0 || number / 8 >= fs->reached_n)
		return false;
	uint8_t bit = (uint8_t)(1u << number % 8);
	bool before = fs->reached[number / 8] & bit;
	fs->reached[number / 8] |= bit;
	return before;
}

void ext_reached_begin(struct ext *fs, struct arena *arena)
{
	uint64_t most = fs->image.n / fs->s.inode_size, n = fs->s.inodes < most ? fs->s.inodes : most;
	fs->reached = arena_alloc(arena, (size_t)n / 8 + 1, 1);
	fs->reached_n = fs->reached ? (size_t)n / 8 + 1 : 0;
	if (fs->reached)
		memset(fs->reached, 0, fs->reached_n);
}

/* Inodes of the file system itself, which have no name. */
static bool is_special(const struct ext *fs, uint64_t number)
{
	static const uint16_t fields[] = { 224, 0x180, 0x240, 0x244, 0x268, 0x26c, 0x280 };
	if (number < (fs->s.revision >= 1 ? span_u32le(fs->image, fs->s.at + 84) : FIRST_INODE_OLD))
		return true;
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (fs->s.revision >= 1 && span_u32le(fs->image, fs->s.at + fields[i]) == number)
			return true;
	return false;
}

static bool is_in_use(const struct ext *fs, uint64_t table, uint64_t index, enum entry_kind *kind)
{
	uint64_t at = index * fs->s.inode_size, size = fs->s.block_size;
	struct span raw = span_sub(ext_block(fs, table + at / size), at % size, fs->s.inode_size);
	return raw.p && entry_kind_read(span_u16le(raw, 0), kind) && span_u16le(raw, 26) && span_u32le(raw, 20) == 0 &&
		   !(span_u32le(raw, 32) & FLAG_EA_INODE);
}

struct lost {
	uint64_t n, first;
};

/* Goes through the inodes in use that nothing has led to so far. With a tree it shows the directories among them, or the others. */
static struct lost lost_inodes(struct ext *fs, struct tree *show, bool directories)
{
	uint64_t each = fs->s.inodes_per_group, table;
	struct lost lost = { 0 };
	for (uint64_t g = 0; g < fs->s.groups && (g + 1) * each / 8 < fs->reached_n; g++) {
		struct span bitmap = ext_group_inode_bitmap(fs, g);
		if (!bitmap.p || !ext_group_inodes(fs, g, &table))
			continue;
		for (uint64_t i = 0; i < each && i / 8 < bitmap.n; i++) {
			uint64_t number = g * each + i + 1;
			enum entry_kind kind;
			if (!(bitmap.p[i / 8] >> i % 8 & 1) || is_special(fs, number) || fs->reached[number / 8] >> number % 8 & 1 ||
				!is_in_use(fs, table, i, &kind))
				continue;
			lost.first = lost.n++ ? lost.first : number;
			if (show && (kind == ENTRY_DIRECTORY) == directories)
				tree_lost(show, number);
		}
	}
	return lost;
}

/* The inodes below the first one for files are never free. A copy of a superblock that stands elsewhere leads to other bytes, in which
 * there is no root either, and what looks like inodes is none.
 */
bool ext_reserves_inodes(const struct ext *fs)
{
	struct span bitmap = ext_group_inode_bitmap(fs, 0);
	return bitmap.n >= 2 && bitmap.p[0] == 0xff && (bitmap.p[1] & 3) == 3;
}

/* Directories first: they have names for others. Names may stand in what was cut off, too. */
void ext_lost_check(struct ext *fs, struct tree *t)
{
	struct lost lost = lost_inodes(fs, NULL, false);
	bool cut = fs->s.blocks * fs->s.block_size > fs->image.n;
	if (!lost.n)
		return;
	if (t->unfollowed) { /* they are in use rightly, most likely: nothing says which are not */
		emit_damage_at(t->walk->sink, ERR_BUDGET, OFFSET_NONE,
					   "%llu %s not shown, the first is %llu: %u %s not followed", (unsigned long long)lost.n,
					   plural(lost.n, "inode in use is", "inodes in use are"), (unsigned long long)lost.first,
					   t->unfollowed,
					   plural(t->unfollowed, "name, too deep or too long, was", "names, too deep or too long, were"));
		return;
	}
	emit_damage_at(t->walk->sink, cut ? ERR_TRUNCATED : ERR_CORRUPT, OFFSET_NONE,
				   "%llu inodes are in use that no name leads to, the first is %llu: they are shown by number",
				   (unsigned long long)lost.n, (unsigned long long)lost.first);
	(void)lost_inodes(fs, t, true);
	(void)lost_inodes(fs, t, false);
	if (t->out_of_memory)
		emit_damage_at(t->walk->sink, ERR_BUDGET, OFFSET_NONE, "not all of them are shown: more files than are kept of one image");
}

/* Blocks that were reserved and not written are holes here, and are no damage behind the end. */
void ext_beyond_check(const struct ext *fs, struct tree *t, const struct ext_file *file, uint64_t at)
{
	uint64_t size = fs->s.block_size, from = (file->size + size - 1) / size * size;
	/* What an unfinished write leaves there is cut by whoever mounts it; a verity file has its hashes there. */
	if (file->flags & (FLAG_INLINE_DATA | FLAG_VERITY) || fs->s.incompat & INCOMPAT_RECOVER || span_u32le(fs->image, fs->s.at + 232))
		return;
	for (unsigned i = 0; i < RUNS_BEYOND_MAX && from >= file->size; i++) {
		struct run run = { RUN_HOLE, size };
		struct error e = ext_find_run(fs, file, from, &run);
		if (error_is(&e) && file->size == 0 && i == 0)
			tree_damage(t, e.code, at, "what an empty file once held can not be found: %s", e.text);
		else if (!error_is(&e) && run.at != RUN_HOLE)
			tree_damage(t, ERR_CORRUPT, at, "blocks are in use beyond the %llu bytes of a file or directory",
						(unsigned long long)file->size);
		if (error_is(&e) || run.at != RUN_HOLE)
			return;
		from += run.n;
	}
}

void ext_directory_check(const struct ext *fs, struct tree *t, const struct inode *directory)
{
	const struct ext_file *file = directory->own;
	struct ext_file as_written = *file;
	uint64_t reserved = 0, holes = 0;
	as_written.directory = false;
	for (uint64_t at = 0, i = 0; at < file->size && i < DIRECTORY_RUNS_MAX; i++) {
		struct run run = { RUN_HOLE, file->size - at }, whole = run;
		struct error e = ext_find_run(fs, &as_written, at, &run);
		if (error_is(&e))
			return; /* which listing tells */
		if (run.at == RUN_HOLE) {
			e = ext_find_run(fs, file, at, &whole);
			if (error_is(&e))
				return; /* likewise: nor is more looked at here than listing accounts for */
			bool there = whole.at != RUN_HOLE;
			reserved += there;
			holes += !there;
		}
		at += run.n;
	}
	if (reserved)
		tree_damage(t, ERR_CORRUPT, directory->at, "a directory stands in blocks that are marked as not written: read all the same");
	if (holes)
		tree_damage(t, ERR_CORRUPT, directory->at, "a directory has holes, whose names are lost");
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file system of QNX 4 ("qnx4"), which is always little-endian and made of blocks of 512 bytes.
 *
 * An inode stands in the entry of its directory; one with several names, or a long one, stands in the file .inodes, and its
 * entries say where. Blocks are counted from 1 wherever extents, links and extent blocks tell them.
 *
 * Specification: Linux include/uapi/linux/qnx4_fs.h, fs/qnx4. */
#include "format/block_map.h"
#include "format/inode_tree.h"

#define BLOCK 512u
#define ENTRY_SIZE 64u
#define ENTRIES (BLOCK / ENTRY_SIZE)
#define ROOT ENTRIES /* the first entry of the second block */
#define NAME_SHORT 16u
#define NAME_LONG 48u
#define STATUS_USED 0x01u
#define STATUS_LINK 0x08u
#define EXTENTS_OF_BLOCK 60u
#define EXTENTS_AT 16u
#define SIGNATURE_AT (EXTENTS_AT + EXTENTS_OF_BLOCK * 8)
#define LISTED_MAX 1024u /* entries of the root in which the bitmap is looked for */

#define ROOT_EXTENT_BLOCKS_MAX 32u /* that are followed to it: the probe is asked wherever four names stand */
/* No block belongs to two files, but one broken number may seem to give one many of others. */
#define SHARED_MAX 4u

/* Blocks of a file from `before` on lie together. */
struct extent {
	uint64_t before;
	uint32_t first; /* from 1 on */
	uint32_t n;
};

/* The extents of a file in their order: the one of its inode, then those of the chain of extent blocks. */
struct chain {
	struct span image, block; /* the extent block at hand */
	struct extent last;    /* that was given; before that the inode's own */
	uint32_t next;         /* the extent block behind the one at hand */
	unsigned left, at;     /* extents from here on; the place of the next one in the block */
	bool begun;            /* the inode's own was given */
	uint32_t mark;         /* an extent block that was passed, against a chain that leads back to it (Brent) */
	unsigned steps, lap;
	uint64_t *budget;   /* extent blocks that may still be followed */
	struct error error; /* what ended it early */
};

struct qnx4 {
	struct span image;
	uint64_t extent_blocks, blocks; /* that files may still have */
	struct extent *scratch;         /* of the file at hand */
	size_t room;
};

/* A file as it can be read. */
struct qnx4_file {
	const struct extent *v;
	size_t n;
	uint64_t blocks;      /* up to the last one that is in the image and below its size */
	struct error missing; /* what is wrong with those behind them, if anything is */
};

static uint8_t status_of(struct span entry)
{
	return entry.p[ENTRY_SIZE - 1];
}

static struct text name_of(struct span entry)
{
	return text_until_nul(span_sub(entry, 0, status_of(entry) & STATUS_LINK ? NAME_LONG : NAME_SHORT));
}

static struct chain chain_of(struct span image, struct span entry, uint64_t *budget)
{
	return (struct chain){ .image = image,
						   .last = { 0, span_u32le(entry, 20), span_u32le(entry, 24) },
						   .next = span_u32le(entry, 28),
						   .left = span_u16le(entry, 48),
						   .lap = 1,
						   .budget = budget };
}

static bool chain_fails(struct chain *c, enum error_code code, const char *what)
{
	c->error = error_at(code, 0, "extent block %lu %s", (unsigned long)c->next, what);
	c->left = 0;
	return false;
}

/* Goes on to the next extent block. Each holds an extent at least, so that the inode's 16 bits of a count end the chain; but
 * one that goes round holds the same blocks again. */
static bool chain_step(struct chain *c)
{
	c->block = c->next ? span_sub(c->image, ((uint64_t)c->next - 1) * BLOCK, BLOCK) : SPAN_NONE;
	if (!c->block.p)
		return chain_fails(c, c->next ? ERR_TRUNCATED : ERR_CORRUPT, "is not there");
	if (memcmp(c->block.p + SIGNATURE_AT, "IamXblk", 7) != 0 || c->block.p[8] == 0 || c->block.p[8] > EXTENTS_OF_BLOCK)
		return chain_fails(c, ERR_CORRUPT, "is none");
	if (c->next == c->mark)
		return chain_fails(c, ERR_CORRUPT, "stands twice in the chain of a file");
	if (*c->budget == 0)
		return chain_fails(c, ERR_CORRUPT, "is one more than all files can have");
	--*c->budget;
	if (++c->steps == c->lap) {
		c->mark = c->next;
		c->lap *= 2;
		c->steps = 0;
	}
	c->next = span_u32le(c->block, 0);
	c->at = 0;
	return true;
}

/* The next extent; false at the end, and where the chain is broken. */
static bool chain_next(struct chain *c, struct extent *e)
{
	if (c->left == 0)
		return false;
	uint64_t before = c->last.before + c->last.n;
	if (!c->begun) {
		c->begun = true;
	} else {
		if ((!c->block.p || c->at == c->block.p[8]) && !chain_step(c))
			return false;
		size_t at = EXTENTS_AT + (size_t)c->at++ * 8;
		c->last = (struct extent){ before, span_u32le(c->block, at), span_u32le(c->block, at + 4) };
	}
	c->left--;
	*e = c->last;
	return true;
}

/* Of the extent's blocks those that are in the image. */
static uint64_t blocks_here(const struct qnx4 *fs, const struct extent *e)
{
	uint64_t all = fs->image.n / BLOCK + (fs->image.n % BLOCK != 0);
	if (e->first == 0 || e->first > all)
		return 0;
	return e->n < all - e->first + 1 ? e->n : all - e->first + 1;
}

static bool keep(struct qnx4 *fs, struct arena *arena, size_t n, struct extent e)
{
	if (n == fs->room) {
		size_t room = n ? n * 2 : 64;
		struct extent *larger = ARENA_ARRAY(arena, struct extent, room);
		if (!larger)
			return false;
		if (n)
			memcpy(larger, fs->scratch, n * sizeof *larger);
		fs->scratch = larger;
		fs->room = room;
	}
	fs->scratch[n] = e;
	return true;
}

/* What can be read of the file: not what is behind its last block in the image, nor more than files can have together. */
static void measure(struct qnx4 *fs, struct qnx4_file *file, const struct chain *chain, uint64_t wanted)
{
	const struct extent *last = &chain->last;
	if (file->blocks > fs->blocks) {
		file->missing = error_at(ERR_CORRUPT, 0, "its blocks are more than the image has beside those of other files");
		file->blocks = file->n = 0;
	}
	fs->blocks -= file->blocks;
	if (file->blocks == wanted || error_is(&file->missing))
		return;
	if (chain->begun && last->before + last->n >= wanted)
		file->missing = last->first ? error_at(ERR_TRUNCATED, 0, "an extent is beyond the end of the image")
									: error_at(ERR_CORRUPT, 0, "an extent begins at block 0");
	else
		file->missing = error_is(&chain->error) ? chain->error : error_at(ERR_CORRUPT, 0, "more bytes than its extents hold");
}

/* The file that the entry tells of; NULL: out of memory. */
static const struct qnx4_file *file_open(struct tree *t, struct span entry)
{
	struct qnx4 *fs = t->fs;
	struct qnx4_file *file = ARENA_NEW(t->walk->arena, struct qnx4_file);
	struct chain chain = chain_of(fs->image, entry, &fs->extent_blocks);
	uint64_t wanted = ((uint64_t)span_u32le(entry, 16) + BLOCK - 1) / BLOCK, told = 0;
	bool room = file != NULL;
	struct extent e;
	for (size_t n = 0; room && told < wanted && chain_next(&chain, &e);) {
		if (e.n == 0)
			continue;
		uint64_t here = blocks_here(fs, &e);
		told = e.before + e.n;
		room = keep(fs, t->walk->arena, n++, e);
		if (here == 0)
			continue;
		file->blocks = e.before + here < wanted ? e.before + here : wanted;
		file->n = n;
	}
	struct extent *v = room && file->n ? ARENA_ARRAY(t->walk->arena, struct extent, file->n) : NULL;
	if (!room || (file->n && !v)) {
		t->out_of_memory = true;
		return NULL;
	}
	if (v)
		memcpy(v, fs->scratch, file->n * sizeof *v);
	file->v = v;
	measure(fs, file, &chain, wanted);
	return file;
}

static struct error find_run(const void *of, const void *what, uint64_t offset, struct run *run)
{
	const struct qnx4_file *file = what;
	uint64_t block = offset / BLOCK;
	(void)of;
	if (block >= file->blocks)
		return error_is(&file->missing) ? file->missing : error_at(ERR_CORRUPT, offset, "beyond the end of the file");
	size_t low = 0;
	for (size_t high = file->n; high - low > 1;) {
		size_t middle = low + (high - low) / 2;
		if (file->v[middle].before <= block)
			low = middle;
		else
			high = middle;
	}
	const struct extent *e = &file->v[low];
	if (e->first == 0)
		return error_at(ERR_CORRUPT, offset, "an extent begins at block 0");
	block -= e->before;
	*run = (struct run){ .at = (e->first - 1 + block) * BLOCK + offset % BLOCK, .n = (e->n - block) * BLOCK - offset % BLOCK };
	return error_none();
}

static struct error content_read(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	return block_map_read(((const struct qnx4 *)fs)->image, find_run, fs, file, offset, out, n);
}

static const struct content_ops content_blocks = { .read = content_read };

static bool qnx4_inode(struct tree *t, uint64_t number, struct inode *inode)
{
	const struct qnx4 *fs = t->fs;
	inode->at = number * ENTRY_SIZE;
	struct span raw = span_sub(fs->image, inode->at, ENTRY_SIZE);
	if (!raw.p) {
		tree_damage(t, ERR_TRUNCATED, inode->at, "an inode stands beyond the end of the image");
		return false;
	}
	if (!entry_kind_read(span_u16le(raw, 50), &inode->kind) || status_of(raw) & STATUS_LINK) {
		tree_damage(t, ERR_CORRUPT, inode->at, "a name leads to an inode that is free or damaged");
		return false;
	}
	inode->mode = span_u16le(raw, 50) & 07777;
	inode->uid = span_u16le(raw, 52);
	inode->gid = span_u16le(raw, 54);
	inode->mtime = span_u32le(raw, 36);
	inode->size = span_u32le(raw, 16);
	inode->own = raw.p;
	const struct qnx4_file *link = inode->kind == ENTRY_SYMLINK ? file_open(t, raw) : NULL;
	if (link)
		tree_read_target(t, inode, &content_blocks, link, inode->size);
	return !t->out_of_memory;
}

/* The number of the inode that an entry is or leads to: it is its place in the image. */
static uint64_t number_of(struct span entry, uint64_t at)
{
	if (!(status_of(entry) & STATUS_LINK))
		return at / ENTRY_SIZE;
	return ((uint64_t)span_u32le(entry, NAME_LONG) - 1) * ENTRIES + entry.p[NAME_LONG + 4];
}

static bool list_run(struct tree *t, const struct inode *directory, struct run run)
{
	const struct qnx4 *fs = t->fs;
	struct span bytes = span_clip(fs->image, run.at, run.n);
	(void)directory;
	if (bytes.n < run.n)
		tree_damage(t, ERR_TRUNCATED, run.at, "a directory stands beyond the end of the image");
	for (uint64_t at = 0; at + ENTRY_SIZE <= bytes.n; at += ENTRY_SIZE) {
		struct span entry = span_sub(bytes, at, ENTRY_SIZE);
		struct text name = name_of(entry);
		if (!(status_of(entry) & (STATUS_USED | STATUS_LINK)) || !name.n || text_is(name, ".") || text_is(name, ".."))
			continue;
		if (status_of(entry) & STATUS_LINK && (span_u32le(entry, NAME_LONG) == 0 || entry.p[NAME_LONG + 4] >= ENTRIES)) {
			tree_damage(t, ERR_CORRUPT, run.at + at, "a link leads nowhere");
			continue;
		}
		if (!tree_name(t, name, number_of(entry, run.at + at)))
			return false;
	}
	return !t->out_of_memory;
}

static void qnx4_list(struct tree *t, const struct inode *directory)
{
	struct inode opened = *directory;
	opened.own = file_open(t, span_of(directory->own, ENTRY_SIZE));
	if (opened.own)
		tree_list_runs(t, &opened, find_run, BLOCK, list_run);
}

/* A file has no holes: what its extents do not hold, and what is beyond the end of the image, is not made up of zeros. */
static bool qnx4_content(struct tree *t, const struct inode *inode, struct entry *entry)
{
	const struct qnx4 *fs = t->fs;
	const struct qnx4_file *file = file_open(t, span_of(inode->own, ENTRY_SIZE));
	if (!file)
		return false;
	if (error_is(&file->missing))
		tree_damage(t, file->missing.code, inode->at, "%llu of the %llu bytes of a file can be read: %s",
					(unsigned long long)file->blocks * BLOCK, (unsigned long long)inode->size, file->missing.text);
	if (file->blocks == 0)
		return false;
	if (entry->size > file->blocks * BLOCK)
		entry->size = file->blocks * BLOCK;
	block_map_content(fs->image, find_run, &content_blocks, fs, file, BLOCK, entry);
	return true;
}

/* The entry of that name among the first ones of the root. */
static struct span root_entry(struct span image, struct span root, const char *name)
{
	uint64_t budget = ROOT_EXTENT_BLOCKS_MAX, size = span_u32le(root, 16), done = 0;
	struct chain chain = chain_of(image, root, &budget);
	struct extent e;
	size = size < LISTED_MAX * ENTRY_SIZE ? size : LISTED_MAX * ENTRY_SIZE;
	while (done < size && chain_next(&chain, &e)) {
		uint64_t n = (uint64_t)e.n * BLOCK < size - done ? (uint64_t)e.n * BLOCK : size - done;
		struct span entries = e.first ? span_sub(image, ((uint64_t)e.first - 1) * BLOCK, n) : SPAN_NONE;
		if (!entries.p && n)
			return SPAN_NONE;
		for (uint64_t at = 0; at + ENTRY_SIZE <= n; at += ENTRY_SIZE) {
			struct span entry = span_sub(entries, at, ENTRY_SIZE);
			if (status_of(entry) & STATUS_USED && text_is(name_of(entry), name))
				return entry;
		}
		done += n;
	}
	return SPAN_NONE;
}

/* The root, which stands first in the superblock, is a directory that is called "/", and so are the entries behind it called
 * as ever. In the root stands the bitmap, a bit for each block. */
static bool qnx4_probe(struct span at, struct format_match *match)
{
	static const char *const names[] = { "/", ".inodes", ".boot", ".altboot" };
	struct span super = span_sub(at, BLOCK, sizeof names / sizeof names[0] * ENTRY_SIZE);
	for (unsigned i = 0; super.p && i < sizeof names / sizeof names[0]; i++)
		if (!text_is(text_until_nul(span_sub(super, i * ENTRY_SIZE, NAME_SHORT)), names[i]))
			return false;
	struct span root = span_sub(super, 0, ENTRY_SIZE);
	if (!root.p || span_u16le(root, 50) >> 12 != 4 || !(status_of(root) & STATUS_USED))
		return false;
	struct span bitmap = root_entry(at, root, ".bitmap");
	uint64_t blocks = bitmap.p ? (uint64_t)span_u32le(bitmap, 16) * 8 : 0;
	if (blocks < 3)
		return false;
	match->size = blocks * BLOCK;
	match->confidence = 90;
	return true;
}

static const struct tree_ops tree_ops = { .inode = qnx4_inode, .list = qnx4_list, .content = qnx4_content };

static struct error qnx4_walk(struct span bytes, struct walk *w)
{
	struct qnx4 *fs = ARENA_NEW(w->arena, struct qnx4);
	struct tree *t = ARENA_NEW(w->arena, struct tree);
	if (!fs || !t)
		return error_at(ERR_BUDGET, 0, "no memory for the tree");
	uint64_t all = (bytes.n / BLOCK + 1) * SHARED_MAX;
	*fs = (struct qnx4){ .image = bytes, .extent_blocks = all, .blocks = all };
	*t = (struct tree){ .ops = &tree_ops, .fs = fs, .image = bytes, .walk = w };
	return tree_walk(t, ROOT);
}

/* The name of the root, and those of what stands behind it. */
static const struct format_magic magics[] = { MAGIC(".inodes\0\0\0\0\0\0\0\0\0", BLOCK + ENTRY_SIZE), MAGIC_END };

const struct format qnx4_format = {
	.name = "qnx4",
	.kind = FORMAT_FILESYSTEM,
	.title = "QNX 4 file system",
	.spec = "Linux include/uapi/linux/qnx4_fs.h",
	.magics = magics,
	.probe = qnx4_probe,
	.walk = qnx4_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The traversal of a squashfs image of any version: from the root inode through the listings, in their order. */

#include "format/name_chain.h"
#include "format/squashfs_image.h"

/* With names of at most 256 bytes, paths stay below FACT_TEXT_MAX. */
#define DEPTH_MAX 500u
#define NAME_MAX_BYTES 256u
#define SUPER_MIN 51u /* bytes of the shortest superblock, of 1.0 */
/* No byte of the table of listings belongs to two directories, but one broken size may run through all of it. */
#define LISTED_MAX 4u

/* The first name of an inode. */
struct name {
	struct name_chain chain;
	uint32_t inode; /* its position in the unpacked inode table */
};

/* A directory whose listing is being read. */
struct level {
	struct reader listing;
	struct squashfs_run run;
	const struct name *name;
	uint64_t at; /* of its inode's block in the image, for reports */
	size_t path_n;
};

struct traversal {
	struct squashfs *fs;
	const struct name **seen; /* by inode position / 4: no inode of any version is smaller */
	struct level levels[DEPTH_MAX];
	unsigned depth;
	uint64_t listed; /* bytes of listings so far */
	char path[DEPTH_MAX * (NAME_MAX_BYTES + 1)];
	char target[DEPTH_MAX * (NAME_MAX_BYTES + 1)]; /* path of the first name of an inode */
	struct error error;                            /* what ends the walk */
};

bool squashfs_has_magic(struct span at)
{
	static const struct format_magic magics[] = { SQUASHFS_MAGICS };
	for (const struct format_magic *m = magics; m->bytes; m++)
		if (span_starts(at, m->bytes, m->n))
			return true;
	return false;
}

bool squashfs_super_is_sane(const struct squashfs_super *s, uint64_t header_size)
{
	uint64_t root_block = s->root >> 16, root_offset = s->root & 0xffff;
	bool sizes = s->bytes_used >= header_size && s->bytes_used >> 48 == 0 && s->inodes > 0 && s->fragments <= s->inodes;
	bool tables = s->inode_table >= header_size && s->inode_table < s->directory_table &&
				  s->directory_table <= s->bytes_used && s->uid_table >= s->directory_table &&
				  s->uid_table < s->bytes_used;
	bool fragments = s->fragments == 0 || (s->fragment_table > s->directory_table && s->fragment_table < s->bytes_used);
	bool root = root_block < s->directory_table - s->inode_table && root_offset < SQUASHFS_METADATA;
	return sizes && tables && fragments && root;
}

/* Whether these bytes are the beginning of an inode table: every inode that is there whole must make sense. A stream of
 * unknown size may give a few bytes too many, behind the last inode. */
static bool inodes_make_sense(const struct squashfs *fs, struct span unpacked)
{
	struct reader r = reader_of(unpacked, fs->super.big);
	struct squashfs_inode inode;
	size_t whole = 0;
	while (whole < fs->super.inodes && fs->layout->read_inode(fs, &r, &inode))
		whole++;
	/* A large file's inode alone may be longer than a block. */
	return whole == fs->super.inodes || (!rd_ok(&r) && (whole > 0 || unpacked.n == SQUASHFS_METADATA));
}

/* Likewise for the table of listings. */
static bool listings_make_sense(const struct squashfs *fs, struct span unpacked)
{
	struct reader r = reader_of(unpacked, fs->super.big);
	struct squashfs_run run;
	struct squashfs_dirent entry;
	while (fs->layout->read_run(fs, &r, &run))
		for (; run.left > 0 && rd_ok(&r); run.left--)
			if (!fs->layout->read_dirent(fs, &r, &entry) && rd_ok(&r))
				return false;
	return !rd_ok(&r);
}

/* Behind a stored first block, a table may go on in the middle of an entry. */
static bool anything(const struct squashfs *fs, struct span unpacked)
{
	(void)fs;
	return unpacked.n == SQUASHFS_METADATA;
}

/* The first compressed metadata block in [from, to), and whether it is the very first. */
static bool first_compressed(const struct squashfs *fs, uint64_t from, uint64_t to, struct span *bytes, bool *first)
{
	bool stored = true;
	for (*first = true; from < to; *first = false) {
		if (squashfs_block_at(fs, from, bytes, &stored, &from))
			return false;
		if (!stored)
			return true;
	}
	return false;
}

/* Learns how blocks are compressed from the inode table or, when that is stored, from the listings. Keeps the declared
 * codec where there is nothing to learn it from. */
static void find_codec(struct squashfs *fs)
{
	const struct squashfs_super *s = &fs->super;
	uint8_t scratch[SQUASHFS_METADATA];
	struct span bytes;
	struct squashfs_codec found;
	fs->codec = squashfs_codec_declared(s->compression);
	bool first, inodes = first_compressed(fs, s->inode_table, s->directory_table, &bytes, &first);
	if (!inodes && !first_compressed(fs, s->directory_table, fs->listings_end, &bytes, &first))
		return;
	bool (*accepts)(const struct squashfs *, struct span) = inodes ? inodes_make_sense : listings_make_sense;
	if (squashfs_codec_find(fs, bytes, scratch, sizeof scratch, first ? accepts : anything, &found))
		fs->codec = found;
	else if (inodes) /* listings end nobody knows where: what was read there may have been another table */
		squashfs_damage(fs, ERR_UNSUPPORTED, s->inode_table, "no known compression makes sense of the metadata");
}

static void emit_headers(const struct squashfs *fs)
{
	const struct squashfs_super *s = &fs->super;
	struct sink *sink = fs->walk->sink;
	const char *declared = squashfs_packing_name(squashfs_codec_declared(s->compression).packing);
	const char *found = squashfs_packing_name(fs->codec.packing);
	emit_header_field(sink, 0, "version", "%u.%u", s->major, s->minor);
	emit_header_field(sink, 0, "byte_order", "%s", s->big ? "big" : "little");
	emit_header_field(sink, 0, "compression", "%s", found);
	if (strcmp(declared, found) != 0 && s->major == 4)
		emit_header_field(sink, 20, "compression_id", "%u (%s)", s->compression, declared);
	emit_header_field(sink, 0, "block_size", "%lu", (unsigned long)s->block_size);
	emit_header_field(sink, 4, "inodes", "%lu", (unsigned long)s->inodes);
	emit_header_field(sink, 0, "mkfs_time", "%lu", (unsigned long)s->mkfs_time);
}

static void end_listings_before(struct squashfs *fs, uint64_t table)
{
	if (table > fs->super.directory_table && table < fs->listings_end)
		fs->listings_end = table;
}

/* Ids and fragments first: their blocks stand behind the listings and so tell where these end. */
static struct error load_tables(struct squashfs *fs)
{
	const struct squashfs_super *s = &fs->super;
	squashfs_shift_tables(fs);
	fs->listings_end = s->bytes_used < fs->image.n ? s->bytes_used : fs->image.n;
	end_listings_before(fs, s->fragment_table);
	end_listings_before(fs, s->lookup_table);
	end_listings_before(fs, s->xattr_table);
	end_listings_before(fs, s->uid_table);
	find_codec(fs);
	emit_headers(fs);
	struct error e = fs->layout->load_ids(fs);
	if (!error_is(&e))
		e = squashfs_cache_open(fs);
	if (s->lookup_table != OFFSET_NONE) {
		struct reader r = reader_of(span_from(fs->image, s->lookup_table), s->big);
		end_listings_before(fs, rd_uint(&r, fs->layout->index_width) + (uint64_t)fs->shift);
	}
	if (!error_is(&e))
		e = squashfs_table_load(fs, "inode", s->inode_table, s->directory_table, &fs->inodes);
	if (!error_is(&e))
		e = squashfs_table_load(fs, "directory", s->directory_table, fs->listings_end, &fs->listings);
	if (!error_is(&e))
		squashfs_shift_narrow(fs);
	return e;
}

/* Reads an inode and gives its slot in `seen`. */
static bool read_inode(struct traversal *t, uint32_t block, uint32_t offset, struct squashfs_inode *inode,
					   const struct name ***slot, uint32_t *position)
{
	const struct squashfs *fs = t->fs;
	struct span bytes = squashfs_table_at(&fs->inodes, block, offset);
	struct reader r = reader_of(bytes, fs->super.big);
	if (!bytes.p || !fs->layout->read_inode(fs, &r, inode))
		return false;
	*position = (uint32_t)(bytes.p - fs->inodes.bytes);
	*slot = &t->seen[*position / 4];
	return true;
}

static const struct name *remember(struct traversal *t, const struct name *parent, struct text text, uint32_t position)
{
	struct name *name = ARENA_NEW(t->fs->walk->arena, struct name);
	if (!name)
		t->error = error_at(ERR_BUDGET, t->fs->super.inode_table, "more files than are kept of one image");
	else
		*name = (struct name){ { parent ? &parent->chain : NULL, text }, position };
	return name;
}

static bool descend(struct traversal *t, const struct squashfs_inode *inode, const struct name *name, uint64_t at,
					size_t path_n)
{
	struct squashfs *fs = t->fs;
	if (inode->size == 0)
		return true;
	if (t->depth == DEPTH_MAX) {
		squashfs_damage(fs, ERR_BUDGET, at, "directories nested deeper than %u are not read", DEPTH_MAX);
		return true;
	}
	struct span listing = squashfs_table_at(&fs->listings, (uint32_t)inode->start, inode->offset);
	if (listing.n < inode->size)
		squashfs_damage(fs, ERR_CORRUPT, fs->super.directory_table + inode->start,
						"a listing of %llu bytes can be read for %zu", (unsigned long long)inode->size, listing.n);
	listing = span_clip(listing, 0, inode->size);
	t->levels[t->depth++] = (struct level){ reader_of(listing, fs->super.big), { 0 }, name, at, path_n };
	return true;
}

static struct entry describe(const struct squashfs_inode *inode, struct text path)
{
	struct entry e = entry_new(inode->kind, path);
	e.mode = inode->mode;
	e.uid = inode->uid;
	e.gid = inode->gid;
	e.mtime = inode->mtime;
	e.device = inode->device;
	if (inode->kind == ENTRY_FILE || inode->kind == ENTRY_SYMLINK)
		e.size = inode->size;
	e.link_target = text_from_span(inode->target);
	return e;
}

/* Shows an entry to the visitor; enters it when it is a directory. False ends the walk. */
static bool visit(struct traversal *t, const struct level *dir, struct text text, uint32_t block, uint32_t offset)
{
	struct squashfs *fs = t->fs;
	struct squashfs_inode inode;
	const struct name **slot;
	uint32_t position;
	uint64_t at = fs->super.inode_table + block;
	if (!read_inode(t, block, offset, &inode, &slot, &position)) {
		squashfs_damage(fs, ERR_CORRUPT, at, "an entry's inode can not be read");
		return true;
	}
	if (*slot && ((*slot)->inode != position || inode.kind == ENTRY_DIRECTORY)) {
		squashfs_damage(fs, ERR_CORRUPT, at, "%s",
						(*slot)->inode != position ? "inodes overlap" : "a directory is entered twice");
		return true;
	}

	size_t path_n = dir->path_n;
	t->path[path_n++] = '/';
	memcpy(t->path + path_n, text.p, text.n);
	path_n += text.n;
	struct entry e = describe(&inode, text_of(t->path, path_n));
	const struct name *first = *slot;
	if (first)
		e.same_as = name_chain_path(&first->chain, t->target, sizeof t->target);
	else if (!(first = *slot = remember(t, dir->name, text, position)))
		return false;
	else if (inode.kind == ENTRY_FILE && !squashfs_file_open(fs, &inode, &e)) {
		t->error = error_at(ERR_BUDGET, at, "more blocks of files than are kept of one image");
		return false;
	}
	return fs->walk->child(fs->walk, &e) && (inode.kind != ENTRY_DIRECTORY || descend(t, &inode, first, at, path_n));
}

/* The next entry of the innermost directory. False ends the walk. */
static bool step(struct traversal *t)
{
	struct squashfs *fs = t->fs;
	struct level *dir = &t->levels[t->depth - 1];
	if (dir->run.left == 0 && rd_left(&dir->listing) == 0) {
		t->depth--;
		return true;
	}
	struct squashfs_dirent entry;
	size_t from = dir->listing.at;
	if ((dir->run.left == 0 && !fs->layout->read_run(fs, &dir->listing, &dir->run)) ||
		!fs->layout->read_dirent(fs, &dir->listing, &entry)) {
		squashfs_damage(fs, ERR_CORRUPT, fs->super.directory_table,
						"the listing of a directory breaks off after %zu of %zu bytes", dir->listing.at,
						dir->listing.bytes.n);
		t->depth--;
		return true;
	}
	dir->run.left--;
	t->listed += dir->listing.at - from;
	if (t->listed > LISTED_MAX * (uint64_t)fs->listings.n) {
		t->error = error_at(ERR_CORRUPT, fs->super.directory_table, "the listings of directories overlap");
		return false;
	}
	return visit(t, dir, entry.name, dir->run.block, entry.offset);
}

static struct error traverse(struct squashfs *fs)
{
	struct arena *arena = fs->walk->arena;
	struct traversal *t = ARENA_NEW(arena, struct traversal);
	if (t)
		t->seen = ARENA_ARRAY(arena, const struct name *, fs->inodes.n / 4 + 1);
	if (!t || !t->seen)
		return error_at(ERR_BUDGET, fs->super.inode_table, "the inode table is larger than what is kept of one");
	t->fs = fs;
	struct squashfs_inode root;
	const struct name **slot;
	uint32_t position;
	if (!read_inode(t, (uint32_t)(fs->super.root >> 16), fs->super.root & 0xffff, &root, &slot, &position) ||
		root.kind != ENTRY_DIRECTORY)
		return error_at(ERR_CORRUPT, fs->super.inode_table + (fs->super.root >> 16), "there is no root directory");
	fs->entered = true;
	*slot = remember(t, NULL, TEXT_NONE, position);
	bool going = *slot && descend(t, &root, *slot, fs->super.inode_table, 0);
	while (going && t->depth > 0)
		going = step(t);
	return t->error;
}

/* Without tables there are no names. What stands behind the superblock may be of an image that is cut off, or anything: a superblock
 * alone must not hide it. */
static void emit_unread(const struct squashfs *fs)
{
	struct span rest = span_from(span_clip(fs->image, 0, fs->super.bytes_used), SUPER_MIN);
	struct entry e = entry_new(ENTRY_REGION, TEXT_LIT("unread"));
	e.offset = SUPER_MIN;
	e.size = rest.n;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = rest };
	if (rest.n)
		(void)fs->walk->child(fs->walk, &e);
}

struct error squashfs_walk_image(const struct squashfs_super *super, const struct squashfs_layout *layout,
								 struct span image, struct walk *w)
{
	struct squashfs *fs = ARENA_NEW(w->arena, struct squashfs);
	if (!fs)
		return error_at(ERR_BUDGET, 0, "no memory for the superblock");
	*fs = (struct squashfs){ .image = image, .super = *super, .layout = layout, .walk = w };
	/* 2.x and 3.x: SQUASHFS_CHECK puts a marker byte behind the header of each metadata block. */
	fs->block_header = super->major < 4 && super->flags & 4 ? 3 : 2;
	struct error e = load_tables(fs);
	if (!error_is(&e))
		e = traverse(fs);
	if (error_is(&e) && !fs->entered && e.code != ERR_BUDGET)
		emit_unread(fs);
	if (fs->cache)
		squashfs_cache_settle(fs->cache);
	emit_damage_further(w->sink, fs->damages);
	fs->walk = NULL;
	return e;
}

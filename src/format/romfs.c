/* SPDX-License-Identifier: GPL-3.0-or-later */
/* romfs. Specification: Linux Documentation/filesystems/romfs.rst: the words of the first 512 bytes sum to zero, those of
 * each file's header too. */
#include "base/work.h"
#include "format/inode_tree.h"

#define SUMMED 512u
#define BLOCK 1024u
#define ALIGNED 16u
#define HEADER_SIZE 16u
#define NAME_AT 16u
#define NAME_MAX_BYTES 256u /* with its end; Linux reads names of 128 */
#define LINKS_FOLLOWED 16u
#define EXECUTABLE 8u

enum type { TYPE_HARD_LINK, TYPE_DIRECTORY, TYPE_FILE, TYPE_SYMLINK, TYPE_BLOCK, TYPE_CHAR, TYPE_SOCKET, TYPE_FIFO };

/* A file's header. */
struct romfs_file {
	uint32_t next; /* header in the same directory, 0: none */
	uint32_t type, executable;
	uint32_t info, size;
	struct span name;
	uint64_t data; /* where its content begins */
	bool checksum_ok;
};

static uint32_t sum(struct span bytes)
{
	uint32_t sum = 0;
	work_add_summed(bytes.n);
	for (size_t i = 0; i + 4 <= bytes.n; i += 4)
		sum += span_u32be(bytes, i);
	return sum;
}

static bool start_sums(struct span at)
{
	uint32_t size = span_u32be(at, 8);
	struct span summed = span_sub(at, 0, size < SUMMED ? size : SUMMED);
	return summed.p && sum(summed) == 0;
}

static uint64_t files_end(struct span at);

/* A wrong byte within what is summed is to hide nothing: with the magic, the checksum of the first file's header is proof enough. It
 * may be one of the size, which is to hide nothing either. */
static bool romfs_probe(struct span at, struct format_match *match)
{
	uint64_t size = span_u32be(at, 8), end = 0;
	if (!span_starts(at, "-rom1fs-", 8) || size < 32 || (!start_sums(at) && !(end = files_end(at))))
		return false;
	if (end && size > at.n)
		size = end;
	uint64_t padded = (size + BLOCK - 1) / BLOCK * BLOCK;
	match->size = padded <= at.n ? padded : size;
	match->confidence = 95;
	return true;
}

static uint64_t aligned(uint64_t n)
{
	return (n + ALIGNED - 1) / ALIGNED * ALIGNED;
}

/* A name ends with a zero byte and is filled up to a multiple of 16. */
static struct span name_at(struct span image, uint64_t at)
{
	struct span room = span_clip(image, at, NAME_MAX_BYTES);
	const uint8_t *end = room.p ? memchr(room.p, 0, room.n) : NULL;
	return end ? span_clip(room, 0, (uint64_t)(end - room.p)) : SPAN_NONE;
}

static bool file_read(struct span image, uint64_t at, struct romfs_file *file)
{
	struct reader r = reader_be(span_sub(image, at, HEADER_SIZE));
	uint32_t next = rd_u32(&r);
	*file = (struct romfs_file){ .next = next & ~(ALIGNED - 1), .type = next & 7, .executable = next & EXECUTABLE };
	file->info = rd_u32(&r);
	file->size = rd_u32(&r);
	file->name = name_at(image, at + NAME_AT);
	if (!rd_ok(&r) || !file->name.p)
		return false;
	uint64_t header = NAME_AT + aligned(file->name.n + 1);
	file->data = at + header;
	file->checksum_ok = sum(span_clip(image, at, header)) == 0;
	return true;
}

/* Where the last of the files ends that stand one behind another, with zeros between them; 0: there is none. The first is a directory
 * or a file. */
static uint64_t files_end(struct span at)
{
	struct romfs_file file;
	struct span volume = name_at(at, NAME_AT);
	uint64_t place = NAME_AT + aligned(volume.n + 1), end = 0;
	while (volume.p && file_read(at, place, &file)) {
		bool is_one = file.checksum_ok && file.name.n && (end || file.type != TYPE_HARD_LINK);
		if (is_one)
			end = place = file.data + aligned(file.type == TYPE_FILE || file.type == TYPE_SYMLINK ? file.size : 0);
		else if (end && !file.next && !file.type && !file.info && !file.size && !file.name.n)
			place += ALIGNED;
		else
			break;
	}
	return end < at.n ? end : at.n;
}

/* What Linux makes of types: the format itself keeps nothing but whether a file is executable. */
static bool describe(const struct romfs_file *file, struct inode *inode)
{
	static const struct {
		enum entry_kind kind;
		uint16_t mode;
	} kinds[8] = {
		[TYPE_DIRECTORY] = { ENTRY_DIRECTORY, 0644 }, [TYPE_FILE] = { ENTRY_FILE, 0644 },
		[TYPE_SYMLINK] = { ENTRY_SYMLINK, 0777 },     [TYPE_BLOCK] = { ENTRY_BLOCK_DEVICE, 0600 },
		[TYPE_CHAR] = { ENTRY_CHAR_DEVICE, 0600 },    [TYPE_SOCKET] = { ENTRY_SOCKET, 0644 },
		[TYPE_FIFO] = { ENTRY_FIFO, 0644 },
	};
	inode->kind = kinds[file->type].kind;
	inode->mode = kinds[file->type].mode | (file->executable ? 0111 : 0);
	inode->size = file->size;
	if (file->type == TYPE_BLOCK || file->type == TYPE_CHAR)
		inode->device = (int64_t)(file->info >> 16) << 32 | (file->info & 0xffff);
	return file->type != TYPE_HARD_LINK;
}

/* The number of an inode is its header's place. */
static bool romfs_inode(struct tree *t, uint64_t at, struct inode *inode)
{
	struct romfs_file *file = ARENA_NEW(t->walk->arena, struct romfs_file);
	if (!file) {
		t->out_of_memory = true;
		return false;
	}
	inode->at = at;
	if (!file_read(t->image, at, file)) {
		tree_damage(t, ERR_TRUNCATED, at, "a file's header stands beyond the end of the image");
		return false;
	}
	if (!describe(file, inode)) {
		tree_damage(t, ERR_CORRUPT, at, "a hard link leads to a hard link, and so on");
		return false;
	}
	inode->own = file;
	if (!file->checksum_ok)
		tree_damage(t, ERR_CORRUPT, at, "a file's header does not have the checksum that it says");
	if (inode->kind == ENTRY_SYMLINK) {
		inode->target = text_from_span(span_sub(t->image, file->data, file->size));
		if (!inode->target.p)
			tree_damage(t, ERR_TRUNCATED, at, "a symbolic link stands beyond the end of the image");
	}
	return true;
}

/* Where a hard link leads to. */
static uint64_t follow(struct span image, uint64_t at)
{
	struct romfs_file file;
	for (unsigned i = 0; i < LINKS_FOLLOWED && file_read(image, at, &file) && file.type == TYPE_HARD_LINK; i++)
		at = file.info & ~(uint64_t)(ALIGNED - 1);
	return at;
}

static void romfs_list(struct tree *t, const struct inode *directory)
{
	const struct romfs_file *dir = directory->own;
	struct romfs_file file;
	for (uint64_t at = dir->info & ~(ALIGNED - 1); at; at = file.next) {
		if (!file_read(t->image, at, &file)) {
			tree_damage(t, ERR_TRUNCATED, at, "the listing of a directory goes on beyond the end of the image");
			return;
		}
		if (!tree_listed(t, file.data - at))
			return;
		if (file.type == TYPE_HARD_LINK && !file.checksum_ok) /* what it leads to has one of its own */
			tree_damage(t, ERR_CORRUPT, at, "a hard link's header does not have the checksum that it says");
		if (!tree_name(t, text_from_span(file.name), file.type == TYPE_HARD_LINK ? follow(t->image, at) : at))
			return;
	}
}

static bool romfs_content(struct tree *t, const struct inode *inode, struct entry *entry)
{
	const struct romfs_file *file = inode->own;
	struct span there = span_clip(t->image, file->data, file->size);
	if (there.n < file->size)
		tree_damage(t, ERR_TRUNCATED, inode->at, "of a file's %lu bytes %zu are there", (unsigned long)file->size,
					there.n);
	entry->offset = file->data;
	entry->content = (struct content){ .kind = there.p ? CONTENT_SPAN : CONTENT_NONE, .bytes = there };
	return true;
}

/* The root has no header of its own: its first entry is "." in images of genromfs, and may be any. */
static bool root_or_inode(struct tree *t, uint64_t at, struct inode *inode)
{
	if (at != 0)
		return romfs_inode(t, at, inode);
	struct span volume = name_at(t->image, NAME_AT);
	struct romfs_file *root = ARENA_NEW(t->walk->arena, struct romfs_file);
	if (!root || !volume.p)
		return false;
	root->info = (uint32_t)(NAME_AT + aligned(volume.n + 1));
	inode->kind = ENTRY_DIRECTORY;
	inode->own = root;
	return true;
}

static const struct tree_ops romfs_tree = { .inode = root_or_inode, .list = romfs_list, .content = romfs_content };

static struct error romfs_walk(struct span bytes, struct walk *w)
{
	struct span volume = name_at(bytes, NAME_AT);
	struct tree *t = ARENA_NEW(w->arena, struct tree);
	if (!t)
		return error_at(ERR_BUDGET, 0, "no memory for the tree");
	if (volume.n)
		emit_header_field(w->sink, NAME_AT, "volume_name", "%.*s", (int)volume.n, (const char *)volume.p);
	emit_header_field(w->sink, 12, "checksum", "%s", start_sums(bytes) ? "ok" : "mismatch");
	if (!start_sums(bytes))
		emit_damage_at(w->sink, bytes.n < SUMMED && bytes.n < span_u32be(bytes, 8) ? ERR_TRUNCATED : ERR_CORRUPT, 0,
					   "the first 512 bytes do not have the checksum that they say");
	/* What stands behind the declared size is padding. */
	*t = (struct tree){ .ops = &romfs_tree, .image = span_clip(bytes, 0, span_u32be(bytes, 8)), .walk = w };
	return tree_walk(t, 0);
}

static const struct format_magic romfs_magics[] = { MAGIC("-rom1fs-", 0), MAGIC_END };

const struct format romfs_format = {
	.name = "romfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "romfs file system",
	.spec = "Linux Documentation/filesystems/romfs.rst",
	.magics = romfs_magics,
	.probe = romfs_probe,
	.walk = romfs_walk,
};

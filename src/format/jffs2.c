/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JFFS2: a log of nodes, each with a CRC over its header, in either byte order. What is true of a file or a name is
 * what the node of the highest version says; the log has no order and no index.
 *
 * Specification: Linux include/uapi/linux/jffs2.h, fs/jffs2/scan.c and readinode.c.
 */
#include "format/jffs2.h"

#include "base/hash.h"
#include "base/sort.h"
#include "format/object_tree.h"
#include "format/unix_mode.h"

#define TORN_MIN 16u    /* erased bytes that a node ends with */
#define BLOCK_MIN 4096u
#define EMPTY_MIN 4096u /* erased bytes behind a lone cleanmarker: programs that write them have one too */

struct counts {
	size_t data, names, obsolete, xattrs, summaries;
	size_t torn, superseded; /* which are broken, and nothing is lost with them */
	size_t left;             /* names in removed directories, of inodes that are not there */
	size_t removals;         /* entries that say that a name was removed */
};

/* All nodes of one inode. */
struct inode {
	struct jffs2_data *nodes; /* by version, until the content of a file is laid out */
	size_t n;
	uint64_t newest, filled; /* of its nodes: the newest, and the newest that holds data (UINT64_MAX: none does) */
	uint32_t ino;
	uint32_t links;    /* names that live */
	bool broken;       /* the data of some of its nodes */
	struct text first; /* path of the first of several */
};

struct jffs2 {
	struct jffs2_files files;
	struct walk *w;
	struct counts found; /* valid ones */
	struct jffs2_data *data;
	struct object_name *names;
	struct inode *inodes; /* by number */
	size_t ninodes;
	unsigned damage;
	bool names_lost; /* or inodes: what has no name may have had one */
	struct error error;
};

static bool jffs2_probe(struct span at, struct format_match *match)
{
	struct jffs2_log log = jffs2_log_of(at);
	struct jffs2_node node;
	uint64_t end = 0;
	size_t data = 0;
	if (!jffs2_begins(&log))
		return false;
	while (jffs2_next(&log, &node)) {
		end = log.next;
		data += node.type == JFFS2_DIRENT || node.type == JFFS2_INODE || node.type == JFFS2_XATTR;
	}
	uint64_t erased = end ? jffs2_erased_end(at, end < at.n ? end : at.n) : 0;
	if (!end || (!data && erased < EMPTY_MIN))
		return false;
	/* The erased rest of the last block belongs to it. */
	uint64_t block = log.block ? log.block : EMPTY_MIN, whole = (end + block - 1) / block * block;
	match->size = end >= at.n ? end : whole < erased ? whole : erased;
	match->confidence = 85;
	return true;
}

static void damage(struct jffs2 *fs, enum error_code code, uint64_t at, const char *what)
{
	emit_damage_capped(fs->w->sink, &fs->damage, code, at, "%s", what);
}

static struct span node_bytes(const struct jffs2 *fs, const struct jffs2_node *node)
{
	return span_clip(fs->files.bytes, node->at, node->size);
}

static bool ends_erased(struct span bytes)
{
	struct span tail = bytes.n < TORN_MIN ? SPAN_NONE : span_from(bytes, bytes.n - TORN_MIN);
	for (size_t i = 0; i < tail.n; i++)
		if (tail.p[i] != 0xff)
			return false;
	return tail.n != 0;
}

/* A node that was being written when the power went: from some place on it is still erased, at the latest from `from`. Nobody was
 * told that it was written, and Linux passes over it without a word. */
static bool is_torn(struct jffs2 *fs, struct span node, uint64_t from)
{
	bool torn = ends_erased(node) && jffs2_erased_end(node, from) == node.n;
	fs->found.torn += torn;
	return torn;
}

static void count_node(struct counts *c, const struct jffs2_node *node)
{
	c->obsolete += node->obsolete;
	c->data += !node->obsolete && node->type == JFFS2_INODE;
	c->names += !node->obsolete && node->type == JFFS2_DIRENT;
	c->xattrs += !node->obsolete && node->type == JFFS2_XATTR;
	c->summaries += node->type == JFFS2_SUMMARY;
}

static void lost(struct jffs2 *fs, enum error_code code, uint64_t at, const char *what)
{
	fs->names_lost = true;
	damage(fs, code, at, what);
}

static void take_dirent(struct jffs2 *fs, const struct jffs2_node *node)
{
	struct span bytes = node_bytes(fs, node), fixed = span_sub(bytes, 0, JFFS2_DIRENT_SIZE);
	struct reader r = reader_of(fixed, fs->files.big);
	struct object_name name = { .at = node->at };
	rd_skip(&r, JFFS2_HEADER_SIZE);
	name.parent = rd_u32(&r);
	name.version = rd_u32(&r);
	name.id = rd_u32(&r);
	rd_skip(&r, 4);
	uint8_t n = rd_u8(&r);
	name.directory = rd_u8(&r) == 4; /* DT_DIR */
	rd_skip(&r, 2);
	uint32_t node_crc = rd_u32(&r), name_crc = rd_u32(&r);
	struct span text = span_sub(bytes, JFFS2_DIRENT_SIZE, n);
	bool whole = rd_ok(&r) && text.p,
		 head = whole && hash_crc32_raw(0, span_sub(fixed, 0, JFFS2_DIRENT_SIZE - 8)) == node_crc;
	if (head && n && hash_crc32_raw(0, text) == name_crc) {
		name.name = text_from_span(text);
		fs->names[fs->found.names++] = name;
	} else if (bytes.n < node->size) {
		lost(fs, ERR_TRUNCATED, node->at, "a directory entry is cut off");
	} else if (!is_torn(fs, bytes, head ? bytes.n : JFFS2_DIRENT_SIZE - 8)) {
		lost(fs, ERR_CORRUPT, node->at,
			 whole ? "a directory entry has other bytes than its CRC says: it is passed over"
				   : "a directory entry is cut off");
	}
}

/* Without data nobody looks at their CRC, which that of the node does not cover. */
static bool data_is_broken(const struct jffs2_inode *inode)
{
	return inode->csize && hash_crc32_raw(0, inode->data) != inode->data_crc;
}

/* Of what these give no end looks like erased flash; data that are not packed, or by runs, may end so and be damaged before. */
static bool never_ends_erased(const struct jffs2_inode *inode)
{
	return inode->compression == JFFS2_ZLIB || inode->compression == JFFS2_LZO || inode->compression == JFFS2_LZMA;
}

static const char *inode_fault(const struct jffs2_inode *inode, struct span fixed)
{
	if (hash_crc32_raw(0, span_sub(fixed, 0, JFFS2_INODE_SIZE - 8)) != inode->node_crc)
		return "an inode's node has other bytes than its CRC says: it is passed over";
	if (inode->compression != JFFS2_ZERO && inode->dsize > JFFS2_DSIZE_MAX &&
		(inode->compression != JFFS2_NONE || inode->dsize > inode->csize))
		return "a node claims to hold more than a node can: it is passed over";
	if (inode->dsize == 0 && data_is_broken(inode))
		return "a node of no bytes has data other than their CRC says: it is passed over";
	return NULL;
}

static void take_inode(struct jffs2 *fs, const struct jffs2_node *node)
{
	struct span bytes = node_bytes(fs, node), fixed = span_sub(bytes, 0, JFFS2_INODE_SIZE);
	struct reader r = reader_of(fixed, fs->files.big);
	rd_skip(&r, JFFS2_HEADER_SIZE);
	struct jffs2_data data = { .at = node->at };
	data.ino = rd_u32(&r);
	data.version = rd_u32(&r);
	struct jffs2_inode inode;
	bool cut = !jffs2_inode_read(bytes, fs->files.big, 0, &inode) || inode.data.n < inode.csize;
	const char *fault = cut ? "an inode's node is cut off" : inode_fault(&inode, fixed);
	bool broken = !fault && data_is_broken(&inode);
	if (bytes.n < node->size && cut) {
		lost(fs, ERR_TRUNCATED, node->at, fault);
		return;
	}
	if (broken && never_ends_erased(&inode) && is_torn(fs, bytes, bytes.n))
		return;
	if (fault && is_torn(fs, bytes, JFFS2_INODE_SIZE - 4))
		return;
	if (fault) {
		lost(fs, ERR_CORRUPT, node->at, fault);
		return;
	}
	data.at |= broken ? JFFS2_LOST : 0;
	data.offset = inode.offset;
	data.size = inode.dsize;
	fs->data[fs->found.data++] = data;
}

/* Other bytes than nodes, zeros apart: less than a header is filled up with those. A header may be torn as well. */
static void show_dirt(struct jffs2 *fs, const struct jffs2_node *node)
{
	struct span dirt = span_sub(fs->files.bytes, node->dirt, node->at - node->dirt);
	struct reader r = reader_of(dirt, fs->files.big);
	if (ends_erased(dirt) && jffs2_erased_end(dirt, JFFS2_HEADER_SIZE) == dirt.n && rd_u16(&r) >> 1 == 0x1985 >> 1) {
		fs->found.torn++;
		return;
	}
	for (size_t i = 0; i < dirt.n; i++)
		if (dirt.p[i] != 0 && dirt.p[i] != 0xff) {
			lost(fs, ERR_CORRUPT, node->dirt, "a node was expected, its magic or the CRC of its header is wrong");
			return;
		}
	if (dirt.n >= BLOCK_MIN)
		lost(fs, ERR_CORRUPT, node->dirt, "nothing but zeros stands where nodes were expected");
}

static bool collect(struct jffs2 *fs)
{
	struct jffs2_log log = jffs2_log_of(fs->files.bytes);
	struct counts all = { 0 };
	struct jffs2_node node;
	while (jffs2_next(&log, &node))
		count_node(&all, &node);
	fs->data = ARENA_ARRAY(fs->w->arena, struct jffs2_data, all.data);
	fs->names = ARENA_ARRAY(fs->w->arena, struct object_name, all.names);
	if (!fs->data || !fs->names)
		return false;
	fs->found = (struct counts){ .obsolete = all.obsolete, .xattrs = all.xattrs, .summaries = all.summaries };
	for (log = jffs2_log_of(fs->files.bytes); jffs2_next(&log, &node);) {
		if (node.dirt < node.at)
			show_dirt(fs, &node);
		if (!node.obsolete && node.type == JFFS2_DIRENT)
			take_dirent(fs, &node);
		else if (!node.obsolete && node.type == JFFS2_INODE)
			take_inode(fs, &node);
	}
	emit_header_field(fs->w->sink, 0, "byte_order", "%s", log.big ? "big" : "little");
	if (log.block)
		emit_header_field(fs->w->sink, 0, "erase_block", "%llu", (unsigned long long)log.block);
	return true;
}

/* Of one version what is whole comes last. */
static int by_ino_and_version(const void *a, const void *b)
{
	const struct jffs2_data *x = a, *y = b;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	if (x->version != y->version)
		return x->version < y->version ? -1 : 1;
	return !!(y->at & JFFS2_LOST) - !!(x->at & JFFS2_LOST);
}

/* In the order of the versions. A node whose data are lost describes the inode only while no other does. */
static void take_newest(struct inode *inode, const struct jffs2_data *node)
{
	bool lost = node->at & JFFS2_LOST;
	if (!lost && node->size)
		inode->filled = node->at;
	if (!lost || inode->n == 1 || inode->newest & JFFS2_LOST)
		inode->newest = node->at;
}

static bool group_inodes(struct jffs2 *fs)
{
	size_t n = fs->found.data, most = 0;
	struct jffs2_data *spare = ARENA_ARRAY(fs->w->arena, struct jffs2_data, n);
	if (!spare)
		return false;
	sort_stable(fs->data, spare, n, sizeof *spare, by_ino_and_version);
	for (size_t i = 0; i < n; i++)
		fs->ninodes += i == 0 || fs->data[i].ino != fs->data[i - 1].ino;
	fs->inodes = ARENA_ARRAY(fs->w->arena, struct inode, fs->ninodes);
	if (!fs->inodes)
		return false;
	struct inode *inode = fs->inodes;
	for (size_t i = 0; i < n; inode++) {
		*inode = (struct inode){ .nodes = &fs->data[i], .ino = fs->data[i].ino, .filled = UINT64_MAX };
		for (; i < n && fs->data[i].ino == inode->ino; i++) {
			inode->n++;
			inode->broken |= (fs->data[i].at & JFFS2_LOST) != 0;
			take_newest(inode, &fs->data[i]);
		}
		most = inode->n > most ? inode->n : most;
	}
	fs->files.scratch.spare = spare;
	fs->files.scratch.heap = ARENA_ARRAY(fs->w->arena, uint32_t, most);
	return fs->files.scratch.heap != NULL;
}

static struct inode *inode_find(const struct jffs2 *fs, uint32_t ino)
{
	size_t low = 0, high = fs->ninodes;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (fs->inodes[middle].ino < ino)
			low = middle + 1;
		else
			high = middle;
	}
	return low < fs->ninodes && fs->inodes[low].ino == ino ? &fs->inodes[low] : NULL;
}

/* Broken data of what no name leads to, and of bytes that were written again since, are lost to nobody. */
static bool tell_broken(struct jffs2 *fs, struct inode *inode)
{
	struct jffs2_inode newest;
	uint32_t isize = UINT32_MAX;
	size_t all = 0, visible = 0;
	uint64_t *at = NULL;
	for (size_t i = 0; i < inode->n; i++)
		all += (inode->nodes[i].at & JFFS2_LOST) != 0;
	if (!(inode->newest & JFFS2_LOST) && jffs2_inode_read(fs->files.bytes, fs->files.big, inode->newest, &newest) &&
		entry_kind_of_mode(newest.mode) == ENTRY_FILE && inode->nodes[inode->n - 1].at == inode->newest)
		isize = newest.isize;
	if (inode->links)
		visible = jffs2_broken_visible(&fs->files, inode->nodes, inode->n, isize, fs->w->arena, &at);
	if (visible == SIZE_MAX)
		return false;
	for (size_t i = 0; i < visible; i++)
		damage(fs, ERR_CORRUPT, at[i],
			   "the data of a node are other than its CRC says: older ones show, if there are some");
	fs->found.superseded += all - visible;
	return true;
}

/* Keeps of the newest names those that name something. */
static bool settle_names(struct jffs2 *fs, struct object_tree *tree)
{
	struct object_name *spare = ARENA_ARRAY(fs->w->arena, struct object_name, tree->n);
	if (!spare)
		return false;
	object_tree_sort(tree, spare);
	size_t kept = 0, unlinked = 0;
	for (size_t i = 0; i < tree->n; i++) {
		struct inode *inode = inode_find(fs, tree->names[i].id);
		fs->found.removals += tree->names[i].id == 0;
		if (tree->names[i].id == 0)
			continue;
		if (inode)
			inode->links++;
		tree->names[kept++] = tree->names[i];
	}
	tree->n = kept;
	for (size_t i = 0; i < fs->ninodes; i++)
		unlinked += !fs->inodes[i].links && fs->inodes[i].ino != JFFS2_ROOT;
	if (unlinked)
		emit_header_field(fs->w->sink, 0, "unlinked_inodes", "%zu", unlinked);
	if (unlinked && !fs->found.removals && !fs->found.obsolete && !fs->names_lost)
		damage(fs, ERR_CORRUPT, 0, "there are inodes without a name, and nothing tells that one was removed: names are lost");
	for (size_t i = 0; i < fs->ninodes; i++)
		if (fs->inodes[i].broken && !tell_broken(fs, &fs->inodes[i]))
			return false;
	return true;
}

/* What a link points at, or the number of a device. */
static struct span small_data(struct jffs2 *fs, const struct inode *inode)
{
	struct jffs2_inode node;
	if (inode->filled == UINT64_MAX || !jffs2_inode_read(fs->files.bytes, fs->files.big, inode->filled, &node))
		return SPAN_NONE;
	if (node.compression == JFFS2_NONE)
		return span_clip(node.data, 0, node.dsize);
	uint8_t *out = node.dsize <= JFFS2_BLOCK ? arena_alloc(fs->w->arena, node.dsize, 1) : NULL;
	if (out && !jffs2_node_unpack(&node, out))
		return span_of(out, node.dsize);
	damage(fs, ERR_CORRUPT, inode->filled, "a link's or device's data can not be unpacked");
	return SPAN_NONE;
}

/* In two bytes as of old, or in four. */
static int64_t device_of(const struct jffs2 *fs, struct span data)
{
	struct reader r = reader_of(data, fs->files.big);
	if (data.n == 2)
		return device_old(rd_u16(&r));
	uint32_t dev = rd_u32(&r);
	return rd_ok(&r) ? device_new(dev) : FACT_NULL;
}

/* A file of several names shows its content at the first of them. */
static enum error_code set_file(struct jffs2 *fs, struct inode *inode, uint32_t isize, struct entry *e)
{
	if (inode->first.p) {
		e->same_as = inode->first;
		e->size = isize;
		return ERR_NONE;
	}
	if (inode->links > 1) {
		inode->first = text_of(arena_strdup(fs->w->arena, e->path), e->path.n);
		if (!inode->first.p)
			return ERR_BUDGET;
	}
	return jffs2_file_content(&fs->files, inode->nodes, inode->n, isize, fs->w->arena, e);
}

static enum error_code describe(struct jffs2 *fs, struct inode *inode, struct entry *e)
{
	struct jffs2_inode newest;
	if (!jffs2_inode_read(fs->files.bytes, fs->files.big, inode->newest & ~JFFS2_LOST, &newest))
		return ERR_NONE;
	e->kind = entry_kind_of_mode(newest.mode);
	e->mode = newest.mode & 07777;
	e->uid = newest.uid;
	e->gid = newest.gid;
	e->mtime = newest.mtime;
	if (e->kind == ENTRY_SYMLINK)
		e->link_target = text_from_span(small_data(fs, inode));
	if (e->kind == ENTRY_CHAR_DEVICE || e->kind == ENTRY_BLOCK_DEVICE)
		e->device = device_of(fs, small_data(fs, inode));
	return e->kind == ENTRY_FILE ? set_file(fs, inode, newest.isize, e) : ERR_NONE;
}

static bool visit_name(struct object_tree *tree, const struct object_name *name, struct text path)
{
	struct jffs2 *fs = tree->context;
	struct inode *inode = inode_find(fs, name->id);
	struct entry e = entry_new(name->directory ? ENTRY_DIRECTORY : ENTRY_FILE, path);
	if (!inode && tree->removed) {
		fs->found.left++;
		return true;
	}
	if (!inode)
		damage(fs, ERR_CORRUPT, name->at, "a directory entry names an inode that no valid node describes");
	if (inode && tree->removed) /* of what was removed, the inode went with it */
		damage(fs, ERR_CORRUPT, name->at, "the directory of a file that is there has no name: it is lost");
	enum error_code code = inode ? describe(fs, inode, &e) : ERR_NONE;
	if (code) {
		fs->error = error_at(code, name->at, "no memory left for the file system's nodes");
		return false;
	}
	return fs->w->child(fs->w, &e);
}

static void emit_counts(struct jffs2 *fs)
{
	if (fs->found.obsolete)
		emit_header_field(fs->w->sink, 0, "obsolete_nodes", "%zu", fs->found.obsolete);
	if (fs->found.xattrs)
		emit_header_field(fs->w->sink, 0, "xattr_nodes", "%zu", fs->found.xattrs);
	if (fs->found.torn)
		emit_header_field(fs->w->sink, 0, "torn_nodes", "%zu", fs->found.torn);
	if (fs->found.superseded)
		emit_header_field(fs->w->sink, 0, "broken_nodes_superseded", "%zu", fs->found.superseded);
	if (fs->found.summaries)
		emit_header_field(fs->w->sink, 0, "summary_nodes", "%zu", fs->found.summaries);
}

static struct error jffs2_walk(struct span bytes, struct walk *w)
{
	struct jffs2 *fs = ARENA_NEW(w->arena, struct jffs2);
	struct error budget = error_at(ERR_BUDGET, 0, "no memory left for the file system's nodes");
	if (!fs)
		return budget;
	fs->files.bytes = bytes;
	fs->files.big = jffs2_log_of(bytes).big;
	fs->w = w;
	if (!collect(fs) || !group_inodes(fs))
		return budget;
	struct object_tree tree = {
		.names = fs->names, .n = fs->found.names, .root = JFFS2_ROOT, .visit = visit_name, .context = fs
	};
	if (!settle_names(fs, &tree))
		return budget;
	emit_counts(fs);
	/* A directory that was removed leaves names behind where flash can not mark them as obsolete. */
	tree.removed_leave_names = !fs->names_lost;
	if (object_tree_walk(&tree, w))
		return budget;
	if (tree.removed)
		emit_header_field(w->sink, 0, "directories_without_name", "%u", tree.removed);
	if (fs->found.left)
		emit_header_field(w->sink, 0, "names_left_in_them", "%zu", fs->found.left);
	if (fs->damage > DAMAGE_MAX)
		emit_damage_at(w->sink, ERR_CORRUPT, UINT64_MAX, "%u nodes are damaged in all, the first %u are shown",
					   fs->damage, DAMAGE_MAX);
	return fs->error;
}

/* The second of each pair is a node that was marked as obsolete; the last six have the magic of the first versions. */
static const struct format_magic jffs2_magics[] = {
	MAGIC("\x85\x19\x01\xe0", 0),
	MAGIC("\x85\x19\x01\xc0", 0),
	MAGIC("\x85\x19\x02\xe0", 0),
	MAGIC("\x85\x19\x02\xc0", 0),
	MAGIC("\x85\x19\x08\xe0", 0),
	MAGIC("\x85\x19\x08\xc0", 0),
	MAGIC("\x85\x19\x03\x20", 0),
	MAGIC("\x85\x19\x04\x20", 0),
	MAGIC("\x19\x85\xe0\x01", 0),
	MAGIC("\x19\x85\xc0\x01", 0),
	MAGIC("\x19\x85\xe0\x02", 0),
	MAGIC("\x19\x85\xc0\x02", 0),
	MAGIC("\x19\x85\xe0\x08", 0),
	MAGIC("\x19\x85\xc0\x08", 0),
	MAGIC("\x19\x85\x20\x03", 0),
	MAGIC("\x19\x85\x20\x04", 0),
	MAGIC("\x84\x19\x01\xe0", 0),
	MAGIC("\x84\x19\x02\xe0", 0),
	MAGIC("\x84\x19\x03\x20", 0),
	MAGIC("\x19\x84\xe0\x01", 0),
	MAGIC("\x19\x84\xe0\x02", 0),
	MAGIC("\x19\x84\x20\x03", 0),
	MAGIC_END,
};

const struct format jffs2_format = {
	.name = "jffs2",
	.kind = FORMAT_FILESYSTEM,
	.title = "JFFS2 file system, both byte orders",
	.spec = "Linux include/uapi/linux/jffs2.h, fs/jffs2",
	.magics = jffs2_magics,
	.probe = jffs2_probe,
	.walk = jffs2_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apple File System: the container, its checkpoints and its volumes.
 *
 * Specification: "Apple File System Reference" (Apple, 2020-06-22), Container, Volumes. */
#include <stdio.h>

#include "format/apfs_image.h"
#include "format/uuid.h"

#define SUPER_SIZE 1384u /* what is read of it */
#define VOLUMES_MAX 100u
#define DESCRIPTORS_MAX (1u << 20)
#define OBJECT_SUPER 1u /* the number of the superblock */
#define CHECKPOINTS_TRIED 16u
#define VOLUME_NAME_AT 704u
#define VOLUME_NAME_SIZE 256u
#define ROOT_DIRECTORY 2u

enum { CONTAINER_FUSION = 0x100 };
enum {
	VOLUME_CASE_INSENSITIVE = 1,
	VOLUME_NORMALIZATION_INSENSITIVE = 8,
	VOLUME_INCOMPLETE_RESTORE = 16,
	VOLUME_SEALED = 32,
	VOLUME_FEATURES = 63, /* those that are known */
};
#define VOLUME_UNENCRYPTED 1u
#define STORAGE_PHYSICAL 0x40000000u

struct super {
	uint32_t block_size;
	uint64_t blocks, incompatible, xid, base, omap;
	uint32_t descriptors;
};

static bool super_read(struct span b, struct super *s)
{
	*s = (struct super){ .block_size = span_u32le(b, 36),
						 .blocks = span_u64le(b, 40),
						 .incompatible = span_u64le(b, 64),
						 .xid = span_u64le(b, 16),
						 .base = span_u64le(b, 112),
						 .omap = span_u64le(b, 160),
						 .descriptors = span_u32le(b, 104) };
	uint32_t size = s->block_size;
	return b.n >= SUPER_SIZE && span_has(b, 32, "NXSB", 4) && span_u16le(b, 24) == APFS_SUPER && span_u64le(b, 8) == OBJECT_SUPER &&
		   size >= 4096 && size <= 65536 && (size & (size - 1)) == 0 && s->blocks > 0 && s->blocks <= INT64_MAX / size &&
		   span_u32le(b, 180) <= VOLUMES_MAX;
}

/* Each checkpoint has a copy of the superblock, which begins no container: where that is, the area of checkpoints is not. */
static bool checkpoints_are_there(struct span at, const struct super *s)
{
	uint64_t place = s->base < s->blocks ? s->base * s->block_size : UINT64_MAX;
	struct span b = span_sub(at, place, s->block_size);
	unsigned type = span_u16le(b, 24);
	if (place >= at.n || s->descriptors >> 31)
		return place >= at.n || s->base > 0;
	return (type == APFS_SUPER || type == APFS_CHECKPOINT_MAP) && apfs_checksum_fits(b);
}

static bool apfs_probe(struct span at, struct format_match *match)
{
	struct super s;
	if (!super_read(span_clip(at, 0, SUPER_SIZE), &s) || !apfs_checksum_fits(span_sub(at, 0, s.block_size)) ||
		!checkpoints_are_there(at, &s))
		return false;
	match->size = s.blocks * s.block_size;
	match->confidence = 95;
	return true;
}

/* The first block may be damaged: the checkpoints have copies of it. */
static bool apfs_probe_whole(struct span all, struct format_match *match)
{
	struct super s;
	if (!super_read(span_clip(all, 0, SUPER_SIZE), &s) || !checkpoints_are_there(all, &s))
		return false;
	match->size = s.blocks * s.block_size;
	match->confidence = 80;
	return true;
}

struct container {
	struct apfs fs;
	struct walk *w;
	struct super super;
	struct span raw; /* the superblock */
	uint64_t at;
	struct apfs_btree omap;
	uint64_t omaps[VOLUMES_MAX]; /* of the volumes so far */
	unsigned volumes, shown;
	bool stopped;
};

/* The newest superblock below that transaction, of the area of checkpoints or the first block. False: there is none. */
static bool super_newest(struct container *c, uint64_t below, bool tell)
{
	const struct super first = c->super;
	uint64_t best = 0;
	unsigned damages = 0;
	uint32_t n = first.descriptors >> 31 ? 0 : first.descriptors < DESCRIPTORS_MAX ? first.descriptors : DESCRIPTORS_MAX;
	for (uint32_t i = 0; i <= n; i++) { /* behind the last one, the first block */
		uint64_t block = i < n ? first.base + i : 0, at = block < first.blocks ? block * first.block_size : UINT64_MAX;
		struct span b = span_sub(c->fs.image, at, first.block_size);
		struct super s;
		if (!b.p || !super_read(b, &s) || s.block_size != first.block_size || s.xid >= below || s.xid <= best)
			continue;
		if (!apfs_checksum_fits(b)) {
			if (tell)
				emit_damage_capped(c->w->sink, &damages, ERR_CORRUPT, at, "the checksum of a superblock of the container is wrong");
			continue;
		}
		best = s.xid;
		c->raw = b;
		c->at = at;
	}
	emit_damage_further(c->w->sink, damages);
	return best > 0;
}

/* The tree that the object map in a block is. */
static struct error omap_open(const struct apfs *fs, uint64_t block, struct apfs_btree *omap)
{
	struct span b;
	struct error e = apfs_object(fs, block, block, APFS_OMAP, APFS_OMAP, &b);
	if (error_is(&e))
		return e;
	*omap = (struct apfs_btree){ .fs = fs, .keys = APFS_KEYS_OMAP, .root = span_u64le(b, 48) };
	return apfs_object(fs, omap->root, omap->root, APFS_BTREE, APFS_BTREE, &b);
}

/* The newest checkpoint whose object map can be read ("Mounting an Apple File System Partition"). */
static struct error checkpoint_open(struct container *c)
{
	uint64_t below = UINT64_MAX;
	struct error e = error_at(ERR_CORRUPT, 0, "no superblock of the container has the checksum that it should");
	const struct super first = c->super;
	for (unsigned i = 0; i < CHECKPOINTS_TRIED && super_newest(c, below, i == 0); i++) {
		struct super s;
		if (!super_read(c->raw, &s))
			break;
		e = omap_open(&c->fs, s.omap, &c->omap);
		if (!error_is(&e)) {
			c->super = s;
			c->super.blocks = first.blocks;
			return e;
		}
		emit_damage_at(c->w->sink, e.code, e.offset, "the checkpoint of transaction %llu can not be read, one before it is: %s",
					   (unsigned long long)s.xid, e.text);
		below = s.xid;
	}
	return e;
}

/* Paths in one of several volumes begin with its name. */
struct prefixed {
	struct walk walk; /* first: the tree's visitor finds the rest through it */
	struct walk *outer;
	size_t prefix_n;
	char path[FACT_TEXT_MAX], first[FACT_TEXT_MAX];
};

static bool prefix(const struct prefixed *p, char *room, struct text *path)
{
	if (path->n > FACT_TEXT_MAX - p->prefix_n)
		return false;
	memmove(room, p->path, p->prefix_n);
	memcpy(room + p->prefix_n, path->p, path->n);
	*path = text_of(room, p->prefix_n + path->n);
	return true;
}

static bool prefixed_child(struct walk *w, const struct entry *entry)
{
	struct prefixed *p = (struct prefixed *)w;
	struct entry e = *entry;
	if (prefix(p, p->path, &e.path) && (!e.same_as.p || prefix(p, p->first, &e.same_as)))
		return p->outer->child(p->outer, &e);
	emit_damage_at(w->sink, ERR_BUDGET, e.offset, "a path is longer than %u bytes", (unsigned)FACT_TEXT_MAX);
	return true;
}

static struct error tree_show(struct container *c, struct apfs_volume *v, struct walk *w)
{
	struct tree *t = ARENA_NEW(w->arena, struct tree);
	if (!t)
		return error_at(ERR_BUDGET, 0, "no memory for the volume");
	*t = (struct tree){ .ops = &apfs_tree, .fs = v, .image = c->fs.image, .walk = w };
	struct error e = tree_walk(t, ROOT_DIRECTORY);
	apfs_lost(t);
	c->stopped = t->stopped;
	return e;
}

static struct error volume_show(struct container *c, struct apfs_volume *v, struct text name)
{
	if (c->volumes == 1)
		return tree_show(c, v, c->w);
	struct prefixed *p = ARENA_NEW(c->w->arena, struct prefixed);
	if (!p)
		return error_at(ERR_BUDGET, 0, "no memory for the volume");
	p->walk = *c->w;
	p->walk.child = prefixed_child;
	p->outer = c->w;
	p->path[p->prefix_n++] = '/';
	int n = name.n ? snprintf(p->path + 1, 300, "%.*s", (int)name.n, name.p) : snprintf(p->path + 1, 300, "volume-%u", c->shown);
	p->prefix_n += n > 0 ? (size_t)n : 0;
	for (size_t i = 1; i < p->prefix_n; i++)
		if (p->path[i] == '/')
			p->path[i] = ':'; /* as macOS writes them */
	struct entry e = entry_new(ENTRY_DIRECTORY, text_of(p->path, p->prefix_n));
	if (!c->w->child(c->w, &e)) {
		c->stopped = true;
		return error_none();
	}
	return tree_show(c, v, &p->walk);
}

/* Whether its trees can be found; `b` is its superblock. */
static struct error volume_open(struct container *c, struct span b, struct apfs_volume *v)
{
	uint64_t features = span_u64le(b, 56), omap = span_u64le(b, 128);
	v->fs = &c->fs;
	v->sealed = features & VOLUME_SEALED;
	v->hashed_names = features & (VOLUME_CASE_INSENSITIVE | VOLUME_NORMALIZATION_INSENSITIVE);
	for (unsigned i = 0; i < c->shown; i++)
		if (c->omaps[i] == omap)
			return error_at(ERR_CORRUPT, OFFSET_NONE, "its object map is that of another volume");
	c->omaps[c->shown] = omap;
	struct error e = omap_open(&c->fs, omap, &v->omap);
	if (error_is(&e))
		return e;
	v->catalog = (struct apfs_btree){ .fs = &c->fs,
									  .keys = APFS_KEYS_CATALOG,
									  .root = span_u64le(b, 136),
									  .omap = span_u32le(b, 116) & STORAGE_PHYSICAL ? NULL : &v->omap,
									  .xid = c->super.xid,
									  .hashed = v->sealed };
	v->extents = (struct apfs_btree){ .fs = &c->fs, .keys = APFS_KEYS_FEXT, .root = span_u64le(b, 1032) };
	if (features & ~(uint64_t)VOLUME_FEATURES)
		return error_at(ERR_UNSUPPORTED, OFFSET_NONE, "it has features that are not known (0x%llx)", (unsigned long long)features);
	return error_none();
}

static void volume_walk(struct container *c, uint64_t oid)
{
	uint64_t block = 0;
	bool headerless = false;
	struct span b = SPAN_NONE;
	struct sink *sink = c->w->sink;
	struct error e = apfs_omap_find(&c->omap, oid, c->super.xid, &block, &headerless);
	if (!error_is(&e))
		e = apfs_object(&c->fs, block, oid, APFS_FS, APFS_FS, &b);
	struct text name = text_until_nul(span_sub(b, VOLUME_NAME_AT, VOLUME_NAME_SIZE));
	uint64_t at = block * c->fs.block_size;
	if (!error_is(&e) && !span_has(b, 32, "APSB", 4))
		e = error_at(ERR_CORRUPT, at, "it has no superblock");
	if (!error_is(&e)) {
		emit_header_field(sink, at + VOLUME_NAME_AT, "volume", "%.*s", (int)name.n, name.p);
		uuid_field(c->w, at + 240, "volume_uuid", span_sub(b, 240, 16));
		if (span_u64le(b, 216))
			emit_header_field(sink, at + 216, "snapshots", "%llu", (unsigned long long)span_u64le(b, 216));
	}
	struct apfs_volume *v = ARENA_NEW(c->w->arena, struct apfs_volume);
	if (!error_is(&e) && !v)
		e = error_at(ERR_BUDGET, at, "no memory for it");
	if (!error_is(&e) && !(span_u64le(b, 264) & VOLUME_UNENCRYPTED))
		e = error_at(ERR_ENCRYPTED, at + 264, "it is encrypted, and the key is not here");
	if (!error_is(&e))
		e = volume_open(c, b, v);
	if (!error_is(&e) && span_u64le(b, 56) & VOLUME_INCOMPLETE_RESTORE)
		emit_damage_at(sink, ERR_CORRUPT, at + 56, "the volume is one that was not restored to its end");
	if (!error_is(&e))
		e = volume_show(c, v, name);
	if (error_is(&e))
		emit_damage_at(sink, e.code, e.offset == OFFSET_NONE ? at : e.offset, "the volume \"%.*s\" can not be read: %s", (int)name.n,
					   name.p ? name.p : "", e.text);
	c->shown++;
}

static struct error apfs_walk(struct span bytes, struct walk *w)
{
	struct container *c = ARENA_NEW(w->arena, struct container);
	if (!c)
		return error_at(ERR_BUDGET, 0, "no memory for the container");
	c->w = w;
	if (!super_read(bytes, &c->super))
		return error_at(ERR_CORRUPT, 0, "no superblock of APFS");
	c->fs = (struct apfs){ .image = bytes, .block_size = c->super.block_size };
	c->fs.checked = ARENA_ARRAY(w->arena, uint8_t, bytes.n / c->super.block_size + 1);
	if (!c->fs.checked)
		return error_at(ERR_BUDGET, 0, "no memory for what blocks were verified");
	if (c->super.descriptors >> 31)
		emit_damage_at(w->sink, ERR_UNSUPPORTED, 104, "the checkpoints lie apart: only that of the first block is read");
	struct error e = checkpoint_open(c);
	if (error_is(&e))
		return e;
	emit_header_field(w->sink, c->at + 36, "block_size", "%lu", (unsigned long)c->fs.block_size);
	emit_header_field(w->sink, c->at + 16, "transaction", "%llu", (unsigned long long)c->super.xid);
	uuid_field(w, c->at + 72, "uuid", span_sub(c->raw, 72, 16));
	unsigned long long size = c->super.blocks * c->super.block_size;
	if (size > bytes.n)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "the container has %llu bytes, here are %zu", size, bytes.n);
	if (c->super.incompatible & CONTAINER_FUSION)
		emit_damage_at(w->sink, ERR_UNSUPPORTED, c->at + 64, "it is one half of a Fusion drive: what is on the other one is not read");
	for (unsigned i = 0; i < VOLUMES_MAX; i++)
		c->volumes += span_u64le(c->raw, 184 + (uint64_t)i * 8) != 0;
	for (unsigned i = 0; i < VOLUMES_MAX && !c->stopped; i++)
		if (span_u64le(c->raw, 184 + (uint64_t)i * 8))
			volume_walk(c, span_u64le(c->raw, 184 + (uint64_t)i * 8));
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("NXSB", 32), MAGIC_END };

const struct format apfs_format = {
	.name = "apfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "Apple File System",
	.spec = "https://developer.apple.com/support/downloads/Apple-File-System-Reference.pdf",
	.magics = magics,
	.probe = apfs_probe,
	.probe_whole = apfs_probe_whole,
	.walk = apfs_walk,
};

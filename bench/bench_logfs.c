/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading all files of a log-structured file system, beside what can not be avoided, in turns: the decompressor alone on the
 * nodes of JFFS2; for the others, which do not compress, copying as many bytes.
 *
 *   bench_logfs IMAGE...
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "format/jffs2.h"

#define ROUNDS 7
#define PIECE ((size_t)1 << 20)

struct files {
	struct walk walk; /* must be first */
	struct fact_list facts;
	struct entry *v;
	size_t n;
	uint64_t bytes;
};

static bool keep(struct walk *w, const struct entry *e)
{
	struct files *f = (struct files *)w;
	if (e->kind != ENTRY_FILE || (e->content.kind != CONTENT_BLOCKS && e->content.kind != CONTENT_SPAN))
		return true;
	f->v = realloc(f->v, (f->n + 1) * sizeof *f->v);
	if (!f->v)
		die("no memory");
	f->v[f->n++] = *e;
	f->bytes += e->size;
	return true;
}

static void read_file(const struct entry *e, uint8_t *out)
{
	const struct content *c = &e->content;
	size_t piece = c->kind == CONTENT_BLOCKS ? PIECE - PIECE % c->block_size : PIECE;
	for (uint64_t at = 0; at < e->size; at += piece) {
		size_t n = e->size - at < piece ? (size_t)(e->size - at) : piece;
		if (c->kind == CONTENT_SPAN)
			memcpy(out, c->bytes.p + at, n);
		else if (error_is(&(struct error){ .code = c->ops->read(c->fs, c->file, at, out, n).code }))
			die("a file can not be read");
	}
}

/* Every node's data that is not obsolete, unpacked; gives how many bytes. */
static uint64_t unpack_nodes(struct span image, uint8_t *out)
{
	struct jffs2_log log = jffs2_log_of(image);
	struct jffs2_node node;
	struct jffs2_inode inode;
	uint64_t bytes = 0;
	while (jffs2_next(&log, &node))
		if (node.type == JFFS2_INODE && !node.obsolete && jffs2_inode_read(image, log.big, node.at, &inode) &&
			inode.dsize <= PIECE && !jffs2_node_unpack(&inode, out))
			bytes += inode.dsize;
	return bytes;
}

static uint64_t copy_bytes(struct span image, uint64_t n, uint8_t *out)
{
	for (uint64_t done = 0; done < n;) {
		size_t at = (size_t)(done % image.n), part = n - done < PIECE ? (size_t)(n - done) : PIECE;
		part = part < image.n - at ? part : image.n - at;
		memcpy(out, image.p + at, part);
		done += part;
	}
	return n;
}

static void bench(const char *path)
{
	struct format_match match;
	struct span image = load_file(path);
	const struct format *format = format_identify(image, NULL, &match);
	uint8_t *out = malloc(PIECE);
	if (!format || !format->walk || !out)
		die("no file system");
	bool jffs2 = strcmp(format->name, "jffs2") == 0;
	double ours = 1e9, bare = 1e9, walked = 1e9;
	uint64_t bytes = 0;
	for (int i = 0; i < ROUNDS; i++) {
		struct files f = { .walk = { .arena = arena_new(0), .child = keep } };
		fact_list_init(&f.facts, f.walk.arena);
		f.walk.sink = &f.facts.sink;
		double start = wall_seconds();
		struct error e = format->walk(span_clip(image, 0, match.size), &f.walk);
		double middle = wall_seconds();
		for (size_t k = 0; k < f.n; k++)
			read_file(&f.v[k], out);
		double end = wall_seconds();
		uint64_t done = jffs2 ? unpack_nodes(image, out) : copy_bytes(image, f.bytes, out);
		double last = wall_seconds();
		if (error_is(&e) || !done)
			die("nothing in it");
		walked = middle - start < walked ? middle - start : walked;
		ours = end - middle < ours ? end - middle : ours;
		bare = last - end < bare ? last - end : bare;
		bytes = f.bytes;
		free(f.v);
		arena_free(f.walk.arena);
	}
	printf("%s %s: %.1f MB; walked in %.2f ms, read at %.1f MB/s; %s alone %.1f MB/s: %.2f of it\n", path, format->name,
		   (double)bytes / 1e6, walked * 1e3, (double)bytes / ours / 1e6, jffs2 ? "unpacking" : "memcpy",
		   (double)bytes / bare / 1e6, bare / ours);
	free(out);
	free((void *)image.p);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		die("usage: bench_logfs IMAGE...");
	for (int i = 1; i < argc; i++)
		bench(argv[i]);
	return 0;
}

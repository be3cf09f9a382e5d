/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks an image and reads the contents of all its files, or unpacks it, on one thread, to be timed beside the tool that belongs to the
 * format.
 *
 *     bench_format FORMAT IMAGE
 *
 * Prints how many files and bytes there were. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format/format.h"

/* As the driver does: a large file in pieces. */
#define PIECE (1u << 20)

struct bench {
	struct walk walk; /* first */
	uint64_t files, bytes, failed;
	uint8_t *piece;
	struct buf stream; /* of one file after the other */
	volatile uint64_t touched;
};

static void ignore_fact(struct sink *sink, enum fact_type type, const void *row)
{
	(void)sink, (void)type, (void)row;
}

/* What lies in the image is read where it lies, every byte of it. */
static void read_span(struct bench *b, struct span s)
{
	uint64_t sum = 0;
	size_t i = 0;
	for (; i + 8 <= s.n; i += 8) {
		uint64_t word;
		memcpy(&word, s.p + i, 8);
		sum += word;
	}
	for (; i < s.n; i++)
		sum += s.p[i];
	b->touched += sum;
	b->bytes += s.n;
}

static void unpack_stream(struct bench *b, const struct content *c)
{
	struct error err = c->ops->unpack(c->fs, c->file, &b->stream);
	b->failed += error_is(&err);
	b->bytes += b->stream.n;
	b->stream.n = 0;
}

static bool read_file(struct walk *w, const struct entry *e)
{
	struct bench *b = (struct bench *)w;
	const struct content *c = &e->content;
	b->files += e->kind == ENTRY_FILE || e->kind == ENTRY_REGION;
	if (c->kind == CONTENT_SPAN)
		read_span(b, c->bytes);
	if (c->kind == CONTENT_STREAM)
		unpack_stream(b, c);
	if (c->kind != CONTENT_BLOCKS)
		return true;
	for (uint64_t at = 0; at < e->size; at += PIECE) {
		size_t n = e->size - at < PIECE ? (size_t)(e->size - at) : PIECE;
		struct error err = c->ops->read(c->fs, c->file, at, b->piece, n);
		b->failed += error_is(&err);
		b->bytes += n;
	}
	return true;
}

int main(int argc, char **argv)
{
	const struct format *format = argc == 3 ? format_find(argv[1]) : NULL;
	int fd = format ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1;
	struct stat st;
	if (fd < 0 || fstat(fd, &st)) {
		fprintf(stderr, "usage: bench_format FORMAT IMAGE\n");
		return 2;
	}
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	struct sink sink = { ignore_fact };
	struct bench b = { .walk = { arena_new((size_t)1 << 30), &sink, 0, read_file }, .piece = malloc(PIECE) };
	if (p == MAP_FAILED || !b.walk.arena || !b.piece)
		return 2;
	struct span image = span_of(p, (size_t)st.st_size);
	struct buf out = { 0 };
	size_t used = 0;
	struct error e = format->unpack ? format->unpack(image, &out, &used) : format->walk(image, &b.walk);
	b.bytes += out.n;
	printf("%llu files, %llu bytes, %llu failed%s%s\n", (unsigned long long)b.files, (unsigned long long)b.bytes,
		   (unsigned long long)b.failed, error_is(&e) ? ": " : "", e.text);
	return error_is(&e) || b.failed;
}

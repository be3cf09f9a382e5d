/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unpacks all files of a squashfs image into memory with N threads, beside `unsquashfs -p N` on the same image.
 *
 *     bench_squashfs IMAGE [THREADS] [RUNS]
 *
 * Prints the best of RUNS for each: seconds of wall time, and MB/s of unpacked bytes. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "format/format.h"

extern const struct format squashfs_format;

#define THREADS_MAX 64

struct bench {
	struct walk walk; /* first */
	struct sink sink;
	struct entry *files;
	size_t n, cap;
	atomic_size_t next, failed;
	atomic_uint_fast64_t bytes;
};

static void ignore_fact(struct sink *sink, enum fact_type type, const void *row)
{
	(void)sink, (void)type, (void)row;
}

static bool keep_file(struct walk *w, const struct entry *e)
{
	struct bench *b = (struct bench *)w;
	if (e->content.kind != CONTENT_BLOCKS)
		return true;
	if (b->n == b->cap) {
		b->cap = b->cap ? 2 * b->cap : 1024;
		b->files = realloc(b->files, b->cap * sizeof *b->files);
		if (!b->files)
			abort();
	}
	b->files[b->n++] = *e;
	return true;
}

static void *unpack_files(void *arg)
{
	struct bench *b = arg;
	uint8_t *out = NULL;
	size_t room = 0;
	for (size_t i; (i = atomic_fetch_add(&b->next, 1)) < b->n;) {
		const struct entry *e = &b->files[i];
		if (e->size > room) {
			free(out);
			room = e->size;
			out = malloc(room);
			if (!out)
				abort();
		}
		struct error error = e->content.ops->read(e->content.fs, e->content.file, 0, out, e->size);
		atomic_fetch_add(&b->failed, error_is(&error));
		atomic_fetch_add(&b->bytes, e->size);
	}
	free(out);
	return NULL;
}

/* Seconds for probe, walk and all contents. */
static double run_ours(struct span image, unsigned threads, struct bench *b)
{
	double start = wall_seconds();
	struct format_match match = { 0 };
	*b = (struct bench){ .walk = { .arena = arena_new(0), .sink = &b->sink, .child = keep_file },
						 .sink = { ignore_fact } };
	if (!squashfs_format.probe(image, &match)) {
		fprintf(stderr, "bench_squashfs: no squashfs 4.0 image\n");
		exit(2);
	}
	struct error e = squashfs_format.walk(span_clip(image, 0, match.size), &b->walk);
	if (error_is(&e))
		fprintf(stderr, "bench_squashfs: %s\n", e.text);
	pthread_t ids[THREADS_MAX];
	for (unsigned i = 1; i < threads; i++)
		if (pthread_create(&ids[i], NULL, unpack_files, b))
			abort();
	unpack_files(b);
	for (unsigned i = 1; i < threads; i++)
		pthread_join(ids[i], NULL);
	arena_free(b->walk.arena);
	free(b->files);
	return wall_seconds() - start;
}

/* Seconds for unsquashfs to write the files to memory (/dev/shm); negative when it is not there. */
static double run_unsquashfs(const char *image, unsigned threads)
{
	char command[4096];
	snprintf(command, sizeof command, "unsquashfs -q -n -p %u -d /dev/shm/bench-squashfs-%d '%s' > /dev/null 2>&1",
			 threads, (int)getpid(), image);
	double start = wall_seconds();
	int status = system(command);
	double seconds = wall_seconds() - start;
	snprintf(command, sizeof command, "rm -rf /dev/shm/bench-squashfs-%d", (int)getpid());
	return system(command) || status ? -1 : seconds;
}

static struct span map_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) || st.st_size == 0) {
		perror(path);
		exit(2);
	}
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (p == MAP_FAILED) {
		perror(path);
		exit(2);
	}
	close(fd);
	return span_of(p, (size_t)st.st_size);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: bench_squashfs IMAGE [THREADS] [RUNS]\n");
		return 2;
	}
	unsigned threads = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 2;
	unsigned runs = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 3;
	if (threads < 1 || threads > THREADS_MAX)
		threads = 2;
	struct span image = map_file(argv[1]);
	double ours = 1e9, theirs = 1e9;
	struct bench b;
	for (unsigned i = 0; i < runs; i++) {
		double s = run_ours(image, threads, &b);
		ours = s < ours ? s : ours;
		s = run_unsquashfs(argv[1], threads);
		theirs = s < theirs ? s : theirs;
	}
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	double mb = (double)b.bytes / 1e6;
	printf("assay       %u threads  %.3f s  %.0f MB/s  (%zu files, %zu failed, %ld MiB resident at most)\n", threads,
		   ours, mb / ours, b.n, (size_t)b.failed, usage.ru_maxrss / 1024);
	if (theirs < 0)
		printf("unsquashfs  could not be run\n");
	else
		printf("unsquashfs  %u threads  %.3f s  %.0f MB/s  assay takes %.2f of it\n", threads, theirs, mb / theirs,
			   ours / theirs);
	return b.failed != 0;
}

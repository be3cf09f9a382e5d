/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an exploited parser can do: nothing. And what one bad blob costs: itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "cpio_writer.h"
#include "fact/batch.h"
#include "worker/sanitized.h"
#include "worker/supervise.h"
#include "worker/window.h"

#define GOOD_FILES 40

/* What came back, by path. */
struct seen {
	unsigned good, evil, damaged_evil, escaped;
	char kind[32]; /* of the evil file's damage */
	char path[64];
	struct key_set done;
};

static bool take_row(void *context, enum fact_type type, const void *row)
{
	struct seen *s = context;
	if (type == FACT_blob) {
		const struct fact_blob *b = row;
		snprintf(s->path, sizeof s->path, "%.*s", (int)b->path.n, b->path.p ? b->path.p : "");
		s->good += strncmp(s->path, "/good", 5) == 0;
		s->evil += strcmp(s->path, "/evil") == 0;
	}
	if (type == FACT_damage) {
		const struct fact_damage *d = row;
		s->escaped += d->what.n >= 7 && memcmp(d->what.p, "ESCAPED", 7) == 0;
		if (strcmp(s->path, "/evil") == 0 || strcmp(s->path, "/again") == 0) {
			s->damaged_evil++;
			snprintf(s->kind, sizeof s->kind, "%.*s", (int)d->kind.n, d->kind.p);
		}
	}
	return true;
}

/* Each blob once: a restarted worker reports some again. */
struct collector {
	struct seen seen;
	uint64_t keys[4096];
	size_t nkeys;
	uint64_t size; /* of the input */
	unsigned extents;
	uint64_t contents; /* bytes */
	uint64_t total;    /* the budget of unpacked bytes; 0: the usual one */
	unsigned pause;    /* seconds that the first content takes */
};

static bool on_batch(void *context, struct span batch)
{
	struct collector *c = context;
	struct batch_header h;
	assert_true(batch_header_read(batch, &h));
	for (size_t i = 0; i < c->nkeys; i++)
		if (c->keys[i] == h.key)
			return true;
	if (c->nkeys < 4096)
		c->keys[c->nkeys++] = h.key;
	return batch_read(batch, take_row, &c->seen);
}

/* No content that a worker sends is larger than a slot; all these files stand in the input. */
static bool on_content(void *context, uint64_t key, struct span bytes)
{
	struct collector *c = context;
	(void)key;
	assert_true(bytes.n <= WINDOW_SLOT_SIZE);
	c->contents += bytes.n;
	sleep(c->pause);
	c->pause = 0;
	return true;
}

/* What stands in the input as it is, the parent is to read there: never beyond its end. */
static bool on_extent(void *context, uint64_t key, uint64_t offset, uint64_t size)
{
	struct collector *c = context;
	(void)key;
	assert_true(offset <= c->size && size <= c->size - offset);
	c->extents++;
	c->contents += size;
	return true;
}

static struct key_set on_done(void *context)
{
	(void)context;
	return (struct key_set){ NULL, 0 };
}

static void on_tick(void *context, const struct probe_status *status)
{
	(void)context;
	(void)status;
}

static int image_with(const char *word, size_t *size)
{
	struct buf image = { 0 };
	for (int i = 0; i < GOOD_FILES; i++) {
		char name[32];
		snprintf(name, sizeof name, "good%02d", i);
		cpio_add_file(&image, name, "just a file\n");
		if (word && i == GOOD_FILES / 2)
			cpio_add_file(&image, "evil", word);
	}
	cpio_end(&image);
	int fd = memfd_create("image", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, image.p, image.n), image.n);
	*size = image.n;
	buf_free(&image);
	return fd;
}

static struct worker_result run_file(int fd, unsigned threads, unsigned blob_seconds, struct collector *c)
{
	struct worker_request request = { .threads = threads, .budget = budget_default, .name = TEXT_LIT("image") };
	request.fd = fd;
	request.size = c->size;
	request.want_content = true;
	request.budget.blob_seconds = blob_seconds;
	request.budget.blob_bytes = 16 << 20;
	request.budget.blobs = 2000;
	if (c->total)
		request.budget.total_bytes = c->total;
	struct worker_events events = { c, on_batch, on_content, on_extent, on_done, on_tick };
	struct worker_result result;
	struct error e = worker_run(&request, &events, &result);
	close(request.fd);
	if (error_is(&e))
		fail_msg("%s", e.text);
	return result;
}

static struct worker_result run_on(const char *word, unsigned threads, struct collector *c)
{
	size_t size;
	int fd = image_with(word, &size);
	c->size = size;
	/* Only the loop has to run into it; running into the memory limit takes a moment on a busy machine. */
	return run_file(fd, threads, word && strstr(word, "loop") ? 1 : 30, c);
}

static void harmless(void **state)
{
	(void)state;
	struct collector c = { 0 };
	struct worker_result r = run_on(NULL, 2, &c);
	assert_int_equal(r.outcome, WORKER_COMPLETE);
	assert_int_equal(c.seen.good, GOOD_FILES);
	assert_int_equal(c.extents, GOOD_FILES);
}

static const struct {
	const char *word, *kind;
	enum worker_outcome outcome;
} evils[] = {
	{ "EVIL: crash", "crash", WORKER_CRASHED },
	{ "EVIL: abort", "crash", WORKER_CRASHED },
	{ "EVIL: stack", "crash", WORKER_CRASHED },
	{ "EVIL: loop", "timeout", WORKER_CRASHED },
	{ "EVIL: allocate", "crash", WORKER_CRASHED },
	{ "EVIL: open", "", WORKER_COMPLETE }, /* fails, and that is all */
	{ "EVIL: socket", "crash", WORKER_CRASHED },
	{ "EVIL: exec", "crash", WORKER_CRASHED },
	{ "EVIL: kill", "crash", WORKER_CRASHED },
	{ "EVIL: mmap exec", "crash", WORKER_CRASHED },
	{ "EVIL: frames", "crash", WORKER_CRASHED },
	{ "EVIL: extent", "crash", WORKER_CRASHED },
	{ "EVIL: slot", "crash", WORKER_CRASHED },
	{ "EVIL: large slot", "crash", WORKER_CRASHED },
};

static void evil_costs_only_itself(void **state)
{
	(void)state;
	static const unsigned threads[] = { 1, 2, 8 };
	for (size_t i = 0; i < sizeof evils / sizeof evils[0]; i++)
		for (size_t t = 0; t < 3; t++) {
			struct collector c = { 0 };
			struct worker_result r = run_on(evils[i].word, threads[t], &c);
			print_message("%s, %u threads: %u restarts, %s\n", evils[i].word, threads[t], r.restarts, r.detail);
			assert_int_equal(c.seen.escaped, 0);
			assert_int_equal(c.seen.good, GOOD_FILES);
			assert_int_equal(c.seen.evil, 1);
			assert_string_equal(c.seen.kind, evils[i].kind);
			assert_int_equal(r.outcome, evils[i].outcome);
		}
	assert_int_not_equal(access("evil-was-here", F_OK), 0);
}

/* A container of itself: the depth, and the number of blobs, end it. */
static void endless_children(void **state)
{
	(void)state;
	struct collector c = { 0 };
	struct worker_result r = run_on("EVIL: children", 2, &c);
	assert_int_equal(r.outcome, WORKER_COMPLETE);
	/* What was counted before it is there; what comes behind it competes with it for the number of blobs. */
	assert_true(c.seen.good >= GOOD_FILES / 2);
	assert_true(c.seen.damaged_evil > 0);
	assert_string_equal(c.seen.kind, "budget");
}

/* What stands in the input as it is costs the worker nothing. As many files of it as one likes do not fill the disk. */
static void endless_contents(void **state)
{
	(void)state;
	static const unsigned threads[] = { 1, 4 };
	for (size_t i = 0; i < 2; i++) {
		struct collector c = { .total = 5000 };
		struct worker_result r = run_on("EVIL: same, in two thousand files", threads[i], &c);
		assert_int_equal(r.outcome, WORKER_BUDGET);
		assert_non_null(strstr(r.detail, "--max-total"));
		assert_true(c.contents <= c.total + c.size);
		assert_true(c.contents > c.total + c.size - 64);
	}
	struct collector c = { .total = 100000 };
	assert_int_equal(run_on("EVIL: same, in two thousand files", 1, &c).outcome, WORKER_COMPLETE);
}

/* A compressed cpio archive with a file that takes several times the room that contents have on their way. */
static int packed_image(uint64_t file_size, uint64_t *size)
{
	struct buf image = { 0 }, packed = { 0 };
	char *text = malloc(file_size + 1);
	assert_non_null(text);
	for (uint64_t i = 0; i < file_size; i++)
		text[i] = (char)('a' + i / 1000 % 26);
	text[file_size] = '\0';
	cpio_add_file(&image, "large", text);
	cpio_end(&image);
	z_stream z = { .next_in = image.p, .avail_in = (uInt)image.n };
	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	uLong room = deflateBound(&z, image.n);
	assert_int_equal(buf_reserve(&packed, room), ERR_NONE);
	z.next_out = packed.p;
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	int fd = memfd_create("image", MFD_CLOEXEC);
	assert_int_equal(write(fd, packed.p, z.total_out), z.total_out);
	*size = z.total_out;
	deflateEnd(&z);
	buf_free(&image);
	buf_free(&packed);
	free(text);
	return fd;
}

/* Who waits for a slow disk is not slow: the time that the parent takes is no blob's. */
static void slow_parent(void **state)
{
	(void)state;
	enum { LARGE = 8 << 20, BLOB_SECONDS = 3 };
	struct collector c = { .pause = BLOB_SECONDS + 1 };
	int fd = packed_image(LARGE, &c.size);
	struct worker_result r = run_file(fd, 2, BLOB_SECONDS, &c);
	assert_int_equal(r.restarts, 0);
	assert_int_equal(r.outcome, WORKER_COMPLETE);
	assert_int_equal(c.contents, LARGE);
}

int main(void)
{
	if (SANITIZED) {
		puts("skipped: in a build with sanitizers a worker has no filter of system calls and no limit on memory");
		return 77;
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(harmless),
		cmocka_unit_test(evil_costs_only_itself),
		cmocka_unit_test(endless_children),
		cmocka_unit_test(endless_contents),
		cmocka_unit_test(slow_parent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

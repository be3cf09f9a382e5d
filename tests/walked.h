/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For the tests of formats: probe and walk bytes, keep what came out, look it up. */
#ifndef ASSAY_TESTS_WALKED_H
#define ASSAY_TESTS_WALKED_H

#include "format/format.h"

struct walked_entry {
	struct entry e;      /* its texts are copies */
	struct span content; /* unpacked; the part before an error */
	struct error error;  /* of unpacking */
};

struct walked {
	struct walk walk; /* must be first: the visitor finds the rest through it */
	bool accepted;    /* by probe() */
	struct format_match match;
	struct error error; /* what walk() returned */
	struct walked_entry *entries;
	size_t n;
	struct fact_list facts;
	struct arena *copies;
};

/* Probes, and walks what was accepted. */
void walked_open(struct walked *t, const struct format *format, struct span bytes);
/* With no more than so many bytes of memory (0: as much as usual). */
void walked_open_within(struct walked *t, const struct format *format, struct span bytes, size_t limit);
void walked_close(struct walked *t);

size_t walked_count(const struct walked *t, enum entry_kind kind);
/* The entry of that path; fails the test when there is none. */
const struct walked_entry *walked_get(const struct walked *t, const char *path);
bool walked_has(const struct walked *t, const char *path);
/* The value of the header field, or NULL. */
const char *walked_header(const struct walked *t, const char *name);
/* How many damage rows of that kind there are, counting the error that walk() returned and those of contents. */
size_t walked_damage(const struct walked *t, const char *kind);

/* What a file holds. */
void assert_content(const struct walked *t, const char *path, const void *bytes, size_t n);
void assert_text(const struct walked *t, const char *path, const char *s);
/* That so many entries come out of the bytes, and damage of that kind. */
void assert_damaged(const struct format *format, struct span bytes, const char *kind, size_t entries);
/* That none of them takes any of 2,000 beginnings of noise for its own. */
void refuse_noise(const struct format *const *formats, size_t n);

/* Probe and walk of `bytes` cut at `cuts` evenly spread lengths, and with 1 to 8 of its bits flipped `flips` times: the
 * sanitizers and the test's time limit judge. Flips are placed within the first `window` bytes (0: anywhere). */
void survives_cuts(const struct format *format, struct span bytes, unsigned cuts);
void survives_flips(const struct format *format, struct span bytes, unsigned flips, size_t window);

/* A sample of the shared folder, or an empty span: then the reason has been printed and the test calls skip(). */
struct span sample_load(const char *name);

/* Reference tools: they run in a temporary directory; tool_exists() prints why a test is skipped. */
#define TEMP_MAX 64
void temp_new(char dir[TEMP_MAX]);
void temp_remove(const char *dir);
bool tool_exists(const char *tool);
void run_in(const char *dir, const char *command);
/* The same where a kernel or an older tool may refuse it: false then, which is printed, and nothing fails. */
bool made_in(const char *dir, const char *command);
struct span file_load(const char *dir, const char *name);
void file_save(const char *dir, const char *name, struct span bytes);

/* The image with `by` bytes too many at a place, or missing there; to be freed. */
struct span image_shifted(struct span image, size_t at, int by);

/* What tests/SCRIPT, which is Python, writes when it is asked for that kind. To be freed. */
uint8_t *image_made(const char *script, const char *kind, size_t *n);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/extract_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"

/* Containers within containers, whose folders lie within each other. */
#define CONTAINERS_MAX 64u
#define SAME_NAME_MAX 99u

struct placing {
	struct extract_placing *of;
	const struct case_place *places;
	size_t *sorted; /* numbers of blobs by container, then as they are */
	uint8_t *pass;  /* of each */
	size_t n;
	struct arena *texts; /* of the row at hand */
	struct extract_folder folder; /* of the row before */
};

void extract_partial_name(uint64_t key, char name[24])
{
	static const char digits[] = "0123456789abcdef";
	for (unsigned i = 0; i < 16; i++)
		name[i] = digits[key >> (60 - 4 * i) & 15];
	name[16] = '\0';
}

bool extract_is_spoilt(const struct extract_placing *p, uint64_t key)
{
	size_t i = 0;
	while (i < p->nspoilt && p->spoilt[i] != key)
		i++;
	return i < p->nspoilt;
}

static void count(struct extract_placing *p, bool made)
{
	*(made ? &p->counts.files : &p->counts.refused) += 1;
}

bool extract_row_is_wanted(const struct extract_placing *p, const struct extract_row *r)
{
	char partial[24];
	extract_partial_name(r->key, partial);
	return !r->is_part || faccessat(p->partial, partial, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Partitions may well have one name: the second one becomes "NAME-2". */
static bool place_part(const struct extract_placing *p, const char *partial, int fd, char last[EXTRACT_NAME_MAX + 1])
{
	size_t n = strnlen(last, EXTRACT_NAME_MAX - 3);
	for (unsigned i = 1; i <= SAME_NAME_MAX; i++) {
		if (i > 1)
			snprintf(last + n, EXTRACT_NAME_MAX + 1 - n, "-%u", i);
		if (renameat2(p->partial, partial, fd, last, RENAME_NOREPLACE) == 0)
			return true;
		if (errno != EEXIST)
			return false;
	}
	return false;
}

mode_t extract_mode(int64_t mode)
{
	return mode != FACT_NULL && mode & 0111 ? 0755 : 0644;
}

static void place_file(struct extract_placing *p, struct extract_folder *folder, int root, const struct extract_row *r)
{
	char last[EXTRACT_NAME_MAX + 1], partial[24];
	if (extract_is_spoilt(p, r->key))
		return;
	int fd = extract_folder_of(folder, root, r->path, last);
	extract_partial_name(r->key, partial);
	bool ok = fd >= 0 && (r->is_part ? place_part(p, partial, fd, last) : renameat2(p->partial, partial, fd, last, RENAME_NOREPLACE) == 0);
	mode_t mode = extract_mode(r->mode);
	if (ok && mode != (0644 & ~p->mask) && fchmodat(fd, last, mode, 0))
		p->failed = true;
	if (ok && r->is_part)
		p->counts.parts++;
	else
		count(p, ok);
}

static void place_directory(struct extract_folder *folder, int root, const struct extract_row *r)
{
	char last[EXTRACT_NAME_MAX + 1];
	int fd = extract_folder_of(folder, root, r->path, last);
	if (fd >= 0)
		mkdirat(fd, last, 0755);
}

static void place_hard_link(struct extract_placing *p, int root, const struct extract_row *r)
{
	char from[EXTRACT_NAME_MAX + 1], to[EXTRACT_NAME_MAX + 1];
	int a = extract_parent(root, r->same_as, from), b = extract_parent(root, r->path, to);
	bool ok = a >= 0 && b >= 0 && linkat(a, from, b, to, 0) == 0;
	if (a >= 0)
		close(a);
	if (b >= 0)
		close(b);
	count(p, ok);
}

static void place_link(struct extract_placing *p, struct extract_folder *folder, int root, const struct extract_row *r)
{
	char last[EXTRACT_NAME_MAX + 1];
	struct buf target = { 0 };
	bool safe = extract_safe_link(r->target, extract_depth(r->path), &target);
	int fd = safe ? extract_folder_of(folder, root, r->path, last) : -1;
	bool ok = fd >= 0 && symlinkat((const char *)target.p, fd, last) == 0;
	buf_free(&target);
	count(p, ok);
}

void extract_row_place(struct extract_placing *p, struct extract_folder *folder, int root, const struct extract_row *r)
{
	if (r->is_directory)
		place_directory(folder, root, r);
	else if (r->pass == EXTRACT_FILES)
		place_file(p, folder, root, r);
	else if (r->pass == EXTRACT_HARD_LINKS)
		place_hard_link(p, root, r);
	else if (r->pass == EXTRACT_LINKS)
		place_link(p, folder, root, r);
}

static bool take_blob(void *context, enum fact_type type, const void *row)
{
	struct extract_row *r = context;
	if (type != FACT_blob)
		return true;
	const struct fact_blob *b = row;
	bool file = text_is(b->kind, "file"), link = text_is(b->kind, "symlink");
	r->is_part = text_is(b->kind, "region") || text_is(b->kind, "stream");
	r->path = b->path;
	r->target = b->link_target;
	r->same_as = b->same_as;
	r->mode = b->mode;
	r->is_directory = text_is(b->kind, "directory");
	bool first = file || r->is_directory || r->is_part;
	r->pass = link ? EXTRACT_LINKS : file && b->same_as.p ? EXTRACT_HARD_LINKS : first ? EXTRACT_FILES : EXTRACT_PASSES;
	return true;
}

bool extract_valid_text(struct arena *texts, struct text *t)
{
	size_t n = 0;
	while (n < t->n && t->p[n] && !(t->p[n] & 0x80))
		n++;
	if (n == t->n)
		return true;
	char *valid = escape_utf8(*t, &n);
	const char *kept = valid ? arena_strdup(texts, text_of(valid, n)) : NULL;
	free(valid);
	*t = text_of(kept, n);
	return kept != NULL;
}

bool extract_row_read(const struct case_blob *blob, struct arena *texts, struct extract_row *r)
{
	*r = (struct extract_row){ .key = blob->key, .pass = EXTRACT_PASSES };
	return batch_read(blob->batch, take_blob, r) && extract_valid_text(texts, &r->path) && extract_valid_text(texts, &r->target) &&
		   extract_valid_text(texts, &r->same_as);
}

static bool read_row(struct placing *p, size_t i, struct extract_row *r)
{
	arena_reset(p->texts);
	return extract_row_read(p->places[i].blob, p->texts, r);
}

bool extract_pass_add(struct extract_placing *p, enum extract_pass pass)
{
	if (buf_add(&p->passes, &(uint8_t){ (uint8_t)pass }, 1))
		return false;
	p->ahead++;
	return true;
}

/* Whether it has its name, as a child of the input that came in its turn. */
static bool is_placed(const struct placing *p, const struct case_blob *blob)
{
	return blob->parent == BATCH_ROOT_KEY && blob->ordinal < p->of->ahead &&
		   blob->key == batch_child_key(BATCH_ROOT_KEY, blob->ordinal);
}

/* "name.d" in the folder, which is closed; where that is the name of something else, "name.d-2". */
static int enter_container(int fd, struct text path)
{
	char last[EXTRACT_NAME_MAX + 1], name[EXTRACT_NAME_MAX + 16];
	int folder = extract_parent(fd, path, last);
	close(fd);
	if (folder < 0)
		return -1;
	last[EXTRACT_NAME_MAX - 5] = '\0';
	fd = -1;
	for (unsigned i = 1; i <= SAME_NAME_MAX && fd < 0; i++) {
		snprintf(name, sizeof name, i > 1 ? "%s.d-%u" : "%s.d", last, i);
		if (mkdirat(folder, name, 0755) && errno != EEXIST)
			break;
		fd = extract_open_beneath(folder, name);
		if (fd < 0 && errno != ENOTDIR && errno != ELOOP)
			break;
	}
	close(folder);
	return fd;
}

/* The folder for the children of that container: those of the containers around it, without the input, each in the other. */
static int container_folder(struct placing *p, size_t container)
{
	size_t up[CONTAINERS_MAX], n = 0;
	for (size_t at = container; at != SIZE_MAX && p->places[at].parent != SIZE_MAX && n < CONTAINERS_MAX; at = p->places[at].parent)
		up[n++] = at;
	int fd = dup(p->of->dir);
	while (n > 0 && fd >= 0) {
		struct extract_row r;
		bool ok = read_row(p, up[--n], &r);
		fd = enter_container(fd, ok ? r.path : TEXT_NONE);
	}
	return fd;
}

/* The container whose folder is open. */
struct opened {
	size_t container;
	int fd; /* -1: there is none, or it is refused */
	bool is;
};

static void close_opened(struct placing *p, struct opened *o)
{
	extract_folder_close(&p->folder);
	if (o->is && o->fd >= 0)
		close(o->fd);
	*o = (struct opened){ 0, -1, false };
}

/* The folder of the container of blob i becomes the one that is open. */
static void open_for(struct placing *p, size_t i, struct opened *o)
{
	close_opened(p, o);
	*o = (struct opened){ p->places[i].parent, container_folder(p, p->places[i].parent), true };
}

static bool run_pass(struct placing *p, enum extract_pass pass)
{
	struct opened o = { 0, -1, false };
	bool ok = true;
	for (size_t k = 0; k < p->n && ok; k++) {
		size_t i = p->sorted[k];
		struct extract_row r;
		if (pass != EXTRACT_FILES && p->pass[i] != pass)
			continue;
		if (pass == EXTRACT_FILES && is_placed(p, p->places[i].blob)) {
			p->pass[i] = p->of->passes.p[p->places[i].blob->ordinal];
			continue;
		}
		ok = read_row(p, i, &r);
		p->pass[i] = (uint8_t)r.pass;
		if (!ok || r.pass != pass || !extract_row_is_wanted(p->of, &r))
			continue;
		if (!o.is || p->places[i].parent != o.container) {
			open_for(p, i, &o);
			ok = read_row(p, i, &r); /* once more: its texts went with those of the containers */
		}
		if (ok && o.fd >= 0)
			extract_row_place(p->of, &p->folder, o.fd, &r);
		else if (ok && !r.is_directory && !extract_is_spoilt(p->of, r.key))
			count(p->of, false);
	}
	close_opened(p, &o);
	return ok;
}

/* By container, and within each as they are: a counting sort. */
static bool sort_places(struct placing *p)
{
	size_t *first = calloc(p->n + 2, sizeof *first); /* of the input, then of blob 0 ... */
	p->sorted = calloc(p->n + 1, sizeof *p->sorted);
	if (first && p->sorted) {
		for (size_t i = 0; i < p->n; i++)
			first[p->places[i].parent + 2]++; /* SIZE_MAX + 2 is 1 */
		for (size_t i = 1; i < p->n + 2; i++)
			first[i] += first[i - 1];
		for (size_t i = 0; i < p->n; i++)
			p->sorted[first[p->places[i].parent + 1]++] = i;
	}
	free(first);
	return p->sorted && first;
}

struct error extract_place(struct extract_placing *of, const struct case_file *c)
{
	struct placing p = { .of = of, .texts = arena_new(0), .folder.fd = -1 };
	struct case_place *places = case_places(c, &p.n);
	p.places = places;
	p.pass = calloc(p.n + 1, 1);
	bool ok = places && p.texts && p.pass && sort_places(&p);
	for (enum extract_pass pass = EXTRACT_FILES; pass < EXTRACT_PASSES && ok; pass++)
		ok = run_pass(&p, pass);
	free(places);
	free(p.sorted);
	free(p.pass);
	arena_free(p.texts);
	return ok ? error_none() : error_at(ERR_MEMORY, 0, "no memory for the names of the files");
}

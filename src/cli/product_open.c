/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that a product file names. It may come from somebody else: without --allow-outside none of them leads out of its
 * folder, be it by a link. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/hash.h"
#include "cli/command.h"
#include "cli/product.h"
#include "inspect/capture.h"

#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
#define DOCUMENT_BYTES_MAX ((off_t)1 << 30) /* that are hashed; of a document far less is read */
#define RECOGNISED_BYTES 65536u /* comments may come first */

/* Component by component, for kernels (before 5.6) and sandboxes without openat2: links are not followed at all. */
static int open_step_by_step(int folder, const char *path)
{
	char name[256];
	int at = fcntl(folder, F_DUPFD_CLOEXEC, 3);
	while (at >= 0) {
		size_t n = strcspn(path, "/"), skip = strspn(path + n, "/");
		bool last = path[n + skip] == '\0';
		int next = -1;
		if (n >= sizeof name || (n == 2 && memcmp(path, "..", 2) == 0)) {
			errno = n >= sizeof name ? ENAMETOOLONG : EXDEV;
		} else {
			snprintf(name, sizeof name, "%.*s", (int)n, n ? path : ".");
			next = openat(at, name, O_NOFOLLOW | (last ? OPEN_FLAGS : O_PATH | O_DIRECTORY | O_CLOEXEC));
			if (next < 0 && (errno == ELOOP || errno == ENOTDIR))
				errno = EXDEV;
		}
		int why = errno;
		close(at);
		errno = why;
		at = next;
		if (last)
			return at;
		path += n + skip;
	}
	return -1;
}

static int open_beneath(int folder, const char *path)
{
	struct open_how how = { .flags = OPEN_FLAGS, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	for (int tries = 0; tries < 8; tries++) { /* EAGAIN: something was renamed meanwhile */
		int fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
		if (fd >= 0 || errno != EAGAIN)
			return fd < 0 && (errno == ENOSYS || errno == EPERM) ? open_step_by_step(folder, path) : fd;
	}
	return -1;
}

static int fail_input(const struct product_set *s, const struct product_input *in, const char *what)
{
	char place[512];
	snprintf(place, sizeof place, "%s:%u:%u", s->path, in->line, in->column);
	return complain(EXIT_UNUSABLE, place, "`%.200s` %s", in->location, what);
}

static bool has_file(const struct product_input *in)
{
	return strcmp(in->kind, "device") != 0 && strcmp(in->kind, "site") != 0;
}

/* What the open file is not to be; NULL: it is fine. */
static const char *objection(const struct product_input *in, const struct stat *st)
{
	bool image = strcmp(in->kind, "firmware") == 0;
	if (strcmp(in->kind, "document") == 0 && S_ISREG(st->st_mode) && st->st_size > DOCUMENT_BYTES_MAX)
		return "is larger than 1 GiB, expected a document";
	if (S_ISREG(st->st_mode))
		return st->st_size > 0 ? NULL : "is empty: there is nothing to look at";
	if (image && (S_ISDIR(st->st_mode) || S_ISBLK(st->st_mode)))
		return NULL;
	if (S_ISDIR(st->st_mode))
		return "is a folder, expected a file";
	if (S_ISFIFO(st->st_mode))
		return "is a FIFO, expected a file";
	return "is no file";
}

static int open_input(struct product_set *s, size_t i, int folder, bool outside)
{
	const struct product_input *in = &s->product->inputs[i];
	struct product_opened *o = &s->opened[i];
	const char *slash = strrchr(s->path, '/');
	bool relative = has_file(in) && in->location[0] != '/' && slash;
	if (asprintf(&o->location, "%.*s%s", relative ? (int)(slash - s->path) + 1 : 0, s->path, in->location) < 0) {
		o->location = NULL;
		return complain(EXIT_INTERNAL, s->path, "no memory for its inputs");
	}
	if (!has_file(in))
		return EXIT_NO_FAIL;
	o->fd = outside ? openat(folder, in->location, OPEN_FLAGS) : open_beneath(folder, in->location);
	if (o->fd < 0 && (errno == EXDEV || errno == ELOOP))
		return fail_input(s, in, "leads out of the product file's folder (--allow-outside lifts this)");
	if (o->fd < 0 || fstat(o->fd, &o->st)) {
		char words[100];
		snprintf(words, sizeof words, "can not be opened: %s", strerror(errno));
		return fail_input(s, in, errno == ENXIO ? "is no file" : words);
	}
	const char *why = objection(in, &o->st);
	return why ? fail_input(s, in, why) : EXIT_NO_FAIL;
}

/* A file that a declaration names; *value stays NULL when it is not declared, or not there: a declaration is no input. */
static int open_declared(struct product_set *s, const char *key, int folder, bool outside,
						 const struct product_value **value, int *fd)
{
	const struct product_value *v = s->product->values, *end = v + s->product->nvalues;
	while (v < end && !(strcmp(v->section, "testing") == 0 && strcmp(v->key, key) == 0))
		v++;
	if (v == end)
		return EXIT_NO_FAIL;
	struct product_input in = { .line = v->line, .column = v->column, .kind = "declared", .location = v->value };
	struct stat st;
	*value = v;
	*fd = outside ? openat(folder, v->value, OPEN_FLAGS) : open_beneath(folder, v->value);
	if (*fd < 0 && (errno == EXDEV || errno == ELOOP))
		return fail_input(s, &in, "leads out of the product file's folder (--allow-outside lifts this)");
	if (*fd < 0 || fstat(*fd, &st)) {
		char place[512];
		snprintf(place, sizeof place, "%s:%u:%u", s->path, in.line, in.column);
		complain(0, place, "`%.200s` can not be opened (%s): what the tests cover is not counted", in.location, strerror(errno));
		*value = NULL;
		return EXIT_NO_FAIL;
	}
	const char *why = objection(&in, &st);
	return why ? fail_input(s, &in, why) : EXIT_NO_FAIL;
}

static int open_inputs(struct product_set *s, bool outside)
{
	char folder[4096];
	const char *slash = strrchr(s->path, '/');
	int n = snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - s->path) + 1 : 1, slash ? s->path : ".");
	int dir = n < (int)sizeof folder ? open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (dir < 0)
		return complain(EXIT_UNUSABLE, s->path, "its folder can not be opened");
	int code = EXIT_NO_FAIL;
	for (size_t i = 0; i < s->product->ninputs && !code; i++)
		code = open_input(s, i, dir, outside);
	if (!code)
		code = open_declared(s, "model", dir, outside, &s->model, &s->model_fd);
	if (!code)
		code = open_declared(s, "suite", dir, outside, &s->suite, &s->suite_fd);
	close(dir);
	return code;
}

static ssize_t read_at_most(int fd, char *out, size_t size)
{
	size_t n = 0;
	while (n < size) {
		ssize_t got = pread(fd, out + n, size - n, (off_t)n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

/* Whether there is more than the name of the product: an input, or a value that is declared. */
static bool says_anything(const struct product *p)
{
	for (size_t i = 0; i < p->nvalues; i++)
		if (strcmp(p->values[i].section, "product") != 0)
			return true;
	return p->ninputs > 0;
}

static int load(struct product_set *s, struct text text, bool outside)
{
	struct doc_error e;
	s->product = product_load(s->path, text, outside, &e);
	if (!s->product)
		return complain(EXIT_UNUSABLE, NULL, "%s", e.text);
	if (!says_anything(s->product))
		return complain(EXIT_UNUSABLE, s->path, "names nothing to look at and declares nothing, expected in `inputs` a firmware image, documents,"
												" sites ..., or in `declarations` what the maker states (man assay)");
	hash_sha256_hex(span_of(text.p, text.n), s->sha256);
	s->opened = calloc(s->product->ninputs + 1, sizeof *s->opened);
	if (!s->opened)
		return complain(EXIT_INTERNAL, s->path, "no memory for its inputs");
	for (size_t i = 0; i < s->product->ninputs; i++)
		s->opened[i].fd = -1;
	return open_inputs(s, outside);
}

/* An image is taken for what it is; a file that by its name may be meant as a product file, or that by its first bytes is no image,
 * is not passed over in silence. */
static void hint(int fd, const char *path, bool quiet)
{
	struct text name = text_c(path);
	char head[64];
	ssize_t n = quiet ? 0 : read_at_most(fd, head, sizeof head);
	const char *capture = n > 0 ? capture_kind(span_of(head, (size_t)n)) : NULL;
	if (capture)
		complain(0, path, "is looked at as an image, but is %s: this version reads no conversations from captures", capture);
	else if (!quiet && (text_ends(name, ".yaml") || text_ends(name, ".yml")))
		complain(0, path, "is looked at as an image: a product file begins with `assay: 1` (assay init writes one)");
}

static int read_set(int fd, const char *path, const struct stat *st, bool outside, struct product_set **set)
{
	struct product_set *s = calloc(1, sizeof *s);
	if (s)
		s->model_fd = s->suite_fd = -1;
	char *text = malloc(DOC_MAX_BYTES + 1);
	ssize_t n = s && text ? read_at_most(fd, text, DOC_MAX_BYTES + 1) : -1;
	int code = !s || !text ? complain(EXIT_INTERNAL, path, "no memory for it")
			   : n < 0     ? complain(EXIT_UNUSABLE, path, "%s", strerror(errno))
						   : EXIT_NO_FAIL;
	if (!code) {
		s->path = path;
		s->st = *st;
		s->size = (uint64_t)n;
		s->text = text;
		code = load(s, text_of(text, (size_t)n), outside);
	}
	if (!s || !s->text)
		free(text);
	if (code)
		product_set_free(s);
	else
		*set = s;
	return code;
}

static bool is_product_file(int fd)
{
	char head[RECOGNISED_BYTES];
	ssize_t n = read_at_most(fd, head, sizeof head);
	return n > 0 && product_recognise(text_of(head, (size_t)n));
}

/* Named like a product file, with nothing in it that a program reads. */
static bool is_blank(int fd, const char *path)
{
	char head[RECOGNISED_BYTES];
	struct text name = text_c(path);
	ssize_t n = text_ends(name, ".yaml") || text_ends(name, ".yml") ? read_at_most(fd, head, sizeof head) : 0;
	return n > 0 && (size_t)n < sizeof head && product_is_blank(text_of(head, (size_t)n));
}

int product_set_open(const char *path, bool outside, bool quiet, struct product_set **set)
{
	struct stat st;
	*set = NULL;
	/* A FIFO that is opened and closed again would end its writer. */
	if (strcmp(path, "-") == 0 || stat(path, &st) || !S_ISREG(st.st_mode))
		return EXIT_NO_FAIL;
	int fd = open(path, OPEN_FLAGS), code = EXIT_NO_FAIL;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		if (is_product_file(fd))
			code = read_set(fd, path, &st, outside, set);
		else if (is_blank(fd, path))
			code = complain(EXIT_UNUSABLE, path, "holds nothing but comments, expected a product file: `assay: 1`, `product` with its `name`, and"
												 " `inputs` or `declarations` (assay init writes one to fill in)");
		else if (st.st_size > 0)
			hint(fd, path, quiet);
	} /* what can not be opened is told by who takes it for an image */
	if (fd >= 0)
		close(fd);
	return code;
}

void product_set_free(struct product_set *s)
{
	for (size_t i = 0; s && s->opened && i < s->product->ninputs; i++) {
		if (s->opened[i].fd >= 0)
			close(s->opened[i].fd);
		free(s->opened[i].location);
	}
	if (s) {
		if (s->model_fd >= 0)
			close(s->model_fd);
		if (s->suite_fd >= 0)
			close(s->suite_fd);
		free(s->opened);
		free(s->text);
		product_free(s->product);
	}
	free(s);
}

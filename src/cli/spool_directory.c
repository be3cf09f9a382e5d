/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder, read without following a link and written down as one run of bytes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/inodes.h"
#include "cli/spool.h"
#include "format/directory.h"
#include "format/format.h"

#define PIECE (1u << 20)
/* One descriptor a level. */
#define DEPTH_MAX 256u

struct spooler {
	const struct spool_request *request;
	FILE *out;
	uint64_t written;
	dev_t device; /* of the folder: others are not entered */
	struct inodes names;
	uint8_t *piece;
	char *path; /* of the entry at hand */
	size_t path_n, path_cap;
	bool failed; /* the spool can not be written, or no memory: errno */
};

static void put(struct spooler *s, const void *p, size_t n)
{
	s->failed |= n > 0 && fwrite(p, 1, n, s->out) != n;
	s->written += n;
}

static void put_int(struct spooler *s, uint64_t v, unsigned width)
{
	uint8_t bytes[8];
	for (unsigned i = 0; i < width; i++)
		bytes[i] = (uint8_t)(v >> (8 * i));
	put(s, bytes, width);
}

static void put_padding(struct spooler *s)
{
	static const uint8_t zeros[DIRECTORY_ALIGN];
	put(s, zeros, (DIRECTORY_ALIGN - s->written % DIRECTORY_ALIGN) % DIRECTORY_ALIGN);
}

/* A record up to its content. */
static void put_record(struct spooler *s, uint32_t kind, const struct stat *st, const char *target, size_t target_n,
					   uint64_t content)
{
	put_int(s, kind, 4);
	put_int(s, st->st_mode & 07777, 4);
	put_int(s, st->st_uid, 4);
	put_int(s, st->st_gid, 4);
	put_int(s, s->path_n, 4);
	put_int(s, target_n, 4);
	put_int(s, (uint64_t)st->st_mtime, 8);
	put_int(s, (uint64_t)major(st->st_rdev) << 32 | minor(st->st_rdev), 8);
	put_int(s, content, 8);
	put(s, s->path, s->path_n);
	put(s, target, target_n);
	if (content == 0)
		put_padding(s);
}

static void put_unread(struct spooler *s, enum directory_kind kind, const struct stat *st, const char *why)
{
	put_record(s, kind, st, why, strlen(why), 0);
}

/* What is behind the end of a file that was cut meanwhile is no hole. */
static bool has_bytes(int fd, uint64_t size)
{
	struct stat now;
	return fstat(fd, &now) == 0 && (uint64_t)now.st_size >= size;
}

/* Leaves a hole where the file has one: gives how many bytes that are, 0 when there is data at `at`. */
static uint64_t put_hole(struct spooler *s, int fd, uint64_t at, uint64_t size)
{
	off_t data = lseek(fd, (off_t)at, SEEK_DATA);
	uint64_t hole = data < 0 && errno == ENXIO && has_bytes(fd, size) ? size - at : data > (off_t)at ? (uint64_t)data - at : 0;
	hole = hole < size - at ? hole : size - at;
	if (hole > 0)
		s->failed |= fseeko(s->out, (off_t)hole, SEEK_CUR) != 0;
	s->written += hole;
	return hole;
}

/* The announced number of bytes, whatever becomes of the file meanwhile. False when they were not all there. */
static bool put_content(struct spooler *s, int fd, uint64_t size)
{
	uint64_t done = put_hole(s, fd, 0, size);
	bool whole = true;
	while (done < size && !s->failed) {
		size_t want = size - done < PIECE ? (size_t)(size - done) : PIECE;
		ssize_t n = whole ? pread(fd, s->piece, want, (off_t)done) : 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			whole = false;
			memset(s->piece, 0, want);
			n = (ssize_t)want;
		}
		put(s, s->piece, (size_t)n);
		done += (uint64_t)n;
		done += put_hole(s, fd, done, size);
		progress_note(s->request->progress, s->written, s->path);
	}
	put_padding(s);
	return whole;
}

static bool is_left_out(const struct spooler *s, const struct stat *st)
{
	for (size_t i = 0; i < s->request->nleave_out; i++)
		if (s->request->leave_out[i].st_ino == st->st_ino && s->request->leave_out[i].st_dev == st->st_dev)
			return true;
	return false;
}

static void spool_file(struct spooler *s, int dir, const char *name, const struct stat *seen)
{
	struct stat st;
	if (is_left_out(s, seen))
		return;
	const char *first = NULL;
	if (seen->st_nlink > 1 && !inodes_meet(&s->names, seen, s->path, s->path_n, &first))
		s->failed = true;
	/* The path belongs to the spooler, which frees it. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	if (first) {
		put_record(s, DIRECTORY_HARD_LINK, seen, first, strlen(first), 0);
		return;
	}
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		put_unread(s, DIRECTORY_UNREAD_FILE, seen,
				   fd < 0 ? strerror(errno) : "it was replaced while the folder was read");
	} else if (s->written > s->request->limit || (uint64_t)st.st_size > s->request->limit - s->written) {
		put_unread(s, DIRECTORY_UNREAD_FILE, seen, "with it the folder has more bytes than are read (--max-total)");
	} else {
		put_record(s, ENTRY_FILE, &st, NULL, 0, (uint64_t)st.st_size);
		if (!put_content(s, fd, (uint64_t)st.st_size))
			put_unread(s, DIRECTORY_UNREAD, &st, "it could not be read to its end");
	}
	if (fd >= 0)
		close(fd);
}

static void spool_link(struct spooler *s, int dir, const char *name, const struct stat *st)
{
	ssize_t n = readlinkat(dir, name, (char *)s->piece, PIECE);
	if (n < 0)
		put_unread(s, DIRECTORY_UNREAD, st, strerror(errno));
	else
		put_record(s, ENTRY_SYMLINK, st, (const char *)s->piece, (size_t)n, 0);
}

static void spool_folder(struct spooler *s, int fd, const struct stat *st, unsigned depth);

static void spool_child_folder(struct spooler *s, int dir, const char *name, const struct stat *st, unsigned depth)
{
	put_record(s, ENTRY_DIRECTORY, st, NULL, 0, 0);
	if (st->st_dev != s->device) {
		put_unread(s, DIRECTORY_UNREAD, st, "another file system is mounted there, which is not entered");
		return;
	}
	int fd = depth < DEPTH_MAX ? openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	if (fd < 0)
		put_unread(s, DIRECTORY_UNREAD, st,
				   depth < DEPTH_MAX ? strerror(errno) : "folders are nested deeper than are read");
	else
		spool_folder(s, fd, st, depth);
}

static void spool_entry(struct spooler *s, int dir, const char *name, unsigned depth)
{
	static const struct {
		mode_t type;
		enum entry_kind kind;
	} special[] = { { S_IFCHR, ENTRY_CHAR_DEVICE },
					{ S_IFBLK, ENTRY_BLOCK_DEVICE },
					{ S_IFIFO, ENTRY_FIFO },
					{ S_IFSOCK, ENTRY_SOCKET } };
	struct stat st = { 0 };
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		put_unread(s, DIRECTORY_UNREAD, &st, strerror(errno));
	else if (S_ISREG(st.st_mode))
		spool_file(s, dir, name, &st);
	else if (S_ISDIR(st.st_mode))
		spool_child_folder(s, dir, name, &st, depth + 1);
	else if (S_ISLNK(st.st_mode))
		spool_link(s, dir, name, &st);
	for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
		if ((st.st_mode & S_IFMT) == special[i].type)
			put_record(s, special[i].kind, &st, NULL, 0, 0);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder, sorted so that the same folder gives the same bytes. Takes over `fd`. */
static char **list_names(struct spooler *s, DIR *d, size_t *n)
{
	char **names = NULL;
	size_t cap = 0;
	*n = 0;
	for (struct dirent *e; !s->failed && (e = readdir(d));) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (*n == cap) {
			cap = cap ? 2 * cap : 64;
			char **more = realloc(names, cap * sizeof *more);
			s->failed |= more == NULL;
			names = more ? more : names;
		}
		if (!s->failed)
			s->failed |= (names[(*n)++] = strdup(e->d_name)) == NULL;
	}
	if (*n > 1 && !s->failed)
		qsort(names, *n, sizeof *names, by_name);
	return names;
}

/* Appends "/name" to the path; the length before it is what the caller goes back to. */
static void push_name(struct spooler *s, const char *name)
{
	size_t n = strlen(name);
	if (s->path_n + n + 2 > s->path_cap) {
		s->path_cap = 2 * (s->path_n + n + 2);
		char *path = realloc(s->path, s->path_cap);
		s->failed |= path == NULL;
		if (!path)
			return;
		s->path = path;
	}
	s->path[s->path_n] = '/';
	memcpy(s->path + s->path_n + 1, name, n + 1);
	s->path_n += n + 1;
}

/* Everything in the folder. Takes over `fd`. */
static void spool_folder(struct spooler *s, int fd, const struct stat *st, unsigned depth)
{
	DIR *d = fdopendir(fd);
	if (!d) {
		put_unread(s, DIRECTORY_UNREAD, st, strerror(errno));
		close(fd);
		return;
	}
	size_t n, before = s->path_n;
	char **names = list_names(s, d, &n);
	for (size_t i = 0; i < n && !s->failed; i++) {
		push_name(s, names[i]);
		if (!s->failed)
			spool_entry(s, dirfd(d), names[i], depth);
		s->path_n = before;
		progress_note(s->request->progress, s->written, s->path);
	}
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
	closedir(d);
}

struct error spool_directory(const struct spool_request *request, int spool, uint64_t *size)
{
	struct stat st;
	struct spooler s = { .request = request, .piece = malloc(PIECE), .path = calloc(1, 1), .path_cap = 1 };
	int fd = fcntl(request->dir, F_DUPFD_CLOEXEC, 0), copy = fcntl(spool, F_DUPFD_CLOEXEC, 0);
	s.out = copy >= 0 ? fdopen(copy, "w") : NULL;
	s.failed = !s.piece || !s.path || !s.out || fd < 0 || fstat(request->dir, &st);
	if (!s.failed) {
		s.device = st.st_dev;
		put(&s, DIRECTORY_MAGIC, DIRECTORY_MAGIC_SIZE);
		spool_folder(&s, fd, &st, 0);
	}
	s.failed |= s.out && fclose(s.out) != 0;
	s.failed |= ftruncate(spool, (off_t)s.written) != 0; /* it may end with a hole */
	struct error e = s.failed
						 ? error_at(ERR_IO, 0, "the folder can not be copied to a temporary file: %s", strerror(errno))
						 : error_none();
	inodes_free(&s.names);
	free(s.piece);
	free(s.path);
	*size = s.written;
	return e;
}

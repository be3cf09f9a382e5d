/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/extract_path.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/escape.h"

/* Ours, however some file system takes the name: in capitals or not, without dots and blanks at its end (FAT). */
static bool is_ours(const char *name)
{
	size_t n = strlen(name);
	while (n && (name[n - 1] == '.' || name[n - 1] == ' '))
		n--;
	return n == sizeof EXTRACT_PARTIAL - 1 && strncasecmp(name, EXTRACT_PARTIAL, n) == 0;
}

/* One component of a path as a file name: never "", ".", ".." or ours, no '/', no control character, at most 255 bytes. */
static bool safe_name(struct text in, char out[EXTRACT_NAME_MAX + 1])
{
	if (in.n == 0 || text_is(in, ".") || text_is(in, ".."))
		return false;
	size_t n = escape_terminal(in, out, EXTRACT_NAME_MAX + 1);
	for (size_t i = 0; i < n; i++)
		if (out[i] == '/')
			out[i] = '_';
	return n > 0 && strcmp(out, ".") != 0 && strcmp(out, "..") != 0 && !is_ours(out);
}

int extract_open_beneath(int dir, const char *name)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW,
		                    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV };
	return (int)syscall(SYS_openat2, dir, name, &how, sizeof how);
}

int extract_parent(int root, struct text path, char last[EXTRACT_NAME_MAX + 1])
{
	int fd = extract_depth(path) > EXTRACT_DEPTH_MAX ? -1 : dup(root);
	last[0] = '\0';
	for (size_t at = 0; fd >= 0 && at < path.n;) {
		const char *slash = memchr(path.p + at, '/', path.n - at);
		size_t n = slash ? (size_t)(slash - path.p) - at : path.n - at;
		struct text part = { path.p + at, n };
		at += n + 1;
		if (part.n == 0)
			continue;
		if (last[0]) {
			mkdirat(fd, last, 0755);
			int next = extract_open_beneath(fd, last);
			close(fd);
			fd = next;
		}
		if (fd >= 0 && !safe_name(part, last)) {
			close(fd);
			return -1;
		}
	}
	if (fd >= 0 && !last[0]) {
		close(fd);
		return -1;
	}
	return fd;
}

bool extract_safe_link(struct text target, unsigned depth, struct buf *out)
{
	bool absolute = target.n && target.p[0] == '/', named = false;
	unsigned climbs = 0;
	out->n = 0;
	for (unsigned i = 0; absolute && i < depth; i++)
		if (buf_add(out, "../", 3))
			return false;
	for (size_t at = 0; at < target.n;) {
		const char *slash = memchr(target.p + at, '/', target.n - at);
		size_t n = slash ? (size_t)(slash - target.p) - at : target.n - at;
		struct text part = { target.p + at, n };
		at += n + 1;
		if (part.n == 0 || text_is(part, "."))
			continue;
		if (text_is(part, "..")) {
			if (named || absolute || ++climbs > depth)
				return false;
		} else {
			named = true;
		}
		if ((out->n && out->p[out->n - 1] != '/' && buf_add(out, "/", 1)) || buf_add(out, part.p, part.n))
			return false;
	}
	return (out->n || !buf_add(out, ".", 1)) && !memchr(out->p, '\0', out->n) && !buf_add(out, "", 1);
}

unsigned extract_depth(struct text path)
{
	unsigned parts = 0;
	for (size_t i = 0; i < path.n; i++)
		parts += path.p[i] != '/' && (i == 0 || path.p[i - 1] == '/');
	return parts ? parts - 1 : 0;
}

void extract_folder_close(struct extract_folder *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	buf_free(&f->path);
}

int extract_folder_of(struct extract_folder *f, int root, struct text path, char last[EXTRACT_NAME_MAX + 1])
{
	size_t n = path.n;
	while (n > 0 && path.p[n - 1] != '/')
		n--;
	struct text name = text_of(path.p + n, path.n - n);
	if (f->fd >= 0 && name.n && n == f->path.n && (n == 0 || memcmp(path.p, f->path.p, n) == 0))
		return safe_name(name, last) ? f->fd : -1;
	extract_folder_close(f);
	f->fd = extract_parent(root, path, last);
	int fd = f->fd;
	if (!name.n || buf_add(&f->path, path.p, n))
		f->path.n = SIZE_MAX; /* is no other's */
	return fd;
}

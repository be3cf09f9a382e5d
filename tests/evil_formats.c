/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formats that do what an exploited parser would do. Each is chosen by a word at the beginning of a file. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "format/format.h"
#include "worker/transport.h"
#include "worker/window.h"

/* What the compiler must not see through. */
static volatile uintptr_t nowhere = 8;
static volatile bool always = true;

static bool probe_any(struct span at, struct format_match *match)
{
	*match = (struct format_match){ .size = at.n, .confidence = 100 };
	return true;
}

#define EVIL(id, word)                                                                                                \
	static const struct format_magic id##_magics[] = { MAGIC(word, 0), MAGIC_END };                                   \
	const struct format id##_format = {                                                                               \
		.name = #id, .kind = FORMAT_CONTAINER, .title = word, .spec = "a test", .magics = id##_magics,                \
		.probe = probe_any, .walk = id##_walk,                                                                        \
	};

static struct error evil_crash_walk(struct span bytes, struct walk *w)
{
	(void)bytes;
	(void)w;
	*(volatile int *)nowhere = 1;
	return error_none();
}
EVIL(evil_crash, "EVIL: crash")

static struct error evil_abort_walk(struct span bytes, struct walk *w)
{
	(void)bytes;
	(void)w;
	abort();
}
EVIL(evil_abort, "EVIL: abort")

static int recurse(volatile int depth)
{
	volatile char page[4096];
	page[0] = (char)depth;
	return (always ? recurse(depth + 1) : 0) + page[0];
}

static struct error evil_stack_walk(struct span bytes, struct walk *w)
{
	(void)w;
	return error_at(ERR_CORRUPT, (uint64_t)recurse((int)bytes.n), "came back");
}
EVIL(evil_stack, "EVIL: stack")

static struct error evil_loop_walk(struct span bytes, struct walk *w)
{
	(void)w;
	for (volatile size_t i = bytes.n; i > 0; i |= 1)
		;
	return error_none();
}
EVIL(evil_loop, "EVIL: loop")

static struct error evil_allocate_walk(struct span bytes, struct walk *w)
{
	(void)bytes;
	(void)w;
	while (always) {
		volatile char *p = malloc(1 << 20);
		for (size_t i = 0; i < 1 << 20; i += 4096)
			p[i] = 1; /* NULL when the limit is reached: dies */
	}
	return error_none();
}
EVIL(evil_allocate, "EVIL: allocate")

/* Says what it got hold of as a damage row, which the test must not see. */
static struct error got(struct walk *w, const char *what, long r)
{
	if (r >= 0)
		emit_damage_at(w->sink, ERR_CRASH, 0, "ESCAPED: %s gave %ld", what, r);
	return error_none();
}

static struct error evil_open_walk(struct span bytes, struct walk *w)
{
	(void)bytes;
	(void)!got(w, "open for writing", open("evil-was-here", O_CREAT | O_WRONLY, 0644)).code;
	(void)!got(w, "open for reading", open("/etc/passwd", O_RDONLY)).code;
	return got(w, "opening the root", open("/", O_RDONLY | O_DIRECTORY));
}
EVIL(evil_open, "EVIL: open")

static struct error evil_socket_walk(struct span bytes, struct walk *w)
{
	(void)bytes;
	return got(w, "socket", socket(AF_INET, SOCK_STREAM, 0));
}
EVIL(evil_socket, "EVIL: socket")

static struct error evil_exec_walk(struct span bytes, struct walk *w)
{
	(void)bytes;
	execl("/bin/sh", "sh", "-c", "touch evil-was-here", (char *)NULL);
	return got(w, "exec", -1);
}
EVIL(evil_exec, "EVIL: exec")

static struct error evil_kill_walk(struct span bytes, struct walk *w)
{
	(void)bytes;
	return got(w, "kill", kill(getppid(), SIGKILL));
}
EVIL(evil_kill, "EVIL: kill")

static struct error evil_mmap_exec_walk(struct span bytes, struct walk *w)
{
	(void)bytes;
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return got(w, "executable memory", p == MAP_FAILED ? -1 : 1);
}
EVIL(evil_mmap_exec, "EVIL: mmap exec")

/* Nonsense goes into whatever is open beside the standard streams and the input: the pipe to the parent. It then waits to
 * be found out: whoever went on would have the blame fall on the blob that comes next. */
static struct error evil_frames_walk(struct span bytes, struct walk *w)
{
	(void)bytes;
	(void)w;
	for (int fd = 4; fd < 32; fd++)
		(void)!write(fd, "\x01\xff\xff\xff\x7f garbage", 13);
	while (sched_yield() == 0)
		;
	return error_none();
}
EVIL(evil_frames, "EVIL: frames")

/* A file that is said to stand beyond the end of the input, for the parent to read there. */
static struct error evil_extent_walk(struct span bytes, struct walk *w)
{
	uint8_t frame[29] = { FRAME_EXTENT, 24 };
	(void)bytes;
	(void)w;
	memset(frame + 21, 0x7f, 8);
	(void)!write(4, frame, sizeof frame);
	while (sched_yield() == 0)
		;
	return error_none();
}
EVIL(evil_extent, "EVIL: extent")

/* Bytes in a slot that the window does not have, and more than a slot has. */
static struct error send_slot(uint32_t slot, uint32_t n)
{
	uint8_t frame[21] = { FRAME_SLOT, 16 };
	memcpy(frame + 13, &slot, 4);
	memcpy(frame + 17, &n, 4);
	(void)!write(4, frame, sizeof frame);
	while (sched_yield() == 0)
		;
	return error_none();
}

static struct error evil_slot_walk(struct span bytes, struct walk *w)
{
	(void)bytes;
	(void)w;
	return send_slot(WINDOW_SLOTS, 1);
}
EVIL(evil_slot, "EVIL: slot")

static struct error evil_slot_size_walk(struct span bytes, struct walk *w)
{
	(void)bytes;
	(void)w;
	return send_slot(0, WINDOW_SLOT_SIZE + 1);
}
EVIL(evil_slot_size, "EVIL: large slot")

static struct error evil_children_walk(struct span bytes, struct walk *w)
{
	/* Each child is the container again. */
	struct entry e = entry_new(ENTRY_FILE, TEXT_LIT("/again"));
	e.size = bytes.n;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = bytes };
	while (w->child(w, &e))
		;
	return error_none();
}
EVIL(evil_children, "EVIL: children")

/* The same bytes of the input, in any number of files. */
static struct error evil_same_walk(struct span bytes, struct walk *w)
{
	struct entry e = entry_new(ENTRY_FILE, TEXT_LIT("/same"));
	e.size = bytes.n - 1;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_from(bytes, 1) };
	while (w->child(w, &e))
		;
	return error_none();
}
EVIL(evil_same, "EVIL: same")

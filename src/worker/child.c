/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unnamed.h"
#include "probe/document.h"
#include "worker/confine.h"
#include "worker/sanitized.h"
#include "worker/transport.h"

struct pipe_output {
	struct probe_output output; /* first */
	struct frame_writer writer;
	struct span input;
	struct window *window;
	atomic_uint filled; /* slots, of which the parent may not have been told */
	atomic_uint mapped; /* slots that have been lent: a bit for each */
};

/* Slots that are filled before the parent is told of them: each time it is woken, and takes a processor from somebody. */
#define TOLD_TOGETHER (WINDOW_SLOTS / 4)
/* Bytes that are read to where they are sent from. Half of the window, so that there is something to do while it is written. */
#define LENT_MAX (WINDOW_SLOTS / 2 * WINDOW_SLOT_SIZE)

static bool send_batch(struct probe_output *output, struct span batch)
{
	return frame_write(&((struct pipe_output *)output)->writer, FRAME_BATCH, SPAN_NONE, batch);
}

static void put_u64(uint8_t *out, uint64_t v)
{
	for (unsigned i = 0; i < 8; i++)
		out[i] = (uint8_t)(v >> (8 * i));
}

static bool lies_in(struct span part, struct span all)
{
	uintptr_t at = (uintptr_t)part.p, first = (uintptr_t)all.p;
	return all.p && at >= first && at - first <= all.n && part.n <= all.n - (at - first);
}

static bool send_extent(struct frame_writer *w, uint64_t key, uint64_t offset, uint64_t size)
{
	uint8_t bytes[24];
	put_u64(bytes, key);
	put_u64(bytes + 8, offset);
	put_u64(bytes + 16, size);
	return frame_write(w, FRAME_EXTENT, SPAN_NONE, span_of(bytes, sizeof bytes));
}

static bool send_name(struct probe_output *output, uint64_t key, uint32_t ordinal, int64_t mode, struct text path)
{
	uint8_t prefix[20];
	put_u64(prefix, key);
	put_u64(prefix + 12, (uint64_t)mode);
	for (unsigned i = 0; i < 4; i++)
		prefix[8 + i] = (uint8_t)(ordinal >> (8 * i));
	size_t n = path.n < FACT_TEXT_MAX ? path.n : FACT_TEXT_MAX;
	return frame_write(&((struct pipe_output *)output)->writer, FRAME_NAME, span_of(prefix, sizeof prefix), span_of(path.p, n));
}

/* n slots behind each other, as soon as there are. False: the parent is gone. Who has some already must not wait for more. */
static bool take_slots(struct pipe_output *o, uint32_t n, uint32_t *first)
{
	while (!window_take(o->window, n, first)) {
		if (!frame_flush(&o->writer))
			return false;
		window_wait(o->window, n); /* the parent has all frames that tell of slots, and is at it */
	}
	return true;
}

/* The first n bytes of a slot, which is the parent's then. */
static bool send_slot(struct pipe_output *o, uint64_t key, uint32_t slot, size_t n)
{
	uint8_t frame[16];
	put_u64(frame, key);
	put_u64(frame + 8, slot | (uint64_t)n << 32);
	bool tell = atomic_fetch_add(&o->filled, 1) % TOLD_TOGETHER == TOLD_TOGETHER - 1;
	return frame_write(&o->writer, FRAME_SLOT, SPAN_NONE, span_of(frame, sizeof frame)) && (!tell || frame_flush(&o->writer));
}

static bool send_copy(struct pipe_output *o, uint64_t key, struct span bytes)
{
	uint32_t slot;
	if (!take_slots(o, 1, &slot))
		return false;
	memcpy(o->window->slots[slot], bytes.p, bytes.n);
	return send_slot(o, key, slot, bytes.n);
}

static struct span all_slots(const struct pipe_output *o)
{
	return o->window ? span_of(o->window->slots[0], sizeof o->window->slots) : SPAN_NONE;
}

static uint32_t slot_at(const struct pipe_output *o, const uint8_t *p)
{
	return (uint32_t)((size_t)(p - o->window->slots[0]) / WINDOW_SLOT_SIZE);
}

/* The pages of a slot at once, the first time: each would cost a fault. Where the kernel can not (before Linux 5.14) they do. */
static void map_slots(struct pipe_output *o, uint32_t first, uint32_t n)
{
	for (uint32_t slot = first; slot < first + n; slot++)
		if (!(atomic_fetch_or(&o->mapped, 1u << slot) & 1u << slot))
			madvise(o->window->slots[slot], WINDOW_SLOT_SIZE, MADV_POPULATE_WRITE);
}

static uint8_t *lend(struct probe_output *output, size_t n)
{
	struct pipe_output *o = (struct pipe_output *)output;
	uint32_t slots = (uint32_t)((n + WINDOW_SLOT_SIZE - 1) / WINDOW_SLOT_SIZE), first;
	if (n <= FRAME_CONTENT_MAX || n > LENT_MAX || !take_slots(o, slots, &first))
		return NULL;
	map_slots(o, first, slots);
	return o->window->slots[first];
}

static void take_back(struct probe_output *output, struct span room)
{
	struct pipe_output *o = (struct pipe_output *)output;
	for (size_t at = 0; at < room.n; at += WINDOW_SLOT_SIZE)
		window_give_back(o->window, slot_at(o, room.p + at));
}

static bool send_content(struct probe_output *output, uint64_t key, struct span bytes)
{
	struct pipe_output *o = (struct pipe_output *)output;
	struct frame_writer *w = &o->writer;
	uint8_t prefix[8];
	put_u64(prefix, key);
	if (bytes.n && lies_in(bytes, o->input)) /* the parent can read it there */
		return send_extent(w, key, (uint64_t)(bytes.p - o->input.p), bytes.n);
	if (bytes.n <= FRAME_CONTENT_MAX)
		return frame_write(w, FRAME_CONTENT, span_of(prefix, 8), bytes);
	bool lent = lies_in(bytes, all_slots(o)), ok = true;
	for (uint64_t at = 0; at < bytes.n && ok; at += WINDOW_SLOT_SIZE) {
		struct span piece = span_clip(bytes, at, WINDOW_SLOT_SIZE);
		ok = lent ? send_slot(o, key, slot_at(o, piece.p), piece.n) : send_copy(o, key, piece);
	}
	return ok;
}

/* For the handler of fatal signals, which gets no argument of ours. */
static struct probe_status *fault_status;

static void on_fault(int signal)
{
	(void)signal;
	atomic_store(&fault_status->faulting_lane, probe_this_lane());
	/* SA_RESETHAND: returning repeats the fault, which then kills. */
}

static void catch_faults(struct probe_status *status)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = (int)SA_RESETHAND };
	fault_status = status;
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		sigaction(signals[i], &action, NULL);
}

void worker_keep_descriptors(int input, int pipe)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int in = fcntl(input < 0 ? null : input, F_DUPFD, 16), out = fcntl(pipe, F_DUPFD, 16);
	int reports = sanitizer_reports();
	for (int fd = 0; fd < 3; fd++)
		dup2(fd == STDERR_FILENO && reports >= 0 ? reports : null, fd);
	dup2(in, INPUT_FD);
	dup2(out, PIPE_FD);
	close_range(PIPE_FD + 1, ~0u, 0);
}

static _Noreturn void fail(struct frame_writer *w, const struct error *e)
{
	frame_write(w, FRAME_FAILED, SPAN_NONE, span_of(e->text, strnlen(e->text, 159)));
	frame_flush(w);
	_exit(0);
}

/* What one blob may take of the memory. */
#define BLOB_MEMORY ((uint64_t)192 << 20)
/* Disks within each other may be so large together, whatever is stored of them. */
#define DISKS_MAX ((uint64_t)8 << 40)
#define DISKS_MIN ((uint64_t)64 << 30)
#define DISKS_BLOCKS_MAX ((uint64_t)64 << 20) /* what a file of them may take that nobody has written to */

enum confined_work worker_work(const struct worker_request *w)
{
	return w->kind == WORKER_DOCUMENT ? CONFINED_DOCUMENT : w->contents_only ? CONFINED_FILES : CONFINED_IMAGE;
}

static struct confinement confinement_of(const struct worker_request *w, const struct probe_spill *spill)
{
	/* Each thread may hold one blob and the container it came from. */
	uint64_t blob = w->budget.blob_bytes < BLOB_MEMORY ? w->budget.blob_bytes : BLOB_MEMORY;
	return (struct confinement){
		.work = worker_work(w),
		.memory = ((uint64_t)512 << 20) + (w->threads + 2) * blob,
		.mapped = w->size + spill->size + spill->disks_size,
		.cpu_seconds = w->budget.seconds * (w->threads + 1),
		.without_landlock = w->without_landlock,
	};
}

/* Addresses for disks of which little is stored: as many as a file there may be long, and as processors have for a process. */
static void map_disks(struct probe_spill *spill)
{
	int fd = unnamed_file();
	struct stat st = { 0 };
	for (uint64_t size = DISKS_MAX; fd >= 0 && !spill->disks && size >= DISKS_MIN; size /= 2) {
		void *p = ftruncate(fd, (off_t)size) == 0 ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
		spill->disks = p == MAP_FAILED ? NULL : p;
		spill->disks_size = spill->disks ? size : 0;
	}
	if (spill->disks && (fstat(fd, &st) || (uint64_t)st.st_blocks * 512 > DISKS_BLOCKS_MAX)) { /* its holes are stored */
		(void)munmap(spill->disks, spill->disks_size);
		spill->disks = NULL;
		spill->disks_size = 0;
	}
	if (spill->disks) /* what is read of a hole is a page, not those around it as well */
		(void)madvise(spill->disks, spill->disks_size, MADV_RANDOM);
	if (fd >= 0)
		close(fd);
}

/* Room for what will not fit in memory. Its blocks come only when they are written. */
static struct probe_spill map_spill(const struct budget *b)
{
	struct probe_spill none = { 0 };
	int fd = unnamed_file();
	if (fd < 0)
		return none;
	struct rlimit longest;
	uint64_t size = unnamed_room(fd);
	size = size > b->total_bytes ? b->total_bytes : size;
	if (!getrlimit(RLIMIT_FSIZE, &longest) && size > longest.rlim_cur)
		size = longest.rlim_cur;
	size &= ~(uint64_t)4095;
	void *p = size && ftruncate(fd, (off_t)size) == 0 ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
	close(fd);
	struct probe_spill spill = { .p = p == MAP_FAILED ? NULL : p, .size = size };
	if (!spill.p)
		return none;
	map_disks(&spill);
	return spill;
}

static _Noreturn void finish(struct pipe_output *out, bool done)
{
	if (!done)
		_exit(1); /* nobody listens, or a frame could not be made: not done */
	frame_write(&out->writer, FRAME_DONE, SPAN_NONE, SPAN_NONE);
	frame_flush(&out->writer);
	_exit(0);
}

/* What the libraries want from disk they take before confinement. */
static _Noreturn void read_document(const struct child_request *r, const struct probe_input *input, struct pipe_output *out)
{
	struct confinement confinement = confinement_of(r->worker, &(struct probe_spill){ 0 });
	struct error e = error_none();
	struct document_probe *probe = document_probe_new(input, r->worker->role, r->worker->language, &e);
	if (!error_is(&e))
		e = confine_files(&confinement);
	if (!error_is(&e))
		e = confine_calls();
	if (error_is(&e))
		fail(&out->writer, &e);
	bool crashed = r->crashed.n > 0; /* its only blob: the parent has said why */
	finish(out, crashed || probe_document(probe, r->status, &out->output));
}

void worker_child(const struct child_request *r)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "assay-worker");
	worker_keep_descriptors(r->worker->fd, r->pipe);
	catch_faults(r->status);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* of a file that may not be so long, ftruncate() tells, too */

	struct pipe_output out = { .output.batch = send_batch, .window = r->window };
	out.output.content = r->worker->want_content ? send_content : NULL;
	if (r->worker->contents_only && r->window) {
		out.output.lend = lend;
		out.output.take_back = take_back;
	}
	out.output.name = r->worker->contents_only && !r->worker->only_content ? send_name : NULL;
	frame_writer_init(&out.writer, PIPE_FD);
	struct probe_input input = { .fd = INPUT_FD, .name = r->worker->name, .format = r->worker->format, .bytes = { NULL, (size_t)r->worker->size } };
	if (r->worker->size) {
		void *p = mmap(NULL, (size_t)r->worker->size, PROT_READ, MAP_PRIVATE, INPUT_FD, 0);
		struct error e = error_at(ERR_IO, 0, "the input can not be mapped: %s", strerror(errno));
		if (p == MAP_FAILED)
			fail(&out.writer, &e);
		input.bytes.p = p;
		out.input = input.bytes;
	}
	if (r->worker->kind == WORKER_DOCUMENT)
		read_document(r, &input, &out);
	struct probe_spill spill = map_spill(&r->worker->budget);
	struct confinement confinement = confinement_of(r->worker, &spill);
	probe_prepare();
	struct error e = confine_files(&confinement);
	struct probe *probe = error_is(&e) ? NULL : probe_new(r->threads, r->worker->contents_only, &e);
	/* of the time for a blob, half is for what else is done with it */
	if (probe && r->worker->rules && !probe_use_rules(probe, r->worker->rules, (r->worker->budget.blob_seconds + 1) / 2))
		e = error_at(ERR_MEMORY, 0, "no memory for the rules");
	if (!error_is(&e))
		e = confine_calls();
	if (error_is(&e))
		fail(&out.writer, &e);

	struct probe_options options = { .budget = r->worker->budget, .done = r->done, .crashed = r->crashed,
	                                 .only_content = r->worker->only_content, .spill = spill,
	                                 .contents_only = r->worker->contents_only };
	finish(&out, probe_firmware(probe, &input, &options, r->status, &out.output));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/transport.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "fact/batch.h"

#define FRAME_HEADER 5u
#define FLUSH_AT (64u << 10)
#define FILL (128u << 10)
/* What lies in the buffer when a worker is killed is lost: it does not lie there for long. */
#define FLUSH_EVERY_MS 10

/* What a worker may say, and how large. */
static const struct {
	uint32_t min, max;
} frame_rules[FRAME_TYPES] = {
	[FRAME_BATCH] = { 24, BATCH_MAX_BYTES },
	[FRAME_CONTENT] = { 8, 8 + FRAME_CONTENT_MAX },
	[FRAME_DONE] = { 0, 0 },
	[FRAME_FAILED] = { 0, 160 },
	[FRAME_VERDICT] = { 12, 12 },
	[FRAME_SLOT] = { 16, 16 },
	[FRAME_EXTENT] = { 24, 24 },
	[FRAME_NAME] = { 20, 20 + FACT_TEXT_MAX },
};

void frame_writer_init(struct frame_writer *w, int fd)
{
	*w = (struct frame_writer){ .fd = fd };
	pthread_mutex_init(&w->lock, NULL);
}

static bool write_all(struct frame_writer *w)
{
	size_t at = 0;
	while (at < w->buffer.n && !w->broken) {
		ssize_t n = write(w->fd, w->buffer.p + at, w->buffer.n - at);
		if (n < 0 && errno != EINTR)
			w->broken = true;
		at += n > 0 ? (size_t)n : 0;
	}
	w->buffer.n = 0;
	return !w->broken;
}

bool frame_write(struct frame_writer *w, enum frame_type type, struct span prefix, struct span bytes)
{
	uint64_t n = (uint64_t)prefix.n + bytes.n;
	uint8_t head[FRAME_HEADER] = { (uint8_t)type, (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), (uint8_t)(n >> 24) };
	pthread_mutex_lock(&w->lock);
	if (n > frame_rules[type].max || buf_add(&w->buffer, head, sizeof head) ||
	    buf_add(&w->buffer, prefix.p, prefix.n) || buf_add(&w->buffer, bytes.p, bytes.n))
		w->broken = true; /* half a frame must not be followed by others */
	uint64_t now = clock_ms();
	bool due = w->buffer.n >= FLUSH_AT || now - w->flushed_ms >= FLUSH_EVERY_MS;
	bool ok = !w->broken && (!due || write_all(w));
	if (due)
		w->flushed_ms = now;
	pthread_mutex_unlock(&w->lock);
	return ok;
}

bool frame_flush(struct frame_writer *w)
{
	pthread_mutex_lock(&w->lock);
	bool ok = write_all(w);
	pthread_mutex_unlock(&w->lock);
	return ok;
}

bool frame_fill(struct frame_reader *r, struct error *error)
{
	if (r->at > 0) { /* drop what was consumed */
		memmove(r->buffer.p, r->buffer.p + r->at, r->buffer.n - r->at);
		r->buffer.n -= r->at;
		r->at = 0;
	}
	enum error_code code = buf_reserve(&r->buffer, FILL); /* no more than stays in a cache until it is taken */
	if (code) {
		*error = error_at(code, 0, "no memory for what the worker says");
		return false;
	}
	ssize_t n;
	do
		n = read(r->fd, r->buffer.p + r->buffer.n, r->buffer.cap - r->buffer.n);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	r->buffer.n += (size_t)n;
	return true;
}

bool frame_next(struct frame_reader *r, enum frame_type *type, struct span *bytes, struct error *error)
{
	struct reader rd = reader_le(span_from(buf_span(&r->buffer), r->at));
	uint8_t t = rd_u8(&rd);
	uint32_t n = rd_u32(&rd);
	if (!rd_ok(&rd))
		return false;
	if (t < FRAME_BATCH || t >= FRAME_TYPES || n < frame_rules[t].min || n > frame_rules[t].max) {
		*error = error_at(ERR_CORRUPT, 0, "the worker sent a frame of type %u with %u bytes, which no worker does", t, n);
		return false;
	}
	*bytes = rd_bytes(&rd, n);
	if (!rd_ok(&rd))
		return false;
	*type = t;
	r->at += FRAME_HEADER + n;
	return true;
}

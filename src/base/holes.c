/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/holes.h"

#include <pthread.h>
#include <stdatomic.h>

#define PLACES_MAX 64u

static struct {
	pthread_rwlock_t lock;
	_Atomic unsigned n;
	struct place {
		struct span bytes;
		const struct stored *v;
		size_t n;
	} v[PLACES_MAX];
} places = { .lock = PTHREAD_RWLOCK_INITIALIZER };

bool holes_tell(struct span bytes, const struct stored *v, size_t n)
{
	pthread_rwlock_wrlock(&places.lock);
	bool room = places.n < PLACES_MAX;
	if (room)
		places.v[places.n++] = (struct place){ bytes, v, n };
	pthread_rwlock_unlock(&places.lock);
	return room;
}

void holes_forget(struct span bytes)
{
	pthread_rwlock_wrlock(&places.lock);
	for (unsigned i = 0; i < places.n; i++)
		if (places.v[i].bytes.p == bytes.p) {
			places.v[i] = places.v[places.n - 1];
			places.n--;
			break;
		}
	pthread_rwlock_unlock(&places.lock);
}

/* With the lock held. */
static const struct place *place_of(struct span s)
{
	for (unsigned i = 0; s.n && i < places.n; i++) {
		uintptr_t begin = (uintptr_t)places.v[i].bytes.p, p = (uintptr_t)s.p;
		if (p >= begin && p - begin < places.v[i].bytes.n && s.n <= places.v[i].bytes.n - (p - begin))
			return &places.v[i];
	}
	return NULL;
}

/* The first part that ends behind `at`; n: none does. */
static size_t first_behind(const struct place *m, uint64_t at)
{
	size_t lo = 0, hi = m->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (m->v[mid].to <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

uint64_t holes_next(struct span s, uint64_t at, uint64_t *end)
{
	*end = s.n;
	if (at >= s.n)
		return s.n;
	if (!atomic_load(&places.n))
		return at;
	pthread_rwlock_rdlock(&places.lock);
	const struct place *m = place_of(s);
	if (m) {
		uint64_t base = (uint64_t)((uintptr_t)s.p - (uintptr_t)m->bytes.p);
		size_t i = first_behind(m, base + at);
		uint64_t from = i < m->n ? m->v[i].from : UINT64_MAX, to = i < m->n ? m->v[i].to : UINT64_MAX;
		if (from >= base + s.n)
			at = s.n;
		else if (from > base + at)
			at = from - base;
		*end = to - base < s.n ? to - base : s.n;
	}
	pthread_rwlock_unlock(&places.lock);
	return at;
}

uint64_t holes_end(struct span s)
{
	uint64_t end = s.n;
	if (!s.n || !atomic_load(&places.n))
		return end;
	pthread_rwlock_rdlock(&places.lock);
	const struct place *m = place_of(s);
	if (m) {
		uint64_t base = (uint64_t)((uintptr_t)s.p - (uintptr_t)m->bytes.p);
		size_t i = first_behind(m, base + s.n - 1);
		if (i == m->n || m->v[i].from >= base + s.n) /* its last byte is in a hole */
			end = i && m->v[i - 1].to > base ? m->v[i - 1].to - base : 0;
	}
	pthread_rwlock_unlock(&places.lock);
	return end;
}

bool holes_any(struct span s)
{
	uint64_t end;
	return s.n && (holes_next(s, 0, &end) > 0 || end < s.n);
}

uint64_t holes_stored(struct span s)
{
	uint64_t sum = 0;
	for (uint64_t at = 0, end; (at = holes_next(s, at, &end)) < s.n; at = end)
		sum += end - at;
	return sum;
}

uint64_t holes_find(struct span s, uint64_t at, uint8_t byte)
{
	for (uint64_t end; (at = holes_next(s, at, &end)) < s.n; at = end) {
		const uint8_t *p = memchr(s.p + at, byte, end - at);
		if (p)
			return (uint64_t)(p - s.p);
	}
	return s.n;
}

const uint8_t *holes_memchr(struct span s, uint8_t byte)
{
	uint64_t at = holes_find(s, 0, byte);
	return at < s.n ? s.p + at : NULL;
}

const uint8_t *holes_memmem(struct span s, const void *bytes, size_t n)
{
	for (uint64_t at = 0, end; (at = holes_next(s, at, &end)) < s.n; at = end) {
		uint64_t from = at > n ? at - n : 0; /* zeros at its ends may be in a hole */
		struct span part = span_clip(s, from, end - from + n);
		const uint8_t *found = memmem(part.p, part.n, bytes, n);
		if (found)
			return found;
	}
	return NULL;
}

static bool is_fill(uint8_t byte)
{
	return byte == 0x00 || byte == 0xff;
}

/* How often it is asked for a hole, which is walked through otherwise. */
#define ASK_EVERY 4096u

struct span holes_trim(struct span s, size_t least)
{
	uint64_t end = 0, at = holes_next(s, 0, &end);
	while (at < s.n && s.n - at >= least && is_fill(s.p[at]))
		if (++at >= end)
			at = holes_next(s, at, &end);
	s = span_from(s, at);
	for (uint64_t i = 0; s.n && s.n >= least; i++, s.n--) {
		if (i % ASK_EVERY == 0)
			s.n = holes_end(s);
		if (s.n && !is_fill(s.p[s.n - 1]))
			break;
	}
	return s;
}

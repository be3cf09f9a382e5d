/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/guest_disk.h"

#include <stdio.h>

#include "base/holes.h"
#include "format/region.h"

#define NAME_SHOWN 100u
#define UNITS_MAX (2u << 20) /* of which it is known whether something leads to them: sectors, in images of up to a gibibyte */
#define REST_MIN 4096u       /* as of other containers; what is between blocks is alignment */
#define RESTS_MAX 256u

bool guest_disk_copy(const struct guest_disk *d, uint64_t place, uint8_t *out, size_t n)
{
	struct span s = place == GUEST_HOLE ? SPAN_NONE : span_sub(d->bytes, place, n);
	if (s.p)
		memcpy(out, s.p, n);
	else
		memset(out, 0, n);
	return s.p || place == GUEST_HOLE;
}

static struct error read_disk(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct guest_disk *d = fs;
	(void)file;
	for (size_t done = 0; done < n; done += d->unit) {
		size_t part = n - done < d->unit ? n - done : d->unit;
		if (!d->read(d, offset + done, out + done, part))
			return error_at(ERR_CORRUPT, offset + done, "a block lies outside of the image, or does not unpack");
	}
	return error_none();
}

static struct stored_run next_run(const void *fs, const void *file, uint64_t offset)
{
	const struct guest_disk *d = fs;
	(void)file;
	for (uint64_t at = offset, n = 0; at < d->size; at += n) {
		enum guest_state state = d->state(d, at, &n);
		n = n < d->size - at ? n : d->size - at;
		if (state != GUEST_ZEROS)
			return (struct stored_run){ at, n, state == GUEST_LOST };
	}
	return (struct stored_run){ 0 };
}

bool guest_disk_emit_as(const struct guest_disk *d, struct walk *w, const char *name)
{
	static const struct content_ops whole = { .read = read_disk }, sparse = { .read = read_disk, .next = next_run };
	struct content content = { .kind = CONTENT_BLOCKS, .ops = d->state ? &sparse : &whole, .fs = d, .block_size = d->unit };
	return region_emit_content(w, name, d->size, content, NULL);
}

void guest_disk_emit(const struct guest_disk *d, struct walk *w)
{
	(void)guest_disk_emit_as(d, w, "disk");
}

void guest_disk_end(const struct guest_disk *d, struct walk *w, uint64_t end)
{
	w->end = end;
	if (end > d->bytes.n)
		emit_damage_at(w->sink, ERR_TRUNCATED, d->bytes.n, "blocks are in use up to %llu, here are %zu bytes", (unsigned long long)end,
					   d->bytes.n);
}

void guest_disk_needs(struct walk *w, uint64_t at, struct text name)
{
	emit_damage_at(w->sink, ERR_UNSUPPORTED, at, "what is not in this image is in another one: \"%.*s\"",
				   (int)(name.n < NAME_SHOWN ? name.n : NAME_SHOWN), name.n ? name.p : "");
}

/* ---- what nothing leads to ---- */

bool guest_used_new(struct guest_used *u, struct span bytes, struct arena *arena)
{
	*u = (struct guest_used){ .bytes = bytes, .unit = GUEST_SECTOR };
	while (bytes.n / u->unit >= UNITS_MAX)
		u->unit *= 2;
	u->n = (size_t)(bytes.n / u->unit) + 1;
	u->begin = ARENA_ARRAY(arena, uint32_t, u->n + 1);
	return u->begin != NULL;
}

/* At a cost that does not depend on n: blocks may overlap. */
void guest_used_add(struct guest_used *u, uint64_t at, uint64_t n)
{
	if (!n || at >= u->bytes.n)
		return;
	n = n < u->bytes.n - at ? n : u->bytes.n - at;
	u->begin[at / u->unit]++;
	u->begin[(at + n - 1) / u->unit + 1]--;
}

bool guest_used_rest(const struct guest_used *u, uint64_t end, struct guest_rest *from)
{
	struct span own = span_clip(u->bytes, 0, end);
	while (from->unit < u->n) {
		size_t first = from->unit;
		while (from->unit < u->n && (from->used += u->begin[from->unit]) == 0)
			from->unit++;
		from->bytes = span_clip(own, first * u->unit, (from->unit - first) * u->unit);
		from->unit++;
		if (holes_trim(from->bytes, REST_MIN).n >= REST_MIN)
			return true;
	}
	return false;
}

void guest_used_emit_rest(const struct guest_used *u, struct walk *w)
{
	struct guest_rest rest = { 0 };
	unsigned n = 0;
	bool go_on = true;
	for (; go_on && guest_used_rest(u, w->end, &rest); n++) {
		char name[40];
		uint64_t place = (uint64_t)(rest.bytes.p - u->bytes.p);
		if (n == RESTS_MAX) {
			emit_damage_at(w->sink, ERR_BUDGET, place, "more parts of the image belong to no block than are looked at");
			return;
		}
		snprintf(name, sizeof name, "unclaimed-0x%llx", (unsigned long long)place);
		go_on = region_emit(w, name, u->bytes, place, rest.bytes.n, NULL);
	}
}

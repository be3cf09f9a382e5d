/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/guest_disk.h"

#include "format/region.h"

#define NAME_SHOWN 100u

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

void guest_disk_emit(const struct guest_disk *d, struct walk *w)
{
	static const struct content_ops ops = { .read = read_disk };
	struct content content = { .kind = CONTENT_BLOCKS, .ops = &ops, .fs = d, .block_size = d->unit };
	(void)region_emit_content(w, "disk", d->size, content, NULL);
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

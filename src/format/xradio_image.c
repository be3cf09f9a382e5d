/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of XRADIO's chips (XR809, XR872, XR806): sections with heads of 64 bytes, each of which says where the next one begins.
 *
 * Specification: XRADIO SDK include/image/image.h (section_header_t).
 */
#include <stdio.h>

#include "format/parts.h"
#include "format/wrapper.h"

#define HEADER_SIZE 64u
#define SECTIONS_MAX 32u
#define LAST UINT32_MAX
#define BOOT_ID 0xa5ff5a00u

struct section {
	uint32_t size, load, body, next, id;
	uint16_t sum;
};

/* All words of the head together are ones. */
static bool section_read(struct span bytes, uint64_t at, struct section *s)
{
	struct span head = span_sub(bytes, at, HEADER_SIZE);
	struct reader r = reader_le(head);
	struct span magic = rd_bytes(&r, 4);
	rd_skip(&r, 6);
	s->sum = rd_u16(&r);
	s->size = rd_u32(&r);
	s->load = rd_u32(&r);
	rd_skip(&r, 4);
	s->body = rd_u32(&r);
	rd_skip(&r, 4);
	s->next = rd_u32(&r);
	s->id = rd_u32(&r);
	return rd_ok(&r) && span_starts(magic, "AWIH", 4) && wrapper_sum16(head, false, false) == 0xffff && s->size && s->size <= 16u << 20 &&
		   (s->id & 0xff00ff00) == 0xa5005a00 && (uint8_t)(s->id >> 16) == (uint8_t)~s->id;
}

static uint64_t section_end(const struct section *s, uint64_t at)
{
	return at + HEADER_SIZE + s->size;
}

/* Where the next section begins: counted from the flash's beginning, which is where the boot loader is. 0: there is none. */
static uint64_t next_of(const struct section *s, uint64_t at, bool from_boot)
{
	return from_boot && s->next != LAST && s->next >= section_end(s, at) ? s->next : 0;
}

static bool xradio_probe(struct span at, struct format_match *match)
{
	struct section s;
	uint64_t from = 0, end = 0;
	bool from_boot = span_u32le(at, 36) == BOOT_ID;
	for (unsigned i = 0; i < SECTIONS_MAX && section_read(at, from, &s); i++) {
		end = section_end(&s, from);
		from = next_of(&s, from, from_boot);
		if (!from)
			break;
	}
	match->size = end;
	match->confidence = 90;
	return end;
}

static const char *name_of(uint32_t id)
{
	static const char *const names[] = { "boot", "app", "app-xip", "net", "net-ap", "wlan-bl", "wlan-fw", "wlan-sdd" };
	return (uint8_t)id < sizeof names / sizeof names[0] ? names[(uint8_t)id] : NULL;
}

static bool emit_section(struct parts *p, uint64_t at, const struct section *s)
{
	struct walk *w = p->w;
	char name[32];
	struct span data = span_sub(p->bytes, at + HEADER_SIZE, s->size);
	if (name_of(s->id))
		snprintf(name, sizeof name, "%s", name_of(s->id));
	else
		snprintf(name, sizeof name, "section-0x%08x", s->id);
	emit_header_field(w->sink, at + 16, "load", "%s: 0x%08x", name, s->load);
	uint16_t sum = (uint16_t)(s->sum + wrapper_sum16(data, false, false));
	if (data.p && sum != 0xffff)
		emit_damage_at(w->sink, ERR_CORRUPT, at, "the sum of %s is another one", name);
	return parts_emit(p, text_c(name), at + HEADER_SIZE, s->size, NULL);
}

static struct error xradio_walk(struct span bytes, struct walk *w)
{
	struct parts p = { bytes, w, 0, false };
	struct section s;
	uint64_t at = 0;
	bool from_boot = span_u32le(bytes, 36) == BOOT_ID;
	for (unsigned i = 0; i < SECTIONS_MAX; i++) {
		if (!section_read(bytes, at, &s))
			return error_at(bytes.n < at + HEADER_SIZE ? ERR_TRUNCATED : ERR_CORRUPT, at < bytes.n ? at : bytes.n,
							"no section where the one before it says");
		if (!emit_section(&p, at, &s))
			break;
		at = next_of(&s, at, from_boot);
		if (!at)
			break;
	}
	return error_none();
}

static const struct format_magic xradio_magics[] = { MAGIC("AWIH", 0), MAGIC_END };

const struct format xradio_image_format = {
	.name = "xradio_image",
	.kind = FORMAT_CONTAINER,
	.title = "image of XRADIO's chips (XR809, XR872, XR806)",
	.spec = "XRADIO SDK include/image/image.h",
	.magics = xradio_magics,
	.probe = xradio_probe,
	.walk = xradio_walk,
};

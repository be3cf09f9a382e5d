/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The boot catalogue of El Torito, and the boot images that no name leads to.
 *
 * Specification: "El Torito" Bootable CD-ROM Format 1.0.
 */
#include <stdio.h>

#include "format/iso9660.h"

#define BOOT_ENTRIES_MAX 64u

static const char *platform_name(unsigned id)
{
	return id == 0 ? "x86" : id == 1 ? "PowerPC" : id == 2 ? "Mac" : id == 0xef ? "EFI" : "unknown platform";
}

/* Bytes of a boot image: a floppy's, or as many sectors as are loaded. */
static uint64_t boot_size(struct span e)
{
	static const uint32_t floppies[] = { 0, 1200u << 10, 1440u << 10, 2880u << 10 };
	unsigned media = e.p[1] & 15;
	return media >= 1 && media <= 3 ? floppies[media] : 512ull * span_u16le(e, 6);
}

/* A boot image is mostly a file as well; one that no name leads to is shown by itself. */
static void emit_boot_image(struct iso *iso, struct span e, unsigned number, unsigned platform)
{
	char name[32];
	uint32_t block = span_u32le(e, 8);
	uint64_t size = boot_size(e);
	snprintf(name, sizeof name, "boot-image-%u", number);
	emit_header_field(iso->v.w->sink, OFFSET_NONE, name, "%s, %s, media %u, block %u, %u sectors",
					  platform_name(platform), e.p[0] == 0x88 ? "bootable" : "not bootable", e.p[1] & 15, block,
					  span_u16le(e, 6));
	struct iso_seen *slot = iso_seen_of(iso, block, false);
	if (!size || !slot || slot->key)
		return;
	struct entry r = entry_new(ENTRY_REGION, text_c(name));
	uint64_t place = iso_place(iso, block, ISO_SECTOR);
	r.offset = place == ISO_ELSEWHERE ? OFFSET_NONE : place;
	r.size = size;
	r.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(iso->v.image, place, size) };
	if (place == ISO_ELSEWHERE)
		volume_damage(&iso->v, ERR_TRUNCATED, OFFSET_NONE, ISO_EARLIER, "a boot image");
	else if (r.content.bytes.n < size)
		volume_damage(&iso->v, ERR_TRUNCATED, iso->v.image.n, "boot image %u lies behind the end of the image", number);
	volume_child(&iso->v, &r);
}

/* The entries of a session's boot catalogue behind the validation entry; empty: there is none. */
static struct span boot_entries(struct span image, const struct iso_session *s)
{
	uint64_t catalogue = 0;
	for (unsigned i = 1; i < BOOT_ENTRIES_MAX && !catalogue; i++) {
		struct span d = span_sub(image, (s->start + ISO_FIRST_DESCRIPTOR + i) * ISO_SECTOR, ISO_SECTOR);
		if (!span_has(d, 1, "CD001", 5) || d.p[0] == 255)
			break;
		if (d.p[0] == 0 && span_has(d, 7, "EL TORITO SPECIFICATION", 23))
			catalogue = span_u32le(d, 71);
	}
	if (catalogue <= s->before)
		return SPAN_NONE;
	struct span entries = span_sub(image, (catalogue - s->before) * ISO_SECTOR, 32 * BOOT_ENTRIES_MAX);
	return span_starts(entries, "\1", 1) && span_has(entries, 30, "\x55\xaa", 2) ? span_from(entries, 32) : SPAN_NONE;
}

/* Of the boot images that end behind a place and are whole in the image the one that begins first. */
static bool boot_image_behind(struct span image, const struct iso_session *s, struct span entries, uint64_t at, uint64_t *from,
							  uint64_t *to)
{
	bool found = false;
	for (uint64_t i = 0; i + 32 <= entries.n; i += 32) {
		struct span e = span_sub(entries, i, 32);
		uint64_t block = span_u32le(e, 8);
		bool image_entry = e.p[0] == 0x88 || (e.p[0] == 0 && block);
		if (!image_entry && e.p[0] != 0x90 && e.p[0] != 0x91 && e.p[0] != 0x44)
			break;
		uint64_t begins = block >= s->before ? (block - s->before) * ISO_SECTOR : 0, ends = begins + boot_size(e);
		if (!image_entry || block < s->before || ends <= at || ends > image.n || (found && begins >= *from))
			continue;
		*from = begins;
		*to = ends;
		found = true;
	}
	return found;
}

/* A partition that is appended to an image (xorriso -append_partition) stands behind the size that the volume descriptor says, and is a
 * boot image all the same: where the last one ends that the catalogue tells of and that is there, in bytes of the image. */
uint64_t iso_boot_end(struct span image, const struct iso_session *s)
{
	struct span entries = boot_entries(image, s);
	uint64_t end = 0, from, to;
	while (boot_image_behind(image, s, entries, end, &from, &to))
		end = to;
	return end;
}

/* Other partitions may stand between the volume and those boot images. */
void iso_show_before_boot_images(struct iso *iso, const struct iso_session *s)
{
	struct span image = iso->v.image, entries = boot_entries(image, s);
	uint64_t at = iso_session_end(s), from, to;
	for (unsigned number = 1; !iso->v.stopped && boot_image_behind(image, s, entries, at, &from, &to); at = to) {
		struct span between = from > at ? span_clip(image, at, from - at) : SPAN_NONE;
		char name[40];
		if (span_is_zero(between))
			continue;
		snprintf(name, sizeof name, "behind-volume-%u", number++);
		struct entry r = entry_new(ENTRY_REGION, text_c(name));
		r.offset = at;
		r.size = between.n;
		r.content = (struct content){ .kind = CONTENT_SPAN, .bytes = between };
		volume_child(&iso->v, &r);
	}
}

/* The boot catalogue: a validation entry, a first boot image, and sections of further ones. */
void iso_read_catalogue(struct iso *iso, uint32_t block)
{
	uint64_t base = iso_place(iso, block, ISO_SECTOR);
	struct span first = span_sub(iso->v.image, base, 32);
	if (base == ISO_ELSEWHERE) {
		volume_damage(&iso->v, ERR_TRUNCATED, OFFSET_NONE, ISO_EARLIER, "the boot catalogue");
		return;
	}
	if (!span_starts(first, "\1", 1) || !span_has(first, 30, "\x55\xaa", 2)) {
		volume_damage(&iso->v, first.n ? ERR_CORRUPT : ERR_TRUNCATED, base, "there is no boot catalogue");
		return;
	}
	unsigned platform = first.p[1], number = 0;
	for (unsigned i = 1; i < BOOT_ENTRIES_MAX && !iso->v.stopped; i++) {
		struct span e = span_sub(iso->v.image, base + 32 * i, 32);
		if (!e.p)
			return;
		if (e.p[0] == 0x90 || e.p[0] == 0x91)
			platform = e.p[1];
		else if (e.p[0] == 0x88 || (e.p[0] == 0 && span_u32le(e, 8)))
			emit_boot_image(iso, e, ++number, platform);
		else if (e.p[0] != 0x44)
			return;
	}
}

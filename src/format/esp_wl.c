/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Partitions under ESP-IDF's wear levelling: one unused page wanders through them and shifts the others. Two copies of the
 * state at the end tell where it stands. What comes out is the volume as the file system sees it, mostly FAT.
 *
 * Specification: ESP-IDF components/wear_levelling (WL_Flash, WL_State, WL_Config), components/fatfs/wl_fatfsgen.py.
 */
#include "base/hash.h"
#include "format/format.h"

#define STATE_BYTES 64u
#define CONFIG_BYTES 56u
#define FLASH_SECTOR 4096u
#define VERSION 2u

struct config {
	uint32_t full_size, page, sector, record, version;
	uint64_t states[2], flash_size; /* where the copies of the state lie; what the file system has */
};

struct state {
	uint32_t pos, max_pos, move_count, version, device_id;
};

/* The component starts its CRC with all bits set where zlib's starts with none. */
static uint32_t wl_crc(struct span bytes)
{
	return hash_crc32(UINT32_MAX, bytes);
}

static bool config_at(struct span part, uint64_t at, struct config *c)
{
	struct span bytes = span_sub(part, at, CONFIG_BYTES);
	struct reader r = reader_le(bytes);
	(void)rd_u32(&r); /* start address, in the partition */
	c->full_size = rd_u32(&r);
	c->page = rd_u32(&r);
	c->sector = rd_u32(&r);
	(void)rd_u32(&r); /* update rate */
	c->record = rd_u32(&r);
	c->version = rd_u32(&r);
	if (!rd_ok(&r))
		return false;
	/* The CRC stood behind reserved words before it stood in front of them. */
	return wl_crc(span_sub(bytes, 0, 32)) == span_u32le(bytes, 32) ||
		   wl_crc(span_sub(bytes, 0, 52)) == span_u32le(bytes, 52);
}

static bool config_layout(struct config *c, uint64_t config_end)
{
	if (c->full_size != config_end || c->sector != FLASH_SECTOR || c->page < c->sector || c->page % c->sector ||
		c->record < 16 || c->record > c->sector)
		return false;
	uint64_t state = STATE_BYTES + (uint64_t)(c->full_size / c->sector) * c->record;
	uint64_t state_size = (state + c->sector - 1) / c->sector * c->sector;
	uint64_t tail = 2 * state_size + c->sector;
	if (c->full_size < tail + 2 * (uint64_t)c->page)
		return false;
	c->states[0] = c->full_size - tail;
	c->states[1] = c->states[0] + state_size;
	c->flash_size = ((c->full_size - tail) / c->page - 1) * c->page;
	return true;
}

static bool state_at(struct span part, const struct config *c, uint64_t at, struct state *s)
{
	struct span bytes = span_sub(part, at, STATE_BYTES);
	struct reader r = reader_le(bytes);
	s->pos = rd_u32(&r);
	s->max_pos = rd_u32(&r);
	s->move_count = rd_u32(&r);
	rd_skip(&r, 12);
	s->version = rd_u32(&r);
	s->device_id = rd_u32(&r);
	rd_skip(&r, 28);
	uint32_t crc = rd_u32(&r);
	return rd_ok(&r) && wl_crc(span_sub(bytes, 0, 60)) == crc && s->version == VERSION &&
		   s->max_pos == 1 + c->flash_size / c->page && s->move_count < s->max_pos;
}

/* Each move of the unused page leaves a record behind the state: four CRCs of the device's number and the move's. */
static bool record_is_set(struct span part, const struct config *c, const struct state *s, uint64_t at, uint32_t i)
{
	struct span bytes = span_sub(part, at + STATE_BYTES + (uint64_t)i * c->record, 16);
	for (uint32_t k = 0; bytes.p && k < 4; k++) {
		uint32_t v = s->device_id + i * 4 + k;
		uint8_t le[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) };
		if (wl_crc(span_of(le, 4)) != span_u32le(bytes, 4 * k))
			return false;
	}
	return bytes.p != NULL;
}

/* The configuration stands in the last sector. */
static bool volume_read(struct span part, struct config *c, struct state *s, uint64_t *state_place)
{
	if (part.n < 6 * FLASH_SECTOR || !config_at(part, part.n - FLASH_SECTOR, c) || !config_layout(c, part.n))
		return false;
	for (unsigned i = 0; i < 2; i++) {
		*state_place = c->states[i];
		if (state_at(part, c, c->states[i], s))
			return true;
	}
	return false;
}

static bool esp_wl_probe(struct span at, struct format_match *match)
{
	struct config c;
	struct state s;
	uint64_t place;
	if (!volume_read(at, &c, &s, &place))
		return false;
	match->size = c.full_size;
	match->confidence = 95;
	return true;
}

static struct error esp_wl_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct config c;
	struct state s;
	uint64_t place;
	if (!volume_read(bytes, &c, &s, &place))
		return error_at(ERR_CORRUPT, 0, "no wear levelling state");
	uint32_t pos = 0;
	while (pos + 1 < s.max_pos && record_is_set(bytes, &c, &s, place, pos))
		pos++;
	if (buf_reserve(out, (size_t)c.flash_size))
		return error_at(ERR_BUDGET, 0, "the volume has %llu bytes", (unsigned long long)c.flash_size);
	for (uint64_t at = 0; at < c.flash_size; at += c.page) {
		uint64_t from = (c.flash_size - (uint64_t)s.move_count * c.page + at) % c.flash_size;
		if (from >= (uint64_t)pos * c.page)
			from += c.page;
		struct span page = span_sub(bytes, from, c.page);
		if (!page.p)
			return error_at(ERR_TRUNCATED, from, "a page of the volume is missing");
		memcpy(out->p + out->n, page.p, page.n);
		out->n += page.n;
	}
	*used = c.full_size;
	return error_none();
}

const struct format esp_wl_format = {
	.name = "esp_wl",
	.kind = FORMAT_ENCODING,
	.title = "ESP-IDF wear levelling",
	.spec = "ESP-IDF components/wear_levelling",
	.probe = esp_wl_probe,
	.unpack = esp_wl_unpack,
	.at_start = true,
};

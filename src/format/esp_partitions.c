/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The partition table of Espressif's chips, and the partitions behind it: they are placed by their address in the
 * flash, and the table itself usually stands at 0x8000 of it.
 *
 * Specification: ESP-IDF Programming Guide, "Partition Tables"; components/partition_table/gen_esp32part.py.
 */
#include <stdio.h>

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>

#include "base/hash.h"
#include "format/format.h"

#define ENTRY 32u
#define TABLE_MAX 0xc00u
#define PARTITIONS_MAX (TABLE_MAX / ENTRY)
#define SECTOR 0x1000u
#define FLASH_MAX (128u << 20)

enum type { TYPE_APP = 0, TYPE_DATA = 1, TYPE_BOOTLOADER = 2, TYPE_PARTITION_TABLE = 3 };

struct esp_partition {
	uint8_t type, subtype;
	uint32_t offset, size, flags;
	struct text name;
};

struct table {
	struct esp_partition v[PARTITIONS_MAX];
	unsigned n;
	bool has_md5, md5_ok;
	uint64_t flash_at; /* where the table stands in the flash */
};

static bool read_partition(struct span bytes, uint64_t at, struct esp_partition *p)
{
	struct reader r = reader_le(span_sub(bytes, at, ENTRY));
	uint16_t magic = rd_u16(&r);
	*p = (struct esp_partition){ .type = 0 };
	p->type = rd_u8(&r);
	p->subtype = rd_u8(&r);
	p->offset = rd_u32(&r);
	p->size = rd_u32(&r);
	p->name = text_until_nul(rd_bytes(&r, 16));
	p->flags = rd_u32(&r);
	return rd_ok(&r) && magic == 0x50aa && p->offset && p->size && p->offset % SECTOR == 0 && p->offset < FLASH_MAX &&
		   p->size <= FLASH_MAX;
}

static bool name_is_sane(struct text name)
{
	for (size_t i = 0; i < name.n; i++)
		if ((uint8_t)name.p[i] < 0x20 || (uint8_t)name.p[i] >= 0x7f)
			return false;
	return name.n > 0;
}

/* Entries up to the first that is none: an MD5 of those before it, or erased flash. */
static bool read_table(struct span bytes, struct table *t)
{
	*t = (struct table){ .n = 0 };
	while (t->n < PARTITIONS_MAX && read_partition(bytes, t->n * ENTRY, &t->v[t->n])) {
		const struct esp_partition *p = &t->v[t->n], *before = t->n ? p - 1 : NULL;
		if (!name_is_sane(p->name) || (before && p->offset < before->offset + (uint64_t)before->size))
			return false;
		t->n++;
	}
	struct span end = span_sub(bytes, t->n * ENTRY, ENTRY);
	t->has_md5 = span_starts(end, "\xeb\xeb\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16);
	if (t->has_md5) {
		uint8_t digest[MD5_DIGEST_LENGTH];
		MD5(bytes.p, t->n * ENTRY, digest);
		t->md5_ok = memcmp(digest, end.p + 16, sizeof digest) == 0;
	}
	return t->n > 0 && (t->has_md5 ? t->md5_ok : t->n > 1);
}

/* The place of the table for which most applications begin with their magic byte. */
static void find_place(struct span bytes, struct table *t)
{
	static const uint32_t places[] = { 0x8000, 0x9000, 0xa000,  0xb000, 0xc000, 0xd000,
									   0xe000, 0xf000, 0x10000, 0x4000, 0x20000 };
	unsigned most = 0;
	t->flash_at = places[0];
	for (size_t k = 0; k < sizeof places / sizeof places[0]; k++) {
		unsigned good = 0;
		if (t->v[0].offset < places[k] + SECTOR)
			continue;
		for (unsigned i = 0; i < t->n; i++)
			good += t->v[i].type == TYPE_APP && span_has(bytes, t->v[i].offset - places[k], "\xe9", 1);
		if (good > most) {
			most = good;
			t->flash_at = places[k];
		}
	}
}

static bool partitions_read(struct span bytes, struct table *t)
{
	if (!read_table(bytes, t))
		return false;
	find_place(bytes, t);
	return t->v[0].offset >= t->flash_at + SECTOR;
}

static bool partitions_probe(struct span at, struct format_match *match)
{
	struct table t;
	if (!partitions_read(at, &t))
		return false;
	/* What the last partitions would hold may not have been shipped: that is no truncation. */
	uint64_t end = t.v[t.n - 1].offset + (uint64_t)t.v[t.n - 1].size - t.flash_at;
	match->size = end < at.n ? end : at.n;
	match->confidence = t.has_md5 ? 95 : 80;
	return true;
}

static const char *promised_format(const struct esp_partition *p)
{
	static const struct {
		uint8_t type, subtype;
		const char *format;
	} known[] = { { TYPE_DATA, 0x02, "esp_nvs" },
				  { TYPE_DATA, 0x81, "esp_wl" },
				  { TYPE_DATA, 0x82, "spiffs" },
				  { TYPE_DATA, 0x83, "littlefs" } };
	if (p->type == TYPE_APP)
		return "esp_image";
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].type == p->type && known[i].subtype == p->subtype)
			return known[i].format;
	return NULL;
}

static void describe(struct walk *w, const struct esp_partition *p, uint64_t at)
{
	char value[96];
	snprintf(value, sizeof value, "type 0x%02x subtype 0x%02x offset 0x%x size 0x%x%s", p->type, p->subtype, p->offset,
			 p->size,
			 p->flags & 1   ? " encrypted"
			 : p->flags & 2 ? " readonly"
							: "");
	emit_header(w->sink, &(struct fact_header){ (int64_t)at, p->name, text_c(value) });
	emit_partition(w->sink, &(struct fact_partition){
								.offset = (int64_t)at,
								.device = TEXT_LIT("flash"),
								.name = p->name,
								.start = p->offset,
								.size = p->size,
								.read_only = (p->flags & 2) != 0,
								.source = TEXT_LIT("partition table"),
							});
}

/* A partition whose flag says encrypted is not named a second time when what is in it is plain. */
static bool emit_content(struct walk *w, struct span bytes, const struct table *t, const struct esp_partition *p)
{
	struct entry e = entry_new(ENTRY_REGION, p->name);
	e.offset = p->offset - t->flash_at;
	struct span content = span_clip(bytes, e.offset, p->size);
	e.size = content.n;
	e.format = promised_format(p);
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = content };
	return content.n == 0 || w->child(w, &e);
}

/* Slots ota_0 to ota_15 are applications of the subtypes from 0x10 on; otadata tells which of them is started. */
static void describe_slots(struct walk *w, const struct table *t)
{
	unsigned slots = 0, last = 0;
	bool chosen = false;
	for (unsigned i = 0; i < t->n; i++) {
		bool slot = t->v[i].type == TYPE_APP && t->v[i].subtype >= 0x10 && t->v[i].subtype < 0x20;
		slots += slot;
		last = slot ? i : last;
		chosen |= t->v[i].type == TYPE_DATA && t->v[i].subtype == 0x00;
	}
	if (slots && chosen)
		emit_updater(w->sink, &(struct fact_updater){ .offset = (int64_t)last * ENTRY,
													  .line = FACT_NULL,
													  .mechanism = TEXT_LIT("esp-ota"),
													  .aspect = TEXT_LIT("slots"),
													  .value = slots > 1 ? TEXT_LIT("A/B") : TEXT_LIT("one"),
													  .evidence = t->v[last].name });
}

static struct error partitions_walk(struct span bytes, struct walk *w)
{
	struct table t;
	if (!partitions_read(bytes, &t))
		return error_at(ERR_CORRUPT, 0, "no partition table");
	emit_header_field(w->sink, 0, "flash address", "0x%llx", (unsigned long long)t.flash_at);
	if (t.has_md5)
		emit_header_field(w->sink, t.n * ENTRY, "md5", "%s", t.md5_ok ? "ok" : "mismatch");
	for (unsigned i = 0; i < t.n; i++)
		describe(w, &t.v[i], i * ENTRY);
	describe_slots(w, &t);
	for (unsigned i = 0; i < t.n; i++)
		if (!emit_content(w, bytes, &t, &t.v[i]))
			break;
	return error_none();
}

/* The first partition is nearly always the NVS or an application; both bytes of a type are part of the magic. */
static const struct format_magic partitions_magics[] = { MAGIC("\xaa\x50\x01", 0), MAGIC("\xaa\x50\x00", 0),
														 MAGIC_END };

const struct format esp_partitions_format = {
	.name = "esp_partitions",
	.kind = FORMAT_CONTAINER,
	.title = "Espressif partition table and its partitions",
	.spec = "ESP-IDF Programming Guide, Partition Tables",
	.magics = partitions_magics,
	.probe = partitions_probe,
	.walk = partitions_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images for Espressif's chips: segments for memory addresses, a checksum, from the ESP32 on a SHA-256.
 *
 * Specification: esptool documentation, "Firmware Image Format"; esp_app_desc_t of ESP-IDF.
 */
#include <stdio.h>

/* OpenSSL's one-shot functions and EVP read a configuration file first, which a confined worker may not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "format/region.h"

#define MAGIC_BYTE 0xe9u
#define CHECKSUM_SEED 0xefu
#define SEGMENTS_MAX 16u
#define EXTENDED_SIZE 24u
#define SEGMENT_MAX (16u << 20)
#define DESCRIPTION_MAGIC 0xabcd5432u

struct segment {
	uint32_t address, size;
	uint64_t at; /* of its data */
};

struct esp_image {
	const char *chip;
	uint32_t entry;
	unsigned nsegments;
	struct segment segments[SEGMENTS_MAX];
	uint64_t checksum_at, end; /* the end without a digest */
	bool has_digest;
};

static const struct {
	uint16_t id;
	const char *name;
} chips[] = {
	{ 0, "ESP32" },     { 2, "ESP32-S2" },  { 5, "ESP32-C3" },  { 9, "ESP32-S3" },   { 12, "ESP32-C2" },
	{ 13, "ESP32-C6" }, { 16, "ESP32-H2" }, { 18, "ESP32-P4" }, { 20, "ESP32-C61" }, { 23, "ESP32-C5" },
};

static const char *chip_name(uint16_t id)
{
	for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++)
		if (chips[i].id == id)
			return chips[i].name;
	return NULL;
}

/* Where the chips have memory; ESP32 images pad with segments for address 0. */
static bool address_is_plausible(uint32_t a, bool esp8266)
{
	if (esp8266)
		return (a >= 0x3ffe8000 && a < 0x40000000) || (a >= 0x40100000 && a < 0x40110000) ||
			   (a >= 0x40200000 && a < 0x40300000);
	return a == 0 || (a >= 0x3c000000 && a < 0x50200000) || (a >= 0x600f0000 && a < 0x60110000);
}

static bool read_segments(struct reader *r, struct esp_image *image, bool esp8266)
{
	for (unsigned i = 0; i < image->nsegments; i++) {
		struct segment *s = &image->segments[i];
		s->address = rd_u32(r);
		s->size = rd_u32(r);
		s->at = r->at;
		if (!rd_ok(r) || !address_is_plausible(s->address, esp8266) || s->size > SEGMENT_MAX || s->size % 4)
			return false;
		if (s->size > rd_left(r)) { /* cut off: what was read of the headers decides */
			image->nsegments = i + 1;
			image->checksum_at = (s->at + s->size) | 15;
			image->end = image->checksum_at + 1;
			return i > 0 || !esp8266;
		}
		rd_skip(r, s->size);
	}
	image->checksum_at = r->at | 15;
	image->end = image->checksum_at + 1;
	return true;
}

static bool read_header(struct span bytes, struct esp_image *image, bool esp8266)
{
	struct reader r = reader_le(bytes);
	*image = (struct esp_image){ .chip = "ESP8266" };
	uint8_t magic = rd_u8(&r);
	image->nsegments = rd_u8(&r);
	uint8_t mode = rd_u8(&r);
	rd_skip(&r, 1);
	image->entry = rd_u32(&r);
	if (!rd_ok(&r) || magic != MAGIC_BYTE || image->nsegments < 1 || image->nsegments > SEGMENTS_MAX || mode > 5 ||
		!image->entry || !address_is_plausible(image->entry, esp8266))
		return false;
	if (!esp8266) {
		image->chip = chip_name(span_u16le(bytes, 12));
		struct span tail = span_sub(bytes, 19, 5); /* four reserved bytes, and whether a digest follows */
		if (!image->chip || !tail.p || memcmp(tail.p, "\0\0\0\0", 4) != 0 || tail.p[4] > 1)
			return false;
		image->has_digest = tail.p[4];
		rd_seek(&r, EXTENDED_SIZE);
	}
	return read_segments(&r, image, esp8266);
}

static bool esp_image_read(struct span bytes, struct esp_image *image)
{
	return read_header(bytes, image, false) || read_header(bytes, image, true);
}

/* Where it starts must be part of what it loads: the code of other processors has headers like these by chance. */
static bool starts_within(const struct esp_image *image)
{
	for (unsigned i = 0; i < image->nsegments; i++)
		if (image->entry >= image->segments[i].address &&
			image->entry - image->segments[i].address < image->segments[i].size)
			return true;
	return false;
}

static bool esp_image_probe(struct span at, struct format_match *match)
{
	struct esp_image image;
	if (!esp_image_read(at, &image) || (image.end <= at.n && !starts_within(&image)))
		return false;
	match->size = image.end + (image.has_digest ? SHA256_DIGEST_LENGTH : 0);
	match->confidence = 70;
	return true;
}

static void emit_string(struct walk *w, struct span description, uint64_t base, uint64_t at, size_t size,
						const char *name)
{
	struct span s = span_sub(description, at, size);
	size_t n = s.p ? strnlen((const char *)s.p, size) : 0;
	if (n)
		emit_header_field(w->sink, base + at, name, "%.*s", (int)n, s.p);
}

/* The application's description stands at the beginning of the first segment. */
static void emit_description(struct walk *w, struct span bytes, const struct esp_image *image)
{
	uint64_t at = image->segments[0].at;
	struct span d = span_sub(bytes, at, 144);
	if (span_u32le(d, 0) != DESCRIPTION_MAGIC)
		return;
	emit_header_field(w->sink, at + 4, "secure_version", "%u", span_u32le(d, 4));
	emit_string(w, d, at, 16, 32, "version");
	emit_string(w, d, at, 48, 32, "project_name");
	emit_string(w, d, at, 80, 16, "time");
	emit_string(w, d, at, 96, 16, "date");
	emit_string(w, d, at, 112, 32, "idf_ver");
}

static void verify_checksum(struct walk *w, struct span bytes, const struct esp_image *image)
{
	struct span stored = span_sub(bytes, image->checksum_at, 1);
	uint8_t sum = CHECKSUM_SEED;
	for (unsigned i = 0; i < image->nsegments; i++) {
		struct span data = span_clip(bytes, image->segments[i].at, image->segments[i].size);
		for (size_t k = 0; k < data.n; k++)
			sum ^= data.p[k];
	}
	bool ok = stored.p && stored.p[0] == sum;
	emit_header_field(w->sink, image->checksum_at, "checksum", "%s",
					  !stored.p ? "not checked"
					  : ok      ? "ok"
								: "mismatch");
	if (stored.p && !ok)
		emit_damage_at(w->sink, ERR_CORRUPT, image->checksum_at, "the image says checksum 0x%02x, its data has 0x%02x",
					   stored.p[0], sum);
}

static void verify_digest(struct walk *w, struct span bytes, const struct esp_image *image)
{
	struct span covered = span_sub(bytes, 0, image->end);
	struct span stored = span_sub(bytes, image->end, SHA256_DIGEST_LENGTH);
	uint8_t digest[SHA256_DIGEST_LENGTH];
	if (!image->has_digest || !stored.p) {
		emit_header_field(w->sink, image->end, "sha256", "%s", image->has_digest ? "not checked" : "none");
		return;
	}
	SHA256_CTX context;
	SHA256_Init(&context);
	SHA256_Update(&context, covered.p, covered.n);
	SHA256_Final(digest, &context);
	bool ok = memcmp(digest, stored.p, sizeof digest) == 0;
	emit_header_field(w->sink, image->end, "sha256", "%s", ok ? "ok" : "mismatch");
	if (!ok)
		emit_damage_at(w->sink, ERR_CORRUPT, image->end, "the appended SHA-256 is not that of the image");
}

static struct error esp_image_walk(struct span bytes, struct walk *w)
{
	struct esp_image image;
	if (!esp_image_read(bytes, &image))
		return error_at(ERR_CORRUPT, 0, "no Espressif image header");
	emit_header_field(w->sink, 12, "chip", "%s", image.chip);
	emit_header_field(w->sink, 4, "entry", "0x%08x", image.entry);
	emit_header_field(w->sink, 1, "segments", "%u", image.nsegments);
	verify_checksum(w, bytes, &image);
	verify_digest(w, bytes, &image);
	emit_description(w, bytes, &image);
	for (unsigned i = 0; i < image.nsegments; i++) {
		const struct segment *s = &image.segments[i];
		char name[48];
		snprintf(name, sizeof name, "segment-%u-0x%08x", i, s->address);
		if (!region_emit(w, name, bytes, s->at, s->size, NULL))
			break;
	}
	return error_none();
}

/* The magic is one byte; with the number of segments it makes two. */
#define ESP_MAGIC(segments) MAGIC("\xe9" segments, 0)
static const struct format_magic esp_image_magics[] = {
	ESP_MAGIC("\1"), ESP_MAGIC("\2"),  ESP_MAGIC("\3"),  ESP_MAGIC("\4"),  ESP_MAGIC("\5"), ESP_MAGIC("\6"),
	ESP_MAGIC("\7"), ESP_MAGIC("\10"), ESP_MAGIC("\11"), ESP_MAGIC("\12"), MAGIC_END,
};

const struct format esp_image_format = {
	.name = "esp_image",
	.kind = FORMAT_CONTAINER,
	.title = "Espressif image (ESP8266, ESP32 and successors)",
	.spec = "esptool documentation, Firmware Image Format",
	.magics = esp_image_magics,
	.probe = esp_image_probe,
	.walk = esp_image_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images for Espressif's chips: segments for memory addresses, a checksum, from the ESP32 on a SHA-256.
 *
 * Specification: esptool documentation, "Firmware Image Format"; esp_app_desc_t of ESP-IDF.
 */
#include <stdio.h>

/* OpenSSL's one-shot functions and EVP read a configuration file first, which a confined worker may not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "base/hash.h"
#include "format/region.h"
#include "format/rsa_pkcs1.h"
#include "format/signature.h"

#define MAGIC_BYTE 0xe9u
#define CHECKSUM_SEED 0xefu
#define SEGMENTS_MAX 16u
#define EXTENDED_SIZE 24u
#define SEGMENT_MAX (16u << 20)
#define SECTOR 4096u
#define BLOCK 1216u /* of a signature; up to three of them in their sector */
#define BLOCKS 3u
#define RSA_SIZE 384u
#define DESCRIPTION_MAGIC 0xabcd5432u
/* No chip starts outside of these addresses. */
#define CODE_BEGINS 0x40000000u
#define CODE_ENDS 0x50000000u

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

/* An image that is cut off has no end to be checked: what is whole of it has to be like nothing but an image. */
static bool is_cut_image(struct span bytes, const struct esp_image *image, unsigned cut, bool esp8266)
{
	if (cut == 0)
		return !esp8266 && span_u32le(bytes, image->segments[0].at) == DESCRIPTION_MAGIC;
	return image->segments[0].address && image->segments[0].size;
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
			return is_cut_image(r->bytes, image, i, esp8266);
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
		image->entry < CODE_BEGINS || image->entry >= CODE_ENDS || !address_is_plausible(image->entry, esp8266))
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

static uint64_t image_end(const struct esp_image *image)
{
	return image->end + (image->has_digest ? SHA256_DIGEST_LENGTH : 0);
}

/* Where the signatures of secure boot version 2 stand: in the sector behind the image; 0: there are none. */
static uint64_t signatures_at(struct span bytes, const struct esp_image *image)
{
	uint64_t at = (image_end(image) + SECTOR - 1) / SECTOR * SECTOR;
	struct span block = span_sub(bytes, at, BLOCK);
	bool is = block.p && block.p[0] == 0xe7 && (block.p[1] == 2 || block.p[1] == 3) &&
			  strcmp(image->chip, "ESP8266") != 0 && span_u32le(block, 1196) == hash_crc32(0, span_sub(block, 0, 1196));
	return is ? at : 0;
}

static bool esp_image_probe(struct span at, struct format_match *match)
{
	struct esp_image image;
	if (!esp_image_read(at, &image) || (image.end <= at.n && !starts_within(&image)))
		return false;
	uint64_t signatures = signatures_at(at, &image);
	match->size =
		signatures ? signatures + (at.n - signatures < SECTOR ? at.n - signatures : SECTOR) : image_end(&image);
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
	if (span_u32le(d, 4))
		emit_updater(w->sink,
					 &(struct fact_updater){ .offset = (int64_t)at + 4,
											 .line = FACT_NULL,
											 .mechanism = TEXT_LIT("esp-ota"),
											 .aspect = TEXT_LIT("rollback"),
											 .value = TEXT_LIT("secure version"),
											 .evidence = TEXT_LIT("secure_version in the application's description") });
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

/* The numbers are stored with their lowest byte first. */
static void reverse(struct span s, uint8_t *out)
{
	for (size_t i = 0; i < s.n; i++)
		out[i] = s.p[s.n - 1 - i];
}

static const char *verify_rsa(struct span block, struct span digest, char fingerprint[65])
{
	uint8_t modulus[RSA_SIZE], signature[RSA_SIZE];
	uint64_t exponent = span_u32le(block, 420);
	reverse(span_sub(block, 36, RSA_SIZE), modulus);
	reverse(span_sub(block, 812, RSA_SIZE), signature);
	signature_rsa_fingerprint(span_of(modulus, RSA_SIZE), exponent, fingerprint);
	return rsa_pss_verify_strictly(span_of(modulus, RSA_SIZE), exponent, span_of(signature, RSA_SIZE), digest)
			   ? SIGNATURE_VALID
			   : SIGNATURE_INVALID;
}

/* An INTEGER of a signature; gives its length. */
static size_t put_integer(uint8_t *out, const uint8_t *number)
{
	size_t zeros = 0, n = 0;
	while (zeros < 31 && !number[zeros])
		zeros++;
	bool high = number[zeros] & 0x80;
	out[n++] = 2;
	out[n++] = (uint8_t)(32 - zeros + high);
	if (high)
		out[n++] = 0;
	memcpy(out + n, number + zeros, 32 - zeros);
	return n + 32 - zeros;
}

/* P-256; the other curve that the chips know is P-192. */
static const char *verify_ecdsa(struct span block, struct span digest, char fingerprint[65])
{
	uint8_t x[32], y[32], r[32], s[32], spki[SIGNATURE_P256_SPKI], der[80] = { 0x30 };
	if (block.p[36] != 2)
		return SIGNATURE_UNSUPPORTED;
	reverse(span_sub(block, 37, 32), x);
	reverse(span_sub(block, 69, 32), y);
	reverse(span_sub(block, 101, 32), r);
	reverse(span_sub(block, 133, 32), s);
	signature_p256_spki(x, y, spki);
	hash_sha256_hex(span_of(spki, sizeof spki), fingerprint);
	size_t n = put_integer(der + 2, r);
	n += put_integer(der + 2 + n, s);
	der[1] = (uint8_t)n;
	enum signature_result result =
		signature_verify(span_of(spki, sizeof spki), DIGEST_SHA256, digest, span_of(der, n + 2));
	return result == SIGNATURE_GOOD  ? SIGNATURE_VALID
		   : result == SIGNATURE_BAD ? SIGNATURE_INVALID
									 : SIGNATURE_UNSUPPORTED;
}

/* Secure boot version 2: each block verifies by the key that it carries; the chip knows the digests of keys that it trusts. */
static void report_signatures(struct walk *w, struct span bytes, const struct esp_image *image)
{
	uint64_t first = signatures_at(bytes, image);
	uint8_t digest[SHA256_DIGEST_LENGTH];
	if (!first && strcmp(image->chip, "ESP8266") != 0 && image_end(image) <= bytes.n)
		signature_report_plain(w->sink, image_end(image), "esp-secure-boot-v2", "image with its padding", NULL,
							   SIGNATURE_ABSENT, "no block of a signature follows in the next sector");
	if (!first)
		return;
	digest_of(DIGEST_SHA256, span_sub(bytes, 0, first), digest);
	for (unsigned i = 0; i < BLOCKS; i++) {
		struct span block = span_sub(bytes, first + i * BLOCK, BLOCK);
		char fingerprint[65] = "";
		if (!block.p || block.p[0] != 0xe7 || (block.p[1] != 2 && block.p[1] != 3))
			break;
		bool rsa = block.p[1] == 2, same = span_has(block, 4, digest, sizeof digest);
		struct span of = span_of(digest, sizeof digest);
		const char *state = rsa ? verify_rsa(block, of, fingerprint) : verify_ecdsa(block, of, fingerprint);
		signature_report(w->sink, &(struct signature){
									  .offset = first + i * BLOCK,
									  .scheme = "esp-secure-boot-v2",
									  .state = state,
									  .covers = TEXT_LIT("image with its padding"),
									  .algorithm = rsa ? TEXT_LIT("RSA-3072 PSS, SHA-256") : TEXT_LIT("ECDSA, SHA-256"),
									  .fingerprint = fingerprint,
									  .detail = same ? "by the key that it carries" : "its digest is another image's",
								  });
	}
	(void)region_emit(w, "signature-blocks", bytes, first, bytes.n - first < SECTOR ? bytes.n - first : SECTOR, NULL);
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
			return error_none();
	}
	report_signatures(w, bytes, &image);
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
	.of_use = true,
};

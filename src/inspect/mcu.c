/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs for microcontrollers: what the headers of their images say, the SDK that they name, whether they are signed;
 * credentials in Espressif's NVS.
 *
 * Specification: esptool documentation, "Firmware Image Format"; ESP-IDF esp_app_format/esp_app_desc.h,
 * esp_bootloader_format/esp_bootloader_desc.h, "Secure Boot V2"; MCUboot docs/design.md; Silicon Labs UG489 (GBL);
 * nrf_sdm.h of the nRF5 SDK; Zigbee Cluster Library, section 11.4; github.com/microsoft/uf2.
 */
#include "inspect/mcu.h"

#include "base/ascii.h"
#include "base/hash.h"
#include "inspect/mcu_rtos.h"

#define ESP_SECTOR 4096u
#define ESP_SIGNATURE 1216u
#define ESP_SIGNATURE_CRC 1196u
#define ESP_APP_MAGIC 0xabcd5432u
#define SOFTDEVICE_INFO 0x3000u
#define SOFTDEVICE_MAGIC 0x51b1e5dbu
#define BOOT_RECORD 0x1000u
#define UICR_APPROTECT 0x10001208u
#define SIGNATURES_MAX 16u
#define NVS_VALUE_MAX 256u

static const struct pattern mcu_patterns[] = {
	PATTERN("\xe7\x02\0\0", PATTERN_LITERAL), /* Espressif's signature blocks: RSA-3072, */
	PATTERN("\xe7\x03\0\0", PATTERN_LITERAL), /* ECDSA */
	PATTERN("taskSpawn\0", PATTERN_LITERAL),
	PATTERN("WIND version ", PATTERN_LITERAL),
	/* eCos on MIPS: mfc0 k0, cause; nop, which some lack; andi k0, k0, 0x7f */
	PATTERN("\x40\x1a\x68\0\0\0\0\0\x33\x5a\0\x7f", PATTERN_LITERAL),
	PATTERN("\x40\x1a\x68\0\x33\x5a\0\x7f", PATTERN_LITERAL),
	PATTERN("\0\x68\x1a\x40\0\0\0\0\x7f\0\x5a\x33", PATTERN_LITERAL),
	PATTERN("\0\x68\x1a\x40\x7f\0\x5a\x33", PATTERN_LITERAL),
	PATTERN_END,
};

enum { HIT_ESP_RSA, HIT_ESP_ECDSA, HIT_VXWORKS, HIT_WIND, HIT_ECOS };

static struct fact_mcu mcu_at(uint64_t offset)
{
	return (struct fact_mcu){ .offset = (int64_t)offset, .entry = FACT_NULL };
}

static struct text field(struct span bytes, uint64_t at, size_t n)
{
	struct text t = text_until_nul(span_sub(bytes, at, n));
	for (size_t i = 0; i < t.n; i++)
		if ((uint8_t)t.p[i] < 0x20 || (uint8_t)t.p[i] >= 0x7f)
			return TEXT_NONE;
	return t.n ? t : TEXT_NONE;
}

static bool holds(struct span bytes, const char *text)
{
	return text_has(text_from_span(bytes), text);
}

static struct text joined(const struct subject *s, const char *prefix, struct text a, const char *between,
						  struct text b)
{
	char *out =
		arena_printf(s->arena, "%s%.*s%s%.*s", prefix, (int)a.n, a.p ? a.p : "", between, (int)b.n, b.p ? b.p : "");
	return text_c(out);
}

/* Its boot loader tells by its messages what it was built to check; one that is silent does not. */
static void esp_bootloader(const struct subject *s, struct fact_mcu *m)
{
	if (!holds(s->bytes, "Loaded app from partition at offset"))
		return;
	m->secure_boot = holds(s->bytes, "enabling secure boot v2")   ? TEXT_LIT("v2")
					 : holds(s->bytes, "Checking secure boot...") ? TEXT_LIT("v1")
																  : TEXT_LIT("off");
	m->flash_encryption = holds(s->bytes, "Checking flash encryption...") ? TEXT_LIT("on") : TEXT_LIT("off");
}

static const char *esp_chip(const struct subject *s)
{
	static const struct {
		uint16_t id;
		const char *name;
	} chips[] = { { 0, "ESP32" },     { 2, "ESP32-S2" },  { 5, "ESP32-C3" },  { 9, "ESP32-S3" },   { 12, "ESP32-C2" },
				  { 13, "ESP32-C6" }, { 16, "ESP32-H2" }, { 18, "ESP32-P4" }, { 20, "ESP32-C61" }, { 23, "ESP32-C5" } };
	uint32_t entry = span_u32le(s->bytes, 4);
	uint32_t first = span_u32le(s->bytes, 8); /* where the ESP8266's header has its first segment's address */
	bool esp8266 = entry >= 0x40100000 && entry < 0x40300000 &&
				   ((first >= 0x3ffe8000 && first < 0x40000000) || (first >= 0x40100000 && first < 0x40300000));
	for (size_t i = 0; !esp8266 && i < sizeof chips / sizeof chips[0]; i++)
		if (chips[i].id == span_u16le(s->bytes, 12) && span_has(s->bytes, 19, "\0\0\0\0", 4))
			return chips[i].name;
	return "ESP8266";
}

static void read_esp(const struct subject *s, struct sink *sink)
{
	struct fact_mcu m = mcu_at(0);
	m.chip = text_c(esp_chip(s));
	m.entry = span_u32le(s->bytes, 4);
	struct span d = span_sub(s->bytes, 32, 256);
	if (span_u32le(d, 0) == ESP_APP_MAGIC && !text_is(m.chip, "ESP8266")) {
		m.version = field(d, 16, 32);
		m.project = field(d, 48, 32);
		struct text time = field(d, 80, 16), date = field(d, 96, 16), idf = field(d, 112, 32);
		if (date.n)
			m.built = joined(s, "", date, time.n ? " " : "", time);
		if (idf.n)
			m.sdk = joined(s, "ESP-IDF ", idf, "", TEXT_NONE);
	} else if (d.n && d.p[0] == 0x50 && d.p[8] == 'v') { /* the boot loader's description */
		m.project = TEXT_LIT("bootloader");
		m.sdk = joined(s, "ESP-IDF ", field(d, 8, 32), "", TEXT_NONE);
		m.built = field(d, 40, 24);
	}
	if (!m.sdk.n)
		m.sdk = mcu_sdk(s);
	esp_bootloader(s, &m);
	emit_mcu(sink, &m);
}

/* The block stands at the boundary of a sector behind the image, and ends with a CRC of itself. */
static void read_esp_signatures(const struct subject *s, struct sink *sink)
{
	unsigned n = 0;
	for (size_t i = 0; i < s->nhits && n < SIGNATURES_MAX; i++) {
		uint64_t at = s->hits[i].from;
		struct span block = span_sub(s->bytes, at, ESP_SIGNATURE);
		if (s->hits[i].pattern > HIT_ESP_ECDSA || at % ESP_SECTOR || !block.p ||
			hash_crc32(0, span_sub(block, 0, ESP_SIGNATURE_CRC)) != span_u32le(block, ESP_SIGNATURE_CRC))
			continue;
		struct fact_mcu m = mcu_at(at);
		m.chip = TEXT_LIT("ESP32 family");
		m.secure_boot = s->hits[i].pattern ? TEXT_LIT("v2 (ECDSA)") : TEXT_LIT("v2 (RSA-3072)");
		emit_mcu(sink, &m);
		n++;
	}
}

/* In code by itself, or in a program; not in texts that name such things. */
static void read_rtos(const struct subject *s, struct sink *sink)
{
	struct rtos_told told = { .symbols = false };
	if (strcmp(s->format, "data") != 0 && strcmp(s->format, "elf") != 0 && strcmp(s->format, "unknown") != 0)
		return; /* unknown: bytes of flash that no format claims, as such images are mostly */
	for (size_t i = 0; i < s->nhits; i++) {
		uint32_t pattern = s->hits[i].pattern;
		if (pattern >= HIT_VXWORKS)
			rtos_read(s, pattern == HIT_VXWORKS ? RTOS_SYMBOL : pattern == HIT_WIND ? RTOS_WIND : RTOS_HANDLER, &s->hits[i], &told, sink);
	}
}

/* The TLVs behind the image tell whether it is signed; those of the first version have no head. */
static struct text mcuboot_signature(struct span b)
{
	static const struct {
		uint16_t type; /* 0x100: of the first version */
		const char *name;
	} names[] = { { 0x20, "signed (RSA-2048)" },     { 0x21, "signed (ECDSA P-224)" }, { 0x22, "signed (ECDSA)" },
				  { 0x23, "signed (RSA-3072)" },     { 0x24, "signed (Ed25519)" },     { 0x102, "signed (RSA-2048)" },
				  { 0x103, "signed (ECDSA P-224)" }, { 0x104, "signed (ECDSA P-256)" } };
	bool first = span_u32le(b, 0) == 0x96f3b83c;
	uint64_t at = (uint64_t)span_u16le(b, 8) + span_u32le(b, 12);
	if (!first && span_u16le(b, at) == 0x6908)
		at += span_u16le(b, at + 2);
	uint64_t end = at + span_u16le(b, first ? 4 : at + 2);
	if (end > b.n || (!first && span_u16le(b, at) != 0x6907))
		return TEXT_NONE;
	for (at += first ? 0 : 4; at + 4 <= end; at += 4 + (uint64_t)span_u16le(b, at + 2)) {
		unsigned type = first ? b.p[at] + 0x100u : span_u16le(b, at);
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			if (names[i].type == type)
				return text_c(names[i].name);
	}
	return TEXT_LIT("unsigned");
}

static void read_mcuboot(const struct subject *s, struct sink *sink)
{
	struct span b = s->bytes, version = span_sub(b, 20, 8), code = span_from(b, span_u16le(b, 8));
	struct fact_mcu m = mcu_at(0);
	if (version.p)
		m.version = text_c(arena_printf(s->arena, "%u.%u.%u+%u", version.p[0], version.p[1], span_u16le(version, 2),
										span_u32le(version, 4)));
	struct text sdk = mcu_sdk(s);
	m.sdk = joined(s, "MCUboot image", TEXT_NONE, sdk.n ? ", " : "", sdk);
	m.secure_boot = mcuboot_signature(b);
	if (span_u32le(code, 0) >> 24 == 0x20 && span_u32le(code, 4) & 1)
		m.entry = span_u32le(code, 4);
	emit_mcu(sink, &m);
}

static void read_gbl(const struct subject *s, struct sink *sink)
{
	struct fact_mcu m = mcu_at(0);
	uint32_t type = span_u32le(s->bytes, 12);
	m.chip = TEXT_LIT("EFR32");
	m.secure_boot = type & 0x100 ? TEXT_LIT("signed (ECDSA P-256)") : TEXT_LIT("unsigned");
	if (span_u32le(s->bytes, 16) == 0xf40a0af4) {
		m.version = text_c(arena_printf(s->arena, "%u", span_u32le(s->bytes, 28)));
		static const char *const kinds[] = { "Zigbee", "Thread", "Flex", "Bluetooth" };
		for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
			if (span_u32le(s->bytes, 24) & 1u << i)
				m.sdk = joined(s, "Silicon Labs ", text_c(kinds[i]), "", TEXT_NONE);
	}
	emit_mcu(sink, &m);
}

static void read_zigbee(const struct subject *s, struct sink *sink)
{
	struct fact_mcu m = mcu_at(0);
	m.project = field(s->bytes, 20, 32);
	m.version = text_c(arena_printf(s->arena, "%u", span_u32le(s->bytes, 14)));
	m.sdk = span_u16le(s->bytes, 18) == 2 ? TEXT_LIT("Zigbee PRO") : TEXT_NONE;
	emit_mcu(sink, &m);
}

static void read_telink(const struct subject *s, struct sink *sink)
{
	struct fact_mcu m = mcu_at(0);
	m.chip = TEXT_LIT("Telink TLSR8");
	m.sdk = mcu_sdk(s);
	emit_mcu(sink, &m);
}

static void read_jn518x(const struct subject *s, struct sink *sink)
{
	struct fact_mcu m = mcu_at(0);
	m.chip = TEXT_LIT("NXP JN518x or K32W0");
	m.entry = span_u32le(s->bytes, 4);
	emit_mcu(sink, &m);
}

static void read_ti_oad(const struct subject *s, struct sink *sink)
{
	struct fact_mcu m = mcu_at(0);
	m.chip = TEXT_LIT("TI CC13xx or CC26xx");
	m.entry = span_u32le(s->bytes, 28);
	m.sdk = mcu_sdk(s);
	emit_mcu(sink, &m);
}

static void read_uf2(const struct subject *s, struct sink *sink)
{
	struct fact_mcu m = mcu_at(0);
	if (span_u32le(s->bytes, 8) & 0x2000)
		m.chip = text_c(mcu_uf2_family(span_u32le(s->bytes, 28)));
	emit_mcu(sink, &m);
}

/* A SoftDevice behind Nordic's master boot record, or without it, as in Intel HEX; and the application behind it. */
static bool read_softdevice(const struct subject *s, struct sink *sink)
{
	uint32_t before = span_u32le(span_clip(s->bytes, SOFTDEVICE_INFO, 64), 4) == SOFTDEVICE_MAGIC ? 0 : BOOT_RECORD;
	struct span info = span_clip(s->bytes, SOFTDEVICE_INFO - before, 64);
	uint32_t size = span_u32le(info, 8) - before; /* it counts from the beginning of flash */
	if (span_u32le(info, 4) != SOFTDEVICE_MAGIC || size > UINT32_MAX - BOOT_RECORD)
		return false;
	struct fact_mcu m = mcu_at(0), application = mcu_at(size);
	const char *chip = NULL, *name = mcu_softdevice(span_u16le(info, 12), &chip);
	m.chip = application.chip = chip ? text_c(chip) : TEXT_LIT("nRF51 or nRF52");
	m.project = TEXT_LIT("SoftDevice");
	if (name)
		m.version = text_c(name);
	else
		m.version = text_c(arena_printf(s->arena, "firmware id 0x%04x", span_u16le(info, 12)));
	m.entry = span_u32le(s->bytes, 4);
	emit_mcu(sink, &m);
	application.entry = span_u32le(s->bytes, (uint64_t)size + 4);
	if (span_u32le(s->bytes, size) >> 24 == 0x20 && application.entry & 1) {
		application.sdk = mcu_sdk(s);
		emit_mcu(sink, &application);
	}
	return true;
}

static void read_cortex_m(const struct subject *s, struct sink *sink)
{
	if (read_softdevice(s, sink))
		return;
	struct fact_mcu m = mcu_at(0);
	m.entry = span_u32le(s->bytes, 4);
	m.chip = m.entry >> 20 == 0x080 ? TEXT_LIT("Cortex-M (STM32 or compatible)") : TEXT_LIT("Cortex-M");
	m.sdk = mcu_sdk(s);
	emit_mcu(sink, &m);
}

static const struct {
	const char *format;
	void (*read)(const struct subject *s, struct sink *sink);
} readers[] = {
	{ "esp_image", read_esp },     { "mcuboot", read_mcuboot }, { "gbl", read_gbl },
	{ "zigbee_ota", read_zigbee }, { "telink", read_telink },   { "nxp_jn518x", read_jn518x },
	{ "ti_oad", read_ti_oad },     { "uf2", read_uf2 },         { "cortex_m", read_cortex_m },
};

static bool is_nvs(const struct subject *s)
{
	return s->kind == ENTRY_FILE && s->mode == FACT_NULL && s->bytes.n <= NVS_VALUE_MAX &&
		   text_starts(s->path, "/nvs.net80211/");
}

/* Wi-Fi: the name of a network is a structure of its length and 32 bytes, a password fills 65 bytes with NULs. */
static void read_nvs(const struct subject *s, struct sink *sink)
{
	static const struct {
		const char *key;
		bool secret, sized;
	} keys[] = { { "sta.ssid", false, true },
				 { "ap.ssid", false, true },
				 { "sta.pswd", true, false },
				 { "ap.passwd", true, false },
				 { "ap.pswd", true, false } };
	struct text key = text_base(s->path);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (!text_is(key, keys[i].key))
			continue;
		struct span value = s->bytes;
		if (keys[i].sized && value.n == 36)
			value = span_sub(value, 4, span_u32le(value, 0) <= 32 ? span_u32le(value, 0) : 32);
		struct text t = text_until_nul(value);
		if (t.n && (uint8_t)t.p[0] != 0xff)
			emit_setting(sink, &(struct fact_setting){
								   .line = FACT_NULL,
								   .program = TEXT_LIT("nvs"),
								   .section = TEXT_LIT("nvs.net80211"),
								   .key = key,
								   .value = t,
								   .origin = TEXT_LIT("file"),
								   .effective = 1,
								   .secret = keys[i].secret,
							   });
	}
}

/* Nordic's user information registers, where an image of the whole memory has them. */
static uint64_t region_address(const struct subject *s)
{
	uint64_t v = 0;
	if (s->kind != ENTRY_REGION || s->path.n != 10 || !text_starts(s->path, "0x1000"))
		return UINT64_MAX;
	for (size_t i = 2; i < 10; i++) {
		int d = ascii_hex_value(s->path.p[i]);
		if (d < 0)
			return UINT64_MAX;
		v = v << 4 | (unsigned)d;
	}
	return v <= UICR_APPROTECT && UICR_APPROTECT - v + 4 <= s->bytes.n && v >= 0x10001000 ? v : UINT64_MAX;
}

static void read_uicr(const struct subject *s, struct sink *sink)
{
	uint64_t at = UICR_APPROTECT - region_address(s);
	uint32_t v = span_u32le(s->bytes, at);
	if (v == UINT32_MAX)
		return; /* what that means depends on the chip's revision */
	struct fact_mcu m = mcu_at(at);
	m.chip = TEXT_LIT("nRF52");
	m.debug = (v & 0xff) == 0 ? TEXT_LIT("locked") : (v & 0xff) == 0x5a ? TEXT_LIT("open") : TEXT_NONE;
	emit_mcu(sink, &m);
}

static bool mcu_wants(const struct subject *s)
{
	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
		if (strcmp(s->format, readers[i].format) == 0)
			return true;
	return s->nhits > 0 || is_nvs(s) || region_address(s) != UINT64_MAX;
}

static void mcu_run(const struct subject *s, struct sink *sink)
{
	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
		if (strcmp(s->format, readers[i].format) == 0) {
			readers[i].read(s, sink);
			return;
		}
	if (is_nvs(s))
		read_nvs(s, sink);
	else if (region_address(s) != UINT64_MAX)
		read_uicr(s, sink);
	if (s->nhits) {
		read_esp_signatures(s, sink);
		read_rtos(s, sink);
	}
}

const struct inspector mcu_inspector = {
	.name = "mcu",
	.title = "programs for microcontrollers, with their SDK and how they are protected",
	.spec = "esptool documentation; MCUboot docs/design.md",
	.patterns = mcu_patterns,
	.containers = true,
	.wants = mcu_wants,
	.run = mcu_run,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Banners of SDKs for microcontrollers; Nordic's firmware ids; families of UF2.
 *
 * Sources: each project's own sources for its banner; nrfutil pkg generate --help (--sd-req); microsoft/uf2
 * utils/uf2families.json.
 */
#include "inspect/mcu.h"

#define IMAGE_MAX ((size_t)16 << 20)
#define SDK_MAX 200u
#define VERSION_MAX 32u

/* With a version: it follows the banner, and without one the banner says nothing. */
static const struct {
	const char *banner, *name;
	bool version;
} sdks[] = {
	{ "FreeRTOS Kernel V", "FreeRTOS", true },
	{ "FreeRTOS V", "FreeRTOS", true },
	{ "*** Booting Zephyr OS build ", "Zephyr", true },
	{ "*** Booting nRF Connect SDK ", "nRF Connect SDK", true },
	{ "lwIP/", "lwIP", true },
	{ "mbed TLS ", "Mbed TLS", true },
	{ "Mbed TLS ", "Mbed TLS", true },
	{ "OPENTHREAD/", "OpenThread", true },
	{ "RT-Thread Operating System", "RT-Thread", false },
	{ "Huawei LiteOS", "LiteOS", false },
	{ "This is RIOT! (Version: ", "RIOT", true },
	{ "Contiki-NG-", "Contiki-NG", true },
	{ "Contiki ", "Contiki", true },
	{ "NuttX-", "NuttX", true },
	{ "EmberZNet ", "EmberZNet", true },
	{ "Z-Stack ", "Z-Stack", true },
	{ "wolfSSL ", "wolfSSL", true },
	{ "TinyUSB", "TinyUSB", false },
	{ "arduino-esp32", "Arduino", false },
	{ "Mbed OS ", "Mbed OS", true },
	{ "Apache Mynewt", "Mynewt", false },
	{ "ThreadX ", "ThreadX", true },
};

/* Firmware ids as Nordic's nrfutil lists them for --sd-req, and for older ones as "How do I access softdevice version string"
 * on its DevZone does. 0x5d stands for two releases. */
static const struct {
	uint16_t id;
	const char *name;
} softdevices[] = {
	{ 0x004f, "S110 7.0.0" },          { 0x005a, "S110 7.1.0" }, { 0x0063, "S110 7.3.0" }, { 0x0064, "S110 8.0.0" },
	{ 0x0055, "S120 1.0.0" },          { 0x0058, "S120 1.0.1" }, { 0x0060, "S120 2.0.0" }, { 0x006b, "S120 2.1.0" },
	{ 0x0067, "S130 1.0.0" },          { 0x0080, "S130 2.0.0" }, { 0x0087, "S130 2.0.1" }, { 0x0057, "S210 4.0.0" },
	{ 0x005d, "S310 2.0.0 or 2.0.1" }, { 0x0065, "S310 3.0.0" }, { 0x00a7, "S112 6.0.0" }, { 0x00b0, "S112 6.1.0" },
	{ 0x00b8, "S112 6.1.1" },          { 0x00c4, "S112 7.0.0" }, { 0x00cd, "S112 7.0.1" }, { 0x0103, "S112 7.2.0" },
	{ 0x0126, "S112 7.3.0" },          { 0x00c3, "S113 7.0.0" }, { 0x00cc, "S113 7.0.1" }, { 0x0102, "S113 7.2.0" },
	{ 0x0125, "S113 7.3.0" },          { 0x00ea, "S122 8.0.0" }, { 0x0112, "S122 8.1.1" }, { 0x0081, "S132 2.0.0" },
	{ 0x0088, "S132 2.0.1" },          { 0x008c, "S132 3.0.0" }, { 0x0091, "S132 3.1.0" }, { 0x0095, "S132 4.0.0" },
	{ 0x0098, "S132 4.0.2" },          { 0x0099, "S132 4.0.3" }, { 0x009e, "S132 4.0.4" }, { 0x009f, "S132 4.0.5" },
	{ 0x009d, "S132 5.0.0" },          { 0x00a5, "S132 5.1.0" }, { 0x00a8, "S132 6.0.0" }, { 0x00af, "S132 6.1.0" },
	{ 0x00b7, "S132 6.1.1" },          { 0x00c2, "S132 7.0.0" }, { 0x00cb, "S132 7.0.1" }, { 0x0101, "S132 7.2.0" },
	{ 0x0124, "S132 7.3.0" },          { 0x00a9, "S140 6.0.0" }, { 0x00ae, "S140 6.1.0" }, { 0x00b6, "S140 6.1.1" },
	{ 0x00c1, "S140 7.0.0" },          { 0x00ca, "S140 7.0.1" }, { 0x0100, "S140 7.2.0" }, { 0x0123, "S140 7.3.0" },
	{ 0x00bc, "S212 6.1.1" },          { 0x00ba, "S332 6.1.1" }, { 0x00b9, "S340 6.1.1" },
};

static const struct {
	uint32_t id;
	const char *name;
} families[] = {
	{ 0x16573617, "ATmega32" },    { 0x1851780a, "SAML21" },      { 0x1b57745f, "nRF52" },
	{ 0x1c5f21b0, "ESP32" },       { 0x1e1f432d, "STM32L1" },     { 0x202e3a91, "STM32L0" },
	{ 0x21460ff0, "STM32WL" },     { 0x2abc77ec, "LPC55" },       { 0x300f5633, "STM32G0" },
	{ 0x31d228c6, "GD32F350" },    { 0x04240bdf, "STM32L5" },     { 0x4c71240a, "STM32G4" },
	{ 0x4fb2d5bd, "i.MX RT10xx" }, { 0x53b80f00, "STM32F7" },     { 0x55114460, "SAMD51" },
	{ 0x57755a57, "STM32F4" },     { 0x5a18069b, "FX2" },         { 0x5d1a0a2e, "STM32F2" },
	{ 0x5ee21072, "STM32F1" },     { 0x621e937a, "nRF52833" },    { 0x647824b6, "STM32F0" },
	{ 0x68ed2b88, "SAMD21" },      { 0x6b846188, "STM32F3" },     { 0x6d0922fa, "STM32F407" },
	{ 0x6db66082, "STM32H7" },     { 0x70d16653, "STM32WB" },     { 0x7eab61ed, "ESP8266" },
	{ 0x7f83e793, "KL32L2" },      { 0x8fb060fe, "STM32F407VG" }, { 0xada52840, "nRF52840" },
	{ 0xbfdd4eee, "ESP32-S2" },    { 0xc47e5767, "ESP32-S3" },    { 0xd42ba06c, "ESP32-C3" },
	{ 0xe48bff56, "RP2040" },      { 0xe48bff59, "RP2350" },      { 0xe48bff5a, "RP2350 (RISC-V)" },
	{ 0xe48bff5b, "RP2350" },
};

static bool in_version(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
		   c == '_' || c == '+';
}

/* A version holds a number with a dot; it may begin with a letter. */
static struct text version_at(struct span bytes, uint64_t at)
{
	struct span s = span_clip(bytes, at, VERSION_MAX);
	size_t n = 0;
	bool dot = false;
	while (n < s.n && in_version(s.p[n]))
		dot |= s.p[n++] == '.';
	while (n > 0 && s.p[n - 1] == '.')
		n--;
	size_t first = n && s.p[0] == 'v' ? 1 : 0;
	if (n <= first + 1 || !dot || s.p[first] < '0' || s.p[first] > '9')
		return TEXT_NONE;
	return text_of((const char *)s.p + first, n - first);
}

struct text mcu_sdk(const struct subject *s)
{
	struct span image = span_clip(s->bytes, 0, IMAGE_MAX);
	char *out = ARENA_ARRAY(s->arena, char, SDK_MAX);
	size_t n = 0;
	const char *last = "";
	for (size_t i = 0; out && image.n && i < sizeof sdks / sizeof sdks[0]; i++) {
		size_t length = strlen(sdks[i].banner);
		const uint8_t *p = memmem(image.p, image.n, sdks[i].banner, length);
		if (!p || strcmp(last, sdks[i].name) == 0)
			continue;
		struct text version = sdks[i].version ? version_at(image, (uint64_t)(p - image.p) + length) : TEXT_NONE;
		size_t name = strlen(sdks[i].name);
		if ((sdks[i].version && !version.n) || n + name + version.n + 4 > SDK_MAX)
			continue;
		if (n) {
			memcpy(out + n, ", ", 2);
			n += 2;
		}
		memcpy(out + n, sdks[i].name, name);
		n += name;
		if (version.n) {
			out[n++] = ' ';
			memcpy(out + n, version.p, version.n);
			n += version.n;
		}
		last = sdks[i].name;
	}
	return n ? text_of(out, n) : TEXT_NONE;
}

const char *mcu_softdevice(uint16_t id, const char **chip)
{
	for (size_t i = 0; i < sizeof softdevices / sizeof softdevices[0]; i++)
		if (softdevices[i].id == id) {
			static const char *const on_nrf51[] = { "S110", "S120", "S130", "S210", "S310" };
			bool old = false;
			for (size_t k = 0; k < sizeof on_nrf51 / sizeof on_nrf51[0]; k++)
				old |= strncmp(softdevices[i].name, on_nrf51[k], 4) == 0;
			*chip = old ? "nRF51" : "nRF52";
			return softdevices[i].name;
		}
	return NULL;
}

const char *mcu_uf2_family(uint32_t id)
{
	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
		if (families[i].id == id)
			return families[i].name;
	return NULL;
}

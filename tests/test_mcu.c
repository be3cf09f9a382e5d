/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs for microcontrollers: headers made after each format's specification, and the rows that they give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "inspected.h"

extern const struct inspector mcu_inspector;

static uint8_t image[0x4000];

static void le(size_t at, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		image[at + i] = (uint8_t)(v >> 8 * i);
}

static void clear(void)
{
	memset(image, 0, sizeof image);
}

static void expect(struct subject s, enum fact_type type, const char *expected)
{
	struct inspected out;
	inspected_run(&out, &mcu_inspector, s);
	assert_string_equal(inspected_print(&out, type), expected);
	inspected_free(&out);
}

static struct subject container(const char *format, size_t n)
{
	return (
		struct subject){ .bytes = span_of(image, n), .path = TEXT_LIT("x"), .format = format, .kind = ENTRY_REGION };
}

static void esp_header(uint16_t chip)
{
	clear();
	le(0, 0x0201e9, 4);
	le(4, 0x40376e24, 4);
	le(12, chip, 2);
	le(24, 0x3c150020, 4);
}

static void test_esp(void **state)
{
	(void)state;
	esp_header(9);
	le(32, 0xabcd5432, 4);
	memcpy(image + 48, "v1.0-3", 6);
	memcpy(image + 80, "lamp", 4);
	memcpy(image + 112, "12:34:56", 8);
	memcpy(image + 128, "Jan  2 2025", 11);
	memcpy(image + 144, "v5.1.2", 6);
	expect(
		container("esp_image", 2048), FACT_mcu,
		"offset=0 | chip=ESP32-S3 | project=lamp | version=v1.0-3 | sdk=ESP-IDF v5.1.2 | built=Jan  2 2025 12:34:56 | "
		"entry=1077374500\n");
	esp_header(0);
	strcpy((char *)image + 300, "Loaded app from partition at offset 0x%x");
	expect(container("esp_image", 2048), FACT_mcu,
		   "offset=0 | chip=ESP32 | entry=1077374500 | secure_boot=off | flash_encryption=off\n");
	strcpy((char *)image + 400, "enabling secure boot v2...");
	strcpy((char *)image + 500, "Checking flash encryption...");
	expect(container("esp_image", 2048), FACT_mcu,
		   "offset=0 | chip=ESP32 | entry=1077374500 | secure_boot=v2 | flash_encryption=on\n");
	clear();
	le(0, 0x0003e9, 4);
	le(4, 0x40100160, 4);
	le(8, 0x40100000, 4);
	strcpy((char *)image + 300, "lwIP/2.1.2 (http://savannah.nongnu.org/projects/lwip)");
	expect(container("esp_image", 2048), FACT_mcu, "offset=0 | chip=ESP8266 | sdk=lwIP 2.1.2 | entry=1074790752\n");
}

static void test_esp_signature(void **state)
{
	(void)state;
	clear();
	le(0x1000, 0x2e7, 4);
	image[0x1004] = 7;
	le(0x1000 + 1196, hash_crc32(0, span_of(image + 0x1000, 1196)), 4);
	struct subject s = {
		.bytes = span_of(image, 0x2000), .path = TEXT_LIT("app0"), .kind = ENTRY_REGION, .format = "data"
	};
	expect(s, FACT_mcu, "offset=4096 | chip=ESP32 family | secure_boot=v2 (RSA-3072)\n");
	image[0x1005] = 1;
	expect(s, FACT_mcu, "");
}

static void mcuboot_header(void)
{
	clear();
	le(0, 0x96f3b83d, 4);
	le(8, 32, 2);
	le(12, 256, 4);
	image[20] = 1;
	image[21] = 2;
	le(22, 3, 2);
	le(24, 4, 4);
	le(32, 0x20001000, 4);
	le(36, 0x201, 4);
	strcpy((char *)image + 100, "*** Booting Zephyr OS build v3.4.0 ***");
	le(288, 0x6907, 2);
}

static void test_mcuboot(void **state)
{
	(void)state;
	mcuboot_header();
	le(290, 4 + 4 + 64, 2);
	le(292, 0x22, 2);
	le(294, 64, 2);
	expect(container("mcuboot", 360), FACT_mcu,
		   "offset=0 | version=1.2.3+4 | sdk=MCUboot image, Zephyr 3.4.0 | entry=513 | secure_boot=signed (ECDSA)\n");
	le(292, 0x10, 2);
	expect(container("mcuboot", 360), FACT_mcu,
		   "offset=0 | version=1.2.3+4 | sdk=MCUboot image, Zephyr 3.4.0 | entry=513 | secure_boot=unsigned\n");
	expect(container("mcuboot", 288), FACT_mcu,
		   "offset=0 | version=1.2.3+4 | sdk=MCUboot image, Zephyr 3.4.0 | entry=513\n");
	expect(container("mcuboot", 300), FACT_mcu,
		   "offset=0 | version=1.2.3+4 | sdk=MCUboot image, Zephyr 3.4.0 | entry=513\n");
}

static void test_others(void **state)
{
	(void)state;
	clear();
	le(12, 0x100, 4);
	le(16, 0xf40a0af4, 4);
	le(24, 1, 4);
	le(28, 16777303, 4);
	expect(container("gbl", 64), FACT_mcu,
		   "offset=0 | chip=EFR32 | version=16777303 | sdk=Silicon Labs Zigbee | secure_boot=signed (ECDSA P-256)\n");
	clear();
	le(14, 29, 4);
	le(18, 2, 2);
	memcpy(image + 20, "OM15082", 7);
	expect(container("zigbee_ota", 64), FACT_mcu, "offset=0 | project=OM15082 | version=29 | sdk=Zigbee PRO\n");
	clear();
	le(8, 0x2000, 4);
	le(28, 0xe48bff56, 4);
	expect(container("uf2", 512), FACT_mcu, "offset=0 | chip=RP2040\n");
	clear();
	le(0, 0x20005000, 4);
	le(4, 0x08000101, 4);
	strcpy((char *)image + 300, "FreeRTOS Kernel V10.4.3");
	expect(container("cortex_m", 1024), FACT_mcu,
		   "offset=0 | chip=Cortex-M (STM32 or compatible) | sdk=FreeRTOS 10.4.3 | entry=134217985\n");
	strcpy((char *)image + 300, "main(): This is RIOT! (Version: 2023.07)");
	expect(container("cortex_m", 1024), FACT_mcu,
		   "offset=0 | chip=Cortex-M (STM32 or compatible) | sdk=RIOT 2023.07 | entry=134217985\n");
}

static void softdevice(void)
{
	clear();
	le(4, 0x6d1, 4);
	le(0x3004, 0x51b1e5db, 4);
	le(0x3008, 0x3800, 4);
	le(0x300c, 0x64, 2);
	le(0x3800, 0x20003f78, 4);
	le(0x3804, 0x1d751, 4);
}

static void test_softdevice(void **state)
{
	(void)state;
	softdevice();
	expect(container("cortex_m", sizeof image), FACT_mcu,
		   "offset=0 | chip=nRF51 | project=SoftDevice | version=S110 8.0.0 | entry=1745\n"
		   "offset=14336 | chip=nRF51 | entry=120657\n");
	le(0x3804, 0, 4);
	le(0x300c, 0x5d, 2);
	expect(container("cortex_m", sizeof image), FACT_mcu,
		   "offset=0 | chip=nRF51 | project=SoftDevice | version=S310 2.0.0 or 2.0.1 | entry=1745\n");
	le(0x300c, 0x112, 2);
	expect(container("cortex_m", sizeof image), FACT_mcu,
		   "offset=0 | chip=nRF52 | project=SoftDevice | version=S122 8.1.1 | entry=1745\n");
	le(0x300c, 0xfffe, 2);
	expect(container("cortex_m", sizeof image), FACT_mcu,
		   "offset=0 | chip=nRF51 or nRF52 | project=SoftDevice | version=firmware id 0xfffe | entry=1745\n");
}

/* Without the master boot record, which records of addresses have as a range of its own. */
static void test_softdevice_alone(void **state)
{
	(void)state;
	clear();
	le(0, 0x20000fb0, 4);
	le(4, 0x1ae21, 4);
	le(0x2004, 0x51b1e5db, 4);
	le(0x2008, 0x3800, 4);
	le(0x200c, 0xcc, 2);
	expect(container("cortex_m", sizeof image), FACT_mcu, "offset=0 | chip=nRF52 | project=SoftDevice | version=S113 7.0.1 | entry=110113\n");
	le(0x2800, 0x20003f78, 4);
	le(0x2804, 0x1d751, 4);
	expect(container("cortex_m", sizeof image), FACT_mcu,
		   "offset=0 | chip=nRF52 | project=SoftDevice | version=S113 7.0.1 | entry=110113\n"
		   "offset=10240 | chip=nRF52 | entry=120657\n");
	le(0x2008, 0xfff, 4); /* less than what is before it */
	expect(container("cortex_m", sizeof image), FACT_mcu, "offset=0 | chip=Cortex-M | entry=110113\n");
}

static void test_uicr(void **state)
{
	(void)state;
	memset(image, 0xff, 0x1000);
	struct subject s = {
		.bytes = span_of(image, 0x1000), .path = TEXT_LIT("0x10001000"), .kind = ENTRY_REGION, .format = "data"
	};
	expect(s, FACT_mcu, "");
	image[0x208] = 0;
	expect(s, FACT_mcu, "offset=520 | chip=nRF52 | debug=locked\n");
	image[0x208] = 0x5a;
	expect(s, FACT_mcu, "offset=520 | chip=nRF52 | debug=open\n");
	s.path = TEXT_LIT("0x10002000");
	expect(s, FACT_mcu, "");
}

static void test_nvs(void **state)
{
	(void)state;
	uint8_t ssid[36] = { 4, 0, 0, 0, 'H', 'o', 'm', 'e' }, password[65] = "correct horse";
	struct subject s = {
		.bytes = span_of(ssid, 36), .path = TEXT_LIT("/nvs.net80211/sta.ssid"), .kind = ENTRY_FILE, .mode = FACT_NULL
	};
	expect(s, FACT_setting,
		   "program=nvs | section=nvs.net80211 | key=sta.ssid | value=Home | origin=file | effective=1 | secret=0\n");
	s.bytes = span_of(password, 65);
	s.path = TEXT_LIT("/nvs.net80211/sta.pswd");
	expect(
		s, FACT_setting,
		"program=nvs | section=nvs.net80211 | key=sta.pswd | value=correct horse | origin=file | effective=1 | secret=1\n");
	memset(password, 0, 65);
	expect(s, FACT_setting, "");
	s.path = TEXT_LIT("/nvs.net80211/sta.chan");
	expect(s, FACT_setting, "");
}

static void test_survives(void **state)
{
	(void)state;
	static const char *const formats[] = { "esp_image",  "mcuboot", "gbl", "zigbee_ota", "telink",
										   "nxp_jn518x", "ti_oad",  "uf2", "cortex_m" };
	uint32_t x = 1;
	for (unsigned round = 0; round < 3000; round++) {
		if (round % 3 == 0)
			mcuboot_header();
		else if (round % 3 == 1)
			softdevice();
		else
			esp_header(9);
		for (unsigned k = 0; k < 6; k++) {
			x = x * 1664525 + 1013904223;
			image[x >> 8 & 0x1ff] = (uint8_t)(x >> 24);
		}
		size_t n = round % 2 ? round : x % sizeof image;
		uint8_t *copy = malloc(n + 1);
		memcpy(copy, image, n);
		struct subject s = container(formats[round / 3 % 9], 0);
		s.bytes = span_of(copy, n);
		struct inspected out;
		inspected_run(&out, &mcu_inspector, s);
		inspected_free(&out);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_esp),    cmocka_unit_test(test_esp_signature), cmocka_unit_test(test_mcuboot),
		cmocka_unit_test(test_others), cmocka_unit_test(test_softdevice), cmocka_unit_test(test_softdevice_alone),   cmocka_unit_test(test_uicr),
		cmocka_unit_test(test_nvs),    cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("mcu", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Radio stacks and their settings: each case is a file and the rows that it gives, after the programs' own manuals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspected.h"

extern const struct inspector radios_inspector;

#define ELF                                                                                                            \
	"\x7f"                                                                                                             \
	"ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e\0\1\0\0\0"
struct radio_case {
	const char *path, *bytes;
	size_t n;
	const char *rows;
};
#define CASE(path, bytes, rows)                                                                                        \
	{                                                                                                                  \
		path, bytes, sizeof(bytes) - 1, rows                                                                           \
	}

static const struct radio_case stack_cases[] = {
	CASE("/usr/sbin/hostapd", ELF "\0hostapd v2.9\n\0", "technology=wifi | stack=hostapd | key= | value=2.9\n"),
	CASE("/usr/sbin/wpa_supplicant", ELF "\0wpa_supplicant v2.10\n\0",
		 "technology=wifi | stack=wpa_supplicant | key= | value=2.10\n"),
	CASE("/usr/libexec/bluetooth/bluetoothd", ELF "\0", "technology=bluetooth | stack=BlueZ | key=\n"),
	CASE("/lib/modules/5.4.1/kernel/net/ath10k-core.ko", ELF "\0license=GPL\0",
		 "technology=wifi | stack=ath10k | key=\n"),
	CASE("/lib/modules/3.4/8189fs.ko", ELF "\0version=v4.3.24_16705\0",
		 "technology=wifi | stack=Realtek 8189fs (vendor) | key=\n"),
	CASE("/lib/modules/3.4/rtl8xxxu.ko", ELF "\0version=1.2\0",
		 "technology=wifi | stack=rtl8xxxu | key= | value=1.2\n"),
	CASE("/lib/firmware/brcm/brcmfmac43430-sdio.bin", "\0\1\2\0Version: 7.45.98.83 (r714225)\0\0",
		 "technology=wifi | stack=firmware for brcmfmac | key= | value=7.45.98.83\n"),
	CASE("/lib/firmware/rtl_bt/rtl8723b_fw.bin", "Realtech\0\0",
		 "technology=bluetooth | stack=firmware for Realtek | key=\n"),
	CASE("/usr/sbin/otbr-agent", ELF "\0OPENTHREAD/thread-reference-20230706; POSIX\0",
		 "technology=thread | stack=OpenThread Border Router | key= | value=thread-reference-20230706\n"),
	/* a program for a microcontroller */
	CASE("/app.bin", "\1\2\3\0NimBLE host\0nimble_host\0\xff", "technology=ble | stack=NimBLE | key=\n"),
	CASE("/rcp.bin", "\1\2\0OPENTHREAD/1.2-g1; NRF52840\0\xff",
		 "technology=thread | stack=OpenThread | key= | value=1.2-g1\n"),
	CASE("/zb.bin", "\1\2\0ZigBeeAlliance09\0\xff",
		 "technology=zigbee | stack= | key=trust centre link key | value=ZigBeeAlliance09\n"),
	/* none of these */
	CASE("/usr/bin/hostapd", "#!/bin/sh\necho hostapd v2.9\n", ""),
	CASE("/usr/share/file/magic.mgc", "\1\2\0ZBOSS\0\xff", ""),
	CASE("/usr/bin/wireshark", ELF "\0NimBLE\0BTstack\0", ""),
	CASE("/usr/lib/python3/zigpy.py", "KEY = b\"ZigBeeAlliance09\"\n", ""),
	CASE("/lib/modules/5.4/ext4.ko", ELF "\0version=1\0", ""),
	CASE("/lib/firmware/rtl_nic/rtl8168e-1.fw", "\0\1\2", ""),
	CASE("/usr/share/doc/x/global_conf.json", "{\"server_address\": \"a\"}", ""),
};

static const struct radio_case setting_cases[] = {
	CASE(
		"/etc/bluetooth/main.conf",
		"[General]\n#Privacy = off\nDiscoverableTimeout = 0\r\nJustWorksRepairing=always\nFastConnectable=true\n[Policy]\nAutoEnable=true",
		"line=3 | technology=bluetooth | stack=BlueZ | key=DiscoverableTimeout | value=0\n"
		"line=4 | technology=bluetooth | stack=BlueZ | key=JustWorksRepairing | value=always\n"
		"line=7 | technology=bluetooth | stack=BlueZ | key=AutoEnable | value=true\n"),
	CASE("/etc/bluetooth/input.conf", "[General]\nClassicBondedOnly=false\n",
		 "line=2 | technology=bluetooth | stack=BlueZ | key=ClassicBondedOnly | value=false\n"),
	CASE(
		"/opt/zigbee2mqtt/data/configuration.yaml",
		"permit_join: true # for now\nmqtt:\n  base_topic: zigbee2mqtt\nadvanced:\n  network_key:\n    - 1\n    - 3\n    - 0x0D\n  pan_id: 6754\n",
		"line=1 | technology=zigbee | stack=zigbee2mqtt | key=permit_join | value=true\n"
		"line=5 | technology=zigbee | stack=zigbee2mqtt | key=network_key | value=01030d\n"
		"line=9 | technology=zigbee | stack=zigbee2mqtt | key=pan_id | value=6754\n"),
	CASE("/data/configuration.yaml", "mqtt:\nadvanced:\n  network_key: [1, 3, 5, 255]\n",
		 "line=3 | technology=zigbee | stack=zigbee2mqtt | key=network_key | value=010305ff\n"),
	CASE("/data/configuration.yaml", "mqtt:\nadvanced:\n  network_key: GENERATE\n",
		 "line=3 | technology=zigbee | stack=zigbee2mqtt | key=network_key | value=GENERATE\n"),
	CASE("/config/configuration.yaml", "homeassistant:\n  channel: 3\n", ""),
	/* a setting of something else */
	CASE("/data/configuration.yaml", "mqtt:\n  permit_join: false\n", ""),
	/* pages where whoever comes may open the network */
	CASE("/data/configuration.yaml", "permit_join: false\nmqtt:\n  server: a\n\"frontend\" :\n  # auth_token: a\n  port: 8080\n",
		 "line=4 | technology=zigbee | stack=zigbee2mqtt | key=frontend | value=without a token\n"
		 "line=1 | technology=zigbee | stack=zigbee2mqtt | key=permit_join | value=false\n"),
	CASE("/data/configuration.yaml", "mqtt:\nfrontend: true\npermit_join: false\nadvanced:\n  auth_token: a\n",
		 "line=2 | technology=zigbee | stack=zigbee2mqtt | key=frontend | value=without a token\n"
		 "line=3 | technology=zigbee | stack=zigbee2mqtt | key=permit_join | value=false\n"),
	CASE("/data/configuration.yaml", "mqtt:\npermit_join: false\nfrontend:\n  auth_token: null\n",
		 "line=3 | technology=zigbee | stack=zigbee2mqtt | key=frontend | value=without a token\n"
		 "line=2 | technology=zigbee | stack=zigbee2mqtt | key=permit_join | value=false\n"),
	CASE("/data/configuration.yaml", "mqtt:\npermit_join: false\nfrontend:\n  auth_token: ''\n",
		 "line=3 | technology=zigbee | stack=zigbee2mqtt | key=frontend | value=without a token\n"
		 "line=2 | technology=zigbee | stack=zigbee2mqtt | key=permit_join | value=false\n"),
	CASE("/data/configuration.yaml", "mqtt:\npermit_join: false\nfrontend:\n  port: 8080\n  auth_token: 'a' # ours\n",
		 "line=2 | technology=zigbee | stack=zigbee2mqtt | key=permit_join | value=false\n"),
	CASE("/data/configuration.yaml", "mqtt:\npermit_join: false\nfrontend:\n  enabled: false\n",
		 "line=2 | technology=zigbee | stack=zigbee2mqtt | key=permit_join | value=false\n"),
	CASE("/data/configuration.yaml", "mqtt:\npermit_join: false\nfrontend: false\n",
		 "line=2 | technology=zigbee | stack=zigbee2mqtt | key=permit_join | value=false\n"),
	CASE(
		"/etc/lora/global_conf.json",
		"/* a\n comment */ { \"gateway_conf\": {\n \"gateway_ID\": \"AA555A0000000000\", // \"server_address\": \"x\"\n"
		"\"server_address\": \"router.eu.thethings.network\",\"serv_port_up\": 1700 } }",
		"line=3 | technology=lora | stack=Semtech packet forwarder | key=gateway_ID | value=AA555A0000000000\n"
		"line=4 | technology=lora | stack=Semtech packet forwarder | key=server_address | value=router.eu.thethings.network\n"
		"line=4 | technology=lora | stack=Semtech packet forwarder | key=serv_port_up | value=1700\n"),
	CASE(
		"/etc/default/otbr-agent", "# options\nOTBR_AGENT_OPTS=\"-I wpan0 spinel+hdlc+uart:///dev/ttyACM0\"\n",
		"line=2 | technology=thread | stack=OpenThread Border Router | key=OTBR_AGENT_OPTS | value=-I wpan0 spinel+hdlc+uart:///dev/ttyACM0\n"),
	CASE("/etc/chatscripts/gprs", "OK 'AT+CGDCONT=1,\"IP\",\"internet.t-d1.de\"'\n",
		 "technology=cellular | stack=AT commands | key=apn | value=internet.t-d1.de\n"),
	CASE("/etc/ppp/chat", "OK AT+CGDCONT=1,\\\"IP\\\",\\\"web.vodafone.de\\\"\n",
		 "technology=cellular | stack=AT commands | key=apn | value=web.vodafone.de\n"),
	CASE("/usr/lib/python3/dial.py", "    self.send(f'AT+CGDCONT=1,\"IP\",\"{self.apn}\"')\n", ""),
	CASE("/usr/bin/dial", ELF "AT+CGDCONT=%d,\"%s\",\"%s\"\0", ""),
	CASE("/usr/sbin/dialler", ELF "AT+CGDCONT=%u\0,\"IP\",\"1\"\0AT+CGDCONT=1,\"IPV4V6\"\0\"x\"", ""),
	CASE("/etc/chat", "AT+CGDCONT=?\n", ""),
	/* what the environment tells zigbee2mqtt: the variable, and not a token that it may hold */
	CASE("/etc/init.d/z2m", "export ZIGBEE2MQTT_CONFIG_PERMIT_JOIN=true\nZIGBEE2MQTT_CONFIG_FRONTEND_AUTH_TOKEN=s3cret x\n",
		 "technology=zigbee | stack=zigbee2mqtt | key=environment | value=CONFIG_PERMIT_JOIN\n"
		 "technology=zigbee | stack=zigbee2mqtt | key=environment | value=CONFIG_FRONTEND_AUTH_TOKEN\n"),
	CASE("/etc/default/z2m", "ZIGBEE2MQTT_DATA=/d",
		 "technology=zigbee | stack=zigbee2mqtt | key=environment | value=DATA\n"),
	CASE("/etc/default/z2m", "ZIGBEE2MQTT_CONFIG_MQTT_SERVER=mqtt://a\nZIGBEE2MQTT_", ""),
	CASE("/usr/bin/z2m", ELF "ZIGBEE2MQTT_DATA=\0", ""),
};

static void check(const struct radio_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct inspected out;
		inspected_file(&out, &radios_inspector, cases[i].path, span_of(cases[i].bytes, cases[i].n));
		const char *rows = inspected_print(&out, FACT_radio);
		if (strcmp(rows, cases[i].rows) != 0)
			print_message("%s\n", cases[i].path);
		assert_string_equal(rows, cases[i].rows);
		inspected_free(&out);
	}
}

static void test_stacks(void **state)
{
	(void)state;
	check(stack_cases, sizeof stack_cases / sizeof stack_cases[0]);
}

/* What NAME.ko.xz holds is a stream that is called NAME.ko; a link is none. */
static void test_compressed_modules(void **state)
{
	(void)state;
	static const char module[] = ELF "\0license=GPL\0";
	struct subject s = { .path = TEXT_LIT("/lib/modules/6.12/ath9k.ko"),
						 .bytes = span_of(module, sizeof module),
						 .format = "elf",
						 .kind = ENTRY_STREAM };
	struct inspected out;
	inspected_run(&out, &radios_inspector, s);
	assert_string_equal(inspected_print(&out, FACT_radio), "technology=wifi | stack=ath9k | key=\n");
	inspected_free(&out);
	s.kind = ENTRY_SYMLINK;
	inspected_run(&out, &radios_inspector, s);
	assert_string_equal(inspected_print(&out, FACT_radio), "");
	inspected_free(&out);
}

static void test_settings(void **state)
{
	(void)state;
	check(setting_cases, sizeof setting_cases / sizeof setting_cases[0]);
}

static void test_survives(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof setting_cases / sizeof setting_cases[0]; i++)
		inspected_survives(&radios_inspector, setting_cases[i].path,
						   span_of(setting_cases[i].bytes, setting_cases[i].n), 2000);
	for (size_t i = 0; i < sizeof stack_cases / sizeof stack_cases[0]; i++)
		inspected_survives(&radios_inspector, stack_cases[i].path, span_of(stack_cases[i].bytes, stack_cases[i].n),
						   500);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_stacks), cmocka_unit_test(test_compressed_modules), cmocka_unit_test(test_settings),
										cmocka_unit_test(test_survives) };
	return cmocka_run_group_tests_name("radios", tests, NULL, NULL);
}

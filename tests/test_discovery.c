/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What would be announced: each case is a file and its rows, by the manual of the program that reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspected.h"

extern const struct inspector discovery_inspector;

static void check(const char *path, struct span bytes, const char *rows)
{
	struct inspected out;
	inspected_file(&out, &discovery_inspector, path, bytes);
	const char *got = inspected_print(&out, FACT_advertisement);
	if (strcmp(got, rows) != 0)
		print_message("%s: %.*s\n", path, (int)bytes.n, (const char *)bytes.p);
	assert_string_equal(got, rows);
	inspected_free(&out);
}

static void test_texts(void **state)
{
	(void)state;
	static const struct {
		const char *path, *text, *rows;
	} cases[] = {
		{ "/etc/avahi/services/web.service",
		  "<?xml version=\"1.0\"?>\n<!DOCTYPE service-group SYSTEM \"avahi-service.dtd\">\n<service-group>\n<!-- <service> -->\n"
		  "<name replace-wildcards=\"yes\">Camera on %h</name>\n<service>\n <type>_http._tcp</type>\n <port>8080</port>\n"
		  " <txt-record>path=/live</txt-record><txt-record>v=1</txt-record>\n</service>\n"
			"<service><type>_rtsp._tcp</type></service>\n</service-group>\n",
		  "line=6 | protocol=mdns | type=_http._tcp | name=Camera on %h | port=8080 | detail=path=/live; v=1\n"
		  "line=11 | protocol=mdns | type=_rtsp._tcp | name=Camera on %h\n" },
		{ "/www/rootDesc.xml",
		  "<?xml version=\"1.0\"?>\n<root xmlns=\"urn:schemas-upnp-org:device-1-0\">\n<device>\n"
			"<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>\n"
		  "<friendlyName>Router</friendlyName><manufacturer>ACME</manufacturer><modelName>R1</modelName><modelNumber>2</modelNumber>\n"
		  "<serviceList><service>\n<serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType></service></serviceList>\n"
		  "<deviceList><device><deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType></device></deviceList></device></root>\n",
		  "line=4 | protocol=ssdp | type=urn:schemas-upnp-org:device:InternetGatewayDevice:1 | name=Router | "
			"detail=manufacturer=ACME; model=R1; number=2\n"
		  "line=7 | protocol=ssdp | type=urn:schemas-upnp-org:service:Layer3Forwarding:1 | name=Router\n"
		  "line=8 | protocol=ssdp | type=urn:schemas-upnp-org:device:WANDevice:1\n" },
		{ "/etc/systemd/dnssd/web.dnssd", "[Service]\nName=%H\nType=_http._tcp\nPort=80\nTxtText=path=/x\n",
		  "line=3 | protocol=mdns | type=_http._tcp | name=%H | port=80 | detail=path=/x\n" },
		{ "/etc/mdns.d/http.service", "type _http._tcp\nport 80\nname Camera One\n",
		  "line=1 | protocol=mdns | type=_http._tcp | name=Camera One | port=80\n" },
		{ "/etc/umdns/http.json",
		  "{ \"http_80\": { \"service\": \"_http._tcp.local\", \"port\": 80, \"txt\": [ \"daemon=lighttpd\" ] } }",
		  "protocol=mdns | type=_http._tcp.local | name=http_80 | port=80\n" },
		{ "/etc/samba/smb.conf",
		  "[global]\n# workgroup = X\n  workgroup = WORKGROUP\n  NetBIOS Name = NAS1\n server string = Store %h\n",
		  "line=3 | protocol=netbios | type=smb server | name=NAS1 | detail=workgroup=WORKGROUP; server string=Store %h\n" },
		{ "/usr/share/samba/smb.conf", "[global]\nworkgroup = A\n", "" },
		{ "/etc/samba/smb.conf", "[global]\nworkgroup = A\ndisable netbios = yes\n", "" },
		{ "/etc/minidlna.conf", "port=8200\n#friendly_name=x\nfriendly_name=Media\nmodel_name=M\n",
		  "line=3 | protocol=ssdp | type=urn:schemas-upnp-org:device:MediaServer:1 | name=Media | port=8200 | detail=model=M\n" },
		{ "/etc/miniupnpd/miniupnpd.conf", "enable_upnp=no\n", "" },
		{ "/etc/bluetooth/main.conf", "[General]\n#Name = X\nName = Speaker 1\n",
		  "line=3 | protocol=bluetooth | name=Speaker 1\n" },
		{ "/etc/slp.reg", "#service:x,en,1\nservice:http://h/,en,65535\n",
		  "line=2 | protocol=slp | type=service:http://h/\n" },
		{ "/etc/init.d/x",
		  "#!/bin/sh\navahi-publish -s \"My Cam\" _rtsp._tcp 554 path=/a &\nhciconfig hci0 name Toy\n"
			"procd_add_mdns \"http\" \"tcp\" \"80\" \"daemon=x\"\n",
		  "line=2 | protocol=mdns | type=_rtsp._tcp | name=My Cam | port=554 | detail=path=/a\nline=3 | protocol=bluetooth | name=Toy\n"
		  "line=4 | protocol=mdns | type=_http._tcp | port=80 | detail=daemon=x\n" },
		{ "/etc/init.d/x", "#!/bin/sh\n# avahi-publish -s a _b._tcp 1\navahi-publish -a host 10.0.0.1\n", "" },
		{ "/usr/share/doc/avahi/ssh.service",
		  "<service-group><service><type>_ssh._tcp</type></service></service-group>", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check(cases[i].path, span_of(cases[i].text, strlen(cases[i].text)), cases[i].rows);
}

#define ELF(s)                                                                                                         \
	span_of("\x7f"                                                                                                     \
			"ELF\1\1\1\0\0" s "\0",                                                                                    \
			sizeof("\x7f"                                                                                              \
				   "ELF\1\1\1\0\0" s "\0"))

static void test_binaries(void **state)
{
	(void)state;
	check("/bin/a", ELF("DNSServiceRegister\0_hap._tcp\0_ldap._tcp\0"),
		  "protocol=mdns | type=_hap._tcp | detail=registered\n");
	/* A player looks for the remote control of who sends to it; of other types it could be either. */
	check("/bin/a", ELF("avahi_entry_group_add_service\0avahi_service_browser_new\0_dacp._tcp\0_raop._tcp\0"),
		  "protocol=mdns | type=_raop._tcp | detail=registered or looked for: the program does both\n");
	check("/bin/a", ELF("avahi_entry_group_add_service\0_dacp._tcp\0"),
		  "protocol=mdns | type=_dacp._tcp | detail=registered\n");
	check("/bin/a", ELF("avahi_service_browser_new\0_raop._tcp\0"), "");
	check("/bin/a", ELF("_http._tcp.local\0"), "protocol=mdns | type=_http._tcp\n");
	check("/bin/a", ELF("_http._tcp\0_sip._udp.%s\0x._tcpdump\0"), ""); /* nothing shows that it answers */
	check("/bin/a", ELF("NTS: ssdp:alive\0urn:schemas-upnp-org:device:MediaServer:1\0urn:schemas-upnp-org:device:\0"),
		  "protocol=ssdp | type=urn:schemas-upnp-org:device:MediaServer:1 | detail=announced\n");
	check("/bin/a", ELF("M-SEARCH\0urn:schemas-upnp-org:device:MediaServer:1\0"), ""); /* it looks for others */
	check("/bin/a", ELF("onvif://www.onvif.org/name/IPCAM\0onvif://www.onvif.org/\0"),
		  "protocol=ws-discovery | type=onvif://www.onvif.org/name/IPCAM\n");
	check("/usr/sbin/avahi-daemon", ELF("x"), "protocol=mdns | type=program | detail=avahi-daemon\n");
	check("/usr/lib/avahi-daemon", ELF("x"), "");
#define PCAP "\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0" \
			 "\0\0\0\x5f\x01\0\0\0\x40\0\0\0\x40\0\0\0"
#define ANNOUNCED "ssdp:alive\0urn:schemas-upnp-org:device:MediaServer:1\0\0"
	check("/tmp/a", span_of(PCAP ANNOUNCED, sizeof PCAP ANNOUNCED - 1), ""); /* recorded: others announced that */
	check("/tmp/a", span_of(ANNOUNCED, sizeof ANNOUNCED - 1),
		  "protocol=ssdp | type=urn:schemas-upnp-org:device:MediaServer:1 | detail=announced\n");
}

static void test_survives(void **state)
{
	(void)state;
	static const char *const paths[] = { "/etc/x.service",           "/etc/a.dnssd",  "/etc/mdns.d/a.service",
										 "/etc/umdns/a.json",        "/etc/smb.conf", "/etc/minidlna.conf",
										 "/etc/bluetooth/main.conf", "/etc/slp.reg",  "/etc/init.d/x" };
	static const char text[] =
		"#!/bin/sh\n<service-group><!-- x --><name>a</name><service><type>_a._tcp</type><port>1</port></service>\n"
		"{\"a\":{\"service\":\"b\\\"\",\"port\":80}}\nname=x\nworkgroup = y\ntype _x._tcp\nservice:a,b\n"
		"avahi-publish -s a _b._tcp 1\n<deviceType>urn:x:device:y:1</deviceType>";
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		inspected_survives(&discovery_inspector, paths[i], span_of(text, sizeof text - 1), 500);
	struct span elf = ELF("ssdp:alive\0urn:schemas-upnp-org:device:A:1\0_a._tcp.local\0onvif://www.onvif.org/name/x");
	inspected_survives(&discovery_inspector, "/bin/a", elf, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_texts), cmocka_unit_test(test_binaries),
										cmocka_unit_test(test_survives) };
	return cmocka_run_group_tests_name("discovery", tests, NULL, NULL);
}

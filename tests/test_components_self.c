/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Components that name themselves: versions, what stands around them, notes, applet tables, releases. */
#include <stdlib.h>

#include "base/holes.h"
#include "component_claims.h"

/* ---- versions ---- */

static const char *const version_cases[][2] = {
	{ "2.80", "2.80" },
	{ "2.80-1ubuntu2", "2.80" },
	{ "1.1.1w  11 Sep", "1.1.1w" },
	{ "9.2p1 Debian", "9.2p1" },
	{ "0.94.14rc21", "0.94.14rc21" },
	{ "4.4.3-P1", "4.4.3-P1" },
	{ "1.0.0-beta2 x", "1.0.0-beta2" },
	{ "4.2.8p15@1", "4.2.8p15" },
	{ "4.2.8p1-beta1", "4.2.8p1-beta1" },
	{ "0.9.8zh", "0.9.8zh" },
	{ "1.0.2zg-dev", "1.0.2zg" },
	{ "0.9.8zhx", "" },
	{ "0.9.8ah", "" },
	{ "4.1-ESV", "4.1-ESV" },
	{ "4.1-ESV-R4", "4.1-ESV-R4" },
	{ "4.1-ESV-R16-P2 (x)", "4.1-ESV-R16-P2" },
	{ "4.1-ESV-Rx", "4.1-ESV" },
	{ "2.7.STABLE9", "2.7.STABLE9" },
	{ "2.8.8rel.2", "2.8.8rel.2" },
	{ "2.x", "" },
	/* what says that it is none that was released, and what a package adds */
	{ "0.12.21rc", "0.12.21rc" },
	{ "1.12.11devel", "1.12.11devel" },
	{ "1.2.0std.", "1.2.0" },
	{ "2.4.0-git", "2.4.0-git" },
	{ "3.3.git", "3.3.git" },
	{ "1.0.1-dev", "1.0.1-dev" },
	{ "8.1.0-DEV", "8.1.0-DEV" },
	{ "1.2RC3", "1.2RC3" },
	{ "2.86~git", "2.86~git" },
	{ "2.86-git20200101", "2.86-git20200101" },
	{ "2.86git1a2b3c", "2.86git" },
	{ "2.86-gitabcdef0 x", "2.86-git" },
	{ "2.86-gitabcdef0", "2.86-git" },
	{ "2.86-gitfeed", "2.86" },
	{ "2.86-gitabcdef0x", "2.86" },
	{ "2.86-preview3", "2.86-preview3" },
	{ "2.86-nightly20200101", "2.86-nightly20200101" },
	{ "2.86-candidate", "2.86-candidate" },
	{ "2.86-github", "2.86" },
	{ "5.0.0-PRE-GIT", "5.0.0-PRE" },
	{ "2.4.69-devel-28-gabc", "2.4.69-devel-28" },
	{ "3.0.0-0.beta2.1.fc35", "" },
	{ "3.0.0-0.3.20200101git.fc35", "" },
	{ "3.0.0-0.fc35", "3.0.0" },
	{ "3.1.7+really3.1.2", "3.1.2" },
	{ "3.1.7+really", "" },
	{ "2.3.3op2", "2.3.3op2" },
	{ "9.11.4-P2-RedHat-9.11.4-26.P2.el7", "9.11.4-P2" },
	{ "9.10.3-P4-5.1", "9.10.3-P4" },
	{ "1.2.3-1.fc34", "1.2.3" },
	{ "1.2.3-r0", "1.2.3" },
	{ "1.2.3-4ubuntu2.1", "1.2.3" },
	{ "1.2develop", "" },
	{ "1.2rcs", "" },
	{ "1.2.x", "1.2" },
	{ "2.%d", "" },
	{ "3", "" },
	{ "1.2abc", "" },
	{ "2.3.", "2.3" },
	{ "", "" },
	{ "v1.2", "" },
	{ "2022.83", "2022.83" },
	{ "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17", "" },
};

static void test_versions(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(version_cases); i++) {
		struct text v = component_version(span_of(version_cases[i][0], strlen(version_cases[i][0])));
		if (!text_is(v, version_cases[i][1]) && !(v.n == 0 && !*version_cases[i][1]))
			fail_msg("\"%s\" gives \"%.*s\"", version_cases[i][0], (int)v.n, v.n ? v.p : "");
	}
}

/* ---- words and what stands around them ---- */

/* What Node.js was built with, in the order of its source; the values are those of process.versions of that release. */
#define NODE "\0text\0Node.js 18.20.8\n\0"
static const struct line_case node_cases[] = {
	LINE("/node", NODE "Hydrogen\0" "1.3.0.1-motley\0" "1.29.0\0" "1.61.0\0" "6.1.1\0" "5.29.0\0" "8.14.0\0" "74.2\0" "15.1\0" "text\0",
		 "nodejs 18.20.8 proven, c-ares 1.29.0 likely, nghttp2 1.61.0 likely, llhttp 6.1.1 likely, icu 74.2 likely"),
	/* 12 has http_parser, and 16 has the number of modules among them and aligns strings on ARM */
	LINE("/node", NODE "%.*s\0" "1.2.11\0" "1.18.1\0" "1.41.0\0" "67.1\0" "13.0\0" "Erbium\0",
		 "nodejs 18.20.8 proven, c-ares 1.18.1 likely, nghttp2 1.41.0 likely, icu 67.1 likely"),
	LINE("/node", NODE "text\0" "1.2.11\0\0" "1.19.1\0\0" "93\0\0" "1.47.0\0\0" "6.0.11\0\0" "arm\0",
		 "nodejs 18.20.8 proven, c-ares 1.19.1 likely, nghttp2 1.47.0 likely, llhttp 6.0.11 likely"),
	/* a key behind each of 10 */
	LINE("/node", NODE "zlib\0" "1.15.0\0" "ares\0" "1.41.0\0" "nghttp2\0text\0",
		 "nodejs 18.20.8 proven, c-ares 1.15.0 likely, nghttp2 1.41.0 likely"),
	LINE("/node", NODE "text\0" "10.2.154.26-node.39\0text\0", "nodejs 18.20.8 proven, v8 10.2.154.26 likely"),
	/* one that is missing, linked dynamically, and a program that is not Node.js */
	LINE("/node", NODE "text\0" "1.2.11\0" "1.41.0\0" "6.0.11\0" "67.1\0" "13.0\0text\0", "nodejs 18.20.8 proven"),
	LINE("/node", NODE "libcares.so.2\0libnghttp2.so.14\0" "1.2.11\0" "1.18.1\0" "1.41.0\0text\0", "nodejs 18.20.8 proven"),
	LINE("/x", "\0text\0" "1.2.11\0" "1.18.1\0" "1.41.0\0" "67.1\0" "13.0\0" "10.2.154.26-node.39\0", ""),
};

static void test_node(void **state)
{
	(void)state;
	check_lines(node_cases, COUNT(node_cases));
}

static const struct line_case line_cases[] = {
	/* an address is no version, but what looks like one may be */
	LINE("/x", "\0dnsmasq 192.168.1.1\0", ""),
	/* a text before it ends with its line */
	LINE("/x", "\0dnsmasq version %s\n\0" "2.80\0\1\2\3\4", "dnsmasq 2.80 likely"),
	LINE("/x", "\0dnsmasq version %s\1\0" "2.80\0\1\2\3\4", "dnsmasq 2.80 possible"),
	LINE("/x", "\0dnsmasq 127.0.6533.88\0", "dnsmasq 127.0.6533.88 likely"),
	LINE("/usr/sbin/dnsmasq", "\0text\0" "127.0.6533.88\0", "dnsmasq 127.0.6533.88 possible"),
	/* a word that ends with "version"; what tells of a protocol behind it, and how it was built */
	LINE("/x", "\0some text\0RPM version 4.20.1\0", "rpm 4.20.1 likely"),
	LINE("/x", "\0some text\0RPM version %s\n\0" "4.20.1\0other text\0", "rpm 4.20.1 likely"),
	LINE("/x", "\0rsync  version 3.1.3  protocol version 31\0", "rsync 3.1.3 likely"),
	LINE("/x", "\0dnsmasq 2.80 protocol\0dnsmasq 2.80 protocol version %d\0", ""),
	LINE("/x", "\0dnsmasq version 2.80-rc6+dfsg1\0", "dnsmasq 2.80-rc6 likely"),
	LINE("/x", "\0dnsmasq version 2.80+really2.79\0", "dnsmasq 2.79 likely"),
	LINE("/x", "\0dnsmasq version 2.80-DEV\0", "dnsmasq 2.80-DEV likely"),
	LINE("/x", "\0dnsmasq version 2.80~git\0dnsmasq 2.80\0", "dnsmasq 2.80~git likely"),
	LINE("/x", "\0dnsmasq 2.80+\0dnsmasq 2.80+ or so\0", ""),
	/* the joints */
	LINE("/x", "\0dnsmasq 2.80\0", "dnsmasq 2.80 likely"),
	LINE("/x", "\0dnsmasq-2.80\0", "dnsmasq 2.80 likely"),
	LINE("/x", "\0dnsmasq/2.80\0", "dnsmasq 2.80 likely"),
	LINE("/x", "\0dnsmasq v2.80\0", "dnsmasq 2.80 likely"),
	LINE("/x", "\0dnsmasq version: 2.80 Copyright\0", "dnsmasq 2.80 likely"),
	LINE("/x", "\0dnsmasq (pkg) 2.80\0", "dnsmasq 2.80 likely"),
	LINE("/x", "\0This is dnsmasq 2.80.\n\0", "dnsmasq 2.80 likely"),
	LINE("/x", "first line\ndnsmasq 2.80\n", "dnsmasq 2.80 likely"),
	LINE("/x", "\0dnsmasq 2.80 x86_64-pc-linux-gnu\0", "dnsmasq 2.80 likely"),
	/* in a file of its own */
	LINE("/usr/sbin/dnsmasq", "\0dnsmasq 2.80\0", "dnsmasq 2.80 proven"),
	LINE("/usr/sbin/dnsmasq", "\0started, dnsmasq 2.80 cachesize\0", "dnsmasq 2.80 likely"),
	LINE("/usr/sbin/dnsmasq", "\0Version 2.80\0", "dnsmasq 2.80 possible"),
	LINE("/usr/sbin/dnsmasq",
		 "\0usage\0"
		 "2.80\0options\0",
		 "dnsmasq 2.80 possible"),
	LINE("/usr/sbin/dnsmasq",
		 "\0"
		 "2.80\0dnsmasq version %s\0",
		 "dnsmasq 2.80 likely"),
	LINE("/x",
		 "\0"
		 "2.80\0dnsmasq version %s\0",
		 "dnsmasq 2.80 likely"),
	/* what the strings around a lone version speak of */
	LINE("/x",
		 "\0no image\0"
		 "0.5.2\0Usage: genromfs [OPTIONS] -f IMAGE\0",
		 "genromfs 0.5.2 possible"),
	LINE("/x",
		 "\0see /etc/corosync/corosync.conf\0--version\0"
		 "3.1.10\0%s, built %s\0",
		 "corosync 3.1.10 possible"),
	LINE("/x",
		 "\0built with genromfs\0"
		 "0.5.2\0%s\0",
		 ""),
	LINE("/x",
		 "\0see genromfs\0see corosync\0"
		 "0.5.2\0text\0",
		 ""),
	LINE("/x",
		 "\0no image\0"
		 "12.2.0\0Usage: genromfs [OPTIONS] -f IMAGE\0",
		 ""),
	LINE("/x",
		 "\0one genromfs\0three\0two\0"
		 "0.5.2\0text\0",
		 "genromfs 0.5.2 possible"), /* all of a few strings speak, not only those beside it */
	LINE("/x",
		 "\0libgenromfs.so.1\0"
		 "0.5.2\0text\0",
		 ""),
	LINE("/usr/sbin/lighttpd",
		 "\0no image\0"
		 "0.5.2\0Usage: genromfs [OPTIONS]\0"
		 "0.5.3\0",
		 ""),
	LINE("/x",
		 "\0dnsmasq-2.80\0no image\0"
		 "2.80\0Usage: genromfs [OPTIONS]\0",
		 "dnsmasq 2.80 likely"),
	LINE("/x",
		 "\0corosync_cfg_get\0--help\0"
		 "3.1.10\0%s, built %s\0",
		 "corosync 3.1.10 possible"),
	LINE("/x", "\0%s version 0.5.2\0Usage: genromfs [OPTIONS] -f IMAGE\0", "genromfs 0.5.2 possible"),
	LINE("/x", "\0Version: 0.5.2 (2019)\0Usage: genromfs [OPTIONS] -f IMAGE\0", "genromfs 0.5.2 possible"),
	LINE("/x", "\0dnsmasq\0%s version 2.80\0text\0", "dnsmasq 2.80 possible"),
	LINE("/x", "\0Fooversion: 0.5.2\0Usage: genromfs [OPTIONS] -f IMAGE\0", ""),
	/* the number of a format whose name goes on */
	LINE("/x", "\0Bacula 1.0 S3 Cloud Data\0text\0", ""),
	LINE("/x", "\0dnsmasq 1.0 Copyright (C) 2004\0", "dnsmasq 1.0 likely"),
	/* what a program lists, is made of, looks like or once was */
	LINE("/x", "\0  jansson:       2.14\0", ""),
	LINE("/x", "\0jansson: 2.14\0", "jansson 2.14 likely"),
	LINE("/x", "\0Compiled by hand.\nExtensions:\n\tThreads by everybody\n\tBIND-8.2.3-T5B\nlibc ABIs: UNIQUE\0", ""),
	LINE("/x", "\0Compiled by hand.\n\tThreads by everybody\n\tBIND-8.2.3-T5B\n\0", "bind 8.2.3 likely"),
	LINE("/x", "\0\tText:\n\tBIND-8.2.3-T5B\n\0", "bind 8.2.3 likely"),
	LINE("/usr/sbin/named", "\0Made of:\n\tBIND-8.2.3-T5B\n\0", "bind 8.2.3 proven"),
	LINE("/x", "\0Facebook plugin / BitlBee / 1.2.1 [FBAN]\0", ""),
	LINE("/x", "\0foo (+libidn2/2.3.7)\0", ""),
	LINE("/x", "\0git:v4.4.3\0", ""),
	LINE("/x", "\0restore file is prior hydra version v8.5!\0", ""),
	LINE("/x",
		 "\0bzip2: uncompressed size: %li\0inflateEnd\0"
		 "1.0.1\0bzip2\0nbdkit bzip2 filter\0",
		 "nbdkit 1.0.1 possible"),
	LINE("/x",
		 "\0fwrite returned %d\0"
		 "5.2.0\0MOST version %s (S-Lang version %s)\0",
		 "most 5.2.0 possible"), /* a text that only it has */
	LINE("/x",
		 "\0fsarchiver.c\0"
		 "0.8.6\0====> fsarchiver version %s (%s) - https://www.fsarchiver.org <====\0",
		 "fsarchiver 0.8.6 possible"),
	LINE("/x",
		 "\0./lib//common/xxhash.h\0statePtr != 0\0"
		 "1.5.7\0./lib//compress/foo.c\0",
		 ""),
	LINE("/x",
		 "\0PMIX COMPRESS zlib MCA component\0"
		 "1.2.13\0DECOMPRESSING pmix\0",
		 ""),
	LINE("/x", "\0//The Gauntlet//ytnef\0VERSION:2.0\0METHOD:PUBLISH\0", ""),
	LINE("/x",
		 "\0PCIe slot bifurcation is supported\0"
		 "5.0 V is provided\0",
		 ""),
	LINE("/x", "\0htop 5.2.6 aborting.\0tor/1.0 tor-network\0", ""),
	/* mentions of other products and of other versions */
	LINE("/x", "\0built with dnsmasq 2.80\0", ""),
	LINE("/usr/sbin/dnsmasq", "\0compatible with dnsmasq 2.80\0", ""),
	LINE("/x", "\0requires dnsmasq 2.80\0", ""),
	LINE("/x", "\0dnsmasq 2.80 or later\0", ""),
	LINE("/x", "\0dnsmasq 2.80 is required\0", ""),
	LINE("/x", "\0dnsmasq 2.80 compatible\0", ""),
	LINE("/x", "\0dnsmasq 2.*\0dnsmasq_2.8[01]*\0dnsmasq 2.x\0dnsmasq 2.8.x\0", ""),
	LINE("/x", "\0libdnsmasq 2.80\0mydnsmasq/2.80\0", ""),
	LINE("/usr/sbin/dnsmasq",
		 "\0listen on 127.0.0.1\0"
		 "127.0.0.1\0",
		 ""),
	LINE("/usr/sbin/dnsmasq",
		 "\0some\0"
		 "2.80\0and\0"
		 "2.81\0",
		 ""),
	LINE("/x", "\0dnsmasq 2.80\0dnsmasq 2.81\0", ""),
	LINE("/usr/sbin/lighttpd", "\0dnsmasq 2.80\0", ""), /* a program is not linked into another */
	/* the versions of headers */
	LINE("/usr/sbin/dnsmasq",
		 "\0inflateInit2_\0"
		 "1.2.11\0abc\0",
		 ""),
	/* one version says more than another */
	LINE("/usr/sbin/dnsmasq",
		 "\0dnsmasq 2.80\0other\0"
		 "2.80.1\0",
		 "dnsmasq 2.80.1 possible"),
	/* the folder that it was built in */
	LINE("/x", "\0/build/dnsmasq-OEFsp3/dnsmasq-2.80/src/cache.c\0", "dnsmasq 2.80 possible"),
	LINE("/x", "\0/home/u/openwrt/build_dir/target-mips/dnsmasq-2.80/src\0", "dnsmasq 2.80 possible"),
	LINE("/x", "\0/usr/share/dnsmasq-2.80/x\0/build/libdnsmasq-2.80.so\0", ""),
};

static void test_lines(void **state)
{
	(void)state;
	check_lines(line_cases, COUNT(line_cases));
}

static void test_shared_library(void **state)
{
	(void)state;
	static const char linked[] = "\0libmosquitto.so.1\0mosquitto version 1.6\0", inside[] = "\0mosquitto version 1.6\0";
	struct claims t;
	char got[256];
	inspect(&t, "/opt/agent", "elf", span_of(linked, sizeof linked));
	describe(&t, got, sizeof got);
	assert_string_equal(got, "");
	claims_free(&t);
	inspect(&t, "/opt/agent", "elf", span_of(inside, sizeof inside));
	describe(&t, got, sizeof got);
	assert_string_equal(got, "mosquitto 1.6 likely");
	claims_free(&t);
}

/* ---- listings of strings ---- */

static const struct {
	const char *format, *bytes, *expected;
} listing_cases[] = {
	/* what strings(1) leaves of a program: the version and its text are neighbours, whatever parts them */
	{ "text", "2.80\ndnsmasq version %s\nlisten on %s\n", "dnsmasq 2.80 likely" },
	{ "text", "2.80\r\ndnsmasq version %s\r\n", "dnsmasq 2.80 likely" },
	{ "text", "no more memory\ndnsmasq-2.80\n", "dnsmasq 2.80 likely" },
	{ "elf", "\x7f" "ELF\ndnsmasq 2.80\nsome text\n", "dnsmasq 2.80 likely" },
	{ "elf", "\x7f" "ELF2.80\ndnsmasq version %s\n", "dnsmasq 2.80 likely" },
	/* other texts: an empty line, a short one, settings, a table, a document in tags, letters of other languages */
	{ "text", "dnsmasq 2.80\n\nprints %s\n", "" },
	{ "text", "dnsmasq 2.80\nif\nprints %s\n", "" },
	{ "text", "dnsmasq 2.80\n[x]\nprints %s\n", "" },
	{ "text", "2.8\ndnsmasq version %s\nlisten on %s\n", "dnsmasq 2.8 likely" },
	{ "text", "dnsmasq version %s\r\n2.8\r\n", "dnsmasq 2.8 likely" },
	{ "text", "2.x\ndnsmasq version %s\nlisten on %s\n", "" },
	{ "text", "dnsmasq 2.80\nport = 53\nhosts=/etc/hosts\n# cache\n", "" },
	{ "text", "[Desktop Entry]\nName=dnsmasq\nName[de]=dnsmasq\nExec=dnsmasq %u\nX-Install-Version=2.80\n", "" },
	{ "text", "[main] dnsmasq %s\ndnsmasq 2.80\nport=%d\n", "dnsmasq 2.80 likely" },
	{ "text", "dnsmasq 2.80\nname\tversion\n", "" },
	{ "text", "{\"a\": 1,\ndnsmasq 2.80\n\"b\": 2 }\n", "" },
	{ "text", "dnsmasq 2.80\nG\xc3\xbc""nter\n", "" },
	{ "text", "dnsmasq 2.80", "dnsmasq 2.80 likely" }, /* what was kept of the last string may have no end */
	{ "script", "#!/bin/sh\ndnsmasq 2.80\necho %s\n", "" },
	{ "text", "#!/bin/sh\necho dnsmasq 2.80\n", "" },
	/* the usage of a program has columns, too; and assertions are no settings */
	{ "text", "  -k --keyfile\tprivate key\ndnsmasq 2.80\n", "dnsmasq 2.80 likely" },
	{ "text", "-k --keyfile\tprivate key\ndnsmasq 2.80\n", "" },
	{ "text", "size == used\ndnsmasq 2.80\n", "dnsmasq 2.80 likely" },
	{ "text", "size = used\ndnsmasq 2.80\n", "" },
	/* a line that looks like settings or a page, and a few */
	{ "text", "# dnsmasq 2.80", "dnsmasq 2.80 likely" },
	
	{ "text", "<!-- dnsmasq 2.80 -->\n<br />\n", "dnsmasq 2.80 likely" },
	{ "text", "<?xml?>\n<!-- dnsmasq 2.80 -->\n", "" },
};

static void test_listings(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(listing_cases); i++) {
		struct claims t;
		char got[512];
		const char *bytes = listing_cases[i].bytes;
		inspect(&t, "/x", listing_cases[i].format, span_of(bytes, strlen(bytes)));
		describe(&t, got, sizeof got);
		if (strcmp(got, listing_cases[i].expected) != 0)
			fail_msg("\"%s\": %s instead of %s", bytes, got, listing_cases[i].expected);
		claims_free(&t);
	}
}

/* ---- notes ---- */

#define NOTE(size, json)                                                                                               \
	"\x04\0\0\0" size "\0\0\x7e\x1a\xfe\xca"                                                                           \
	"FDO\0" json

static void test_note(void **state)
{
	(void)state;
	static const char bytes[] =
		"\x7f"
		"ELF" NOTE(
			"\x7f\0",
			"{\"type\":\"deb\",\"os\":\"Debian\",\"name\":\"dnsmasq\",\"version\":\"2.91-1\",\"architecture\":\"arm64\","
			"\"osVersion\":\"13\"}\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
	struct claims t;
	inspect(&t, "/x", "elf", span_of(bytes, sizeof bytes - 1));
	assert_int_equal(fact_list_count(&t.facts, FACT_component), 1);
	const struct fact_component *c = fact_list_get(&t.facts, FACT_component, 0);
	assert_true(text_is(c->name, "dnsmasq") && text_is(c->version, "2.91") && text_is(c->package_version, "2.91-1"));
	assert_true(text_is(c->evidence_kind, "note") && text_is(c->distribution, "debian 13") &&
				text_is(c->architecture, "arm64"));
	assert_true(text_is(c->purl, "pkg:generic/dnsmasq@2.91"));
	claims_free(&t);
	/* The same bytes in what is no program's file. */
	inspect(&t, "/dump", "data", span_of(bytes + 4, sizeof bytes - 5));
	char said[200];
	describe(&t, said, sizeof said);
	assert_string_equal(said, "dnsmasq 2.91 proven");
	claims_free(&t);
	for (size_t n = 0; n < sizeof bytes - 1; n++) {
		uint8_t *cut = malloc(n + 1);
		memcpy(cut, bytes, n);
		inspect(&t, "/x", "elf", span_of(cut, n));
		claims_free(&t);
		memcpy(cut, bytes, n);
		if (n)
			cut[n - 1] ^= 0x41;
		inspect(&t, "/x", "elf", span_of(cut, n));
		claims_free(&t);
		free(cut);
	}
}

/* ---- applets ---- */

static void test_applets(void **state)
{
	(void)state;
	static const char bytes[] =
		"\0noise\0BusyBox v1.35.0 (x)\0[\0ash\0cat\0ls\0mount\0sh\0telnetd\0zcat\0Usage\0apple\0banana\0";
	struct arena *kept = arena_new(0);
	struct fact_list facts;
	static const char *const names[] = { "[", "ash", "cat", "ls", "mount", "sh", "telnetd", "zcat" };
	fact_list_init(&facts, kept);
	component_applets(span_of(bytes, sizeof bytes), "busybox", &facts.sink);
	assert_int_equal(fact_list_count(&facts, FACT_applet), COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct fact_applet *a = fact_list_get(&facts, FACT_applet, i);
		assert_true(text_is(a->name, names[i]) && text_is(a->program, "busybox") && a->linked == FACT_NULL);
		assert_memory_equal(bytes + a->offset, names[i], strlen(names[i]));
	}
	arena_free(kept);
}

/* The table may begin where a hole ends. */
static void test_applets_behind_a_hole(void **state)
{
	(void)state;
	static _Alignas(4096) char bytes[3 * 4096];
	static const char names[] = "[\0ash\0cat\0ls\0mount\0sh\0telnetd\0zcat\0Usage\0";
	struct arena *kept = arena_new(0);
	struct fact_list facts;
	memcpy(bytes, "BusyBox v1.35.0 (x)", 20);
	memcpy(bytes + 8192, names, sizeof names);
	const struct stored stored[] = { { 0, 4096 }, { 8192, sizeof bytes } };
	assert_true(holes_tell(span_of(bytes, sizeof bytes), stored, 2));
	fact_list_init(&facts, kept);
	component_applets(span_of(bytes, sizeof bytes), "busybox", &facts.sink);
	holes_forget(span_of(bytes, sizeof bytes));
	assert_int_equal(fact_list_count(&facts, FACT_applet), 8);
	assert_true(text_is(((const struct fact_applet *)fact_list_get(&facts, FACT_applet, 0))->name, "["));
	arena_free(kept);
}

/* Sorted words that are no commands. */
static void test_no_applets(void **state)
{
	(void)state;
	static const char words[] = "\0alpha\0beta\0delta\0epsilon\0eta\0gamma\0iota\0kappa\0lambda\0mu\0nu\0omega\0";
	struct arena *kept = arena_new(0);
	struct fact_list facts;
	fact_list_init(&facts, kept);
	component_applets(span_of(words, sizeof words), "busybox", &facts.sink);
	assert_int_equal(facts.n, 0);
	arena_free(kept);
}

/* ---- releases ---- */

static void test_release(void **state)
{
	(void)state;
	static const char bytes[] = "PRETTY_NAME=\"Debian\"\nID=debian\nVERSION_ID=\"12\"\nVERSION_ID";
	struct claims t;
	inspect(&t, "/etc/os-release", "text", span_of(bytes, sizeof bytes - 1));
	assert_int_equal(fact_list_count(&t.facts, FACT_setting), 2);
	const struct fact_setting *s = fact_list_get(&t.facts, FACT_setting, 1);
	assert_true(text_is(s->program, "os-release") && text_is(s->key, "VERSION_ID") && text_is(s->value, "12") &&
				s->line == 3);
	claims_free(&t);
}

static void test_purl(void **state)
{
	(void)state;
	struct arena *arena = arena_new(0);
	/* purl-spec: the colon stays, '+' and '/' are encoded */
	assert_true(text_is(component_purl(arena, "pkg:deb/debian/x", TEXT_LIT("1:1.0+b1~rc/2")),
						"pkg:deb/debian/x@1:1.0%2Bb1~rc%2F2"));
	assert_true(text_is(component_purl(arena, "pkg:generic/x", TEXT_NONE), "pkg:generic/x"));
	arena_free(arena);
}

/* A long line of versions, of formats, of names: time in proportion to the bytes. */
static void test_large(void **state)
{
	(void)state;
	static const char *const units[] = { "1.1 ", "dnsmasq 2.80 ", "%s ", "1.1%s", "a\0001.2\0", "build/dnsmasq-2.80/" };
	for (size_t i = 0; i < COUNT(units); i++) {
		size_t n = 8u << 20, unit = i == 4 ? 6 : strlen(units[i]);
		char *bytes = malloc(n);
		for (size_t k = 0; k < n; k++)
			bytes[k] = units[i][k % unit];
		struct claims t;
		inspect(&t, "/usr/sbin/dnsmasq", "data", span_of(bytes, n));
		claims_free(&t);
		free(bytes);
	}
}

/* ---- the table ---- */

static void test_table(void **state)
{
	(void)state;
	const struct product *p = product_named(TEXT_LIT("dnsmasq"));
	assert_non_null(p);
	assert_ptr_equal(product_of_package(TEXT_LIT("dnsmasq-base")), p);
	assert_ptr_equal(product_of_cpe(TEXT_LIT("thekelleys:dnsmasq")), p);
	assert_ptr_equal(product_of_cpe(TEXT_LIT("a:TheKelleys:dnsmasq")), p);
	assert_ptr_equal(product_of_cpe(TEXT_LIT("o:linux:linux_kernel")), product_named(TEXT_LIT("linux")));
	assert_ptr_equal(product_of_word(TEXT_LIT("dnsmasq")), p);
	assert_null(product_named(TEXT_LIT("")));
	assert_null(product_of_cpe(TEXT_LIT("linux:linux_kernel")));
	const struct product *z = product_named(TEXT_LIT("zlib")), *owners[4];
	assert_true(product_owns_file(z, TEXT_LIT("libz.so.1.2.13")) && product_owns_file(z, TEXT_LIT("libz.so")));
	assert_false(product_owns_file(z, TEXT_LIT("libzip.so.5")) || product_owns_file(z, TEXT_LIT("libz.soap")));
	assert_true(product_owners(TEXT_LIT("libz.so.1"), owners, 4) >= 1);
	assert_ptr_equal(owners[0], z);
	assert_int_equal(product_owners(TEXT_LIT("no-such-file-1.2"), owners, 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions), cmocka_unit_test(test_node), cmocka_unit_test(test_lines),
		cmocka_unit_test(test_shared_library),
		cmocka_unit_test(test_listings),
		cmocka_unit_test(test_note),     cmocka_unit_test(test_applets), cmocka_unit_test(test_applets_behind_a_hole), cmocka_unit_test(test_no_applets),
		cmocka_unit_test(test_release),  cmocka_unit_test(test_purl),    cmocka_unit_test(test_large),
		cmocka_unit_test(test_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

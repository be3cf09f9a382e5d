/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernels' facts: banners as kernels print them, configurations as kconfig writes them, sysctl files after sysctl.conf(5),
 * and symbol tables that are made here as scripts/kallsyms.c makes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspect/kernel.h"
#include "inspected.h"

extern const struct inspector kernel_inspector;

static void test_banner(void **state)
{
	(void)state;
	static const struct {
		const char *text, *version, *built_by, *compiler;
		long built;
	} cases[] = {
		{ "\1Linux version 2.6.31 (tomcat@buildserver) (gcc version 4.3.3 (GCC) ) #13 Fri Mar 25 17:10:18 CST 2016\n",
		  "2.6.31", "tomcat@buildserver", "gcc version 4.3.3 (GCC)", 1458925818 },
		{ "\1Linux version 6.1.0-18-armmp (debian-kernel@lists.debian.org) (arm-linux-gnueabihf-gcc-12 (Debian 12.2.0-14) "
		  "12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 SMP Debian 6.1.76-1 (2024-02-01)\n",
		  "6.1.0-18-armmp", "debian-kernel@lists.debian.org",
		  "arm-linux-gnueabihf-gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40", 1706745600 },
		{ "\1Linux version 4.14.95 (a@b) (gcc version 7.3.0 (OpenWrt GCC 7.3.0)) #0 SMP Thu Feb  7 09:00:00 2019",
		  "4.14.95", "a@b", "gcc version 7.3.0 (OpenWrt GCC 7.3.0)", 1549530000 },
		{ "\1Linux version 5.10.0 (a@b) (clang version 12.0.5)", "5.10.0", "a@b", "clang version 12.0.5", -1 },
		/* what stands before the kernel's may be any byte */
		{ "\1\"Linux version 4.14.95 (a@b) (gcc version 7.3.0 (OpenWrt GCC 7.3.0)) #0 SMP Thu Feb  7 09:00:00 2019\n",
		  "4.14.95", "a@b", "gcc version 7.3.0 (OpenWrt GCC 7.3.0)", 1549530000 },
		/* none of these */
		{ "\1Linux version %s (%s)", NULL, NULL, NULL, 0 },
		{ "\1Linux version 2.6 or later (required)", NULL, NULL, NULL, 0 },
		{ "\1Linux version 2.6.31 (nobody) (gcc)", NULL, NULL, NULL, 0 },
		{ "\1Linux version 2.6.31 (a@b", NULL, NULL, NULL, 0 },
		{ "\1\"Linux version 2.6.31 (a@b) (gcc version 4.3.3 (GCC) ) #1 Fri Mar 25 17:10:18 CST 2016\"", NULL, NULL, NULL, 0 },
		{ "\1Linux version 2.6.31", NULL, NULL, NULL, 0 },
		{ "Linux version 2.6.31 (a@b) (gcc version 4) #1 in a text\n", NULL, NULL, NULL, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct inspected out;
		inspected_file(&out, &kernel_inspector, "/k", span_of(cases[i].text, strlen(cases[i].text)));
		const struct fact_kernel *k = fact_list_get(&out.list, FACT_kernel, 0);
		if (!cases[i].version) {
			assert_null(k);
		} else {
			assert_non_null(k);
			assert_true(text_is(k->version, cases[i].version));
			assert_true(text_is(k->built_by, cases[i].built_by));
			assert_true(text_is(k->compiler, cases[i].compiler));
			assert_int_equal(k->built == FACT_NULL ? -1 : k->built, cases[i].built);
			assert_int_equal(k->has_config, 0);
		}
		inspected_free(&out);
	}
}

static void expect(const char *path, const char *text, const char *rows)
{
	struct inspected out;
	char printed[4096] = "";
	size_t n = 0;
	inspected_file(&out, &kernel_inspector, path, span_of(text, strlen(text)));
	const struct fact_kernel_option *o;
	for (size_t i = 0; (o = fact_list_get(&out.list, FACT_kernel_option, i)); i++)
		n += (size_t)snprintf(printed + n, sizeof printed - n, "%ld %.*s=%.*s %.*s %.*s\n", (long)o->line,
							  (int)o->name.n, o->name.p, (int)o->value.n, o->value.p, (int)o->origin.n, o->origin.p,
							  o->recommended.p ? (int)o->recommended.n : 1, o->recommended.p ? o->recommended.p : "-");
	assert_string_equal(printed, rows);
	inspected_free(&out);
}

static void test_config(void **state)
{
	(void)state;
	expect(
		"gzip",
		"#\n# Automatically generated file; DO NOT EDIT.\n# Linux/arm 4.14.95 Kernel Configuration\n#\nCONFIG_ARM=y\n"
		"# CONFIG_CC_STACKPROTECTOR_STRONG is not set\r\nCONFIG_DEVMEM=y\nCONFIG_KGDB=m\nCONFIG_DEFAULT_MMAP_MIN_ADDR=4096\n"
		"CONFIG_CMDLINE=\"console=ttyS0,115200 init=/bin/sh\"\nCONFIG_DEVKMEM",
		"6 CONFIG_CC_STACKPROTECTOR_STRONG=n config y\n7 CONFIG_DEVMEM=y config n\n8 CONFIG_KGDB=m config n\n"
		"9 CONFIG_DEFAULT_MMAP_MIN_ADDR=4096 config 65536\n10 CONFIG_CMDLINE=console=ttyS0,115200 init=/bin/sh config -\n"
		"10 console=ttyS0,115200 command line -\n10 init=/bin/sh command line -\n");
	expect("/boot/config", "#\n# Linux kernel version: 2.6.31\nCONFIG_SECCOMP=y\n", "3 CONFIG_SECCOMP=y config y\n");
	expect("/.config",
		   "#\n# Automatically generated make config: don't edit\n# Busybox version: 1.19.3\nCONFIG_MODULES=y\n", "");
	expect("/x", "CONFIG_DEVMEM=y\n", "");
}

static void test_sysctl(void **state)
{
	(void)state;
	expect(
		"/etc/sysctl.conf",
		"# kernel.sysrq = 1\n; kernel.sysrq=1\n  kernel.sysrq = 0 \r\n-net.ipv4.ip_forward=1\nkernel/kptr_restrict=2\n"
		"net/ipv4/conf/eth0.1/rp_filter = 1\nvm.swappiness=10\nkernel.dmesg_restrict",
		"3 kernel.sysrq=0 sysctl 0\n4 net.ipv4.ip_forward=1 sysctl -\n5 kernel.kptr_restrict=2 sysctl 2\n"
		"6 net.ipv4.conf.eth0/1.rp_filter=1 sysctl -\n");
	expect("/etc/sysctl.d/10.conf", "fs.suid_dumpable=2", "1 fs.suid_dumpable=2 sysctl 0\n");
	expect("/etc/sysctl.d/README", "fs.suid_dumpable=2", "");
	expect(
		"/etc/init.d/net",
		"#!/bin/sh\necho 1 > /proc/sys/net/ipv4/ip_forward\n# echo 0 > /proc/sys/kernel/sysrq\n"
		"[ -e /proc/sys/kernel/sysrq ] && echo \"0\" >/proc/sys/kernel/sysrq; cat /proc/sys/kernel/sysrq\n"
		"echo $X > /proc/sys/kernel/sysrq\nsysctl -w kernel.kptr_restrict=1 vm.swappiness=1 'kernel.dmesg_restrict=1'\n"
		"echo 2 > /proc/sys/$K\ncat x > /proc/sys/kernel/core_pattern\n",
		"2 net.ipv4.ip_forward=1 script -\n4 kernel.sysrq=0 script 0\n6 kernel.kptr_restrict=1 script 2\n"
		"6 kernel.dmesg_restrict=1 script 1\n");
}

static void test_boot_parameters(void **state)
{
	(void)state;
	static const char line[] = "console=ttyS0,57600 nokaslr root=\"/dev/mtd block\" foo=bar mitigations=off -- init=/x";
	struct inspected out;
	inspected_run(&out, &kernel_inspector,
				  (struct subject){ .bytes = span_of(line, sizeof line),
									.path = TEXT_LIT("bootargs"),
									.kind = ENTRY_REGION,
									.format = "text" });
	assert_int_equal(fact_list_count(&out.list, FACT_kernel_option), 4);
	const struct fact_kernel_option *o = fact_list_get(&out.list, FACT_kernel_option, 1);
	assert_true(text_is(o->name, "nokaslr") && text_is(o->value, "set") && text_is(o->recommended, ""));
	o = fact_list_get(&out.list, FACT_kernel_option, 3);
	assert_true(text_is(o->name, "mitigations") && text_is(o->value, "off") && text_is(o->recommended, "auto,nosmt"));
	inspected_free(&out);
}

/* A kernel with a symbol table: 2,560 names, some of which are told. */
struct made {
	uint8_t p[1 << 18];
	size_t n;
	bool big;
};

static void put(struct made *m, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		m->p[m->n++] = (uint8_t)(v >> 8 * (m->big ? width - 1 - i : i));
}

static void align(struct made *m, size_t to)
{
	while (m->n % to)
		m->p[m->n++] = 0;
}

static void name(struct made *m, const char *s)
{
	m->p[m->n++] = (uint8_t)strlen(s);
	for (; *s; s++)
		m->p[m->n++] = (uint8_t)(*s == '@' ? 1 : *s); /* token 1 is a longer one */
}

static void make(struct made *m, bool big, unsigned width, size_t alignment, bool order)
{
	static const char *const told[] = { "T@fail", "TAload_module", "t__handle_sysrq", "Wregister_kprobe",
										"tread_kmem" };
	static const char banner[] = "\1Linux version 4.20.1 (a@b) (gcc version 8) #1 Thu Feb  7 09:00:00 2019\n";
	uint64_t markers[10];
	m->n = 0;
	m->big = big;
	memcpy(m->p, banner, sizeof banner);
	m->n = sizeof banner;
	align(m, 64);
	put(m, 2500, 4);
	align(m, alignment);
	size_t names = m->n;
	for (unsigned i = 0; i < 2500; i++) {
		char other[16];
		if (i % 256 == 0)
			markers[i / 256] = m->n - names;
		snprintf(other, sizeof other, "tother_%u", i);
		name(m, i >= 900 && i < 905 ? told[i - 900] : other);
	}
	align(m, alignment);
	for (unsigned i = 0; i < 10; i++)
		put(m, markers[i], width);
	for (unsigned i = 0; order && i < 2500; i++) {
		m->p[m->n++] = (uint8_t)(i >> 16);
		m->p[m->n++] = (uint8_t)((i * 7 % 2500) >> 8);
		m->p[m->n++] = (uint8_t)(i * 7 % 2500);
	}
	align(m, alignment);
	uint16_t index[256];
	size_t tokens = m->n;
	for (unsigned i = 0; i < 256; i++) {
		index[i] = (uint16_t)(m->n - tokens);
		if (i == 1)
			m->n += (size_t)sprintf((char *)m->p + m->n, "__stack_chk_");
		else
			m->p[m->n++] = i >= 32 && i < 127 && i != ':' ? (uint8_t)i : 'q';
		m->p[m->n++] = 0;
	}
	align(m, alignment);
	for (unsigned i = 0; i < 256; i++)
		put(m, index[i], 2);
	put(m, 0, 8);
}

static void test_symbols(void **state)
{
	(void)state;
	static struct made m;
	for (unsigned variant = 0; variant < 16; variant++) {
		make(&m, variant & 1, variant & 2 ? 8 : 4, variant & 2 ? 8 : 4, variant & 4);
		struct inspected out;
		inspected_file(&out, &kernel_inspector, "/vmlinux", span_of(m.p, m.n));
		char printed[2048] = "";
		size_t n = 0;
		const struct fact_kernel_option *o;
		for (size_t i = 0; (o = fact_list_get(&out.list, FACT_kernel_option, i)); i++)
			n += (size_t)snprintf(printed + n, sizeof printed - n, "%.*s=%.*s ", (int)o->name.n, o->name.p,
								  (int)o->value.n, o->value.p);
		assert_string_equal(printed, "CONFIG_STACKPROTECTOR=y CONFIG_KPROBES=n CONFIG_DEBUG_FS=n CONFIG_MAGIC_SYSRQ=y "
									 "CONFIG_HIBERNATION=n CONFIG_DEVKMEM=y ");
		inspected_free(&out);
	}
}

static void test_exports(void **state)
{
	(void)state;
	static char image[8192] = "Linux version 4.4.1 (a@b) (gcc version 8) #1\n";
	size_t n = 64;
	image[60] = 1;
	for (unsigned i = 0; i < 300; i++)
		n += (size_t)sprintf(image + n, "export_%u", i) + 1;
	for (const char *const *s =
			 (const char *const[]){ "register_kprobe", "register_netdev", "debugfs_create_dir", NULL };
		 *s; s++)
		n += (size_t)sprintf(image + n, "%s", *s) + 1;
	struct inspected out;
	inspected_file(&out, &kernel_inspector, "/vmlinux", span_of(image, n + 16));
	assert_int_equal(fact_list_count(&out.list, FACT_kernel_option), 2);
	inspected_free(&out);
}

static void test_image_name(void **state)
{
	(void)state;
	uint8_t image[128] = { 0x27, 0x05, 0x19, 0x56 };
	memcpy(image + 28, "\5\5\2\3MIPS OpenWrt Linux-4.14.95", 31);
	struct inspected out;
	struct subject s = {
		.bytes = span_of(image, sizeof image), .path = TEXT_LIT("0x0.uimage"), .kind = ENTRY_REGION, .format = "uimage"
	};
	inspected_run(&out, &kernel_inspector, s);
	const struct fact_kernel *k = fact_list_get(&out.list, FACT_kernel, 0);
	assert_true(k && text_is(k->version, "4.14.95") && text_is(k->source, "image name"));
	inspected_free(&out);
	image[30] = 5; /* firmware, not a kernel */
	inspected_run(&out, &kernel_inspector, s);
	assert_int_equal(fact_list_count(&out.list, FACT_kernel), 0);
	inspected_free(&out);
}

static void test_survives(void **state)
{
	(void)state;
	static struct made m;
	make(&m, false, 4, 4, true);
	inspected_survives(&kernel_inspector, "/vmlinux", span_of(m.p, m.n), 300);
	static const char script[] = "#!/bin/sh\necho 1 > /proc/sys/net/ipv4/ip_forward; sysctl -w kernel.sysrq=0 a=b\n";
	inspected_survives(&kernel_inspector, "/etc/init.d/x", span_of(script, sizeof script - 1), 3000);
	static const char config[] =
		"# Linux/arm 3.0.8 Kernel Configuration\nCONFIG_CMDLINE=\"a b=c\"\n# CONFIG_DEVMEM is not set\n";
	inspected_survives(&kernel_inspector, "/c", span_of(config, sizeof config - 1), 3000);
}

/* Every row of the tables is one that says something, and no name is there twice. */
static void test_tables(void **state)
{
	(void)state;
	const struct kernel_knob *const tables[] = { kernel_options, kernel_parameters, kernel_sysctls };
	for (size_t i = 0; i < 3; i++)
		for (const struct kernel_knob *k = tables[i]; k->name; k++) {
			assert_non_null(k->topic);
			assert_true((k->recommended == NULL) == (k->by == NULL));
			for (const struct kernel_knob *l = k + 1; l->name; l++)
				assert_string_not_equal(k->name, l->name);
		}
	for (size_t i = 0; i < kernel_nsymbols; i++)
		assert_non_null(kernel_knob(kernel_options, text_c(kernel_symbols[i].option)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_banner),          cmocka_unit_test(test_config),   cmocka_unit_test(test_sysctl),
		cmocka_unit_test(test_boot_parameters), cmocka_unit_test(test_symbols),  cmocka_unit_test(test_exports),
		cmocka_unit_test(test_image_name),      cmocka_unit_test(test_survives), cmocka_unit_test(test_tables),
	};
	return cmocka_run_group_tests_name("kernel_facts", tests, NULL, NULL);
}

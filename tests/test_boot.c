/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Boot loaders: each case is a text or an image and the rows that it gives, after the manual of the loader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "inspected.h"

extern const struct inspector boot_inspector;

static const char *rows(struct inspected *out)
{
	static char printed[4096];
	size_t n = 0;
	printed[0] = '\0';
	const struct fact_boot_setting *b;
	for (size_t i = 0; (b = fact_list_get(&out->list, FACT_boot_setting, i)); i++)
		n += (size_t)snprintf(printed + n, sizeof printed - n, "%.*s %.*s=%.*s (%.*s)\n", (int)b->loader.n, b->loader.p,
							  (int)b->key.n, b->key.p, (int)b->value.n, b->value.p, (int)b->origin.n, b->origin.p);
	return printed;
}

static void expect(struct subject s, const char *expected, size_t parameters)
{
	struct inspected out;
	inspected_run(&out, &boot_inspector, s);
	assert_string_equal(rows(&out), expected);
	assert_int_equal(fact_list_count(&out.list, FACT_kernel_option), parameters);
	inspected_free(&out);
}

static struct subject file(const char *path, const char *text)
{
	return (struct subject){ .bytes = span_of(text, strlen(text)), .path = text_c(path), .kind = ENTRY_FILE };
}

static void test_files(void **state)
{
	(void)state;
	expect(
		file(
			"/boot/grub/grub.cfg",
			"set default=\"0\"\nset timeout=5\nset superusers=\"root\"\npassword_pbkdf2 root grub.pbkdf2.sha512.10000.AA\n"
			"set x=1\nmenuentry 'a' {\n\tlinux /vmlinuz root=/dev/sda1 mitigations=off quiet\n\tinitrd /i\n}\n"),
		"grub default=0 (file)\ngrub timeout=5 (file)\ngrub superusers=root (file)\ngrub password_pbkdf2=root (file)\n"
		"grub bootargs=root=/dev/sda1 mitigations=off quiet (file)\n",
		3);
	expect(file("/boot/grub/menu.lst", "timeout 3\r\nkernel (hd0,0)/k ro single\r\n"),
		   "grub timeout=3 (file)\ngrub bootargs=ro single (file)\n", 2);
	expect(file("/etc/default/grub", "GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX=\"console=ttyS0\"\n#GRUB_TERMINAL=x\n"),
		   "grub GRUB_TIMEOUT=0 (file)\ngrub bootargs=console=ttyS0 (file)\n", 1);
	expect(file("/boot/extlinux/extlinux.conf", "TIMEOUT 30\nLABEL x\n\tKERNEL /I\n\tAPPEND root=/dev/mmcblk0p2 rw\n"),
		   "syslinux TIMEOUT=30 (file)\nsyslinux bootargs=root=/dev/mmcblk0p2 rw (file)\n", 2);
	expect(file("/boot/loader/loader.conf", "timeout 3\neditor no\n"),
		   "systemd-boot timeout=3 (file)\nsystemd-boot editor=no (file)\n", 0);
	expect(file("/boot/loader/entries/a.conf", "title x\noptions root=/dev/sda2 lockdown=integrity\n"),
		   "systemd-boot bootargs=root=/dev/sda2 lockdown=integrity (file)\n", 2);
	expect(file("/etc/fw_env.config", "# device offset\n/dev/mtd1 0x0 0x20000\n"),
		   "u-boot environment device=/dev/mtd1 0x0 0x20000 (file)\n", 0);
	expect(file("/config.txt", "[all]\ngpu_mem=16\nenable_uart=1\n"), "raspberry-pi enable_uart=1 (file)\n", 0);
	expect(file("/cmdline.txt", "console=serial0,115200 root=/dev/mmcblk0p2"),
		   "raspberry-pi bootargs=console=serial0,115200 root=/dev/mmcblk0p2 (file)\n", 2);
	expect(file("/etc/kernel/cmdline", "root=/dev/sda1 quiet\n"), "kernel bootargs=root=/dev/sda1 quiet (file)\n", 2);
	expect(file("/boot/boot.cmd", "setenv bootargs \"console=ttyS0 init=/bin/sh\"\nload mmc 0:1 ${a} x\nbootz ${a}\n"),
		   "u-boot bootargs=console=ttyS0 init=/bin/sh (file)\nu-boot boot=bootz ${a} (file)\n", 2);
	/* none of these */
	expect(file("/usr/share/doc/grub/grub.cfg", "set timeout=5\n"), "", 0);
	expect(file("/config.txt", "name=value\n"), "", 0);
	expect(file("/home/cmdline.txt", "root=/dev/sda\n"), "", 0);
	expect(file("/doc.txt", "bootdelay=3\nbootcmd=x\n"), "", 0);
}

static void test_environments(void **state)
{
	(void)state;
	static const char built_in[] =
		"\x7f\1junk\0bootargs=console=ttyS0,115200 init=/sbin/init\0bootcmd=bootm 0x9f020000\0"
		"bootdelay=1\0foo=bar\0ipaddr=192.168.1.1\0\0Usage: bootdelay=x\0";
	expect(
		(struct subject){ .bytes = span_of(built_in, sizeof built_in), .path = TEXT_LIT("lzma"), .kind = ENTRY_STREAM },
		"u-boot bootargs=console=ttyS0,115200 init=/sbin/init (default environment)\n"
		"u-boot bootcmd=bootm 0x9f020000 (default environment)\nu-boot bootdelay=1 (default environment)\n"
		"u-boot ipaddr=192.168.1.1 (default environment)\n",
		2);
	/* What is started, and each target that it tries. */
	static const char targets[] = "\1junk\0bootcmd=run distro_bootcmd\0boot_targets=mmc1 nvme0\0"
								  "bootcmd_mmc1=devnum=1; run mmc_boot\0bootcmd_nvme0=run nvme_boot\0mmc_boot=x\0\0";
	expect((struct subject){ .bytes = span_of(targets, sizeof targets), .path = TEXT_LIT("x"), .kind = ENTRY_STREAM },
		   "u-boot bootcmd=run distro_bootcmd (default environment)\n"
		   "u-boot boot_targets=mmc1 nvme0 (default environment)\n"
		   "u-boot bootcmd_mmc1=devnum=1; run mmc_boot (default environment)\n"
		   "u-boot bootcmd_nvme0=run nvme_boot (default environment)\n",
		   0);
	static const char message[] = "\1\0bootcmd=%s\n\0\2\0bootdelay=\1";
	expect((struct subject){ .bytes = span_of(message, sizeof message), .path = TEXT_LIT("x"), .kind = ENTRY_FILE }, "",
		   0);
	struct subject saved =
		file("variables", "bootdelay=0\nsilent=1\nx=y\naltbootcmd=run a; setenv bootargs quiet; bootm\n");
	saved.kind = ENTRY_REGION;
	expect(saved,
		   "u-boot bootdelay=0 (environment)\nu-boot silent=1 (environment)\n"
		   "u-boot altbootcmd=run a; setenv bootargs quiet; bootm (environment)\n",
		   1);
}

static void test_banners(void **state)
{
	(void)state;
	static const struct {
		const char *text, *rows;
	} cases[] = {
		{ "\1U-Boot 1.1.4 (Mar 25 2016 - 16:59:35)",
		  "u-boot version=U-Boot 1.1.4 (Mar 25 2016 - 16:59:35) (strings)\n" },
		{ "\1U-Boot SPL 2021.04-g1234567 (Apr 05 2021 - 15:03:29 +0000)\n",
		  "u-boot version=U-Boot SPL 2021.04-g1234567 (Apr 05 2021 - 15:03:29 +0000) (strings)\n" },
		{ "\1barebox 2022.12.0 #1 Mon Jan 2 10:00:00 UTC 2023\n",
		  "barebox version=barebox 2022.12.0 #1 Mon Jan 2 10:00:00 UTC 2023 (strings)\n" },
		{ "\1CFE version 1.0.37-106.24 for BCM96362",
		  "cfe version=CFE version 1.0.37-106.24 for BCM96362 (strings)\n" },
		{ "\1U-Boot 1.1.4 or later", "" },
		{ "\1U-Boot %s (%s - %s)", "" },
		{ "\1CFE version %s", "" },
		{ "\1TOC0.GLH\1\2\3\4", "" },
		{ "\1TOC0.GLH\x01\x98\x11\x89", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect(file("/u", cases[i].text), cases[i].rows, 0);
	static const char toc0[] = "TOC0.GLH\x00\x98\x11\x89";
	expect((struct subject){ .bytes = span_of(toc0, sizeof toc0), .path = TEXT_LIT("x"), .kind = ENTRY_REGION },
		   "allwinner signature=TOC0 (strings)\n", 0);
}

static void test_containers(void **state)
{
	(void)state;
	uint8_t image[512];
	memset(image, 0, sizeof image);
	image[24] = 1;
	expect((struct subject){ .bytes = span_of(image, 64), .path = TEXT_LIT("x"), .format = "imx_ivt" },
		   "imx-rom signature=CSF (file)\n", 0);
	image[24] = 0;
	expect((struct subject){ .bytes = span_of(image, 64), .path = TEXT_LIT("x"), .format = "imx_ivt" },
		   "imx-rom signature=none (file)\n", 0);
	memcpy(image, "AVB0", 4);
	image[31] = 2;
	image[119] = 5;
	image[123] = 2;
	expect((struct subject){ .bytes = span_of(image, 256), .path = TEXT_LIT("x"), .format = "avb" },
		   "avb flags=verification disabled (file)\navb algorithm=SHA256_RSA4096 (file)\navb rollback_index=5 (file)\n",
		   0);
	memset(image, 0, sizeof image);
	strcpy((char *)image, "ANDROID!");
	strcpy((char *)image + 64, "console=ttyMSM0 androidboot.veritymode=logging x=y");
	static uint8_t android[2048];
	memcpy(android, image, sizeof image);
	expect(
		(struct subject){ .bytes = span_of(android, sizeof android), .path = TEXT_LIT("x"), .format = "android_boot" },
		"android bootargs=console=ttyMSM0 androidboot.veritymode=logging x=y (file)\n", 2);
	memset(image, 0xff, sizeof image);
	memcpy(image, "\xaa\x50\1\2\0\x90\0\0\0\x50\0\0nvs\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0", 32);
	expect((struct subject){ .bytes = span_of(image, sizeof image), .path = TEXT_LIT("x"), .format = "esp_partitions" },
		   "esp-bootloader encrypted=nvs (partition table)\n", 0);
}

static void test_survives(void **state)
{
	(void)state;
	static const char env[] =
		"\1\0bootargs=console=ttyS0\0bootcmd=setenv bootargs 'a b'\0bootdelay=1\0\0U-Boot 2020.01 (Jan 01";
	inspected_survives(&boot_inspector, "x", span_of(env, sizeof env), 5000);
	static const char grub[] = "set timeout='5'\nlinux /k \"a b\" c\npassword x y\nmenu master passwd x\nappend a\n";
	inspected_survives(&boot_inspector, "/boot/grub/grub.cfg", span_of(grub, sizeof grub - 1), 5000);
	inspected_survives(&boot_inspector, "/boot/extlinux.conf", span_of(grub, sizeof grub - 1), 5000);
	uint8_t tree[512] = "ANDROID!AVB0";
	size_t n = sizeof tree;
	for (size_t i = 0; i < 8 * n; i++) {
		uint8_t *copy = malloc(n);
		struct inspected out;
		memcpy(copy, tree, n);
		copy[i / 8] ^= (uint8_t)(1u << i % 8);
		static const char *const formats[] = { "android_boot", "avb", "esp_partitions", "imx_ivt" };
		for (size_t k = 0; k < 4; k++) {
			inspected_run(
				&out, &boot_inspector,
				(struct subject){ .bytes = span_of(copy, n - i % 7), .path = TEXT_LIT("x"), .format = formats[k] });
			inspected_free(&out);
		}
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),      cmocka_unit_test(test_environments), cmocka_unit_test(test_banners),
		cmocka_unit_test(test_containers), cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("boot", tests, NULL, NULL);
}

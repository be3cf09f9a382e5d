/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How command lines divide the flash: each case is a text and the rows that it gives, after Linux cmdlinepart.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspected.h"

extern const struct inspector partitions_inspector;

static void print_rows(const struct fact_list *list, char *out, size_t size)
{
	size_t n = 0;
	out[0] = '\0';
	const struct fact_partition *p;
	for (size_t i = 0; (p = fact_list_get(list, FACT_partition, i)); i++)
		n += (size_t)snprintf(out + n, size - n, "%.*s %.*s %ld %ld %s%.*s\n", (int)p->device.n, p->device.p,
							  (int)(p->name.p ? p->name.n : 1), p->name.p ? p->name.p : "-",
							  p->start == FACT_NULL ? -1L : (long)p->start, p->size == FACT_NULL ? -1L : (long)p->size,
							  p->read_only ? "ro " : "", (int)p->source.n, p->source.p);
}

static void test_grammar(void **state)
{
	(void)state;
	static const struct {
		const char *text, *rows;
	} cases[] = {
		{ "console=ttyS0 mtdparts=sa1100:- root=/dev/mtd1", "sa1100 - 0 -1 mtdparts\n" },
		{ "mtdparts=edb7312-nor:256k(ARMboot)ro,-(root);edb7312-nand:-(home)",
		  "edb7312-nor ARMboot 0 262144 ro mtdparts\nedb7312-nor root 262144 -1 mtdparts\nedb7312-nand home 0 -1 mtdparts\n" },
		{ "mtdparts=spi0.0:0x40000@0x10000(u-boot)rolk,64K(env),1m(kernel)slc\n",
		  "spi0.0 u-boot 65536 262144 ro mtdparts\nspi0.0 env 327680 65536 mtdparts\nspi0.0 kernel 393216 1048576 mtdparts\n" },
		{ "mtdparts=1e000000.spi:flash:64k(a)", "1e000000.spi:flash a 0 65536 mtdparts\n" },
		{ "mtdparts=nand:010(octal)", "nand octal 0 8 mtdparts\n" },
		{ "blkdevparts=mmcblk0:1G(data0),-(rest);mmcblk0boot0:1m(boot)",
		  "mmcblk0 data0 0 1073741824 blkdevparts\nmmcblk0 rest 1073741824 -1 blkdevparts\nmmcblk0boot0 boot 0 1048576 blkdevparts\n" },
		{ "mtdparts=mtdparts=f:1k(a)\nbootargs=x mtdparts=f:1k(a)\n", "f a 0 1024 mtdparts\n" },
		{ "mtdparts=f:-(a),1k(b)", "f a 0 -1 mtdparts\nf b -1 1024 mtdparts\n" },
		/* none of these */
		{ "mtdparts=${mtdparts}", "" },
		{ "mtdparts=%s", "" },
		{ "usage: mtdparts=<mtd-id>:<size>", "" },
		{ "mtdparts=f:(name)", "" },
		{ "mtdparts=f:1k(unfinished", "" },
		{ "mtdparts=f:1k(a)xyz", "" },
		{ "mtdparts=:1k(a)", "" },
		{ "mtdparts=f:99999999999999999999999999G(a)", "" },
		{ "mtdparts=f:8g@17179869184g(a)", "" },
		{ "mtdparts=", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char rows[2048];
		struct inspected out;
		inspected_file(&out, &partitions_inspector, "/x", span_of(cases[i].text, strlen(cases[i].text)));
		print_rows(&out.list, rows, sizeof rows);
		if (strcmp(rows, cases[i].rows) != 0)
			print_message("%s\n", cases[i].text);
		assert_string_equal(rows, cases[i].rows);
		inspected_free(&out);
	}
}

/* Any bytes behind the pattern: the sanitizers judge. */
static void test_survives(void **state)
{
	(void)state;
	static const char alphabet[] = "0179kKmMgGxX@():;,-ro lkslc";
	uint32_t x = 1;
	for (unsigned round = 0; round < 20000; round++) {
		char text[64] = "mtdparts=";
		for (size_t i = 9; i < sizeof text; i++)
			text[i] = alphabet[(x = x * 1664525 + 1013904223) >> 16 & 0xffff ? (x >> 8) % (sizeof alphabet - 1) : 0];
		struct inspected out;
		inspected_file(&out, &partitions_inspector, "/x", span_of(text, sizeof text - round % 50));
		inspected_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_grammar), cmocka_unit_test(test_survives) };
	return cmocka_run_group_tests_name("partitions", tests, NULL, NULL);
}

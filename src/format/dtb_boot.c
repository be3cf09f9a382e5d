/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a device tree tells a boot loader: the keys that U-Boot trusts and what they are required for, what it is told
 * to do, the console.
 *
 * Specification: U-Boot doc/usage/fit/signature.rst, doc/device-tree-bindings/config.txt; Devicetree Specification, 3.6.
 */
#include <stdio.h>

#include "format/dtb_boot.h"

#define TOKENS_MAX 200000u

static void emit(struct sink *sink, const struct fdt_token *t, const char *loader, struct text key, struct text value)
{
	emit_boot_setting(
		sink, &(struct fact_boot_setting){ (int64_t)t->at, text_c(loader), key, value, TEXT_LIT("device tree") });
}

static struct text property_text(const struct fdt_token *t, char *out, size_t size)
{
	if (t->value.n == 4 && (t->value.p[0] == 0 || t->value.p[3] == 0 || t->value.p[3] >= 0x7f)) {
		snprintf(out, size, "%u", span_u32be(t->value, 0));
		return text_c(out);
	}
	if (t->value.n == 0)
		return TEXT_LIT("set");
	return fdt_string(t->value);
}

static void key_property(const struct fdt_token *t, struct text node, struct sink *sink)
{
	static const char *const names[] = { "required", "algo", "rsa,num-bits", "key-name-hint" };
	char value[32], key[96];
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_is(t->name, names[i]) && node.n < 64) {
			snprintf(key, sizeof key, "%.*s/%s", (int)node.n, node.p, names[i]);
			emit(sink, t, "u-boot", text_is(t->name, "required") ? TEXT_LIT("required") : text_c(key),
				 property_text(t, value, sizeof value));
		}
}

static void config_property(const struct fdt_token *t, struct sink *sink)
{
	static const char *const names[] = { "bootdelay",      "bootcmd",      "bootsecure", "load-environment",
										 "silent-console", "no-apm-final", "bootargs" };
	char value[32];
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_is(t->name, names[i]))
			emit(sink, t, "u-boot", t->name, property_text(t, value, sizeof value));
}

/* /signature has the keys that U-Boot trusts, /config what it is told, /chosen the console. */
void dtb_emit_boot(const struct fdt *fdt, struct sink *sink)
{
	struct fdt_token t;
	struct text second = TEXT_NONE, third = TEXT_NONE;
	struct fdt_cursor c = fdt_begin(fdt);
	for (unsigned i = 0; i < TOKENS_MAX && fdt_next(&c, &t); i++) {
		if (t.kind == FDT_BEGIN) {
			if (t.depth == 2)
				second = t.name;
			if (t.depth == 3)
				third = t.name;
		} else if (t.kind == FDT_PROPERTY && t.depth == 3 && text_is(second, "signature")) {
			key_property(&t, third, sink);
		} else if (t.kind == FDT_PROPERTY && t.depth == 2 && text_is(second, "signature") &&
				   text_is(t.name, "required-mode")) {
			emit(sink, &t, "u-boot", t.name, fdt_string(t.value));
		} else if (t.kind == FDT_PROPERTY && t.depth == 2 && text_is(second, "config")) {
			config_property(&t, sink);
		} else if (t.kind == FDT_PROPERTY && t.depth == 2 && text_is(second, "chosen") &&
				   (text_is(t.name, "stdout-path") || text_is(t.name, "linux,stdout-path"))) {
			emit(sink, &t, "kernel", t.name, fdt_string(t.value));
		}
	}
}

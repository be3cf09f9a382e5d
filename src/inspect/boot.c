/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Boot loaders: their versions, environments (saved and built in), configuration files, and what they verify.
 *
 * Specification: U-Boot doc/usage/environment.rst, include/env_default.h, cmd/version.c; the others stand at their readers.
 */
#include "base/ascii.h"
#include "inspect/boot.h"
#include "inspect/place.h"

#define TOC0_MAGIC 0x89119800u /* U-Boot include/sunxi_image.h */
#define CFE_VERSION_AT 0x570u
#define CFE_SEAL_WITHIN 256u
#define RUN_MAX (64u << 10)
#define VARIABLES_MAX 2048u
#define RUNS_MAX 64u
#define BANNER_MAX 200u
#define BANNERS_MAX 16u

enum {
	HIT_UBOOT,
	HIT_SPL,
	HIT_TPL,
	HIT_BAREBOX,
	HIT_CFE,
	HIT_REDBOOT,
	HIT_BOOTCMD,
	HIT_BOOTDELAY,
	HIT_BOOTARGS,
	HIT_TOC0,
	HIT_CFE_DSL
};

static const struct pattern boot_patterns[] = {
	[HIT_UBOOT] = PATTERN("U-Boot ", PATTERN_LITERAL),
	[HIT_SPL] = PATTERN("U-Boot SPL ", PATTERN_LITERAL),
	[HIT_TPL] = PATTERN("U-Boot TPL ", PATTERN_LITERAL),
	[HIT_BAREBOX] = PATTERN("barebox 20", PATTERN_LITERAL),
	[HIT_CFE] = PATTERN("CFE version ", PATTERN_LITERAL),
	[HIT_REDBOOT] = PATTERN("RedBoot(tm) bootstrap", PATTERN_LITERAL),
	[HIT_BOOTCMD] = PATTERN("bootcmd=", PATTERN_LITERAL),
	[HIT_BOOTDELAY] = PATTERN("bootdelay=", PATTERN_LITERAL),
	[HIT_BOOTARGS] = PATTERN("bootargs=", PATTERN_LITERAL),
	[HIT_TOC0] = PATTERN("TOC0.GLH", PATTERN_LITERAL),
	[HIT_CFE_DSL] = PATTERN("cfe-v", PATTERN_LITERAL),
	PATTERN_END,
};

void boot_emit(struct sink *sink, int64_t offset, const char *loader, struct text key, struct text value,
			   const char *origin)
{
	emit_boot_setting(sink, &(struct fact_boot_setting){ offset, text_c(loader), key, value, text_c(origin) });
}

/* Variables that say how boot can be interrupted, what is started, from where, and what is verified. */
static const char *const variables[] = { "bootdelay",
										 "bootcmd",
										 "bootargs",
										 "altbootcmd",
										 "bootlimit",
										 "bootcount",
										 "upgrade_available",
										 "preboot",
										 "console",
										 "silent",
										 "stdin",
										 "stdout",
										 "stderr",
										 "bootstopkey",
										 "bootstopkeysha256",
										 "bootdelaykey",
										 "bootstopusesha256",
										 "bootretry",
										 "verify",
										 "autoload",
										 "autostart",
										 "ipaddr",
										 "serverip",
										 "gatewayip",
										 "netmask",
										 "ethaddr",
										 "ethact",
										 "bootfile",
										 "netretry",
										 "ncip",
										 "dfu_alt_info",
										 "fastboot_partition",
										 "menucmd",
										 "bootmenu_delay",
										 "boot_targets",
										 "recovery_cmd",
										 "factory_reset",
										 "secure_boot",
										 "lockdown",
										 "fit_verify",
										 "force_boot",
										 "baudrate",
										 "ver",
										 "telnet",
										 "username",
										 "boot_wdt",
										 "optargs",
										 "extraargs",
										 "extra_bootargs",
										 "kernel_args" };

static bool known(struct text name)
{
	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
		if (text_is(name, variables[i]))
			return true;
	return text_starts(name, "bootcmd_"); /* what each of boot_targets stands for */
}

/* Scripts in variables: "setenv bootargs a=b ...; bootm". */
static void read_setenv(struct text script, struct sink *sink)
{
	static const char set[] = "setenv bootargs ";
	struct text rest = script;
	for (unsigned i = 0; i < 8; i++) {
		const char *at = rest.n ? memmem(rest.p, rest.n, set, sizeof set - 1) : NULL;
		if (!at)
			return;
		const char *from = at + sizeof set - 1, *end = rest.p + rest.n, *to;
		char quote = from < end && (*from == '"' || *from == '\'') ? *from++ : 0;
		for (to = from; to < end && (quote ? *to != quote : *to != ';' && *to != '\n'); to++)
			;
		kernel_command_line(text_of(from, (size_t)(to - from)), FACT_NULL, sink);
		rest = text_of(to, (size_t)(end - to));
	}
}

void boot_variable(struct text name, struct text value, int64_t offset, const char *origin, struct sink *sink)
{
	if (known(name))
		boot_emit(sink, offset, "u-boot", name, value, origin);
	if (text_is(name, "bootargs"))
		kernel_command_line(value, FACT_NULL, sink);
	else
		read_setenv(value, sink);
}

static bool is_name(struct text name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] == '%' || name.p[i] == '"' || (uint8_t)name.p[i] >= 0x7f)
			return false;
	return name.n > 0 && name.n < 64;
}

/* The string at `at`: name=value, ended by a NUL. Gives what it takes, 0 when it is none. */
static size_t read_string(struct span bytes, uint64_t at, struct text *name, struct text *value)
{
	struct text t = text_terminated(span_clip(bytes, at, RUN_MAX));
	const char *equals = t.n ? memchr(t.p, '=', t.n) : NULL;
	if (!equals)
		return 0;
	*name = text_of(t.p, (size_t)(equals - t.p));
	*value = text_of(equals + 1, t.n - name->n - 1);
	if (!is_name(*name))
		return 0;
	for (size_t i = 0; i < value->n; i++)
		if (!ascii_is_text((uint8_t)value->p[i]))
			return 0;
	return t.n + 1;
}

/* Where the run of strings begins that the hit is in. */
static uint64_t run_start(struct span bytes, uint64_t hit, uint64_t lowest)
{
	uint64_t start = hit;
	while (start > lowest + 1 && hit - start < RUN_MAX && bytes.p[start - 1] == 0) {
		uint64_t begin = start - 1;
		while (begin > lowest && start - begin < RUN_MAX && ascii_is_text(bytes.p[begin - 1]))
			begin--;
		struct text name, value;
		if (begin == start - 1 || (begin > 0 && bytes.p[begin - 1] != 0) ||
			read_string(bytes, begin, &name, &value) != start - begin)
			break;
		start = begin;
	}
	return start;
}

/* The environment that is built in: strings one after the other. One alone is a message of a program. Gives its end. */
static uint64_t read_run(const struct subject *s, uint64_t hit, uint64_t lowest, struct sink *sink)
{
	uint64_t start = run_start(s->bytes, hit, lowest), at = start;
	struct text name, value;
	unsigned n = 0, named = 0;
	for (size_t size; n < VARIABLES_MAX && (size = read_string(s->bytes, at, &name, &value)) > 0; n++, at += size)
		named += known(name);
	if (named < 2)
		return hit + 1;
	uint64_t end = at;
	at = start;
	while (at < end) {
		size_t size = read_string(s->bytes, at, &name, &value);
		boot_variable(name, value, (int64_t)at, "default environment", sink);
		at += size;
	}
	return end;
}

static bool is_month(struct text t)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *found = t.n >= 3 ? memmem(months, 36, t.p, 3) : NULL;
	return found && (found - months) % 3 == 0;
}

/* A loader's own line about itself: what prints it holds conversions and no date. */
static bool read_banner(struct span bytes, const struct hit *h, struct text *banner)
{
	struct span s = span_clip(bytes, h->from, BANNER_MAX);
	size_t n = 0;
	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7f)
		n++;
	while (n > 0 && s.p[n - 1] == ' ')
		n--;
	*banner = text_of((const char *)s.p, n);
	size_t after = (size_t)(h->to - h->from);
	if (memchr(s.p, '%', n) || n <= after)
		return false;
	if (h->pattern == HIT_BAREBOX)
		return memchr(s.p, '#', n) != NULL;
	if (h->pattern == HIT_CFE)
		return s.p[after] >= '0' && s.p[after] <= '9';
	if (h->pattern == HIT_REDBOOT)
		return true;
	const char *date = memmem(s.p, n, " (", 2);
	return s.p[after] >= '0' && s.p[after] <= '9' && date &&
		   is_month(text_of(date + 2, (size_t)((const char *)s.p + n - date - 2)));
}

static const char *loader_of(uint32_t pattern)
{
	return pattern == HIT_BAREBOX   ? "barebox"
		   : pattern == HIT_CFE     ? "cfe"
		   : pattern == HIT_REDBOOT ? "redboot"
									: "u-boot";
}

/* Of Broadcom's chips for DSL: its version stands as bytes in the boot block, which begins with a jump over the seal.
 * Linux arch/mips/bcm63xx/boards/board_bcm963xx.c; CFE include/cfe_api (CFE_EPTSEAL). */
static void read_cfe_dsl(const struct subject *s, const struct hit *h, struct sink *sink)
{
	struct span version = span_sub(s->bytes, h->to, 6);
	struct span head = h->from < CFE_VERSION_AT ? span_of(NULL, 0) : span_clip(s->bytes, h->from - CFE_VERSION_AT, CFE_SEAL_WITHIN);
	if (!version.p || !head.n || !memmem(head.p, head.n, "CFE1CFE1", 8))
		return;
	const uint8_t *v = version.p;
	const char *rest = v[5] ? arena_printf(s->arena, "-%u", v[5]) : "";
	boot_emit(sink, (int64_t)h->from, "cfe", TEXT_LIT("version"),
			  text_c(arena_printf(s->arena, "%u.%u.%u-%u.%u%s", v[0], v[1], v[2], v[3], v[4], rest)), "strings");
}

static void read_binary(const struct subject *s, struct sink *sink)
{
	struct text banners[BANNERS_MAX];
	size_t nbanners = 0;
	uint64_t done = 0;
	unsigned runs = 0, cfe = 0;
	for (size_t i = 0; i < s->nhits; i++) {
		const struct hit *h = &s->hits[i];
		if (h->pattern == HIT_TOC0) {
			if (span_u32le(s->bytes, h->to) == TOC0_MAGIC) /* not the name alone: U-Boot knows it */
				boot_emit(sink, (int64_t)h->from, "allwinner", TEXT_LIT("signature"), TEXT_LIT("TOC0"), "strings");
		} else if (h->pattern == HIT_CFE_DSL) {
			if (cfe++ < BANNERS_MAX)
				read_cfe_dsl(s, h, sink);
		} else if (h->pattern >= HIT_BOOTCMD) {
			bool begins = h->from == 0 || s->bytes.p[h->from - 1] == 0;
			if (h->from >= done && begins && runs++ < RUNS_MAX)
				done = read_run(s, h->from, done, sink);
		} else if (nbanners < BANNERS_MAX && read_banner(s->bytes, h, &banners[nbanners])) {
			bool repeated = false;
			for (size_t k = 0; k < nbanners; k++)
				repeated |= text_eq(banners[k], banners[nbanners]);
			if (!repeated)
				boot_emit(sink, (int64_t)h->from, loader_of(h->pattern), TEXT_LIT("version"), banners[nbanners++],
						  "strings");
		}
	}
}

static bool boot_wants(const struct subject *s)
{
	return s->bytes.n &&
		   (boot_container(s->format) || boot_uefi_is_list(s) || boot_file_of(s) != BOOT_FILE_NONE || (s->nhits > 0 && !subject_is_text(s)));
}

static void boot_run(const struct subject *s, struct sink *sink)
{
	enum boot_file file = boot_file_of(s);
	if (boot_container(s->format))
		boot_container_read(s, sink);
	else if (boot_uefi_is_list(s))
		boot_uefi_read(s, sink);
	else if (file != BOOT_FILE_NONE)
		boot_file_read(file, s, sink);
	else
		read_binary(s, sink);
}

const struct inspector boot_inspector = {
	.name = "boot",
	.title = "boot loaders: versions, environments, settings, what they verify",
	.spec = "U-Boot doc/usage/environment.rst, doc/usage/fit/signature.rst; GRUB manual",
	.patterns = boot_patterns,
	.containers = true,
	.wants = boot_wants,
	.run = boot_run,
};

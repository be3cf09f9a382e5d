/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernels: the version line, the configuration where it is embedded, what their symbols show; sysctl files; the boot
 * parameters of device trees.
 *
 * Specification: Linux init/version.c and scripts/mkcompile_h; U-Boot include/image.h for the names of legacy images.
 */
#include "base/holes.h"
#include "inspect/kernel.h"
#include "inspect/place.h"

#define BANNER_MAX 1024u
#define BANNERS_MAX 8u
#define TOKEN_TRIES 16u

enum { HIT_BANNER, HIT_TOKENS, HIT_PROC_SYS, HIT_SYSCTL };

static const struct pattern kernel_patterns[] = {
	PATTERN("Linux version ", PATTERN_LITERAL),
	PATTERN("0\0"
			"1\0"
			"2\0"
			"3\0"
			"4\0"
			"5\0"
			"6\0"
			"7\0"
			"8\0"
			"9\0",
			PATTERN_LITERAL), /* of the token table */
	PATTERN("/proc/sys/", PATTERN_LITERAL),
	PATTERN("sysctl -", PATTERN_LITERAL),
	PATTERN_END,
};

static bool is_code(const struct subject *s)
{
	return !subject_is_text(s) && strcmp(s->format, "empty") != 0;
}

static bool digits(struct text t, size_t at, size_t n, unsigned *v)
{
	*v = 0;
	for (size_t i = at; i < at + n; i++) {
		if (i >= t.n || t.p[i] < '0' || t.p[i] > '9')
			return false;
		*v = *v * 10 + (unsigned)(t.p[i] - '0');
	}
	return true;
}

/* Days from 1970-01-01, by the proleptic Gregorian calendar. */
static int64_t days_from(unsigned year, unsigned month, unsigned day)
{
	int64_t y = (int64_t)year - (month <= 2), era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "Tue Jul 26 18:06:43 CST 2022" at the end, or a distribution's "(2024-02-01)". */
static int64_t banner_date(struct text t)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	unsigned y, m, d, hour, minute, second;
	for (size_t i = 0; i + 12 <= t.n; i++)
		if (t.p[i] == '(' && t.p[i + 11] == ')' && digits(t, i + 1, 4, &y) && digits(t, i + 6, 2, &m) &&
			digits(t, i + 9, 2, &d) && m >= 1 && m <= 12 && d >= 1 && d <= 31 && y >= 1970)
			return days_from(y, m, d) * 86400;
	for (size_t i = 1; i + 16 <= t.n; i++) { /* " Jul 26 18:06:43" */
		struct text month = text_of(t.p + i + 0, 3);
		const char *found = t.p[i - 1] == ' ' ? memmem(months, 36, month.p, 3) : NULL;
		size_t day_at = t.p[i + 4] == ' ' ? i + 5 : i + 4;
		if (!found || (found - months) % 3 || !digits(t, day_at, i + 6 - day_at, &d) || t.p[i + 9] != ':' ||
			t.p[i + 12] != ':' || !digits(t, i + 7, 2, &hour) || !digits(t, i + 10, 2, &minute) ||
			!digits(t, i + 13, 2, &second) || t.n < i + 20 || !digits(t, t.n - 4, 4, &y) || y < 1970 || d < 1 ||
			d > 31 || hour > 23 || minute > 59 || second > 60)
			continue;
		m = (unsigned)(found - months) / 3 + 1;
		return days_from(y, m, d) * 86400 + hour * 3600 + minute * 60 + second;
	}
	return FACT_NULL;
}

/* What stands in the parentheses that open at `at`; they may nest. */
static struct text parenthesised(struct text t, size_t at)
{
	size_t depth = 0;
	for (size_t i = at; i < t.n; i++) {
		depth += t.p[i] == '(';
		if (t.p[i] == ')' && --depth == 0)
			return text_of(t.p + at + 1, i - at - 1);
	}
	return TEXT_NONE;
}

/* "Linux version RELEASE (USER@HOST) (COMPILER) #N ...": a program that prints such a line has none of it, and one that quotes
 * it is not the kernel. */
static bool read_banner(struct span bytes, uint64_t at, struct fact_kernel *k)
{
	struct span s = span_clip(bytes, at, BANNER_MAX);
	size_t n = 0;
	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7f)
		n++;
	if (n > 0 && at > 0 && bytes.p[at - 1] == '"' && s.p[n - 1] == '"') /* with its end: the first byte alone may be anything */
		return false;
	struct text line = text_of((const char *)s.p, n);
	size_t release = 14, end = release;
	while (end < line.n && line.p[end] != ' ')
		end++;
	if (end == release || line.p[release] < '0' || line.p[release] > '9' ||
		!memchr(line.p + release, '.', end - release) || end + 1 >= line.n || line.p[end + 1] != '(')
		return false;
	struct text builder = parenthesised(line, end + 1);
	size_t next = end + 1 + builder.n + 3;
	if (!builder.p || !memchr(builder.p, '@', builder.n) || next >= line.n || line.p[next] != '(')
		return false;
	struct text compiler = parenthesised(line, next);
	struct text rest = text_of(line.p + next, line.n - next);
	*k = (struct fact_kernel){
		.offset = (int64_t)at,
		.version = text_of(line.p + release, end - release),
		.source = TEXT_LIT("banner"),
		.banner = line,
		.compiler = compiler,
		.built_by = builder,
		.built = banner_date(rest),
		.has_config = FACT_NULL,
	};
	while (k->compiler.n && k->compiler.p[k->compiler.n - 1] == ' ')
		k->compiler.n--;
	return compiler.p != NULL;
}

static void read_kernel(const struct subject *s, struct sink *sink)
{
	struct fact_kernel found[BANNERS_MAX];
	size_t n = 0;
	for (size_t i = 0; i < s->nhits; i++) {
		const struct hit *h = &s->hits[i];
		if (h->pattern == HIT_BANNER && n < BANNERS_MAX && read_banner(s->bytes, h->from, &found[n])) {
			bool repeated = false;
			for (size_t k = 0; k < n; k++)
				repeated |=
					text_eq(found[k].version, found[n].version) && text_eq(found[k].built_by, found[n].built_by);
			n += !repeated;
		}
	}
	if (!n)
		return;
	bool config = holes_memmem(s->bytes, "IKCFG_ST\x1f\x8b\x08", 11) != NULL;
	for (size_t i = 0; i < n; i++) {
		found[i].has_config = config;
		emit_kernel(sink, &found[i]);
	}
	bool read = false;
	unsigned tries = 0;
	for (size_t i = 0; i < s->nhits && !read; i++)
		if (s->hits[i].pattern == HIT_TOKENS && tries++ < TOKEN_TRIES)
			read = kernel_symbols_read(s, found[0].version, s->hits[i].from, sink);
	if (!read)
		kernel_exports_read(s, found[0].version, sink);
}

/* The name of a legacy image is all that tells of a kernel whose payload can not be unpacked. */
static void read_image_name(const struct subject *s, struct sink *sink)
{
	struct text name = text_until_nul(span_sub(s->bytes, 32, 32));
	const char *at = name.n ? memmem(name.p, name.n, "Linux-", 6) : NULL;
	bool kernel = span_starts(s->bytes, "\x27\x05\x19\x56", 4) && span_has(s->bytes, 28, "\x05", 1) &&
				  (span_has(s->bytes, 30, "\x02", 1) || span_has(s->bytes, 30, "\x04", 1));
	if (!kernel || !at)
		return;
	struct text version = text_of(at + 6, name.n - (size_t)(at + 6 - name.p));
	size_t n = 0;
	while (n < version.n && version.p[n] != ' ')
		n++;
	if (n < 3 || version.p[0] < '0' || version.p[0] > '9')
		return;
	emit_kernel(sink, &(struct fact_kernel){
						  .offset = 32,
						  .version = text_of(version.p, n),
						  .source = TEXT_LIT("image name"),
						  .built = (int64_t)span_u32be(s->bytes, 8),
						  .has_config = FACT_NULL,
					  });
}

static bool is_config(const struct subject *s)
{
	return strcmp(s->format, "text") == 0 && kernel_config_is(s->bytes);
}

static bool is_bootargs(const struct subject *s)
{
	return s->kind == ENTRY_REGION && text_is(s->path, "bootargs");
}

static bool kernel_wants(const struct subject *s)
{
	if (strcmp(s->format, "uimage") == 0)
		return true;
	return s->bytes.n && (s->nhits > 0 || is_config(s) || is_bootargs(s) || kernel_sysctl_is(s->path));
}

static void kernel_run(const struct subject *s, struct sink *sink)
{
	if (strcmp(s->format, "uimage") == 0)
		read_image_name(s, sink);
	else if (is_config(s))
		kernel_config_read(s->bytes, sink);
	else if (is_bootargs(s))
		kernel_command_line(text_until_nul(s->bytes), FACT_NULL, sink);
	else if (kernel_sysctl_is(s->path))
		kernel_sysctl_read(s->bytes, sink);
	else if (strcmp(s->format, "script") == 0 && !path_is_documentation(s->path))
		kernel_sysctl_script(s, sink);
	else if (is_code(s))
		read_kernel(s, sink);
}

const struct inspector kernel_inspector = {
	.name = "kernel",
	.title = "kernels, with their options and boot parameters",
	.spec = "Linux init/version.c, kernel/kallsyms.c; sysctl.conf(5)",
	.patterns = kernel_patterns,
	.containers = true,
	.wants = kernel_wants,
	.run = kernel_run,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which distribution it is: os-release(5), and OpenWrt's /etc/openwrt_release, which has the same form. */
#include "inspect/components.h"

bool component_is_release(struct text path)
{
	return text_ends(path, "/etc/os-release") || text_ends(path, "/usr/lib/os-release") ||
		   text_ends(path, "/etc/openwrt_release");
}

static struct text unquoted(struct text t)
{
	while (t.n && (t.p[t.n - 1] == '\r' || t.p[t.n - 1] == ' '))
		t.n--;
	if (t.n >= 2 && (t.p[0] == '"' || t.p[0] == '\'') && t.p[t.n - 1] == t.p[0])
		return text_of(t.p + 1, t.n - 2);
	return t;
}

static void emit_line(struct text line, int64_t number, struct sink *sink)
{
	static const char *const keys[] = { "ID", "VERSION_ID", "DISTRIB_ID", "DISTRIB_RELEASE" };
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		size_t n = strlen(keys[i]);
		if (line.n <= n || line.p[n] != '=' || memcmp(line.p, keys[i], n) != 0)
			continue;
		struct fact_setting row = {
			.line = number,
			.program = TEXT_LIT("os-release"),
			.section = TEXT_LIT(""),
			.key = text_c(keys[i]),
			.value = unquoted(text_of(line.p + n + 1, line.n - n - 1)),
			.origin = TEXT_LIT("file"),
			.effective = 1,
			.secret = 0,
		};
		emit_setting(sink, &row);
	}
}

void component_release(struct span bytes, struct sink *sink)
{
	struct text rest = text_from_span(span_clip(bytes, 0, 65536));
	for (int64_t number = 1; rest.n; number++) {
		const char *newline = memchr(rest.p, '\n', rest.n);
		size_t n = newline ? (size_t)(newline - rest.p) : rest.n;
		emit_line(text_of(rest.p, n), number, sink);
		size_t step = newline ? n + 1 : n;
		rest = text_of(rest.p + step, rest.n - step);
	}
}

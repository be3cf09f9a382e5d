/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a multi-call program has built in, from its own table of names.
 *
 * BusyBox include/applet_tables.h: `applet_names`, the names in the order of strcmp(), each ended by a NUL. Toybox main.c: the
 * names of toy_list, which is sorted too, after "toybox" itself.
 */
#include "base/holes.h"
#include "inspect/components.h"

/* Fewer say nothing; the shortest known builds have more. */
#define APPLETS_MIN 6u
#define APPLETS_MAX 1024u
#define NAME_MAX_BYTES 24u

/* One of those that nearly every build has: another sorted list of words has not even two of them. */
static bool is_usual(struct text name)
{
	static const char *const usual[] = { "[",        "ash",  "cat",    "chmod",  "cp",     "date",  "echo",  "grep",
										 "ifconfig", "init", "kill",   "ln",     "ls",     "mkdir", "mount", "mv",
										 "ping",     "ps",   "reboot", "rm",     "sed",    "sh",    "sleep", "tar",
										 "telnetd",  "test", "true",   "udhcpc", "umount", "vi",    "wget" };
	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
		if (text_is(name, usual[i]))
			return true;
	return false;
}

static bool is_name_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '[' || c == '-' || c == '_' || c == '.' || c == '+';
}

/* The name that begins at `at` and is ended by a NUL, or TEXT_NONE. */
static struct text name_at(struct span bytes, uint64_t at)
{
	size_t n = 0;
	while (at + n < bytes.n && n <= NAME_MAX_BYTES && is_name_byte(bytes.p[at + n]))
		n++;
	bool name = n > 0 && n <= NAME_MAX_BYTES && at + n < bytes.n && bytes.p[at + n] == 0;
	return name ? text_of((const char *)bytes.p + at, n) : TEXT_NONE;
}

static bool is_before(struct text a, struct text b)
{
	int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
	return order < 0 || (order == 0 && a.n < b.n);
}

struct run {
	uint64_t from;
	size_t names, usual;
};

/* The run of ascending names from `at` on; *end is behind it. */
static struct run run_at(struct span bytes, uint64_t at, uint64_t *end)
{
	struct run run = { .from = at };
	struct text last = TEXT_NONE;
	for (;;) {
		struct text name = name_at(bytes, at);
		if (!name.n || (last.n && !is_before(last, name)) || run.names == APPLETS_MAX)
			break;
		run.names++;
		run.usual += is_usual(name);
		last = name;
		at += name.n + 1;
	}
	*end = at;
	return run;
}

void component_applets(struct span bytes, const char *program, struct sink *sink)
{
	struct run best = { 0 };
	for (uint64_t at = 0; at < bytes.n;) {
		uint64_t end = at;
		struct run run = run_at(bytes, at, &end);
		if (run.names >= APPLETS_MIN && run.usual >= 3 && (run.usual >= 8 || run.usual * 8 >= run.names) &&
			run.names > best.names)
			best = run;
		if (end > at) {
			at = end;
			continue;
		}
		/* On to the next string. */
		uint64_t stored = holes_next(bytes, at, &end);
		if (stored > at) { /* none begins in a hole, but one may right behind it */
			at = stored;
			continue;
		}
		const uint8_t *nul = memchr(bytes.p + at, 0, bytes.n - at);
		at = nul ? (uint64_t)(nul - bytes.p) + 1 : bytes.n;
	}
	uint64_t at = best.from;
	for (size_t i = 0; i < best.names; i++) {
		struct text name = name_at(bytes, at);
		struct fact_applet row = {
			.offset = (int64_t)at, .program = text_c(program), .name = name, .linked = FACT_NULL
		};
		emit_applet(sink, &row);
		at += name.n + 1;
	}
}

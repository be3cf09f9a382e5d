/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The version in a few strings that stands without a name: "2.80", "%s version 2.80", "t2.80". It is that of the product of which
 * the strings speak (components_subject.c), where no other version stands so.
 */
#include "inspect/components.h"
#include "inspect/components_letters.h"

/* A table of digits without a NUL, as md5sum(1) has one before its version. */
#define HEX_DIGITS "0123456789abcdef"

/* "t", "$@", "\"": what stood before the string in the program, and looks like its beginning. Small letters, too, unlike before a
 * name (component_is_stray()). */
static bool is_stray(struct text t)
{
	size_t capitals = 0;
	for (size_t i = 0; i < t.n; i++) {
		if (ascii_is_digit(t.p[i]) || strchr("%./_-", t.p[i]))
			return false;
		capitals += ascii_is_upper(t.p[i]);
	}
	return t.n <= COMPONENT_STRAY_MAX && capitals < COMPONENT_STRAY_MAX; /* "TLS1.2" */
}

/* "git:v4.4.3", "Agit:v4.4.3" */
static bool is_of_git(struct text before)
{
	struct text lead = text_of(before.p, before.n < strlen("git:v") ? 0 : before.n - strlen("git:v"));
	return text_ends(before, "git:v") && is_stray(lead) && !(lead.n && ascii_is_lower(lead.p[lead.n - 1]));
}

/* "debian-2020.4-2": a package of the distribution, whatever it is of. */
static bool is_of_distribution(struct text before)
{
	return text_is(before, "debian-") || text_is(before, "openwrt-");
}

/* "%s: stable release 1.2", "%s 1.2": no name before the version. */
static bool is_nameless(struct text before)
{
	struct text t = component_without_joint(before);
	bool label = t.n < before.n && before.p[before.n - 1] != '-' && before.p[before.n - 1] != '/';
	if (t.n == 0 || is_stray(before) || text_ends(before, HEX_DIGITS) || is_of_git(before) || is_of_distribution(before))
		return true;
	if (text_ends(t, "%s") || component_label(span_of(before.p, before.n)) == before.n)
		return true;
	size_t name = 0;
	while (name < t.n && is_of_word(t.p[t.n - name - 1]))
		name++;
	const struct product *named = component_called(text_of(t.p + t.n - name, name));
	bool compiler = named && component_is_of_everybody(named); /* "clang version 6.0.0" */
	return label && component_is_labelled(before) && !compiler && !component_is_mention(t) &&
		   !component_is_mention(text_of(t.p, t.n - name)); /* "requires at least libfoo version " */
}

/* "1.6", all of its string: no release of HTTP, TLS or XML, which are 1.0 to 1.2 and 1.3. */
static bool is_whole(struct text before, struct text version, struct text rest)
{
	return before.n == 0 && rest.n == 0 && version.n == 3 && version.p[0] == '1' && version.p[2] > '3';
}

/* "gVersiong26.08.2": a text of CBOR (RFC 8949, 3.1), as plug-ins of Qt 6 have it, begins with 0x60 and its length. */
static bool is_of_cbor(struct text before, struct text version)
{
	struct text key = text_of(before.p, before.n ? before.n - 1 : 0);
	return text_ends(key, "gVersion") && (size_t)(unsigned char)before.p[before.n - 1] == 0x60 + version.n;
}

static bool is_free(const struct component_file *file, uint64_t first, struct text version)
{
	struct text before = component_line_before(file->bytes, first);
	uint64_t end = first + version.n;
	end += component_suffix(span_from(file->bytes, end));
	struct text rest = component_line_behind(file->bytes, end);
	bool ends = rest.n == 0 || (memchr(" ,-+(~[\"')", rest.p[0], 10) && !component_is_condition(rest));
	/* "version 1.2" is told as one, but for "version 1.0" and "VERSION:2.0" of formats */
	bool labelled = before.n > 0 && component_label(span_of(before.p, before.n + version.n)) == before.n && !text_ends(version, ".0");
	bool usual = version.n == 3 && (version.p[0] < '2' || version.p[2] == '0') && !labelled && !is_whole(before, version, rest);
	return ends && !usual && (is_nameless(before) || is_of_cbor(before, version)) && !component_is_no_version(version) &&
		   !component_is_measure(file->bytes, end) && !(before.n && before.p[before.n - 1] == '%');
}

/* The only version without a name, and where it stands. */
struct only {
	const struct product *subject;
	struct text version;
	uint64_t from;
	bool several;
};

/* Among what looks like a release of the compiler, where the table says which versions the product has, or among the others. */
static void find_only(const struct component_file *file, bool of_compiler, struct only *only)
{
	uint64_t first;
	for (uint64_t at = 0; !only->several && component_next_version(file->bytes, &at, &first);) {
		struct text version = component_version(span_from(file->bytes, first));
		if (!version.n || component_is_of_compiler(version) != of_compiler || !is_free(file, first, version))
			continue;
		if (!only->subject && !(only->subject = component_subject(file, version)))
			return;
		if (of_compiler && !product_strings[only->subject->versions])
			return;
		if (component_is_of_library(file, only->subject, version))
			continue;
		bool more = !only->version.n || component_is_part(only->version, version);
		only->several = !more && !text_eq(only->version, version) && !component_is_part(version, only->version);
		only->version = more ? version : only->version;
		only->from = more ? first : only->from;
	}
}

void component_nameless_find(const struct component_file *file, const struct product *shown,
							 struct component_list *list)
{
	struct only only = { .subject = shown };
	find_only(file, false, &only);
	if (!only.version.n)
		find_only(file, true, &only);
	if (only.version.n && !only.several && component_may_be_of(file, only.subject))
		component_add(list, only.subject, only.version, only.from, COMPONENT_CONTEXT);
}

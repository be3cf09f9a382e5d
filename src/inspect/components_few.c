/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A few strings of a program, where nothing else tells what they are of: what was kept of it may be no more than that.
 *
 * All of them are from one program, so that a name counts that would be a mention in a whole file: anywhere in a line, of one
 * of the product's programs, in the name of a library or in a path. Where two products could be meant it is none.
 */
#include <strings.h>

#include "inspect/components.h"
#include "inspect/components_letters.h"

/* A header of ELF, and of how many bytes behind it one may be of no string: a stray one before some. */
#define HEADER_MAX 64u
#define OTHER_SHARE 32u
#define FEW_STRINGS 64u
#define NAME_MAX_LENGTH 40u
/* The shortest name of a program, where more than the name and its version stands in the line, and where not. */
#define WORD_MIN 5u
#define WHOLE_MIN 3u
/* The shortest title of a product, and the shortest name that one of its programs begins with. */
#define TITLE_MIN 5u
#define BEGIN_MIN 4u
/* Prose has more before a name. */
#define LEAD_MAX 32u

/* Strings, behind a program's header at most. A class of Java or Erlang and a picture have other bytes among theirs; a small
 * program has, too. */
static bool is_kept(struct span s)
{
	size_t other = 0, most = s.n / OTHER_SHARE;
	bool program = span_starts(s, "\x7f" "ELF", 4);
	for (size_t i = HEADER_MAX; !program && i < s.n && other <= most; i++)
		other += !is_printable(s.p[i]) && s.p[i] && s.p[i] != '\n' && s.p[i] != '\r';
	return other <= most;
}

bool component_is_few(const struct component_file *file)
{
	struct span s = file->bytes;
	size_t strings = 0, length = 0;
	if (file->nowners > 0 || s.n > COMPONENT_FEW_BYTES || !is_kept(s))
		return false;
	for (size_t i = 0; i <= s.n && strings <= FEW_STRINGS; i++) {
		bool text = i < s.n && is_printable(s.p[i]);
		strings += !text && length >= 4;
		length = text ? length + 1 : 0;
	}
	return strings <= FEW_STRINGS;
}

/* ---- names ---- */

static struct text last_name(struct text t)
{
	size_t n = 0;
	while (n < t.n && is_of_word(t.p[t.n - n - 1]))
		n++;
	while (n > 0 && !ascii_is_alnum(t.p[t.n - n]))
		n--;
	return text_of(t.p + t.n - n, n);
}

/* "Wodim", "wodim": the product of that name, package or program, when there is only one. */
const struct product *component_called(struct text name)
{
	char lower[NAME_MAX_LENGTH];
	const struct product *owners[2], *product = NULL;
	if (name.n >= sizeof lower)
		return NULL;
	for (size_t i = 0; i < name.n; i++)
		lower[i] = ascii_is_upper(name.p[i]) ? (char)(name.p[i] | 0x20) : name.p[i];
	struct text key = text_of(lower, name.n);
	product = product_named(key);
	if (!product)
		product = product_of_package(key);
	if (!product && product_owners(key, owners, 2) == 1)
		product = owners[0];
	if (!product && product_owners(name, owners, 2) == 1)
		product = owners[0];
	return product;
}

/* "GNU gzip", "ISC DHCP": the product whose title a text ends with; what stands before that. The longest one. */
static const struct product *product_titled(struct text t, struct text *lead)
{
	const struct product *best = NULL;
	size_t length = 0;
	for (size_t i = 0; i < products_n; i++) {
		const char *title = product_strings + products[i].title;
		size_t n = strlen(title);
		if (n < TITLE_MIN || n <= length || n > t.n || memcmp(t.p + t.n - n, title, n) != 0 || (n < t.n && ascii_is_alnum(t.p[t.n - n - 1])))
			continue;
		best = &products[i];
		length = n;
		*lead = text_of(t.p, t.n - n);
	}
	return best;
}

/* "lirc-lsremotes": the product whose name a program's begins with. */
static const struct product *product_begun(struct text name)
{
	const struct product *product = NULL;
	for (size_t n = name.n; !product && n-- > BEGIN_MIN;)
		if (name.p[n] == '-' || name.p[n] == '_')
			product = product_named(text_of(name.p, n));
	return product && !component_is_spoken_of(product) ? product : NULL;
}

bool component_is_of_everybody(const struct product *product)
{
	static const char *const names[] = { "linux", "glibc", "gcc", "clang", "llvm", "binutils", "python", "perl", "git" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(product_strings + product->name, names[i]) == 0)
			return true;
	return false;
}

static bool is_made_by(struct text lead)
{
	static const char *const ends[] = { "enerated by ", "reated by ", "ritten by " };
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (text_ends(lead, ends[i]))
			return true;
	return false;
}

/* "gdk-pixbuf-2.0", "libevent-2.1-7", "libdb 5.3 libdb5.3", "Poppler-0.18.gir", "SSH-2.0-OpenSSH": names of
 * interfaces, packages, files and protocols. */
static bool is_in_name(struct text before, struct text version, struct text behind)
{
	bool dash = before.p[before.n - 1] == '-';
	bool interface = version.n < 4 && text_ends(version, ".0") && behind.n == 0;
	bool package = text_starts(last_name(component_without_joint(before)), "lib") && behind.n > 1 &&
				   (behind.p[0] == '-' || behind.p[0] == ' ');
	bool extension = behind.n > 1 && behind.p[0] == '.' && ascii_is_alnum(behind.p[1]);
	bool goes_on = behind.n > 1 && behind.p[0] == '-' && ascii_is_alnum(behind.p[1]) && (behind.p[1] < '0' || behind.p[1] > '9');
	return (dash && (interface || extension || goes_on)) || package;
}

/* A lead that is no folder or markup right before the name, and has a word. */
static struct text lead_of(struct text lead)
{
	bool joined = lead.n && (lead.p[lead.n - 1] == '>' || lead.p[lead.n - 1] == '/');
	for (size_t i = 0; !joined && i < lead.n; i++)
		if (ascii_is_alnum(lead.p[i]))
			return lead;
	return text_of(lead.p, 0);
}

/* "/tmp/dnsmasq-2.80", "https://dnsmasq.example/2.80": not where a program has its files. "-I/usr/dnsmasq-2.80": what it was
 * compiled with. */
static bool is_elsewhere_on_disk(struct text lead)
{
	static const char *const parts[] = { "://", "/tmp/", "/home/", "/root/", "-I/", "-L/", "-I.", "-L.", "-I=", "-L=", "-isystem ",
										 "-rpath", "--with-" };
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (text_has(lead, parts[i]))
			return true;
	bool assigned = text_starts(lead, "--") && text_ends(lead, "="); /* "--user-agent=mpg123/1.31.2" */
	return !assigned && component_is_option(lead);
}

/* "MJPG Streamer": the name of a program in another case, behind a word of the same name. */
static bool is_of_longer_name(struct text lead, struct text name, const struct product *product)
{
	bool behind_word = lead.n > 1 && lead.p[lead.n - 1] == ' ' && ascii_is_alnum(lead.p[lead.n - 2]);
	return behind_word && ascii_is_upper(name.p[0]) && !product_owns_file(product, name) &&
		   !product_named(name) && strncasecmp(product_strings + product->name, name.p, name.n) != 0;
}

/* What stands before a version and tells the product, and the text before that. */
static const struct product *product_before(const struct component_file *file, struct text named, struct text *lead)
{
	const struct product *product = component_word_at_end(file, named, lead);
	if (product)
		return product;
	struct text name = last_name(named);
	*lead = text_of(named.p, named.n - name.n);
	product = name.n >= (lead_of(*lead).n ? WORD_MIN : WHOLE_MIN) ? component_called(name) : NULL;
	if (product && is_of_longer_name(*lead, name, product))
		product = NULL;
	if (!product && lead->n == 0) /* "xz 5.2.5" */
		product = name.n < WHOLE_MIN ? product_named(name) : product_begun(name);
	return product ? product : product_titled(named, lead);
}

/* "$0dnsmasq": the string begins with what stood before it in the program. */
static const struct product *product_behind_stray(const struct component_file *file, struct text *named)
{
	struct text lead;
	for (size_t n = 1; n + WORD_MIN <= named->n; n++) {
		if (!component_is_stray(span_of(named->p, n)))
			continue;
		struct text name = text_of(named->p + n, named->n - n);
		const struct product *product = product_before(file, name, &lead);
		if (product && lead.n == 0) {
			*named = name;
			return product;
		}
	}
	return NULL;
}

/* "fdisk (util-linux 2.33.1)", "mosh-server (mosh 1.3.2)", "mount from util-linux 2.33.1": one of the product's own programs says of
 * what package it is. */
static bool is_of_package(struct text lead, const struct product *product)
{
	static const char *const joints[] = { " (", " from " };
	const char *name = product_strings + product->name;
	for (size_t i = 0; i < sizeof joints / sizeof joints[0]; i++) {
		if (!text_ends(lead, joints[i]))
			continue;
		struct text program = text_of(lead.p, lead.n - strlen(joints[i]));
		return product_owns_file(product, program) ||
			   (program.n > strlen(name) && text_starts(program, name) && program.p[strlen(name)] == '-');
	}
	return false;
}

static void add_name(const struct component_file *file, struct text named, struct text lead, struct text before,
					 struct text version, const struct product *product, struct component_list *list)
{
	struct text rest = lead_of(lead), word = text_of(named.p + lead.n, named.n - lead.n);
	/* "mbim-proxy 1.24.6" in a program that is linked to libmbim */
	bool program = rest.n == 0 && !text_starts(word, "lib") && product_owns_file(product, word) && !product_named(word);
	bool mention = (component_is_mention(rest) && !is_made_by(rest)) || (rest.n && strchr("(+", rest.p[rest.n - 1]));
	mention = mention && !is_of_package(lead, product);
	if (!mention && (rest.n <= LEAD_MAX || is_made_by(rest)) && !is_elsewhere_on_disk(lead) && !component_is_of_everybody(product) &&
		(program || !component_is_elsewhere(file, product)) &&
		!component_is_symbol_version(word, text_of(before.p + lead.n, before.n - lead.n)))
		component_add(list, product, version, (uint64_t)((const uint8_t *)word.p - file->bytes.p), COMPONENT_CONTEXT);
}

/* "updatedb (mlocate) 0.26": the package stands in the brackets. */
static bool is_of_other_package(struct text whole, size_t from, const struct product *product)
{
	struct text package = last_name(text_of(whole.p, whole.n > from ? whole.n - 1 : from));
	const struct product *other = component_called(package);
	return package.n > 0 && other != product && !text_has(text_of(whole.p + from, whole.n - from), "GNU");
}

/* "ImageMagick 6.9.10-23 Q16", "ebtables v2.0.10-4": their releases have a number behind a dash, which is a distribution's revision
 * elsewhere. */
static struct text with_patch(const struct product *product, struct text version, struct text behind)
{
	size_t n = behind.n > 1 && behind.p[0] == '-' ? 1 : 0;
	while (n > 0 && n < behind.n && behind.p[n] >= '0' && behind.p[n] <= '9')
		n++;
	const char *name = product_strings + product->name;
	bool patch = n > 1 && (strcmp(name, "imagemagick") == 0 || strcmp(name, "ebtables") == 0);
	return patch ? text_of(version.p, version.n + n) : version;
}

/* "/usr/lib/expect5.45.4": a folder or a file that is called after the product and its release, of three numbers: after an interface
 * ("/usr/lib/tcl8.6") others are called, too. */
static void try_folder(const struct component_file *file, struct text before, struct text version, struct text behind,
					   struct component_list *list)
{
	struct text name = last_name(before);
	size_t from = before.n - name.n, dots = 0;
	for (size_t i = 0; i < version.n; i++)
		dots += version.p[i] == '.';
	if (before.p[0] != '/' || from == 0 || before.p[from - 1] != '/' || dots < 2 || (behind.n && behind.p[0] != '/') || name.n < WORD_MIN ||
		text_starts(name, "lib"))
		return;
	const struct product *product = component_called(name);
	if (product)
		add_name(file, before, text_of(before.p, from), before, version, product, list);
}

static void try_name(const struct component_file *file, struct text before, struct text version, struct text behind,
					 struct component_list *list)
{
	struct text named = component_without_joint(before), lead;
	if (text_starts(behind, "-") && text_ends(behind, ".debug")) /* component_origin_find() reads it */
		return;
	if (component_is_condition(behind) || component_is_of_title(version, behind) || is_in_name(before, version, behind) ||
		component_is_listed(before))
		return;
	if (named.n == before.n) { /* "Minicom2.10" */
		try_folder(file, before, version, behind, list);
		if (last_name(named).n == named.n && named.n >= WORD_MIN && !text_starts(named, "lib") && component_called(named))
			add_name(file, named, text_of(named.p, 0), before, version, component_called(named), list);
		return;
	}
	const struct product *product = product_before(file, named, &lead);
	if (!product) {
		struct text whole = named;
		named = component_without_brackets(named);
		product = product_before(file, named, &lead);
		if (product && is_of_other_package(whole, named.n, product))
			return;
	}
	if (!product && before.n < NAME_MAX_LENGTH) {
		product = product_behind_stray(file, &named);
		lead = text_of(named.p, 0);
		before = product ? text_of(named.p, (size_t)(before.p + before.n - named.p)) : before;
	}
	if (product)
		add_name(file, named, lead, before, with_patch(product, version, behind), product, list);
}

/* ---- libraries ---- */

/* "libgsoap-2.8.124.so": a string of its own, the library's release behind a dash, and no number of its interface. In
 * "libglib-2.0.so.0" 2.0 is part of the name. */
static bool try_library(const struct component_file *file, struct text before, struct text version, struct text behind,
						struct component_list *list)
{
	const struct product *owners[2];
	size_t n = 0;
	while (n < behind.n && (ascii_is_alnum(behind.p[n]) || strchr("_.+~-", behind.p[n])))
		n++;
	bool library = text_starts(before, "lib") && before.p[before.n - 1] == '-' && n == behind.n &&
				   text_has(behind, ".so") && !memchr(before.p, ' ', before.n) && !memchr(before.p, '/', before.n);
	if (!library)
		return false;
	struct text name = text_of(before.p, before.n + version.n + behind.n);
	if (text_ends(name, ".so") && product_owners(name, owners, 2) == 1)
		component_add(list, owners[0], version, (uint64_t)((const uint8_t *)before.p - file->bytes.p),
					  COMPONENT_CONTEXT);
	return true;
}

/* ---- all ---- */

static bool is_of_one(const struct component_list *list)
{
	for (size_t i = 1; i < list->n; i++)
		if (list->v[i].product != list->v[0].product)
			return false;
	return true;
}

void component_few_find(const struct component_file *file, struct component_list *list)
{
	uint64_t first;
	for (uint64_t at = 0; component_next_version(file->bytes, &at, &first);) {
		struct text version = component_version(span_from(file->bytes, first));
		struct text before = component_line_before(file->bytes, first);
		if (!version.n || before.n == 0 || component_is_address(version))
			continue;
		struct text behind = component_line_behind(file->bytes, first + version.n);
		if (!try_library(file, before, version, behind, list))
			try_name(file, before, version, behind, list);
	}
	component_origin_few(file, list);
	if (!is_of_one(list))
		list->n = 0;
}

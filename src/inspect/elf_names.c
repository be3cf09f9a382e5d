/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names in symbol tables: the stack protector's, fortified functions', and those of functions that invite misuse.
 *
 * Specification: GCC manual, "Object Size Checking" and -fstack-protector; the lists are those of glibc's
 * debug/Versions and <bits/stdio2.h>, <bits/string_fortified.h> and their like.
 */
#include "inspect/elf_names.h"

#include <stdlib.h>

/* Longer names are in no list. */
#define NAME_BYTES_MAX 64u

static const char *const fortifiable[] = { "asprintf",   "confstr",        "dprintf",         "explicit_bzero",
										   "fgets",      "fgets_unlocked", "fgetws",          "fgetws_unlocked",
										   "fprintf",    "fread",          "fread_unlocked",  "fwprintf",
										   "getcwd",     "getdomainname",  "getgroups",       "gethostname",
										   "getlogin_r", "gets",           "getwd",           "inet_ntop",
										   "inet_pton",  "longjmp",        "mbsnrtowcs",      "mbsrtowcs",
										   "mbstowcs",   "memcpy",         "memmove",         "mempcpy",
										   "memset",     "obstack_printf", "obstack_vprintf", "poll",
										   "ppoll",      "pread",          "pread64",         "printf",
										   "ptsname_r",  "read",           "readlink",        "readlinkat",
										   "realpath",   "recv",           "recvfrom",        "snprintf",
										   "sprintf",    "stpcpy",         "stpncpy",         "strcat",
										   "strcpy",     "strlcat",        "strlcpy",         "strncat",
										   "strncpy",    "swprintf",       "syslog",          "ttyname_r",
										   "vasprintf",  "vdprintf",       "vfprintf",        "vfwprintf",
										   "vprintf",    "vsnprintf",      "vsprintf",        "vswprintf",
										   "vsyslog",    "vwprintf",       "wcpcpy",          "wcpncpy",
										   "wcrtomb",    "wcscat",         "wcscpy",          "wcslcat",
										   "wcslcpy",    "wcsncat",        "wcsncpy",         "wcsnrtombs",
										   "wcsrtombs",  "wcstombs",       "wctomb",          "wmemcpy",
										   "wmemmove",   "wmempcpy",       "wmemset",         "wprintf" };

static const char *const fortified_only[] = { "__fdelt_chk", "__fdelt_warn", "__mq_open_2", "__open64_2",
											  "__open_2",    "__openat64_2", "__openat_2" };

static const char *const dangerous[] = { "fscanf",  "gets",   "getwd",    "mktemp",  "popen",  "scanf",
										 "sprintf", "sscanf", "stpcpy",   "strcat",  "strcpy", "system",
										 "tempnam", "tmpnam", "tmpnam_r", "vfscanf", "vscanf", "vsprintf",
										 "vsscanf", "wcpcpy", "wcscat",   "wcscpy",  "wordexp" };

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

const char *const *elf_name_list(enum elf_name_list list, size_t *n)
{
	static const struct {
		const char *const *names;
		size_t n;
	} lists[ELF_NAME_LISTS] = {
		[ELF_FORTIFIABLE] = { fortifiable, COUNT(fortifiable) },
		[ELF_FORTIFIED_ONLY] = { fortified_only, COUNT(fortified_only) },
		[ELF_DANGEROUS] = { dangerous, COUNT(dangerous) },
	};
	*n = lists[list].n;
	return lists[list].names;
}

static int compare(const void *key, const void *element)
{
	const struct text *name = key;
	const char *other = *(const char *const *)element;
	int order = strncmp(name->p, other, name->n); /* there is no NUL in the name */
	return order ? order : -(other[name->n] != '\0');
}

/* Whether the name is in the list; marks (may be NULL) gets it. */
static bool mark(enum elf_name_list list, struct text name, bool *marks)
{
	size_t n;
	const char *const *names = elf_name_list(list, &n);
	const char *const *found = bsearch(&name, names, n, sizeof *names, compare);
	if (found && marks)
		marks[found - names] = true;
	return found != NULL;
}

static struct text without(struct text name, const char *prefix, const char *suffix)
{
	size_t front = strlen(prefix), back = strlen(suffix);
	if (!text_starts(name, prefix) || !text_ends(name, suffix) || name.n <= front + back)
		return TEXT_NONE;
	return text_of(name.p + front, name.n - front - back);
}

/* The name in the source: compilers and headers rename functions by the standard that was asked for, and by the
 * width of long double (PowerPC, S/390, SPARC: "__nldbl_sprintf", "__sprintfieee128", "__sprintf_chkieee128"). */
static struct text source_name(struct text name)
{
	static const struct {
		const char *prefix, *suffix;
	} renamed[] = { { "__isoc99_", "" }, { "__isoc23_", "" }, { "__nldbl_", "" }, { "", "ieee128" } };
	for (size_t i = 0; i < COUNT(renamed); i++) {
		struct text shorter = without(name, renamed[i].prefix, renamed[i].suffix);
		name = shorter.p ? shorter : name;
		if (shorter.p && renamed[i].suffix[0] && !text_ends(shorter, "_chk") && text_starts(shorter, "__"))
			name = source_name(text_of(shorter.p + 2, shorter.n - 2));
	}
	return name;
}

static bool is_canary(struct text name)
{
	static const char *const names[] = { "__stack_chk_fail", "__stack_chk_fail_local", "__stack_chk_guard",
										 "__stack_smash_handler" };
	if (!text_starts(name, "__stack_"))
		return text_is(name, "__intel_security_cookie");
	for (size_t i = 0; i < COUNT(names); i++)
		if (text_is(name, names[i]))
			return true;
	return false;
}

/* glibc's static library has the checked variants of these in the objects of the plain ones, or uses them itself. */
static bool comes_uncalled(struct text function)
{
	static const char *const names[] = { "memcpy", "memmove", "mempcpy", "memset", "wmemset", "longjmp" };
	for (size_t i = 0; i < COUNT(names); i++)
		if (text_is(function, names[i]))
			return true;
	return false;
}

static void take_name(struct text name, bool imported, struct elf_names *out)
{
	if (is_canary(name)) {
		out->canary_exists = true;
		out->canary_imported |= imported;
		return;
	}
	name = source_name(name);
	struct text checked = without(name, "__", "_chk");
	if (checked.p && mark(ELF_FORTIFIABLE, checked, imported ? out->checked : NULL)) {
		out->linked_check |= !comes_uncalled(checked);
		return;
	}
	if (!imported || mark(ELF_FORTIFIED_ONLY, name, out->checked_only))
		return;
	mark(ELF_FORTIFIABLE, name, out->unchecked);
	mark(ELF_DANGEROUS, name, out->dangerous);
}

void elf_read_names(const struct elf_object *o, const struct elf_symbols *symbols, struct elf_names *out)
{
	*out = (struct elf_names){ 0 };
	struct elf_symbol s;
	for (uint64_t i = 1; elf_symbol_at(o, symbols, i, NAME_BYTES_MAX, &s); i++)
		if (s.name.n && s.type != STT_SECTION && s.type != STT_FILE)
			take_name(s.name, s.section == SHN_UNDEF, out);
}

static unsigned count(const bool marks[ELF_NAMES_MAX])
{
	unsigned n = 0;
	for (size_t i = 0; i < ELF_NAMES_MAX; i++)
		n += marks[i];
	return n;
}

unsigned elf_count_fortified(const struct elf_names *names)
{
	return count(names->checked) + count(names->checked_only);
}

unsigned elf_count_fortifiable(const struct elf_names *names)
{
	return elf_count_fortified(names) + count(names->unchecked);
}

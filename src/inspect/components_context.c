/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A version alone in bytes that may be anybody's, and what the strings around it speak of: the usage of a program, where its
 * settings lie, where faults are to be reported. One product only, and not as something that is built in or wanted. A
 * function of a library tells nothing here: whatever calls it has its name, too.
 */
#include "base/holes.h"
#include "inspect/components.h"
#include "inspect/components_letters.h"

/* Strings before and behind the version. */
#define NEIGHBOURS 2u

/* ---- numbers of something else ---- */

/* "5.5 kHz" */
bool component_is_measure(struct span bytes, uint64_t behind)
{
	static const char *const units[] = {
		" kHz", " MHz", " GHz", " Hz", " kB", " KB", " MB", " GB", " ms", " dB", " V"
	};
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (span_has(bytes, behind, units[i], strlen(units[i])))
			return true;
	return false;
}

/* "12.2.0": releases of GCC look like that, and a program that tells what it was made with has one (__VERSION__). */
bool component_is_of_compiler(struct text v)
{
	return v.n == 6 && v.p[0] == '1' && ascii_is_digit(v.p[1]) && v.p[2] == '.' && v.p[4] == '.' &&
		   ascii_is_digit(v.p[3]) && v.p[3] > '0' && v.p[3] < '6' && (v.p[5] == '0' || v.p[5] == '1');
}

/* "1.2.13", "1.3.1" in a few strings that speak of compression: what inflateInit() of zlib.h puts into its caller. */
static bool is_of_zlib(const struct component_file *file, const struct product *product, struct text v)
{
	static const char *const words[] = { "zlib", "nflat", "eflat", "ompress", "OMPRESS" };
	bool release = (text_starts(v, "1.2.") && v.n < 7) || text_is(v, "1.3") || text_is(v, "1.3.1") || text_is(v, "1.3.2");
	if (strcmp(product_strings + product->name, "zlib") == 0)
		return false;
	for (size_t i = 0; release && i < sizeof words / sizeof words[0] && component_is_few(file); i++)
		if (holes_memmem(file->bytes, words[i], strlen(words[i])))
			return true;
	return false;
}

/* "v5.36.0": the release of Perl that an extension in C was compiled for (perlxs, XS_APIVERSION_BOOTCHECK). */
static bool is_of_perl(const struct component_file *file, struct text v)
{
	bool release = v.n >= 6 && text_starts(v, "5.") && ascii_is_digit(v.p[2]) && ascii_is_digit(v.p[3]) && v.p[4] == '.';
	return release && holes_memmem(file->bytes, "Perl_xs_handshake", strlen("Perl_xs_handshake"));
}

bool component_is_of_library(const struct component_file *file, const struct product *product, struct text v)
{
	return is_of_zlib(file, product, v) || is_of_perl(file, v);
}

/* ---- words ---- */

bool component_is_row(struct text before)
{
	return text_ends(before, ": ") && !text_has(before, "ersion"); /* "exfatprogs version : %s" */
}

bool component_has_library(const struct product *product)
{
	return strstr(product_strings + product->files, ".so") != NULL;
}

const struct product *component_of_beginning(struct text name, size_t n)
{
	const struct product *product = product_of_context(text_of(name.p, n)), *longer = NULL;
	if (product && n < name.n && name.p[n] == '_')
		longer = product_of_context(text_of(name.p, n + 1));
	return longer ? longer : product;
}

static void note(struct component_speech *c, const struct product *product, struct text lead)
{
	/* "MOST version %s (S-Lang version %s)" */
	bool second = c->product != product && text_has(lead, " version %s");
	c->several = c->several || (c->product && c->product != product);
	c->other = c->other || product != c->but;
	/* "DBD::Firebird", "<genisoimage options>" */
	bool part = text_ends(lead, "::") || text_ends(lead, "<");
	c->mention = c->mention || component_is_mention(lead) || second || part;
	c->product = product;
}

/* "corosync.conf", "corosync_cfg_get": the whole word or, where nothing is called so, its parts. A shared library is rather
 * what is needed, and a header what was included. */
static void note_word(struct component_speech *c, struct text word, struct text lead)
{
	while (word.n && !ascii_is_alnum(word.p[word.n - 1]) && word.p[word.n - 1] != '+')
		word.n--;
	if (text_has(word, ".so") || text_ends(word, ".h"))
		return;
	const struct product *whole = product_of_context(word);
	if (whole) {
		note(c, whole, lead);
		return;
	}
	for (size_t from = 0; from < word.n;) {
		size_t n = 0;
		while (from + n < word.n && word.p[from + n] != '.' && word.p[from + n] != '_')
			n++;
		const struct product *product = component_of_beginning(text_of(word.p + from, word.n - from), n);
		bool behind = from > 0 && word.p[from - 1] == '_', goes_on = from + n < word.n && word.p[from + n] == '_';
		if (product && !(behind && component_has_library(product))) { /* "heif_decoder_dav1d" uses it */
			note(c, product, lead);
			c->symbol = c->symbol || goes_on;
		}
		from += n + 1;
	}
}

void component_speaks(struct component_speech *c, struct text s)
{
	for (size_t at = 0; at < s.n;) {
		size_t n = 0;
		while (at + n < s.n && is_of_word(s.p[at + n]))
			n++;
		if (n && ascii_is_alnum(s.p[at]))
			note_word(c, text_of(s.p + at, n), text_of(s.p, at));
		at += n ? n : 1;
	}
}

static void hear_around(struct component_speech *c, struct span bytes, uint64_t from, uint64_t end)
{
	for (size_t i = 0; i < NEIGHBOURS; i++) {
		struct text before = component_string_before(bytes, from), behind = component_string_behind(bytes, end);
		component_speaks(c, before);
		component_speaks(c, behind);
		from = before.p ? (uint64_t)((const uint8_t *)before.p - bytes.p) : 0;
		end = behind.p ? (uint64_t)((const uint8_t *)behind.p - bytes.p) + behind.n : bytes.n;
	}
}

const struct product *component_context(struct span bytes, uint64_t from, uint64_t end)
{
	struct component_speech c = { 0 };
	hear_around(&c, bytes, from, end);
	if (c.several || c.mention || !c.product || (c.symbol && component_has_library(c.product)))
		return NULL;
	return component_is_host(c.product) ? NULL : c.product; /* a plug-in of it speaks of it, too */
}

bool component_context_has_other(struct span bytes, uint64_t from, uint64_t end, const struct product *product)
{
	struct component_speech c = { .but = product };
	hear_around(&c, bytes, from, end);
	return c.other;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of products within a string: words by which they name themselves, identifiers and names of C++ and D-Bus, what stands there in
 * passing. */
#include <strings.h>

#include "inspect/components_hear.h"

#define WORD_MIN 5u
#define PASSING_MIN 3u
/* A text of more words is prose. */
#define WORDS_PLAIN 3u
/* So many words a name of `self` has at most. */
#define WORDS_SELF 4u

/* "openvpn failed to start", "Node %x Heartbeat publish status": words that speak of something. */
static bool is_prose(struct text s)
{
	size_t words = 1;
	for (size_t i = 1; i < s.n; i++)
		words += s.p[i - 1] == ' ' && s.p[i] != ' ';
	return words > WORDS_PLAIN;
}

/* "genromfs: no device", "openvpn [options] ...": what is told by a name that ends at `end`, even in prose. */
static bool is_marked(struct text s, size_t end)
{
	return end < s.n && (strchr(":(/[", s.p[end]) || (s.n - end > 1 && s.p[end] == ' ' && strchr("%v(", s.p[end + 1])));
}

/* "Open vSwitch sFlow": what names itself with several words, the longest of them. */
static struct text words_at(struct text s, size_t n)
{
	struct text longest = text_of(s.p, n);
	for (size_t end = n, words = 1; words < WORDS_SELF && end < s.n && s.p[end] == ' '; words++) {
		end++;
		while (end < s.n && is_of_word(s.p[end]))
			end++;
		if (product_of_word(text_of(s.p, end)) && !(end < s.n && s.p[end] == ':')) /* no row "GNU SASL: %s" */
			longest = text_of(s.p, end);
	}
	return longest;
}

/* A word by which the product names itself: the whole string, or what it begins with, or in capitals; but not in prose, nor as
 * something that is built in or wanted. */
void component_hear_words(struct saying *said, struct text s)
{
	bool prose = is_prose(s);
	for (size_t at = 0; at < s.n;) {
		size_t n = 0;
		while (at + n < s.n && is_of_word(s.p[at + n]))
			n++;
		struct text word = words_at(behind(s, at), name_at(text_of(s.p + at, n)).n);
		bool own = at == 0 || (word.n && ascii_is_upper(word.p[0]));
		struct text lead = text_of(s.p, at);
		bool enough = word.n >= WORD_MIN || (word.n + 1 >= NAME_MIN && word.n == s.n);
		bool listed = at + n < s.n && s.p[at + n] == ';'; /* "wayland;ibus" */
		if (own && enough && !listed && (!prose || is_marked(s, at + word.n)) && !component_is_mention(lead) && !text_ends(lead, "::"))
			component_say(said, product_of_word(word), SAID_BESIDE);
		at += n ? n : 1;
	}
}

/* "unable", "VipsForeign": letters and digits, or only those before another word begins. */
static size_t part_length(struct text word, bool hump)
{
	size_t n = 0;
	while (n < word.n && ascii_is_alnum(word.p[n]) && !(hump && n > 0 && ascii_is_lower(word.p[n - 1]) && !ascii_is_lower(word.p[n])))
		n++;
	return n;
}

/* "at_spi2_core_init": where a name with "-" stands as an identifier has it, the longest one at the beginning. */
static const struct product *joined_in_passing(struct text word)
{
	char name[NAME_LENGTH_MAX];
	const struct product *product = NULL;
	size_t most = word.n < sizeof name ? word.n : sizeof name, joints = 0;
	for (size_t i = 0; i < most; i++) {
		joints += word.p[i] == '_';
		name[i] = word.p[i] == '_' ? '-' : word.p[i];
		bool ends = i + 1 == word.n || !ascii_is_alnum(word.p[i + 1]);
		const struct product *longer = joints && ends && name[i] != '-' ? component_named_in_passing(text_of(name, i + 1)) : NULL;
		product = longer ? longer : product;
	}
	return product;
}

/* "net.connman.Error": the whole word or, where nothing is called so, one of its parts or what a part begins with. */
static const struct product *part_in_passing(struct text word)
{
	const struct product *product = component_named_in_passing(word);
	product = product ? product : joined_in_passing(word);
	for (struct text t = word; !product && t.n; t = behind(t, part_length(t, false) + 1)) {
		product = component_named_in_passing(text_of(t.p, part_length(t, false)));
		if (!product)
			product = component_named_in_passing(text_of(t.p, part_length(t, true)));
	}
	return product;
}

/* "janus_ice_debug", "_janus_auth_init", where "janus_" is a word of `context`: the longest such beginning. */
static const struct product *begun_in_passing(struct text word)
{
	const struct product *product = NULL;
	while (word.n && word.p[0] == '_')
		word = behind(word, 1);
	for (size_t n = word.n; !product && n > PASSING_MIN; n--)
		if (word.p[n - 1] == '_')
			product = product_of_context(text_of(word.p, n));
	return product;
}

/* "FFmpeg", "Motion: no device": a title as it is written, of what is called like no word without its capitals. */
static const struct product *titled(struct text word)
{
	char lower[NAME_LENGTH_MAX];
	bool capital = false;
	if (word.n < NAME_MIN || word.n > sizeof lower)
		return NULL;
	for (size_t i = 0; i < word.n; i++) {
		capital = capital || ascii_is_upper(word.p[i]);
		lower[i] = ascii_is_upper(word.p[i]) ? (char)(word.p[i] | 0x20) : word.p[i];
	}
	const struct product *product = capital ? product_named(text_of(lower, word.n)) : NULL;
	return product && text_is(word, product_strings + product->title) ? product : NULL;
}

/* "libdatrie.so.1", all of the string: the library's own name, or what the program is linked to, as a function may be. Of several
 * libraries ("libgobject-2.0.so.0", "libglib-2.0.so.0") one at most is its own. */
void component_hear_library(struct saying *said, struct text s)
{
	const char *at = memmem(s.p, s.n, ".so", 3);
	struct text stem = text_of(s.p, at ? (size_t)(at - s.p) + 3 : 0), rest = behind(s, stem.n);
	const struct product *owners[2];
	if (!stem.n || name_at(s).n != s.n || (rest.n && (rest.n < 2 || rest.p[0] != '.' || !ascii_is_digit(rest.p[1]))))
		return;
	if (product_owners(s, owners, 2) != 1 || component_is_spoken_of(owners[0]))
		return;
	component_say(said, owners[0], SAID_IN_PASSING);
	said->library = true;
}

/* "net.connman.Error", "VIPS_ALIGN_HIGH", "unable to open dpkg status". A shared library is rather what is needed. */
void component_hear_names(struct saying *said, struct text s)
{
	for (size_t at = 0; at < s.n;) {
		size_t n = 0;
		while (at + n < s.n && is_of_word(s.p[at + n]))
			n++;
		struct text word = name_at(text_of(s.p + at, n));
		if (word.n && !text_has(word, ".so") && !component_is_mention(text_of(s.p, at))) {
			component_say(said, part_in_passing(word), SAID_IN_PASSING);
			component_say(said, begun_in_passing(word), SAID_IN_PASSING);
			if (!text_ends(text_of(s.p, at), "::"))
				component_say(said, titled(word), SAID_FAINTLY);
		}
		at += n ? n : 1;
	}
}

/* An identifier with the product's name: it may be a function of a library that the program calls. */
void component_say_symbol(struct saying *said, const struct product *product, struct text symbol)
{
	const char *name = product ? product_strings + product->name : "";
	bool bare = symbol.n == strlen(name) && strncasecmp(symbol.p, name, symbol.n) == 0; /* no function is called so */
	component_say(said, product, product && component_has_library(product) && !bare ? SAID_IN_PASSING : SAID_BESIDE);
}

/* ---- what a name begins with ---- */

/* "RedisModule_OnLoad", "GDALAllRegister", "gdImageClone": where a word of it begins, the longest beginning that is a word of
 * `context`. A word with "_" at its end is for begun_in_passing(). */
static const struct product *product_of_beginning(struct text name)
{
	for (size_t n = name.n; n >= NAME_MIN; n--) {
		if (name.p[n - 1] == '_')
			continue;
		bool new_word = n == name.n || name.p[n] == '_' || (ascii_is_upper(name.p[n]) && !ascii_is_upper(name.p[n - 1])) ||
						(ascii_is_upper(name.p[n]) && n + 1 < name.n && ascii_is_alnum(name.p[n + 1]) && !ascii_is_upper(name.p[n + 1]));
		const struct product *product = new_word ? component_of_beginning(name, n) : NULL;
		if (product)
			return product;
	}
	return NULL;
}

/* "_ZN6LibRaw6mallocEm", "_ZTV14CZNCTagHandler", "*N11libmatroska8KaxBlockE": the outermost name in the name of a symbol or a
 * type of C++ (Itanium C++ ABI, 5.1), but not of its standard library ("St"). */
static struct text name_of_cpp(struct text s)
{
	size_t at = 0, length = 0;
	while (at < s.n && strchr("*_ZTVISNKL", s.p[at]))
		at++;
	size_t from = at;
	while (at < s.n && at - from < 3 && s.p[at] >= '0' && s.p[at] <= '9')
		length = 10 * length + (size_t)(s.p[at++] - '0');
	return at > from && length >= NAME_MIN && length <= s.n - at ? text_of(s.p + at, length) : text_of(s.p, 0);
}

/* "Json::Value" of "_ZN4Json5ValueC1Ev": the outermost name and the one within it, in `room`. */
static struct text nested_of_cpp(struct text s, struct text outer, char room[NAME_LENGTH_MAX])
{
	struct text rest = behind(s, (size_t)(outer.p - s.p) + outer.n);
	size_t at = 0, length = 0;
	while (at < rest.n && at < 3 && ascii_is_digit(rest.p[at]))
		length = 10 * length + (size_t)(rest.p[at++] - '0');
	if (at == 0 || length == 0 || length > rest.n - at || outer.n + 2 + length > NAME_LENGTH_MAX)
		return text_of(room, 0);
	memcpy(room, outer.p, outer.n);
	memcpy(room + outer.n, "::", 2);
	memcpy(room + outer.n + 2, rest.p + at, length);
	return text_of(room, outer.n + 2 + length);
}

/* "net.connman.iwd.p2p.Device": a name of D-Bus, whose beginning is a word of `context`. */
static const struct product *product_of_bus_name(struct text s)
{
	for (size_t n = s.n; n > NAME_MIN; n--) {
		const struct product *product = n == s.n || s.p[n] == '.' ? product_of_context(text_of(s.p, n)) : NULL;
		if (product && memchr(s.p, '.', n))
			return product;
	}
	return NULL;
}

/* Whether a program is called like it, and no library ("libexiv2.so", "libbotan-2.so"). */
static bool is_program(const struct product *product)
{
	const char *name = product_strings + product->name;
	size_t n = strlen(name);
	for (const char *at = product_strings + product->files; *at;) {
		const char *end = strchrnul(at, ' '), *rest = at + 3 + n;
		bool library = (size_t)(end - at) > 3 + n + 1 && memcmp(at, "lib", 3) == 0 && strncasecmp(at + 3, name, n) == 0;
		if (library && (rest[0] == '.' || (rest[0] == '-' && ascii_is_digit(rest[1]))))
			return false;
		at = end + (*end == ' ');
	}
	return product_owns_file(product, text_of(name, n));
}

/* "Konsole" of "_ZNK7Konsole7Session4nameEv": a namespace that is called like a program. Three names at least, or "Screen::draw" of
 * any program would be the product; and none of a library, which is in whatever calls it, too. */
static void say_namespace(struct saying *said, struct text name, struct text nested, struct text s)
{
	char lower[NAME_LENGTH_MAX];
	for (size_t i = 0; i < name.n && i < sizeof lower; i++)
		lower[i] = ascii_is_upper(name.p[i]) ? (char)(name.p[i] | 0x20) : name.p[i];
	/* behind the two names and the digits between them stands a third, or a constructor */
	size_t length = nested.n - name.n - strlen("::");
	struct text rest = behind(s, (size_t)(name.p - s.p) + name.n + (length < 10 ? 1 : 2) + length);
	bool goes_on = rest.n && (ascii_is_digit(rest.p[0]) || (rest.n > 1 && strchr("CD", rest.p[0]) && ascii_is_digit(rest.p[1])));
	const struct product *product = goes_on && name.n <= sizeof lower ? product_named(text_of(lower, name.n)) : NULL;
	if (product && is_program(product) && !component_is_spoken_of(product))
		component_say(said, product, SAID_IN_PASSING);
}

void component_hear_beginning(struct saying *said, struct text s)
{
	struct text name = name_of_cpp(s);
	if (component_is_identifier(s))
		component_say_symbol(said, product_of_beginning(s), s);
	char room[NAME_LENGTH_MAX];
	struct text nested = name.n ? nested_of_cpp(s, name, room) : name;
	const struct product *within = nested.n ? product_of_beginning(nested) : NULL;
	if (within)
		component_say_symbol(said, within, nested);
	else if (name.n)
		component_say_symbol(said, product_of_beginning(name), name);
	if (name.n >= WORD_MIN && nested.n)
		say_namespace(said, name, nested, s);
	if (name_at(s).n == s.n && memchr(s.p, '.', s.n))
		component_say(said, product_of_bus_name(s), SAID_BESIDE);
}

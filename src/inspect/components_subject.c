/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A few strings of a program, one of them a version without a name: of which product all of them speak.
 *
 * The best that they say counts, in the order of `enum strength`; components_hear.c tells what one of them says. Where there are more
 * strings, one of them that names a product says too little: it may be spoken of. Two products that are named equally well are none.
 * components_nameless.c finds the version.
 */
#include "inspect/components_hear.h"

#define PRODUCTS_MAX 16u
/* Of more strings two at least must name the product. */
#define STRINGS_FEW 6u
/* Strings that must name it, where each of them does so in passing. */
#define STRINGS_PASSING 2u

/* How many strings speak of a product, by the best that each says. */
struct spoken {
	const struct product *product;
	size_t strings[STRENGTHS];
	bool library; /* one of them is the name of a library's file: more of these are what the program is linked to */
};

struct said {
	struct spoken v[PRODUCTS_MAX];
	size_t n;
	size_t nstrings; /* whatever they say */
	bool full;       /* more are named than there is room for: which is meant is not known */
};

static void count(struct said *said, const struct saying *one)
{
	size_t i = 0;
	while (i < said->n && said->v[i].product != one->product)
		i++;
	bool room = i < PRODUCTS_MAX;
	said->full = said->full || (!room && one->strength > SAID_IN_PASSING);
	if (!room)
		return;
	said->n = i == said->n ? i + 1 : said->n;
	struct spoken *v = &said->v[i];
	v->product = one->product;
	v->strings[one->strength] += !(one->library && v->library);
	v->library = v->library || one->library;
}

/* How many strings speak of the product in that way or a better one. */
static size_t strings_of(const struct said *said, size_t i, enum strength strength)
{
	size_t strings = 0;
	for (size_t k = strength; k < STRENGTHS; k++)
		strings += said->v[i].strings[k];
	return strings;
}

/* The only product of which so many strings at least speak in that way; NULL: none does, or two do, which is said, too. */
static const struct product *only_said(const struct said *said, enum strength strength, size_t needed, bool *several)
{
	const struct product *product = NULL;
	for (size_t i = 0; i < said->n; i++) {
		if (!said->v[i].strings[strength] || strings_of(said, i, strength) < needed)
			continue;
		if (product) {
			*several = true;
			return NULL;
		}
		product = said->v[i].product;
	}
	return product;
}

/* Of two products the one that two strings name plainly, where a single text is said to be the other's: that may be a third
 * one's, too. */
static const struct product *outspoken(const struct said *said, const struct product *plain, const struct product *text)
{
	size_t of_plain = 0, of_text = 0;
	for (size_t i = 0; i < said->n; i++) {
		of_plain += said->v[i].product == plain ? strings_of(said, i, SAID_PLAINLY) : 0;
		of_text += said->v[i].product == text ? strings_of(said, i, SAID_IN_PASSING) : 0;
	}
	return of_plain >= 2 && of_text < 2 ? plain : NULL;
}

/* Of a product that cannot have that version the strings do not speak. False: one of those is told too well to be left out, so that the
 * version is that of something within it. */
static bool leave_out(struct said *said, struct text version)
{
	size_t kept = 0;
	for (size_t i = 0; i < said->n; i++) {
		if (product_may_be(said->v[i].product, version))
			said->v[kept++] = said->v[i];
		else if (strings_of(said, i, SAID_PLAINLY) > 0)
			return false;
	}
	said->n = kept;
	return true;
}

static void hear(struct said *said, const struct component_file *file, struct text s)
{
	struct saying one = { 0 };
	component_hear(&one, file, s);
	if (one.product && !one.several)
		count(said, &one);
}

static void hear_all(const struct component_file *file, struct said *said)
{
	struct span b = file->bytes;
	for (size_t at = 0; at < b.n;) {
		size_t n = 0;
		while (at + n < b.n && is_printable(b.p[at + n]))
			n++;
		if (n >= NAME_MIN - 1)
			hear(said, file, text_of((const char *)b.p + at, n));
		said->nstrings += n >= NAME_MIN - 1;
		at += n + 1;
	}
}

static const struct product *subject_of(const struct said *said)
{
	size_t needed = said->nstrings > STRINGS_FEW ? 2 : 1;
	bool several = said->full;
	const struct product *package = several ? NULL : only_said(said, SAID_BY_PACKAGE, 1, &several);
	if (package)
		return package;
	const struct product *text = several ? NULL : only_said(said, SAID_BY_TEXT, needed, &several);
	const struct product *plain = several ? NULL : only_said(said, SAID_PLAINLY, needed, &several);
	if (!several && text && plain && text != plain)
		return outspoken(said, plain, text);
	if (several || text || plain)
		return several ? NULL : text ? text : plain;
	const struct product *beside = only_said(said, SAID_BESIDE, needed, &several);
	if (several || beside)
		return beside;
	const struct product *passing = only_said(said, SAID_IN_PASSING, STRINGS_PASSING, &several);
	if (several || passing)
		return passing;
	return only_said(said, SAID_FAINTLY, STRINGS_PASSING, &several);
}

/* What an extension of Python is called by, "orjson" of "orjson.cpython-313-riscv64-linux-gnu.so": "python-orjson". */
static const struct product *product_of_extension(struct text name)
{
	char room[NAME_LENGTH_MAX] = "python-";
	size_t prefix = strlen(room);
	if (name.n > sizeof room - prefix)
		return NULL;
	memcpy(room + prefix, name.p, name.n);
	return product_named(text_of(room, prefix + name.n));
}

/* What begins a file's name before `end`: the product of that name, but no plug-in or module of what is only one of its programs or
 * libraries ("libsane-airscan.so", FRRouting's "bgpd_snmp.so"), since other projects have those. */
static const struct product *product_of_beginning_of_file(struct text begin, struct text end)
{
	static const char *const others[] = { "plugin", "module", "addon", "add-on" };
	static const char *const kept[] = { ".txt", ".strings", ".lst", ".bin", ".elf", ".out" };
	const struct product *owners[2], *product = product_named(begin);
	if (text_starts(end, ".cpython-") || text_starts(end, ".abi3."))
		return product_of_extension(begin);
	for (size_t i = 0; i < COUNT(kept); i++)
		if (text_is(end, kept[i]))
			return product ? product : product_owners(begin, owners, 2) == 1 ? owners[0] : NULL;
	if (!product && text_starts(begin, "lib"))
		product = product_named(behind(begin, strlen("lib")));
	for (size_t i = 0; i < COUNT(others); i++)
		if (text_has(end, others[i])) /* "luajit_plugin.so" */
			return NULL;
	bool plugged = product && (component_is_spoken_of(product) || component_is_host(product));
	return end.p[0] != '.' && !plugged ? product : NULL;
}

/* "bogofilter-sqlite", "libstrongswan-aes.so": the product with whose name a file's begins; "dnsmasq.txt" is what was kept of a file. */
static const struct product *kin_of(struct text name)
{
	const struct product *product = NULL;
	for (size_t n = name.n; n-- > NAME_MIN && !product;)
		if (strchr("-_.", name.p[n]))
			product = product_of_beginning_of_file(text_of(name.p, n), behind(name, n));
	return product;
}

/* What the file's name says, where no string speaks of another product by more than a name in passing. */
static const struct product *owner_of(const struct component_file *file, const struct said *said, struct text version)
{
	const struct product *owner = said->full || file->nowners > 1 ? NULL : file->nowners ? file->owners[0] : kin_of(file->name);
	for (size_t i = 0; i < said->n && owner; i++)
		if (said->v[i].product != owner && strings_of(said, i, SAID_BESIDE) > 0)
			owner = NULL;
	return owner && product_may_be(owner, version) ? owner : NULL;
}

const struct product *component_subject(const struct component_file *file, struct text version)
{
	struct said said = { 0 };
	hear_all(file, &said);
	const struct product *product = subject_of(&said);
	if (!version.n || (product && product_may_be(product, version)))
		return product;
	const struct product *owner = product ? NULL : owner_of(file, &said, version);
	if (owner)
		return owner;
	return leave_out(&said, version) ? subject_of(&said) : NULL;
}

bool component_is_said(const struct component_file *file, const struct product *product)
{
	struct said said = { 0 };
	hear_all(file, &said);
	if (said.nstrings <= STRINGS_FEW)
		return subject_of(&said) == product;
	bool several = said.full;
	const struct product *text = several ? NULL : only_said(&said, SAID_BY_TEXT, 1, &several);
	return !several && (!text || text == product);
}

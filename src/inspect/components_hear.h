/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one string of a program says about which product it is of: told by components_hear.c and components_hear_names.c, weighed by
 * components_subject.c. */
#ifndef ASSAY_INSPECT_COMPONENTS_HEAR_H
#define ASSAY_INSPECT_COMPONENTS_HEAR_H

#include "inspect/components.h"
#include "inspect/components_letters.h"

/* The shortest name that counts, and the longest that is looked up. */
#define NAME_MIN 4u
#define NAME_LENGTH_MAX 40u
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* How a string tells a product, the best last. */
enum strength {
	SAID_FAINTLY,    /* its title, where many programs speak of it: in two strings */
	SAID_IN_PASSING, /* its name anywhere, in prose or as a part of an identifier, or a function of its library: in two strings */
	SAID_BESIDE,     /* its name by itself, in an identifier, a folder, an address, a name of D-Bus, a list for faults */
	SAID_PLAINLY,    /* its name where a program tells it: its usage, its version, its package, the address for faults */
	SAID_BY_TEXT,    /* a text that no other product has */
	SAID_BY_PACKAGE, /* the package that it is from: no program has the name of another's debug symbols */
	STRENGTHS
};

/* What one string says: no more than one product counts. */
struct saying {
	const struct product *product;
	enum strength strength;
	bool several;
	bool library;
};

/* What the string says, which is of that file. */
void component_hear(struct saying *said, const struct component_file *file, struct text s);

/* Notes that the string tells the product (NULL: none) in that way; the better way counts, and of two products none. */
void component_say(struct saying *said, const struct product *product, enum strength strength);

/* The same of an identifier with the product's name: it may be a function of a library that the program calls. */
void component_say_symbol(struct saying *said, const struct product *product, struct text symbol);

/* Words by which a product names itself. */
void component_hear_words(struct saying *said, struct text s);

/* What identifiers, names of C++ and of D-Bus begin with. */
void component_hear_beginning(struct saying *said, struct text s);

/* The string as a library's name; names in passing. Both are for a string that says nothing better. */
void component_hear_library(struct saying *said, struct text s);
void component_hear_names(struct saying *said, struct text s);

/* The product of a name that only it would have: no word of a language, and none that many other programs speak of; or NULL. */
const struct product *component_named_in_passing(struct text name);

/* "gsasl_init": letters, digits and "_" only. */
bool component_is_identifier(struct text s);

/* The name that a text begins with. */
static inline struct text name_at(struct text t)
{
	size_t n = 0;
	while (n < t.n && is_of_word(t.p[n]))
		n++;
	while (n > 0 && !ascii_is_alnum(t.p[n - 1]) && t.p[n - 1] != '+')
		n--;
	return text_of(t.p, n);
}

/* What is left of a text behind so many characters. */
static inline struct text behind(struct text t, size_t n)
{
	return n < t.n ? text_of(t.p + n, t.n - n) : text_of(t.p + t.n, 0);
}

#endif

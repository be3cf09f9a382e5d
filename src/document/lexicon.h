/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What documents are asked for, as data/documents/ has it: tools/embed_documents.py writes the tables. */
#ifndef ASSAY_DOCUMENT_LEXICON_H
#define ASSAY_DOCUMENT_LEXICON_H

#include "document/text.h"

enum term_kind {
	TERM_WORD,     /* this word */
	TERM_PREFIX,   /* a word that begins so */
	TERM_SET,      /* one of the phrases of a set */
	TERM_GAP,      /* up to `gap` words */
	TERM_NUMBER,   /* digits or a number word */
	TERM_DURATION, /* "30 days" */
	TERM_DATE,
	TERM_MAIL,
	TERM_URL,
	TERM_START, /* no word: the sentence begins here */
};

/* The tables of all languages are one of each kind; they name each other by the index of the first, not by pointers, which the
 * loader would have to adjust at every start of the program. */
struct lexicon_term {
	uint32_t text; /* in lexicon_words */
	uint16_t set;  /* of lexicon_sets */
	uint8_t kind, gap, length;
	bool optional;
	uint64_t mask; /* of what it can begin with (match.c); all ones: anything */
};

struct lexicon_phrase {
	uint32_t terms;
	uint16_t n;
};

struct lexicon_set {
	uint32_t phrases;
	uint16_t n;
};

/* A pattern: its first part is what the sentence says; the others must (or must not) stand in the sentence, too. */
struct lexicon_pattern {
	uint32_t parts; /* phrases */
	uint16_t n;
	uint16_t without; /* bit i: part i must not */
	bool negates;     /* it has a negation of its own: none around it matters */
};

struct lexicon_rules {
	uint32_t first;
	uint16_t n;
};

extern const char lexicon_words[];
extern const struct lexicon_term lexicon_terms[];
extern const struct lexicon_phrase lexicon_phrases[];
extern const struct lexicon_set lexicon_sets[];
extern const struct lexicon_pattern lexicon_patterns[];

/* Something that patterns give a name: a datum, a party, the meaning of a date, the purpose of an address. */
struct lexicon_name {
	const char *name;
	struct lexicon_rules rules;
};
struct lexicon_names {
	const struct lexicon_name *v;
	uint16_t n;
};

enum lexicon_negation { NEGATION_DENIES, NEGATION_DROPS, NEGATION_IGNORED };
/* What of a sentence has to be an assertion (assert.c): nothing, what governs the match, every word. */
enum lexicon_assertion { ASSERTS_NOTHING, ASSERTS_HEAD, ASSERTS_ALL };
enum lexicon_about { ABOUT_NONE, ABOUT_DATA, ABOUT_PARTY, ABOUT_BOTH };
enum lexicon_value { VALUE_NONE, VALUE_DURATION, VALUE_DATE, VALUE_ADDRESS, VALUE_COUNT, VALUE_CVE };

struct lexicon_element {
	const char *name, *definition;
	struct lexicon_rules patterns;
	struct lexicon_rules headings;   /* of sections where weaker words will do */
	struct lexicon_rules in_section; /* those */
	struct lexicon_rules denying;    /* what says that it is not so, without a word of negation that would count */
	struct lexicon_rules never;      /* a sentence that has one of them says something else */
	struct lexicon_rules limits;     /* a denial that has one of them denies less than all of it */
	struct lexicon_rules hints;      /* where one occurs anywhere, the element is not said to be absent */
	uint16_t asked, only;            /* bit i: document_roles[i]; only 0: of any */
	uint16_t named;                  /* in these roles a sentence says it only when it names a datum or party */
	uint8_t about, value, negation;
	bool needs_value;
	bool promise; /* below a heading that denies, a whole sentence does not say it, either */
	bool limited; /* a denial under a condition ("not without your consent") says it */
	bool content; /* where it can be read ("see our site") does not say it */

	uint8_t asserts; /* enum lexicon_assertion */
};

struct lexicon_number {
	const char *word;
	uint32_t value;
};

/* The words of which a sentence is built that asserts something. What is in none of these lists is strange. */
struct lexicon_grammar {
	struct lexicon_rules pronouns;    /* subjects by themselves: "we" */
	struct lexicon_rules helpers;     /* auxiliaries that leave a fact a fact: "is", "will" */
	struct lexicon_rules modals;      /* those of which a promise has none: "can", "may" */
	struct lexicon_rules finite;      /* predicates: "includes", "is supported" */
	struct lexicon_rules deeds;       /* those of somebody who acts: "provides" */
	struct lexicon_rules gains;       /* those of several, things or people: "receive" */
	struct lexicon_rules tasks;       /* at the head of a clause, what the reader is told to do: "install" */
	struct lexicon_rules addressees;  /* whose deeds are no promise: "you", "customers" */
	struct lexicon_rules perfects;    /* auxiliaries of what was before; of a promise only behind a frame: "has been" */
	struct lexicon_rules relatives;   /* what the reader does, never at the head of a clause: "you bought" */
	struct lexicon_rules participles; /* the same behind a helper: "provided" */
	struct lexicon_rules frames;      /* what may govern them: "you can expect that", "when you report" */
	struct lexicon_rules modifiers;   /* a strange word behind one of these is the name of a thing: "the ..." */
	struct lexicon_rules complements; /* what makes of a finite verb none: "to" */
	struct lexicon_rules known;       /* all other words that change nothing */
	struct lexicon_rules suspending;  /* what makes any sentence none that asserts: "would", "nobody" */
	struct lexicon_rules barred;      /* never taken for the name of a thing: "unless", "nobody", "rumour" */
	struct lexicon_rules limiting;    /* a name behind one of these is a limit: "in Bavaria", "with Care" */
	struct lexicon_rules stops;       /* what no strange word stands right before: "the", "security updates" */
	bool capital_nouns;               /* a capital letter does not tell a name from a noun */
};

struct lexicon {
	const char *language; /* ISO 639-1 */
	struct lexicon_rules negations, harmless, auxiliaries, subjects, conditions, exceptions;
	struct lexicon_rules unsaid;   /* a sentence that has one of them states nothing: a template, a supposition */
	struct lexicon_rules examples; /* so does one that begins with one of them, and what follows in its block */
	struct lexicon_rules
		titles; /* what begins with one of them and ends without a mark only names what comes elsewhere */
	struct lexicon_rules blanks;   /* what stands behind a bracket where something is still to be filled in */
	struct lexicon_rules reaching; /* negations of all that follows in the sentence ("there is no way to") ... */
	struct lexicon_rules turns;    /* ... up to one of these */
	struct lexicon_rules pointers; /* what has one of them only says where something can be read */
	struct lexicon_rules limits;   /* a denial that has one of them ("without your consent") denies less than all */
	struct lexicon_rules orders;   /* headings that ask for something ("Do not track"): no denial of what is below */
	struct lexicon_rules ranges;   /* two days of which the first only begins what the second ends */
	struct lexicon_grammar grammar;
	const struct lexicon_number *numbers; /* "thirty"; ended by NULL */
	struct lexicon_names units;           /* hour, day, week, month, year */
	struct lexicon_names data, parties, meanings, purposes;
	const struct lexicon_element *elements;
	uint16_t nelements;
};

#define LEXICON_ELEMENTS_MAX 128u

/* Ended by NULL. */
extern const struct lexicon *const lexicons[];

/* A day, month or year that a text names. Unknown parts are 0. */
struct date {
	uint32_t from, to; /* in the text of the document */
	unsigned year, month, day;
	bool unreal; /* while it is read: no day of the calendar */
};

/* The words that patterns are matched with: of a sentence, or of an item behind what leads to it. */
struct wording {
	const struct lexicon *lexicon;
	const struct word *words;
	uint32_t n;
	const struct date *dates;
	size_t ndates;
	uint64_t mask;     /* of the words */
	uint64_t *negated; /* bit for each word: a negation that counts */
	unsigned steps;    /* left; a pattern that needs more does not match */

	bool cut;             /* words of it are missing */
	bool judged, asserts; /* what wording_asserts() said: many elements ask it of one sentence */
};

/* match.c */
#define WORDING_MAX 512u
/* Prepares `w`; `negated` has room for WORDING_MAX bits. */
void wording_prepare(struct wording *w, uint64_t negated[WORDING_MAX / 64]);

struct match {
	uint32_t first, last; /* words of the first part */
	bool negated;
};
/* Whether one of the patterns matches; the first match that is not negated, else the first. */
bool rules_match(struct wording *w, const struct lexicon_rules *rules, struct match *match);
/* The first of the names that matches, NULL: none. */
const char *names_match(struct wording *w, const struct lexicon_names *names);

/* Whether one of these rules is that word by itself. */
bool word_is_one_of(const struct wording *w, uint32_t i, const struct lexicon_rules *rules);

/* How many words the longest phrase of these rules takes that begins with the word at `at`; 0: none does. */
uint32_t rules_length(struct wording *w, uint32_t at, const struct lexicon_rules *rules);

/* assert.c */
/* Whether all of the sentence is an assertion: it has a predicate of the closed list, or no verb at all ("Support until: ..."), and
 * nothing around it that is not known to leave it one. What is not understood is none. */
bool wording_asserts(const struct doc *d, struct wording *w);
/* Whether the match is governed by something of which that is not known: "we hope to", "it was said that", "nobody". */
bool wording_governs(const struct doc *d, struct wording *w, const struct match *m);

/* unsaid.c */
/* Whether a sentence states nothing: a template, a blank to fill in, a supposition, an address that is nobody's. */
bool is_unsaid(const struct doc *d, const struct sentence *s, struct wording *w, uint32_t lead);

/* value.c */
/* A duration that begins at that word: how many words it has, 0: none. *days: rounded up. */
uint32_t duration_at(const struct wording *w, uint32_t at, uint32_t *days);
/* A number that begins there, in digits or in words. */
bool number_at(const struct wording *w, uint32_t at, uint32_t *value);

/* date.c */
/* The dates in a piece of the text; how many, at most `room`. */
size_t dates_find(const struct doc *d, uint32_t from, uint32_t to, struct date *dates, size_t room);
/* "2026-12-31", "2026-12" or "2026" */
void date_text(const struct date *date, char out[16]);

/* What is known of the document when its facts are made. */
struct reading {
	struct doc *d;
	const struct lexicon *lexicon; /* NULL: there is none for its language */
	struct text language;
	bool mixed; /* a good part is in another language */
	bool told;  /* its words do not show the language, which somebody told: nothing is said to be absent */
	const char *role;
	uint32_t rows[FACT_TYPES];
	uint32_t heading; /* the block that reading_below_denial() looked at last, + 1 */
	bool heading_denies;
};

/* False when as many rows of that kind as are kept were emitted; that is said once. */
bool reading_counts(struct reading *r, enum fact_type type);
/* The words of a sentence with those of its lead before; `words` has room for WORDING_MAX, `dates` for DATES_MAX. */
#define DATES_MAX 8u
struct sentence_wording {
	struct wording wording;
	struct word words[WORDING_MAX];
	struct date dates[DATES_MAX];
	uint64_t negated[WORDING_MAX / 64];
	uint32_t lead; /* so many of the words are of its lead */
};
/* A sentence, behind the words that lead to it (those before a list), ready to be searched for what lexicons have. */
void reading_wording(const struct reading *r, const struct sentence *s, struct sentence_wording *out);
/* The sentence as it is quoted: behind its lead, and not longer than is kept. */
struct text reading_quote(const struct reading *r, const struct sentence *s);
/* The same; of a cell behind what its row is about: "NC-200: 2031-05-31". */
struct text reading_row_quote(const struct reading *r, const struct sentence *s);
/* What is said of a sentence by itself, the head of its column, or a heading above it, in this order. */
const char *reading_name(const struct reading *r, struct sentence_wording *own, const struct sentence *s,
						 const struct lexicon_names *names);
/* Whether a heading says no to what stands below it ("What we do not collect"). unsaid.c */
bool heading_denies(struct sentence_wording *words);
/* An item or a cell, or what is one by its looks: a paragraph that ends without a mark. unsaid.c */
bool block_is_item(const struct doc *d, const struct block *b);
/* Or it is of a PDF, where items may have become one paragraph. */
bool block_may_be_item(const struct doc *d, const struct block *b);
/* Whether the sentence may be an item, without a lead, below a heading that says no and is no question. */
bool reading_below_denial(struct reading *r, const struct sentence *s);

/* The steps: language.c, level.c, date.c, contact.c, element.c. */
struct text language_of(const struct doc *d, bool *mixed);
const char *level_of(const struct doc *d, struct text language, int64_t *millis);
void emit_dates(struct reading *r);
void emit_contacts(struct reading *r);
void emit_elements(struct reading *r);
/* The address in a sentence, mail before others; TEXT_NONE: there is none. */
struct text address_in(const struct doc *d, const struct sentence *s, const char **kind);
/* Whether it is the mailbox of those who sell, bill, hire or speak to the press, or one that nobody reads. */
bool mailbox_is_elsewhere(struct text mail);

#endif

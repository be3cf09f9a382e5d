/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one text that every kind of document becomes: UTF-8, white space made single, cut into blocks, sentences, words.
 * Not for other floors. */
#ifndef ASSAY_DOCUMENT_TEXT_H
#define ASSAY_DOCUMENT_TEXT_H

#include "base/arena.h"
#include "base/buf.h"
#include "document/document.h"

/* BLOCK_CONTENTS: a line of a table of contents, as one with a leader of dots or a link into the document. */
enum block_kind { BLOCK_PARAGRAPH, BLOCK_HEADING, BLOCK_ITEM, BLOCK_CELL, BLOCK_CODE, BLOCK_CONTENTS };

/* Text that belongs together: no sentence goes beyond it. Indices of blocks are + 1; 0: none. */
struct block {
	uint32_t from, to; /* in the text */
	enum block_kind kind;
	unsigned level;   /* of a heading, or of an item by the lists that it lies in: from 1, to 6 */
	uint32_t section; /* the heading that it stands below; of a heading: the higher one */
	uint32_t column;  /* of a cell: the cell that heads its column */
	uint32_t row;     /* of a cell: the first of its row; of that one: none */
	uint32_t inner;   /* where a link into the document ends that it began with; 0: there is none */
};

/* From that place of the text on it stands there in the document. */
struct mark {
	uint32_t at, line, page;
};

/* A piece of the text. */
struct run {
	uint32_t from, to;
};

struct link {
	uint32_t at; /* in the text: where what is shown for it begins */
	struct text url, text;
};

enum word_kind { WORD_PLAIN, WORD_NUMBER, WORD_MAIL, WORD_URL };
enum word_flags {
	WORD_BREAK = 1 << 0, /* a comma, colon, bracket or dash stands before it */
	WORD_NOT = 1 << 1,   /* ends with n't */
	WORD_CAPITAL = 1 << 2,
};

struct word {
	struct text text; /* lower case, without 's */
	uint32_t at;      /* in the text */
	uint8_t kind, flags;
	uint16_t length; /* bytes there */
	uint8_t bit;     /* of a mask: by its first two bytes */
};

struct sentence {
	uint32_t from, to;
	uint32_t word, nwords; /* in the words of the document */
	uint32_t block;        /* index */
	uint32_t lead;         /* the sentence that an item goes on with ("We collect:"), + 1 */
	bool question;
	bool cut;    /* has more words than are looked at */
	bool silent; /* states nothing: struck out, not shown, or with a blank to be filled in */
};

/* Classes and identifiers that a style sheet hides. */
#define HIDDEN_MAX 64u
struct hidden {
	struct text names[HIDDEN_MAX]; /* ".name" or "#name" */
	unsigned n;
};

struct doc {
	struct arena *arena;
	struct sink *sink;
	const struct document_options *options;
	const struct document_limits *limits;
	uint64_t ends_ms; /* of clock_ms(): when no more sentences are searched */
	struct buf text, folded;                           /* folded: lower-case words */
	struct buf blocks, marks, links, sentences, words; /* arrays */
	struct buf unsaid;                                 /* array of struct run: what is struck out or not shown */
	uint32_t unsaying, unsaid_from;                    /* elements of that kind that are open; where the first began */
	struct hidden hidden;
	size_t next_unsaid;   /* the first that no sentence is behind yet */
	uint32_t open;        /* the block that is being written, + 1 */
	uint32_t above[7];    /* the last heading of each level, + 1 */
	uint32_t columns[64]; /* heads of the columns of the table at hand, + 1 */
	uint32_t column;      /* of the next cell */
	uint32_t row;         /* the first cell of the row at hand, + 1 */
	uint32_t lists;       /* of HTML, that the writer is in */
	uint32_t darks;       /* elements with a dark background, likewise */
	uint32_t line, page;  /* where the writer is; page 0: there are none */
	bool gap;             /* white space came before what is written next */
	bool whole;           /* every byte and page was read, and had text */
	bool failed;          /* no memory */
	bool full;            /* more text than is read */
	const char *format;
	struct text title;
	uint32_t pages, pages_without_text;
};

#define DOC_ARRAY(d, type, name) ((struct type *)(void *)(d)->name.p)
#define DOC_COUNT(d, type, name) ((d)->name.n / sizeof(struct type))

/* text.c: writing. Blocks without a letter or digit are dropped when they are closed. */
void text_open(struct doc *d, enum block_kind kind, unsigned level);
/* Appends UTF-8 to the open block, or to a new paragraph: white space comes to one blank, what is not seen is left
 * out, hyphens and the apostrophe of print become ASCII. */
void text_add(struct doc *d, struct text t);
void text_close(struct doc *d);
/* A new table begins; a new row; the cell that is written next heads its column. */
void text_table(struct doc *d);
void text_row(struct doc *d);
void text_cell(struct doc *d, bool heads);
/* What stands from `at` on (a place that text_at() gave) is a link to that address; none for an empty one. */
void text_link(struct doc *d, struct text url, uint32_t at);
/* Where the text stands now, for text_link(). */
uint32_t text_at(const struct doc *d);

/* The text between two places, of text_at(). */
struct text text_cut(const struct doc *d, uint32_t from, uint32_t to);
/* The line, or the page of a PDF, that a place is on; FACT_NULL where there is none. */
void text_place(const struct doc *d, uint32_t at, int64_t *line, int64_t *page);
/* The heading above a block, or none. */
struct text text_heading(const struct doc *d, const struct block *b);

/* Something was not read: a row of damage, and the document is not whole. */
void doc_damage(struct doc *d, enum error_code code, uint64_t offset, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Tells the caller's options.stage what is being done, for a process that dies in it. */
void doc_stage(struct doc *d, const char *name);
/* Whether the time is over; then a row of damage says how many sentences `what` was looked for in. */
bool doc_is_late(struct doc *d, const char *what, size_t done);
/* A new element at the end of an array, zeroed; NULL when there is no memory, and then the document has failed. */
void *doc_push(struct doc *d, struct buf *array, size_t size);

/* unicode.c */
/* The next character of valid UTF-8 at *at; moves on. 0xFFFD and one byte where there is none. */
uint32_t utf8_next(struct text t, size_t *at);
/* utf8_is_letter(), utf8_is_space(), utf8_lower(): of Unicode what documents of Latin, Greek and Cyrillic script
 * need; beyond these what is neither punctuation nor a symbol is a letter without case. utf8_put(): writes a
 * character; how many bytes it takes. */
bool utf8_is_letter(uint32_t c);
bool utf8_is_space(uint32_t c);
uint32_t utf8_lower(uint32_t c);
size_t utf8_put(uint32_t c, char out[4]);
/* The bytes as UTF-8: a byte order mark tells UTF-16, and what is no UTF-8 is taken for Windows-1252. */
struct text utf8_from(struct span bytes, struct arena *arena);

/* The readers: each writes blocks. */
void read_plain(struct doc *d, struct text t);
void read_html(struct doc *d, struct text t);
void read_markdown(struct doc *d, struct text t);
void read_pdf(struct doc *d, struct span bytes);
/* "Date of the test: 2026-09-27": a short label, a colon, and what it names; such lines are no running text. */
bool plain_is_label(struct text line);
/* "Retention . . . . . . 12" */
bool plain_is_contents(struct text line);
/* A line "| a | b |" of a table as text shows it. False when it is none; *rule: it only parts the head from the rest. */
bool plain_is_row(struct text line);
void plain_row(struct doc *d, struct text line, bool *heads);

/* date.c: whether a month's name stands there: "12. Mai" is no end of a sentence. */
bool date_is_month(struct text t, size_t at);

/* hidden.c: what a style hides or strikes out. */
bool style_hides(const char *style);
bool style_strikes(const char *style);
/* Whether text has the colour of paper by its style or by the attribute of a <font>, and no background of its own: behind it may
 * be one that it is not seen on. */
bool style_is_pale(const char *style, const char *colour);
/* Whether a style or the attribute bgcolor has a background on which such text is seen. */
bool style_is_dark(const char *style, const char *background);
/* Collects the names that the style sheets within a page hide on all screens; other selectors than one name are passed by. */
void hidden_find(struct hidden *h, struct text page);
/* Whether an element with this `class` and `id` (each may be NULL) is one of those. */
bool hidden_is(const struct hidden *h, const char *classes, const char *id);

/* sentence.c: fills sentences and words. */
void split_sentences(struct doc *d);

#endif

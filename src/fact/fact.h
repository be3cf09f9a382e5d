/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts: typed rows about one blob. Struct, description and wire form of each follow from facts.def. */
#ifndef ASSAY_FACT_FACT_H
#define ASSAY_FACT_FACT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"
#include "fact/facts.def"

/* "Unknown" in an INT or BOOL column: NULL in SQL. */
#define FACT_NULL INT64_MIN

/* The longest text that a column takes; longer ones are cut by fact_encode(). */
#define FACT_TEXT_MAX (128u * 1024)

#define FACT_ENUM(name, doc) FACT_##name,
enum fact_type { FACT_TABLES(FACT_ENUM) FACT_TYPES };
#undef FACT_ENUM

enum fact_column_type { FACT_INT, FACT_BOOL, FACT_TEXT };

#define FACT_CTYPE_INT int64_t
#define FACT_CTYPE_BOOL int64_t
#define FACT_CTYPE_TEXT struct text
#define FACT_FIELD(table, type, name, doc) FACT_CTYPE_##type name;
#define FACT_STRUCT(name, doc)                                                                                        \
	struct fact_##name {                                                                                              \
		FACT_COLUMNS_##name(FACT_FIELD)                                                                               \
	};
FACT_TABLES(FACT_STRUCT)
#undef FACT_STRUCT
#undef FACT_FIELD

struct fact_column {
	const char *name;
	enum fact_column_type type;
	size_t at; /* offset in the struct */
	const char *doc;
};

struct fact_table {
	const char *name;
	const char *doc;
	size_t size; /* of the struct */
	const struct fact_column *columns;
	size_t ncolumns;
};

extern const struct fact_table fact_tables[FACT_TYPES];
/* The one of that name, or NULL. */
const struct fact_table *fact_table_find(const char *name);

/* Where facts go: in a worker a framed pipe, in tests a list. `row` points at the struct of that type and need only
 * live during the call. */
struct sink {
	void (*emit)(struct sink *sink, enum fact_type type, const void *row);
};

#define FACT_EMITTER(name, doc)                                                                                       \
	static inline void emit_##name(struct sink *sink, const struct fact_##name *row)                                  \
	{                                                                                                                 \
		sink->emit(sink, FACT_##name, row);                                                                           \
	}
FACT_TABLES(FACT_EMITTER)
#undef FACT_EMITTER

/* Shorthand for a row of `damage`, from an error or from words. */
void emit_error(struct sink *sink, const struct error *error);
void emit_damage_at(struct sink *sink, enum error_code code, uint64_t offset, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The same for what may be damaged all over: the first DAMAGE_MAX are emitted one by one, the others only counted. */
#define DAMAGE_MAX 64u
void emit_damage_capped(struct sink *sink, unsigned *count, enum error_code code, uint64_t offset, const char *format,
						...)
	__attribute__((format(printf, 5, 6)));
/* How many there were beyond those, when there were any. */
void emit_damage_further(struct sink *sink, unsigned count);
/* Shorthand for a row of `header` with a printf-style value. */
void emit_header_field(struct sink *sink, uint64_t offset, const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Appends the wire form of a row: each INT as 8 bytes little-endian, each TEXT as 4 bytes of length (0xFFFFFFFF for
 * NULL) and its bytes. */
enum error_code fact_encode(enum fact_type type, const void *row, struct buf *out) MUST_USE;

/* Reads a row back; its texts point into `wire`. The wire form may come from a compromised worker: false when it is
 * not exactly one well-formed row. */
bool fact_decode(enum fact_type type, struct span wire, void *row) MUST_USE;

/* A sink that keeps its rows in memory, for tests and tools. */
struct fact_row {
	enum fact_type type;
	void *row; /* the struct, texts copied */
	struct fact_row *next;
};

struct fact_list {
	struct sink sink;
	struct arena *arena;
	struct fact_row *first, *last;
	size_t n;
};

/* Prepares a list whose rows live in `arena`. */
void fact_list_init(struct fact_list *list, struct arena *arena);

/* The i-th row of that type (from 0), or NULL. */
const void *fact_list_get(const struct fact_list *list, enum fact_type type, size_t i);
size_t fact_list_count(const struct fact_list *list, enum fact_type type);

#endif

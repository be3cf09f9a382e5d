/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fact/fact.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COLUMN(table, type, name, doc) { #name, FACT_##type, offsetof(struct fact_##table, name), doc },
#define COLUMNS(name, doc) static const struct fact_column name##_columns[] = { FACT_COLUMNS_##name(COLUMN) };
FACT_TABLES(COLUMNS)

#define TABLE(name, doc)                                                                                              \
	{ #name, doc, sizeof(struct fact_##name), name##_columns, sizeof name##_columns / sizeof name##_columns[0] },
const struct fact_table fact_tables[FACT_TYPES] = { FACT_TABLES(TABLE) };

const struct fact_table *fact_table_find(const char *name)
{
	for (size_t i = 0; i < FACT_TYPES; i++)
		if (strcmp(fact_tables[i].name, name) == 0)
			return &fact_tables[i];
	return NULL;
}

/* Wire length that stands for an absent text. */
#define TEXT_ABSENT UINT32_MAX

static enum error_code put_uint(struct buf *out, uint64_t v, unsigned width)
{
	uint8_t bytes[8];
	for (unsigned i = 0; i < width; i++)
		bytes[i] = (uint8_t)(v >> (8 * i));
	return buf_add(out, bytes, width);
}

static enum error_code put_text(struct buf *out, struct text t)
{
	if (!t.p)
		return put_uint(out, TEXT_ABSENT, 4);
	size_t n = t.n < FACT_TEXT_MAX ? t.n : FACT_TEXT_MAX;
	enum error_code code = put_uint(out, n, 4);
	return code ? code : buf_add(out, t.p, n);
}

enum error_code fact_encode(enum fact_type type, const void *row, struct buf *out)
{
	const struct fact_table *table = &fact_tables[type];
	for (size_t i = 0; i < table->ncolumns; i++) {
		const struct fact_column *c = &table->columns[i];
		const void *field = (const char *)row + c->at;
		enum error_code code = c->type == FACT_TEXT ? put_text(out, *(const struct text *)field)
		                                            : put_uint(out, (uint64_t)*(const int64_t *)field, 8);
		if (code)
			return code;
	}
	return ERR_NONE;
}

static bool take_text(struct reader *r, struct text *t)
{
	uint32_t n = rd_u32(r);
	if (n == TEXT_ABSENT) {
		*t = TEXT_NONE;
		return rd_ok(r);
	}
	if (n > FACT_TEXT_MAX)
		return false;
	*t = text_from_span(rd_bytes(r, n));
	return rd_ok(r);
}

bool fact_decode(enum fact_type type, struct span wire, void *row)
{
	if ((unsigned)type >= FACT_TYPES)
		return false;
	const struct fact_table *table = &fact_tables[type];
	struct reader r = reader_le(wire);
	for (size_t i = 0; i < table->ncolumns; i++) {
		const struct fact_column *c = &table->columns[i];
		void *field = (char *)row + c->at;
		if (c->type == FACT_TEXT) {
			if (!take_text(&r, field))
				return false;
			continue;
		}
		int64_t v = (int64_t)rd_u64(&r);
		if (c->type == FACT_BOOL && v != 0 && v != 1 && v != FACT_NULL)
			return false;
		*(int64_t *)field = v;
	}
	return rd_ok(&r) && rd_left(&r) == 0;
}

void emit_error(struct sink *sink, const struct error *error)
{
	emit_damage(sink, &(struct fact_damage){
	                      .offset = error->offset == UINT64_MAX ? FACT_NULL : (int64_t)error->offset,
	                      .kind = text_c(error_word(error->code)),
	                      .what = text_c(error->text),
	                  });
}

__attribute__((format(printf, 4, 0))) static void emit_damage_va(struct sink *sink, enum error_code code,
																 uint64_t offset, const char *format, va_list args)
{
	char text[256];
	vsnprintf(text, sizeof text, format, args);
	struct error e = error_at(code, offset, "%s", text);
	emit_error(sink, &e);
}

void emit_damage_at(struct sink *sink, enum error_code code, uint64_t offset, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	emit_damage_va(sink, code, offset, format, args);
	va_end(args);
}

void emit_damage_capped(struct sink *sink, unsigned *count, enum error_code code, uint64_t offset, const char *format,
						...)
{
	if ((*count)++ >= DAMAGE_MAX)
		return;
	va_list args;
	va_start(args, format);
	emit_damage_va(sink, code, offset, format, args);
	va_end(args);
}

void emit_damage_further(struct sink *sink, unsigned count)
{
	if (count > DAMAGE_MAX)
		emit_damage_at(sink, ERR_CORRUPT, UINT64_MAX, "%u further damages", count - DAMAGE_MAX);
}

void emit_header_field(struct sink *sink, uint64_t offset, const char *name, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	emit_header(sink, &(struct fact_header){
	                      .offset = offset == UINT64_MAX ? FACT_NULL : (int64_t)offset,
	                      .name = text_c(name),
	                      .value = text_c(text),
	                  });
}

static void copy_texts(struct arena *arena, const struct fact_table *table, void *row)
{
	for (size_t i = 0; i < table->ncolumns; i++) {
		if (table->columns[i].type != FACT_TEXT)
			continue;
		struct text *t = (struct text *)((char *)row + table->columns[i].at);
		if (t->p)
			t->p = arena_strdup(arena, *t);
		if (!t->p)
			t->n = 0;
	}
}

static void list_emit(struct sink *sink, enum fact_type type, const void *row)
{
	struct fact_list *list = (struct fact_list *)sink; /* the sink is its first member */
	struct fact_row *r = ARENA_NEW(list->arena, struct fact_row);
	void *copy = arena_alloc(list->arena, 1, fact_tables[type].size);
	if (!r || !copy)
		return;
	memcpy(copy, row, fact_tables[type].size);
	copy_texts(list->arena, &fact_tables[type], copy);
	*r = (struct fact_row){ .type = type, .row = copy };
	if (list->last)
		list->last->next = r;
	else
		list->first = r;
	list->last = r;
	list->n++;
}

void fact_list_init(struct fact_list *list, struct arena *arena)
{
	*list = (struct fact_list){ .sink = { list_emit }, .arena = arena };
}

const void *fact_list_get(const struct fact_list *list, enum fact_type type, size_t i)
{
	for (const struct fact_row *r = list->first; r; r = r->next)
		if (r->type == type && i-- == 0)
			return r->row;
	return NULL;
}

size_t fact_list_count(const struct fact_list *list, enum fact_type type)
{
	size_t n = 0;
	for (const struct fact_row *r = list->first; r; r = r->next)
		n += r->type == type;
	return n;
}

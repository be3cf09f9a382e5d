/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/rows.h"

#include <string.h>

#define CELL_MAX COMBOS_NAME_MAX
#define ROWS_MAX (1u << 20)
#define CELLS_MAX (1u << 27)

void combos_parameter_name(const struct combos_model *m, uint32_t p, char *out)
{
	if (m->names && m->names[p])
		snprintf(out, COMBOS_NAME_MAX, "%s", m->names[p]);
	else
		snprintf(out, COMBOS_NAME_MAX, "p%u", p + 1);
}

void combos_value_name(const struct combos_model *m, uint32_t symbol, char *out)
{
	if (m->values && m->values[symbol])
		snprintf(out, COMBOS_NAME_MAX, "%s", m->values[symbol]);
	else
		snprintf(out, COMBOS_NAME_MAX, "%u", symbol);
}

const char *combos_alias(const struct combos_model *m, uint32_t symbol, uint32_t turn)
{
	const char *names = m->aliases ? m->aliases[symbol] : NULL;
	uint32_t n = 0;
	for (const char *at = names; at && *at; at += strlen(at) + 1)
		n++;
	turn = n ? turn % (n + 1) : 0;
	for (; turn > 1; turn--)
		names += strlen(names) + 1;
	return turn ? names : NULL;
}

static void write_cell(FILE *out, const char *text, bool last)
{
	if (!strpbrk(text, ",\"\r\n") && text[0] != ' ') {
		fputs(text, out);
	} else {
		putc('"', out);
		for (; *text; text++) {
			if (*text == '"')
				putc('"', out);
			putc(*text, out);
		}
		putc('"', out);
	}
	putc(last ? '\n' : ',', out);
}

void combos_write_csv(FILE *out, const struct combos_model *m, const struct combos_array *a)
{
	char text[CELL_MAX];
	for (uint32_t p = 0; p < m->nparameters; p++) {
		combos_parameter_name(m, p, text);
		write_cell(out, text, p + 1 == m->nparameters);
	}
	for (uint32_t r = 0; r < a->nrows; r++) {
		uint32_t first = 0;
		for (uint32_t p = 0; p < m->nparameters; p++) {
			uint32_t symbol = first + a->values[(size_t)r * m->nparameters + p];
			const char *alias = combos_alias(m, symbol, r);
			combos_value_name(m, symbol, text);
			write_cell(out, alias ? alias : text, p + 1 == m->nparameters);
			first += m->levels[p];
		}
	}
}

struct csv {
	struct span text;
	size_t at;
	uint32_t line, column;
	char separator;
	const struct names *names;
	char cell[CELL_MAX];
	bool ends_line;
	struct error error;
};

static struct error csv_error(const struct csv *c, const char *what)
{
	return error_at(ERR_USAGE, c->at, "line %u, column %u: %s: \"%.48s\"", c->line, c->column, what, c->cell);
}

static void take_byte(struct csv *c, size_t *n, char byte)
{
	if (*n + 1 < CELL_MAX)
		c->cell[(*n)++] = byte;
	else if (!error_is(&c->error))
		c->error = csv_error(c, "a cell is longer than 4095 bytes");
}

/* Reads one cell and what ends it. */
static void next_cell(struct csv *c)
{
	size_t n = 0;
	bool quoted = c->at < c->text.n && c->text.p[c->at] == '"';
	c->at += quoted;
	for (; c->at < c->text.n; c->at++) {
		char b = (char)c->text.p[c->at];
		if (quoted && b == '"') {
			if (c->at + 1 < c->text.n && c->text.p[c->at + 1] == '"') {
				c->at++;
			} else {
				quoted = false;
				continue;
			}
		} else if (!quoted && (b == c->separator || b == '\n')) {
			break;
		} else if (!quoted && b == '\r' && c->at + 1 < c->text.n && c->text.p[c->at + 1] == '\n') {
			continue;
		}
		take_byte(c, &n, b);
	}
	c->cell[n] = '\0';
	if (quoted && !error_is(&c->error))
		c->error = csv_error(c, "a quotation mark is not closed");
	c->ends_line = c->at >= c->text.n || c->text.p[c->at] == '\n';
	c->at += c->at < c->text.n;
}

/* Names of parameters and values, found at once however many there are. */
struct name {
	const char *text;
	uint32_t parameter; /* that it is a value of; NAMES_PARAMETER: it is one itself */
	uint32_t number;
};

#define NAMES_PARAMETER UINT32_MAX

struct names {
	const struct combos_model *model;
	const uint32_t *first;
	struct name *table;
	uint32_t mask;
};

/* FNV-1a, over the owner and the text. */
static uint32_t hash_name(const char *text, uint32_t parameter)
{
	uint32_t h = (2166136261u ^ parameter) * 16777619u;
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 16777619u;
	return h ^ h >> 15;
}

static struct name *slot_of(const struct names *n, const char *text, uint32_t parameter)
{
	uint32_t i = hash_name(text, parameter) & n->mask;
	while (n->table[i].text && (n->table[i].parameter != parameter || strcmp(n->table[i].text, text) != 0))
		i = (i + 1) & n->mask;
	return &n->table[i];
}

/* The first of several that are called the same counts. */
static void add_name(struct names *n, const char *text, uint32_t parameter, uint32_t number)
{
	struct name *slot = slot_of(n, text, parameter);
	if (!slot->text)
		*slot = (struct name){ text, parameter, number };
}

static uint32_t count_names(const struct combos_model *m, uint32_t nsymbols)
{
	uint32_t n = m->nparameters + nsymbols;
	for (uint32_t s = 0; s < nsymbols && m->aliases; s++)
		for (const char *at = m->aliases[s]; at && *at; at += strlen(at) + 1)
			n++;
	return n;
}

static bool index_names(struct names *n, const struct combos_model *m, const uint32_t *first, struct arena *arena)
{
	uint32_t size = 16, count = count_names(m, first[m->nparameters]);
	while (size < 2 * count)
		size *= 2;
	*n = (struct names){ m, first, ARENA_ARRAY(arena, struct name, size), size - 1 };
	if (!n->table)
		return false;
	for (uint32_t p = 0; p < m->nparameters && m->names; p++)
		if (m->names[p])
			add_name(n, m->names[p], NAMES_PARAMETER, p);
	for (uint32_t p = 0; p < m->nparameters && m->values; p++)
		for (uint32_t v = 0; v < m->levels[p]; v++)
			add_name(n, m->values[first[p] + v], p, v);
	for (uint32_t p = 0; p < m->nparameters && m->aliases; p++)
		for (uint32_t v = 0; v < m->levels[p]; v++)
			for (const char *at = m->aliases[first[p] + v]; at && *at; at += strlen(at) + 1)
				add_name(n, at, p, v);
	return true;
}

/* A number as it is written without leading zeros; UINT32_MAX: it is none. */
static uint32_t plain_number(const char *text)
{
	uint32_t v = 0;
	for (const char *c = text; *c; c++) {
		if (*c < '0' || *c > '9' || v > 100000000u || (*text == '0' && text[1]))
			return UINT32_MAX;
		v = v * 10 + (uint32_t)(*c - '0');
	}
	return *text ? v : UINT32_MAX;
}

static uint32_t find_parameter(const struct names *n, const char *name)
{
	const struct name *slot = slot_of(n, name, NAMES_PARAMETER);
	if (slot->text)
		return slot->number;
	uint32_t number = name[0] == 'p' ? plain_number(name + 1) : UINT32_MAX;
	bool unnamed = number >= 1 && number <= n->model->nparameters && (!n->model->names || !n->model->names[number - 1]);
	return unnamed ? number - 1 : UINT32_MAX;
}

/* Within the parameter. */
static uint32_t find_value(const struct names *n, uint32_t p, const char *value)
{
	if (!n->model->values) {
		uint32_t number = plain_number(value);
		return number != UINT32_MAX && number >= n->first[p] && number < n->first[p + 1] ? number - n->first[p]
																						 : UINT32_MAX;
	}
	const struct name *slot = slot_of(n, value, p);
	return slot->text ? slot->number : UINT32_MAX;
}

static struct error read_header(struct csv *c, const struct combos_model *m, uint32_t *order, bool *there)
{
	for (c->column = 1; c->column <= m->nparameters; c->column++) {
		next_cell(c);
		if (error_is(&c->error))
			return c->error;
		uint32_t p = find_parameter(c->names, c->cell);
		if (p == UINT32_MAX)
			return csv_error(c, "the model has no parameter of that name");
		if (there[p])
			return csv_error(c, "the parameter has a column already");
		there[p] = true;
		order[c->column - 1] = p;
		if (c->ends_line != (c->column == m->nparameters))
			return error_at(ERR_USAGE, c->at, "line %u: %u columns instead of %u", c->line, c->column, m->nparameters);
	}
	return error_none();
}

static struct error read_row(struct csv *c, const struct combos_model *m, const uint32_t *order, uint16_t *row)
{
	for (c->column = 1; c->column <= m->nparameters; c->column++) {
		next_cell(c);
		if (error_is(&c->error))
			return c->error;
		uint32_t p = order[c->column - 1], v = find_value(c->names, p, c->cell);
		if (v == UINT32_MAX)
			return csv_error(c, "the parameter has no such value");
		row[p] = (uint16_t)v;
		if (c->ends_line != (c->column == m->nparameters))
			return error_at(ERR_USAGE, c->at, "line %u: %u columns instead of %u", c->line, c->column, m->nparameters);
	}
	return error_none();
}

static uint32_t count_lines(struct span text)
{
	uint32_t n = 1;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n' && n < UINT32_MAX;
	return n;
}

struct error combos_read_csv(struct span text, const struct combos_model *m, struct arena *arena, uint16_t **rows,
							 uint32_t *nrows)
{
	uint32_t lines = count_lines(text);
	if (lines > ROWS_MAX || (uint64_t)lines * m->nparameters > CELLS_MAX)
		return error_at(ERR_BUDGET, 0, "more than %u rows or %u cells", ROWS_MAX, CELLS_MAX);
	uint32_t *order = ARENA_ARRAY(arena, uint32_t, m->nparameters),
			 *first = ARENA_ARRAY(arena, uint32_t, (size_t)m->nparameters + 1);
	bool *there = ARENA_ARRAY(arena, bool, m->nparameters);
	*rows = ARENA_ARRAY(arena, uint16_t, (size_t)lines * m->nparameters);
	*nrows = 0;
	struct csv *c = ARENA_NEW(arena, struct csv);
	struct names names;
	if (!order || !first || !there || !*rows || !c)
		return error_at(ERR_MEMORY, 0, "no memory for %u rows", lines);
	for (uint32_t p = 0; p < m->nparameters; p++)
		first[p + 1] = first[p] + m->levels[p];
	if (!index_names(&names, m, first, arena))
		return error_at(ERR_MEMORY, 0, "no memory for %u rows", lines);
	c->names = &names;
	c->text = text;
	c->separator = ',';
	c->line = 1;
	struct error e = read_header(c, m, order, there);
	for (c->line = 2; !error_is(&e) && c->at < text.n; c->line++)
		e = read_row(c, m, order, *rows + (size_t)(*nrows)++ * m->nparameters);
	return e;
}

/* Which column is which parameter; UINT32_MAX: none. */
static struct error read_columns(struct csv *c, const struct combos_model *m, struct arena *arena, uint32_t *order,
								 uint32_t *ncolumns, const char **unknown)
{
	bool *there = ARENA_ARRAY(arena, bool, m->nparameters), any = false;
	if (!there)
		return error_at(ERR_MEMORY, 0, "no memory for the columns");
	for (c->column = 1; c->column <= COMBOS_PARAMETERS_MAX; c->column++) {
		next_cell(c);
		if (error_is(&c->error))
			return c->error;
		uint32_t p = find_parameter(c->names, c->cell);
		if (p != UINT32_MAX && there[p])
			return csv_error(c, "the parameter has a column already");
		any |= p != UINT32_MAX;
		if (p != UINT32_MAX)
			there[p] = true;
		else if (!*unknown && !(*unknown = arena_strdup(arena, text_c(c->cell))))
			return error_at(ERR_MEMORY, 0, "no memory for the columns");
		order[c->column - 1] = p;
		*ncolumns = c->column;
		if (c->ends_line)
			return any ? error_none() : csv_error(c, "no column is a parameter of the model");
	}
	return csv_error(c, "too many columns");
}

static struct error read_cells(struct csv *c, const struct combos_model *m, const uint32_t *order, uint32_t ncolumns,
							   uint16_t *row)
{
	for (uint32_t p = 0; p < m->nparameters; p++)
		row[p] = COMBOS_OPEN;
	for (c->column = 1; c->column <= ncolumns; c->column++) {
		next_cell(c);
		if (error_is(&c->error))
			return c->error;
		uint32_t p = order[c->column - 1];
		uint32_t v = p == UINT32_MAX ? COMBOS_OPEN : find_value(c->names, p, c->cell);
		if (v == UINT32_MAX && c->cell[0])
			return csv_error(c, "the parameter has no such value");
		if (p != UINT32_MAX)
			row[p] = (uint16_t)(v == UINT32_MAX ? COMBOS_OPEN : v);
		if (c->ends_line)
			return error_none();
	}
	return error_at(ERR_USAGE, c->at, "line %u: more columns than the first line has", c->line);
}

struct error combos_read_partial(struct span text, const struct combos_model *m, struct arena *arena, uint16_t **rows,
								 uint32_t *nrows, const char **unknown)
{
	uint32_t lines = count_lines(text), ncolumns = 0;
	if (lines > ROWS_MAX || (uint64_t)lines * m->nparameters > CELLS_MAX)
		return error_at(ERR_BUDGET, 0, "more than %u rows or %u cells", ROWS_MAX, CELLS_MAX);
	uint32_t *order = ARENA_ARRAY(arena, uint32_t, COMBOS_PARAMETERS_MAX),
			 *first = ARENA_ARRAY(arena, uint32_t, (size_t)m->nparameters + 1);
	*rows = ARENA_ARRAY(arena, uint16_t, (size_t)lines * m->nparameters);
	*nrows = 0;
	*unknown = NULL;
	struct csv *c = ARENA_NEW(arena, struct csv);
	struct names names;
	if (!order || !first || !*rows || !c)
		return error_at(ERR_MEMORY, 0, "no memory for %u rows", lines);
	for (uint32_t p = 0; p < m->nparameters; p++)
		first[p + 1] = first[p] + m->levels[p];
	if (!index_names(&names, m, first, arena))
		return error_at(ERR_MEMORY, 0, "no memory for %u rows", lines);
	c->names = &names;
	const uint8_t *end = text.n ? memchr(text.p, '\n', text.n) : NULL;
	c->text = text;
	c->separator = text.n && memchr(text.p, '\t', end ? (size_t)(end - text.p) : text.n) ? '\t' : ',';
	c->line = 1;
	struct error e = read_columns(c, m, arena, order, &ncolumns, unknown);
	for (c->line = 2; !error_is(&e) && c->at < text.n; c->line++) {
		if (text.p[c->at] == '\n')
			c->at++;
		else
			e = read_cells(c, m, order, ncolumns, *rows + (size_t)(*nrows)++ * m->nparameters);
	}
	return e;
}

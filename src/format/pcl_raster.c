/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes that go to a printer as rows of a picture in PCL, as HP's updates for inkjet printers do (the language FWUPDATE): the rows one
 * after another are the file, which begins with S-records.
 *
 *     ESC * b [y Y] [m M] n W data     skips rows, sets the method of compression, transfers a row (V: one of its planes)
 *     ESC * r C, ESC E                 the picture ends
 *
 * Small letters end a parameter, capital ones the command. Methods: 0 none, 1 run lengths, 2 PackBits, 3 changes to the row before.
 *
 * Specification: HP PCL 5 Printer Language Technical Reference Manual, chapter 15.
 */
#include <stdlib.h>

#include "format/format.h"

#define ESC 0x1b
#define ROW_MAX (64u << 10)
#define COMMANDS_BEFORE 64u /* the first row comes within so many */
#define TEXT_BEFORE 4096u

struct command {
	char group, type;  /* '*', 'b' */
	uint64_t data;     /* of W and V: where it stands */
	int64_t value;
	char letter;       /* that ends the parameter, as a capital */
	bool last;         /* it ends the command */
};

struct raster {
	struct span in;
	uint64_t at;
	char group, type; /* of a command that goes on; 0: a new one begins */
	unsigned method;
	uint8_t *row; /* the one before: its length and its bytes */
	size_t n;
};

static bool read_value(struct span s, uint64_t *at, int64_t *value)
{
	bool minus = span_has(s, *at, "-", 1);
	*at += minus || span_has(s, *at, "+", 1);
	*value = 0;
	unsigned digits = 0;
	for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9' && digits < 10; (*at)++, digits++)
		*value = *value * 10 + (s.p[*at] - '0');
	if (minus)
		*value = -*value;
	return digits < 10;
}

/* The next parameter. False where the bytes are no command. Text between commands is what other printers would print. */
static bool next_command(struct raster *r, struct command *c)
{
	struct span s = r->in;
	*c = (struct command){ 0 };
	if (!r->group) {
		const uint8_t *esc = r->at < s.n ? memchr(s.p + r->at, ESC, s.n - r->at) : NULL;
		if (!esc || (uint64_t)(esc - s.p) - r->at > TEXT_BEFORE || (uint64_t)(esc - s.p) + 2 > s.n)
			return false;
		r->at = (uint64_t)(esc - s.p) + 1;
		uint8_t group = s.p[r->at++];
		if (group >= 0x30 && group <= 0x7e) { /* of two characters */
			c->letter = (char)group;
			c->last = true;
			return true;
		}
		if (group < 0x21 || group > 0x2f || r->at >= s.n)
			return false;
		r->group = (char)group;
		r->type = (char)s.p[r->at++];
	}
	c->group = r->group;
	c->type = r->type;
	if (!read_value(s, &r->at, &c->value) || r->at >= s.n)
		return false;
	uint8_t letter = s.p[r->at++];
	c->last = letter >= '@' && letter <= '^';
	if (!c->last && (letter < 0x60 || letter > 0x7e))
		return false;
	c->letter = (char)(c->last ? letter : letter - 0x20);
	c->data = r->at;
	if (c->last)
		r->group = 0;
	return true;
}

static bool is_row(const struct command *c)
{
	return c->group == '*' && c->type == 'b' && (c->letter == 'W' || c->letter == 'V') && c->value >= 0;
}

static bool put_byte(uint8_t *row, size_t *n, uint8_t byte)
{
	if (*n >= ROW_MAX)
		return false;
	row[(*n)++] = byte;
	return true;
}

static bool decode_runs(struct span in, uint8_t *row, size_t *n)
{
	for (size_t i = 0; i + 1 < in.n; i += 2)
		for (unsigned k = 0; k <= in.p[i]; k++)
			if (!put_byte(row, n, in.p[i + 1]))
				return false;
	return in.n % 2 == 0;
}

static bool decode_packbits(struct span in, uint8_t *row, size_t *n)
{
	for (size_t i = 0; i < in.n;) {
		int8_t control = (int8_t)in.p[i++];
		if (control == -128)
			continue;
		unsigned count = control < 0 ? 1u - control : control + 1u;
		if (i + (control < 0 ? 1 : count) > in.n)
			return false;
		for (unsigned k = 0; k < count; k++)
			if (!put_byte(row, n, in.p[control < 0 ? i : i + k]))
				return false;
		i += control < 0 ? 1 : count;
	}
	return true;
}

/* Three bits tell how many bytes are replaced, five how many are passed over before them; more of these follow 31 and each 255. */
static bool decode_changes(struct span in, uint8_t *row, size_t *n)
{
	size_t to = 0;
	for (size_t i = 0; i < in.n;) {
		unsigned count = (in.p[i] >> 5) + 1u, skip = in.p[i] & 31u;
		bool more = skip == 31;
		i++;
		while (more && i < in.n) {
			more = in.p[i] == 255;
			skip += in.p[i++];
		}
		to += skip;
		if (more || i + count > in.n || to + count > ROW_MAX)
			return false;
		if (to > *n)
			memset(row + *n, 0, to - *n);
		memcpy(row + to, in.p + i, count);
		to += count;
		i += count;
		*n = to > *n ? to : *n;
	}
	return true;
}

static bool decode_row(struct raster *r, struct span in)
{
	size_t n = 0;
	if (r->method == 3)
		return decode_changes(in, r->row, &r->n);
	bool good = r->method == 1 ? decode_runs(in, r->row, &n) : r->method == 2 ? decode_packbits(in, r->row, &n) : in.n <= ROW_MAX;
	if (r->method == 0 && good) {
		memcpy(r->row, in.p, in.n);
		n = in.n;
	}
	r->n = n;
	return good;
}

static bool raster_probe(struct span at, struct format_match *match)
{
	struct raster r = { .in = at };
	struct command c;
	if (!span_starts(at, "\x1b", 1))
		return false;
	for (unsigned i = 0; i < COMMANDS_BEFORE && next_command(&r, &c); i++)
		if (is_row(&c)) {
			match->size = at.n;
			match->confidence = 60;
			return c.data + (uint64_t)c.value <= at.n;
		}
	return false;
}

/* What is left behind the last command is an end of lines, or a universal exit; more of it is told. */
static struct error rest_of(const struct raster *r, uint64_t from)
{
	while (from < r->in.n && (r->in.p[from] <= ' ' && r->in.p[from] != ESC))
		from++;
	if (from >= r->in.n || span_starts(span_from(r->in, from), "\x1b%-12345X", 9))
		return error_none();
	return error_at(ERR_CORRUPT, from, "%llu bytes behind the last command of PCL are not read", (unsigned long long)(r->in.n - from));
}

static struct error unpack_rows(struct raster *r, struct buf *out)
{
	struct command c;
	uint64_t behind = r->at;
	bool ended = false;
	for (; next_command(r, &c); behind = r->at) {
		if (!c.group && c.letter == 'E' && out->n) {
			ended = true;
			break;
		}
		if (c.group != '*' || (c.type != 'b' && c.type != 'r'))
			continue;
		if (c.type == 'r' && (c.letter == 'C' || c.letter == 'B') && out->n) /* a reset may follow, and then nothing */
			continue;
		if (c.type == 'b' && (c.letter == 'Y' || c.letter == 'M'))
			r->n = c.letter == 'Y' ? 0 : r->n;
		if (c.type == 'b' && c.letter == 'M') {
			if (c.value < 0 || c.value > 3)
				return error_at(ERR_UNSUPPORTED, r->at, "rows are compressed by method %lld", (long long)c.value);
			r->method = (unsigned)c.value;
		}
		if (!is_row(&c))
			continue;
		struct span data = span_sub(r->in, c.data, (uint64_t)c.value);
		if (!data.p)
			return error_at(ERR_TRUNCATED, c.data, "a row of %lld bytes breaks off", (long long)c.value);
		r->at = c.data + data.n;
		if (!decode_row(r, data))
			return error_at(ERR_CORRUPT, c.data, "a row can not be unpacked");
		enum error_code code = buf_add(out, r->row, r->n);
		if (code)
			return error_at(code, c.data, "the rows");
	}
	return rest_of(r, r->at > r->in.n ? r->in.n : ended ? r->at : behind);
}

static struct error raster_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct raster r = { .in = bytes, .row = calloc(1, ROW_MAX) };
	if (!r.row)
		return error_at(ERR_MEMORY, 0, "a row");
	struct error e = unpack_rows(&r, out);
	free(r.row);
	*used = bytes.n;
	return e;
}

const struct format pcl_raster_format = {
	.name = "pcl_raster",
	.kind = FORMAT_ENCODING,
	.title = "bytes as rows of a picture in PCL, in HP's updates",
	.spec = "HP PCL 5 Technical Reference Manual, chapter 15",
	.probe = raster_probe,
	.unpack = raster_unpack,
};

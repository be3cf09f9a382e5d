/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON grammar of RFC 8259, read by a state machine whose stack is a bounded array. The characters of a token come from
 * json_source.c. */
#include "base/json_pull.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json_source.h"

enum state {
	AT_VALUE,
	AT_FIRST_VALUE, /* or ] */
	AT_KEY,
	AT_FIRST_KEY, /* or } */
	AFTER_VALUE,
	AT_END,
	FAILED,
};

#define KEY_SHOWN 56u

/* An open object or array. */
struct frame {
	bool object;
	bool named;          /* an object's member was begun */
	uint8_t key_length;  /* of what is kept for json_pull_path() */
	char key[KEY_SHOWN]; /* the current member */
	uint64_t index;      /* the current element */
};

struct json_pull {
	struct json_source source;
	enum state state;
	enum json_token token;
	struct text text;
	struct json_place place;
	unsigned depth, depth_max;
	struct frame *frames;
	struct error error;
};

static const struct json_limits defaults = { .depth = 64, .string = (size_t)16 << 20, .total = (uint64_t)16 << 30 };

struct json_pull *json_pull_new(json_pull_read read, void *context, const struct json_limits *limits)
{
	struct json_limits l = limits ? *limits : defaults;
	struct json_pull *j = calloc(1, sizeof *j);
	if (!j)
		return NULL;
	j->depth_max = l.depth ? l.depth : defaults.depth;
	if (j->depth_max > JSON_DEPTH_MAX)
		j->depth_max = JSON_DEPTH_MAX;
	j->frames = calloc(j->depth_max, sizeof *j->frames);
	if (!j->frames || !json_source_open(&j->source, read, context, l.string ? l.string : defaults.string,
										l.total ? l.total : defaults.total)) {
		json_pull_free(j);
		return NULL;
	}
	return j;
}

struct json_pull *json_pull_new_span(struct span bytes, const struct json_limits *limits)
{
	struct json_pull *j = json_pull_new(NULL, NULL, limits);
	if (j)
		json_source_set_span(&j->source, bytes);
	return j;
}

void json_pull_free(struct json_pull *j)
{
	if (!j)
		return;
	json_source_close(&j->source);
	free(j->frames);
	free(j);
}

static struct frame *top(struct json_pull *j)
{
	return j->depth ? &j->frames[j->depth - 1] : NULL;
}

static enum json_token failed(struct json_pull *j)
{
	j->error = j->source.error;
	j->state = FAILED;
	return PULL_ERROR;
}

/* "expected X" at the next byte. */
static enum json_token expected(struct json_pull *j, const char *what)
{
	json_source_expected(&j->source, what);
	return failed(j);
}

static enum json_token open_frame(struct json_pull *j, bool object)
{
	if (j->depth == j->depth_max) {
		json_source_fail(&j->source, ERR_BUDGET, "objects and arrays are nested deeper than %u", j->depth_max);
		return failed(j);
	}
	json_source_take(&j->source);
	struct frame *f = &j->frames[j->depth++];
	f->object = object;
	f->named = false;
	f->index = 0;
	j->state = object ? AT_FIRST_KEY : AT_FIRST_VALUE;
	return object ? PULL_OBJECT : PULL_ARRAY;
}

static enum json_token close_frame(struct json_pull *j)
{
	json_source_take(&j->source);
	bool object = top(j)->object;
	j->depth--;
	j->state = AFTER_VALUE;
	return object ? PULL_OBJECT_END : PULL_ARRAY_END;
}

static enum json_token read_literal(struct json_pull *j, const char *word, enum json_token token)
{
	for (const char *p = word; *p; p++)
		if (json_source_peek(&j->source) != *p)
			return expected(j, word);
		else
			json_source_take(&j->source);
	j->state = AFTER_VALUE;
	return token;
}

static enum json_token read_value(struct json_pull *j, int c)
{
	bool ok = true;
	switch (c) {
	case '{':
		return open_frame(j, true);
	case '[':
		return open_frame(j, false);
	case 't':
		return read_literal(j, "true", PULL_TRUE);
	case 'f':
		return read_literal(j, "false", PULL_FALSE);
	case 'n':
		return read_literal(j, "null", PULL_NULL);
	case '"':
		ok = json_source_string(&j->source, &j->text);
		break;
	default:
		if (c != '-' && (c < '0' || c > '9'))
			return expected(j, "a value");
		ok = json_source_number(&j->source, &j->text);
	}
	j->state = AFTER_VALUE;
	return !ok ? failed(j) : c == '"' ? PULL_STRING : PULL_NUMBER;
}

static enum json_token read_key(struct json_pull *j)
{
	struct frame *f = top(j);
	if (!json_source_string(&j->source, &j->text))
		return failed(j);
	f->named = true;
	f->key_length = (uint8_t)(j->text.n < KEY_SHOWN ? j->text.n : KEY_SHOWN);
	if (f->key_length)
		memcpy(f->key, j->text.p, f->key_length);
	j->state = AT_VALUE;
	return PULL_KEY;
}

/* The colon behind a key is read with the value, so that the key's text is still there until then. */
static bool read_colon(struct json_pull *j)
{
	if (json_source_space(&j->source) != ':')
		return false;
	json_source_take(&j->source);
	return true;
}

static enum json_token after_value(struct json_pull *j, int c)
{
	struct frame *f = top(j);
	if (!f) {
		if (c != JSON_SOURCE_END)
			return expected(j, "the end of the document");
		if (error_is(&j->source.error))
			return failed(j);
		j->state = AT_END;
		return PULL_END;
	}
	if (c == (f->object ? '}' : ']'))
		return close_frame(j);
	if (c != ',')
		return expected(j, f->object ? "',' or '}'" : "',' or ']'");
	json_source_take(&j->source);
	f->index++;
	c = json_source_space(&j->source);
	j->place = json_source_place(&j->source);
	if (!f->object)
		return read_value(j, c);
	return c == '"' ? read_key(j) : expected(j, "a member's name in quotes");
}

static enum json_token read_token(struct json_pull *j)
{
	if (j->state == FAILED)
		return PULL_ERROR;
	if (j->state == AT_END)
		return PULL_END;
	if (j->state == AT_VALUE && j->token == PULL_KEY && !read_colon(j))
		return expected(j, "':'");
	int c = json_source_space(&j->source);
	j->place = json_source_place(&j->source);
	switch (j->state) {
	case AFTER_VALUE:
		return after_value(j, c);
	case AT_FIRST_KEY:
		if (c == '}')
			return close_frame(j);
		return c == '"' ? read_key(j) : expected(j, "a member's name in quotes or '}'");
	case AT_FIRST_VALUE:
		return c == ']' ? close_frame(j) : read_value(j, c);
	default:
		return read_value(j, c);
	}
}

enum json_token json_pull_next(struct json_pull *j)
{
	return j->token = read_token(j);
}

enum json_token json_pull_token(const struct json_pull *j)
{
	return j->token;
}

struct text json_pull_text(const struct json_pull *j)
{
	return j->token >= PULL_KEY && j->token <= PULL_NUMBER ? j->text : TEXT_NONE;
}

bool json_pull_skip(struct json_pull *j)
{
	if (j->token == PULL_KEY)
		json_pull_next(j);
	if (j->token != PULL_OBJECT && j->token != PULL_ARRAY)
		return j->token != PULL_ERROR;
	for (unsigned outside = j->depth - 1; j->depth > outside;)
		if (json_pull_next(j) == PULL_ERROR)
			return false;
	return true;
}

struct json_place json_pull_place(const struct json_pull *j)
{
	return j->place;
}

const char *json_pull_path(const struct json_pull *j, char *out, size_t size)
{
	size_t n = 0;
	if (!size)
		return out;
	out[0] = '\0';
	n += (size_t)snprintf(out, size, "$");
	for (unsigned i = 0; i < j->depth && n < size; i++) {
		const struct frame *f = &j->frames[i];
		if (f->object && f->named)
			n += (size_t)snprintf(out + n, size - n, ".%.*s", f->key_length, f->key);
		else if (!f->object)
			n += (size_t)snprintf(out + n, size - n, "[%llu]", (unsigned long long)f->index);
	}
	return out;
}

struct error json_pull_error(const struct json_pull *j)
{
	return j->error;
}

const char *json_pull_token_name(enum json_token token)
{
	static const char *const names[] = {
		"an error",  "the end",
		"an object", "the end of an object",
		"an array",  "the end of an array",
		"a name",    "a string",
		"a number",  "true",
		"false",     "null",
	};
	return names[token];
}

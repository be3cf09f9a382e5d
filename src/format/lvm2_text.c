/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/lvm2.h"

enum token {
	TOKEN_WORD,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_EQUALS,
	TOKEN_LIST,
	TOKEN_LIST_END,
	TOKEN_COMMA,
	TOKEN_END,
	TOKEN_BAD
};

static bool in_word(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("_.+-/@:", c));
}

static void skip_blanks(struct lvm_text *t)
{
	bool comment = false;
	for (; t->at < t->text.n; t->at++) {
		uint8_t c = t->text.p[t->at];
		comment = c == '#' || (comment && c != '\n');
		if (!comment && c != ' ' && c != '\t' && c != '\n' && c != '\r')
			return;
	}
}

/* A string without its quotes; what is escaped in it stays as it is written. */
static enum token read_string(struct lvm_text *t, struct text *word)
{
	size_t start = ++t->at;
	while (t->at < t->text.n && t->text.p[t->at] != '"')
		t->at += t->text.p[t->at] == '\\' ? 2 : 1;
	if (t->at >= t->text.n)
		return TOKEN_BAD;
	*word = text_of((const char *)t->text.p + start, t->at - start);
	t->at++;
	return TOKEN_WORD;
}

static enum token next_token(struct lvm_text *t, struct text *word)
{
	static const char marks[] = "{}=[],";
	static const enum token tokens[] = {
		TOKEN_OPEN, TOKEN_CLOSE, TOKEN_EQUALS, TOKEN_LIST, TOKEN_LIST_END, TOKEN_COMMA
	};
	skip_blanks(t);
	if (t->at >= t->text.n || !t->text.p[t->at])
		return TOKEN_END;
	uint8_t c = t->text.p[t->at];
	const char *mark = strchr(marks, c);
	if (mark) {
		t->at++;
		return tokens[mark - marks];
	}
	if (c == '"')
		return read_string(t, word);
	size_t start = t->at;
	while (t->at < t->text.n && in_word(t->text.p[t->at]))
		t->at++;
	*word = text_of((const char *)t->text.p + start, t->at - start);
	return word->n ? TOKEN_WORD : TOKEN_BAD;
}

static enum lvm_event read_list(struct lvm_text *t)
{
	struct text word;
	for (;;) {
		enum token token = next_token(t, &word);
		if (token == TOKEN_LIST_END)
			return LVM_VALUE;
		if (token != TOKEN_WORD && token != TOKEN_COMMA)
			return LVM_BROKEN;
		if (token == TOKEN_WORD && t->nvalues < LVM_VALUES)
			t->values[t->nvalues++] = word;
	}
}

static enum lvm_event read_value(struct lvm_text *t)
{
	t->nvalues = 0;
	enum token token = next_token(t, &t->values[0]);
	if (token == TOKEN_LIST)
		return read_list(t);
	t->nvalues = 1;
	return token == TOKEN_WORD ? LVM_VALUE : LVM_BROKEN;
}

enum lvm_event lvm_next(struct lvm_text *t)
{
	struct text word;
	if (t->closing) {
		t->closing = false;
		t->depth--;
	}
	switch (next_token(t, &word)) {
	case TOKEN_END:
		return t->depth ? LVM_BROKEN : LVM_END;
	case TOKEN_CLOSE:
		t->closing = t->depth > 0;
		return t->depth ? LVM_CLOSE : LVM_BROKEN;
	case TOKEN_WORD:
		break;
	default:
		return LVM_BROKEN;
	}
	t->key = word;
	switch (next_token(t, &word)) {
	case TOKEN_EQUALS:
		return read_value(t);
	case TOKEN_OPEN:
		if (t->depth == LVM_DEPTH)
			return LVM_BROKEN;
		t->path[t->depth++] = t->key;
		return LVM_OPEN;
	default:
		return LVM_BROKEN;
	}
}

bool lvm_number(struct text value, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] < '0' || value.p[i] > '9' || *number > UINT64_MAX / 16)
			return false;
		*number = *number * 10 + (uint64_t)(value.p[i] - '0');
	}
	return value.n > 0;
}

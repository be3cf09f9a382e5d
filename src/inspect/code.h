/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens of Lua, PHP, Python and Perl: one lexer with what differs between them in a table. */
#ifndef ASSAY_INSPECT_CODE_H
#define ASSAY_INSPECT_CODE_H

#include "base/arena.h"
#include "base/span.h"

enum code_kind {
	CODE_END,
	CODE_NEWLINE, /* that ends a statement: Python */
	CODE_NAME,    /* without its sigil */
	CODE_NUMBER,
	CODE_STRING, /* the text between its delimiters */
	CODE_OPERATOR,
};

struct code_token {
	enum code_kind kind;
	char sigil;        /* of a name: $, @, %; or '\0' */
	bool interpolates; /* of a string: variables in it are replaced */
	bool command;      /* of a string: a shell runs it (`...`, qx) */
	bool regex;        /* of a string: a pattern, or a substitution */
	uint32_t column;   /* of the first token of a line, from 0; otherwise UINT32_MAX */
	int64_t line;
	struct text text;
	const char *from, *to; /* as written, delimiters and all */
};

enum code_features {
	CODE_LUA = 1,    /* --[[ ]], [==[ ]==], [[ ]] */
	CODE_PHP = 2,    /* <?php ?>, <<<HEREDOC, $name */
	CODE_PYTHON = 4, /* """ """, prefixes, lines and columns */
	CODE_PERL = 8,   /* q qq qw qx m s tr, POD, <<HEREDOC, $ @ % */
};

struct code_language {
	unsigned features;
	const char *line_comments[3];
	const char *backtick;  /* NULL: no string */
	const char *operators; /* of several characters, separated by spaces, longer ones first */
};

/* All tokens, ended by one of CODE_END. NULL: out of memory, or more than `limit`; then *n is the limit. */
struct code_token *code_tokens(struct arena *arena, const struct code_language *language, struct text source,
							   size_t limit, size_t *n);

#endif

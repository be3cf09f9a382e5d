/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens of the POSIX shell command language (IEEE Std 1003.1-2017, XCU 2.3), with the few extensions of ash and bash
 * that start-up scripts use. Nothing is expanded here. */
#ifndef ASSAY_INSPECT_SHELL_H
#define ASSAY_INSPECT_SHELL_H

#include "base/span.h"

enum shell_kind {
	SHELL_END,
	SHELL_NEWLINE,
	SHELL_WORD,
	SHELL_OPERATOR, /* ; ;; & && | || ( ) */
	SHELL_REDIRECT, /* with its target; the body of a here-document is passed over */
};

struct shell_token {
	enum shell_kind kind;
	struct text text; /* as written, quotes and all */
	int64_t line;
};

#define SHELL_HEREDOCS 8u

struct shell_lexer {
	struct text source;
	size_t at;
	int64_t line;
	struct text heredocs[SHELL_HEREDOCS]; /* delimiters whose bodies begin after this line */
	bool heredoc_tabs[SHELL_HEREDOCS];    /* <<-: there may be tabs before the delimiter */
	unsigned nheredocs;
	struct text bodies[SHELL_HEREDOCS]; /* of the line that ended last */
	int64_t body_lines[SHELL_HEREDOCS];
	bool broken; /* a quote or a substitution was never closed: there are no more tokens */
};

/* `line` is the number of the first line of `source`. */
void shell_begin(struct shell_lexer *lexer, struct text source, int64_t line);
void shell_next(struct shell_lexer *lexer, struct shell_token *token);

/* What a redirection of input gives, which has just been read: the body of a here-document, or the word of a here-string (<<<) as written;
 * p == NULL: it is neither. `line`: where that begins. */
struct text shell_input(const struct shell_lexer *lexer, const struct shell_token *redirect, int64_t *line);

/* Whether a process substitution of bash, <(...) or >(...), begins at `at`. */
bool shell_is_process(struct text s, size_t at);

/* From an opening quote, "`", "$(", "<(" or "${" at `at` to behind its end; SIZE_MAX when it is never closed. */
size_t shell_skip_nested(struct text s, size_t at);

/* The text without `quote` characters around it. */
struct text shell_unquoted(struct text word);

/* White space between words; files with DOS line ends are read as if they had none. */
static inline bool shell_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Without white space at both ends. */
struct text shell_trim(struct text t);

/* The next word of a line that is split at blanks only; empty at the end. */
struct text shell_field(struct text *rest);

/* The next line without its line end. False when there is none. */
bool shell_line(struct text *rest, struct text *line);

#endif

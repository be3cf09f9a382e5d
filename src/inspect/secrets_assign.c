/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A name that means a secret, an operator, and a value: in configurations, XML, JSON, shell, and in the source of scripts. What is
 * computed, asked for or filled in elsewhere is no value, and words of a program are none.
 */
#include "inspect/secrets_assign.h"

#define NAME_MAX 64u
#define VALUE_MAX 512u

/* ---- reading ---- */

/* The name before the operator at `op`; false when none is right there. */
static bool read_name(const struct secrets *s, uint64_t op, struct assignment *a)
{
	const uint8_t *p = s->subject->bytes.p;
	uint64_t at = op, low = op > 128 ? op - 128 : 0;
	while (at > low && (p[at - 1] == ' ' || p[at - 1] == '\t'))
		at--;
	a->spaced = at < op;
	while (at > low && (p[at - 1] == '"' || p[at - 1] == '\'' || p[at - 1] == ']' || p[at - 1] == ')'))
		at--;
	uint64_t end = at;
	while (at > low && end - at <= NAME_MAX && assignment_is_name((char)p[at - 1]))
		at--;
	a->name = text_from_span(span_sub(s->subject->bytes, at, end - at));
	while (a->name.n && (a->name.p[0] == '.' || a->name.p[0] == '-')) {
		a->name.p++;
		a->name.n--;
	}
	if (!a->name.n || a->name.n > NAME_MAX)
		return false;
	/* The last part of a dotted or dashed option: `--db.password=`. */
	a->xml = at > 0 && p[at - 1] == '<';
	return true;
}

static bool read_quoted(struct span rest, struct assignment *a)
{
	char quote = (char)rest.p[0];
	for (size_t i = 1; i < rest.n && i <= VALUE_MAX; i++) {
		char c = (char)rest.p[i];
		if (c == '\n' || c == '\r' || c == '\0')
			return false;
		if (c == '\\') {
			i++;
		} else if (c == quote) {
			a->value = text_of((const char *)rest.p + 1, i - 1);
			a->quote = quote;
			/* a string that is put together from others */
			size_t k = i + 1;
			while (k < rest.n && (rest.p[k] == ' ' || rest.p[k] == '\t'))
				k++;
			char after = k < rest.n ? (char)rest.p[k] : '\n';
			return after != '+' && after != '.' && after != '%' && after != ':' && after != '?' && after != '$' &&
				   after != '"' && after != '\'' && after != '=';
		}
	}
	return false;
}

static bool read_xml(struct span rest, struct assignment *a)
{
	const uint8_t *end = memchr(rest.p, '<', rest.n < VALUE_MAX ? rest.n : VALUE_MAX);
	if (!end || !span_has(rest, (uint64_t)(end - rest.p) + 1, "/", 1))
		return false;
	a->value = text_of((const char *)rest.p, (size_t)(end - rest.p));
	return true;
}

/* To the end of the line or to a comment; in shell and in queries to the end of the word. */
static bool read_bare(struct span rest, enum secrets_place place, struct assignment *a)
{
	size_t n = 0;
	while (n < rest.n && n < VALUE_MAX && rest.p[n] >= ' ' && rest.p[n] < 0x7f) {
		char c = (char)rest.p[n];
		bool blank = c == ' ';
		if (place != SECRETS_CONFIG &&
			(blank || c == ';' || c == '&' || c == '|' || c == ')' || c == '>' || c == '<' || c == '"' || c == '\''))
			break;
		if (blank && n + 1 < rest.n && (rest.p[n + 1] == '#' || rest.p[n + 1] == ';'))
			break;
		n++;
	}
	if (n == VALUE_MAX || (n < rest.n && rest.p[n] >= 0x7f))
		return false;
	while (n > 0 && (rest.p[n - 1] == ' ' || rest.p[n - 1] == ',' || rest.p[n - 1] == ';'))
		n--;
	a->value = text_from_span(span_sub(rest, 0, n));
	return n > 0;
}

/* ["password", "hashing"], x IN ('old_password', 'plain'): members of a list on this line, and no name with its value. */
static bool is_in_list(const struct secrets *s, uint64_t op)
{
	const uint8_t *p = s->subject->bytes.p;
	uint64_t at = op, low = op > 256 ? op - 256 : 0;
	for (unsigned depth = 0; at > low && p[at - 1] != '\n'; at--) {
		char c = (char)p[at - 1];
		depth += c == ')' || c == ']';
		if (c != '(' && c != '[')
			continue;
		if (depth-- == 0)
			break;
	}
	if (at <= low || p[at - 1] == '\n')
		return false;
	bool square = p[--at] == '[';
	uint64_t end = at;
	while (end > low && (p[end - 1] == ' ' || p[end - 1] == '\t'))
		end--;
	return square || (end > low + 2 && !assignment_is_name((char)p[end - 3]) &&
					  secrets_eq_nocase(text_from_span(span_sub(s->subject->bytes, end - 2, 2)), "in"));
}

static bool read_value(const struct secrets *s, uint64_t op, struct assignment *a)
{
	struct span bytes = s->subject->bytes;
	uint64_t at = op;
	char mark = (char)bytes.p[at];
	unsigned n = 0;
	if (a->xml != (mark == '>') || (mark == ',' && is_in_list(s, op)))
		return false;
	while (at < bytes.n && n < 3 &&
		   (bytes.p[at] == '=' || bytes.p[at] == ':' || bytes.p[at] == '>' || (n == 0 && bytes.p[at] == ','))) {
		at++;
		n++;
		if (a->xml)
			break;
	}
	a->compares = mark == '=' && n > 1 && bytes.p[op + 1] == '=';
	bool blank = false;
	while (!a->xml && at < bytes.n && (bytes.p[at] == ' ' || bytes.p[at] == '\t')) {
		at++;
		blank = true;
	}
	struct span rest = span_clip(bytes, at, VALUE_MAX + 64);
	if (!rest.n)
		return false;
	a->at = at + (rest.p[0] == '"' || rest.p[0] == '\'');
	if (a->xml)
		return read_xml(rest, a);
	if (rest.p[0] == '"' || rest.p[0] == '\'')
		return read_quoted(rest, a);
	if (s->place == SECRETS_SHELL)
		return mark == '=' && n == 1 && !blank && !a->spaced && read_bare(rest, s->place, a);
	if (s->place == SECRETS_CONFIG)
		return mark != ',' && mark != '>' && n == 1 && read_bare(rest, s->place, a);
	return s->place == SECRETS_BINARY && mark == '=' && n == 1 && !blank && read_bare(rest, s->place, a);
}

/* ---- judging ---- */

bool secrets_is_commented(const struct secrets *s, struct text line)
{
	size_t i = 0;
	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	if (i >= line.n)
		return false;
	struct text t = text_of(line.p + i, line.n - i);
	return t.p[0] == '#' || (t.p[0] == ';' && s->place == SECRETS_CONFIG) || text_starts(t, "//") ||
		   text_starts(t, "/*") || text_starts(t, "* ") || text_starts(t, "<!--") || text_starts(t, "--");
}

/* Within <!-- -->, which may have begun lines before. */
static bool in_xml_comment(const struct secrets *s, uint64_t at)
{
	uint64_t low = at > 8192 ? at - 8192 : 0;
	struct span before = span_sub(s->subject->bytes, low, at - low);
	const uint8_t *dash;
	for (size_t n = before.n; n > 0 && (dash = memrchr(before.p, '-', n)); n = (size_t)(dash - before.p)) {
		size_t at_dash = (size_t)(dash - before.p);
		if (at_dash > 1 && span_has(before, at_dash - 1, "-->", 3))
			return false;
		if (at_dash > 2 && span_has(before, at_dash - 3, "<!--", 4))
			return true;
	}
	return false;
}

static bool has_bad_character(struct text v, bool spaces)
{
	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];
		if (c < ' ' || c == 0x7f || (c == ' ' && !spaces) || (signed char)c < 0)
			return true;
	}
	return false;
}

/* xmlns:psk="http://..." and name="psk:Color" behind it: the prefix of names of an XML file is no secret, whatever it is
 * called. The element that declares it is at the beginning.
 */
static bool is_xml_prefix(const struct secrets *s, const struct assignment *a)
{
	static const char declares[] = "xmlns:";
	struct span bytes = s->subject->bytes;
	size_t at = (size_t)((const uint8_t *)a->name.p - bytes.p), n = sizeof declares - 1;
	if (at >= n && span_has(bytes, at - n, declares, n))
		return true;
	if (at == 0 || bytes.p[at + a->name.n] != ':' || (bytes.p[at - 1] != '"' && bytes.p[at - 1] != '\''))
		return false;
	struct span head = span_sub(bytes, 0, at < 8192 ? at : 8192);
	const uint8_t *found;
	for (size_t from = 0; (found = memmem(head.p + from, head.n - from, declares, n)); from = (size_t)(found - head.p) + n) {
		size_t behind = (size_t)(found - head.p) + n;
		if (span_has(head, behind, a->name.p, a->name.n) && span_has(head, behind + a->name.n, "=", 1))
			return true;
	}
	return false;
}

/* A passphrase of WPA has at most 63 characters, and the key itself 64 digits (IEEE 802.11, J.4). */
static bool is_too_long(const char *kind, struct text v)
{
	return strcmp(kind, "wifi-psk") == 0 && v.n > 63 && !(v.n == 64 && secrets_is_hex(v));
}

void secrets_assignment(struct secrets *s, uint64_t to)
{
	struct assignment a = { .at = 0 };
	uint64_t op = to - 1;
	if (s->place >= SECRETS_LIBRARY || !read_name(s, op, &a))
		return;
	const char *kind = assignment_kind(a.name), *proof = "assignment";
	if (!kind || is_xml_prefix(s, &a) || !read_value(s, op, &a) || is_too_long(kind, a.value))
		return;
	bool spaces = (strcmp(kind, "wifi-psk") == 0 || strcmp(kind, "passphrase") == 0) && s->place == SECRETS_CONFIG;
	if (a.value.n == 0 || secrets_is_reference(a.value) || secrets_is_keyword(a.value) ||
		has_bad_character(a.value, spaces) || secrets_eq_nocase(a.value, "anonymous"))
		return;
	if (!assignment_holds(s, &a, kind, &proof))
		return;
	if (s->place != SECRETS_BINARY && secrets_is_commented(s, secrets_line(s, a.at)))
		return;
	if ((a.xml || secrets_ends_nocase(s->subject->path, "ml")) && in_xml_comment(s, a.at))
		return;
	bool hash = a.value.n > 3 && a.value.p[0] == '$' && memchr(a.value.p + 1, '$', a.value.n - 1);
	if (hash)
		return;
	secrets_emit(s, &(struct secret){ .at = a.at,
									  .kind = kind,
									  .name = a.name,
									  .value = a.value,
									  .proof = proof,
									  .confidence = s->place == SECRETS_BINARY ? "possible" : "likely",
									  .harmless = secrets_harmless(a.value) });
}

/* The name before the attribute that ends at `to`: that of the element, or what its attribute "name" says. */
static bool read_attribute_name(const struct secrets *s, uint64_t to, struct assignment *a)
{
	const uint8_t *p = s->subject->bytes.p;
	uint64_t at = to - 1, low = to > 128 ? to - 128 : 0;
	while (at > low && p[at - 1] != ' ')
		at--;
	while (at > low && p[at - 1] == ' ')
		at--;
	bool quoted = at > low && p[at - 1] == '"';
	uint64_t end = at -= quoted;
	while (at > low && assignment_is_name((char)p[at - 1]))
		at--;
	a->name = text_from_span(span_sub(s->subject->bytes, at, end - at));
	if (at <= low + (quoted ? 5 : 0) || !a->name.n || a->name.n > NAME_MAX)
		return false;
	return quoted ? secrets_eq_nocase(text_of((const char *)p + at - 6, 6), "name=\"") : p[at - 1] == '<';
}

void secrets_attribute(struct secrets *s, uint64_t to)
{
	struct assignment a = { .at = to };
	struct span rest = span_clip(s->subject->bytes, to, VALUE_MAX);
	if (s->place != SECRETS_CONFIG || !rest.n || !read_attribute_name(s, to, &a))
		return;
	const char *kind = assignment_kind(a.name), *proof = "assignment";
	char quote = rest.p[0] == '"' || rest.p[0] == '\'' ? (char)rest.p[0] : '\0';
	size_t n = quote != 0;
	while (n < rest.n && rest.p[n] >= ' ' && rest.p[n] < 0x7f &&
		   (quote ? (char)rest.p[n] != quote : rest.p[n] != ' ' && rest.p[n] != '>' && rest.p[n] != '/'))
		n++;
	a.value = text_from_span(span_sub(rest, quote != 0, n - (quote != 0)));
	if (!kind || n == rest.n || a.value.n == 0 || secrets_is_reference(a.value) || secrets_is_keyword(a.value) ||
		has_bad_character(a.value, true) || !assignment_holds(s, &a, kind, &proof) || in_xml_comment(s, to))
		return;
	secrets_emit(s, &(struct secret){ .at = to + (quote != 0),
									  .kind = kind,
									  .name = a.name,
									  .value = a.value,
									  .proof = proof,
									  .harmless = secrets_harmless(a.value) });
}

void secrets_directive(struct secrets *s, uint64_t from, uint64_t to)
{
	struct span bytes = s->subject->bytes;
	if (s->place != SECRETS_CONFIG)
		return;
	/* first on its line, or behind one other word (`enable password`) */
	uint64_t at = from;
	while (at > 0 && from - at < 40 &&
		   (assignment_is_name((char)bytes.p[at - 1]) || bytes.p[at - 1] == ' ' || bytes.p[at - 1] == '\t'))
		at--;
	if (at > 0 && bytes.p[at - 1] != '\n')
		return;
	struct text head = text_from_span(span_sub(bytes, at, to - at)), name = head;
	while (name.n && (name.p[0] == ' ' || name.p[0] == '\t'))
		name = text_of(name.p + 1, name.n - 1);
	while (name.n && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t'))
		name.n--;
	if (name.p[0] == '-' ||
		(text_has(name, " ") && !text_starts(name, "enable ") && !text_starts(name, "option ")))
		return;
	struct assignment a = { .at = 0 };
	struct span rest = span_clip(bytes, to, VALUE_MAX);
	size_t blanks = 0;
	while (blanks < rest.n && (rest.p[blanks] == ' ' || rest.p[blanks] == '\t'))
		blanks++;
	rest = span_from(rest, blanks);
	bool quoted = rest.n && (rest.p[0] == '"' || rest.p[0] == '\'');
	if (!rest.n || (quoted ? !read_quoted(rest, &a) : !read_bare(rest, SECRETS_CONFIG, &a)))
		return;
	if (text_starts(a.value, "8 ") || secrets_is_reference(a.value) || secrets_is_keyword(a.value) ||
		has_bad_character(a.value, false) || a.value.n < 3 || strchr("=:({[<", a.value.p[0]))
		return;
	if (text_starts(name, "option "))
		name = text_of(name.p + 7, name.n - 7);
	secrets_emit(s, &(struct secret){ .at = to + blanks + quoted,
									  .kind = "password",
									  .name = name,
									  .value = a.value,
									  .proof = "structure",
									  .harmless = secrets_harmless(a.value) });
}

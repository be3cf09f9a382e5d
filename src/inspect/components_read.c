/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a version around a place where a signature's literal was found. Every step is bounded; none goes back. */
#include "base/package_version.h"
#include "inspect/components.h"
#include "inspect/components_letters.h"

/* Longest version, longest run of padding between two strings. */
#define TOKEN_MAX 64u
#define PADDING_MAX 64u
/* How far behind its beginning a signature's <rest> may reach. */
#define REST_MAX 256u
/* Digits of a number that is no part of a release. */
#define BUILD_MIN 4u

/* No tab, unlike is_printable(): it ends a text that a signature reads. */
static bool is_visible(uint8_t c)
{
	return c >= 0x20 && c < 0x7f;
}

/* Marks that join the parts of a version and never end one. */
static bool is_joint(uint8_t c)
{
	return c == '.' || c == '-' || c == '_' || c == '+' || c == '~';
}

static bool is_token(uint8_t c)
{
	return ascii_is_digit(c) || ascii_is_letter(c) || is_joint(c);
}

/* Whether the eight bytes before `at` are the end of a table of doubles: the highest byte of one, its sign and exponent, is
 * often a mark ('?' of 0.5 and 1.0, '@' of 2.0). Behind it is the rest of the exponent, no character, or nothing but zeros
 * below. */
static bool is_behind_double(struct span bytes, uint64_t at)
{
	static const uint8_t zeros[6] = { 0 };
	if (at < 8 || at % 4 || !memchr("=>?@", bytes.p[at - 1], 4))
		return false;
	return !is_visible(bytes.p[at - 2]) || (at % 8 == 0 && memcmp(bytes.p + at - 8, zeros, sizeof zeros) == 0);
}

/* The digits of a hexadecimal number as a table, without a NUL. */
static bool is_behind_digits(struct span bytes, uint64_t at)
{
	return at >= 16 && at % 16 == 0 && memcmp(bytes.p + at - 16, "0123456789abcdef", 16) == 0;
}

/* The first string of a section may stand behind a table whose last byte looks like a character: a lone mark behind a NUL
 * at an even address, as tables have, the end of a double, or digits. */
bool component_starts_string(struct span bytes, uint64_t at)
{
	if (at == 0 || !is_visible(bytes.p[at - 1]) || is_behind_double(bytes, at) || is_behind_digits(bytes, at))
		return true;
	bool lone = at >= 2 && at % 2 == 0 && bytes.p[at - 2] == 0;
	return lone && !is_token(bytes.p[at - 1]) && !memchr(" %", bytes.p[at - 1], 2); /* "%3.3s" */
}

/* Pushes of registers, as machine code begins a function: "AWAVAUATUSH". */
static bool is_code(struct span s)
{
	size_t n = 0;
	while (n < s.n && memchr("AWVUTSH", s.p[n], 7))
		n++;
	return n == s.n && n > COMPONENT_STRAY_MAX;
}

bool component_is_stray(struct span s)
{
	uint8_t last = s.n ? s.p[s.n - 1] : 0;
	for (size_t i = 0; i < s.n && s.n <= COMPONENT_STRAY_MAX; i++)
		if (s.p[i] >= 'a' && s.p[i] <= 'z')
			return false; /* "Mp3rename" */
	return is_code(s) || (s.n && s.n <= COMPONENT_STRAY_MAX && !ascii_is_letter(last) && !is_joint(last) && !memchr("/ :(\"'`<%", last, 9));
}

/* "ELinks 0.13.2": what looks like a stray "E" is the beginning of a name. */
static bool is_of_name(struct span bytes, uint64_t from)
{
	struct span s = span_clip(bytes, from, TOKEN_MAX);
	size_t n = 0;
	while (n < s.n && (ascii_is_letter(s.p[n]) || ascii_is_digit(s.p[n])))
		n++;
	return n > 0 && component_called(text_from_span(span_clip(s, 0, n))) != NULL;
}

/* In a few strings, one whose first bytes stood before it in the program by chance. */
static bool is_behind_stray(struct span bytes, uint64_t at)
{
	uint64_t from = at;
	while (from > 0 && at - from < TOKEN_MAX && is_visible(bytes.p[from - 1]))
		from--;
	return bytes.n <= COMPONENT_FEW_BYTES && at - from < TOKEN_MAX && component_is_stray(span_sub(bytes, from, at - from)) &&
		   !is_of_name(bytes, from);
}

/* The bytes from `at` on that may stand in a version, without the punctuation behind them. */
static struct text token_at(struct span bytes, uint64_t at, bool epoch)
{
	struct span s = span_clip(bytes, at, TOKEN_MAX);
	size_t n = 0;
	while (n < s.n && (is_token(s.p[n]) || (epoch && s.p[n] == ':')))
		n++;
	while (n > 0 && is_joint(s.p[n - 1]))
		n--;
	return text_from_span(span_clip(s, 0, n));
}

/* A version has two parts at least: a lone number says too little. */
static struct text version_at(struct span bytes, uint64_t at)
{
	struct text t = token_at(bytes, at, false);
	const char *dot = t.n ? memchr(t.p, '.', t.n) : NULL;
	bool ok = dot && ascii_is_digit((uint8_t)t.p[0]) && dot + 1 < t.p + t.n && ascii_is_digit((uint8_t)dot[1]);
	return ok ? t : TEXT_NONE;
}

/* Go's name for a commit between two releases, or before the first: "0.0.0-20220724010203-0123456789ab" and "1.2.1-0.2022...-..." (Go
 * Modules Reference, Pseudo-versions). A day and a time of 14 digits stand before the commit's digest. */
static bool is_of_commit(struct text version)
{
	size_t digits = 0;
	for (size_t i = 0; i < version.n; i++) {
		if (digits == 14 && version.p[i] == '-')
			return true;
		digits = ascii_is_digit((uint8_t)version.p[i]) ? digits + 1 : 0;
	}
	return false;
}

/* Numbers and dots, and `-rcN` behind them: what a kernel's local version is appended to. */
static struct text release_at(struct span bytes, uint64_t at)
{
	struct text t = version_at(bytes, at);
	size_t n = 0;
	if (is_of_commit(t))
		return TEXT_NONE;
	while (n < t.n && (ascii_is_digit((uint8_t)t.p[n]) || t.p[n] == '.'))
		n++;
	while (n > 0 && t.p[n - 1] == '.')
		n--;
	if (t.n - n > 3 && memcmp(t.p + n, "-rc", 3) == 0 && ascii_is_digit((uint8_t)t.p[n + 3]))
		for (n += 3; n < t.n && ascii_is_digit((uint8_t)t.p[n]); n++)
			;
	return text_of(t.p, n);
}

static bool month_at(struct span bytes, uint64_t at)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct span s = span_sub(bytes, at, 3);
	for (size_t i = 0; s.p && months[i]; i += 3)
		if (memcmp(s.p, months + i, 3) == 0)
			return true;
	return false;
}

/* "7 Apr 2026", "11 Sep 2023": how many bytes. */
static size_t date_length(struct span s)
{
	size_t n = 0;
	while (n < s.n && n < 2 && s.p[n] == ' ')
		n++;
	size_t digits = n;
	while (n < s.n && n < digits + 2 && ascii_is_digit(s.p[n]))
		n++;
	if (n == digits || !span_has(s, n, " ", 1) || !month_at(s, n + 1) || !span_has(s, n + 4, " ", 1))
		return 0;
	struct span year = span_sub(s, n + 5, 4);
	return year.p && ascii_is_digit(year.p[0]) && ascii_is_digit(year.p[3]) ? n + 9 : 0;
}

/* Where the literal stands behind at most `most` printable bytes; UINT64_MAX: nowhere. */
static uint64_t skip_to(struct span bytes, uint64_t at, uint32_t most, const struct component_step *literal)
{
	struct span s = span_clip(bytes, at, (uint64_t)most + literal->n);
	size_t n = 0;
	while (n < s.n && n < most && is_visible(s.p[n]))
		n++;
	s = span_clip(s, 0, (uint64_t)n + literal->n);
	const uint8_t *found = s.p ? memmem(s.p, s.n, component_strings + literal->text, literal->n) : NULL;
	return found ? at + (uint64_t)(found - s.p) : UINT64_MAX;
}

static bool take_text(struct text t, uint64_t *at, struct text *into)
{
	*into = t;
	*at += t.n;
	return t.n > 0;
}

static bool take_length(size_t n, uint64_t *at)
{
	*at += n;
	return n > 0;
}

static bool take_padding(struct span bytes, uint64_t *at)
{
	struct span s = span_clip(bytes, *at, PADDING_MAX);
	size_t n = 0;
	while (n < s.n && s.p[n] == 0)
		n++;
	return take_length(n, at);
}

static bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

/* Moves `*at` behind the bytes of the step's text. A line's end may be a string's end: in a listing of strings nothing else is
 * left of it, and of several that follow one another nothing at all. */
static bool take_literal(const struct component_step *step, struct span bytes, bool loose, uint64_t *at)
{
	const char *text = component_strings + step->text;
	uint64_t here = *at;
	for (size_t i = 0; i < step->n;) {
		bool ends = here >= bytes.n || bytes.p[here] == 0;
		if (here < bytes.n && bytes.p[here] == (uint8_t)text[i]) {
			here++;
			i++;
		} else if (!ends || !loose || !(is_line_end(text[i]) || (here >= bytes.n && i > 0 && text[i] == 0))) {
			return false;
		} else {
			while (i < step->n && is_line_end(text[i]))
				i++;
			while (i < step->n && text[i] && here < bytes.n && bytes.p[here] == 0)
				here++;
			i += i < step->n && text[i] == 0 && here >= bytes.n;
		}
	}
	*at = here;
	return true;
}

/* A number of four digits, as builds have and releases seldom. */
static bool has_build(struct text t)
{
	size_t n = 0;
	for (size_t i = 0; i < t.n && n < BUILD_MIN; i++)
		n = ascii_is_digit((uint8_t)t.p[i]) ? n + 1 : 0;
	return n >= BUILD_MIN;
}

/* "3.4.2", "1.3.5a" where the shape has two or three numbers and no more: other releases have more of them, or a letter. */
static size_t shape_length(struct span s, const char *shape, struct text *version)
{
	size_t n = component_shape(s, shape, version);
	bool open = n > 0 && text_ends(text_c(shape), ".#") && (const char *)s.p + n == version->p + version->n;
	struct text whole = open ? component_version(span_from(s, n - version->n)) : TEXT_NONE;
	if (whole.n <= version->n || has_build(text_of(whole.p + version->n, whole.n - version->n)))
		return n;
	n += whole.n - version->n;
	*version = whole;
	return n;
}

/* Does one step from *at on and moves *at behind what it took. */
static bool take(const struct component_step *step, struct span bytes, uint64_t begin, uint64_t *at,
				 struct component_reading *r)
{
	struct span here = span_from(bytes, *at);
	switch (step->op) {
	case COMPONENT_LITERAL:
		return take_literal(step, bytes, true, at);
	case COMPONENT_LINES:
		return take_literal(step, bytes, r->loose, at);
	case COMPONENT_START:
		return component_starts_string(bytes, *at) || is_behind_stray(bytes, *at);
	case COMPONENT_END:
		return here.n == 0 || here.p[0] == 0 || here.p[0] == '\n' || here.p[0] == '\r';
	case COMPONENT_VERSION:
		return take_text(version_at(bytes, *at), at, &r->version);
	case COMPONENT_RELEASE:
		return take_text(release_at(bytes, *at), at, &r->version);
	case COMPONENT_SHAPE:
		return take_length(shape_length(here, component_strings + step->text, &r->version), at) && r->version.n > 0;
	case COMPONENT_PACKED:
		return take_length(component_packed(here, r), at);
	case COMPONENT_CONSTANT:
		r->version = text_of(component_strings + step->text, step->n);
		return true;
	case COMPONENT_UNKNOWN:
		return true;
	case COMPONENT_REST:
		while (span_sub(bytes, *at, 1).p && is_token(bytes.p[*at]) && *at - begin < REST_MAX)
			(*at)++;
		return true;
	case COMPONENT_PACKAGE:
		return take_text(token_at(bytes, *at, true), at, &r->package) && ascii_is_digit((uint8_t)r->package.p[0]);
	case COMPONENT_SKIP:
		*at = skip_to(bytes, *at, step->n, step + 1);
		return *at != UINT64_MAX;
	case COMPONENT_DATE:
		return take_length(date_length(here), at);
	case COMPONENT_MONTH:
		return month_at(bytes, *at) && take_length(3, at);
	case COMPONENT_NUL:
		return take_padding(bytes, at);
	case COMPONENT_AT:
		*at = r->from = begin + step->n; /* a structure's magic number is no text that shows anything */
		return *at <= bytes.n;
	case COMPONENT_NEAR:
	case COMPONENT_NEAR_VERSION:
	case COMPONENT_NEAR_PACKED:
		return component_near(bytes, begin, *at, step, r);
	}
	return false;
}

/* The release that a distribution's version is of: "6.1.176" of "1:6.1.176-1+rpt1". What stands behind its numbers is the distribution's,
 * too ("3.16.7-ckt11-1"), but for that it is not out yet: "6.17~rc3-1~exp1" is not 6.17. */
static struct text packaged(struct text package)
{
	struct text upstream = package_upstream(package, PACKAGE_DEB);
	struct text release = release_at(span_of((const uint8_t *)upstream.p, upstream.n), 0);
	bool early = release.n < upstream.n && upstream.p[release.n] == '~';
	return early ? upstream : release;
}

bool component_read(const struct component_signature *signature, struct span bytes, uint64_t at, bool loose,
					struct component_reading *reading)
{
	const struct component_step *steps = &component_steps[signature->step];
	uint64_t begin = at;
	bool near = false, known = true;
	*reading = (struct component_reading){ .from = at, .product = &products[signature->product], .loose = loose };
	for (size_t i = 0; i < signature->nsteps; i++) {
		near = near || steps[i].op >= COMPONENT_NEAR;
		reading->far = near;
		if (!take(&steps[i], bytes, begin, &at, reading))
			return false;
		known = known && steps[i].op != COMPONENT_UNKNOWN;
	}
	if (!near)
		reading->end = at;
	if (!reading->version.n && reading->package.n)
		reading->version = packaged(reading->package);
	return !known || reading->version.n > 0;
}

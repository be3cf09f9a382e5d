/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the names of a kernel's functions tell of its options: from kallsyms, whose names are compressed by a table of 256
 * tokens; or, of a kernel without it, from the names that it exports to modules.
 *
 * In the image stand, in this order, the names (each a length and its tokens), where every 256th of them begins, the
 * tokens, and where each of these begins. The last table proves the tokens; the markers prove the names. Addresses are not
 * needed, whose place and form have changed often.
 *
 * Specification: Linux kernel/kallsyms.c, scripts/kallsyms.c (since 2.6.10), include/linux/export.h.
 */
#include "base/holes.h"
#include "inspect/kernel.h"

#define TOKENS 256u
#define TOKEN_MAX 512u
#define FIRST_DIGIT 0x30u
#define CHUNK 256u /* names from one marker to the next */
#define MARKERS_MAX 8192u
#define PADDING_MAX 256u
#define LAST_CHUNK_MAX (CHUNK * 130u)
#define ORDER_MAX (3u << 18)
#define STEPS_MAX (4u << 20)
#define SYMBOLS_MIN 2000u
#define NAME_MAX_SYMBOL 512u
#define EXPORTS_MIN 200u
#define KNOWN_MAX 96u

struct kallsyms {
	struct span bytes;
	bool big;
	uint64_t tokens;        /* where the token table begins */
	uint16_t token[TOKENS]; /* where in it each does */
	uint64_t markers;
	unsigned width; /* of a marker */
	size_t nmarkers;
	uint64_t names;
	uint32_t count;
	uint64_t steps; /* of looking for markers and names */
};

static uint64_t number_at(const struct kallsyms *k, uint64_t at, unsigned width)
{
	struct reader r = reader_of(span_sub(k->bytes, at, width), k->big);
	return rd_uint(&r, width);
}

static uint64_t marker(const struct kallsyms *k, size_t i)
{
	return number_at(k, k->markers + i * k->width, k->width);
}

/* The tokens from '0' on, as they stand, must be where the index behind them says. */
static bool read_index(struct kallsyms *k, uint64_t digits, const uint64_t *place, uint64_t at)
{
	struct reader r = reader_of(span_sub(k->bytes, at, 2 * TOKENS), k->big);
	for (unsigned i = 0; i < TOKENS; i++)
		k->token[i] = rd_u16(&r);
	if (!rd_ok(&r) || k->token[0] != 0 || k->token[FIRST_DIGIT] > digits)
		return false;
	k->tokens = digits - k->token[FIRST_DIGIT];
	for (unsigned i = FIRST_DIGIT; i < TOKENS; i++)
		if (k->tokens + k->token[i] != place[i])
			return false;
	for (unsigned i = 1; i <= FIRST_DIGIT; i++)
		if (k->token[i] <= k->token[i - 1] || !span_has(k->bytes, k->tokens + k->token[i] - 1, "", 1))
			return false;
	return true;
}

static bool read_tokens(struct kallsyms *k, uint64_t digits)
{
	uint64_t place[TOKENS] = { 0 }, at = digits;
	for (unsigned i = FIRST_DIGIT; i < TOKENS; i++) {
		struct span s = span_clip(k->bytes, at, TOKEN_MAX);
		struct text t = text_terminated(s);
		if (!t.p)
			return false;
		place[i] = at;
		at += t.n + 1;
	}
	for (unsigned pad = 0; pad < PADDING_MAX; pad++)
		for (unsigned big = 0; big < 2; big++) {
			k->big = big;
			if (read_index(k, digits, place, at + pad))
				return true;
		}
	return false;
}

/* Whether markers end at `end`: numbers that fall, not too fast, to 0. */
static bool markers_end(struct kallsyms *k, uint64_t end)
{
	uint64_t at = end - k->width, before = number_at(k, at, k->width);
	for (k->nmarkers = 1; before && at >= k->width && k->nmarkers < MARKERS_MAX; k->nmarkers++) {
		uint64_t v = number_at(k, at -= k->width, k->width);
		k->steps++;
		if (v >= before || before - v > LAST_CHUNK_MAX || before - v < 2 * CHUNK)
			return false;
		before = v;
	}
	k->markers = at;
	return before == 0 && k->nmarkers > SYMBOLS_MIN / CHUNK;
}

/* Backwards from the tokens: before them is padding, in some versions also an order of the names, of 3 bytes each. */
static bool read_markers(struct kallsyms *k, unsigned width)
{
	k->width = width;
	for (uint64_t end = k->tokens; end > width && k->tokens - end < ORDER_MAX && k->steps < STEPS_MAX; end -= width)
		if (markers_end(k, end))
			return true;
	return false;
}

/* The length in tokens of the name at `*at`, which is moved behind it. */
static unsigned name_length(const struct kallsyms *k, uint64_t *at)
{
	struct span s = span_clip(k->bytes, *at, 2);
	unsigned n = s.n ? s.p[0] : 0;
	*at += 1;
	if (n & 0x80 && s.n > 1) {
		n = (n & 0x7f) | (unsigned)s.p[1] << 7;
		*at += 1;
	}
	return n;
}

/* 256 names from the marker on end where the next one is. */
static bool chunk_fits(struct kallsyms *k, uint64_t names, size_t i)
{
	uint64_t at = names + marker(k, i), end = names + marker(k, i + 1);
	for (unsigned n = 0; n < CHUNK; n++) {
		unsigned length = name_length(k, &at);
		k->steps++;
		if (length == 0 || at + length > end)
			return false;
		at += length;
	}
	return at == end;
}

/* The number of names stands before them, behind padding; it must fit the number of markers. */
static bool read_count(struct kallsyms *k, uint64_t names)
{
	for (uint64_t back = 4; back <= PADDING_MAX + 8 && back <= names; back += 4) {
		k->count = (uint32_t)number_at(k, names - back, 4);
		if (k->count)
			break;
	}
	return k->count && (k->count + CHUNK - 1) / CHUNK == k->nmarkers;
}

static bool find_names(struct kallsyms *k)
{
	uint64_t last = marker(k, k->nmarkers - 1);
	/* both tables are aligned */
	for (uint64_t tail = 4 - last % 4; tail < LAST_CHUNK_MAX && tail + last <= k->markers && k->steps < STEPS_MAX;
		 tail += 4) {
		uint64_t names = k->markers - last - tail;
		size_t i = 0;
		if (!read_count(k, names))
			continue;
		while (i + 1 < k->nmarkers && k->steps < STEPS_MAX && chunk_fits(k, names, i))
			i++;
		if (i + 1 == k->nmarkers) {
			k->names = names;
			return true;
		}
	}
	return false;
}

/* A name without the letter of its type, which is given apart. */
static struct text expand(const struct kallsyms *k, uint64_t at, unsigned length, char *out, char *type)
{
	size_t n = 0;
	struct span tokens = span_sub(k->bytes, at, length);
	for (size_t i = 0; i < tokens.n; i++) {
		struct text t = text_until_nul(span_clip(k->bytes, k->tokens + k->token[tokens.p[i]], TOKEN_MAX));
		if (n + t.n > NAME_MAX_SYMBOL)
			return TEXT_NONE;
		memcpy(out + n, t.p, t.n);
		n += t.n;
	}
	*type = n ? out[0] : 0;
	return n ? text_of(out + 1, n - 1) : TEXT_NONE;
}

static void note(bool *present, struct text name)
{
	for (size_t i = 0; i < kernel_nsymbols && i < KNOWN_MAX; i++)
		if (text_is(name, kernel_symbols[i].symbol))
			present[i] = true;
}

/* "4.14.95" is 4014. */
static unsigned version_number(struct text version)
{
	unsigned part[2] = { 0, 0 };
	for (size_t i = 0, k = 0; i < version.n && k < 2; i++) {
		char c = version.p[i];
		if (c >= '0' && c <= '9' && part[k] < 1000)
			part[k] = part[k] * 10 + (unsigned)(c - '0');
		else
			k++;
	}
	return part[0] * 1000 + (part[1] < 1000 ? part[1] : 0);
}

/* The name that an option had in that version. */
static const char *option_name(const char *option, struct text version)
{
	static const struct {
		const char *name, *before;
		unsigned since;
	} renamed[] = { { "STACKPROTECTOR", "CC_STACKPROTECTOR", 4018 } };
	for (size_t i = 0; i < sizeof renamed / sizeof renamed[0]; i++)
		if (strcmp(renamed[i].name, option) == 0 && version_number(version) < renamed[i].since)
			return renamed[i].before;
	return option;
}

/* One row an option. `complete`: what is not among the names is not there. */
static void emit_options(const bool *present, bool complete, struct text version, struct sink *sink)
{
	for (size_t i = 0; i < kernel_nsymbols && i < KNOWN_MAX; i++) {
		const struct kernel_symbol *s = &kernel_symbols[i];
		bool said = false;
		for (size_t k = 0; k < i; k++)
			said |= present[k] && strcmp(kernel_symbols[k].option, s->option) == 0;
		if (said || (!present[i] && !(complete && s->absence)))
			continue;
		const char *option = option_name(s->option, version);
		const struct kernel_knob *knob = kernel_knob(kernel_options, text_c(option));
		char name[64] = "CONFIG_";
		size_t n = strlen(option);
		if (!knob || n > sizeof name - 8)
			continue;
		memcpy(name + 7, option, n);
		emit_kernel_option(sink, &(struct fact_kernel_option){
									 .line = FACT_NULL,
									 .name = text_of(name, n + 7),
									 .value = present[i] ? TEXT_LIT("y") : TEXT_LIT("n"),
									 .origin = TEXT_LIT("symbols"),
									 .recommended = text_c(knob->recommended),
									 .recommended_by = text_c(knob->by),
									 .topic = text_c(knob->topic),
								 });
	}
}

/* Weak symbols stand for what is not there. */
static void read_names(const struct kallsyms *k, bool *present)
{
	char out[NAME_MAX_SYMBOL], type;
	uint64_t at = k->names;
	for (uint32_t i = 0; i < k->count && at < k->markers; i++) {
		unsigned length = name_length(k, &at);
		struct text name = expand(k, at, length, out, &type);
		if (name.n && type != 'w' && type != 'W')
			note(present, name);
		at += length;
	}
}

bool kernel_symbols_read(const struct subject *s, struct text version, uint64_t digits, struct sink *sink)
{
	struct kallsyms *k = ARENA_NEW(s->arena, struct kallsyms);
	bool present[KNOWN_MAX] = { false };
	if (!k)
		return false;
	k->bytes = s->bytes;
	if (!read_tokens(k, digits))
		return false;
	bool found = (read_markers(k, 4) && find_names(k)) || (read_markers(k, 8) && find_names(k));
	if (!found)
		return false;
	read_names(k, present);
	emit_options(present, true, version, sink);
	return true;
}

static bool is_identifier(uint8_t c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void kernel_exports_read(const struct subject *s, struct text version, struct sink *sink)
{
	static const char anchor[] = "\0register_netdev"; /* with the NUL behind it */
	bool present[KNOWN_MAX] = { false };
	const uint8_t *p = holes_memmem(s->bytes, anchor, sizeof anchor);
	if (!p)
		return;
	uint64_t from = (uint64_t)(p - s->bytes.p), to = from, strings = 0;
	for (unsigned nuls = 0; from > 0 && nuls < 8; from--) {
		nuls = s->bytes.p[from - 1] ? 0 : nuls + 1;
		if (nuls == 0 && !is_identifier(s->bytes.p[from - 1]))
			break;
	}
	while (from < to && s->bytes.p[from]) /* the first one may be the end of another string */
		from++;
	for (to = from; to < s->bytes.n; strings++) {
		while (to < s->bytes.n && s->bytes.p[to] == 0)
			to++;
		uint64_t begin = to;
		while (to < s->bytes.n && is_identifier(s->bytes.p[to]))
			to++;
		if (to == begin || to == s->bytes.n || s->bytes.p[to])
			break;
		note(present, text_from_span(span_sub(s->bytes, begin, to - begin)));
	}
	if (strings >= EXPORTS_MIN)
		emit_options(present, false, version, sink);
}

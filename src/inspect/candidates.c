/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/candidates.h"

#include "base/ascii.h"
#include "inspect/credentials.h"

/* A user's name beyond this is no password that anybody typed. */
#define USER_MAX 32

/* Origins that are no string of the table. */
#define ORIGIN_EMPTY 0xffffffffu
#define ORIGIN_USER 0xfffffffeu
#define ORIGIN_VARIANT 0xfffffffdu

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

static void add_variant(struct candidates *c, struct text variant)
{
	for (size_t i = 0; i < c->nvariants; i++)
		if (text_eq(c->variants[i], variant))
			return;
	if (variant.p && c->nvariants < CANDIDATE_VARIANTS)
		c->variants[c->nvariants++] = variant;
}

static void add_suffixed(struct candidates *c, struct text user, const char *suffix, struct arena *arena)
{
	add_variant(c, text_c(arena_printf(arena, "%.*s%s", (int)user.n, user.p, suffix)));
}

/* The name in another spelling. */
static void add_spelled(struct candidates *c, struct text user, char (*first)(char), char (*rest)(char),
						struct arena *arena)
{
	char *copy = arena_strdup(arena, user);
	for (size_t i = 0; copy && i < user.n; i++)
		copy[i] = i ? rest(copy[i]) : first(copy[i]);
	add_variant(c, text_c(copy));
}

static void add_reversed(struct candidates *c, struct text user, struct arena *arena)
{
	char *copy = arena_strdup(arena, user);
	for (size_t i = 0; copy && i < user.n; i++)
		copy[i] = user.p[user.n - 1 - i];
	add_variant(c, text_c(copy));
}

static void make_variants(struct candidates *c, struct text user, struct arena *arena)
{
	static const char *const suffixes[] = { "123", "1234", "1", "12345", "123456" };
	bool usable = user.n > 0 && user.n <= USER_MAX && !memchr(user.p, '\0', user.n);
	if (usable)
		add_suffixed(c, user, "", arena);
	add_variant(c, TEXT_LIT(""));
	if (!usable)
		return;
	add_spelled(c, user, ascii_lower, ascii_lower, arena);
	add_spelled(c, user, upper, ascii_lower, arena);
	add_spelled(c, user, upper, upper, arena);
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
		add_suffixed(c, user, suffixes[i], arena);
	add_reversed(c, user, arena);
}

/* Compares a user of the table with a name in any case. */
static int compare_user(const char *listed, struct text user)
{
	for (size_t i = 0; i < user.n; i++) {
		unsigned char a = (unsigned char)listed[i], b = (unsigned char)ascii_lower(user.p[i]);
		if (a != b || a == '\0')
			return a < b ? -1 : 1;
	}
	return listed[user.n] != '\0';
}

/* The first pair whose user is not less than (or, with `beyond`, greater than) the given one. */
static size_t find_pair(struct text user, bool beyond)
{
	size_t lo = 0, hi = credential_npairs;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = compare_user(credential_text + credential_pairs[mid].user, user);
		if (order < 0 || (beyond && order == 0))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool candidates_init(struct candidates *c, struct text user, struct arena *arena)
{
	*c = (struct candidates){ .seen = ARENA_ARRAY(arena, uint8_t, credential_npasswords / 8 + 1) };
	if (!c->seen)
		return false;
	make_variants(c, user, arena);
	c->pairs_begin = c->pair = find_pair(user, false);
	c->pairs_end = find_pair(user, true);
	return true;
}

static bool take_password(struct candidates *c, size_t index, uint32_t origin, struct candidate *out)
{
	uint8_t bit = (uint8_t)(1u << (index % 8));
	if (c->seen[index / 8] & bit)
		return false;
	c->seen[index / 8] |= bit;
	*out = (struct candidate){ text_c(credential_text + credential_passwords[index].text), origin };
	for (size_t i = 0; i < c->variant; i++)
		if (text_eq(c->variants[i], out->password))
			return false;
	return true;
}

/* Whether one of the pairs so far had this password. */
static bool was_paired(const struct candidates *c, struct text password)
{
	for (size_t i = c->pairs_begin; i < c->pair; i++)
		if (text_is(password, credential_text + credential_passwords[credential_pairs[i].password].text))
			return true;
	return false;
}

static bool next_variant(struct candidates *c, size_t end, struct candidate *out)
{
	while (c->variant < end && c->variant < c->nvariants) {
		struct text v = c->variants[c->variant++];
		*out = (struct candidate){ v, v.n == 0 ? ORIGIN_EMPTY : c->variant == 1 ? ORIGIN_USER : ORIGIN_VARIANT };
		if (!was_paired(c, v))
			return true;
	}
	return false;
}

/* Of a user's pairs those of Mirai stand first. */
static bool next_botnet_pair(struct candidates *c, struct candidate *out)
{
	while (c->pair < c->pairs_end && strcmp(credential_text + credential_pairs[c->pair].origin, "mirai") == 0) {
		const struct credential_pair *pair = &credential_pairs[c->pair++];
		if (take_password(c, pair->password, pair->origin, out))
			return true;
	}
	return false;
}

/* The name itself and nothing, what attacks on devices try, the name in other spellings, and all the rest. */
bool candidates_next(struct candidates *c, struct candidate *out)
{
	if (next_variant(c, 2, out) || next_botnet_pair(c, out) || next_variant(c, c->nvariants, out))
		return true;
	while (c->pair < c->pairs_end) {
		const struct credential_pair *pair = &credential_pairs[c->pair++];
		if (take_password(c, pair->password, pair->origin, out))
			return true;
	}
	while (c->password < credential_npasswords) {
		size_t index = c->password++;
		if (take_password(c, index, credential_passwords[index].origin, out))
			return true;
	}
	return false;
}

struct text candidate_source(const struct candidate *candidate, struct arena *arena)
{
	if (candidate->origin == ORIGIN_EMPTY)
		return TEXT_LIT("empty");
	if (candidate->origin == ORIGIN_USER)
		return TEXT_LIT("user name");
	if (candidate->origin == ORIGIN_VARIANT)
		return TEXT_LIT("user name, varied");
	if (!(candidate->origin & CREDENTIAL_COMMON))
		return text_c(credential_text + candidate->origin);
	return text_c(arena_printf(arena, "common passwords #%u", candidate->origin & ~CREDENTIAL_COMMON));
}

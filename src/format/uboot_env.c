/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U-Boot environments: a CRC-32, in redundant ones a flag byte, then "name=value" strings, each ended by a NUL and all
 * by another. What follows them up to the environment's size belongs to the CRC; the size stands nowhere.
 *
 * Specification: U-Boot include/env_internal.h (struct environment_s), env/common.c.
 */

#include "base/ascii.h"
#include "base/hash.h"
#include "base/work.h"
#include "format/region.h"

#define CRC_SIZE 4u
#define SIZE_STEP 256u /* sizes are multiples of it */
#define SIZE_MAX_ENV (512u << 10)
#define SIZE_UNFILLED (16u << 10)
#define TEXT_MAX (64u << 10) /* variables in all */
#define VARIABLES_MAX 2048u

/* Variables that every environment has one of. */
static const struct format_magic env_magics[] = {
	MAGIC("bootcmd=", 0), MAGIC("bootargs=", 0), MAGIC("bootdelay=", 0), MAGIC("baudrate=", 0), MAGIC_END,
};

struct environment {
	uint64_t size;    /* of the whole, header included */
	unsigned header;  /* bytes before the variables: 4, or 5 with a flag */
	bool big;         /* the CRC's byte order */
	struct span text; /* the variables, their last NUL included */
};

static bool names_variable(struct span at)
{
	for (const struct format_magic *m = env_magics; m->bytes; m++)
		if (span_starts(at, m->bytes, m->n))
			return true;
	return false;
}

/* Where the run of strings begins that the variable at `hit` is in. False when an earlier variable of the run is a hit
 * too: that one has been asked, and the run is looked at once. Nor is it a variable's name what stands neither behind a
 * NUL nor right behind a header. */
static bool text_start(struct span all, uint64_t hit, uint64_t *start)
{
	bool first_one = hit > 0 && ascii_is_text(all.p[hit - 1]);
	uint64_t back = first_one ? CRC_SIZE + 2 : TEXT_MAX, at = hit, lowest = hit > back ? hit - back : 0;
	for (; at > lowest; at--) {
		uint8_t c = all.p[at - 1];
		if (c == 0 && at < all.n && all.p[at] == 0)
			break; /* two NULs: another environment ends here */
		if (c != 0 && !ascii_is_text(c))
			break;
		if (c == 0 && at != hit && names_variable(span_from(all, at)))
			return false;
	}
	if (first_one && hit - at > CRC_SIZE + 1)
		return false;
	for (uint64_t first = at; first < hit && first <= at + CRC_SIZE + 1; first++)
		if (names_variable(span_from(all, first)))
			return false;
	work_add(16 * (hit - at));
	*start = at;
	return true;
}

/* The strings from offset `at` on: each a name, '=', a value. Gives the bytes that they take, 0 when there are none. */
static size_t text_size(struct span bytes, uint64_t at)
{
	struct span s = span_clip(bytes, at, TEXT_MAX);
	size_t begin = 0;
	for (unsigned n = 0; n < VARIABLES_MAX; n++) {
		const uint8_t *end = begin < s.n ? memchr(s.p + begin, 0, s.n - begin) : NULL;
		if (!end)
			return 0;
		size_t length = (size_t)(end - s.p) - begin;
		if (length == 0)
			return n ? begin : 0;
		const uint8_t *equals = memchr(s.p + begin, '=', length);
		if (!equals || equals == s.p + begin)
			return 0;
		for (size_t i = begin; i < begin + length; i++)
			if (!ascii_is_text(s.p[i]))
				return 0;
		begin += length + 1;
		work_add(2 * length);
	}
	return 0;
}

/* Where the bytes that fill an environment behind its variables end: zeros or ones. What an older U-Boot left there may
 * be anything, for which small sizes are tried too. */
static uint64_t last_size(struct span bytes, uint64_t from)
{
	struct span rest = span_clip(bytes, from, SIZE_MAX_ENV - from);
	size_t n = 0;
	while (n < rest.n && rest.p[n] == rest.p[0] && (rest.p[0] == 0 || rest.p[0] == 0xff))
		n++;
	work_add(n);
	uint64_t end = from + n;
	return end > SIZE_UNFILLED ? end : SIZE_UNFILLED;
}

/* Tries every size that an environment may have, with one pass of the CRC. */
static bool match_crc(struct span bytes, struct environment *env)
{
	uint32_t little = span_u32le(bytes, 0), big = span_u32be(bytes, 0), crc = 0;
	uint64_t done = env->header, text_end = env->header + env->text.n + 1;
	uint64_t first = (text_end + SIZE_STEP - 1) / SIZE_STEP * SIZE_STEP, last = last_size(bytes, text_end);
	for (uint64_t size = first; size <= last && size <= bytes.n; size += SIZE_STEP) {
		crc = hash_crc32(crc, span_sub(bytes, done, size - done));
		done = size;
		if (crc == little || crc == big) {
			env->size = size;
			env->big = crc != little;
			return true;
		}
	}
	return false;
}

static bool env_read(struct span bytes, struct environment *env)
{
	for (unsigned header = CRC_SIZE; header <= CRC_SIZE + 1; header++) {
		size_t n = text_size(bytes, header);
		*env = (struct environment){ .header = header, .text = span_sub(bytes, header, n) };
		if (n && match_crc(bytes, env))
			return true;
	}
	return false;
}

/* Bytes of the CRC may look like text themselves, so that the variables begin a few bytes later than it seems. */
static bool env_locate(struct span all, uint64_t hit, uint64_t *start)
{
	uint64_t text;
	struct environment env;
	if (!text_start(all, hit, &text))
		return false;
	for (uint64_t at = text > CRC_SIZE + 1 ? text - CRC_SIZE - 1 : 0; at <= text && at < hit; at++)
		if (at % 4 == 0 && env_read(span_from(all, at), &env)) {
			*start = at;
			return true;
		}
	return false;
}

static bool env_probe(struct span at, struct format_match *match)
{
	struct environment env;
	if (!env_read(at, &env))
		return false;
	match->size = env.size;
	match->confidence = 90;
	return true;
}

static void emit_variable(struct sink *sink, struct span all, size_t at, size_t n)
{
	const char *p = (const char *)all.p + at;
	size_t name = (size_t)((const char *)memchr(p, '=', n) - p);
	emit_header(sink, &(struct fact_header){ (int64_t)at, text_of(p, name), text_of(p + name + 1, n - name - 1) });
}

/* The variables as lines of text, for whoever reads text. */
static struct error emit_lines(struct walk *w, const struct environment *env)
{
	char *lines = ARENA_ARRAY(w->arena, char, env->text.n);
	if (!lines)
		return error_at(ERR_MEMORY, env->header, "no memory for the variables");
	for (size_t i = 0; i < env->text.n; i++)
		lines[i] = env->text.p[i] ? (char)env->text.p[i] : '\n';
	(void)region_emit_made(w, "variables", span_of(lines, env->text.n), NULL);
	return error_none();
}

static struct error env_walk(struct span bytes, struct walk *w)
{
	struct environment env;
	if (!env_read(bytes, &env))
		return error_at(ERR_CORRUPT, 0, "no environment whose CRC is right");
	emit_header_field(w->sink, 0, "crc32", "ok");
	emit_header_field(w->sink, 0, "byte order", "%s", env.big ? "big-endian" : "little-endian");
	if (env.header > CRC_SIZE)
		emit_header_field(w->sink, CRC_SIZE, "flags", "%u", bytes.p[CRC_SIZE]);
	for (size_t at = env.header, end = env.header + env.text.n; at < end;) {
		size_t n = strnlen((const char *)bytes.p + at, end - at);
		emit_variable(w->sink, bytes, at, n);
		at += n + 1;
	}
	return emit_lines(w, &env);
}

const struct format uboot_env_format = {
	.name = "uboot_env",
	.kind = FORMAT_CONTAINER,
	.title = "U-Boot environment, single and redundant",
	.spec = "U-Boot include/env_internal.h",
	.magics = env_magics,
	.probe = env_probe,
	.walk = env_walk,
	.locate = env_locate,
};

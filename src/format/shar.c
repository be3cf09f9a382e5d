/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shell archives: scripts whose here-documents are files, as they are or uuencoded, packed or not.
 *
 * Specification: GNU sharutils 4.15, shar.c (what it writes); BSD shar(1). Other commands of the script are not run.
 */
#include "base/codec.h"
#include "format/digest.h"
#include "format/path.h"
#include "format/region.h"
#include "format/text_line.h"
#include "format/uu_text.h"

#define MARK "a shell archive" /* "# This is a shell archive", "# This is NAME, a shell archive" */
#define LINE_BEGIN "# This is "
#define MARK_WITHIN 512u
#define HEAD_MAX 65536u /* before the first file, with a list of all of them */
#define WORD_MAX 128u
#define NAME_MAX_QUOTED 4096u
#define FILES_MAX 100000u
#define ENDLESS_MAX 16u

enum packed { AS_IS, PACKED_GZIP, PACKED_XZ, PACKED_BZIP2, PACKED_OTHER };

struct shar_file {
	struct shar_file *next;
	struct text name, md5;
	int64_t mode, size; /* FACT_NULL: not said */
	uint64_t line, at, behind; /* of the command, of the here-document, of what follows it */
	struct span body;   /* of a text */
	char prefix;
	bool encoded, open; /* the line that ends it is missing */
	enum packed packed;
	struct uu_text uu;
};

/* The word behind "<<", without its quotes. */
static struct text here_word(struct text line)
{
	const char *p = line.n ? memmem(line.p, line.n, "<<", 2) : NULL;
	struct text t = p ? text_after(line, (size_t)(p - line.p) + 2) : TEXT_NONE;
	size_t n = 0;
	while (t.n && (t.p[0] == ' ' || t.p[0] == '\t' || t.p[0] == '\\' || t.p[0] == '-'))
		t = text_after(t, 1);
	char quote = t.n && (t.p[0] == '\'' || t.p[0] == '"') ? t.p[0] : 0;
	t = quote ? text_after(t, 1) : t;
	while (n < t.n && (quote ? t.p[n] != quote : !strchr(" \t;|&>)", t.p[n])))
		n++;
	return n && n <= WORD_MAX ? text_of(t.p, n) : TEXT_NONE;
}

/* A word of the shell's as a name: quotes are taken away. */
static struct text unquote(struct text t, struct arena *arena)
{
	char *out = t.n ? ARENA_ARRAY(arena, char, t.n < NAME_MAX_QUOTED ? t.n : NAME_MAX_QUOTED) : NULL, quote = 0;
	size_t n = 0;
	for (size_t i = 0; out && i < t.n && i < NAME_MAX_QUOTED; i++) {
		char c = t.p[i];
		if (quote ? c == quote : c == '\'' || c == '"')
			quote = quote ? 0 : c;
		else if (!quote && c == '\\' && i + 1 < t.n)
			out[n++] = t.p[++i];
		else if (!quote && strchr(" \t;|&)<>", c))
			break;
		else
			out[n++] = c;
	}
	return n ? text_of(out, n) : TEXT_NONE;
}

/* What the output goes to: behind the last '>' that is no quoted one's. */
static struct text target_of(struct text line, struct arena *arena)
{
	char quote = 0;
	for (size_t i = 0; i < line.n; i++) {
		if (quote ? line.p[i] == quote : line.p[i] == '\'' || line.p[i] == '"')
			quote = quote ? 0 : line.p[i];
		if (quote || line.p[i] != '>' || (i && line.p[i - 1] == '2'))
			continue;
		struct text t = text_after(line, i + 1);
		while (t.n && (t.p[0] == ' ' || t.p[0] == '\t' || t.p[0] == '>'))
			t = text_after(t, 1);
		return t.n && t.p[0] != '&' && !text_starts(t, "/dev/null") ? unquote(t, arena) : TEXT_NONE;
	}
	return TEXT_NONE;
}

/* What sed takes away from each line: s/^X//. */
static char prefix_of(struct text line)
{
	const char *p = line.n ? memmem(line.p, line.n, "s/^", 3) : NULL;
	struct text t = p ? text_after(line, (size_t)(p - line.p) + 3) : TEXT_NONE;
	return t.n >= 3 && t.p[1] == '/' && t.p[2] == '/' ? t.p[0] : 0;
}

/* Whether the line begins a here-document, which *body is then, and *at behind it: what is left, where nothing ends it. */
static bool here_document(struct span bytes, uint64_t *at, struct text line, struct span *body, bool *open)
{
	struct text word = here_word(line), l;
	uint64_t begin = *at, end = *at;
	*open = word.n > 0;
	if (!word.n || (line.n && line.p[0] == '#'))
		return false;
	while (*open && text_line_next(bytes, at, &l)) {
		*open = !text_eq(l, word);
		end = *open ? *at : end;
	}
	*body = span_sub(bytes, begin, end - begin);
	return body->p != NULL;
}

/* uudecode makes what gzip and its kin unpack then: a file of the lock directory. */
static enum packed packed_as(struct text name)
{
	static const struct {
		const char *end;
		enum packed packed;
	} ends[] = { { "/gzi", PACKED_GZIP }, { "/xzi", PACKED_XZ }, { "/bzi", PACKED_BZIP2 }, { "/cmpi", PACKED_OTHER } };
	for (size_t i = 0; text_has(name, "_sh") && i < sizeof ends / sizeof ends[0]; i++)
		if (text_ends(name, ends[i].end))
			return ends[i].packed;
	return AS_IS;
}

/* False: the here-document is no file. */
static bool read_file(struct text line, struct span body, struct arena *arena, struct shar_file *f)
{
	*f = (struct shar_file){ .mode = FACT_NULL, .size = FACT_NULL, .body = body, .prefix = prefix_of(line) };
	f->encoded = uu_text_read(body, f->prefix, &f->uu);
	f->name = target_of(line, arena);
	bool decoded = text_has(line, "uudecode") || text_ends(f->name, "/uue");
	f->encoded = f->encoded && decoded;
	if (f->encoded) {
		f->name = uu_text_name(&f->uu, arena);
		f->packed = packed_as(f->name);
	}
	return f->name.n > 0 && (f->encoded || !decoded);
}

static bool decimal(struct text t, unsigned base, int64_t *v)
{
	size_t n = 0;
	int64_t value = 0;
	for (; n < t.n && n < 12 && t.p[n] >= '0' && t.p[n] < (char)('0' + base); n++)
		value = value * base + (t.p[n] - '0');
	if (n)
		*v = value;
	return n > 0;
}

/* What the script says of the file before: its mode, its size; of a packed one the name. */
static void read_about(struct text line, struct shar_file *f, struct arena *arena)
{
	while (line.n && (line.p[0] == ' ' || line.p[0] == '\t'))
		line = text_after(line, 1);
	const char *count = line.n ? memmem(line.p, line.n, "-ne ", 4) : NULL;
	if (text_starts(line, "chmod "))
		(void)decimal(text_after(line, 6), 8, &f->mode);
	else if (text_has(line, "wc -c") && count)
		(void)decimal(text_of(count + 4, line.n - (size_t)(count + 4 - line.p)), 10, &f->size);
	else if (f->packed && text_has(line, "lock_dir}/") && text_has(line, " > ")) {
		struct text name = target_of(line, arena);
		f->name = name.n ? name : f->name;
	}
}

/* "digest  name", for md5sum -c. */
static bool read_md5(struct text line, struct span body, struct arena *arena, struct shar_file *f)
{
	struct text first;
	uint64_t at = 0;
	if (text_has(line, "uudecode") || target_of(line, arena).n || !text_line_next(body, &at, &first) || first.n < 34 || first.p[32] != ' ')
		return false;
	for (size_t i = 0; i < 32; i++)
		if (!strchr("0123456789abcdef", first.p[i]) || !first.p[i])
			return false;
	f->md5 = text_of(first.p, 32);
	return true;
}

struct shar {
	struct shar_file *first, *last;
	unsigned n;
	uint64_t end;
	bool ended, full; /* the script's exit was found; there are more files than are read */
};

static bool keep_file(struct shar *s, struct arena *arena, const struct shar_file *f)
{
	struct shar_file *kept = s->n < FILES_MAX ? ARENA_NEW(arena, struct shar_file) : NULL;
	s->full = !kept;
	if (!kept)
		return false;
	*kept = *f;
	if (s->last)
		s->last->next = kept;
	else
		s->first = kept;
	s->last = kept;
	s->n++;
	return true;
}

/* All here-documents that are files, in their order; only the first one, for a probe. "<<" may be something else, which nothing ends:
 * then it is passed over, a few times. */
static bool read_files(struct span bytes, struct arena *arena, bool only_first, struct shar *s)
{
	struct shar_file read;
	struct text line;
	unsigned endless = 0;
	*s = (struct shar){ .end = bytes.n };
	for (uint64_t at = 0, from = 0; !s->ended && !(only_first && s->n) && text_line_next(bytes, &at, &line); from = at) {
		uint64_t body_at = at;
		struct span body;
		bool open;
		s->ended = s->n && (text_is(line, "exit 0") || text_is(line, "exit"));
		if (!here_document(bytes, &at, line, &body, &open)) {
			if (s->n)
				read_about(line, s->last, arena);
		} else if ((!s->n || s->last->md5.n || !read_md5(line, body, arena, s->last)) && read_file(line, body, arena, &read)) {
			read.line = from;
			read.at = body_at;
			read.behind = at;
			read.open = open;
			if (!keep_file(s, arena, &read))
				return false;
		} else if (open && endless++ < ENDLESS_MAX) {
			at = body_at;
		}
		s->end = at;
	}
	return s->n > 0;
}

/* Where the line begins that the mark stands in; false when it is another one. */
static bool line_of_mark(struct span all, uint64_t hit, uint64_t *line)
{
	*line = hit;
	while (*line && hit - *line < MARK_WITHIN && all.p[*line - 1] != '\n')
		--*line;
	return span_has(all, *line, LINE_BEGIN, sizeof LINE_BEGIN - 1);
}

static bool shar_locate(struct span all, uint64_t hit, uint64_t *start)
{
	static const char *const shells[] = { "#!/bin/sh\n", "#! /bin/sh\n" };
	if (!line_of_mark(all, hit, start))
		return false;
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(shells[i]);
		if (*start >= n && span_has(all, *start - n, shells[i], n)) {
			*start -= n;
			break;
		}
	}
	return true;
}

static bool has_mark(struct span at)
{
	uint64_t line;
	struct span head = span_clip(at, 0, MARK_WITHIN);
	const uint8_t *mark = head.n ? memmem(head.p, head.n, MARK, sizeof MARK - 1) : NULL;
	return mark && line_of_mark(head, (uint64_t)(mark - head.p), &line);
}

/* As far as the first file may be: not behind the beginning of another archive, so that of many marks each reads what stands before the
 * next. */
static struct span head_of(struct span at)
{
	struct span head = span_clip(at, 0, HEAD_MAX), behind = span_from(head, MARK_WITHIN);
	const uint8_t *next = behind.n ? memmem(behind.p, behind.n, MARK, sizeof MARK - 1) : NULL;
	return next ? span_clip(head, 0, (uint64_t)(next - head.p)) : head;
}

/* Where text ends. */
static struct span text_of_script(struct span at)
{
	const uint8_t *nul = at.n ? memchr(at.p, 0, at.n) : NULL;
	return nul ? span_clip(at, 0, (uint64_t)(nul - at.p)) : at;
}

/* The first here-document is found, and everything before it is text. */
static bool first_file(struct span at, struct arena *arena, struct shar *s)
{
	struct span head = head_of(at);
	return arena && read_files(head, arena, true, s) && !memchr(head.p, 0, (size_t)s->first->at);
}

/* The line that ends the script, where the first file is found; it ends with the bytes otherwise. */
static bool shar_probe(struct span at, struct format_match *match)
{
	if ((!span_starts(at, "#", 1) && !span_starts(at, ":", 1)) || !has_mark(at))
		return false;
	struct arena *arena = arena_new(0);
	struct shar s = { 0 };
	bool found = first_file(at, arena, &s);
	if (found) {
		(void)read_files(text_of_script(at), arena, false, &s);
		match->size = s.end;
		match->confidence = 80;
	}
	arena_free(arena);
	return found;
}

static struct error decode(const struct shar_file *f, struct buf *out)
{
	struct text line;
	enum error_code code = ERR_NONE;
	if (f->encoded)
		return uu_text_decode(&f->uu, out);
	for (uint64_t at = 0, from = 0; !code && text_line_next(f->body, &at, &line); from = at) {
		struct span s = span_sub(f->body, from, at - from); /* with its end, as it is */
		code = f->prefix && span_starts(s, &f->prefix, 1) ? buf_add(out, s.p + 1, s.n - 1) : buf_add(out, s.p, s.n);
	}
	return code ? error_at(code, out->n, "no room for a file") : error_none();
}

static struct error decompress(const struct shar_file *f, struct buf *out)
{
	static const enum codec codecs[] = { [PACKED_GZIP] = CODEC_GZIP, [PACKED_XZ] = CODEC_XZ, [PACKED_BZIP2] = CODEC_BZIP2 };
	struct buf packed = { .meter = out->meter };
	size_t used;
	struct error e = decode(f, &packed), unpacked = codec_stream(codecs[f->packed], buf_span(&packed), out, &used);
	buf_free(&packed);
	return error_is(&e) ? e : unpacked;
}

static struct error unpack_file(const void *fs, const void *file, struct buf *out)
{
	const struct shar_file *f = file;
	size_t before = out->n;
	(void)fs;
	struct error e = f->packed == AS_IS || f->packed == PACKED_OTHER ? decode(f, out) : decompress(f, out);
	struct span plain = span_from(buf_span(out), before);
	if (error_is(&e) || f->packed == PACKED_OTHER)
		return e;
	if (f->md5.n && !digest_matches_hex(DIGEST_MD5, plain, f->md5))
		return error_at(ERR_CORRUPT, 0, "a file has another MD5 than the archive says");
	if (f->size != FACT_NULL && (uint64_t)f->size != plain.n)
		return error_at(ERR_CORRUPT, 0, "a file has %zu bytes, the archive says %lld", plain.n, (long long)f->size);
	return error_none();
}

static bool emit_file(struct walk *w, struct shar_file *f, struct path_buffer *buffer)
{
	static const struct content_ops ops = { .unpack = unpack_file };
	struct entry e = { ENTRY_INIT, .kind = ENTRY_FILE };
	e.path = path_from_root(buffer, f->name);
	e.mode = f->mode;
	e.offset = f->at;
	e.content = (struct content){ .kind = CONTENT_STREAM, .ops = &ops, .file = f };
	if (f->open)
		emit_damage_at(w->sink, ERR_TRUNCATED, f->at, "the line that ends a file is missing");
	return e.path.p && w->child(w, &e);
}

struct script {
	struct span bytes;
	const struct shar_file *first;
};

/* The commands without what they make files of. */
static struct error unpack_script(const void *fs, const void *file, struct buf *out)
{
	const struct script *script = file;
	uint64_t at = 0;
	enum error_code code = ERR_NONE;
	(void)fs;
	for (const struct shar_file *f = script->first; f && !code; at = f->behind, f = f->next) {
		struct span commands = span_sub(script->bytes, at, f->line - at);
		code = buf_add(out, commands.p, commands.n);
	}
	struct span rest = span_from(script->bytes, at);
	if (!code)
		code = buf_add(out, rest.p, rest.n);
	return code ? error_at(code, 0, "no room for the script") : error_none();
}

static bool emit_script(struct walk *w, struct span bytes, const struct shar *s)
{
	static const struct content_ops ops = { .unpack = unpack_script };
	struct script *script = ARENA_NEW(w->arena, struct script);
	if (!script)
		return false;
	*script = (struct script){ span_clip(bytes, 0, s->end), s->first };
	struct content content = { .kind = CONTENT_STREAM, .ops = &ops, .file = script };
	return region_emit_content(w, "script.sh", SIZE_UNKNOWN, content, NULL);
}

static struct error shar_walk(struct span bytes, struct walk *w)
{
	struct path_buffer buffer = { .arena = w->arena };
	struct shar s;
	(void)read_files(bytes, w->arena, false, &s);
	if (!w->in_text && !emit_script(w, bytes, &s))
		return error_none();
	for (struct shar_file *f = s.first; f; f = f->next)
		if (!emit_file(w, f, &buffer))
			return error_none();
	if (s.full)
		return error_at(ERR_BUDGET, 0, "more than %u files, or no memory for them", s.n);
	return s.ended ? error_none() : error_at(ERR_TRUNCATED, bytes.n, "the line that ends the script is missing");
}

static const struct format_magic shar_magics[] = { MAGIC(MARK, 0), MAGIC_END };

const struct format shar_format = {
	.name = "shar",
	.kind = FORMAT_ARCHIVE,
	.title = "shell archive",
	.spec = "GNU sharutils 4.15, shar",
	.magics = shar_magics,
	.probe = shar_probe,
	.walk = shar_walk,
	.locate = shar_locate,
	.at_start = true,
	.own_bytes = true,
	.as_text = true,
};

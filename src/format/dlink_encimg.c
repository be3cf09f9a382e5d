/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of Alpha Networks for D-Link that are enciphered as a whole with AES-256 in CBC mode. Each model has a key,
 * made from published text and the image's signature; the same first block tells the model. Within is a SEAMA image.
 *
 * Specification: github.com/devttys0/delink src/encimg.rs; unblob handlers/archive/dlink/alpha_encimg.py.
 */
#include "format/dlink_encimg.h"

#define BEGIN_SIZE 16u
#define PEEK_SIZE 512u
#define MANGLE_RANGE 0xfcu

struct model {
	const char *begin;     /* of the image */
	const char *signature; /* NULL: the key is not published */
	const char *key, *iv, *name;
};

#define KNOWN(begin, name, signature, key, iv)                                                                         \
	{                                                                                                                  \
		begin, signature, key, iv, name                                                                                \
	}
#define UNKNOWN(begin, name)                                                                                           \
	{                                                                                                                  \
		begin, NULL, NULL, NULL, name                                                                                  \
	}
#define DAP_1665 "\x35\x66\x6f\x68\xef\x1a\xfe\x1f\x34\xef\x4f\x11\x21\x05\x4e\xbe"
#define DAP_1720 "\x68\x01\xcc\xfb\xad\x6b\xa0\xba\x33\x04\xb0\x9c\xbb\x48\xb0\x27"
#define DIR_822 "\xdf\x8c\x39\x0d\x22\xb4\xdc\x29\xfb\x4e\xbf\xdb\xe8\xe1\x8b\xfb"
#define DIR_842 "\xf5\x2a\xa0\xb4\x92\x53\xbf\xef\xf8\x21\xa6\x2e\x28\xa7\x39\x8b"
#define DIR_842_C3 "\x21\xdd\xda\x00\x99\xd8\x87\xa9\xd5\x2d\x7e\xff\x3b\x58\x70\xa6"
#define DIR_850L_A "\xe3\x13\x00\x5b\x76\xdf\x0b\xe8\x83\x24\x5a\x42\xff\x91\x2d\x3d"
#define DIR_850L_B "\x0a\x14\xe4\x24\xff\x0f\xb4\xd7\x53\x66\xa0\xb0\x72\xfe\xab\xdf"
#define DIR_859 "\x4c\x1b\x95\xaf\x93\x72\x5f\x81\x03\x03\x96\x4d\xdd\x76\x01\x74"
#define DIR_865L "\x98\x9c\x3c\x2c\x6b\x19\x1b\x25\x6e\x03\xee\x0f\x72\x5c\x6c\xa0"
#define DIR_868L "\x3d\xe6\x02\x63\x3f\xc1\x85\xe7\xd2\xbf\x64\xaf\x29\x57\x3a\xbd"
#define DIR_880L "\x8e\x69\x57\xe7\x76\x09\xd7\x94\x47\x75\x78\xa2\x4a\x1f\xc9\xb2"
#define DIR_885L "\x92\x61\x58\x58\x14\xdb\xbb\x3b\xe5\xa5\xf3\xe7\x10\x9c\xa2\x0b"
#define DIR_890L "\xcb\xc3\xa7\x4c\x50\x0f\x42\x43\xa5\xd9\x7c\xa5\x25\x6b\xcd\xba"
#define DIR_895L "\x91\x5a\xc9\xa2\x11\xff\xaa\x6d\xb0\x12\xe8\x8d\x2c\x3c\x23\xcb"

static const struct model models[] = {
	KNOWN(DAP_1665, "DAP-1665 B", "wapac25_dlink.2015_dap1665", "EfCHXytwsC6F0zsedwZc+9vDbCjE3ge4", "ggPy917jwESpnfXm"),
	KNOWN(DAP_1720, "DAP-1720 A", "wapac28_dlink.2015_dap1720", "qBiz6o/1RVQTtJBd3FS7FDbqogE8yoBm", "EfDMqWWxHCOhEqgY"),
	KNOWN(DIR_822, "DIR-822 C1", "wrgac43s_dlink.2015_dir822c1", "KNpsEntCcsep1jdFIs3wnXySKRGNCGmf",
		  "uph587JdKHrtAUlr"),
	KNOWN(DIR_842, "DIR-842 C1", "wrgac65_dlink.2015_dir842", "xQYoRZeD726UAbRb846kO7TeNw8eZa6u", "zufEbNF3kUafxFiE"),
	KNOWN(DIR_842_C3, "DIR-842 C3", "wrgac65_dlink.2015_dir842EU", "xQYoRZeD726UAbRb846kO7TeNw8eZa6u",
		  "zufEbNF3kUafxFiE"),
	KNOWN(DIR_850L_A, "DIR-850L A1", "wrgac05_dlob.hans_dir850l", "BIuS1CVMEQG+0pUeE99jnR+vLlLd9unr",
		  "f3+odwHhmJL1ceW1"),
	KNOWN(DIR_850L_B, "DIR-850L B1", "wrgac25_dlink.2013gui_dir850l", "qQehHMEmEPQ5izL+cabn8bNHZXHjkp6W",
		  "Mmb+IKQgnO8OuF4b"),
	KNOWN(DIR_859, "DIR-859 A", "wrgac37_dlink.2013gui_dir859", "KY0H9R2PDL3eu1J4uCVd1CK7BJ7vF1kc", "qbStAzIRvWeQHz5U"),
	UNKNOWN(DIR_865L, "DIR-865L A"),
	UNKNOWN(DIR_868L, "DIR-868L A"),
	UNKNOWN(DIR_880L, "DIR-880L A"),
	UNKNOWN(DIR_885L, "DIR-885L A"),
	UNKNOWN(DIR_890L, "DIR-890L A"),
	UNKNOWN(DIR_895L, "DIR-895L A"),
};

static void mangle(const char *from, size_t n, struct text signature, uint8_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)((uint8_t)from[i] ^ (i + 1) % MANGLE_RANGE ^ (uint8_t)signature.p[i % signature.n]);
}

struct wrapper_cipher dlink_encimg_cipher(struct dlink_encimg_key *k, const char *key, const char *iv,
										  struct text signature)
{
	mangle(key, sizeof k->key, signature, k->key);
	mangle(iv, sizeof k->iv, signature, k->iv);
	return (struct wrapper_cipher){ k->key, k->iv, 256 };
}

static const struct model *model_of(struct span bytes)
{
	for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
		if (span_starts(bytes, models[i].begin, BEGIN_SIZE))
			return &models[i];
	return NULL;
}

/* The SEAMA image within says how long it is; what is enciphered is padded to whole blocks. */
static bool encimg_probe(struct span at, struct format_match *match)
{
	extern const struct format seama_format;
	const struct model *m = model_of(at);
	match->confidence = 95;
	if (!m || !m->signature)
		return false;
	struct dlink_encimg_key key;
	struct format_match inner;
	uint8_t plain[PEEK_SIZE];
	struct span peek = span_clip(at, 0, PEEK_SIZE);
	size_t n = peek.n - peek.n % 16;
	if (!wrapper_decipher(dlink_encimg_cipher(&key, m->key, m->iv, text_c(m->signature)), peek.p, plain, n) ||
		!seama_format.probe(span_of(plain, n), &inner))
		return false;
	match->size = (inner.size + 15) / 16 * 16;
	return true;
}

/* Where the key is not known, its first block is all there is to go by, which a program that knows it holds, too. */
static bool encimg_probe_whole(struct span all, struct format_match *match)
{
	const struct model *m = model_of(all);
	*match = (struct format_match){ .size = all.n, .confidence = 95 };
	return m && !m->signature;
}

static struct error encimg_walk(struct span bytes, struct walk *w)
{
	const struct model *m = model_of(bytes);
	if (!m)
		return error_at(ERR_CORRUPT, 0, "not the beginning of a known model's image");
	emit_header_field(w->sink, 0, "model", "%s", m->name);
	emit_header_field(w->sink, 0, "cipher", "AES-256-CBC, %s key", m->signature ? "published" : "unknown");
	if (!m->signature)
		return error_at(ERR_ENCRYPTED, 0, "AES-256-CBC under a key of the %s that is not published", m->name);
	emit_header_field(w->sink, 0, "signature", "%s", m->signature);
	struct dlink_encimg_key key;
	struct wrapper_cipher cipher = dlink_encimg_cipher(&key, m->key, m->iv, text_c(m->signature));
	(void)wrapper_deciphered(w, bytes, 0, bytes.n, TEXT_LIT("firmware"), cipher);
	return error_none();
}

static const struct format_magic encimg_magics[] = {
	MAGIC(DAP_1665, 0),   MAGIC(DAP_1720, 0),   MAGIC(DIR_822, 0),  MAGIC(DIR_842, 0),  MAGIC(DIR_842_C3, 0),
	MAGIC(DIR_850L_A, 0), MAGIC(DIR_850L_B, 0), MAGIC(DIR_859, 0),  MAGIC(DIR_865L, 0), MAGIC(DIR_868L, 0),
	MAGIC(DIR_880L, 0),   MAGIC(DIR_885L, 0),   MAGIC(DIR_890L, 0), MAGIC(DIR_895L, 0), MAGIC_END,
};

const struct format dlink_encimg_format = {
	.name = "dlink_encimg",
	.kind = FORMAT_CONTAINER,
	.title = "D-Link image enciphered by Alpha Networks' encimg",
	.spec = "github.com/devttys0/delink src/encimg.rs",
	.magics = encimg_magics,
	.probe = encimg_probe,
	.probe_whole = encimg_probe_whole,
	.walk = encimg_walk,
};

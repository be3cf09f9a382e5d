/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QNAP's images: their first part is enciphered with PC1: of NAS under a published key, of routers and switches under the name of the
 * device. A footer at the end says how much, and for which device.
 *
 * Specification: github gist ulidtko/966277a465f1856109b2d2674dcee741 (qnap-qts-fw-cryptor.py); unblob
 * handlers/archive/qnap; neodyme.io/en/blog/pwn2own-2024_qhora.
 */
#include "format/region.h"
#include "format/wrapper.h"

#define FOOTER_SIZE 74u
#define SECRET "QNAPNASVERSION"
#define WORDS_MAX 8u
#define PEEK_SIZE 3u

struct qnap {
	struct span data;
	uint32_t enciphered;
	struct span device, version, date, revision;
	struct text secret;
};

static bool qnap_read(struct span bytes, struct qnap *q)
{
	if (bytes.n <= FOOTER_SIZE)
		return false;
	struct span footer = span_from(bytes, bytes.n - FOOTER_SIZE);
	struct reader r = reader_le(footer);
	rd_skip(&r, 6);
	q->enciphered = rd_u32(&r);
	q->device = rd_bytes(&r, 16);
	q->version = rd_bytes(&r, 16);
	q->date = rd_bytes(&r, 16);
	q->revision = rd_bytes(&r, 16);
	q->data = span_sub(bytes, 0, bytes.n - FOOTER_SIZE);
	return rd_ok(&r) && span_starts(footer, "icpnas", 6) && q->enciphered <= q->data.n && wrapper_is_text(q->device) &&
		   wrapper_is_text(q->version);
}

/* It stands at the end, so that a file is asked for it where it begins. */
static bool qnap_probe(struct span at, struct format_match *match)
{
	struct qnap q;
	if (!qnap_read(at, &q))
		return false;
	match->size = at.n;
	match->confidence = 100;
	return true;
}

/* PC1 (A. Pukall), as QNAP's program has it: each character of the key is promoted to a signed one, two of them are a word. For each
 * value of the running sum of plain bytes the steps are the same, so that they are laid out before. */
struct step {
	uint16_t y, t;
};

static void prepare(struct text secret, struct step steps[256][WORDS_MAX])
{
	for (unsigned sum = 0; sum < 256; sum++) {
		uint32_t state = 0;
		for (unsigned i = 0; i < secret.n / 2; i++) {
			int high = (uint8_t)secret.p[2 * i] ^ (int)sum, low = (uint8_t)secret.p[2 * i + 1] ^ (int)sum;
			high = high < 0x80 ? high : high - 0x101;
			uint32_t x = state ^ ((uint32_t)(high * 256) + (uint32_t)low);
			state = (0x4e35 * x + 1) & 0xffff;
			steps[sum][i] = (struct step){ (uint16_t)(0x15a * x), (uint16_t)state };
		}
	}
}

static void decipher(struct text secret, const uint8_t *in, uint8_t *out, size_t n)
{
	struct step steps[256][WORDS_MAX];
	uint16_t y = 0, z = 0;
	uint8_t sum = 0;
	prepare(secret, steps);
	for (size_t at = 0; at < n; at++) {
		const struct step *s = steps[sum];
		uint16_t key = 0;
		for (unsigned i = 0; i < secret.n / 2; i++) {
			z = (uint16_t)(s[i].y + y + 0x4e35u * (z + i));
			y = s[i].y;
			key ^= s[i].t ^ z;
		}
		out[at] = (uint8_t)(in[at] ^ (key >> 8) ^ key);
		sum ^= out[at];
	}
}

/* What a NAS gets is compressed by gzip; what is not, under the key of all NAS, is of another device. */
static struct text secret_of(const struct qnap *q)
{
	struct text nas = text_c(SECRET), device = wrapper_text(q->device);
	uint8_t begin[PEEK_SIZE];
	if (device.n < 2 || text_starts(device, "QNAPNAS") || q->enciphered < PEEK_SIZE)
		return nas;
	decipher(nas, q->data.p, begin, sizeof begin);
	return memcmp(begin, "\x1f\x8b\x08", sizeof begin) == 0 ? nas : device;
}

static struct error unpack_data(const void *fs, const void *file, struct buf *out)
{
	const struct qnap *q = file;
	size_t from = out->n;
	(void)fs;
	enum error_code code = buf_add(out, q->data.p, q->data.n);
	if (code)
		return error_at(code, 0, "the image has %zu bytes", q->data.n);
	decipher(q->secret, q->data.p, out->p + from, q->enciphered);
	return error_none();
}

static struct error qnap_walk(struct span bytes, struct walk *w)
{
	static const struct content_ops ops = { .unpack = unpack_data };
	struct qnap *q = ARENA_NEW(w->arena, struct qnap);
	if (!q)
		return error_at(ERR_BUDGET, 0, "no memory");
	if (!qnap_read(bytes, q))
		return error_at(ERR_CORRUPT, 0, "no footer of QNAP's");
	q->secret = secret_of(q);
	uint64_t footer = q->data.n;
	emit_header_field(w->sink, footer + 6, "encrypted_len", "%u", q->enciphered);
	wrapper_field(w, footer + 10, "device_id", q->device);
	wrapper_field(w, footer + 26, "file_version", q->version);
	wrapper_field(w, footer + 42, "firmware_date", q->date);
	wrapper_field(w, footer + 58, "revision", q->revision);
	emit_header_field(w->sink, 0, "cipher", "PC1, %s", text_is(q->secret, SECRET) ? "published key" : "the device's name is the key");
	struct content content = { .kind = CONTENT_STREAM, .ops = &ops, .file = q };
	(void)region_emit_content(w, "firmware", q->data.n, content, NULL);
	return error_none();
}

const struct format qnap_format = {
	.name = "qnap",
	.kind = FORMAT_CONTAINER,
	.title = "QNAP enciphered image",
	.spec = "unblob handlers/archive/qnap",
	.at_start = true,
	.probe = qnap_probe,
	.walk = qnap_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hash device of dm-verity: a superblock and a tree of digests over the blocks of a read-only volume. The tree is
 * checked against itself; the digest of its root, which the boot loader must know, is shown.
 *
 * Specification: cryptsetup, "DMVerity" wiki and lib/verity; Linux
 * Documentation/admin-guide/device-mapper/verity.rst.
 */
#include <stdio.h>

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "base/plural.h"
#include "format/signature.h"
#include "format/uuid.h"
#include "format/wrapper.h"

#define SUPERBLOCK 512u
#define LEVELS_MAX 16u
#define SALT_MAX 256u

struct verity {
	uint32_t version, type, data_block, hash_block;
	uint64_t data_blocks, level_at[LEVELS_MAX], level_n[LEVELS_MAX], size; /* levels count in hash blocks */
	unsigned levels, bits, digest;
	struct span algorithm, uuid, salt;
};

static bool is_block_size(uint32_t n)
{
	return n >= 512 && n <= 65536 && (n & (n - 1)) == 0;
}

static unsigned verity_digest_size(struct span algorithm)
{
	static const struct {
		const char *name;
		unsigned size;
	} known[] = { { "sha1", 20 },   { "sha256", 32 },      { "sha512", 64 }, { "sha384", 48 },
				  { "sha224", 28 }, { "blake2b-256", 32 }, { "sm3", 32 } };
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (text_is(wrapper_text(algorithm), known[i].name))
			return known[i].size;
	return 0;
}

/* The levels stand one behind the other, the root first. */
static bool lay_out(struct verity *v)
{
	uint64_t at = 1; /* the superblock has a block of its own */
	for (v->bits = 0; (v->digest << (v->bits + 1)) <= v->hash_block; v->bits++)
		;
	if (!v->bits || !v->data_blocks || v->data_blocks >> 52)
		return false;
	while (v->bits * v->levels < 64 && (v->data_blocks - 1) >> (v->bits * v->levels))
		v->levels++;
	if (v->levels > LEVELS_MAX)
		return false;
	for (unsigned i = v->levels; i-- > 0;) {
		unsigned shift = (i + 1) * v->bits;
		v->level_at[i] = at;
		v->level_n[i] = shift >= 64 ? 1 : ((v->data_blocks - 1) >> shift) + 1;
		at += v->level_n[i];
	}
	v->size = at * v->hash_block;
	return true;
}

static bool verity_read(struct span bytes, struct verity *v)
{
	*v = (struct verity){ 0 };
	struct reader r = reader_le(span_sub(bytes, 0, SUPERBLOCK));
	rd_skip(&r, 8);
	v->version = rd_u32(&r);
	v->type = rd_u32(&r);
	v->uuid = rd_bytes(&r, 16);
	v->algorithm = rd_bytes(&r, 32);
	v->data_block = rd_u32(&r);
	v->hash_block = rd_u32(&r);
	v->data_blocks = rd_u64(&r);
	uint16_t salt = rd_u16(&r);
	rd_skip(&r, 6);
	v->salt = rd_bytes(&r, salt);
	v->digest = verity_digest_size(v->algorithm);
	return rd_ok(&r) && span_starts(bytes, "verity\0\0", 8) && v->version == 1 && v->type <= 1 && salt <= SALT_MAX &&
		   is_block_size(v->data_block) && is_block_size(v->hash_block) && v->digest && lay_out(v);
}

static bool verity_probe(struct span at, struct format_match *match)
{
	struct verity v;
	if (!verity_read(at, &v))
		return false;
	match->size = v.size;
	match->confidence = 95;
	return true;
}

/* SHA-256 of a block of the tree: the salt stands before it, in type 0 behind it. */
static void block_digest(const struct verity *v, struct span block, uint8_t digest[SHA256_DIGEST_LENGTH])
{
	SHA256_CTX c;
	SHA256_Init(&c);
	if (v->type == 1)
		SHA256_Update(&c, v->salt.p, v->salt.n);
	SHA256_Update(&c, block.p, block.n);
	if (v->type == 0)
		SHA256_Update(&c, v->salt.p, v->salt.n);
	SHA256_Final(digest, &c);
}

/* How many blocks of the tree have not the digest that the level above holds. */
static uint64_t wrong_blocks(const struct verity *v, struct span bytes, uint64_t *first)
{
	uint64_t wrong = 0;
	for (unsigned level = 0; level + 1 < v->levels; level++)
		for (uint64_t i = 0; i < v->level_n[level]; i++) {
			uint8_t digest[SHA256_DIGEST_LENGTH];
			uint64_t at = (v->level_at[level] + i) * v->hash_block;
			uint64_t parent = (v->level_at[level + 1] + (i >> v->bits)) * v->hash_block;
			block_digest(v, span_sub(bytes, at, v->hash_block), digest);
			if (span_has(bytes, parent + (i & ((1u << v->bits) - 1)) * SHA256_DIGEST_LENGTH, digest, sizeof digest))
				continue;
			*first = wrong++ ? *first : at;
		}
	return wrong;
}

static void check_tree(struct walk *w, const struct verity *v, struct span bytes)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	char hex[2 * SHA256_DIGEST_LENGTH + 1];
	uint64_t first = 0;
	if (v->size > bytes.n || !text_is(wrapper_text(v->algorithm), "sha256") || !v->levels) {
		emit_header_field(w->sink, 0, "hash tree", "not checked");
		signature_report_plain(w->sink, 0, "dm-verity", "data device", NULL, SIGNATURE_UNSUPPORTED,
							   "the hash tree is cut off, or its algorithm is not known");
		return;
	}
	block_digest(v, span_sub(bytes, v->level_at[v->levels - 1] * v->hash_block, v->hash_block), digest);
	hash_hex(digest, sizeof digest, hex);
	emit_header_field(w->sink, v->hash_block, "root hash", "%s", hex);
	char root[sizeof hex + 16];
	snprintf(root, sizeof root, "root hash %s", hex);
	uint64_t wrong = wrong_blocks(v, bytes, &first);
	emit_header_field(w->sink, v->hash_block, "hash tree", "%s", wrong ? "mismatch" : "ok");
	signature_report(w->sink, &(struct signature){ .offset = v->hash_block,
												   .scheme = "dm-verity",
												   .state = wrong ? SIGNATURE_INVALID : SIGNATURE_NO_KEY,
												   .covers = TEXT_LIT("data device"),
												   .algorithm = TEXT_LIT("sha256"),
												   .hint = text_c(root),
												   .detail = wrong ? "the hash tree contradicts itself"
																   : "whoever mounts it must know this root hash" });
	if (wrong)
		emit_damage_at(w->sink, ERR_CORRUPT, first, "%llu %s know", (unsigned long long)wrong,
					   plural(wrong, "block of the hash tree is not the one that its parents",
							  "blocks of the hash tree are not those that their parents"));
}

static struct error verity_walk(struct span bytes, struct walk *w)
{
	struct verity v;
	char salt[2 * SALT_MAX + 1] = "-";
	if (!verity_read(bytes, &v))
		return error_at(ERR_CORRUPT, 0, "no dm-verity superblock");
	hash_hex(v.salt.p, v.salt.n, salt);
	emit_header_field(w->sink, 12, "hash_type", "%u", v.type);
	uuid_field(w, 16, "uuid", v.uuid);
	wrapper_field(w, 32, "algorithm", v.algorithm);
	emit_header_field(w->sink, 64, "data_block_size", "%u", v.data_block);
	emit_header_field(w->sink, 68, "hash_block_size", "%u", v.hash_block);
	emit_header_field(w->sink, 72, "data_blocks", "%llu", (unsigned long long)v.data_blocks);
	emit_header_field(w->sink, 88, "salt", "%s", v.salt.n ? salt : "-");
	check_tree(w, &v, bytes);
	return error_none();
}

static const struct format_magic verity_magics[] = { MAGIC("verity\0\0", 0), MAGIC_END };

const struct format dm_verity_format = {
	.name = "dm_verity",
	.kind = FORMAT_CONTAINER,
	.title = "dm-verity hash tree",
	.spec = "cryptsetup DMVerity; Linux Documentation/admin-guide/device-mapper/verity.rst",
	.magics = verity_magics,
	.probe = verity_probe,
	.walk = verity_walk,
};

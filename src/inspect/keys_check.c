/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arithmetic on keys: whether a private part belongs to its public one, and the public part where a file leaves it out.
 *
 * Costs are those of a slow machine, in microseconds. Every size is bounded before it reaches the library. */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include "inspect/keys.h"

#define COST_PRODUCT 25u
#define COST_GROUP 60u
#define COST_POINT 300u
#define COST_MULTIPLY_P256 150u
#define COST_MULTIPLY 3000u
#define COST_RAW 800u
#define COST_POWER 3000u
#define MODULUS_BITS_MAX 4096
#define EXPONENT_BITS_MAX 512

bool keys_product_is(struct keys *k, struct span n, struct span p, struct span q)
{
	if (n.n > KEYS_RSA_BITS_MAX / 8 || p.n + q.n > n.n + 1 || p.n < 2 || q.n < 2 || !keys_spend(k, COST_PRODUCT))
		return false;
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *bn = BN_bin2bn(n.p, (int)n.n, NULL), *bp = BN_bin2bn(p.p, (int)p.n, NULL);
	BIGNUM *bq = BN_bin2bn(q.p, (int)q.n, NULL), *product = BN_new();
	bool same = ctx && bn && bp && bq && product && BN_mul(product, bp, bq, ctx) && BN_cmp(product, bn) == 0;
	BN_free(bn);
	BN_free(bp);
	BN_free(bq);
	BN_free(product);
	BN_CTX_free(ctx);
	return same;
}

bool keys_power(struct keys *k, struct span g, struct span x, struct span p, struct span *y)
{
	if (number_bits(p) > MODULUS_BITS_MAX || number_bits(x) > EXPONENT_BITS_MAX || g.n > p.n || !p.n || !x.n ||
		!(p.p[p.n - 1] & 1) || !keys_spend(k, COST_POWER))
		return false;
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *bg = BN_bin2bn(g.p, (int)g.n, NULL), *bx = BN_bin2bn(x.p, (int)x.n, NULL);
	BIGNUM *bp = BN_bin2bn(p.p, (int)p.n, NULL), *by = BN_new();
	uint8_t *out = arena_alloc(k->arena, p.n, 1);
	bool ok = ctx && bg && bx && bp && by && out && BN_mod_exp(by, bg, bx, bp, ctx);
	if (ok)
		*y = span_of(out, (size_t)BN_bn2bin(by, out));
	BN_free(bg);
	BN_free(bx);
	BN_free(bp);
	BN_free(by);
	BN_CTX_free(ctx);
	return ok;
}

static EC_GROUP *group_of(struct keys *k, struct span curve)
{
	const uint8_t *p = curve.p;
	if (!curve.n || curve.p[0] != DER_OID || !keys_spend(k, COST_GROUP))
		return NULL;
	ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &p, (long)curve.n);
	int nid = object ? OBJ_obj2nid(object) : NID_undef;
	ASN1_OBJECT_free(object);
	EC_GROUP *group = nid == NID_undef ? NULL : EC_GROUP_new_by_curve_name(nid);
	ERR_clear_error();
	return group;
}

int64_t keys_curve_bits(struct keys *k, struct span curve)
{
	EC_GROUP *group = group_of(k, curve);
	int64_t bits = group ? EC_GROUP_get_degree(group) : 0;
	EC_GROUP_free(group);
	return bits;
}

bool keys_on_curve(struct keys *k, struct span curve, struct span point)
{
	EC_GROUP *group = keys_spend(k, COST_POINT) ? group_of(k, curve) : NULL;
	EC_POINT *q = group ? EC_POINT_new(group) : NULL;
	bool ok = q && point.n > 1 && EC_POINT_oct2point(group, q, point.p, point.n, NULL);
	EC_POINT_free(q);
	EC_GROUP_free(group);
	ERR_clear_error();
	return ok;
}

static unsigned cost_of(const EC_GROUP *group)
{
	return EC_GROUP_get_curve_name(group) == NID_X9_62_prime256v1 ? COST_MULTIPLY_P256 : COST_MULTIPLY;
}

bool keys_ec_derive(struct keys *k, struct span curve, struct span d, unsigned form, struct span *point)
{
	uint8_t out[256];
	size_t n = 0;
	EC_GROUP *group = form == 2 || form == 4 || form == 6 ? group_of(k, curve) : NULL;
	BIGNUM *bd = group && d.n <= sizeof out ? BN_bin2bn(d.p, (int)d.n, NULL) : NULL;
	EC_POINT *q = bd ? EC_POINT_new(group) : NULL;
	if (q && !BN_is_zero(bd) && BN_cmp(bd, EC_GROUP_get0_order(group)) < 0 && keys_spend(k, cost_of(group)) &&
		EC_POINT_mul(group, q, bd, NULL, NULL, NULL))
		n = EC_POINT_point2oct(group, q, (point_conversion_form_t)form, out, sizeof out, NULL);
	EC_POINT_free(q);
	BN_free(bd);
	EC_GROUP_free(group);
	ERR_clear_error();
	uint8_t *copy = n > 1 ? arena_alloc(k->arena, n, 1) : NULL;
	if (!copy)
		return false;
	memcpy(copy, out, n);
	*point = span_of(copy, n);
	return true;
}

bool keys_raw_derive(struct keys *k, uint8_t oid, struct span seed, struct span *point)
{
	static const int types[] = { EVP_PKEY_X25519, EVP_PKEY_X448, EVP_PKEY_ED25519, EVP_PKEY_ED448 };
	size_t n = keys_raw_size(oid);
	uint8_t *out = arena_alloc(k->arena, n, 1);
	if (!n || seed.n != n || !out || !keys_spend(k, COST_RAW))
		return false;
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(types[oid - 110], NULL, seed.p, seed.n);
	bool ok = key && EVP_PKEY_get_raw_public_key(key, out, &n);
	EVP_PKEY_free(key);
	ERR_clear_error();
	*point = span_of(out, n);
	return ok;
}

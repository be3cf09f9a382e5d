/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/products.h"

#include "base/ascii.h"
#include "base/products_table.h"

#define CPE_MAX 128
/* The longest word of `context`. */
#define CONTEXT_MAX 40
/* The longest name of a file, as Linux has it. */
#define FILE_MAX 256
#define HASH_BASIS 0xcbf29ce484222325u
#define HASH_PRIME 0x100000001b3u

/* Most keys differ in their first bytes: to measure them would cost more than to compare. */
static int compare(struct text a, const char *b)
{
	for (size_t i = 0; i < a.n; i++)
		if (a.p[i] != b[i] || !b[i])
			return b[i] ? (unsigned char)a.p[i] - (unsigned char)b[i] : 1;
	return b[a.n] ? -1 : 0;
}

static unsigned head_of(struct text key)
{
	return (key.n > 0 ? (unsigned)(uint8_t)key.p[0] << 8 : 0) | (key.n > 1 ? (uint8_t)key.p[1] : 0);
}

static int compare_key(struct text a, unsigned head, const struct product_key *b)
{
	return head != b->head ? (head < b->head ? -1 : 1) : compare(a, product_strings + b->key);
}

static const struct product *find(const struct product_key *keys, size_t n, struct text key)
{
	unsigned head = head_of(key);
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_key(key, head, &keys[middle]);
		if (order == 0)
			return &products[keys[middle].product];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct product *product_named(struct text name)
{
	size_t low = 0, high = products_n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(name, product_strings + products[middle].name);
		if (order == 0)
			return &products[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct product *product_of_package(struct text package)
{
	return find(product_packages, product_npackages, package);
}

const struct product *product_of_cpe(struct text cpe)
{
	char key[CPE_MAX] = "a:";
	bool part = cpe.n > 2 && cpe.p[1] == ':' && (cpe.p[0] == 'a' || cpe.p[0] == 'o' || cpe.p[0] == 'h');
	size_t n = part ? 0 : 2;
	if (cpe.n > sizeof key - 2)
		return NULL;
	for (size_t i = 0; i < cpe.n; i++)
		key[n++] = cpe.p[i] >= 'A' && cpe.p[i] <= 'Z' ? (char)(cpe.p[i] + 32) : cpe.p[i];
	return find(product_cpes, product_ncpes, text_of(key, n));
}

const struct product *product_of_word(struct text word)
{
	return find(product_words, product_nwords, word);
}

const struct product *product_of_context(struct text word)
{
	char key[CONTEXT_MAX];
	if (word.n > sizeof key)
		return NULL;
	for (size_t i = 0; i < word.n; i++)
		key[i] = word.p[i] >= 'A' && word.p[i] <= 'Z' ? (char)(word.p[i] + 32) : word.p[i];
	return find(product_contexts, product_ncontexts, text_of(key, word.n));
}

/* FNV-1a (RFC 9923). The texts themselves need not be kept: of 40 bits, one in a few million other texts has a hash that is
 * known. */
static uint64_t hash_on(uint64_t hash, struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		hash = (hash ^ (unsigned char)t.p[i]) * HASH_PRIME;
	return hash;
}

static const struct product *product_of_hash(uint64_t hash)
{
	uint32_t key = (uint32_t)hash;
	size_t low = product_text_first[hash >> 32], high = product_text_first[(hash >> 32) + 1], end = high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (product_text_hashes[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < end && product_text_hashes[low] == key ? &products[product_text_owners[low]] : NULL;
}

const struct product *product_of_text(struct text text)
{
	while (text.n && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\t'))
		text.n--;
	while (text.n && (text.p[0] == ' ' || text.p[0] == '\t'))
		text = text_of(text.p + 1, text.n - 1);
	return product_of_hash(hash_on(HASH_BASIS, text) >> 24);
}

const struct product *product_of_identifier(struct text identifier)
{
	/* as if a NUL stood before it: no text is the same */
	return product_of_hash(hash_on(HASH_BASIS * HASH_PRIME, identifier) >> 24);
}

/* "libfoo.so": as a stem of the name, or with a release between the two ("libfoo-1.2.so.3"). */
static bool is_library(struct text name, struct text stem)
{
	size_t bare = stem.n - strlen(".so");
	if (name.n >= stem.n && memcmp(name.p, stem.p, stem.n) == 0 && (name.n == stem.n || name.p[stem.n] == '.'))
		return true;
	if (name.n <= bare + 1 || memcmp(name.p, stem.p, bare) != 0 || name.p[bare] != '-' || !ascii_is_digit(name.p[bare + 1]))
		return false;
	struct text rest = text_of(name.p + bare + 1, name.n - bare - 1);
	return text_has(rest, ".so");
}

static bool is_program(struct text name, struct text file)
{
	if (name.n < file.n || memcmp(name.p, file.p, file.n) != 0)
		return false;
	return name.n == file.n || (name.n > file.n + 1 && name.p[file.n] == '-' && ascii_is_digit(name.p[file.n + 1]));
}

/* A name begins as the file's does: by that most are told from it. */
static bool is_file(struct text name, struct text file)
{
	if (name.n == 0 || file.n == 0 || name.p[0] != file.p[0])
		return false;
	return text_ends(file, ".so") ? is_library(name, file) : is_program(name, file);
}

bool product_owns_file(const struct product *product, struct text name)
{
	for (const char *at = product_strings + product->files; *at;) {
		const char *end = strchrnul(at, ' ');
		if (is_file(name, text_of(at, (size_t)(end - at))))
			return true;
		at = end + (*end == ' ');
	}
	return false;
}

bool product_may_be(const struct product *product, struct text version)
{
	const char *const versions = product_strings + product->versions, *at = versions;
	while (*at) {
		size_t n = strcspn(at, " ");
		if (version.n >= n && memcmp(version.p, at, n) == 0)
			return true;
		at += n;
		at += strspn(at, " ");
	}
	return !*versions;
}

/* Takes the products of that key whose file `name` is. */
static size_t add_owners(struct text key, struct text name, const struct product **owners, size_t n, size_t max)
{
	unsigned head = head_of(key);
	size_t low = 0, high = product_nfiles;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_key(key, head, &product_files[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < product_nfiles && n < max && compare(key, product_strings + product_files[low].key) == 0; low++) {
		const struct product *product = &products[product_files[low].product];
		bool known = !product_owns_file(product, name);
		for (size_t i = 0; i < n; i++)
			known = known || owners[i] == product;
		if (!known)
			owners[n++] = product;
	}
	return n;
}

size_t product_owners(struct text name, const struct product **owners, size_t max)
{
	char stem[FILE_MAX];
	const char *library = name.n && name.n < sizeof stem ? memmem(name.p, name.n, ".so", 3) : NULL;
	size_t n = add_owners(name, name, owners, 0, max);
	if (library)
		n = add_owners(text_of(name.p, (size_t)(library - name.p) + 3), name, owners, n, max);
	for (size_t i = 1; i + 1 < name.n && i + 4 < sizeof stem; i++) {
		if (name.p[i] != '-' || !ascii_is_digit(name.p[i + 1]))
			continue;
		memcpy(stem, name.p, i);
		memcpy(stem + i, ".so", 3);
		n = add_owners(text_of(stem, i), name, owners, n, max);
		if (library)
			n = add_owners(text_of(stem, i + 3), name, owners, n, max);
	}
	return n;
}

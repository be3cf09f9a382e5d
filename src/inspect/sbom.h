/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bills of materials and vulnerability statements that others wrote: what their readers share.
 *
 * A document is read a token at a time (base/json_pull.h), some twice: what refers to what may stand in any order. Only
 * what is kept goes into the arena; members that are not known are passed over. */
#ifndef ASSAY_INSPECT_SBOM_H
#define ASSAY_INSPECT_SBOM_H

#include "base/codec.h"
#include "base/json_pull.h"
#include "inspect/inspect.h"

#define SBOM_ROWS_MAX 200000u /* of one document; more is damage */
#define SBOM_TEXT_MAX 8192u   /* of one value; longer ones are cut */
#define SBOM_BYTES_MAX (256u << 20)

/* The header field that says what a document is of which nothing else can be said. */
#define SBOM_IS "document"

struct sbom_reader {
	struct span bytes;
	struct arena *arena;
	struct sink *sink;
	struct json_pull *j; /* of the pass at hand */
	const char *format;  /* "CycloneDX 1.6" */
	struct text path;    /* of the document */
	int64_t line, line_fixed; /* lines of the file before these bytes; that of all of them, where they are none of the file; else 0 */
	uint64_t base;       /* where these bytes begin in the file */
	uint32_t rows;
	size_t unpacked; /* bytes that came out of what is packed in it */
	bool cut;    /* an array that others lie in ends before its bracket: it is said */
	bool beside; /* it is one of several documents of a file */
	bool failed; /* no memory, or more rows than are taken: said by sbom_end() */
};

/* ---- passes ---- */

/* Begins a pass over the document: its first token is the current one. False: no memory. */
bool sbom_begin(struct sbom_reader *r);
/* Ends a pass; `tell`: what ended it early becomes damage. */
void sbom_end(struct sbom_reader *r, bool tell);

/* The next member of the object that is open: its KEY is the current token. */
bool sbom_member(struct sbom_reader *r);
/* Whether the current KEY is that one; the value is still to be read. */
bool sbom_key(const struct sbom_reader *r, const char *name);
/* The name of the current KEY. */
void sbom_key_text(struct sbom_reader *r, struct text *out);
/* The value of the current KEY when it is true or false; *out stays otherwise. */
void sbom_bool(struct sbom_reader *r, bool *out);
/* The next token when it begins an object (an array); otherwise the value is passed over. */
bool sbom_object(struct sbom_reader *r);
bool sbom_array(struct sbom_reader *r);
/* The next item of the array that is open, when it is an object; others are passed over. */
bool sbom_item(struct sbom_reader *r);
/* The next item that is a string. */
bool sbom_string(struct sbom_reader *r, struct text *out);
/* The value of the current KEY, when it is a string; *out stays otherwise. */
void sbom_text(struct sbom_reader *r, struct text *out);
/* The same of a number, as it is written. */
void sbom_number(struct sbom_reader *r, struct text *out);
/* The value of the current KEY: an object's member `name`, if a string; or a string itself. */
void sbom_text_of(struct sbom_reader *r, const char *name, struct text *out);
void sbom_skip(struct sbom_reader *r);
int64_t sbom_line(const struct sbom_reader *r);
/* The line of the file, of a line of the bytes at hand. */
int64_t sbom_line_of(const struct sbom_reader *r, int64_t line);

/* ---- rows ---- */

/* "NOASSERTION", "NONE" and "" say nothing. */
struct text sbom_said(struct text t);
/* The purl in its canonical form; TEXT_NONE when it is none. */
struct text sbom_canonical_purl(struct sbom_reader *r, struct text t);
/* Adds to a list that is separated by spaces. */
void sbom_append(struct sbom_reader *r, struct text *list, struct text item);

/* Reads an array of digests, objects whose members `algorithm` and `value` are texts, and keeps the one of the algorithm that
 * this format calls `sha256`. */
void sbom_sha256(struct sbom_reader *r, const char *algorithm, const char *value, const char *sha256, struct text *out);
void sbom_emit_component(struct sbom_reader *r, struct fact_declared_component *row);
void sbom_emit_statement(struct sbom_reader *r, struct fact_declared_statement *row);
/* OpenVEX's name of a justification of CycloneDX or of its own; TEXT_NONE when it is none. */
struct text sbom_justification_of(struct text word);

/* ---- a list of names with what they stand for ---- */

/* Of what is declared as much as others refer to. */
struct sbom_named {
	int64_t line;
	struct text name, version, purl, cpe, kind;
};
struct sbom_name {
	struct text id;
	struct sbom_named what;
	struct text part, whole;             /* CSAF: ids of a relationship */
};
struct sbom_names {
	struct sbom_name *v;
	size_t n, room;
	bool sorted;
};
/* Adds one. False when memory is used up, and then the reader has failed. */
bool sbom_names_add(struct sbom_reader *r, struct sbom_names *names, const struct sbom_name *name);
/* The first of that id; NULL when there is none. */
const struct sbom_name *sbom_names_find(struct sbom_reader *r, struct sbom_names *names, struct text id);

/* ---- SPDX 2, in JSON and as tags ---- */

/* "SPDX 2.3" of "SPDX-2.3". */
const char *sbom_spdx_format(struct sbom_reader *r, struct text version);
/* Packages that are there to develop, test or build with (clause 11: DEV_DEPENDENCY_OF, TEST_DEPENDENCY_OF, BUILD_TOOL_OF and the like), by
 * their ids. First all relationships are told to sbom_spdx_unship(), then again to sbom_spdx_ship(): what something contains or depends on at
 * run time is shipped, too. */
void sbom_spdx_unship(struct sbom_reader *r, struct sbom_names *unshipped, struct text from, struct text type);
void sbom_spdx_ship(struct sbom_reader *r, struct sbom_names *unshipped, struct text from, struct text type, struct text to);
bool sbom_spdx_is_unshipped(struct sbom_reader *r, struct sbom_names *unshipped, struct text id);
/* The last part of a reference's type, which may be a URI. */
struct text sbom_spdx_type(struct text type);
/* Emits a package, unless its purpose is FILE; `concluded`: the licence where none is declared. */
void sbom_emit_spdx(struct sbom_reader *r, struct fact_declared_component *row, struct text concluded, bool is_product);

/* "glibc" of "built package from: glibc 2.31-13", as tools write the source of a package into an SPDX document, with its version
 * behind an @; TEXT_NONE where the words say something else. */
struct text sbom_spdx_source(struct sbom_reader *r, struct text words);

/* What this program writes into an annotation of a package, as SPDX has no place for it: "assay:package-version=2.36-9+deb12u14",
 * "assay:distribution=debian 12", "assay:confidence=0.4". Others say nothing. */
void sbom_spdx_annotation(struct text words, struct fact_declared_component *row);

/* ---- the formats ---- */

/* Whether the text is such a document, by words at its beginning: what it quotes of programs is not in it. */
bool sbom_is_bill(struct span text);

/* Buildroot: legal-info/manifest.csv; `make show-info`; pkg-stats. */
void sbom_read_buildroot_csv(struct sbom_reader *r);
void sbom_read_buildroot_info(struct sbom_reader *r);
void sbom_read_buildroot_stats(struct sbom_reader *r);
/* Yocto: cve-check's and vex's JSON. */
void sbom_read_yocto(struct sbom_reader *r);
/* OpenWrt: the manifest of an image; the index of a repository. */
void sbom_read_openwrt(struct sbom_reader *r);
void sbom_read_openwrt_index(struct sbom_reader *r);

/* A document within another (GitHub's export, attestations of in-toto and their envelopes), or several behind each other; false: there
 * is none that is read. */
bool sbom_read_wrapped(struct sbom_reader *r);
/* Tells what stands behind a document in JSON. */
void sbom_tell_rest(struct sbom_reader *r);
/* Whether more than one object stands in it, or a text sequence. */
bool sbom_is_several(struct span text);

/* In other encodings (sbom_encoded.c): a document of any of these kinds, or of CycloneDX in XML. */
bool sbom_is_wide(struct span s); /* its first characters are of UTF-16 or UTF-32, and a document may begin so */
void sbom_read_wide(struct sbom_reader *r);
bool sbom_is_base64(struct span s); /* digits and ends of lines only */
void sbom_read_base64(struct sbom_reader *r);
/* In place; false where something else stands among the digits. */
bool sbom_decode_base64(char *p, size_t *n);
/* CODEC_STORE: it is not packed. */
enum codec sbom_packing(struct span s);
/* The bytes in `out`, to be freed; what is not read is told. */
struct span sbom_unpack(struct sbom_reader *r, struct span s, uint64_t at, struct buf *out);

/* Each reads a document of that kind and emits its rows; what can not be read is damage. */
void sbom_read_cyclonedx(struct sbom_reader *r);
void sbom_read_cyclonedx_xml(struct sbom_reader *r);
void sbom_read_spdx(struct sbom_reader *r);
void sbom_read_spdx3(struct sbom_reader *r);
void sbom_read_spdx_tags(struct sbom_reader *r);
void sbom_read_spdx_yaml(struct sbom_reader *r);
void sbom_read_openvex(struct sbom_reader *r);
void sbom_read_csaf(struct sbom_reader *r);
void sbom_read_statements(struct sbom_reader *r); /* our own, YAML */

#endif

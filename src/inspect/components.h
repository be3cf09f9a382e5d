/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Component signatures: the table that tools/embed_components.py makes, and the matcher that reads a version. */
#ifndef ASSAY_INSPECT_COMPONENTS_H
#define ASSAY_INSPECT_COMPONENTS_H

#include "base/products.h"
#include "inspect/inspect.h"

/* One step of a signature; data/components/README.md describes each. */
enum component_op {
	COMPONENT_LITERAL, /* `n` bytes of `text` */
	COMPONENT_LINES,   /* the same, behind the end of the anchor's line: only in what may be a listing is it left out */
	COMPONENT_START,
	COMPONENT_END,
	COMPONENT_VERSION,
	COMPONENT_RELEASE,
	COMPONENT_SHAPE,   /* of `text` */
	COMPONENT_UNKNOWN, /* shows the component, not its version */
	COMPONENT_REST,
	COMPONENT_PACKAGE,
	COMPONENT_SKIP, /* at most `n` bytes */
	COMPONENT_DATE,
	COMPONENT_MONTH,
	COMPONENT_NUL,
	COMPONENT_AT, /* `n` bytes behind the beginning */
	COMPONENT_PACKED,
	COMPONENT_CONSTANT, /* nothing: the version is `text` */
	COMPONENT_NEAR,     /* a string of the shape `text`, at most `n` bytes away; the last one, with its kin */
	COMPONENT_NEAR_VERSION,
	COMPONENT_NEAR_PACKED,
};

struct component_step {
	enum component_op op;
	uint32_t n;
	uint32_t text; /* in component_strings */
};

#define COMPONENT_NONE UINT16_MAX

struct component_signature {
	uint32_t where;         /* in component_strings: names of files, separated by spaces, `*` at the end of each allowed; "": any */
	uint16_t product;       /* of products */
	uint16_t anchor, needs; /* indices of component_patterns, or COMPONENT_NONE */
	uint16_t step, nsteps;  /* in component_steps */
};

struct component_range {
	uint16_t first, n;
};

/* The first pattern is the owner of a distribution's note, "FDO". */
#define COMPONENT_NOTE_PATTERN 0u
extern const char component_strings[];
extern const struct pattern component_patterns[];
extern const size_t component_npatterns;
/* Those that have a NUL. */
extern const uint16_t component_with_nul[];
extern const size_t component_nwith_nul;
/* Of each pattern, the signatures that it begins. */
extern const struct component_range component_anchored[];
extern const struct component_step component_steps[];
extern const struct component_signature component_signatures[]; /* in the bytes */
extern const size_t component_nsignatures;
extern const struct component_signature component_files[]; /* in the names of files */
extern const size_t component_nfiles;

/* What a signature read. The texts point into the bytes, the table or `made`. */
struct component_reading {
	struct text version, package; /* TEXT_NONE when the signature does not read it */
	uint64_t from;                /* where the evidence begins */
	uint64_t end;                 /* behind what matched */
	char made[24];                /* a version that does not stand in the bytes as it is */
	const struct product *product;
	bool loose;                   /* the ends of lines may be left out: a listing, or a few strings */
	bool apart;                   /* other strings, 128 bytes at least, stand between the text and the version */
	bool far;                     /* all was there but the string that <near> wants */
};

/* True when the signature's steps hold from `at` on. loose: the ends of lines may be left out. */
bool component_read(const struct component_signature *signature, struct span bytes, uint64_t at, bool loose,
					struct component_reading *reading);

/* The steps of component_read() that look for more than one thing. `component_shape` and `component_packed` give how many
 * bytes `s` begins with that are of that shape, or a packed number, 0 for none; `component_near` looks around [begin, at),
 * where the signature has matched so far. */
size_t component_shape(struct span s, const char *shape, struct text *version);
size_t component_packed(struct span s, struct component_reading *r);
bool component_near(struct span bytes, uint64_t begin, uint64_t at, const struct component_step *step,
					struct component_reading *r);

/* True where a linker has sorted the strings around [from, end) by their ends, to store one within another (wasm-ld, lld -O2):
 * they come from anywhere in the program, so that what stands side by side says nothing. */
bool component_is_tail_sorted(struct span bytes, uint64_t from, uint64_t end);

/* How many bytes of the string are a label without a name before its version: "%s version ", "Version: v", "%s: "; 0: it has
 * none. */
size_t component_label(struct span s);

/* True when a string begins at `at`; a lone mark before it may be the last byte of a table. */
bool component_starts_string(struct span bytes, uint64_t at);

/* True for what may stand before a string in a program and look like its beginning: "$0", "?", "AWAVAUATUSH". */
bool component_is_stray(struct span s);

/* True for four numbers that are an address or a mask in common use: "127.0.0.1", "255.255.255.0". */
bool component_is_address(struct text version);

/* True for what is rather an address, or no number at all: "127.0.0.1", "10.1.2.3", "0.0". */
bool component_is_no_version(struct text version);

/* How far what shows a product and its version can be trusted, the best last. */
enum component_rank {
	COMPONENT_CONTEXT, /* a version alone in a file of nobody's, the strings around it speak of one product */
	COMPONENT_LONE,   /* the only version that stands alone in a file of the product */
	COMPONENT_PATH,   /* the folder that it was built in, or the name of its file with debug symbols */
	COMPONENT_CLOSE,  /* a version alone, beside the product's word, in a file of the product */
	COMPONENT_LABEL,  /* "version 1.2" without a name, in a file of the product */
	COMPONENT_DEBUG,  /* the package whose debug symbols it has */
	COMPONENT_BESIDE, /* a version alone, beside a text that prints the product's version */
	COMPONENT_WITHIN, /* word and version, somewhere in a line of a file of the product */
	COMPONENT_STRING, /* a line that begins with them, in any file */
	COMPONENT_OWN,    /* the same in a file of the product */
};

/* A product and its version, found without a signature. */
struct component_self {
	const struct product *product;
	struct text version;
	uint64_t from; /* where the evidence begins */
	enum component_rank rank;
};

#define COMPONENT_OWNERS_MAX 4u

/* What is known of a file before its bytes are looked at. */
struct component_file {
	struct span bytes;
	struct text name;                                   /* without its folder */
	const struct product *owners[COMPONENT_OWNERS_MAX]; /* whose file it is, by its name */
	size_t nowners;
};

struct component_list {
	struct component_self *v;
	size_t n, max;
};

/* The file with the products whose own it is by its name (product_owners()), at most COMPONENT_OWNERS_MAX. Bytes and
 * name stay the caller's. */
struct component_file component_file_of(struct span bytes, struct text name);
/* Whether the file is that product's own. */
bool component_owns(const struct component_file *file, const struct product *product);
/* Whether it is that product's own, or nobody's. */
bool component_may_be_of(const struct component_file *file, const struct product *product);
/* Adds a finding to the list, unless it is full, the version is 0.0 or 0.0.0, or one that the product has never
 * had (product_may_be()). */
void component_add(struct component_list *list, const struct product *product, struct text version, uint64_t from,
				   enum component_rank rank);

/* The version that the bytes begin with, of two numbers at least, without a distribution's revision; or TEXT_NONE. */
struct text component_version(struct span bytes);

/* How many bytes behind a version's numbers only say that it is none that was released: "devel", "-git", ".dev"; or 0. */
size_t component_suffix(struct span behind);
/* What may follow the numbers and says that it comes before a release, "rc1", "-beta2", "-DEV", ".git": its end, or `at`. */
size_t component_stage(struct span s, size_t at);
/* What may follow them and comes behind the release, as ISC writes it, "-P4", "-ESV-R4", "-ESV-R16-P2": its end, or `at`. */
size_t component_patch(struct span s, size_t at);
/* Whether a package's revision is one of Fedora's before a release: "0.1.beta2", "0.3.20200101git". */
bool component_is_early_release(struct span revision);

/* The product by whose word the text ends ("This is dnsmasq"), the longest one, or NULL; what stands before the word. */
const struct product *component_word_at_end(const struct component_file *file, struct text t, struct text *lead);

/* The product whose word it is, or in a file of a product the name of any of its files; or NULL. */
const struct product *component_product_of(const struct component_file *file, struct text word);

/* The same for what stands before a version, or before the "%s" in its place: "dnsmasq version ". */
const struct product *component_name_before(const struct component_file *file, struct text before, struct text *lead);

/* The text without what joins a name and its version: "dnsmasq version: v" gives "dnsmasq". */
struct text component_without_joint(struct text t);

/* "dnsmasq (pkg)" without the brackets: "dnsmasq". */
struct text component_without_brackets(struct text t);

/* True for what stands behind a version that is another's, or none: "or later", " is required", ".x", "*", ".so.1". */
bool component_is_condition(struct text behind);

/* "Bacula 1.0 S3 Cloud Data": the number is a format's, whose name goes on. */
bool component_is_of_title(struct text version, struct text behind);

/* True for the version of a symbol, "LIBFOO_1.2": `before` is the word and what joins it to the version. */
bool component_is_symbol_version(struct text word, struct text before);

/* The printable text before `at` on the same line, and from `at` on; not more than a version's surroundings. */
struct text component_line_before(struct span bytes, uint64_t at);
struct text component_line_behind(struct span bytes, uint64_t at);

/* Where the first number of the next version begins that may stand at `*at` or behind it; `*at` is moved behind it. False:
 * there is none. */
bool component_next_version(struct span bytes, uint64_t *at, uint64_t *first);

/* Whether a path behind `before` on its line is an argument of a compiler or a variable: what was used, not what was built. */
bool component_is_option(struct text before);
/* Finds the folders that products were built in, and the names of their debug symbols. */
void component_origin_find(const struct component_file *file, struct component_list *list);

/* Finds in a few strings the folder that their program was installed in: by Nix, Guix or Homebrew, which have one for each. */
void component_origin_few(const struct component_file *file, struct component_list *list);

/* Finds the lines that are one of the product table's own words and a version, and what component_origin_find() does. Each takes
 * time in proportion to the bytes. */
void component_self_find(const struct component_file *file, struct component_list *list);

/* Takes out what is the version of an interface, after which a library and its catalogue of messages are called: no release. */
void component_drop_interfaces(const struct component_file *file, struct component_list *list);

/* Finds in a program of Node.js what it was built with. */
void component_node_find(const struct component_file *file, struct component_list *list);

/* True when a text ends with a word behind which another product is named: "built with", "requires". */
bool component_is_mention(struct text t);

/* True for what stands before the version of one of several things that are listed: "  jansson:   ". */
bool component_is_listed(struct text before);

/* True for what stands before "%s" in a row of what else a program has, or in a fault of that: "GNU SASL: ". */
bool component_is_row(struct text before);

/* True for what follows a number that is a measure: " V", " MHz". */
bool component_is_measure(struct span bytes, uint64_t behind);

/* "12.2.0": a release of GCC, rather. */
bool component_is_of_compiler(struct text version);

/* "1.2.13" in a few strings that speak of compression is zlib.h's, and not that of the product of which the strings speak,
 * unless that is zlib; "5.36.0" in an extension of Perl is Perl's. */
bool component_is_of_library(const struct component_file *file, const struct product *product, struct text version);

/* The string before `at` and the one behind it, of some length at most; TEXT_NONE where none is near. */
struct text component_string_before(struct span bytes, uint64_t at);
struct text component_string_behind(struct span bytes, uint64_t at);

/* What some strings speak of by words of `context`. */
struct component_speech {
	const struct product *product; /* the last one, or NULL */
	bool several;                  /* there are two */
	const struct product *but;     /* whether another than this one is spoken of: */
	bool other;
	bool mention;                  /* as something that is built in or wanted */
	bool symbol;                   /* as the beginning of an identifier: "gsasl_init" */
};

/* Adds what one string speaks of. */
void component_speaks(struct component_speech *speech, struct text s);

/* Whose word of `context` the first `n` characters of a name are; "usbmuxd_send" is libusbmuxd's, which has "usbmuxd_", and not
 * usbmuxd's. */
const struct product *component_of_beginning(struct text name, size_t n);
/* Whether one of its files is a shared library: others call its functions and so have their names. */
bool component_has_library(const struct product *product);

/* The one product of which the strings before `from` and behind `end` speak, not by a function of its library, or NULL. */
const struct product *component_context(struct span bytes, uint64_t from, uint64_t end);

/* True when they speak of another product than that, whatever else they say. */
bool component_context_has_other(struct span bytes, uint64_t from, uint64_t end, const struct product *product);

/* Finds versions that stand alone, by what stands beside them or by the file's name. */
void component_lone_find(const struct component_file *file, struct arena *arena, struct component_list *list);

/* How many bytes a few strings are at most. */
#define COMPONENT_FEW_BYTES 8192u
/* How many bytes may stand before a string of them, and look like its beginning. */
#define COMPONENT_STRAY_MAX 3u

/* True for a few strings, of any file. */
bool component_is_few(const struct component_file *file);

/* Finds in a few strings what would say too little in a whole file: names anywhere in a line, of programs too, libraries
 * called after a release, folders. Adds nothing where two products could be meant. */
void component_few_find(const struct component_file *file, struct component_list *list);

/* The one product of which a few strings speak, and which can have that version, if one is given: that of the file's name where they
 * speak of none; or NULL. */
const struct product *component_subject(const struct component_file *file, struct text version);

/* True where a few strings may speak of that product: with so few of them that it is their subject, with more that no text of
 * another one is there. */
bool component_is_said(const struct component_file *file, const struct product *product);

/* Finds in a few strings a version without a name, where all of them speak of one product: of `shown`, if it is not NULL. */
void component_nameless_find(const struct component_file *file, const struct product *shown, struct component_list *list);

/* The product of that name, package or program, whatever the case of its letters, when there is only one; or NULL. */
const struct product *component_called(struct text name);

/* What many programs tell that they run on, were made with or speak to. */
bool component_is_of_everybody(const struct product *product);

/* True for what plug-ins of other projects are built for, which have its functions and folders and a version of their own. */
bool component_is_host(const struct product *product);

/* True for what component_is_of_everybody() names and for what many programs speak of, or what is called like a word. */
bool component_is_spoken_of(const struct product *product);

/* True for what ends with "version", "release" ... and what joins that to a number. */
bool component_is_labelled(struct text before);

/* "2.8" of "2.8.124": one says more than the other. */
bool component_is_part(struct text shorter, struct text longer);

/* The version of the product that its best evidence tells, or NULL where that contradicts itself. */
const struct component_self *component_choose(const struct component_list *list, const struct product *product);

/* True when the blob only speaks of the product, or is linked to its shared library, and is no file of its own. */
bool component_is_elsewhere(const struct component_file *file, const struct product *product);

/* The component that a distribution's note tells, whose owner's name stands at `at`; texts point into the bytes or the
 * arena. False when there is no such note. */
bool component_note(struct span bytes, uint64_t at, struct arena *arena, struct fact_component *row);

/* True for a listing of a program's strings, one a line, as strings(1) writes it: see components_listing.c. */
bool component_is_listing(const struct subject *s);

/* A few strings right behind a program's magic number: the same without that, in the arena. Other bytes as they are. */
struct span component_without_magic(struct span bytes, struct arena *arena);

/* The listing with a NUL where each line ends, in the arena, offsets unchanged; SPAN_NONE: no memory. And the hits `seen` in
 * its bytes with those of the patterns that want a NUL, by place; `*n` tells how many. */
struct span component_listing(struct span bytes, struct arena *arena);
const struct hit *component_listing_hits(struct span listing, const struct hit *seen, size_t nseen, struct arena *arena,
										 size_t *n);

/* Whether the file tells which distribution it is, and the rows of `setting` (program os-release) that tell it. */
bool component_is_release(struct text path);
void component_release(struct span bytes, struct sink *sink);

/* A row of `applet` for each name of the program's own table; `program` is busybox or toybox. */
void component_applets(struct span bytes, const char *program, struct sink *sink);

/* "pkg:generic/dnsmasq@2.80" in the arena; without a version where it is not known. */
struct text component_purl(struct arena *arena, const char *purl, struct text version);

/* Of two rows of a component and version the more certain one stays, and what the other knows of the distribution's version. */
void component_merge(struct fact_component *kept, const struct fact_component *row);

/* Fills in what the product table knows, where the row is silent. */
void component_complete(struct fact_component *row, const struct product *product, struct arena *arena);

#endif

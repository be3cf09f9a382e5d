/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside the firmware probe: the tree of blobs while it is being taken apart. Not for other floors. */
#ifndef ASSAY_PROBE_TREE_H
#define ASSAY_PROBE_TREE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/holes.h"
#include "fact/batch.h"
#include "fact/fact.h"
#include "format/format.h"
#include "inspect/inspect.h"
#include "probe/media.h"
#include "probe/probe.h"

/* Collects the rows of one blob and sends them as one batch. */
struct finding {
	struct sink sink; /* first: inspectors and formats get this */
	struct fact_blob blob;
	struct buf rows, batch;
	uint64_t key, parent;
	uint32_t ordinal;
	bool has_children;
	bool incomplete; /* a row did not fit */
	char sha256[65];
	struct span bytes; /* of the blob, for excerpts; none: there are none */
};

/* Unpacked bytes that are in memory for one container, or for what a lane has in hand (residence.c). */
struct hold {
	struct buf_meter meter;    /* first: for buffers that grow on this account */
	struct lane *lane;         /* whose thread takes for it */
	struct node *node;         /* whose it is; NULL: its lane's */
	const struct hold *within; /* another of the same lane, to which this one belongs */
	struct node *parent;       /* the container around it */
	struct hold *below;        /* in the pile of large ones */
	uint64_t bytes;
	bool large;
};

struct residence {
	pthread_mutex_t lock;
	pthread_cond_t given_back;
	struct hold *top; /* the pile of large holds: each lies within the one below */
	uint64_t small;   /* bytes of all the others */
};

/* The temporary file for what does not fit in memory (spill.c). */
#define SPILL_EXTENTS 16u
struct spill_extent {
	size_t at, size;
};
struct spill {
	uint8_t *p; /* mapped; NULL: there is none */
	size_t size;
	pthread_mutex_t lock;
	struct spill_extent v[SPILL_EXTENTS]; /* by place */
	unsigned n;
};
struct lane_spill {
	struct buf_spill spill; /* first: for buffers that go on there */
	struct lane *lane;
};

/* What inspectors may read beside the blob at hand (neighbors.c). */
struct beside {
	struct neighbors neighbors; /* first */
	struct lane *lane;
	const struct listing *listing; /* NULL: nothing */
	struct buf content;            /* what was read last, unless it lies in the container */
};

/* One thread with what it needs. */
struct lane {
	struct probe *probe;
	struct scanner_lane *scanner; /* lane_scanner() */
	struct rules_lane *rules; /* the user's; NULL: there are none */
	struct arena *arena;   /* for the blob at hand */
	struct arena *scratch; /* for one inspector */
	struct buf content;    /* unpacked bytes of the blob at hand; kept from blob to blob */
	struct buf failed;     /* room that a stream had which was none, for the next one (carve.c) */
	struct span lent;      /* or where the output lends room for them (content_keep()); SPAN_NONE: they are not there */
	struct hold loaded;    /* its account */
	struct hold unpacking; /* that of a stream in the blob at hand */
	struct lane_spill spill;
	uint64_t chain;        /* unpacked bytes in memory: of the blob at hand and of the containers around it */
	struct finding finding;/* of the blob at hand */
	struct finding child;  /* of a child without content, while its container is at hand */
	struct beside beside;
	struct lane_status *status;
	unsigned index;
};

struct probe {
	struct scanner *scanner;
	pthread_mutex_t scanner_lock; /* while it is made late */
	struct schedule *schedule;
	struct lane *lanes;
	unsigned nlanes;
	/* one run */
	const struct probe_input *input;
	const struct probe_options *options;
	struct probe_status *status;
	struct probe_output *output;
	_Atomic uint64_t named; /* bytes of containers that their children hold */
	uint64_t named_free;    /* so many may be, and NAMED_TIMES what is unpacked */
	_Atomic uint64_t blobs, unpacked, fact_bytes, excerpt_bytes, zeros_hashed;
	_Atomic bool stopped;
	uint64_t total_limit;
	struct residence residence;
	struct spill spill, disks; /* of the latter only what is written takes room, which is taken from the former */
	struct disk {
		struct spill_extent place, room;
		struct stored *stored;
		size_t nstored;
	} disk[SPILL_EXTENTS];
	struct password_memo *memo;
};

/* A container whose children are being looked at. Freed when nothing refers to it any more. */
struct node {
	struct node *parent;
	struct probe *probe;
	struct job_queue queue;
	atomic_size_t refs;
	struct arena *arena; /* the format's state, the children's names and tasks */
	struct buf owned;    /* its unpacked bytes, unless they lie in its parent's */
	struct span bytes;
	struct hold hold;
	uint64_t kept;       /* unpacked bytes that wait for its children's tasks */
	uint64_t chain;      /* unpacked bytes of it and of the containers around it: the same in every run */
	uint64_t key;
	unsigned depth;
	uint32_t ordinals;
	bool in_file;        /* of a file system */
	bool has_parts;      /* what lies in it and is no file may be written as a part of the image */
	bool is_files;       /* of a format whose children are files with paths, other than an archive */
	bool is_written;     /* as a part, all of it */
	bool unpacked;       /* of a stream: no flash */
	bool is_text;        /* text or a script, whatever it carries */
	bool in_program;     /* of a kernel, a stream that is code, or a microcontroller's image */
	uint64_t program_end; /* the ELF file that it begins with ends there; 0: it begins with none */
	struct text file;    /* its own path, when it is a file */
	struct listing *listing; /* of its files, for those that wait for it; NULL: there are none */
};

/* A child that is to be looked at. */
struct task {
	struct job job; /* first */
	struct node *parent;
	uint64_t key;
	uint32_t ordinal;
	struct entry entry;
	const struct format *known; /* what the carver found it to be */
	struct format_match match;
	bool has_unpacked;          /* a compression that the carver had to unpack to learn its size */
	bool unpack_again;          /* and whose bytes it did not keep */
	struct span stream;         /* the bytes that it had for that */
	struct buf unpacked;
	struct error unpack_error;
	bool is_packed;             /* a program that unpacks itself, whose own bytes begin there in what is looked at */
	uint64_t packed_at;
	bool waited;                /* for the other files of its container */
	struct piece_set *whole;    /* what it is put together of; NULL: it is none */
	const struct piece_set *in; /* a whole that has been looked at, and in which all its bytes are; NULL: there is none */
};

/* finding.c */
void finding_begin(struct finding *f, uint64_t key, uint64_t parent, uint32_t ordinal, const struct entry *entry);
/* Hands the blob and its rows over as one batch, whole. With a row of damage that says so: without the rows that one blob
 * may not have any more; the blob alone where the input may have no more, or memory is out. False: nobody listens any
 * more, stop. */
bool finding_send(struct finding *f, struct probe *probe);

/* content.c: brings a task's bytes into memory. On failure or damage it emits rows and gives what there is. */
struct span content_load(struct lane *l, struct task *t);
/* Bytes that lie where the output lends room are copied to l->content, for who looks at them when they have been handed over.
 * Gives where they are then; SPAN_NONE when there is no memory, which it emits. */
struct span content_keep(struct lane *l, struct span bytes);
/* Room that is lent yet goes back. */
void content_give_back(struct lane *l);
/* Whether the output may have them: not more zeros that nobody stored than one blob may have bytes, which it emits. */
bool content_may_be_written(struct lane *l, struct span bytes);
/* SHA-256 of the bytes, as that of the finding's blob; left out, and told so, where most of them are zeros that nobody stored. */
void content_hash(struct lane *l, struct finding *f, struct span bytes);
/* Reads blocks [at .. end) to their places in out; when that fails, one by one, so that a broken block spoils nothing but itself. Gives
 * the error of the first one. */
struct error content_read_blocks(const struct content *c, uint64_t at, uint64_t end, uint8_t *out);

/* content_sparse.c: whether a content tells what of it is stored and is too large for memory; and what there is then. */
bool content_is_sparse(const struct lane *l, const struct task *t);
struct span content_load_sparse(struct lane *l, struct task *t);
/* Where the input is a file with holes, they are known from then on, until holes_forget(); gives what is to be freed then. */
struct stored *input_tell_holes(const struct probe_input *input);
/* How many more bytes may be unpacked now within the blob at hand: the limit for one blob, or what is left in all; at
 * least 1. */
uint64_t content_limit(const struct lane *l);
/* The same of bytes that stay in memory: at most what its containers leave of that. */
uint64_t content_allowance(const struct lane *l);
/* Counts bytes that were unpacked against the limit in all, and tells the parent. */
void content_account(struct probe *p, uint64_t bytes);

/* residence.c: how much unpacked content is in memory at a time. Along a chain of containers the limit is a matter of the
 * tree (content_allowance): the same for any number of threads. Between chains, one that wants much waits for another. */
#define RESIDENCE_CHAIN_MAX ((uint64_t)192 << 20)
/* Begins the account of the memory that a blob below `parent` holds: none so far. */
void hold_begin(struct hold *h, struct lane *l, struct node *parent);
/* Waits until `more` bytes may be taken, and takes them. */
void hold_take(struct hold *h, uint64_t more);
/* All that it has taken may be taken by others from then on. */
void hold_give_back(struct hold *h);
/* Moves what `from` holds to `to`, which may begin with nothing. */
void hold_move(struct hold *to, struct hold *from);

/* spill.c: what a buffer goes on in beyond its limit; NULL: there is no such place. */
struct buf_spill *spill_of(struct lane *l);
/* Makes b so many zeros of that place, of which only v[0 .. n) will be written, `bytes` in all. Takes over v, which is from malloc(). On
 * an error it does not. */
enum error_code disk_take(struct lane *l, struct buf *b, size_t size, struct stored *v, size_t n, uint64_t bytes) MUST_USE;
/* These bytes need not stay in memory, where they are of that place: they come back when they are read. */
void spill_forget(const struct probe *p, struct span bytes);

/* node.c */
/* The bytes that the lane has loaded and unpacked count as the new node's. */
struct node *node_new(struct lane *l, struct node *parent, uint64_t key, unsigned depth, struct span bytes, struct buf *owned);
/* One reference less. With the last one the node is freed, and lets go of its parent. */
void node_release(struct node *node);
/* Makes a task for a child with content and queues it, or gives it in *made for task_queue() when `made` is not NULL.
 * False when the node's memory is used up; the reason is in the finding. */
bool node_queue(struct lane *l, struct node *node, const struct entry *entry, struct task **made);
/* Hands a child that node_queue() made but did not queue to the threads. */
void task_queue(struct task *t);
/* Looks at one task on this lane. */
void task_look(struct lane *l, struct task *t);
/* Counts a blob against the budget. */
bool node_count_blob(struct lane *l);

/* How often the bytes of the input and what is unpacked may be named as children: containers lie in each other, a few files of one in the same
 * bytes. */
#define NAMED_TIMES 64u
/* examine.c: what a blob is and what is in it. */
void examine(struct lane *l, struct task *t, struct span bytes);

/* carve.c: finds what lies in bytes that are no known format as a whole. */
struct region {
	uint64_t offset, size;
	const struct format *format;
	struct format_match match;
	bool has_unpacked, unpack_again;
	struct span stream;
	struct buf unpacked;
	struct error unpack_error;
};
struct regions {
	struct region *v;
	size_t n, cap;
};
/* Of all streams that were unpacked while carving one blob, so much stays for their tasks. */
#define CARVED_KEPT_MAX ((uint64_t)64 << 20)
/* First what is whole, in the order of the bytes: formats whose structure tells their size, and streams that unpack to
 * their end. A stream shows what it holds where that could not be packed (a file system in a tar.zst): what begins
 * inside of it is not looked for there. Then the streams that break off, in what is left. Both append to `regions`. */
/* Whether a container begins in the bytes, other than a stream. */
bool carve_finds(struct span bytes, const struct scan_result *scan);
/* The first and the second step of that. Where no more regions can be kept, or too many bytes were read for false
 * beginnings, they end with a row of damage. */
void carve_whole(struct lane *l, struct node *n, struct span bytes, const struct scan_result *scan, struct regions *regions);
void carve_broken_streams(struct lane *l, struct node *n, struct span bytes, const struct scan_result *scan, struct regions *regions);
/* zlib streams that are whole, between the regions, which are sorted. */
bool carve_may_have_zlib(struct span bytes);
void carve_zlib(struct lane *l, struct node *n, struct span bytes, struct regions *regions);
/* Sorts by offset. */
void regions_sort(struct regions *regions);
/* Appends a copy. False: too many, or no memory, which has been said; region->unpacked is then still the caller's. */
bool regions_add(struct lane *l, struct regions *regions, const struct region *region);

/* gaps.c: bytes that no format claims. Pieces of flash that are smaller have no map of their own. */
#define GAP_MAPPED_MIN 4096u
/* Of flash the map is told; of files only where they are dense. `place`: where the bytes begin in what is mapped. */
void gap_map(struct lane *l, struct finding *f, struct span bytes, uint64_t place);
/* "padding", "high-entropy" or "unknown"; what is dense is a damage row at `offset`. */
const char *gap_texture(struct finding *f, struct span gap, uint64_t offset);
/* An encrypted volume or update may be a file, too. What is dense throughout and no kind of file that is known to be so
 * was not looked at. The second block tells at little cost of most files that they are not. */
void gap_report_opaque(struct lane *l, struct finding *f, struct span file);
/* A blob for each gap between the regions, which are sorted. */
void gaps_send(struct lane *l, struct node *n, struct span bytes, const struct regions *regions, const struct media *media);

/* parts.c: what an image consists of besides files, for --extract: a boot loader, a kernel as it was packed, a device tree, what no format
 * claims. Written is what was not taken apart, or is of use as it stands, and is no padding; nothing of what lies in a file of a file
 * system, which is written as the file that it is, nor in a program or text. */
/* Whether the blob of the task is one. */
bool part_is(const struct task *t, const char *format);
/* Hands its bytes over, where they are wanted. */
void part_hand_over(struct lane *l, const struct finding *f, struct span bytes);
/* Whether children of the task's node may be. */
bool part_holds_others(const struct task *t);

/* unseen.c: bytes that no format claims, and that may hold files nobody looked at, are a damage row. */
/* Of flash, where they begin at `place`; or unpacked, where data of any kind are no sign of it. */
void unseen_report(struct finding *f, struct span gap, uint64_t place, bool unpacked);
/* Of a program and its data, where neither data nor a script are one: only several programs are. */
void unseen_report_programs(struct finding *f, struct span program);
/* Of a file, of which its name is a sign, or other files in it: an image within an update. */
void unseen_report_file(struct finding *f, struct text path, struct span file);
/* Of what was found in flash, by place. */
void unseen_report_streams(struct finding *f, const struct regions *regions, uint64_t program_end);
/* Of an ELF file, what is none of its parts and in none of the regions. */
void unseen_report_holes(struct finding *f, struct arena *arena, struct span bytes, const struct regions *regions, bool unpacked);
/* Where the ELF file at the beginning of the bytes ends: headers, segments, sections. 0 when it is none. */
uint64_t unseen_elf_end(struct span bytes);
/* Whether the format is that of kernels or of images of microcontrollers, in which a program and its data are and no files. */
bool unseen_is_program(const char *format);
/* Whether it is mostly machine code, with its tables and strings. */
bool unseen_is_code(struct span bytes, uint64_t place);

/* neighbors.c: a file that says something of another one (inspector.asks) waits until all files of the container are known,
 * so that the order in which they lie there does not matter. */
struct roll {
	struct arena *arena;
	struct rolled *first, *last;
	struct waiting *waits, *waits_last;
	size_t n;
	size_t bytes;
	bool full; /* there is no memory for it: nobody is told of any */
	bool climbs; /* a path has ".." */
};
/* One file or link of the container; `task` is NULL for what has no content of its own. */
void roll_add(struct roll *r, const struct entry *entry, struct task *task);
/* Takes a task that node_queue() made but did not queue, when it is to wait. */
bool roll_holds_back(struct roll *r, struct task *task);
/* All files are known: queues what waited. */
void roll_end(struct roll *r, struct node *node);
/* All files of the container by path, and whether one has that path; NULL: there is no memory for it. */
struct listing *roll_list(const struct roll *r);
/* Whether a file of exactly that path is in it. */
bool listing_has(const struct listing *l, struct text path);
/* For the blob at hand; and what it read is freed. */
void beside_begin(struct lane *l, const struct task *t);
/* Frees what was read for it; nothing that neighbors gave may be used any more. */
void beside_end(struct lane *l);

/* pieces.c: files that are only a part of a whole wait until all files of the container are known. Then their names tell which belong
 * together, and each whole is one more child of the container. When it has been looked at, its pieces are: those whose bytes are
 * in it for sure, and are nothing by themselves, are not taken apart once more. */
struct piece_roll {
	struct arena *arena;
	struct piece *v;
	size_t n, cap;
	bool more;   /* there are others, for which there was no room */
	bool folder; /* whose split zip archives its format joins */
};
enum pieces_kind { PIECES_UPDATE, PIECES_SPARSE, PIECES_VOLUMES, PIECES_ZIP, PIECES_VMDK, PIECES_RAR };
struct piece {
	struct task *task;
	enum pieces_kind kind;
	bool untold;       /* by a name that many other files have: only what proves itself is a whole */
	unsigned width;    /* of its number */
	uint64_t number;
	struct text stem;
	size_t ordinal;    /* among all that wait */
	struct span bytes; /* once they are there */
	uint64_t at;       /* in the whole, or in the buffer of all pieces */
};
/* The numbers of the files of an update. */
enum { UPDATE_LIST, UPDATE_PLAIN, UPDATE_BROTLI };
struct piece_set {
	struct piece *v;
	size_t n;
	uint64_t missing; /* number of the first one that is not there */
	bool lacks;       /* it is not */
	bool doubled;     /* a piece is there twice */
	bool sure;        /* all bytes of all pieces are in the whole */
	bool none;        /* they are files of such names, and no pieces */
	const struct format *format; /* of the whole; NULL: it is of none */
};
/* Takes a task that node_queue() made but did not queue, when its name is that of a piece. */
bool pieces_hold_back(struct piece_roll *p, struct task *t);
/* All files are known, unless the walk was ended: queues what waited, or the wholes that it is looked at behind. */
void pieces_end(struct piece_roll *p, const struct roll *r, struct lane *l, struct node *node, bool ended);
/* The whole has been looked at, or will not be. */
void pieces_release(struct piece_set *set);

/* assemble.c: puts a whole together. On damage it emits rows and gives what there is. */
struct span assemble(struct lane *l, struct task *t);
/* Whether it is a whole, which may be incomplete, and not just files of such names; `format` may be NULL. */
bool assembled_is_one(const struct task *t, struct span bytes, const struct format *format, const struct format_match *match);
/* The same of a stream that took so many of its bytes. */
bool assembled_stream_is_one(const struct task *t, struct span bytes, uint64_t used, const struct error *e);
/* Whether bytes are those of a piece, and nothing by themselves: they are looked at in the whole and nowhere else. */
bool piece_is_only_that(const struct task *t, struct span bytes, const struct format *format);

/* unclaimed.c: the bytes of a container that no child of it holds become children, too. Only where it is known of all
 * children from where they come. */
struct claims {
	struct arena *arena;
	struct span bytes;
	struct claim *v;
	size_t n, cap;
	uint64_t first; /* where its rest may begin */
	bool known;
};
/* Begins the account of which bytes of a container its children hold. */
void claims_begin(struct claims *c, struct arena *arena, const struct format *format, struct span bytes);
/* Counts a child in. What was unpacked or put together may have come from anywhere: then nothing is told at the end. */
void claims_add(struct claims *c, const struct entry *child);
/* `end`: where the container ends before its bytes do, or 0. What stands behind it is a child of its own. */
void claims_emit_rest(struct claims *c, uint64_t end, struct walk *w);

/* inspection.c */
void inspect_blob(struct lane *l, struct finding *f, const struct entry *entry, struct span bytes, const char *format,
                  const struct scan_result *scan, const struct regions *regions);
/* A container that was opened, for the inspectors that ask for those. */
void inspect_container(struct lane *l, struct finding *f, const struct entry *entry, struct span bytes,
                       const char *format);

/* entropy.c */
enum texture { TEXTURE_PADDING, TEXTURE_PLAIN, TEXTURE_DENSE };
/* What bytes look like: one repeated byte, ordinary data, or dense (compressed or encrypted). *dense is the bytes in dense blocks, of those of
 * 4 KiB that are no padding, *longest those of the longest run of them. */
enum texture entropy_texture(struct span bytes, uint64_t *dense, uint64_t *longest);
/* The mean Shannon entropy in bits a byte over the same blocks, which takes longer. */
double entropy_mean(struct span bytes);
/* Whether all is 0x00 or all is 0xff, as erased flash has it; holes count as zeros. Nothing at all is padding. */
bool entropy_is_padding(struct span bytes);
/* Shannon entropy in bits a byte, and whether a block of up to 4 KiB of so many is dense. */
double entropy_bits(struct span block);
bool entropy_is_dense(struct span block, double bits);

/* classify.c: "elf", "mach-o", "script", "text", "data" or "empty". */
const char *classify(struct span bytes);
/* Text as file(1) sees it, by the first 4 KiB: some ASCII, and no control characters but white space, bell, backspace
 * and escape. */
bool classify_is_text(struct span s);
/* A picture, a sound, a film, a font: compressed, and no more than it seems. */
bool classify_is_media(struct span bytes);

/* firmware.c: what the lane looks for patterns with; NULL and *error: it can not be made. */
struct scanner_lane *lane_scanner(struct lane *l, struct error *error);

/* What the thread is at, for the report of a worker that dies. */
void lane_stage(struct lane *l, const char *stage);
/* The blob at hand is a large one and gets on: its time begins anew. */
void lane_renew(struct lane *l);

#endif

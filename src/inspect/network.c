/* SPDX-License-Identifier: GPL-3.0-or-later */
/* network: how programs and libraries use the network, by what they import and are linked with.
 *
 * An import says what a program can do, not when it does it. Of a static program the names tell only as long as it was
 * not stripped, and only of what its C library does not need for itself. Of Go's the table of its functions tells.
 *
 * Specification: System V gABI, chapter 5; POSIX.1-2017 XSH, <sys/socket.h>.
 */
#include "base/holes.h"
#include "inspect/elf_object.h"
#include "inspect/inspect.h"
#include "inspect/network_names.h"

#define FUNCTIONS_MAX 256u
#define WORDS_MAX 2048u /* bytes of a list */
#define NAME_BYTES_MAX 128u

struct usage {
	const struct subject *subject;
	struct elf_object o;
	struct elf_segments segments;
	struct elf_sections sections;
	struct elf_dynamic dynamic;
	bool is_static;           /* its names are those of what is linked into it */
	bool used[FUNCTIONS_MAX]; /* by index in the table of functions */
	unsigned uses;
	uint64_t nnames; /* that it has at all */
};

struct words {
	char *p;
	size_t n;
};

static bool has_word(const struct words *w, const char *word)
{
	struct text rest = text_of(w->p, w->n);
	size_t n = strlen(word);
	while (rest.n) {
		const char *space = memchr(rest.p, ' ', rest.n);
		size_t end = space ? (size_t)(space - rest.p) : rest.n;
		if (end == n && memcmp(rest.p, word, n) == 0)
			return true;
		end += space != NULL;
		rest = text_of(rest.p + end, rest.n - end);
	}
	return false;
}

/* Each word once; what has no room is left out. */
static void add_word(struct words *w, const char *word)
{
	size_t n = strlen(word);
	if (!w->p || w->n + n + 1 > WORDS_MAX || has_word(w, word))
		return;
	if (w->n)
		w->p[w->n++] = ' ';
	memcpy(w->p + w->n, word, n);
	w->n += n;
}

static struct words new_words(const struct usage *u)
{
	return (struct words){ arena_alloc(u->subject->arena, WORDS_MAX, 1), 0 };
}

static struct text list_of(const struct words *w)
{
	return w->n ? text_of(w->p, w->n) : TEXT_NONE;
}

/* A static program has the functions themselves, any other imports them. */
static void read_names(struct usage *u, const struct elf_symbols *symbols)
{
	const struct network_function *all, *f;
	struct elf_symbol s;
	network_functions(&all);
	for (uint64_t i = 1; elf_symbol_at(&u->o, symbols, i, NAME_BYTES_MAX, &s); i++) {
		if (!s.name.n || s.type == STT_SECTION || s.type == STT_FILE)
			continue;
		u->nnames++;
		if ((s.section == SHN_UNDEF) == u->is_static || !(f = network_function(s.name)))
			continue;
		u->used[f - all] = true;
		u->uses |= f->uses;
	}
}

/* False: nothing that a program runs. */
static bool open_object(struct usage *u)
{
	struct error e = elf_open(u->subject->bytes, &u->o);
	if (error_is(&e) || (u->o.type != ET_EXEC && u->o.type != ET_DYN))
		return false;
	elf_read_segments(&u->o, &u->segments);
	elf_read_sections(&u->o, &u->sections);
	if (u->sections.is_debug_file || u->sections.is_kernel)
		return false;
	e = elf_read_dynamic(&u->o, &u->segments.dynamic, &u->sections.dynsym, u->subject->arena, &u->dynamic);
	bool alone = !u->dynamic.needed_count && u->segments.interpreter.type != PT_INTERP;
	u->is_static = alone && (u->o.type == ET_EXEC || u->dynamic.says_pie);
	if (u->is_static)
		read_names(u, &u->sections.symtab);
	else if (u->dynamic.has_symbols)
		read_names(u, &u->dynamic.symbols);
	return true;
}

/* Connections come to who listens, and to who accepts at a socket that it was handed; accept() with bind() and no listen()
 * is how the kernel's ciphers are used (AF_ALG). bind() and recvmsg() alone are a server of datagrams or somebody who
 * listens to the kernel's netlink. */
static int64_t listens(const struct usage *u)
{
	bool binds = u->uses & NETWORK_BINDS, receives = u->uses & NETWORK_RECEIVES;
	bool accepts = (u->uses & NETWORK_ACCEPTS) && !binds;
	if (accepts || (u->uses & (NETWORK_LISTENS | NETWORK_LIBRARY_LISTENS)))
		return 1;
	if (binds && receives && (u->uses & NETWORK_INTERNET) && !u->is_static)
		return 1;
	bool may = binds && (u->uses & (NETWORK_RECEIVES | NETWORK_RECEIVES_MESSAGES));
	return may || (u->uses & NETWORK_LIBRARY_EITHER) || !u->nnames ? FACT_NULL : 0;
}

/* The C library itself connects, for name service and syslog: in a static program that says nothing. One that handles no
 * address of the Internet may connect to a socket of this machine only: the journal's, udev's, that of a daemon. */
static int64_t connects(const struct usage *u)
{
	if (u->uses & NETWORK_LIBRARY_CONNECTS)
		return 1;
	if (u->uses & (NETWORK_CONNECTS | NETWORK_SENDS))
		return u->is_static || !(u->uses & NETWORK_INTERNET) ? FACT_NULL : 1;
	return (u->uses & NETWORK_LIBRARY_EITHER) || !u->nnames ? FACT_NULL : 0;
}

static struct text families(const struct usage *u, const struct words *protocols)
{
	struct words w = new_words(u);
	bool binds = u->uses & NETWORK_BINDS;
	if (u->uses & NETWORK_INTERNET && !u->is_static)
		add_word(&w, "inet");
	if (u->uses & NETWORK_LISTENS)
		add_word(&w, "stream");
	if (u->uses & NETWORK_SENDS || (binds && u->uses & NETWORK_RECEIVES))
		add_word(&w, "datagram");
	if (has_word(protocols, "pcap"))
		add_word(&w, "packet");
	if (has_word(protocols, "netlink"))
		add_word(&w, "netlink");
	if (has_word(protocols, "bluetooth"))
		add_word(&w, "bluetooth");
	return list_of(&w);
}

/* Who is linked with these may want their ciphers and digests only; what it imports tells. */
static bool is_cipher_library(struct text needed)
{
	return text_starts(needed, "libgnutls.so") || text_starts(needed, "libwolfssl.so");
}

/* Libraries that do not connect for their program. */
static bool is_local(const struct words *protocols)
{
	static const char *const local[] = { "netlink", "pcap", "bluetooth", "tcp-wrappers" };
	for (size_t i = 0; i < sizeof local / sizeof local[0]; i++)
		if (text_is(text_of(protocols->p, protocols->n), local[i]))
			return true;
	return protocols->n == 0;
}

static void read_needed(const struct usage *u, struct words *tls, struct words *protocols)
{
	struct text rest = u->dynamic.needed;
	while (rest.n) {
		const char *space = memchr(rest.p, ' ', rest.n);
		size_t end = space ? (size_t)(space - rest.p) : rest.n;
		struct text name = text_of(rest.p, end);
		const char *t = is_cipher_library(name) ? NULL : network_tls(name);
		const struct network_library *l = t ? NULL : network_library(name);
		if (t || l)
			add_word(t ? tls : protocols, t ? t : l->name);
		end += space != NULL;
		rest = text_of(rest.p + end, rest.n - end);
	}
}

/* ---- programs in Go ---- */

/* Their runtime calls the kernel itself, so that imports tell nothing; the table of functions (gopclntab), which stays in a
 * stripped program, has the names of those that were linked in. */
static bool has_name(struct span bytes, const char *name)
{
	return holes_memmem(bytes, name, strlen(name)) != NULL;
}

/* The linker's note (type 4) of owner "Go", which stands in the first page (cmd/link/internal/ld, elf.go). */
static bool is_go(struct span bytes)
{
	struct span head = span_clip(bytes, 0, 4096);
	const uint8_t *at = head.n ? memmem(head.p, head.n, "Go\0\0", 4) : NULL;
	if (!at || at - head.p < 12)
		return false;
	return (at[-4] == 4 && !at[-3] && !at[-2] && !at[-1]) || (at[-1] == 4 && !at[-2] && !at[-3] && !at[-4]);
}

/* Adds those of the names that the program has to the evidence. */
static bool has_any(struct span bytes, const char *const *names, struct words *evidence)
{
	bool any = false;
	for (; *names; names++) {
		if (!has_name(bytes, *names))
			continue;
		add_word(evidence, *names);
		any = true;
	}
	return any;
}

/* Whether it may listen by another way: at a socket that it is handed, or past package net, whose own sockets use
 * syscall.Listen, too. */
static bool go_may_listen(struct span bytes, struct words *evidence)
{
	static const char *const ways[] = { "net.FileListener", "net.FilePacketConn", "golang.org/x/sys/unix.Bind",
										"golang.org/x/sys/unix.Listen", NULL };
	static const char *const raw[] = { "syscall.Listen", NULL };
	bool any = has_any(bytes, ways, evidence);
	return any || (!has_name(bytes, "net.(*netFD).listenStream") && has_any(bytes, raw, evidence));
}

/* Functions of Go's package net that every listener or connection of their kind goes through. That there is none of them
 * says something only where the names are there, and nothing of what parts in C may do. */
static void use_go(struct usage *u, struct fact_network *row, struct words *tls, struct words *evidence)
{
	static const char *const listeners[] = { "net.(*sysListener).listenTCP", "net.(*sysListener).listenUDP",
											 "net.(*sysListener).listenMulticastUDP", NULL };
	static const char *const dialers[] = { "net.(*sysDialer).dialTCP", "net.(*sysDialer).dialUDP", NULL };
	struct span bytes = u->subject->bytes;
	bool named = has_name(bytes, "runtime.main"), found = has_any(bytes, listeners, evidence);
	bool dials = has_any(bytes, dialers, evidence), other = !found && go_may_listen(bytes, evidence);
	bool c_listens = u->nnames && listens(u) != 0, c_connects = u->nnames && connects(u) != 0;
	if (row->listens != 1)
		row->listens = found ? 1 : named && !other && !c_listens ? 0 : FACT_NULL;
	if (row->connects != 1)
		row->connects = dials ? 1 : named && !other && !c_connects ? 0 : FACT_NULL;
	if (has_name(bytes, "crypto/tls.(*Conn).Handshake"))
		add_word(tls, "crypto/tls");
	row->tls = list_of(tls);
	row->evidence = list_of(evidence);
	if (found || dials)
		row->families = TEXT_LIT("inet stream datagram");
}

static bool network_wants(const struct subject *s)
{
	return s->kind == ENTRY_FILE && strcmp(s->format, "elf") == 0;
}

static void network_run(const struct subject *s, struct sink *sink)
{
	struct usage *u = ARENA_NEW(s->arena, struct usage);
	if (!u)
		return;
	u->subject = s;
	if (!open_object(u))
		return;
	struct words tls = new_words(u), protocols = new_words(u), evidence = new_words(u);
	read_needed(u, &tls, &protocols);
	const struct network_function *all;
	size_t n = network_functions(&all);
	for (size_t i = 0; i < n && i < FUNCTIONS_MAX; i++) {
		if (!u->used[i])
			continue;
		add_word(&evidence, all[i].name);
		if (all[i].tls && (!tls.n || strcmp(all[i].tls, "gnutls") == 0))
			add_word(&tls, all[i].tls);
	}
	struct fact_network row = { .listens = listens(u),
								.connects = connects(u),
								.families = families(u, &protocols),
								.tls = list_of(&tls),
								.protocols = list_of(&protocols),
								.evidence = list_of(&evidence) };
	if (row.listens == 0 && row.connects == 0 && !is_local(&protocols))
		row.connects = FACT_NULL;                         /* by functions that we do not know */
	bool go = is_go(s->bytes);
	if (go)
		use_go(u, &row, &tls, &evidence);
	bool runs = s->mode == FACT_NULL || (s->mode & 0111); /* a coprocessor's program is none of this system */
	bool unknown = u->is_static && !u->nnames && !go;
	/* connect() alone, of a socket with a name or without, shows no more than that it talks to somebody, on this machine
	 * most likely */
	bool more = u->is_static || go || (u->uses & ~(unsigned)(NETWORK_CONNECTS | NETWORK_BINDS));
	bool talks = row.connects == 1 || (row.connects == FACT_NULL && more);
	if (unknown ? runs : row.listens != 0 || talks || row.tls.n || row.protocols.n)
		emit_network(sink, &row);
}

const struct inspector network_inspector = {
	.name = "network",
	.title = "how ELF objects use the network: sockets, TLS and protocol libraries",
	.spec = "System V gABI, POSIX.1-2017 <sys/socket.h>",
	.wants = network_wants,
	.run = network_run,
};

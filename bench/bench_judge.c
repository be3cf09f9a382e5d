/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long judging takes: a case of 100,000 blobs, with as many facts as a large router has, against all built-in packs.
 * What it is to stay below: a second.
 *
 *   bench_judge [BLOBS [PACK.yaml ...]]     a made-up case
 *   bench_judge CASE.assay [PACK.yaml ...]  one that there is; it is copied to memory first
 *
 * Prints the time of loading the packs, of judging (the best of three), and the requirements that take longest alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "case/case.h"
#include "fact/fact.h"
#include "inspect/inspect.h"
#include "judge/judge.h"

#define SLOWEST 12

static void check(struct error e)
{
	if (error_is(&e))
		die(e.text);
}

static void run(sqlite3 *db, const char *sql)
{
	char *message = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &message)) {
		fprintf(stderr, "bench_judge: %s\n  in: %.200s\n", message, sql);
		exit(2);
	}
}

/* Files: an eightieth are programs and libraries, as many scripts; the rest is content. */
static const char files[] =
	"INSERT INTO input(id, kind, location, size) VALUES(1, 'firmware', 'large.bin', 100000000);"
	"INSERT INTO blob(id, input_id, parent_id, path, kind, format) VALUES(1, 1, NULL, 'large.bin', 'input', 'data'),"
	" (2, 1, 1, 'root', 'region', 'squashfs');"
	"WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 3 < %u)"
	" INSERT INTO blob(input_id, parent_id, path, kind, format, size, mode, uid, gid)"
	" SELECT 1, 2, CASE i %% 80 WHEN 0 THEN iif(i %% 160, '/usr/sbin/prog', '/usr/lib/lib') || i || iif(i %% 160, '', '.so')"
	" WHEN 1 THEN '/etc/init.d/S' || i WHEN 2 THEN '/www/cgi-bin/page' || i || '.sh' WHEN 3 THEN '/etc/conf' || i || '.conf'"
	" ELSE '/usr/share/data/d' || (i / 100) || '/file-' || i END, 'file',"
	" CASE i %% 80 WHEN 0 THEN 'elf' WHEN 1 THEN 'script' WHEN 2 THEN 'script' ELSE 'text' END,"
	" i, CASE i %% 80 WHEN 0 THEN 493 WHEN 1 THEN 493 ELSE 420 END, 0, 0 FROM c;"
	"INSERT INTO blob(input_id, parent_id, path, kind, format, mode, uid, gid) VALUES(1, 2, '/etc/passwd', 'file', 'text', 420, 0, 0),"
	" (1, 2, '/etc/shadow', 'file', 'text', 384, 0, 0), (1, 2, '/etc/inittab', 'file', 'text', 420, 0, 0),"
	" (1, 2, '/usr/sbin/dropbear', 'file', 'elf', 493, 0, 0), (1, 2, '/usr/sbin/lighttpd', 'file', 'elf', 493, 0, 0);"
	"UPDATE blob SET file_name = replace(path, rtrim(path, replace(path, '/', '')), '');";

/* What a large image is known to have of the facts that come by the file. */
static const char facts[] =
	"INSERT INTO elf(blob_id, machine, class, endian, type, is_static, pie, nx, relro, canary, fortify, stripped, needed)"
	" SELECT id, 'mips', 32, 'little', iif(path LIKE '%.so', 'library', 'executable'), 0, id % 3 > 0, id % 5 > 0,"
	" CASE id % 3 WHEN 0 THEN 'none' WHEN 1 THEN 'partial' ELSE 'full' END, id % 2, id % 4 > 0, 1, 'libc.so.6' FROM blob"
	" WHERE format = 'elf';"
	"INSERT INTO network(blob_id, listens, connects) SELECT id, id % 7 = 0, id % 3 = 0 FROM blob WHERE format = 'elf';"
	"INSERT INTO account(blob_id, line, user, source, state, shell) SELECT id, 1, 'root', 'passwd', 'shadowed', '/bin/sh' FROM blob"
	" WHERE path = '/etc/passwd';"
	"INSERT INTO account(blob_id, line, user, source, state, hash_scheme) SELECT id, 1, 'root', 'shadow', 'set', 'sha512crypt' FROM blob"
	" WHERE path = '/etc/shadow';"
	"INSERT INTO startup(blob_id, line, mechanism, command, program, enabled) SELECT id, 1, 'inittab', '/etc/init.d/S81', '/etc/init.d/S81', 1"
	" FROM blob WHERE path = '/etc/inittab';"
	"INSERT INTO startup(blob_id, line, mechanism, command, program, enabled) SELECT id, 2, 'rcS', p || ' -d', p, 1 FROM (SELECT id,"
	" CASE id % 3 WHEN 0 THEN '/usr/sbin/dropbear' WHEN 1 THEN '/usr/sbin/lighttpd' ELSE '/usr/sbin/prog' || ((id / 160) * 160 + 80) END AS p"
	" FROM blob WHERE path LIKE '/etc/init.d/S%' LIMIT 600);"
	"UPDATE startup SET program_name = replace(program, rtrim(program, replace(program, '/', '')), '');";

/* Rows of a table whose values are made up by the kind of the column. */
static void fill(sqlite3 *db, const struct fact_table *t, unsigned rows)
{
	sqlite3_str *sql = sqlite3_str_new(db);
	sqlite3_str_appendf(sql, "WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < %u) INSERT INTO %s(blob_id", rows,
						t->name);
	for (size_t i = 0; i < t->ncolumns; i++)
		sqlite3_str_appendf(sql, ", %s", t->columns[i].name);
	sqlite3_str_appendall(sql, ") SELECT 3 + (i * 7919) % (SELECT max(id) - 3 FROM blob)");
	for (size_t i = 0; i < t->ncolumns; i++) {
		const struct fact_column *c = &t->columns[i];
		if (c->type == FACT_TEXT)
			sqlite3_str_appendf(sql, strcmp(c->name, "name") ? ", iif(i %% %d, '%s-' || (i %% %d), NULL)" : ", iif(i %% %d, '%s-' || (i %% %d), '-')",
								3 + (int)i, c->name, 5 + (int)(i * i));
		else
			sqlite3_str_appendf(sql, ", i %% %d", c->type == FACT_BOOL ? 2 : 977);
	}
	sqlite3_str_appendall(sql, " FROM c");
	char *text = sqlite3_str_finish(sql);
	run(db, text);
	sqlite3_free(text);
}

static void make_up(sqlite3 *db, unsigned blobs)
{
	static const struct {
		enum fact_type table;
		unsigned rows;
	} rest[] = {
		{ FACT_damage, 4 }, { FACT_header, 60 }, { FACT_partition, 12 }, { FACT_private_key, 30 }, { FACT_public_key, 200 },
		{ FACT_certificate, 300 }, { FACT_component, 2500 }, { FACT_setting, 2500 }, { FACT_endpoint, 3000 }, { FACT_secret, 60 },
		{ FACT_updater, 60 }, { FACT_signature, 80 }, { FACT_weakness, 800 }, { FACT_kernel, 1 }, { FACT_kernel_option, 4000 },
		{ FACT_boot_setting, 80 }, { FACT_data_store, 300 }, { FACT_leftover, 200 }, { FACT_time_source, 40 },
		{ FACT_advertisement, 30 }, { FACT_radio, 20 }, { FACT_entropy, 500 }, { FACT_declared_component, 400 },
		{ FACT_declared_statement, 100 }, { FACT_applet, 400 }, { FACT_declaration, 300 }, { FACT_release, 3 },
		{ FACT_release_component, 400 }, { FACT_document, 6 }, { FACT_document_section, 120 }, { FACT_document_date, 60 },
		{ FACT_document_contact, 30 }, { FACT_document_link, 200 }, { FACT_document_element, 400 }, { FACT_listener, 20 },
		{ FACT_tls_peer, 60 }, { FACT_site_answer, 30 }, { FACT_site_header, 200 }, { FACT_flow, 500 }, { FACT_app_trait, 400 },
	};
	char *text = sqlite3_mprintf(files, blobs);
	run(db, "BEGIN");
	run(db, text);
	sqlite3_free(text);
	run(db, facts);
	for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++)
		fill(db, &fact_tables[rest[i].table], rest[i].rows);
	run(db, "CREATE INDEX blob_by_parent ON blob(parent_id); CREATE INDEX blob_by_path ON blob(path, parent_id);"
			"CREATE INDEX blob_by_file_name ON blob(file_name, parent_id)");
	check(case_derive(db));
	run(db, "COMMIT");
}

static sqlite3 *open_case(const char *path, unsigned blobs)
{
	sqlite3 *db = NULL, *file = NULL;
	if (sqlite3_open(":memory:", &db))
		die("no memory");
	if (path) {
		if (sqlite3_open_v2(path, &file, SQLITE_OPEN_READONLY, NULL))
			die(sqlite3_errmsg(file));
		sqlite3_backup *b = sqlite3_backup_init(db, "main", file, "main");
		if (!b || sqlite3_backup_step(b, -1) != SQLITE_DONE || sqlite3_backup_finish(b))
			die("the case cannot be copied");
		sqlite3_close(file);
	} else {
		check(case_create_schema(db));
		make_up(db, blobs);
	}
	check(query_setup(db));
	/* As if every probe had run, so that nothing is decided without being asked. */
	return db;
}

static const char *const *probes(void)
{
	static const char *const others[] = {
		"firmware.unpack", "feeds.match", "sbom.read", "vex.read", "product.read", "document.read", "device.ports", "device.logins",
		"device.tls", "site.http", "site.tls", "site.policy", "capture.flows", "capture.tls", "app.manifest", "app.code", "mud.read",
	};
	static const char *list[96];
	size_t n = sizeof others / sizeof others[0];
	memcpy(list, others, sizeof others);
	for (size_t i = 0; inspector_registry[i]; i++) {
		char *name = sqlite3_mprintf("firmware.%s", inspector_registry[i]->name);
		list[n++] = name;
	}
	return list;
}

static void complete_all(sqlite3 *db, const char *const *names)
{
	run(db, "DELETE FROM probe_run");
	for (; *names; names++) {
		char *sql = sqlite3_mprintf("INSERT INTO probe_run(input_id, probe, status) VALUES(1, %Q, 'complete')", *names);
		run(db, sql);
		sqlite3_free(sql);
	}
}

struct timed {
	const char *id;
	double seconds;
};

static int by_time(const void *a, const void *b)
{
	double x = ((const struct timed *)a)->seconds, y = ((const struct timed *)b)->seconds;
	return (x < y) - (x > y);
}

/* Each requirement alone, with the standard views evaluated already. */
static void tell_slowest(sqlite3 *db, const struct pack *const *packs, size_t npacks)
{
	struct timed all[2048];
	size_t n = 0;
	struct query_kept kept;
	double from = wall_seconds(), sum = 0;
	query_keep_views(db, &query_default_limits, NULL, NULL, &kept);
	printf("standard views: %.3f s\n", wall_seconds() - from);
	for (size_t i = 0; i < npacks; i++) {
		for (size_t k = 0; k < packs[i]->nrequirements && n < 2048; k++) {
			const struct requirement *r = &packs[i]->requirements[k];
			struct judgement j;
			struct arena *arena = arena_new(0);
			if (r->origin != r)
				continue;
			from = wall_seconds();
			check(judge_requirement(db, r, NULL, arena, &j));
			all[n] = (struct timed){ r->id, wall_seconds() - from };
			sum += all[n++].seconds;
			arena_free(arena);
		}
	}
	query_release_views(db, &kept);
	qsort(all, n, sizeof *all, by_time);
	printf("one by one: %zu requirements in %.3f s; the slowest:\n", n, sum);
	for (size_t i = 0; i < n && i < SLOWEST; i++)
		printf("  %7.1f ms  %s\n", all[i].seconds * 1000, all[i].id);
}

int main(int argc, char **argv)
{
	bool file = argc > 1 && argv[1][strspn(argv[1], "0123456789")];
	struct packs *packs = packs_new(probes());
	struct pack_error pe = { 0 };
	double from = wall_seconds();
	if (!packs || !packs_load_builtins(packs, &pe))
		die(pe.text);
	for (int i = 2; i < argc; i++)
		if (!packs_load_file(packs, argv[i], &pe))
			die(pe.text);
	const struct pack *list[64];
	size_t n = packs_count(packs), requirements = 0;
	for (size_t i = 0; i < n; i++)
		requirements += (list[i] = packs_get(packs, i))->nrequirements;
	printf("load: %zu packs, %zu requirements: %.3f s\n", n, requirements, wall_seconds() - from);
	sqlite3 *db = open_case(file ? argv[1] : NULL, argc > 1 && !file ? (unsigned)atoi(argv[1]) : 100000);
	complete_all(db, probes());
	double best = 1e9;
	for (int i = 0; i < 3; i++) {
		from = wall_seconds();
		check(judge_case(db, list, n, NULL));
		best = wall_seconds() - from < best ? wall_seconds() - from : best;
	}
	printf("judge: %.3f s\n", best);
	tell_slowest(db, list, n);
	sqlite3_close(db);
	packs_free(packs);
	return 0;
}

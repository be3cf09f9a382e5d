/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/oscal.h"

#include <string.h>

#include "report/oscal_internal.h"
#include "report/uri.h"

#define ARENA_MAX ((size_t)512 << 20)
#define OSCAL_VERSION "1.1.2"

/* ---- the document ---- */

static const char *product_title(struct oscal *o)
{
	bool version = o->product_version && *o->product_version;
	return arena_printf(o->scratch, "%s%s%s", o->product, version ? " " : "", version ? o->product_version : "");
}

static void write_maker(struct oscal *o)
{
	const char *name = oscal_string(o, text_c(o->maker), NULL);
	if (!name)
		return;
	oscal_open(o, "roles", '[');
	json_open(&o->j, '{');
	oscal_pair(o, "id", "maintainer");
	oscal_pair(o, "title", "Maker of the product");
	json_close(&o->j, '}');
	json_close(&o->j, ']');
	oscal_open(o, "parties", '[');
	json_open(&o->j, '{');
	oscal_pair(o, "uuid", oscal_maker_uuid(o));
	oscal_pair(o, "type", "organization");
	oscal_pair(o, "name", name);
	json_close(&o->j, '}');
	json_close(&o->j, ']');
}

static void write_metadata(struct oscal *o)
{
	const char *title = arena_printf(o->scratch, "Assessment of %s", product_title(o));
	oscal_open(o, "metadata", '{');
	oscal_markup_pair(o, "title", text_c(title), "Assessment");
	oscal_pair(o, "last-modified", o->end);
	oscal_pair(o, "version", o->end);
	oscal_pair(o, "oscal-version", OSCAL_VERSION);
	write_maker(o);
	oscal_pair(
		o, "remarks",
		"PASS is satisfied (pass), FAIL is not-satisfied (fail). INCONCLUSIVE, where the evidence does not decide, is"
		" not-satisfied (other). What is NOT APPLICABLE is excluded from the reviewed controls and has no finding."
		" The verdict itself is in the property \"verdict\".");
	json_close(&o->j, '}');
}

static void write_plan(struct oscal *o)
{
	oscal_open(o, "import-ap", '{');
	oscal_pair(o, "href", arena_printf(o->scratch, "#%s", oscal_global_uuid(o, "plan", "none")));
	oscal_pair(
		o, "remarks",
		"There is no assessment plan: the packs of requirements are the plan, each a resource of the back matter.");
	json_close(&o->j, '}');
}

/* ---- the result ---- */

static void write_status(struct oscal *o, const char *state, const char *remarks)
{
	oscal_open(o, "status", '{');
	oscal_pair(o, "state", state);
	if (remarks)
		oscal_pair(o, "remarks", remarks);
	json_close(&o->j, '}');
}

static void write_product(struct oscal *o)
{
	json_open(&o->j, '{');
	oscal_pair(o, "uuid", oscal_product_uuid(o));
	oscal_pair(o, "type", "this-system");
	oscal_markup_pair(o, "title", text_c(o->product), "product");
	oscal_pair(o, "description", "The product that was assessed, by the inputs in the back matter.");
	if (oscal_string(o, text_c(o->product_version), NULL) || oscal_string(o, text_c(o->model), NULL)) {
		oscal_open(o, "props", '[');
		oscal_own_prop(o, "version", o->product_version);
		oscal_own_prop(o, "model", o->model);
		json_close(&o->j, ']');
	}
	write_status(o, "other", "Whether the product is in operation is no part of the assessment.");
	if (oscal_string(o, text_c(o->maker), NULL)) {
		oscal_open(o, "responsible-roles", '[');
		json_open(&o->j, '{');
		oscal_pair(o, "role-id", "maintainer");
		oscal_open(o, "party-uuids", '[');
		json_text(&o->j, text_c(oscal_maker_uuid(o)));
		json_close(&o->j, ']');
		json_close(&o->j, '}');
		json_close(&o->j, ']');
	}
	json_close(&o->j, '}');
}

static void write_tool(struct oscal *o)
{
	oscal_open(o, "components", '[');
	json_open(&o->j, '{');
	oscal_pair(o, "uuid", oscal_tool_uuid(o));
	oscal_pair(o, "type", "software");
	oscal_pair(o, "title", "Assay");
	oscal_pair(o, "description", "The program that read the inputs and judged them by the packs.");
	oscal_open(o, "props", '[');
	oscal_own_prop(o, "version", o->version);
	json_close(&o->j, ']');
	write_status(o, "operational", NULL);
	json_close(&o->j, '}');
	json_close(&o->j, ']');
	oscal_open(o, "assessment-platforms", '[');
	json_open(&o->j, '{');
	oscal_pair(o, "uuid", oscal_uuid(o, "platform", "assay"));
	oscal_pair(o, "title", "The machine that Assay ran on");
	oscal_open(o, "uses-components", '[');
	json_open(&o->j, '{');
	oscal_pair(o, "component-uuid", oscal_tool_uuid(o));
	json_close(&o->j, '}');
	json_close(&o->j, ']');
	json_close(&o->j, '}');
	json_close(&o->j, ']');
}

static void write_definitions(struct oscal *o)
{
	oscal_open(o, "local-definitions", '{');
	oscal_open(o, "components", '[');
	write_product(o);
	json_close(&o->j, ']');
	oscal_open(o, "assessment-assets", '{');
	write_tool(o);
	json_close(&o->j, '}');
	json_close(&o->j, '}');
}

/* A list of the controls of a pack, or of their objectives; of those that do not apply, or of all or of those that do. */
enum which { ALL, APPLICABLE, EXCLUDED };

static void write_list(struct oscal *o, const char *pack, enum which which, const char *list, const char *key)
{
	bool open = false;
	for (size_t i = 0; i < o->ncontrols; i++) {
		const struct oscal_control *c = &o->controls[i];
		bool excluded = c->verdict == VIEW_NOT_APPLICABLE;
		if (strcmp(c->pack, pack) != 0 || (which != ALL && excluded != (which == EXCLUDED)))
			continue;
		if (!open)
			oscal_open(o, list, '[');
		open = true;
		json_open(&o->j, '{');
		oscal_pair(o, key, which == APPLICABLE ? oscal_objective(o, c) : c->id);
		json_close(&o->j, '}');
	}
	if (open)
		json_close(&o->j, ']');
	arena_reset(o->scratch);
}

static void open_selection(struct oscal *o, const struct view_pack *p)
{
	json_open(&o->j, '{');
	oscal_markup_pair(o, "description", text_c(p->title ? p->title : p->pack), "A pack without a name.");
	oscal_pack_link(o, p->pack);
}

static void write_controls(struct oscal *o)
{
	oscal_open(o, "reviewed-controls", '{');
	oscal_open(o, "control-selections", '[');
	for (const struct view_pack *p = o->packs; p; p = p->following) {
		open_selection(o, p);
		write_list(o, p->pack, ALL, "include-controls", "control-id");
		write_list(o, p->pack, EXCLUDED, "exclude-controls", "control-id");
		json_close(&o->j, '}');
	}
	if (!o->packs) { /* the model asks for one, and that it includes controls by name or all: here, all of none */
		json_open(&o->j, '{');
		oscal_pair(o, "description", "No requirement was judged.");
		oscal_open(o, "include-all", '{');
		json_close(&o->j, '}');
		json_close(&o->j, '}');
	}
	json_close(&o->j, ']');
	if (o->ncontrols > (size_t)o->counts.n[VIEW_NOT_APPLICABLE]) {
		oscal_open(o, "control-objective-selections", '[');
		for (const struct view_pack *p = o->packs; p; p = p->following)
			if (view_pack_applicable(p) > 0) {
				open_selection(o, p);
				write_list(o, p->pack, APPLICABLE, "include-objectives", "objective-id");
				json_close(&o->j, '}');
			}
		json_close(&o->j, ']');
	}
	json_close(&o->j, '}');
}

static struct error write_result(struct oscal *o)
{
	static const char *const names[VIEW_VERDICTS] = { "fail", "inconclusive", "pass", "not-applicable" };
	json_open(&o->j, '{');
	oscal_pair(o, "uuid", oscal_uuid(o, "result", "all"));
	oscal_markup_pair(o, "title", text_c(product_title(o)), "product");
	oscal_pair(o, "description", "What was found in the inputs, judged by each pack of requirements.");
	oscal_pair(o, "start", o->start);
	oscal_pair(o, "end", o->end);
	oscal_open(o, "props", '[');
	for (int i = 0; i < VIEW_VERDICTS; i++)
		oscal_prop_int(o, names[i], o->counts.n[i]);
	json_close(&o->j, ']');
	write_definitions(o);
	write_controls(o);
	struct error e = oscal_verdicts(o);
	json_close(&o->j, '}');
	return e;
}

/* ---- back matter ---- */

static void write_pack(struct oscal *o, const struct view_pack *p)
{
	json_open(&o->j, '{');
	oscal_pair(o, "uuid", oscal_pack_uuid(o, p));
	oscal_markup_pair(o, "title", text_c(p->title ? p->title : p->pack), "A pack without a name");
	oscal_pair(o, "description", "A pack of requirements, by which the facts were judged.");
	oscal_open(o, "props", '[');
	oscal_prop(o, "resource", TEXT_LIT("pack"));
	oscal_prop(o, "pack", text_c(p->pack));
	oscal_prop(o, "pack-version", text_c(p->version));
	oscal_prop_int(o, "requirements", p->requirements);
	json_close(&o->j, ']');
	json_close(&o->j, '}');
	arena_reset(o->scratch);
}

static bool is_sha256(const char *hex)
{
	return hex && strlen(hex) == 64 && strspn(hex, "0123456789abcdef") == 64;
}

/* A file is where its name says, beside this document; a device and a site have an address, which is told above. */
static void write_file_link(struct oscal *o, const struct oscal_input *input)
{
	struct text href = uri_of_path(o->scratch, input->name ? input->name : "");
	if (!href.n || !is_sha256(input->sha256))
		return;
	oscal_open(o, "rlinks", '[');
	json_open(&o->j, '{');
	json_key_text(&o->j, "href", href);
	oscal_open(o, "hashes", '[');
	json_open(&o->j, '{');
	oscal_pair(o, "algorithm", "SHA-256");
	oscal_pair(o, "value", input->sha256);
	json_close(&o->j, '}');
	json_close(&o->j, ']');
	json_close(&o->j, '}');
	json_close(&o->j, ']');
}

static void write_input(struct oscal *o, const struct oscal_input *input)
{
	bool file = is_sha256(input->sha256);
	json_open(&o->j, '{');
	oscal_pair(o, "uuid", oscal_input_uuid(o, input));
	oscal_markup_pair(o, "title", text_c(file ? input->name : input->location), "input");
	oscal_pair(o, "description", "An input of the assessment.");
	oscal_open(o, "props", '[');
	oscal_prop(o, "resource", TEXT_LIT("input"));
	oscal_prop(o, "kind", text_c(input->kind));
	oscal_prop(o, "role", text_c(input->role));
	json_close(&o->j, ']');
	write_file_link(o, input);
	json_close(&o->j, '}');
	arena_reset(o->scratch);
}

static void write_back_matter(struct oscal *o)
{
	oscal_open(o, "back-matter", '{');
	oscal_open(o, "resources", '[');
	json_open(&o->j, '{');
	oscal_pair(o, "uuid", oscal_global_uuid(o, "plan", "none"));
	oscal_pair(o, "title", "No assessment plan");
	oscal_pair(
		o, "description",
		"This assessment had no plan of its own: what was assessed follows from the packs of requirements, and every"
		" requirement of each was judged.");
	json_close(&o->j, '}');
	for (const struct view_pack *p = o->packs; p; p = p->following)
		write_pack(o, p);
	for (size_t i = 0; i < o->ninputs; i++)
		write_input(o, &o->inputs[i]);
	json_close(&o->j, ']');
	json_close(&o->j, '}');
}

static struct error write_document(struct oscal *o)
{
	const char *uuid = NULL;
	struct error e = oscal_document_uuid(o, &uuid);
	json_open(&o->j, '{');
	oscal_open(o, "assessment-results", '{');
	oscal_pair(o, "uuid", uuid);
	write_metadata(o);
	write_plan(o);
	if (!error_is(&e))
		e = oscal_objectives(o);
	oscal_open(o, "results", '[');
	if (!error_is(&e))
		e = write_result(o);
	json_close(&o->j, ']');
	write_back_matter(o);
	json_close(&o->j, '}');
	json_close(&o->j, '}');
	putc('\n', o->j.out);
	return e;
}

struct error report_oscal(sqlite3 *db, FILE *out)
{
	struct error e = error_at(ERR_MEMORY, 0, "no memory for the assessment results");
	_cleanup_(arena_cleanup) struct arena *arena = arena_new(ARENA_MAX), *scratch = arena_new(0);
	struct oscal o = { .j = { .out = out, .broken_lines = 6 }, .arena = arena, .scratch = scratch };
	o.v = arena && scratch ? view_open(db, &e) : NULL;
	if (!o.v)
		return e;
	e = oscal_load(&o);
	if (!error_is(&e))
		e = write_document(&o);
	if (!error_is(&e) && o.no_memory)
		e = error_at(ERR_MEMORY, 0, "no memory for the assessment results");
	if (!error_is(&e))
		e = view_failure(o.v);
	sqlite3_finalize(o.blob_input);
	sqlite3_finalize(o.run_input);
	view_close(o.v);
	return e;
}

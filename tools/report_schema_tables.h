/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What report_schema.c says of the parts of the JSON report that are no fact tables. Included there only. */
#ifndef ASSAY_TOOLS_REPORT_SCHEMA_TABLES_H
#define ASSAY_TOOLS_REPORT_SCHEMA_TABLES_H

struct property {
	const char *name, *schema, *description;
};

#define TEXT_OR_NULL "{\"type\": [\"string\", \"null\"]}"
#define INT_OR_NULL "{\"type\": [\"integer\", \"null\"]}"
#define NUMBER_OR_NULL "{\"type\": [\"number\", \"null\"]}"
#define BOOL_OR_NULL "{\"type\": [\"boolean\", \"null\"]}"
#define COUNT_OF "{\"type\": \"integer\", \"minimum\": 0}"
#define ID "{\"type\": \"integer\"}"
#define REF(name) "{\"$ref\": \"#/$defs/" name "\"}"
#define LIST(name) "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/" name "\"}}"
#define END                                                                                                            \
	{                                                                                                                  \
		NULL, NULL, NULL                                                                                               \
	}

static const struct property root[] = {
	{ "schema_version", "{\"const\": 1}", "Version of this layout." },
	{ "header", REF("header"), "Times and places of the run: what differs between two runs on the same input." },
	{ "inputs", LIST("input"), "The artefacts that were assessed." },
	{ "probe_runs", LIST("probe_run"), "What was looked at, and whether completely." },
	{ "summary", REF("summary"), "How many verdicts of each kind there are." },
	{ "verdicts", LIST("verdict"), "The verdict on each requirement with its evidence." },
	END,
};

/* Behind the lists of json_tables. */
static const struct property root_end[] = {
	{ "facts", REF("facts"), "What was found, by table." },
	{ "blobs", LIST("fact_blob"), "What the inputs are made of." },
	END,
};

static const struct property header[] = {
	{ "tool", "{\"const\": \"assay\"}", "The program that wrote this." },
	{ "version", TEXT_OR_NULL, "Its version at the time of the run." },
	{ "started_at", TEXT_OR_NULL, "When the run began, ISO 8601, UTC." },
	{ "finished_at", TEXT_OR_NULL, "When it ended." },
	{ "locations", LIST("location"), "Where the inputs were read from." },
	{ "times", LIST("time"), "How long the probes took." },
	{ "feed_ages", LIST("feed_age"), "How old the feeds were when the software was matched with them." },
	{ "standing", LIST("standing"), "Where measures stand among the products that were measured on this machine." },
	{ "notes", "{\"type\": \"object\", \"additionalProperties\": {\"type\": [\"string\", \"null\"]}}",
	  "Other notes of the run." },
	END,
};

static const struct property location[] = {
	{ "input_id", ID, "The input." },
	{ "location", TEXT_OR_NULL, "Its path as it was given." },
	END,
};

static const struct property time_of[] = {
	{ "probe_run_id", ID, "The probe run." },
	{ "seconds", "{\"type\": \"number\", \"minimum\": 0}", "Wall time." },
	END,
};

static const struct property input[] = {
	{ "id", ID, "Row of the table input." },
	{ "kind", TEXT_OR_NULL, "firmware, product, document, sbom, vex, device, capture, app, site or mud." },
	{ "name", TEXT_OR_NULL, "The last part of its location." },
	{ "size", INT_OR_NULL, "Bytes." },
	{ "sha256", TEXT_OR_NULL, "SHA-256 of its bytes, hexadecimal." },
	{ "role", TEXT_OR_NULL, "What it is for: of a document privacy-notice, manual ..., of a site, or the phase of a capture." },
	{ "description", TEXT_OR_NULL, "What it is, in one line; nothing for an input that no probe has looked at." },
	END,
};

static const struct property probe_run[] = {
	{ "id", ID, "Row of the table probe_run." },
	{ "input_id", INT_OR_NULL, "What it looked at." },
	{ "probe", TEXT_OR_NULL, "The probe or inspector." },
	{ "status", TEXT_OR_NULL, "complete, partial, crashed, budget or stopped." },
	{ "detail", TEXT_OR_NULL, "Why, when it is not complete." },
	END,
};

#define COUNTS                                                                                                         \
	{ "fail", COUNT_OF, "Requirements that fail." }, { "inconclusive", COUNT_OF, "That could not be decided." },       \
		{ "pass", COUNT_OF, "That pass." },                                                                            \
	{                                                                                                                  \
		"not_applicable", COUNT_OF, "That do not apply."                                                               \
	}

static const struct property summary[] = {
	COUNTS,
	{ "software", REF("software_summary"), "How much software there is, and how many known vulnerabilities." },
	{ "packs", LIST("pack"), "The same by guideline pack." },
	END,
};

static const struct property software_summary[] = {
	{ "components", INT_OR_NULL, "Rows of `software`; null where the case was made by an early version." },
	{ "with_version", INT_OR_NULL, "Those whose version is known." },
	{ "vulnerabilities", INT_OR_NULL, "Rows of `vulnerabilities` whose state is affected; null: nothing was matched." },
	{ "exploited", INT_OR_NULL, "Of these: known to be exploited." },
	{ "severe_and_reachable", INT_OR_NULL, "Critical or high, of what boot starts, what that loads, and the kernel." },
	{ "stated_otherwise", INT_OR_NULL, "Of which a document states another state." },
	{ "fixed", INT_OR_NULL, "Rows whose state is fixed." },
	{ "not_affected", INT_OR_NULL, "Rows whose state is not_affected." },
	{ "under_investigation", INT_OR_NULL, "Rows whose state is under_investigation." },
	{ "chance_30_days", NUMBER_OR_NULL, "That one of them is exploited somewhere within 30 days." },
	END,
};

static const struct property feed_age[] = {
	{ "name", TEXT_OR_NULL, "The source." },
	{ "age_days", INT_OR_NULL, "Days from its newest record, or from its import where it names none." },
	END,
};

static const struct property pack[] = {
	{ "pack", TEXT_OR_NULL, "Name of the pack." },
	{ "title", TEXT_OR_NULL, "Its title." },
	{ "version", TEXT_OR_NULL, "Its version." },
	COUNTS,
	{ "coverage", REF("coverage"), "How much of it is decided, and by what." },
	END,
};

static const struct property coverage[] = {
	{ "requirements", COUNT_OF, "All of the pack; the following five add up to it." },
	{ "by_evidence", COUNT_OF, "PASS or FAIL by what was seen." },
	{ "by_declaration", COUNT_OF, "PASS or FAIL of what the maker declares, by its word." },
	{ "declared_only", COUNT_OF, "INCONCLUSIVE, with nothing but the maker's word for it." },
	{ "not_decided", COUNT_OF, "INCONCLUSIVE, without even that." },
	{ "not_applicable", COUNT_OF, "That do not apply." },
	{ "evidence_share", NUMBER_OR_NULL, "by_evidence, as a share of those that apply; null where none does." },
	{ "word_share", NUMBER_OR_NULL, "by_declaration and declared_only, likewise." },
	{ "next_inputs", LIST("next_input"), "What would decide most of the INCONCLUSIVE ones, the weightiest first." },
	END,
};

static const struct property next_input[] = {
	{ "settles", TEXT_OR_NULL, "The input, in the words of the requirements that wait for it." },
	{ "requirements", COUNT_OF, "How many do." },
	{ "weight", COUNT_OF, "The sum of their severities: critical 8, high 4, medium 2, low 1." },
	END,
};

static const struct property standing[] = {
	{ "requirement", TEXT_OR_NULL, "The requirement that asks for the number: `origin` of a verdict." },
	{ "measure", TEXT_OR_NULL, "Its name there." },
	{ "products", COUNT_OF, "Products that were measured, this one among them." },
	{ "lower", COUNT_OF, "Those with a lower number." },
	{ "equal", COUNT_OF, "Others with the same one." },
	{ "higher", COUNT_OF, "Those with a higher number." },
	END,
};

static const struct property measure[] = {
	{ "id", ID, "Row of the table measure." },
	{ "name", TEXT_OR_NULL, "Its name within the requirement." },
	{ "title", TEXT_OR_NULL, "What is measured." },
	{ "unit", TEXT_OR_NULL, "Unit of the value." },
	{ "formula", TEXT_OR_NULL, "How it is computed, in words." },
	{ "better", TEXT_OR_NULL, "lower, higher, or null where neither is." },
	{ "missing", TEXT_OR_NULL, "Why it could not be measured." },
	{ "value", NUMBER_OR_NULL, "The number; null: not measured, or there is nothing to measure." },
	{ "thresholds", LIST("threshold"), "From where on it decides; without one it decides nothing." },
	{ "evidence_total", INT_OR_NULL, "How many rows are behind it; the case keeps the first ones." },
	{ "evidence", LIST("evidence"), "The rows behind it." },
	END,
};

static const struct property threshold[] = {
	{ "gives", TEXT_OR_NULL, "PASS or FAIL." },
	{ "above", NUMBER_OR_NULL, "For greater values." },
	{ "below", NUMBER_OR_NULL, "For lesser ones; one of the two is null." },
	{ "source", TEXT_OR_NULL, "Who says so." },
	{ "crossed", BOOL_OR_NULL, "The value is beyond it." },
	END,
};

static const struct property verdict[] = {
	{ "id", ID, "Row of the table verdict." },
	{ "verdict", "{\"enum\": [\"FAIL\", \"INCONCLUSIVE\", \"PASS\", \"NOT APPLICABLE\"]}",
	  "In the terms of ETSI TS 103 701." },
	{ "basis", TEXT_OR_NULL,
	  "What it rests on: evidence; declaration (the maker's word, about which the requirement is); declared (INCONCLUSIVE, with"
	  " nothing but the maker's word for it); null: nothing." },
	{ "about", TEXT_OR_NULL, "What the requirement is about: product, or declaration." },
	{ "pack", TEXT_OR_NULL, "The guideline pack." },
	{ "requirement", TEXT_OR_NULL, "Id of the requirement." },
	{ "origin", TEXT_OR_NULL, "Id of the requirement that its queries were written for, often itself." },
	{ "title", TEXT_OR_NULL, "What it asks." },
	{ "section", TEXT_OR_NULL, "Where in the guideline it stands." },
	{ "because", TEXT_OR_NULL, "Why it matters." },
	{ "severity", TEXT_OR_NULL, "critical, high, medium or low." },
	{ "summary", TEXT_OR_NULL, "The verdict in one sentence." },
	{ "missing", TEXT_OR_NULL, "What was missing for a decision." },
	{ "settles", TEXT_OR_NULL, "What would settle it." },
	{ "remedy", TEXT_OR_NULL, "What makes it pass." },
	{ "remedy_command", TEXT_OR_NULL, "The command that helps with it." },
	{ "excluded", TEXT_OR_NULL, "Why the pack leaves it out, if it does." },
	{ "severity_was", TEXT_OR_NULL, "The severity before the pack changed it." },
	{ "severity_reason", TEXT_OR_NULL, "Why it did." },
	{ "references", LIST("reference"), "The standards that ask the same." },
	{ "queries", LIST("query"), "What the requirement asks the case, in the order in which it is asked." },
	{ "evidence_total", INT_OR_NULL, "How many rows there were; the case keeps the first ones." },
	{ "evidence", LIST("evidence"), "The rows that it rests on." },
	{ "measures", LIST("measure"), "The numbers that the requirement asks for." },
	END,
};

static const struct property reference[] = {
	{ "standard", TEXT_OR_NULL, "Name of the standard." },
	{ "id", TEXT_OR_NULL, "Clause in it." },
	END,
};

static const struct property query[] = {
	{ "role", TEXT_OR_NULL, "What its rows do: applies, fails, passes, declared or missing." },
	{ "sql", TEXT_OR_NULL, "The query, as the pack has it; it may name views of the pack." },
	END,
};

static const struct property evidence[] = {
	{ "role", TEXT_OR_NULL, "What the row does for the verdict." },
	{ "table", TEXT_OR_NULL, "The fact's table." },
	{ "row_id", INT_OR_NULL, "The fact's id in it." },
	{ "says", TEXT_OR_NULL, "The fact in words." },
	{ "blob_id", INT_OR_NULL, "The blob that it was found in." },
	{ "path", TEXT_OR_NULL, "The way to it through the containers, joined by ' > '." },
	{ "line", INT_OR_NULL, "Line in it, from 1." },
	{ "offset", INT_OR_NULL, "Offset in it." },
	END,
};

static const struct definition {
	const char *name;
	const struct property *properties;
} definitions[] = {
	{ "header", header },       { "location", location }, { "time", time_of }, { "input", input },
	{ "probe_run", probe_run }, { "summary", summary },   { "pack", pack },    { "verdict", verdict },
	{ "reference", reference }, { "query", query }, { "evidence", evidence }, { "software_summary", software_summary },
	{ "feed_age", feed_age },   { "coverage", coverage }, { "next_input", next_input }, { "standing", standing },
	{ "measure", measure },     { "threshold", threshold },
};

#endif

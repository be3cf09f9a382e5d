// SPDX-License-Identifier: GPL-3.0-or-later
// What each section shows, as data: its tables, their columns and their order. A table of the report that no section
// names gets one of its own, with all its columns.
import { yesNo } from "./text.js";

// A column: "name", or "name|Head", or "name|Head|kind". Kinds: text (the default), code, number, bool, date, hex, size.
const topic = (id, title, group, parts, more = {}) => ({ id, title, group, parts, ...more });
const part = (table, columns, more = {}) => ({ table, columns, ...more });

const rank = (list, value) => {
	const at = list.indexOf(value);
	return at < 0 ? list.length : at;
};
const CONFIDENCE = ["proven", "likely", "possible"];

export const TOPICS = [
	topic("inputs", "Inputs", "Product", [], { picture: "inputs" }),
	topic(
		"declarations",
		"What the maker declares",
		"Product",
		[
			part("contradictions", "says|Observed,topic|About", { title: "Declarations that an observation refutes", only: true }),
			part("declaration", "key|What,value|Declared,section|Section,item|Item|number,line|Line|number", {
				title: "All declarations",
				place: false,
				nothing: "Nothing is declared: there was no product file.",
			}),
		],
		{ picture: "declarations", uses: "declaration" },
	),
	topic(
		"documents",
		"Documents",
		"Product",
		[
			part("document_element", "element|Element,about|About,state|State,value|Value,sentence|Sentence", { title: "What they say", only: true }),
			part("document", null, { title: "As they were read", nothing: "No documents were given." }),
			part("document_date", null, { title: "Dates", only: true }),
			part("document_contact", null, { title: "Contacts", only: true }),
			part("document_link", null, { title: "Links", only: true }),
		],
		{ picture: "documents", uses: "document" },
	),
	topic(
		"flash",
		"Flash layout",
		"Inside",
		[
			part("partition", "name|Partition,start|Start|hex,size|Size|size,read_only|Read only|bool,device|On,source|Said by", {
				title: "Partitions that the system expects",
				only: true,
			}),
			part("header", "name|Field,value|Value|code", { title: "Fields of headers", only: true }),
			part("entropy", "offset|From|hex,size|Size|size,kind|Kind,millibits|Millibits a byte|number,detail|Detail", {
				title: "Density of bytes",
				only: true,
			}),
		],
		{ picture: "flash" },
	),
	topic("contents", "Contents", "Inside", [], { picture: "tree", uses: "blob" }),
	topic(
		"boot",
		"What starts at boot",
		"Behaviour",
		[
			part("startup", "command|Command|code,enabled|Started|bool,mechanism|By,user|As,ports|Ports,detail|Detail", {
				sort: (a, b) => (b.enabled ?? 0) - (a.enabled ?? 0) || a.id - b.id,
				nothing: "Nothing that is started was found.",
			}),
		],
		{ picture: "boot" },
	),
	topic("services", "What a network reaches", "Behaviour", [
		part(
			"services",
			"name|Service|code,ports|Port,user|As,tls|TLS,pie|PIE|bool,relro|RELRO,canary|Canary|bool,component|Component,version|Version,place|Started by",
			{ keep: (row) => row.exposed, nothing: "Nothing that boot starts was found to listen." },
		),
		part("network", "listens|Listens|bool,connects|Connects|bool,families|Families,protocols|Protocols,tls|TLS,evidence|Shown by|code", {
			title: "How programs use the network",
			only: true,
		}),
		part("advertisement", "protocol|Protocol,type|Type|code,name|Name,port|Port|number,detail|Detail", {
			title: "Announced on the network",
			only: true,
		}),
		part("radio", "technology|Radio,stack|Stack,key|Setting|code,value|Value|code", { title: "Radios", only: true }),
	]),
	topic("components", "Components", "Software", [
		part(
			"software",
			"title|Component,version|Version,package_version|Package,distribution|Distribution,licence|Licence,confidence|Confidence,evidence_kind|Shown by,known|Known flaws|number,path|Where|code,count|Files|number",
			{
				place: false,
				sort: (a, b) => (b.known ?? 0) - (a.known ?? 0) || String(a.title).localeCompare(String(b.title)),
				nothing: "No components were found.",
			},
		),
		part("component", "name|Component,version|Version,evidence_kind|Shown by,evidence|Text|code,confidence|Confidence", {
			title: "Every place that shows a component",
			only: true,
		}),
		part("sbom_differences", "name|Component,declared_version|Declared,found_version|Found,kind|Difference", {
			title: "Bill of materials and image",
			only: true,
			place: false,
		}),
		part("declared_component", "name|Component,version|Version,kind|Kind,purl|Package URL|code,supplier|Supplier,format|Format", {
			title: "Declared components",
			only: true,
		}),
		part("applet", "program|Program,name|Command|code,linked|Linked|bool", { title: "Commands of multi-call programs", only: true }),
	]),
	topic(
		"vulnerabilities",
		"Known vulnerabilities",
		"Software",
		[
			part(
				"vulnerabilities",
				"name|Vulnerability,component|Component,state|State,priority|Priority|number,cvss|CVSS|number,severity|Severity,epss|EPSS|number,kev|Exploited|bool,stated_state|Stated,exposure|Exposure,exposed_by|By|code",
				{
					place: false,
					sort: (a, b) => (a.state !== "affected") - (b.state !== "affected") || (b.priority ?? 0) - (a.priority ?? 0),
					nothing: "No record of the feeds is about a component in this version.",
				},
			),
			part("feeds", "name|Source,kind|Kind,records|Records|number,newest|Newest|day,imported|Imported|day,age|Age in days|number", {
				title: "Feeds that it was matched with",
				only: true,
				place: false,
			}),
			part(
				"statements",
				"vulnerability|Vulnerability,component|Component,version|Version,status|Status,justification|Why,note|Note,author|Author,date|On,source|In",
				{ title: "What documents state", only: true, place: false },
			),
			part("declared_statement", "vulnerability|Vulnerability,name|Component,status|Status,justification|Why,note|Note,author|Author", {
				title: "Statements as they stand in documents",
				only: true,
			}),
		],
		{ picture: "vulnerabilities" },
	),
	topic("accounts", "Accounts", "Secrets", [
		part(
			"account",
			"user|User,uid|UID|number,state|State,hash_scheme|Hash,password|Password found|code,password_source|In list,shell|Shell|code,source|Source",
			{
				sort: (a, b) => (a.password === null) - (b.password === null) || rank(["empty", "set"], a.state) - rank(["empty", "set"], b.state),
				nothing: "No accounts were found.",
			},
		),
	]),
	topic(
		"keys",
		"Keys and certificates",
		"Secrets",
		[
			part("private_key", "type|Type,bits|Bits|number,container|Form,encrypted|Encrypted|bool,use|Use", {
				title: "Private keys",
				nothing: "No private keys were found.",
			}),
			part(
				"certificate",
				"subject|Subject,not_before|From|date,not_after|Until|date,key_type|Key,key_bits|Bits|number,signature|Signature,self_signed|Self-signed|bool,weak|Weakness",
				{ title: "Certificates", sort: (a, b) => !a.weak - !b.weak, nothing: "No certificates were found." },
			),
			part("public_key", "type|Type,bits|Bits|number,container|Form,name|Name,fingerprint|Fingerprint|code", { title: "Public keys", only: true }),
		],
		{ picture: "timeline" },
	),
	topic("secrets", "Credentials in every copy", "Secrets", [
		part("secret", "kind|Kind,name|Name|code,value|Value|code,proof|Checked,confidence|Confidence,harmless|Harmless", {
			sort: (a, b) => !!a.harmless - !!b.harmless || rank(CONFIDENCE, a.confidence) - rank(CONFIDENCE, b.confidence),
			nothing: "No credentials were found beside those of accounts and keys.",
		}),
	]),
	topic("data", "Where data is kept", "Secrets", [
		part("data_store", "kind|Kind,content|Personal data,evidence|Shown by|code,records|Records|number,encrypted|Encrypted|bool", {
			sort: (a, b) => !a.content - !b.content,
			nothing: "Nothing that keeps personal data was found.",
		}),
	]),
	topic(
		"endpoints",
		"What the product talks to",
		"Behaviour",
		[
			part("endpoint", "text|Address|code,scheme|Scheme,role|For,encrypted|Encrypted|bool,scope|Scope,noise|Set aside as", {
				sort: (a, b) => !!a.noise - !!b.noise || (a.encrypted ?? 2) - (b.encrypted ?? 2),
				nothing: "No addresses were found.",
			}),
			part("time_source", "kind|Kind,value|Value|code,program|Used by", { title: "Time", only: true }),
		],
		{ picture: "endpoints" },
	),
	topic("hardening", "Hardening of programs", "Software", [], { picture: "hardening", uses: "elf" }),
	topic("scripts", "Scripts", "Software", [
		part("weakness", "kind|Shape,code|Code|code,source|From|code,sink|Into,confidence|Confidence,language|Language", {
			sort: (a, b) => rank(CONFIDENCE, a.confidence) - rank(CONFIDENCE, b.confidence),
			nothing: "No script was found that invites misuse.",
		}),
	]),
	topic("settings", "Settings", "Behaviour", [
		part("setting", "program|Program,section|Section|code,key|Setting|code,value|Value|code,origin|From,effective|In effect|bool", {
			sort: (a, b) => (b.secret ?? 0) - (a.secret ?? 0) || (a.origin === "default") - (b.origin === "default"),
			nothing: "No settings were found.",
		}),
	]),
	topic("updates", "Updates", "Behaviour", [
		part("updater", "mechanism|Mechanism,aspect|Aspect,value|Value,evidence|Shown by|code", {
			nothing: "Nothing that updates the product was found.",
		}),
		part("signature", "scheme|Scheme,covers|Covers,algorithm|Algorithm,state|State,key_hint|Key,detail|Detail", {
			title: "Signatures",
			only: true,
			sort: (a, b) => (a.state === "valid") - (b.state === "valid"),
		}),
	]),
	topic("kernel", "Kernel and boot", "Software", [
		part("kernel", "version|Kernel,built|Built|date,compiler|Compiler,built_by|By,has_config|Has its options|bool", {
			nothing: "No kernel was found.",
		}),
		part("kernel_option", "name|Option|code,value|Value|code,recommended|Recommended|code,recommended_by|By,topic|Topic,origin|From", {
			title: "Kernel options",
			only: true,
			sort: (a, b) => differs(b) - differs(a),
		}),
		part("boot_setting", "loader|Loader,key|Setting|code,value|Value|code,origin|From", { title: "Boot loader", only: true }),
		part("mcu", "chip|Chip,project|Program,version|Version,sdk|SDK,secure_boot|Secure boot,flash_encryption|Flash encryption,debug|Debug interface", {
			title: "Microcontrollers",
			only: true,
		}),
	]),
	topic("leftovers", "Left over from development", "Software", [
		part("leftover", "kind|Kind,detail|What", { nothing: "Nothing of development was found." }),
		part("rule_match", "rule|Rule|code,tags|Tags,string|String|code,offset|Offset|hex,data|Data|code", {
			title: "Matches of the user's rules",
			only: true,
		}),
	]),
	topic(
		"unseen",
		"What was not looked at",
		"Verdicts",
		[part("damage", "kind|Kind,what|What", { title: "What could not be read, and why", nothing: "Every byte that was recognised could be read." })],
		{ picture: "unseen" },
	),
];

function differs(row) {
	return Number(Boolean(row.recommended) && row.value !== row.recommended);
}

// Titles of sections for tables that stand alone.
const TITLES = {
	declaration: "Declarations of the maker",
	release: "Releases",
	release_component: "Components of earlier releases",
	document: "Documents",
	document_section: "Headings of documents",
	document_date: "Dates in documents",
	document_contact: "Contacts in documents",
	document_link: "Links in documents",
	document_element: "What documents say",
	listener: "Ports of the live device",
	login_attempt: "Logins that were tried",
	tls_peer: "TLS as it was seen",
	site_answer: "Web sites",
	site_header: "Headers of web sites",
	flow: "Network traffic",
	mud_file: "MUD files",
	app: "Mobile apps",
	app_trait: "Traits of mobile apps",
	software_evidence: "Which facts show which software",
};

const NOT_ALONE = new Set(["blob", "elf", "software_evidence"]);

// The sections of a case: those above, and one for every further table that has rows.
export function topicsOf(model, titleOf) {
	const named = new Set([...NOT_ALONE, ...TOPICS.flatMap((t) => t.parts.map((p) => p.table))]);
	const others = model
		.names()
		.filter((name) => !named.has(name) && model.count(name) > 0)
		.map((name) => topic(`table-${name}`, TITLES[name] ?? titleOf(name), "More", [part(name, null)]));
	return [...TOPICS, ...others];
}

export function topicOfTable(topics, table) {
	if (table === "blob") return topics.find((t) => t.id === "contents");
	return topics.find((t) => t.uses === table || t.parts.some((p) => p.table === table));
}

const DERIVED = new Set(["known", "component", "age"]); // which listing.js adds

// "pie|PIE|bool" for every column, or the table's own columns.
export function columnsOf(columns, table) {
	if (columns === null)
		return table.columns.filter((name) => name !== "id" && name !== "blob_id" && name !== "line").map((name) => [name, null, "auto"]);
	return columns
		.split(",")
		.map((column) => column.split("|"))
		.filter(([name]) => table.at.has(name) || DERIVED.has(name))
		.map(([name, head, kind]) => [name, head, kind ?? "text"]);
}

export function plain(value, kind) {
	if (value === null || value === undefined) return "";
	return kind === "bool" || typeof value === "boolean" ? yesNo(value) : value;
}

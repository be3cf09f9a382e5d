-- SPDX-License-Identifier: GPL-3.0-or-later

-- Declarations that an observation refutes: a declaration never overrules one. Nothing that only may be so is here: what depends
-- on an address that could not be resolved, on an example, or on a program that boot does not reach. declared_in: the table that
-- declaration_id points at, `declaration`, or `document_element` for a statement of a document. table_name and row_id: what
-- refutes it. topic: telemetry, support, services, encryption-at-rest, encryption-in-transit, inventory, updates, sbom,
-- document (of data), promise (of documents, on support and updates), discovery, third-party, credentials, reset.
CREATE VIEW contradiction AS
SELECT 'telemetry' AS topic, declaration_id, table_name, row_id, says, 'declaration' AS declared_in FROM refuted_telemetry
UNION ALL SELECT 'support', declaration_id, table_name, row_id, says, 'declaration' FROM refuted_support
UNION ALL SELECT 'services', declaration_id, table_name, row_id, says, 'declaration' FROM refuted_services
UNION ALL SELECT 'encryption-at-rest', declaration_id, table_name, row_id, says, 'declaration' FROM refuted_at_rest
UNION ALL SELECT 'encryption-in-transit', declaration_id, table_name, row_id, says, 'declaration' FROM refuted_in_transit
UNION ALL SELECT 'inventory', declaration_id, table_name, row_id, says, 'declaration' FROM refuted_inventory
UNION ALL SELECT 'updates', declaration_id, table_name, row_id, says, 'declaration' FROM refuted_updates
UNION ALL SELECT 'sbom', declaration_id, table_name, row_id, says, 'declaration' FROM refuted_sbom
UNION ALL SELECT 'document', declaration_id, table_name, row_id, says, declared_in FROM refuted_document
UNION ALL SELECT 'promise', declaration_id, table_name, row_id, says, declared_in FROM refuted_promise
UNION ALL SELECT 'discovery', declaration_id, table_name, row_id, says, 'declaration' FROM refuted_discovery
UNION ALL SELECT 'third-party', declaration_id, table_name, row_id, says, 'declaration' FROM refuted_third_party
UNION ALL SELECT 'credentials', declaration_id, table_name, row_id, says, 'declaration' FROM refuted_credentials
UNION ALL SELECT 'reset', declaration_id, table_name, row_id, says, 'declaration' FROM refuted_reset;

-- Both sides of each contradiction, for `fails` of a requirement: one row for the declaration or the statement of a document, one
-- for what refutes it.
CREATE VIEW contradiction_evidence AS
WITH told AS MATERIALIZED (SELECT * FROM contradiction)
SELECT DISTINCT c.topic, 'declaration' AS table_name, d.id AS row_id,
       'declared: ' || d.section || coalesce(' ' || d.item, '') || ', ' || d.key || ': ' || d.value
       || coalesce(' (line ' || d.line || ' of the product file)', '') AS says
FROM told c JOIN declaration d ON d.id = c.declaration_id WHERE c.declared_in = 'declaration'
UNION ALL
SELECT DISTINCT c.topic, 'document_element', s.id, s.place || ' states: "' || s.sentence || '"'
FROM told c JOIN document_said s ON s.id = c.declaration_id WHERE c.declared_in = 'document_element'
UNION ALL
SELECT topic, table_name, row_id, says FROM told;

-- For reports: each contradiction once, with the blob that its text may quote.
CREATE VIEW contradiction_shown AS
SELECT row_number() OVER (ORDER BY topic, declared_in, declaration_id, table_name, row_id, says) AS id, topic, declared_in, declaration_id,
       table_name, row_id, says,
       CASE table_name WHEN 'startup' THEN (SELECT blob_id FROM startup WHERE id = row_id)
       WHEN 'endpoint' THEN (SELECT blob_id FROM endpoint WHERE id = row_id)
       WHEN 'updater' THEN (SELECT blob_id FROM updater WHERE id = row_id)
       WHEN 'data_store' THEN (SELECT blob_id FROM data_store WHERE id = row_id)
       WHEN 'account' THEN (SELECT blob_id FROM account WHERE id = row_id)
       WHEN 'advertisement' THEN (SELECT blob_id FROM advertisement WHERE id = row_id)
       WHEN 'private_key' THEN (SELECT blob_id FROM private_key WHERE id = row_id) END AS blob_id
FROM (SELECT DISTINCT topic, declared_in, declaration_id, table_name, row_id, says FROM contradiction);

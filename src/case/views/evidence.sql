-- SPDX-License-Identifier: GPL-3.0-or-later

-- Addresses of the public Internet that the product uses, as far as the image tells: they stand in what boot starts, in a file
-- that a started program reads or is given, or in a program for a microcontroller; and their context tells what for. Not links
-- for people.
CREATE VIEW used_endpoint AS
WITH read_file(id) AS MATERIALIZED (SELECT DISTINCT blob_id FROM service_setting WHERE origin = 'file'),
lines AS MATERIALIZED (SELECT parent_id, command FROM started WHERE instr(command, '/'))
SELECT e.id, e.blob_id, b.parent_id, b.path, lower(e.host) AS host, e.port, e.scheme, e.encrypted, e.role, e.text,
       b.path || CASE WHEN b.path GLOB '/*' THEN '' ELSE ' at offset ' || e.offset END AS place
FROM endpoint e JOIN blob b ON b.id = e.blob_id
WHERE e.noise IS NULL AND e.scope = 'public' AND coalesce(e.kind, 'url') <> 'email' AND e.host <> ''
  AND e.role NOT IN ('link', 'support')
  AND b.path NOT LIKE '/usr/share/doc/%' AND b.path NOT LIKE '%example%' AND b.path NOT LIKE '%sample%'
  AND CASE
    -- beside Linux VxWorks and eCos are those of a modem or a radio, and say nothing of what else lies in the flash
    WHEN b.path NOT GLOB '/*' THEN EXISTS (SELECT 1 FROM mcu m WHERE m.blob_id IN (b.id, b.parent_id)
      AND (NOT EXISTS (SELECT 1 FROM kernel) OR (m.sdk IS NOT 'eCos' AND coalesce(m.sdk, '') NOT GLOB 'VxWorks*')))
    WHEN b.format IN ('elf', 'script') THEN b.id IN (SELECT id FROM reached_file)
    ELSE b.id IN (SELECT id FROM read_file) OR EXISTS (
      SELECT 1 FROM lines s WHERE s.parent_id IS b.parent_id AND instr(s.command || ' ', b.path || ' ')) END;

-- Hosts that the product file names, in lower case and without scheme, port and path: endpoints of data and telemetry, flows, and
-- whatever address stands elsewhere in it. A name stands for all names below it. id points at `declaration`; NULL for a site
-- that is an input.
CREATE VIEW declared_host AS
WITH named(id, section, item, v) AS (
  SELECT id, section, item, lower(CASE WHEN instr(value, '://') THEN substr(value, instr(value, '://') + 3) ELSE value END)
  FROM declaration
  WHERE (section IN ('data', 'telemetry') AND key = 'endpoints') OR (section = 'flows' AND key = 'host') OR value GLOB '*://*'
  UNION ALL
  SELECT NULL, 'sites', NULL, lower(substr(location, instr(location, '://') + 3)) FROM input
  WHERE kind = 'site' AND location GLOB '*://*'),
bare(id, section, item, v) AS (SELECT id, section, item, substr(v, 1, instr(v || '/', '/') - 1) FROM named)
SELECT id, section, item, host FROM (
  SELECT id, section, item, ltrim(CASE WHEN v GLOB '[[]*' THEN substr(v, 2, instr(v || ']', ']') - 2) WHEN v GLOB '*:*:*' THEN v
    ELSE substr(v, 1, instr(v || ':', ':') - 1) END, '*.') AS host FROM bare)
WHERE host <> '';

-- The kinds of personal data that a declared datum may be of, by the words of its name and by its category (stands_in tells by
-- which): data/datum_word. It is wide: good to say that something is declared.
CREATE VIEW datum_kind AS
SELECT DISTINCT d.item, w.kind, w.stands_in
FROM declaration d JOIN datum_word w ON w.stands_in = d.key
  AND instr(' ' || replace(replace(replace(replace(replace(lower(d.value), '-', ' '), ',', ' '), '/', ' '), '_', ' '), '.', ' ') || ' ',
            ' ' || replace(w.word, '-', ' ') || ' ')
WHERE d.section = 'data' AND d.key IN ('name', 'category');

-- When the image was made, as far as it tells: the release that is assessed, and its kernels.
CREATE VIEW built_day AS
WITH made(table_name, row_id, what, z) AS (
  SELECT 'release', id, 'its image was made on ', built / 86400 + 719468 FROM release WHERE current = 1 AND built > 0
  UNION ALL
  SELECT 'kernel', id, 'its kernel was built on ', built / 86400 + 719468 FROM kernel WHERE built > 0),
day_of_era AS (SELECT *, z / 146097 AS era, z % 146097 AS doe FROM made),
year_of_era AS (SELECT *, (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365 AS yoe FROM day_of_era),
day_of_year AS (SELECT *, doe - (365 * yoe + yoe / 4 - yoe / 100) AS doy FROM year_of_era),
month AS (SELECT *, (5 * doy + 2) / 153 AS mp FROM day_of_year)
SELECT table_name, row_id, what,
       printf('%04d-%02d-%02d', yoe + era * 400 + (mp >= 10), mp + iif(mp < 10, 3, -9), doy - (153 * mp + 2) / 5 + 1) AS day
FROM month;

-- Until when those who make it give fixes for what is in the image (the table `lifecycle`): the kernel, libraries and languages
-- that no distribution maintains, and the distribution. table_name and row_id say what shows it.
CREATE VIEW maintained_until AS
WITH release_of(blob_id, name, version, row_id) AS (
  SELECT n.blob_id, lower(n.value), v.value, v.id FROM setting n JOIN setting v ON v.blob_id = n.blob_id
  WHERE n.program = 'os-release' AND v.program = 'os-release'
    AND ((n.key = 'ID' AND v.key = 'VERSION_ID') OR (n.key = 'DISTRIB_ID' AND v.key = 'DISTRIB_RELEASE'))),
found(name, version, table_name, row_id, blob_id) AS (
  SELECT s.name, s.version, 'component', c.id, c.blob_id
  FROM software s
  JOIN (SELECT software_id, min(id) AS first FROM software_evidence GROUP BY software_id) f ON f.software_id = s.id
  JOIN software_evidence e ON e.id = f.first JOIN component c ON c.id = e.component_id
  WHERE s.name IN ('linux', 'openssl', 'php', 'python') AND s.version IS NOT NULL AND s.distribution IS NULL
    AND s.confidence IN ('proven', 'likely') AND NOT EXISTS (SELECT 1 FROM release_of)
    AND s.version NOT LIKE '%-cip%' AND s.version NOT LIKE '%.el_%' AND s.version NOT LIKE '%-generic%'
    AND s.version NOT LIKE '%-amd64%' AND s.version NOT LIKE '%-android%' AND s.version NOT LIKE '%deb%'
  UNION ALL
  SELECT name, version, 'setting', row_id, blob_id FROM release_of)
SELECT f.name, f.version, l.cycle, l.end_of_life, l.source, f.table_name, f.row_id, b.path
FROM found f JOIN blob b ON b.id = f.blob_id
JOIN lifecycle l ON l.product = f.name AND substr(f.version, 1, length(l.cycle)) = l.cycle
  AND substr(f.version, length(l.cycle) + 1, 1) NOT GLOB '[0-9]';

-- Stores in the image that are not encrypted and are no part of a program or its documentation.
CREATE VIEW clear_store AS
SELECT s.id, s.blob_id, s.kind, s.records, ' ' || replace(s.content, ',', ' ') || ' ' AS content, b.path, s.evidence
FROM data_store s JOIN blob b ON b.id = s.blob_id
WHERE s.encrypted = 0 AND s.kind <> 'sql' AND b.path NOT LIKE '/usr/share/%' AND b.path NOT LIKE '/usr/lib/%'
  AND b.path NOT LIKE '%example%' AND b.path NOT LIKE '%sample%' AND b.path NOT LIKE '%/test/%' AND b.path NOT LIKE '%/tests/%';

-- Declarations that are made of nothing: there is none, or no more than a letter. What says that nothing is known is refused when the
-- product file is read.
CREATE VIEW empty_word AS
SELECT id, section, item, key FROM declaration
WHERE lower(trim(value, ' .!')) IN ('no', 'none', 'nothing', 'never', 'nobody', 'nowhere', 'no one', 'not provided', 'not available',
    'not applicable', 'not relevant', 'not specified', 'not defined', 'various', 'other', 'others', 'misc', 'something', 'anything', 'stuff',
    'pending', 'planned', 'not yet', 'in preparation', 'in progress', 'in negotiation', 'under negotiation', 'draft', 'as needed', 'as required',
    'on request', 'upon request', 'confidential', 'internal use', 'internal purposes', 'business purposes', 'general purposes')
  -- a promise of something, or where else it may be read
  OR lower(value) GLOB 'not yet *' OR lower(value) GLOB 'to be *' OR lower(value) GLOB 'will be *' OR lower(value) GLOB 'various *'
  OR (lower(value) GLOB 'see *' AND value NOT GLOB '*://*')
  OR value GLOB '[a-zA-Z]'
  -- an answer, where a name or a reason is asked for
  OR (key IN ('name', 'purpose', 'contract', 'liability', 'risk', 'mitigation', 'terms') AND lower(trim(value, ' .!')) IN ('yes', 'true', 'ok', 'okay'))
  OR (key IN ('purpose', 'contract', 'liability', 'risk', 'mitigation', 'terms') AND value NOT GLOB '*://*'
    AND (lower(value) GLOB 'ask *' OR lower(value) GLOB 'contact *' OR lower(value) GLOB 'call *' OR lower(value) GLOB 'refer *'))
  OR (key IN ('contract', 'liability', 'risk', 'mitigation') AND (lower(value) GLOB 'no *' OR lower(value) GLOB 'not *' OR lower(value) GLOB 'none *'
    OR lower(value) GLOB 'nothing *' OR lower(value) GLOB '* none'))
  -- a name that names no datum, or nobody
  OR (section = 'data' AND key = 'name' AND lower(trim(value, ' .!')) IN ('data', 'information', 'personal data', 'personal information', 'user data',
    'customer data', 'user information', 'all data', 'any data', 'some data', 'other data', 'misc data', 'miscellaneous'))
  OR (section = 'recipients' AND key = 'name' AND lower(trim(value, ' .!')) IN ('partner', 'partners', 'our partners', 'business partners', 'trusted partners',
    'selected partners', 'third party', 'third parties', 'affiliate', 'affiliates', 'vendors', 'suppliers', 'service providers', 'providers'));

-- Receivers that are declared not to be third parties, although their names say that they are companies, and not the maker's.
CREATE VIEW doubted_recipient AS
WITH spelled(id, words) AS (
  SELECT id, ' ' || trim(replace(replace(replace(replace(lower(value), ',', ' '), '.', ' '), '-', ' '), char(10), ' ')) || ' ' FROM declaration
  WHERE (section = 'product' AND key IN ('maker', 'name')) OR (section = 'recipients' AND key = 'name')),
named(name) AS (
  SELECT CASE WHEN words GLOB ' the ?*' THEN ltrim(substr(words, 5)) ELSE ltrim(words) END FROM spelled
  WHERE id IN (SELECT id FROM declaration WHERE section = 'product')),
own(word) AS (SELECT ' ' || substr(name, 1, instr(name, ' ')) FROM named WHERE name <> ''),
company(word) AS (VALUES ('gmbh'), ('inc'), ('ltd'), ('llc'), ('corp'), ('limited'), ('google'), ('firebase'), ('amazon'), ('aws'), ('microsoft'),
  ('azure'), ('facebook'), ('meta'), ('alibaba'), ('aliyun'), ('tencent'), ('tuya'), ('cloudflare'), ('mixpanel'), ('amplitude'),
  ('appsflyer'), ('twilio'), ('stripe'), ('sentry'), ('datadog'), ('analytics'))
SELECT r.id, r.item, r.value AS name FROM declaration r JOIN spelled x ON x.id = r.id
JOIN declaration t ON t.section = 'recipients' AND t.item = r.item AND t.key = 'third_party' AND t.value = 'no'
WHERE r.section = 'recipients' AND r.key = 'name'
  AND EXISTS (
    SELECT 1 FROM company w WHERE instr(x.words, ' ' || w.word || ' '))
  AND NOT EXISTS (SELECT 1 FROM own WHERE instr(x.words, own.word));

-- Documents that say themselves that they are not about the product (of a web site or a shop alone; "this policy does not cover" and
-- its name), or that they do not hold: a draft, a sample, a policy that was withdrawn. And short pages that a server gives in the place of a
-- document: of an error, of a check for robots, of a choice of cookies.
CREATE VIEW elsewhere_document AS
WITH instead(shape) AS (VALUES ('*not found*'), ('404*'), ('*error 40[0-9]*'), ('*error 50[0-9]*'), ('*40[134] error*'), ('403*'), ('*access denied*'), ('forbidden*'),
  ('*unavailable*'), ('*bad gateway*'), ('*under construction*'), ('*coming soon*'), ('*page * does not exist*'), ('*no longer available*'),
  ('*just a moment*'), ('*attention required*'), ('*before you continue*'), ('*are you a robot*'), ('*are a human*'), ('*are human*'), ('*verify you*'), ('*captcha*'),
  ('*enable javascript*'), ('*we use cookies*'), ('*cookie settings*'), ('*sign in*'), ('*log in*'), ('*nicht gefunden*'), ('*zugriff verweigert*'), ('*nicht verf?gbar*'),
  ('*introuvable*'), ('*acc?s refus?*'))
SELECT i.id AS input_id, d.blob_id, i.role, i.location
FROM document d JOIN blob b ON b.id = d.blob_id JOIN input i ON i.id = b.input_id
WHERE i.kind = 'document'
  AND (EXISTS (SELECT 1 FROM document_element e WHERE e.blob_id = d.blob_id AND e.element IN ('covers-product', 'in-force') AND e.state = 'denied'
      AND NOT EXISTS (SELECT 1 FROM document_element o WHERE o.blob_id = d.blob_id AND o.element = e.element AND o.state = 'present'))
    OR EXISTS (SELECT 1 FROM document_element e JOIN declaration n ON n.section = 'product' AND n.key IN ('name', 'model') AND length(trim(n.value)) >= 3
      WHERE e.blob_id = d.blob_id AND e.element = 'exclusion' AND e.state = 'present' AND instr(lower(e.sentence), lower(trim(n.value))))
    OR (d.words < 120 AND d.format = 'html' AND (EXISTS (SELECT 1 FROM instead x WHERE lower(d.title) GLOB x.shape)
      OR EXISTS (SELECT 1 FROM document_section c JOIN instead x ON lower(c.heading) GLOB x.shape WHERE c.blob_id = d.blob_id))));

-- Documents that name neither the product nor its maker: they may be anybody's, and what they say shows nothing.
-- So may those whose title has another model of its series.
-- A name must stand as whole words (AC-1 is no AC-10), without the company's legal form. Where the product file names neither,
-- each document is taken for what it is given as.
CREATE VIEW document_standing AS
WITH legal_form(word) AS (VALUES ('GmbH'), ('Inc'), ('Ltd'), ('LLC'), ('Corp'), ('AG'), ('SA'), ('BV'), ('AB'), ('Oy'), ('Limited')),
elsewhere AS MATERIALIZED (SELECT blob_id FROM elsewhere_document),
named(name) AS (
  SELECT ' ' || trim(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(lower(value), '.', ' '), ',', ' '), ':', ' '), ';', ' '), '(', ' '), ')', ' '), '/', ' '), '@', ' '), '-', ' '), '"', ' '), '''', ' '), char(8217), ' '), char(174), ' '), char(8482), ' '), '*', ' '), '_', ' '), char(10), ' ')) || ' ' FROM declaration
  WHERE section = 'product' AND key IN ('name', 'model', 'maker')),
called AS MATERIALIZED (
  SELECT DISTINCT replace(replace(replace(replace(replace(replace(name, ' gmbh ', ' '), ' inc ', ' '), ' ltd ', ' '), ' llc ', ' '), ' corp ', ' '), ' ag ', ' ') AS name
  FROM named WHERE length(name) >= 5),
said AS (
  SELECT blob_id, title AS words, 1 AS heads FROM document WHERE EXISTS (SELECT 1 FROM called)
  UNION ALL SELECT blob_id, heading, 1 FROM document_section WHERE EXISTS (SELECT 1 FROM called)
  UNION ALL SELECT blob_id, sentence, 0 FROM document_element WHERE EXISTS (SELECT 1 FROM called)
  UNION ALL SELECT blob_id, sentence, 0 FROM document_date WHERE EXISTS (SELECT 1 FROM called)
  UNION ALL SELECT blob_id, value, 1 FROM document_contact WHERE EXISTS (SELECT 1 FROM called)
  UNION ALL SELECT blob_id, sentence, 0 FROM document_contact WHERE EXISTS (SELECT 1 FROM called)
  UNION ALL SELECT blob_id, url || ' ' || coalesce(text, ''), 0 FROM document_link WHERE EXISTS (SELECT 1 FROM called)),
named_in AS MATERIALIZED (
  SELECT x.blob_id, max(x.heads) AS heads, count(DISTINCT x.words) AS times FROM said x JOIN called c
  ON instr(' ' || replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(lower(x.words), '.', ' '), ',', ' '), ':', ' '), ';', ' '), '(', ' '), ')', ' '), '/', ' '), '@', ' '), '-', ' '), '"', ' '), '''', ' '), char(8217), ' '), char(174), ' '), char(8482), ' '), '*', ' '), '_', ' '), char(10), ' ') || ' ', c.name)
  GROUP BY x.blob_id),
own AS MATERIALIZED (
  -- not what is named once, by somebody who has another mail address: "works with ..."
  SELECT blob_id FROM named_in
  WHERE heads OR times > 1 OR blob_id NOT IN (SELECT blob_id FROM document_contact WHERE kind = 'email')
  UNION
  SELECT m.blob_id FROM document_contact m JOIN called c ON length(replace(c.name, ' ', '')) >= 5 AND instr(lower(m.value), replace(c.name, ' ', ''))
  WHERE m.kind = 'email')
SELECT i.id AS input_id, d.blob_id, i.role, i.location,
       d.blob_id IN (SELECT blob_id FROM elsewhere) OR EXISTS (SELECT 1 FROM document_contact c WHERE c.blob_id = d.blob_id AND c.kind = 'email')
         OR coalesce(d.title GLOB '*[A-Z]-[0-9]*' OR d.title GLOB '*[A-Z][A-Z][0-9]*', 0)
         OR EXISTS (SELECT 1 FROM legal_form w
           WHERE instr(' ' || replace(replace(replace(d.title, ',', ' '), '.', ' '), ':', ' ') || ' ', ' ' || w.word || ' ')) AS beside
FROM document d JOIN blob b ON b.id = d.blob_id JOIN input i ON i.id = b.input_id
WHERE i.kind = 'document' AND (d.blob_id IN (SELECT blob_id FROM elsewhere) OR EXISTS (SELECT 1 FROM called)
  AND (d.blob_id NOT IN (SELECT blob_id FROM own) OR EXISTS (
    -- LX-100 in the title, where the product is LX-200 and the document nowhere says so
    SELECT 1 FROM declaration m WHERE m.section = 'product' AND m.key = 'model' AND m.value GLOB '*[A-Za-z]-[0-9]*'
      AND upper(d.title) GLOB '*' || upper(substr(m.value, 1, instr(m.value, '-'))) || '[0-9]*'
      AND NOT EXISTS (SELECT 1 FROM said x WHERE x.blob_id = d.blob_id AND instr(lower(x.words), lower(m.value))))));

-- What these say shows nothing.
CREATE VIEW foreign_document AS
SELECT input_id, blob_id, role, location FROM document_standing;

-- Those of them that are known to be of something else: they say so, or name whom they are of. What they deny or lack shows nothing,
-- either.
CREATE VIEW beside_document AS
SELECT input_id, blob_id, role, location FROM document_standing WHERE beside;

-- Rows of documents that count for nothing. What a document of something else denies or lacks (`beside_document`). And of what
-- is absent besides: another document of the same role says it, denies it, could not be read, or leaves it open; one says it
-- of which nobody knows whose it is; or it is what a privacy notice says of data, and the notice says that none are collected.
CREATE VIEW lonely_absence AS
WITH standing AS MATERIALIZED (SELECT blob_id, beside FROM document_standing),
none_collected(blob_id) AS (
  -- a notice that says that nothing is collected need not say how long it is kept, unless somebody declares otherwise, the
  -- app has a tracker, or a program that boot starts has an address for telemetry
  SELECT e.blob_id FROM document_element e JOIN blob b ON b.id = e.blob_id JOIN input i ON i.id = b.input_id
  WHERE i.role = 'privacy-notice' AND e.element = 'data-collected' AND e.state = 'denied' AND e.about IS NULL
    AND NOT EXISTS (SELECT 1 FROM document_element p WHERE p.blob_id = e.blob_id AND p.element = 'data-collected' AND p.state = 'present')
    AND NOT EXISTS (SELECT 1 FROM declaration d WHERE d.section = 'data' AND d.key IN ('personal', 'special') AND d.value = 'yes')
    AND NOT EXISTS (SELECT 1 FROM active_tracker)
    AND NOT EXISTS (SELECT 1 FROM endpoint u JOIN blob p ON p.id = u.blob_id JOIN startup s ON s.program = p.path AND s.enabled = 1
      WHERE u.role = 'telemetry' AND u.noise IS NULL AND u.scope = 'public')),
about_data(element) AS (VALUES ('data-collected'), ('purpose'), ('legal-basis'), ('retention'), ('sharing'),
  ('third-party-consent'), ('sale'), ('rights-access'), ('rights-correction'), ('rights-deletion'), ('rights-objection'),
  ('rights-portability'), ('deletion-remote'), ('consent'), ('consent-withdrawal'), ('opt-out'), ('preferences'), ('children'),
  ('transfer-abroad'), ('ownership'), ('storage-place'), ('security-measures'))
SELECT e.id FROM document_element e WHERE e.state IN ('absent', 'denied') AND e.blob_id IN (SELECT blob_id FROM standing WHERE beside)
UNION
SELECT e.id FROM document_element e JOIN blob b ON b.id = e.blob_id JOIN input i ON i.id = b.input_id
WHERE e.state = 'absent' AND (e.blob_id IN (SELECT blob_id FROM none_collected) AND e.element IN (SELECT element FROM about_data) OR EXISTS (
    SELECT 1 FROM document_element f JOIN standing n ON n.blob_id = f.blob_id
    WHERE f.element = e.element AND f.state = 'present' AND f.blob_id <> e.blob_id) OR EXISTS (
  SELECT 1 FROM input o
  WHERE o.kind = 'document' AND o.role = i.role AND o.id <> i.id AND NOT EXISTS (
    SELECT 1 FROM document_element x JOIN blob xb ON xb.id = x.blob_id
    WHERE xb.input_id = o.id AND x.element = e.element AND x.state = 'absent')));

-- What documents say, with the document: role is what the product file says it is. One of no role (other) is not asked.
CREATE VIEW document_told AS
SELECT e.id, i.id AS input_id, i.role, i.location, e.element, e.state, e.about, e.value, e.sentence,
       i.location || coalesce(' page ' || e.page, ' line ' || e.line, '') AS place,
       ' ' || replace(replace(replace(replace(replace(replace(replace(replace(replace(lower(e.sentence), '.', ' '), ',', ' '), ':', ' '), ';', ' '), '(', ' '), ')', ' '), '"', ' '), '/', ' '), '-', ' ') || ' ' AS words
FROM document_element e JOIN blob b ON b.id = e.blob_id JOIN input i ON i.id = b.input_id
WHERE i.role IS NOT 'other' AND e.id NOT IN (SELECT id FROM lonely_absence);

-- The same, without what a document says that names neither the product nor its maker: that shows nothing. What it lacks or denies
-- counts, as it was given as the product's.
CREATE VIEW document_said AS
SELECT * FROM document_told
WHERE NOT (state = 'present' AND input_id IN (SELECT input_id FROM foreign_document));

-- What two documents of the same role tell differently: one says it and the other denies it, or they name different times for the
-- same. That data are sold and that they are not, how long they are kept and that nobody is bound to it, or that they are the
-- user's and the maker's, one says by itself.
CREATE VIEW document_dispute AS
WITH of_user AS (SELECT id FROM document_said WHERE element = 'ownership' AND state = 'present'
  AND (words GLOB '* you own *' OR words GLOB '* you are the owner *' OR words GLOB '* you remain the *owner *' OR words GLOB '* you retain *'
    OR words GLOB '* belong* to you *' OR words GLOB '* users own *' OR words GLOB '* geh?ren ihnen *')),
of_maker AS (SELECT id FROM document_said WHERE element = 'ownership' AND state = 'present'
  AND (words GLOB '* we own *' OR words GLOB '* we are the owner *' OR words GLOB '* we retain *' OR words GLOB '* belong* to us *'
    OR words GLOB '* our property *' OR words GLOB '* property of the company *' OR words GLOB '* geh?ren uns *'))
SELECT DISTINCT a.role, a.element FROM document_said a JOIN document_said b
ON b.role = a.role AND b.element = a.element
  AND (b.input_id <> a.input_id OR (b.state = 'denied' AND (a.element = 'retention' OR (a.element = 'sale' AND a.about IS b.about)))
    OR (a.element = 'ownership' AND a.id IN (SELECT id FROM of_user) AND b.id IN (SELECT id FROM of_maker)))
WHERE a.state = 'present'
  AND (b.state = 'denied' OR a.element = 'ownership' AND a.id IN (SELECT id FROM of_user) AND b.id IN (SELECT id FROM of_maker) OR (b.state = 'present' AND a.about IS b.about AND a.value GLOB '[0-9]* day*' AND b.value GLOB '[0-9]* day*' AND a.value <> b.value));

-- Trackers of the product's apps that are on unless somebody turns them off, with whether the product file names them as a
-- recipient.
CREATE VIEW active_tracker AS
SELECT t.id, t.name, EXISTS (
  SELECT 1 FROM declaration d
  WHERE ((d.section = 'recipients' AND d.key = 'name') OR (d.section = 'data' AND d.key = 'recipients')) AND length(d.value) > 2
    AND (instr(lower(t.name), lower(d.value)) OR instr(lower(d.value), lower(t.name)))) AS declared
FROM app_trait t
WHERE t.kind = 'tracker' AND coalesce(t.value, '') NOT IN ('off', 'user') AND t.name <> '';

-- How long a text says that something is kept, in days.
CREATE VIEW declared_days AS
WITH numbers(table_name, row_id, item, text, n) AS (
  SELECT 'declaration', id, item, lower(value), CAST(value AS INTEGER) FROM declaration WHERE section = 'data' AND key = 'retention'
  UNION ALL
  SELECT 'document_element', id, NULL, lower(value), CAST(value AS INTEGER) FROM document_element WHERE element = 'retention' AND state = 'present')
SELECT table_name, row_id, item, n * CASE WHEN text LIKE '%hour%' THEN 1.0 / 24 WHEN text LIKE '%day%' THEN 1 WHEN text LIKE '%week%' THEN 7
  WHEN text LIKE '%month%' THEN 30.4 WHEN text LIKE '%year%' THEN 365 END AS days
FROM numbers WHERE n > 0;

-- The protocols of discovery that are declared, by the names that facts have for them: a text may name several, or one by another
-- word (Bonjour, UPnP). Without a protocol: it is declared that there is none.
CREATE VIEW discovery_word AS
WITH said AS (
  SELECT item, min(id) AS id, lower(max(CASE key WHEN 'protocol' THEN value END)) AS protocol,
         lower(max(CASE key WHEN 'type' THEN value END)) AS type
  FROM declaration WHERE section = 'discovery' GROUP BY item),
synonym(word, protocol) AS (VALUES ('mdns', 'mdns'), ('multicast dns', 'mdns'), ('dns-sd', 'mdns'), ('bonjour', 'mdns'), ('zeroconf', 'mdns'),
  ('avahi', 'mdns'), ('ssdp', 'ssdp'), ('upnp', 'ssdp'), ('ws-d', 'ws-discovery'), ('ws discovery', 'ws-discovery'), ('wsd', 'ws-discovery'),
  ('onvif', 'ws-discovery'), ('netbios', 'netbios'), ('nbns', 'netbios'), ('nmbd', 'netbios'), ('slp', 'slp'), ('llmnr', 'llmnr'),
  ('lldp', 'lldp'), ('bluetooth', 'bluetooth'), ('ble', 'bluetooth'))
SELECT item, id, protocol, type FROM said
UNION
SELECT s.item, s.id, y.protocol, s.type FROM said s JOIN synonym y ON instr(s.protocol, y.word);

-- Certificates that are declared, with what their words tell. of_version: this, other, or unknown where the text is no single version
-- (1.2 and later, 1.x), or one of the two may be a line to which the other belongs (1.4 and 1.4.2). names_other: the scope has words that neither
-- the product nor what every product has goes by, so that it may be another one's. about_security: unknown where the scheme tells
-- nothing of that; 0 for schemes that are about something else (energy, radio, waste).
CREATE VIEW certificate_claim AS
WITH RECURSIVE
usual(word) AS (VALUES ('a'), ('all'), ('an'), ('and'), ('any'), ('app'), ('application'), ('applications'), ('apps'), ('as'), ('at'), ('back'),
  ('backend'), ('board'), ('boot'), ('both'), ('by'), ('cloud'), ('companion'), ('complete'), ('component'), ('components'), ('configuration'),
  ('configurations'), ('connectivity'), ('core'), ('cyber'), ('cybersecurity'), ('data'), ('default'), ('device'), ('devices'), ('each'),
  ('end'), ('entire'), ('every'), ('except'), ('excluding'), ('feature'), ('features'), ('firmware'), ('for'), ('from'), ('full'),
  ('function'), ('functionality'), ('functions'), ('hardware'), ('in'), ('incl'), ('included'), ('including'), ('interface'),
  ('interfaces'), ('its'), ('local'), ('main'), ('mobile'), ('module'), ('network'), ('no'), ('not'), ('of'), ('on'), ('only'), ('or'),
  ('package'), ('page'), ('part'), ('parts'), ('platform'), ('privacy'), ('product'), ('protection'), ('radio'), ('requirements'),
  ('secure'), ('security'), ('server'), ('service'), ('services'), ('settings'), ('software'), ('system'), ('the'), ('this'), ('to'),
  ('unit'), ('units'), ('update'), ('updates'), ('version'), ('web'), ('whole'), ('wireless'), ('with'), ('without')),
texts(item, text) AS (
  SELECT item, scope FROM declared_certification WHERE scope IS NOT NULL
  UNION ALL SELECT 0, value FROM declaration WHERE section = 'product' AND key IN ('name', 'maker', 'model', 'category')
  -- a version alone may be the number of a model
  UNION ALL SELECT 0, value || ' v' || value FROM declaration WHERE section = 'product' AND key = 'version' AND value GLOB '*[0-9].[0-9]*'),
plain(item, text) AS (
  SELECT item, replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(lower(text), ',', ' '), ';', ' '),
    ':', ' '), '(', ' '), ')', ' '), '/', ' '), '"', ' '), '''', ' '), char(10), ' '), '. ', ' '), '-', ' '), '&', ' and ') || ' ' FROM texts),
split(item, word, rest) AS (
  SELECT item, '', text FROM plain
  UNION ALL
  SELECT item, rtrim(substr(rest, 1, instr(rest, ' ') - 1), '.'), substr(rest, instr(rest, ' ') + 1) FROM split WHERE rest <> ''),
word(item, word) AS MATERIALIZED (SELECT DISTINCT item, word FROM split WHERE word <> ''),
foreign_scope(item) AS MATERIALIZED (
  SELECT DISTINCT item FROM word
  WHERE item > 0 AND word NOT IN (SELECT word FROM usual) AND word NOT IN (SELECT word FROM word WHERE item = 0)),
named_scope(item) AS (
  SELECT s.item FROM plain s JOIN plain m ON m.item = 0
  JOIN declaration d ON d.section = 'product' AND d.key = 'model' AND d.value GLOB '*[0-9]*'
  WHERE s.item > 0 AND length(trim(d.value)) >= 4 AND trim(m.text) = trim(replace(lower(d.value), '-', ' ')) AND instr(' ' || s.text, ' ' || trim(m.text) || ' ')),
claim AS (
  SELECT c.*, ltrim(lower(trim(c.firmware)), 'v') AS given, (SELECT ltrim(lower(trim(version)), 'v') FROM declared_product LIMIT 1) AS assessed,
         lower(c.scheme) AS low, ' ' || replace(replace(replace(replace(replace(lower(c.scheme), '-', ' '), '/', ' '), ',', ' '), '(', ' '), ')', ' ') || ' ' AS words
  FROM declared_certification c)
SELECT c.id, c.item, c.line, c.scheme, c.number, c.version, c.firmware, c.date, c.expires, c.scope, c.assessed AS product_version,
       CASE WHEN c.given = c.assessed OR c.given || '.0' = c.assessed OR c.given || '.0.0' = c.assessed OR c.assessed || '.0' = c.given
              OR c.assessed || '.0.0' = c.given THEN 'this'
         WHEN c.assessed IS NULL OR c.given GLOB '*[^0-9a-z._]*' OR c.given NOT GLOB '[0-9]*' OR c.given GLOB '*x*'
           OR substr(c.assessed, 1, length(c.given) + 1) = c.given || '.'
           OR substr(c.given, 1, length(c.assessed) + 1) = c.assessed || '.' THEN NULL
         WHEN c.given <> c.assessed THEN 'other' END AS of_version,
       c.item IN (SELECT item FROM foreign_scope) AND c.item NOT IN (SELECT item FROM named_scope) AS names_other,
       CASE WHEN c.low LIKE '%cyber%' OR c.low LIKE '%secur%' OR c.low LIKE '%sicherheitskennzeichen%' OR c.low LIKE '%common criteria%'
              OR c.low LIKE '%eucc%' OR c.low LIKE '%62443%' OR c.low LIKE '%303 645%' OR c.low LIKE '%303645%' THEN 1
         WHEN c.low LIKE '%energy%' OR c.low LIKE '%rohs%' OR c.words LIKE '% reach %' OR c.low LIKE '%weee%' OR c.low LIKE '%recycl%'
           OR c.words LIKE '% ecolabel%' OR c.words LIKE '% eco label%' OR c.low LIKE '%blue angel%' OR c.low LIKE '%blauer engel%' OR c.low LIKE '%iso 9001%'
           OR c.low LIKE '%iso 14001%' OR c.low LIKE '%fairtrade%' OR c.low LIKE '%wi-fi certified%' OR c.low LIKE '%bluetooth%'
           OR c.low IN ('ce', 'ukca', 'fcc', 'ic', 'ce marking', 'ce mark', 'fcc id', 'fcc part 15', 'red', 'emc', 'qi', 'energy star') THEN 0 END AS about_security
FROM claim c;

-- Boot parameters by which the kernel or systemd starts something else than what was read: another program in place of init, another
-- target, a unit less. Not an entry of a menu beside another, which may be what boots.
CREATE VIEW other_boot AS
SELECT k.id FROM kernel_option k
WHERE k.origin = 'command line' AND (k.name = 'systemd.mask'
    OR (k.name IN ('init', 'rdinit') AND k.value NOT IN ('/sbin/init', '/init', '/bin/init', '/etc/init', '/etc/preinit', '/linuxrc', '/sbin/procd',
      '/bin/systemd', '/lib/systemd/systemd', '/usr/lib/systemd/systemd', '/usr/sbin/init'))
    OR (k.name = 'systemd.unit' AND k.value NOT IN ('multi-user.target', 'graphical.target', 'default.target')))
  AND NOT EXISTS (
    SELECT 1 FROM kernel_option o
    WHERE o.blob_id = k.blob_id AND o.origin = 'command line' AND o.line <> k.line AND NOT EXISTS (
      SELECT 1 FROM kernel_option i
      WHERE i.blob_id = o.blob_id AND i.line = o.line AND i.origin = 'command line' AND i.name = k.name));

-- Lines that run where a file is not there yet, which the image's scripts make: at the first start alone.
CREATE VIEW first_start AS
SELECT s.id FROM startup s JOIN blob b ON b.id = s.blob_id
WHERE s.condition_path GLOB '!/*' AND EXISTS (
  SELECT 1 FROM startup t JOIN blob tb ON tb.id = t.blob_id
  WHERE tb.parent_id IS b.parent_id AND t.id <> s.id AND instr(coalesce(t.expanded, t.command), substr(s.condition_path, 2)));

-- Update clients that boot starts and that ask a server, with what tells them which: the command itself, or their settings.
-- SWUpdate's client is an option of its own: "-u" within the words of another option is none.
CREATE VIEW asking_client AS
WITH line AS MATERIALIZED (
  SELECT s.id, s.blob_id, s.parent_id, s.mechanism AS started_by, s.place, s.command, s.program_name, s.words, replace(s.command, '''', '"') || ' ' AS plain,
         instr(replace(s.command, '''', '"'), ' -u') AS at
  FROM started_there s
  WHERE s.program_name IN ('swupdate', 'aktualizr', 'aktualizr-lite', 'mender-update', 'mender-updated', 'mender', 'rauc-hawkbit-updater')
    AND s.id NOT IN (SELECT id FROM first_start) AND NOT EXISTS (SELECT id FROM other_boot)
    -- it reaches no server
    AND NOT EXISTS (SELECT 1 FROM confined_unit c WHERE s.mechanism = 'systemd' AND c.unit = s.detail AND c.parent_id IS s.parent_id)
    AND NOT EXISTS (SELECT 1 FROM other_libraries o WHERE o.parent_id IS s.parent_id)
    -- what systemd runs before does not end it: commands that may fail for a reason of their own
    AND NOT EXISTS (
      SELECT 1 FROM startup p JOIN blob pb ON pb.id = p.blob_id
      WHERE p.mechanism = 'systemd' AND p.once AND p.detail = s.detail AND pb.parent_id IS s.parent_id AND p.id <> s.id
        AND p.command NOT GLOB '-*' AND p.command NOT GLOB '[@:+!|]-*' AND coalesce(p.program_name, '') NOT IN ('chgrp', 'chmod', 'chown', 'cp', 'echo',
          'install', 'ln', 'mkdir', 'mv', 'rm', 'sleep', 'sync', 'systemd-tmpfiles', 'touch', 'true', 'udevadm'))
    -- the file that is run is there, and nothing stops it
    AND s.id IN (SELECT p.startup_id FROM startup_program p JOIN blob r ON r.id = p.blob_id WHERE r.kind <> 'symlink')
    AND NOT EXISTS (
      SELECT 1 FROM rewriting w WHERE w.parent_id IS s.parent_id AND w.id <> s.id AND instr(w.words, s.program_name) AND (
        w.program_name IN ('kill', 'killall', 'pkill', 'update-rc.d') OR (w.program_name = 'rm' AND instr(w.words, 'bin/' || s.program_name || ' '))
        OR (w.program_name IN ('systemctl', 'service') AND (instr(w.words, ' stop ') OR instr(w.words, ' disable ') OR instr(w.words, ' mask ')))))),
client AS (
  SELECT l.*, CASE l.program_name WHEN 'swupdate' THEN 'swupdate' WHEN 'rauc-hawkbit-updater' THEN 'hawkbit' ELSE 'mender' END AS mechanism
  FROM line l
  WHERE CASE l.program_name
    WHEN 'swupdate' THEN l.at > 0 AND (length(substr(l.plain, 1, l.at)) - length(replace(substr(l.plain, 1, l.at), '"', ''))) % 2 = 0
      AND l.plain NOT GLOB '* -n *' AND instr(l.plain, '--dry-run') = 0
    WHEN 'mender' THEN l.words GLOB '*mender daemon *'
    WHEN 'mender-update' THEN l.words GLOB '*mender-update daemon *'
    ELSE l.program_name NOT GLOB 'aktualizr*' END),
told AS MATERIALIZED (
  SELECT c.id, c.place, c.command, 'startup' AS table_name, c.id AS row_id, 'the command names the server' AS says, c.blob_id, c.parent_id, c.started_by, NULL AS path
  FROM client c
  WHERE c.mechanism = 'swupdate' AND (substr(c.plain, c.at + 3) GLOB '*-u *://*' OR substr(c.plain, c.at + 3) GLOB '*--url*://*')
  UNION ALL
  SELECT c.id, c.place, c.command, 'updater', u.id, b.path || coalesce(' line ' || u.line, '') || ' names the server: ' || u.evidence,
         c.blob_id, c.parent_id, c.started_by, b.path
  FROM client c JOIN updater u ON u.mechanism = c.mechanism JOIN blob b ON b.id = u.blob_id AND b.parent_id IS c.parent_id
  WHERE b.format IS NOT 'elf' AND b.format IS NOT 'script' AND u.aspect = 'fetch' AND b.path NOT LIKE '/usr/share/%' AND CASE c.mechanism
    WHEN 'swupdate' THEN instr(c.words, '-f ' || b.path || ' ')
      OR (b.path = '/etc/swupdate.cfg' AND instr(c.words, ' -f ') = 0 AND instr(c.words, ' --file') = 0)
    WHEN 'hawkbit' THEN instr(c.words, '-c ' || b.path || ' ') OR instr(c.words, '--config-file=' || b.path || ' ')
    ELSE 1 END
  UNION ALL
  SELECT l.id, l.place, l.command, 'blob', t.id, t.path || ' has its settings', l.blob_id, l.parent_id, l.started_by, t.path
  FROM line l JOIN blob t ON t.parent_id IS l.parent_id AND t.kind = 'file' AND t.size > 0
    AND (t.path GLOB '/etc/sota/*.toml' OR t.path GLOB '/usr/lib/sota/conf.d/*.toml' OR t.path = '/var/sota/sota.toml')
  WHERE CASE l.program_name WHEN 'aktualizr' THEN NOT (l.words GLOB '* --version *' OR l.words GLOB '* --help *' OR l.words GLOB '* -[hv] *'
      OR l.words GLOB '*[ =]once *' OR l.words GLOB '*[ =]check *' OR l.words GLOB '*[ =]download *' OR l.words GLOB '*[ =]install *'
      OR l.words GLOB '*[ =]campaign_*' OR l.words GLOB '* info *')
    WHEN 'aktualizr-lite' THEN l.words GLOB '* daemon *' END),
-- what has to be the image's own: the program, its settings, and the script or unit that starts it
needed(id, blob_id, parent_id, path) AS (
  SELECT t.id, NULL, t.parent_id, t.path FROM told t WHERE t.path IS NOT NULL
  UNION ALL
  SELECT t.id, NULL, t.parent_id, r.path FROM told t JOIN startup_program p ON p.startup_id = t.id JOIN blob r ON r.id IN (p.file_id, p.blob_id)
  UNION ALL
  SELECT t.id, t.blob_id, t.parent_id, b.path FROM told t JOIN blob b ON b.id = t.blob_id
  UNION ALL
  SELECT t.id, t.blob_id, t.parent_id, '/etc/systemd/system/' FROM told t WHERE t.started_by = 'systemd')
SELECT id, place, command, table_name, row_id, says FROM told
WHERE id NOT IN (
  SELECT n.id FROM needed n JOIN rewriting w ON w.parent_id IS n.parent_id AND w.over IS NOT NULL
  WHERE w.program_name NOT IN ('ln', 'rm') AND (w.id IS NULL OR w.id <> n.id) AND CASE
    -- a script that is read already is not hidden by its own lines
    WHEN n.blob_id IS NOT NULL AND n.blob_id = w.blob_id THEN 0
    WHEN w.over = '/' THEN w.program_name NOT IN ('cp', 'install', 'mv') OR w.words GLOB '* / *'
    ELSE substr(n.path || '/', 1, length(w.over) + 1) = w.over || '/' OR (n.path = '/etc/systemd/system/' AND w.over GLOB n.path || '*') END);

-- How long each device (by its hardware address) was captured in each phase, in seconds.
CREATE VIEW captured_phase AS
SELECT coalesce(device, '') AS device, phase, max(coalesce(began, 0) / 1000.0 + coalesce(seconds, 0)) AS seconds FROM flow
WHERE phase IN ('boot', 'idle', 'use', 'opted-out') GROUP BY 1, 2;

-- Captures show the product from power-on to use: both are labelled, of each device that they show, and a minute long at least. Of
-- two seconds nobody can tell what the product does.
CREATE VIEW shown_whole AS
SELECT 1 AS whole
WHERE EXISTS (SELECT 1 FROM captured_phase)
  AND NOT EXISTS (SELECT 1 FROM captured_phase WHERE phase IN ('boot', 'use') AND seconds < 60)
  AND NOT EXISTS (
    SELECT 1 FROM (SELECT DISTINCT coalesce(device, '') AS device FROM flow) d
    WHERE (SELECT count(*) FROM captured_phase p WHERE p.device = d.device AND p.phase IN ('boot', 'use')) < 2);

-- Conversations in the clear that carry nothing of the product: asking for the state of a certificate, and whether there is a way
-- to the Internet. One in which something personal or secret can be read is none. Those with a host of side_host are listed; of
-- the others the name says so, which is enough to accuse nobody, and not to acquit.
CREATE VIEW side_flow AS
WITH clear AS (
  SELECT f.id, '.' || lower(f.name) AS name, EXISTS (
           SELECT 1 FROM side_host h WHERE lower(f.name) = h.host OR substr(lower(f.name), -length(h.host) - 1) = '.' || h.host) AS listed
  FROM flow f
  WHERE f.encrypted = 0 AND f.outgoing IS NOT 0 AND f.protocol IN ('http', 'ocsp') AND coalesce(f.exposes, '') = '')
SELECT id, listed FROM clear
WHERE listed OR name GLOB '*[-.]ocsp[-.0-9]*' OR name GLOB '*[-.]crl[-.0-9]*' OR name GLOB '.captive*' OR name GLOB '.connectivity*'
  OR name GLOB '.detectportal*';

-- Encrypted conversations of which it is known how: by TLS, DTLS or QUIC whose handshake was seen and has nothing broken in it, nor
-- versions alone that are weak (RFC 8996), by a protocol that knows no other ciphers, and by no client that took a false certificate.
-- That bytes look encrypted is not enough, records whose handshake was before the capture may be of any version, and what a server
-- offers to somebody else is not what the product agreed on.
CREATE VIEW secured_flow AS
SELECT f.id FROM flow f
WHERE f.encrypted = 1 AND (f.protocol IN ('wireguard', 'oscore') OR (
    f.protocol IN ('tls', 'dtls', 'quic', 'https', 'mqtts', 'wss', 'coaps', 'http2', 'http3', 'dot', 'doh', 'nts')
    AND (SELECT count(DISTINCT t.aspect) FROM tls_peer t
         WHERE t.seen_by IS NOT 'site' AND (t.aspect = 'cipher-suite' OR (t.aspect = 'version' AND t.grade IS NOT 'weak'))
           AND t.port = f.port AND lower(t.host) IN (lower(f.name), lower(f.peer))) = 2
    AND NOT EXISTS (
      SELECT 1 FROM tls_peer t
      WHERE t.grade = 'broken' AND t.port = f.port AND lower(t.host) IN (lower(f.name), lower(f.peer)))))
  AND NOT EXISTS (
    SELECT 1 FROM tls_peer t
    WHERE t.role = 'client' AND t.aspect IN ('self-signed-peer', 'other-name-peer') AND t.value = 'accepted' AND t.port = f.port
      AND lower(t.host) IN (lower(f.name), lower(f.peer)));

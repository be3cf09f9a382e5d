-- SPDX-License-Identifier: GPL-3.0-or-later

-- "No telemetry" against telemetry addresses in what boot starts, trackers of the apps, and connections in a capture.
CREATE VIEW refuted_telemetry AS
WITH word AS (SELECT id FROM declaration WHERE section = 'telemetry' AND key = 'collected' AND value = 'no')
SELECT w.id AS declaration_id, 'endpoint' AS table_name, e.id AS row_id,
       e.place || ' sends telemetry: it names ' || e.text || ', and boot starts it' AS says
FROM word w JOIN used_endpoint e ON e.role = 'telemetry'
UNION ALL
SELECT w.id, 'app_trait', t.id, 'the app has the tracker ' || t.name FROM word w JOIN active_tracker t
UNION ALL
SELECT w.id, 'flow', f.id, 'the product sent ' || f.bytes_out || ' bytes to ' || f.name || ', a telemetry address'
FROM word w JOIN flow f ON f.outgoing = 1 AND f.scope = 'public' AND f.bytes_out > 0
WHERE lower(f.name) IN (SELECT lower(host) FROM endpoint WHERE role = 'telemetry' AND noise IS NULL AND scope = 'public');

-- The declared end of support against the days on which the product and its image were made, and against software that nobody
-- maintained any more on those days: the distribution, or a kernel that is no distribution's. A line that ends later is no
-- contradiction, since the product may move to another, nor is a library, which somebody else may maintain.
CREATE VIEW refuted_support AS
WITH word AS (SELECT id, value AS day FROM declaration WHERE section = 'support' AND key = 'end' AND value GLOB '[12][0-9][0-9][0-9]-*'),
made AS MATERIALIZED (
  SELECT 'declaration' AS table_name, id AS row_id,
         CASE section WHEN 'product' THEN 'the product came out on ' ELSE 'support is declared to begin on ' END AS what, value AS day
  FROM declaration
  WHERE ((section = 'product' AND key = 'released') OR (section = 'support' AND key = 'start')) AND value GLOB '[12][0-9][0-9][0-9]-*'
  UNION ALL
  SELECT table_name, row_id, what, day FROM built_day),
newest AS (SELECT day, what FROM made ORDER BY day DESC LIMIT 1)
SELECT w.id AS declaration_id, m.table_name, m.row_id, m.what || m.day || ', after the declared end of support, ' || w.day AS says
FROM word w JOIN made m ON m.day > w.day
UNION ALL
SELECT w.id, u.table_name, u.row_id,
       u.path || ' is ' || u.name || ' ' || u.version || '; the line ' || u.cycle || ' gets no fixes since ' || u.end_of_life || ' ('
       || u.source || '), ' || n.what || n.day || ', and support is declared until ' || w.day
FROM word w JOIN newest n JOIN maintained_until u ON u.end_of_life < n.day AND u.end_of_life < w.day
WHERE u.name NOT IN ('openssl', 'php', 'python') AND NOT (u.name = 'linux' AND EXISTS (
  SELECT 1 FROM kernel k WHERE k.banner LIKE '%debian%' OR k.banner LIKE '%ubuntu%' OR k.banner LIKE '%redhat%' OR k.banner LIKE '%suse%'
    OR k.banner LIKE '%android%' OR k.banner LIKE '%-cip%'));

-- The declared services against what boot starts and what a live device answers at: one that is not in the list, one that is
-- declared as off, one that is declared as encrypted and is not.
CREATE VIEW refuted_services AS
WITH word AS MATERIALIZED (
  SELECT item, min(id) AS id, lower(max(CASE key WHEN 'name' THEN value END)) AS name, max(CASE key WHEN 'port' THEN value END) AS port,
         coalesce(max(CASE key WHEN 'transport' THEN value END), 'tcp') AS transport, max(CASE key WHEN 'transport' THEN value END) AS only,
         lower(max(CASE key WHEN 'protocol' THEN value END)) AS protocol,
         max(CASE WHEN key = 'encrypted' AND value = 'yes' THEN id END) AS encrypted,
         max(CASE WHEN key = 'default' AND value = 'off' THEN id END) AS off
  FROM declaration WHERE section = 'services' GROUP BY item),
offered AS MATERIALIZED (
  SELECT startup_id, lower(name) AS name, place, command, ports, ' ' || replace(ports, ',', ' ') || ' ' AS listed
  FROM exposed_service
  WHERE inet = 1 AND ports IS NOT NULL AND (listens = 1 OR startup_id IN (SELECT id FROM telnet))),
pair AS MATERIALIZED (
  SELECT o.startup_id, o.place, o.command, o.ports, o.name, w.id, w.name AS declared, w.encrypted, w.off,
         coalesce(instr(o.listed, ' ' || w.port || ' ') > 0, 0) AS same_port, w.port,
         EXISTS (SELECT 1 FROM daemon d WHERE d.program = o.name AND d.clear = 'always') AS clear
  FROM offered o JOIN word w
  WHERE instr(o.listed, ' ' || w.port || ' ') OR w.name = o.name
    OR EXISTS (SELECT 1 FROM daemon d WHERE d.program = o.name AND d.protocol IN (w.name, w.protocol)))
SELECT (SELECT id FROM word ORDER BY id LIMIT 1) AS declaration_id, 'startup' AS table_name, o.startup_id AS row_id,
       o.place || ' starts ' || o.name || ' at port ' || o.ports || ', which is not among the declared services: ' || o.command AS says
FROM offered o
WHERE EXISTS (SELECT 1 FROM word) AND o.startup_id NOT IN (SELECT startup_id FROM pair)
UNION ALL
SELECT p.off, 'startup', p.startup_id,
       p.place || ' starts ' || p.name || ' at port ' || p.ports || '; ' || p.declared || ' is declared as off: ' || p.command
FROM pair p WHERE p.off IS NOT NULL AND (p.same_port OR p.port IS NULL)
UNION ALL
SELECT p.encrypted, 'startup', p.startup_id,
       p.place || ' starts ' || p.name || ', which knows no encryption; ' || p.declared || ' is declared as encrypted: ' || p.command
FROM pair p WHERE p.encrypted IS NOT NULL AND p.clear AND (p.same_port OR p.port IS NULL)
UNION ALL
SELECT (SELECT id FROM word ORDER BY id LIMIT 1), 'listener', l.id,
       'the device answers at ' || l.transport || ' port ' || l.port || coalesce(' (' || l.protocol || ')', '')
       || ', which is not among the declared services'
FROM listener l
WHERE EXISTS (SELECT 1 FROM word) AND l.port NOT IN (67, 68, 546)
  AND NOT EXISTS (SELECT 1 FROM word w WHERE CAST(w.port AS INTEGER) = l.port AND coalesce(w.only, l.transport) = l.transport)
  -- what is declared as discovery
  AND lower(coalesce(l.protocol, '')) NOT IN (SELECT lower(value) FROM declaration WHERE section = 'discovery' AND key = 'protocol')
  AND NOT EXISTS (SELECT 1 FROM word w WHERE w.port IS NULL AND lower(l.protocol) IN (w.name, w.protocol))
UNION ALL
SELECT w.encrypted, 'listener', l.id,
       'the device answers at ' || l.transport || ' port ' || l.port || ' without encryption; ' || w.name || ' is declared as encrypted'
FROM listener l JOIN word w ON CAST(w.port AS INTEGER) = l.port AND w.transport = l.transport
WHERE l.encrypted = 0 AND w.encrypted IS NOT NULL;

-- "Encrypted at rest" against stores in clear: in a declared path, or with records of a kind that the datum's name means.
CREATE VIEW refuted_at_rest AS
WITH word AS MATERIALIZED (
  SELECT d.id, d.item, n.value AS name FROM declaration d
  JOIN declaration n ON n.section = 'data' AND n.item = d.item AND n.key = 'name'
  WHERE d.section = 'data' AND d.key = 'encrypted_at_rest' AND d.value = 'yes')
SELECT w.id AS declaration_id, 'data_store' AS table_name, s.id AS row_id,
       s.path || coalesce(', ' || s.evidence || ',', '') || ' is not encrypted; ' || w.name || ' is declared to be kept there, encrypted' AS says
FROM word w JOIN declaration p ON p.section = 'data' AND p.item = w.item AND p.key = 'paths' AND length(p.value) > 1
JOIN clear_store s ON s.path = p.value OR substr(s.path, 1, length(rtrim(p.value, '/')) + 1) = rtrim(p.value, '/') || '/'
UNION ALL
SELECT w.id, 'data_store', s.id,
       s.path || ' is not encrypted and holds ' || s.records || ' record' || CASE s.records WHEN 1 THEN '' ELSE 's' END || ' on '
       || k.kind || '; ' || w.name || ' is declared to be kept encrypted'
FROM word w JOIN datum_kind k ON k.item = w.item AND k.stands_in = 'name'
JOIN clear_store s ON s.records > 0 AND instr(s.content, ' ' || k.kind || ' ')
WHERE k.kind IN ('location', 'audio', 'video', 'images', 'contacts', 'messages', 'health')
  AND NOT EXISTS (SELECT 1 FROM declaration p WHERE p.section = 'data' AND p.item = w.item AND p.key = 'paths')
  AND 'device' IN (SELECT value FROM declaration p WHERE p.section = 'data' AND p.item = w.item AND p.key = 'stored');

-- "Encrypted in transit", of a datum or a flow, against addresses without encryption that the product uses and against what a
-- capture shows of the same host.
CREATE VIEW refuted_in_transit AS
WITH word AS MATERIALIZED (
  SELECT d.id, h.host, n.value AS name FROM declaration d
  JOIN declared_host h ON h.section = 'data' AND h.item = d.item
  JOIN declaration n ON n.section = 'data' AND n.item = d.item AND n.key = 'name'
  WHERE d.section = 'data' AND d.key = 'encrypted_in_transit' AND d.value = 'yes'
  UNION
  SELECT d.id, h.host, 'the flow to ' || h.host FROM declaration d JOIN declared_host h ON h.section = 'flows' AND h.item = d.item
  WHERE d.section = 'flows' AND d.key = 'encrypted' AND d.value = 'yes' AND h.host NOT IN (
    SELECT o.host FROM declaration c JOIN declared_host o ON o.section = 'flows' AND o.item = c.item
    WHERE c.section = 'flows' AND c.key = 'encrypted' AND c.value = 'no'))
SELECT w.id AS declaration_id, 'endpoint' AS table_name, e.id AS row_id,
       e.place || ' uses ' || e.text || ', which is not encrypted; ' || w.name || ' is declared as encrypted in transit' AS says
FROM word w JOIN used_endpoint e ON e.host = w.host AND e.encrypted = 0
UNION ALL
SELECT w.id, 'flow', f.id, 'the product sent ' || f.bytes_out || ' bytes to ' || coalesce(f.name, f.peer) || ' port ' || f.port
       || ' without encryption' || coalesce(', ' || f.exposes || ' readable', '') || '; ' || w.name || ' is declared as encrypted in transit'
FROM word w JOIN flow f ON w.host IN (lower(f.name), lower(f.peer)) AND f.outgoing = 1 AND f.encrypted = 0 AND f.bytes_out > 0
WHERE coalesce(f.protocol, '') NOT IN ('dns', 'ntp', 'icmp', 'dhcp', 'mdns');

-- The data inventory against stores, sensors, trackers, permissions of the apps and addresses that were found and are not in it.
CREATE VIEW refuted_inventory AS
WITH word AS (SELECT id FROM declaration WHERE section = 'data' ORDER BY id LIMIT 1),
senses AS (SELECT id FROM declaration WHERE section IN ('data', 'sensors') ORDER BY id LIMIT 1),
hosts AS MATERIALIZED (SELECT DISTINCT host FROM declared_host),
flows AS (
  SELECT id FROM declaration
  WHERE (section = 'flows' AND key = 'host') OR (section IN ('data', 'telemetry') AND key = 'endpoints') ORDER BY id LIMIT 1),
kind(kind, sensor) AS (VALUES ('location', 'location'), ('contacts', NULL), ('audio', 'microphone'), ('video', 'camera'),
  ('images', 'camera'), ('health', NULL), ('messages', NULL)),
sensor_word(sensor, word) AS (VALUES ('camera', 'camera'), ('camera', 'lens'), ('camera', 'image'), ('microphone', 'mic'),
  ('microphone', 'audio'), ('location', 'gps'), ('location', 'gnss'), ('location', 'location'), ('location', 'position'),
  ('infrared', 'infrared'), ('infrared', 'remote'), ('infrared', 'ir ')),
known(kind) AS MATERIALIZED (
  SELECT kind FROM datum_kind
  UNION
  SELECT k.kind FROM kind k JOIN sensor_word s ON s.sensor = k.sensor
  JOIN declaration d ON d.section = 'sensors' AND d.key = 'name' AND instr(lower(d.value) || ' ', s.word))
SELECT w.id AS declaration_id, 'data_store' AS table_name, s.id AS row_id,
       s.path || ' holds ' || s.records || ' record' || CASE s.records WHEN 1 THEN '' ELSE 's' END || ' on ' || k.kind
       || ', and no declared datum is of that kind' AS says
FROM word w JOIN kind k JOIN clear_store s ON s.records > 0 AND instr(s.content, ' ' || k.kind || ' ')
WHERE k.kind NOT IN (SELECT kind FROM known) AND NOT EXISTS (
  SELECT 1 FROM declaration p WHERE p.section = 'data' AND p.key = 'paths' AND length(p.value) > 1
    AND (s.path = p.value OR substr(s.path, 1, length(rtrim(p.value, '/')) + 1) = rtrim(p.value, '/') || '/')
    AND p.item NOT IN (SELECT item FROM datum_kind WHERE stands_in = 'name'))
UNION ALL
SELECT w.id, 'app_trait', t.id, 'the app may reach ' || t.value || ' (' || t.name || '), and no declared datum is of that kind'
FROM word w JOIN app_trait t ON t.kind = 'permission'
WHERE t.value NOT IN (SELECT kind FROM known)
  AND (t.value IN ('audio', 'contacts', 'messages', 'health') OR (t.value = 'location' AND t.name LIKE '%BACKGROUND_LOCATION%'))
UNION ALL
SELECT w.id, 'startup', v.startup_id,
       v.place || ' starts ' || v.name || ', which needs a ' || p.sensor || ' that is neither among the sensors nor the data declared'
FROM senses w JOIN service v JOIN sensor_program p ON p.program = v.name
WHERE NOT EXISTS (SELECT 1 FROM kind k WHERE k.sensor = p.sensor AND k.kind IN (SELECT kind FROM known))
  AND NOT EXISTS (SELECT 1 FROM sensor_word s JOIN declaration d ON d.section = 'sensors' AND d.key = 'name'
    AND instr(lower(d.value) || ' ', s.word) WHERE s.sensor = p.sensor)
UNION ALL
SELECT w.id, 'app_trait', t.id, 'the app has the tracker ' || t.name || ', which is not among the recipients'
FROM word w JOIN active_tracker t WHERE NOT t.declared
UNION ALL
SELECT w.id, 'endpoint', e.id, e.place || ' uses ' || e.text || ' (' || e.role || '), a host that no declared datum or flow names'
FROM flows w JOIN used_endpoint e ON e.role IN ('telemetry', 'cloud', 'media', 'messaging', 'remote management', 'mail')
WHERE NOT EXISTS (SELECT 1 FROM hosts h WHERE e.host = h.host OR substr(e.host, -length(h.host) - 1) = '.' || h.host)
UNION ALL
SELECT w.id, 'flow', f.id, 'the product connects to ' || f.name || ' port ' || f.port || ', a host that no declared datum or flow names'
FROM flows w JOIN flow f ON f.outgoing = 1 AND f.scope = 'public' AND f.name <> ''
WHERE coalesce(f.protocol, '') NOT IN ('dns', 'ntp', 'icmp', 'dhcp') AND f.id NOT IN (SELECT id FROM side_flow) AND NOT EXISTS (
  SELECT 1 FROM hosts h WHERE h.host IN (lower(f.name), f.peer) OR substr(lower(f.name), -length(h.host) - 1) = '.' || h.host);

-- "Signed", "automatic" and an encrypted transport of updates against the update mechanism that the image has.
CREATE VIEW refuted_updates AS
WITH own AS MATERIALIZED (
  SELECT u.id, u.blob_id, u.mechanism, u.aspect, lower(u.value) AS value, u.evidence, b.path || coalesce(' line ' || u.line, '') AS place
  FROM updater u JOIN blob b ON b.id = u.blob_id
  WHERE b.path NOT LIKE '/usr/share/doc/%' AND b.path NOT LIKE '%/examples/%'
    AND (b.path NOT GLOB '/*' OR b.format IN ('elf', 'script') OR EXISTS (
      SELECT 1 FROM blob p
      WHERE p.file_name IN (u.mechanism, u.mechanism || '-get', u.mechanism || '-client', u.mechanism || '-update',
                            'rauc-' || u.mechanism || '-updater', u.mechanism || 'mgr')
        AND p.parent_id IS b.parent_id AND p.kind IN ('file', 'symlink')))),
word AS (SELECT id, key, lower(value) AS value FROM declaration WHERE section = 'updates')
SELECT w.id AS declaration_id, 'updater' AS table_name, u.id AS row_id,
       u.place || CASE u.value WHEN 'checksum' THEN ' checks no more than a checksum before it installs' ELSE ' installs without checking a signature' END
       || '; updates are declared as signed: ' || u.evidence AS says
FROM word w JOIN own u ON u.aspect = 'verification' AND (u.value IN ('none', 'off') OR (u.value = 'checksum'
    AND EXISTS (SELECT 1 FROM own f WHERE f.blob_id = u.blob_id AND f.aspect = 'fetch')
    AND EXISTS (SELECT 1 FROM own f WHERE f.blob_id = u.blob_id AND f.aspect = 'install')
    AND NOT EXISTS (SELECT 1 FROM own f WHERE f.blob_id = u.blob_id AND f.aspect = 'verification' AND f.value <> 'checksum')))
WHERE w.key = 'signed' AND w.value = 'yes'
UNION ALL
SELECT w.id, 'updater', u.id, u.place || ' switches automatic updates off; they are declared as automatic: ' || u.evidence
FROM word w JOIN own u ON u.aspect = 'trigger' AND u.value IN ('on demand', 'off')
WHERE w.key = 'automatic' AND w.value = 'yes'
  AND NOT EXISTS (SELECT 1 FROM updater a WHERE a.aspect = 'trigger' AND a.value = 'automatic')
  AND NOT EXISTS (
    SELECT 1 FROM started s
    WHERE s.program_name IN ('swupdate', 'aktualizr', 'aktualizr-lite', 'mender', 'mender-updated', 'rauc-hawkbit-updater'))
UNION ALL
SELECT w.id, 'updater', u.id, u.place || ' fetches updates over ' || u.value || '; ' || w.value || ' is declared: ' || u.evidence
FROM word w JOIN own u ON u.aspect = 'fetch' AND u.value IN ('http', 'ftp', 'tftp')
WHERE w.key = 'transport' AND w.value IN ('https', 'tls', 'mqtts', 'coaps', 'sftp')
  AND EXISTS (SELECT 1 FROM own f WHERE f.blob_id = u.blob_id AND f.aspect IN ('install', 'verification'))
  AND NOT EXISTS (SELECT 1 FROM own f WHERE f.blob_id = u.blob_id AND f.aspect = 'fetch' AND f.value = 'https')
UNION ALL
SELECT w.id, 'endpoint', e.id, e.place || ' asks for updates at ' || e.text || ', without encryption; ' || w.value || ' is declared'
FROM word w JOIN used_endpoint e ON e.role = 'update' AND e.encrypted = 0
WHERE w.key = 'transport' AND w.value IN ('https', 'tls', 'mqtts', 'coaps', 'sftp');

-- The declared bill of materials against the components of the image; not what its file's name alone shows, which a bill may name
-- otherwise.
CREATE VIEW refuted_sbom AS
SELECT d.id AS declaration_id, 'sbom_difference' AS table_name, x.id AS row_id,
       CASE x.kind WHEN 'missing_in_sbom' THEN x.name || coalesce(' ' || x.found_version, '') || ' is in the image and not in the bill of materials'
         WHEN 'not_in_image' THEN 'the bill of materials has ' || x.name || coalesce(' ' || x.declared_version, '') || ', which is not in the image'
         ELSE 'the bill of materials has ' || x.name || ' ' || coalesce(x.declared_version, 'without a version') || ', the image '
           || coalesce(x.found_version, 'another version') END AS says
FROM declaration d JOIN sbom_difference x LEFT JOIN software s ON s.id = x.software_id
WHERE d.section = 'components' AND d.key = 'sbom'
  AND (x.kind <> 'missing_in_sbom' OR (s.confidence = 'proven' AND s.version IS NOT NULL AND s.evidence_kind IN ('package', 'note', 'banner')));

-- What a device announces against the declared protocols and types of discovery.
CREATE VIEW refuted_discovery AS
WITH word AS MATERIALIZED (SELECT * FROM discovery_word),
announced AS MATERIALIZED (
  SELECT a.id, a.protocol, lower(a.type) AS type, coalesce(a.type, a.name, '') AS what, b.path || coalesce(' line ' || a.line, '') AS place
  FROM advertisement a JOIN blob b ON b.id = a.blob_id
  WHERE b.id IN (SELECT id FROM reached_file) OR (b.path GLOB '/etc/avahi/services/*' AND EXISTS (
    SELECT 1 FROM service v WHERE v.name = 'avahi-daemon' AND v.parent_id IS b.parent_id)))
SELECT (SELECT id FROM word ORDER BY id LIMIT 1) AS declaration_id, 'advertisement' AS table_name, a.id AS row_id,
       a.place || ' announces ' || a.what || ' by ' || a.protocol || ', which is not among what is declared' AS says
FROM announced a
WHERE EXISTS (SELECT 1 FROM word) AND NOT EXISTS (
  SELECT 1 FROM word w WHERE w.protocol = a.protocol AND (w.type IS NULL OR a.type IS NULL OR w.type = a.type
    OR instr(a.type, w.type) OR instr(w.type, a.type)))
UNION ALL
SELECT (SELECT id FROM word ORDER BY id LIMIT 1), 'listener', l.id,
       'the device answers to ' || l.protocol || ', which is not among the declared protocols of discovery'
FROM listener l
WHERE EXISTS (SELECT 1 FROM word) AND l.protocol IN ('mdns', 'ssdp', 'ws-discovery', 'slp', 'netbios')
  AND l.protocol NOT IN (SELECT protocol FROM word);

-- Third parties: trackers that are no declared recipient, data that goes on after the opt-out, consent that the inventory takes
-- back.
CREATE VIEW refuted_third_party AS
WITH word AS (SELECT id FROM declaration WHERE section IN ('data', 'recipients') ORDER BY id LIMIT 1),
refuse AS (SELECT id FROM declaration WHERE section IN ('telemetry', 'preferences') AND key = 'opt_out' ORDER BY id LIMIT 1)
SELECT w.id AS declaration_id, 'app_trait' AS table_name, t.id AS row_id,
       'the app has the tracker ' || t.name || ', a third party that is not among the recipients' AS says
FROM word w JOIN active_tracker t WHERE NOT t.declared
UNION ALL
SELECT w.id, 'flow', f.id, 'after the opt-out the product sent ' || f.bytes_out || ' bytes to ' || f.name || ', a telemetry address'
FROM refuse w JOIN flow f ON f.phase = 'opted-out' AND f.outgoing = 1 AND f.bytes_out > 0
WHERE EXISTS (
    SELECT 1 FROM (SELECT host FROM declared_host WHERE section = 'telemetry'
      UNION SELECT lower(host) FROM endpoint WHERE role = 'telemetry' AND noise IS NULL AND scope = 'public') t
    WHERE lower(f.name) = t.host OR substr(lower(f.name), -length(t.host) - 1) = '.' || t.host)
  -- a host that is declared for something else as well may have been called for that
  AND NOT EXISTS (
    SELECT 1 FROM declared_host o JOIN declaration p ON p.section = o.section AND p.item = o.item
    WHERE o.host = lower(f.name) AND CASE o.section
      WHEN 'data' THEN p.key = 'necessary' AND p.value = 'yes'
      WHEN 'flows' THEN p.key = 'purpose' AND coalesce(p.value, '') NOT LIKE '%telemetr%' AND coalesce(p.value, '') NOT LIKE '%usage%'
        AND coalesce(p.value, '') NOT LIKE '%analy%' AND coalesce(p.value, '') NOT LIKE '%statisti%' AND coalesce(p.value, '') NOT LIKE '%diagnos%'
        AND coalesce(p.value, '') NOT LIKE '%crash%' AND coalesce(p.value, '') NOT LIKE '%metric%' END)
UNION ALL
SELECT r.id, 'declaration', c.id, n.value || ' is declared to get data after opt-in; ' || m.value || ', which it gets, is declared with consent: ' || c.value
FROM declaration r JOIN declaration n ON n.section = 'recipients' AND n.item = r.item AND n.key = 'name'
JOIN declaration g ON g.section = 'data' AND g.key = 'recipients' AND lower(g.value) = lower(n.value)
JOIN declaration c ON c.section = 'data' AND c.item = g.item AND c.key = 'consent' AND c.value <> 'opt-in'
JOIN declaration m ON m.section = 'data' AND m.item = g.item AND m.key = 'name'
WHERE r.section = 'recipients' AND r.key = 'consent' AND r.value = 'opt-in' AND EXISTS (
  SELECT 1 FROM declaration t WHERE t.section = 'recipients' AND t.item = r.item AND t.key = 'third_party' AND t.value = 'yes');

-- The declared scheme of credentials and keys against passwords and private keys that every copy of the image has.
CREATE VIEW refuted_credentials AS
WITH word AS (SELECT id, key, value FROM declaration WHERE (section = 'credentials' AND key = 'scheme') OR (section = 'keys' AND key = 'provisioning'))
SELECT w.id AS declaration_id, 'account' AS table_name, l.id AS row_id,
       l.place || ': ' || l.user || CASE WHEN l.state = 'empty' THEN ' logs in without a password' WHEN l.password IS NOT NULL
         THEN ' has a known password' ELSE ' has a password (' || coalesce(l.hash_scheme, 'hash') || ')' END
       || ', the same in every unit; passwords are declared as ' || w.value AS says
FROM word w JOIN login l ON l.usable AND l.state IN ('set', 'empty')
WHERE w.key = 'scheme' AND CASE w.value WHEN 'per-unit' THEN 1 WHEN 'none' THEN l.state = 'set' AND coalesce(l.hash_scheme, '') NOT GLOB 'ssh-key*'
  WHEN 'user-set' THEN l.state = 'empty' OR l.password IS NOT NULL ELSE 0 END
UNION ALL
SELECT w.id, 'login_attempt', a.id,
       'the device at ' || a.address || ' let ' || coalesce(a.user, 'anybody') || ' in with '
       || CASE a.kind WHEN 'none' THEN 'no credential' WHEN 'image' THEN 'a password that the image has' ELSE 'a published default password' END
       || '; passwords are declared as ' || w.value
FROM word w JOIN login_attempt a ON a.outcome = 'accepted' AND a.kind IN ('default', 'image', 'none')
WHERE w.key = 'scheme' AND w.value IN ('per-unit', 'user-set')
  AND a.blob_id NOT IN (SELECT b.id FROM blob b JOIN input i ON i.id = b.input_id WHERE i.kind = 'site')
UNION ALL
SELECT w.id, 'private_key', k.id, k.place || ': a private key that every unit has; keys are declared as '
       || CASE w.value WHEN 'per-unit' THEN 'made for each unit' ELSE 'made at first boot' END
FROM word w JOIN own_key k
WHERE w.key = 'provisioning' AND w.value IN ('per-unit', 'first-boot');

-- Factory reset and deletion: what a document denies, and personal data on the device that the declared reset does not erase.
CREATE VIEW refuted_reset AS
WITH pad(id, text) AS MATERIALIZED (
  SELECT id, ' ' || replace(replace(replace(lower(value), '-', ' '), ',', ' '), '/', ' ') || ' ' FROM declaration
  WHERE section = 'reset' AND key = 'erases')
SELECT d.id AS declaration_id, 'document_element' AS table_name, s.id AS row_id, s.place || ' says: "' || s.sentence || '"' AS says
FROM declaration d JOIN document_said s ON s.state = 'denied'
  AND s.element = CASE d.section WHEN 'reset' THEN 'factory-reset' ELSE 'deletion-remote' END
WHERE d.section IN ('reset', 'deletion') AND d.key = 'method'
UNION ALL
SELECT (SELECT id FROM pad ORDER BY id LIMIT 1), 'declaration', n.id,
       n.value || ' is declared as personal and kept on the device, and is not among what the factory reset erases'
FROM declaration n
JOIN declaration p ON p.section = 'data' AND p.item = n.item AND p.key = 'personal' AND p.value = 'yes'
JOIN declaration o ON o.section = 'data' AND o.item = n.item AND o.key = 'stored' AND o.value = 'device'
WHERE n.section = 'data' AND n.key = 'name' AND EXISTS (SELECT 1 FROM pad)
  AND n.item IN (SELECT item FROM datum_kind WHERE stands_in = 'name'
    AND kind IN ('location', 'audio', 'video', 'images', 'contacts', 'messages', 'health', 'credentials'))
  AND NOT EXISTS (SELECT 1 FROM pad WHERE text LIKE '% all %' OR text LIKE '%everything%' OR text LIKE '%data%' OR text LIKE '%histor%'
    OR text LIKE '%partition%' OR text LIKE '%content%' OR text LIKE '%memory%' OR text LIKE '%storage%' OR text LIKE '%record%'
    OR text LIKE '%file%' OR text LIKE '% log%' OR text LIKE '%account%')
  AND NOT EXISTS (SELECT 1 FROM pad WHERE instr(text, lower(n.value)) OR instr(lower(n.value), trim(text)))
  AND NOT EXISTS (
    SELECT 1 FROM pad e JOIN datum_word w ON w.stands_in = 'name' AND instr(e.text, ' ' || replace(w.word, '-', ' ') || ' ')
    JOIN datum_kind k ON k.kind = w.kind AND k.item = n.item);

-- Statements of documents against the declarations and against what was found. declared_in: the table of the statement that is
-- refuted.
CREATE VIEW refuted_document AS
WITH said AS MATERIALIZED (SELECT * FROM document_said WHERE state <> 'absent'),
denied AS MATERIALIZED (SELECT * FROM said WHERE state = 'denied'),
kept AS MATERIALIZED (
  SELECT d.item, d.row_id AS declared_id, d.days AS declared, s.id, t.days AS said, s.place, s.sentence, s.value, k.value AS word
  FROM declared_days d JOIN declaration k ON k.id = d.row_id
  JOIN datum_kind c ON c.item = d.item AND c.stands_in = 'name'
  JOIN said s ON s.element = 'retention' AND s.state = 'present' AND s.about = c.kind AND s.role = 'privacy-notice'
  JOIN declared_days t ON t.table_name = 'document_element' AND t.row_id = s.id
  WHERE d.table_name = 'declaration' AND d.days IS NOT NULL AND t.days IS NOT NULL)
SELECT 'declaration' AS declared_in, d.id AS declaration_id, 'document_element' AS table_name, s.id AS row_id,
       s.place || ' says: "' || s.sentence || '"; ' || n.value || ' is declared to be a third party that receives data' AS says
FROM denied s JOIN declaration d ON d.section = 'recipients' AND d.key = 'third_party' AND d.value = 'yes'
JOIN declaration n ON n.section = 'recipients' AND n.item = d.item AND n.key = 'name'
WHERE s.element = 'sharing' AND (s.about IS NULL OR s.about IN ('third-party', 'partner') OR EXISTS (
  SELECT 1 FROM declaration g JOIN datum_kind k ON k.item = g.item AND k.stands_in = 'name'
  WHERE g.section = 'data' AND g.key = 'recipients' AND lower(g.value) = lower(n.value) AND k.kind = s.about))
UNION ALL
SELECT 'declaration', n.id, 'document_element', s.id, s.place || ' says: "' || s.sentence || '"; ' || n.value || ' is in the data inventory'
FROM denied s JOIN datum_kind k ON k.kind = s.about AND k.stands_in = 'name'
JOIN declaration n ON n.section = 'data' AND n.item = k.item AND n.key = 'name'
WHERE s.element = 'data-collected' AND s.about IN ('location', 'audio', 'video', 'images', 'contacts', 'health', 'biometric', 'payment')
UNION ALL
SELECT 'document_element', s.id, 'data_store', c.id, c.path || ' holds ' || c.records || ' record' || CASE c.records WHEN 1 THEN '' ELSE 's' END
       || ' on ' || s.about || '; ' || s.location || ' says: "' || s.sentence || '"'
FROM denied s JOIN clear_store c ON c.records > 0 AND instr(c.content, ' ' || s.about || ' ')
WHERE s.element = 'data-collected' AND s.about IN ('location', 'audio', 'video', 'images', 'contacts', 'health', 'messages')
UNION ALL
SELECT 'document_element', s.id, 'endpoint', e.id, e.place || ' sends telemetry to ' || e.text || '; ' || s.location || ' says: "' || s.sentence || '"'
FROM denied s JOIN used_endpoint e ON e.role = 'telemetry'
WHERE s.element = 'data-collected' AND s.about IN ('usage', 'diagnostics')
UNION ALL
SELECT 'document_element', s.id, 'app_trait', t.id, 'the app has the tracker ' || t.name || '; ' || s.location || ' says: "' || s.sentence || '"'
FROM denied s JOIN active_tracker t WHERE s.element = 'sharing' AND (s.about IS NULL OR s.about IN ('third-party', 'partner', 'analytics', 'usage', 'identifiers', 'diagnostics'))
UNION ALL
SELECT 'declaration', k.declared_id, 'document_element', k.id,
       k.place || ' says ' || k.value || ', the inventory ' || k.word || ': "' || k.sentence || '"'
FROM kept k
WHERE abs(k.declared - k.said) * 20 > max(k.declared, k.said)
  AND NOT EXISTS (SELECT 1 FROM kept o WHERE o.item = k.item AND abs(o.declared - o.said) * 20 <= max(o.declared, o.said))
UNION ALL
SELECT 'declaration', d.id, 'document_element', s.id, s.place || ' says ' || s.value || ', the inventory ' || d.value || ': "' || s.sentence || '"'
FROM declaration d JOIN datum_kind c ON c.item = d.item AND c.stands_in = 'name'
JOIN said s ON s.element = 'retention' AND s.state = 'present' AND s.about = c.kind AND s.role = 'privacy-notice' AND s.value GLOB '[0-9]*'
WHERE d.section = 'data' AND d.key = 'retention' AND d.value = 'unlimited'
  -- "backups for 30 days, the rest as long as you have an account" leaves open what is without a limit
  AND NOT EXISTS (SELECT 1 FROM said o WHERE o.element = 'retention' AND o.state = 'present' AND o.role = 'privacy-notice'
    AND (o.about IS NULL OR o.about = s.about) AND coalesce(o.value, '') NOT GLOB '[0-9]*');

-- What documents announce of support and updates against the declarations.
CREATE VIEW refuted_promise AS
WITH said AS MATERIALIZED (SELECT * FROM document_said WHERE element IN ('support-end', 'update-automatic'))
SELECT 'declaration' AS declared_in, d.id AS declaration_id, 'document_element' AS table_name, s.id AS row_id,
       s.place || ' says that support ends on ' || s.value || ', the product file ' || d.value || coalesce(': "' || s.sentence || '"', '') AS says
FROM said s JOIN declaration d ON d.section = 'support' AND d.key = 'end'
WHERE s.element = 'support-end' AND s.state = 'present' AND s.value GLOB '[12][0-9][0-9][0-9]*'
  AND substr(s.value, 1, min(length(s.value), length(d.value))) <> substr(d.value, 1, min(length(s.value), length(d.value)))
  AND NOT EXISTS (SELECT 1 FROM said o WHERE o.element = 'support-end' AND o.value = d.value AND o.input_id = s.input_id)
UNION ALL
SELECT 'declaration', d.id, 'document_element', s.id, s.place || ' says: "' || s.sentence || '"; updates are declared as automatic'
FROM said s JOIN declaration d ON d.section = 'updates' AND d.key = 'automatic' AND d.value = 'yes'
WHERE s.element = 'update-automatic' AND s.state = 'denied';

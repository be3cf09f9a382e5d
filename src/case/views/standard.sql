-- SPDX-License-Identifier: GPL-3.0-or-later

-- Password lines of the operating system's accounts; usable: somebody can log in with them. A line of shadow has its shell in
-- the passwd beside it; a user who is missing there cannot log in. A copy like passwd.bak counts when the file that it is a
-- copy of does not know the user. Not the examples of documentation.
CREATE VIEW login AS
SELECT id, user, source, state, hash_scheme, password, password_source, path, parent_id, place,
       substr(shell, length(rtrim(shell, replace(shell, '/', ''))) + 1)
         NOT IN ('false', 'nologin', 'true', 'null', 'sync', 'halt', 'shutdown')
       AND known AS usable
FROM (
  SELECT a.id, a.user, a.source, a.state, a.hash_scheme, a.password, a.password_source,
         b.path, b.parent_id, b.path || ' line ' || coalesce(a.line, '?') AS place,
         coalesce(nullif(a.shell, ''), (
           SELECT p.shell FROM account p JOIN blob pb ON pb.id = p.blob_id
           WHERE pb.parent_id IS b.parent_id AND pb.file_name = 'passwd' AND p.source = 'passwd' AND p.user = a.user
           ORDER BY p.id LIMIT 1), 'sh') AS shell,
         (a.source <> 'shadow'
           OR NOT EXISTS (SELECT 1 FROM account p JOIN blob pb ON pb.id = p.blob_id
                          WHERE pb.parent_id IS b.parent_id AND pb.file_name = 'passwd' AND p.source = 'passwd')
           OR EXISTS (SELECT 1 FROM account p JOIN blob pb ON pb.id = p.blob_id
                      WHERE pb.parent_id IS b.parent_id AND pb.file_name = 'passwd' AND p.source = 'passwd'
                        AND p.user = a.user))
         AND (b.file_name IN ('passwd', 'shadow')
           OR NOT EXISTS (SELECT 1 FROM account p JOIN blob pb ON pb.id = p.blob_id
                          WHERE pb.parent_id IS b.parent_id AND pb.file_name IN ('passwd', 'shadow')
                            AND p.user = a.user AND p.state <> 'shadowed')) AS known
  FROM account a JOIN blob b ON b.id = a.blob_id
  WHERE a.source IN ('passwd', 'shadow') AND b.path NOT LIKE '/usr/share/doc/%' AND b.path NOT LIKE '%/examples/%');

-- Password files of web servers; not the examples that come with them.
CREATE VIEW web_login AS
SELECT a.id, a.user, a.state, a.hash_scheme, a.password, a.password_source,
       b.path || ' line ' || coalesce(a.line, '?') AS place
FROM account a JOIN blob b ON b.id = a.blob_id
WHERE a.source = 'htpasswd' AND b.path NOT LIKE '%example%' AND b.path NOT LIKE '%sample%'
  AND b.path NOT LIKE '/usr/share/doc/%';

-- The file systems whose init reads inittab: what systemd has there is not used, and a script that nothing names does not
-- run.
CREATE VIEW by_inittab AS
SELECT b.parent_id FROM startup s JOIN blob b ON b.id = s.blob_id
WHERE s.mechanism = 'inittab' AND s.enabled = 1 AND b.path IN ('/etc/inittab', '/etc_ro/inittab')
EXCEPT
SELECT parent_id FROM blob WHERE path IN ('/lib/systemd/systemd', '/usr/lib/systemd/systemd') AND kind = 'file';

-- Rows with a condition that the image does not settle. Whether a path is there, it tells: a link may lead to nothing, but for a
-- command.
CREATE VIEW open_condition AS
SELECT s.id FROM startup s JOIN blob b ON b.id = s.blob_id
WHERE s.condition IS NOT NULL AND NOT coalesce((s.condition_path GLOB '/*' AND EXISTS (
      SELECT 1 FROM blob c WHERE c.path = s.condition_path AND c.parent_id IS b.parent_id
        AND (c.kind <> 'symlink' OR c.path GLOB '*bin/*')))
    OR (s.condition_path NOT GLOB '!*' AND (s.condition_path NOT GLOB '/*' OR s.condition_path GLOB '*bin/*') AND EXISTS (
      SELECT 1 FROM blob c WHERE c.file_name = replace(s.condition_path, rtrim(s.condition_path, replace(s.condition_path, '/', '')), '') AND c.parent_id IS b.parent_id
        AND c.path GLOB '*bin/*' AND c.kind IN ('file', 'symlink')))
    OR (s.condition_path GLOB '!*' AND NOT EXISTS (
      SELECT 1 FROM blob c WHERE c.path = substr(s.condition_path, 2) AND c.parent_id IS b.parent_id)
      AND NOT ((s.condition_path NOT GLOB '!/*' OR s.condition_path GLOB '*bin/*') AND EXISTS (
        SELECT 1 FROM blob c WHERE c.file_name = replace(substr(s.condition_path, 2), rtrim(substr(s.condition_path, 2), replace(substr(s.condition_path, 2), '/', '')), '') AND c.parent_id IS b.parent_id))), 0);

-- Units of systemd that are masked: a link to /dev/null, but for one beside systemd's own units that a file in /etc replaces.
CREATE VIEW masked_unit AS
SELECT b.parent_id, b.file_name AS unit, b.path FROM startup s JOIN blob b ON b.id = s.blob_id
WHERE s.mechanism = 'systemd' AND s.detail = 'masked'
  AND NOT (b.path LIKE '%/lib/systemd/system/%' AND EXISTS (
    SELECT 1 FROM blob c WHERE c.path = '/etc/systemd/system/' || b.file_name AND c.parent_id IS b.parent_id AND c.kind = 'file' AND c.size > 0));

-- Services of systemd that have no network, only some of it, other files than those of the image, or other libraries. alone: what listens
-- there is reached by this machine alone. other_files: what is read or run there may be another file.
CREATE VIEW confined_unit AS
WITH said AS MATERIALIZED (
  SELECT b.parent_id, s.detail AS unit, b.path GLOB '*.d/*' AS added, s.command GLOB 'PrivateNetwork*' OR s.command GLOB 'RestrictAddressFamilies*' AS alone,
         NOT (s.command GLOB 'PrivateNetwork*' OR s.command GLOB 'RestrictAddressFamilies*' OR s.command GLOB 'NetworkNamespacePath*'
           OR s.command GLOB 'IPAddressDeny*') AS other_files
  FROM startup s JOIN blob b ON b.id = s.blob_id
  WHERE s.mechanism = 'systemd' AND s.program IS NULL AND (s.command GLOB 'PrivateNetwork*=*' OR s.command GLOB 'NetworkNamespacePath*=*'
    OR s.command GLOB 'RestrictAddressFamilies*=*' OR s.command GLOB 'IPAddressDeny*=*' OR s.command GLOB 'RootDirectory*=*' OR s.command GLOB 'RootImage*=*'
    OR s.command GLOB 'Bind*Paths*=*' OR s.command GLOB 'InaccessiblePaths*=*' OR s.command GLOB 'TemporaryFileSystem*=*' OR s.command GLOB 'NoExecPaths*=*'
    OR s.command GLOB 'Environment*=*LD_*=*' OR s.command GLOB 'EnvironmentFile*=*' OR s.command GLOB 'MountImages*=*' OR s.command GLOB 'Extension*=*'))
SELECT parent_id, unit, alone, other_files FROM said
UNION ALL
-- a drop-in for all services, or for those whose names begin alike (systemd.unit(5))
SELECT d.parent_id, u.detail, d.alone, d.other_files FROM said d JOIN (
  SELECT DISTINCT b.parent_id, s.detail FROM startup s JOIN blob b ON b.id = s.blob_id WHERE s.mechanism = 'systemd') u ON u.parent_id IS d.parent_id
WHERE d.added AND u.detail <> d.unit AND u.detail GLOB iif(d.unit = 'service', '*.service', replace(d.unit, '-.', '-*.'));

-- What gives programs other libraries than those that they name (ld.so(8)): lines of boot, and the file that says it for all programs, which
-- has no id. What a unit of systemd tells its own service is in confined_unit.
CREATE VIEW other_libraries AS
SELECT s.id, s.blob_id, b.parent_id FROM startup s JOIN blob b ON b.id = s.blob_id
WHERE (instr(s.command, 'LD_PRELOAD') OR instr(s.command, 'LD_LIBRARY_PATH') OR instr(s.command, 'LD_AUDIT'))
  AND NOT (s.mechanism = 'systemd' AND s.command GLOB 'Environment*=*')
  -- the folders where all are looked for anyway (ld.so(8)), behind what the variable was, which boot begins without
  AND NOT (s.command GLOB 'export LD_LIBRARY_PATH=*' AND replace(replace(replace(replace(replace(replace(replace(
    substr(s.command, 24), '"', '') || ':', '${LD_LIBRARY_PATH}:', ''), '$LD_LIBRARY_PATH:', ''), '/usr/lib64:', ''), '/usr/lib:', ''), '/lib64:', ''), '/lib:', '') = '')
UNION ALL
SELECT NULL, id, parent_id FROM blob WHERE path = '/etc/ld.so.preload' AND size > 0;

-- Rows that something outside of their own line may keep from being run: a file that the script reads with `.` before them is missing,
-- or may leave the script; of a unit of systemd a command before them fails or tests something, a unit or account that it needs is masked or
-- missing, a drop-in has a condition that is not settled or takes back what triggers it, its one day is over or may never come, or
-- boot goes to another target. says: what has to be otherwise, for reports.
CREATE VIEW held_back AS
WITH told AS MATERIALIZED (
  SELECT s.id, s.mechanism, s.line, s.command, s.program, s.program_name, s.detail, s.once, s.user, b.parent_id, b.path, b.file_name, b.kind
  FROM startup s JOIN blob b ON b.id = s.blob_id WHERE s.mechanism IN ('systemd', 'cron')),
unit AS MATERIALIZED (SELECT * FROM told WHERE mechanism = 'systemd'),
needed AS MATERIALIZED (
  SELECT parent_id, path || coalesce(' line ' || line, '') AS place, command AS other,
         iif(detail GLOB '*.requisite', substr(detail, 1, length(detail) - 10), substr(detail, 1, length(detail) - 9)) AS unit,
         detail GLOB '*.requisite' AS started_before,
         -- without the instance: getty@.service
         CASE WHEN command GLOB '*@*.*' THEN substr(command, 1, instr(command, '@')) || '.'
           || replace(command, rtrim(command, replace(command, '.', '')), '') ELSE command END AS file_name
  FROM unit WHERE (detail GLOB '*.requires' OR detail GLOB '*.requisite') AND instr(command, '%') = 0),
lacking AS (
  SELECT n.parent_id, n.unit, n.other || ', which it needs (' || n.place || ') and which is masked, is not' AS says FROM needed n
  WHERE (n.parent_id, n.other) IN (SELECT parent_id, unit FROM masked_unit)
  UNION ALL
  SELECT n.parent_id, n.unit, n.other || ', which it needs (' || n.place || ') and which is not part of the image, is there' FROM needed n
  WHERE (n.other GLOB '*.service' OR n.other GLOB '*.socket' OR n.other GLOB '*.target' OR n.other GLOB '*.timer' OR n.other GLOB '*.path')
    AND NOT EXISTS (
      SELECT 1 FROM blob c WHERE c.file_name IN (n.file_name, n.other) AND c.parent_id IS n.parent_id AND c.path LIKE '%/systemd/system/%'
        AND c.path NOT GLOB '*.wants/*' AND c.path NOT GLOB '*.requires/*')
    -- systemd-sysv-generator(8)
    AND NOT EXISTS (SELECT 1 FROM blob c WHERE c.path = '/etc/init.d/' || substr(n.other, 1, instr(n.other, '.') - 1) AND c.parent_id IS n.parent_id)
  UNION ALL
  -- those of systemd-gpt-auto-generator(8) and of the kernel's file systems come by themselves
  SELECT n.parent_id, n.unit, n.other || ', which it needs (' || n.place || ') and which neither a unit nor fstab has, is there' FROM needed n
  WHERE n.other GLOB '[a-z]*.mount' AND instr(n.other, '\') = 0 AND n.other NOT GLOB 'dev-*' AND n.other NOT GLOB 'proc-*' AND n.other NOT GLOB 'run-*'
    AND n.other NOT GLOB 'sys-*' AND n.other NOT IN ('boot.mount', 'efi.mount', 'home.mount', 'srv.mount', 'tmp.mount', 'usr.mount', 'var.mount', 'var-tmp.mount')
    AND NOT EXISTS (SELECT 1 FROM blob c WHERE c.file_name = n.other AND c.parent_id IS n.parent_id)
    AND NOT EXISTS (
      SELECT 1 FROM setting f JOIN blob fb ON fb.id = f.blob_id
      WHERE f.program = 'fstab' AND fb.parent_id IS n.parent_id AND replace(trim(f.key, '/'), '/', '-') || '.mount' = n.other)
  UNION ALL
  SELECT n.parent_id, n.unit, n.other || ' is started before (' || n.place || ')' FROM needed n
  WHERE n.started_before AND n.other NOT IN ('basic.target', 'local-fs.target', 'multi-user.target', 'network.target', 'sysinit.target')
    AND NOT EXISTS (
      SELECT 1 FROM startup l JOIN blob lb ON lb.id = l.blob_id
      WHERE lb.file_name = n.other AND lb.parent_id IS n.parent_id AND l.mechanism = 'systemd' AND l.enabled = 1)),
before AS MATERIALIZED (
  SELECT p.id, p.parent_id, p.detail, p.command || ', which is run before (' || p.path || coalesce(' line ' || p.line, '') || '), succeeds' AS says
  FROM unit p
  WHERE p.once AND p.command NOT GLOB '-*' AND p.command NOT GLOB '[@:+!|]-*' AND (p.program_name IN ('[', 'false', 'grep', 'test')
    OR p.command GLOB '*sh -c *exit [1-9]*'
    OR ((p.program GLOB '/bin/*' OR p.program GLOB '/sbin/*' OR p.program GLOB '/usr/*') AND NOT EXISTS (
      SELECT 1 FROM blob c WHERE c.file_name = p.program_name AND c.parent_id IS p.parent_id)))),
added AS MATERIALIZED (
  SELECT parent_id, detail, iif(detail IN ('service', 'socket', 'timer', 'path', 'target'), '*.' || detail, replace(detail, '-.', '-*.')) AS pattern,
         iif(command GLOB '*=' AND command <> 'ExecStart=', 'something else than ' || path || ' triggers it', command) AS says
  FROM unit
  WHERE program IS NULL AND path GLOB '*.d/*' AND ((command GLOB '*=' AND command <> 'ExecStart=') OR id IN (SELECT id FROM open_condition))),
boot_target AS (
  SELECT d.parent_id, d.program_name AS target FROM unit d
  WHERE d.file_name = 'default.target' AND d.kind = 'symlink' AND d.detail IN ('default.target', 'masked')
    AND NOT (d.path LIKE '%/lib/systemd/system/%' AND EXISTS (
      SELECT 1 FROM blob c WHERE c.path = '/etc/systemd/system/default.target' AND c.parent_id IS d.parent_id))
    AND coalesce(d.program_name, '') NOT IN ('multi-user.target', 'graphical.target', 'runlevel2.target', 'runlevel3.target', 'runlevel4.target',
      'runlevel5.target')
    AND NOT EXISTS (
      SELECT 1 FROM unit w WHERE w.parent_id IS d.parent_id AND w.detail IN (d.program_name || '.requires', d.program_name || '.wants')
        AND w.command IN ('multi-user.target', 'graphical.target')))
SELECT s.id, 'nothing in ' || r.path || ', which is read before (line ' || r.line || '), leaves the script' AS says
FROM sourced r JOIN startup s ON s.blob_id = r.blob_id AND s.line > r.line JOIN blob b ON b.id = s.blob_id
WHERE r.path IS NOT NULL AND EXISTS (
  SELECT 1 FROM sourced l JOIN blob lb ON lb.id = l.blob_id WHERE l.leaves AND lb.path = r.path AND lb.parent_id IS b.parent_id)
UNION ALL
SELECT s.id, r.path || ', which is read before (line ' || r.line || ') and is not part of the image, is there'
FROM sourced r JOIN startup s ON s.blob_id = r.blob_id AND s.line > r.line
WHERE NOT r.guarded AND (r.path GLOB '/etc*/*' OR r.path GLOB '/lib/*' OR r.path GLOB '/usr/*' OR r.path GLOB '/bin/*' OR r.path GLOB '/sbin/*')
  AND NOT EXISTS (SELECT 1 FROM blob c WHERE c.file_name = replace(r.path, rtrim(r.path, replace(r.path, '/', '')), ''))
UNION ALL
SELECT s.id, d.says FROM added d JOIN unit s ON s.file_name = d.detail AND s.parent_id IS d.parent_id WHERE s.kind = 'file'
UNION ALL
SELECT s.id, d.says FROM added d JOIN unit s ON s.file_name GLOB d.pattern AND s.parent_id IS d.parent_id
WHERE d.pattern <> d.detail AND s.kind = 'file' AND s.path NOT GLOB '*.d/*'
UNION ALL
SELECT s.id, l.says FROM lacking l JOIN unit s ON s.detail = l.unit AND s.parent_id IS l.parent_id WHERE s.program IS NOT NULL
UNION ALL
SELECT s.id, p.says FROM before p JOIN unit s ON s.detail = p.detail AND s.parent_id IS p.parent_id WHERE s.program IS NOT NULL AND s.id <> p.id
UNION ALL
-- cron(8) passes over the tables and lines of users who have no account; systemd-sysusers(8) may make others
SELECT s.id, 'there is an account ' || s.user FROM told s
WHERE (s.program IS NOT NULL OR s.mechanism = 'cron') AND s.user GLOB '[a-z_]*' AND instr(s.user, '%') = 0
  AND (SELECT max(pb.path = '/etc/passwd') AND NOT max(p.user = s.user) FROM account p JOIN blob pb ON pb.id = p.blob_id WHERE pb.parent_id IS s.parent_id)
  AND NOT EXISTS (SELECT 1 FROM blob c WHERE c.parent_id IS s.parent_id AND c.path GLOB '*/sysusers.d/*')
UNION ALL
SELECT s.id, 'the day comes: ' || s.command FROM unit s WHERE s.detail GLOB '*.timer' AND s.command GLOB 'OnCalendar=[0-9][0-9][0-9][0-9]-*'
UNION ALL
SELECT s.id, 'boot comes to ' || substr(s.detail, 1, instr(s.detail, '.')) || 'target, not to ' || coalesce(t.target, 'a masked one')
FROM boot_target t JOIN unit s ON s.parent_id IS t.parent_id
WHERE s.detail IN ('multi-user.target.wants', 'multi-user.target.requires', 'graphical.target.wants', 'graphical.target.requires')
UNION ALL
SELECT s.id, m.unit || ', which is masked, is not'
FROM masked_unit m JOIN unit s ON s.parent_id IS m.parent_id AND s.detail IN (m.unit || '.wants', m.unit || '.requires');

-- Programs and scripts of lines that boot has, which may not be run as their modes tell. Where no program of the root may, the modes were
-- lost (by an archive or a file system that has none) and tell nothing; nor do those that a line changes.
CREATE VIEW not_executable AS
WITH allowing AS MATERIALIZED (
  SELECT b.parent_id, s.command FROM startup s JOIN blob b ON b.id = s.blob_id WHERE s.program_name = 'chmod' OR s.command GLOB '*box chmod *')
SELECT b.id FROM blob b
WHERE b.format IN ('elf', 'script') AND b.kind = 'file' AND b.mode & 73 = 0
  AND (b.file_name IN (SELECT program_name FROM startup) OR b.id IN (SELECT blob_id FROM startup))
  AND b.parent_id IN (SELECT parent_id FROM blob WHERE format = 'elf' AND kind = 'file' AND mode & 73 <> 0)
  AND NOT EXISTS (
    SELECT 1 FROM allowing a WHERE a.parent_id = b.parent_id AND (a.command GLOB '*[*$?]*' OR instr(a.command, ' -R')
      OR instr(replace(a.command, '/', ' ') || ' ', ' ' || b.file_name || ' ')));

-- The lines that can start something. What depends on a test of which nobody knows how it ends does not count, nor does a
-- unit that another one of the same name in /etc replaces or whose commands a drop-in replaces, nor a link of a run level
-- that inittab does not go to. inert: of a script that may not be run, but only read with `.`.
CREATE VIEW startable AS
SELECT s.id, s.blob_id, b.parent_id, b.path, b.file_name, s.mechanism, s.program, s.program_name, s.command, s.enabled, s.detail,
       s.blob_id IN (SELECT id FROM not_executable) AND b.file_name NOT GLOB '*.sh' AS inert
FROM startup s JOIN blob b ON b.id = s.blob_id
WHERE s.mechanism NOT IN ('inetd', 'xinetd')
  AND s.id NOT IN (SELECT id FROM open_condition) AND s.id NOT IN (SELECT id FROM held_back)
  AND NOT (s.mechanism = 'systemd' AND b.parent_id IN (SELECT parent_id FROM by_inittab))
  AND NOT (s.detail IS 'default.target' AND b.path LIKE '%/lib/systemd/system/%' AND b.parent_id IN (
    SELECT parent_id FROM blob WHERE path = '/etc/systemd/system/default.target'))
  AND NOT (s.mechanism = 'systemd' AND b.kind = 'file' AND b.path LIKE '%/lib/systemd/system/%'
    AND (b.parent_id, b.file_name) IN (
      SELECT parent_id, substr(path, 21) FROM blob WHERE path GLOB '/etc/systemd/system/*' AND (kind = 'file' OR (kind = 'symlink'
        -- another name of the same unit changes nothing
        AND link_target NOT GLOB '*/lib/systemd/system/' || file_name AND path NOT GLOB '/etc/systemd/system/*/*'))))
  AND NOT (s.mechanism = 'systemd' AND b.kind = 'file' AND b.path NOT LIKE '%.service.d/%'
    AND (b.parent_id, coalesce(s.detail, '')) IN (
      SELECT db.parent_id, d.detail FROM startup d JOIN blob db ON db.id = d.blob_id
      WHERE d.mechanism = 'systemd' AND d.command = 'ExecStart=' AND db.path LIKE '%.service.d/%'))
  AND NOT (s.mechanism = 'rc-link' AND s.detail LIKE 'run level _,%'
    AND (b.parent_id, substr(s.detail, 11, 1)) IN (
      SELECT ib.parent_id, substr(i.command, -1) FROM startup i JOIN blob ib ON ib.id = i.blob_id
      WHERE i.mechanism = 'inittab' AND i.enabled = 0 AND i.command GLOB '*/rc ?'));

-- What events run and what starts nothing for certain: what only reads, prints or copies (what is copied over the image's own, `rewriting`
-- tells), sets a variable, or runs the scripts of a folder that have rows of their own; Buildroot's loop over a folder that is not there;
-- what a client of DHCP is told to run and is not part of the image.
CREATE VIEW idle_event AS
WITH event AS (
  SELECT s.id, s.detail, s.command, s.program, b.parent_id, b.path,
         iif(s.program_name IN ('busybox', 'toybox'),
           substr(s.command, instr(s.command, 'box ') + 4, instr(substr(s.command, instr(s.command, 'box ') + 4) || ' ', ' ') - 1), s.program_name) AS applet
  FROM startup s JOIN blob b ON b.id = s.blob_id WHERE s.mechanism = 'event')
SELECT e.id FROM event e
WHERE CASE
    WHEN e.applet IS NULL THEN e.command GLOB '"${hook}"*' AND NOT EXISTS (
      SELECT 1 FROM blob f WHERE f.parent_id IS e.parent_id AND f.path > e.path || '.d/' AND f.path < e.path || '.d0')
    WHEN e.applet = 'awk' THEN instr(e.command, 'system') = 0 AND instr(e.command, 'getline') = 0 AND instr(e.command, '|') = 0
    WHEN e.applet = 'eval' THEN e.command GLOB 'eval [A-Za-z_]*=\$[A-Za-z_]*' AND e.command NOT GLOB '*[`;|&(]*'
    WHEN e.applet = 'run-parts' THEN instr(e.command, ' --list') OR e.command GLOB '* /etc/network/if-*.d*' OR e.command GLOB '* /etc/ppp/ip*-up.d*'
    ELSE e.applet IN ('arp', 'arping', 'basename', 'brctl', 'cat', 'cmp', 'cp', 'cut', 'dirname', 'echo', 'egrep', 'expr', 'fgrep', 'grep', 'head',
        'hostname', 'ifconfig', 'logger', 'md5sum', 'mktemp', 'mv', 'ping', 'readlink', 'resolvconf', 'resolvectl', 'rm', 'route', 'sed', 'sleep', 'sort',
        'tail', 'touch', 'tr', 'uniq', 'wc')
      OR (e.applet = 'ip' AND instr(e.command, ' exec ') = 0)
      -- a bare name is looked for where programs are; a folder that is not part of the image may hold anything
      OR (e.detail GLOB 'network: *' AND (instr(e.program, '/') = 0 OR e.program GLOB '/bin/*' OR e.program GLOB '/etc/*' OR e.program GLOB '/lib*/*'
          OR e.program GLOB '/sbin/*' OR e.program GLOB '/usr/*')
        AND NOT EXISTS (SELECT 1 FROM blob p WHERE p.parent_id IS e.parent_id AND p.file_name = e.applet)) END;

-- Rows of which nobody knows whether they start something: a test of which nobody knows how it ends, an event that may come, a script that
-- may not be run and to which a link leads (a shell that is given it would). Not what tells a daemon, the kernel or a log something and
-- ends: whether it is run changes nothing of what runs.
CREATE VIEW unsettled AS
SELECT s.id FROM startup s
WHERE s.id NOT IN (SELECT id FROM idle_event)
  AND (s.mechanism = 'event' OR (s.condition IS NOT NULL AND s.id NOT IN (SELECT id FROM startable)) OR s.id IN (SELECT id FROM held_back)
    OR s.id IN (SELECT i.id FROM startable i WHERE i.inert AND EXISTS (
      SELECT 1 FROM startable r WHERE r.parent_id IS i.parent_id AND ((r.mechanism <> 'rc-link' AND r.program = i.path)
        OR (i.mechanism = 'init.d' AND r.mechanism = 'rc-link' AND r.enabled = 1 AND (r.program = i.path OR r.program_name = i.file_name))))))
  AND (coalesce(s.program_name, '') NOT IN ('[', '[[', ':', 'arp', 'ata_id', 'blkid', 'brctl', 'bridge', 'cdrom_id', 'chgrp', 'chmod', 'chown',
    'chronyc', 'ebtables', 'echo', 'ethtool', 'false', 'fido_id', 'hostname', 'ifconfig', 'ip', 'ip6tables', 'ip6tables-restore', 'iptables',
    'iptables-restore', 'iw', 'iwconfig', 'iwpriv', 'kill', 'killall', 'logger', 'mkdir', 'mtd_probe', 'nft', 'pidof', 'printf', 'rm', 'rmdir', 'route',
    'scsi_id', 'sleep', 'stty', 'sync', 'sysctl', 'tc', 'test', 'touch', 'true', 'usleep', 'v4l_id', 'vconfig')
    OR (s.program_name = 'ip' AND instr(s.command, ' exec ')));

-- What really starts: a line that boot runs, and the lines of the scripts and units that such a line runs in turn (a loop
-- over /etc/init.d has a pattern for its program, and passes over what is not executable). A unit that is masked does not
-- count. What inetd.conf names starts only where inetd does, what cron's tables name where a cron daemon does, and the scripts of
-- a folder such as cron.daily where a line that is started has run-parts run it.
CREATE VIEW started AS
WITH RECURSIVE lines AS MATERIALIZED (
  -- leads: it may start other lines, as few do of all that a script holds; what the pairs below are made of
  SELECT x.*, x.mechanism IN ('systemd', 'android-init') OR instr(x.program, '*') OR instr(x.command, 'run-parts ')
         OR x.program_name IN ('crond', 'cron', 'fcron', 'dcron', 'busybox', 'anacron')
         OR x.program_name IN (SELECT f.file_name FROM startup y JOIN blob f ON f.id = y.blob_id) AS leads
  FROM startable x),
masked AS MATERIALIZED (SELECT parent_id, unit FROM masked_unit),
runs(id, blob_id, parent_id, mechanism, program, program_name, command, leads) AS (
  SELECT s.id, s.blob_id, s.parent_id, s.mechanism, s.program, s.program_name, s.command, s.leads
  FROM lines s
  WHERE s.enabled = 1
    AND NOT (s.mechanism IN ('rcS', 'rc.local') AND s.parent_id IN (SELECT parent_id FROM by_inittab)
      AND (s.parent_id, s.file_name) NOT IN (
        SELECT nb.parent_id, n.program_name FROM startup n JOIN blob nb ON nb.id = n.blob_id
        WHERE n.program IS NOT NULL AND nb.parent_id > 0))
  UNION
  SELECT s.id, s.blob_id, s.parent_id, s.mechanism, s.program, s.program_name, s.command, s.leads
  FROM runs r JOIN lines s ON r.leads AND s.blob_id <> r.blob_id AND s.parent_id IS r.parent_id
  WHERE ((r.program = s.path AND NOT (s.inert AND (r.mechanism = 'rc-link' OR substr(r.command || ' ', 1, length(s.path) + 1) = s.path || ' ')))
      OR (s.mechanism = 'script' AND r.program = s.file_name)
      OR (instr(r.program, '*') AND s.path GLOB r.program AND s.enabled IS NOT 0)
      OR (r.mechanism = 'rc-link' AND r.program_name = s.file_name AND NOT s.inert)
      OR (r.mechanism = 'systemd' AND s.mechanism = 'systemd' AND r.program_name = s.file_name)
      OR (r.mechanism = 'systemd' AND s.mechanism = 'systemd' AND s.detail = r.program_name)
      OR (r.mechanism = 'systemd' AND s.mechanism = 'systemd'
        AND s.detail IN (r.program_name || '.wants', r.program_name || '.requires', r.program_name || '.upholds'))
      OR (r.mechanism = 'android-init' AND s.mechanism = 'android-init'
        AND instr(', ' || s.detail || ', ', ', ' || r.program_name || ', '))
      OR (s.mechanism = 'cron' AND s.enabled IS NOT 0 AND (s.detail GLOB 'cron.*' OR s.detail GLOB 'periodic/*')
        AND r.command GLOB '*run-parts *' AND r.command || ' ' GLOB '* /etc/' || s.detail || '[ /;)}]*')
      OR (s.mechanism = 'cron' AND coalesce(s.detail, '') NOT GLOB 'cron.*' AND coalesce(s.detail, '') NOT GLOB 'periodic/*'
        AND coalesce(s.detail, '') NOT GLOB 'anacron, *'
        AND (r.program_name IN ('crond', 'cron', 'fcron', 'dcron')
        OR (r.program_name = 'busybox' AND r.command LIKE '%busybox crond%'))
        -- which tables which daemon reads: that of Vixie has none of OpenWrt's, that of BusyBox those of users alone, where it is told
        AND NOT (r.program_name = 'cron' AND (s.path GLOB '/etc/crontabs/*' OR (s.path GLOB '/var/spool/cron/*' AND s.path NOT GLOB '*/crontabs/*')))
        AND NOT (r.command GLOB '* -c /*' AND instr(r.command, 'crontabs') = 0
          AND instr(r.command || ' ', ' ' || rtrim(rtrim(s.path, replace(s.path, '/', '')), '/')) = 0)
        AND NOT ((s.path = '/etc/crontab' OR s.path GLOB '/etc/cron.d/*') AND (r.program_name = 'busybox' OR (r.program_name = 'crond' AND EXISTS (
          SELECT 1 FROM startup_program p JOIN component c ON c.blob_id = p.blob_id WHERE p.startup_id = r.id AND c.name = 'busybox')))))
      OR (s.mechanism = 'cron' AND s.detail GLOB 'anacron, *' AND r.program_name = 'anacron'))
    AND NOT (s.mechanism = 'systemd'
      AND ((s.parent_id, s.file_name) IN (SELECT parent_id, unit FROM masked)
        OR (s.parent_id, r.command) IN (SELECT parent_id, unit FROM masked)))
  UNION
  SELECT s.id, s.blob_id, b.parent_id, s.mechanism, s.program, s.program_name, s.command, 0
  FROM runs d JOIN startup s ON (d.program_name IN ('inetd', 'xinetd', 'openbsd-inetd', 'inetutils-inetd') OR d.command LIKE '%busybox inetd%')
  JOIN blob b ON b.id = s.blob_id AND b.parent_id IS d.parent_id
  WHERE s.mechanism IN ('inetd', 'xinetd') AND coalesce(s.enabled, 1) AND s.program IS NOT NULL
    AND NOT (coalesce(s.detail, '') GLOB '*, bound to *' AND coalesce(s.detail, '') NOT GLOB '*, bound to *,*' AND (
      s.detail GLOB '*, bound to 127.*' OR s.detail GLOB '* to localhost' OR s.detail GLOB '* to ::1' OR s.detail GLOB '* to [[]::1]'))
    AND NOT (s.mechanism = 'xinetd' AND (s.detail GLOB '*, only from 127.[0-9.]*' OR s.detail GLOB '*, only from localhost' OR s.detail GLOB '*, only from ::1')
      AND s.detail NOT GLOB '*, only from * *' AND s.detail NOT GLOB '*, only from */[0-7]')
    -- what defaults turn off, or do not turn on where they turn on some
    AND (s.mechanism <> 'xinetd' OR (
      SELECT coalesce(max(CASE d.detail WHEN 'enabled only' THEN substr(s.detail || ', ', 1, length(d.command) + 2) = d.command || ', ' END), 1)
         AND NOT coalesce(max(CASE d.detail WHEN 'disabled' THEN substr(s.detail || ', ', 1, length(d.command) + 2) = d.command || ', ' END), 0)
      FROM startup d JOIN blob db ON db.id = d.blob_id
      WHERE d.mechanism = 'xinetd' AND d.program IS NULL AND d.detail IN ('disabled', 'enabled only') AND db.parent_id IS b.parent_id))
    -- another file than this one, which its command names
    AND NOT (s.mechanism = 'inetd' AND d.command GLOB '*inetd* /*' AND d.command NOT GLOB '*> /*' AND instr(d.command || ' ', ' ' || b.path || ' ') = 0)
)
SELECT s.id, s.blob_id, b.parent_id, s.mechanism, coalesce(s.expanded, s.command) AS command, s.program, s.program_name,
       s.user, s.ports, s.detail, b.path || coalesce(' line ' || s.line, '') AS place,
       replace(replace(replace(coalesce(s.expanded, s.command), ';', ' '), '&', ' '), '"', ' ') || ' ' AS words
FROM startup s JOIN blob b ON b.id = s.blob_id
WHERE s.id IN (SELECT id FROM runs);

-- The same, where the program is part of the image as well: a line for a program that is not there, or that may not be run, starts
-- nothing.
CREATE VIEW started_there AS
SELECT s.* FROM started s
WHERE EXISTS (SELECT 1 FROM blob p WHERE p.file_name = s.program_name AND p.parent_id IS s.parent_id
              AND p.kind IN ('file', 'symlink') AND NOT (p.format IS 'elf' AND p.id IN (SELECT id FROM not_executable)));

-- What would start if a test came out one way of which the image does not tell how it does, or if something happens that makes udev,
-- mdev, hotplug or ifupdown run it. says: which, for reports.
CREATE VIEW started_if AS
SELECT s.id, s.blob_id, b.parent_id, s.mechanism, coalesce(s.expanded, s.command) AS command, s.program, s.program_name,
       s.line, b.path || coalesce(' line ' || s.line, '') AS place,
       replace(replace(replace(coalesce(s.expanded, s.command), ';', ' '), '&', ' '), '"', ' ') || ' ' AS words,
       b.path || coalesce(' line ' || s.line, '') || ' starts ' || coalesce(s.program_name, 'something') || ' only if '
         || coalesce(s.condition || coalesce(' (line ' || s.condition_line || ')', ''), (SELECT min(h.says) FROM held_back h WHERE h.id = s.id),
           s.detail, iif(b.id IN (SELECT id FROM not_executable), 'a shell is given ' || b.path || ', which may not be run by itself', NULL), 'something happens') AS says
FROM startup s JOIN blob b ON b.id = s.blob_id
WHERE s.id IN (SELECT id FROM unsettled) AND s.enabled IS NOT 0
  AND EXISTS (SELECT 1 FROM blob p WHERE p.file_name = s.program_name AND p.parent_id IS b.parent_id
              AND p.kind IN ('file', 'symlink'));

-- Lines that may put something else in the place of what the image has, wherever the run comes to them or not: all but those that read
-- alone, or copy to where nothing of the image lies. over: what lies there or below it may be another file then, as far as the line names
-- it: a mount point, or where files are copied to; all, where a variable names it or the folder that the script is in then. Of a multi-call
-- program the applet is the program. What fstab and units of systemd mount are such lines, too; those of fstab have no id.
CREATE VIEW rewriting AS
WITH said AS (
  SELECT s.id, s.blob_id, b.parent_id, s.mechanism, s.program_name,
         replace(replace(coalesce(s.expanded, s.command), '"', ''), '''', '') || ' ' AS words
  FROM startup s JOIN blob b ON b.id = s.blob_id
  WHERE s.mechanism NOT IN ('rc-link', 'inetd', 'xinetd')
    -- what a unit is told, and links to units, are no commands
    AND NOT (s.mechanism = 'systemd' AND (s.line IS NULL OR s.command GLOB '[A-Z]*=*' OR b.parent_id IN (SELECT parent_id FROM by_inittab)))),
named AS MATERIALIZED (
  SELECT id, blob_id, parent_id, mechanism, words,
         iif(program_name IN ('busybox', 'toybox') AND words GLOB '*box [a-z]*',
           substr(words, instr(words, 'box ') + 4, instr(substr(words, instr(words, 'box ') + 4), ' ') - 1), program_name) AS program_name
  FROM said),
-- without redirections
cut AS MATERIALIZED (
  SELECT id, blob_id, parent_id, program_name, mechanism, words,
         rtrim(substr(words, 1, instr(replace(replace(replace(words, ' 1>', ' >>'), ' 2>', ' >>'), ' &', ' >') || ' >', ' >'))) AS tail
  FROM named
  WHERE NOT (coalesce(program_name, '') IN ('[', '[[', 'basename', 'cat', 'chgrp', 'chmod', 'chown', 'cmp', 'cut', 'dirname', 'egrep', 'fgrep',
      'grep', 'head', 'logger', 'ls', 'md5sum', 'mkdir', 'mountpoint', 'pidof', 'readlink', 'rmdir', 'sha256sum', 'sleep', 'stat', 'sync', 'tail',
      'test', 'touch', 'wc') AND instr(words, '>') = 0)
    AND NOT (program_name IS 'mount' AND (instr(words, 'remount') OR words GLOB '* -f *' OR words GLOB '* -nf *' OR words GLOB '* --fake *'))
    AND NOT (program_name IS 'tar' AND (' ' || words GLOB '*[ /]tar c*' OR ' ' || words GLOB '*[ /]tar -c*' OR words GLOB '* --create *'))),
-- mount's options may stand behind the mount point: two of them
ahead AS (
  SELECT *, rtrim(tail, replace(tail, ' ', '')) AS head FROM cut),
fewer AS MATERIALIZED (
  SELECT id, blob_id, parent_id, program_name, mechanism, words,
         iif(program_name = 'mount' AND head GLOB '* -[ot] ', rtrim(substr(head, 1, length(head) - 4)), tail) AS tail
  FROM ahead),
again AS (
  SELECT *, rtrim(tail, replace(tail, ' ', '')) AS head FROM fewer),
bare AS MATERIALIZED (
  SELECT id, blob_id, parent_id, program_name, mechanism, words,
         iif(program_name = 'mount' AND head GLOB '* -[ot] ', rtrim(substr(head, 1, length(head) - 4)), tail) AS tail
  FROM again),
-- where tar and unzip are told to put it; else it is where the script is then, which no row tells
told AS (
  SELECT *, CASE WHEN program_name = 'tar' AND instr(words, ' -C') THEN ltrim(substr(words, instr(words, ' -C') + 3))
    WHEN program_name = 'unzip' AND instr(words, ' -d ') THEN ltrim(substr(words, instr(words, ' -d ') + 4))
    WHEN program_name IN ('tar', 'unzip', 'cpio') THEN '/ ' END AS place
  FROM bare),
placed AS MATERIALIZED (
  SELECT id, blob_id, parent_id, program_name, mechanism, words,
         CASE WHEN program_name IN ('mount_root', 'pivot_root') OR words GLOB 'switch_root *' OR words GLOB 'exec switch_root *' OR words GLOB 'chroot *'
             OR words GLOB 'exec chroot *' OR words GLOB '/*bin/chroot *' THEN '/'
           WHEN place IS NOT NULL THEN substr(place, 1, instr(place, ' ') - 1)
           -- what fstab has is mounted, or is shown
           WHEN program_name = 'mount' AND (words GLOB '* -a*' OR instr(trim(tail), ' ') = 0) THEN NULL
           WHEN program_name IN ('mount', 'cp', 'mv', 'ln', 'install', 'rsync', 'bindfs', 'fuse-overlayfs', 'mergerfs', 'sshfs') OR program_name GLOB 'mount.*'
             OR program_name GLOB 'unionfs*' THEN substr(tail, length(rtrim(tail, replace(tail, ' ', ''))) + 1)
         END AS over
  FROM told),
-- below a folder of the root that is a link to another: /bin, where that is /usr/bin
really AS (
  SELECT p.id, p.blob_id, p.parent_id, p.program_name, p.mechanism, p.words,
         coalesce('/' || trim(l.link_target, '/') || substr(p.over, length(l.path) + 1), p.over) AS over
  FROM placed p LEFT JOIN blob l ON l.parent_id IS p.parent_id AND l.kind = 'symlink' AND l.link_target NOT GLOB '*..*'
    AND l.path = '/' || substr(p.over, 2, instr(substr(p.over, 2) || '/', '/') - 1))
SELECT id, blob_id, parent_id, program_name, mechanism, words,
       CASE WHEN over IS NULL OR over = '' OR over GLOB '-*' THEN NULL
         WHEN over GLOB '/*[^/]*' AND over NOT GLOB '*[?$`*]*' THEN rtrim(over, '/')
         WHEN program_name <> 'ln' OR words GLOB '* -*f* *' THEN '/' END AS over
FROM really
WHERE NOT (program_name = 'cp' AND (over || '/' GLOB '/tmp/*' OR over || '/' GLOB '/run/*' OR over || '/' GLOB '/var/run/*'
  OR over || '/' GLOB '/var/tmp/*' OR over || '/' GLOB '/var/backups/*') AND over NOT GLOB '*/..*') OR over IS NULL
UNION ALL
SELECT s.id, s.blob_id, b.parent_id, 'mount', s.mechanism, s.command || ' ',
       iif(trim(substr(s.command, instr(s.command, '=') + 1)) = '/', '/', rtrim(trim(substr(s.command, instr(s.command, '=') + 1)), '/'))
FROM startup s JOIN blob b ON b.id = s.blob_id
WHERE s.mechanism = 'systemd' AND s.command GLOB 'Where*=*' AND s.program IS NULL AND (b.parent_id, b.file_name) NOT IN (
  SELECT parent_id, unit FROM masked_unit)
UNION ALL
-- the root itself is mounted by its own line; overlayroot(8): a device's files lie over it, tmpfs begins empty
SELECT NULL, f.blob_id, b.parent_id, 'mount', f.program, coalesce(f.section || ' ', '') || f.key || ' ' || f.value || ' ',
       iif(f.key IN ('/', 'overlayroot'), '/', rtrim(f.key, '/'))
FROM setting f JOIN blob b ON b.id = f.blob_id
WHERE (f.program = 'fstab' AND NOT (f.key = '/' AND f.value NOT IN ('aufs', 'overlay', 'overlayfs', 'unionfs')))
  OR (f.program = 'overlayroot' AND f.key = 'overlayroot' AND f.value NOT IN ('', 'disabled') AND f.value NOT GLOB 'tmpfs*');

-- Lines of servers that serve this machine itself alone, as their own words say: the address or the interface that they are bound to.
-- Of several addresses all must be its own, and of snmpd's that of -x too, at which agents of AgentX come. sure: no variable among
-- the words may be one more.
CREATE VIEW serves_itself AS
WITH RECURSIVE
-- snmpd(8): a word that is no option, nor the value of one, is an address. Another command may start it, with its own options before.
word(id, prior, word, rest) AS (
  SELECT id, '', '', CASE WHEN instr(words, ' -- ') THEN substr(words, instr(words, ' -- ') + 4)
    WHEN instr(words, 'snmpd ') THEN substr(words, instr(words, 'snmpd ') + 6) ELSE substr(words, instr(words, ' ') + 1) END
  FROM started WHERE program_name = 'snmpd'
  UNION ALL
  SELECT id, word, substr(rest, 1, instr(rest, ' ') - 1), ltrim(substr(rest, instr(rest, ' ') + 1)) FROM word WHERE instr(rest, ' ')),
option(id, word, takes) AS (
  SELECT id, word, CASE WHEN prior GLOB '*>' THEN '>' WHEN prior GLOB '-*' THEN ltrim(substr(prior, 2), 'aACdfhHqrsUvVX') END FROM word
  WHERE word <> '' AND word NOT GLOB '*[<>]*'),
address(id, agents, address) AS (
  SELECT id, 1, CASE takes WHEN 'x' THEN word ELSE substr(word, 3) END FROM option WHERE takes = 'x' OR word GLOB '-x?*'
  UNION ALL
  SELECT id, 0, word FROM option
  WHERE word NOT GLOB '-*'
    AND coalesce(takes, '') NOT IN ('>', 'c', 'g', 'I', 'l', 'L', 'LE', 'LF', 'LS', 'Le', 'Lf', 'Ls', 'm', 'M', 'n', 'p', 'P', 'S', 'u', 'x')),
-- one word may hold several, each with its transport
part(id, agents, part, rest) AS (
  SELECT id, agents, '', address || ',' FROM address
  UNION ALL
  SELECT id, agents, substr(rest, 1, instr(rest, ',') - 1), substr(rest, instr(rest, ',') + 1) FROM part WHERE instr(rest, ',')),
host(id, agents, host) AS (
  SELECT id, agents, CASE WHEN substr(part, 1, instr(part, ':')) IN ('udp:', 'tcp:', 'udp6:', 'tcp6:', 'udpv6:', 'tcpv6:', 'udpipv6:', 'tcpipv6:',
      'dtlsudp:', 'tlstcp:') THEN substr(part, instr(part, ':') + 1) ELSE part END
  FROM part WHERE part <> ''),
own(id, agents, own, known) AS (
  SELECT id, agents, host GLOB '127.[0-9]*' OR host = 'localhost' OR host GLOB 'localhost:*' OR host GLOB '[[]::1]*' OR host GLOB 'unix:/*'
    OR (agents AND host GLOB '/*'), host NOT GLOB '*[$?`]*'
  FROM host)
SELECT id, 1 AS sure FROM started
WHERE words GLOB '*[pd]svd 127.*' OR words GLOB '*[pd]svd localhost *' OR words GLOB '*[pd]svd -* 127.* [0-9]*'
  OR words GLOB '*[pd]svd -* localhost [0-9]*' OR words GLOB '*telnetd* -i lo *' OR words GLOB '*telnetd -b localhost*'
  OR (program_name GLOB '*tftpd' AND (words GLOB '* -a 127.*' OR words GLOB '* -a localhost*' OR words GLOB '* --address[ =]127.*'
    OR words GLOB '* --address[ =]localhost*' OR words GLOB '* --bind-address[ =]127.*' OR words GLOB '* --bind-address[ =]localhost*'))
  OR (mechanism = 'systemd' AND (parent_id, detail) IN (SELECT parent_id, unit FROM confined_unit WHERE alone))
  -- systemd.socket(5), Accept=yes: it has nothing but what the socket hands it
  OR (mechanism = 'systemd' AND detail GLOB '*@.service' AND (parent_id, detail) IN (
    SELECT kb.parent_id, k.program_name FROM startup k JOIN blob kb ON kb.id = k.blob_id
    WHERE k.mechanism = 'systemd' AND k.detail GLOB '*.socket' AND k.command GLOB 'Listen*=?*'
    GROUP BY 1, 2 HAVING min(k.command GLOB 'Listen*=127.[0-9.]*:[0-9]*' OR k.command GLOB 'Listen*=[[]::1]:[0-9]*' OR k.command GLOB 'Listen*=[/@]*')))
UNION
SELECT id, min(own) FROM own GROUP BY id HAVING max(own AND NOT agents) AND min(own OR NOT known);

-- Telnet servers that boot starts, other than for this machine itself.
CREATE VIEW telnet AS
SELECT s.* FROM started_there s
WHERE (s.program_name IN ('telnetd', 'utelnetd', 'in.telnetd') OR s.command LIKE '%busybox telnetd%')
  AND s.words NOT LIKE '%-b 127.%' AND s.words NOT LIKE '%-b [::1]%' AND s.words NOT LIKE '%-b localhost%'
  AND s.id NOT IN (SELECT id FROM serves_itself);

-- Private keys of the product. Documentation and self-tests of libraries carry keys that nothing uses.
CREATE VIEW own_key AS
SELECT k.id, k.type, k.bits, k.encrypted, k.fingerprint, b.path,
       b.path || CASE WHEN k.offset > 0 THEN ' at offset ' || k.offset ELSE '' END AS place
FROM private_key k JOIN blob b ON b.id = k.blob_id LEFT JOIN blob holder ON holder.id = b.parent_id
WHERE coalesce(holder.path, '') NOT LIKE '/usr/share/doc/%' AND coalesce(holder.path, '') NOT LIKE '/usr/share/man/%'
  AND b.path NOT LIKE '/usr/share/doc/%' AND b.path NOT LIKE '/usr/share/man/%' AND b.path NOT LIKE '%/test/%'
  AND b.path NOT LIKE '%/tests/%' AND b.path NOT LIKE '%/testdata/%' AND b.path NOT LIKE '%/examples/%'
  AND b.path NOT LIKE '%/fixtures/%' AND b.path NOT LIKE '%/\_\_tests\_\_/%' ESCAPE '\'
  AND b.path NOT LIKE '%.example' AND b.path NOT LIKE '%.sample'
  AND NOT (b.format = 'elf' AND (b.path LIKE '%mbedtls%' OR b.path LIKE '%mbedcrypto%' OR b.path LIKE '%mbedx509%'
    OR b.path LIKE '%polarssl%' OR b.path LIKE '%wolfssl%' OR b.path LIKE '%cyassl%' OR b.path LIKE '%matrixssl%'
    OR b.path LIKE '%libcrypto%' OR b.path LIKE '%gnutls%' OR b.path LIKE '%tomcrypt%'));

-- Settings that hold as far as the image tells: not those that another line overrides, nor defaults of a daemon whose file is
-- there, nor a default that an included file may change and does. Of sshd's keywords the first value holds, so that of a file that
-- is included before; a file that nothing includes says nothing, and one that is included in a Match block has its section. sure:
-- nothing that is unknown can change it; what comes after a file that sshd includes from elsewhere is not sure. A program
-- that has several files has the settings of all of them here; which of them it is told to read, `service_setting` knows.
CREATE VIEW effective_setting AS
WITH RECURSIVE configured AS MATERIALIZED (
  SELECT DISTINCT coalesce(b.parent_id, 0) AS parent_id, f.program FROM setting f JOIN blob b ON b.id = f.blob_id
  WHERE f.origin = 'file' OR (f.origin = 'default' AND coalesce(b.format, 'elf') <> 'elf')),
said AS MATERIALIZED (
  SELECT DISTINCT coalesce(b.parent_id, 0) AS parent_id, f.program, f.key, coalesce(f.section, '') AS section
  FROM setting f JOIN blob b ON b.id = f.blob_id
  WHERE f.origin = 'file' AND f.effective IS NOT 0),
-- sshd_config(5): an Include has several patterns, in quotes or not, of /etc/ssh where they are relative
sshd_word(blob_id, parent_id, line, section, word, rest) AS (
  SELECT s.blob_id, b.parent_id, s.line, coalesce(s.section, ''), '', ltrim(replace(replace(s.value, '"', ''), char(9), ' ')) || ' '
  FROM setting s JOIN blob b ON b.id = s.blob_id WHERE s.program = 'sshd' AND s.key = 'Include' AND s.origin = 'file'
  UNION ALL
  SELECT blob_id, parent_id, line, section, substr(rest, 1, instr(rest, ' ') - 1), ltrim(substr(rest, instr(rest, ' ') + 1)) FROM sshd_word
  WHERE instr(rest, ' ')),
sshd_pattern AS MATERIALIZED (
  SELECT blob_id, parent_id, line, section, CASE WHEN word GLOB '/*' THEN word ELSE '/etc/ssh/' || word END AS pattern
  FROM sshd_word WHERE word <> ''),
sshd_file AS MATERIALIZED (
  SELECT id, parent_id, path, path GLOB '*/sshd_config' AS root FROM blob
  WHERE id IN (SELECT blob_id FROM setting WHERE program = 'sshd' AND origin = 'file')),
-- which file has which read: once, outside of Match if there, as early as may be
sshd_step AS MATERIALIZED (
  SELECT * FROM (
    SELECT p.blob_id, p.line, p.section, f.id, f.path, row_number() OVER (PARTITION BY p.blob_id, f.id ORDER BY p.section, p.line) AS place
    FROM sshd_pattern p JOIN sshd_file f ON f.parent_id IS p.parent_id AND f.path GLOB p.pattern AND f.path NOT GLOB p.pattern || '/*'
      AND f.path GLOB '*/sshd_config.d/*')
  WHERE place = 1),
sshd_first AS MATERIALIZED (SELECT s.* FROM sshd_step s JOIN sshd_file f ON f.id = s.blob_id AND f.root),
-- what a sshd_config has read, itself or by what it includes: at which of its lines, and as which of the files there
sshd_included(root_id, line, part, section, id) AS (
  SELECT blob_id, line, path, section, id FROM sshd_first
  UNION
  SELECT i.root_id, i.line, i.part, coalesce(nullif(i.section, ''), s.section), s.id FROM sshd_included i JOIN sshd_step s ON s.blob_id = i.id
  WHERE s.id NOT IN (SELECT id FROM sshd_first WHERE section = '')),
sshd_part AS MATERIALIZED (SELECT id, min(section) AS section, max(line) AS line FROM sshd_included GROUP BY id),
-- lines that include what nobody read; line: the first of the sshd_config
sshd_unread AS MATERIALIZED (
  SELECT parent_id, path FROM blob WHERE path GLOB '*/sshd_config.d/*' AND path NOT GLOB '*.conf' AND kind IN ('file', 'symlink')),
sshd_open AS MATERIALIZED (
  SELECT coalesce(i.root_id, p.blob_id) AS root_id, p.parent_id, min(coalesce(i.line, p.line)) AS line
  FROM sshd_pattern p LEFT JOIN sshd_included i ON i.id = p.blob_id
  WHERE (i.id IS NOT NULL OR p.blob_id IN (SELECT id FROM sshd_file WHERE root))
    AND (p.pattern NOT GLOB '*/sshd_config.d/*' OR EXISTS (
      SELECT 1 FROM sshd_unread o WHERE o.parent_id IS p.parent_id AND o.path GLOB p.pattern AND o.path NOT GLOB p.pattern || '/*'))
  GROUP BY 1, 2),
-- keywords that hold once, whatever block: the first line that has one
sshd_line AS (
  SELECT s.id, s.blob_id AS root_id, s.line, '' AS part, lower(s.key) AS key FROM setting s JOIN sshd_file f ON f.id = s.blob_id AND f.root
  WHERE s.program = 'sshd' AND s.origin = 'file' AND coalesce(s.section, '') = '' AND s.effective IS NOT 0
  UNION ALL
  SELECT s.id, i.root_id, i.line, i.part, lower(s.key) FROM sshd_included i JOIN setting s ON s.blob_id = i.id
  WHERE s.program = 'sshd' AND s.origin = 'file' AND coalesce(s.section, '') = '' AND i.section = '' AND s.effective IS NOT 0),
sshd_late AS MATERIALIZED (
  SELECT id FROM (
    SELECT id, rank() OVER (PARTITION BY root_id, key ORDER BY line, part) AS place FROM sshd_line
    WHERE key NOT IN ('acceptenv', 'allowgroups', 'allowusers', 'denygroups', 'denyusers', 'hostkey', 'hostcertificate', 'include',
      'listenaddress', 'port', 'subsystem', 'setenv'))
  GROUP BY id HAVING min(place) > 1)
SELECT s.id, s.blob_id, b.parent_id, b.path, s.line, s.program, coalesce(nullif(s.section, ''), i.section, '') AS section, s.key, s.value,
       s.origin, s.secret, s.effective IS 1 AND NOT (s.program = 'sshd' AND s.origin = 'file' AND EXISTS (
         SELECT 1 FROM sshd_open o WHERE o.parent_id IS b.parent_id
           AND CASE WHEN b.path GLOB '*/sshd_config' THEN o.root_id = b.id AND o.line < s.line ELSE coalesce(o.line <= i.line, 1) END)) AS sure,
       b.path || coalesce(' line ' || s.line, '') AS place
FROM setting s JOIN blob b ON b.id = s.blob_id LEFT JOIN sshd_part i ON i.id = s.blob_id AND s.program = 'sshd' AND s.origin = 'file'
WHERE s.effective IS NOT 0
  AND NOT (s.program = 'sshd' AND s.origin = 'file' AND b.path GLOB '*/sshd_config.d/*' AND i.id IS NULL
    AND b.parent_id NOT IN (SELECT parent_id FROM sshd_open WHERE parent_id IS NOT NULL))
  AND NOT (s.program = 'sshd' AND s.id IN (SELECT id FROM sshd_late))
  AND NOT (s.origin = 'default' AND coalesce(b.format, 'elf') = 'elf'
    AND (coalesce(b.parent_id, 0), s.program) IN (SELECT parent_id, program FROM configured))
  AND NOT (s.origin = 'default' AND s.effective IS NULL
    AND (coalesce(b.parent_id, 0), s.program, s.key, coalesce(s.section, '')) IN (
      SELECT parent_id, program, key, section FROM said));

-- Every program that boot starts and that may stay, a row for each line that starts it: what it is told, as whom it runs, the
-- file that it is (links are followed), and what is known of that file. Not scripts whose own lines are rows, nor commands that
-- do one thing and end (mount, mkdir, ifconfig ...; a server's -t, which checks its settings; --version), nor what is missing from the
-- directories of the system. startup_id points at `startup`, file_id at the name that is run,
-- program_id at the file itself (NULL: it must be on another
-- file system). Of a multi-call program the applet counts, and what it
-- imports says nothing of it. port_source: command line or socket, setting, default; no
-- port where the program does not listen. listens: unknown, too, for servers that inetd hands a connection, and where a library of
-- the program's own may do it for it.
CREATE VIEW service AS
WITH ends_soon(name) AS (VALUES
  ('[['), (':'), ('printf'), ('addgroup'), ('adduser'), ('arp'), ('awk'), ('base64'), ('basename'), ('blkid'), ('brctl'), ('cat'), ('chgrp'),
  ('chmod'), ('chown'), ('chvt'), ('clear'), ('cmp'), ('cp'), ('cut'), ('date'), ('dd'), ('depmod'), ('df'), ('dirname'),
  ('dmesg'), ('du'), ('ebtables'), ('echo'), ('egrep'), ('env'), ('expr'), ('fbset'), ('find'), ('flash_eraseall'), ('flock'),
  ('fsck'), ('fuser'), ('fw_printenv'), ('fw_setenv'), ('getopt'), ('grep'), ('gunzip'), ('gzip'), ('head'), ('hostname'),
  ('hwclock'), ('id'), ('ifconfig'), ('ifdown'), ('ifup'), ('insmod'), ('install'), ('ip'), ('ip6tables'), ('ipcs'),
  ('iptables'), ('iptables-restore'), ('iw'), ('iwconfig'), ('iwpriv'), ('kill'), ('killall'), ('killall5'), ('ldconfig'),
  ('ln'), ('loadkmap'), ('logger'), ('losetup'), ('ls'), ('lsmod'), ('md5sum'), ('mdev'), ('mkdir'), ('mkfifo'), ('mknod'),
  ('mkswap'), ('mktemp'), ('modprobe'), ('more'), ('mount'), ('mountpoint'), ('mv'), ('nvram'), ('pidof'), ('pivot_root'),
  ('poweroff'), ('ps'), ('pwd'), ('readlink'), ('reboot'), ('reset'), ('rm'), ('rmdir'), ('rmmod'), ('route'), ('run-parts'),
  ('runlevel'), ('sed'), ('seq'), ('setfont'), ('sleep'), ('sort'), ('stat'), ('stty'), ('swapoff'), ('swapon'), ('sync'),
  ('sysctl'), ('tail'), ('tar'), ('tc'), ('tee'), ('touch'), ('tr'), ('true'), ('false'), ('tty'), ('ubiattach'), ('ubimkvol'),
  ('uci'), ('umount'), ('uname'), ('uniq'), ('usleep'), ('vconfig'), ('wc'), ('which'), ('xargs'), ('zcat'), ('systemctl'),
  ('systemd-tmpfiles'), ('systemd-sysctl'), ('systemd-modules-load'), ('systemd-remount-fs'), ('systemd-pcrphase'),
  ('systemd-random-seed'), ('nm-online'), ('systemd-networkd-wait-online'), ('systemd-update-utmp'), ('systemd-user-sessions'), ('journalctl'), ('restorecon'), ('udevadm'), ('update-rc.d'),
  ('invoke-rc.d'), ('service'), ('test'), ('openvt'), ('wall'), ('sh'), ('ash'), ('bash'), ('dash'), ('su'), ('chronyc'), ('curl'),
  ('devmem'), ('dropbearkey'), ('e2fsck'), ('flash_erase'), ('flashcp'), ('ftpget'), ('ftpput'), ('hciconfig'), ('i2cget'),
  ('i2cset'), ('mke2fs'), ('mtd'), ('nandwrite'), ('nft'), ('nslookup'), ('ntpdate'), ('openssl'), ('ping'), ('rdate'),
  ('resize2fs'), ('setserial'), ('sha256sum'), ('sntp'), ('ssh-keygen'), ('sysupgrade'), ('tftp'), ('udevstart'),
  ('udevtrigger'), ('update-apparmor-samba-profile'), ('wget')),
-- what is linked into programs: its version is not the program's
library(name) AS (VALUES
  ('boost'), ('bzip2'), ('curl'), ('expat'), ('gcc'), ('glib'), ('glibc'), ('gnutls'), ('gsoap'), ('jansson'), ('json-c'),
  ('libcurl'), ('libevent'), ('libjpeg'), ('libjpeg-turbo'), ('libpcap'), ('libpng'), ('libupnp'), ('libuv'), ('libwebsockets'),
  ('libxml2'), ('linux'), ('lua'), ('lz4'), ('lzo'), ('mbedtls'), ('musl'), ('openssl'), ('pcre'), ('pcre2'), ('polarssl'),
  ('readline'), ('sqlite'), ('uclibc'), ('uclibc-ng'), ('wolfssl'), ('xz'), ('zlib'), ('zstd')),
-- servers that inetd and its like hand a connection: they do not listen themselves; and those whose libraries do it for them
handed(name) AS (VALUES ('ftpd'), ('in.ftpd'), ('in.rlogind'), ('in.rshd'), ('in.telnetd'), ('in.tftpd'), ('nmbd'), ('rlogind'),
  ('rshd'), ('samba'), ('telnetd')),
-- BusyBox's and Toybox's: whether they listen, whether they connect, the port that they have when told none
known_applet(name, listens, connects, port) AS (VALUES
  ('dhcprelay', 1, 1, '67'), ('dnsd', 1, 0, '53'), ('fakeidentd', 1, 0, '113'), ('ftpd', 1, 0, NULL), ('ftpget', 0, 1, NULL),
  ('ftpput', 0, 1, NULL), ('httpd', 1, 0, '80'), ('inetd', 1, 0, NULL), ('nbd-client', 0, 1, NULL), ('nc', NULL, NULL, NULL),
  ('netcat', NULL, NULL, NULL), ('ntpd', NULL, 1, NULL), ('nslookup', 0, 1, NULL), ('ping', 0, 1, NULL), ('rdate', 0, 1, NULL),
  ('sendmail', 0, 1, NULL), ('ssl_client', 0, 1, NULL), ('syslogd', 0, NULL, NULL), ('tcpsvd', 1, 0, NULL),
  ('telnet', 0, 1, NULL), ('telnetd', 1, 0, '23'), ('tftp', 0, 1, NULL), ('tftpd', 1, 0, '69'), ('udhcpc', 0, 1, NULL),
  ('udhcpc6', 0, 1, NULL), ('udhcpd', 1, 1, '67'), ('udpsvd', 1, 0, NULL), ('wget', 0, 1, NULL), ('zcip', 0, 1, NULL)),
-- the port that a program has by its manual when nothing says otherwise
usual(name, port) AS (VALUES
  ('dnsmasq', '53'), ('dropbear', '22'), ('in.telnetd', '23'), ('in.tftpd', '69'), ('miniupnpd', NULL), ('mosquitto', '1883'),
  ('named', '53'), ('nmbd', '137'), ('ntpd', '123'), ('rpcbind', '111'), ('smbd', '445'), ('snmpd', '161'), ('sshd', '22'),
  ('telnetd', '23'), ('udhcpd', '67'), ('utelnetd', '23'), ('vsftpd', '21'), ('xinetd', NULL), ('avahi-daemon', '5353')),
runs AS MATERIALIZED (SELECT * FROM started),
-- libraries that listen for whoever calls them, and are no part of what many programs need for other things: what a program does
-- by those, its own imports do not tell
lender AS MATERIALIZED (
  SELECT DISTINCT b.parent_id, e.soname FROM network n JOIN elf e ON e.blob_id = n.blob_id JOIN blob b ON b.id = n.blob_id
  WHERE n.listens AND e.type = 'shared-library' AND e.soname IS NOT NULL
    AND NOT (e.soname GLOB 'libc.*' OR e.soname GLOB 'libc-*' OR e.soname GLOB 'libcrypto*' OR e.soname GLOB 'libssl*' OR e.soname GLOB 'libnsl*'
      OR e.soname GLOB 'libresolv*' OR e.soname GLOB 'libnss*' OR e.soname GLOB 'libtirpc*' OR e.soname GLOB 'libuv*' OR e.soname GLOB 'libev[.-]*'
      OR e.soname GLOB 'libevent*' OR e.soname GLOB 'libwebsockets*' OR e.soname GLOB 'libmicrohttpd*' OR e.soname GLOB 'libcurl*'
      OR e.soname GLOB 'libg*nutls*' OR e.soname GLOB 'libgio*' OR e.soname GLOB 'libglib*' OR e.soname GLOB 'libapr*' OR e.soname GLOB 'libldap*'
      OR e.soname GLOB 'libl*ber*' OR e.soname GLOB 'libsystemd*' OR e.soname GLOB 'libudev*' OR e.soname GLOB 'libdbus*' OR e.soname GLOB 'libavahi*'
      OR e.soname GLOB 'libpython*' OR e.soname GLOB 'libperl*' OR e.soname GLOB 'libruby*' OR e.soname GLOB 'liblua*' OR e.soname GLOB 'libzmq*'
      OR e.soname GLOB 'libpq*' OR e.soname GLOB 'libm*sql*' OR e.soname GLOB 'libmariadb*' OR e.soname GLOB 'libX*' OR e.soname GLOB 'libxcb*'
      OR e.soname GLOB 'libICE*' OR e.soname GLOB 'libavformat*' OR e.soname GLOB 'libpcap*' OR e.soname GLOB 'libnl-*' OR e.soname GLOB 'libxml2*'
      OR e.soname GLOB 'libbluetooth*' OR e.soname GLOB 'libQt*' OR e.soname GLOB 'libPoco*' OR e.soname GLOB 'libsnmp*' OR e.soname GLOB 'libnetsnmp.*')),
-- a port that a file or a command tells, before the one that holds without them; "1883 0.0.0.0" is a port and
-- an address, "[::]:80 default_server" an address and a port; 0 is no port (dnsmasq serves no names then)
port_word AS (
  SELECT t.parent_id, t.program, t.origin IS 'default' AS is_default, t.value,
         substr(t.value, 1, instr(t.value || ' ', ' ') - 1) AS word, rtrim(substr(t.value, 1, instr(t.value || ' ', ' ') - 1), '0123456789') AS address
  FROM effective_setting t
  WHERE lower(t.key) IN ('port', 'listen', 'server.port', 'listen_port', 'listener', 'listen_http', 'listen_https')
    AND t.value GLOB '*[0-9]*'),
port_setting AS MATERIALIZED (
  SELECT parent_id, program, is_default,
         CASE WHEN value GLOB '[0-9]* *' AND word NOT GLOB '*[^0-9]*' THEN word
           WHEN word <> address AND (address GLOB '*]:' OR (address GLOB '*:' AND address NOT GLOB '*:*:')) THEN substr(word, length(address) + 1)
           ELSE value END AS port
  FROM port_word),
told AS MATERIALIZED (
  SELECT p.parent_id, p.program, group_concat(DISTINCT nullif(p.port, '0')) AS ports, p.is_default
  FROM port_setting p
  WHERE NOT (p.is_default AND EXISTS (
    SELECT 1 FROM port_setting f WHERE f.program = p.program AND f.parent_id IS p.parent_id AND NOT f.is_default))
  GROUP BY 1, 2),
socket AS MATERIALIZED (
  SELECT k.parent_id, k.program_name AS unit, group_concat(k.ports, ' ') AS ports FROM runs k JOIN blob b ON b.id = k.blob_id
  WHERE k.mechanism = 'systemd' AND k.ports IS NOT NULL AND b.file_name LIKE '%.socket' GROUP BY 1, 2),
line AS MATERIALIZED (
  SELECT s.*, p.file_id, p.blob_id AS program_id, r.file_name AS resolved_name, r.mode, r.format AS program_format,
         coalesce(r.file_name GLOB 'busybox*' OR r.file_name = 'toybox', 0) AS multi_call
  FROM runs s
  LEFT JOIN startup_program p ON p.startup_id = s.id
  LEFT JOIN blob r ON r.id = p.blob_id
  WHERE s.program IS NOT NULL AND s.mechanism <> 'rc-link'
    AND NOT (s.mechanism = 'systemd' AND (s.program_name GLOB '*.service' OR s.program_name GLOB '*.target'
      OR s.program_name GLOB '*.socket' OR s.program_name GLOB '*.timer' OR s.program_name GLOB '*.path'
      OR s.program_name GLOB '*.mount' OR s.program_name GLOB '*.slice'))
    AND NOT (s.mechanism = 'android-init' AND (s.program GLOB 'class *' OR s.program GLOB 'service *' OR s.program GLOB '*.rc'))
    AND instr(s.program, '*') = 0),
named AS (
  SELECT l.*, CASE WHEN l.multi_call AND l.program_name GLOB 'busybox*' AND instr(l.words, 'busybox ')
      THEN substr(ltrim(substr(l.words, instr(l.words, 'busybox ') + 8)), 1,
                  instr(ltrim(substr(l.words, instr(l.words, 'busybox ') + 8)) || ' ', ' ') - 1)
      ELSE l.program_name END AS name
  FROM line l)
SELECT q.startup_id, q.parent_id, q.mechanism, q.place, q.command, q.program, q.name, q.file_id, q.program_id, q.path, q.user,
       iif(q.listens IS 0 AND q.lent, NULL, q.listens) AS listens, q.connects, q.families, q.tls, q.protocols, iif(q.listens IS 0 AND NOT q.lent, NULL, q.ports) AS ports,
       iif(q.listens IS 0 AND NOT q.lent, NULL, q.port_source) AS port_source, q.pie, q.nx, q.relro, q.canary, q.fortify, q.set_user_id,
       q.component, q.version
FROM (
SELECT l.id AS startup_id, l.parent_id, l.mechanism, l.place, l.command, l.program, l.name, l.file_id, l.program_id,
       (SELECT path FROM blob WHERE id = l.program_id) AS path, l.user,
       CASE WHEN l.mechanism IN ('inetd', 'xinetd') THEN 1 WHEN l.multi_call THEN
         CASE WHEN a.name IS NULL THEN 0
           -- BusyBox's ntpd asks; with -l it answers as well
           WHEN a.name = 'ntpd' THEN l.words || ' ' GLOB '* -[dnqNw]l[dnqNw ]*' OR l.words || ' ' GLOB '* -l[dnqNw ]*' ELSE a.listens END
         WHEN n.listens IS NOT NULL AND n.listens THEN 1 WHEN l.name IN (SELECT name FROM handed) THEN NULL
         WHEN n.id IS NOT NULL THEN n.listens WHEN l.program_format = 'elf' AND NOT coalesce(e.is_static AND e.stripped, 0) THEN 0 END AS listens,
       CASE WHEN l.multi_call THEN CASE WHEN a.name IS NULL THEN 0 ELSE a.connects END
         WHEN n.id IS NOT NULL THEN n.connects WHEN l.program_format = 'elf' AND NOT coalesce(e.is_static AND e.stripped, 0) THEN 0 END AS connects,
       CASE WHEN NOT l.multi_call THEN n.families END AS families,
       CASE WHEN NOT l.multi_call THEN n.tls END AS tls,
       CASE WHEN NOT l.multi_call THEN n.protocols END AS protocols,
       coalesce(l.ports, k.ports, t.ports, a.port, iif(t.program IS NULL, u.port, NULL)) AS ports,
       CASE WHEN l.ports IS NOT NULL AND l.mechanism IN ('inetd', 'xinetd') THEN 'inetd' WHEN l.ports IS NOT NULL THEN 'command line'
         WHEN k.ports IS NOT NULL THEN 'socket' WHEN t.ports IS NOT NULL THEN CASE WHEN t.is_default THEN 'default' ELSE 'setting' END
         WHEN coalesce(a.port, iif(t.program IS NULL, u.port, NULL)) IS NOT NULL THEN 'default' END AS port_source,
       e.pie, e.nx, e.relro, e.canary, e.fortify, CASE WHEN l.mode IS NOT NULL THEN l.mode & 2048 <> 0 END AS set_user_id,
       c.name AS component, c.version,
       NOT l.multi_call AND EXISTS (SELECT 1 FROM lender k WHERE k.parent_id IS l.parent_id
         AND instr(' ' || e.needed || ' ', ' ' || k.soname || ' ')) AS lent
FROM named l
JOIN blob b ON b.id = l.blob_id
LEFT JOIN network n ON n.blob_id = l.program_id
LEFT JOIN elf e ON e.blob_id = l.program_id
LEFT JOIN component c ON c.id = coalesce(
  (SELECT min(id) FROM component WHERE blob_id = l.program_id AND name = l.name),
  (SELECT min(id) FROM component WHERE blob_id = l.program_id AND name NOT IN (SELECT name FROM library)))
LEFT JOIN known_applet a ON l.multi_call AND a.name = l.name
LEFT JOIN usual u ON u.name = l.name
LEFT JOIN socket k ON k.parent_id = l.parent_id AND k.unit = b.file_name AND l.mechanism = 'systemd'
LEFT JOIN told t ON t.parent_id = l.parent_id AND t.program = l.name
WHERE l.name NOT IN (SELECT name FROM ends_soon)
  AND NOT (l.name IN ('sshd', 'lighttpd', 'nginx', 'apache2', 'smbd') AND (l.words GLOB '* -t *' OR l.words GLOB '* -tt *'))
  AND NOT (l.words GLOB '* --version *' OR l.words GLOB '* --help *' OR (l.name = 'sshd' AND (l.words GLOB '* -[VG] *' OR l.words GLOB '* -[\][?] *'
    OR l.words GLOB '* -[?] *')))
  AND CASE WHEN l.program_id IS NULL
    THEN l.program GLOB '/*' AND NOT (l.program GLOB '/usr/*' OR l.program GLOB '/bin/*' OR l.program GLOB '/sbin/*'
      OR l.program GLOB '/lib/*' OR l.program GLOB '/etc/*')
    ELSE l.program_id NOT IN (SELECT blob_id FROM startup) END) q
-- what ends before boot goes on, and what cron runs from time to time, serves nobody, unless it listens
WHERE q.startup_id NOT IN (SELECT id FROM startup WHERE once) AND NOT (q.mechanism = 'cron' AND q.listens IS NOT 1);

-- Those services that listen, or whose port is known and of which nothing tells that they do not, other than for this machine
-- itself as far as their command line or the address in their settings tells. inet: their program handles
-- addresses of the Internet, or a port is known; unknown for what may serve this machine's own programs only.
CREATE VIEW exposed_service AS
WITH address(parent_id, program, is_default, beyond) AS MATERIALIZED (
  SELECT t.parent_id, t.program, t.origin IS 'default',
         CASE WHEN lower(t.key) = 'listener' AND (t.value GLOB '* 127.*' OR t.value GLOB '* localhost' OR t.value GLOB '* ::1'
             OR t.value GLOB '* /*') THEN ''
           WHEN t.value LIKE '%127.0.0.1%' OR t.value LIKE '%::1%' OR t.value LIKE '%localhost%' THEN
           replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(lower(t.value), 'udp6:', ''), 'udp:', ''),
             'tcp:', ''), 'localhost', ''), '127.0.0.1', ''), '[::1]', ''), '-::1', ''), '::1', ''), ',', ''), ' ', '')
           ELSE t.value END
  FROM effective_setting t
  WHERE lower(t.key) IN ('agentaddress', 'bind', 'bind-address', 'bind_address', 'listenaddress', 'server.bind')
    -- mosquitto.conf(5): each listener has an address of its own, bind_address is that of the default one alone
    OR (t.program = 'mosquitto' AND t.key = 'listener')),
local(parent_id, program) AS MATERIALIZED (
  SELECT parent_id, program FROM address WHERE NOT is_default
  GROUP BY 1, 2 HAVING max(beyond <> '' AND (beyond NOT GLOB ':[0-9]*' OR beyond GLOB ':*[^0-9:]*')) = 0)
SELECT s.*, CASE WHEN s.ports IS NOT NULL OR s.families LIKE '%inet%' OR s.mechanism IN ('inetd', 'xinetd') THEN 1 END AS inet
FROM service s
WHERE (s.listens OR (s.listens IS NULL AND s.ports IS NOT NULL)) AND s.program_id IS NOT NULL
  -- by their manuals these listen at sockets of this machine alone, whatever else is linked into them
  AND NOT (s.ports IS NULL AND s.name IN ('acpid', 'dbus-broker', 'dbus-daemon', 'haveged', 'klogd', 'systemd-journald', 'systemd-logind',
    'systemd-udevd', 'udevd'))
  -- of snmpd's addresses serves_itself knows
  AND NOT (s.name <> 'snmpd' AND (s.command GLOB '*127.0.0.1:[0-9]*' OR s.command GLOB '*-b 127.*' OR s.command GLOB '*-h 127.*'
    OR s.command GLOB '*localhost:[0-9]*' OR s.command GLOB '*-b localhost*'))
  AND s.startup_id NOT IN (SELECT id FROM serves_itself WHERE sure)
  AND NOT EXISTS (SELECT 1 FROM local a WHERE a.program = s.name AND a.parent_id IS s.parent_id);

-- The settings of services that boot starts: a row for each service and each setting that holds for it. Those of a command
-- count for that command, and go before those of a file. Of several files it is the one that the command names; where it
-- names none, the one that the program reads by itself, and the parts that such a file includes.
CREATE VIEW service_setting AS
WITH runs AS MATERIALIZED (
  SELECT v.startup_id, v.parent_id, v.name, v.place AS started_at, v.command, v.program_id, u.blob_id, u.line,
         CASE v.name WHEN 'smbd' THEN 'samba' WHEN 'redis-server' THEN 'redis' WHEN 'in.telnetd' THEN 'telnetd'
           WHEN 'utelnetd' THEN 'telnetd' WHEN 'apache2' THEN 'apache' WHEN 'apachectl' THEN 'apache' WHEN 'apache2ctl' THEN 'apache' WHEN 'httpd2' THEN 'apache' WHEN 'webs' THEN 'goahead'
           WHEN 'mariadbd' THEN 'mysqld' WHEN 'in.tftpd' THEN 'tftpd' WHEN 'mini_httpds' THEN 'mini_httpd'
           ELSE v.name END AS setting_program,
         v.command GLOB '*.conf*' OR v.command GLOB '* -[cCfs] *' OR v.command GLOB '* --conf*' AS names_file
  FROM service v JOIN startup u ON u.id = v.startup_id),
held AS MATERIALIZED (SELECT * FROM effective_setting),
told AS MATERIALIZED (
  SELECT r.startup_id, lower(h.key) AS key FROM runs r
  JOIN held h ON h.blob_id = r.blob_id AND h.line = r.line AND h.program = r.setting_program AND h.origin = 'command line')
SELECT r.startup_id, r.name, r.started_at, r.command, r.program_id, h.*
FROM runs r JOIN held h ON h.program = r.setting_program AND h.parent_id IS r.parent_id
WHERE CASE
  WHEN h.blob_id = r.blob_id THEN h.line IS r.line
  WHEN h.origin = 'command line' THEN 0
  WHEN h.origin = 'default' AND h.blob_id IN (SELECT blob_id FROM startup) THEN 0
  WHEN h.blob_id IS r.program_id THEN 1
  WHEN r.names_file AND instr(r.command, h.path) THEN 1
  WHEN h.path GLOB '*.d/*' OR h.path GLOB '*-enabled/*' THEN 1
  WHEN h.path GLOB '*-available/*' THEN EXISTS (
    SELECT 1 FROM target t JOIN blob l ON l.id = t.blob_id WHERE t.target_id = h.blob_id AND l.path GLOB '*-enabled/*')
  ELSE NOT r.names_file AND h.path GLOB '/etc*' AND (SELECT file_name FROM blob WHERE id = h.blob_id) IN (
    'sshd_config', 'nginx.conf', 'apache2.conf', 'ports.conf', 'httpd.conf', 'boa.conf', 'vsftpd.conf', 'proftpd.conf', 'smb.conf',
    'dnsmasq.conf', 'snmpd.conf', 'miniupnpd.conf', 'my.cnf', 'route.txt', 'auth.txt', 'exports') END
  AND NOT (h.section = '' AND h.origin <> 'command line' AND (r.startup_id, lower(h.key)) IN (SELECT startup_id, key FROM told));

-- Files whose commands boot runs: the scripts that have lines of their own in `startup`, and whatever such a line runs.
CREATE VIEW reached_file AS
WITH runs AS MATERIALIZED (SELECT id, blob_id FROM started)
SELECT blob_id AS id FROM runs
UNION
SELECT p.blob_id FROM startup_program p WHERE p.startup_id IN (SELECT id FROM runs);

-- Programs that run with the rights of their owner or group, whoever starts them.
CREATE VIEW set_id_program AS
SELECT b.id, b.parent_id, b.path, b.mode & 2048 <> 0 AS set_user_id, b.mode & 1024 <> 0 AS set_group_id, b.uid, b.gid, b.format,
       e.pie, e.nx, e.relro, e.canary, e.fortify
FROM blob b LEFT JOIN elf e ON e.blob_id = b.id
WHERE b.kind = 'file' AND b.mode & 3072 AND b.mode & 73;

-- What every user may change: files, and directories without the sticky bit, in which every user may replace what others put
-- there. runs: it is executable.
CREATE VIEW world_writable AS
SELECT b.id, b.parent_id, b.path, b.kind, b.mode, b.uid, b.gid, b.kind = 'file' AND b.mode & 73 <> 0 AS runs
FROM blob b
WHERE b.mode & 2 AND (b.kind = 'file' OR (b.kind = 'directory' AND b.mode & 512 = 0));

-- Programs, libraries and settings that belong to somebody else than root, who may change them.
CREATE VIEW foreign_owner AS
SELECT b.id, b.parent_id, b.path, b.kind, b.mode, b.uid, b.gid
FROM blob b
WHERE b.uid <> 0 AND b.kind IN ('file', 'directory')
  AND (b.path GLOB '/bin/*' OR b.path GLOB '/sbin/*' OR b.path GLOB '/lib/*' OR b.path GLOB '/etc/*'
    OR b.path GLOB '/usr/bin/*' OR b.path GLOB '/usr/sbin/*' OR b.path GLOB '/usr/lib/*' OR b.path GLOB '/usr/local/*bin/*');

-- Device nodes that are part of the image.
CREATE VIEW device_node AS
SELECT b.id, b.parent_id, b.path, b.kind, b.mode, b.uid, b.gid, b.device / 4294967296 AS major, b.device % 4294967296 AS minor
FROM blob b
WHERE b.kind IN ('char_device', 'block_device');

-- Programs that boot starts, and programs that listen, which lack a protection of their compiler; lacks: which.
CREATE VIEW weak_binary AS
SELECT * FROM (
  SELECT e.id AS elf_id, b.id, b.parent_id, b.path,
         b.id IN (SELECT program_id FROM service WHERE program_id IS NOT NULL) AS is_started, n.listens,
         rtrim(CASE WHEN e.pie = 0 THEN 'position-independence, ' ELSE '' END
           || CASE WHEN e.nx = 0 THEN 'non-executable stack, ' ELSE '' END
           || CASE WHEN e.relro = 'none' THEN 'RELRO, ' WHEN e.relro = 'partial' THEN 'full RELRO, ' ELSE '' END
           || CASE WHEN e.canary = 0 THEN 'stack canary, ' ELSE '' END
           || CASE WHEN e.fortify = 0 THEN 'fortified functions, ' ELSE '' END, ', ') AS lacks
  FROM elf e JOIN blob b ON b.id = e.blob_id
  LEFT JOIN network n ON n.blob_id = b.id
  WHERE e.type = 'executable')
WHERE lacks <> '' AND (is_started OR listens);

-- What development left, with what only its name shows: static libraries, and copies of archives and images. table_name and
-- row_id say where it stands.
CREATE VIEW left_behind AS
SELECT 'leftover' AS table_name, l.id AS row_id, b.parent_id, b.path, l.kind, l.detail
FROM leftover l JOIN blob b ON b.id = l.blob_id
UNION ALL
SELECT 'blob', b.id, b.parent_id, b.path, CASE WHEN b.format = 'ar' THEN 'build' ELSE 'back-up' END,
       CASE WHEN b.format = 'ar' THEN 'a static library: parts of programs' ELSE 'a copy of another file' END
FROM blob b
WHERE b.kind = 'file' AND b.size > 0 AND b.id NOT IN (SELECT blob_id FROM leftover)
  AND ((b.format = 'ar' AND b.path LIKE '%.a') OR (b.format NOT IN ('elf', 'mach-o', 'script', 'text', 'data', 'empty', 'unknown')
    AND (b.path LIKE '%.bak' OR b.path LIKE '%.old' OR b.path LIKE '%.orig' OR b.path LIKE '%~')
    AND b.path NOT LIKE '/usr/share/doc/%'));

-- Stretches without structure, and what they are known to be: the format of the blob, or those that were found within
-- them, of containers what they hold. explained: how much of a stretch these cover, in percent; what is left is encrypted, or of a format that
-- nobody knows here.
CREATE VIEW dense_stretch AS
WITH RECURSIVE stretch AS MATERIALIZED (
  SELECT e.id, e.blob_id, b.parent_id, b.path, e.offset, e.size, e.kind, e.detail
  FROM entropy e JOIN blob b ON b.id = e.blob_id
  WHERE e.kind IN ('compressed', 'dense', 'ecb') AND e.size > 0),
part(blob_id, id, offset) AS (
  SELECT DISTINCT blob_id, blob_id, 0 FROM stretch
  UNION
  SELECT p.blob_id, b.id, p.offset + b.offset FROM part p JOIN blob b ON b.parent_id = p.id
  WHERE b.kind = 'region' AND b.offset IS NOT NULL),
opened AS MATERIALIZED (
  SELECT p.blob_id, p.offset, b.size, b.format FROM part p JOIN blob b ON b.id = p.id
  WHERE b.format NOT IN ('data', 'unknown', 'text', 'empty', 'high-entropy', 'padding')
    AND NOT EXISTS (SELECT 1 FROM blob k WHERE k.parent_id = p.id AND k.kind = 'region' AND k.offset IS NOT NULL))
SELECT s.id, s.blob_id, s.parent_id, s.path, s.offset, s.size, s.kind, group_concat(DISTINCT o.format) AS formats,
       min(100, CAST(coalesce(sum(min(o.offset + o.size, s.offset + s.size) - max(o.offset, s.offset)), 0) * 100 / s.size AS INTEGER))
         AS explained, s.detail
FROM stretch s
LEFT JOIN opened o ON o.blob_id = s.blob_id AND o.offset < s.offset + s.size AND o.offset + o.size > s.offset
GROUP BY s.id;

-- The services as reports list them: id is that of `startup`; exposed: it is a row of exposed_service, too.
CREATE VIEW service_shown AS
SELECT s.startup_id AS id, t.blob_id, t.line, s.*, s.startup_id IN (SELECT startup_id FROM exposed_service) AS exposed
FROM service s JOIN startup t ON t.id = s.startup_id;

-- The vulnerabilities with what is stated about them beside what was matched: the statement of the latest date counts, one
-- without a date is of today; of several the one that was given last. A statement decides nothing by itself: `state` stays the match's, stated_by tells whose word stated_state is.
CREATE VIEW vulnerability_shown AS
SELECT v.*, s.status AS stated_state, s.justification, s.note, coalesce(s.author, s.source) AS stated_by, s.date AS stated_on,
       s.source AS stated_in, s.line AS stated_line
FROM vulnerability v LEFT JOIN statement s ON s.id = (
  SELECT t.id FROM statement t WHERE t.vulnerability = v.name AND t.software_id = v.software_id
  ORDER BY coalesce(t.date, '~') DESC, t.id DESC LIMIT 1);

-- What the product file says of the product: one row; markets joined with newlines. In each of the views declared_*:
-- id is the row of the first value in `declaration`, where evidence points; item its number in the list.
CREATE VIEW declared_product AS
SELECT min(id) AS id, item, min(line) AS line,
       max(CASE key WHEN 'name' THEN value END) AS name,
       max(CASE key WHEN 'maker' THEN value END) AS maker,
       max(CASE key WHEN 'model' THEN value END) AS model,
       max(CASE key WHEN 'version' THEN value END) AS version,
       max(CASE key WHEN 'category' THEN value END) AS category,
       max(CASE key WHEN 'released' THEN value END) AS released,
       group_concat(CASE key WHEN 'markets' THEN value END, char(10)) AS markets,
       max(CASE key WHEN 'audience' THEN value END) AS audience,
       max(CASE key WHEN 'life_critical' THEN value END) AS life_critical
FROM (SELECT * FROM declaration WHERE section = 'product' ORDER BY item, id)
GROUP BY item;

-- The data inventory: a row for each datum that is declared; lists joined with newlines.
CREATE VIEW declared_datum AS
SELECT min(id) AS id, item, min(line) AS line,
       max(CASE key WHEN 'name' THEN value END) AS name,
       max(CASE key WHEN 'category' THEN value END) AS category,
       max(CASE key WHEN 'personal' THEN value END) AS personal,
       max(CASE key WHEN 'special' THEN value END) AS special,
       max(CASE key WHEN 'source' THEN value END) AS source,
       max(CASE key WHEN 'purpose' THEN value END) AS purpose,
       max(CASE key WHEN 'necessary' THEN value END) AS necessary,
       max(CASE key WHEN 'legal_basis' THEN value END) AS legal_basis,
       group_concat(CASE key WHEN 'stored' THEN value END, char(10)) AS stored,
       group_concat(CASE key WHEN 'paths' THEN value END, char(10)) AS paths,
       max(CASE key WHEN 'retention' THEN value END) AS retention,
       group_concat(CASE key WHEN 'recipients' THEN value END, char(10)) AS recipients,
       group_concat(CASE key WHEN 'endpoints' THEN value END, char(10)) AS endpoints,
       max(CASE key WHEN 'consent' THEN value END) AS consent,
       max(CASE key WHEN 'encrypted_at_rest' THEN value END) AS encrypted_at_rest,
       max(CASE key WHEN 'encrypted_in_transit' THEN value END) AS encrypted_in_transit,
       max(CASE key WHEN 'quasi_identifier' THEN value END) AS quasi_identifier
FROM (SELECT * FROM declaration WHERE section = 'data' AND item IS NOT NULL ORDER BY item, id)
GROUP BY item;

-- Network services and interfaces that are declared.
CREATE VIEW declared_service AS
SELECT min(id) AS id, item, min(line) AS line,
       max(CASE key WHEN 'name' THEN value END) AS name,
       max(CASE key WHEN 'port' THEN value END) AS port,
       max(CASE key WHEN 'transport' THEN value END) AS transport,
       max(CASE key WHEN 'protocol' THEN value END) AS protocol,
       max(CASE key WHEN 'purpose' THEN value END) AS purpose,
       max(CASE key WHEN 'authentication' THEN value END) AS authentication,
       max(CASE key WHEN 'encrypted' THEN value END) AS encrypted,
       max(CASE key WHEN 'interface' THEN value END) AS interface,
       max(CASE key WHEN 'default' THEN value END) AS "default"
FROM (SELECT * FROM declaration WHERE section = 'services' AND item IS NOT NULL ORDER BY item, id)
GROUP BY item;

-- Connections that the product is declared to make; data joined with newlines.
CREATE VIEW declared_flow AS
SELECT min(id) AS id, item, min(line) AS line,
       max(CASE key WHEN 'host' THEN value END) AS host,
       max(CASE key WHEN 'port' THEN value END) AS port,
       max(CASE key WHEN 'protocol' THEN value END) AS protocol,
       max(CASE key WHEN 'purpose' THEN value END) AS purpose,
       max(CASE key WHEN 'encrypted' THEN value END) AS encrypted,
       max(CASE key WHEN 'authentication' THEN value END) AS authentication,
       group_concat(CASE key WHEN 'data' THEN value END, char(10)) AS data
FROM (SELECT * FROM declaration WHERE section = 'flows' AND item IS NOT NULL ORDER BY item, id)
GROUP BY item;

-- Sensors that are declared.
CREATE VIEW declared_sensor AS
SELECT min(id) AS id, item, min(line) AS line,
       max(CASE key WHEN 'name' THEN value END) AS name,
       max(CASE key WHEN 'purpose' THEN value END) AS purpose,
       max(CASE key WHEN 'indicator' THEN value END) AS indicator
FROM (SELECT * FROM declaration WHERE section = 'sensors' AND item IS NOT NULL ORDER BY item, id)
GROUP BY item;

-- Declared receivers of data.
CREATE VIEW declared_recipient AS
SELECT min(id) AS id, item, min(line) AS line,
       max(CASE key WHEN 'name' THEN value END) AS name,
       max(CASE key WHEN 'purpose' THEN value END) AS purpose,
       max(CASE key WHEN 'third_party' THEN value END) AS third_party,
       max(CASE key WHEN 'contract' THEN value END) AS contract,
       max(CASE key WHEN 'liability' THEN value END) AS liability,
       max(CASE key WHEN 'consent' THEN value END) AS consent
FROM (SELECT * FROM declaration WHERE section = 'recipients' AND item IS NOT NULL ORDER BY item, id)
GROUP BY item;

-- Certificates that are declared.
CREATE VIEW declared_certification AS
SELECT min(id) AS id, item, min(line) AS line,
       max(CASE key WHEN 'scheme' THEN value END) AS scheme,
       max(CASE key WHEN 'number' THEN value END) AS number,
       max(CASE key WHEN 'version' THEN value END) AS version,
       max(CASE key WHEN 'firmware' THEN value END) AS firmware,
       max(CASE key WHEN 'date' THEN value END) AS date,
       max(CASE key WHEN 'expires' THEN value END) AS expires,
       max(CASE key WHEN 'scope' THEN value END) AS scope
FROM (SELECT * FROM declaration WHERE section = 'certifications' AND item IS NOT NULL ORDER BY item, id)
GROUP BY item;

-- What the product is declared to announce of itself.
CREATE VIEW declared_discovery AS
SELECT min(id) AS id, item, min(line) AS line,
       max(CASE key WHEN 'protocol' THEN value END) AS protocol,
       max(CASE key WHEN 'type' THEN value END) AS type,
       max(CASE key WHEN 'purpose' THEN value END) AS purpose
FROM (SELECT * FROM declaration WHERE section = 'discovery' AND item IS NOT NULL ORDER BY item, id)
GROUP BY item;

-- Kinds of users that are declared.
CREATE VIEW declared_user AS
SELECT min(id) AS id, item, min(line) AS line,
       max(CASE key WHEN 'role' THEN value END) AS role,
       max(CASE key WHEN 'rights' THEN value END) AS rights,
       max(CASE key WHEN 'authentication' THEN value END) AS authentication
FROM (SELECT * FROM declaration WHERE section = 'users' AND item IS NOT NULL ORDER BY item, id)
GROUP BY item;

-- Declared combinations of data; data joined with newlines.
CREATE VIEW declared_combination AS
SELECT min(id) AS id, item, min(line) AS line,
       group_concat(CASE key WHEN 'data' THEN value END, char(10)) AS data,
       max(CASE key WHEN 'risk' THEN value END) AS risk,
       max(CASE key WHEN 'mitigation' THEN value END) AS mitigation
FROM (SELECT * FROM declaration WHERE section = 'combinations' AND item IS NOT NULL ORDER BY item, id)
GROUP BY item;

-- Programs for UEFI and the keys of secure boot in the same image, one row a signature; id is its row in signature. accepted: 1
-- where db has the certificate that signed, one that issued it, or the program's digest, and the program is what was signed;
-- 0 where dbx has its digest or one of these keys; unknown where neither is seen, where dbx has a certificate of the name of one in
-- the chain, or where dbx has entries that are not read, or may have.
CREATE VIEW secure_boot_program AS
WITH trusted AS MATERIALIZED (
  SELECT c.key_fingerprint AS fingerprint, CASE WHEN b.path LIKE '%/dbx-%' THEN 'dbx' ELSE 'db' END AS list
  FROM certificate c JOIN blob b ON b.id = c.blob_id JOIN blob p ON p.id = b.parent_id AND p.format = 'uefi_nvram'
  WHERE b.path IN ('/db-d719b2cb-3d3a-4596-a3bc-dad00e67656f', '/dbx-d719b2cb-3d3a-4596-a3bc-dad00e67656f')),
hashed AS MATERIALIZED (
  SELECT o.key AS list, substr(o.value, 8) AS digest
  FROM boot_setting o JOIN blob b ON b.id = o.blob_id JOIN blob p ON p.id = b.parent_id AND p.format = 'uefi_nvram'
  WHERE o.loader = 'uefi' AND o.key IN ('db', 'dbx') AND o.value LIKE 'sha256 %'),
signed AS (
  SELECT s.id, b.path, s.state, s.message, s.key_fingerprint AS fingerprint, s.blob_id, s.offset
  FROM signature s JOIN blob b ON b.id = s.blob_id WHERE s.scheme = 'authenticode'),
keyed AS (
  SELECT g.id, t.list FROM signed g JOIN trusted t ON t.fingerprint = g.fingerprint WHERE g.state = 'valid'
  UNION SELECT g.id, t.list FROM signed g
    JOIN signature x ON x.blob_id = g.blob_id AND x.offset = g.offset AND x.scheme = 'x509' AND x.state = 'valid'
    JOIN trusted t ON t.fingerprint = x.key_fingerprint WHERE g.state = 'valid'
  UNION SELECT g.id, h.list FROM signed g JOIN hashed h ON h.digest = g.message),
-- the message brings the certificates between with it: of these only the names are rows
doubted AS (
  SELECT g.id FROM signed g JOIN signature x ON x.blob_id = g.blob_id AND x.offset = g.offset AND x.scheme = 'x509'
  WHERE substr(x.key_hint, length('UEFI db: issued by ') + 1) IN (
    SELECT '' UNION SELECT substr(o.value, length('x509 ') + 1) FROM boot_setting o WHERE o.loader = 'uefi' AND o.key = 'dbx' AND o.value LIKE 'x509 %')),
broken AS (
  SELECT d.id FROM damage d JOIN blob b ON b.id = d.blob_id LEFT JOIN blob p ON p.id = b.parent_id
  WHERE b.format = 'uefi_nvram' OR (p.format = 'uefi_nvram' AND b.path = '/dbx-d719b2cb-3d3a-4596-a3bc-dad00e67656f'))
SELECT id, path, state,
       CASE WHEN EXISTS (SELECT 1 FROM keyed k WHERE k.id = signed.id AND k.list = 'dbx') THEN 0
            WHEN EXISTS (SELECT 1 FROM boot_setting o WHERE o.loader = 'uefi' AND o.key = 'dbx' AND o.value LIKE 'an entry of a kind%') THEN NULL
            WHEN id IN (SELECT id FROM doubted) OR EXISTS (SELECT 1 FROM broken) THEN NULL
            WHEN EXISTS (SELECT 1 FROM keyed k WHERE k.id = signed.id AND k.list = 'db') THEN 1 END AS accepted
FROM signed;

-- Signatures by a key whose private half is published: whoever likes signs as well; id is the row in signature. What is valid, and
-- images of MCUboot that name such a key by its digest: a boot loader without it takes them from nobody.
CREATE VIEW published_signature AS
SELECT id, path, scheme, covers, name
FROM (
  SELECT s.id, b.path, s.scheme, s.covers, k.name
  FROM signature s JOIN published_key k ON k.fingerprint = s.key_fingerprint JOIN blob b ON b.id = s.blob_id
  WHERE s.state = 'valid' OR (s.state = 'no-key' AND s.scheme = 'mcuboot')
  UNION
  SELECT s.id, b.path, s.scheme, s.covers, k.name
  FROM signature s JOIN published_key k ON s.key_hint = 'KEYHASH ' || k.rsa_key JOIN blob b ON b.id = s.blob_id
  WHERE s.state IN ('valid', 'no-key') AND s.scheme = 'mcuboot')
-- what documents and tests bring along is not what the device runs
WHERE path NOT LIKE '/usr/share/doc/%' AND path NOT LIKE '%example%' AND path NOT GLOB '*/test/*' AND path NOT GLOB '*/tests/*'
  AND path NOT GLOB '*/test[-_]data/*' AND path NOT GLOB '*/testdata/*';

-- Keys and certificates by which an updater of the image takes what it installs, and whose private half is published. A key's file is
-- where the updater's settings or its own name say; update_engine is no program of that name, and recovery asks the archive otacerts.zip.
CREATE VIEW published_anchor AS
WITH held AS MATERIALIZED (
  SELECT 'public_key' AS table_name, p.id AS row_id, p.blob_id, k.name FROM public_key p JOIN published_key k ON k.fingerprint = p.fingerprint
  UNION ALL
  SELECT 'certificate', c.id, c.blob_id, k.name FROM certificate c JOIN published_key k ON k.fingerprint = c.key_fingerprint)
SELECT h.table_name, h.row_id, f.path, u.mechanism, h.name
FROM held h JOIN blob b ON b.id = h.blob_id JOIN blob f ON f.id IN (b.id, b.parent_id) AND f.kind = 'file'
JOIN updater u ON u.aspect = 'key' JOIN blob ub ON ub.id = u.blob_id AND ub.parent_id IS f.parent_id
WHERE (f.path = u.value OR f.path = rtrim(ub.path, replace(ub.path, '/', '')) || u.value)
  AND ub.path NOT LIKE '/usr/share/doc/%' AND ub.path NOT LIKE '%/examples/%'
  AND (u.mechanism = 'android-ab' OR ub.format IN ('elf', 'script')
    OR EXISTS (SELECT 1 FROM blob p WHERE p.file_name = u.mechanism AND p.parent_id IS f.parent_id AND p.kind IN ('file', 'symlink')))
UNION
SELECT h.table_name, h.row_id, f.path, 'Android', h.name
FROM held h JOIN blob b ON b.id = h.blob_id JOIN blob f ON f.id IN (b.id, b.parent_id) AND f.kind = 'file'
WHERE f.path LIKE '%/etc/security/otacerts.zip';

-- The conformance statement: what the maker says of each provision; id is the row that names it. support: yes, no, not-applicable.
-- reasoned: 1 with a reason in words, 0 without one or with one that only repeats the answer; unknown in between, as where it is
-- a promise of one, or tells where else it may be read. described: 1 where it is told in words how it is met.
CREATE VIEW declared_conformance AS
WITH said AS (
  SELECT max(CASE key WHEN 'provision' THEN id END) AS id, item, min(line) AS line,
         max(CASE key WHEN 'provision' THEN value END) AS provision,
         max(CASE key WHEN 'support' THEN value END) AS support,
         max(CASE key WHEN 'reason' THEN value END) AS reason,
         max(CASE key WHEN 'detail' THEN value END) AS detail,
         max(CASE key WHEN 'document' THEN value END) AS document
  FROM declaration WHERE section = 'conformance' AND item IS NOT NULL GROUP BY item),
elsewhere(text) AS MATERIALIZED (
  SELECT text FROM (
    SELECT reason AS text, ' ' || trim(lower(reason), ' ()[]-.:!"''') || ' ' AS words FROM said
    UNION SELECT detail, ' ' || trim(lower(detail), ' ()[]-.:!"''') || ' ' FROM said)
  WHERE words GLOB ' to be *' OR words GLOB ' will *' OR words GLOB ' see[ :]*' OR words GLOB ' not yet[ :,;.-]*' OR words GLOB ' tb[acd][ :,.-]*'
    OR words GLOB ' to do[ :,.-]*' OR words GLOB ' todo[ :,.-]*' OR words GLOB ' pending *' OR words GLOB ' planned *' OR words GLOB ' refer to *'
    OR words GLOB ' as described in *' OR words GLOB ' ask *' OR words GLOB ' contact us *' OR words GLOB '* to be decided *'
    OR words GLOB '* to be defined *' OR words GLOB '* to be determined *' OR words GLOB '* in preparation *' OR words GLOB '* later ')
SELECT id, item, line, provision, support, reason, detail, document,
       CASE WHEN reason IS NULL OR lower(trim(reason, ' .!-')) IN ('', 'no', 'none', 'no reason', 'no reason given', 'not applicable',
         'does not apply', 'not supported', 'unsupported', 'not relevant', 'not available', 'not required', 'not needed', 'not implemented',
         'not fulfilled', 'not met', 'not done', 'see above', 'see below', 'not specified', 'not provided') THEN 0
       WHEN length(reason) >= 12 AND reason GLOB '*[a-zA-Z]* *[a-zA-Z]*' AND reason NOT IN (SELECT text FROM elsewhere) THEN 1 END AS reasoned,
       CASE WHEN length(detail) >= 12 AND detail GLOB '*[a-zA-Z]* *[a-zA-Z]*' AND detail NOT IN (SELECT text FROM elsewhere) THEN 1 END AS described
FROM said
WHERE provision IS NOT NULL AND support IS NOT NULL;

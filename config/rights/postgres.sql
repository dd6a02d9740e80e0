-- The rights that Muster needs on a PostgreSQL server (14 or later), and no more. Run it as an administrator:
--   psql -v ON_ERROR_STOP=1 -d DATABASE -f postgres.sql
-- Then give each role a password (\password muster_read …) and name it in config/targets.yaml.
-- Three roles, three targets: look, act, back up. Leave out the ones that you do not use.

-- Look: sessions, locks, statements and replication of everybody; no row of any table.
CREATE ROLE muster_read LOGIN CONNECTION LIMIT 5;
GRANT pg_monitor TO muster_read;
ALTER ROLE muster_read SET default_transaction_read_only = on;
ALTER ROLE muster_read SET statement_timeout = '30s';
-- For a named query of config/queries.yaml, grant the very columns it reads:
--   GRANT SELECT (name, rate_limit_per_hour) ON api_keys TO muster_read;

-- Act: look, and end the sessions and queries of others. It cannot touch a superuser's.
CREATE ROLE muster_act LOGIN CONNECTION LIMIT 5;
GRANT pg_monitor, pg_signal_backend TO muster_act;
-- For a named write, grant the very columns it reads and changes:
--   GRANT SELECT (name, rate_limit_per_hour), UPDATE (rate_limit_per_hour) ON api_keys TO muster_act;
-- postgres.analyze needs MAINTAIN on the table (17 or later: GRANT MAINTAIN ON api_keys TO muster_act) and
-- postgres.create_index its ownership. Before 17, ownership is the only way to both. Owning a table is also the
-- right to drop it, so make it a role and a target of their own, used for nothing else.

-- Back up: read every table, write none.
CREATE ROLE muster_backup LOGIN CONNECTION LIMIT 3;
GRANT pg_read_all_data TO muster_backup;
ALTER ROLE muster_backup SET default_transaction_read_only = on;

-- Restoring creates a database and is its owner; it is the one role that can, and it belongs on a server for
-- restores rather than on the live one:
--   CREATE ROLE muster_restore LOGIN CREATEDB CONNECTION LIMIT 3;

-- What this does not protect from: a function that anybody may call (PUBLIC has EXECUTE on new functions) and
-- that was made SECURITY DEFINER runs with its owner's rights, also in a read-only transaction; a foreign table
-- or dblink may write elsewhere; a heavy SELECT costs what it costs until its timeout. A read-only transaction
-- is a second fence behind the role and not a sandbox.

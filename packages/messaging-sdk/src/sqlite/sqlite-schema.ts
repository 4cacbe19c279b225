import type { DatabaseSync } from 'node:sqlite'

/** Raised with every change of the tables; a file of another version is refused. */
export const SCHEMA_VERSION = 1

/**
 * `messages` is the log, and the memory of ids. `deliveries` holds what each group has not acknowledged;
 * `lanes` the head of each order key within a group, with its lease or retry time. A group that is
 * registered gets a delivery with every message in the same transaction that stores it.
 */
const SCHEMA = `
create table if not exists messages (
  seq integer primary key,
  id text not null unique,
  channel text not null,
  lane_key text not null,
  body text not null,
  stored_at integer not null
) strict;
create table if not exists consumer_groups (
  name text primary key,
  channels text
) strict, without rowid;
create table if not exists deliveries (
  position integer primary key autoincrement,
  group_name text not null,
  lane_key text not null,
  seq integer not null
) strict;
create index if not exists deliveries_by_lane on deliveries (group_name, lane_key, position);
create index if not exists deliveries_by_message on deliveries (seq);
create table if not exists lanes (
  group_name text not null,
  lane_key text not null,
  head integer not null,
  attempts integer not null default 0,
  ready_at integer not null default 0,
  worker text,
  primary key (group_name, lane_key)
) strict, without rowid;
create index if not exists lanes_by_head on lanes (group_name, head);
create index if not exists lanes_by_ready on lanes (group_name, ready_at);
create table if not exists dead_letters (
  id integer primary key autoincrement,
  queue text not null,
  group_name text not null,
  seq integer not null,
  lane_key text not null,
  error text not null,
  attempts integer not null,
  dead_at text not null
) strict;
create table if not exists claims (
  key text primary key,
  value text,
  expires_at integer not null
) strict, without rowid;
`

/**
 * Leaves other applications' files alone. Tables are looked for first: ours come together with their version.
 * @throws {TypeError} when the file is somebody else's.
 */
export function refuseForeign(database: DatabaseSync, path: string): void {
  const isUsed = database.prepare('select 1 from sqlite_master limit 1').get() !== undefined
  if (!isUsed || versionOf(database) !== 0) return
  throw new TypeError(`${path} is the database of another application: use another path`)
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('pragma user_version').get()?.user_version)
}

/** Creates what is missing. @throws {TypeError} when the file was written by another version. */
export function prepareSchema(database: DatabaseSync, path: string): void {
  const version = versionOf(database)
  if (version !== 0 && version !== SCHEMA_VERSION) {
    throw new TypeError(
      `${path} has messaging schema ${version}, and this version reads ${SCHEMA_VERSION}: use another path`,
    )
  }
  if (version === SCHEMA_VERSION) return // looking needs no lock
  database.exec(`begin immediate; ${SCHEMA} pragma user_version = ${SCHEMA_VERSION}; commit`)
}

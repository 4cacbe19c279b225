import { createHash } from 'node:crypto'

/**
 * One subject for each envelope: `<prefix>.events.<partition>.<target>.<hash of id>`.
 *
 * - The stream keeps one message for each subject and refuses the second, so an id is stored once for as
 *   long as the stream keeps it: exact de-duplication without a window.
 * - The partition is a hash of the order key. Each group has one consumer for each partition that hands out
 *   one message at a time, so a key stays in order, and other partitions go on.
 * - The target is `all`, or `to-<group>` for a dead letter that goes back to one group.
 */
export interface NatsNames {
  prefix: string
  /** The stream of events, and that of dead letters. */
  events: string
  dead: string
  /** The key-value bucket of claims. */
  claims: string
  partitions: number
}

export const EVERYBODY = 'all'

/** @throws {TypeError} when the prefix cannot be a subject's word or the count is no count. */
export function natsNames(prefix: string, partitions: number): NatsNames {
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(prefix)) {
    throw new TypeError(
      `prefix must be 1 to 32 letters, digits, "_" or "-", but is ${JSON.stringify(prefix)}`,
    )
  }
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > MAX_PARTITIONS) {
    throw new TypeError(`partitions must be 1 to ${MAX_PARTITIONS}, but is ${partitions}`)
  }
  return {
    prefix,
    partitions,
    events: `${prefix}-events`,
    dead: `${prefix}-dead-letters`,
    claims: `${prefix}-claims`,
  }
}

/** Each partition costs every group one consumer on the server. */
const MAX_PARTITIONS = 256

/** Where an envelope is stored. */
export function eventSubject(
  names: NatsNames,
  event: { id: string; orderKey: string; target?: string },
): string {
  const partition = partitionOf(event.orderKey, names.partitions)
  return `${names.prefix}.events.${partition}.${event.target ?? EVERYBODY}.${token(event.id)}`
}

/** Everything of one partition. */
export function partitionFilter(names: NatsNames, partition: number): string {
  return `${names.prefix}.events.${partition}.>`
}

/** The target that names one group. */
export const targetOf = (group: string): string => `to-${group}`

/** The target of a stored event's subject. */
export function targetIn(subject: string): string {
  return subject.split('.')[3] ?? ''
}

/** Where a dead letter is stored. */
export function deadSubject(names: NatsNames, letter: { group: string; queue: string }): string {
  return `${names.prefix}.dead.${letter.group}.${token(letter.queue)}`
}

/** Dead letters of a group, of a queue, or of both. */
export function deadFilter(
  names: NatsNames,
  wanted: { group?: string | undefined; queue?: string | undefined } = {},
): string {
  const queue = wanted.queue === undefined ? '*' : token(wanted.queue)
  return `${names.prefix}.dead.${wanted.group ?? '*'}.${queue}`
}

/** The group of a dead letter's subject. */
export const groupOfDead = (subject: string): string => subject.split('.')[2] ?? ''

/** The name of a group's consumer for one partition. */
export const consumerName = (group: string, partition: number): string => `${group}-p${partition}`

/** The group of a consumer's name. */
export const groupOf = (consumer: string): string => consumer.replace(/-p\d+$/, '')

/** A word that any text can become, without collisions: 132 bits of its hash. */
export function token(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

function partitionOf(orderKey: string, partitions: number): number {
  return createHash('sha256').update(orderKey).digest().readUInt32BE(0) % partitions
}

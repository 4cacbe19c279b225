import { PermanentError } from '@mortise/errors'
import { createDayOf, type DayOf } from './day.ts'
import { MAX_ELEMENT_BYTES } from './list-scanner.ts'
import type { SegmentTarget } from './segment-target.ts'
import { SEGMENTS_CODES } from './segments-errors.ts'
import { segmentsFileName } from './segments-file-name.ts'
import { createFormat, type SegmentsFormat } from './segments-format.ts'
import { TargetGuard } from './target-guard.ts'
import type { SegmentsDiagnostic, SegmentsUploaderOptions } from './uploader-options.ts'

/** The same with every default in its place. */
export interface ParsedOptions {
  target: SegmentTarget
  dayOf: DayOf
  keyOf: (day: string) => string
  guard: TargetGuard
  idField: string
  format: SegmentsFormat
  toEntry: SegmentsUploaderOptions['toEntry']
  mode: 'append' | 'upsert'
  delivery: 'direct' | 'journal'
  compactEveryMs: number
  windowMs: number
  maxBatchEvents: number
  maxBatchBytes: number
  maxQueuedEvents: number
  maxQueuedBytes: number
  whenFull: 'wait' | 'reject'
  maxEntryBytes: number
  maxHeldBytes: number
  requestTimeoutMs: number
  commitTimeoutMs: number
  idempotencyWindow: number
  singleWriter: boolean
  signal: AbortSignal
  onDiagnostic: (diagnostic: SegmentsDiagnostic) => void
  now: () => number
  random: () => number
}

const MIB = 1024 * 1024

/**
 * Checks options and puts the defaults in.
 * @throws {TypeError} naming the option, what was received and what to do
 */
export function parseOptions(options: SegmentsUploaderOptions): ParsedOptions {
  const { target, prefix = '' } = options
  const { singleWriter = false, onDiagnostic = () => {}, random = Math.random } = options
  requireTarget(target)
  requireTypes(options)
  requireConditions(target, singleWriter)
  const format = parseFormat(options)
  const fileName = options.fileName ?? ((day: string) => segmentsFileName(day, format.extension))
  const guard = new TargetGuard({
    target,
    probeKey: `${prefix}${probeName(random)}`,
    singleWriter,
    random,
    onComposeUnavailable: (reason) =>
      onDiagnostic({
        code: 'SEGMENTS_COMPOSE_UNAVAILABLE',
        key: '',
        message: `The store cannot append on its side: ${reason}`,
      }),
  })
  return {
    target: guard.target,
    guard,
    dayOf: createDayOf(options.timeZone ?? 'UTC'),
    keyOf: (day) => prefix + fileName(day),
    idField: nonEmpty('idField', options.idField ?? 'smi_uid'),
    format,
    toEntry: options.toEntry,
    mode: oneOf('mode', options.mode ?? 'append', ['append', 'upsert']),
    delivery: oneOf('delivery', options.delivery ?? 'direct', ['direct', 'journal']),
    compactEveryMs: atLeast('compactEveryMs', options.compactEveryMs ?? 1_000, 1),
    windowMs: atLeast('windowMs', options.windowMs ?? 0, 0),
    maxBatchEvents: atLeast('maxBatchEvents', options.maxBatchEvents ?? 10_000, 1),
    maxBatchBytes: atLeast('maxBatchBytes', options.maxBatchBytes ?? 8 * MIB, 1),
    maxQueuedEvents: atLeast('maxQueuedEvents', options.maxQueuedEvents ?? 10_000, 1),
    maxQueuedBytes: atLeast('maxQueuedBytes', options.maxQueuedBytes ?? 32 * MIB, 1),
    whenFull: oneOf('whenFull', options.whenFull ?? 'wait', ['wait', 'reject']),
    maxEntryBytes: parseMaxEntryBytes(options.maxEntryBytes ?? 16 * MIB),
    maxHeldBytes: atLeast('maxHeldBytes', options.maxHeldBytes ?? 16 * MIB, 0),
    requestTimeoutMs: atLeast('requestTimeoutMs', options.requestTimeoutMs ?? 30_000, 1),
    commitTimeoutMs: atLeast('commitTimeoutMs', options.commitTimeoutMs ?? 60_000, 1),
    idempotencyWindow: atLeast('idempotencyWindow', options.idempotencyWindow ?? 100_000, 0),
    singleWriter,
    signal: options.signal ?? new AbortController().signal,
    onDiagnostic,
    now: options.now ?? Date.now,
    random,
  }
}

/** One of a few, so that a fleet that starts at once does not queue at one object. */
function probeName(random: () => number): string {
  return `segments-probe-${Math.floor(random() * PROBES).toString(PROBES)}`
}

const PROBES = 16

function parseFormat(options: SegmentsUploaderOptions): SegmentsFormat {
  const { format = 'json', compression = 'none', mode = 'append', paddingBytes = 0 } = options
  const appended = format === 'json' && compression === 'none' && mode === 'append'
  if (paddingBytes > 0 && !appended) {
    throw new TypeError(
      'paddingBytes: only a plain JSON file that is appended to gains from white space; leave it out',
    )
  }
  return createFormat({
    format: oneOf('format', format, ['json', 'ndjson']),
    compression: oneOf('compression', compression, ['none', 'gzip']),
    listName: nonEmpty('listName', options.listName ?? 'profiles'),
    paddingBytes: atLeast('paddingBytes', paddingBytes, 0),
  })
}

function parseMaxEntryBytes(value: number): number {
  if (atLeast('maxEntryBytes', value, 1) <= MAX_ELEMENT_BYTES) return value
  throw new TypeError(
    `maxEntryBytes: received ${value}; give at most ${MAX_ELEMENT_BYTES}, which is as much as is read back`,
  )
}

function requireTarget(target: SegmentTarget): void {
  const lacking = TARGET_CALLS.filter((name) => typeof target?.[name] !== 'function')
  if (lacking.length === 0 && target.capabilities) return
  throw new TypeError(
    `target: lacks ${lacking.join(', ') || 'capabilities'}; give a SegmentTarget, such as createMemorySegmentTarget()`,
  )
}

/** Options that are taken as they are, and what they have to be. */
const TYPES = {
  timeZone: 'string',
  fileName: 'function',
  prefix: 'string',
  toEntry: 'function',
  singleWriter: 'boolean',
  onDiagnostic: 'function',
  now: 'function',
  random: 'function',
} as const

function requireTypes(options: SegmentsUploaderOptions): void {
  for (const [name, type] of Object.entries(TYPES)) {
    const value = options[name as keyof typeof TYPES]
    if (value !== undefined && typeof value !== type) {
      throw new TypeError(`${name}: received a ${typeof value}; give a ${type}, or leave it out`)
    }
  }
}

const TARGET_CALLS = ['put', 'get', 'stat', 'compose', 'list', 'delete'] as const

function requireConditions(target: SegmentTarget, singleWriter: boolean): void {
  if (singleWriter || target.capabilities.conditionalWrites) return
  throw new PermanentError(
    'The store has no conditional writes, so two writers would take away what the other wrote. ' +
      'Use a store that has them, or set singleWriter when nobody else ever writes these files',
    { code: SEGMENTS_CODES.targetUnsafe, outcome: 'not_sent' },
  )
}

function atLeast(name: string, value: number, minimum: number): number {
  if (typeof value === 'number' && value >= minimum) return value
  throw new TypeError(`${name}: received ${String(value)}; give a number of at least ${minimum}`)
}

function nonEmpty(name: string, value: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError(`${name}: received ${JSON.stringify(value)}; give a name`)
}

function oneOf<Value extends string>(name: string, value: Value, allowed: readonly Value[]): Value {
  if (allowed.includes(value)) return value
  throw new TypeError(
    `${name}: received ${JSON.stringify(value)}; give one of ${allowed.join(', ')}`,
  )
}

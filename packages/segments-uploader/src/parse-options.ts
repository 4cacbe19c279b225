import { PermanentError } from '@mortise/errors'
import {
  atLeast,
  contained,
  nonEmpty,
  oneOf,
  requireObject,
  requireSignal,
  requireType,
  waitMs,
  wholeNumber,
} from './check-option.ts'
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
  requireObject('options', options)
  requireTarget(options.target)
  requireTypes(options)
  requireSignal(options.signal)
  const { target, prefix = '', singleWriter = false, random = Math.random } = options
  const onDiagnostic = contained(options.onDiagnostic ?? (() => {}))
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
    keyOf: (day) => prefix + nonEmpty('fileName', fileName(day)),
    idField: nonEmpty('idField', options.idField ?? 'smi_uid'),
    format,
    toEntry: options.toEntry,
    mode: oneOf('mode', options.mode ?? 'append', ['append', 'upsert']),
    delivery: oneOf('delivery', options.delivery ?? 'direct', ['direct', 'journal']),
    compactEveryMs: parseCompactEveryMs(options.compactEveryMs ?? 1_000),
    windowMs: waitMs('windowMs', options.windowMs ?? 0, 0),
    maxBatchEvents: wholeNumber('maxBatchEvents', options.maxBatchEvents ?? 10_000, 1),
    maxBatchBytes: atLeast('maxBatchBytes', options.maxBatchBytes ?? 8 * MIB, 1),
    maxQueuedEvents: wholeNumber('maxQueuedEvents', options.maxQueuedEvents ?? 10_000, 1),
    maxQueuedBytes: atLeast('maxQueuedBytes', options.maxQueuedBytes ?? 32 * MIB, 1),
    whenFull: oneOf('whenFull', options.whenFull ?? 'wait', ['wait', 'reject']),
    maxEntryBytes: parseMaxEntryBytes(options.maxEntryBytes ?? 16 * MIB),
    maxHeldBytes: atLeast('maxHeldBytes', options.maxHeldBytes ?? 16 * MIB, 0),
    requestTimeoutMs: waitMs('requestTimeoutMs', options.requestTimeoutMs ?? 30_000, 1),
    commitTimeoutMs: atLeast('commitTimeoutMs', options.commitTimeoutMs ?? 60_000, 1),
    idempotencyWindow: wholeNumber('idempotencyWindow', options.idempotencyWindow ?? 100_000, 0),
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

/** @throws {TypeError} naming the option that is wrong */
export function parseFormat(options: Omit<SegmentsUploaderOptions, 'target'>): SegmentsFormat {
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
    paddingBytes: parsePaddingBytes(paddingBytes),
  })
}

/** Together with the first profile it is what a reader has to hold of one element. */
function parsePaddingBytes(value: number): number {
  if (wholeNumber('paddingBytes', value, 0) <= MAX_PADDING_BYTES) return value
  throw new TypeError(`paddingBytes: received ${value}; give at most ${MAX_PADDING_BYTES}`)
}

const MAX_PADDING_BYTES = 16 * MIB

/** `Infinity` is not a long time but never. */
function parseCompactEveryMs(value: number): number {
  return value === Number.POSITIVE_INFINITY ? value : waitMs('compactEveryMs', value, 1)
}

function parseMaxEntryBytes(value: number): number {
  if (atLeast('maxEntryBytes', value, 1) <= MAX_ELEMENT_BYTES) return value
  throw new TypeError(
    `maxEntryBytes: received ${value}; give at most ${MAX_ELEMENT_BYTES}, which is as much as is read back`,
  )
}

function requireTarget(target: SegmentTarget): void {
  const lacking: string[] = TARGET_CALLS.filter((name) => typeof target?.[name] !== 'function')
  const { conditionalWrites, compose } = target?.capabilities ?? {}
  if (typeof conditionalWrites !== 'boolean') lacking.push('capabilities.conditionalWrites')
  if (compose !== false && !((compose?.minPartBytes ?? -1) >= 0))
    lacking.push('capabilities.compose')
  if (lacking.length === 0) return
  throw new TypeError(
    `target: lacks ${lacking.join(', ')}; give a SegmentTarget, such as createMemorySegmentTarget()`,
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
    requireType(name, options[name as keyof typeof TYPES], type)
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

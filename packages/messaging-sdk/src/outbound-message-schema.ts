import * as v from 'valibot'
import {
  fromNormalizedMessage,
  isNormalizedMessage,
  type NormalizedMessage,
} from './normalized-message.ts'
import type { OutboundMessage } from './outbound-message.ts'
import { schemaProblem } from './schema-problem.ts'

const words = v.pipe(v.string(), v.nonEmpty('must not be empty'))
const optionalWords = v.optional(words)
/** A list with something in it. */
const some = <T extends v.GenericSchema>(item: T) =>
  v.pipe(v.array(item), v.nonEmpty('must not be empty'))
const degrees = (max: number) =>
  v.pipe(
    v.number(),
    v.minValue(-max, `must be at least -${max}`),
    v.maxValue(max, `must be at most ${max}`),
  )
const choice = v.looseObject({
  id: words,
  title: words,
  description: optionalWords,
  url: optionalWords,
})
const marked = { text: words, header: optionalWords, footer: optionalWords }

const part = v.variant('type', [
  v.looseObject({
    type: v.literal('text'),
    text: words,
    format: v.optional(v.picklist(['plain', 'markdown'])),
  }),
  v.pipe(
    v.looseObject({
      type: v.literal('media'),
      kind: v.picklist(['image', 'video', 'audio', 'document', 'sticker']),
      url: optionalWords,
      providerId: optionalWords,
      data: optionalWords,
      mime: optionalWords,
    }),
    v.check(
      ({ url, providerId, data }) =>
        [url, providerId, data].filter((source) => source !== undefined).length === 1,
      'give exactly one of url, providerId and data',
    ),
  ),
  v.looseObject({
    type: v.literal('location'),
    latitude: degrees(90),
    longitude: degrees(180),
  }),
  v.looseObject({ type: v.literal('buttons'), ...marked, buttons: some(choice) }),
  v.looseObject({
    type: v.literal('list'),
    ...marked,
    button: words,
    sections: some(v.looseObject({ rows: some(choice) })),
  }),
  v.looseObject({ type: v.literal('template'), name: words, language: words }),
  v.looseObject({ type: v.literal('reaction'), messageId: words, emoji: v.string() }),
  v.looseObject({ type: v.literal('native'), body: v.record(v.string(), v.unknown()) }),
])

const message = v.looseObject({
  to: v.looseObject({ id: words, kind: optionalWords, threadId: optionalWords }),
  parts: some(part),
  replyToMessageId: optionalWords,
  responseToken: optionalWords,
  correlationId: optionalWords,
  idempotencyKey: optionalWords,
  metadata: v.optional(v.record(v.string(), v.unknown())),
})

/**
 * Checks something to send. The original's message shape is welcome too and becomes one part.
 *
 * @throws {TypeError} naming the field that is missing or wrong.
 */
export function parseOutboundMessage(value: unknown): OutboundMessage {
  const candidate = isNormalizedMessage(value)
    ? fromNormalizedMessage(value satisfies NormalizedMessage)
    : value
  const result = v.safeParse(message, candidate, { abortEarly: true })
  if (!result.success) throw new TypeError(schemaProblem('message', result.issues))
  if (!isPlainJson(candidate)) {
    throw new TypeError('message: must be plain JSON, without a BigInt and without a circle')
  }
  return candidate as OutboundMessage
}

/** What cannot be written could be sent, but never told. Texts always can: uploads are not copied for this. */
function isPlainJson(value: unknown): boolean {
  try {
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'string' ? '' : inner))
    return true
  } catch {
    return false
  }
}

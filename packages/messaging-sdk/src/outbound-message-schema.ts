import { z } from 'zod'
import {
  fromNormalizedMessage,
  isNormalizedMessage,
  type NormalizedMessage,
} from './normalized-message.ts'
import type { OutboundMessage } from './outbound-message.ts'

const words = z.string().min(1)
const choice = z.looseObject({
  id: words,
  title: words,
  description: words.optional(),
  url: words.optional(),
})
const marked = { text: words, header: words.optional(), footer: words.optional() }

const part = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('text'),
    text: words,
    format: z.enum(['plain', 'markdown']).optional(),
  }),
  z
    .looseObject({
      type: z.literal('media'),
      kind: z.enum(['image', 'video', 'audio', 'document', 'sticker']),
      url: words.optional(),
      providerId: words.optional(),
      data: words.optional(),
      mime: words.optional(),
    })
    .refine(
      ({ url, providerId, data }) =>
        [url, providerId, data].filter((source) => source !== undefined).length === 1,
      { error: 'give exactly one of url, providerId and data' },
    ),
  z.looseObject({
    type: z.literal('location'),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
  }),
  z.looseObject({ type: z.literal('buttons'), ...marked, buttons: z.array(choice).min(1) }),
  z.looseObject({
    type: z.literal('list'),
    ...marked,
    button: words,
    sections: z.array(z.looseObject({ rows: z.array(choice).min(1) })).min(1),
  }),
  z.looseObject({ type: z.literal('template'), name: words, language: words }),
  z.looseObject({ type: z.literal('reaction'), messageId: words, emoji: z.string() }),
  z.looseObject({ type: z.literal('native'), body: z.record(z.string(), z.unknown()) }),
])

const message = z.looseObject({
  to: z.looseObject({ id: words, kind: words.optional(), threadId: words.optional() }),
  parts: z.array(part).min(1),
  replyToMessageId: words.optional(),
  responseToken: words.optional(),
  correlationId: words.optional(),
  idempotencyKey: words.optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
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
  const result = message.safeParse(candidate)
  if (result.success) return candidate as OutboundMessage
  const [issue] = result.error.issues
  const path = issue?.path.map((step) =>
    typeof step === 'number' ? `[${step}]` : `.${String(step)}`,
  )
  throw new TypeError(`message${path?.join('') ?? ''}: ${issue?.message ?? 'is no message'}`)
}

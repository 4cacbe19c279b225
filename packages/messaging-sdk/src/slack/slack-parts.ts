import { defined } from '../defined.ts'
import { asArray, asNumber, asObject, asString, type JsonObject } from '../json-value.ts'
import type { MediaPart, MessagePart, TextEntity } from '../message-part.ts'

/** The content of a message: words, files, and cards where there are no words. Never empty. */
export function slackParts(message: JsonObject): MessagePart[] {
  const text = asString(message.text)
  const parts: MessagePart[] = [
    ...(text === undefined ? [] : [textPart(text)]),
    ...asArray(message.files).map((file) => filePart(file)),
  ]
  if (parts.length > 0) return parts
  const cards = [...asArray(message.blocks), ...asArray(message.attachments)]
  if (cards.length > 0) return [{ type: 'card', data: cards }]
  return [{ type: 'unsupported', data: message, reason: 'a message without text, files or blocks' }]
}

/** `<@U123>`, `<#C123|general>`, `<https://example.com|label>` @see https://docs.slack.dev/messaging/formatting-message-text */
const MARKUP = /<([@#!])?([^>|]+)(?:\|[^>]*)?>/g
const SIGNS: Record<string, TextEntity['type']> = { '@': 'mention', '#': 'channel', '!': 'special' }

function textPart(text: string): MessagePart {
  const entities = [...text.matchAll(MARKUP)].map((match): TextEntity => {
    const [whole, sign, target = ''] = match
    const place = { offset: match.index, length: whole.length }
    if (!sign) return { type: 'url', ...place, url: target.replaceAll('&amp;', '&') }
    return {
      type: SIGNS[sign] ?? 'special',
      ...place,
      ...(sign === '@' && { userId: target }),
    }
  })
  return { type: 'text', text, format: 'mrkdwn', ...(entities.length > 0 && { entities }) }
}

function filePart(value: unknown): MessagePart {
  const file = asObject(value)
  const providerId = asString(file?.id)
  const url = asString(file?.url_private_download) ?? asString(file?.url_private)
  if (!file || (!providerId && !url)) {
    return { type: 'unsupported', data: value ?? null, reason: 'a file without id or address' }
  }
  return {
    type: 'media',
    kind: kindOf(file),
    ref: { ...defined({ url, providerId }), auth: 'channel' },
    ...defined({
      mime: asString(file.mimetype),
      size: asNumber(file.size),
      filename: asString(file.name),
      width: asNumber(file.original_w),
      height: asNumber(file.original_h),
      durationMs: asNumber(file.duration_ms),
    }),
  }
}

function kindOf(file: JsonObject): MediaPart['kind'] {
  if (file.subtype === 'slack_audio') return 'voice'
  const family = asString(file.mimetype)?.split('/')[0]
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'document'
}

import { AuthError, PermanentError } from '@mortise/errors'
import type { Channel } from '../integration-config.ts'
import { asNumber, asObject, asString, type JsonObject } from '../json-value.ts'
import type { MediaAddress } from '../media-address.ts'
import type { MediaReference } from '../message-part.ts'
import type { HealthResult, SendContext } from '../platform-adapter.ts'
import { callPlatform, type PlatformAnswer } from '../platform-request.ts'
import type { TelegramCredentials } from './telegram-credentials.ts'
import { telegramFailure } from './telegram-errors.ts'

type Network = Pick<SendContext, 'fetch' | 'signal'>

/** A call of a Bot API method. */
export interface TelegramCall {
  baseUrl: string
  credentials: TelegramCredentials
  method: string
  json?: JsonObject
  /** Instead of `json`, for uploads. */
  form?: FormData
}

/** The Bot API wants the token in its path; whatever is no token must not get there. */
const TOKEN = /^\d+:[\w-]+$/

/** Calls one method. A token that cannot be one is refused here. */
export async function callTelegram(call: TelegramCall, context: Network): Promise<PlatformAnswer> {
  const { baseUrl, credentials, method, json, form } = call
  if (!TOKEN.test(credentials.botToken)) {
    const description = 'Unauthorized: botToken is not of the form 123456:ABC'
    const body = { ok: false, error_code: 401, description }
    return { answered: true, status: 401, headers: new Headers(), body }
  }
  return callPlatform(
    {
      platform: 'Telegram',
      url: `${baseUrl}/bot${credentials.botToken}/${method}`,
      ...(form ? { body: form } : { json: json ?? {} }),
    },
    context,
  )
}

/** How old a delivery error of the webhook may be to count as news. */
const RECENT_ERROR_SECONDS = 15 * 60

/** Whether the bot answers to its token, its webhook is set, and Telegram reaches it. */
export async function checkTelegramHealth(
  bot: Pick<TelegramCall, 'baseUrl' | 'credentials'>,
  context: Network & Pick<SendContext, 'now'>,
): Promise<HealthResult> {
  const answer = await callTelegram({ ...bot, method: 'getWebhookInfo' }, context)
  if (!answer.answered) return { status: 'unhealthy', message: answer.failure.error.message }
  const info = asObject(asObject(answer.body)?.result)
  if (answer.status !== 200 || !info) {
    return {
      status: 'unhealthy',
      message: `Telegram answered ${answer.status}: check botToken`,
      details: { statusCode: answer.status },
    }
  }
  const pending = asNumber(info.pending_update_count) ?? 0
  const details = { statusCode: 200, pendingUpdates: pending }
  if (!asString(info.url)) {
    const message = 'No webhook is set: call setWebhook with your address and secretToken'
    return { status: 'degraded', message, details }
  }
  const errorAge = context.now() / 1000 - (asNumber(info.last_error_date) ?? 0)
  if (errorAge < RECENT_ERROR_SECONDS) {
    const message = `Telegram could not deliver an update: ${asString(info.last_error_message) ?? 'no reason given'}`
    return { status: 'degraded', message, details }
  }
  return { status: 'healthy', message: 'Telegram API accessible', details }
}

/** Whether Telegram knows the token. */
export async function isTelegramTokenValid(
  bot: Pick<TelegramCall, 'baseUrl' | 'credentials'>,
  context: Network,
): Promise<boolean> {
  const answer = await callTelegram({ ...bot, method: 'getMe' }, context)
  return answer.answered && answer.status === 200
}

/**
 * Where a file can be fetched for the next hour. The address holds the bot's token: treat it as a secret.
 *
 * @throws {PermanentError} MESSAGING_MEDIA_UNAVAILABLE when Telegram gives no address (files over 20 MB have none).
 * @throws {AuthError} CREDENTIAL_INVALID when the token is wrong.
 * @see https://core.telegram.org/bots/api#getfile
 */
export async function resolveTelegramMedia(
  options: { baseUrl: string; ref: MediaReference; channel: Channel<TelegramCredentials> },
  context: Network,
): Promise<MediaAddress> {
  const { baseUrl, ref, channel } = options
  const { credentials } = channel
  const call = { baseUrl, credentials, method: 'getFile', json: { file_id: ref.providerId ?? '' } }
  const answer = await callTelegram(call, context)
  if (!answer.answered) throw answer.failure.error
  const file = asObject(asObject(answer.body)?.result)
  const path = asString(file?.file_path)
  if (answer.status === 200 && path && !path.split('/').includes('..')) {
    const sizeBytes = asNumber(file?.file_size)
    const url = `${baseUrl}/file/bot${credentials.botToken}/${path}`
    return { url, ...(sizeBytes !== undefined && { sizeBytes }) }
  }
  const failure = telegramFailure(answer, 0)
  if ('error' in failure && failure.error instanceof AuthError) throw failure.error
  throw new PermanentError('Telegram gave no address for this file', {
    code: 'MESSAGING_MEDIA_UNAVAILABLE',
    status: answer.status,
  })
}

import { asString } from '../json-value.ts'
import type { OutboundMedia } from '../outbound-message.ts'
import type { SendContext } from '../platform-adapter.ts'
import { callPlatform, type PlatformAnswer } from '../platform-request.ts'
import { beforeSending } from '../refused-outcome.ts'
import type { SendOutcome } from '../send-outcome.ts'
import { callSlack, isSlackUrl, type SlackCall, slackResult } from './slack-api.ts'
import { slackFailure } from './slack-errors.ts'

/**
 * Puts the bytes of a medium where Slack wants them and returns the file's id. Nobody sees the file until it
 * is shared, so a failure here is never `unknown`.
 * @see https://docs.slack.dev/messaging/working-with-files#upload
 */
export async function uploadToSlack(
  app: Pick<SlackCall, 'baseUrl' | 'credentials'>,
  part: OutboundMedia,
  context: SendContext,
): Promise<{ id: string } | SendOutcome> {
  const bytes = Buffer.from(part.data ?? '', 'base64')
  const form = { filename: part.filename ?? part.kind, length: String(bytes.byteLength) }
  const place = await callSlack({ ...app, method: 'files.getUploadURLExternal', form }, context)
  const result = slackResult(place)
  const url = asString(result?.upload_url)
  const id = asString(result?.file_id)
  if (!id || !isSlackUrl(url, app.baseUrl)) return notShared(place, context)
  const upload = await callPlatform({ platform: 'Slack', url, body: bytes }, context)
  if (!upload.answered || upload.status !== 200) return notShared(upload, context)
  return { id }
}

function notShared(answer: PlatformAnswer, context: SendContext): SendOutcome {
  return beforeSending(answer.answered ? slackFailure(answer, context.now()) : answer.failure)
}

import { asObject, asString } from '../json-value.ts'
import type { HealthResult, SendContext } from '../platform-adapter.ts'
import { callPlatform, type PlatformAnswer, type PlatformRequest } from '../platform-request.ts'
import type { DiscordCredentials } from './discord-credentials.ts'

/** Discord refuses clients that do not say who they are. @see https://docs.discord.com/developers/reference#user-agent */
const USER_AGENT = 'DiscordBot (https://github.com/mortise/mortise, 1)'

/** One call; follow-ups of an interaction carry its token in the path and need no other. */
export function callDiscord(
  options: { baseUrl: string; path: string; credentials?: DiscordCredentials } & Pick<
    PlatformRequest,
    'method' | 'json' | 'body'
  >,
  context: Pick<SendContext, 'fetch' | 'signal'>,
): Promise<PlatformAnswer> {
  const { baseUrl, path, credentials, ...request } = options
  return callPlatform(
    {
      ...request,
      platform: 'Discord',
      url: `${baseUrl}${path}`,
      headers: {
        'user-agent': USER_AGENT,
        ...(credentials && { authorization: `Bot ${credentials.botToken}` }),
      },
    },
    context,
  )
}

/** Whether the application answers to the token, and is the one whose key we have. */
export async function checkDiscordHealth(
  baseUrl: string,
  credentials: DiscordCredentials,
  context: Pick<SendContext, 'fetch' | 'signal'>,
): Promise<HealthResult> {
  const call = { baseUrl, path: '/applications/@me', credentials, method: 'GET' }
  const answer = await callDiscord(call, context)
  if (!answer.answered) return { status: 'unhealthy', message: answer.failure.error.message }
  const application = asObject(answer.body)
  const details = { statusCode: answer.status }
  if (answer.status !== 200 || !application) {
    const message = `Discord answered ${answer.status}: check botToken`
    return { status: 'unhealthy', message, details }
  }
  const key = asString(application.verify_key)
  if (key && key.toLowerCase() !== credentials.publicKey.toLowerCase()) {
    const message = 'publicKey is not the key of this application: every request would be refused'
    return { status: 'unhealthy', message, details }
  }
  return { status: 'healthy', message: 'Discord API accessible', details }
}

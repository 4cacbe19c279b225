import { fromUnknown } from '@mortise/errors'
import type { Narrator } from '../narrator.ts'
import { type OpenPlatform, type PlatformName, webhookPath } from '../platforms.ts'
import { variableOf } from './real-accounts.ts'
import { createPlatformApi, WEBHOOK_REGISTRIES } from './webhook-registries.ts'

/** What it takes to connect accounts. */
export interface ConnectOptions {
  /** Where the platforms reach this machine: an https origin. */
  publicUrl: string
  /** Replace an address that somebody else set. */
  takeOver: boolean
  narrator: Narrator
}

/** Where in its console a platform wants the address; what it wants besides, by the variable that holds it. */
const CONSOLES: Record<PlatformName, string> = {
  whatsapp: `App dashboard → WhatsApp → Configuration: callback URL, and the value of ${variableOf('whatsapp', 'verifyToken')} as verify token; then subscribe to "messages"`,
  messenger: `App dashboard → Messenger → Webhooks: callback URL, and the value of ${variableOf('messenger', 'verifyToken')} as verify token; then subscribe the page to "messages"`,
  slack: 'api.slack.com/apps → Event Subscriptions: request URL; the same under Interactivity',
  telegram: 'setWebhook of the Bot API, with your secret token',
  discord: 'Developer portal → General Information: interactions endpoint URL',
  twilio: 'Console → Phone numbers → your number → Messaging: "A message comes in", POST',
  line: 'Developers console → Messaging API: webhook URL; then turn on "Use webhook"',
}

/** Tells each platform where to post, or tells the person what to enter where; then asks it how the account is. */
export async function connectAccounts(
  platforms: readonly OpenPlatform[],
  options: ConnectOptions,
): Promise<void> {
  const { narrator } = options
  narrator.chapter('Real accounts', 'their messages go through the same pipeline')
  for (const platform of platforms) {
    const url = `${options.publicUrl}${webhookPath(platform.name)}`
    await register(platform, url, options)
    const { status, message } = await platform.service.checkHealth({
      channelId: platform.channelId,
    })
    const mark = status === 'healthy' ? 'done' : status === 'degraded' ? 'waits' : 'refused'
    narrator.step(platform.name, `account ${status}${message ? `: ${message}` : ''}`, mark)
  }
}

async function register(
  platform: OpenPlatform,
  url: string,
  { narrator, takeOver }: ConnectOptions,
): Promise<void> {
  const { name } = platform
  const byHand = () => narrator.step(name, `enter ${url}  in  ${CONSOLES[name]}`, 'note')
  const registry = WEBHOOK_REGISTRIES[name]
  if (!registry) return byHand()
  const api = createPlatformApi(platform)
  try {
    const current = await registry.current(api)
    if (current && !isOurs(current, name) && !takeOver) {
      const where = new URL(current).origin
      narrator.step(name, `posts to ${where} already; --take-over makes it post here`, 'refused')
      return
    }
    await registry.set(api, url)
    narrator.step(name, `posts to ${url} from now on`)
  } catch (error) {
    const { kind, message } = fromUnknown(error)
    narrator.step(name, `does not take the address (${kind}): ${message}`, 'refused')
    byHand()
  }
}

/** An earlier run set it, perhaps behind another tunnel. */
function isOurs(url: string, name: PlatformName): boolean {
  return URL.canParse(url) && new URL(url).pathname === webhookPath(name)
}

import { setTimeout as delay } from 'node:timers/promises'
import { wholeNumber } from '../whole-number.ts'
import type { SignedWebhook, SimulatedAccount, UnsignedWebhook } from './simulated-platform.ts'

/** How webhooks reach their address. The defaults are a calm day: in order, once, one at a time. */
export interface DeliveryOptions {
  /** Where to. Default: the simulator's `webhookUrl`. */
  url?: string
  /** Events in one webhook, up to what the platform packs together. Default 1. */
  batchSize?: number
  /** Webhooks under way at once. Default 1. */
  concurrency?: number
  /** Share of the acknowledged webhooks that are delivered once more, 0 to 1. Default 0. */
  duplicates?: number
  /** Webhooks leave up to this many places later than they should. Default 0. */
  reorder?: number
  /** Within a conversation the next webhook leaves when the last one is acknowledged. Default false. */
  orderedByConversation?: boolean
  /** Tries per webhook until one is acknowledged with 2xx. Default 10. */
  maxAttempts?: number
  /** Between two tries; real platforms take seconds to hours. Default 50. */
  retryDelayMs?: number
  /** One try may take this long. Default 10,000. */
  timeoutMs?: number
  /** Told at once for every webhook that was acknowledged, and once more for each duplicate. */
  onAcknowledged?: (webhook: UnsignedWebhook) => void
  signal?: AbortSignal
}

/** What became of a delivery. */
export interface DeliveryReport {
  webhooks: number
  /** Answered with 2xx at least once. */
  acknowledged: number
  /** Never acknowledged, with the last status (0: no answer). */
  refused: { webhook: UnsignedWebhook; status: number }[]
  /** Requests made, duplicates and retries included. */
  attempts: number
  duplicates: number
}

/** What the delivery needs of the simulator. */
export interface DeliveryContext {
  account: Pick<SimulatedAccount, 'sign'>
  fetch: typeof globalThis.fetch
  /** 0 to 1. */
  random: () => number
}

/** Posts webhooks as a platform does: until acknowledged, sometimes twice, not always in order. */
export async function deliverWebhooks(
  webhooks: readonly UnsignedWebhook[],
  options: DeliveryOptions & { url: string },
  context: DeliveryContext,
): Promise<DeliveryReport> {
  const report: DeliveryReport = {
    webhooks: webhooks.length,
    acknowledged: 0,
    refused: [],
    attempts: 0,
    duplicates: 0,
  }
  const { concurrency = 1, maxAttempts = 1, duplicates = 0, reorder = 0 } = options
  wholeNumber('concurrency', concurrency, { least: 1 })
  wholeNumber('maxAttempts', maxAttempts, { least: 1 })
  wholeNumber('reorder', reorder, { least: 0 })
  if (!(duplicates >= 0 && duplicates <= 1)) {
    throw new TypeError(`duplicates must be a share from 0 to 1, but is ${duplicates}`)
  }
  const lanes = lanesOf(reordered(webhooks, reorder, context.random), options)
  const workers = Math.min(concurrency, lanes.length)
  let next = 0
  const work = async () => {
    for (let lane = lanes[next++]; lane; lane = lanes[next++]) {
      for (const webhook of lane) await deliverOne(webhook, { options, context, report })
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  return report
}

/** Signs and posts one webhook once. */
export async function postWebhook(
  webhook: UnsignedWebhook,
  options: { url: string; attempt?: number; timeoutMs?: number; signal?: AbortSignal | undefined },
  context: Pick<DeliveryContext, 'account' | 'fetch'>,
): Promise<Response> {
  const { url, attempt = 1, signal } = options
  const signed: SignedWebhook = context.account.sign(webhook, { url, attempt })
  const timeout = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS)
  return context.fetch(signed.url, {
    method: signed.method,
    headers: signed.headers,
    ...(signed.method === 'POST' && { body: signed.body }),
    redirect: 'manual',
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  })
}

/** Platforms give up after 3 to 60 seconds. */
const DEFAULT_TIMEOUT_MS = 10_000
const DEFAULT_ATTEMPTS = 10
const DEFAULT_RETRY_DELAY_MS = 50

interface Delivery {
  options: DeliveryOptions & { url: string }
  context: DeliveryContext
  report: DeliveryReport
}

async function deliverOne(webhook: UnsignedWebhook, delivery: Delivery): Promise<void> {
  const { options, context, report } = delivery
  const maxAttempts = options.maxAttempts ?? DEFAULT_ATTEMPTS
  let status = 0
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    options.signal?.throwIfAborted()
    status = await tryOnce(webhook, attempt, delivery)
    if (isAcknowledged(status)) break
    const pause = options.retryDelayMs ?? DEFAULT_RETRY_DELAY_MS
    if (attempt < maxAttempts) await delay(pause, undefined, { signal: options.signal })
  }
  if (!isAcknowledged(status)) {
    report.refused.push({ webhook, status })
    return
  }
  report.acknowledged++
  options.onAcknowledged?.(webhook)
  if (context.random() >= (options.duplicates ?? 0)) return
  report.duplicates++
  if (isAcknowledged(await tryOnce(webhook, 2, delivery))) options.onAcknowledged?.(webhook)
}

async function tryOnce(
  webhook: UnsignedWebhook,
  attempt: number,
  { options, context, report }: Delivery,
): Promise<number> {
  report.attempts++
  try {
    const response = await postWebhook(webhook, { ...options, attempt }, context)
    await response.arrayBuffer()
    return response.status
  } catch (error) {
    if (options.signal?.aborted) throw error
    return 0
  }
}

const isAcknowledged = (status: number) => status >= 200 && status < 300

/** Each webhook may slip back by up to `places`. */
function reordered<T>(items: readonly T[], places: number, random: () => number): T[] {
  if (places <= 0) return [...items]
  return items
    .map((item, index) => ({ item, at: index + random() * places }))
    .sort((left, right) => left.at - right.at)
    .map(({ item }) => item)
}

function lanesOf(webhooks: UnsignedWebhook[], options: DeliveryOptions): UnsignedWebhook[][] {
  if (!options.orderedByConversation) return webhooks.map((webhook) => [webhook])
  const lanes = new Map<string, UnsignedWebhook[]>()
  for (const webhook of webhooks) {
    const lane = lanes.get(webhook.conversation)
    if (lane) lane.push(webhook)
    else lanes.set(webhook.conversation, [webhook])
  }
  return [...lanes.values()]
}

import type { Integration } from './define-integration.ts'
import type { Channel } from './integration-config.ts'
import type { IntegrationContext } from './integration-context.ts'
import type { RawRequest } from './raw-request.ts'

interface Lookup {
  integration: Integration
  ctx: IntegrationContext
}

/** One channel that the delivery speaks of. */
export interface Target {
  channel: Channel<unknown>
  hint?: string
}

/** Nothing is verified yet, and each costs a look-up. Meta puts no more updates than this into one delivery. */
const MAX_CHANNELS = 1_000

/** Every channel that a request speaks of, and the hints that name none. */
export async function findTargets(
  options: Lookup & { request: RawRequest; channelId?: string | undefined },
): Promise<{ targets: Target[]; missing: string[] }> {
  const { integration, request, channelId, ctx } = options
  const hints = request.method === 'GET' ? [] : integration.adapter.route(request)
  if (hints.length > MAX_CHANNELS)
    return { targets: [], missing: [`one of ${hints.length} channels`] }
  const targets: Target[] = []
  const missing: string[] = []
  for (const hint of hints.length > 0 ? hints : [undefined]) {
    const channel = await findChannel([hint, channelId], { integration, ctx })
    if (channel) targets.push({ channel, ...(hint !== undefined && { hint }) })
    else missing.push(hint ?? channelId ?? 'a webhook that names no channel')
  }
  return { targets, missing }
}

/** The first id of a list that names a channel. */
export async function findChannel(
  ids: readonly (string | undefined)[],
  options: Lookup,
): Promise<Channel<unknown> | undefined> {
  for (const id of ids) {
    if (id === undefined) continue
    const config = await options.integration.getChannelConfig(options.ctx, id)
    if (config) return { ...config, id: config.id ?? id }
  }
  return undefined
}

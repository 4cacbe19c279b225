import { createHmac } from 'node:crypto'
import type {
  SimulatedApiCall,
  SimulatedEvent,
  SimulatedPlatform,
  SimulatedWorld,
} from '@mortise/messaging-sdk/testing'

/** Acme as its documentation describes it: how it signs, what it posts, how its API answers. */
export const simulatedAcme: SimulatedPlatform = {
  platform: 'acme',
  createAccount: (world, options) => {
    const credentials: Record<string, string> = {
      accessToken: 'simulated-acme-token',
      secret: 'simulated-acme-secret',
      ...options.credentials,
    }
    return {
      credentials,
      secret: 'secret',
      person: 'ada',
      maxBatch: 10,
      compose: (events) => {
        const elements = events.map((event) => elementOf(event, world))
        return {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ events: elements }),
          ids: elements.map(({ id }) => String(id)),
          conversation: 'ada',
        }
      },
      sign: (webhook, { url }) => {
        const hmac = createHmac('sha256', credentials.secret ?? '').update(webhook.body)
        return {
          ...webhook,
          url,
          headers: { ...webhook.headers, 'x-acme-signature': hmac.digest('hex') },
        }
      },
      isSend: ({ path }) => path === '/messages',
      handle: (call) => {
        const authorized = call.headers.authorization === `Bearer ${credentials.accessToken}`
        return authorized ? accept(call, world) : { status: 401, body: { error: 'unauthorized' } }
      },
      tooFast: (retryAfterMs) => ({
        status: 429,
        headers: { 'retry-after': String(retryAfterMs / 1000) },
        body: { error: 'too_fast' },
      }),
    }
  },
}

function elementOf(event: SimulatedEvent, world: SimulatedWorld): Record<string, unknown> {
  if (event.type === 'native') return { id: `m${world.nextNumber()}`, ...event.body }
  if (event.type !== 'text') throw new TypeError(`Acme has no ${event.type}; pass native instead`)
  const { text, from = 'ada', id = `m${world.nextNumber()}` } = event
  return { id, type: 'text', from, text, at: world.now() }
}

function accept({ path, body }: SimulatedApiCall, world: SimulatedWorld) {
  const fields = JSON.parse(body.toString('utf8')) as Record<string, unknown>
  const id = `s${world.nextNumber()}`
  world.accept({ id, to: String(fields.to), body: fields, path })
  return { status: 200, body: { id } }
}

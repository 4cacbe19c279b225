import assert from 'node:assert/strict'
import { createRawRequest } from '../raw-request.ts'
import {
  channelWith,
  type PlatformCheck,
  type PlatformCheckGiven,
  requestOf,
  sampleEvent,
  sampleWebhook,
  WEBHOOK_URL,
  withOtherEnd,
  wrongCredentials,
} from './platform-check.ts'
import type { SignedWebhook } from './simulated-platform.ts'

const MINUTE_MS = 60_000

/** Proofs: the right one is accepted, everything else refused, and nothing throws. */
export const verifyingChecks: PlatformCheck[] = [
  {
    name: 'a webhook of the platform is accepted, and the one before a secret was rotated too',
    check: async (given) => {
      const { simulator } = given
      const webhook = sampleWebhook(simulator)
      assert.equal(await isAccepted(given, webhook), true, 'the current secret')
      const { secret } = simulator.account
      const current = simulator.credentials[secret] ?? ''
      const previous = `previous${secret.charAt(0).toUpperCase()}${secret.slice(1)}`
      const rotated = { ...simulator.credentials, [secret]: withOtherEnd(current) }
      assert.equal(await isAccepted(given, webhook, rotated), false, 'a secret of somebody else')
      const both = { ...rotated, [previous]: current }
      assert.equal(await isAccepted(given, webhook, both), true, `the secret in ${previous}`)
    },
  },
  {
    name: 'without a secret in the credentials nothing is accepted',
    check: async (given) => {
      const { simulator } = given
      const webhook = sampleWebhook(simulator)
      for (const nothing of ['', undefined]) {
        const credentials = { ...simulator.credentials, [simulator.account.secret]: nothing }
        assert.equal(await isAccepted(given, webhook, credentials), false)
        const bare = { ...webhook, headers: headersWith(webhook, proofs(given, webhook), '') }
        assert.equal(await isAccepted(given, bare, credentials), false)
      }
    },
  },
  {
    name: 'a missing, shortened, changed or monstrous proof is refused and throws nothing',
    check: async (given) => {
      const webhook = sampleWebhook(given.simulator)
      const names = proofs(given, webhook)
      const bare = Object.entries(webhook.headers).filter(([name]) => !names.includes(name))
      const without = { ...webhook, headers: Object.fromEntries(bare) }
      assert.equal(await isAccepted(given, without), false, 'no proof at all')
      for (const name of names) {
        const value = webhook.headers[name] ?? ''
        if (!(await isProof(given, webhook, name))) continue
        const bad = [
          '',
          value.slice(0, -1),
          withOtherEnd(value),
          '\u00ff'.repeat(64),
          'a'.repeat(100_000),
        ]
        for (const [index, proof] of bad.entries()) {
          const changed = { ...webhook, headers: { ...webhook.headers, [name]: proof } }
          assert.equal(await isAccepted(given, changed), false, `${name}, bad value ${index}`)
        }
      }
    },
  },
  {
    name: 'one changed byte anywhere in a signed body is noticed',
    check: async (given) => {
      if (given.simulator.account.signsBody === false) return // the platform proves itself, not the body
      const webhook = sampleWebhook(given.simulator)
      const body = Buffer.from(webhook.body)
      for (let index = 0; index < body.length; index += Math.ceil(body.length / 64)) {
        const changed = Buffer.from(body)
        changed[index] = (changed[index] ?? 0) ^ 1
        const request = createRawRequest({ ...webhook, body: changed })
        const { ok } = await verify(given, request)
        assert.equal(ok, false, `byte ${index}`)
      }
    },
  },
  {
    name: 'a signed time is checked on both sides, and a time that is not signed is not',
    check: async (given) => {
      const webhook = sampleWebhook(given.simulator)
      const signed = given.adapter.capabilities.signedTime
      for (const minutes of [-4, 4]) {
        assert.equal(await isAccepted(given, webhook, undefined, minutes), true, `${minutes} min`)
      }
      for (const minutes of [-7, 7, 60 * 24 * 6]) {
        const accepted = await isAccepted(given, webhook, undefined, minutes)
        assert.equal(accepted, !signed, `${minutes} minutes away`)
      }
    },
  },
  {
    name: 'the challenge of the platform is answered, and a stranger’s is not',
    check: async (given) => {
      const { adapter, simulator, channel } = given
      const challenge = simulator.account.challenge?.()
      const ordinary = requestOf(sampleWebhook(simulator))
      assert.equal(adapter.handshake?.(ordinary, channel), undefined, 'a message is no challenge')
      if (!challenge) return
      const signed = simulator.account.sign(challenge, { url: WEBHOOK_URL, attempt: 1 })
      const answer = adapter.handshake?.(requestOf(signed), channel)
      assert.ok(answer && answer.status < 300, 'answered with success')
      const strangers = channelWith<(typeof channel)['credentials']>(
        wrongCredentials(simulator.credentials),
      )
      if (signed.method === 'POST') {
        const { ok } = await adapter.verify(requestOf(signed), strangers, { now: Date.now })
        assert.equal(ok, false, 'a challenge by POST is verified like everything')
      } else {
        const refused = adapter.handshake?.(requestOf(signed), strangers)
        assert.ok(refused && refused.status >= 400, 'a wrong token is refused')
        assert.ok(!refused.body, 'and told nothing')
      }
    },
  },
  {
    name: 'route never throws and answers with ids',
    check: async ({ adapter, simulator }) => {
      const good = adapter.route(requestOf(sampleWebhook(simulator)))
      assert.ok(good.every((hint) => typeof hint === 'string' && hint !== ''))
      const bodies = ['', '{', 'null', '[]', '{"entry":7}', '\u0000', '"'.repeat(1000)]
      for (const body of bodies) {
        const request = createRawRequest({
          method: 'POST',
          url: WEBHOOK_URL,
          headers: {},
          body: Buffer.from(body),
        })
        assert.ok(
          Array.isArray(adapter.route(request)),
          `body ${JSON.stringify(body.slice(0, 20))}`,
        )
      }
      const invalid = { method: 'POST', url: WEBHOOK_URL, headers: {}, body: Buffer.from([0xff]) }
      assert.deepEqual(adapter.route(createRawRequest(invalid)), [], 'bytes that are no text')
    },
  },
]

async function verify<T>(
  { adapter, channel }: PlatformCheckGiven<T>,
  request: Parameters<typeof adapter.verify>[0],
) {
  return adapter.verify(request, channel, { now: Date.now })
}

async function isAccepted<T>(
  { adapter, channel }: PlatformCheckGiven<T>,
  webhook: SignedWebhook,
  credentials?: Record<string, string | undefined>,
  minutesLater = 0,
): Promise<boolean> {
  const as = credentials ? channelWith<T>(credentials) : channel
  const now = () => Date.now() + minutesLater * MINUTE_MS
  return (await adapter.verify(requestOf(webhook), as, { now })).ok
}

/** The headers that signing added. */
function proofs<T>({ simulator }: PlatformCheckGiven<T>, webhook: SignedWebhook): string[] {
  const plain = simulator.account.compose([sampleEvent(simulator)]).headers
  return Object.keys(webhook.headers).filter((name) => plain[name] === undefined)
}

/** Whether the adapter looks at this header at all (a user agent is no proof). */
async function isProof<T>(
  given: PlatformCheckGiven<T>,
  webhook: SignedWebhook,
  name: string,
): Promise<boolean> {
  return !(await isAccepted(given, { ...webhook, headers: headersWith(webhook, [name], '') }))
}

function headersWith(webhook: SignedWebhook, names: string[], value: string) {
  return { ...webhook.headers, ...Object.fromEntries(names.map((name) => [name, value])) }
}

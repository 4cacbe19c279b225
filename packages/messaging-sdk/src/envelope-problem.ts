import type { Envelope } from './message-transport.ts'

/** Why no store can take an envelope; `undefined` when nothing is wrong. One that is wrong must fail alone. */
export function envelopeProblem(envelope: Envelope): string | undefined {
  for (const name of ['id', 'channel', 'orderKey'] as const) {
    if (typeof envelope?.[name] !== 'string') return `An envelope's ${name} must be a string`
  }
  return undefined
}

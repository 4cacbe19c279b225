import type { RunningDemo } from '../running-demo.ts'
import { simulatedSide } from '../running-demo.ts'
import { picture, text } from './stage.ts'

const MAX_TEXT_LENGTH = 500
/** The longest text in the longest escapes, and its surroundings. */
const MAX_BODY_BYTES = 8_000

/**
 * Posts a message to our own webhook, as the simulated platform would.
 * @throws {TypeError} naming the field that is missing or wrong.
 */
export async function sendAsCustomer(request: Request, demo: RunningDemo): Promise<void> {
  const input = await readFields(request)
  const words = typeof input.text === 'string' ? input.text.trim().slice(0, MAX_TEXT_LENGTH) : ''
  const names = demo.world.map(({ name }) => name)
  if (!names.some((name) => name === input.platform))
    throw new TypeError(`platform must be one of ${names.join(', ')}.`)
  if (!words && !input.picture) throw new TypeError('Write something, or attach a picture.')
  const { name, simulator, webhookUrl } = simulatedSide(demo, String(input.platform))
  const event = input.picture ? { ...picture(), caption: words } : text(words)
  const answer = await simulator.post(event, webhookUrl)
  demo.parts.narrator.step('platform', `${name}: signed webhook → ${answer.status}`)
}

async function readFields({ body }: Request): Promise<Record<string, unknown>> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MAX_BODY_BYTES)
      throw new TypeError(`A message has at most ${MAX_BODY_BYTES} bytes.`)
    chunks.push(chunk)
  }
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString())
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw new TypeError('The body must be a JSON object.')
}

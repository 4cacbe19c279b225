import { appendFile, open } from 'node:fs/promises'
import type { HookCall } from '../hook-call.ts'
import type { HookHost } from '../hook-host.ts'
import { createRedact } from './redact.ts'

/** One recorded call, a line of the file: what was asked and what was answered, without secrets. */
export interface Capture {
  readonly call: HookCall
  readonly status: number
  readonly answer: unknown
}

/** Where captures go and how many. */
export interface CaptureOptions {
  readonly file: string
  /** Later calls are served but not recorded. */
  readonly max: number
  /** Further members to redact, in lower case. */
  readonly redact: ReadonlySet<string>
  /** Told when a line could not be written; the call is answered all the same. */
  readonly onError: (error: unknown) => void
}

/** Makes the file, readable by its owner only, or refuses when it is there. @throws {Error} with Node's `code` */
export async function createCaptureFile(file: string): Promise<void> {
  await (await open(file, 'wx', 0o600)).close()
}

/** A host that records what goes through it. */
export function captureCalls(host: HookHost, options: CaptureOptions): HookHost {
  let recorded = 0
  let writing: Promise<void> = Promise.resolve()
  return {
    ...host,
    invokeBytes: async (body, invokeOptions) => {
      const answer = await host.invokeBytes(body, invokeOptions)
      if (recorded < options.max && answer.status !== 400) {
        recorded++
        const line = toLine(body, answer.status, answer.body, options.redact)
        writing = writing.then(() => appendFile(options.file, line)).catch(options.onError)
        await writing
      }
      return answer
    },
  }
}

function toLine(
  body: Uint8Array,
  status: number,
  answer: string | Uint8Array,
  more: ReadonlySet<string>,
): string {
  const parse = (text: string | Uint8Array): unknown =>
    JSON.parse(typeof text === 'string' ? text : Buffer.from(text).toString())
  const call = parse(body)
  const redact = createRedact([call], more)
  const capture: Capture = { call: redact(call) as HookCall, status, answer: redact(parse(answer)) }
  return `${JSON.stringify(capture)}\n`
}

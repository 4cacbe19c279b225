import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Long enough for an install or a build on a busy machine; what hangs still ends. */
const TIMEOUT_MS = 600_000
const OUTPUT_LINES = 30

/** How a program is run. */
export interface RunOptions {
  cwd: string
  env?: NodeJS.ProcessEnv
  /** Default ten minutes. */
  timeoutMs?: number
  signal?: AbortSignal
}

/** Runs a program and returns what it printed; when it fails, the error holds the end of it. */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, env, timeoutMs = TIMEOUT_MS, signal }: RunOptions,
): Promise<string> {
  try {
    const options = { cwd, env: env ?? process.env, timeout: timeoutMs, signal }
    return (await execute(program, args, options)).stdout
  } catch (error) {
    signal?.throwIfAborted()
    const { stdout, stderr, message } = error as Error & { stdout?: string; stderr?: string }
    const output =
      [stdout, stderr]
        .map((text) => text?.trim())
        .filter(Boolean)
        .join('\n') || message
    const end = output.split('\n').slice(-OUTPUT_LINES).join('\n')
    throw new Error(`${[program, ...args].join(' ')}\n${end}`, { cause: error })
  }
}

/** Calls `work` for each item, at most `limit` at once, and returns the answers in the order of the items. */
export async function inParallel<Item, Answer>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = []
  const rest = items.entries()
  const worker = async () => {
    for (const [index, item] of rest) answers[index] = await work(item)
  }
  await Promise.all(Array.from({ length: limit }, worker))
  return answers
}

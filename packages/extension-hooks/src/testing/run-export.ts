import { isDeepStrictEqual } from 'node:util'
import type { TaggedHook } from '../hook-definition.ts'
import type { HookError } from '../hook-error.ts'
import type { ExportInput } from '../hook-inputs.ts'
import type { ExportOutput } from '../hook-outputs.ts'
import { type LegacyHook, type RunHookOptions, runHook } from './run-hook.ts'

/** How far an export is followed. */
export interface RunExportOptions<TRecord> extends RunHookOptions {
  /** Turns after which a never-ending export is given up. Default 1 000. */
  maxPages?: number | undefined
  /** What makes a record the same as another. Default: all of it. */
  identity?: ((record: TRecord) => unknown) | undefined
}

/** Everything an export gave. */
export interface ExportRun<TRecord> {
  readonly records: TRecord[]
  readonly errors: HookError[]
  /** Turns taken. */
  readonly pages: number
  /** Records that had come before. */
  readonly duplicates: number
  /** The export declared its connection offline and stopped there. */
  readonly connectionOffline: boolean
}

/** An export that would have gone wrong on the platform: it failed, it loops, or it does not end. */
export class ExportRunError extends Error {
  /** The turn, from 0. */
  readonly page: number
  readonly errors: readonly HookError[]

  constructor(message: string, page: number, errors: readonly HookError[] = []) {
    super(`${message} (page ${page})`)
    this.name = 'ExportRunError'
    this.page = page
    this.errors = errors
  }
}

const MAX_PAGES = 1_000

/**
 * Plays the platform's paging loop: hands `state` back verbatim until `lastPage` or `connectionOffline`. The platform
 * stops an export after the same answer came more than five times; here the second one is enough, and says why.
 * @throws {ExportRunError} when a page fails, an answer repeats, or `maxPages` are not enough
 */
export async function runExport<TRecord, TState>(
  hook:
    | TaggedHook<'export', ExportInput<TState>, ExportOutput<TRecord, TState>>
    | LegacyHook<ExportOutput<TRecord, TState>>,
  input: ExportInput<TState>,
  options: RunExportOptions<TRecord> = {},
): Promise<ExportRun<TRecord>> {
  const { maxPages = MAX_PAGES, identity = (record: TRecord) => record, ...runOptions } = options
  const run = {
    records: [] as TRecord[],
    errors: [] as HookError[],
    pages: 0,
    duplicates: 0,
    connectionOffline: false,
  }
  const seen = new Set<string>()
  let state = input.state
  let before: string | undefined
  for (;;) {
    if (run.pages >= maxPages)
      throw new ExportRunError(`The export did not end within ${maxPages} pages`, run.pages)
    const turn = state === undefined ? input : { ...input, state }
    const page = await runHook<ExportInput<TState>, ExportOutput<TRecord, TState>>(
      hook,
      turn,
      runOptions,
    )
    if (!page.ok) throw new ExportRunError(describe(page.errors), run.pages, page.errors)
    const { data = [], errors, lastPage, state: next, connectionOffline } = page.value
    for (const record of data) {
      const key = JSON.stringify(identity(record))
      if (seen.has(key)) run.duplicates++
      seen.add(key)
    }
    run.records.push(...data)
    run.errors.push(...(errors ?? []))
    run.pages++
    run.connectionOffline = connectionOffline === true
    if (lastPage === true || run.connectionOffline) return run
    refuseLoop(page.json, before, { moved: !isDeepStrictEqual(next, state), page: run.pages - 1 })
    before = page.json
    state = next
  }
}

function refuseLoop(
  answer: string,
  before: string | undefined,
  { moved, page }: { moved: boolean; page: number },
): void {
  if (answer === before) {
    throw new ExportRunError(
      'The export gave the same answer twice in a row; the platform would stop it as an infinite loop. Return a new state, or lastPage: true',
      page,
    )
  }
  if (!moved) {
    throw new ExportRunError(
      'The state did not move and lastPage is not set, so the next call gets the same input again',
      page,
    )
  }
}

function describe(errors: readonly HookError[]): string {
  return `The export failed: ${errors.map(({ code, message }) => `${code}: ${message}`).join('; ')}`
}

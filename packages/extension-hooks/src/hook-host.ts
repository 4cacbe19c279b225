import { CallQueue } from './call-queue.ts'
import type { CallReport } from './call-report.ts'
import { defineExtension, type ExtensionConfiguration } from './define-extension.ts'
import type { HookCall } from './hook-call.ts'
import {
  type HookHostOptions,
  type HookHostSettings,
  type InternalHostOptions,
  resolveHostOptions,
} from './hook-host-options.ts'
import type { HookAnswer, HookResult, InvokeOptions } from './hook-result.ts'
import { parseCall } from './parse-call.ts'
import { type CallState, runCall } from './run-call.ts'

/** What is going on right now. */
export interface HookHostStats {
  readonly active: number
  readonly queued: number
  /** Functions that were answered for at their deadline and have not ended since. */
  readonly abandoned: number
  readonly closing: boolean
}

/** Calls functions and vouches for their answers. Every door is a translation of `invoke` or `invokeBytes`. */
export interface HookHost extends AsyncDisposable {
  /** Calls one function. Never rejects for what the call or the function does wrong. */
  readonly invoke: (call: HookCall, options?: InvokeOptions) => Promise<HookResult>
  /** The same from the bytes of a JSON body to the text of the answer; at once when nothing had to be waited for. */
  readonly invokeBytes: (
    body: Uint8Array,
    options?: InvokeOptions,
  ) => HookAnswer | Promise<HookAnswer>
  readonly stats: () => HookHostStats
  /** Takes no more calls (503) and waits for the running ones, at most `deadlineMs` (default 30 s); then their signals fire. */
  readonly close: (options?: { deadlineMs?: number }) => Promise<void>
}

const CLOSE_DEADLINE_MS = 30_000

/**
 * Makes the host of an extension.
 * @throws {TypeError} when the extension or an option cannot work; the message names it
 */
export function createHookHost(
  extension: ExtensionConfiguration,
  options: HookHostOptions = {},
): HookHost {
  return hostOf(defineExtension(extension), options)
}

/** The host of a configuration that nobody checked: what is missing is answered for call by call. */
export function hostOf(
  configuration: ExtensionConfiguration,
  options: InternalHostOptions,
): HookHost {
  const settings = resolveHostOptions(options)
  let shutdown: AbortController | undefined
  const state: CallState = {
    configuration,
    settings,
    queue: new CallQueue(settings),
    abandoned: 0,
    closing: false,
    get shutdown() {
      shutdown ??= new AbortController()
      return shutdown
    },
    whenIdle: [],
  }
  const invoke = async (call: HookCall, invokeOptions: InvokeOptions = {}) => {
    const result = await runCall(state, call, invokeOptions)
    tell(settings, result.report)
    return result
  }
  const close = (closeOptions: { deadlineMs?: number } = {}) =>
    closeHost(state, closeOptions.deadlineMs ?? CLOSE_DEADLINE_MS)
  return {
    invoke,
    invokeBytes: (body, invokeOptions = {}) => invokeBytes(state, body, invokeOptions),
    stats: () => ({
      active: state.queue.active,
      queued: state.queue.queued,
      abandoned: state.abandoned,
      closing: state.closing,
    }),
    close,
    [Symbol.asyncDispose]: () => close(),
  }
}

function invokeBytes(
  state: CallState,
  body: Uint8Array,
  options: InvokeOptions,
): HookAnswer | Promise<HookAnswer> {
  const startedAt = state.settings.now()
  const parsed = parseCall(body)
  const parseMs = state.settings.now() - startedAt
  const toAnswer = (result: HookResult): HookAnswer => {
    const { report, status } = result
    report.parseMs = parseMs
    report.bytesIn = body.byteLength
    const text = result.ok ? result.json : JSON.stringify({ errors: result.errors })
    if (!result.ok) report.bytesOut = Buffer.byteLength(text)
    tell(state.settings, report)
    return !result.ok && result.retryAfterMs !== undefined
      ? { status, body: text, report, retryAfterMs: result.retryAfterMs }
      : { status, body: text, report }
  }
  const running = parsed.ok ? runCall(state, parsed.call, options) : parsed.result
  return running instanceof Promise ? running.then(toAnswer) : toAnswer(running)
}

function tell({ logger, onCall }: HookHostSettings, report: CallReport): void {
  logger?.[report.status === 200 ? 'info' : 'warn'](report, 'hook call')
  onCall?.(report)
}

async function closeHost(state: CallState, deadlineMs: number): Promise<void> {
  state.closing = true
  if (state.queue.active === 0) return
  const timer = setTimeout(() => state.shutdown.abort(), deadlineMs)
  await new Promise<void>((resolve) => {
    state.whenIdle.push(resolve)
  })
  clearTimeout(timer)
}

import type { HookCall } from '../hook-call.ts'
import type { HookHost } from '../hook-host.ts'
import { atLeast } from '../hook-host-options.ts'

/** The part of AWS's context that is read. @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export interface LambdaContext {
  /** The call without its options, set by the platform. */
  readonly clientContext?: unknown
  readonly awsRequestId?: string | undefined
  readonly getRemainingTimeInMillis?: (() => number) | undefined
}

/** How the handler ends. */
export interface LambdaOptions {
  /** Kept back from AWS's time limit, so that a late function is answered for, in milliseconds. Default 500. */
  reserveMs?: number | undefined
}

/** Two parameters: the Node.js 24 runtime refuses a handler that declares a third. */
export type LambdaHandler = (event: unknown, context: LambdaContext) => Promise<unknown>

const RESERVE_MS = 500

/**
 * Makes the handler of a Lambda stack: the event is the function's options, the client context names the function.
 * A failure rejects with a JSON text, `{"statusCode":422,"errors":[…]}`, because that is what the platform parses.
 * @throws {TypeError} when an option cannot work; the message names it
 */
export function createLambdaHandler(
  host: Pick<HookHost, 'invoke'>,
  options: LambdaOptions = {},
): LambdaHandler {
  const reserveMs = atLeast('reserveMs', options.reserveMs ?? RESERVE_MS, 0)
  return async (event, context) => {
    const call = toCall(event, context)
    const remainingMs = context?.getRemainingTimeInMillis?.()
    const result = await host.invoke(call, {
      timeoutMs: remainingMs === undefined ? undefined : Math.max(1, remainingMs - reserveMs),
    })
    if (result.ok) return result.value
    // A text and not an Error: AWS would add the stack of an Error to the answer.
    throw JSON.stringify({ statusCode: result.status, errors: result.errors })
  }
}

function toCall(event: unknown, context: LambdaContext | undefined): HookCall {
  const { clientContext, awsRequestId } = context ?? {}
  const fields =
    typeof clientContext === 'object' && clientContext !== null ? (clientContext as HookCall) : {}
  return { _reqId: awsRequestId, ...fields, options: event }
}

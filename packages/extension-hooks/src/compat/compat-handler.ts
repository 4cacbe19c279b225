import { createLambdaHandler, type LambdaContext } from '../lambda/lambda-handler.ts'
import {
  type CompatCallback,
  type CompatConfiguration,
  findConfigurationError,
} from './compat-configuration.ts'
import { createCompatHost } from './extension.ts'

/** Declares two parameters, because the Node.js 24 runtime refuses three; a callback is used when there is one. */
export type CompatHandler = (
  event: unknown,
  context: LambdaContext,
  ...callback: [] | [CompatCallback<unknown>]
) => Promise<unknown> | undefined

/** The original Lambda handler: failures are JSON texts, of the configuration too, and say so at every call. */
export function createHandler(config: CompatConfiguration): CompatHandler {
  const handle = prepare(config)
  return (event, context, ...[callback]) => {
    const answer = handle(event, context)
    if (typeof callback !== 'function') return answer
    // Outside of the promise, so that what the callback throws is the caller's own uncaught error.
    answer.then(
      (value) => process.nextTick(callback, null, value),
      (error: unknown) => process.nextTick(callback, error),
    )
    return undefined
  }
}

function prepare(
  config: CompatConfiguration,
): (event: unknown, context: LambdaContext) => Promise<unknown> {
  const error = findConfigurationError(config)
  if (error === undefined) return createLambdaHandler(createCompatHost(config))
  const { message, code } = error as Error & { code: string }
  const failure = JSON.stringify({ statusCode: 422, errors: [{ message, code }] })
  return () => Promise.reject(failure)
}

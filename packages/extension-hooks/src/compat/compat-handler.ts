import { createLambdaHandler, type LambdaContext } from '../lambda/lambda-handler.ts'
import {
  type CompatCallback,
  type CompatConfiguration,
  findConfigurationError,
} from './compat-configuration.ts'
import type { CompatError } from './compat-errors.ts'
import { createCompatHost } from './extension.ts'

/** Declares two parameters, because the Node.js 24 runtime refuses three; a callback is used when there is one. */
export type CompatHandler = (
  event: unknown,
  context: LambdaContext,
  ...callback: [] | [CompatCallback<unknown>]
) => Promise<unknown> | undefined

/**
 * The original Lambda handler: failures are JSON texts, of the configuration too. The configuration is looked at at
 * every call, so that it may be filled in later; its limits, preset and logger are those of the first good one.
 */
export function createHandler(config: CompatConfiguration): CompatHandler {
  let handle: ((event: unknown, context: LambdaContext) => Promise<unknown>) | undefined
  const answerFor = (event: unknown, context: LambdaContext) => {
    const error = findConfigurationError(config)
    if (error !== undefined) return Promise.reject(failureText(error))
    handle ??= createLambdaHandler(createCompatHost(config))
    return handle(event, context)
  }
  return (event, context, ...[callback]) => {
    const answer = answerFor(event, context)
    if (typeof callback !== 'function') return answer
    // Outside of the promise, so that what the callback throws is the caller's own uncaught error.
    answer.then(
      (value) => process.nextTick(callback, null, value),
      (error: unknown) => process.nextTick(callback, error),
    )
    return undefined
  }
}

function failureText(error: CompatError): string {
  const { message, code } = error
  return JSON.stringify({ statusCode: 422, errors: [{ message, code }] })
}

import { copyError, type IntegrationError, isIntegrationError } from '@mortise/errors'
import { callbackFailed } from './content-pipeline.ts'
import type { OpenOptions, RequestOptions } from './download-options.ts'
import { type DownloadResult, downloadWith } from './download-to-file.ts'
import { phaseOf } from './transfer.ts'
import { createTransport, type Transport } from './transport.ts'

/** What to download, where to, and what to call on the way. */
export interface DownloadStreamParams<T = unknown> {
  /** Where the file will be. Its folder must exist. */
  pathToWrite: string
  downloadRequestParams: {
    /** A public address, `http:` or `https:`. */
    downloadUrl: string
    /** Sent with the request. */
    headers?: Record<string, string> | undefined
  }
  callbacks?:
    | {
        /** Gets every chunk, in order, and the bytes so far with it. A promise is awaited. */
        onData?: ((dataChunk: Buffer, currentDownloadedBytesCount: number) => unknown) | undefined
        /** Called when the file stands complete under its name. What it returns, unless undefined, is what `downloadStream` resolves to. */
        onEnd?: ((result: DownloadResult) => T | Promise<T>) | undefined
      }
    | undefined
}

/** Resolves to this unless `onEnd` returns something. */
export interface DownloadStreamSuccess {
  success: true
}

/** What `onEnd` returned, when it returned something. */
// biome-ignore lint/suspicious/noConfusingVoidType: a callback without return is typed void
export type DownloadStreamAnswer<T> = Exclude<T, undefined | void>

/** What failed while the body arrived: a callback, or the way from the connection to the disk. */
export type DownloadStreamErrorType = 'onDataCallback' | 'onEndCallback' | 'StreamPipelineError'

/** A rejection of `downloadStream` that has a type and the original error, besides being an error with a kind. */
export type DownloadStreamError = IntegrationError & {
  type: DownloadStreamErrorType
  error: unknown
}

/**
 * Downloads a public URL to a local file.
 *
 * @throws {DownloadStreamError} type `onDataCallback` or `onEndCallback` when a callback throws; `StreamPipelineError`
 * when the connection drops, stalls, sends something wrong or too much, or the file cannot be written
 * @throws {IntegrationError} without type when the path cannot be written to, the address is not public, or the request fails
 */
export async function downloadStream<T = void>(
  params: DownloadStreamParams<T>,
  options: OpenOptions = {},
): Promise<DownloadStreamSuccess | DownloadStreamAnswer<T>> {
  await using transport = createTransport(options)
  return await downloadStreamWith(transport, params, options)
}

/** The same over connections that others share. */
export async function downloadStreamWith<T = void>(
  transport: Transport,
  params: DownloadStreamParams<T>,
  options: RequestOptions,
): Promise<DownloadStreamSuccess | DownloadStreamAnswer<T>> {
  const { pathToWrite, downloadRequestParams, callbacks } = readParams(params)
  const result = await downloadWith(transport, downloadRequestParams.downloadUrl, pathToWrite, {
    ...options,
    headers: { ...options.headers, ...downloadRequestParams.headers },
    onData: callbacks?.onData,
  }).catch((error: unknown) => {
    throw typed(error)
  })
  const answer = await callOnEnd(callbacks?.onEnd, result)
  return answer === undefined ? { success: true } : (answer as DownloadStreamAnswer<T>)
}

async function callOnEnd<T>(
  onEnd: ((result: DownloadResult) => T | Promise<T>) | undefined,
  result: DownloadResult,
): Promise<T | undefined> {
  try {
    return await onEnd?.(result)
  } catch (error) {
    throw withType(callbackFailed('onEnd', error), 'onEndCallback', error)
  }
}

function typed(error: unknown): unknown {
  if (!isIntegrationError(error)) return error
  if (error.code === 'FILES_LOCAL_CALLBACK_FAILED' && error.details?.callback === 'onData') {
    return withType(error, 'onDataCallback', error.cause)
  }
  return phaseOf(error) === 'body'
    ? withType(error, 'StreamPipelineError', error.cause ?? copyError(error))
    : error
}

function withType(error: Error, type: DownloadStreamErrorType, original: unknown): Error {
  return Object.assign(error, { type, error: original })
}

function readParams<T>(params: DownloadStreamParams<T>): DownloadStreamParams<T> {
  const request = params?.downloadRequestParams
  requireString('pathToWrite', params?.pathToWrite)
  requireString('downloadRequestParams.downloadUrl', request?.downloadUrl)
  requireFunction('callbacks.onData', params.callbacks?.onData)
  requireFunction('callbacks.onEnd', params.callbacks?.onEnd)
  return params
}

function requireString(name: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return
  throw new TypeError(`${name} must be a string that is not empty, received ${describe(value)}`)
}

function requireFunction(name: string, value: unknown): void {
  if (value === undefined || value === null || typeof value === 'function') return
  throw new TypeError(`${name} must be a function, received ${describe(value)}`)
}

function describe(value: unknown): string {
  return value === '' ? 'an empty string' : value === null ? 'null' : typeof value
}

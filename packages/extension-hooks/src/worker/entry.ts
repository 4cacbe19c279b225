// Runs inside a worker: bytes come in, the functions run here, bytes go out. Nothing but bytes and the report is cloned.
import { parentPort, workerData } from 'node:worker_threads'
import { containUncaughtErrors } from '../contain-uncaught-errors.ts'
import { hostOf } from '../hook-host.ts'
import { extensionOf } from '../load-extension.ts'
import type { WorkerReply, WorkerRequest, WorkerSettings } from './messages.ts'

const { module, host: hostOptions } = workerData as WorkerSettings
const calls = new Map<number, AbortController>()

function reply(message: WorkerReply, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}

async function load(): Promise<void> {
  const host = hostOf(extensionOf((await import(module)) as object), hostOptions)
  // An error that a function lost fails its own call, or nobody when that was answered; never the call after it.
  containUncaughtErrors()
  parentPort?.on('message', (request: WorkerRequest) => {
    if (request.type === 'abort') calls.get(request.id)?.abort()
    else void answer(host, request)
  })
  reply({ type: 'ready' })
}

async function answer(
  host: ReturnType<typeof hostOf>,
  { id, body, ...options }: Extract<WorkerRequest, { type: 'call' }>,
): Promise<void> {
  // The pool counts the host's limit, or the caller's, from the moment it sent the call; it has to hear of others only.
  const assumedMs = options.timeoutMs ?? hostOptions.timeoutMs
  const onStart = (timeoutMs: number) => {
    if (timeoutMs !== assumedMs) reply({ type: 'started', id, timeoutMs })
  }
  const invokeOptions = {
    ...options,
    onStart,
    // Made when the host asks for it: only a function that did not end at once can be aborted.
    get signal() {
      const controller = calls.get(id) ?? new AbortController()
      calls.set(id, controller)
      return controller.signal
    },
  }
  const { status, body: text, report } = await host.invokeBytes(new Uint8Array(body), invokeOptions)
  calls.delete(id)
  const bytes = encode(text as string)
  reply({ type: 'answer', id, status, body: bytes, report }, [bytes])
}

/** In a third of the time of `TextEncoder` on Node.js 24, and in memory of its own: that of a pool cannot be moved. */
function encode(text: string): ArrayBuffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return bytes.buffer
}

// A module that cannot be loaded ends the worker with its error, which the pool reports.
await load()

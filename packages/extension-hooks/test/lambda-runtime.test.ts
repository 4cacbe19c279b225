import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

/**
 * AWS's own runtime client, which compiles native code when it is installed, so it is no dependency. Install it
 * anywhere and name its `index.mjs` in this variable.
 */
const VARIABLE = 'AWS_LAMBDA_RIC'
const client = process.env[VARIABLE] ?? resolveClient()
if (client === undefined) {
  console.warn(
    `Skipped: aws-lambda-ric is not installed. \`npm install --prefix /tmp/ric aws-lambda-ric\`, then ${VARIABLE}=/tmp/ric/node_modules/aws-lambda-ric/index.mjs.`,
  )
}

function resolveClient(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('aws-lambda-ric')
  } catch {
    return undefined
  }
}

/** What Lambda hands to its runtime. */
interface Invocation {
  readonly event: unknown
  readonly clientContext: object
  readonly remainingMs?: number
}

/** What came back: where it was posted to, and the body. */
interface Posted {
  readonly to: string
  readonly body: unknown
}

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

/** Plays Lambda's runtime API for one process of the client. @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
async function runOnLambda(handler: string, invocations: readonly Invocation[]): Promise<Posted[]> {
  const posted: Posted[] = []
  const waiting = invocations.entries()
  let done: (() => void) | undefined
  const finished = new Promise<void>((resolve) => {
    done = resolve
  })
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      posted.push({
        to: String(request.url?.split('/').slice(3).join('/')),
        body: JSON.parse(await text(request)),
      })
      response.writeHead(202).end('{}')
      if (posted.length === invocations.length || request.url?.endsWith('init/error')) done?.()
      return
    }
    const { value } = waiting.next()
    if (value === undefined) return // The next call of a function nobody calls any more.
    const [index, { event, clientContext, remainingMs = 5_000 }] = value
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': `request-${index}`,
      'lambda-runtime-deadline-ms': String(Date.now() + remainingMs),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-west-1:1:function:hooks',
      'lambda-runtime-client-context': JSON.stringify(clientContext),
    })
    response.end(JSON.stringify(event))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const runtime = startRuntime(handler, server)
  await Promise.race([finished, once(runtime, 'exit')])
  return posted
}

function startRuntime(handler: string, server: Server): ChildProcess {
  const directory = fileURLToPath(new URL('./fixtures', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@mortise/source', client as string], {
    cwd: directory,
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: 'hooks',
      AWS_LAMBDA_FUNCTION_VERSION: '1',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_LOG_GROUP_NAME: 'group',
      AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
      LAMBDA_TASK_ROOT: directory,
      _HANDLER: `lambda-app.${handler}`,
    },
  })
  cleanups.push(
    () => child.kill('SIGKILL'),
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return child
}

const call = (name: string, more: Partial<Invocation> = {}): Invocation => ({
  event: { data: [{ id: 1 }] },
  clientContext: { diy: true, type: 'hook', function: name },
  ...more,
})
/** How AWS's client words a rejection with a text: no stack, and the text whole. */
const failure = (code: string, message: string) => ({
  errorType: 'string',
  errorMessage: JSON.stringify({ statusCode: 422, errors: [{ code, message }] }),
  trace: [],
})

describe.skipIf(client === undefined)("on AWS's own runtime client", () => {
  it('a handler answers values, failures as the JSON text that the platform parses, and the request id', async () => {
    const posted = await runOnLambda('handler', [call('same'), call('refuse'), call('whoAsks')])
    expect(posted).toEqual([
      { to: 'invocation/request-0/response', body: [{ data: { id: 1 } }] },
      { to: 'invocation/request-1/error', body: failure('no_stock', 'no stock') },
      { to: 'invocation/request-2/response', body: 'request-2' },
    ])
  })

  it('a function that never ends is answered for before Lambda cuts it off', async () => {
    const [answer] = await runOnLambda('handler', [call('forever', { remainingMs: 700 })])
    const body = answer?.body as { errorMessage: string } | undefined
    expect(JSON.parse(body?.errorMessage ?? 'null')).toMatchObject({
      errors: [{ code: 'function_timeout' }],
    })
  })

  it("the compat door's handler runs as well", async () => {
    expect(await runOnLambda('compat', [call('same'), call('refuse')])).toEqual([
      { to: 'invocation/request-0/response', body: [{ data: { id: 1 } }] },
      { to: 'invocation/request-1/error', body: failure('no_stock', 'no stock') },
    ])
  })

  it('a handler with three parameters is refused', async () => {
    const [answer] = await runOnLambda('three', [call('same')])
    expect(answer).toMatchObject({
      to: 'init/error',
      body: { errorType: 'Runtime.CallbackHandlerDeprecated' },
    })
  })
})

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startNatsServer } from '../../../scripts/servers/nats-server.ts'
import { findS3Server } from '../../../scripts/servers/s3-server.ts'
import type { DemoConfig, S3Config } from './config.ts'

/** Which real servers to use although the environment names none. */
export interface RealServers {
  nats: boolean
  s3: boolean
}

const START_S3 = fileURLToPath(new URL('../../../scripts/servers/s3-server.sh', import.meta.url))
const BUCKET = 'mortise-demo'
const run = promisify(execFile)

/** What a person is told of, and what ends the waiting. */
export interface FindOptions {
  say: (line: string) => void
  signal: AbortSignal
}

/** Adds real servers to the configuration as the tests find or start them. What was started here ends here. */
export async function findServers(
  config: DemoConfig,
  wanted: RealServers,
  options: FindOptions,
): Promise<AsyncDisposable & { config: DemoConfig }> {
  const found = { ...config }
  if (wanted.s3 && !config.s3) found.s3 = await startS3(options)
  const nats = wanted.nats && !config.natsUrl ? await startNatsServer() : undefined
  if (nats) found.natsUrl = nats.url
  return { config: found, [Symbol.asyncDispose]: async () => await nats?.close() }
}

/** The S3 server takes long to start, so it stays up for the next run; `pnpm s3 down` ends it. */
async function startS3({ say, signal }: FindOptions): Promise<S3Config> {
  if (!(await findS3Server())) {
    say('Starting an S3 server; the first time it is fetched, which takes about a minute …')
    await run(START_S3, ['up'], { signal }).catch(({ stderr }) => {
      throw new Error(`\`pnpm s3 up\` failed: ${stderr}`)
    })
  }
  const server = await findS3Server()
  if (!server) throw new Error('The S3 server does not answer; `pnpm s3 up` says why')
  return { ...server, bucket: BUCKET }
}

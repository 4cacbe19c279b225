import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './cache-folder.ts'

/** How to reach a real S3 server; path-style addressing. */
export interface S3Server {
  endpoint: string
  region: string
  accessKeyId: string
  secretAccessKey: string
}

const PROBE_TIMEOUT_MS = 2_000

/**
 * The S3 server that tests use: the one `S3_ENDPOINT` names (with `S3_REGION`, `S3_ACCESS_KEY_ID` and
 * `S3_SECRET_ACCESS_KEY`), or the one `scripts/servers/s3-server.sh up` left running. `undefined` when
 * neither answers.
 */
export async function findS3Server(): Promise<S3Server | undefined> {
  const server = process.env.S3_ENDPOINT ? fromEnvironment(process.env.S3_ENDPOINT) : await local()
  if (!server) return undefined
  const answer = await fetch(server.endpoint, {
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  }).catch(() => undefined)
  return answer && server
}

function fromEnvironment(endpoint: string): S3Server {
  return {
    endpoint,
    region: process.env.S3_REGION ?? 'us-east-1',
    accessKeyId: process.env.S3_ACCESS_KEY_ID ?? 'test',
    secretAccessKey: process.env.S3_SECRET_ACCESS_KEY ?? 'testtest',
  }
}

async function local(): Promise<S3Server | undefined> {
  const file = join(cacheFolder(), 's3', 'endpoint')
  const endpoint = await readFile(file, 'utf8').catch(() => undefined)
  return endpoint ? fromEnvironment(endpoint.trim()) : undefined
}

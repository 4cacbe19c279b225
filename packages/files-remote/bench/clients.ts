import { execFile } from 'node:child_process'
import { createReadStream, createWriteStream, openAsBlob } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { bucket, clientConfig, credentials } from './s3-bench.ts'

/** What a user would pick instead: the two calls that are compared. */
export interface Client {
  readonly name: string
  readonly upload: (path: string, key: string) => Promise<unknown>
  readonly download?: (key: string, path: string) => Promise<unknown>
}

type Both = Required<Client>

const run = promisify(execFile)
const off = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const
const { endpoint, region } = clientConfig
const { hostname, port, protocol } = new URL(endpoint)

const sdk = new S3Client(clientConfig)
const sdkOff = new S3Client({ ...clientConfig, ...off })

const getThrough = (client: S3Client) => async (key: string, path: string) => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  await pipeline(Body as Readable, createWriteStream(path))
}

const uploadThrough = (client: S3Client) => (path: string, key: string) =>
  new Upload({ client, params: { Bucket: bucket, Key: key, Body: createReadStream(path) } }).done()

export const libStorage: Both = {
  name: 'lib-storage',
  upload: uploadThrough(sdk),
  download: getThrough(sdk),
}

export const libStorageOff: Both = {
  name: 'lib-storage, checksums off',
  upload: uploadThrough(sdkOff),
  download: getThrough(sdkOff),
}

/** curl on presigned addresses: as fast as this machine and server are. */
export function curl(sign: (method: 'GET' | 'PUT', key: string) => Promise<{ url: string }>): Both {
  return {
    name: 'curl',
    upload: async (path, key) => {
      const { url } = await sign('PUT', key)
      await run('curl', [
        '-sS',
        '--fail',
        '-T',
        path,
        '-H',
        'content-type: application/octet-stream',
        url,
      ])
    },
    download: async (key, path) =>
      run('curl', ['-sS', '--fail', '-o', path, (await sign('GET', key)).url]),
  }
}

/** The other clients that load here and that this server accepts, and why the rest is left out. */
export async function otherClients(
  probePath: string,
): Promise<{ clients: Client[]; absent: string[] }> {
  const makers: Record<string, () => Promise<Client>> = {
    'PutObject stream': async () => ({
      name: 'PutObject stream',
      upload: async (path, key) =>
        sdk.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: createReadStream(path),
            ContentLength: (await stat(path)).size,
          }),
        ),
    }),
    'minio-js': async () => {
      const { Client: Minio } = await import('minio')
      const client = new Minio({
        endPoint: hostname,
        port: Number(port || (protocol === 'https:' ? 443 : 80)),
        useSSL: protocol === 'https:',
        accessKey: credentials.accessKeyId,
        secretKey: credentials.secretAccessKey,
        region,
      })
      return {
        name: 'minio-js',
        // Not fPutObject: it sends a Content-Type that it does not sign, which Ceph 20 refuses with 403.
        upload: async (path, key) =>
          client.putObject(bucket, key, createReadStream(path), (await stat(path)).size),
        download: (key, path) => client.fGetObject(bucket, key, path),
      }
    },
    aws4fetch: async () => {
      const { AwsClient } = await import('aws4fetch')
      const client = new AwsClient({ ...credentials, region, service: 's3' })
      const url = (key: string) => `${endpoint}/${bucket}/${key}`
      return {
        name: 'aws4fetch',
        upload: async (path, key) =>
          ok(
            await client.fetch(url(key), { method: 'PUT', body: await openAsBlob(path) }),
          ).arrayBuffer(),
        download: async (key, path) => {
          const response = ok(await client.fetch(url(key)))
          await pipeline(Readable.fromWeb(response.body as never), createWriteStream(path))
        },
      }
    },
    flydrive: async () => {
      const { Disk } = await import('flydrive')
      const { S3Driver } = await import('flydrive/drivers/s3')
      const disk = new Disk(
        new S3Driver({ ...clientConfig, bucket, visibility: 'private', supportsACL: false }),
      )
      return {
        name: 'flydrive',
        upload: async (path, key) =>
          disk.putStream(key, createReadStream(path), { contentLength: (await stat(path)).size }),
        download: async (key, path) => pipeline(await disk.getStream(key), createWriteStream(path)),
      }
    },
    'files-sdk': async () => {
      const { createFiles } = await import('files-sdk')
      const { s3 } = await import('files-sdk/s3')
      const files = createFiles({ adapter: s3({ ...clientConfig, bucket }) })
      return {
        name: 'files-sdk',
        upload: async (path, key) =>
          files.upload(key, createReadStream(path) as never, { multipart: true }),
        download: async (key, path) => {
          const file = await files.download(key, { as: 'stream' })
          await pipeline(Readable.fromWeb(file.stream() as never), createWriteStream(path))
        },
      }
    },
    opendal: async () => {
      const { Operator } = await import('opendal')
      const operator = new Operator('s3', {
        bucket,
        endpoint,
        region,
        access_key_id: credentials.accessKeyId,
        secret_access_key: credentials.secretAccessKey,
      })
      return {
        name: 'opendal',
        upload: async (path, key) => {
          const writer = await operator.writer(key, {
            chunk: BigInt(16 * 1024 * 1024),
            concurrent: 4,
          })
          for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }))
            await writer.write(chunk)
          await writer.close()
        },
      }
    },
    awscli: async () => {
      const env = {
        ...process.env,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_DEFAULT_REGION: region,
      }
      await run('aws', ['--version'])
      const aws = (from: string, to: string) =>
        run('aws', ['--endpoint-url', endpoint, 's3', 'cp', '--only-show-errors', from, to], {
          env,
        })
      return {
        name: 'awscli',
        upload: (path, key) => aws(path, `s3://${bucket}/${key}`),
        download: (key, path) => aws(`s3://${bucket}/${key}`, path),
      }
    },
  }
  const clients: Client[] = []
  const absent: string[] = []
  for (const [name, make] of Object.entries(makers)) {
    try {
      const client = await make()
      await client.upload(probePath, 'probe')
      clients.push(client)
    } catch (error) {
      const { message, code } = error as Error & { code?: string }
      absent.push(`${name}: ${message.split('\n')[0] || code}`)
    }
  }
  return { clients, absent }
}

function ok(response: Response): Response {
  if (!response.ok) throw new Error(`answered ${response.status}`)
  return response
}

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { benchRatios, type Measure } from '../../../scripts/bench/ratios.ts'
import { createS3StorageProvider } from '../dist/s3.js'
import { type Client, curl, libStorage, libStorageOff, otherClients } from './clients.ts'
import {
  bucket,
  clientConfig,
  local,
  makeFile,
  many,
  processor,
  wall,
  withBucket,
} from './s3-bench.ts'

const SMALL_MIB = 64
const LARGE_MIB = Number(process.env.BENCH_LARGE_MIB ?? 1024)
const OBJECTS = 1000
const OBJECT_BYTES = 4096
const AT_ONCE = 16
const MEMORY_LIMIT_MIB = 200

/** "1.9 times the throughput" as the ratio of times. */
const times = (factor: number) => 1 / factor

await withBucket(async () => {
  const ours = createS3StorageProvider({ bucket, clientConfig })
  const oursOff = createS3StorageProvider({ bucket, clientConfig, checksums: 'none' })
  const sdk = new S3Client(clientConfig)
  const small = await makeFile(local('small'), SMALL_MIB)
  const large = await makeFile(local('large'), LARGE_MIB)
  const target = local('target')
  await ours.put({ key: 'small', body: { path: small } })
  await ours.put({ key: 'large', body: { path: large } })
  const fetched = (key: string) =>
    ours.download?.({ key, path: target }) ?? Promise.reject(new Error('no download'))
  const plain = curl((method, key) => ours.signUrl({ method, key }))

  const transfers = (name: string, path: string, key: string): Measure[] => [
    {
      name: `${name} up, time, against lib-storage`,
      goal: times(1.9),
      better: 'lower',
      ours: wall(() => ours.put({ key: 'ours', body: { path } })),
      theirs: wall(() => libStorage.upload(path, 'theirs')),
    },
    {
      name: `${name} up, processor, against lib-storage`,
      goal: 0.2,
      better: 'lower',
      ours: processor(() => ours.put({ key: 'ours', body: { path } })),
      theirs: processor(() => libStorage.upload(path, 'theirs')),
    },
    {
      name: `${name} up, checksums off, time, against lib-storage`,
      goal: times(2.5),
      better: 'lower',
      ours: wall(() => oursOff.put({ key: 'ours', body: { path } })),
      theirs: wall(() => libStorageOff.upload(path, 'theirs')),
    },
    {
      name: `${name} up, checksums off, time, against curl`,
      goal: times(0.85),
      better: 'lower',
      ours: wall(() => oursOff.put({ key: 'ours', body: { path } })),
      theirs: wall(() => plain.upload(path, 'theirs')),
    },
    {
      name: `${name} down, time, against GetObject + pipeline`,
      goal: times(1.8),
      better: 'lower',
      ours: wall(() => fetched(key)),
      theirs: wall(async () => libStorage.download?.(key, target)),
    },
    {
      name: `${name} down, time, against curl`,
      goal: 2,
      better: 'lower',
      ours: wall(() => fetched(key)),
      theirs: wall(async () => plain.download?.(key, target)),
    },
  ]

  const against = ({ name, upload, download }: Client): Measure[] => [
    {
      name: `${SMALL_MIB} MiB up, time, against ${name}`,
      goal: 1,
      better: 'lower',
      ours: wall(() => ours.put({ key: 'ours', body: { path: small } })),
      theirs: wall(() => upload(small, 'theirs')),
    },
    ...(download
      ? [
          {
            name: `${SMALL_MIB} MiB down, time, against ${name}`,
            goal: 1,
            better: 'lower' as const,
            ours: wall(() => fetched('small')),
            theirs: wall(() => download('small', target)),
          },
        ]
      : []),
  ]

  const body = Buffer.alloc(OBJECT_BYTES, 'x')
  const objects: Measure[] = [
    {
      name: `${OBJECTS} x 4 KiB up, time, against the bare SDK`,
      goal: 1,
      better: 'lower',
      ours: wall(() => many(OBJECTS, AT_ONCE, (index) => ours.put({ key: `o/${index}`, body }))),
      theirs: wall(() =>
        many(OBJECTS, AT_ONCE, (index) =>
          sdk.send(new PutObjectCommand({ Bucket: bucket, Key: `o/${index}`, Body: body })),
        ),
      ),
    },
    {
      name: `${OBJECTS} x 4 KiB down, time, against the bare SDK`,
      goal: 1,
      better: 'lower',
      ours: wall(() =>
        many(OBJECTS, AT_ONCE, async (index) => {
          for await (const _ of (await ours.get({ key: `o/${index}` })).body);
        }),
      ),
      theirs: wall(() =>
        many(OBJECTS, AT_ONCE, async (index) => {
          const { Body } = await sdk.send(
            new GetObjectCommand({ Bucket: bucket, Key: `o/${index}` }),
          )
          await Body?.transformToByteArray()
        }),
      ),
    },
  ]

  const memory = (direction: 'upload' | 'download', path: string): Measure => ({
    name: `${LARGE_MIB} MiB ${direction === 'upload' ? 'up' : 'down'}, peak memory, against ${MEMORY_LIMIT_MIB} MiB`,
    goal: 1,
    better: 'lower',
    ours: async () => {
      const script = join(import.meta.dirname, 'memory.ts')
      const env = { ...process.env, BENCH_BUCKET: bucket }
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [script, direction, path, 'large'],
        { env },
      )
      return Number(stdout)
    },
    theirs: () => MEMORY_LIMIT_MIB,
  })

  const { clients, absent } = await otherClients(small)
  const json = process.argv.includes('--json')
  if (!json) for (const reason of absent) console.log(`left out: ${reason}`)
  await benchRatios({
    package: 'files-remote',
    rounds: 5,
    measures: [
      ...transfers(`${SMALL_MIB} MiB`, small, 'small'),
      ...transfers(`${LARGE_MIB} MiB`, large, 'large'),
      ...objects,
      memory('upload', large),
      memory('download', target),
      ...clients.flatMap(against),
    ],
  })
})

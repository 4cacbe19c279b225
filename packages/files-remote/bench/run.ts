// `--large` moves 1 GiB instead of 64 MiB and leaves the other clients out; `--only WORDS`, `--rounds N` and `--json`
// are those of every bench. Needs a real S3 server (`pnpm s3 up`) with room for some gigabytes.
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
  costOf,
  local,
  makeFile,
  many,
  remove,
  withBucket,
} from './s3-bench.ts'

const large = process.argv.includes('--large')
const json = process.argv.includes('--json')
const MEBIBYTES = large ? 1024 : 64
const SIZE = large ? '1 GiB' : '64 MiB'
const ROUNDS = large ? 3 : 7
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
  const source = await makeFile(local('source'), MEBIBYTES)
  const target = local('target')
  await ours.put({ key: 'stored', body: { path: source } })
  const plain = curl((method, key) => ours.signUrl({ method, key }))

  const upload = (send: (path: string, key: string) => Promise<unknown>) =>
    costOf(
      () => send(source, 'sent'),
      () => remove('sent'),
    )
  const download = (fetchTo: (key: string, path: string) => Promise<unknown>) =>
    costOf(() => fetchTo('stored', target))
  const up = upload((path, key) => ours.put({ key, body: { path } }))
  const upOff = upload((path, key) => oursOff.put({ key, body: { path } }))
  const down = download((key, path) => ours.download?.({ key, path }) ?? Promise.reject())

  const measure = (
    name: string,
    goal: number,
    sides: Pick<Measure, 'ours' | 'theirs'>,
  ): Measure => ({
    name: `${SIZE} ${name}`,
    goal,
    better: 'lower',
    ...sides,
  })

  const lib = upload(libStorage.upload)
  const transfers: Measure[] = [
    measure('up, time, against lib-storage', times(1.9), { ours: up.wall, theirs: lib.wall }),
    measure('up, processor, against lib-storage', 0.2, {
      ours: up.processor,
      theirs: lib.processor,
    }),
    measure('up, checksums off, time, against lib-storage', times(2.5), {
      ours: upOff.wall,
      theirs: upload(libStorageOff.upload).wall,
    }),
    measure('up, checksums off, time, against curl', times(0.85), {
      ours: upOff.wall,
      theirs: upload(plain.upload).wall,
    }),
    measure('down, time, against GetObject + pipeline', times(1.8), {
      ours: down.wall,
      theirs: download(libStorage.download).wall,
    }),
    measure('down, time, against curl', 2, {
      ours: down.wall,
      theirs: download(plain.download).wall,
    }),
  ]

  const against = ({ name, upload: send, download: fetchTo }: Client): Measure[] => [
    ...(send
      ? [measure(`up, time, against ${name}`, 1, { ours: up.wall, theirs: upload(send).wall })]
      : []),
    ...(fetchTo
      ? [
          measure(`down, time, against ${name}`, 1, {
            ours: down.wall,
            theirs: download(fetchTo).wall,
          }),
        ]
      : []),
  ]

  const body = Buffer.alloc(OBJECT_BYTES, 'x')
  const eachOf = (action: (key: string) => Promise<unknown>) =>
    costOf(() => many(OBJECTS, AT_ONCE, (index) => action(`o/${index}`))).wall
  const objects: Measure[] = [
    {
      name: `${OBJECTS} x 4 KiB up, time, against the bare SDK`,
      goal: 1,
      better: 'lower',
      ours: eachOf((key) => ours.put({ key, body })),
      theirs: eachOf((Key) => sdk.send(new PutObjectCommand({ Bucket: bucket, Key, Body: body }))),
    },
    {
      name: `${OBJECTS} x 4 KiB down, time, against the bare SDK`,
      goal: 1,
      better: 'lower',
      ours: eachOf(async (key) => {
        for await (const _ of (await ours.get({ key })).body);
      }),
      theirs: eachOf(async (Key) => {
        const { Body } = await sdk.send(new GetObjectCommand({ Bucket: bucket, Key }))
        await Body?.transformToByteArray()
      }),
    },
  ]

  /** A process of its own, because the peak of this one is everybody's. */
  const memory = (direction: 'up' | 'down', path: string, key: string): Measure =>
    measure(`${direction}, peak memory, against ${MEMORY_LIMIT_MIB} MiB`, 1, {
      ours: async () => {
        const script = join(import.meta.dirname, 'memory.ts')
        const env = { ...process.env, BENCH_BUCKET: bucket }
        const args = [script, direction, path, key]
        const { stdout } = await promisify(execFile)(process.execPath, args, { env })
        return Number(stdout)
      },
      theirs: () => MEMORY_LIMIT_MIB,
    })

  const { clients, absent } = large ? { clients: [], absent: [] } : await otherClients(source)
  if (!json) for (const reason of absent) console.log(`left out: ${reason}`)
  await benchRatios({
    package: 'files-remote',
    rounds: ROUNDS,
    // The first 64 MiB of a process are slower; a gigabyte hardly notices.
    warmup: large ? 0 : 1,
    measures: [
      ...transfers,
      memory('up', source, 'sent'),
      memory('down', target, 'stored'),
      ...(large ? [] : [...objects, ...clients.flatMap(against)]),
    ],
  })
})

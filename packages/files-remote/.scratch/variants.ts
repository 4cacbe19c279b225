import { S3Client, CreateBucketCommand, DeleteBucketCommand, DeleteObjectCommand } from '@aws-sdk/client-s3'
import { execSync } from 'node:child_process'
import { createS3StorageProvider as a } from '../src/s3/index.ts'
const cfg = { endpoint: 'http://127.0.0.1:9105', region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId: 'test', secretAccessKey: 'testtest' } }
const bucket = `cpu-${Date.now()}`
const sdk = new S3Client(cfg)
await sdk.send(new CreateBucketCommand({ Bucket: bucket }))
const path = `/dev/shm/cpu-${process.pid}`
execSync(`head -c ${64 * 2 ** 20} /dev/urandom > ${path}`)
const ps: Record<string, any> = {
  crc32: a({ bucket, clientConfig: cfg }),
  none: a({ bucket, clientConfig: cfg, checksums: 'none' }),
  'crc32 8MiB': a({ bucket, clientConfig: cfg, partBytes: 8*2**20 }),
  'crc32 32MiB': a({ bucket, clientConfig: cfg, partBytes: 32*2**20 }),
}
const res: Record<string, number[][]> = {}
for (let i = -2; i < Number(process.argv[2] ?? 15); i++) for (const [n, p] of Object.entries(ps)) {
  const c = process.cpuUsage(), t = performance.now(); await p.put({ key: 'ours', body: { path } }); const u = process.cpuUsage(c)
  if (i >= 0) (res[n] ??= []).push([(u.user + u.system) / 1000, performance.now() - t, u.user / 1000, u.system / 1000])
}
const med = (x: number[][], k: number) => x.map((r) => r[k]!).sort((p, q) => p - q)[Math.floor(x.length / 2)]!.toFixed(1)
const min = (x: number[][], k: number) => Math.min(...x.map((r) => r[k]!)).toFixed(1)
for (const [n, x] of Object.entries(res)) console.log(n.padEnd(16), 'cpu', med(x, 0), 'min', min(x, 0), 'wall', med(x, 1), 'user', med(x, 2), 'sys', med(x, 3))
execSync(`rm ${path}`)
await sdk.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'ours' }))
await sdk.send(new DeleteBucketCommand({ Bucket: bucket }))

import { createReadStream } from 'node:fs'
import { S3Client, CreateBucketCommand, DeleteBucketCommand, DeleteObjectCommand } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { createS3StorageProvider } from '../src/s3/index.ts'
import { execSync } from 'node:child_process'
const cfg = { endpoint: 'http://127.0.0.1:9105', region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId: 'test', secretAccessKey: 'testtest' } }
const bucket = `cpu-${Date.now()}`
const sdk = new S3Client(cfg)
await sdk.send(new CreateBucketCommand({ Bucket: bucket }))
const path = `/dev/shm/cpu-${process.pid}`
execSync(`head -c ${64 * 2 ** 20} /dev/urandom > ${path}`)
const ours = createS3StorageProvider({ bucket, clientConfig: cfg })
const N = Number(process.argv[2] ?? 9)
const only = process.argv[3]
const meas = async (f: () => Promise<unknown>) => { const c = process.cpuUsage(), t = performance.now(); await f(); const u = process.cpuUsage(c); return [(u.user + u.system) / 1000, performance.now() - t, u.user/1000, u.system/1000] }
const a: number[][] = [], b: number[][] = []
for (let i = -2; i < N; i++) {
  if (only !== 'theirs') { const r = await meas(() => ours.put({ key: 'ours', body: { path } })); if (i >= 0) a.push(r) }
  if (only !== 'ours') { const r = await meas(() => new Upload({ client: sdk, params: { Bucket: bucket, Key: 'theirs', Body: createReadStream(path) } }).done()); if (i >= 0) b.push(r) }
}
const med = (x: number[][], k: number) => x.map((r) => r[k]!).sort((p, q) => p - q)[Math.floor(x.length / 2)]
const show = (n: string, x: number[][]) => x.length && console.log(n, 'cpu', med(x, 0)!.toFixed(1), 'wall', med(x, 1)!.toFixed(1), 'user', med(x, 2)!.toFixed(1), 'sys', med(x, 3)!.toFixed(1))
show('ours', a); show('theirs', b)
if (a.length && b.length) console.log('ratio cpu', (a.map((r, i) => r[0]! / b[i]![0]!).sort((p, q) => p - q)[Math.floor(a.length / 2)])!.toFixed(3), 'wall', (a.map((r, i) => r[1]! / b[i]![1]!).sort((p, q) => p - q)[Math.floor(a.length / 2)])!.toFixed(3))
execSync(`rm ${path}`)
for (const Key of ['ours', 'theirs']) await sdk.send(new DeleteObjectCommand({ Bucket: bucket, Key }))
await sdk.send(new DeleteBucketCommand({ Bucket: bucket }))

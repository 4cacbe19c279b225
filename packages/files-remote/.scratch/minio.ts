import { Client } from 'minio'
import { createReadStream } from 'node:fs'
import { execSync } from 'node:child_process'
const c = new Client({ endPoint: '127.0.0.1', port: 9105, useSSL: false, accessKey: 'test', secretKey: 'testtest', region: 'us-east-1' })
const bucket = `minio-${Date.now()}`
await c.makeBucket(bucket)
const path = `/dev/shm/minio-${process.pid}`
for (const mib of [64, 80]) {
execSync(`head -c ${mib * 2 ** 20} /dev/urandom > ${path}`)
for (const [n, f] of Object.entries({ fPutObject: () => c.fPutObject(bucket, 'a', path), putObject: () => c.putObject(bucket, 'a', createReadStream(path), mib * 2 ** 20), fGet: () => c.fGetObject(bucket, 'a', path + '.out') })) {
  const t = performance.now()
  await f().then(() => console.log(mib, n, 'ok', (performance.now() - t).toFixed(0)), (e: any) => console.log(mib, n, e.code, e.message))
}}
execSync(`rm -f ${path} ${path}.out`)
await c.removeObject(bucket, 'a').catch(() => {})
await c.removeBucket(bucket)

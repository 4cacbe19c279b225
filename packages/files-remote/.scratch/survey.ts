import { createS3StorageProvider } from '../src/s3/index.ts'
import { CreateBucketCommand, DeleteBucketCommand, PutBucketPolicyCommand, PutObjectCommand, DeleteObjectCommand, S3Client, HeadObjectCommand, GetObjectCommand, DeleteBucketPolicyCommand } from '@aws-sdk/client-s3'
const good = { endpoint: 'http://127.0.0.1:9105', region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId: 'test', secretAccessKey: 'testtest' }, maxAttempts: 1 }
const bucket = `survey-${Date.now()}`
const admin = new S3Client(good)
await admin.send(new CreateBucketCommand({ Bucket: bucket }))
await admin.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'x' }))
const cases: Record<string, any> = {
  'missing bucket': { bucket: 'no-such-bucket-survey' },
  'wrong key id': { clientConfig: { credentials: { accessKeyId: 'nobody', secretAccessKey: 'testtest' } } },
  'wrong secret': { clientConfig: { credentials: { accessKeyId: 'test', secretAccessKey: 'SECRETWORD' } } },
  'wrong region': { clientConfig: { region: 'eu-central-1' } },
  'clock skew': { clientConfig: { systemClockOffset: 2 * 3600_000 } },
  'session token': { clientConfig: { credentials: { accessKeyId: 'test', secretAccessKey: 'testtest', sessionToken: 'bogus' } } },
  'anonymous': { clientConfig: { signer: { sign: async (r: any) => r } } },
}
for (const [name, { bucket: b = bucket, clientConfig }] of Object.entries(cases)) {
  const p = createS3StorageProvider({ bucket: b, clientConfig: { ...good, ...clientConfig } })
  for (const [call, run] of Object.entries({ stat: () => p.stat({ key: 'a' }), get: async () => (await p.get({ key: 'a' })).body.destroy(), put: () => p.put({ key: 'b', body: Buffer.from('x') }), delete: () => p.delete({ key: 'b' }), list: async () => { for await (const _ of p.list()); } })) {
    await run().then((v) => console.log(name, call, 'OK', JSON.stringify(v) ?? ''), (e) => console.log(name, call, e.code, '|', e.message, '| cause', e.cause?.name, e.cause?.Code, e.cause?.$metadata?.httpStatusCode))
  }
}
await admin.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }))
await admin.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'b' }))
await admin.send(new DeleteBucketCommand({ Bucket: bucket }))

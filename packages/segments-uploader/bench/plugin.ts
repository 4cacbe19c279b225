import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'

/** What a user has today: list the bucket, download the day, append one profile, upload the day; for each event. */
export async function uploadLikeThePlugin(
  { client, bucket }: { client: S3Client; bucket: string },
  key: string,
  profile: { smi_uid: string; segments: string[] },
): Promise<void> {
  const listed = await client.send(new ListObjectsV2Command({ Bucket: bucket }))
  const exists = listed.Contents?.some(({ Key }) => Key === key)
  const document: { profiles: object[] } = { profiles: [] }
  if (exists) {
    const found = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    Object.assign(document, JSON.parse((await found.Body?.transformToString()) ?? '{}'))
  }
  document.profiles.push(profile)
  const Body = JSON.stringify(document)
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }))
}

/** Everything that is asked of S3, and what an account needs for it. */
export const PERMISSIONS = {
  // Without s3:ListBucket S3 answers 403 also where there is no object.
  HeadObject: 's3:GetObject and s3:ListBucket',
  GetObject: 's3:GetObject and s3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  // A condition on the version that stands there is a look at it.
  PutObject: 's3:PutObject and s3:GetObject',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  UploadPartCopy: 's3:PutObject and s3:GetObject',
  CompleteMultipartUpload: 's3:PutObject and s3:GetObject',
  AbortMultipartUpload: 's3:AbortMultipartUpload',
  DeleteObject: 's3:DeleteObject',
} as const

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
export type S3Action = keyof typeof PERMISSIONS

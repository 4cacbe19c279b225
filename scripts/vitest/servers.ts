import { describe, inject } from 'vitest'

/** Suites over JetStream: skipped, and reported loudly at the end, where no `nats-server` can be had. */
export const describeWithNats = describe.skipIf(!inject('nats'))

/** Suites over the real S3 server: skipped, and reported loudly at the end, where there is none. */
export const describeWithS3 = describe.skipIf(!inject('s3'))

/** Suites in a real browser: skipped, and reported loudly at the end, where there is none. */
export const describeWithBrowser = describe.skipIf(!inject('browser'))

import { expect, inject, it } from 'vitest'
import type { S3Server } from '../../../scripts/servers/s3-server.ts'
import { describeWithS3 } from '../../../scripts/vitest/servers.ts'
import { createS3Store } from '../soak/s3-store.ts'
import { soak } from '../soak/soak.ts'

describeWithS3('writers that are killed behind a proxy that loses answers', () => {
  it.each(['direct', 'journal'] as const)(
    'lose nothing and double nothing with delivery %s',
    async (delivery) => {
      const { acknowledged, lost, doubled, badReads } = await soak({
        store: await createS3Store({
          server: inject('s3') as S3Server,
          rates: { cutAfter: 0.06, cutBefore: 0.03, slowDown: 0.03, lieAfter: 0.03 },
        }),
        delivery,
        processes: 2,
        eventsEach: 60,
        callersEach: 8,
        killEveryMs: 1_200,
        outageEveryMs: 3_000,
        maxDisturbances: 4,
        reads: 10,
        pauseBetweenReadsMs: 20,
      })
      expect({ acknowledged, lost, doubled, badReads }).toEqual({
        acknowledged: 120,
        lost: 0,
        doubled: 0,
        badReads: 0,
      })
    },
    60_000,
  )
})

import { afterAll, beforeAll, it } from 'vitest'
import { type NatsServer, startNatsServer } from '../../../../scripts/servers/nats-server.ts'
import { describeWithNats } from '../../../../scripts/vitest/servers.ts'
import { createNatsMessageTransport } from '../../src/nats/index.ts'
import { messageTransportContract } from '../../src/testing/index.ts'

describeWithNats('contract', () => {
  let server: NatsServer
  let prefixes = 0
  beforeAll(async () => {
    server = await startNatsServer()
  })
  afterAll(() => server.close())

  const checks = messageTransportContract({
    create: () =>
      createNatsMessageTransport({
        servers: server.url,
        prefix: `contract-${prefixes++}`,
        partitions: 8,
      }),
  })
  for (const check of checks) it(check.name, check.run)
})

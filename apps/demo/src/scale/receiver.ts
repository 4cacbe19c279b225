/** A receiver as a process of its own: takes webhooks, stores their events, acknowledges. Started as `worker.ts` is. */
import { once } from 'node:events'
import { createFetchHandler } from '@mortise/messaging-sdk'
import type { Setup } from '../open-parts.ts'
import { openPlatform } from '../platforms.ts'
import { startServer } from '../server.ts'
import { openTransport } from '../transport.ts'

process.once('disconnect', () => process.exit()) // whoever started us is gone: nobody else would end us
const [setup] = (await once(process, 'message')) as [Setup]
const transport = await openTransport(setup.config)
const services = setup.accounts.map((account) => openPlatform(account, transport).service)
const server = await startServer()
server.mount('hooks', createFetchHandler(services, { basePath: '/hooks' }))
process.send?.(server.url)

import { createWriteStream, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { get as getSecurely, Agent as HttpsAgent } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import axios from 'axios'
import got from 'got'
import { Agent, fetch, request } from 'undici'
import { downloadMany, downloadToFile } from '../dist/index.js'

// One download in a process of its own: `client.ts <client> <url> <path> <result file>`. What is measured is from the
// start of the request to the closed file; modules are loaded before.
const [client = '', url = '', path = '', resultPath = ''] = process.argv.slice(2)
const insecure = { rejectUnauthorized: false }
const allow = { addresses: ['127.0.0.1'] }
const file = (): ReturnType<typeof createWriteStream> => createWriteStream(path)
const agent = new Agent({ allowH2: false, connect: insecure })
const httpsAgent = new HttpsAgent(insecure)
const mine = { allow, tls: insecure }

const clients: Record<string, () => Promise<unknown>> = {
  ours: () => downloadToFile(url, path, mine),
  'ours with onData': () => downloadToFile(url, path, { ...mine, onData: () => {} }),
  'ours with lent onData': () =>
    downloadToFile(url, path, { ...mine, onData: () => {}, onDataChunks: 'lent' }),
  'ours with sha256': () =>
    // A digest that is wrong on purpose: everything is computed and compared, and the file dropped.
    downloadToFile(url, path, { ...mine, sha256: '0'.repeat(64) }).catch(() => {}),
  'ours, Node buffers': () => downloadToFile(url, path, { ...mine, recycleBuffers: false }),
  'ours, 500 files': () => {
    const items = Array.from({ length: 500 }, (_, index) => ({ url, path: `${path}.${index}` }))
    return Array.fromAsync(downloadMany(items, mine))
  },
  'undici.request': async () => pipeline((await request(url, { dispatcher: agent })).body, file()),
  fetch: async () => {
    const { body } = await fetch(url, { dispatcher: agent })
    return pipeline(Readable.fromWeb(body as never), file())
  },
  http: () =>
    new Promise((resolve, reject) => {
      const send = url.startsWith('https') ? getSecurely : get
      send(url, insecure, (response) => pipeline(response, file()).then(resolve, reject))
    }),
  axios: async () => {
    const { data } = await axios.get<Readable>(url, { responseType: 'stream', httpsAgent })
    return pipeline(data, file())
  },
  got: () => pipeline(got.stream(url, { https: insecure }), file()),
  // The way of the platform's own toolbox: axios, a listener for every chunk, a pipeline.
  'axios with onData': async () => {
    const { data } = await axios.get<Readable>(url, { responseType: 'stream', httpsAgent })
    let _bytes = 0
    data.on('data', (chunk: Buffer) => {
      _bytes += chunk.length
    })
    return pipeline(data, file())
  },
}

const run = clients[client]
if (run === undefined) throw new Error(`no client ${client}`)
const startedAt = performance.now()
const before = process.cpuUsage()
await run()
const ms = performance.now() - startedAt
const { user, system } = process.cpuUsage(before)
const cpuMs = (user + system) / 1000
writeFileSync(
  resultPath,
  JSON.stringify({ ms, cpuMs, peakBytes: process.resourceUsage().maxRSS * 1024 }),
)
process.exit()

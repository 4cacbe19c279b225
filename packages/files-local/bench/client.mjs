import { createWriteStream, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

// One download in a process of its own, in JavaScript, for stripping types costs memory: `client.mjs <client> <url> <path> <result file>`. Modules are loaded first, and
// only those of the client; measured is from the start of the request to the closed file.
const [client = '', url = '', path = '', resultPath = ''] = process.argv.slice(2)
const insecure = { rejectUnauthorized: false }
const file = () => createWriteStream(path)

async function ours(options = {}) {
  const { downloadToFile } = await import('../dist/index.js')
  await import('undici')
  const mine = { allow: { addresses: ['127.0.0.1'] }, tls: insecure, ...options }
  return () => downloadToFile(url, path, mine)
}

async function ourMany() {
  const { downloadMany } = await import('../dist/index.js')
  await import('undici')
  const items = Array.from({ length: 500 }, (_, index) => ({ url, path: `${path}.${index}` }))
  return () => Array.fromAsync(downloadMany(items, { allow: { addresses: ['127.0.0.1'] } }))
}

/** A digest that is wrong on purpose: everything is computed and compared, and the file dropped. */
async function oursWithDigest() {
  const run = await ours({ sha256: '0'.repeat(64) })
  return () => run().catch(() => {})
}

async function undiciRequest() {
  const { Agent, request } = await import('undici')
  const dispatcher = new Agent({ allowH2: false, connect: insecure })
  return async () => pipeline((await request(url, { dispatcher })).body, file())
}

/** The same for many files, as many at a time as we do. */
async function undiciRequestMany() {
  const { Agent, request } = await import('undici')
  const dispatcher = new Agent({ allowH2: false, connections: 16 })
  const names = Array.from({ length: 500 }, (_, index) => `${path}.${index}`)
  const work = async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const { body } = await request(url, { dispatcher })
      await pipeline(body, createWriteStream(name))
    }
  }
  return () => Promise.all(Array.from({ length: 16 }, work))
}

async function undiciFetch() {
  const { Agent, fetch } = await import('undici')
  const dispatcher = new Agent({ allowH2: false, connect: insecure })
  return async () => {
    const { body } = await fetch(url, { dispatcher })
    return pipeline(Readable.fromWeb(body), file())
  }
}

/** With a listener for every chunk it is the way of the platform's own toolbox. */
async function axios(listen) {
  const { default: client } = await import('axios')
  const { Agent } = await import('node:https')
  const httpsAgent = new Agent(insecure)
  return async () => {
    const { data } = await client.get(url, { responseType: 'stream', httpsAgent })
    if (listen) data.on('data', () => {})
    return pipeline(data, file())
  }
}

async function got() {
  const { default: client } = await import('got')
  return () => pipeline(client.stream(url, { https: insecure }), file())
}

const clients = {
  ours,
  'ours with onData': () => ours({ onData: () => {} }),
  'ours with lent onData': () => ours({ onData: () => {}, onDataChunks: 'lent' }),
  'ours with sha256': oursWithDigest,
  'ours, 500 files': ourMany,
  'undici.request': undiciRequest,
  'undici.request, 500 files': undiciRequestMany,
  fetch: undiciFetch,
  axios: () => axios(false),
  got,
  'axios with onData': () => axios(true),
}

const prepare = clients[client]
if (prepare === undefined) throw new Error(`no client ${client}`)
const run = await prepare()
const startedAt = performance.now()
const before = process.cpuUsage()
await run()
const ms = performance.now() - startedAt
const { user, system } = process.cpuUsage(before)
const cpuMs = (user + system) / 1000
const peakBytes = process.resourceUsage().maxRSS * 1024
writeFileSync(resultPath, JSON.stringify({ ms, cpuMs, peakBytes }))
process.exit()

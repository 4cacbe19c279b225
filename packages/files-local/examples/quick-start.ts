import { once } from 'node:events'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { downloadToFile } from '@mortise/files-local'

// A server of our own, so that this runs anywhere. It is no public address, so it has to be allowed.
const server = createServer((_request, response) => response.end('hello')).listen(0)
await once(server, 'listening')
const { port } = server.address() as { port: number }

const allow = { addresses: ['127.0.0.1'] }
const file = await downloadToFile(`http://127.0.0.1:${port}/`, `${tmpdir()}/hello.txt`, { allow })
console.log(file.path, file.bytes, `complete: shown by its ${file.completeness}`)
server.close()

import { createServer } from 'node:http'
import { downloadToFile } from '@mortise/files-local'

const server = createServer((_request, response) => response.end('hello'))
server.listen(8088, '127.0.0.1', async () => {
  const file = await downloadToFile('http://127.0.0.1:8088/hello.txt', 'hello.txt', {
    allow: { addresses: ['127.0.0.1'] },
  })
  console.log(file.path, file.bytes)
  server.close()
})

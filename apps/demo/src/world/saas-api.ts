import { type LoopbackServer, listen } from './listen.ts'

/** The product that Acme's customers connect: knows one key, and answers `GET /v1/me` with who they are. */
export async function startSaasApi(options: { apiKey: string }): Promise<LoopbackServer> {
  return await listen((request, response) => {
    const known = request.headers['x-api-key'] === options.apiKey
    response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' })
    response.end(known ? '{"name":"Acme Ltd"}' : '{"error":"unknown api key"}')
  })
}

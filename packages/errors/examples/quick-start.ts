import { fromResponse, fromUnknown, retryDelayMs } from '@mortise/errors'

const headers = { 'retry-after': '30' }
const response = new Response('{"message":"Slow down"}', { status: 429, headers })

try {
  const error = fromResponse(response, { body: await response.text() })
  if (error) throw error
} catch (thrown) {
  const error = fromUnknown(thrown)
  console.log(error.kind, error.code) // rate_limit RATE_LIMITED
  console.log(error.message) // HTTP 429 Too Many Requests: Slow down
  console.log(retryDelayMs(error, { attempt: 1 })) // 30000 to 30500
}

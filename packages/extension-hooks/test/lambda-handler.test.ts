import { describe, expect, it } from 'vitest'
import { createHookHost, preMap } from '../src/index.ts'
import { createLambdaHandler } from '../src/lambda/index.ts'

const handler = createLambdaHandler(
  createHookHost({ diy: { same: preMap(({ data }) => data.map((record) => ({ data: record }))) } }),
)

describe('createLambdaHandler', () => {
  it('declares two parameters, because the Node.js 24 runtime refuses three', () => {
    expect(handler.length).toBe(2)
  })

  it('answers the value of the function', async () => {
    const clientContext = { diy: true, function: 'same' }
    expect(await handler({ data: [1] }, { clientContext })).toEqual([{ data: 1 }])
  })

  it('rejects with the JSON text that the platform parses', async () => {
    const thrown: unknown = await handler({ data: [1] }, {}).catch((error: unknown) => error)
    expect(JSON.parse(thrown as string)).toMatchObject({
      statusCode: 422,
      errors: [{ code: 'missing_required_field' }, { code: 'missing_required_field' }],
    })
  })
})

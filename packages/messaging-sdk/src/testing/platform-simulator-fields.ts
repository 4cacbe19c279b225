import type { SimulatedApiCall } from './simulated-platform.ts'

/**
 * The fields of a call: JSON, a form, or a form with files (each file as its name, type and size). A body
 * that is none of them has no fields.
 */
export async function fieldsOf(call: SimulatedApiCall): Promise<Record<string, unknown>> {
  const type = call.headers['content-type'] ?? ''
  try {
    if (type.startsWith('multipart/form-data')) return await multipartFields(call, type)
    const text = call.body.toString('utf8')
    if (type.startsWith('application/x-www-form-urlencoded')) {
      return Object.fromEntries(new URLSearchParams(text))
    }
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

async function multipartFields(
  call: SimulatedApiCall,
  type: string,
): Promise<Record<string, unknown>> {
  const response = new Response(new Uint8Array(call.body), { headers: { 'content-type': type } })
  const form = await response.formData()
  return Object.fromEntries(
    [...form].map(([name, value]) => [
      name,
      typeof value === 'string'
        ? value
        : { filename: value.name, type: value.type, size: value.size },
    ]),
  )
}

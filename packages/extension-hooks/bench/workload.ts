/** The token every server of the bench expects. */
export const TOKEN = '5f0c1d7be2a94c6d8b3e5f0c1d7be2a9'

/** A record of about 950 bytes, as an order export has them. */
export interface Order {
  id: number
  total: number
  lines: { sku: string; name: string; quantity: number; price: number }[]
  address: Record<string, string>
}

/** The function under test: touches every record. */
export function touch(order: Order): Order {
  return { ...order, total: order.total + 1 }
}

/** The body of a call with so many records. */
export function callBody(records: number): Buffer {
  const data = Array.from({ length: records }, (_, id) => order(id))
  return Buffer.from(
    JSON.stringify({
      diy: true,
      type: 'hook',
      function: 'page',
      options: { bearerToken: 'once', data, _importId: '5f0c1d7be2a94c6d' },
    }),
  )
}

function order(id: number): Order {
  return {
    id,
    total: 119.5 + id,
    lines: Array.from({ length: 7 }, (_, line) => ({
      sku: `SKU-${id}-${line}`,
      name: 'A sturdy mortise chisel, 12 mm, beech handle',
      quantity: line + 1,
      price: 17.07,
    })),
    address: {
      name: 'Jane Doe',
      street: '1 Joinery Lane',
      city: 'Zürich',
      zip: '8001',
      country: 'CH',
    },
  }
}

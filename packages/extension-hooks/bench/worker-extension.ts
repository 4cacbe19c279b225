import { preMap } from '@mortise/extension-hooks'
import { type Order, touch } from './workload.ts'

/** The function under test, as a module that a worker loads. */
export const diy = {
  hooks: { page: preMap<Order>(({ data }) => data.map((record) => ({ data: touch(record) }))) },
}

import { createHookHost, defineExtension, keep, preMap, skip } from '@mortise/extension-hooks'

const extension = defineExtension({
  diy: {
    tidyOrders: preMap<{ total: number }>({
      each: (order) => (order.total > 0 ? keep({ total: Math.round(order.total) }) : skip()),
    }),
  },
})

const host = createHookHost(extension)
const result = await host.invoke({
  diy: true,
  function: 'tidyOrders',
  options: { data: [{ total: 9.6 }, { total: 0 }] },
})
console.log(result.ok ? result.json : result.errors) // [{"data":{"total":10}},{}]

import { createHookHost, defineExtension, fail, keep, preMap, skip } from '@mortise/extension-hooks'

const extension = defineExtension({
  diy: {
    tidyOrders: preMap<{ total?: number }>({
      each: ({ total }) => {
        if (total === undefined) return fail({ code: 'no_total', message: 'The total is missing.' })
        return total > 0 ? keep({ total: Math.round(total) }) : skip()
      },
    }),
  },
})

const host = createHookHost(extension)
const page = { data: [{ total: 9.6 }, { total: 0 }, {}] }
const result = await host.invoke({ diy: true, function: 'tidyOrders', options: page })
console.log(result.ok ? result.json : result.errors)

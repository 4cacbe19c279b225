// One cold start in a process of its own: import, make the handler, call it once. Prints the milliseconds it took.
// Usage: node bench/cold-start.ts ours|empty
const startedAt = performance.now()
const event = { data: [{ total: 1 }] }
const context = { clientContext: { diy: true, function: 'page' } }

type Handler = (event: unknown, context: object) => Promise<unknown>

async function ours(): Promise<Handler> {
  const load = <T>(path: string) =>
    import(new URL(`../dist/${path}.js`, import.meta.url).href) as Promise<T>
  const [{ createHookHost }, { createLambdaHandler }] = await Promise.all([
    load<typeof import('../src/index.ts')>('index'),
    load<typeof import('../src/lambda/index.ts')>('lambda/index'),
  ])
  const page = (options: { data: unknown[] }) => options.data.map((record) => ({ data: record }))
  return createLambdaHandler(createHookHost({ diy: { page } }))
}

async function empty(): Promise<Handler> {
  return async (options) =>
    (options as { data: unknown[] }).data.map((record) => ({ data: record }))
}

const handler = await (process.argv[2] === 'ours' ? ours() : empty())
await handler(event, context)
process.stdout.write(String(performance.now() - startedAt))

// One cold start in a process of its own, as AWS's client does it: import the module of a handler, call the handler once.
// Prints the milliseconds it took. JavaScript, because the compiler would be part of the time.
// Usage: node bench/cold-start.mjs ./lambda-ours.mjs
const startedAt = performance.now()
const { handler } = await import(process.argv[2])
await handler({ data: [{ total: 1 }] }, { clientContext: { diy: true, function: 'page' } })
process.stdout.write(String(performance.now() - startedAt))
